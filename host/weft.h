// libweft: load a compiled program, run it on the wafer emulator, move data, launch functions, read
// results. A stable C interface; the Python package is a thin layer over it. Spec: host 5-9, DESIGN
// 4.1 rule 8 (host time).
//
// Errors: a function that returns int returns 0 on success and -1 on error; weft_error() then tells
// what happened. A program that faults or hangs is an error whose text is the report with the
// wait-for chain; from then on every operation fails, but memory and statistics can still be read.
// Wrong arguments are errors too, which leave the run as it was.
//
// Threads: a Weft may be used by one thread at a time; any number of them may exist.
#ifndef WEFT_H
#define WEFT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define WEFT_API __attribute__((visibility("default")))

// A compiled program and its run.
typedef struct Weft Weft;

// Order of the elements of a host array with `count` elements for each tile of a region (host 6.3):
// row-major is [height][width][count], column-major [count][width][height], the last index fastest.
typedef enum { WEFT_ROW_MAJOR = 0, WEFT_COL_MAJOR = 1 } WeftOrder;
// Size of an element in tile memory; in the host array it is always a 32-bit word (host 6.4).
typedef enum { WEFT_32BIT = 0, WEFT_16BIT = 1 } WeftDataType;
// Whose data a tile gets: its own, that of its row ([height][count]) or that of its column
// ([width][count]).
typedef enum { WEFT_COPY = 0, WEFT_ROW_BROADCAST = 1, WEFT_COL_BROADCAST = 2 } WeftSpread;

typedef struct WeftOptions {
  uint32_t threads;    // host threads that a run may use; results do not depend on it. So far: one
  uint64_t max_cycles; // stop with an error after so many cycles; 0 = the variable
                       // WEFT_MAX_CYCLES, and without it no bound
  bool exact_fabric;   // step every router; so far there is no other way
  bool shuffle;        // permute what the architecture leaves open, by `seed`; if it is off, the
  uint64_t seed;       // variable WEFT_SHUFFLE may hold a seed
  const char *timing;  // timing parameters: words with commas between them, a preset ("simulator",
                       // "silicon") or NAME=NUMBER ('weft timing' lists them); NULL = the variable
                       // WEFT_TIMING, without it the preset of the architecture
  const char *sim_log; // path of the log; NULL = "sim.log" in the folder that is current at
                       // weft_load; "" = none
  // Each of these three is a path of a file to write, NULL = the variable, and without it none.
  const char *trace;  // WEFT_TRACE: what happens on the wafer, for Perfetto (docs/trace.md)
  const char *stats;  // WEFT_STATS: counters of every tile and link and the critical path, as JSON,
                      // at the end of the run ('weft stats' prints it)
  const char *report; // WEFT_REPORT: when a run cannot go on, what waits for what, as JSON
  const char *debug;  // per-cycle lines in the log: a list as in the variable SIMFABRIC_DEBUG,
                      // which is read if this is NULL: there, unknown words are a warning
  // Called after `progress_seconds` of a run and every so often after that.
  void (*progress)(void *arg, uint64_t cycle, uint32_t busy_tiles, const char *hottest_task);
  int (*interrupted)(void *arg); // polled while running; nonzero stops the run with a report
  void *arg;                     // passed to both
  double progress_seconds;       // 0 = the variable WEFT_PROGRESS, and without it 10
} WeftOptions;

// One transfer (host 6): `count` elements for each tile of a region of the program rectangle.
typedef struct WeftCopy {
  uint32_t x, y, width, height; // in tiles; (0, 0) is the upper left tile of the program
  uint32_t count;               // elements per tile
  // Only every row_stride-th column and col_stride-th row of the region from (x, y) on takes part,
  // and has data in the host array (host 6.3). 0 means 1. Needs copy mode and no broadcast.
  uint32_t row_stride, col_stride;
  WeftOrder order;
  WeftDataType type; // streaming always moves 32 bits
  WeftSpread spread; // to the wafer, without streaming
  bool streaming;    // `symbol` is the number of a streaming colour
  bool nonblock;     // return at once; the array must stay valid until the task is complete
} WeftCopy;

// Handle of an operation. 0 is one that had nothing to do and is complete.
typedef uint64_t WeftTask;

typedef struct WeftStats {
  uint64_t cycles;           // emulated so far
  uint64_t instructions;     // executed, all tiles together
  uint64_t dsd_elements;     // processed by DSD operations
  uint64_t wavelet_hops;     // from router to router
  uint64_t busy_tile_cycles; // cycles in which a tile did something, summed over the tiles
  uint32_t tiles;            // that have a program
  double wall_seconds;       // spent in the emulator
} WeftStats;

// Cycles of one tile by what its core did, and wavelets through its ramp.
typedef struct WeftTileStats {
  uint64_t busy, stalled, idle, wavelets_in, wavelets_out;
} WeftTileStats;

// Version of the library, e.g. "0.1.0".
WEFT_API const char *weft_version(void);

// ---- life (host 5): open, load, run, operations, stop, close ----

// Opens the folder that cslc made; `options` may be NULL and is copied. The caller closes the
// result. NULL if the folder does not hold a valid program: then weft_open_error() tells why.
WEFT_API Weft *weft_open(const char *dir, const WeftOptions *options);
// Why the last weft_open of this thread failed; valid until its next one.
WEFT_API const char *weft_open_error(void);
// Frees everything, in any state. NULL is allowed.
WEFT_API void weft_close(Weft *w);
// Why the last function failed; valid until the next call. "" if none has failed.
WEFT_API const char *weft_error(const Weft *w);

// Places programs and data on the tiles and truncates the log. Once.
WEFT_API int weft_load(Weft *w);
// Starts the tiles and returns at once. Once, after weft_load.
WEFT_API int weft_run(Weft *w);
// Completes every operation, lets the wafer come to rest and closes the log with a summary. Once.
WEFT_API int weft_stop(Weft *w);

// ---- checkpoint and resume ----

// Runs at most so many cycles; *rest = nothing can move any more. Where a run is cut in pieces
// makes no difference to it.
WEFT_API int weft_advance(Weft *w, uint64_t cycles, bool *rest);
// Writes the whole state of the run to a file, between weft_run and weft_stop. The run goes on.
// Arrays of operations that are not complete are written with it.
WEFT_API int weft_checkpoint(Weft *w, const char *path);
// Goes on from a checkpoint of the same program with the same timing and seed, instead of weft_load
// and weft_run. The log is continued. A file that is damaged, of another program or of another
// build is an error, after which w can only be closed. Tasks keep their numbers.
WEFT_API int weft_resume(Weft *w, const char *path);
// After weft_resume an operation that was not complete works on a copy of its host array. Moves it,
// with what has arrived in it, to `data` of at least as many words; call it once for each operation
// whose result is wanted, at any time before weft_close.
WEFT_API int weft_rebind(Weft *w, WeftTask task, uint32_t *data, size_t words);

// ---- exported names (host 2.3) ----

// Id of an exported name; -1 if there is none.
WEFT_API int weft_symbol_id(const Weft *w, const char *name);
// Parameter types of an exported function as text, e.g. "i16", with their number in *n. They live
// as long as w. NULL if there is no such function.
WEFT_API const char *const *weft_param_types(const Weft *w, const char *function, size_t *n);

// ---- operations, between weft_run and weft_stop (host 6-8) ----
//
// Copies and launches form one ordered stream: a tile takes the next one when it is done with the
// previous one. Streaming transfers are ordered per colour. A blocking operation returns when it is
// complete; if nothing can move before that, it is an error. `task` may be NULL.

// Copies from the host to the exported variable `symbol` (an id, or a colour). `data` holds one
// 32-bit word per element; `words` must be width * height * count (a broadcast: one row or column
// of that).
WEFT_API int weft_h2d(Weft *w, int symbol, const uint32_t *data, size_t words, const WeftCopy *copy,
                      WeftTask *task);
// Copies from the wafer into `data`, in place; 16-bit elements with a zero upper half.
WEFT_API int weft_d2h(Weft *w, int symbol, uint32_t *data, size_t words, const WeftCopy *copy,
                      WeftTask *task);
// Calls an exported function on every tile that exports it. One word per argument, at most 15:
// 16-bit values in the low half, floats by their bits; the words are copied. Complete when the
// function has returned on all of these tiles.
WEFT_API int weft_launch(Weft *w, const char *function, const uint32_t *args, size_t nargs,
                         bool nonblock, WeftTask *task);
// *done = whether the task is complete. Runs the wafer until it is, or to rest (DESIGN 4.1 rule 8);
// a second poll of a wafer at rest with nothing issued in between is an error, so that a loop ends.
WEFT_API int weft_task_done(Weft *w, WeftTask task, bool *done);
// Whether the task is complete, without running the wafer. True also once the run has ended: the
// arrays of its operations are free again.
WEFT_API bool weft_task_complete(const Weft *w, WeftTask task);
// Runs until the task is complete.
WEFT_API int weft_task_wait(Weft *w, WeftTask task);
// Streams of layouts with ports, by port name, one wavelet per word (host 9).
WEFT_API int weft_send(Weft *w, const char *port, const uint32_t *data, size_t words, bool nonblock,
                       WeftTask *task);
WEFT_API int weft_receive(Weft *w, const char *port, uint32_t *data, size_t words, bool nonblock,
                          WeftTask *task);

// ---- looking inside (host 11) ----

// Text `number` of the table of constant texts of the program of tile (x, y), as the records of the
// library module <debug> name them. Owned by `w`. NULL on error (no program there, no such text).
WEFT_API const char *weft_text(Weft *w, uint32_t x, uint32_t y, uint32_t number);

// The bytes of a global of the program of tile (x, y), with their number in *size; valid until the
// next call. Allowed between operations and after the run. NULL on error.
WEFT_API const uint8_t *weft_read_symbol(Weft *w, uint32_t x, uint32_t y, const char *name,
                                         size_t *size);
// Writes the memory of every tile to a file: "WEFTSNAP", then 32-bit little-endian words: format 1,
// width, height, and for each tile in row-major order its byte count (0: no program) and the bytes.
WEFT_API int weft_write_snapshot(Weft *w, const char *path);
// Size of the program rectangle and its place on the fabric, in tiles.
WEFT_API void weft_geometry(const Weft *w, uint32_t *width, uint32_t *height, uint32_t *offset_x,
                            uint32_t *offset_y);
WEFT_API const char *weft_arch(const Weft *w); // "wse2" or "wse3"
WEFT_API bool weft_has_memcpy(const Weft *w);  // compiled with --memcpy
// What waits for what at this moment, as JSON (docs/emulator.md); valid until the next call. NULL
// before weft_load.
WEFT_API const char *weft_waits(Weft *w);
// After weft_stop: wavelets that nobody took or that vanished, in lines of text with the most
// likely cause; valid until the next call. NULL: the program left nothing of the kind, or has not
// been stopped.
WEFT_API const char *weft_leftovers(Weft *w);
// Emulated cycles so far.
WEFT_API uint64_t weft_cycle(const Weft *w);
WEFT_API void weft_stats(const Weft *w, WeftStats *out);
// Name of the timing preset in force ("wse2", "wse3", "wse3-silicon"), with "+" behind it if
// parameters were changed by hand. NULL before weft_load.
WEFT_API const char *weft_timing(const Weft *w);
// A timing parameter by its name in the table ("hop"), in cycles, bits or wavelets; -1 if there is
// none or before weft_load.
WEFT_API int weft_timing_value(const Weft *w, const char *name);
// -1 if tile (x, y) has no program or nothing is loaded; no error text.
WEFT_API int weft_tile_stats(const Weft *w, uint32_t x, uint32_t y, WeftTileStats *out);
#ifdef __cplusplus
}
#endif
#endif
