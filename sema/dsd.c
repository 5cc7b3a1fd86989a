// DSD values: comptime ones as records, their run-time form as instructions, their initial data
// (target/isa.h).
#include "sema/ops.h"
#include <stb/stb_ds.h>
#include <string.h>

uint32_t dsd_new(Sema *s, const DsdValue *d)
{
  arrput(s->dsds, *d);
  return (uint32_t)arrlen(s->dsds) - 1;
}

Type ops_pointee(const Sema *s, Type pointer)
{
  const TypeInfo *p = type_info(s, pointer);
  if (p->kind != TK_PTR && p->kind != TK_MANY)
    return T_NONE;
  const TypeInfo *elem = type_info(s, p->elem);
  return elem->kind == TK_ARRAY ? elem->elem : p->elem;
}

bool ops_address(Ctx *cx, Node *at, Operand op, Operand *pointer)
{
  if (op.kind != OPK_ERROR && type_info(cx->s, op.type)->kind == TK_ARRAY)
    op = sema_address(cx, at, op);
  *pointer = sema_load(cx, at, op);
  if (pointer->kind == OPK_ERROR)
    return false;
  if (ops_pointee(cx->s, pointer->type) != T_NONE)
    return true;
  SEMA_ERROR(cx, at, expected_kind, "a pointer or an array variable",
             type_name(cx->s, pointer->type));
  return false;
}

// ---- fabric queues ----
// Do two colours differ on every tile? Those that depend on params may turn out equal.
static bool other_color(Value a, Value b)
{
  return a.type != T_NONE && b.type != T_NONE && !a.sym && !b.sym && a.i != b.i;
}

// In 1.4 an operation binds the input queue of its operand to the colour that the operand names
// (language 14.4): DSDs of several colours may take turns on a queue that nothing else binds.
static bool binds_by_use(const Ctx *cx, const QueueState *q, const DsdValue *d)
{
  return d->kind == DSD_FABIN && cx->s->arch->auto_input_queue && cx->s->compat != COMPAT_2_10 &&
         !q->initialised;
}

static bool same_color(Value a, Value b)
{
  return a.type == T_NONE || b.type == T_NONE || (a.sym == b.sym && a.i == b.i);
}

static void check_color(Ctx *cx, Node *at, QueueState *q, const DsdValue *d)
{
  if (binds_by_use(cx, q, d)) {
    q->shared |= !same_color(q->color, d->color);
    return;
  }
  if (!other_color(q->color, d->color))
    return;
  SEMA_ERROR(cx, at, queue_other_color, d->kind == DSD_FABIN ? "input" : "output",
             (long long)d->queue.i, (long long)q->color.i, (long long)d->color.i);
  diag_note(cx->s->diags, q->initialised ? q->where : q->use,
            q->initialised ? "the queue is initialized here" : "the queue is used here");
}

void dsd_note_queue(Ctx *cx, Node *at, const DsdValue *d)
{
  if ((d->kind != DSD_FABIN && d->kind != DSD_FABOUT) || d->queue.type == T_NONE || !cx->tile)
    return;
  OpsTile *t = cx->tile->ops;
  QueueState *q = d->kind == DSD_FABIN ? &t->in[d->queue.i & 7] : &t->out[d->queue.i & 7];
  if (d->kind == DSD_FABIN || cx->s->arch->oq_has_color)
    check_color(cx, at, q, d);
  bool names_color = !q->initialised && q->color.type == T_NONE && d->color.type != T_NONE;
  if (!q->used || names_color)
    q->use = node_range(at);
  q->used = true;
  q->by_operand |= !t->loading;
  if (names_color)
    q->color = d->color;
}

// ---- run time ----
static uint32_t fabric_index(TileModule *m, const DsdFabric *f)
{
  for (size_t i = 0; i < arrlenu(m->fabrics); i++)
    if (memcmp(&m->fabrics[i], f, sizeof *f) == 0)
      return (uint32_t)i;
  arrput(m->fabrics, *f);
  return (uint32_t)arrlen(m->fabrics) - 1;
}

uint32_t dsd_fabric(Ctx *cx, const DsdValue *d)
{
  DsdFabric f;
  memset(&f, 0, sizeof f);
  f.kind = d->kind;
  f.queue = d->queue.type == T_NONE ? 0xff : (uint8_t)d->queue.i;
  f.simd = d->simd;
  f.priority = d->priority;
  f.control = d->control;
  f.control_transform = d->control_transform;
  f.zero_first = d->zero_first;
  f.zero_second = d->zero_second;
  f.advance_switch = d->advance_switch;
  f.wio = d->wio;
  return fabric_index(cx->tile->module, &f);
}

// Steps per index from the source's strides, which are steps between neighbouring elements
// (language 6.5).
static void dsd_steps(const DsdValue *d, int32_t step[4])
{
  int32_t inner = 0;
  for (unsigned m = 0; m < 4; m++) {
    step[m] = m < d->dims ? d->stride[m] + inner : 0;
    if (m < d->dims)
      inner += step[m] * ((int32_t)d->extent[d->dims - 1 - m] - 1);
  }
}

// dims, extents (outermost first, unused 1), steps (innermost first, unused 0)
void dsd_box(const DsdValue *d, uint32_t list[9])
{
  int32_t step[4];
  dsd_steps(d, step);
  list[0] = d->dims;
  for (unsigned i = 0; i < 4; i++) {
    list[1 + i] = i < d->dims ? d->extent[i] : 1;
    list[5 + i] = (uint32_t)step[i];
  }
}

static IrRef length_ref(Ctx *cx, Node *at, Value length)
{
  return length.sym ? sema_materialise(cx, at, length) : ops_i16(cx, length.i);
}

IrRef dsd_materialise(Ctx *cx, Node *at, Value v)
{
  const DsdValue d = cx->s->dsds[v.ref];
  IrBuilder *b = &cx->b;
  IrRef base = d.base.type == T_NONE ? IR_NONE : sema_materialise(cx, at, d.base);
  uint32_t wio = d.wio ? DSD_WIO : 0;
  uint32_t list[9];
  dsd_note_queue(cx, at, &d);
  b->pos = at->at;
  switch (d.kind) {
  case DSD_MEM1D:
    return tir_emit(b, IR_DSD_MEM, IRT_DSD, base, length_ref(cx, at, d.length),
                    ops_i16(cx, d.stride[0]), wio);
  case DSD_MEM4D:
    dsd_box(&d, list);
    return tir_emit_list(b, IR_DSD_MEM4, IRT_DSD4, base, IR_NONE, IR_NONE, wio, list, 9);
  case DSD_CIRCBUF:
    return tir_emit(b, IR_DSD_CIRC, IRT_DSD, base, length_ref(cx, at, d.length), IR_NONE, d.wrap);
  default: break;
  }
  IrRef color = ops_color(cx, d.color);
  return tir_emit(b, IR_DSD_FAB, IRT_DSD, length_ref(cx, at, d.length), color, IR_NONE,
                  dsd_fabric(cx, &d));
}

// ---- words ----
static uint32_t fabric_low(const DsdValue *d)
{
  uint32_t w = 0;
  if (d->color.type != T_NONE)
    w |= (uint32_t)d->color.i | DSD_COLOR_VALID;
  if (d->queue.type != T_NONE)
    w |= (uint32_t)d->queue.i << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID;
  return w;
}

static uint32_t high_word(const DsdValue *d)
{
  return d->kind | (d->control ? DSD_CONTROL : 0) |
         (d->control_transform ? DSD_CONTROL_TRANSFORM : 0) | (uint32_t)d->simd << DSD_SIMD_SHIFT |
         (d->zero_first ? DSD_ZERO_FIRST : 0) | (d->zero_second ? DSD_ZERO_SECOND : 0) |
         (d->advance_switch ? DSD_ADVANCE : 0) | (uint32_t)d->priority << DSD_PRIO_SHIFT |
         (d->kind == DSD_MEM4D ? (uint32_t)d->dims << DSD_DIMS_SHIFT : 0) |
         (d->kind == DSD_MEM1D ? ((uint32_t)d->stride[0] & 0xff) << DSD_STRIDE_SHIFT : 0) |
         (d->wio ? DSD_WIO : 0);
}

void dsd_words(const DsdValue *d, uint32_t words[6])
{
  uint32_t list[9];
  bool fabric = d->kind == DSD_FABIN || d->kind == DSD_FABOUT;
  dsd_box(d, list);
  words[0] = (fabric ? fabric_low(d) : 0) | ((uint32_t)d->length.i & DSD_LEN_MASK) << DSD_LEN_SHIFT;
  words[1] = high_word(d);
  for (unsigned i = 0; i < 2; i++) {
    words[2 + i] = (list[1 + 2 * i] & 0xffff) | list[2 + 2 * i] << 16;
    words[4 + i] = (list[5 + 2 * i] & 0xffff) | list[6 + 2 * i] << 16;
  }
}

void dsd_serialise(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at)
{
  DsdValue d = cx->s->dsds[v.ref];
  uint32_t words[6], n = d.kind == DSD_MEM4D ? 6 : 2;
  Value length = d.length;
  bool per_tile = length.sym && d.base.type != T_NONE;
  if (!per_tile)
    sema_force(cx, &d.length);
  if (d.color.type != T_NONE)
    sema_force(cx, &d.color);
  bool loading = cx->tile && cx->tile->ops->loading;
  if (cx->tile)
    cx->tile->ops->loading = false; // a variable may become anything
  dsd_note_queue(cx, at, &d);
  if (cx->tile)
    cx->tile->ops->loading = loading;
  dsd_words(&d, words);
  for (uint32_t i = 0; i < 2 * n; i++)
    sema_serialise(cx, global, offset + 2 * i, v_int(T_U16, words[i / 2] >> 16 * (i & 1) & 0xffff),
                   at);
  if (d.base.type != T_NONE)
    sema_serialise(cx, global, offset, d.base, at);
  if (per_tile)
    sema_serialise(cx, global, offset + 2, length, at);
}
