// Tensor access expressions `|i, j|{M, N} -> A[i * 2 + j, 3]`: affine analysis (language 6.5).
#include "sema/ops.h"

enum { MAX_LOOPS = 4 };

typedef struct Affine { // constant + sum of factor * loop variable
  int64_t constant, factor[MAX_LOOPS];
} Affine;
typedef struct Tensor {
  Ctx *cx;
  Node *n;
  uint32_t loops;
  int64_t bounds[MAX_LOOPS];
  Value base; // pointer to the array
  Type array;
  bool is_const;
} Tensor;

// ---- affine expressions ----
static int loop_of(const Tensor *t, const Node *n)
{
  for (uint32_t i = 0; n->kind == N_IDENT && i < t->loops; i++)
    if (t->n->list[i]->name == n->name)
      return (int)i;
  return -1;
}

static bool mentions_loop(const Tensor *t, const Node *n)
{
  if (!n)
    return false;
  if (loop_of(t, n) >= 0)
    return true;
  for (uint32_t i = 0; i < n->count; i++)
    if (mentions_loop(t, n->list[i]))
      return true;
  return mentions_loop(t, n->a) || mentions_loop(t, n->b) || mentions_loop(t, n->c);
}

static bool constant(const Tensor *t, Node *n, int64_t *out)
{
  Ctx *cx = t->cx;
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_NONE));
  Value v;
  if (op.kind == OPK_ERROR)
    return false;
  if (!sema_is_known(cx, op, &v)) {
    SEMA_ERROR(cx, n, tensor_var);
    return false;
  }
  if (!sema_known(cx, n, op, T_NONE, &v))
    return false;
  if (v.type != T_COMPTIME_INT && !type_is_int(cx->s, v.type)) {
    SEMA_ERROR(cx, n, expected_kind, "an integer", type_name(cx->s, v.type));
    return false;
  }
  *out = v.i;
  return true;
}

static void combine(Affine *a, const Affine *b, int64_t sign)
{
  a->constant += sign * b->constant;
  for (int i = 0; i < MAX_LOOPS; i++)
    a->factor[i] += sign * b->factor[i];
}

static void scale(Affine *a, int64_t by)
{
  a->constant *= by;
  for (int i = 0; i < MAX_LOOPS; i++)
    a->factor[i] *= by;
}

static bool is_constant(const Affine *a)
{
  for (int i = 0; i < MAX_LOOPS; i++)
    if (a->factor[i])
      return false;
  return true;
}

static bool affine(const Tensor *t, Node *n, Affine *out);

static bool affine_binary(const Tensor *t, Node *n, Affine *out)
{
  Affine a, b;
  if (!affine(t, n->a, &a) || !affine(t, n->b, &b))
    return false;
  bool product = n->op == OP_MUL && (is_constant(&a) || is_constant(&b));
  if (n->op != OP_ADD && n->op != OP_SUB && !product) {
    SEMA_ERROR(t->cx, n, tensor_affine);
    return false;
  }
  *out = product && is_constant(&a) ? b : a;
  if (product)
    scale(out, is_constant(&a) ? a.constant : b.constant);
  else
    combine(out, &b, n->op == OP_ADD ? 1 : -1);
  return true;
}

static bool is_as(const Tensor *t, const Node *n)
{
  return n->kind == N_BUILTIN && n->count == 2 && n->name == names_cstr(t->cx->s->names, "as");
}

static bool affine(const Tensor *t, Node *n, Affine *out)
{
  *out = (Affine){0};
  if (!mentions_loop(t, n))
    return constant(t, n, &out->constant);
  int loop = loop_of(t, n);
  if (loop >= 0) {
    out->factor[loop] = 1;
    return true;
  }
  if (is_as(t, n)) // loop variables take part as plain numbers
    return affine(t, n->list[1], out);
  if (n->kind == N_BINARY)
    return affine_binary(t, n, out);
  if (n->kind == N_NEG) {
    if (!affine(t, n->a, out))
      return false;
    scale(out, -1);
    return true;
  }
  SEMA_ERROR(t->cx, n, tensor_affine);
  return false;
}

// ---- the array ----
static bool take_pointer(Tensor *t, Node *at, Value pointer)
{
  const TypeInfo *p = type_info(t->cx->s, pointer.type);
  if (p->kind == TK_MANY) {
    SEMA_ERROR(t->cx, at, deref_many, type_name(t->cx->s, pointer.type));
    return false;
  }
  if (p->kind != TK_PTR || type_info(t->cx->s, p->elem)->kind != TK_ARRAY) {
    SEMA_ERROR(t->cx, at, expected_kind, "an array", type_name(t->cx->s, pointer.type));
    return false;
  }
  t->base = pointer;
  t->array = p->elem;
  t->is_const = p->is_const;
  return true;
}

static bool tensor_base(Tensor *t, Node *at)
{
  Ctx *cx = t->cx;
  Operand op = sema_place(cx, at);
  Value v;
  if (op.kind != OPK_ERROR && type_info(cx->s, op.type)->kind == TK_ARRAY)
    op = sema_address(cx, at, op);
  if (op.kind != OPK_ERROR && !type_is_pointer(cx->s, op.type)) {
    SEMA_ERROR(cx, at, expected_kind, "an array", type_name(cx->s, op.type));
    return false;
  }
  op = sema_load(cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (sema_is_known(cx, op, &v))
    return take_pointer(t, at, v);
  if (type_info(cx->s, op.type)->kind == TK_MANY)
    SEMA_ERROR(cx, at, deref_many, type_name(cx->s, op.type));
  else
    SEMA_ERROR(cx, at, tensor_base);
  return false;
}

// ---- the whole ----
static bool tensor_bounds(Tensor *t)
{
  Node *bounds = t->n->a;
  if (bounds->count != t->loops) {
    SEMA_ERROR(t->cx, bounds, tensor_vars, t->loops, bounds->count);
    return false;
  }
  for (uint32_t i = 0; i < t->loops; i++)
    if (!sema_comptime_int(t->cx, bounds->list[i], 0, UINT16_MAX, "tensor bound", &t->bounds[i]))
      return false;
  return true;
}

// Warns of an index that leaves its dimension for some values of the loop variables. An array of
// one element stands for another one, whose address the DSD gets at run time (language 13.2).
static void check_dimension(const Tensor *t, Node *at, const Affine *a, uint32_t size)
{
  int64_t lo = a->constant, hi = a->constant;
  for (uint32_t i = 0; i < t->loops; i++) {
    int64_t reach = a->factor[i] * (t->bounds[i] - 1);
    if (t->bounds[i] == 0)
      return;
    lo += reach < 0 ? reach : 0;
    hi += reach > 0 ? reach : 0;
  }
  bool stand_in = size == 1 && type_info(t->cx->s, t->array)->rank == 1;
  if ((lo < 0 || hi >= size) && !stand_in)
    SEMA_WARN(t->cx, at, tensor_range, (long long)lo, (long long)hi, size);
}

// Flat index in elements: row-major, the last index fastest.
static bool flatten(Tensor *t, Affine *flat)
{
  const TypeInfo *array = type_info(t->cx->s, t->array);
  Node *index = t->n->b;
  *flat = (Affine){0};
  if (index->count != array->rank) {
    SEMA_ERROR(t->cx, index, index_count, type_name(t->cx->s, t->array), array->rank, index->count);
    return false;
  }
  for (uint32_t d = 0; d < array->rank; d++) {
    Affine a;
    if (!affine(t, index->list[d], &a))
      return false;
    check_dimension(t, index->list[d], &a, array->dims[d]);
    scale(flat, array->dims[d]);
    combine(flat, &a, 1);
  }
  return true;
}

// A stride is the step from the last element of the inner loops to the first of the next turn
// (language 6.5).
static void strides(const Tensor *t, const Affine *flat, int64_t out[MAX_LOOPS])
{
  int64_t inner = 0; // what the inner loops have moved
  for (uint32_t m = 0; m < t->loops; m++) {
    uint32_t loop = t->loops - 1 - m;
    out[m] = flat->factor[loop] - inner;
    inner += flat->factor[loop] * (t->bounds[loop] - 1);
  }
}

static bool fits_i16(const Tensor *t, int64_t v)
{
  if (v >= INT16_MIN && v <= INT16_MAX)
    return true;
  SEMA_ERROR(t->cx, t->n, tensor_large, (long long)v);
  return false;
}

static Value make_tuple(Sema *s, Type elem, const int64_t *v, uint32_t n)
{
  Type types[MAX_LOOPS];
  Value values[MAX_LOOPS];
  for (uint32_t i = 0; i < n; i++) {
    types[i] = elem;
    values[i] = v_int(elem, v[i]);
  }
  return v_aggregate(s, type_anon(s, NULL, types, n), values, n);
}

static Operand tensor_struct(const Tensor *t, const Affine *flat)
{
  Sema *s = t->cx->s;
  int64_t stride[MAX_LOOPS];
  strides(t, flat, stride);
  if (!fits_i16(t, flat->constant))
    return op_error();
  for (uint32_t m = 0; m < t->loops; m++)
    if (!fits_i16(t, stride[m]))
      return op_error();
  Type elem = type_info(s, t->array)->elem;
  Value v[4] = {t->base, v_int(T_I16, flat->constant), make_tuple(s, T_I16, stride, t->loops),
                make_tuple(s, T_U16, t->bounds, t->loops)};
  v[0].type = type_pointer(s, elem, t->is_const, false);
  Name names[4] = {names_cstr(s->names, "base_address"), names_cstr(s->names, "offset"),
                   names_cstr(s->names, "stride"), names_cstr(s->names, "extent")};
  Type types[4] = {v[0].type, v[1].type, v[2].type, v[3].type};
  return op_value(v_aggregate(s, type_anon(s, names, types, 4), v, 4));
}

Operand sema_tensor(Ctx *cx, Node *n)
{
  Tensor t = {.cx = cx, .n = n, .loops = n->count};
  Affine flat;
  if (t.loops == 0 || t.loops > MAX_LOOPS)
    return SEMA_ERROR(cx, n, tensor_many);
  if (!tensor_bounds(&t) || !tensor_base(&t, n->b->a) || !flatten(&t, &flat))
    return op_error();
  return tensor_struct(&t, &flat);
}
