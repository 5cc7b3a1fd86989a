// Running passes under --stop-after, --print-after and `weft opt --pass`.
#ifndef WEFT_DRIVER_PASSES_H
#define WEFT_DRIVER_PASSES_H
#include "driver/program.h"

// Do the pass options name passes, and those that --emit allows? 0, or the exit code after a
// message.
int driver_check_pass_options(Session *s);
// The passes of a compilation. False and diagnostics on error.
bool driver_run_passes(Session *s, const Program *p);
#endif
