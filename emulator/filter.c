// Filters: which wavelets of a colour reach the core (language 11.4, machine 3.7). A counter is
// compared, then incremented, and wraps to 0 after limit1: the first max_counter + 1 of every
// limit1 + 1 pass.
#include "emulator/router.h"
#include <stb/stb_ds.h>

bool fab_filter_enabled(const Emu *e, uint32_t tile, unsigned color)
{
  return !(router_at(e->fabric, tile)->filters_off >> color & 1);
}

void fab_filter_enable(Emu *e, uint32_t tile, unsigned color, bool on)
{
  uint32_t *off = &router_at(e->fabric, tile)->filters_off;
  *off = on ? *off & ~(1u << color) : *off | 1u << color;
}

static const Filter *filter_of(const Emu *e, uint32_t tile, const Channel *c)
{
  unsigned number = channel_route(e->fabric, c)->filter;
  if (number == 0 || !fab_filter_enabled(e, tile, c->color))
    return NULL;
  const ImageRouteSet *set = &e->img->route_sets[e->img->tile_routes[tile]];
  return &set->filters[number - 1];
}

// Filters of the tile, made from the image on first use.
static FilterState *bank_of(Emu *e, uint32_t tile)
{
  Fabric *f = e->fabric;
  Router *r = router_at(f, tile);
  if (r->filters == 0) {
    const ImageRouteSet *set = &e->img->route_sets[e->img->tile_routes[tile]];
    FilterBank bank = {0};
    for (uint32_t k = 0; k < FILTERS; k++)
      bank.f[k] = (FilterState){.counter = set->filters[k].init_counter,
                                .limit = set->filters[k].limit1,
                                .pass = set->filters[k].max_counter + 1u};
    r->filters = (uint32_t)arrlen(f->filters);
    arrput(f->filters, bank);
  }
  return f->filters[r->filters].f;
}

static FilterState *state_of(Emu *e, uint32_t tile, const Channel *c)
{
  return &bank_of(e, tile)[channel_route(e->fabric, c)->filter - 1];
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
    return control && s->counter + 1 == s->pass;
  return s->counter < s->pass;
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
  if (s->counter < s->limit) {
    s->counter++;
    return;
  }
  s->counter = 0;
  if (t->kind == FILTER_SPARSE_COUNTER)
    reach_sparse_limit(t, s);
}

// ---- registers: a filter as one counter of wavelets, or as two counts of half-wavelets ----

// Half-wavelets of an asked kind; the counter starts again in each of the two states.
static uint32_t halves(const FilterState *s, RegisterId reg)
{
  uint32_t period = s->limit + 1;
  if (reg == REG_filter_pass)
    return 2 * s->pass;
  if (reg == REG_filter_drop)
    return period > s->pass ? 2 * (period - s->pass) : 0;
  return 2 * (s->counter < s->pass ? s->counter : s->counter - s->pass);
}

static void set_counts(FilterState *s, uint32_t pass, uint32_t drop)
{
  s->pass = pass;
  s->limit = pass + drop ? pass + drop - 1 : 0;
}

static void set_halves(FilterState *s, RegisterId reg, uint32_t value)
{
  uint32_t wavelets = value / 2, pass = s->pass, drop = halves(s, REG_filter_drop) / 2;
  uint32_t counted = halves(s, REG_filter_value) / 2;
  bool dropping = s->counter >= pass;
  if (reg == REG_filter_pass)
    pass = wavelets;
  else if (reg == REG_filter_drop)
    drop = wavelets;
  else
    counted = wavelets;
  set_counts(s, pass, drop);
  s->counter = dropping ? pass + counted : counted;
}

// Registers of two words: the low one is read first and written first.
static bool is_wide(RegisterId reg)
{
  return reg == REG_filter_value || reg == REG_filter_pass || reg == REG_filter_drop;
}

static FilterState *used_filter(Emu *e, uint32_t tile, uint32_t number)
{
  const ImageRouteSet *set = &e->img->route_sets[e->img->tile_routes[tile]];
  if (number < FILTERS && set->filters[number].kind != FILTER_NONE)
    return &bank_of(e, tile)[number];
  emu_fault(e, tile, FAULT_PROGRAM, e->place, "no colour of this tile uses filter %u", number);
  return NULL;
}

bool fab_filter_read(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t *value)
{
  FilterState *s = used_filter(e, tile, is_wide(reg) ? index / 2 : index);
  if (!s)
    return false;
  switch (reg) {
  case REG_filter_limit: *value = s->limit & 0xffff; break;
  case REG_filter_max: *value = (s->pass - 1) & 0xffff; break;
  case REG_filter_counter: *value = s->counter & 0xffff; break;
  case REG_filter_state: *value = s->counter >= s->pass; break;
  default:
    if (index % 2 == 0)
      s->wide = halves(s, reg);
    *value = s->wide >> 16 * (index % 2) & 0xffff;
  }
  return true;
}

void fab_filter_write(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t value)
{
  FilterState *s = used_filter(e, tile, is_wide(reg) ? index / 2 : index);
  if (!s)
    return;
  switch (reg) {
  case REG_filter_limit: s->limit = value; break;
  case REG_filter_max: s->pass = value + 1; break;
  case REG_filter_counter: s->counter = value; break;
  case REG_filter_state: s->counter = value & 1 ? s->pass : 0; break;
  default:
    if (index % 2 == 0)
      s->wide = value;
    else if (s->wide & 1)
      emu_fault(e, tile, FAULT_UNSUPPORTED, e->place,
                "filter %u is told to count %u half-wavelets; an odd number splits a wavelet",
                index / 2, s->wide | value << 16);
    else
      set_halves(s, reg, (s->wide & 0xffff) | value << 16);
  }
}
