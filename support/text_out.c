// Printing into memory; see text_out.h.
#include "support/text_out.h"
#include "support/diag.h"

FILE *text_out_open(TextOut *t)
{
  *t = (TextOut){0};
  t->out = open_memstream(&t->text, &t->size);
  if (!t->out)
    PANIC("out of memory");
  return t->out;
}

char *text_out_close(TextOut *t)
{
  if (fclose(t->out) != 0)
    PANIC("out of memory");
  return t->text;
}
