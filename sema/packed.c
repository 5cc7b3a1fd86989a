// Packed structs: fields bit by bit in one backing integer, from the least significant bit
// (spec sdk-2.10 1.2). At compile time they are structs like others; in memory they are the
// integer.
#include "sema/private.h"

// Bits that a value of this type takes in a packed struct; 0: it cannot be in one.
unsigned packed_width(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  if (i->comptime_only || type_is_handle(t))
    return 0;
  return i->kind == TK_STRUCT && !i->packed ? 0 : i->bits;
}

bool type_is_packed(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return i->kind == TK_STRUCT && i->packed;
}

// Field `f` of a packed struct in memory.
Operand packed_field(const Sema *s, Operand base, const TypeField *f)
{
  Operand r = base;
  if (!r.bit_width)
    r.unit = (uint16_t)type_size(s, base.type);
  r.bit_at = (uint16_t)(base.bit_at + f->offset);
  r.bit_width = (uint16_t)packed_width(s, f->type);
  r.type = f->type;
  r.is_variable = false;
  return r;
}

// ---- comptime ----
static Value shifted(Sema *s, Operator op, Value bits, uint32_t by)
{
  Value r = bits;
  arith_concrete(s, op, bits, v_number(s, T_COMPTIME_INT, by), &r);
  return r;
}

// `width` ones from bit `at` on.
static Value ones(Sema *s, uint32_t width, uint32_t at)
{
  Value end = shifted(s, OP_SHL, v_number(s, T_COMPTIME_INT, 1), width), r = end;
  arith_concrete(s, OP_SUB, end, v_number(s, T_COMPTIME_INT, 1), &r);
  return shifted(s, OP_SHL, r, at);
}

// The bits of a scalar as a comptime_int.
static Value scalar_as_bits(Sema *s, Value v)
{
  unsigned width = packed_width(s, v.type);
  Value u = {.type = type_int(s, width, false)};
  u.i = width > 64 ? int_convert(s, v, u.type) : int_wrap(s, u.type, (int64_t)scalar_bits(s, v));
  return v_int(T_COMPTIME_INT, int_convert(s, u, T_COMPTIME_INT));
}

// As a comptime_int. False: holds a pointer, whose value only the linker knows.
bool packed_bits(Sema *s, Value v, Value *bits)
{
  const TypeInfo *t = type_info(s, v.type);
  if (!type_is_packed(s, v.type)) {
    *bits = scalar_as_bits(s, v);
    return !type_is_pointer(s, v.type) || !v.ref;
  }
  *bits = v_number(s, T_COMPTIME_INT, 0);
  for (uint32_t k = 0; k < t->count; k++) {
    Value part;
    if (!packed_bits(s, v_element(s, v, k), &part))
      return false;
    arith_concrete(s, OP_OR, *bits, shifted(s, OP_SHL, part, t->fields[k].offset), bits);
  }
  return true;
}

static bool packed_fields(Sema *s, Type t, Value bits, Value *out)
{
  const TypeInfo *i = type_info(s, t);
  Value *fields = ARENA_ARRAY(&s->arena, Value, i->count + 1);
  for (uint32_t k = 0; k < i->count; k++)
    if (!packed_value(s, i->fields[k].type, shifted(s, OP_SHR, bits, i->fields[k].offset),
                      &fields[k]))
      return false;
  *out = v_aggregate(s, t, fields, i->count);
  return true;
}

// The value of type `t` that these bits are; false: a pointer.
bool packed_value(Sema *s, Type t, Value bits, Value *out)
{
  const TypeInfo *i = type_info(s, t);
  if (type_is_packed(s, t))
    return packed_fields(s, t, bits, out);
  uint64_t low = (uint64_t)int_convert(s, bits, T_U64);
  if (t == T_BOOL)
    *out = v_bool(low & 1);
  else if (type_is_float(t))
    *out = v_float(t, float_from_bits(t, low & (t == T_F32 ? 0xffffffffu : 0xffffu)));
  else
    *out = v_int(t, int_convert(s, bits, i->kind == TK_ENUM ? i->elem : t));
  return !type_is_pointer(s, t) && i->kind != TK_UNION;
}

// ---- run time ----
static IrRef op2(Ctx *cx, IrOp op, IrType t, IrRef a, IrRef b)
{
  return tir_emit(&cx->b, op, t, a, b, IR_NONE, 0);
}

static IrRef resize(Ctx *cx, IrRef r, uint32_t from, uint32_t to)
{
  if (from == to)
    return r;
  IrOp op = from > to ? IR_TRUNC : IR_ZEXT;
  return tir_emit(&cx->b, op, sema_int_type(cx, to), r, IR_NONE, IR_NONE, 0);
}

// The bits of a value as an integer of `unit` bytes, zero above its width.
static IrRef to_bits(Ctx *cx, Node *at, Operand value, uint32_t unit)
{
  Sema *s = cx->s;
  Type t = value.type;
  IrRef r = sema_runtime(cx, at, value, T_NONE);
  if (r == IR_NONE)
    return r;
  if (type_is_packed(s, t)) {
    uint32_t size = type_size(s, t);
    r = tir_emit(&cx->b, IR_LOAD, sema_int_type(cx, size), r, IR_NONE, IR_NONE, 0);
    return resize(cx, r, size, unit);
  }
  if (t == T_BOOL)
    return tir_emit(&cx->b, IR_ZEXT, sema_int_type(cx, unit), r, IR_NONE, IR_NONE, 0);
  if (type_is_pointer(s, t) && !type_is_fn_pointer(s, t))
    r = tir_emit(&cx->b, IR_PTRTOINT, IRT_I16, r, IR_NONE, IR_NONE, 0);
  else if (type_is_float(t))
    r = tir_emit(&cx->b, IR_BITCAST, sema_int_type(cx, type_size(s, t)), r, IR_NONE, IR_NONE, 0);
  r = resize(cx, r, type_size(s, t), unit);
  unsigned width = packed_width(s, t);
  if (width >= unit * 8)
    return r;
  return op2(cx, IR_AND, sema_int_type(cx, unit), r,
             sema_int_const(cx, sema_int_type(cx, unit), ones(s, width, 0)));
}

static IrRef sign_extend(Ctx *cx, IrRef r, unsigned width, uint32_t unit)
{
  if (width >= unit * 8)
    return r;
  IrRef by = sema_const(cx, sema_int_type(cx, unit), unit * 8 - width);
  r = op2(cx, IR_SHL, sema_int_type(cx, unit), r, by);
  return op2(cx, IR_ASHR, sema_int_type(cx, unit), r, by);
}

static Operand from_bits(Ctx *cx, IrRef r, Type t, uint32_t unit)
{
  Sema *s = cx->s;
  uint32_t size = type_size(s, t);
  IrType ir = type_lower(cx, t);
  if (t == T_BOOL)
    return op_rvalue(t, op2(cx, IR_NE, IRT_BOOL, r, sema_const(cx, sema_int_type(cx, unit), 0)));
  if (type_is_signed(s, t))
    r = sign_extend(cx, r, packed_width(s, t), unit);
  r = resize(cx, r, unit, size);
  if (type_is_packed(s, t)) {
    IrRef slot = tir_slot(&cx->b, ir, NULL);
    op2(cx, IR_STORE, IRT_VOID, slot, r);
    return op_rvalue(t, slot);
  }
  if (ir == IRT_PTR)
    r = tir_emit(&cx->b, IR_INTTOPTR, IRT_PTR, r, IR_NONE, IR_NONE, 0);
  else if (type_is_float(t))
    r = tir_emit(&cx->b, IR_BITCAST, ir, r, IR_NONE, IR_NONE, 0);
  return op_rvalue(t, r);
}

Operand packed_load(Ctx *cx, Node *at, Operand f)
{
  IrRef address = sema_pointer(cx, at, f);
  IrType t = sema_int_type(cx, f.unit);
  if (address == IR_NONE)
    return op_error();
  IrRef r = tir_emit(&cx->b, IR_LOAD, t, address, IR_NONE, IR_NONE, 0);
  if (f.bit_at)
    r = op2(cx, IR_LSHR, t, r, sema_const(cx, t, f.bit_at));
  if (f.bit_width < f.unit * 8)
    r = op2(cx, IR_AND, t, r, sema_int_const(cx, t, ones(cx->s, f.bit_width, 0)));
  return from_bits(cx, r, f.type, f.unit);
}

void packed_store(Ctx *cx, Node *at, Operand f, Operand value)
{
  IrRef address = sema_pointer(cx, at, f), bits = to_bits(cx, at, value, f.unit);
  IrType t = sema_int_type(cx, f.unit);
  if (address == IR_NONE || bits == IR_NONE)
    return;
  Value outside, field = ones(cx->s, f.bit_width, f.bit_at);
  arith_concrete(cx->s, OP_SUB, v_number(cx->s, T_COMPTIME_INT, -1), field, &outside);
  IrRef old = tir_emit(&cx->b, IR_LOAD, t, address, IR_NONE, IR_NONE, 0);
  old = op2(cx, IR_AND, t, old, sema_int_const(cx, t, outside));
  if (f.bit_at)
    bits = op2(cx, IR_SHL, t, bits, sema_const(cx, t, f.bit_at));
  op2(cx, IR_STORE, IRT_VOID, address, op2(cx, IR_OR, t, old, bits));
}

// Stores a whole packed struct whose fields are operands.
void packed_store_fields(Ctx *cx, Node *at, IrRef address, Operand value)
{
  const TypeInfo *i = type_info(cx->s, value.type);
  IrType t = sema_int_type(cx, i->size);
  IrRef sum = sema_const(cx, t, 0);
  for (uint32_t k = 0; k < i->count; k++) {
    IrRef bits = to_bits(cx, at, value.fields[k], i->size);
    if (bits == IR_NONE)
      return;
    if (i->fields[k].offset)
      bits = op2(cx, IR_SHL, t, bits, sema_const(cx, t, i->fields[k].offset));
    sum = op2(cx, IR_OR, t, sum, bits);
  }
  op2(cx, IR_STORE, IRT_VOID, address, sum);
}
