// Starting DSD operations: operands, length, cost; memory-only ones run to their end here (language
// 13, machine 5).
#include "emulator/trace.h"
#include <stdlib.h>

Dsr *dsd_register(Emu *e, uint32_t tile, DsrFile file, uint32_t number)
{
  const Tile *t = &e->tiles[tile];
  uint8_t slot = e->classes[t->cls].dsr_slot[file][number & 15];
  return slot == 255 ? NULL : &e->dsrs[t->dsrs + slot];
}

Xdsr *dsd_xdsr(Emu *e, uint32_t tile, uint32_t number)
{
  const Tile *t = &e->tiles[tile];
  uint8_t slot = e->classes[t->cls].xdsr_slot[number & 7];
  return slot == 255 ? NULL : &e->xdsrs[t->xdsrs + slot];
}

// ---- operands ----

typedef struct Source { // where an operand comes from
  bool scalar;
  DsrFile file;
  uint32_t number;
} Source;

static bool set_operand(Emu *e, uint32_t tile, Thread *th, Operand *o, Source s, unsigned bits)
{
  if (s.scalar) {
    *o = (Operand){.kind = OP_SCALAR, .bytes = (uint8_t)(bits / 8), .scalar = th->scalar};
    return true;
  }
  const Tile *t = &e->tiles[tile];
  const Dsr *d = dsd_register(e, tile, s.file, s.number);
  uint16_t index = t->cfg_valid ? (uint16_t)t->dsd_index : 0;
  if (!operand_init(e, tile, o, d, bits, index))
    return false;
  o->file = (uint8_t)s.file;
  o->number = s.number & 15;
  if (o->kind == OP_FIFO && !o->length) {
    const Fifo *f = &e->fifos[t->fifos + o->queue];
    return operand_length(e, tile, o == &th->dest ? f->write_len : f->read_len, &o->length);
  }
  return true;
}

static bool wrong_kinds(Emu *e, uint32_t tile, const Thread *th)
{
  if (th->a.kind == OP_FABIN && th->b.kind == OP_FABIN && e->arch->max_fabin_operands < 2) {
    emu_fault(e, tile, FAULT_UNDEFINED, th->pc,
              "an operation has two fabric inputs (queues %u and %u), %s takes one", th->a.queue,
              th->b.queue, e->arch->name);
    return true;
  }
  if (th->dest.kind != OP_FABIN && th->a.kind != OP_FABOUT && th->b.kind != OP_FABOUT)
    return false;
  emu_fault(e, tile, FAULT_IMAGE, th->pc, "%s",
            th->dest.kind == OP_FABIN ? "a fabric input is the destination of an operation"
                                      : "a fabric output is the source of an operation");
  return true;
}

static bool set_operands(Emu *e, uint32_t tile, const Insn *d, Thread *th)
{
  const DsdOpInfo *o = isa_dsd((DsdOp)d->target);
  Source dest = {false, d->rd & 16 ? FILE_SRC0 : FILE_DEST, d->rd};
  Source a = {d->rs1 & 16, FILE_SRC0, d->rs1}, b = {d->rs2 & 16, FILE_SRC1, d->rs2};
  if (o->shape == SHAPE_UN && b.scalar && !a.scalar)
    b = (Source){false, FILE_SRC0, d->rs1};
  if (o->shape == SHAPE_BIN && a.scalar && b.scalar)
    b = (Source){false, FILE_SRC0, d->rs1 & 15};
  bool no_dest = th->op == DSD_dfilt; // it only counts
  if ((!no_dest && !set_operand(e, tile, th, &th->dest, dest, o->dest_bits)) ||
      (o->shape != SHAPE_UN && !set_operand(e, tile, th, &th->a, a, o->a_bits)) ||
      !set_operand(e, tile, th, &th->b, b, o->b_bits) || wrong_kinds(e, tile, th))
    return false;
  // A scalar destination with a scalar first source accumulates (language 13.3).
  th->a.last_value = o->shape == SHAPE_BIN && th->dest.place && a.scalar && !b.scalar;
  return true;
}

// Length of the operation (language 13.3): first source, second source, destination; 1 if there are
// only scalars and FIFOs without a length. Memory cannot be endless: such an operand is repeated as
// long as the others last.
static uint32_t operation_length(const Thread *th)
{
  const Operand *order[3] = {&th->a, &th->b, &th->dest};
  bool scalars = true, endless = false;
  for (int i = 0; i < 3; i++) {
    const Operand *o = order[i];
    if (o->length == ENDLESS && o->kind == OP_MEM)
      endless = true;
    else if (o->kind > OP_SCALAR && o->length)
      return o->length;
    scalars &= o->kind <= OP_SCALAR || o->kind == OP_FIFO || o->place;
  }
  return endless ? ENDLESS : scalars;
}

// ---- options: the operation's own, or those of an asynchronous register among its operands ----

static uint32_t register_options(Emu *e, uint32_t tile, const Operand *o)
{
  return o->kind > OP_SCALAR ? dsd_register(e, tile, (DsrFile)o->file, o->number)->cfg : 0;
}

// What an operand's register adds to the options of the operation. The completion of an
// asynchronous register goes before that of the operation (language 14.2), *completes tells whether
// one did.
static uint32_t with_register(uint32_t cfg, uint32_t r, bool *completes)
{
  const uint32_t completion = 0x3ffu << CFG_ACTION_SHIFT,
                 microthread = CFG_UT_GIVEN | 7u << CFG_UT_SHIFT;
  const uint32_t on_control = 0x3ffu << CFG_OC_ACTION_SHIFT;
  if (!(cfg & on_control))
    cfg |= r & on_control;
  if (!(r & CFG_ASYNC))
    return cfg;
  cfg |= CFG_ASYNC;
  if (!(cfg & CFG_UT_GIVEN))
    cfg |= r & microthread;
  if (!*completes && r >> CFG_ACTION_SHIFT & 3) {
    cfg = (cfg & ~completion) | (r & completion);
    *completes = true;
  }
  return cfg;
}

static uint32_t operation_options(Emu *e, uint32_t tile, const Thread *th)
{
  const Tile *t = &e->tiles[tile];
  const Operand *order[3] = {&th->dest, &th->a, &th->b};
  uint32_t cfg = t->cfg_valid ? t->dsd_cfg : 0;
  bool completes = false;
  for (int i = 0; i < 3; i++)
    cfg = with_register(cfg, register_options(e, tile, order[i]), &completes);
  return cfg;
}

static bool is_fabric(const Operand *o)
{
  return o->kind == OP_FABIN || o->kind == OP_FABOUT;
}

// The queue's number of the first fabric operand in this order is the default microthread
// (language 13.5).
static const Operand *first_fabric(const Thread *th)
{
  const Operand *order[3] = {&th->dest, &th->a, &th->b};
  for (int i = 0; i < 3; i++)
    if (is_fabric(order[i]))
      return order[i];
  return NULL;
}

static bool has_fifo(const Thread *th)
{
  return th->dest.kind == OP_FIFO || th->a.kind == OP_FIFO || th->b.kind == OP_FIFO;
}

// Elements per wavelet: two 16-bit ones if every fabric operand packs (sdk-2.10 1.6). An index
// takes the place of the second.
static uint8_t packing(Emu *e, uint32_t tile, const Thread *th)
{
  const Operand *order[3] = {&th->dest, &th->a, &th->b};
  for (int i = 0; i < 3; i++) {
    if (!is_fabric(order[i]))
      continue;
    const Dsr *d = dsd_register(e, tile, (DsrFile)order[i]->file, order[i]->number);
    if (order[i]->bytes != 2 || order[i]->wio || (d->hi >> DSD_SIMD_SHIFT & 3) == SIMD_OFF)
      return 1;
  }
  return first_fabric(th) ? 2 : 1;
}

// What a fabric descriptor or FIFO says: 0 nothing, 1 low to 3 high.
static uint32_t operand_priority(Emu *e, uint32_t tile, const Operand *o)
{
  if (o->kind == OP_FIFO)
    return e->classes[e->tiles[tile].cls].fifos[o->queue].priority;
  if (!is_fabric(o))
    return 0;
  return dsd_register(e, tile, (DsrFile)o->file, o->number)->hi >> DSD_PRIO_SHIFT & 3;
}

// Priorities 0 low, 1 medium, 2 high; given by the operation or by an operand, low by default.
static uint8_t priority(Emu *e, uint32_t tile, const Thread *th)
{
  const Operand *order[3] = {&th->dest, &th->a, &th->b};
  uint32_t p = th->cfg >> CFG_PRIO_SHIFT & 3;
  for (int i = 0; i < 3 && !p; i++)
    p = operand_priority(e, tile, order[i]);
  return (uint8_t)(p ? p - 1 : 0);
}

// ---- cost (machine 5) ----

static bool is_memory(const Operand *o)
{
  return o->kind == OP_MEM || o->kind == OP_MEM4 || o->kind == OP_CIRC || o->kind == OP_FIFO;
}

static unsigned lower(unsigned rate, unsigned limit)
{
  return limit && limit < rate ? limit : rate;
}

// Elements per cycle that the datapath and memory can take.
static unsigned element_rate(const Emu *e, const Thread *th)
{
  const Costs *k = e->costs;
  unsigned read =
      (is_memory(&th->a) ? th->a.bytes * 8u : 0) + (is_memory(&th->b) ? th->b.bytes * 8u : 0);
  unsigned write = is_memory(&th->dest) ? th->dest.bytes * 8u : 0;
  unsigned r = costs_simd(k, (DsdOp)th->op);
  r = lower(r, read ? k->mem_read_bits / read : 0);
  r = lower(r, write ? k->mem_write_bits / write : 0);
  r = lower(r, operand_stride_limit(e, &th->dest));
  r = lower(r, operand_stride_limit(e, &th->a));
  return lower(r, operand_stride_limit(e, &th->b));
}

// Cycles per element of a chain through one scalar destination, 0 if elements do not depend on each
// other.
static unsigned recurrence(const Emu *e, const Thread *th)
{
  bool through_memory = th->a.kind == OP_MEM && !th->a.stride && th->a.address == th->dest.address;
  if (th->dest.kind != OP_MEM || th->dest.stride || !(th->a.last_value || through_memory))
    return 0;
  DsdScalar s = isa_dsd((DsdOp)th->op)->scalar;
  return s == SCALAR_H || s == SCALAR_S ? e->costs->reduce_fp : e->costs->reduce_int;
}

// The banks of 16 bits that an element lies in, modulo 4 (machine 2.1).
static unsigned banks_of(const Operand *o)
{
  unsigned first = o->address >> 1 & 3;
  return 1u << first | (o->bytes == 4 ? 1u << ((first + 1) & 3) : 0);
}

// Whether the first pair of source accesses meets in a bank.
static bool banks_conflict(const Thread *th)
{
  const Operand *a = &th->a, *b = &th->b;
  return is_memory(a) && is_memory(b) && a->kind != OP_FIFO && b->kind != OP_FIFO &&
         (banks_of(a) & banks_of(b));
}

static void set_rate(Emu *e, uint32_t tile, Thread *th)
{
  unsigned chain = recurrence(e, th);
  th->per_wavelet = packing(e, tile, th);
  th->group = (uint8_t)(chain ? 1 : element_rate(e, th));
  if (first_fabric(th))
    th->group = th->group < th->per_wavelet ? th->group : th->per_wavelet;
  unsigned interval = chain ? chain : banks_conflict(th) ? 1 + e->costs->bank_conflict : 1;
  if (first_fabric(th) && th->per_wavelet == 2 && th->group == 1) { // a wavelet is taken whole
    th->group = 2;
    interval *= 2;
  }
  th->interval = (uint8_t)interval;
}

// ---- running ----

static CoreStep run_memory(Emu *e, uint32_t tile, Thread *th)
{
  Tile *t = &e->tiles[tile];
  const Costs *k = e->costs;
  uint32_t n = th->remaining, cycles = (n + th->group - 1) / th->group * th->interval;
  if (n == ENDLESS) {
    emu_fault(e, tile, FAULT_PROGRAM, th->pc,
              "an operation over memory alone has an endless length");
    return CORE_FAULT;
  }
  const Window w = tile_window(e, t);
  uint32_t native = t->trapping ? 0 : dsd_native(e, &w, th);
  if (native < n && !thread_elements(e, tile, th, n - native))
    return CORE_FAULT;
  thread_save_addresses(e, tile, th);
  e->stats[tile].dsd_elements += n;
  e->stats[tile].busy += cycles;
  t->slot_busy += cycles;
  uint64_t dispatch = t->clock > t->dsr_ready ? t->clock : t->dsr_ready;
  t->clock = dispatch + k->dsd_startup + cycles + k->dsd_drain;
  t->dsd_status = true;
  if (e->trace)
    trace_memory(e, tile, th, dispatch, n);
  thread_completion(e, tile, th->cfg);
  return e->stopped ? CORE_FAULT : CORE_NEXT;
}

// The compiler of release 1.4 binds the input queue of a fabric descriptor when the operation
// starts (language 14.4).
static bool bind_input(Emu *e, uint32_t tile, const Thread *th, const Operand *o)
{
  if (o->kind != OP_FABIN)
    return true;
  const TileQueues *qs = queue_of(e, tile);
  const Queue *q = &qs->in[o->queue];
  unsigned held = queue_holds(qs, o->queue);
  if (q->color != o->color && q->count && held != o->color) {
    emu_fault(e, tile, FAULT_UNDEFINED, th->pc,
              "input queue %u still holds wavelets of colour %u when it is bound to colour %u",
              o->queue, held, o->color);
    return false;
  }
  queue_bind_input(e, tile, o->queue, o->color);
  return true;
}

static Queue *queue_of_operand(TileQueues *qs, const Operand *o)
{
  return o->kind == OP_FABOUT ? &qs->out[o->queue] : &qs->in[o->queue];
}

// Two live operations must not share a queue or a microthread (language 13.5).
static bool claim_queue(Emu *e, uint32_t tile, const Thread *th, const Operand *o)
{
  if (!is_fabric(o))
    return true;
  Queue *q = queue_of_operand(queue_of(e, tile), o);
  if (q->user && q->user != th->ut + 1) {
    const Tile *t = &e->tiles[tile];
    emu_fault_in_use(e, tile, th->pc, q->user == MAX_UTS + 1 ? t->main_op : t->uts[q->user - 1],
                     o->kind == OP_FABOUT ? "output queue" : "input queue", o->queue);
    return false;
  }
  q->user = (uint8_t)(th->ut + 1);
  return true;
}

static bool claim(Emu *e, uint32_t tile, const Thread *th)
{
  const Operand *order[3] = {&th->dest, &th->a, &th->b};
  if (th->ut < MAX_UTS && e->tiles[tile].uts[th->ut]) {
    emu_fault_in_use(e, tile, th->pc, e->tiles[tile].uts[th->ut], "microthread", th->ut);
    return false;
  }
  for (int i = 0; i < 3; i++)
    if (!bind_input(e, tile, th, order[i]) || !claim_queue(e, tile, th, order[i]))
      return false;
  return true;
}

static CoreStep no_fabric_operand(Emu *e, uint32_t tile, const Thread *th)
{
  emu_fault(e, tile, FAULT_PROGRAM, th->pc,
            "an asynchronous operation has no fabric operand and names no microthread");
  return CORE_FAULT;
}

// Hands the operation to its microthread, or makes the main thread wait for it.
static CoreStep start_thread(Emu *e, uint32_t tile, Thread *th)
{
  Tile *t = &e->tiles[tile];
  bool async = th->cfg & CFG_ASYNC;
  const Operand *first = first_fabric(th);
  uint64_t dispatch = t->clock > t->dsr_ready ? t->clock : t->dsr_ready;
  th->ut = MAX_UTS;
  th->rank = async ? (uint8_t)(2 * priority(e, tile, th)) : t->main_rank;
  if (async && th->cfg & CFG_UT_GIVEN)
    th->ut = th->cfg >> CFG_UT_SHIFT & 7;
  else if (async && !first)
    return no_fabric_operand(e, tile, th);
  else if (async)
    th->ut = first->queue;
  if (!claim(e, tile, th))
    return CORE_FAULT;
  th->started = dispatch;
  th->ready = dispatch + e->costs->dsd_startup;
  uint32_t n = thread_new(e);
  th->tile = tile;
  if (e->trace)
    trace_thread(e, tile, th);
  e->threads[n] = *th;
  sched_at(e, th->ready, PHASE_THREAD, tile);
  if (async) {
    t->uts[th->ut] = n;
    t->ut_live |= (uint8_t)(1u << th->ut);
    t->clock = dispatch + e->costs->scalar_issue;
    t->dsd_status = true;
    return CORE_NEXT;
  }
  t->main_op = n;
  t->state = MAIN_OP;
  t->clock = dispatch + 1;
  return CORE_YIELD;
}

// Asks for an event if the operation touches more than memory.
static bool needs_event(const Tile *t, const Thread *th)
{
  return first_fabric(th) || has_fifo(th) || (t->cfg_valid && t->dsd_cfg >> CFG_ACTION_SHIFT & 3);
}

CoreStep dsd_issue(Emu *e, uint32_t tile, const Insn *d, RegFile *r)
{
  Tile *t = &e->tiles[tile];
  Thread th = {.op = (uint8_t)d->target, .scalar = r->x[d->rs3], .pc = t->pc, .tile = tile};
  e->place = t->pc;
  if (!set_operands(e, tile, d, &th))
    return CORE_FAULT;
  if (needs_event(t, &th) && !core_event(e, tile))
    return CORE_YIELD;
  th.cfg = operation_options(e, tile, &th);
  t->cfg_valid = false;
  th.total = th.remaining = operation_length(&th);
  set_rate(e, tile, &th);
  if (th.dest.kind == OP_FABOUT) {
    const Dsr *dest = dsd_register(e, tile, (DsrFile)th.dest.file, th.dest.number);
    th.zero_a = dest->hi & DSD_ZERO_FIRST;
    th.zero_b = dest->hi & DSD_ZERO_SECOND;
  }
  bool threaded = (first_fabric(&th) || has_fifo(&th)) && th.remaining;
  return threaded ? start_thread(e, tile, &th) : run_memory(e, tile, &th);
}
