// Inside the wait-for report: what waits, what is known about it, who is to blame. Only report.c,
// blame.c, chain.c and report_print.c know it.
#ifndef WEFT_EMULATOR_REPORT_H
#define WEFT_EMULATOR_REPORT_H
#include "emulator/hostport.h"
#include "emulator/router.h"

enum { NAMED_TILES = 4, NO_NUMBER = -1 };

typedef struct Text {
  char s[240];
} Text; // a short piece of a line

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
  Text who;
  ImagePlace place;      // file == NULL: unknown
  const char *operation; // of WAIT_KIND_OPERATION, NULL = none
  uint8_t wait;          // ThreadWait
  int queue, color;      // NO_NUMBER = none; queue may be a FIFO
  int64_t left, done;    // elements, NO_NUMBER = unknown
  int64_t wavelets;      // that wait, NO_NUMBER = unknown
} WaitFacts;

typedef struct Group { // tiles on which the same thing waits
  char *key;           // text of the line
  char *why;           // about the first tile, NULL = nothing to say
  WaitFacts facts;
  uint32_t tiles[NAMED_TILES], count;
} Group;

// Candidates for the last line, the most telling first.
typedef enum CauseRank {
  CAUSE_STUCK_COLOR, // a wavelet that can never go on
  CAUSE_CIRCLE,      // a chain of waits that leads back to its beginning
  CAUSE_CRITICAL,    // what holds a tile for which the host waits
  CAUSE_SWITCH,      // a wavelet that only another switch position would receive
  CAUSE_WAITING,     // an operation that waits elsewhere
  CAUSE_NONE
} CauseRank;

typedef struct ChainLink { // of who waits for whom
  uint32_t tile;           // NO_TILE: the host
  char *text;
} ChainLink;

typedef struct Report {
  Emu *e;
  Group *groups; // stb_ds, string hash, in order of discovery
  CauseRank rank;
  char *cause;
  const char *note; // what to do about it, NULL = nothing to say
  ChainLink *chain; // stb_ds
  uint32_t awaited; // colour that the operation named as the cause waits for, as a bit
  bool rest;        // nothing can move; else the run was cut short, and what waits may go on
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

/* blame.c: names, and following a colour */
Text at_place(ImagePlace p);                                         // " at FILE:LINE" or ""
ImagePlace code_place(const Emu *e, uint32_t tile, uint32_t pc);     // the author's line
const char *function_name(const Emu *e, uint32_t tile, uint32_t pc); // NULL = unknown
Text task_name(const Emu *e, uint32_t tile, unsigned kind, unsigned id);
unsigned input_color(const Emu *e, uint32_t tile, unsigned queue); // or QUEUE_UNBOUND
bool is_idle(const Tile *t);
// Tiles whose core or host link feeds the colour at `tile`, along the routes as they stand (stb_ds;
// NO_TILE: the host).
uint32_t *sources_of(const Emu *e, uint32_t tile, unsigned color);
// The thread of the tile that sends the colour, 0 = none.
uint32_t sender_of(const Emu *e, uint32_t tile, unsigned color);
// Why wavelets of a colour do not arrive; malloc'ed.
char *why_no_input(const Emu *e, uint32_t tile, unsigned color);
// Where wavelets of a colour from this tile do not go on for a reason of that place, NO_TILE =
// nowhere; *why is that reason.
uint32_t held_at(const Emu *e, uint32_t tile, unsigned color, const char **why);
char *why_no_output(const Emu *e, uint32_t tile, unsigned color); // malloc'ed, NULL = not known
// What a thread waits for.
Text wait_of(const Emu *e, uint32_t tile, const Thread *th);
Text thread_name(const Emu *e, uint32_t tile, const Thread *th);

/* chain.c: who waits for whom */
// Fills r->chain from a waiting tile on (NO_TILE: nothing to follow). Proposes the circle if it
// leads back.
void follow_chain(Report *r, uint32_t from);

/* report_print.c */
void print_text(const Report *r, FILE *out);
void print_json(const Report *r, FILE *out);
#endif
