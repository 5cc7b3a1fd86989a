// Microthreads and synchronous operations with fabric or FIFO operands: one group of elements per
// cycle and tile. The main thread has its issue slots; a thread below it gets what is left of them
// (DESIGN 4.1 rule 2).
#include "emulator/trace.h"
#include <stb/stb_ds.h>

uint32_t thread_new(Emu *e)
{
  uint32_t n = e->free_thread;
  if (n) {
    e->free_thread = e->threads[n].next_free;
    return n;
  }
  arraddnindex(e->threads, 1);
  return (uint32_t)arrlen(e->threads) - 1;
}

void thread_wake(Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (t->ut_live || t->state == MAIN_OP)
    sched_at(e, e->now, PHASE_THREAD, tile);
  if (t->state == MAIN_WAIT)
    sched_at(e, e->now, PHASE_ISSUE, tile);
}

// Ranks of microthreads are 0, 2 and 4; the main thread takes an odd one in between, or yields to
// its equals.
static const uint8_t main_ranks[4] = {1, 2, 3, 5};

unsigned thread_main_level(const Tile *t)
{
  unsigned level = 0;
  while (main_ranks[level] != t->main_rank)
    level++;
  return level;
}

void thread_set_main_level(Tile *t, unsigned level)
{
  t->main_rank = main_ranks[level & 3];
}

// ---- is there something to do? ----

static uint32_t least(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

// Elements that only go together: those of one wavelet.
static uint32_t least_group(const Thread *th)
{
  return th->per_wavelet == 2 && th->remaining >= 2 ? 2 : 1;
}

static bool source_ready(Emu *e, const Tile *t, Thread *th, const Operand *o, uint32_t *n)
{
  if (o->kind == OP_FABIN && e->queues[t->queues].in[o->queue].count == 0)
    th->wait = WAIT_INPUT;
  else if (o->kind == OP_FIFO && e->fifos[t->fifos + o->queue].count < least_group(th))
    th->wait = WAIT_FIFO_DATA;
  else {
    if (o->kind == OP_FIFO)
      *n = least(*n, e->fifos[t->fifos + o->queue].count);
    return true;
  }
  th->wait_queue = o->queue;
  return false;
}

static bool dest_ready(Emu *e, const Tile *t, Thread *th, uint32_t *n)
{
  const Operand *o = &th->dest;
  if (o->kind == OP_FABOUT) {
    const Queue *q = &e->queues[t->queues].out[o->queue];
    if (q->count < q->depth)
      return true;
    th->wait = WAIT_OUTPUT;
  } else if (o->kind == OP_FIFO) {
    uint32_t room =
        e->classes[t->cls].fifos[o->queue].capacity - e->fifos[t->fifos + o->queue].count;
    *n = least(*n, room);
    if (room >= least_group(th))
      return true;
    th->wait = WAIT_FIFO_ROOM;
  } else
    return true;
  th->wait_queue = o->queue;
  return false;
}

// Fills th->wait. True if at least one group of elements (*n of them) can be issued now.
static bool thread_ready(Emu *e, uint32_t tile, Thread *th, uint32_t *n)
{
  const Tile *t = &e->tiles[tile];
  *n = least(th->remaining, th->group);
  th->wait = WAIT_NOTHING;
  if (th->ut < MAX_UTS && t->ut_blocked >> th->ut & 1) {
    th->wait = WAIT_BLOCKED;
    return false;
  }
  return source_ready(e, t, th, &th->a, n) && source_ready(e, t, th, &th->b, n) &&
         dest_ready(e, t, th, n);
}

// ---- elements ----

// What the operation that met an empty or full FIFO needs is there: its task starts (language 13.7,
// sdk-2.10 1.4).
static void fifo_event(Emu *e, uint32_t tile, uint16_t *wanted, uint32_t available, uint8_t task)
{
  if (!*wanted || available < *wanted)
    return;
  *wanted = 0;
  if (task != TASK_ID_NONE)
    task_activate(e, tile, task);
}

static bool fifo_read(Emu *e, uint32_t tile, const Window *w, const Operand *o, uint32_t *value)
{
  const Tile *t = &e->tiles[tile];
  const FifoInfo *info = &e->classes[t->cls].fifos[o->queue];
  Fifo *f = &e->fifos[t->fifos + o->queue];
  Operand at = {.kind = OP_MEM, .bytes = info->elem_bytes};
  at.address = (uint16_t)(info->base + f->head * info->elem_bytes);
  if (!operand_read(e, tile, w, &at, value))
    return false;
  f->head = (uint16_t)((f->head + 1) % info->capacity);
  f->count--;
  if (e->trace)
    trace_fifo_took(e, t->fifos + o->queue);
  fifo_event(e, tile, &f->want_room, (uint32_t)info->capacity - f->count, info->activate_pop);
  return true;
}

static bool fifo_write(Emu *e, uint32_t tile, const Window *w, const Operand *o, uint32_t value)
{
  const Tile *t = &e->tiles[tile];
  const FifoInfo *info = &e->classes[t->cls].fifos[o->queue];
  Fifo *f = &e->fifos[t->fifos + o->queue];
  Operand at = {.kind = OP_MEM, .bytes = info->elem_bytes};
  at.address = (uint16_t)(info->base + (f->head + f->count) % info->capacity * info->elem_bytes);
  if (!operand_write(e, tile, w, &at, value))
    return false;
  f->count++;
  if (e->trace)
    trace_fifo_put(e, t->fifos + o->queue);
  fifo_event(e, tile, &f->want_data, f->count, info->activate_push);
  return true;
}

// The next word of an input queue. control_transform marks what was a control wavelet in the upper
// bits of the index, and XORs the mask of the tile into the lower ones (language 13.8,
// machine 3.6).
static uint32_t received(Emu *e, uint32_t tile, const Operand *o)
{
  QueueEntry w = queue_pop(e, tile, o->queue);
  if (!o->transform)
    return w.word;
  w.word &= ~CONTROL_MARK;
  return w.control ? (w.word ^ (uint32_t)e->cold[tile].control_mask << 16) | CONTROL_MARK : w.word;
}

// Element i of a group. A fabric word is taken whole with its first element, `word` keeps it for
// the second.
static bool read_element(Emu *e, uint32_t tile, const Window *w, Operand *o, uint32_t i,
                         uint32_t *word, uint32_t *value)
{
  switch ((OperandKind)o->kind) {
  case OP_NONE: *value = 0; return true;
  case OP_SCALAR: *value = o->scalar; return true;
  case OP_FIFO: return fifo_read(e, tile, w, o, value);
  case OP_FABIN:
    if (i == 0)
      *word = received(e, tile, o);
    *value = o->bytes == 4 ? *word : *word >> 16 * i & 0xffff;
    return true;
  default: return operand_read(e, tile, w, o, value);
  }
}

static bool clear_source(Emu *e, uint32_t tile, const Window *w, const Operand *before)
{
  Operand o = *before;
  if (o.kind != OP_MEM && o.kind != OP_MEM4 && o.kind != OP_CIRC)
    return true;
  return operand_write(e, tile, w, &o, 0);
}

static bool sources(Emu *e, uint32_t tile, const Window *w, Thread *th, uint32_t i,
                    uint32_t word[2], uint32_t value[2])
{
  Operand a = th->a, b = th->b;
  return read_element(e, tile, w, &th->a, i, &word[0], &value[0]) &&
         read_element(e, tile, w, &th->b, i, &word[1], &value[1]) &&
         (!th->zero_a || clear_source(e, tile, w, &a)) &&
         (!th->zero_b || clear_source(e, tile, w, &b));
}

// The wavelet that a group of results makes.
static void send_group(Emu *e, uint32_t tile, const Thread *th, const uint32_t *v, uint32_t n)
{
  const Operand *o = &th->dest;
  QueueEntry out = {.word = v[0],
                    .color = o->color,
                    .control = o->control,
                    .advance = o->advance && th->remaining == n};
  if (o->bytes == 2)
    out.word = n == 2 ? v[0] | v[1] << 16 : v[0] | o->scalar;
  if (o->transform) {
    out.control = (out.word & CONTROL_MARK) == CONTROL_MARK;
    out.word &= ~CONTROL_MARK;
  }
  queue_push(e, tile, o->queue, out);
}

bool thread_elements(Emu *e, uint32_t tile, Thread *th, uint32_t n)
{
  const Window w = tile_window(e, &e->tiles[tile]);
  uint32_t word[2], in[2], out[2] = {0};
  uint32_t mask = th->dest.bytes == 2 ? 0xffff : UINT32_MAX;
  for (uint32_t i = 0; i < n; i++) {
    if (!sources(e, tile, &w, th, i, word, in))
      return false;
    uint32_t v =
        dsd_eval((DsdOp)th->op, e->img->fp16, in[0], in[1], th->scalar, &e->tiles[tile].carry) &
        mask;
    if (e->tiles[tile].trapping && !exception_check_element(e, tile, th, in[0], in[1], v))
      return false;
    if (th->a.last_value)
      th->a.scalar = v;
    if (th->dest.kind == OP_FABOUT)
      out[i & 1] = v;
    else if (th->dest.kind == OP_FIFO) {
      if (!fifo_write(e, tile, &w, &th->dest, v))
        return false;
    } else if (!operand_write(e, tile, &w, &th->dest, v))
      return false;
  }
  if (th->dest.kind == OP_FABOUT)
    send_group(e, tile, th, out, n);
  return true;
}

// ---- the end of an operation ----

static void save_address(Emu *e, uint32_t tile, const Operand *o)
{
  if (o->kind != OP_MEM && o->kind != OP_MEM4 && o->kind != OP_CIRC)
    return;
  Dsr *d = dsd_register(e, tile, (DsrFile)o->file, o->number);
  if (d->cfg & CFG_SAVE_ADDRESS)
    d->lo = (d->lo & 0xffff0000u) | o->address;
}

void thread_save_addresses(Emu *e, uint32_t tile, const Thread *th)
{
  save_address(e, tile, &th->dest);
  save_address(e, tile, &th->a);
  save_address(e, tile, &th->b);
}

static void act(Emu *e, uint32_t tile, uint32_t action, uint32_t target, uint32_t kind)
{
  if (action == ACTION_ACTIVATE)
    task_activate(e, tile, target);
  else if (action == ACTION_UNBLOCK)
    task_block(e, tile, target, (TargetKind)kind, false);
}

void thread_completion(Emu *e, uint32_t tile, uint32_t cfg)
{
  act(e, tile, cfg >> CFG_ACTION_SHIFT & 3, cfg >> CFG_TARGET_SHIFT & 63,
      cfg >> CFG_KIND_SHIFT & 3);
}

static void release_queue(Emu *e, uint32_t tile, const Operand *o)
{
  if (o->kind != OP_FABIN && o->kind != OP_FABOUT)
    return;
  TileQueues *qs = queue_of(e, tile);
  Queue *q = o->kind == OP_FABOUT ? &qs->out[o->queue] : &qs->in[o->queue];
  q->user = 0;
  if (o->turns)
    q->color = QUEUE_UNBOUND;
  if (o->kind == OP_FABIN && q->count)
    task_wake(e, tile);
}

static void resume_main(Emu *e, uint32_t tile, const Thread *th, bool complete)
{
  Tile *t = &e->tiles[tile];
  uint64_t cycles = e->now + 1 - th->started;
  e->stats[tile].stalled += cycles > th->groups ? cycles - th->groups : 0;
  t->main_op = 0;
  t->state = MAIN_RUN;
  t->dsd_status = complete;
  t->pc += 4;
  t->clock = e->now + 1 + e->costs->dsd_drain;
  t->slot_from = e->now + 1;
  t->slot_busy = t->slot_used = 0;
  sched_at(e, t->clock, PHASE_ISSUE, tile);
}

// `complete`: its completion action fires.
static void finish(Emu *e, uint32_t tile, uint32_t n, bool complete)
{
  Tile *t = &e->tiles[tile];
  const Thread th = e->threads[n];
  thread_save_addresses(e, tile, &th);
  if (e->trace)
    trace_thread_end(e, tile, &th, th.ut == MAX_UTS);
  release_queue(e, tile, &th.dest);
  release_queue(e, tile, &th.a);
  release_queue(e, tile, &th.b);
  e->threads[n].next_free = e->free_thread;
  e->free_thread = n;
  if (th.ut == MAX_UTS)
    resume_main(e, tile, &th, complete || !th.wait);
  else {
    t->uts[th.ut] = 0;
    t->ut_live &= (uint8_t)~(1u << th.ut);
  }
  if (complete)
    thread_completion(e, tile, th.cfg);
}

static void fifo_fault(Emu *e, uint32_t tile, const Thread *th, bool full)
{
  emu_fault(e, tile, FAULT_PROGRAM, th->pc,
            "the FIFO is %s and its action is fault: %u elements are left to %s",
            full ? "full" : "empty", th->remaining, full ? "push" : "pop");
}

// An operation met an empty or full FIFO: does it end here? Then the rest of its length stays in
// the FIFO's register.
static bool stops_on_fifo(Emu *e, uint32_t tile, uint32_t n)
{
  const Thread *th = &e->threads[n];
  const Tile *t = &e->tiles[tile];
  bool full = th->wait == WAIT_FIFO_ROOM, waits = th->ut < MAX_UTS;
  if (!full && th->wait != WAIT_FIFO_DATA)
    return false;
  const FifoInfo *info = &e->classes[t->cls].fifos[th->wait_queue];
  Fifo *f = &e->fifos[t->fifos + th->wait_queue];
  FifoAction action = (FifoAction)(full ? info->full_action : info->empty_action);
  if (action == FIFO_FAULT) {
    fifo_fault(e, tile, th, full);
    return true;
  }
  waits = action == FIFO_SUSPEND || (waits && action != FIFO_TERMINATE);
  *(full ? &f->want_room : &f->want_data) =
      waits ? 1 : (uint16_t)least(th->remaining, info->capacity);
  if (waits)
    return false;
  *(full ? &f->write_len : &f->read_len) = (uint16_t)least(th->remaining, DSD_ENDLESS);
  finish(e, tile, n, action == FIFO_TERMINATE);
  return true;
}

// A control wavelet at a fabric input ends an operation that says so (language 13.4).
static bool ends_on_control(Emu *e, uint32_t tile, uint32_t n)
{
  const Thread *th = &e->threads[n];
  uint32_t action = th->cfg >> CFG_OC_ACTION_SHIFT & 3;
  if (action == ACTION_NONE)
    return false;
  const Operand *in = th->a.kind == OP_FABIN ? &th->a : &th->b;
  if (in->kind != OP_FABIN)
    return false;
  const TileQueues *qs = queue_of(e, tile);
  if (!qs->in_ring[in->queue][qs->in[in->queue].head].control)
    return false;
  uint32_t cfg = th->cfg;
  queue_pop(e, tile, in->queue);
  finish(e, tile, n, action == ACTION_TERMINATE);
  act(e, tile, action, cfg >> CFG_OC_TARGET_SHIFT & 63, cfg >> CFG_OC_KIND_SHIFT & 3);
  return true;
}

// dfilt: data wavelets are dropped, control wavelets counted.
static uint32_t filter_elements(Emu *e, uint32_t tile, const Thread *th)
{
  return queue_pop(e, tile, th->b.queue).control ? 1 : 0;
}

static void issue(Emu *e, uint32_t tile, uint32_t n, uint32_t count)
{
  e->place = e->threads[n].pc;
  if (e->trace)
    trace_issues(e, tile, &e->threads[n]);
  if (ends_on_control(e, tile, n))
    return;
  Thread th = e->threads[n]; // the pool may move below
  uint32_t taken = count;
  if (th.op == DSD_dfilt)
    taken = filter_elements(e, tile, &th);
  else if (!thread_elements(e, tile, &th, count))
    return;
  if (th.remaining != ENDLESS)
    th.remaining -= taken;
  th.ready = e->now + th.interval;
  th.groups++;
  th.cause = e->threads[n].cause; // what it took may be a new one
  e->threads[n] = th;
  e->stats[tile].dsd_elements += count;
  e->stats[tile].busy++;
  if (th.remaining == 0)
    finish(e, tile, n, true);
}

// ---- issue slots ----

// First cycle from `now` on in which a thread below the main thread gets a slot. The free ones of a
// window are taken to be spread evenly over it.
static uint64_t free_slot(const Emu *e, const Tile *t)
{
  if (e->now < t->slot_from)
    return e->now;
  if (t->clock <= e->now) // if it runs, the main thread issues in this cycle
    return t->state == MAIN_RUN ? e->now + 1 : e->now;
  uint64_t length = t->clock - t->slot_from;
  uint64_t free = t->slot_busy < length ? length - t->slot_busy : 0;
  if (t->slot_used >= free)
    return t->clock;
  uint64_t at = t->slot_from + ((t->slot_used + 1) * length + free - 1) / free - 1;
  return at > e->now ? at : e->now;
}

typedef struct Choice {
  uint32_t thread, count;
  uint8_t rank;
  uint64_t next; // earliest cycle at which another look is needed
} Choice;

static void look_again(Choice *c, uint64_t cycle)
{
  if (cycle < c->next)
    c->next = cycle;
}

static void consider(Emu *e, uint32_t tile, uint32_t n, Choice *c)
{
  Tile *t = &e->tiles[tile];
  Thread *th = &e->threads[n];
  uint32_t count;
  if (th->ready > e->now) {
    look_again(c, th->ready);
    return;
  }
  if (!thread_ready(e, tile, th, &count)) {
    if (stops_on_fifo(e, tile, n))
      look_again(c, e->now + 1);
    else if (e->trace)
      trace_waits(e, tile, th);
    return;
  }
  uint64_t slot = th->rank < t->main_rank ? free_slot(e, t) : e->now;
  if (slot > e->now) {
    look_again(c, slot);
    return;
  }
  if (c->thread)
    look_again(c, e->now + 1);
  if (!c->thread || th->rank > c->rank)
    c->thread = n, c->count = count, c->rank = th->rank;
}

void thread_step(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  Choice c = {.next = NEVER};
  unsigned first = e->opt.shuffle ? shuffled(e, tile, PHASE_THREAD) : t->ut_turn;
  if (t->main_op)
    consider(e, tile, t->main_op, &c);
  for (unsigned i = 0; i < MAX_UTS; i++) {
    unsigned ut = (first + i) % MAX_UTS;
    if (t->uts[ut])
      consider(e, tile, t->uts[ut], &c);
  }
  if (c.thread) {
    const Thread *th = &e->threads[c.thread];
    if (th->ut < MAX_UTS)
      t->ut_turn = (uint8_t)((th->ut + 1) % MAX_UTS);
    if (th->rank >= t->main_rank)
      t->slot_taken = e->now;
    else
      t->slot_used++;
    look_again(&c, e->now + th->interval);
    issue(e, tile, c.thread, c.count);
  }
  if (c.next != NEVER && !e->stopped)
    sched_at(e, c.next, PHASE_THREAD, tile);
}
