// Expressions: the one walker over them, for compile time and run time alike (spec language 6).
#include "sema/private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

// ---- literals ----
static int digit_value(char c)
{
  return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

// False: it is too long.
bool int_literal_value(Sema *s, const Node *n, Value *out)
{
  const char *c = n->u.number.digits, *end = c + n->u.number.len;
  int base = 10;
  if (end - c > 2 && *c == '0' && (c[1] == 'x' || c[1] == 'o' || c[1] == 'b')) {
    base = c[1] == 'x' ? 16 : c[1] == 'o' ? 8 : 2;
    c += 2;
  }
  *out = v_int(T_COMPTIME_INT, 0);
  int64_t i = 0;
  for (const char *d = c; d < end; d++)
    if (__builtin_mul_overflow(i, base, &i) || __builtin_add_overflow(i, digit_value(*d), &i))
      return big_literal(s, c, (size_t)(end - c), base, &out->i);
  *out = v_number(s, T_COMPTIME_INT, i);
  return true;
}

static Operand int_literal(Ctx *cx, Node *n)
{
  Value v;
  return int_literal_value(cx->s, n, &v) ? op_value(v)
                                         : SEMA_ERROR(cx, n, int_overflow, COMPTIME_INT_BITS);
}

Value float_literal_value(Sema *s, const Node *n)
{
  char *text = arena_strndup(&s->arena, n->u.number.digits, n->u.number.len);
  return v_float(T_COMPTIME_FLOAT, strtod(text, NULL));
}

// ---- aggregates ----
// A struct or array of operands: a value if all are known, else a list of fields.
Operand sema_fields(Ctx *cx, Type t, Operand *ops, uint32_t n)
{
  Sema *s = cx->s;
  bool known = true;
  for (uint32_t i = 0; i < n; i++)
    known &= ops[i].kind == OPK_VALUE;
  if (!known) {
    Operand *fields = ARENA_ARRAY(&s->arena, Operand, n);
    memcpy(fields, ops, n * sizeof *ops);
    return (Operand){.kind = OPK_FIELDS, .type = t, .fields = fields};
  }
  Value few[16], *values = n <= 16 ? few : ARENA_ARRAY(&s->arena, Value, n);
  for (uint32_t i = 0; i < n; i++)
    values[i] = ops[i].v;
  return op_value(v_aggregate(s, t, values, n));
}

static Type field_want(const Sema *s, Type want, Name name, uint32_t i)
{
  if (want == T_NONE || !type_is_struct(s, want))
    return T_NONE;
  const TypeInfo *t = type_info(s, want);
  if (t->kind == TK_TUPLE)
    return i < t->count ? t->fields[i].type : T_NONE;
  int k = type_field(s, want, name);
  return k < 0 ? T_NONE : t->fields[k].type;
}

static bool duplicate_field(Ctx *cx, Node *n, uint32_t i)
{
  for (uint32_t k = 0; k < i; k++)
    if (n->list[k]->name == n->list[i]->name) {
      SEMA_ERROR(cx, n->list[i], field_twice, names_text(cx->s->names, n->list[i]->name));
      return true;
    }
  return false;
}

// Does a literal have one value wherever and however often it is evaluated?
static bool is_fixed(const Node *n)
{
  switch (n->kind) {
  case N_INT:
  case N_FLOAT:
  case N_CHAR:
  case N_STRING:
  case N_BOOL: return true;
  case N_IDENT: return n->scope == SCOPE_PREDECLARED;
  case N_FIELD_INIT: return is_fixed(n->a);
  case N_TUPLE:
  case N_ANON_STRUCT:
    for (uint32_t i = 0; i < n->count; i++)
      if (!is_fixed(n->list[i]))
        return false;
    return true;
  default: return false;
  }
}

static Operand anon_struct(Ctx *cx, Node *n, Type want);

// Literals without variables, such as routes, are evaluated once; Node.slot keeps the aggregate and
// Node.scope that there is one (or that there never will be).
static Operand anon_literal(Ctx *cx, Node *n, Type want)
{
  enum { NOT_SEEN, FIXED, NOT_FIXED };
  if (n->scope == FIXED)
    return op_value(v_ref(cx->s->p->aggs[n->slot]->type, n->slot));
  Operand op = anon_struct(cx, n, want);
  if (n->scope == NOT_SEEN && op.kind == OPK_VALUE) {
    n->scope = is_fixed(n) ? FIXED : NOT_FIXED;
    n->slot = op.v.ref;
    if (n->scope == FIXED)
      v_share(cx->s, op.v);
  }
  return op;
}

static Operand anon_struct(Ctx *cx, Node *n, Type want)
{
  Sema *s = cx->s;
  bool tuple = n->kind == N_TUPLE, ok = true;
  Operand few[16], *ops = n->count <= 16 ? few : ARENA_ARRAY(&s->arena, Operand, n->count);
  Type few_types[16], *types = n->count <= 16 ? few_types : ARENA_ARRAY(&s->arena, Type, n->count);
  Name few_names[16], *names = n->count <= 16 ? few_names : ARENA_ARRAY(&s->arena, Name, n->count);
  for (uint32_t i = 0; i < n->count; i++) {
    Node *value = tuple ? n->list[i] : n->list[i]->a;
    names[i] = tuple ? 0 : n->list[i]->name;
    ok &= tuple || !duplicate_field(cx, n, i);
    ops[i] = sema_expr(cx, value, field_want(s, want, names[i], i));
    ok &= ops[i].kind != OPK_ERROR && ops[i].kind != OPK_DEAD;
    types[i] = ops[i].type;
  }
  if (!ok)
    return op_error();
  Type t = type_anon(s, tuple ? NULL : names, types, n->count);
  return sema_check_depth(cx, n, t) ? sema_fields(cx, t, ops, n->count) : op_error();
}

// One variant is active; the others have no value (type T_NONE).
static Operand union_literal(Ctx *cx, Node *n, Type t)
{
  Sema *s = cx->s;
  const TypeInfo *i = type_info(s, t);
  if (n->count != 1)
    return SEMA_ERROR(cx, n, struct_fields, 1u, n->count);
  int k = type_field(s, t, n->list[0]->name);
  if (k < 0)
    return SEMA_ERROR(cx, n->list[0], not_member, names_text(s->names, n->list[0]->name),
                      type_name(s, t));
  Operand *ops = ARENA_ARRAY(&s->arena, Operand, i->count);
  for (uint32_t v = 0; v < i->count; v++)
    ops[v] = op_value((Value){0});
  ops[k] = sema_expr(cx, n->list[0]->a, i->fields[k].type);
  if (!sema_coerce(cx, n->list[0]->a, &ops[k], i->fields[k].type))
    return op_error();
  return sema_fields(cx, t, ops, i->count);
}

static Operand struct_literal(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t = sema_type(cx, n->a);
  if (t == T_NONE)
    return op_error();
  const TypeInfo *i = type_info(s, t);
  if (i->kind == TK_UNION)
    return union_literal(cx, n, t);
  if (i->kind != TK_STRUCT)
    return SEMA_ERROR(cx, n->a, not_struct_type, type_name(s, t));
  Operand op = anon_struct(cx, n, t);
  return sema_coerce(cx, n, &op, t) ? op : op_error();
}

// Exact integers stand for floats in array literals only (language 5.2).
static bool int_to_float_element(Ctx *cx, Operand *op, Type elem)
{
  if (op->kind != OPK_VALUE || op->type != T_COMPTIME_INT || !type_is_float(elem))
    return false;
  Value real, back;
  if (!v_convert(cx->s, op->v, elem, &real) || !v_convert(cx->s, real, T_COMPTIME_INT, &back) ||
      back.i != op->v.i)
    return false;
  *op = op_value(real);
  return true;
}

static Operand array_literal(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t = sema_type(cx, n->a);
  if (t == T_NONE)
    return op_error();
  const TypeInfo *i = type_info(s, t);
  if (n->count != i->count)
    return SEMA_ERROR(cx, n, element_count, i->count, n->count);
  Operand few[16], *ops = n->count <= 16 ? few : ARENA_ARRAY(&s->arena, Operand, n->count);
  bool ok = true;
  for (uint32_t k = 0; k < n->count; k++) {
    ops[k] = sema_expr(cx, n->list[k], i->elem);
    ok &=
        int_to_float_element(cx, &ops[k], i->elem) || sema_coerce(cx, n->list[k], &ops[k], i->elem);
  }
  return ok ? sema_fields(cx, t, ops, n->count) : op_error();
}

// ---- operators ----
static bool want_bool(Ctx *cx, Node *n, Operand *op)
{
  if (is_error(*op))
    return false;
  if (op->type == T_BOOL)
    return true;
  SEMA_ERROR(cx, n, condition_bool, type_name(cx->s, op->type));
  note_conversion(cx, n, op->type, T_BOOL);
  return false;
}

static IrRef branch_to(Ctx *cx, uint32_t block)
{
  return tir_emit(&cx->b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, block);
}

// The right side of a run-time `and`/`or` runs only if the left one does not decide.
static Operand runtime_logical(Ctx *cx, Node *n, Operand left)
{
  cx->b.pos = n->at;
  IrRef l = sema_runtime(cx, n->a, left, T_NONE);
  IrRef slot = tir_slot(&cx->b, IRT_BOOL, NULL);
  tir_emit(&cx->b, IR_STORE, IRT_VOID, slot, l, IR_NONE, 0);
  uint32_t more = tir_block(&cx->b), end = tir_block(&cx->b);
  uint32_t list[2] = {n->op == OP_LAND ? more : end, n->op == OP_LAND ? end : more};
  tir_emit_list(&cx->b, IR_BRIF, IRT_VOID, l, IR_NONE, IR_NONE, 0, list, 2);
  cx->b.block = more;
  cx->runtime_control++;
  Operand right = sema_expr(cx, n->b, T_BOOL);
  cx->runtime_control--;
  bool ok = want_bool(cx, n->b, &right);
  if (ok)
    store_to(cx, n->b, slot, right, T_BOOL);
  branch_to(cx, end);
  cx->b.block = end;
  if (!ok)
    return op_error();
  return op_rvalue(T_BOOL, tir_emit(&cx->b, IR_LOAD, IRT_BOOL, slot, IR_NONE, IR_NONE, 0));
}

static Operand logical(Ctx *cx, Node *n)
{
  Operand left = sema_expr(cx, n->a, T_BOOL);
  if (!want_bool(cx, n->a, &left))
    return op_error();
  if (left.kind != OPK_VALUE)
    return cx->comptime ? SEMA_ERROR(cx, n->a, not_comptime) : runtime_logical(cx, n, left);
  sema_force(cx, &left.v);
  if ((n->op == OP_LAND) != (bool)left.v.i)
    return left; // decided: the right side is not even name-checked
  Operand right = sema_expr(cx, n->b, T_BOOL);
  return want_bool(cx, n->b, &right) ? right : op_error();
}

static Operand operand_expression(Ctx *cx, Node *n, Wanted want)
{
  switch ((NodeKind)n->kind) {
  case N_IF_EXPR: return sema_if(cx, n, want);
  case N_SWITCH: return sema_switch(cx, n, want);
  case N_BLOCK: return sema_block_expr(cx, n, want);
  default: return sema_expr(cx, n, want.type);
  }
}

Operand sema_wanted(Ctx *cx, Node *n, Wanted want)
{
  if (!want.for_numbers)
    return sema_expr(cx, n, want.type);
  bool writing = cx->writing;
  cx->writing = false;
  Operand op = operand_expression(cx, n, want);
  cx->writing = writing;
  return op;
}

static Operand operand(Ctx *cx, Node *n, Type numbers)
{
  return sema_wanted(cx, n, (Wanted){numbers, true});
}

static Operand binary(Ctx *cx, Node *n, Type want)
{
  if (n->op == OP_LAND || n->op == OP_LOR)
    return logical(cx, n);
  Type inner = n->op >= OP_EQ ? T_NONE : want;
  Operand a = operand(cx, n->a, inner);
  if (is_error(a))
    return a;
  // Numbers take the type of the other side, except the amount of a shift.
  bool shift = n->op == OP_SHL || n->op == OP_SHR;
  bool typed = type_is_numeric(cx->s, a.type) && !type_comptime_only(cx->s, a.type);
  Operand b = operand(cx, n->b, shift ? T_NONE : typed ? a.type : inner);
  if (is_error(b))
    return b;
  return arith_operands(cx, n, n->op, a, b);
}

static Operand comptime_expr(Ctx *cx, Node *n, Type want)
{
  bool outer = cx->comptime;
  cx->comptime = true;
  Operand op = sema_expr(cx, n->a, want);
  cx->comptime = outer;
  Value v;
  if (is_error(op))
    return op;
  return sema_is_known(cx, op, &v) ? op_value(v) : SEMA_ERROR(cx, n, not_comptime);
}

static Operand ident(Ctx *cx, Node *n)
{
  if (n->scope == SCOPE_GLOBAL)
    return global_operand(cx, cx->instance, n->slot, n, false);
  return sema_load(cx, n, sema_place(cx, n));
}

static Operand unary(Ctx *cx, Node *n, Type want)
{
  Operand op = operand(cx, n->a, want);
  return is_error(op) ? op : arith_unary(cx, n, n->kind, op);
}

// A jump or assignment as the body of a switch prong.
static Operand statement(Ctx *cx, Node *n)
{
  switch (sema_stmt(cx, n)) {
  case FLOW_NEXT: return op_void();
  case FLOW_ERROR: return op_error();
  default: return (Operand){.kind = OPK_DEAD, .type = T_VOID};
  }
}

// Every case returns what its function returns: an Operand is large, and copies of it are slow.
static Operand expression(Ctx *cx, Node *n, Type want)
{
  switch ((NodeKind)n->kind) {
  case N_INT: return int_literal(cx, n);
  case N_FLOAT: return op_value(float_literal_value(cx->s, n));
  case N_CHAR: return op_value(v_int(T_COMPTIME_INT, (int64_t)n->u.ch));
  case N_STRING: return op_value(v_string(cx->s, n->u.string.bytes, n->u.string.len));
  case N_BOOL: return op_value(v_bool(n->op));
  case N_IDENT: return ident(cx, n);
  case N_FIELD:
  case N_INDEX:
  case N_DEREF: return sema_load(cx, n, sema_place(cx, n));
  case N_BINARY: return binary(cx, n, want);
  case N_NEG:
  case N_NOT:
  case N_BIT_NOT: return unary(cx, n, want);
  case N_ADDRESS: return sema_address(cx, n->a, sema_place(cx, n->a));
  case N_BUILTIN: return sema_builtin(cx, n);
  case N_CALL: return sema_call_node(cx, n);
  case N_IF:
  case N_IF_EXPR: return sema_if(cx, n, (Wanted){want, false});
  case N_SWITCH: return sema_switch(cx, n, (Wanted){want, false});
  case N_BLOCK: return sema_block_expr(cx, n, (Wanted){want, false});
  case N_COMPTIME: return comptime_expr(cx, n, want);
  case N_ANON_STRUCT:
  case N_TUPLE: return anon_literal(cx, n, want);
  case N_STRUCT_LITERAL: return struct_literal(cx, n);
  case N_ARRAY_LITERAL: return array_literal(cx, n);
  case N_TENSOR: return sema_tensor(cx, n);
  case N_PTR_TYPE:
  case N_MANY_TYPE:
  case N_ARRAY_TYPE:
  case N_FN_TYPE:
  case N_STRUCT_TYPE:
  case N_UNION_TYPE:
  case N_ENUM_TYPE: return sema_type_expr(cx, n);
  case N_ASM: return SEMA_ERROR(cx, n, asm_unsupported);
  case N_RETURN:
  case N_BREAK:
  case N_CONTINUE:
  case N_ASSIGN: return statement(cx, n);
  default: PANIC("node kind %d in an expression", n->kind);
  }
}

Operand sema_expr(Ctx *cx, Node *n, Type want)
{
  bool writing = cx->writing;
  cx->writing = false;
  Operand op = expression(cx, n, want);
  cx->writing = writing;
  return op;
}

// ---- comptime arguments, for builtins and types ----
bool sema_known(Ctx *cx, Node *at, Operand op, Type want, Value *out)
{
  if (is_error(op) || op.kind == OPK_DEAD)
    return false;
  if (want != T_NONE && !sema_coerce(cx, at, &op, want))
    return false;
  if (!sema_is_known(cx, op, out)) {
    SEMA_ERROR(cx, at, not_comptime);
    return false;
  }
  sema_force(cx, out);
  return true;
}

bool sema_comptime(Ctx *cx, Node *n, Type want, Value *out)
{
  return sema_known(cx, n, sema_expr(cx, n, want), want, out);
}

bool sema_comptime_int(Ctx *cx, Node *n, int64_t lo, int64_t hi, const char *what, int64_t *out)
{
  Value v;
  Operand op = sema_expr(cx, n, T_NONE);
  if (is_error(op))
    return false;
  if (op.type != T_COMPTIME_INT && !type_is_int(cx->s, op.type)) {
    SEMA_ERROR(cx, n, type_mismatch, "comptime_int", type_name(cx->s, op.type));
    return false;
  }
  if (!sema_known(cx, n, op, T_NONE, &v))
    return false;
  *out = v.i;
  bool high = v.i < 0 && !type_is_signed(cx->s, v.type); // u64
  if (v.i >= lo && v.i <= hi && !high)
    return true;
  SEMA_ERROR(cx, n, int_range, what, v_int_text(cx->s, v), (long long)lo, (long long)hi);
  return false;
}

bool sema_comptime_bool(Ctx *cx, Node *n, bool *out)
{
  Value v;
  if (!sema_comptime(cx, n, T_BOOL, &v))
    return false;
  *out = v.i;
  return true;
}

bool sema_comptime_type(Ctx *cx, Node *n, Type *out)
{
  Value v;
  Operand op = sema_expr(cx, n, T_TYPE);
  if (is_error(op))
    return false;
  if (op.type != T_TYPE) {
    SEMA_ERROR(cx, n, not_a_type, type_name(cx->s, op.type));
    return false;
  }
  if (!sema_known(cx, n, op, T_TYPE, &v))
    return false;
  *out = v.ref;
  if (*out != T_COMPTIME_STRUCT || cx->s->compat != COMPAT_2_10)
    return true;
  if (cx->s->opt->allow_legacy_structs) {
    SEMA_WARN(cx, n, legacy_kept, "'comptime_struct'");
    return true;
  }
  SEMA_ERROR(cx, n, legacy_structs, "'comptime_struct'", "leave the type out: param p;");
  return false;
}

bool sema_comptime_string(Ctx *cx, Node *n, Name *out)
{
  Value v;
  if (!sema_comptime(cx, n, T_COMPTIME_STRING, &v))
    return false;
  *out = v.ref;
  return true;
}
