// Event wheel: which tiles are visited in which phase of which cycle. The order of insertion does
// not matter: a bucket is visited in order of tile, each tile once.
#include "emulator/internal.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

void sched_init(Emu *e)
{
  memset(&e->wheel, 0, sizeof e->wheel);
  e->wheel.next = 0;
}

void sched_free(Emu *e)
{
  for (unsigned c = 0; c < WHEEL_CYCLES; c++)
    for (unsigned p = 0; p < PHASES; p++)
      arrfree(e->wheel.bucket[c][p]);
  arrfree(e->wheel.far);
}

// ---- what lies beyond the window: a heap by cycle ----

static void far_put(Wheel *w, FarEvent ev)
{
  arrput(w->far, ev);
  for (ptrdiff_t i = arrlen(w->far) - 1; i > 0;) {
    ptrdiff_t up = (i - 1) / 2;
    if (w->far[up].cycle <= w->far[i].cycle)
      return;
    FarEvent swap = w->far[up];
    w->far[up] = w->far[i];
    w->far[i] = swap;
    i = up;
  }
}

static FarEvent far_take(Wheel *w)
{
  FarEvent top = w->far[0], last = arrpop(w->far);
  ptrdiff_t n = arrlen(w->far), i = 0;
  if (n == 0)
    return top;
  for (ptrdiff_t child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && w->far[child + 1].cycle < w->far[child].cycle)
      child++;
    if (last.cycle <= w->far[child].cycle)
      break;
    w->far[i] = w->far[child];
    i = child;
  }
  w->far[i] = last;
  return top;
}

// ---- the window ----

static void near_put(Wheel *w, uint64_t cycle, uint32_t phase, uint32_t tile)
{
  uint32_t **b = &w->bucket[cycle % WHEEL_CYCLES][phase];
  if (arrlen(*b) && arrlast(*b) == tile)
    return;
  arrput(*b, tile);
  w->filled[cycle % WHEEL_CYCLES]++;
}

void sched_at(Emu *e, uint64_t cycle, Phase phase, uint32_t tile)
{
  Wheel *w = &e->wheel;
  if (cycle < e->now || (cycle == e->now && phase <= e->phase))
    cycle = e->now + 1;
  if (cycle < w->next)
    w->next = cycle;
  if (cycle < e->now + WHEEL_CYCLES)
    near_put(w, cycle, phase, tile);
  else
    far_put(w, (FarEvent){cycle, tile, (uint8_t)phase});
}

uint64_t sched_next(Emu *e)
{
  Wheel *w = &e->wheel;
  uint64_t c = w->next > e->now ? w->next : e->now;
  uint64_t limit = e->now + WHEEL_CYCLES;
  while (c < limit && !w->filled[c % WHEEL_CYCLES])
    c++;
  if (c == limit)
    c = NEVER;
  if (arrlen(w->far) && w->far[0].cycle < c)
    c = w->far[0].cycle;
  w->next = c == NEVER ? limit : c;
  return c;
}

static int by_tile(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

// In order and without doubles. Buckets are mostly filled in order already.
static size_t put_in_order(uint32_t *b, size_t n)
{
  bool sorted = true;
  for (size_t i = 1; i < n && sorted; i++)
    sorted = b[i - 1] < b[i];
  if (sorted)
    return n;
  qsort(b, n, sizeof *b, by_tile);
  size_t out = 1;
  for (size_t i = 1; i < n; i++)
    if (b[i] != b[out - 1])
      b[out++] = b[i];
  return out;
}

static void visit(Emu *e, Phase phase, uint32_t tile)
{
  static void (*const parts[PHASES])(Emu *, uint32_t) = {
      [PHASE_ROUTE] = fab_route,    [PHASE_LINK] = fab_link,  [PHASE_ARRIVE] = fab_arrive,
      [PHASE_THREAD] = thread_step, [PHASE_PICK] = task_pick, [PHASE_ISSUE] = core_issue,
      [PHASE_OUT] = queue_out};
  parts[phase](e, tile);
}

// Brings in what has come within reach of the window.
static void near_from_far(Emu *e)
{
  Wheel *w = &e->wheel;
  while (arrlen(w->far) && w->far[0].cycle < e->now + WHEEL_CYCLES) {
    FarEvent ev = far_take(w);
    near_put(w, ev.cycle, ev.phase, ev.tile);
  }
}

void sched_run_cycle(Emu *e)
{
  Wheel *w = &e->wheel;
  near_from_far(e);
  uint32_t slot = (uint32_t)(e->now % WHEEL_CYCLES);
  for (uint32_t p = 0; p < PHASES && !e->stopped; p++) {
    e->phase = (Phase)p;
    size_t n = arrlenu(w->bucket[slot][p]);
    if (n == 0)
      continue;
    n = put_in_order(w->bucket[slot][p], n);
    for (size_t i = 0; i < n && !e->stopped; i++)
      visit(e, (Phase)p, w->bucket[slot][p][i]);
    arrsetlen(w->bucket[slot][p], 0);
  }
  w->filled[slot] = 0;
  w->next = e->now + 1;
}
