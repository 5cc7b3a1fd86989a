// The wafer emulator: consumes an Image, knows nothing of the compiler. All state is plain data in
// slabs, linked by index. Rules of time: DESIGN 4.1. Parts behind this header: core (interpreter),
// task scheduler, DSD engine, fabric, host port, trace.
#ifndef WEFT_EMULATOR_EMULATOR_H
#define WEFT_EMULATOR_EMULATOR_H
#include "image/image.h"
#include "target/costs.h"
#include <stdio.h>

typedef struct Emu Emu;

typedef struct EmuOptions {
  uint64_t max_cycles;
  bool shuffle;       // permute, by `seed`, the order in which the architecture leaves things open
  bool shuffle_tiles; // visit the tiles of a phase in another order, by `seed`; must change nothing
  uint64_t seed;
  const char *timing; // which timing parameters (costs_choose); NULL = those of the architecture
  FILE *trace;        // trace for Perfetto (docs/trace.md); NULL = none
  const char *debug;  // kinds of per-cycle lines in the log, as in SIMFABRIC_DEBUG; NULL = none
  bool debug_loose;   // warn of what is no such kind, and leave it out
  bool causes;        // keep what emu_critical_path needs
  FILE *log;          // simprint lines and the summary; NULL = none
  void (*progress)(void *arg, uint64_t cycle, uint32_t busy_tiles, const char *hottest_task);
  int (*interrupted)(void *arg);
  void *arg;
  double progress_seconds; // of wall time, between two calls
} EmuOptions;

// Why a run ended.
typedef enum EmuStop {
  EMU_DONE,  // the awaited condition holds
  EMU_REST,  // nothing can move any more (quiescent); with commands outstanding this is a hang
  EMU_FAULT, // a violation of the machine's contract or a program error; emu_message() tells
  EMU_CYCLE_LIMIT,
  EMU_INTERRUPTED
} EmuStop;

// Takes no ownership of the image, which must outlive the emulator. NULL and a diagnostic on error.
Emu *emu_new(const Image *img, const EmuOptions *opt, Diags *diags);
void emu_free(Emu *e);
void emu_start(Emu *e); // cycle 0: setup records take effect

// ---- host port: commands (one ordered stream) and wavelet streams (ordered per colour) ----
typedef uint32_t EmuTicket; // identifies a queued operation
// Tiles of a rectangle; of a copy only every `every_x`th column and `every_y`th row from (x, y) on
// (0 means 1).
typedef struct EmuRegion {
  uint32_t x, y, width, height, every_x, every_y;
} EmuRegion;
// Element k of tile (x, y) of the region, counted in tiles that take part, is word `index(x, y, k)`
// of the buffer, given by these factors (host 6.3).
typedef struct EmuLayout {
  size_t per_x, per_y, per_k;
} EmuLayout;
EmuTicket emu_copy_in(Emu *e, uint32_t export_id, EmuRegion r, uint32_t count, bool half,
                      EmuLayout l, const uint32_t *src);
EmuTicket emu_copy_out(Emu *e, uint32_t export_id, EmuRegion r, uint32_t count, bool half,
                       EmuLayout l, uint32_t *dst);
EmuTicket emu_launch(Emu *e, uint32_t export_id, const uint32_t *args, uint32_t nargs);
EmuTicket emu_stream_in(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                        const uint32_t *src);
EmuTicket emu_stream_out(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                         uint32_t *dst);
bool emu_ticket_done(const Emu *e, EmuTicket t);
// Runs until the ticket is done, or to rest when ticket is EMU_TO_REST.
#define EMU_TO_REST UINT32_MAX
EmuStop emu_run(Emu *e, EmuTicket ticket);
// The run is over: the closing summary goes to the log. emu_free does it otherwise.
void emu_end(Emu *e);
// Text of the last fault or, after EMU_REST with work outstanding, the wait-for report.
const char *emu_message(Emu *e);
// Runs until cycle `end` is the next one, or to rest: EMU_DONE at the cycle. Where a run is cut in
// pieces makes no difference to it.
EmuStop emu_run_before(Emu *e, uint64_t end);

// ---- checkpoint and resume ----
// Writes the whole state, between runs. False: the run has stopped, or the file cannot be written.
bool emu_checkpoint(Emu *e, FILE *out);
// Takes the state of a checkpoint of the same image into an emulator that was just made (instead of
// emu_start). NULL, or what is wrong with it; then the emulator can only be freed. The bytes are
// not trusted.
const char *emu_restore(Emu *e, const uint8_t *bytes, size_t size);
// Operations that were not complete work on copies of the host's arrays from then on. Moves such an
// array, with what has arrived so far, to `data`. False: there is none of at most `words` words.
bool emu_rebind(Emu *e, EmuTicket ticket, uint32_t *data, uint64_t words);
// After a run that came to rest with everything done that the host asked for: wavelets that nobody
// took or that vanished, and activated tasks that stay blocked, as text; NULL: there is nothing of
// the kind. The caller frees it.
char *emu_leftovers(Emu *e);
// What waits for what at this moment, as JSON (docs/emulator.md); the caller frees it.
char *emu_waits_json(Emu *e);

// ---- looking inside ----
// Whether the program of tile (x, y) has the export of the image with this id.
bool emu_exports(const Emu *e, uint32_t x, uint32_t y, uint32_t id);
uint64_t emu_cycle(const Emu *e);
// Private window, *bytes long; NULL = no program there.
uint8_t *emu_tile_memory(Emu *e, uint32_t x, uint32_t y, uint32_t *bytes);
// Cycles: busy = something was issued, stalled = the main thread waited inside an operation. Counts
// since cycle 0.
typedef struct EmuTileStats {
  uint64_t busy, stalled, instructions, dsd_elements, wavelets_in, wavelets_out;
} EmuTileStats;
EmuTileStats emu_tile_stats(const Emu *e, uint32_t x, uint32_t y);
const Costs *emu_costs(const Emu *e); // the timing parameters of this run
uint64_t emu_hops(const Emu *e);
// Wavelets that left the router of tile (x, y) in a direction.
uint64_t emu_link_wavelets(const Emu *e, uint32_t x, uint32_t y, Dir d);

// ---- the critical path: the chain of what had to happen for the run to end when it did ----
typedef enum EmuStepKind {
  EMU_STEP_HOST,
  EMU_STEP_TASK,
  EMU_STEP_OPERATION,
  EMU_STEP_WAVELET
} EmuStepKind;
typedef struct EmuStep {
  EmuStepKind kind;
  uint32_t x, y;         // tile, not for the host
  uint64_t begin;        // cycle
  uint64_t cycles;       // until the next step of the path begins
  uint32_t color;        // of a wavelet
  const char *function;  // NULL = unknown
  const char *operation; // of a DSD operation
  ImagePlace place;      // file == NULL: unknown
} EmuStep;
// Calls `step` from the last step to the first. False: causes were not kept, or (with steps) some
// are missing because there were too many at a time.
bool emu_critical_path(const Emu *e, void (*step)(void *arg, const EmuStep *s), void *arg);
#endif
