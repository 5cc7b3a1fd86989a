// Bump allocation in blocks that double in size; see arena.h.
#include "support/arena.h"
#include "support/memory.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ArenaBlock {
  ArenaBlock *next;
  size_t size, used;
  max_align_t data[];
};

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024 };

static ArenaBlock *new_block(Arena *a, size_t need)
{
#ifdef WEFT_ARENA_MALLOC
  size_t size = need; // a block per object, so that ASan sees every overrun
#else
  size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK;
  if (size > LARGEST_BLOCK)
    size = LARGEST_BLOCK;
  if (size < need)
    size = need;
#endif
  ArenaBlock *b = mem_resize(NULL, sizeof *b + size);
  b->size = size;
  b->used = 0;
  b->next = a->head;
  a->head = b;
  return b;
}

void *arena_alloc(Arena *a, size_t size)
{
  size_t rounded = (size + 15) & ~(size_t)15;
  ArenaBlock *b = a->head;
#ifdef WEFT_ARENA_MALLOC
  rounded = size;
  b = new_block(a, rounded);
#else
  if (!b || b->size - b->used < rounded)
    b = new_block(a, rounded);
#endif
  void *p = (char *)b->data + b->used;
  b->used += rounded;
  a->used += rounded;
  return memset(p, 0, size);
}

char *arena_strndup(Arena *a, const char *s, size_t len)
{
  char *p = arena_alloc(a, len + 1);
  if (len)
    memcpy(p, s, len);
  return p;
}

char *arena_strdup(Arena *a, const char *s)
{
  return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  char *p = arena_vprintf(a, fmt, args);
  va_end(args);
  return p;
}

char *arena_vprintf(Arena *a, const char *fmt, va_list args)
{
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, args);
  char *p = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
  if (n > 0)
    vsnprintf(p, (size_t)n + 1, fmt, again);
  va_end(again);
  return p;
}

void arena_free(Arena *a)
{
  for (ArenaBlock *b = a->head, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  *a = (Arena){0};
}
