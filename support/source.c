// Source files in one space of 32-bit positions; see source.h.
#include "support/source.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

// Editors of other systems begin files with this mark, which means nothing in UTF-8.
static size_t byte_order_mark(const char *text, size_t size)
{
  static const char mark[] = {'\xef', '\xbb', '\xbf'};
  return size >= sizeof mark && memcmp(text, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

// Anything that can be read to its end: pipes, too. A device may have none.
static bool read_all(FILE *in, char **text)
{
  enum { CHUNK = 1 << 16, STREAM_LIMIT = 1 << 26 };
  struct stat st;
  size_t n, limit = !fstat(fileno(in), &st) && S_ISREG(st.st_mode) ? UINT32_MAX : STREAM_LIMIT;
  do {
    char *to = arraddnptr(*text, CHUNK);
    n = fread(to, 1, CHUNK, in);
    arrsetlen(*text, arrlenu(*text) - CHUNK + n);
  } while (n > 0 && arrlenu(*text) < limit);
  errno = n > 0 ? EFBIG : errno;
  return n == 0 && !ferror(in);
}

SrcFile *src_open(Sources *s, const char *path)
{
  FILE *in = fopen(path, "rb");
  if (!in)
    return NULL;
  char *text = NULL;
  errno = 0;
  bool ok = read_all(in, &text);
  int failed = errno ? errno : EIO;
  fclose(in);
  size_t mark = byte_order_mark(text, arrlenu(text));
  SrcFile *f = ok ? src_add(s, path, text + mark, arrlenu(text) - mark) : NULL;
  if (!ok)
    errno = failed;
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
