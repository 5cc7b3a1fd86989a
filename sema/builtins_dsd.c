// Builtins that make DSDs: @get_dsd for every kind, and DSDs derived from others
// (language 13.1, 13.2).
#include "sema/advice.h"
#include "sema/legacy.h"
#include "sema/ops.h"
#include <stb/stb_ds.h>

// ---- what all kinds share ----
typedef struct Field { // one property: where it came from, and its value
  bool given;
  Operand op;
  Node *at;
} Field;

static bool setting_fails(Ctx *cx, Node *at)
{
  SEMA_ERROR(cx, at, dsd_setting);
  return false;
}

// Comptime value of a field that must not depend on anything at run time.
static bool known_field(Ctx *cx, const Field *f, Type want, Value *out)
{
  Value probe;
  if (!sema_is_known(cx, f->op, &probe))
    return setting_fails(cx, f->at);
  return sema_known(cx, f->at, f->op, want, out);
}

static Field take(const Config *c, const char *name)
{
  Field f = {0};
  f.given = config_has(c, name, &f.op, &f.at);
  if (f.given)
    f.op = sema_load(c->cx, f.at, f.op);
  return f;
}

static bool flag(const Config *c, const char *name, bool *out)
{
  Field f = take(c, name);
  Value v;
  if (!f.given)
    return true;
  if (!known_field(c->cx, &f, T_BOOL, &v))
    return false;
  *out = v.i;
  return true;
}

static bool is_tuple(Ctx *cx, const Operand *op)
{
  return type_is_aggregate(cx->s, op->type);
}

static uint32_t tuple_count(Ctx *cx, const Operand *op)
{
  return is_tuple(cx, op) ? type_info(cx->s, op->type)->count : 1;
}

static Operand tuple_item(Ctx *cx, const Field *f, uint32_t k)
{
  return is_tuple(cx, &f->op) ? sema_element(cx, f->at, &f->op, k) : f->op;
}

// A length: comptime ones are brought into 15 bits. Tiles whose lengths differ share a program
// unless one is too long.
static bool check_length(Ctx *cx, Node *at, Value *v)
{
  if (sema_at_most(cx, at, *v, DSD_ENDLESS))
    return true;
  if (v->i != UINT16_MAX)
    SEMA_WARN(cx, at, dsd_length, (long long)v->i);
  sema_force(cx, v);
  v->i = DSD_ENDLESS;
  return true;
}

// Coerces an extent to u16. *known: comptime-known, then *v; else *op is what run time computes.
static bool length_operand(Ctx *cx, Node *at, Operand *op, bool *known, Value *v)
{
  if (!sema_coerce(cx, at, op, T_U16))
    return false;
  *known = sema_is_known(cx, *op, v);
  return !*known || check_length(cx, at, v);
}

// ---- memory DSDs ----
typedef struct MemProps {
  Field base, extent, stride, offset;
  bool wio;
} MemProps;

static bool merge(Ctx *cx, Field *direct, const Config *tensor, const char *name)
{
  Field f = take(tensor, name);
  if (f.given && direct->given) {
    SEMA_ERROR(cx, direct->at, property_twice, name);
    return false;
  }
  if (f.given)
    *direct = f;
  return true;
}

static bool mem_props(const Config *c, MemProps *p)
{
  static const char *const fields[] = {"tensor_access", "base_address",         "extent", "stride",
                                       "offset",        "wavelet_index_offset", NULL};
  static const char *const parts[] = {"base_address", "extent", "stride", "offset", NULL};
  Ctx *cx = c->cx;
  Config tensor;
  bool ok = true;
  *p = (MemProps){take(c, "base_address"), take(c, "extent"), take(c, "stride"), take(c, "offset"),
                  false};
  if (!config_only(c, fields) || !flag(c, "wavelet_index_offset", &p->wio))
    return false;
  if (config_sub(c, "tensor_access", &tensor, &ok)) {
    ok = config_only(&tensor, parts) && merge(cx, &p->base, &tensor, "base_address") &&
         merge(cx, &p->extent, &tensor, "extent") && merge(cx, &p->stride, &tensor, "stride") &&
         merge(cx, &p->offset, &tensor, "offset");
  }
  if (!ok)
    return false;
  if (p->base.given && p->extent.given)
    return true;
  SEMA_ERROR(cx, c->at, config_missing, p->base.given ? "extent" : "tensor_access or base_address",
             c->what);
  return false;
}

// Elements of DSDs in memory have 16 or 32 bits.
static bool check_element(Ctx *cx, Node *at, Type elem)
{
  unsigned bits = type_is_int(cx->s, elem) || type_is_float(elem) ? type_bits(cx->s, elem) : 0;
  if (bits == 16 || bits == 32)
    return true;
  SEMA_ERROR(cx, at, dsd_element, type_name(cx->s, elem));
  return false;
}

static bool mem_base(Ctx *cx, const Field *f, Operand *base, Type *elem)
{
  if (!ops_address(cx, f->at, f->op, base))
    return false;
  *elem = ops_pointee(cx->s, base->type);
  return check_element(cx, f->at, *elem);
}

static IrRef sign_extend(Ctx *cx, IrRef ref, IrType from, IrType to)
{
  return from == to ? ref : tir_emit(&cx->b, IR_SEXT, to, ref, IR_NONE, IR_NONE, 0);
}

// Pointer operand moved by an element count. Both stay comptime-known if they are.
static bool move_base(Ctx *cx, Operand *base, const Field *offset, Type elem)
{
  Value by, at;
  Operand op = offset->op;
  if (!offset->given)
    return true;
  if (!sema_coerce(cx, offset->at, &op, T_I16))
    return false;
  uint32_t size = type_size(cx->s, elem);
  if (sema_is_known(cx, op, &by) && sema_is_known(cx, *base, &at)) {
    if (!sema_known(cx, offset->at, op, T_I16, &by))
      return false;
    at.off += (int32_t)by.i * (int32_t)size;
    *base = op_value(at);
    return true;
  }
  IrRef count = sema_runtime(cx, offset->at, op, T_I16);
  IrRef ref = sema_runtime(cx, offset->at, *base, T_NONE);
  if (count == IR_NONE || ref == IR_NONE)
    return false;
  count = sign_extend(cx, count, IRT_I16, IRT_I32);
  *base = op_rvalue(base->type, tir_emit(&cx->b, IR_ELEM, IRT_PTR, ref, count, IR_NONE, size));
  return true;
}

static Operand new_dsd(Ctx *cx, Type t, const DsdValue *d)
{
  return op_value(v_ref(t, dsd_new(cx->s, d)));
}

// Without a comptime value of the base, an address of run time: only in code.
static bool needs_code(Ctx *cx, Node *at)
{
  if (!cx->comptime)
    return true;
  SEMA_ERROR(cx, at, dsd_runtime_field);
  return false;
}

static Operand mem1d_runtime(Ctx *cx, Node *call, const MemProps *p, Operand base, Operand length,
                             Operand stride)
{
  if (!needs_code(cx, call))
    return op_error();
  IrRef a = sema_runtime(cx, p->base.at, base, T_NONE);
  IrRef n = sema_runtime(cx, p->extent.at, length, T_U16);
  IrRef s = ops_i16(cx, 1);
  if (p->stride.given) {
    s = sema_runtime(cx, p->stride.at, stride, T_I8);
    if (s != IR_NONE)
      s = sign_extend(cx, s, IRT_I8, IRT_I16);
  }
  if (a == IR_NONE || n == IR_NONE || s == IR_NONE)
    return op_error();
  cx->b.pos = call->at;
  return op_rvalue(T_MEM1D, tir_emit(&cx->b, IR_DSD_MEM, IRT_DSD, a, n, s, p->wio ? DSD_WIO : 0));
}

// The stride of a mem1d_dsd has 8 bits; those of a box are wider.
static bool stride_operand(Ctx *cx, Node *at, Operand *op)
{
  Value v;
  bool number = op->type == T_COMPTIME_INT || type_is_int(cx->s, op->type);
  if (!number || !sema_is_known(cx, *op, &v) || (v.i >= INT8_MIN && v.i <= INT8_MAX))
    return sema_coerce(cx, at, op, T_I8);
  SEMA_ERROR(cx, at, mem1d_stride, v_int_text(cx->s, v));
  diag_note(cx->s->diags, (SrcRange){0, 0},
            "the strides of a mem4d_dsd have 16 bits; it may have one dimension");
  return false;
}

// One number of mem1d: one-element tuples are what a tensor access yields.
static bool single(Ctx *cx, Field *f, const char *name)
{
  if (!f->given)
    return true;
  if (tuple_count(cx, &f->op) != 1) {
    SEMA_ERROR(cx, f->at, mem1d_single, name);
    return false;
  }
  f->op = tuple_item(cx, f, 0);
  return true;
}

static Operand get_mem1d(Ctx *cx, Node *call, const Config *c)
{
  MemProps p;
  Operand base;
  DsdValue d = {.kind = DSD_MEM1D, .dims = 1, .stride = {1}};
  bool known;
  Value stride;
  if (!mem_props(c, &p) || !single(cx, &p.extent, "extent") || !single(cx, &p.stride, "stride") ||
      !single(cx, &p.offset, "offset") || !mem_base(cx, &p.base, &base, &d.elem) ||
      !move_base(cx, &base, &p.offset, d.elem) ||
      !length_operand(cx, p.extent.at, &p.extent.op, &known, &d.length) ||
      (p.stride.given && !stride_operand(cx, p.stride.at, &p.stride.op)))
    return op_error();
  if (!known || !sema_is_known(cx, base, &d.base) ||
      (p.stride.given && !sema_is_known(cx, p.stride.op, &stride)))
    return mem1d_runtime(cx, call, &p, base, p.extent.op, p.stride.op);
  if (p.stride.given) {
    if (!sema_known(cx, p.stride.at, p.stride.op, T_I8, &stride))
      return op_error();
    d.stride[0] = (int32_t)stride.i;
  }
  d.wio = p.wio;
  return new_dsd(cx, T_MEM1D, &d);
}

static bool box_numbers(Ctx *cx, const Field *f, Type want, DsdValue *d, bool extents)
{
  for (uint32_t i = 0; i < d->dims; i++) {
    Field one = {true, tuple_item(cx, f, i), f->at};
    Value v;
    if (!known_field(cx, &one, want, &v))
      return false;
    if (extents)
      d->extent[i] = (uint32_t)v.i;
    else
      d->stride[i] = (int32_t)v.i;
  }
  return true;
}

static bool box_shape(Ctx *cx, const MemProps *p, DsdValue *d)
{
  uint32_t dims = tuple_count(cx, &p->extent.op);
  if (dims < 1 || dims > 4) {
    SEMA_ERROR(cx, p->extent.at, mem4d_dims, dims);
    return false;
  }
  d->dims = (uint8_t)dims;
  if (p->stride.given && tuple_count(cx, &p->stride.op) != dims) {
    SEMA_ERROR(cx, p->stride.at, mem4d_strides, dims, tuple_count(cx, &p->stride.op));
    return false;
  }
  for (uint32_t i = 0; i < dims; i++)
    d->stride[i] = 1;
  return box_numbers(cx, &p->extent, T_U16, d, true) &&
         (!p->stride.given || box_numbers(cx, &p->stride, T_I16, d, false));
}

static Operand mem4d_runtime(Ctx *cx, Node *call, const MemProps *p, Operand base,
                             const DsdValue *d)
{
  uint32_t list[9];
  if (!needs_code(cx, call))
    return op_error();
  IrRef a = sema_runtime(cx, p->base.at, base, T_NONE);
  if (a == IR_NONE)
    return op_error();
  dsd_box(d, list);
  cx->b.pos = call->at;
  return op_rvalue(T_MEM4D, tir_emit_list(&cx->b, IR_DSD_MEM4, IRT_DSD4, a, IR_NONE, IR_NONE,
                                          p->wio ? DSD_WIO : 0, list, 9));
}

static Operand get_mem4d(Ctx *cx, Node *call, const Config *c)
{
  MemProps p;
  Operand base;
  DsdValue d = {.kind = DSD_MEM4D, .length = v_int(T_U16, 0)};
  if (!mem_props(c, &p) || !single(cx, &p.offset, "offset") ||
      !mem_base(cx, &p.base, &base, &d.elem) || !move_base(cx, &base, &p.offset, d.elem) ||
      !box_shape(cx, &p, &d))
    return op_error();
  d.wio = p.wio;
  if (!sema_is_known(cx, base, &d.base))
    return mem4d_runtime(cx, call, &p, base, &d);
  return new_dsd(cx, T_MEM4D, &d);
}

// ---- circular buffers ----
static bool circ_wrap(Ctx *cx, const Config *c, const Operand *base, int64_t *wrap)
{
  const TypeInfo *target = type_info(cx->s, type_info(cx->s, base->type)->elem);
  int64_t size = target->kind == TK_ARRAY ? (int64_t)target->count : UINT16_MAX;
  *wrap = target->kind == TK_ARRAY ? size : -1;
  if (!config_int(c, "wraparound", 1, size, wrap))
    return false;
  if (*wrap >= 0)
    return true;
  SEMA_ERROR(cx, c->at, config_missing, "wraparound", c->what);
  return false;
}

static Operand get_circbuf(Ctx *cx, const Config *c)
{
  static const char *const fields[] = {"base_address", "extent", "wraparound", NULL};
  DsdValue d = {.kind = DSD_CIRCBUF, .dims = 1, .stride = {1}};
  Field base = take(c, "base_address"), extent = take(c, "extent");
  Operand pointer;
  int64_t wrap;
  bool known;
  if (!config_only(c, fields))
    return op_error();
  if (!base.given || !extent.given)
    return SEMA_ERROR(cx, c->at, config_missing, base.given ? "extent" : "base_address", c->what);
  if (!mem_base(cx, &base, &pointer, &d.elem) || !circ_wrap(cx, c, &pointer, &wrap) ||
      !length_operand(cx, extent.at, &extent.op, &known, &d.length))
    return op_error();
  if (!known || !sema_is_known(cx, pointer, &d.base)) {
    setting_fails(cx, c->at);
    return op_error();
  }
  d.wrap = (uint32_t)wrap;
  return new_dsd(cx, T_CIRCBUF, &d);
}

// ---- fabric DSDs ----
static bool packs_all(const Arch *a)
{
  return a->simd_default_210 == SIMD_MAX;
}

static bool simd_mode(const Config *c, DsdValue *d)
{
  static const char *const modes[] = {"simd_off",      "simd_32",  "simd_64",
                                      "simd_32_or_64", "simd_max", NULL};
  static const uint8_t meaning[] = {SIMD_OFF, SIMD_32, SIMD_64, SIMD_MAX, SIMD_MAX};
  Sema *s = c->cx->s;
  Config sub;
  bool ok = true;
  d->simd = s->compat == COMPAT_2_10 ? (uint8_t)s->arch->simd_default_210 : SIMD_OFF;
  if (!config_sub(c, "simd_mode", &sub, &ok))
    return ok;
  int mode = config_one_true(&sub, modes);
  if (mode < 0)
    return false;
  d->simd_given = true;
  d->simd = meaning[mode];
  if (s->compat == COMPAT_2_10 && packs_all(s->arch) && mode > 0 && mode < 4) {
    SEMA_WARN(c->cx, sub.at, simd_old_name, modes[mode], s->arch->name);
    d->simd = SIMD_MAX;
  }
  return true;
}

static bool fabric_priority(const Config *c, DsdValue *d)
{
  int level = d->priority;
  if (!config_priority(c, &level))
    return false;
  d->priority = (uint8_t)level;
  return true;
}

static bool fabric_zero(const Config *c, DsdValue *d)
{
  static const char *const names[] = {"first_source", "second_source", NULL};
  int which = -1;
  if (!config_choice(c, "zero", names, &which))
    return false;
  d->zero_first = which == 0;
  d->zero_second = which == 1;
  return true;
}

static bool fabric_fields(const Config *c, bool out)
{
  static const char *const in_fields[] = {"fabric_color",      "input_queue", "extent", "simd_mode",
                                          "control_transform", "priority",    NULL};
  static const char *const out_fields[] = {"fabric_color",
                                           "output_queue",
                                           "extent",
                                           "simd_mode",
                                           "control_transform",
                                           "control",
                                           "zero",
                                           "priority",
                                           "advance_switch",
                                           "wavelet_index_offset",
                                           NULL};
  static const char *const wrong[2] = {"output_queue", "input_queue"};
  Operand op;
  Node *at;
  if (config_has(c, wrong[out], &op, &at)) {
    SEMA_ERROR(c->cx, at, queue_mixed, wrong[!out], out ? "fabout_dsd" : "fabin_dsd", wrong[out]);
    return false;
  }
  return config_only(c, out ? out_fields : in_fields);
}

static bool fabric_settings(const Config *c, DsdValue *d)
{
  bool out = d->kind == DSD_FABOUT;
  return fabric_fields(c, out) && simd_mode(c, d) && fabric_priority(c, d) &&
         flag(c, "control_transform", &d->control_transform) &&
         (!out || (flag(c, "control", &d->control) && fabric_zero(c, d) &&
                   flag(c, "advance_switch", &d->advance_switch) &&
                   flag(c, "wavelet_index_offset", &d->wio)));
}

// The queue: in *d if it is known, else *f computes it at run time.
static bool fabric_queue(const Config *c, DsdValue *d, Field *f)
{
  bool out = d->kind == DSD_FABOUT;
  Type want = out ? T_OUTPUT_QUEUE : T_INPUT_QUEUE;
  Value probe;
  *f = take(c, out ? "output_queue" : "input_queue");
  if (!f->given)
    return true;
  if (!legacy_queue(c->cx, f->at, out, &f->op) || !sema_coerce(c->cx, f->at, &f->op, want))
    return false;
  if (!sema_is_known(c->cx, f->op, &probe) && !c->cx->comptime)
    return true;
  return known_field(c->cx, f, want, &d->queue);
}

// Whether colour and queue say enough, and whether 2.10 finds the colour too much (sdk-2.10 1.4).
static bool check_fabric(const Config *c, const DsdValue *d, bool has_color, bool has_queue)
{
  const Arch *a = c->cx->s->arch;
  bool out = d->kind == DSD_FABOUT;
  bool color_by_queue = has_queue && (!out || a->oq_has_color);
  if (!has_color && !color_by_queue) {
    SEMA_ERROR(c->cx, c->at, config_missing, "fabric_color", c->what);
    if (has_queue)
      advise_fabric_dsd(c->cx, c->at, out);
    return false;
  }
  if (!has_queue && !a->auto_input_queue) {
    SEMA_ERROR(c->cx, c->at, config_missing, out ? "output_queue" : "input_queue", c->what);
    advise_fabric_dsd(c->cx, c->at, out);
    return false;
  }
  if (has_color && color_by_queue && c->cx->s->compat == COMPAT_2_10 &&
      !ops_in_stdlib(c->cx->s, c->at))
    SEMA_WARN(c->cx, c->at, fabric_color_deprecated, out ? "output_queue" : "input_queue");
  return true;
}

typedef struct FabricProps {
  Field extent, color, queue;
} FabricProps;

// Queues that a number of run time can mean: those that are set up, or need no set-up.
static bool can_be_queue(const Ctx *cx, bool out, int64_t k)
{
  const OpsTile *t = cx->tile->ops;
  return out ? t->out[k].initialised || !cx->s->arch->oq_has_color : t->in[k].initialised;
}

// The descriptor for a queue of run time: an instruction names its queue, so there is one for each.
static Operand fabric_of_queues(Ctx *cx, Node *call, Type t, DsdValue d, IrRef n, IrRef color,
                                const Field *queue)
{
  IrBuilder *b = &cx->b;
  bool out = d.kind == DSD_FABOUT;
  const Arch *a = cx->s->arch;
  Type type = out ? T_OUTPUT_QUEUE : T_INPUT_QUEUE;
  IrRef number = sema_runtime(cx, queue->at, queue->op, type), slot = tir_slot(b, IRT_DSD, NULL);
  uint32_t start = b->block, done = tir_block(b), other = tir_block(b), *cases = NULL;
  arrput(cases, other);
  for (uint32_t k = 0; k < (out ? a->output_queues : a->input_queues); k++) {
    if (!can_be_queue(cx, out, k))
      continue;
    b->block = tir_block(b);
    arrput(cases, k); // from …
    arrput(cases, k); // … to
    arrput(cases, b->block);
    d.queue = v_int(type, k);
    IrRef dsd = tir_emit(b, IR_DSD_FAB, IRT_DSD, n, color, IR_NONE, dsd_fabric(cx, &d));
    tir_emit(b, IR_STORE, IRT_VOID, slot, dsd, IR_NONE, 0);
    tir_emit(b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, done);
  }
  b->block = other;
  tir_emit(b, IR_TRAP, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, TRAP_QUEUE);
  tir_emit(b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  b->block = start;
  tir_emit_list(b, IR_SWITCH, IRT_VOID, number, IR_NONE, IR_NONE, 0, cases,
                (uint32_t)arrlen(cases));
  bool any = arrlen(cases) > 1;
  arrfree(cases);
  b->block = done;
  if (!any)
    return SEMA_ERROR(cx, call, no_queue_set_up, out ? "output" : "input");
  return op_rvalue(t, tir_emit(b, IR_LOAD, IRT_DSD, slot, IR_NONE, IR_NONE, 0));
}

static Operand fabric_runtime(Ctx *cx, Node *call, Type t, const DsdValue *d, FabricProps *p)
{
  if (!needs_code(cx, call))
    return op_error();
  IrRef n = sema_runtime(cx, p->extent.at, p->extent.op, T_U16);
  IrRef c = p->color.given ? sema_runtime(cx, p->color.at, p->color.op, T_COLOR) : IR_NONE;
  if (n == IR_NONE || (p->color.given && c == IR_NONE))
    return op_error();
  cx->b.pos = call->at;
  if (p->queue.given && d->queue.type == T_NONE)
    return fabric_of_queues(cx, call, t, *d, n, c, &p->queue);
  dsd_note_queue(cx, call, d);
  return op_rvalue(t, tir_emit(&cx->b, IR_DSD_FAB, IRT_DSD, n, c, IR_NONE, dsd_fabric(cx, d)));
}

static Operand get_fabric(Ctx *cx, Node *call, const Config *c, Type t)
{
  DsdValue d = {.kind = t == T_FABOUT ? DSD_FABOUT : DSD_FABIN, .dims = 1};
  FabricProps p = {.extent = take(c, "extent"), .color = take(c, "fabric_color")};
  bool known, color_known = true;
  if (!fabric_settings(c, &d) || !fabric_queue(c, &d, &p.queue) ||
      !check_fabric(c, &d, p.color.given, p.queue.given))
    return op_error();
  if (!p.extent.given)
    return SEMA_ERROR(cx, c->at, config_missing, "extent", c->what);
  if (!length_operand(cx, p.extent.at, &p.extent.op, &known, &d.length) ||
      (p.color.given && !sema_coerce(cx, p.color.at, &p.color.op, T_COLOR)))
    return op_error();
  if (p.color.given)
    color_known = sema_is_known(cx, p.color.op, &d.color);
  if (known && color_known && p.queue.given == (d.queue.type != T_NONE))
    return new_dsd(cx, t, &d);
  if (!color_known)
    d.color = (Value){0};
  return fabric_runtime(cx, call, t, &d, &p);
}

Operand bi_get_dsd(Ctx *cx, Node *call)
{
  Type t;
  Config c;
  if (!sema_comptime_type(cx, call->list[0], &t))
    return op_error();
  if (!type_is_dsd(t))
    return SEMA_ERROR(cx, call->list[0], expected_kind, "a DSD type", type_name(cx->s, t));
  const char *what = arena_printf(&cx->s->arena, "%s", type_name(cx->s, t));
  if (!config_open(cx, call->list[1], what, &c))
    return op_error();
  switch (t) {
  case T_MEM1D: return get_mem1d(cx, call, &c);
  case T_MEM4D: return get_mem4d(cx, call, &c);
  case T_CIRCBUF: return get_circbuf(cx, &c);
  default: return get_fabric(cx, call, &c, t);
  }
}

// ---- derived DSDs ----
typedef struct Derived {
  Operand op;
  Type elem; // of its memory, T_NONE: not known
  bool known;
  DsdValue d; // if known
} Derived;

static bool is_memory(Type t)
{
  return t == T_MEM1D || t == T_MEM4D;
}

// The DSD that is changed. `memory`: it must lie in memory.
static bool derive(Ctx *cx, Node *n, bool memory, Derived *x)
{
  Value v;
  x->op = sema_load(cx, n, sema_expr(cx, n, T_NONE));
  if (x->op.kind == OPK_ERROR)
    return false;
  if (!type_is_dsd(x->op.type) || x->op.type == T_CIRCBUF || (memory && !is_memory(x->op.type))) {
    SEMA_ERROR(cx, n, expected_kind, memory ? "a mem1d_dsd or mem4d_dsd" : "a DSD",
               type_name(cx->s, x->op.type));
    return false;
  }
  x->elem = ops_dsd_elem(cx, n, x->op);
  x->known = sema_is_known(cx, x->op, &v);
  if (x->known)
    x->d = cx->s->dsds[v.ref];
  return true;
}

static Operand derived_known(Ctx *cx, const Derived *x)
{
  return new_dsd(cx, x->op.type, &x->d);
}

// Emits the change of a DSD by a run-time value.
static Operand derived_runtime(Ctx *cx, Node *call, const Derived *x, IrOp op, IrRef by,
                               uint32_t aux)
{
  if (!needs_code(cx, call))
    return op_error();
  IrRef dsd = sema_runtime(cx, call->list[0], x->op, T_NONE);
  if (dsd == IR_NONE || by == IR_NONE)
    return op_error();
  cx->b.pos = call->at;
  return op_rvalue(x->op.type,
                   tir_emit(&cx->b, op, type_lower(cx, x->op.type), dsd, by, IR_NONE, aux));
}

Operand bi_set_dsd_base_addr(Ctx *cx, Node *call)
{
  Derived x;
  Operand base;
  Value v;
  Node *n = call->list[1];
  if (!derive(cx, call->list[0], true, &x) || !ops_address(cx, n, sema_place(cx, n), &base) ||
      !check_element(cx, n, ops_pointee(cx->s, base.type)))
    return op_error();
  if (x.known && sema_is_known(cx, base, &v)) {
    x.d.base = v;
    x.d.elem = ops_pointee(cx->s, base.type);
    return derived_known(cx, &x);
  }
  if (!needs_code(cx, call))
    return op_error();
  return derived_runtime(cx, call, &x, IR_DSD_BASE, sema_runtime(cx, n, base, T_NONE), 0);
}

Operand bi_increment_dsd_offset(Ctx *cx, Node *call)
{
  Derived x;
  Type elem;
  Value by;
  Node *n = call->list[1];
  if (!derive(cx, call->list[0], true, &x) || !sema_comptime_type(cx, call->list[2], &elem) ||
      !check_element(cx, call->list[2], elem))
    return op_error();
  Operand count = sema_load(cx, n, sema_expr(cx, n, T_I16));
  if (count.kind == OPK_ERROR || !sema_coerce(cx, n, &count, T_I16))
    return op_error();
  uint32_t size = type_size(cx->s, elem);
  if (x.elem != T_NONE && size < type_size(cx->s, x.elem))
    SEMA_WARN(cx, call->list[2], offset_type, type_name(cx->s, elem), type_name(cx->s, x.elem));
  if (x.known && sema_is_known(cx, count, &by)) {
    if (!sema_known(cx, n, count, T_I16, &by))
      return op_error();
    x.d.base.off += (int32_t)by.i * (int32_t)size;
    return derived_known(cx, &x);
  }
  if (!needs_code(cx, call))
    return op_error();
  return derived_runtime(cx, call, &x, IR_DSD_STEP, sema_runtime(cx, n, count, T_I16), size);
}

Operand bi_set_dsd_length(Ctx *cx, Node *call)
{
  Derived x;
  Value v;
  bool known;
  Node *n = call->list[1];
  if (!derive(cx, call->list[0], false, &x))
    return op_error();
  if (x.op.type == T_MEM4D)
    return SEMA_ERROR(cx, call->list[0], expected_kind, "a mem1d_dsd, fabin_dsd or fabout_dsd",
                      type_name(cx->s, x.op.type));
  Operand length = sema_load(cx, n, sema_expr(cx, n, T_U16));
  if (length.kind == OPK_ERROR || !length_operand(cx, n, &length, &known, &v))
    return op_error();
  if (x.known && known) {
    x.d.length = v;
    return derived_known(cx, &x);
  }
  if (!needs_code(cx, call))
    return op_error();
  return derived_runtime(cx, call, &x, IR_DSD_LENGTH, sema_runtime(cx, n, length, T_U16), 0);
}

Operand bi_set_dsd_stride(Ctx *cx, Node *call)
{
  Derived x;
  Value v;
  Node *n = call->list[1];
  if (!derive(cx, call->list[0], false, &x))
    return op_error();
  if (x.op.type != T_MEM1D)
    return SEMA_ERROR(cx, call->list[0], expected_kind, "a mem1d_dsd", type_name(cx->s, x.op.type));
  Operand stride = sema_load(cx, n, sema_expr(cx, n, T_I8));
  if (stride.kind == OPK_ERROR || !stride_operand(cx, n, &stride))
    return op_error();
  if (x.known && sema_is_known(cx, stride, &v)) {
    if (!sema_known(cx, n, stride, T_I8, &v))
      return op_error();
    x.d.stride[0] = (int32_t)v.i;
    return derived_known(cx, &x);
  }
  if (!needs_code(cx, call))
    return op_error();
  IrRef by = sema_runtime(cx, n, stride, T_I8);
  if (by != IR_NONE)
    by = sign_extend(cx, by, IRT_I8, IRT_I16);
  return derived_runtime(cx, call, &x, IR_DSD_STRIDE, by, 0);
}
