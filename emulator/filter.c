// Filters: which wavelets of a colour reach the core (language 11.4, machine 3.7). A counter is
// compared, then incremented, and wraps to 0 after limit1: the first max_counter + 1 of every
// limit1 + 1 pass.
#include "emulator/router.h"
#include <stb/stb_ds.h>

static const Filter *filter_of(const Emu *e, uint32_t tile, const Channel *c)
{
  unsigned number = channel_route(e->fabric, c)->filter;
  if (number == 0)
    return NULL;
  const ImageRouteSet *set = &e->img->route_sets[e->img->tile_routes[tile]];
  return &set->filters[number - 1];
}

static FilterState *state_of(Emu *e, uint32_t tile, const Channel *c)
{
  Fabric *f = e->fabric;
  Router *r = router_at(f, tile);
  if (r->filters == 0) {
    const ImageRouteSet *set = &e->img->route_sets[e->img->tile_routes[tile]];
    FilterBank bank = {0};
    for (uint32_t k = 0; k < FILTERS; k++)
      bank.f[k] =
          (FilterState){.counter = set->filters[k].init_counter, .limit = set->filters[k].limit1};
    r->filters = (uint32_t)arrlen(f->filters);
    arrput(f->filters, bank);
  }
  return &f->filters[r->filters].f[channel_route(f, c)->filter - 1];
}

bool fab_filter_passes(Emu *e, uint32_t tile, const Channel *c, uint32_t word, bool control)
{
  const Filter *t = filter_of(e, tile, c);
  if (!t || t->kind == FILTER_NONE)
    return true;
  if (t->kind == FILTER_RANGE)
    return control || (word >> 16 >= t->limit1 && word >> 16 <= t->limit2);
  const FilterState *s = state_of(e, tile, c);
  if (s->off)
    return true;
  if (t->filter_control)
    return control && s->counter == t->max_counter;
  return s->counter <= t->max_counter;
}

// A sparse counter takes its second limit the first time it reaches the first, and ends the next
// time.
static void reach_sparse_limit(const Filter *t, FilterState *s)
{
  if (t->has_limit1 && t->has_limit2 && !s->reloaded) {
    s->reloaded = true;
    s->limit = t->limit2;
  } else {
    s->off = true;
  }
}

void fab_filter_count(Emu *e, uint32_t tile, const Channel *c, bool control)
{
  const Filter *t = filter_of(e, tile, c);
  if (!t || (t->kind != FILTER_COUNTER && t->kind != FILTER_SPARSE_COUNTER))
    return;
  if (!(control ? t->count_control : t->count_data))
    return;
  FilterState *s = state_of(e, tile, c);
  if (s->off)
    return;
  if (s->counter != s->limit) {
    s->counter++;
    return;
  }
  s->counter = 0;
  if (t->kind == FILTER_SPARSE_COUNTER)
    reach_sparse_limit(t, s);
}
