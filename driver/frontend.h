// From CSL source files to a program in IR form, under the options of the command line.
#ifndef WEFT_DRIVER_FRONTEND_H
#define WEFT_DRIVER_FRONTEND_H
#include "driver/program.h"

// Compiles the top-level file into `p` and places its rectangle, with what memcpy needs around it,
// on the fabric (host 1.2). False and diagnostics on error.
bool frontend_compile(Session *s, const char *path, Program *p);
#endif
