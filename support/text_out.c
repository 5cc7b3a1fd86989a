// Printing into memory; see text_out.h.
#include "support/text_out.h"
#include "support/memory.h"

FILE *text_out_open(TextOut *t)
{
  *t = (TextOut){0};
  t->out = open_memstream(&t->text, &t->size);
  if (!t->out)
    mem_exhausted();
  return t->out;
}

char *text_out_close(TextOut *t)
{
  if (fclose(t->out) != 0)
    mem_exhausted();
  return t->text;
}
