// Task bits and the picker: which task runs next on an idle tile (machine 2.6, language 12.5).
#include "emulator/trace.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

typedef struct Candidate {
  uint32_t order; // the least is taken
  uint8_t kind, id, queue;
  bool found;
} Candidate;

static bool is_free(const Tile *t)
{
  return t->state == MAIN_IDLE && t->cls != NO_CLASS;
}

// An element executes pipe_fill cycles after its dispatch, from which task_pick counts: the task
// that an operation starts is picked as soon as its last element executes (machine 3.3).
static uint32_t pick_delay(const Emu *e)
{
  const Costs *k = e->costs;
  uint32_t passed = e->phase == PHASE_THREAD ? k->pipe_fill : 0;
  return k->task_pick > passed ? k->task_pick - passed : 0;
}

void task_wake(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  if (!is_free(t) || t->pick_at != NEVER)
    return;
  t->pick_at = e->now + pick_delay(e);
  if (t->pick_at == e->now && e->phase >= PHASE_PICK) // this cycle's pick has passed
    t->pick_at++;
  sched_at(e, t->pick_at, PHASE_PICK, tile);
}

void task_activate(Emu *e, uint32_t tile, uint32_t id)
{
  Tile *t = &e->tiles[tile];
  if (id >= TASK_IDS || !e->classes[t->cls].local_entry[id]) {
    emu_fault(e, tile, FAULT_PROGRAM, e->place,
              "task id %u is activated, but no local task is bound to it", id);
    return;
  }
  bool itself = t->state != MAIN_IDLE && t->task_kind == TASK_KIND_LOCAL && t->task_id == id;
  if (itself && !(t->active >> id & 1))
    t->polling |= 1ull << id;
  else
    t->polling &= ~(1ull << id);
  if (e->trace && !(t->active >> id & 1))
    trace_activate(e, tile, id);
  t->active |= 1ull << id;
  task_wake(e, tile);
}

// A colour or input queue is blocked through the bit of its data task (language 12.3, 14.6).
void task_block(Emu *e, uint32_t tile, uint32_t id, TargetKind kind, bool block)
{
  Tile *t = &e->tiles[tile];
  if (kind == TARGET_UT) {
    uint8_t bit = (uint8_t)(1u << (id & 7));
    t->ut_blocked = block ? t->ut_blocked | bit : t->ut_blocked & (uint8_t)~bit;
    thread_wake(e, tile);
    return;
  }
  uint64_t bit = 1ull << (id & (TASK_IDS - 1));
  t->blocked = block ? t->blocked | bit : t->blocked & ~bit;
  if (!block)
    task_wake(e, tile);
}

// ---- the picker ----

// High priority first. Within a level local tasks, lowest id first, before those that wavelets
// start; their channels take turns. The architecture leaves the order open, but programs live on
// it: one that reacts to wavelets loses an activation if the local tasks that clear up after them
// have to wait until no wavelet arrives any more, and one that counts completions by activating one
// task loses them if a task with a higher id goes before it. A task that activates itself polls: it
// has one turn after every start of another task, so that it sees what that one did before the next
// one builds on it, and else waits for all others (docs/emulator.md).
static uint32_t order_of(const Tile *t, TaskKind kind, uint32_t id)
{
  enum { LOCAL = TASK_IDS, WAVELET = 2 * TASK_IDS, POLLED = 3 * TASK_IDS, LOW = 4 * TASK_IDS };
  uint32_t low = t->high_priority >> id & 1 ? 0 : LOW;
  if (kind != TASK_KIND_LOCAL)
    return low + WAVELET + ((id - t->last_channel - 1) & (TASK_IDS - 1));
  if (!(t->polling >> id & 1))
    return low + LOCAL + id;
  if (!(t->polled >> id & 1))
    return low + id;
  return low + POLLED + ((id - t->last_polling - 1) & (TASK_IDS - 1));
}

static void consider(const Emu *e, const Tile *t, Candidate *best, TaskKind kind, uint32_t id,
                     uint32_t queue)
{
  uint32_t order = order_of(t, kind, id);
  if (e->opt.shuffle) // only the priorities are the architecture's
    order = (shuffled(e, (uint32_t)(t - e->tiles), (uint32_t)kind << 8 | id) & 0xffff) |
            (t->high_priority >> id & 1 ? 0 : 1u << 16);
  if (!best->found || order < best->order)
    *best = (Candidate){order, (uint8_t)kind, (uint8_t)id, (uint8_t)queue, true};
}

static void consider_local(const Emu *e, const Tile *t, Candidate *best)
{
  for (uint64_t ready = t->active & ~t->blocked; ready; ready &= ready - 1)
    consider(e, t, best, TASK_KIND_LOCAL, (uint32_t)__builtin_ctzll(ready), 0);
}

// Control tasks have a table of their own, of which each queue may have its part, or stand in the
// common one (machine 2.6 rule 6).
uint32_t task_of_control(const EmuClass *c, uint32_t queue, uint32_t *slot)
{
  if (c->control_stride) {
    *slot = (*slot + c->control_table[queue] * c->control_stride) & (TASK_IDS - 1);
    return c->control_entry[*slot];
  }
  uint32_t id = *slot;
  if (c->control_entry[id])
    return c->control_entry[id];
  return c->local_entry[id] ? c->local_entry[id] : c->data_entry[id];
}

// The task that a data wavelet starts: now and then the alternate of a rotating pair.
static uint32_t data_target(const EmuClass *c, TileCold *cold, uint32_t id)
{
  for (int i = 0; i < ROTATIONS; i++) {
    const Rotation *r = &c->rotation[i];
    if (!r->alternate || r->id != id)
      continue;
    if (cold->rotated[i] == r->limit) {
      cold->rotated[i] = 0;
      return r->alternate;
    }
    cold->rotated[i]++;
  }
  return c->data_entry[id];
}

static void consider_queues(const Emu *e, const Tile *t, Candidate *best)
{
  if (!t->queues)
    return;
  const TileQueues *qs = &e->queues[t->queues];
  for (uint32_t q = 0; q < e->arch->input_queues; q++) {
    const Queue *in = &qs->in[q];
    if (in->count == 0 || in->user || in->color == QUEUE_UNBOUND)
      continue;
    uint32_t id = e->arch->data_task_by_queue ? q : in->color;
    const QueueEntry *head = &qs->in_ring[q][in->head];
    if (!(t->blocked >> id & 1))
      consider(e, t, best, head->control ? TASK_KIND_CONTROL : TASK_KIND_DATA, id, q);
  }
}

static uint32_t take_registers(Emu *e)
{
  uint32_t r;
  if (arrlen(e->free_regs))
    r = arrpop(e->free_regs);
  else {
    r = (uint32_t)arrlen(e->regs);
    arraddnindex(e->regs, 1);
  }
  e->regs[r] = (RegFile){0};
  return r;
}

static void start(Emu *e, uint32_t tile, TaskKind kind, uint32_t id, uint32_t entry, uint32_t a0,
                  uint32_t a1)
{
  Tile *t = &e->tiles[tile];
  t->regs = take_registers(e);
  RegFile *r = &e->regs[t->regs];
  r->x[1] = TASK_RETURN_ADDRESS;
  r->x[2] = t->private_bytes;
  r->x[10] = a0;
  r->x[11] = a1;
  t->task_kind = (uint8_t)kind;
  t->task_id = (uint8_t)id;
  if (kind != TASK_KIND_HOST)
    e->cold[tile].ran[kind] |= 1ull << id;
  t->state = MAIN_RUN;
  t->pc = entry;
  t->clock = e->now + e->costs->task_entry_jump;
  t->slot_from = e->now;
  t->slot_busy = t->slot_used = 0;
  e->busy_tiles++;
  if (e->trace)
    trace_task(e, tile);
  sched_at(e, t->clock, PHASE_ISSUE, tile);
}

// A data wavelet without a task whose bits name a control task that is bound there.
static bool looks_like_control(const Emu *e, uint32_t tile, const QueueEntry *w, unsigned queue)
{
  uint32_t slot = ctrl_entry(w->word);
  return !w->control && slot && task_of_control(&e->classes[e->tiles[tile].cls], queue, &slot);
}

static void nobody_for(Emu *e, uint32_t tile, const QueueEntry *w, unsigned queue, unsigned id)
{
  if (w->control && id != ctrl_entry(w->word)) {
    emu_fault(
        e, tile, FAULT_PROGRAM, 0,
        "control wavelet 0x%08x on colour %u (input queue %u): no task is bound to control id "
        "%u, which is entry point %u in the table of this queue; bind one "
        "(@bind_control_task), or send entry point 31 or ce_ignore where no task is meant",
        w->word, w->color, queue, id, ctrl_entry(w->word));
    return;
  }
  if (looks_like_control(e, tile, w, queue)) {
    emu_fault(
        e, tile, FAULT_PROGRAM, 0,
        "data wavelet 0x%08x on colour %u (input queue %u): no task is bound to id %u, but it "
        "reads like a control wavelet for a task of this tile; give the fabout_dsd that "
        "sends it '.control = true'",
        w->word, w->color, queue, id);
    return;
  }
  emu_fault(e, tile, FAULT_PROGRAM, 0,
            "%s wavelet 0x%08x on colour %u (input queue %u): no task is bound to %s %u; %s",
            w->control ? "control" : "data", w->word, w->color, queue,
            w->control ? "control id" : "id", id,
            w->control ? "bind one (@bind_control_task), or send entry point 31 or ce_ignore where "
                         "no task is meant"
                       : "bind one (@bind_data_task), or do not unblock this channel");
}

// The wavelet at the head of a queue starts its task. A control wavelet without entry point is only
// taken away.
static void start_from_queue(Emu *e, uint32_t tile, const Candidate *c)
{
  const EmuClass *cls = &e->classes[e->tiles[tile].cls];
  QueueEntry w = queue_pop(e, tile, c->queue);
  uint32_t control = ctrl_entry(w.word), slot = control;
  uint32_t entry =
      w.control ? task_of_control(cls, c->queue, &slot) : data_target(cls, &e->cold[tile], c->id);
  if (entry)
    start(e, tile, (TaskKind)c->kind, w.control ? slot : c->id, entry, w.word, control);
  else if (w.control && control == TASK_ID_NONE)
    task_wake(e, tile);
  else
    nobody_for(e, tile, &w, c->queue, w.control ? slot : c->id);
}

// False: the host port had nothing for this tile after all.
static bool start_host(Emu *e, uint32_t tile)
{
  uint32_t entry = 0;
  HostTake got = host_take(e, tile, &entry);
  if (got == HOST_LAUNCH)
    start(e, tile, TASK_KIND_HOST, TASK_ID_HOST, entry, 0, 0);
  else if (got == HOST_DONE)
    task_wake(e, tile);
  return got != HOST_NOTHING;
}

// A waiting host command goes first: wavelets that the host streams after a copy must find what was
// copied.
static Candidate choose(const Emu *e, const Tile *t)
{
  if (t->host_pending && host_ready(e, (uint32_t)(t - e->tiles)))
    return (Candidate){.kind = TASK_KIND_HOST, .id = TASK_ID_HOST, .found = true};
  Candidate best = {0};
  consider_local(e, t, &best);
  consider_queues(e, t, &best);
  return best;
}

void task_pick(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  bool command = t->host_pending && t->pick_at == NEVER && host_ready(e, tile);
  if (t->pick_at != e->now && !command)
    return;
  t->pick_at = NEVER;
  e->place = 0;
  if (!is_free(t))
    return;
  Candidate best = choose(e, t);
  if (best.kind == TASK_KIND_HOST && !start_host(e, tile)) {
    t->host_pending = false;
    best = choose(e, t);
  }
  if (!best.found)
    return;
  if (best.kind == TASK_KIND_DATA || best.kind == TASK_KIND_CONTROL) {
    t->last_channel = best.id;
    t->polled = 0;
    start_from_queue(e, tile, &best);
  } else if (best.kind == TASK_KIND_LOCAL) {
    if (t->polling >> best.id & 1)
      t->last_polling = best.id;
    else
      t->polled = 0;
    t->polled |= 1ull << best.id;
    t->active &= ~(1ull << best.id);
    t->polling &= ~(1ull << best.id);
    start(e, tile, TASK_KIND_LOCAL, best.id, e->classes[t->cls].local_entry[best.id], 0, 0);
  }
}

// The pick that follows sees the bits of its own cycle, so it can be scheduled now even if the main
// thread has run ahead.
void task_end(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  if (e->trace)
    trace_task_end(e, tile);
  if (t->task_kind == TASK_KIND_HOST)
    host_returned(e, tile);
  arrput(e->free_regs, t->regs);
  t->regs = 0;
  t->state = MAIN_IDLE;
  t->pick_at = t->clock + e->costs->task_pick;
  if (t->pick_at <= e->now)
    t->pick_at = e->now + 1;
  e->busy_tiles--;
  sched_at(e, t->pick_at, PHASE_PICK, tile);
}
