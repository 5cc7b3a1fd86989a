// Where commands print what they make: the file of -o, or the standard output without it.
#ifndef WEFT_DRIVER_TEXT_OUT_H
#define WEFT_DRIVER_TEXT_OUT_H
#include "driver/session.h"
#include "support/out_file.h"

typedef struct TextOut {
  FILE *out;
  OutFile file; // open if there is -o
} TextOut;

// False and a diagnostic if the file of -o cannot be made.
bool text_out_open(Session *s, TextOut *t);
// Puts the file into place if `keep`, else leaves what was there. False, and a diagnostic if it
// could not be written. What is lost on the standard output is found at the end of the program.
bool text_out_close(Session *s, TextOut *t, bool keep);
#endif
