// Source files in one space of 32-bit positions; see source.h.
#include "support/source.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <stdio.h>
#include <string.h>

static void index_lines(SrcFile *f)
{
  arrput(f->lines, 0);
  for (size_t i = 0; i < f->size; i++)
    if (f->text[i] == '\n')
      arrput(f->lines, (uint32_t)i + 1);
}

SrcFile *src_add(Sources *s, const char *path, const char *text, size_t size)
{
  uint64_t base = 1;
  if (arrlen(s->files)) {
    const SrcFile *last = arrlast(s->files);
    base = (uint64_t)last->base + last->size +
           1; // one apart, so that the end of a file is a position of its own
  }
  if (base + size >= UINT32_MAX) {
    errno = EFBIG;
    return NULL;
  }
  SrcFile *f = ARENA_NEW(&s->arena, SrcFile);
  f->path = arena_strdup(&s->arena, path);
  f->text = arena_strndup(&s->arena, text, size);
  f->size = size;
  f->base = (SrcPos)base;
  index_lines(f);
  arrput(s->files, f);
  return f;
}

SrcFile *src_open(Sources *s, const char *path)
{
  FILE *in = fopen(path, "rb");
  if (!in)
    return NULL;
  char *text = NULL, chunk[65536];
  size_t n;
  while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
    memcpy(arraddnptr(text, n), chunk, n);
  int failed = ferror(in) ? (errno ? errno : EIO) : 0;
  fclose(in);
  SrcFile *f = NULL;
  if (failed)
    errno = failed;
  else
    f = src_add(s, path, text ? text : "", arrlenu(text));
  arrfree(text);
  return f;
}

static const SrcFile *file_of(const Sources *s, SrcPos pos)
{
  size_t lo = 0, hi = arrlenu(s->files);
  while (hi - lo > 1) {
    size_t mid = (lo + hi) / 2;
    if (s->files[mid]->base <= pos)
      lo = mid;
    else
      hi = mid;
  }
  return hi ? s->files[lo] : NULL;
}

SrcPlace src_place(const Sources *s, SrcPos pos)
{
  const SrcFile *f = pos && s ? file_of(s, pos) : NULL;
  if (!f || pos < f->base || pos - f->base > f->size)
    return (SrcPlace){0};
  uint32_t offset = pos - f->base;
  size_t lo = 0, hi = arrlenu(f->lines);
  while (hi - lo > 1) {
    size_t mid = (lo + hi) / 2;
    if (f->lines[mid] <= offset)
      lo = mid;
    else
      hi = mid;
  }
  return (SrcPlace){f, (uint32_t)lo + 1, offset - f->lines[lo] + 1};
}

const char *src_line(const SrcFile *f, uint32_t line, size_t *len)
{
  if (line == 0 || line > arrlenu(f->lines)) {
    *len = 0;
    return "";
  }
  uint32_t begin = f->lines[line - 1];
  size_t end = line < arrlenu(f->lines) ? f->lines[line] - 1 : f->size;
  while (end > begin && (f->text[end - 1] == '\r' || f->text[end - 1] == '\n'))
    end--;
  *len = end - begin;
  return f->text + begin;
}

void src_free(Sources *s)
{
  for (ptrdiff_t i = 0; i < arrlen(s->files); i++)
    arrfree(s->files[i]->lines);
  arrfree(s->files);
  arena_free(&s->arena);
}
