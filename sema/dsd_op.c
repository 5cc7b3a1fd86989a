// DSD operations: operand forms, checks, and the instruction (language 13.3, 15.5).
#include "sema/advice.h"
#include "sema/ops.h"
#include <stb/stb_ds.h>
#include <string.h>

// ---- what an operation takes ----
enum { A = 1, B = 2, P = 4, Q = 8, R = 16, N = 32 };
typedef struct Form {
  uint8_t forms;
  char dest; // W I D H S
  bool commutes;
} Form;
static const Form forms[DSD_OPS] = {
#define DSD_FORM(name, accepted, dest_class, swap) [DSD_##name] = {accepted, #dest_class[0], swap},
#include "sema/dsd_forms.def"
#undef DSD_FORM
};

typedef enum ArgKind { ARG_DSD, ARG_DSR, ARG_FIFO, ARG_SCALAR, ARG_POINTER } ArgKind;
typedef struct Arg {
  Node *at;
  Operand op;
  uint8_t kind;
} Arg;
typedef struct OpCall {
  Ctx *cx;
  Node *call;
  DsdOp op;
  const DsdOpInfo *info;
  Form form;
  uint32_t n; // operands, without the configuration
  Arg args[4];
  OpConfig config;
  DsdUse use;
  IrRef dest, a, b, scalar;
  bool fabric, dsr, fifo;
} OpCall;

static bool no_variant(const OpCall *c, const Arg *arg, const char *expected)
{
  Sema *s = c->cx->s;
  SEMA_ERROR(c->cx, arg->at, no_variant);
  diag_note(s->diags, node_range(arg->at), "@%s expects %s here, got '%s'", c->info->name, expected,
            type_name(s, arg->op.type));
  return false;
}

static bool bad_operand(const OpCall *c, const Arg *arg, const char *why)
{
  SEMA_ERROR(c->cx, arg->at, dsd_operand, c->info->name, why, type_name(c->cx->s, arg->op.type));
  return false;
}

// ---- scalars ----
static Type class_type(const Sema *s, char class)
{
  return class == 'W' || class == 'I' ? T_I16
         : class == 'D'               ? T_I32
         : class == 'H'               ? type_fp16(s)
                                      : T_F32;
}

static const char *class_name(const OpCall *c, char class)
{
  Sema *s = c->cx->s;
  return class == 'W' ? "a 16-bit integer"
         : class == 'D'
             ? "a 32-bit integer"
             : arena_printf(&s->arena, "a value of type '%s'", type_name(s, class_type(s, class)));
}

static char scalar_class(const OpCall *c)
{
  return "WDHS"[c->info->scalar];
}

// Is `t` an integer of the class's width, of either sign?
static bool class_has(const Sema *s, char class, Type t)
{
  if (class == 'W' || class == 'D')
    return type_is_int(s, t) && type_bits(s, t) == (class == 'W' ? 16 : 32);
  return t == class_type(s, class);
}

// Scalars have 16 or 32 bits also where narrower ones would widen (sdk-2.10 1.3).
static bool is_abi_sized(const Sema *s, Type t)
{
  return !type_is_int(s, t) || t == T_COMPTIME_INT || type_bits(s, t) == 16 ||
         type_bits(s, t) == 32;
}

static IrRef scalar_ref(const OpCall *c, const Arg *arg, char class)
{
  Ctx *cx = c->cx;
  Value v;
  if (class_has(cx->s, class, arg->op.type))
    return sema_runtime(cx, arg->at, arg->op, T_NONE);
  bool integer = class == 'W' || class == 'D';
  if (integer && arg->op.type == T_COMPTIME_INT && sema_known(cx, arg->at, arg->op, T_NONE, &v)) {
    int64_t limit = class == 'W' ? UINT16_MAX : UINT32_MAX;
    if (v.i >= -(limit / 2 + 1) && v.i <= limit)
      return class == 'W' ? ops_i16(cx, v.i) : ops_i32(cx, v.i);
  }
  if (is_abi_sized(cx->s, arg->op.type) && sema_can_coerce(cx, &arg->op, class_type(cx->s, class)))
    return sema_runtime(cx, arg->at, arg->op, class_type(cx->s, class));
  no_variant(c, arg, class_name(c, class));
  return IR_NONE;
}

// ---- arguments ----
static uint8_t arg_kind(const Sema *s, Type t)
{
  if (type_is_dsd(t))
    return ARG_DSD;
  if (t == T_FIFO)
    return ARG_FIFO;
  if (t >= T_DSR_DEST && t <= T_DSR_FIFO_SRC1)
    return ARG_DSR;
  return type_is_pointer(s, t) ? ARG_POINTER : ARG_SCALAR;
}

static bool read_args(OpCall *c)
{
  Ctx *cx = c->cx;
  for (uint32_t i = 0; i < c->n; i++) {
    Arg *arg = &c->args[i];
    Type want = i ? class_type(cx->s, scalar_class(c)) : T_NONE;
    arg->at = c->call->list[i];
    arg->op = sema_expr(cx, arg->at, want);
    if (arg->op.kind == OPK_ERROR)
      return false;
    if (type_info(cx->s, arg->op.type)->kind == TK_ARRAY)
      return bad_operand(c, arg, "an array is not an operand: make a DSD of it with @get_dsd");
    arg->kind = arg_kind(cx->s, arg->op.type);
    if (arg->op.type == T_CIRCBUF)
      return bad_operand(c, arg, "load it into a DSR with @load_to_dsr_xdsr");
  }
  return true;
}

static DsrFile file_of(Type t)
{
  return t == T_DSR_DEST || t == T_DSR_FIFO_DEST ? DSR_DEST : t == T_DSR_SRC0 ? DSR_SRC0 : DSR_SRC1;
}

static bool fifo_ref(const OpCall *c, const Arg *arg, IrRef *ref)
{
  Value v;
  if (!sema_known(c->cx, arg->at, arg->op, T_FIFO, &v))
    return false;
  *ref = tir_emit(&c->cx->b, IR_DSD_FIFO, IRT_DSD, IR_NONE, IR_NONE, IR_NONE, v.ref);
  return true;
}

// A DSD, FIFO or DSR in one of the three places. `file`: the register file that the place uses.
static bool place_operand(OpCall *c, const Arg *arg, DsrFile file, DsdOperand *out, IrRef *ref)
{
  Value v;
  *out = (DsdOperand){.kind = OPND_DSD, .file = (uint8_t)file, .number = DSR_AUTO};
  switch (arg->kind) {
  case ARG_FIFO: c->fifo = true; return fifo_ref(c, arg, ref);
  case ARG_DSR:
    c->dsr = true;
    c->fifo |= arg->op.type == T_DSR_FIFO_DEST || arg->op.type == T_DSR_FIFO_SRC1;
    if (!sema_known(c->cx, arg->at, arg->op, T_NONE, &v))
      return false;
    *out = (DsdOperand){OPND_DSR, (uint8_t)file_of(arg->op.type), (uint8_t)v.i, 0};
    return true;
  default:
    c->fabric |= arg->op.type == T_FABIN || arg->op.type == T_FABOUT;
    *ref = sema_runtime(c->cx, arg->at, arg->op, T_NONE);
    return *ref != IR_NONE;
  }
}

// ---- the places ----
static bool is_scalar(const Arg *arg)
{
  return arg->kind == ARG_SCALAR || arg->kind == ARG_POINTER;
}

static bool dest_place(OpCall *c)
{
  const Arg *arg = &c->args[0];
  Type t = arg->op.type;
  if (arg->kind == ARG_SCALAR || arg->kind == ARG_POINTER)
    return no_variant(c, arg,
                      c->form.forms & (P | Q)
                          ? "a DSD, DSR, FIFO or pointer to a scalar as destination"
                          : "a DSD, DSR or FIFO as destination");
  if (t == T_FABIN)
    return bad_operand(c, arg, "a destination must be a memory DSD, fabout_dsd, DSR or FIFO");
  if (t == T_DSR_SRC1 || t == T_DSR_FIFO_SRC1)
    return bad_operand(c, arg, "a destination register must be dsr_dest or dsr_src0");
  return place_operand(c, arg, DSR_DEST, &c->use.dest, &c->dest);
}

static bool source_place(OpCall *c, const Arg *arg, bool first)
{
  Type t = arg->op.type;
  bool only = c->info->shape == SHAPE_UN;
  if (t == T_FABOUT)
    return bad_operand(c, arg, "a source must be a memory DSD, fabin_dsd, DSR or FIFO");
  if (t == T_DSR_DEST || t == T_DSR_FIFO_DEST)
    return bad_operand(c, arg, "a source register must be dsr_src0 or dsr_src1");
  if (first && (t == T_DSR_SRC1 || t == T_DSR_FIFO_SRC1))
    return bad_operand(c, arg, "the register of the first source must be dsr_src0");
  bool after_scalar = c->info->shape == SHAPE_BIN && is_scalar(&c->args[1]);
  if (!first && !only && t == T_DSR_SRC0 && (c->cx->s->arch->dsr_pairs || !after_scalar))
    return bad_operand(c, arg, "the register of the second source must be dsr_src1");
  if (only && t == T_DSR_SRC0 && c->cx->s->arch->dsr_pairs)
    return bad_operand(c, arg, "the register of the only source must be dsr_src1");
  if (first && arg->kind == ARG_FIFO)
    return bad_operand(c, arg, "a FIFO cannot be the first of several sources");
  return first ? place_operand(c, arg, DSR_SRC0, &c->use.src0, &c->a)
               : place_operand(c, arg, DSR_SRC1, &c->use.src1, &c->b);
}

static bool scalar_place(OpCall *c, const Arg *arg, DsdOperand *place, char class)
{
  *place = (DsdOperand){.kind = OPND_SCALAR};
  c->scalar = scalar_ref(c, arg, class);
  return c->scalar != IR_NONE;
}

static const char *source_names(const OpCall *c, bool scalar)
{
  Sema *s = c->cx->s;
  if (!scalar)
    return "a DSD, DSR or FIFO";
  return arena_printf(&s->arena, "a DSD, DSR, FIFO or %s", class_name(c, scalar_class(c)) + 2);
}

static bool one_source(OpCall *c)
{
  const Arg *arg = &c->args[1];
  if (!is_scalar(arg))
    return source_place(c, arg, false);
  if (!(c->form.forms & B) || c->use.dest.kind == OPND_POINTER)
    return no_variant(c, arg, source_names(c, false));
  return scalar_place(c, arg, &c->use.src1, scalar_class(c));
}

static void swap_args(OpCall *c)
{
  Arg t = c->args[1];
  c->args[1] = c->args[2];
  c->args[2] = t;
}

// Exchanges sources where only the other order has an encoding: a register of file src0 in the
// second place of an operation whose order does not matter, and the 16-bit operand of @faddhs in
// the first.
static void order_sources(OpCall *c)
{
  if (c->form.commutes && is_scalar(&c->args[1]) && c->args[2].op.type == T_DSR_SRC0)
    swap_args(c);
  else if (c->op == DSD_faddhs && is_scalar(&c->args[1]))
    swap_args(c);
}

static bool two_sources(OpCall *c)
{
  if (is_scalar(&c->args[1]) && is_scalar(&c->args[2]))
    return no_variant(c, &c->args[2], source_names(c, false));
  if (is_scalar(&c->args[1]) && !(c->form.forms & A))
    return no_variant(c, &c->args[1], source_names(c, false));
  if (is_scalar(&c->args[2]) && !(c->form.forms & B))
    return no_variant(c, &c->args[2], source_names(c, false));
  order_sources(c);
  const Arg *a = &c->args[1], *b = &c->args[2];
  if (!(is_scalar(a) ? scalar_place(c, a, &c->use.src0, scalar_class(c))
                     : source_place(c, a, true)))
    return false;
  return is_scalar(b) ? scalar_place(c, b, &c->use.src1, scalar_class(c))
                      : source_place(c, b, false);
}

static bool multiply_add(OpCall *c)
{
  for (uint32_t i = 1; i <= 2; i++)
    if (is_scalar(&c->args[i]))
      return no_variant(c, &c->args[i], source_names(c, false));
  if (!is_scalar(&c->args[3]))
    return no_variant(c, &c->args[3], class_name(c, scalar_class(c)));
  c->scalar = scalar_ref(c, &c->args[3], scalar_class(c));
  return c->scalar != IR_NONE && source_place(c, &c->args[1], true) &&
         source_place(c, &c->args[2], false);
}

// ---- pointer destinations ----
// The pointer as destination; false after a report if it does not point at a scalar of the
// operation.
static bool pointer_dest(OpCall *c)
{
  Sema *s = c->cx->s;
  const Arg *arg = &c->args[0];
  Type target = type_info(s, arg->op.type)->elem;
  if (type_info(s, arg->op.type)->kind != TK_PTR || !class_has(s, c->form.dest, target) ||
      type_info(s, arg->op.type)->is_const) {
    const char *what = class_name(c, c->form.dest);
    return no_variant(c, arg, arena_printf(&s->arena, "a DSD, DSR, FIFO or pointer to %s", what));
  }
  c->use.dest = (DsdOperand){.kind = OPND_POINTER, .file = DSR_DEST, .number = DSR_AUTO};
  c->dest = sema_runtime(c->cx, arg->at, arg->op, T_NONE);
  return c->dest != IR_NONE;
}

// (*dest, dest scalar, i16): the scalar goes to the pointer's target, which is then the first
// source, as an instruction takes one scalar only.
static bool through_target(OpCall *c)
{
  IrBuilder *b = &c->cx->b;
  IrRef start = scalar_ref(c, &c->args[1], c->form.dest);
  if (start == IR_NONE)
    return false;
  tir_emit(b, IR_STORE, IRT_VOID, c->dest, start, IR_NONE, 0);
  c->use.src0 = (DsdOperand){.kind = OPND_POINTER, .file = DSR_SRC0, .number = DSR_AUTO};
  c->a = c->dest;
  return true;
}

static bool pointer_form(OpCall *c)
{
  uint8_t f = c->form.forms;
  bool scalars = is_scalar(&c->args[c->n - 1]);
  if (!(f & (scalars ? R : P | Q)))
    return f & (P | Q | R) ? no_variant(c, &c->args[c->n - 1], source_names(c, false))
                           : dest_place(c);
  if (!pointer_dest(c))
    return false;
  if (c->info->shape == SHAPE_UN)
    return scalars ? scalar_place(c, &c->args[1], &c->use.src1, scalar_class(c))
                   : source_place(c, &c->args[1], false);
  if (!is_scalar(&c->args[1]))
    return no_variant(c, &c->args[1], class_name(c, c->form.dest));
  if (scalars)
    return through_target(c) && scalar_place(c, &c->args[2], &c->use.src1, 'I');
  return scalar_place(c, &c->args[1], &c->use.src0, c->form.dest) &&
         source_place(c, &c->args[2], false);
}

// ---- rules about all operands ----
static bool check_counts(const OpCall *c)
{
  uint32_t fabin = 0, fifos = 0;
  for (uint32_t i = 1; i < c->n; i++) {
    fabin += c->args[i].op.type == T_FABIN;
    fifos += c->args[i].kind == ARG_FIFO;
  }
  if (fabin > c->cx->s->arch->max_fabin_operands) {
    SEMA_ERROR(c->cx, c->call, too_many_fabin, c->info->name, c->cx->s->arch->max_fabin_operands,
               c->cx->s->arch->name);
    advise_fabric_inputs(c->cx, c->call);
    return false;
  }
  if (fifos > 1) {
    SEMA_ERROR(c->cx, c->call, too_many_fifos, c->info->name);
    return false;
  }
  return true;
}

// dsr_dest and dsr_src0 are one pair of registers on some architectures (language 14.3).
static bool check_pair(const OpCall *c)
{
  const DsdOperand *d = &c->use.dest, *s = &c->use.src0;
  if (!c->cx->s->arch->dsr_pairs || d->kind != OPND_DSR || s->kind != OPND_DSR ||
      d->file != DSR_DEST || d->number == s->number)
    return true;
  SEMA_ERROR(c->cx, c->call, dsr_pair, d->number, s->number);
  return false;
}

static bool check_async(const OpCall *c)
{
  bool async = c->config.cfg & CFG_ASYNC;
  if (async && !c->fabric && !c->dsr) {
    SEMA_ERROR(c->cx, c->config.at, async_without_fabric);
    return false;
  }
  if (!async && !c->dsr && c->config.completion != IR_NONE) {
    SEMA_ERROR(c->cx, c->config.at, completion_without_async);
    return false;
  }
  return true;
}

// The queue of a comptime-known fabric operand decides the microthread: asynchronous ones must name
// it.
static bool check_async_queue(const OpCall *c, const Arg *arg)
{
  Value v;
  if (!(c->config.cfg & CFG_ASYNC) || (arg->op.type != T_FABIN && arg->op.type != T_FABOUT) ||
      !sema_is_known(c->cx, arg->op, &v) || c->cx->s->dsds[v.ref].queue.type != T_NONE)
    return true;
  SEMA_ERROR(c->cx, arg->at, async_queue, arg->op.type == T_FABIN ? "input_queue" : "output_queue");
  return false;
}

int64_t ops_dsd_length(Ctx *cx, Operand op)
{
  Value v;
  if (!type_is_dsd(op.type) || !sema_is_known(cx, op, &v))
    return 0;
  const DsdValue *d = &cx->s->dsds[v.ref];
  if (d->kind != DSD_MEM4D)
    return d->length.sym || d->length.i == DSD_ENDLESS ? 0 : d->length.i;
  int64_t n = 1;
  for (unsigned i = 0; i < d->dims; i++)
    n *= d->extent[i];
  return n;
}

// A variable keeps the type of elements that it began with: nobody points it to others.
Type ops_dsd_elem(Ctx *cx, const Node *n, Operand op)
{
  Value v;
  if (op.type != T_MEM1D && op.type != T_MEM4D)
    return T_NONE;
  if (sema_is_known(cx, op, &v))
    return cx->s->dsds[v.ref].elem;
  v = sema_initial_value(cx, n);
  return v.type == op.type ? cx->s->dsds[v.ref].elem : T_NONE;
}

static void warn_lengths(const OpCall *c)
{
  int64_t first = 0;
  for (uint32_t i = 0; i < c->n; i++) {
    int64_t n = c->args[i].kind == ARG_DSD ? ops_dsd_length(c->cx, c->args[i].op) : 0;
    if (first && n && n != first) {
      SEMA_WARN(c->cx, c->args[i].at, dsd_lengths, (long long)n, (long long)first);
      return;
    }
    first = n ? n : first;
  }
}

// Copies of pairs of 16-bit elements as one word are common: only arithmetic is suspicious. So are
// halves of words taken as integers, but the upper or lower half of an f32 is no number.
static bool is_odd_width(const OpCall *c, unsigned bits, Type elem)
{
  unsigned held = type_bits(c->cx->s, elem);
  if (bits == 32)
    return held == 16 && c->op != DSD_mov32 && c->op != DSD_fmovs;
  return bits == 16 && held == 32 && type_is_float(elem);
}

static void warn_widths(const OpCall *c)
{
  const uint8_t bits[3] = {c->info->dest_bits,
                           c->info->shape == SHAPE_UN ? c->info->b_bits : c->info->a_bits,
                           c->info->b_bits};
  for (uint32_t i = 0; i < c->n && i < 3; i++) {
    Type elem =
        c->args[i].kind == ARG_DSD ? ops_dsd_elem(c->cx, c->args[i].at, c->args[i].op) : T_NONE;
    if (elem != T_NONE && is_odd_width(c, bits[i], elem))
      SEMA_WARN(c->cx, c->args[i].at, dsd_width, c->info->name, bits[i], type_name(c->cx->s, elem));
  }
}

static bool check_all(const OpCall *c)
{
  for (uint32_t i = 0; i < c->n; i++)
    if (!check_async_queue(c, &c->args[i]))
      return false;
  if (!check_counts(c) || !check_pair(c) || !check_async(c))
    return false;
  warn_lengths(c);
  warn_widths(c);
  return true;
}

// ---- the instruction ----
static Operand emit(OpCall *c)
{
  TileModule *m = c->cx->tile->module;
  c->cx->b.pos = c->call->at;
  c->use.cfg = c->config.cfg;
  c->use.completion = c->config.completion;
  c->use.on_control = c->config.on_control;
  c->use.index = c->config.index;
  arrput(m->dsd_uses, c->use);
  uint32_t list[2] = {c->scalar, (uint32_t)arrlen(m->dsd_uses) - 1};
  tir_emit_list(&c->cx->b, IR_DSD_RUN, IRT_VOID, c->dest, c->a, c->b, c->op, list, 2);
  if (!c->fifo) // only a FIFO makes an operation stop early
    return op_rvalue(T_BOOL, sema_const(c->cx, IRT_BOOL, 1));
  return op_rvalue(T_BOOL,
                   tir_emit(&c->cx->b, IR_DSD_STATUS, IRT_BOOL, IR_NONE, IR_NONE, IR_NONE, 0));
}

static bool operands(OpCall *c)
{
  if (c->args[0].kind == ARG_POINTER)
    return pointer_form(c);
  if (c->form.forms & N)
    return no_variant(
        c, &c->args[0],
        arena_printf(&c->cx->s->arena, "a pointer to %s", class_name(c, c->form.dest)));
  if (!dest_place(c))
    return false;
  return c->info->shape == SHAPE_UN    ? one_source(c)
         : c->info->shape == SHAPE_BIN ? two_sources(c)
                                       : multiply_add(c);
}

Operand bi_dsd_op(Ctx *cx, Node *call)
{
  OpCall c = {.cx = cx, .call = call, .op = isa_dsd_find(names_text(cx->s->names, call->name))};
  c.info = isa_dsd(c.op);
  c.form = forms[c.op];
  c.n = c.info->shape == SHAPE_UN ? 2 : c.info->shape == SHAPE_BIN ? 3 : 4;
  if (!read_args(&c) || !operands(&c))
    return op_error();
  if (call->count > c.n && !dsd_config(cx, call->list[c.n], CONFIG_OPERATION, &c.config))
    return op_error();
  return check_all(&c) ? emit(&c) : op_error();
}

// ---- @dfilt ----
Operand bi_dfilt(Ctx *cx, Node *call)
{
  OpCall c = {.cx = cx, .call = call, .op = DSD_dfilt, .info = isa_dsd(DSD_dfilt), .n = 1};
  Arg *arg = &c.args[0];
  arg->at = call->list[0];
  arg->op = sema_expr(cx, arg->at, T_NONE);
  if (arg->op.kind == OPK_ERROR)
    return op_error();
  arg->kind = arg_kind(cx->s, arg->op.type);
  if (arg->op.type != T_FABIN && arg->op.type != T_DSR_SRC1) {
    no_variant(&c, arg, "a fabin_dsd or dsr_src1");
    return op_error();
  }
  if (!place_operand(&c, arg, DSR_SRC1, &c.use.src1, &c.b) ||
      !dsd_config(cx, call->list[1], CONFIG_DFILT, &c.config))
    return op_error();
  if (!(c.config.cfg & CFG_ASYNC))
    return SEMA_ERROR(cx, call->list[1], dfilt_async);
  return check_async_queue(&c, arg) ? emit(&c) : op_error();
}
