// The fabric: routes of all tiles, state of the busy ones, and its entries for core and host port
// (internal.h).
#include "emulator/router.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

uint32_t fab_pool_take(Pool *p, uint32_t n)
{
  uint32_t end = (uint32_t)arrlen(p->chunks) * POOL_CHUNK;
  if (p->used + n > end) {
    char *chunk = calloc(POOL_CHUNK, p->size);
    if (!chunk)
      PANIC("out of memory");
    arrput(p->chunks, chunk);
    p->used = end ? end : 1; // number 0 means none
  }
  uint32_t first = p->used;
  p->used += n;
  return first;
}

static void pool_free(Pool *p)
{
  for (ptrdiff_t i = 0; i < arrlen(p->chunks); i++)
    free(p->chunks[i]);
  arrfree(p->chunks);
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
      arrput(f->routes, r);
      arrput(f->configured, img->route_sets[set].words[c] != 0);
    }
  }
  return true;
}

bool fab_new(Emu *e, Diags *diags)
{
  Fabric *f = calloc(1, sizeof *f);
  if (!f)
    PANIC("out of memory");
  e->fabric = f;
  f->routers.size = sizeof(Router);
  f->channels.size = sizeof(Channel);
  f->slots.size = sizeof(Slot);
  f->filters.size = sizeof(FilterState);
  f->router_of = calloc(e->n_tiles, sizeof *f->router_of);
  if (!f->router_of)
    PANIC("out of memory");
  return decode_routes(f, e->img, diags);
}

void fab_free(Emu *e)
{
  Fabric *f = e->fabric;
  if (!f)
    return;
  arrfree(f->routes);
  arrfree(f->configured);
  free(f->router_of);
  pool_free(&f->routers);
  pool_free(&f->channels);
  pool_free(&f->slots);
  pool_free(&f->filters);
  free(f);
  e->fabric = NULL;
}

void fab_start(Emu *e)
{
  // Routers come to life with their first wavelet; their start state is that of the route words.
  (void)e;
}

Router *fab_router(Emu *e, uint32_t tile)
{
  Fabric *f = e->fabric;
  if (f->router_of[tile] == 0)
    f->router_of[tile] = fab_pool_take(&f->routers, 1);
  return router_at(f, tile);
}

Channel *fab_channel(Emu *e, uint32_t tile, unsigned color)
{
  Fabric *f = e->fabric;
  Router *r = fab_router(e, tile);
  if (r->channel[color])
    return channel_at(f, r->channel[color]);
  uint32_t route = e->img->tile_routes[tile] * MAX_COLORS + color;
  if (!f->configured[route])
    return NULL;
  r->channel[color] = fab_pool_take(&f->channels, 1);
  Channel *c = channel_at(f, r->channel[color]);
  c->route = route;
  c->color = (uint8_t)color;
  c->position = f->routes[route].current;
  c->teardown = f->routes[route].teardown;
  return c;
}

uint32_t fab_neighbour(const Emu *e, uint32_t tile, Dir d)
{
  uint32_t x = tile % e->width + (uint32_t)dir_dx(d), y = tile / e->width + (uint32_t)dir_dy(d);
  return x < e->width && y < e->height ? tile_at(e, x, y) : NO_TILE;
}

static bool enters(Emu *e, uint32_t tile, unsigned color, Dir port, Slot s)
{
  uint8_t as[2];
  unsigned n = fab_received_as(e, tile, color, port, as);
  for (unsigned k = 0; k < n; k++) {
    Channel *c = fab_channel(e, tile, as[k]);
    uint64_t room = fab_room_at(e, c, port);
    if (room > e->now) {
      c->buffers[port].starved = room == NEVER;
      if (room != NEVER)
        sched_at(e, room, PHASE_OUT, tile);
      return false;
    }
  }
  for (unsigned k = 0; k < n; k++)
    fab_push(e, tile, fab_channel(e, tile, as[k]), port, s);
  return true;
}

bool fab_send(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, bool advance)
{
  if (color >= MAX_COLORS || !fab_channel(e, tile, color)) {
    emu_fault(e, tile, FAULT_UNDEFINED, 0,
              "the core sends a wavelet of colour %u, for which this tile has no route; configure "
              "the colour here with rx = RAMP (@set_color_config)",
              color);
    return false;
  }
  Slot s = {e->now + e->costs->ramp_up, word, control, advance};
  return enters(e, tile, color, DIR_RAMP, s);
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
  while (c->buffers[DIR_HOST].count < e->costs->router_buf && host_supply(e, tile, color, &word))
    fab_push(e, tile, c, DIR_HOST, (Slot){.time = e->now + 1, .word = word});
  return true;
}

void fab_collect(Emu *e, uint32_t tile, uint32_t color)
{
  (void)color;
  sched_at(e, e->now, PHASE_ARRIVE, tile);
}

void fab_retry(Emu *e, uint32_t tile, uint32_t color)
{
  (void)color;
  sched_at(e, e->now, PHASE_ARRIVE, tile);
}

// A switch position that a wavelet moves is in force at its router's next step; nothing is pending
// in between.
void fab_route(Emu *e, uint32_t tile)
{
  (void)e;
  (void)tile;
}

bool fab_occupied(const Emu *e)
{
  return e->fabric->occupied != 0;
}

uint64_t emu_hops(const Emu *e)
{
  return e->fabric->hops;
}

// Routes, switches and filters have no registers yet; the caller reports the address.
bool fab_cfg_read(Emu *e, uint32_t tile, uint32_t address, uint32_t *value)
{
  (void)e, (void)tile, (void)address, (void)value;
  return false;
}

bool fab_cfg_write(Emu *e, uint32_t tile, uint32_t address, uint32_t value)
{
  (void)e, (void)tile, (void)address, (void)value;
  return false;
}
