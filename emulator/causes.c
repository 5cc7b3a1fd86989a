// What determined when something happened: each task, operation and wavelet knows the one thing
// that it had to wait for last. From the last event of a run these lead back to its beginning: the
// critical path.
//
// A cause lives while somebody may still ask for it: it is counted by those that name it.
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>

void causes_new(Emu *e)
{
  Causes *c = mem_zeroed(1, sizeof *c);
  c->tiles = mem_zeroed(e->n_tiles, sizeof *c->tiles);
  c->activated = mem_zeroed((size_t)e->n_tiles * TASK_IDS, sizeof *c->activated);
  c->room_in = mem_zeroed((size_t)e->n_tiles * MAX_QUEUES, sizeof *c->room_in);
  c->room_out = mem_zeroed((size_t)e->n_tiles * MAX_QUEUES, sizeof *c->room_out);
  c->fifo_data = mem_zeroed(e->n_fifos + 1, sizeof *c->fifo_data);
  c->fifo_room = mem_zeroed(e->n_fifos + 1, sizeof *c->fifo_room);
  arraddnindex(c->all, 1);
  e->trace->causes = c;
}

void causes_free(Emu *e)
{
  Causes *c = e->trace->causes;
  if (!c)
    return;
  arrfree(c->all);
  free(c->tiles);
  free(c->activated);
  free(c->room_in);
  free(c->room_out);
  free(c->fifo_data);
  free(c->fifo_room);
  free(c);
}

uint32_t cause_new(Emu *e, Cause v)
{
  Causes *c = e->trace->causes;
  if (!c)
    return 0;
  uint32_t n = c->free;
  if (n)
    c->free = c->all[n].before;
  else if (arrlen(c->all) < CAUSES_MAX)
    n = (uint32_t)arraddnindex(c->all, 1);
  if (!n) {
    c->lost = true;
    return 0;
  }
  v.refs = 1;
  c->all[n] = v;
  cause_hold(e, v.before);
  return n;
}

void cause_hold(Emu *e, uint32_t n)
{
  if (n)
    e->trace->causes->all[n].refs++;
}

void cause_release(Emu *e, uint32_t n)
{
  Causes *c = e->trace->causes;
  while (n && --c->all[n].refs == 0) {
    uint32_t before = c->all[n].before;
    c->all[n].before = c->free;
    c->free = n;
    n = before;
  }
}

void cause_set(Emu *e, uint32_t *where, uint32_t n)
{
  uint32_t old = *where;
  cause_hold(e, n);
  *where = n;
  cause_release(e, old);
}

uint32_t cause_context(const Emu *e, uint32_t tile)
{
  const Causes *c = e->trace->causes;
  return e->phase == PHASE_THREAD ? c->acting : c->tiles[tile].now;
}

void cause_ended(Emu *e, uint32_t n, uint64_t cycle)
{
  Causes *c = e->trace->causes;
  if (!n)
    return;
  c->all[n].end = cycle;
  if (!c->last || cycle >= c->all[c->last].end)
    cause_set(e, &c->last, n);
}

uint32_t cause_again(Emu *e, uint32_t n, uint32_t before)
{
  Cause v = e->trace->causes->all[n];
  v.before = before;
  v.begin = v.end = e->now;
  return cause_new(e, v);
}

// ---- waiting for room ----

// In place of a tag that the caller holds, one that goes on because of `before`.
static uint32_t go_on(Emu *e, uint32_t tag, uint32_t before)
{
  uint32_t n = tag && before ? cause_again(e, tag, before) : 0;
  if (!n)
    return tag;
  cause_release(e, tag);
  return n;
}

uint32_t trace_room(Emu *e, uint32_t tag, uint64_t ready, uint64_t free_at, uint32_t by)
{
  return e->trace->causes && ready < free_at ? go_on(e, tag, by) : tag;
}

uint64_t trace_written(const Emu *e, uint32_t tag)
{
  const Causes *c = e->trace->causes;
  return c ? c->all[tag].begin : NEVER;
}

uint64_t trace_host_began(const Emu *e)
{
  const Causes *c = e->trace->causes;
  return c ? c->all[c->host].begin : NEVER;
}

void trace_makes_room(Emu *e, uint32_t tile, uint32_t queue)
{
  Causes *c = e->trace->causes;
  if (!c)
    return;
  const Tile *t = &e->tiles[tile];
  const TileCause *at = &c->tiles[tile];
  unsigned user = e->queues[t->queues].in[queue].user;
  uint32_t thread = user == 0 ? 0 : user == MAX_UTS + 1 ? t->main_op : t->uts[user - 1];
  // A data task that starts now could not before the last one was over.
  uint32_t who = thread ? e->threads[thread].cause : t->state == MAIN_IDLE ? at->last : at->now;
  cause_set(e, &c->room_in[(size_t)tile * MAX_QUEUES + queue], who);
}

uint32_t trace_enters(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag)
{
  Causes *c = e->trace->causes;
  if (!c)
    return tag;
  uint32_t *room = &c->room_in[(size_t)tile * MAX_QUEUES + queue];
  tag = go_on(e, tag, *room);
  cause_set(e, room, 0);
  return tag;
}

void trace_left(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag)
{
  Causes *c = e->trace->causes;
  if (c)
    cause_set(e, &c->room_out[(size_t)tile * MAX_QUEUES + queue], tag);
}

void trace_fifo_put(Emu *e, uint32_t fifo)
{
  Causes *c = e->trace->causes;
  if (c)
    cause_set(e, &c->fifo_data[fifo], c->acting);
}

void trace_fifo_took(Emu *e, uint32_t fifo)
{
  Causes *c = e->trace->causes;
  if (c)
    cause_set(e, &c->fifo_room[fifo], c->acting);
}

uint32_t trace_host_takes(Emu *e, uint32_t tag, uint64_t ready)
{
  Causes *c = e->trace->causes;
  if (!c)
    return tag;
  if (c->host && ready < c->all[c->host].begin)
    tag = go_on(e, tag, c->host);
  cause_ended(e, tag, e->now);
  return tag;
}

// ---- the critical path ----

static EmuStep step_of(const Emu *e, const Cause *v, uint64_t until)
{
  static const EmuStepKind kinds[] = {EMU_STEP_HOST, EMU_STEP_TASK, EMU_STEP_OPERATION,
                                      EMU_STEP_WAVELET};
  EmuStep s = {.kind = kinds[v->kind], .begin = v->begin};
  s.cycles = until > v->begin ? until - v->begin : 0;
  if (v->kind == CAUSE_HOST || v->tile >= e->n_tiles)
    return s;
  s.x = v->tile % e->width;
  s.y = v->tile / e->width;
  if (v->kind == CAUSE_WAVELET)
    s.color = v->y;
  uint32_t cls = e->tiles[v->tile].cls;
  if (cls == NO_CLASS || !v->pc)
    return s;
  const ImageClass *img = e->classes[cls].img;
  const ImageSymbol *symbol = image_symbol_at(img, v->pc);
  s.function = symbol ? symbol->name : NULL;
  s.place = v->kind == CAUSE_TASK ? image_function_line(img, v->pc) : (ImagePlace){0};
  if (!s.place.file)
    s.place = image_user_line(img, v->pc);
  if (v->kind == CAUSE_OPERATION)
    s.operation = isa_dsd((DsdOp)v->y)->name;
  return s;
}

bool emu_critical_path(const Emu *e, void (*step)(void *arg, const EmuStep *s), void *arg)
{
  const Causes *c = e->trace ? e->trace->causes : NULL;
  if (!c)
    return false;
  uint64_t until = c->last ? c->all[c->last].end : 0;
  for (uint32_t n = c->last; n; n = c->all[n].before) {
    const Cause *v = &c->all[n];
    EmuStep s = step_of(e, v, until);
    step(arg, &s);
    if (v->begin < until)
      until = v->begin;
  }
  return !c->lost;
}
