// Conversions: the implicit ones (spec language 5.4, sdk-2.10 1.2-1.3), the peer type of several
// operands, and @as (5.5).
#include "arith/arith.h"
#include "sema/private.h"
#include <math.h>

// ---- which implicit conversions there are ----
static bool is_int_like(const Sema *s, Type t)
{
  return t == T_COMPTIME_INT || type_is_int(s, t);
}

// Fixed-width integers and floats that widen without loss (sdk-2.10 1.3).
bool type_widens(const Sema *s, Type from, Type to)
{
  if (type_is_float(from))
    return to == T_F32 && from != T_F32;
  if (!type_is_int(s, from) || !type_is_int(s, to) || type_bits(s, from) >= type_bits(s, to))
    return false;
  return type_is_signed(s, to) || !type_is_signed(s, from);
}

static bool pointer_converts(const Sema *s, Type from, Type to)
{
  const TypeInfo *f = type_info(s, from), *t = type_info(s, to);
  if (f->is_const && !t->is_const)
    return false;
  if (t->elem == T_ANYOPAQUE || (f->kind == t->kind && f->elem == t->elem))
    return true;
  const TypeInfo *fe = type_info(s, f->elem), *te = type_info(s, t->elem);
  if (f->kind != TK_PTR)
    return false;
  if (t->kind == TK_MANY)
    return fe->kind == TK_ARRAY && fe->elem == t->elem; // of any rank: its elements in order
  return te->kind == TK_ARRAY && te->rank == 1 && te->count == 1 && te->elem == f->elem;
}

static bool same_names(const TypeInfo *a, const TypeInfo *b)
{
  if (a->count != b->count || (a->kind == TK_TUPLE) != (b->kind == TK_TUPLE))
    return false;
  for (uint32_t i = 0; i < a->count; i++) {
    bool found = false;
    for (uint32_t k = 0; k < b->count && !found; k++)
      found = a->fields[i].name == b->fields[k].name;
    if (!found)
      return false;
  }
  return true;
}

static bool is_anon(const TypeInfo *t)
{
  return t->kind == TK_ANON || t->kind == TK_TUPLE;
}

static bool known_int_fits(const Sema *s, Value v, Type want)
{
  if (type_is_big(s, v.type) || type_is_big(s, want))
    return int_value_fits(s, v, want);
  bool huge = type_bits(s, v.type) == 64 && !type_is_signed(s, v.type) &&
              v.i < 0; // u64 above the range of i64
  return huge ? type_bits(s, want) == 64 && !type_is_signed(s, want) : int_fits(s, want, v.i);
}

bool sema_can_coerce(Ctx *cx, const Operand *op, Type want)
{
  const Sema *s = cx->s;
  Type from = op->type;
  bool known = op->kind == OPK_VALUE;
  if (from == want || want == T_NONE)
    return true;
  if (is_int_like(s, from) && is_int_like(s, want))
    return (known && known_int_fits(s, op->v, want)) || type_widens(s, from, want);
  if (from == T_COMPTIME_FLOAT)
    return type_is_float(want);
  if (type_is_float(from))
    return type_widens(s, from, want) || (known && want == T_COMPTIME_FLOAT);
  if (want == T_COMPTIME_STRUCT)
    return type_is_struct(s, from);
  const TypeInfo *f = type_info(s, from), *w = type_info(s, want);
  if (f->kind == TK_FN)
    return w->kind == TK_PTR && w->elem == from && known;
  if (type_is_pointer(s, from))
    return type_is_pointer(s, want) && pointer_converts(s, from, want);
  return is_anon(f) && type_is_struct(s, want) && same_names(f, w);
}

// ---- doing it ----
// All tiles of a class agree on whether a value that depends on params fits.
static void guard_range(Ctx *cx, Node *at, Value v, Type want)
{
  Sema *s = cx->s;
  unsigned bits = type_bits(s, want);
  if (!v.sym || want == T_COMPTIME_INT || type_widens(s, v.type, want))
    return;
  if (bits >= 63) { // bounds that are no words of every type
    sema_force(cx, &v);
    return;
  }
  bool sign = type_is_signed(s, want);
  Value low = v_int(v.type, sign ? -(1ll << (bits - 1)) : 0), ok;
  Value high = v_int(v.type, sign ? (1ll << (bits - 1)) - 1 : (1ll << bits) - 1);
  arith_binary(cx, at, OP_GE, v, low, &ok);
  sema_force(cx, &ok);
  arith_binary(cx, at, OP_LE, v, high, &ok);
  sema_force(cx, &ok);
}

bool sema_at_most(Ctx *cx, Node *at, Value v, int64_t limit)
{
  Value ok;
  if (!v.sym)
    return v.i <= limit;
  arith_binary(cx, at, OP_LE, v, v_int(v.type, limit), &ok);
  sema_force(cx, &ok);
  return ok.i;
}

static Value retype(Ctx *cx, Node *at, Value v, Type want)
{
  Value r = v;
  r.sym = 0;
  if (type_is_float(want) || want == T_COMPTIME_FLOAT)
    r.f = float_round(want, v.f);
  else if (is_int_like(cx->s, want)) {
    guard_range(cx, at, v, want);
    r.i = int_convert(cx->s, v, want);
  }
  r.type = want;
  if (v.sym)
    r.sym = sym_convert(cx->s, v, want);
  return r;
}

static bool coerce_fields(Ctx *cx, Node *at, Operand *op, Type want)
{
  Sema *s = cx->s;
  const TypeInfo *w = type_info(s, want), *f = type_info(s, op->type);
  Operand few[16], *fields = w->count <= 16 ? few : ARENA_ARRAY(&s->arena, Operand, w->count);
  for (uint32_t i = 0; i < w->count; i++) {
    int k = f->kind == TK_TUPLE ? (int)i : type_field(s, op->type, w->fields[i].name);
    fields[i] = sema_element(cx, at, op, (uint32_t)k);
    if (is_error(fields[i]))
      return false;
    Type to = w->fields[i].type;
    bool nested = is_anon(type_info(s, fields[i].type)) && type_is_struct(s, to);
    if (!nested && !sema_can_coerce(cx, &fields[i], to)) {
      SEMA_ERROR(cx, at, field_coerce, names_text(s->names, w->fields[i].name),
                 type_name(s, fields[i].type), type_name(s, to));
      return false;
    }
    if (!sema_coerce(cx, at, &fields[i], to))
      return false;
  }
  *op = sema_fields(cx, want, fields, w->count);
  return true;
}

static bool has_field(const TypeInfo *t, Name name)
{
  for (uint32_t k = 0; k < t->count; k++)
    if (t->fields[k].name == name)
      return true;
  return false;
}

// Names a field that is too many or missing.
static void note_fields(Ctx *cx, Node *at, const TypeInfo *f, const TypeInfo *w)
{
  Sema *s = cx->s;
  for (uint32_t k = 0; k < f->count && f->kind != TK_TUPLE; k++)
    if (!has_field(w, f->fields[k].name)) {
      diag_note(s->diags, node_range(at), "there is no field '%s'",
                names_text(s->names, f->fields[k].name));
      return;
    }
  for (uint32_t k = 0; k < w->count && f->kind != TK_TUPLE; k++)
    if (!has_field(f, w->fields[k].name)) {
      diag_note(s->diags, node_range(at), "field '%s' is missing",
                names_text(s->names, w->fields[k].name));
      return;
    }
}

static void report_fields(Ctx *cx, Node *at, const TypeInfo *f, const TypeInfo *w)
{
  if (f->count != w->count) {
    SEMA_ERROR(cx, at, struct_fields, w->count, f->count);
    note_fields(cx, at, f, w);
    return;
  }
  for (uint32_t i = 0; i < w->count; i++) {
    if (!has_field(f, w->fields[i].name)) {
      SEMA_ERROR(cx, at, field_missing, names_text(cx->s->names, w->fields[i].name));
      note_fields(cx, at, f, w);
      return;
    }
  }
}

static void report_mismatch(Ctx *cx, Node *at, const Operand *op, Type want)
{
  Sema *s = cx->s;
  const TypeInfo *f = type_info(s, op->type), *w = type_info(s, want);
  bool known = op->kind == OPK_VALUE;
  if (known && is_int_like(s, op->type) && is_int_like(s, want))
    SEMA_ERROR(cx, at, does_not_fit, v_int_text(s, op->v), type_name(s, want));
  else if (is_anon(f) && type_is_struct(s, want) && f->kind != TK_TUPLE)
    report_fields(cx, at, f, w);
  else {
    SEMA_ERROR(cx, at, type_mismatch, type_name(s, want), type_name(s, op->type));
    note_conversion(cx, at, op->type, want);
    if (is_anon(f) && w->kind == TK_UNION)
      diag_note(s->diags, node_range(at), "a union is made with its type: %s{ .field = value }",
                type_name(s, want));
  }
}

static IrRef runtime_widen(Ctx *cx, Node *at, Operand op, Type want)
{
  Sema *s = cx->s;
  if (s->compat == COMPAT_1_4)
    SEMA_WARN(cx, at, widening, type_name(s, op.type), type_name(s, want));
  IrRef r = sema_runtime(cx, at, op, T_NONE);
  IrType to = type_lower(cx, want);
  if (type_is_float(want))
    return tir_emit(&cx->b, IR_FTOF, to, r, IR_NONE, IR_NONE, 0);
  if (type_size(s, op.type) == type_size(s, want))
    return r;
  return tir_emit(&cx->b, type_is_signed(s, op.type) ? IR_SEXT : IR_ZEXT, to, r, IR_NONE, IR_NONE,
                  0);
}

bool sema_coerce(Ctx *cx, Node *at, Operand *op, Type want)
{
  Sema *s = cx->s;
  if (op->kind == OPK_ERROR)
    return false;
  if (op->kind == OPK_LVALUE || op->kind == OPK_PLACE)
    *op = sema_load(cx, at, *op);
  if (op->kind == OPK_ERROR)
    return false;
  if (op->type == want || want == T_NONE || op->kind == OPK_DEAD)
    return true;
  if (!sema_can_coerce(cx, op, want)) {
    report_mismatch(cx, at, op, want);
    return false;
  }
  if (want == T_COMPTIME_STRUCT)
    return true; // keeps its own shape
  if (type_is_struct(s, want))
    return coerce_fields(cx, at, op, want);
  if (type_info(s, op->type)->kind == TK_FN && s->functions[op->v.ref].node->flags & NF_INLINE) {
    SEMA_ERROR(cx, at, address_inline);
    return false;
  }
  if (op->kind == OPK_VALUE)
    op->v = retype(cx, at, op->v, want);
  else if (!type_is_pointer(s, want))
    *op = op_rvalue(want, runtime_widen(cx, at, *op, want));
  op->type = want;
  return true;
}

// ---- peer types ----
static Type peer_pointer(Ctx *cx, Type a, Type b)
{
  Sema *s = cx->s;
  const TypeInfo *x = type_info(s, a), *y = type_info(s, b);
  bool is_const = x->is_const || y->is_const;
  const TypeInfo *xe = type_info(s, x->elem), *ye = type_info(s, y->elem);
  if (x->kind == y->kind && x->elem == y->elem)
    return type_pointer(s, x->elem, is_const, x->kind == TK_MANY);
  Type ex = x->kind == TK_MANY                      ? x->elem
            : xe->kind == TK_ARRAY && xe->rank == 1 ? xe->elem
                                                    : T_NONE;
  Type ey = y->kind == TK_MANY                      ? y->elem
            : ye->kind == TK_ARRAY && ye->rank == 1 ? ye->elem
                                                    : T_NONE;
  return ex != T_NONE && ex == ey ? type_pointer(s, ex, is_const, true) : T_NONE;
}

static Type peer_of_two(Ctx *cx, Type a, Type b)
{
  Sema *s = cx->s;
  if (a == b)
    return a;
  if ((a == T_COMPTIME_INT && type_is_int(s, b)) || (a == T_COMPTIME_FLOAT && type_is_float(b)))
    return b;
  if ((b == T_COMPTIME_INT && type_is_int(s, a)) || (b == T_COMPTIME_FLOAT && type_is_float(a)))
    return a;
  if (type_widens(s, a, b))
    return b;
  if (type_widens(s, b, a))
    return a;
  if (type_is_pointer(s, a) && type_is_pointer(s, b))
    return peer_pointer(cx, a, b);
  const TypeInfo *x = type_info(s, a), *y = type_info(s, b);
  if (type_is_struct(s, a) && type_is_struct(s, b) && is_anon(x) != is_anon(y) && same_names(x, y))
    return is_anon(x) ? b : a;
  return T_NONE;
}

// The one type that all operands convert to; T_NONE if there is none.
Type peer_type(Ctx *cx, const Operand *ops, uint32_t n)
{
  Type t = n ? ops[0].type : T_VOID;
  for (uint32_t i = 1; i < n && t != T_NONE; i++)
    t = peer_of_two(cx, t, ops[i].type);
  return t;
}

// ---- @as ----
static bool enum_has(const TypeInfo *e, int64_t i)
{
  for (uint32_t k = 0; k < e->count; k++)
    if (e->fields[k].value == i)
      return true;
  return false;
}

static double int_to_float(const Sema *s, Value v, Type to)
{
  bool huge = type_bits(s, v.type) == 64 && !type_is_signed(s, v.type) && v.i < 0;
  if (type_is_big(s, v.type) && big_is_pooled(v.i))
    return big_to_double(s, v, to);
  if (to == T_COMPTIME_FLOAT)
    return huge ? (double)(uint64_t)v.i : (double)v.i;
  if (to == T_F32)
    return float_from_bits(to, huge ? arith_f32_from_u64((uint64_t)v.i) : arith_f32_from_i64(v.i));
  ArithHalf f = to == T_F16 ? ARITH_F16 : to == T_BF16 ? ARITH_BF16 : ARITH_CB16;
  return float_from_bits(to, huge ? arith_half_from_u64(f, (uint64_t)v.i)
                                  : arith_half_from_i64(f, v.i));
}

static bool float_to_int(Sema *s, double f, Type to, int64_t *r)
{
  double whole = trunc(f);
  unsigned bits = type_bits(s, to);
  if (type_is_big(s, to))
    return big_from_double(s, whole, to, r);
  bool sign = type_is_signed(s, to);
  double high = ldexp(1, (int)(sign ? bits - 1 : bits));
  if (!(whole < high) || !(whole >= (sign ? -high : 0)))
    return false;
  *r = sign ? (int64_t)whole : (int64_t)(uint64_t)whole;
  return true;
}

// @as on concrete scalars; false: the value has no counterpart.
bool v_convert(Sema *s, Value v, Type to, Value *out)
{
  const TypeInfo *f = type_info(s, v.type), *t = type_info(s, to);
  if (f->kind == TK_ENUM)
    v.type = f->elem;
  bool from_float = v.type == T_COMPTIME_FLOAT || type_is_float(v.type);
  *out = v_int(to, 0);
  if (to == T_BOOL) {
    out->i = from_float ? v.f != 0 : v.i != 0;
    return true;
  }
  if (to == T_COMPTIME_FLOAT || type_is_float(to)) {
    out->f = from_float ? float_round(to, v.f) : int_to_float(s, v, to);
    return true;
  }
  Type base = t->kind == TK_ENUM ? t->elem : to;
  if (from_float && !float_to_int(s, v.f, base, &out->i))
    return false;
  if (!from_float && v.type == T_COMPTIME_INT && !int_value_fits(s, v, base))
    return false;
  if (!from_float)
    out->i = int_convert(s, v, base);
  return t->kind != TK_ENUM || enum_has(t, out->i);
}

static bool as_scalar(const Sema *s, Type t)
{
  return t == T_BOOL || type_is_numeric(s, t) || type_info(s, t)->kind == TK_ENUM;
}

// All tiles of a class agree on whether a float has a counterpart among the integers of a type.
static void guard_float_range(Ctx *cx, Node *at, Value v, Type to)
{
  Sema *s = cx->s;
  unsigned bits = type_bits(s, to);
  double high = ldexp(1, (int)(type_is_signed(s, to) ? bits - 1 : bits));
  double low = type_is_signed(s, to) ? -high : 0;
  Value ok;
  arith_binary(cx, at, OP_GE, v, v_float(v.type, low), &ok);
  sema_force(cx, &ok);
  arith_binary(cx, at, OP_LT, v, v_float(v.type, high), &ok);
  sema_force(cx, &ok);
}

// Conversions that may fail make the tiles of a class agree on whether they do, or on the value.
static void guard_conversion(Ctx *cx, Node *at, Value *v, Type to)
{
  Sema *s = cx->s;
  bool from_float = v->type == T_COMPTIME_FLOAT || type_is_float(v->type);
  if (!v->sym || to == T_BOOL || to == T_COMPTIME_FLOAT || type_is_float(to))
    return;
  if (!type_is_int(s, to) || type_bits(s, to) > 64 || type_info(s, v->type)->kind == TK_ENUM)
    sema_force(cx, v);
  else if (from_float)
    guard_float_range(cx, at, *v, to);
  else if (v->type == T_COMPTIME_INT)
    guard_range(cx, at, *v, to);
}

static const char *number_text(Sema *s, Value v)
{
  bool real = v.type == T_COMPTIME_FLOAT || type_is_float(v.type);
  return real ? v_float_text(s, v) : v_int_text(s, v);
}

static Operand convert_value(Ctx *cx, Node *at, Value v, Type to)
{
  Sema *s = cx->s;
  guard_conversion(cx, at, &v, to);
  Value r;
  if (!v_convert(s, v, to, &r)) {
    if (type_info(s, to)->kind == TK_ENUM)
      return SEMA_ERROR(cx, at, enum_no_member, type_name(s, to), number_text(s, v));
    if (v.type == T_COMPTIME_INT)
      return SEMA_ERROR(cx, at, does_not_fit, v_int_text(s, v), type_name(s, to));
    return SEMA_ERROR(cx, at, float_to_int, type_name(s, to));
  }
  if (v.sym)
    r.sym = sym_convert(s, v, to);
  return op_value(r);
}

static IrRef resize_int(Ctx *cx, IrRef r, Type from, Type to)
{
  Sema *s = cx->s;
  uint32_t have = type_size(s, from), need = type_size(s, to);
  if (have != need)
    r = tir_emit(&cx->b,
                 have > need               ? IR_TRUNC
                 : type_is_signed(s, from) ? IR_SEXT
                                           : IR_ZEXT,
                 type_lower(cx, to), r, IR_NONE, IR_NONE, 0);
  // A value of the same sign and fewer bits is extended already.
  bool inside =
      type_bits(s, from) < type_bits(s, to) && type_is_signed(s, from) == type_is_signed(s, to);
  return inside ? r : arith_narrow(cx, to, r);
}

static IrRef runtime_to_bool(Ctx *cx, IrRef r, Type from)
{
  IrRef zero = sema_const(cx, type_lower(cx, from), 0);
  return tir_emit(&cx->b, type_is_float(from) ? IR_FNE : IR_NE, IRT_BOOL, r, zero, IR_NONE, 0);
}

static IrRef runtime_as(Ctx *cx, IrRef r, Type from, Type to)
{
  Sema *s = cx->s;
  IrType ir = type_lower(cx, to);
  if (to == T_BOOL)
    return runtime_to_bool(cx, r, from);
  if (from == T_BOOL) {
    Type word = type_is_int(s, to) ? to : T_U16;
    r = tir_emit(&cx->b, IR_ZEXT, type_lower(cx, word), r, IR_NONE, IR_NONE, 0);
    return word == to ? r : tir_emit(&cx->b, IR_UITOF, ir, r, IR_NONE, IR_NONE, 0);
  }
  if (type_is_float(from) && type_is_float(to))
    return tir_emit(&cx->b, IR_FTOF, ir, r, IR_NONE, IR_NONE, 0);
  if (type_is_float(from)) {
    r = tir_emit(&cx->b, type_is_signed(s, to) ? IR_FTOSI : IR_FTOUI, ir, r, IR_NONE, IR_NONE, 0);
    return arith_narrow(cx, to, r);
  }
  if (type_is_float(to))
    return tir_emit(&cx->b, type_is_signed(s, from) ? IR_SITOF : IR_UITOF, ir, r, IR_NONE, IR_NONE,
                    0);
  return resize_int(cx, r, from, to);
}

static Type enum_base(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return i->kind == TK_ENUM ? i->elem : t;
}

static bool bits_differ(const Sema *s, Type a, Type b)
{
  bool numbers = (type_is_int(s, a) || type_is_float(a)) && (type_is_int(s, b) || type_is_float(b));
  return numbers && type_bits(s, a) != type_bits(s, b);
}

Operand not_convertible(Ctx *cx, Node *at, Type from, Type to)
{
  Sema *s = cx->s;
  SEMA_ERROR(cx, at, not_convertible, type_name(s, from), type_name(s, to));
  if (type_is_pointer(s, to) && (from == T_COMPTIME_INT || type_is_int(s, from)))
    diag_note(s->diags, node_range(at),
              "an integer is no address; configuration registers are read and written by "
              "@get_config and @set_config, or by the functions of <tile_config>");
  else if (type_is_handle(from) && (to == T_COMPTIME_INT || type_is_int(s, to)))
    diag_note(s->diags, node_range(at), "the number of a handle: @get_int(h)");
  else if (type_is_pointer(s, from) && type_is_int(s, to))
    diag_note(s->diags, node_range(at), "the address as a number: @bitcast(u16, p)");
  else if (bits_differ(s, from, to))
    diag_note(s->diags, node_range(at), "'%s' has %u bits, '%s' has %u", type_name(s, from),
              type_bits(s, from), type_name(s, to), type_bits(s, to));
  return op_error();
}

// @as(to, op): language 5.5.
Operand convert_as(Ctx *cx, Node *at, Operand op, Type to)
{
  Sema *s = cx->s;
  op = sema_load(cx, at, op);
  if (is_error(op) || op.type == to)
    return op;
  bool enums = type_info(s, op.type)->kind == TK_ENUM && type_info(s, to)->kind == TK_ENUM;
  if (!as_scalar(s, op.type) || !as_scalar(s, to) || enums) {
    if (!sema_can_coerce(cx, &op, to))
      return not_convertible(cx, at, op.type, to);
    return sema_coerce(cx, at, &op, to) ? op : op_error();
  }
  if (op.kind == OPK_VALUE)
    return convert_value(cx, at, op.v, to);
  if (to == T_COMPTIME_INT || to == T_COMPTIME_FLOAT || cx->comptime)
    return SEMA_ERROR(cx, at, not_comptime);
  if (type_comptime_only(s, to)) // a float format that was not selected
    return sema_must_be_comptime(cx, at, to);
  cx->b.pos = at->at;
  IrRef r = sema_runtime(cx, at, op, T_NONE);
  if (r == IR_NONE)
    return op_error();
  Type from = enum_base(s, op.type), base = enum_base(s, to);
  return op_rvalue(to, from == base ? r : runtime_as(cx, r, from, base));
}
