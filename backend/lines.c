// The line table of an executable, read from its DWARF by libdw.
#include "backend/linker.h"
#include <elfutils/libdw.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static uint32_t file_number(Image *img, ImageClass *out, const char *path)
{
  for (size_t i = 0; i < arrlenu(out->files); i++)
    if (strcmp(out->files[i], path) == 0)
      return (uint32_t)i;
  arrput(out->files, arena_strdup(&img->arena, path));
  return (uint32_t)arrlenu(out->files) - 1;
}

// libdw puts the compilation folder in front, which is always ".".
static const char *without_folder(const char *path)
{
  return strncmp(path, "./", 2) == 0 ? path + 2 : path;
}

// Line 0 marks code that belongs to no line; it ends the line before.
static void add_line(Image *img, ImageClass *out, Dwarf_Line *row)
{
  Dwarf_Addr pc = 0;
  int line = 0;
  bool end = false;
  const char *path = dwarf_linesrc(row, NULL, NULL);
  if (!path || dwarf_lineaddr(row, &pc) || dwarf_lineno(row, &line) ||
      dwarf_lineendsequence(row, &end) || pc < CODE_BASE)
    return;
  ImageLine l = {.pc = (uint32_t)pc,
                 .file = file_number(img, out, without_folder(path)),
                 .line = end ? 0 : (uint32_t)line};
  arrput(out->lines, l);
}

// Where several rows share an address the last one counts, except that the end of a sequence never
// hides a line.
static int by_pc(const void *pa, const void *pb)
{
  const ImageLine *a = pa, *b = pb;
  if (a->pc != b->pc)
    return a->pc < b->pc ? -1 : 1;
  return (a->line != 0) - (b->line != 0);
}

static void sort_lines(ImageClass *out)
{
  size_t n = arrlenu(out->lines), kept = 0;
  // Rows of one address stay in order: the sort is made stable by sorting runs of equal addresses
  // only by "is a line".
  for (size_t i = 1; i < n; i++)
    for (size_t k = i; k > 0 && by_pc(&out->lines[k - 1], &out->lines[k]) > 0; k--) {
      ImageLine t = out->lines[k];
      out->lines[k] = out->lines[k - 1];
      out->lines[k - 1] = t;
    }
  for (size_t i = 0; i < n; i++) {
    ImageLine l = out->lines[i];
    if (i + 1 < n && out->lines[i + 1].pc == l.pc)
      continue;
    if (kept && out->lines[kept - 1].file == l.file && out->lines[kept - 1].line == l.line)
      continue;
    out->lines[kept++] = l;
  }
  if (n)
    arrsetlen(out->lines, kept);
}

static void read_unit(Image *img, ImageClass *out, Dwarf_Die *unit)
{
  Dwarf_Lines *rows;
  size_t n;
  if (dwarf_getsrclines(unit, &rows, &n) != 0)
    return;
  for (size_t i = 0; i < n; i++)
    add_line(img, out, dwarf_onesrcline(rows, i));
}

void link_lines(Image *img, ImageClass *out, const uint8_t *elf, size_t size)
{
  elf_version(EV_CURRENT);
  Elf *file = elf_memory((char *)elf, size);
  Dwarf *dwarf = file ? dwarf_begin_elf(file, DWARF_C_READ, NULL) : NULL;
  Dwarf_Off at = 0, next;
  size_t header;
  while (dwarf && dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0) {
    Dwarf_Die unit;
    if (dwarf_offdie(dwarf, at + header, &unit))
      read_unit(img, out, &unit);
    at = next;
  }
  sort_lines(out);
  dwarf_end(dwarf);
  elf_end(file);
}
