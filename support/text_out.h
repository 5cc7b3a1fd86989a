// Text that is printed piece by piece with stdio, where its length is not known before.
#ifndef WEFT_SUPPORT_TEXT_OUT_H
#define WEFT_SUPPORT_TEXT_OUT_H
#include <stdio.h>

typedef struct TextOut {
  FILE *out;
  char *text;
  size_t size; // bytes of the text, without its NUL; good after text_out_close
} TextOut;

// A stream that collects what is printed. Never NULL: running out of memory ends the process.
FILE *text_out_open(TextOut *t);
// Ends it and returns the text, NUL-terminated, which the caller frees.
char *text_out_close(TextOut *t);
#endif
