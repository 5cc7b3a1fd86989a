// Event wheel: which tiles are visited in which phase of which cycle. The order of insertion does
// not matter: a bucket is visited in order of tile, each tile once.
#include "emulator/internal.h"
#include <stb/stb_ds.h>

// Visits between the first request for memory and its use.
enum { AHEAD = 8 };

void sched_init(Emu *e)
{
  memset(&e->wheel, 0, sizeof e->wheel);
}

void sched_free(Emu *e)
{
  for (unsigned c = 0; c < WHEEL_CYCLES; c++)
    for (unsigned p = 0; p < PHASES; p++)
      arrfree(e->wheel.bucket[c][p]);
  arrfree(e->wheel.far);
  arrfree(e->wheel.merged);
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
  w->filled[cycle % WHEEL_CYCLES / 64] |= 1ull << cycle % 64;
}

void sched_at(Emu *e, uint64_t cycle, Phase phase, uint32_t tile)
{
  Wheel *w = &e->wheel;
  if (cycle < e->now || (cycle == e->now && phase <= e->phase))
    cycle = e->now + 1;
  if (cycle < e->now + WHEEL_CYCLES)
    near_put(w, cycle, phase, tile);
  else
    far_put(w, (FarEvent){cycle, tile, (uint8_t)phase});
}

// First filled cycle of the window from `c` on, NEVER if there is none.
static uint64_t next_filled(const Wheel *w, uint64_t c)
{
  for (uint32_t i = 0; i <= WHEEL_CYCLES / 64; i++) {
    uint64_t word = w->filled[c % WHEEL_CYCLES / 64] >> c % 64;
    if (word)
      return c + (uint64_t)__builtin_ctzll(word);
    c = (c | 63) + 1;
  }
  return NEVER;
}

uint64_t sched_next(Emu *e)
{
  Wheel *w = &e->wheel;
  uint64_t c = next_filled(w, e->now);
  if (arrlen(w->far) && w->far[0].cycle < c)
    c = w->far[0].cycle;
  return c;
}

// End of the ascending run that starts at i.
static size_t run_end(const uint32_t *b, size_t i, size_t n)
{
  while (++i < n && b[i - 1] < b[i])
    ;
  return i;
}

// Merges two ascending runs that follow each other, without doubles. Returns the number written.
static size_t merge(const uint32_t *a, const uint32_t *a_end, const uint32_t *b,
                    const uint32_t *b_end, uint32_t *out)
{
  uint32_t *start = out;
  while (a < a_end && b < b_end) {
    uint32_t x = *a, y = *b;
    *out++ = x < y ? x : y;
    a += x <= y;
    b += y <= x;
  }
  while (a < a_end)
    *out++ = *a++;
  while (b < b_end)
    *out++ = *b++;
  return (size_t)(out - start);
}

// In order and without doubles. A bucket is a few ascending runs, one from each phase that filled
// it.
static size_t put_in_order(Wheel *w, uint32_t **bucket)
{
  size_t n = arrlenu(*bucket);
  while (run_end(*bucket, 0, n) < n) {
    arrsetlen(w->merged, n);
    size_t out = 0;
    for (size_t i = 0; i < n;) {
      const uint32_t *b = *bucket;
      size_t middle = run_end(b, i, n), end = middle < n ? run_end(b, middle, n) : n;
      out += merge(b + i, b + middle, b + middle, b + end, w->merged + out);
      i = end;
    }
    uint32_t *swap = *bucket;
    *bucket = w->merged;
    w->merged = swap;
    n = out;
    arrsetlen(*bucket, n);
  }
  return n;
}

static void visit(Emu *e, Phase phase, uint32_t tile)
{
  static void (*const parts[PHASES])(Emu *, uint32_t) = {
      [PHASE_LINK] = fab_link,  [PHASE_ARRIVE] = fab_arrive, [PHASE_THREAD] = thread_step,
      [PHASE_PICK] = task_pick, [PHASE_ISSUE] = core_issue,  [PHASE_OUT] = queue_out};
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

// ---- visiting ----

typedef struct Order { // of the n tiles of a bucket: every one once
  size_t n, at, step;
} Order;

static size_t common_divisor(size_t a, size_t b)
{
  while (b) {
    size_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Ascending; with EmuOptions.shuffle_tiles from somewhere on in steps that have no divisor with n.
static Order order_of(const Emu *e, uint32_t phase, size_t n)
{
  Order o = {n, 0, 1};
  if (!e->opt.shuffle_tiles || n < 2)
    return o;
  o.at = shuffled(e, phase, 0) % n;
  o.step = 1 + shuffled(e, phase, 1) % (n - 1);
  while (common_divisor(o.step, n) != 1)
    o.step++;
  return o;
}

static size_t next_in(Order *o)
{
  size_t at = o->at;
  o->at = (o->at + o->step) % o->n;
  return at;
}

void sched_run_cycle(Emu *e)
{
  Wheel *w = &e->wheel;
  near_from_far(e);
  uint32_t slot = (uint32_t)(e->now % WHEEL_CYCLES);
  for (uint32_t p = 0; p < PHASES && !e->stopped; p++) {
    e->phase = (Phase)p;
    size_t n = put_in_order(w, &w->bucket[slot][p]);
    Order order = order_of(e, p, n);
    for (size_t i = 0; i < n && !e->stopped; i++) {
      const uint32_t *b = w->bucket[slot][p] + next_in(&order);
      if (p == PHASE_LINK && i + AHEAD < n && !e->opt.shuffle_tiles)
        fab_prefetch(e, b[AHEAD], b[AHEAD / 2]);
      visit(e, (Phase)p, *b);
    }
    arrsetlen(w->bucket[slot][p], 0);
  }
  w->filled[slot / 64] &= ~(1ull << slot % 64);
}
