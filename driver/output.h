// Where commands print what they make: the file of -o, or the standard output without it.
#ifndef WEFT_DRIVER_OUTPUT_H
#define WEFT_DRIVER_OUTPUT_H
#include "driver/session.h"
#include "support/out_file.h"

typedef struct Output {
  FILE *out;
  OutFile file; // open if there is -o
} Output;

// False and a diagnostic if the file of -o cannot be made.
bool output_open(Session *s, Output *t);
// Puts the file into place if `keep`, else leaves what was there. False, and a diagnostic if it
// could not be written. What is lost on the standard output is found at the end of the program.
bool output_close(Session *s, Output *t, bool keep);
#endif
