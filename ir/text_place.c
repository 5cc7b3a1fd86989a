// Source places in IR text: `!line:col` notes, the file table, and making positions of them again;
// see text.h.
#include "ir/text.h"
#include <stb/stb_ds.h>
#include <string.h>
#include <sys/stat.h>

// Bounds of what a note may say, so that blank stand-in files stay small.
enum { MAX_LINE = 1 << 22, MAX_COLUMN = 1 << 16, MAX_BLANK = 1 << 26, MAX_SOURCE = 1 << 28 };

void text_source(IrText *t)
{
  if (text_number(t, 0, UINT32_MAX) != arrlen(t->files))
    text_error(t, "source files are numbered from 0 without gaps");
  arrput(t->files, text_string(t, &t->arena));
}

void text_note(IrText *t, SrcPos owner)
{
  if (!text_accept(t, '!'))
    return;
  SrcPos at = t->tok.pos;
  TextPlace p = {0, (uint32_t)text_number(t, 0, MAX_LINE), 0};
  text_expect(t, ':');
  p.column = (uint32_t)text_number(t, 0, MAX_LINE);
  if (text_accept(t, ':')) {
    p.file = p.line;
    p.line = p.column;
    p.column = (uint32_t)text_number(t, 0, MAX_COLUMN);
  }
  if (p.file >= arrlenu(t->files) || p.line == 0 || p.column == 0 || p.column > MAX_COLUMN)
    text_error_at(t, at, "no such place in the source files of this module");
  if (!t->failed)
    hmput(t->places, owner, p);
}

static SrcPos position_in(const SrcFile *f, TextPlace p)
{
  if (p.line > arrlenu(f->lines))
    return 0;
  size_t begin = f->lines[p.line - 1];
  size_t end = p.line < arrlenu(f->lines) ? f->lines[p.line] : f->size + 1;
  size_t at = begin + p.column - 1;
  return at < end ? f->base + (SrcPos)at : 0;
}

static bool holds_all(const IrText *t, const SrcFile *f, uint32_t number)
{
  for (ptrdiff_t i = 0; i < hmlen(t->places); i++)
    if (t->places[i].value.file == number && position_in(f, t->places[i].value) == 0)
      return false;
  return true;
}

static SrcFile *already_there(const IrText *t, uint32_t number)
{
  for (ptrdiff_t i = 0; i < arrlen(t->sources->files); i++) {
    SrcFile *f = t->sources->files[i];
    if (strcmp(f->path, t->files[number]) == 0 && holds_all(t, f, number))
      return f;
  }
  return NULL;
}

static SrcFile *open_source(const IrText *t, uint32_t number)
{
  struct stat st;
  const char *path = t->files[number];
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_SOURCE)
    return NULL;
  SrcFile *f = src_open(t->sources, path);
  return f && holds_all(t, f, number) ? f : NULL;
}

static int by_line(const void *a, const void *b)
{
  const TextPlace *p = a, *q = b;
  return p->line != q->line ? (p->line < q->line ? -1 : 1) : (int)p->column - (int)q->column;
}

// Blank lines, each as long as the rightmost place on it needs. NULL if that is too much to ask.
static char *blank_lines(const IrText *t, uint32_t number)
{
  TextPlace *list = NULL;
  char *text = NULL;
  for (ptrdiff_t i = 0; i < hmlen(t->places); i++)
    if (t->places[i].value.file == number)
      arrput(list, t->places[i].value);
  if (list)
    qsort(list, arrlenu(list), sizeof *list, by_line);
  uint32_t line = 1, column = 1;
  for (size_t i = 0; i < arrlenu(list) && arrlen(text) < MAX_BLANK; i++) {
    for (; line < list[i].line; line++, column = 1)
      arrput(text, '\n');
    for (; column < list[i].column; column++)
      arrput(text, ' ');
  }
  bool fits = arrlen(text) < MAX_BLANK;
  arrput(text, '\n');
  arrfree(list);
  if (!fits)
    arrfree(text);
  return text;
}

static SrcFile *stand_in(IrText *t, uint32_t number)
{
  char *text = blank_lines(t, number);
  SrcFile *f = text ? src_add(t->sources, t->files[number], text, arrlenu(text)) : NULL;
  if (!f)
    text_error_at(t, t->file->base, "the places in source file \"%s\" are out of bounds",
                  t->files[number]);
  arrfree(text);
  return f;
}

void text_resolve_files(IrText *t)
{
  for (uint32_t i = 0; i < arrlenu(t->files) && !t->failed; i++) {
    SrcFile *f = already_there(t, i);
    if (!f)
      f = open_source(t, i);
    if (!f)
      f = stand_in(t, i);
    arrput(t->resolved, f);
  }
}

SrcPos text_resolve(const IrText *t, SrcPos owner)
{
  IrText *map = (IrText *)t; // stb_ds looks up through a non-const pointer
  ptrdiff_t i = hmgeti(map->places, owner);
  if (i < 0 || t->failed)
    return 0;
  TextPlace p = t->places[i].value;
  return position_in(t->resolved[p.file], p);
}

void text_files_add(TextFiles *f, SrcPos pos)
{
  const SrcFile *file = src_place(f->sources, pos).file;
  if (!file)
    return;
  for (size_t i = 0; i < arrlenu(f->files); i++)
    if (f->files[i] == file)
      return;
  arrput(f->files, file);
}

void text_print_files(const TextFiles *f, FILE *out)
{
  for (size_t i = 0; i < arrlenu(f->files); i++) {
    fprintf(out, "  source %zu ", i);
    text_print_string(out, f->files[i]->path);
    fputc('\n', out);
  }
}

void text_print_note(const TextFiles *f, SrcPos pos, FILE *out)
{
  SrcPlace p = src_place(f->sources, pos);
  for (size_t i = 0; i < arrlenu(f->files) && p.file; i++) {
    if (f->files[i] != p.file)
      continue;
    if (i == 0)
      fprintf(out, " !%u:%u", p.line, p.column);
    else
      fprintf(out, " !%zu:%u:%u", i, p.line, p.column);
    return;
  }
}
