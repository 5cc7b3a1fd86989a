// The emulator as a whole: slabs for all tiles, the run loop, faults, and what can be seen from
// outside.
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

enum { HUGE_PAGE = 2 << 20, POLL_CYCLES = 1024 };

// ---- creation ----

static bool make_classes(Emu *e, Diags *diags)
{
  e->n_classes = (uint32_t)arrlen(e->img->classes);
  e->classes = mem_zeroed(e->n_classes + 1, sizeof *e->classes);
  for (uint32_t i = 0; i < e->n_classes; i++) {
    EmuClass *c = &e->classes[i];
    c->img = &e->img->classes[i];
    if (!setup_class(c, e->arch, diags))
      return false;
    decode_class(e->costs, c);
  }
  return true;
}

// Memory that is zero and costs nothing until it is touched. With huge pages a cold tile is a cache
// miss, not a page walk.
static void *slab(size_t bytes)
{
  if (bytes == 0)
    bytes = 1;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED)
    return NULL;
  if (bytes >= HUGE_PAGE)
    madvise(p, bytes, MADV_HUGEPAGE);
  return p;
}

static void free_slab(void *p, size_t bytes)
{
  if (p)
    munmap(p, bytes ? bytes : 1);
}

typedef struct Needs { // of all tiles together
  size_t memory, dsrs, xdsrs, fifos;
} Needs;

// Gives each tile its parts of the slabs, in order.
static Needs place_tiles(Emu *e)
{
  Needs n = {0};
  for (uint32_t i = 0; i < e->n_tiles; i++) {
    Tile *t = &e->tiles[i];
    t->cls = e->img->tile_class[i];
    t->pick_at = NEVER;
    t->last_channel = TASK_IDS - 1;
    t->slot_taken = NEVER;
    t->memory = (uint32_t)(n.memory / 16);
    t->dsrs = (uint32_t)n.dsrs;
    t->xdsrs = (uint32_t)n.xdsrs;
    t->fifos = (uint32_t)n.fifos;
    if (t->cls == NO_CLASS)
      continue;
    const EmuClass *c = &e->classes[t->cls];
    t->private_bytes = c->img->private_bytes;
    n.memory += t->private_bytes;
    n.dsrs += c->n_dsrs;
    n.xdsrs += c->n_xdsrs;
    n.fifos += c->n_fifos;
  }
  return n;
}

static bool make_tiles(Emu *e, Diags *diags)
{
  e->n_tiles = e->width * e->height;
  e->tiles = slab(e->n_tiles * sizeof *e->tiles);
  e->cold = slab(e->n_tiles * sizeof *e->cold);
  e->stats = slab(e->n_tiles * sizeof *e->stats);
  if (!e->tiles || !e->cold || !e->stats)
    return false;
  Needs n = place_tiles(e);
  e->memory_bytes = n.memory;
  e->memory = slab(n.memory);
  e->dsrs = calloc(n.dsrs + 1, sizeof *e->dsrs);
  e->xdsrs = calloc(n.xdsrs + 1, sizeof *e->xdsrs);
  e->n_fifos = n.fifos;
  e->fifos = calloc(n.fifos + 1, sizeof *e->fifos);
  arrput(e->queues, (TileQueues){0});
  arrput(e->regs, (RegFile){0});
  arrput(e->threads, (Thread){0});
  if (e->memory && e->dsrs && e->xdsrs && e->fifos)
    return true;
  DIAG_AT(diags, emu_memory, (SrcRange){0}, e->n_tiles, n.memory);
  return false;
}

static bool choose_timing(Emu *e, Diags *diags)
{
  char bad[160];
  if (costs_choose(e->img->arch, e->opt.timing, &e->timing, bad, sizeof bad))
    return true;
  DIAG_AT(diags, emu_timing, (SrcRange){0}, bad);
  return false;
}

Emu *emu_new(const Image *img, const EmuOptions *opt, Diags *diags)
{
  Emu *e = mem_zeroed(1, sizeof *e);
  e->img = img;
  e->arch = arch_get(img->arch);
  e->costs = &e->timing;
  e->opt = *opt;
  e->width = img->width;
  e->height = img->height;
  sched_init(e);
  if (choose_timing(e, diags) && make_classes(e, diags) && make_tiles(e, diags) &&
      fab_new(e, diags) && host_new(e, diags) && log_new(e) && trace_new(e, diags)) {
    setup_memory(e);
    return e;
  }
  emu_free(e);
  return NULL;
}

void emu_end(Emu *e)
{
  trace_end(e);
  log_summary(e);
}

void emu_free(Emu *e)
{
  if (!e)
    return;
  trace_free(e);
  log_free(e);
  host_free(e);
  fab_free(e);
  sched_free(e);
  for (uint32_t i = 0; e->classes && i < e->n_classes; i++) {
    decode_free(&e->classes[i]);
    arrfree(e->classes[i].fifos);
  }
  free(e->classes);
  free_slab(e->tiles, e->n_tiles * sizeof *e->tiles);
  free_slab(e->cold, e->n_tiles * sizeof *e->cold);
  free_slab(e->stats, e->n_tiles * sizeof *e->stats);
  free_slab(e->memory, e->memory_bytes);
  free(e->dsrs);
  free(e->xdsrs);
  free(e->fifos);
  arrfree(e->queues);
  arrfree(e->regs);
  arrfree(e->free_regs);
  arrfree(e->threads);
  free(e->message);
  free(e);
}

void emu_start(Emu *e)
{
  for (uint32_t i = 0; i < e->n_tiles && !e->stopped; i++)
    if (e->tiles[i].cls != NO_CLASS)
      setup_tile(e, i);
}

// ---- the run loop ----

const char *emu_message(Emu *e)
{
  if (!e->stopped) {
    free(e->message);
    e->message = report_waits(e);
  }
  return e->message ? e->message : "";
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

uint32_t emu_hottest_tile(const Emu *e)
{
  uint32_t hottest = 0;
  for (uint32_t i = 1; i < e->n_tiles; i++)
    if (e->stats[i].busy > e->stats[hottest].busy)
      hottest = i;
  return hottest;
}

uint32_t emu_latest_pc(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (t->cls == NO_CLASS)
    return 0;
  const EmuClass *c = &e->classes[t->cls];
  if (t->state != MAIN_IDLE)
    return t->pc;
  switch ((TaskKind)t->task_kind) {
  case TASK_KIND_LOCAL: return c->local_entry[t->task_id];
  case TASK_KIND_DATA: return c->data_entry[t->task_id];
  case TASK_KIND_CONTROL: return c->control_entry[t->task_id];
  default: return 0;
  }
}

const char *emu_function_of(const Emu *e, uint32_t tile)
{
  uint32_t pc = emu_latest_pc(e, tile);
  const ImageSymbol *s = pc ? image_symbol_at(e->classes[e->tiles[tile].cls].img, pc) : NULL;
  return s ? s->name : "";
}

typedef struct Watch {
  double last; // when progress was reported
  uint32_t countdown;
} Watch;

// True if the caller asks for a stop. Looks only now and then.
static bool poll(Emu *e, Watch *w)
{
  if (--w->countdown)
    return false;
  w->countdown = POLL_CYCLES;
  if (e->opt.interrupted && e->opt.interrupted(e->opt.arg))
    return true;
  double now = seconds();
  if (e->opt.progress && now - w->last >= e->opt.progress_seconds) {
    w->last = now;
    e->opt.progress(e->opt.arg, e->now, e->busy_tiles, emu_function_of(e, emu_hottest_tile(e)));
  }
  return false;
}

static EmuStop run_until(Emu *e, EmuTicket ticket, uint64_t end)
{
  Watch watch = {seconds(), POLL_CYCLES};
  log_suspend(e, false);
  for (;;) {
    if (e->stopped)
      return e->stop;
    if (ticket != EMU_TO_REST && emu_ticket_done(e, ticket))
      return EMU_DONE;
    uint64_t next = sched_next(e);
    if (host_settle(e, next))
      continue;
    if (next == NEVER)
      return EMU_REST;
    if (next >= end)
      return EMU_DONE;
    if (e->opt.max_cycles && next > e->opt.max_cycles)
      return EMU_CYCLE_LIMIT;
    if (poll(e, &watch))
      return EMU_INTERRUPTED;
    e->now = next;
    sched_run_cycle(e);
  }
}

EmuStop emu_run(Emu *e, EmuTicket ticket)
{
  EmuStop why = run_until(e, ticket, NEVER);
  log_flush(e);
  if (ticket == EMU_TO_REST)
    log_summary(e);
  return why;
}

EmuStop emu_run_before(Emu *e, uint64_t end)
{
  EmuStop why = run_until(e, EMU_TO_REST, end);
  log_flush(e);
  return why;
}

// ---- looking inside ----

uint64_t emu_cycle(const Emu *e)
{
  return e->now;
}

uint8_t *emu_tile_memory(Emu *e, uint32_t x, uint32_t y, uint32_t *bytes)
{
  if (x >= e->width || y >= e->height || e->tiles[tile_at(e, x, y)].cls == NO_CLASS)
    return NULL;
  const Tile *t = &e->tiles[tile_at(e, x, y)];
  *bytes = t->private_bytes;
  return tile_memory(e, t);
}

const Costs *emu_costs(const Emu *e)
{
  return e->costs;
}

EmuTileStats emu_tile_stats(const Emu *e, uint32_t x, uint32_t y)
{
  return x < e->width && y < e->height ? e->stats[tile_at(e, x, y)] : (EmuTileStats){0};
}
