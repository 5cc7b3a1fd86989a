// Tensor access expressions: |i, j|{M, N} -> A[affine indices], which become a struct of base address, offset, strides
// and extents (spec language 6.5).
#include "sema/private.h"
#include <string.h>

enum { MAX_VARS = 4 };

// c0 + sum of c[k] * induction variable k
typedef struct Affine {
  int64_t c0, c[MAX_VARS];
} Affine;

typedef struct Tensor {
  Ctx *cx;
  Node *node;
  uint32_t vars;
  int64_t bound[MAX_VARS];
} Tensor;

static int variable_number(const Tensor *t, const Node *n)
{
  if (n->kind != N_IDENT || n->scope != SCOPE_LOCAL)
    return -1;
  for (uint32_t k = 0; k < t->vars; k++)
    if (t->node->list[k]->slot == n->slot)
      return (int)k;
  return -1;
}

static bool has_variable(const Tensor *t, const Node *n)
{
  if (!n)
    return false;
  if (variable_number(t, n) >= 0)
    return true;
  for (uint32_t i = 0; i < n->count; i++)
    if (has_variable(t, n->list[i]))
      return true;
  return has_variable(t, n->a) || has_variable(t, n->b) || has_variable(t, n->c);
}

static bool fail(const Tensor *t, Node *n)
{
  SEMA_ERROR(t->cx, n, tensor_affine);
  return false;
}

static bool constant(const Tensor *t, Node *n, Affine *a)
{
  Ctx *cx = t->cx;
  Value v;
  if (n->kind == N_IDENT || n->kind == N_FIELD || n->kind == N_INDEX) {
    Operand place = sema_place(cx, n);
    if (is_error(place))
      return false;
    if (!sema_is_known(cx, place, &v)) {
      SEMA_ERROR(cx, n, tensor_var);
      return false;
    }
    if (!sema_known(cx, n, op_value(v), T_NONE, &v))
      return false;
  } else if (!sema_comptime(cx, n, T_NONE, &v)) {
    return false;
  }
  if (v.type != T_COMPTIME_INT && !type_is_int(cx->s, v.type)) {
    SEMA_ERROR(cx, n, index_type, type_name(cx->s, v.type));
    return false;
  }
  *a = (Affine){.c0 = v.i};
  return true;
}

static bool is_constant(const Affine *a)
{
  static const int64_t zero[MAX_VARS];
  return !memcmp(a->c, zero, sizeof zero);
}

// Indices are 16-bit in the machine; this keeps sums and products of coefficients far from overflow.
static bool bounded(const Affine *a)
{
  const int64_t limit = 1 << 24;
  bool ok = a->c0 > -limit && a->c0 < limit;
  for (int k = 0; k < MAX_VARS; k++)
    ok &= a->c[k] > -limit && a->c[k] < limit;
  return ok;
}

static bool affine(const Tensor *t, Node *n, Affine *a);

static bool affine_binary(const Tensor *t, Node *n, Affine *a)
{
  Affine x, y;
  if (!affine(t, n->a, &x) || !affine(t, n->b, &y))
    return false;
  int64_t f = n->op == OP_SUB ? -1 : 1;
  if (n->op == OP_MUL) {
    if (!is_constant(&x) && !is_constant(&y))
      return fail(t, n);
    if (is_constant(&x)) {
      Affine swap = x;
      x = y;
      y = swap;
    }
    for (int k = 0; k < MAX_VARS; k++)
      x.c[k] *= y.c0;
    x.c0 *= y.c0;
  } else if (n->op == OP_ADD || n->op == OP_SUB) {
    for (int k = 0; k < MAX_VARS; k++)
      x.c[k] += f * y.c[k];
    x.c0 += f * y.c0;
  } else {
    return fail(t, n);
  }
  *a = x;
  return bounded(a) || fail(t, n);
}

static bool affine(const Tensor *t, Node *n, Affine *a)
{
  if (!has_variable(t, n))
    return constant(t, n, a) && (bounded(a) || fail(t, n));
  int k = variable_number(t, n);
  if (k >= 0) {
    *a = (Affine){0};
    a->c[k] = 1;
    return true;
  }
  switch (n->kind) {
  case N_BINARY: return affine_binary(t, n, a);
  case N_NEG:
    if (!affine(t, n->a, a))
      return false;
    a->c0 = -a->c0;
    for (int i = 0; i < MAX_VARS; i++)
      a->c[i] = -a->c[i];
    return true;
  case N_BUILTIN: // @as(i16, i): the indices are plain numbers anyway
    if (n->count == 2 && !strcmp(names_text(t->cx->s->names, n->name), "as"))
      return affine(t, n->list[1], a);
    return fail(t, n);
  default: return fail(t, n);
  }
}

// The array as a place whose address is comptime-known. False after a report.
static bool tensor_base(const Tensor *t, Node *n, Operand *base)
{
  Ctx *cx = t->cx;
  Sema *s = cx->s;
  Value v;
  *base = sema_place(cx, n);
  if (is_error(*base))
    return false;
  if (type_is_pointer(s, base->type) && sema_is_known(cx, *base, &v)) {
    const TypeInfo *p = type_info(s, v.type);
    if (p->kind == TK_MANY) {
      SEMA_ERROR(cx, n, deref_many, type_name(s, v.type));
      return false;
    }
    sema_force(cx, &v);
    *base = (Operand){.kind = OPK_LVALUE, .is_const = p->is_const, .ct_pointer = true, .type = p->elem, .v = v};
  }
  if (base->kind == OPK_LVALUE && base->ct_pointer && type_info(s, base->type)->kind == TK_ARRAY)
    return true;
  SEMA_ERROR(cx, n, tensor_base);
  return false;
}

static bool flatten(const Tensor *t, const TypeInfo *array, Affine *sum)
{
  Node *index = t->node->b;
  if (index->count != array->rank) {
    SEMA_ERROR(t->cx, index, index_count, names_text(t->cx->s->names, index->a->name), array->rank, index->count);
    return false;
  }
  *sum = (Affine){0};
  int64_t scale = 1;
  bool ok = true;
  for (uint32_t d = array->rank; d-- > 0;) {
    Affine a;
    if (!affine(t, index->list[d], &a)) {
      ok = false;
      continue;
    }
    sum->c0 += a.c0 * scale;
    for (int k = 0; k < MAX_VARS; k++)
      sum->c[k] += a.c[k] * scale;
    scale *= array->dims[d];
    if (scale > 1 << 24)
      scale = 1 << 24;
  }
  return ok;
}

static bool eval_bounds(Tensor *t)
{
  Node *bounds = t->node->a;
  bool ok = true;
  if (t->node->count != bounds->count) {
    SEMA_ERROR(t->cx, t->node, tensor_vars, t->node->count, bounds->count);
    return false;
  }
  if (bounds->count > MAX_VARS) {
    SEMA_ERROR(t->cx, t->node, tensor_many);
    return false;
  }
  for (uint32_t k = 0; k < bounds->count; k++)
    ok &= sema_comptime_int(t->cx, bounds->list[k], 0, UINT16_MAX, "bound", &t->bound[k]);
  t->vars = bounds->count;
  return ok;
}

// Strides, innermost first: what is added after a step of that dimension, given that the inner ones ran to their end.
static Value stride_tuple(const Tensor *t, const Affine *a)
{
  Value v[MAX_VARS];
  Type types[MAX_VARS];
  for (uint32_t m = 0; m < t->vars; m++) {
    uint32_t var = t->vars - 1 - m;
    int64_t stride = a->c[var];
    for (uint32_t k = var + 1; k < t->vars; k++)
      stride -= a->c[k] * (t->bound[k] - 1);
    v[m] = v_int(T_COMPTIME_INT, stride);
    types[m] = T_COMPTIME_INT;
  }
  return v_aggregate(t->cx->s, type_anon(t->cx->s, NULL, types, t->vars), v, t->vars);
}

static Value extent_tuple(const Tensor *t)
{
  Value v[MAX_VARS];
  Type types[MAX_VARS];
  for (uint32_t k = 0; k < t->vars; k++) {
    v[k] = v_int(T_COMPTIME_INT, t->bound[k]);
    types[k] = T_COMPTIME_INT;
  }
  return v_aggregate(t->cx->s, type_anon(t->cx->s, NULL, types, t->vars), v, t->vars);
}

Operand sema_tensor(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Tensor t = {.cx = cx, .node = n};
  Operand base;
  Affine a;
  if (!eval_bounds(&t) || !tensor_base(&t, n->b->a, &base))
    return op_error();
  if (!flatten(&t, type_info(s, base.type), &a))
    return op_error();
  Operand p = sema_address(cx, n->b->a, base);
  if (is_error(p))
    return p;
  static const char *const field[4] = {"base_address", "offset", "stride", "extent"};
  Value v[4] = {p.v, v_int(T_COMPTIME_INT, a.c0), stride_tuple(&t, &a), extent_tuple(&t)};
  Name names[4];
  Type types[4];
  for (uint32_t k = 0; k < 4; k++) {
    names[k] = names_cstr(s->names, field[k]);
    types[k] = v[k].type;
  }
  return op_value(v_aggregate(s, type_anon(s, names, types, 4), v, 4));
}
