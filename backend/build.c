// From a bound program to an image in memory: every class compiled and linked, every tile's row
// filled.
#include "backend/linker.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Builder {
  const FabricModule *f;
  const CodegenOptions *opt;
  Image *img;
  Diags *diags;
} Builder;

static const char *copy(Builder *b, const char *s)
{
  return s ? arena_strdup(&b->img->arena, s) : NULL;
}

static void copy_head(Builder *b)
{
  const FabricModule *f = b->f;
  Image *img = b->img;
  img->arch = f->arch;
  img->compat = f->compat;
  img->fp16 = (uint8_t)(f->fp16 - IRT_F16); // both in the order f16, bf16, cb16
  img->memcpy = f->memcpy;
  img->width = f->width;
  img->height = f->height;
  img->fabric_width = f->fabric_width;
  img->fabric_height = f->fabric_height;
  img->offset_x = f->offset_x;
  img->offset_y = f->offset_y;
  img->channels = f->channels;
  for (ptrdiff_t i = 0; i < arrlen(f->params); i++)
    arrput(img->params, ((ImageParam){copy(b, f->params[i].name), copy(b, f->params[i].value)}));
  for (ptrdiff_t i = 0; i < arrlen(f->colors); i++)
    arrput(img->colors, ((ImageParam){copy(b, f->colors[i].name), copy(b, f->colors[i].value)}));
  for (ptrdiff_t i = 0; i < arrlen(f->streams); i++)
    arrput(img->streams, ((ImageStream){f->streams[i].color, f->streams[i].to_host,
                                        copy(b, f->streams[i].name)}));
}

static void copy_exports(Builder *b)
{
  for (ptrdiff_t i = 0; i < arrlen(b->f->exports); i++) {
    const FabricExport *e = &b->f->exports[i];
    ImageExport out = {.name = copy(b, e->name),
                       .symbol = copy(b, e->symbol ? e->symbol : ""),
                       .type = copy(b, e->type ? e->type : ""),
                       .kind = (uint8_t)e->kind,
                       .mutable_ = e->mutable_};
    for (ptrdiff_t k = 0; k < arrlen(e->param_types); k++)
      arrput(out.param_types, copy(b, e->param_types[k]));
    for (ptrdiff_t k = 0; e->kind == EXPORT_STREAM && k < arrlen(b->f->streams); k++)
      if (b->f->streams[k].name && strcmp(b->f->streams[k].name, e->name) == 0)
        out.color = b->f->streams[k].color;
    arrput(b->img->exports, out);
  }
}

// ---- tiles ----

enum { FILTER_SLOTS = sizeof((ImageRouteSet *)0)->filters / sizeof(Filter) };

// Programs name filters by number (@get_filter_id): a number that was given stays; a colour without
// one gets the first free, `*used` has a bit for each that is taken.
static uint32_t filter_number(const Route *r, uint32_t *used)
{
  uint32_t number = r->filter ? r->filter - 1u : (uint32_t)__builtin_ctz(~*used);
  *used |= 1u << number;
  return number;
}

static uint32_t given_filters(const RouteSet *set)
{
  uint32_t used = 0;
  for (ptrdiff_t i = 0; i < arrlen(set->configs); i++)
    if (set->configs[i].filter.kind != FILTER_NONE && set->configs[i].route.filter)
      used |= 1u << (set->configs[i].route.filter - 1);
  return used;
}

static bool copy_route_set(Builder *b, const RouteSet *set)
{
  uint32_t limit = arch_get(b->f->arch)->filters, used = given_filters(set);
  ImageRouteSet out = {0};
  for (ptrdiff_t i = 0; i < arrlen(set->configs); i++) {
    const ColorConfig *c = &set->configs[i];
    Route r = c->route;
    r.filter = 0;
    if (c->filter.kind != FILTER_NONE) {
      uint32_t number = filter_number(&c->route, &used);
      if (number >= limit || number >= FILTER_SLOTS) {
        DIAG_AT(b->diags, backend_filters, ((SrcRange){set->pos, set->pos}), limit);
        return false;
      }
      out.filters[number] = c->filter;
      out.filters[number].color = c->color;
      r.filter = (uint8_t)(number + 1);
    }
    out.words[c->color] = route_encode(&r);
  }
  arrput(b->img->route_sets, out);
  return true;
}

static bool copy_routes(Builder *b)
{
  bool ok = true;
  for (ptrdiff_t i = 0; i < arrlen(b->f->route_sets); i++)
    ok &= copy_route_set(b, &b->f->route_sets[i]);
  return ok;
}

typedef struct ConstCopy {
  Image *img;
  const uint32_t *values; // of this tile
} ConstCopy;

static void add_const(void *arg, uint32_t tileconst, uint32_t address)
{
  ConstCopy *c = arg;
  (void)address;
  arrput(c->img->const_words, c->values[tileconst]);
}

static void copy_tiles(Builder *b)
{
  Image *img = b->img;
  size_t tiles = (size_t)img->width * img->height;
  uint32_t *seen =
      mem_zeroed(arrlenu(b->f->classes) + 1, sizeof *seen); // tiles of each class so far
  img->tile_class = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  img->tile_routes = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  img->const_first = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  for (size_t t = 0; t < tiles; t++) {
    uint32_t c = b->f->tile_class[t];
    img->tile_class[t] = c;
    img->tile_routes[t] = b->f->tile_routes[t];
    img->const_first[t] = (uint32_t)arrlenu(img->const_words);
    if (c == FABRIC_NO_CLASS)
      continue;
    const TileModule *m = b->f->classes[c].module;
    const size_t first = (size_t)seen[c]++ * arrlenu(m->tileconsts);
    if (!arrlen(m->tileconsts))
      continue;
    ConstCopy copy_one = {img, b->f->classes[c].const_values + first};
    link_each_const(m, add_const, &copy_one);
  }
  free(seen);
}

// ---- classes ----

static bool first_tile(const FabricModule *f, uint32_t class, uint32_t *x, uint32_t *y)
{
  size_t tiles = (size_t)f->width * f->height;
  for (size_t t = 0; t < tiles; t++)
    if (f->tile_class[t] == class) {
      *x = (uint32_t)(t % f->width);
      *y = (uint32_t)(t / f->width);
      return true;
    }
  return false;
}

static bool build_once(Builder *b, const TileModule *m, ImageClass *out, uint32_t *too_small)
{
  Buffer object = {0};
  bool ok = backend_codegen(m, EMIT_OBJECT, b->opt, &object, b->diags) &&
            link_program(m, &object, b->opt, b->img, out, too_small, b->diags);
  free(object.bytes);
  return ok;
}

// The memory-layout pass only estimates the stack. Where the code needs more, shared constants
// above it move up.
static bool grow_stack(Builder *b, TileModule *m, uint32_t need)
{
  enum { ALIGN = 16 };
  uint32_t old = m->data_bytes + m->stack_bytes,
           missing = need > m->stack_bytes ? need - m->stack_bytes : 0;
  uint32_t by = (missing + 2 * ALIGN - 1) / ALIGN * ALIGN;
  uint32_t end = old;
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++) {
    const IrGlobal *g = &m->globals[i];
    uint32_t last = g->address + tir_size(m, g->type);
    end = g->address >= old && g->address < DATA_LIMIT && last > end ? last : end;
  }
  if (end + by > DATA_LIMIT) {
    DIAG_AT(b->diags, backend_stack, (SrcRange){0}, m->name, need, m->stack_bytes);
    return false;
  }
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++)
    if (m->globals[i].address >= old && m->globals[i].address < DATA_LIMIT)
      m->globals[i].address += by;
  m->stack_bytes += by;
  return true;
}

static bool build_program(Builder *b, TileModule *m, ImageClass *out)
{
  const ImageClass empty = *out;
  for (;;) {
    uint32_t too_small = 0;
    if (!build_once(b, m, out, &too_small))
      return false;
    if (!too_small)
      return true;
    image_class_free(out);
    *out = empty;
    if (!grow_stack(b, m, too_small))
      return false;
  }
}

static bool build_class(Builder *b, uint32_t index)
{
  const FabricClass *c = &b->f->classes[index];
  uint32_t x = 0, y = index; // a program that no tile runs is named apart from all others
  if (!first_tile(b->f, index, &x, &y))
    y += b->f->height;
  ImageClass out = {.name = copy(b, c->file ? c->file : c->module->name)};
  out.elf = arena_printf(&b->img->arena, "bin/out_%u_%u.elf", x, y);
  bool ok = build_program(b, c->module, &out);
  arrput(b->img->classes, out);
  return ok;
}

static bool build_classes(Builder *b)
{
  bool ok = true;
  for (uint32_t i = 0; i < arrlenu(b->f->classes); i++)
    ok &= build_class(b, i);
  return ok;
}

Image *backend_build(const FabricModule *f, const CodegenOptions *opt, Diags *diags)
{
  Builder b = {f, opt, image_new(), diags};
  copy_head(&b);
  copy_exports(&b);
  bool ok = copy_routes(&b);
  ok &= build_classes(&b);
  if (ok)
    copy_tiles(&b);
  if (ok)
    return b.img;
  image_free(b.img);
  return NULL;
}
