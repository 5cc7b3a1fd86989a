// @type_of: the type of an expression that is not evaluated (spec language 8.6).
#include "sema/private.h"
#include <string.h>

static Type known_type(Ctx *cx, Node *n);

static Type operator_type(Ctx *cx, Node *n)
{
  if (n->op >= OP_EQ)
    return T_BOOL;
  Type a = known_type(cx, n->a), b = a == T_NONE ? T_NONE : known_type(cx, n->b);
  if (b == T_NONE || n->op == OP_SHL || n->op == OP_SHR)
    return b == T_NONE ? T_NONE : a;
  Operand both[2] = {{.type = a}, {.type = b}};
  return peer_type(cx, both, 2);
}

static Type field_type(Ctx *cx, Node *n)
{
  const Sema *s = cx->s;
  Type t = known_type(cx, n->a);
  if (t == T_NONE || !(type_is_struct(s, t) || type_info(s, t)->kind == TK_UNION))
    return T_NONE;
  int k = type_field(s, t, n->name);
  return k < 0 ? T_NONE : type_info(s, t)->fields[k].type;
}

static Type element_type(Ctx *cx, Node *n)
{
  Type t = known_type(cx, n->a);
  const TypeInfo *i = type_info(cx->s, t);
  if (i->kind == TK_MANY)
    return i->elem;
  return i->kind == TK_ARRAY && n->count == i->rank ? i->elem : T_NONE;
}

static Type pointee_type(Ctx *cx, Node *n)
{
  const TypeInfo *i = type_info(cx->s, known_type(cx, n->a));
  return i->kind == TK_PTR ? i->elem : T_NONE;
}

static Type builtin_type(Ctx *cx, Node *n)
{
  static const char *const casts[] = {"as", "bitcast", "ptrcast"};
  const char *name = names_text(cx->s->names, n->name);
  for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
    if (!strcmp(name, casts[i]) && n->count == 2)
      return sema_type(cx, n->list[0]);
  return T_NONE;
}

static Type local_type(const Ctx *cx, const Node *n)
{
  const Operand *op = &cx->frame->locals[n->slot].op;
  return op->kind == OPK_ERROR ? T_NONE : op->type;
}

// The result type of a function that is not generic is declared.
static Type call_type(Ctx *cx, Node *n)
{
  Operand callee = sema_expr(cx, n->a, T_NONE);
  if (is_error(callee))
    return T_NONE;
  Type fn = type_is_fn_pointer(cx->s, callee.type) ? type_deref(cx->s, callee.type) : callee.type;
  const TypeInfo *t = type_info(cx->s, fn);
  return t->kind == TK_FN ? t->elem : T_NONE;
}

// The type of an expression as its parts tell it. T_NONE: they do not.
static Type known_type(Ctx *cx, Node *n)
{
  switch (n->kind) {
  case N_IDENT:
    if (n->scope == SCOPE_LOCAL)
      return local_type(cx, n);
    break;
  case N_BINARY: return operator_type(cx, n);
  case N_NOT: return T_BOOL;
  case N_NEG:
  case N_BIT_NOT: return known_type(cx, n->a);
  case N_FIELD: {
    Type t = field_type(cx, n);
    if (t != T_NONE)
      return t;
    break;
  }
  case N_INDEX: return element_type(cx, n);
  case N_DEREF: return pointee_type(cx, n);
  case N_CALL: return call_type(cx, n);
  case N_BUILTIN: return builtin_type(cx, n);
  case N_INT:
  case N_CHAR: return T_COMPTIME_INT;
  case N_FLOAT: return T_COMPTIME_FLOAT;
  default: return T_NONE;
  }
  Operand op = sema_place(cx, n); // of a variable, not its value
  return is_error(op) ? T_NONE : op.type;
}

// Places are not loaded; whatever else has to be evaluated has no effect at run time.
Type sema_type_of(Ctx *cx, Node *n)
{
  uint32_t errors = cx->s->diags->errors;
  Type t = known_type(cx, n);
  if (t != T_NONE || cx->s->diags->errors != errors)
    return t;
  if (cx->comptime) {
    Operand op = sema_place(cx, n);
    return is_error(op) ? T_NONE : op.type;
  }
  // Code that finds the type lands in a block that nothing reaches.
  uint32_t here = cx->b.block;
  cx->b.block = tir_block(&cx->b);
  Operand op = sema_place(cx, n);
  tir_emit(&cx->b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  cx->b.block = here;
  return is_error(op) ? T_NONE : op.type;
}
