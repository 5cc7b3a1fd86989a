// The fabric: routes of all tiles, state of the busy ones, and its entries for core and host port
// (internal.h).
#include "emulator/router.h"
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

// What a buffer needs so that one wavelet per cycle passes: the way there and the way back of the
// free place.
static uint8_t depth_of(const Costs *k, unsigned buffer)
{
  if (buffer == TO_CORE || buffer == TO_HOST)
    return (uint8_t)(k->ramp_down + 1);
  return (uint8_t)(buffer == DIR_RAMP ? k->router_buf + k->result + k->ramp_up : k->router_buf);
}

static void *zeroed(size_t n, size_t size)
{
  void *p = mem_zeroed(n, size);
  return p;
}

static bool decode_routes(Fabric *f, const Image *img, Diags *diags)
{
  for (ptrdiff_t set = 0; set < arrlen(img->route_sets); set++) {
    for (unsigned c = 0; c < MAX_COLORS; c++) {
      Route r;
      if (!route_decode(img->route_sets[set].words[c], &r)) {
        DIAG_AT(diags, bad_route_word, (SrcRange){0}, (unsigned)set, c);
        return false;
      }
      f->swaps |= r.swap_x | r.swap_y;
      arrput(f->routes, r);
      arrput(f->configured, img->route_sets[set].words[c] != 0);
    }
  }
  return true;
}

bool fab_new(Emu *e, Diags *diags)
{
  Fabric *f = zeroed(1, sizeof *f);
  e->fabric = f;
  f->step[DIR_WEST] = -1;
  f->step[DIR_EAST] = 1;
  f->step[DIR_SOUTH] = (int32_t)e->width;
  f->step[DIR_NORTH] = -(int32_t)e->width;
  f->routers = zeroed(e->n_tiles, sizeof *f->routers);
  for (unsigned b = 0; b < CHANNEL_BUFFERS; b++)
    f->depth[b] = depth_of(e->costs, b);
  for (unsigned c = 0; c < MAX_COLORS; c++)
    f->blocks[c] = zeroed(e->n_tiles / BLOCK + 1, sizeof *f->blocks[c]);
  if (e->costs->link_eighths > EIGHTHS)
    f->links = zeroed(e->n_tiles, sizeof *f->links);
  arrput(f->filters, (FilterBank){0});
  return decode_routes(f, e->img, diags);
}

static void free_block(ChannelBlock *b)
{
  for (unsigned k = 0; b && k < CHANNEL_BUFFERS; k++)
    free(b->slots[k]);
  free(b);
}

void fab_free(Emu *e)
{
  Fabric *f = e->fabric;
  if (!f)
    return;
  for (unsigned c = 0; c < MAX_COLORS; c++) {
    for (uint32_t k = 0; k <= e->n_tiles / BLOCK; k++)
      free_block(f->blocks[c][k]);
    free(f->blocks[c]);
  }
  arrfree(f->routes);
  arrfree(f->configured);
  arrfree(f->filters);
  free(f->routers);
  free(f->links);
  free(f);
  e->fabric = NULL;
}

// Channels come to life with their first wavelet, in the state that the route words say.
static void init_channel(const Emu *e, uint32_t tile, unsigned color, Channel *c)
{
  const Fabric *f = e->fabric;
  uint32_t route = e->img->tile_routes[tile] * MAX_COLORS + color;
  c->color = (uint8_t)color;
  c->route = f->configured[route] ? route : NO_ROUTE;
  c->position = f->routes[route].current;
  c->teardown = f->routes[route].teardown;
  for (Dir d = DIR_WEST; d <= DIR_NORTH; d++)
    if (fab_neighbour(e, tile, d) == NO_TILE)
      c->beyond |= DIR_BIT(d);
}

Channel *fab_any_channel(Emu *e, uint32_t tile, unsigned color)
{
  ChannelBlock **b = &e->fabric->blocks[color][tile / BLOCK];
  if (!*b) {
    *b = zeroed(1, sizeof **b);
    uint32_t first = tile / BLOCK * BLOCK;
    for (uint32_t k = 0; k < BLOCK && first + k < e->n_tiles; k++)
      init_channel(e, first + k, color, &(*b)->channels[k]);
  }
  return &(*b)->channels[tile % BLOCK];
}

Channel *fab_channel(Emu *e, uint32_t tile, unsigned color)
{
  Channel *c = fab_any_channel(e, tile, color);
  return c->route != NO_ROUTE ? c : NULL;
}

void fab_prefetch(const Emu *e, uint32_t far, uint32_t near)
{
  const Fabric *f = e->fabric;
  uint32_t busy = router_at(f, near)->busy;
  __builtin_prefetch(router_at(f, far));
  if (busy)
    __builtin_prefetch(channel_at(f, near, (unsigned)__builtin_ctz(busy)));
}

uint32_t fab_neighbour(const Emu *e, uint32_t tile, Dir d)
{
  uint32_t x = tile % e->width + (uint32_t)dir_dx(d), y = tile / e->width + (uint32_t)dir_dy(d);
  return x < e->width && y < e->height ? tile_at(e, x, y) : NO_TILE;
}

// From the ramp: both axes must swap, which only colours that swap at all can do.
static bool enters(Emu *e, uint32_t tile, unsigned color, Dir port, Slot *s)
{
  uint8_t as[2];
  unsigned n = fab_received_as(e, tile, color, port, as);
  for (unsigned k = 0; k < n; k++) {
    Channel *c = fab_channel(e, tile, as[k]);
    uint64_t room = fab_room_at(e, tile, c, port);
    if (room > e->now) {
      c->buffers[port].starved = room == NEVER;
      if (room != NEVER)
        sched_at(e, room, PHASE_OUT, tile);
      return false;
    }
  }
  for (unsigned k = 0; k < n; k++) {
    Channel *c = fab_channel(e, tile, as[k]);
    if (e->trace)
      s->tag = TAG(fab_room_cause(e, tile, c, port, trace_written(e, s->tag), s->tag));
    fab_push(e, tile, c, port, *s);
  }
  return true;
}

bool fab_send(Emu *e, uint32_t tile, QueueEntry *w)
{
  uint32_t color = w->color;
  if (color >= MAX_COLORS || !fab_channel(e, tile, color)) {
    emu_fault(e, tile, FAULT_UNDEFINED, 0,
              "the core sends a wavelet of colour %u, for which this tile has no route; configure "
              "the colour here with rx = RAMP (@set_color_config)",
              color);
    return false;
  }
  Slot s = {.time = e->now + e->costs->result + e->costs->ramp_up,
            .word = w->word,
            .control = w->control,
            .advance = w->advance,
            .tag = w->tag};
  if (!enters(e, tile, color, DIR_RAMP, &s))
    return false;
  w->tag = s.tag;
  return true;
}

bool fab_inject(Emu *e, uint32_t tile, uint32_t color)
{
  Channel *c = fab_channel(e, tile, color);
  if (!c) {
    emu_fault(e, tile, FAULT_UNDEFINED, 0,
              "the host streams into colour %u, for which this tile has no route", color);
    return false;
  }
  uint32_t word;
  while (c->buffers[DIR_HOST].count < e->costs->router_buf && host_supply(e, tile, color, &word)) {
    uint32_t tag = e->trace ? trace_host_wavelet(e, tile) : 0;
    if (e->trace)
      tag = fab_room_cause(e, tile, c, DIR_HOST, trace_host_began(e), tag);
    fab_push(e, tile, c, DIR_HOST, (Slot){.time = e->now + 1, .word = word, .tag = TAG(tag)});
    if (e->trace)
      trace_release(e, tag);
  }
  return true;
}

void fab_retry(Emu *e, uint32_t tile)
{
  sched_at(e, e->now, PHASE_ARRIVE, tile);
}

bool fab_occupied(const Emu *e)
{
  return e->fabric->occupied != 0;
}

uint64_t emu_link_wavelets(const Emu *e, uint32_t x, uint32_t y, Dir d)
{
  return x < e->width && y < e->height ? router_at(e->fabric, tile_at(e, x, y))->sent[d] : 0;
}

uint64_t emu_hops(const Emu *e)
{
  return e->fabric->hops;
}
