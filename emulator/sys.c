// System instructions: descriptors, map access, task bits, clock, random numbers, 16-bit scalars
// that are not IEEE.
#include "arith/arith.h"
#include "emulator/trace.h"
#include <stb/stb_ds.h>

enum { MAP_ELEMENT_SHIFT = 8, LFSR_BITS = 23, LFSR_STEPS = 128 };

typedef struct Sys { // one instruction under way
  Emu *e;
  uint32_t tile;
  Tile *t;
  const Insn *d;
  uint32_t *rd, a, b; // result register, source values
} Sys;

bool core_event(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  if (t->clock <= e->now)
    return true;
  sched_at(e, t->clock, PHASE_ISSUE, tile);
  return false;
}

static CoreStep done(Sys *s, uint32_t cost)
{
  s->t->clock += cost;
  return CORE_NEXT;
}

// ---- descriptor registers ----

static Dsr *named_register(Sys *s)
{
  static const uint8_t file[SYS_OPS] = {
      [SYS_dsr_ld_dest] = FILE_DEST,   [SYS_dsr_ld_src0] = FILE_SRC0,
      [SYS_dsr_ld_src1] = FILE_SRC1,   [SYS_dsr_cfg_dest] = FILE_DEST,
      [SYS_dsr_cfg_src0] = FILE_SRC0,  [SYS_dsr_cfg_src1] = FILE_SRC1,
      [SYS_dsr_base_dest] = FILE_DEST, [SYS_dsr_base_src0] = FILE_SRC0,
      [SYS_dsr_base_src1] = FILE_SRC1, [SYS_dsr_len_dest] = FILE_DEST,
      [SYS_dsr_len_src0] = FILE_SRC0,  [SYS_dsr_len_src1] = FILE_SRC1};
  return dsd_register(s->e, s->tile, (DsrFile)file[s->d->target], s->d->rd);
}

// A register that a running microthread was started from is an event (it may still be written by
// save_address); with no microthread about, registers belong to the main thread alone.
static CoreStep write_register(Sys *s, void (*write)(Dsr *, const Sys *))
{
  const Costs *k = s->e->costs;
  if (s->t->ut_live && !core_event(s->e, s->tile))
    return CORE_YIELD;
  write(named_register(s), s);
  s->t->dsr_ready = s->t->clock + k->dsr_use;
  return done(s, k->dsr_load);
}

static void load(Dsr *r, const Sys *s)
{
  *r = (Dsr){.lo = s->a, .hi = s->b};
}
static void configure(Dsr *r, const Sys *s)
{
  r->cfg = s->a;
}
static void set_base(Dsr *r, const Sys *s)
{
  r->lo = (r->lo & 0xffff0000u) | (s->a & 0xffff);
  r->done = 0;
}
static void set_length(Dsr *r, const Sys *s)
{
  r->lo = (r->lo & 0xffff) | s->a << DSD_LEN_SHIFT;
  r->done = 0;
}

static CoreStep write_xdsr(Sys *s)
{
  const Costs *k = s->e->costs;
  Xdsr *x = dsd_xdsr(s->e, s->tile, s->d->rd);
  const uint16_t v[4] = {(uint16_t)s->a, (uint16_t)(s->a >> 16), (uint16_t)s->b,
                         (uint16_t)(s->b >> 16)};
  if (s->d->target == SYS_xdsr_extent)
    memcpy(x->extent, v, sizeof v);
  else if (s->d->target == SYS_xdsr_stride)
    memcpy(x->stride, v, sizeof v);
  else {
    x->wrap_base = (uint16_t)s->a;
    x->wrap_length = (uint16_t)s->b;
  }
  s->t->dsr_ready = s->t->clock + k->dsr_use;
  return done(s, k->dsr_load);
}

// The options are part of the operation; they take no slot of their own.
static CoreStep operation_options(Sys *s)
{
  s->t->dsd_cfg = s->a;
  s->t->dsd_index = s->b;
  s->t->cfg_valid = true;
  return done(s, 0);
}

// ---- element access for @map (language 13.6) ----

// The register and the state of its next element. False: fault reported.
static bool map_operand(Sys *s, DsrFile file, uint32_t number, uint32_t bits, Dsr **r, Operand *o)
{
  *r = dsd_register(s->e, s->tile, file, number);
  if (!*r) {
    emu_fault(s->e, s->tile, FAULT_IMAGE, s->t->pc, "element access to DSR %u, which is not loaded",
              number & 15);
    return false;
  }
  if (!((*r)->cfg & CFG_SINGLE_STEP)) {
    emu_fault(
        s->e, s->tile, FAULT_PROGRAM, s->t->pc,
        "@map takes single elements of DSR %u, which was loaded without '.single_step = true'",
        number & 15);
    return false;
  }
  if (!operand_init(s->e, s->tile, o, *r, bits, 0))
    return false;
  if (o->transform) {
    emu_fault(s->e, s->tile, FAULT_UNSUPPORTED, s->t->pc,
              "@map does not mark control wavelets: use a DSD without control_transform");
    return false;
  }
  operand_seek(s->e, o, (*r)->done);
  return true;
}

static CoreStep wait_for_queue(Sys *s)
{
  s->t->state = MAIN_WAIT;
  if (s->e->trace)
    trace_main_waits(s->e, s->tile);
  return CORE_YIELD;
}

static CoreStep map_fabric_get(Sys *s, Dsr *r, const Operand *o)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  Queue *q = &queue_of(s->e, s->tile)->in[o->queue];
  if (q->count == 0)
    return wait_for_queue(s);
  uint32_t v = queue_pop(s->e, s->tile, o->queue).word;
  *s->rd = o->bytes == 2 ? v & 0xffff : v;
  r->done++;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep map_get(Sys *s)
{
  Dsr *r;
  Operand o;
  if (!map_operand(s, FILE_SRC1, s->a, s->b, &r, &o))
    return CORE_FAULT;
  if (o.kind == OP_FABIN)
    return map_fabric_get(s, r, &o);
  const Window w = tile_window(s->e, s->t);
  if (!operand_read(s->e, s->tile, &w, &o, s->rd))
    return CORE_FAULT;
  r->done++;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep map_fabric_put(Sys *s, Dsr *r, const Operand *o)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  Queue *q = &queue_of(s->e, s->tile)->out[o->queue];
  if (q->count == q->depth)
    return wait_for_queue(s);
  if (s->e->trace)
    trace_main_put(s->e, s->tile, o->queue);
  uint32_t v = o->bytes == 2 ? s->b & 0xffff : s->b;
  queue_push(s->e, s->tile, o->queue,
             (QueueEntry){.word = v, .color = o->color, .control = o->control});
  r->done++;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep map_put(Sys *s)
{
  Dsr *r;
  Operand o;
  if (!map_operand(s, FILE_DEST, s->a, s->a >> MAP_ELEMENT_SHIFT & 0xff, &r, &o))
    return CORE_FAULT;
  if (o.kind == OP_FABOUT)
    return map_fabric_put(s, r, &o);
  const Window w = tile_window(s->e, s->t);
  if (!operand_write(s->e, s->tile, &w, &o, s->b))
    return CORE_FAULT;
  r->done++;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep map_more(Sys *s)
{
  Dsr *r;
  Operand o;
  if (!map_operand(s, s->a & 16 ? FILE_DEST : FILE_SRC1, s->a, 16, &r, &o))
    return CORE_FAULT;
  *s->rd = r->done < o.length;
  return done(s, s->e->costs->map_step);
}

// ---- FIFOs, tasks, queues ----

static CoreStep fifo_length(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  if (s->a >= s->e->classes[s->t->cls].n_fifos) {
    emu_fault(s->e, s->tile, FAULT_IMAGE, s->t->pc, "there is no FIFO %u", s->a);
    return CORE_FAULT;
  }
  Fifo *f = &s->e->fifos[s->t->fifos + s->a];
  *(s->d->target == SYS_fifo_rlen ? &f->read_len : &f->write_len) = (uint16_t)s->b;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep task_bits(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  if (s->d->target == SYS_task_act)
    task_activate(s->e, s->tile, s->a & 0xffff);
  else
    task_block(s->e, s->tile, s->a & 0xffff, (TargetKind)(s->b & 3),
               s->d->target == SYS_task_block);
  return s->e->stopped ? CORE_FAULT : done(s, s->e->costs->scalar_issue);
}

static CoreStep queue_flush(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  TileCold *c = &s->e->cold[s->tile];
  *(s->b ? &c->flush_out : &c->flush_in) |= 1u << (s->a & 7);
  queue_check_flush(s->e, s->tile);
  return done(s, s->e->costs->scalar_issue);
}

// ---- clock and random numbers ----

static CoreStep tsc_read(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  TileCold *c = &s->e->cold[s->tile];
  uint32_t word = s->a % 3;
  if (word == 0 && c->tsc_on)
    c->tsc_latch = s->e->now - c->tsc_base;
  *s->rd = (uint32_t)(c->tsc_latch >> 16 * word) & 0xffff;
  return done(s, s->e->costs->tsc_read);
}

static CoreStep tsc_control(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  TileCold *c = &s->e->cold[s->tile];
  if (s->a == 0 && c->tsc_on)
    c->tsc_latch = s->e->now - c->tsc_base; // frozen
  if (s->a == 1 || s->a == 2) {
    c->tsc_base = s->e->now;
    c->tsc_latch = 0;
  }
  if (s->a == 3 && !c->tsc_on)
    c->tsc_base = s->e->now - c->tsc_latch; // goes on where it was stopped
  if (s->a != 2)
    c->tsc_on = s->a != 0;
  return done(s, s->e->costs->scalar_issue);
}

// x^23 + x^18 + 1, shifted right (libraries 9).
static uint32_t lfsr(uint32_t v)
{
  for (int i = 0; i < LFSR_STEPS; i++)
    v = v >> 1 | ((v ^ v >> (LFSR_BITS - 18)) & 1) << (LFSR_BITS - 1);
  return v;
}

static CoreStep random_number(Sys *s)
{
  TileCold *c = &s->e->cold[s->tile];
  uint32_t *state = &c->random[c->prng];
  if (s->d->target == SYS_rand_sel)
    c->prng = (uint8_t)(s->a % PRNGS);
  else if (s->d->target == SYS_rand_seed)
    *state = s->a & ((1u << LFSR_BITS) - 1);
  else {
    *state = lfsr(*state);
    *s->rd = *state & 0xffff;
  }
  return done(s, s->e->costs->scalar_issue);
}

// ---- configuration registers, host, log ----

static CoreStep config(Sys *s)
{
  bool write = s->d->target == SYS_cfg_write;
  uint32_t value = s->b;
  CoreStep step = config_issue(s->e, s->tile, s->a & 0xffff, write, &value);
  if (step == CORE_NEXT && !write)
    *s->rd = value;
  return step;
}

static CoreStep next_host_command(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  host_next(s->e, s->tile);
  return done(s, s->e->costs->scalar_issue);
}

// A text of the image by number, or bytes of the tile's memory.
static const char *print_text(Sys *s, uint32_t *bytes)
{
  const ImageClass *c = s->e->classes[s->t->cls].img;
  *bytes = s->b;
  if (!(s->a >> 31)) {
    const Window w = tile_window(s->e, s->t);
    return (const char *)window_read(&w, s->a, s->b);
  }
  uint32_t number = s->a & 0x7fffffffu;
  if (number >= arrlenu(c->strings))
    return NULL;
  *bytes = (uint32_t)strlen(c->strings[number]);
  return c->strings[number];
}

static CoreStep print(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  uint32_t bytes;
  const char *text = print_text(s, &bytes);
  if (!text) {
    emu_fault(s->e, s->tile, FAULT_PROGRAM, s->t->pc,
              "prints %u bytes at 0x%x, outside of the tile's memory", s->b, s->a);
    return CORE_FAULT;
  }
  log_print(s->e, s->tile, s->e->now, text, bytes);
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep print_float(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  char text[FLOAT_TEXT];
  if (s->b)
    float_text_half((ArithHalf)s->e->img->fp16, (uint16_t)s->a, text);
  else
    float_text(s->a, text);
  log_print(s->e, s->tile, s->e->now, text, (uint32_t)strlen(text));
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep trap(Sys *s)
{
  if (!core_event(s->e, s->tile))
    return CORE_YIELD;
  emu_fault(s->e, s->tile, FAULT_PROGRAM, s->t->pc,
            s->a == TRAP_ASSERT  ? "assertion failed"
            : s->a == TRAP_QUEUE ? "the queue of a fabric DSD is none that the program set up"
                                 : "reached a point that cannot be reached");
  return CORE_FAULT;
}

// ---- 16-bit floats that are not IEEE; bits in integer registers ----

static uint32_t half(const Sys *s)
{
  ArithHalf f = (ArithHalf)s->e->img->fp16;
  uint16_t a = (uint16_t)s->a, b = (uint16_t)s->b;
  switch (s->d->target) {
  case SYS_hadd: return arith_half_add(f, a, b);
  case SYS_hsub: return arith_half_sub(f, a, b);
  case SYS_hmul: return arith_half_mul(f, a, b);
  case SYS_hdiv: return arith_half_div(f, a, b);
  case SYS_heq: return arith_half_eq(f, a, b);
  case SYS_hlt: return arith_half_lt(f, a, b);
  case SYS_hle: return arith_half_le(f, a, b);
  case SYS_h2s: return arith_half_to_f32(f, a);
  default: return arith_half_from_f32(f, s->a); // s2h
  }
}

static CoreStep half_op(Sys *s)
{
  uint32_t result = half(s);
  if (s->t->trapping &&
      !exception_check_half(s->e, s->tile, (SysOp)s->d->target, s->a, s->b, result))
    return CORE_FAULT;
  *s->rd = result;
  return done(s, s->e->costs->scalar_issue);
}

static CoreStep tile_value(Sys *s)
{
  if (s->d->target == SYS_coord)
    *s->rd = s->a ? s->tile / s->e->width : s->tile % s->e->width;
  else if (s->d->target == SYS_host_arg)
    *s->rd = host_arg(s->e, s->tile, s->a);
  else
    *s->rd = s->t->dsd_status;
  return done(s, s->e->costs->scalar_issue);
}

CoreStep sys_issue(Emu *e, uint32_t tile, const Insn *d, RegFile *r)
{
  Sys s = {e, tile, &e->tiles[tile], d, &r->x[d->rd], r->x[d->rs1], r->x[d->rs2]};
  e->place = s.t->pc;
  switch ((SysOp)d->target) {
  case SYS_dsr_ld_dest:
  case SYS_dsr_ld_src0:
  case SYS_dsr_ld_src1: return write_register(&s, load);
  case SYS_dsr_cfg_dest:
  case SYS_dsr_cfg_src0:
  case SYS_dsr_cfg_src1: return write_register(&s, configure);
  case SYS_dsr_base_dest:
  case SYS_dsr_base_src0:
  case SYS_dsr_base_src1: return write_register(&s, set_base);
  case SYS_dsr_len_dest:
  case SYS_dsr_len_src0:
  case SYS_dsr_len_src1: return write_register(&s, set_length);
  case SYS_dsd_cfg: return operation_options(&s);
  case SYS_xdsr_extent:
  case SYS_xdsr_stride:
  case SYS_xdsr_wrap: return write_xdsr(&s);
  case SYS_map_get: return map_get(&s);
  case SYS_map_put: return map_put(&s);
  case SYS_map_more: return map_more(&s);
  case SYS_fifo_rlen:
  case SYS_fifo_wlen: return fifo_length(&s);
  case SYS_task_act:
  case SYS_task_block:
  case SYS_task_unblock: return task_bits(&s);
  case SYS_queue_flush: return queue_flush(&s);
  case SYS_tsc_read: return tsc_read(&s);
  case SYS_tsc_ctl: return tsc_control(&s);
  case SYS_rand16:
  case SYS_rand_sel:
  case SYS_rand_seed: return random_number(&s);
  case SYS_cfg_read:
  case SYS_cfg_write: return config(&s);
  case SYS_host_next: return next_host_command(&s);
  case SYS_simprint: return print(&s);
  case SYS_print_float: return print_float(&s);
  case SYS_trap: return trap(&s);
  case SYS_coord:
  case SYS_host_arg:
  case SYS_dsd_status: return tile_value(&s);
  default: return half_op(&s);
  }
}
