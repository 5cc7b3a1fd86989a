// libweft: load a compiled program, run it on the wafer emulator, move data, launch functions, read results.
// A stable C interface; the Python package is a thin layer over it. Not thread-safe per Weft object; any number of
// objects may exist. Spec: host 5-9, DESIGN 4.1 rule 8 (host time).
//
// Every function that can fail returns 0 on success and -1 on error; weft_error() then tells what happened. A blocked or
// hung program is an error, whose text is the wait-for report.
#ifndef WEFT_H
#define WEFT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define WEFT_API __attribute__((visibility("default")))

typedef struct Weft Weft;
typedef enum { WEFT_ROW_MAJOR = 0, WEFT_COL_MAJOR = 1 } WeftOrder;
typedef enum { WEFT_32BIT = 0, WEFT_16BIT = 1 } WeftDataType;
typedef enum { WEFT_COPY = 0, WEFT_ROW_BROADCAST = 1, WEFT_COL_BROADCAST = 2 } WeftSpread;

typedef struct WeftOptions {
  uint32_t threads;        // host threads; results do not depend on it; 0 = 1
  uint64_t max_cycles;     // stop with an error after so many cycles; 0 = no bound
  bool exact_fabric;       // step every router (the oracle) instead of bursts
  bool shuffle;            // permute what the architecture leaves open, by `seed`
  uint64_t seed;
  const char *sim_log;     // path of the log, NULL = "sim.log" in the current folder at weft_load, "" = none
  const char *trace;       // path of a trace, NULL = none
  const char *debug;       // list as in SIMFABRIC_DEBUG, NULL = that variable
  void (*progress)(void *arg, uint64_t cycle, uint32_t busy_tiles, const char *hottest_task); // after 10 s, then each 10 s
  int (*interrupted)(void *arg); // polled; nonzero stops the run with a report
  void *arg;
} WeftOptions;

// One transfer (host 6). Region in tiles of the program rectangle; `count` elements per tile.
typedef struct WeftCopy {
  uint32_t x, y, width, height, count;
  WeftOrder order;
  WeftDataType type;
  WeftSpread spread;       // h2d copies only
  bool streaming;          // `symbol` is a colour
  bool nonblock;           // the buffer must stay valid until the operation is complete
} WeftCopy;
typedef uint64_t WeftTask; // handle of a nonblocking operation

typedef struct WeftStats {
  uint64_t cycles, instructions, dsd_elements, wavelet_hops, busy_tile_cycles;
  uint32_t tiles;
  double wall_seconds;
} WeftStats;
typedef struct WeftTileStats { uint64_t busy, stalled, idle, wavelets_in, wavelets_out; } WeftTileStats;

WEFT_API const char *weft_version(void);
// Opens the folder made by cslc. NULL on error: then weft_open_error() tells why (thread-local).
WEFT_API Weft *weft_open(const char *dir, const WeftOptions *options);
WEFT_API const char *weft_open_error(void);
WEFT_API void weft_close(Weft *w);
WEFT_API const char *weft_error(const Weft *w);

WEFT_API int weft_load(Weft *w);  // places programs and data
WEFT_API int weft_run(Weft *w);   // starts the tiles; returns at once
WEFT_API int weft_stop(Weft *w);  // completes every operation, lets the wafer come to rest
// Id of an exported name; -1 if there is none.
WEFT_API int weft_symbol_id(const Weft *w, const char *name);
// Words: one 32-bit word per element; `words` must equal width * height * count (broadcast: one row or column of it).
WEFT_API int weft_h2d(Weft *w, int symbol, const uint32_t *data, size_t words, const WeftCopy *copy, WeftTask *task);
WEFT_API int weft_d2h(Weft *w, int symbol, uint32_t *data, size_t words, const WeftCopy *copy, WeftTask *task);
// Argument words in order: 16-bit values in the low half, floats by their bits. `checked` compares the count.
WEFT_API int weft_launch(Weft *w, const char *function, const uint32_t *args, size_t nargs, bool nonblock, WeftTask *task);
// Parameter types of an exported function as text, e.g. "i16"; count in *n; NULL if it is not a function.
WEFT_API const char *const *weft_param_types(const Weft *w, const char *function, size_t *n);
// *done = whether the task is complete. Runs the wafer until it is, or to rest (DESIGN 4.1 rule 8); a second poll of a
// wafer at rest with nothing issued in between is an error, so that a polling loop ends.
WEFT_API int weft_task_done(Weft *w, WeftTask task, bool *done);
// Whether the task is complete, without running the wafer. True also once the run has ended: buffers are free again.
WEFT_API bool weft_task_complete(const Weft *w, WeftTask task);
WEFT_API int weft_task_wait(Weft *w, WeftTask task);
// SdkLayout streams by port name (host 9).
WEFT_API int weft_send(Weft *w, const char *port, const uint32_t *data, size_t words, bool nonblock, WeftTask *task);
WEFT_API int weft_receive(Weft *w, const char *port, uint32_t *data, size_t words, bool nonblock, WeftTask *task);
// Raw bytes of a global of the program on a tile; size in *size; the bytes are valid until the next call.
WEFT_API const uint8_t *weft_read_symbol(Weft *w, uint32_t x, uint32_t y, const char *name, size_t *size);
WEFT_API int weft_write_snapshot(Weft *w, const char *path);
WEFT_API void weft_geometry(const Weft *w, uint32_t *width, uint32_t *height, uint32_t *offset_x, uint32_t *offset_y);
WEFT_API const char *weft_arch(const Weft *w); // "wse2" or "wse3"
WEFT_API bool weft_has_memcpy(const Weft *w);  // compiled with --memcpy
WEFT_API uint64_t weft_cycle(const Weft *w);
WEFT_API void weft_stats(const Weft *w, WeftStats *out);
WEFT_API int weft_tile_stats(const Weft *w, uint32_t x, uint32_t y, WeftTileStats *out);
#ifdef __cplusplus
}
#endif
#endif
