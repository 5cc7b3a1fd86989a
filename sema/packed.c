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

static IrType container(uint32_t bytes)
{
  return bytes == 1 ? IRT_I8 : bytes == 2 ? IRT_I16 : bytes == 4 ? IRT_I32 : IRT_I64;
}

// Field `f` of a packed struct in memory.
Operand packed_field(const Sema *s, Operand base, const TypeField *f)
{
  Operand r = base;
  if (!r.bit_width)
    r.unit = (uint8_t)type_size(s, base.type);
  r.bit_at = (uint8_t)(base.bit_at + f->offset);
  r.bit_width = (uint8_t)packed_width(s, f->type);
  r.type = f->type;
  r.is_variable = false;
  return r;
}

// ---- comptime ----
// False: holds a pointer, whose value only the linker knows.
bool packed_bits(const Sema *s, Value v, uint64_t *bits)
{
  const TypeInfo *t = type_info(s, v.type);
  *bits = 0;
  if (!type_is_packed(s, v.type)) {
    unsigned width = packed_width(s, v.type);
    uint64_t mask = width < 64 ? (1ull << width) - 1 : UINT64_MAX;
    *bits = scalar_bits(s, v) & mask;
    return !type_is_pointer(s, v.type) || !v.ref;
  }
  for (uint32_t k = 0; k < t->count; k++) {
    uint64_t part;
    if (!packed_bits(s, v_element(s, v, k), &part))
      return false;
    *bits |= part << t->fields[k].offset;
  }
  return true;
}

// The value of type `t` that these bits are; false: a pointer.
bool packed_value(Sema *s, Type t, uint64_t bits, Value *out)
{
  const TypeInfo *i = type_info(s, t);
  if (type_is_packed(s, t)) {
    Value *fields = ARENA_ARRAY(&s->arena, Value, i->count + 1);
    for (uint32_t k = 0; k < i->count; k++)
      if (!packed_value(s, i->fields[k].type, bits >> i->fields[k].offset, &fields[k]))
        return false;
    *out = v_aggregate(s, t, fields, i->count);
    return true;
  }
  *out = v_int(t, t == T_BOOL ? (int64_t)(bits & 1)
                              : int_wrap(s, i->kind == TK_ENUM ? i->elem : t, (int64_t)bits));
  if (type_is_float(t))
    *out = v_float(t, float_from_bits(t, bits & (t == T_F32 ? 0xffffffffu : 0xffffu)));
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
  return tir_emit(&cx->b, op, container(to), r, IR_NONE, IR_NONE, 0);
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
    r = tir_emit(&cx->b, IR_LOAD, container(size), r, IR_NONE, IR_NONE, 0);
    return resize(cx, r, size, unit);
  }
  if (t == T_BOOL)
    return tir_emit(&cx->b, IR_ZEXT, container(unit), r, IR_NONE, IR_NONE, 0);
  if (type_is_pointer(s, t) && !type_is_fn_pointer(s, t))
    r = tir_emit(&cx->b, IR_PTRTOINT, IRT_I16, r, IR_NONE, IR_NONE, 0);
  else if (type_is_float(t))
    r = tir_emit(&cx->b, IR_BITCAST, container(type_size(s, t)), r, IR_NONE, IR_NONE, 0);
  r = resize(cx, r, type_size(s, t), unit);
  unsigned width = packed_width(s, t);
  if (width >= unit * 8)
    return r;
  return op2(cx, IR_AND, container(unit), r, sema_const(cx, container(unit), (1ull << width) - 1));
}

static IrRef sign_extend(Ctx *cx, IrRef r, unsigned width, uint32_t unit)
{
  if (width >= unit * 8)
    return r;
  IrRef by = sema_const(cx, container(unit), unit * 8 - width);
  r = op2(cx, IR_SHL, container(unit), r, by);
  return op2(cx, IR_ASHR, container(unit), r, by);
}

static Operand from_bits(Ctx *cx, IrRef r, Type t, uint32_t unit)
{
  Sema *s = cx->s;
  uint32_t size = type_size(s, t);
  IrType ir = type_lower(cx, t);
  if (t == T_BOOL)
    return op_rvalue(t, op2(cx, IR_NE, IRT_BOOL, r, sema_const(cx, container(unit), 0)));
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

static uint64_t field_mask(const Operand *f)
{
  return (f->bit_width < 64 ? (1ull << f->bit_width) - 1 : UINT64_MAX) << f->bit_at;
}

Operand packed_load(Ctx *cx, Node *at, Operand f)
{
  IrRef address = sema_pointer(cx, at, f);
  IrType t = container(f.unit);
  if (address == IR_NONE)
    return op_error();
  IrRef r = tir_emit(&cx->b, IR_LOAD, t, address, IR_NONE, IR_NONE, 0);
  if (f.bit_at)
    r = op2(cx, IR_LSHR, t, r, sema_const(cx, t, f.bit_at));
  if (f.bit_width < f.unit * 8)
    r = op2(cx, IR_AND, t, r, sema_const(cx, t, field_mask(&f) >> f.bit_at));
  return from_bits(cx, r, f.type, f.unit);
}

void packed_store(Ctx *cx, Node *at, Operand f, Operand value)
{
  IrRef address = sema_pointer(cx, at, f), bits = to_bits(cx, at, value, f.unit);
  IrType t = container(f.unit);
  if (address == IR_NONE || bits == IR_NONE)
    return;
  IrRef old = tir_emit(&cx->b, IR_LOAD, t, address, IR_NONE, IR_NONE, 0);
  old = op2(cx, IR_AND, t, old, sema_const(cx, t, ~field_mask(&f)));
  if (f.bit_at)
    bits = op2(cx, IR_SHL, t, bits, sema_const(cx, t, f.bit_at));
  op2(cx, IR_STORE, IRT_VOID, address, op2(cx, IR_OR, t, old, bits));
}

// Stores a whole packed struct whose fields are operands.
void packed_store_fields(Ctx *cx, Node *at, IrRef address, Operand value)
{
  const TypeInfo *i = type_info(cx->s, value.type);
  IrType t = container(i->size);
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
