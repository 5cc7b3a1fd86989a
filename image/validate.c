// The rules that a loaded image keeps, beyond its syntax: everything inside its memory, its tables
// and its machine.
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <string.h>

// What a column of a setup record holds is what its row in target/setup.def says.
typedef struct SetupRow {
  const char *a, *b, *c;
} SetupRow;
static const SetupRow setup_rows[] = {
#define SETUP(name, text, id, a, b, c) {a, b, c},
#include "target/setup.def"
#undef SETUP
};
enum { SETUP_ROWS = sizeof setup_rows / sizeof *setup_rows, NO_VALUE = -1 };

typedef struct Check {
  const Image *img;
  const ImageClass *c;
  const char *path;
  Diags *diags;
  bool ok;
} Check;

static void require(Check *k, bool condition, const char *fmt, const char *name, uint32_t value)
{
  if (condition || !k->ok)
    return;
  k->ok = false;
  image_bad(k->diags, k->path, fmt, name, value);
}

static bool in_code(const ImageClass *c, uint32_t address)
{
  return address >= CODE_BASE && address - CODE_BASE < c->code_bytes && address % 2 == 0;
}

// `size` bytes at `address` in the private window or in the shared constants.
static bool in_data(const ImageClass *c, uint32_t address, uint32_t size)
{
  uint64_t end = (uint64_t)address + size;
  return end <= c->private_bytes ||
         (address >= c->shared_base && end <= (uint64_t)c->shared_base + c->shared_bytes);
}

static void check_memory(Check *k)
{
  const ImageClass *c = k->c;
  require(k, c->private_bytes <= DATA_LIMIT && c->private_bytes % 16 == 0,
          "%sprivate window of %u bytes", "", c->private_bytes);
  require(k, (uint64_t)c->data_bytes + c->stack_bytes <= c->private_bytes,
          "%sdata and %u bytes of stack overlap", "", c->stack_bytes);
  require(k, c->shared_bytes == 0 || c->shared_base >= c->private_bytes,
          "%sconstants at 0x%x overlap the private window", "", c->shared_base);
  require(k, (uint64_t)c->shared_base + c->shared_bytes <= DATA_LIMIT,
          "%sconstants at 0x%x pass the end of memory", "", c->shared_base);
}

static void check_symbols(Check *k)
{
  for (ptrdiff_t i = 0; i < arrlen(k->c->symbols); i++) {
    const ImageSymbol *s = &k->c->symbols[i];
    uint64_t code_end = (uint64_t)CODE_BASE + k->c->code_bytes;
    bool inside = s->function
                      ? s->address >= CODE_BASE && (uint64_t)s->address + s->size <= code_end
                      : in_data(k->c, s->address, s->size);
    require(k, inside, "symbol %s at 0x%x lies outside the memory", s->name, s->address);
  }
}

static void check_consts(Check *k)
{
  for (ptrdiff_t i = 0; i < arrlen(k->c->consts); i++) {
    const ImageConst *t = &k->c->consts[i];
    require(k, (uint64_t)t->address + t->bytes <= k->c->data_bytes && t->address % 2 == 0,
            "tile constant %s at 0x%x lies outside the data", t->name, t->address);
  }
}

static bool column_ok(const ImageClass *c, const char *column, bool from_tile, uint32_t value)
{
  if (from_tile)
    return value < arrlenu(c->consts);
  if (value == UINT32_MAX)
    return true;
  if (strstr(column, "function"))
    return in_code(c, value);
  if (strstr(column, "global"))
    return in_data(c, value, 2);
  return true;
}

static bool setup_ok(const Check *k, const ImageSetup *s)
{
  uint32_t kind = IMAGE_SETUP_KIND(s->kind);
  if (kind >= SETUP_ROWS ||
      s->kind & ~(0xffu | IMAGE_SETUP_A_CONST | IMAGE_SETUP_B_CONST | IMAGE_SETUP_C_CONST))
    return false;
  const SetupRow *row = &setup_rows[kind];
  return column_ok(k->c, row->a, s->kind & IMAGE_SETUP_A_CONST, s->a) &&
         column_ok(k->c, row->b, s->kind & IMAGE_SETUP_B_CONST, s->b) &&
         column_ok(k->c, row->c, s->kind & IMAGE_SETUP_C_CONST, s->c);
}

static void check_setup(Check *k)
{
  for (ptrdiff_t i = 0; i < arrlen(k->c->setup); i++)
    require(k, setup_ok(k, &k->c->setup[i]), "%ssetup record %u makes no sense", "", (uint32_t)i);
}

static void check_lines(Check *k)
{
  for (ptrdiff_t i = 0; i < arrlen(k->c->lines); i++) {
    uint32_t pc = k->c->lines[i].pc;
    require(k, pc >= CODE_BASE && pc - CODE_BASE <= k->c->code_bytes,
            "%sline entry at 0x%x lies outside the code", "", pc);
  }
  for (ptrdiff_t i = 0; i < arrlen(k->c->calls); i++)
    require(k, k->c->calls[i].to - CODE_BASE <= k->c->code_bytes,
            "%sinlined call at 0x%x lies outside the code", "", k->c->calls[i].from);
}

// Colours that the architecture does not have, and directions outside the mask, are caught by
// route_decode for the words; here the filters that a word names must exist.
static void check_routes(Check *k)
{
  const Arch *arch = arch_get(k->img->arch);
  for (ptrdiff_t i = 0; i < arrlen(k->img->route_sets); i++)
    for (uint32_t c = 0; c < MAX_COLORS; c++) {
      Route r;
      route_decode(k->img->route_sets[i].words[c], &r);
      require(k, c < arch->colors || !k->img->route_sets[i].words[c], "%scolour %u does not exist",
              "", c);
      require(k, r.filter <= arch->filters, "%sfilter %u does not exist", "", r.filter);
    }
}

static void check_program(Check *k)
{
  const Arch *arch = arch_get(k->img->arch);
  require(k, k->img->channels <= arch->io_channels, "%s%u channels", "", k->img->channels);
  require(k, arrlenu(k->img->exports) <= UINT16_MAX, "%s%u exports", "",
          (uint32_t)arrlenu(k->img->exports));
  for (ptrdiff_t i = 0; i < arrlen(k->img->exports); i++)
    require(k, k->img->exports[i].color < MAX_COLORS, "export %s: colour %u does not exist",
            k->img->exports[i].name, k->img->exports[i].color);
}

static void check_export_ids(Check *k)
{
  for (ptrdiff_t i = 0; i < arrlen(k->c->setup); i++) {
    const ImageSetup *s = &k->c->setup[i];
    uint32_t kind = IMAGE_SETUP_KIND(s->kind);
    if (kind == IMAGE_SETUP_EXPORT_DATA || kind == IMAGE_SETUP_EXPORT_FUNC)
      require(k, s->id < arrlenu(k->img->exports), "%sexport %u does not exist", "", s->id);
  }
}

bool image_validate(const Image *img, const char *dir, Diags *diags)
{
  bool ok = true;
  static void (*const checks[])(Check *) = {check_memory, check_symbols, check_consts,
                                            check_setup,  check_lines,   check_export_ids};
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++) {
    const char *path = arena_printf(&diags->arena, "%s/%s", dir, img->classes[i].elf);
    Check k = {img, &img->classes[i], path, diags, true};
    for (size_t n = 0; n < sizeof checks / sizeof *checks; n++)
      checks[n](&k);
    ok &= k.ok;
  }
  Check k = {img, NULL, dir, diags, true};
  check_program(&k);
  check_routes(&k);
  return ok && k.ok;
}
