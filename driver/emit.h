// The last step of a compilation: text to the standard output, or the image folder.
#ifndef WEFT_DRIVER_EMIT_H
#define WEFT_DRIVER_EMIT_H
#include "driver/program.h"

// Writes what --emit asks for. False and diagnostics on error; then no output folder was touched.
bool emit_program(Session *s, const Program *p);
#endif
