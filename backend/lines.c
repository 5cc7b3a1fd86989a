// The line table of an executable and the calls that were inlined, read from its DWARF by libdw.
#include "backend/linker.h"
#include <dwarf.h>
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

// ---- functions and inlined calls ----

static bool number_of(Dwarf_Die *die, unsigned attribute, Dwarf_Word *value)
{
  Dwarf_Attribute a;
  return dwarf_attr(die, attribute, &a) && dwarf_formudata(&a, value) == 0;
}

// A file number of the unit's line table as a file of the class.
static bool file_at(Image *img, ImageClass *out, Dwarf_Die *unit, Dwarf_Word number, uint32_t *file)
{
  Dwarf_Files *files;
  size_t n;
  if (dwarf_getsrcfiles(unit, &files, &n) || number >= n)
    return false;
  const char *path = dwarf_filesrc(files, number, NULL, NULL);
  if (path)
    *file = file_number(img, out, without_folder(path));
  return path != NULL;
}

static void add_function(Image *img, ImageClass *out, Dwarf_Die *unit, Dwarf_Die *die)
{
  Dwarf_Addr pc;
  Dwarf_Word number, line;
  uint32_t file;
  if (dwarf_lowpc(die, &pc) || pc < CODE_BASE || !number_of(die, DW_AT_decl_file, &number) ||
      !number_of(die, DW_AT_decl_line, &line) || !file_at(img, out, unit, number, &file))
    return;
  arrput(out->functions, ((ImageLine){(uint32_t)pc, file, (uint32_t)line}));
}

static void add_calls(Image *img, ImageClass *out, Dwarf_Die *unit, Dwarf_Die *die)
{
  Dwarf_Word number, line;
  uint32_t file;
  if (!number_of(die, DW_AT_call_file, &number) || !number_of(die, DW_AT_call_line, &line) ||
      !file_at(img, out, unit, number, &file))
    return;
  Dwarf_Addr base, from, to;
  for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &from, &to)) > 0;)
    if (from >= CODE_BASE && to > from)
      arrput(out->calls, ((ImageCall){(uint32_t)from, (uint32_t)to, file, (uint32_t)line}));
}

// All functions of a unit and what was inlined into them, outer before inner.
static void read_tree(Image *img, ImageClass *out, Dwarf_Die *unit, Dwarf_Die *parent)
{
  Dwarf_Die die;
  if (dwarf_child(parent, &die) != 0)
    return;
  do {
    int tag = dwarf_tag(&die);
    if (tag == DW_TAG_subprogram)
      add_function(img, out, unit, &die);
    else if (tag == DW_TAG_inlined_subroutine)
      add_calls(img, out, unit, &die);
    if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block)
      read_tree(img, out, unit, &die);
  } while (dwarf_siblingof(&die, &die) == 0);
}

// Outer calls cover more; of two that cover the same the outer one was found first.
static int by_range(const void *pa, const void *pb)
{
  const ImageCall *a = pa, *b = pb;
  if (a->from != b->from)
    return a->from < b->from ? -1 : 1;
  return a->to == b->to ? 0 : a->to > b->to ? -1 : 1;
}

static int by_address(const void *pa, const void *pb)
{
  const ImageLine *a = pa, *b = pb;
  return a->pc == b->pc ? 0 : a->pc < b->pc ? -1 : 1;
}

static void sort_calls(ImageClass *out)
{
  for (size_t i = 1; i < arrlenu(out->calls); i++) // stable
    for (size_t k = i; k > 0 && by_range(&out->calls[k - 1], &out->calls[k]) > 0; k--) {
      ImageCall t = out->calls[k];
      out->calls[k] = out->calls[k - 1];
      out->calls[k - 1] = t;
    }
  if (out->functions)
    qsort(out->functions, arrlenu(out->functions), sizeof *out->functions, by_address);
}

static void read_unit(Image *img, ImageClass *out, Dwarf_Die *unit)
{
  Dwarf_Lines *rows;
  size_t n;
  if (dwarf_getsrclines(unit, &rows, &n) != 0)
    return;
  for (size_t i = 0; i < n; i++)
    add_line(img, out, dwarf_onesrcline(rows, i));
  read_tree(img, out, unit, unit);
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
  sort_calls(out);
  dwarf_end(dwarf);
  elf_end(file);
}
