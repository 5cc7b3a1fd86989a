// Builds the compact form of expressions. EX_UNKNOWN is always a right answer: the walker then
// evaluates the expression, or the statement around it.
#include "sema/compact_build.h"
#include <math.h>
#include <string.h>

static uint32_t result_register(Builder *b, int target)
{
  return target >= 0 ? (uint32_t)target : build_register(b);
}

// Values of comptime_struct variables and variants of unions have no type before they are there.
bool type_is_usable(const Sema *s, Type t)
{
  return t != T_NONE && t != T_COMPTIME_STRUCT && type_info(s, t)->kind != TK_UNION;
}

static bool is_integer(const Sema *s, Type t)
{
  return t == T_COMPTIME_INT || type_is_int(s, t);
}

static bool is_wide(const Sema *s, Type t)
{
  return type_is_int(s, t) && type_bits(s, t) == 64 && !type_is_signed(s, t);
}

static bool is_float(Type t)
{
  return t == T_COMPTIME_FLOAT || type_is_float(t);
}

static Expr emit2(Builder *b, CodeKind kind, Type t, CodeInfo info, const Expr *x, int target)
{
  uint32_t from = build_use(b, x), to = result_register(b, target);
  uint32_t at = build_emit(b, kind, to, from, 0);
  b->code->ops[at].info = build_info(b, info);
  return in_register(t, to);
}

void expr_move(Builder *b, const Expr *e, uint32_t reg)
{
  uint32_t from = build_use(b, e);
  if (from != reg)
    build_emit(b, CO_MOVE, reg, from, 0);
}

// ---- conversions ----
static Expr emit_fit(Builder *b, CodeInfo info, const Expr *e)
{
  const Sema *s = b->s;
  bool sign = type_is_signed(s, info.want) && !is_wide(s, info.a), big = type_is_big(s, info.want);
  unsigned bits = type_bits(s, info.want), most = sign ? 63 : 62;
  if (big || (type_is_big(s, info.a) && bits > most))
    bits = most; // only words below 2^62 are the same number in both types
  bool narrow = bits && bits < 64 && (big || !is_wide(s, info.a));
  Expr r = emit2(b, !narrow ? CO_COERCE : sign ? CO_FIT_S : CO_FIT_U, info.want, info, e, -1);
  arrlast(b->code->ops).k = (uint8_t)(64 - bits);
  return r;
}

// Is the word of every value of an integer type the same in another one that has all these values?
static bool keeps_word(const Sema *s, Type from, Type to)
{
  if (type_is_big(s, from) == type_is_big(s, to))
    return true;
  return type_is_big(s, to) && type_bits(s, from) < 63u + type_is_signed(s, from);
}

static bool coerce_known(Builder *b, Expr *e, Type to, Node *at)
{
  Operand op = op_value(e->v);
  if (!sema_can_coerce(b->cx, &op, to) || type_is_struct(b->s, to) || to == T_COMPTIME_STRUCT ||
      !sema_coerce(b->cx, at, &op, to))
    return false;
  *e = known(op.v);
  return true;
}

bool expr_coerce(Builder *b, Expr *e, Type to, Node *at)
{
  Sema *s = b->s;
  if (e->kind == EX_UNKNOWN)
    return false;
  if (to == T_NONE || e->type == to)
    return true;
  if (e->kind == EX_VALUE && coerce_known(b, e, to, at))
    return true;
  bool ints = is_integer(s, e->type) && is_integer(s, to);
  Operand any = op_rvalue(e->type, IR_NONE);
  if (e->kind == EX_VALUE ? !type_is_struct(s, to) : !ints && !sema_can_coerce(b->cx, &any, to))
    return false;
  if (!type_is_usable(s, to))
    return false;
  CodeInfo info = {.at = at, .a = e->type, .want = to};
  if (!ints)
    *e = emit2(b, CO_COERCE, to, info, e, -1);
  else if ((to == T_COMPTIME_INT || type_widens(s, e->type, to)) && keeps_word(s, e->type, to))
    e->type = to;
  else
    *e = emit_fit(b, info, e);
  return true;
}

static bool as_scalar(const Sema *s, Type t)
{
  return t == T_BOOL || type_is_numeric(s, t) || type_info(s, t)->kind == TK_ENUM;
}

static Expr convert(Builder *b, Node *n, Expr e, Type to, int target)
{
  Sema *s = b->s;
  Value v;
  if (e.kind == EX_UNKNOWN || e.type == to)
    return e;
  if (!as_scalar(s, e.type) || !as_scalar(s, to) ||
      (type_info(s, e.type)->kind == TK_ENUM && type_info(s, to)->kind == TK_ENUM))
    return unknown();
  if (e.kind == EX_VALUE)
    return v_convert(s, e.v, to, &v) ? known(v) : unknown();
  CodeInfo info = {.at = n, .a = e.type, .want = to, .as = true};
  unsigned bits = type_bits(s, to);
  bool ints = is_integer(s, e.type) && is_integer(s, to);
  if (ints && to == T_COMPTIME_INT && keeps_word(s, e.type, to)) {
    e.type = to;
    return e;
  }
  if (ints && (to == T_COMPTIME_INT || (bits && bits <= 64 && e.type == T_COMPTIME_INT)))
    return emit_fit(b, info, &e);
  if (ints && bits && !type_is_big(s, e.type) && !type_is_big(s, to)) {
    Expr r = emit2(b, type_is_signed(s, to) ? CO_WRAP_S : CO_WRAP_U, to, info, &e, target);
    arrlast(b->code->ops).k = (uint8_t)(64 - bits);
    return r;
  }
  bool to_double = to == T_COMPTIME_FLOAT && is_integer(s, e.type) && !is_wide(s, e.type);
  return emit2(b, to_double ? CO_FLOAT_OF : CO_CONVERT, to, info, &e, target);
}

// ---- operators ----
typedef struct IntOps {
  uint8_t s, u, x; // CodeKind by kind of type: signed, unsigned, comptime_int; CO_BINARY: none
} IntOps;

static const IntOps int_ops[] = {
    [OP_ADD] = {CO_ADD_S, CO_ADD_U, CO_ADD_X},  [OP_SUB] = {CO_SUB_S, CO_SUB_U, CO_SUB_X},
    [OP_MUL] = {CO_MUL_S, CO_MUL_U, CO_MUL_X},  [OP_DIV] = {CO_DIV, CO_DIV, CO_DIV},
    [OP_REM] = {CO_REM, CO_REM, CO_REM},        [OP_SHL] = {CO_SHL_S, CO_SHL_U, CO_BINARY},
    [OP_SHR] = {CO_SHR_S, CO_SHR_U, CO_BINARY}, [OP_AND] = {CO_AND, CO_AND, CO_AND_X},
    [OP_OR] = {CO_OR, CO_OR, CO_OR_X},          [OP_XOR] = {CO_XOR, CO_XOR, CO_XOR_X},
};

static bool is_comparison(Operator op)
{
  return op >= OP_EQ && op <= OP_GE;
}

// `>` and `>=` are `<` and `<=` of the operands exchanged.
static CodeKind comparison_kind(const Sema *s, Operator op, Type t)
{
  bool wide = is_wide(s, t), real = is_float(t), big = type_is_big(s, t);
  if (!real && !v_is_leaf(s, t))
    return CO_BINARY;
  switch (op) {
  case OP_EQ: return real ? CO_EQ_D : CO_EQ;
  case OP_NE: return real ? CO_NE_D : CO_NE;
  case OP_LT:
  case OP_GT: return real ? CO_LT_D : wide ? CO_LT_W : big ? CO_LT_X : CO_LT;
  default: return real ? CO_LE_D : wide ? CO_LE_W : big ? CO_LE_X : CO_LE;
  }
}

static CodeKind float_kind(Operator op, Type t)
{
  if ((t != T_COMPTIME_FLOAT && t != T_F32) || op < OP_ADD || op > OP_DIV)
    return CO_BINARY;
  return (CodeKind)((t == T_F32 ? CO_ADD_F : CO_ADD_D) + (op - OP_ADD));
}

static CodeKind operator_kind(const Sema *s, Operator op, Type t)
{
  if (is_comparison(op))
    return comparison_kind(s, op, t);
  if (is_float(t))
    return float_kind(op, t);
  if (t == T_COMPTIME_INT)
    return int_ops[op].x;
  if (!type_bits(s, t) || type_bits(s, t) > 64)
    return CO_BINARY;
  return type_is_signed(s, t) ? int_ops[op].s : int_ops[op].u;
}

static Expr fold(Builder *b, Operator op, Value x, Value y, Type t)
{
  Value v;
  bool divides = op == OP_DIV || op == OP_REM, shifts = op == OP_SHL || op == OP_SHR;
  if (shifts &&
      (y.i < 0 || y.i >= (t == T_COMPTIME_INT ? COMPTIME_INT_BITS : (int64_t)type_bits(b->s, t))))
    return unknown();
  if (divides && (is_float(t) ? t == T_COMPTIME_FLOAT && y.f == 0 : !y.i))
    return unknown();
  if (!arith_concrete(b->s, op, x, y, &v) || (v.type == T_COMPTIME_FLOAT && isnan(v.f)))
    return unknown();
  return known(v);
}

// Both operands in one type, as arith_operands does it. False: only the walker knows.
static bool unify(Builder *b, Node *n, Operator op, Expr *x, Expr *y, Type *t)
{
  Sema *s = b->s;
  *t = x->type;
  if (op == OP_SHL || op == OP_SHR)
    return operator_allowed(s, op, x->type) && is_integer(s, y->type);
  Operand both[2] = {op_rvalue(x->type, IR_NONE), op_rvalue(y->type, IR_NONE)};
  if (x->type != y->type)
    *t = peer_type(b->cx, both, 2);
  return *t != T_NONE && operator_allowed(s, op, *t) && expr_coerce(b, x, *t, n) &&
         expr_coerce(b, y, *t, n);
}

Expr expr_binary(Builder *b, Node *n, Operator op, Expr x, Expr y, int target)
{
  Sema *s = b->s;
  Type t;
  if (!unify(b, n, op, &x, &y, &t))
    return unknown();
  if (x.kind == EX_VALUE && y.kind == EX_VALUE)
    return fold(b, op, x.v, y.v, t);
  CodeKind kind = operator_kind(s, op, t);
  Type result = is_comparison(op) ? T_BOOL : t;
  uint32_t l = build_use(b, &x), r = build_use(b, &y), to = result_register(b, target);
  bool swap = kind != CO_BINARY && (op == OP_GT || op == OP_GE);
  uint32_t at = build_emit(b, kind, to, swap ? r : l, swap ? l : r);
  CodeOp *o = &b->code->ops[at];
  o->k = op == OP_DIV || op == OP_REM ? !is_wide(s, t)
         : type_is_big(s, t)          ? 0
                                      : (uint8_t)(64 - type_bits(s, t));
  o->info = build_info(
      b, (CodeInfo){.at = n, .a = x.type, .b = y.type, .want = result, .op = (uint8_t)op});
  return in_register(result, to);
}

// An operand that a variable holds is copied if what is evaluated next may assign.
static bool may_assign(const Node *n)
{
  if (!n)
    return false;
  if (n->kind == N_ASSIGN)
    return true;
  for (uint32_t i = 0; i < n->count; i++)
    if (may_assign(n->list[i]))
      return true;
  return may_assign(n->a) || may_assign(n->b) || may_assign(n->c);
}

static void protect(Builder *b, Expr *e, const Node *next)
{
  if (e->kind != EX_REGISTER || !may_assign(next))
    return;
  uint32_t reg = build_register(b);
  expr_move(b, e, reg);
  e->reg = (uint16_t)reg;
}

static bool both_operands(Builder *b, Node *n, Type want, Expr *x, Expr *y)
{
  Type inner = n->op >= OP_EQ ? T_NONE : want;
  *x = expr_build(b, n->a, inner, -1);
  if (x->kind == EX_UNKNOWN)
    return false;
  protect(b, x, n->b);
  *y = expr_build(b, n->b, type_is_int(b->s, x->type) ? x->type : inner, -1);
  return y->kind != EX_UNKNOWN;
}

// For a jump that compares: integers other than u64, and other words.
bool expr_compared(Builder *b, Node *n, Expr *x, Expr *y)
{
  Type t;
  if (!both_operands(b, n, T_NONE, x, y) || !unify(b, n, n->op, x, y, &t))
    return false;
  CodeKind kind = comparison_kind(b->s, n->op, t);
  return kind == CO_EQ || kind == CO_NE || kind == CO_LT || kind == CO_LE || kind == CO_LT_X ||
         kind == CO_LE_X;
}

// A bool whose right side runs only if the left one does not decide.
static Expr logical(Builder *b, Node *n)
{
  Expr left = expr_build(b, n->a, T_BOOL, -1);
  if (left.type != T_BOOL || left.kind == EX_UNKNOWN)
    return unknown();
  if (left.kind == EX_VALUE) {
    if ((n->op == OP_LAND) != (bool)left.v.i)
      return left;
    Expr right = expr_build(b, n->b, T_BOOL, -1);
    return right.type == T_BOOL ? right : unknown();
  }
  uint32_t to = build_register(b), *end = NULL;
  expr_move(b, &left, to);
  arrput(end, build_emit(b, n->op == OP_LAND ? CO_JUMP_UNLESS : CO_JUMP_IF, to, 0, 0));
  Expr right = expr_build(b, n->b, T_BOOL, (int)to);
  bool ok = right.kind != EX_UNKNOWN && right.type == T_BOOL;
  if (ok)
    expr_move(b, &right, to);
  build_aim(b, end);
  return ok ? in_register(T_BOOL, to) : unknown();
}

static Expr unary(Builder *b, Node *n, Type want, int target)
{
  Sema *s = b->s;
  Expr e = expr_build(b, n->a, want, -1);
  if (e.kind == EX_UNKNOWN || !unary_allowed(s, n->kind, e.type))
    return unknown();
  if (e.kind == EX_VALUE)
    return known(unary_value(s, n->kind, e.v));
  CodeInfo info = {.at = n, .a = e.type, .want = e.type, .op = n->kind};
  return emit2(b, n->kind == N_NOT ? CO_NOT : CO_UNARY, e.type, info, &e, target);
}

// ---- names ----
// May code keep the value? Not if it depends on the tile.
static Expr constant_value(Builder *b, Value v)
{
  bool plain = type_is_usable(b->s, v.type) && (!b->code->tile || code_value_is_plain(b->s, v));
  return plain && !v.sym ? known(v) : unknown();
}

static Expr global(Builder *b, const Instance *in, uint32_t decl)
{
  const Global *g = &in->globals[decl];
  const Node *n = in->file->decls[decl].node;
  if (n->kind == N_FN) {
    if (!g->function || g->state == GS_ERROR)
      return unknown();
    return known(v_ref(b->s->functions[g->function - 1].type, g->function - 1));
  }
  if (g->state != GS_DONE || n->kind == N_VAR || g->external)
    return unknown();
  return constant_value(b, g->value);
}

static Expr ident(Builder *b, Node *n)
{
  switch (n->scope) {
  case SCOPE_LOCAL: {
    const Var *v = &b->vars[n->slot];
    if (v->state == VAR_VALUE)
      return known(v->v);
    return v->state == VAR_REGISTER ? in_register(v->type, v->reg) : unknown();
  }
  case SCOPE_GLOBAL: return global(b, b->code->instance, n->slot);
  case SCOPE_PREDECLARED: return known(b->s->p->predeclared[n->slot].value);
  default: return unknown();
  }
}

// ---- parts ----
static Expr member_of_known(Builder *b, Value base, Name name)
{
  Sema *s = b->s;
  if (base.type == T_MODULE) {
    const Instance *in = s->instances[base.ref];
    ptrdiff_t i = hmgeti(in->file->by_name, name);
    return i < 0 ? unknown() : global(b, in, in->file->by_name[i].value);
  }
  if (base.type == T_TYPE) {
    bool is_enum = type_info(s, base.ref)->kind == TK_ENUM;
    int k = is_enum ? type_field(s, base.ref, name) : -1;
    return k < 0 ? unknown() : known(v_int(base.ref, type_info(s, base.ref)->fields[k].value));
  }
  Value v;
  return v_field(s, base, name, &v) ? constant_value(b, v) : unknown();
}

static Expr element_of(Builder *b, Node *n, const Expr *base, uint32_t index, Type index_type,
                       uint32_t count, Type t)
{
  if (!type_is_usable(b->s, t))
    return unknown();
  uint32_t from = build_use(b, base), to = build_register(b);
  uint32_t at = build_emit(b, CO_ELEMENT, to, from, index);
  b->code->ops[at].d = (int32_t)count;
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n, .a = index_type, .want = base->type});
  return in_register(t, to);
}

static Expr member(Builder *b, Node *n)
{
  Sema *s = b->s;
  Expr base = expr_place(b, n->a);
  if (base.kind == EX_UNKNOWN)
    return base;
  if (base.kind == EX_VALUE)
    return member_of_known(b, base.v, n->name);
  int k = type_is_struct(s, base.type) ? type_field(s, base.type, n->name) : -1;
  if (k < 0)
    return unknown();
  const TypeInfo *i = type_info(s, base.type);
  uint32_t index = build_constant(b, (Word){.i = k});
  return element_of(b, n, &base, index, T_COMPTIME_INT, i->count, i->fields[k].type);
}

static bool index_operand(Builder *b, Node *n, Expr *e)
{
  *e = expr_build(b, n, T_NONE, -1);
  return e->kind != EX_UNKNOWN && is_integer(b->s, e->type);
}

bool expr_indices(Builder *b, Node *n, Type array, uint32_t *flat)
{
  const TypeInfo *a = type_info(b->s, array);
  Expr e;
  if (a->kind != TK_ARRAY || n->count != a->rank || !a->rank || a->count > INT32_MAX)
    return false;
  uint32_t *starts = NULL;
  for (uint32_t d = 0; d < a->rank; d++) {
    arrput(starts, (uint32_t)arrlen(b->code->ops));
    if (!index_operand(b, n->list[d], &e)) {
      arrfree(starts);
      return false;
    }
    uint32_t reg = build_use(b, &e), at = build_emit(b, CO_BOUND, reg, 0, 0);
    b->code->ops[at].d = (int32_t)a->dims[d];
    b->code->ops[at].info = build_info(b, (CodeInfo){.at = n->list[d], .a = e.type, .want = array});
    if (d) {
      uint32_t sum = build_register(b);
      at = build_emit(b, CO_FLAT, sum, *flat, reg);
      b->code->ops[at].d = (int32_t)a->dims[d];
      reg = sum;
    }
    *flat = reg;
  }
  build_join(b, starts);
  return true;
}

static Expr indexed(Builder *b, Node *n)
{
  Sema *s = b->s;
  Expr base = expr_place(b, n->a), e;
  uint32_t flat;
  if (base.kind == EX_UNKNOWN)
    return base;
  const TypeInfo *i = type_info(s, base.type);
  if (i->kind == TK_TUPLE && n->count == 1 && index_operand(b, n->list[0], &e) &&
      e.kind == EX_VALUE && e.v.i >= 0 && e.v.i < i->count)
    return element_of(b, n, &base, build_constant(b, (Word){.i = e.v.i}), e.type, i->count,
                      i->fields[e.v.i].type);
  if (i->kind == TK_ARRAY && i->rank == 1 && n->count == 1 && i->count <= INT32_MAX) {
    if (!index_operand(b, n->list[0], &e))
      return unknown();
    return element_of(b, n->list[0], &base, build_use(b, &e), e.type, i->count, i->elem);
  }
  if (!expr_indices(b, n, base.type, &flat))
    return unknown();
  return element_of(b, n, &base, flat, T_COMPTIME_INT, i->count, i->elem);
}

Expr expr_place(Builder *b, Node *n)
{
  switch (n->kind) {
  case N_IDENT: return ident(b, n);
  case N_FIELD: return member(b, n);
  case N_INDEX: return indexed(b, n);
  default: return expr_build(b, n, T_NONE, -1);
  }
}

// A whole aggregate that is loaded has one more holder.
static Expr loaded(Builder *b, Node *n)
{
  Expr e = expr_place(b, n);
  if (e.kind == EX_REGISTER && type_is_aggregate(b->s, e.type))
    build_emit(b, CO_SHARE, e.reg, 0, 0);
  return e;
}

// ---- literals ----
static Expr int_literal(Builder *b, Node *n)
{
  Value v;
  return int_literal_value(b->s, n, &v) ? known(v) : unknown();
}

// Parts in registers that follow each other.
static Expr make(Builder *b, Node *n, Type t, const Expr *parts, uint32_t count, int target)
{
  Sema *s = b->s;
  bool all_known = true;
  for (uint32_t k = 0; k < count; k++)
    all_known &= parts[k].kind == EX_VALUE;
  if (all_known) {
    Value *values = ARENA_ARRAY(&s->arena, Value, count + 1);
    for (uint32_t k = 0; k < count; k++)
      values[k] = parts[k].v;
    Value v = v_aggregate(s, t, values, count);
    v_share(s, v);
    return known(v);
  }
  Type *types = ARENA_ARRAY(&s->arena, Type, count + 1);
  uint32_t first = b->next_reg;
  for (uint32_t k = 0; k < count; k++)
    build_register(b);
  for (uint32_t k = 0; k < count; k++) {
    types[k] = parts[k].type;
    expr_move(b, &parts[k], first + k);
  }
  uint32_t to = result_register(b, target), at = build_emit(b, CO_MAKE, to, first, 0);
  b->code->ops[at].d = (int32_t)count;
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n, .want = t, .all = types});
  return in_register(t, to);
}

static bool names_differ(const Node *n)
{
  for (uint32_t i = 0; i < n->count; i++)
    for (uint32_t k = 0; k < i; k++)
      if (n->list[k]->name == n->list[i]->name)
        return false;
  return true;
}

static Type want_of_field(const Sema *s, Type want, Name name, uint32_t i)
{
  if (want == T_NONE || !type_is_struct(s, want))
    return T_NONE;
  const TypeInfo *t = type_info(s, want);
  int k = t->kind == TK_TUPLE ? (i < t->count ? (int)i : -1) : type_field(s, want, name);
  return k < 0 ? T_NONE : t->fields[k].type;
}

static Expr anon_struct(Builder *b, Node *n, Type want, int target)
{
  Sema *s = b->s;
  bool tuple = n->kind == N_TUPLE;
  Expr parts[32];
  Name names[32];
  Type types[32];
  uint32_t *starts = NULL;
  if (n->count > 32 || (!tuple && !names_differ(n)))
    return unknown();
  for (uint32_t i = 0; i < n->count; i++) {
    Node *value = tuple ? n->list[i] : n->list[i]->a;
    names[i] = tuple ? 0 : n->list[i]->name;
    for (uint32_t k = 0; k < i; k++)
      protect(b, &parts[k], value);
    arrput(starts, (uint32_t)arrlen(b->code->ops));
    parts[i] = expr_build(b, value, want_of_field(s, want, names[i], i), -1);
    if (parts[i].kind == EX_UNKNOWN) {
      arrfree(starts);
      return unknown();
    }
    types[i] = parts[i].type;
  }
  build_join(b, starts);
  Type t = type_anon(s, tuple ? NULL : names, types, n->count);
  if (type_info(s, t)->depth > 32 ||
      type_info(s, t)->parts > 1 << 20) // the walker reports types that are too deep or too large
    return unknown();
  return make(b, n, t, parts, n->count, target);
}

static bool same_fields(const TypeInfo *a, const TypeInfo *w)
{
  if (a->count != w->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++)
    if (a->fields[i].name != w->fields[i].name || a->fields[i].type != w->fields[i].type)
      return false;
  return true;
}

static Expr struct_literal(Builder *b, Node *n)
{
  Sema *s = b->s;
  Type t = expr_type_of(b, n->a);
  if (t == T_NONE || type_info(s, t)->kind != TK_STRUCT)
    return unknown();
  Expr e = anon_struct(b, n, t, -1);
  if (e.kind == EX_UNKNOWN)
    return e;
  if (e.kind == EX_VALUE && same_fields(type_info(s, e.type), type_info(s, t))) {
    Operand op = op_value(e.v);
    return sema_coerce(b->cx, n, &op, t) && op.kind == OPK_VALUE ? known(op.v) : unknown();
  }
  return expr_coerce(b, &e, t, n) ? e : unknown();
}

static Expr array_literal(Builder *b, Node *n, int target)
{
  Sema *s = b->s;
  Type t = expr_type_of(b, n->a);
  Expr parts[64];
  uint32_t *starts = NULL;
  if (t == T_NONE || n->count > 64 || n->count != type_info(s, t)->count)
    return unknown();
  Type elem = type_info(s, t)->elem;
  for (uint32_t k = 0; k < n->count; k++) {
    for (uint32_t i = 0; i < k; i++)
      protect(b, &parts[i], n->list[k]);
    arrput(starts, (uint32_t)arrlen(b->code->ops));
    parts[k] = expr_build(b, n->list[k], elem, -1);
    if ((parts[k].type == T_COMPTIME_INT && type_is_float(elem)) ||
        !expr_coerce(b, &parts[k], elem, n->list[k])) {
      arrfree(starts);
      return unknown();
    }
  }
  build_join(b, starts);
  return make(b, n, t, parts, n->count, target);
}

// ---- types ----
static Expr array_type(Builder *b, Node *n)
{
  uint32_t dims[16];
  Type elem = expr_type_of(b, n->a);
  if (elem == T_NONE || n->count > 16 || elem == T_VOID || elem == T_ANYOPAQUE ||
      type_info(b->s, elem)->kind == TK_ARRAY)
    return unknown();
  for (uint32_t i = 0; i < n->count; i++) {
    Expr e = expr_build(b, n->list[i], T_NONE, -1);
    if (e.kind != EX_VALUE || !is_integer(b->s, e.type) || e.v.i < 0 || e.v.i > UINT16_MAX)
      return unknown();
    dims[i] = (uint32_t)e.v.i;
  }
  return known(v_type(type_array(b->s, elem, dims, n->count)));
}

Type expr_type_of(Builder *b, Node *n)
{
  Expr e = expr_build(b, n, T_TYPE, -1);
  return e.kind == EX_VALUE && e.type == T_TYPE && e.v.ref != T_COMPTIME_STRUCT ? e.v.ref : T_NONE;
}

// ---- builtins ----
static bool named(const Builder *b, const Node *n, const char *name)
{
  return !strcmp(names_text(b->s->names, n->name), name);
}

static Expr type_of(Builder *b, Node *n)
{
  Mark mark = build_mark(b);
  Expr e = expr_build(b, n->list[0], T_NONE, -1);
  build_undo(b, &mark); // not evaluated
  return e.kind == EX_UNKNOWN ? e : known(v_type(e.type));
}

static Type array_argument(Builder *b, Node *n)
{
  Type t = expr_type_of(b, n->list[0]);
  if (t == T_NONE || type_info(b->s, t)->kind != TK_ARRAY)
    return T_NONE;
  return t;
}

static Expr zeros(Builder *b, Node *n)
{
  Type t = array_argument(b, n);
  if (t == T_NONE || !type_is_numeric(b->s, type_info(b->s, t)->elem))
    return unknown();
  Value v = v_default(b->s, t);
  v_share(b->s, v);
  return known(v);
}

static Expr constants(Builder *b, Node *n, int target)
{
  Type t = array_argument(b, n);
  if (t == T_NONE || !v_is_leaf(b->s, type_info(b->s, t)->elem))
    return unknown();
  Type elem = type_info(b->s, t)->elem;
  Expr e = expr_build(b, n->list[1], elem, -1);
  if (!expr_coerce(b, &e, elem, n->list[1]))
    return unknown();
  CodeInfo info = {.at = n, .a = elem, .want = t};
  return emit2(b, CO_UNIFORM, t, info, &e, target);
}

static Expr builtin(Builder *b, Node *n, int target)
{
  if (n->count == 2 && named(b, n, "as")) {
    Type t = expr_type_of(b, n->list[0]);
    return t == T_NONE ? unknown() : convert(b, n, expr_build(b, n->list[1], t, -1), t, target);
  }
  if (n->count == 1 && named(b, n, "type_of"))
    return type_of(b, n);
  if (n->count == 2 && named(b, n, "is_same_type")) {
    Type x = expr_type_of(b, n->list[0]), y = expr_type_of(b, n->list[1]);
    return x == T_NONE || y == T_NONE ? unknown() : known(v_bool(x == y));
  }
  if (n->count == 1 && named(b, n, "zeros"))
    return zeros(b, n);
  if (n->count == 2 && named(b, n, "constants"))
    return constants(b, n, target);
  return unknown();
}

// ---- choices ----
bool expr_arm(Builder *b, Node *n, Type want, uint32_t reg, Type *t)
{
  Expr e = expr_build(b, n, want, (int)reg);
  if (e.kind == EX_UNKNOWN || (*t != T_NONE && *t != e.type))
    return false;
  *t = e.type;
  expr_move(b, &e, reg);
  return true;
}

static Expr choice(Builder *b, Node *n, Type want)
{
  bool value;
  if (build_known_condition(b, n->a, &value)) {
    Node *chosen = value ? n->b : n->c;
    return chosen ? expr_build(b, chosen, want, -1) : known(v_void());
  }
  if (!n->c)
    return unknown();
  uint32_t *no = NULL, *end = NULL, to = build_register(b);
  Type t = T_NONE;
  build_branch_unless(b, n->a, &no);
  bool ok = expr_arm(b, n->b, want, to, &t);
  arrput(end, build_emit(b, CO_JUMP, 0, 0, 0));
  build_aim(b, no);
  ok = ok && expr_arm(b, n->c, want, to, &t);
  build_aim(b, end);
  return ok ? in_register(t, to) : unknown();
}

// A labelled block whose breaks all carry a value of one type and which does not reach its end.
static Expr block(Builder *b, Node *n)
{
  if (!n->name)
    return unknown();
  Goal g = {.up = b->goal, .label = n->name, .reg = (int)build_register(b)};
  int32_t outer = build_enter_target(b, n);
  b->goal = &g;
  bool reaches_end = build_block(b, n);
  b->goal = g.up;
  b->stmt = outer;
  build_aim(b, g.breaks);
  if (reaches_end || g.mixed || g.type == T_NONE)
    return unknown();
  return in_register(g.type, (uint32_t)g.reg);
}

// ---- the walk ----
static Expr build(Builder *b, Node *n, Type want, int target)
{
  switch ((NodeKind)n->kind) {
  case N_INT: return int_literal(b, n);
  case N_FLOAT: return known(float_literal_value(b->s, n));
  case N_CHAR: return known(v_int(T_COMPTIME_INT, (int64_t)n->u.ch));
  case N_STRING: return known(v_string(b->s, n->u.string.bytes, n->u.string.len));
  case N_BOOL: return known(v_bool(n->op));
  case N_IDENT:
  case N_FIELD:
  case N_INDEX: return loaded(b, n);
  case N_BINARY: {
    Expr x, y;
    if (n->op == OP_LAND || n->op == OP_LOR)
      return logical(b, n);
    return both_operands(b, n, want, &x, &y) ? expr_binary(b, n, n->op, x, y, target) : unknown();
  }
  case N_NEG:
  case N_NOT:
  case N_BIT_NOT: return unary(b, n, want, target);
  case N_BUILTIN: return builtin(b, n, target);
  case N_CALL: return expr_call(b, n);
  case N_IF:
  case N_IF_EXPR: return choice(b, n, want);
  case N_SWITCH: return expr_switch(b, n, want);
  case N_BLOCK: return block(b, n);
  case N_COMPTIME: return expr_build(b, n->a, want, target);
  case N_ANON_STRUCT:
  case N_TUPLE: return anon_struct(b, n, want, target);
  case N_STRUCT_LITERAL: return struct_literal(b, n);
  case N_ARRAY_LITERAL: return array_literal(b, n, target);
  case N_ARRAY_TYPE: return array_type(b, n);
  default: return unknown();
  }
}

// What turns out to be unknown leaves no code behind.
Expr expr_build(Builder *b, Node *n, Type want, int target)
{
  Mark mark = build_mark(b);
  Expr e = b->failed ? unknown() : build(b, n, want, target);
  if (e.kind == EX_UNKNOWN)
    build_undo(b, &mark);
  return e;
}
