// Inside the host port: queued operations. Only hostport.c, stream.c and report.c know it.
#ifndef WEFT_EMULATOR_HOSTPORT_H
#define WEFT_EMULATOR_HOSTPORT_H
#include "emulator/internal.h"

typedef enum CommandKind { COMMAND_COPY_IN, COMMAND_COPY_OUT, COMMAND_LAUNCH } CommandKind;

typedef struct Command { // of the one ordered stream
  CommandKind kind;
  uint32_t export_id, count, nargs;
  EmuRegion region;
  EmuLayout layout;
  bool half;
  const uint32_t *src;
  uint32_t *dst, *args;
  EmuTicket ticket;
} Command;

typedef struct HostTile {
  uint64_t ready_at; // cycle from which it may take the next command
  uint32_t next;     // command that this tile looks at next
  uint32_t launched; // its latest launch, as command number + 1; 0 = none
  bool blocked;      // by that launch, until the program unblocks the command stream
  bool running;      // its function has not returned
} HostTile;

typedef struct Stream { // wavelets of one colour from or to a region
  bool to_host;
  uint32_t color, count;
  EmuRegion region;
  EmuLayout layout;
  const uint32_t *src;
  uint32_t *dst;
  uint32_t *moved; // words per tile of the region, row by row; NULL when complete
  EmuTicket ticket;
} Stream;

typedef struct ExportPlace { // where a class keeps an exported name
  bool present;
  uint32_t address; // of the pointer variable, or of the code
} ExportPlace;

// Words of a host array that a checkpoint brought along, until the host gives another one.
typedef struct KeptArray {
  EmuTicket ticket;
  uint32_t *data;
  uint64_t words;
} KeptArray;

struct HostPort {
  KeptArray *kept;                   // stb_ds
  Command *commands;                 // stb_ds, in order
  HostTile *tiles;                   // [n_tiles]
  Stream *streams;                   // stb_ds, in order
  uint32_t *of_color[2][MAX_COLORS]; // stb_ds: incomplete streams [to_host][color], in order
  uint64_t *left;                    // stb_ds, by ticket: what is still to do, tiles or words
  ExportPlace *exports;              // [class][export]
  uint32_t n_exports;
  // A copy that follows a stream into the wafer would see data that nobody has worked on yet, where
  // a real host is far behind. It and all after it are held until the wafer is at rest.
  bool streamed;       // a stream went in since the last rest
  uint32_t held;       // first command that is held; NOT_HELD = none
  uint64_t held_until; // let it go at this cycle, rest or not
};
#define NOT_HELD UINT32_MAX
enum { HOLD_CYCLES = 100000 };

static inline uint32_t region_step(uint32_t every)
{
  return every ? every : 1;
}
static inline bool region_has(const EmuRegion *r, uint32_t x, uint32_t y)
{
  return x - r->x < r->width && y - r->y < r->height && (x - r->x) % region_step(r->every_x) == 0 &&
         (y - r->y) % region_step(r->every_y) == 0;
}
static inline ExportPlace *host_export(const HostPort *h, uint32_t cls, uint32_t id)
{
  return &h->exports[(size_t)cls * h->n_exports + id];
}
// True if command c concerns the tile.
bool host_concerns(const Emu *e, const Command *c, uint32_t tile);
EmuTicket host_ticket(HostPort *h, uint64_t work);
// What tiles wait for before their next command is over (cost host_command): a stream begins.
void host_before_stream(Emu *e);
void host_check_region(const Emu *e, const EmuRegion *r);
void host_free_streams(HostPort *h); // stream.c
#endif
