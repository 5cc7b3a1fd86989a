// Memory from the heap; see memory.h.
#include "support/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mem_exhausted(void)
{
  fputs("weft: out of memory\n", stderr);
  exit(3);
}

void *mem_zeroed(size_t count, size_t size)
{
  void *p = calloc(count ? count : 1, size ? size : 1);
  if (!p)
    mem_exhausted();
  return p;
}

void *mem_resize(void *p, size_t size)
{
  void *q = realloc(p, size);
  if (!q && size)
    mem_exhausted();
  return q;
}

char *mem_text(const char *s)
{
  return s ? mem_text_of(s, strlen(s)) : NULL;
}

char *mem_text_of(const char *s, size_t len)
{
  char *copy = mem_zeroed(len + 1, 1);
  if (len)
    memcpy(copy, s, len);
  return copy;
}
