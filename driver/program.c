// Reading, printing and verifying programs in IR form; see program.h.
#include "driver/program.h"
#include <ctype.h>
#include <errno.h>
#include <stb/stb_ds.h>
#include <string.h>

bool is_ir_text(const char *path)
{
  size_t len = strlen(path);
  return len > 4 && strcmp(path + len - 4, ".wir") == 0;
}

// Does a line start with this word? Modules start lines, so that no parser need run to find what a
// file holds.
static bool holds(const SrcFile *f, const char *word)
{
  size_t len = strlen(word);
  for (uint32_t line = 1; line <= arrlenu(f->lines); line++) {
    size_t n;
    const char *text = src_line(f, line, &n);
    while (n && isspace((unsigned char)*text))
      text++, n--;
    if (n > len && memcmp(text, word, len) == 0 && !isalnum((unsigned char)text[len]))
      return true;
  }
  return false;
}

static void read_file(Session *s, Program *p, const char *path)
{
  const SrcFile *f = src_open(&s->sources, path);
  if (!f) {
    DIAG_AT(&s->diags, cannot_read, (SrcRange){0}, path, strerror(errno));
    return;
  }
  bool fabric = holds(f, "fabric");
  if (fabric && p->fabric)
    DIAG_AT(&s->diags, second_fabric, ((SrcRange){f->base, f->base}));
  else if (fabric)
    p->fabric = fir_parse(f, &s->sources, &s->diags);
  if (fabric && !holds(f, "tile"))
    return;
  TileModule **tiles = tir_parse(f, &s->sources, &s->diags);
  for (ptrdiff_t i = 0; i < arrlen(tiles); i++)
    arrput(p->tiles, tiles[i]);
  arrfree(tiles);
}

static bool verify_tile(TileModule *m, void *arg)
{
  return tir_verify(m, arg);
}

static bool verify(const Program *p, Diags *diags)
{
  return (!p->fabric || fir_verify(p->fabric, diags)) && driver_each_tile(p, verify_tile, diags);
}

bool driver_read_text(Session *s, Program *p)
{
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++)
    read_file(s, p, s->opt.files[i]);
  if (s->diags.errors)
    return false;
  if (p->fabric && arrlen(p->tiles)) { // a fabric module alone can be looked at and checked
    bool attached = fir_attach(p->fabric, p->tiles, &s->diags);
    arrfree(p->tiles); // the modules belong to the fabric now
    if (!attached)
      return false;
  }
  return verify(p, &s->diags);
}

void driver_free_program(Program *p)
{
  if (p->fabric)
    fir_free(p->fabric);
  for (ptrdiff_t i = 0; i < arrlen(p->tiles); i++)
    tir_free(p->tiles[i]);
  arrfree(p->tiles);
  *p = (Program){0};
}

bool driver_each_tile(const Program *p, TileVisit visit, void *arg)
{
  for (ptrdiff_t i = 0; p->fabric && i < arrlen(p->fabric->classes); i++)
    if (p->fabric->classes[i].module && !visit(p->fabric->classes[i].module, arg))
      return false;
  for (ptrdiff_t i = 0; i < arrlen(p->tiles); i++)
    if (!visit(p->tiles[i], arg))
      return false;
  return true;
}

typedef struct PrintTo {
  const Sources *sources;
  FILE *out;
} PrintTo;

static bool print_tile(TileModule *m, void *arg)
{
  const PrintTo *to = arg;
  tir_print(m, to->sources, to->out);
  return true;
}

void driver_print_program(const Program *p, const Sources *sources, bool fabric, bool tiles,
                          FILE *out)
{
  PrintTo to = {sources, out};
  if (fabric && p->fabric)
    fir_print(p->fabric, sources, out);
  if (tiles)
    driver_each_tile(p, print_tile, &to);
}
