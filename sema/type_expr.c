// Type expressions: *T, [*]T, [N]T, fn types, struct, union and enum definitions (spec language
// 3, 5.6, 5.7).
#include "sema/private.h"

// Evaluates an expression that must be a type. T_NONE after a report.
Type sema_type(Ctx *cx, Node *n)
{
  Type t;
  return sema_comptime_type(cx, n, &t) ? t : T_NONE;
}

// The type of a variable, field, parameter or result.
Type sema_value_type(Ctx *cx, Node *n)
{
  Type t = sema_type(cx, n);
  if (t != T_ANYOPAQUE)
    return t;
  SEMA_ERROR(cx, n, opaque_value);
  return T_NONE;
}

static Operand pointer_type(Ctx *cx, Node *n)
{
  Type t = sema_type(cx, n->a);
  if (t == T_NONE)
    return op_error();
  return op_value(v_type(type_pointer(cx->s, t, n->flags & NF_CONST, n->kind == N_MANY_TYPE)));
}

static bool dimension(Ctx *cx, Node *n, uint32_t *out)
{
  Value v;
  Operand op = sema_expr(cx, n, T_NONE);
  if (is_error(op))
    return false;
  bool is_int = op.type == T_COMPTIME_INT || type_is_int(cx->s, op.type);
  if (!is_int || !sema_is_known(cx, op, &v) || v.i < 0) {
    SEMA_ERROR(cx, n, dimension);
    return false;
  }
  sema_force(cx, &v);
  if (v.i > UINT32_MAX) {
    SEMA_ERROR(cx, n, int_range, "array dimension", v_int_text(cx->s, v), 0ll,
               (long long)UINT32_MAX);
    return false;
  }
  *out = (uint32_t)v.i;
  return true;
}

static Operand array_type(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  uint32_t dims[16] = {0};
  bool ok = true;
  if (n->count > 16)
    return SEMA_ERROR(cx, n, nesting);
  for (uint32_t i = 0; i < n->count; i++)
    ok &= dimension(cx, n->list[i], &dims[i]);
  Type t = sema_type(cx, n->a);
  if (!ok || t == T_NONE)
    return op_error();
  if (type_info(s, t)->kind == TK_ARRAY)
    return SEMA_ERROR(cx, n, array_of_arrays);
  if (t == T_VOID || t == T_ANYOPAQUE)
    return SEMA_ERROR(cx, n, array_elem, type_name(s, t));
  return op_value(v_type(type_array(s, t, dims, n->count)));
}

static Operand function_type(Ctx *cx, Node *n)
{
  Type *types = ARENA_ARRAY(&cx->s->arena, Type, n->count + 1);
  for (uint32_t i = 0; i < n->count; i++)
    if (!(types[i] = sema_type(cx, n->list[i]->a)))
      return op_error();
  Type result = sema_type(cx, n->a);
  if (result == T_NONE)
    return op_error();
  return op_value(v_type(type_function(cx->s, types, n->count, result, n->flags & NF_TASK)));
}

// A type written as the initializer of a constant carries the constant's name.
static Name own_name(const Sema *s, const Node *n)
{
  return s->p->name_site == n ? s->p->name_hint : 0;
}

static bool check_packed(Ctx *cx, Node *n, Type t)
{
  if (packed_width(cx->s, t))
    return true;
  SEMA_ERROR(cx, n, packed_field, type_name(cx->s, t));
  return false;
}

// The fields of a packed struct fit one integer, those of a packed union are equally wide.
static bool check_backing(Ctx *cx, Node *n, const TypeField *fields)
{
  Sema *s = cx->s;
  unsigned sum = 0, first = n->count ? packed_width(s, fields[0].type) : 0;
  for (uint32_t i = 0; i < n->count; i++) {
    unsigned width = packed_width(s, fields[i].type);
    sum += width;
    if (n->kind == N_UNION_TYPE && width != first) {
      SEMA_ERROR(cx, n->list[i], packed_union_width, width, first);
      return false;
    }
  }
  if (n->kind == N_UNION_TYPE || sum <= IR_MAX_INT_BITS)
    return true;
  SEMA_ERROR(cx, n, packed_size, IR_MAX_INT_BITS, sum);
  return false;
}

static Operand record_type(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  TypeField *fields = ARENA_ARRAY(&s->arena, TypeField, n->count + 1);
  bool packed = n->flags & NF_PACKED, ok = true;
  for (uint32_t i = 0; i < n->count; i++) {
    Node *f = n->list[i];
    fields[i].name = f->name;
    for (uint32_t k = 0; k < i; k++)
      if (fields[k].name == f->name)
        ok = !is_error(SEMA_ERROR(cx, f, field_twice, names_text(s->names, f->name)));
    fields[i].type = sema_value_type(cx, f->a);
    ok &= fields[i].type != T_NONE && (!packed || check_packed(cx, f, fields[i].type));
  }
  if (!ok || (packed && !check_backing(cx, n, fields)))
    return op_error();
  TypeKind kind = n->kind == N_UNION_TYPE ? TK_UNION : TK_STRUCT;
  bool external = n->flags & NF_EXTERN;
  Type t = type_nominal(s, kind, n, fields, n->count, T_NONE, packed, external, own_name(s, n));
  return op_value(v_type(t));
}

static bool value_used(const TypeField *members, uint32_t n, int64_t value)
{
  for (uint32_t i = 0; i < n; i++)
    if (members[i].value == value)
      return true;
  return false;
}

// Members without a value take the next unused integers, from 0, after the given ones are known
// (language 5.6).
static bool enum_values(Ctx *cx, Node *n, Type base, TypeField *members)
{
  Sema *s = cx->s;
  uint32_t given = 0;
  TypeField *taken = ARENA_ARRAY(&s->arena, TypeField, n->count + 1);
  bool ok = true;
  for (uint32_t i = 0; i < n->count; i++) {
    Value v;
    members[i].name = n->list[i]->name;
    for (uint32_t k = 0; k < i; k++)
      if (members[k].name == members[i].name)
        ok = !is_error(
            SEMA_ERROR(cx, n->list[i], field_twice, names_text(s->names, members[i].name)));
    if (!n->list[i]->a)
      continue;
    if (!sema_comptime(cx, n->list[i]->a, base, &v))
      return false;
    if (value_used(taken, given, v.i))
      ok = !is_error(SEMA_ERROR(cx, n->list[i], enum_twice, v_int_text(s, v)));
    members[i].value = taken[given++].value = v.i;
  }
  int64_t next = 0;
  for (uint32_t i = 0; i < n->count; i++) {
    if (n->list[i]->a)
      continue;
    while (value_used(taken, given, next))
      next++;
    members[i].value = next++;
    if (!int_value_fits(s, v_int(T_I64, members[i].value), base))
      ok = !is_error(SEMA_ERROR(cx, n->list[i], does_not_fit,
                                v_int_text(s, v_int(T_I64, members[i].value)), type_name(s, base)));
  }
  return ok;
}

static Operand enum_type(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type base = n->a ? sema_type(cx, n->a) : T_U16;
  if (base == T_NONE)
    return op_error();
  if (!type_is_int(s, base))
    return SEMA_ERROR(cx, n->a, enum_base, type_name(s, base));
  TypeField *members = ARENA_ARRAY(&s->arena, TypeField, n->count + 1);
  if (!enum_values(cx, n, base, members))
    return op_error();
  return op_value(
      v_type(type_nominal(s, TK_ENUM, n, members, n->count, base, false, false, own_name(s, n))));
}

static Operand type_expr(Ctx *cx, Node *n)
{
  switch (n->kind) {
  case N_PTR_TYPE:
  case N_MANY_TYPE: return pointer_type(cx, n);
  case N_ARRAY_TYPE: return array_type(cx, n);
  case N_FN_TYPE: return function_type(cx, n);
  case N_ENUM_TYPE: return enum_type(cx, n);
  default: return record_type(cx, n);
  }
}

Operand sema_type_expr(Ctx *cx, Node *n)
{
  Operand op = type_expr(cx, n);
  return op.kind == OPK_VALUE && !sema_check_depth(cx, n, op.v.ref) ? op_error() : op;
}

// Types that grow in a comptime loop end here, before walks over them exhaust the stack, and over
// their values all patience.
bool sema_check_depth(Ctx *cx, Node *at, Type t)
{
  enum { MAX_DEPTH = 100, MAX_PARTS = 1 << 22 };
  if (type_info(cx->s, t)->depth > MAX_DEPTH)
    SEMA_ERROR(cx, at, type_depth, MAX_DEPTH);
  else if (type_info(cx->s, t)->parts > MAX_PARTS)
    SEMA_ERROR(cx, at, type_parts, MAX_PARTS);
  else
    return true;
  return false;
}
