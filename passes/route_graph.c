// Flow of one colour over the grid; see route_graph.h.
#include "passes/route_graph.h"
#include "support/diag.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

#define SIDES DIR_RAMP // the four links come first
enum { FAULTS = FAULT_LOOP + 1 };

typedef struct Flow {
  const RouteGrid *g;
  uint32_t color;
  const uint32_t *may_send;    // per tile, or NULL: everyone may
  Route *routes;               // per route set, decoded
  uint8_t *certain, *possible; // per tile: inputs (DIR_BIT) that wavelets arrive at
  uint8_t *state;              // per tile, for the search of circles: 0 new, 1 on the path, 2 done
  size_t *work;                // stb_ds: tiles whose inputs changed
  RouteFinding first[FAULTS];
  size_t count[FAULTS];
} Flow;

static const Route *route_at(const Flow *f, size_t tile)
{
  return &f->routes[f->g->tile_set[tile]];
}

bool route_is_static(const Route *r)
{
  return !r->valid[1] && !r->valid[2] && !r->valid[3] && !r->teardown && !r->swap_x && !r->swap_y;
}

static bool is_static(const Flow *f, size_t tile)
{
  return route_is_static(route_at(f, tile)) && !f->g->rewrites[tile];
}

static bool neighbour(const Flow *f, size_t tile, Dir d, size_t *out)
{
  uint32_t x = (uint32_t)(tile % f->g->width), y = (uint32_t)(tile / f->g->width);
  int64_t nx = (int64_t)x + dir_dx(d), ny = (int64_t)y + dir_dy(d);
  if (nx < 0 || ny < 0 || nx >= f->g->width || ny >= f->g->height)
    return false;
  *out = (size_t)ny * f->g->width + (size_t)nx;
  return true;
}

static uint8_t all_rx(const Route *r)
{
  uint8_t rx = 0;
  for (unsigned k = 0; k < 4; k++)
    rx |= r->valid[k] ? r->rx[k] : 0;
  return rx;
}

static void find(Flow *f, RouteFault fault, size_t tile, Dir from, Dir other)
{
  if (f->count[fault]++ == 0)
    f->first[fault] = (RouteFinding){fault,
                                     (uint8_t)f->color,
                                     (uint32_t)(tile % f->g->width),
                                     (uint32_t)(tile / f->g->width),
                                     from,
                                     other};
}

static void arrive(Flow *f, size_t tile, Dir side, bool certain)
{
  uint8_t old = f->certain[tile] | f->possible[tile];
  f->possible[tile] |= DIR_BIT(side);
  bool news = !(old & DIR_BIT(side));
  if (certain && !(f->certain[tile] & DIR_BIT(side))) {
    f->certain[tile] |= DIR_BIT(side);
    news = true;
  }
  if (news)
    arrput(f->work, tile);
}

// ---- flow ----

static void start_sources(Flow *f)
{
  size_t tiles = (size_t)f->g->width * f->g->height;
  for (size_t i = 0; i < tiles; i++) {
    uint8_t rx = all_rx(route_at(f, i));
    bool sends = f->g->sends[i] >> f->color & 1;
    bool may = !f->may_send || f->may_send[i] >> f->color & 1;
    if (rx & DIR_BIT(DIR_RAMP) && may)
      arrive(f, i, DIR_RAMP, sends && is_static(f, i));
    if (rx & DIR_BIT(DIR_HOST))
      arrive(f, i, DIR_HOST, !f->may_send && is_static(f, i));
  }
}

// What one position lets through.
static void forward(Flow *f, size_t tile, uint8_t rx, uint8_t tx, bool fixed)
{
  bool certain = fixed && f->certain[tile] & rx;
  if (!(f->possible[tile] & rx))
    return;
  for (Dir d = 0; d < SIDES; d++) {
    size_t next;
    if (!(tx & DIR_BIT(d)) || !neighbour(f, tile, d, &next))
      continue; // past the edge of the rectangle: allowed (language 11.3)
    Dir side = dir_opposite(d);
    if (all_rx(route_at(f, next)) & DIR_BIT(side))
      arrive(f, next, side, certain && is_static(f, next));
  }
}

static void spread(Flow *f)
{
  while (arrlen(f->work)) {
    size_t tile = arrpop(f->work);
    const Route *r = route_at(f, tile);
    bool fixed = is_static(f, tile);
    for (unsigned k = 0; k < 4; k++)
      if (r->valid[k])
        forward(f, tile, r->rx[k], r->tx[k], fixed);
  }
}

// ---- findings ----

static void check_outputs(Flow *f, size_t tile)
{
  const Route *r = route_at(f, tile);
  if (!is_static(f, tile) || !(f->certain[tile] & r->rx[0]))
    return;
  for (Dir d = 0; d < SIDES; d++) {
    size_t next;
    if (!(r->tx[0] & DIR_BIT(d)) || !neighbour(f, tile, d, &next))
      continue;
    bool fixed = is_static(f, next) || all_rx(route_at(f, next)) == 0;
    if (fixed && !f->g->rewrites[next] && !(all_rx(route_at(f, next)) & DIR_BIT(dir_opposite(d))))
      find(f, FAULT_NOWHERE, tile, d, d);
  }
}

// Two inputs of one position that wavelets arrive at.
static bool two_of(uint8_t set, Dir *a, Dir *b)
{
  unsigned n = 0;
  for (Dir d = 0; d < DIR_COUNT; d++)
    if (set & DIR_BIT(d)) {
      *(n ? b : a) = d;
      if (++n == 2)
        return true;
    }
  return false;
}

static void check_inputs(Flow *f, size_t tile)
{
  const Route *r = route_at(f, tile);
  Dir a, b;
  if (is_static(f, tile) && two_of(f->certain[tile] & r->rx[0], &a, &b)) {
    find(f, FAULT_TWO_SENDERS, tile, a, b);
    return;
  }
  for (unsigned k = 0; k < 4; k++)
    if (r->valid[k] && two_of(f->possible[tile] & r->rx[k], &a, &b)) {
      find(f, FAULT_MAY_MEET, tile, a, b);
      return;
    }
}

// Next tile after the `n`-th link of a certain flow; false if there are no more links.
static bool certain_step(const Flow *f, size_t tile, unsigned *n, size_t *next)
{
  const Route *r = route_at(f, tile);
  while (*n < SIDES) {
    Dir d = (Dir)(*n)++;
    if (r->tx[0] & DIR_BIT(d) && neighbour(f, tile, d, next) &&
        f->certain[*next] & DIR_BIT(dir_opposite(d)))
      return true;
  }
  return false;
}

typedef struct Frame {
  size_t tile;
  unsigned link;
} Frame;

static void search_circle(Flow *f, size_t start)
{
  Frame *path = NULL;
  arrput(path, ((Frame){start, 0}));
  f->state[start] = 1;
  while (arrlen(path)) {
    size_t tile = arrlast(path).tile, next;
    if (!certain_step(f, tile, &arrlast(path).link, &next)) {
      f->state[tile] = 2;
      (void)arrpop(path);
    } else if (f->state[next] == 1) {
      find(f, FAULT_LOOP, next, DIR_RAMP, DIR_RAMP);
    } else if (f->state[next] == 0) {
      f->state[next] = 1;
      arrput(path, ((Frame){next, 0}));
    }
  }
  arrfree(path);
}

static void check_tiles(Flow *f)
{
  size_t tiles = (size_t)f->g->width * f->g->height;
  for (size_t i = 0; i < tiles; i++) {
    if (!f->possible[i])
      continue;
    check_outputs(f, i);
    check_inputs(f, i);
    if (f->certain[i] && f->state[i] == 0)
      search_circle(f, i);
  }
}

static bool decode(Flow *f)
{
  size_t tiles = (size_t)f->g->width * f->g->height, sets = 0;
  for (size_t i = 0; i < tiles; i++)
    sets = f->g->tile_set[i] >= sets ? f->g->tile_set[i] + 1u : sets;
  arrsetlen(f->routes, sets);
  for (size_t i = 0; i < sets; i++)
    if (!route_decode(f->g->words[i * f->g->colors + f->color], &f->routes[i]))
      return false;
  return true;
}

bool route_graph_check(const RouteGrid *g, uint32_t color,
                       void (*found)(const RouteFinding *f, size_t more, void *arg), void *arg)
{
  Flow f = {.g = g, .color = color};
  size_t tiles = (size_t)g->width * g->height;
  bool ok = decode(&f);
  f.certain = mem_zeroed(tiles + 1, 3);
  f.possible = f.certain + tiles;
  f.state = f.possible + tiles;
  if (ok) {
    start_sources(&f);
    spread(&f);
    check_tiles(&f);
  }
  for (int k = 0; k < FAULTS; k++)
    if (f.count[k])
      found(&f.first[k], f.count[k] - 1, arg);
  free(f.certain);
  arrfree(f.routes);
  arrfree(f.work);
  return ok;
}

bool route_graph_arrivals(const RouteGrid *g, uint32_t color, const uint32_t *may_send,
                          uint8_t *certain, uint8_t *possible)
{
  Flow f = {.g = g, .color = color, .may_send = may_send, .certain = certain, .possible = possible};
  size_t tiles = (size_t)g->width * g->height;
  bool ok = decode(&f);
  memset(certain, 0, tiles);
  memset(possible, 0, tiles);
  if (ok) {
    start_sources(&f);
    spread(&f);
  }
  arrfree(f.routes);
  arrfree(f.work);
  return ok;
}
