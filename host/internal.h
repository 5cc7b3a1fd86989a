// What the files of libweft share. Nothing here is seen by users of weft.h.
#ifndef WEFT_HOST_INTERNAL_H
#define WEFT_HOST_INTERNAL_H
#include "emulator/emulator.h"
#include "host/weft.h"

// Life of a program (host 5). LIB_BROKEN: a run ended with an error; the emulator is never entered
// again, so buffers of unfinished operations are no longer touched.
typedef enum LibState { LIB_OPENED, LIB_LOADED, LIB_RUNNING, LIB_STOPPED, LIB_BROKEN } LibState;

struct Weft {
  Image *img;
  Emu *emu;
  FILE *log, *trace;
  LibState state;
  WeftOptions opt;     // its texts are copies
  char timing[32];     // name of the timing preset in force
  char *error;         // malloc'ed; NULL until the first error
  EmuTicket *pending;  // stb_ds: operations not known to be complete, in order of issue
  uint64_t operations; // issued so far
  uint64_t rest_at;    // value of `operations` when a poll last ran to rest; UINT64_MAX = never
  double wall_seconds;
  bool append_log;  // the run before wrote its beginning
  bool debug_loose; // the kinds of trace lines come from the environment, which others read, too
  char *waits;      // malloc'ed text of weft_waits
  char *leftovers;  // malloc'ed text of weft_leftovers
  char *beside; // malloc'ed path of sim_stats.json beside a log that nobody gave a path, or NULL
};

// A Weft over an image that is already read; takes ownership of it, also on error.
Weft *lib_new(Image *img, const WeftOptions *options);
// Writes the statistics file and, beside a log, sim_stats.json (stats.c).
int lib_write_stats(Weft *w);
// Takes options from the environment that the caller left out; the texts become copies.
void lib_settings_take(Weft *w);
void lib_settings_free(Weft *w);
int lib_settings_limit(Weft *w); // max_cycles, progress_seconds; fails if a variable is no number
int lib_settings_shuffle(Weft *w, EmuOptions *opt); // the same for WEFT_SHUFFLE
int lib_settings_places(Weft *w); // fails if a file of the end of the run cannot be written
// Sets the error text and returns -1, so that `return lib_fail(...)` reads well.
int lib_fail(Weft *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Fails unless operations are accepted now.
int lib_need_running(Weft *w, const char *what);
// Ends the issue of an operation: hands out its task and, if it blocks, runs until it is complete.
// `what` names the operation in an error.
int lib_finish(Weft *w, EmuTicket ticket, bool nonblock, WeftTask *task, const char *what);
// Runs until the cycle `end` is next. 0 there, 1 at rest, -1 error.
int lib_advance_before(Weft *w, uint64_t end);
// The run ended with an error. `waits`: something waits, and the report that the user asked for is
// written.
void lib_broken(Weft *w, bool waits);
// Runs until `ticket` is done or to rest, keeps the time, turns faults into errors. 0 done, 1 at
// rest, -1 error.
int lib_advance(Weft *w, EmuTicket ticket, const char *what);
#endif
