// Rules of the fabric IR: numbers in range, what one router can be told, columns that fit their
// classes.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <string.h>

typedef struct Verifier {
  const FabricModule *f;
  Diags *diags;
  bool sound;
} Verifier;

static void wrong(Verifier *v, SrcPos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void wrong(Verifier *v, SrcPos pos, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  const char *text = arena_vprintf(&v->diags->arena, fmt, args);
  va_end(args);
  DIAG_AT(v->diags, ir_invalid, ((SrcRange){pos, pos ? pos + 1 : 0}), "the fabric module", text);
  v->sound = false;
}

static void check_config(Verifier *v, const ColorConfig *c, SrcPos pos)
{
  Route back;
  const Arch *arch = arch_get(v->f->arch);
  if (c->color >= arch->colors)
    wrong(v, pos, "colour %u is not routable", c->color);
  if (!c->route.valid[0] || c->route.current > 3 || c->route.pop > POP_ON_ADVANCE_NOP ||
      !route_decode(route_encode(&c->route), &back))
    wrong(v, pos, "the route of colour %u is malformed", c->color);
  if (c->route.filter > arch->filters)
    wrong(v, pos, "colour %u names filter %u of %u", c->color, c->route.filter, arch->filters);
  if (c->filter.kind > FILTER_RANGE)
    wrong(v, pos, "the filter of colour %u is of unknown kind", c->color);
}

// Two colours of a tile cannot have one filter.
static void check_filter_numbers(Verifier *v, const RouteSet *s)
{
  uint32_t used = 0;
  for (size_t i = 0; i < arrlenu(s->configs); i++) {
    uint8_t number = s->configs[i].route.filter;
    if (number && number < 32 && used >> number & 1)
      wrong(v, s->pos, "filter %u belongs to two colours", number);
    used |= number && number < 32 ? 1u << number : 0;
  }
}

static void check_route_set(Verifier *v, const RouteSet *s)
{
  check_filter_numbers(v, s);
  for (size_t i = 0; i < arrlenu(s->configs); i++) {
    check_config(v, &s->configs[i], s->pos);
    if (i && s->configs[i - 1].color >= s->configs[i].color)
      wrong(v, s->pos, "the colours of a route set are not in ascending order");
  }
}

static void check_grid(Verifier *v)
{
  const FabricModule *f = v->f;
  size_t tiles = (size_t)f->width * f->height;
  for (size_t i = 0; i < tiles && v->sound; i++) {
    uint32_t x = (uint32_t)(i % f->width), y = (uint32_t)(i / f->width);
    if (f->tile_class[i] != FABRIC_NO_CLASS && f->tile_class[i] >= arrlenu(f->classes))
      wrong(v, 0, "tile %u,%u has class %u, which does not exist", x, y, f->tile_class[i]);
    if (f->tile_routes[i] >= arrlenu(f->route_sets))
      wrong(v, 0, "tile %u,%u has route set %u, which does not exist", x, y, f->tile_routes[i]);
  }
}

// Constant columns have one word per tile of the class; and per constant of the module, once it is
// attached.
static void check_constants(Verifier *v)
{
  const FabricModule *f = v->f;
  size_t *tiles = NULL, n = (size_t)f->width * f->height;
  arrsetlen(tiles, arrlenu(f->classes) + 1);
  memset(tiles, 0, arrlenu(tiles) * sizeof *tiles);
  for (size_t i = 0; i < n; i++)
    if (f->tile_class[i] != FABRIC_NO_CLASS)
      tiles[f->tile_class[i]]++;
  for (size_t i = 0; i < arrlenu(f->classes); i++) {
    const FabricClass *c = &f->classes[i];
    size_t words = arrlenu(c->const_values);
    if (tiles[i] == 0 ? words != 0 : words % tiles[i] != 0)
      wrong(v, 0, "class %zu has %zu constant words for %zu tiles", i, words, tiles[i]);
    else if (c->module && tiles[i] && words / tiles[i] != arrlenu(c->module->tileconsts))
      wrong(v, 0, "class %zu has %zu constants per tile, its module \"%s\" %zu", i,
            words / tiles[i], c->module->name, arrlenu(c->module->tileconsts));
    if (c->module && c->module->arch != f->arch)
      wrong(v, 0, "module \"%s\" of class %zu is for another architecture", c->module->name, i);
  }
  arrfree(tiles);
}

bool fir_verify(const FabricModule *f, Diags *diags)
{
  Verifier v = {f, diags, true};
  if (!f->tile_class)
    wrong(&v, 0, "no program rectangle is given");
  if (arrlen(f->route_sets) == 0 || arrlen(f->route_sets[0].configs) != 0)
    wrong(&v, 0, "route set 0 is not the empty one");
  for (size_t i = 0; i < arrlenu(f->route_sets); i++)
    check_route_set(&v, &f->route_sets[i]);
  for (size_t i = 0; i < arrlenu(f->streams); i++)
    if (f->streams[i].color >= arch_get(f->arch)->colors)
      wrong(&v, 0, "a stream uses colour %u, which is not routable", f->streams[i].color);
  if (v.sound)
    check_grid(&v);
  if (v.sound)
    check_constants(&v);
  return v.sound;
}

bool fir_attach(FabricModule *f, TileModule **modules, Diags *diags)
{
  Verifier v = {f, diags, true};
  bool *taken = NULL;
  arrsetlen(taken, arrlenu(modules) + 1);
  memset(taken, 0, arrlenu(taken));
  for (size_t i = 0; i < arrlenu(f->classes); i++) {
    FabricClass *c = &f->classes[i];
    size_t k = 0;
    while (k < arrlenu(modules) && (taken[k] || strcmp(modules[k]->name, c->module_name) != 0))
      k++;
    if (k == arrlenu(modules)) {
      wrong(&v, 0, "class %zu needs a tile module \"%s\" of its own", i, c->module_name);
      continue;
    }
    taken[k] = true;
    c->module = modules[k];
  }
  for (size_t k = 0; k < arrlenu(modules); k++)
    if (!taken[k])
      tir_free(modules[k]);
  arrfree(taken);
  return v.sound && fir_verify(f, diags);
}
