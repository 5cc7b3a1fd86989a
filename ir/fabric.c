// Fabric IR modules: life time, the rectangle, interned route sets; see fabric.h.
#include "ir/fabric.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

FabricModule *fir_new(ArchId arch, SdkCompat compat)
{
  Arena arena = {0};
  FabricModule *f = ARENA_NEW(&arena, FabricModule);
  f->arena = arena;
  f->arch = arch;
  f->compat = compat;
  f->fp16 = IRT_F16;
  f->channels = 1;
  arrput(f->route_sets, (RouteSet){0});
  return f;
}

void fir_free(FabricModule *f)
{
  if (!f)
    return;
  for (ptrdiff_t i = 0; i < arrlen(f->classes); i++) {
    tir_free(f->classes[i].module);
    arrfree(f->classes[i].const_values);
  }
  for (ptrdiff_t i = 0; i < arrlen(f->route_sets); i++)
    arrfree(f->route_sets[i].configs);
  for (ptrdiff_t i = 0; i < arrlen(f->exports); i++)
    arrfree(f->exports[i].param_types);
  arrfree(f->params);
  arrfree(f->colors);
  arrfree(f->classes);
  arrfree(f->route_sets);
  arrfree(f->exports);
  arrfree(f->streams);
  hmfree(f->set_index);
  free(f->tile_class);
  free(f->tile_routes);
  Arena arena = f->arena; // the module itself lies in it
  arena_free(&arena);
}

// ---- the rectangle ----

FabricMargins fir_margins(const FabricModule *f, const FabricWish *w)
{
  if (!f->memcpy)
    return (FabricMargins){0};
  return (FabricMargins){.west = MEMCPY_WEST_COLUMNS + w->west_buffer,
                         .north = MEMCPY_NORTH_ROWS,
                         .east = MEMCPY_EAST_COLUMNS + w->east_buffer,
                         .south = MEMCPY_SOUTH_ROWS};
}

void fir_place(FabricModule *f, const FabricWish *w)
{
  FabricMargins m = fir_margins(f, w);
  f->offset_x = w->offset_given ? w->offset_x : m.west;
  f->offset_y = w->offset_given ? w->offset_y : m.north;
  f->fabric_width = w->size_given ? w->width : f->offset_x + f->width + m.east;
  f->fabric_height = w->size_given ? w->height : f->offset_y + f->height + m.south;
}

void fir_set_rectangle(FabricModule *f, uint32_t w, uint32_t h)
{
  size_t tiles = (size_t)w * h;
  free(f->tile_class);
  free(f->tile_routes);
  f->width = w;
  f->height = h;
  f->tile_class = mem_resize(NULL, tiles * sizeof *f->tile_class + 1);
  f->tile_routes = mem_zeroed(tiles + 1, sizeof *f->tile_routes);
  memset(f->tile_class, 0xff, tiles * sizeof *f->tile_class); // FABRIC_NO_CLASS
}

static int by_color(const void *a, const void *b)
{
  return (int)((const ColorConfig *)a)->color - (int)((const ColorConfig *)b)->color;
}

static bool same_filter(const Filter *a, const Filter *b)
{
  return a->kind == b->kind && a->color == b->color && a->count_data == b->count_data &&
         a->count_control == b->count_control && a->filter_control == b->filter_control &&
         a->has_limit1 == b->has_limit1 && a->has_limit2 == b->has_limit2 &&
         a->init_counter == b->init_counter && a->limit1 == b->limit1 && a->limit2 == b->limit2 &&
         a->max_counter == b->max_counter;
}

// Padding and the sides of invalid positions do not count: the route word decides.
static bool same_config(const ColorConfig *a, const ColorConfig *b)
{
  return a->color == b->color && route_encode(&a->route) == route_encode(&b->route) &&
         same_filter(&a->filter, &b->filter);
}

static bool same_set(const RouteSet *s, const ColorConfig *configs, uint32_t n)
{
  if (arrlenu(s->configs) != n)
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (!same_config(&s->configs[i], &configs[i]))
      return false;
  return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
  return (hash ^ value) * 0x9e3779b97f4a7c15u + (hash >> 29);
}

// Over the parts that same_config compares first; equal sets have equal hashes.
static uint64_t hash_set(const ColorConfig *configs, uint32_t n)
{
  uint64_t hash = n;
  for (uint32_t i = 0; i < n; i++) {
    const Filter *f = &configs[i].filter;
    hash = mix(hash, configs[i].color);
    hash = mix(hash, route_encode(&configs[i].route));
    hash = mix(hash, (uint64_t)f->kind << 48 | (uint64_t)f->init_counter << 32 |
                         (uint64_t)f->limit1 << 16 | f->limit2);
    hash = mix(hash, f->max_counter);
  }
  return hash;
}

uint32_t fir_route_set(FabricModule *f, ColorConfig *configs, uint32_t n, SrcPos pos)
{
  if (n == 0)
    return 0;
  if (n > 1)
    qsort(configs, n, sizeof *configs, by_color);
  uint64_t key = hash_set(configs, n);
  ptrdiff_t at;
  for (; (at = hmgeti(f->set_index, key)) >= 0;
       key++) // other sets of this hash are in the places behind it
    if (same_set(&f->route_sets[f->set_index[at].value], configs, n))
      return f->set_index[at].value;
  RouteSet set = {.pos = pos};
  memcpy(arraddnptr(set.configs, n), configs, n * sizeof *configs);
  uint32_t number = (uint32_t)arrlen(f->route_sets);
  arrput(f->route_sets, set);
  hmput(f->set_index, key, number);
  return number;
}

SrcPos fir_route_pos(const FabricModule *f, size_t tile, uint32_t color)
{
  const RouteSet *set = &f->route_sets[f->tile_routes[tile]];
  for (size_t i = 0; i < arrlenu(set->configs); i++)
    if (set->configs[i].color == color && set->configs[i].pos)
      return set->configs[i].pos;
  return set->pos;
}

uint64_t *fir_route_words(const FabricModule *f, uint32_t *used)
{
  size_t sets = arrlenu(f->route_sets);
  uint64_t *words = NULL;
  arrsetlen(words, sets * MAX_COLORS);
  memset(words, 0, sets * MAX_COLORS * sizeof *words);
  for (size_t i = 0; i < sets; i++)
    for (size_t c = 0; c < arrlenu(f->route_sets[i].configs); c++) {
      const ColorConfig *config = &f->route_sets[i].configs[c];
      words[i * MAX_COLORS + config->color] = route_encode(&config->route);
      *used |= 1u << config->color;
    }
  return words;
}
