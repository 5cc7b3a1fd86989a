// Inside the wait-for report: what waits, what is known about it, who is to blame. Only report.c,
// blame.c, undone.c, chain.c, advice.c and report_print.c know it.
#ifndef WEFT_EMULATOR_REPORT_H
#define WEFT_EMULATOR_REPORT_H
#include "emulator/hostport.h"
#include "emulator/router.h"
#include "support/arena.h"

enum { NAMED_TILES = 4, NO_NUMBER = -1 };

// What is known of a waiting thing, for readers that are programs.
typedef enum WaitKind {
  WAIT_KIND_OPERATION, // a DSD operation
  WAIT_KIND_MAP,       // an element access of @map
  WAIT_KIND_TASK,      // an activated task
  WAIT_KIND_QUEUE,     // wavelets in an input queue that nobody takes
  WAIT_KIND_COMMAND,   // a host command that a launch holds up
  WAIT_KIND_WAVELETS,  // wavelets in a router
  WAIT_KIND_HOST       // the host, for wavelets
} WaitKind;
typedef struct WaitFacts {
  WaitKind kind;
  const char *who;       // "" = nothing to name
  ImagePlace place;      // file == NULL: unknown
  const char *operation; // of WAIT_KIND_OPERATION, NULL = none
  uint8_t wait;          // ThreadWait
  int queue, color;      // NO_NUMBER = none; queue may be a FIFO
  int64_t left, done;    // elements, NO_NUMBER = unknown
  int64_t wavelets;      // that wait, NO_NUMBER = unknown
} WaitFacts;

typedef struct Group { // tiles on which the same thing waits, if not equally long
  char *key;           // text of the line without the number that group_line adds
  char *why;           // about the first tile, NULL = nothing to say
  int64_t least, most; // of that number: elements left, or wavelets; NO_NUMBER = none
  bool one_total;      // the operations are equally long
  WaitFacts facts;
  uint32_t tiles[NAMED_TILES], count;
} Group;

// Candidates for the last line, the most telling first.
typedef enum CauseRank {
  CAUSE_CERTAIN,     // a chain of waits ends at something that nothing else can undo
  CAUSE_STUCK_COLOR, // a wavelet that can never go on
  CAUSE_CIRCLE,      // a chain of waits that leads back to its beginning
  CAUSE_FAR_END,     // the last wait of a chain over several tiles
  CAUSE_CRITICAL,    // what holds a tile for which the host waits
  CAUSE_SWITCH,      // a wavelet that only another switch position would receive
  CAUSE_WAITING,     // an operation that waits elsewhere
  CAUSE_NONE
} CauseRank;

typedef struct ChainLink { // of who waits for whom
  uint32_t tile;           // NO_TILE: the host
  uint32_t thread;         // the operation that waits there
  char *text;              // in place of what is said of an operation; NULL = none
} ChainLink;

typedef struct Report {
  Emu *e;
  Group *groups; // stb_ds, string hash, in order of discovery
  CauseRank rank;
  char *cause;
  const char *note; // what to do about it, NULL = nothing to say
  ChainLink *chain; // stb_ds
  uint32_t awaited; // colour that the operation named as the cause waits for, as a bit
  bool leftovers;   // nobody waits: the run is over
  bool rest;        // nothing can move; else the run was cut short, and what waits may go on
  Arena lasting;    // names in the groups
  Arena passing;    // pieces of lines, freed with every tile: there may be 10^6 tiles
} Report;

__attribute__((format(printf, 1, 2))) char *text_of(const char *fmt, ...); // malloc'ed

// The first cause of a rank stays. Texts are only made when they are wanted: there may be 10^6
// tiles.
#define PROPOSE(r, wanted, advice, ...)                                                            \
  do {                                                                                             \
    if ((wanted) < (r)->rank) {                                                                    \
      free((r)->cause);                                                                            \
      (r)->cause = text_of(__VA_ARGS__);                                                           \
      (r)->note = (advice);                                                                        \
      (r)->rank = (wanted);                                                                        \
    }                                                                                              \
  } while (0)

#define XY(e, tile) (tile) % (e)->width, (tile) / (e)->width

/* blame.c: names, and following a colour; texts are pieces of lines, in the arena */
const char *at_place(Arena *a, ImagePlace p);                        // " at FILE:LINE" or ""
ImagePlace code_place(const Emu *e, uint32_t tile, uint32_t pc);     // the author's line
const char *function_name(const Emu *e, uint32_t tile, uint32_t pc); // NULL = unknown
const char *task_name(Arena *a, const Emu *e, uint32_t tile, unsigned kind, unsigned id);
unsigned input_color(const Emu *e, uint32_t tile, unsigned queue); // or QUEUE_UNBOUND
bool is_idle(const Tile *t);
typedef enum CoreRoute { // of the route of a colour on a tile, as it stands
  LEADS_TO_CORE,         // or is not known
  OTHER_POSITION_LEADS_TO_CORE,
  LEADS_PAST_CORE
} CoreRoute;
CoreRoute core_route(const Emu *e, uint32_t tile, unsigned color);
bool is_filtered(const Emu *e, uint32_t tile, unsigned color); // on its way to the core
// Does a position of the route receive from there?
bool ever_receives(const Route *r, Dir d);
// Tiles whose core or host link feeds the colour at `tile`, along the routes as they stand (stb_ds;
// NO_TILE: the host).
uint32_t *sources_of(const Emu *e, uint32_t tile, unsigned color);
// The thread of the tile that sends the colour, 0 = none.
uint32_t sender_of(const Emu *e, uint32_t tile, unsigned color);
// Wavelets wait for the core, none of whose input queues is bound to their colour.
bool waits_unbound(const Emu *e, uint32_t tile, const Channel *c);
// Why wavelets of a colour do not arrive at the core; malloc'ed.
char *why_no_input(const Emu *e, uint32_t tile, unsigned color);
// What in the router of the tile keeps them out; malloc'ed, NULL = nothing.
char *why_not_let_in(const Emu *e, uint32_t tile, unsigned color);
// Why they do not come to the tile; malloc'ed.
char *why_none_sent(const Emu *e, uint32_t tile, unsigned color);
// Where wavelets of a colour from this tile do not go on for a reason of that place, NO_TILE =
// nowhere; *why is that reason.
uint32_t held_at(const Emu *e, uint32_t tile, unsigned color, const char **why);
char *why_no_output(const Emu *e, uint32_t tile, unsigned color); // malloc'ed, NULL = not known
// What a thread waits for, and how much of its work is left.
const char *wait_of(Arena *a, const Emu *e, uint32_t tile, const Thread *th);
const char *wait_place(Arena *a, const Emu *e, uint32_t tile, const Thread *th); // its first half
const char *thread_name(Arena *a, const Emu *e, uint32_t tile, const Thread *th);

/* undone.c: what a tile that does nothing has not done; texts begin with "; " or are empty */
// Its tasks that never ran.
const char *idle_tasks(Arena *a, const Emu *e, uint32_t tile);
// Colour of the first data task that never ran on the tile, else of the one that ran last there;
// QUEUE_UNBOUND = there is none.
unsigned awaited_by_task(const Emu *e, uint32_t tile);
// What it did last or left lying, and which tasks never ran there.
const char *left_behind(Arena *a, const Emu *e, uint32_t tile);
// The same for a tile whose command stream is held, with where it would be unblocked.
const char *never_unblocked(Arena *a, const Emu *e, uint32_t tile);

/* advice.c: what to do about a wait; NULL = nothing to say */
const char *advice_for(const Emu *e, uint32_t tile, const Thread *th);
// About wavelets that a switch does not receive where it stands, but in `other_position`; else none
// does.
const char *advice_for_route(const Emu *e, unsigned color, bool other_position);
// The same about wavelets from a side.
const char *advice_for_side(const Emu *e, unsigned color, const Route *r, Dir d);
// About an operation for which a chain was followed to an idle tile.
const char *advice_for_far_end(const Emu *e, uint32_t tile, uint32_t end, const Thread *th);
const char *advice_for_stream_out(const Emu *e);
const char *advice_for_held(const Emu *e, uint32_t tile); // an idle tile that holds commands up
const char *advice_for_unread(const Emu *e, uint32_t tile, unsigned color);

/* chain.c: who waits for whom */
// Fills r->chain from a waiting tile on (NO_TILE: nothing to follow). Proposes the circle if it
// leads back.
void follow_chain(Report *r, uint32_t from);
const char *link_text(Arena *a, const Emu *e, const ChainLink *link);

/* report_print.c */
void print_text(const Report *r, FILE *out);
void print_json(const Report *r, FILE *out);
#endif
