// From CSL source files to a program in IR form, under the options of the command line.
#ifndef WEFT_DRIVER_FRONTEND_H
#define WEFT_DRIVER_FRONTEND_H
#include "driver/program.h"

// Compiles the top-level file into `p` and places its rectangle on the fabric. False and
// diagnostics on error.
bool frontend_compile(Session *s, const char *path, Program *p);
// Host 1.2: does the program with its memcpy columns and border fit the fabric asked for? Fills in
// what was not asked for.
bool frontend_place(Session *s, FabricModule *f);
#endif
