// Builds the compact form of calls: of functions as they are, and of generic ones whose parameters
// are bound one by one.
#include "sema/compact_build.h"

enum { MAX_CODE_ARGS = 32 };

typedef struct Plan { // of a call
  const Function *fn;
  Node *decl;
  Builder callee; // generic functions: whose parameters are bound one by one
  Assumption args[MAX_CODE_ARGS];
  Type result;
} Plan;

static Type parameter_type(Builder *b, Plan *p, uint32_t k)
{
  Node *param = p->decl->list[k];
  if (param->flags & NF_ANYTYPE)
    return T_NONE;
  if (!p->fn->generic)
    return type_info(b->s, p->fn->type)->fields[k].type;
  return expr_type_of(&p->callee, param->a);
}

static bool argument(Builder *b, Plan *p, Node *arg, uint32_t k, uint32_t reg)
{
  Node *param = p->decl->list[k];
  Type t = parameter_type(b, p, k);
  if (!(param->flags & NF_ANYTYPE) && !type_is_usable(b->s, t))
    return false;
  Expr e = expr_build(b, arg, t, (int)reg);
  bool keep = type_decides_code(b->s, e.type);
  if (!expr_coerce(b, &e, t, arg) || !type_is_usable(b->s, e.type) || (keep && e.kind != EX_VALUE))
    return false;
  expr_move(b, &e, reg);
  p->args[k] = (Assumption){.slot = param->slot,
                            .kind = keep ? KNOWN_VALUE : KNOWN_TYPE,
                            .is_const = true,
                            .type = e.type,
                            .word = {.i = keep ? e.v.i : 0}};
  p->callee.vars[param->slot] = (Var){.state = keep ? VAR_VALUE : VAR_REGISTER,
                                      .is_const = true,
                                      .type = e.type,
                                      .v = e.v,
                                      .reg = (uint16_t)k};
  return true;
}

static Expr emit_call(Builder *b, Node *n, const Plan *p, uint32_t function, uint32_t first)
{
  Code *code = code_for_call(b->cx, function, p->args, n->count, p->result);
  if (!code || (code->state == CODE_FAILED && b->code->tile))
    return unknown();
  CodeCall c = {.at = n, .function = function, .code = code, .nargs = n->count};
  arrput(b->code->calls, c);
  uint32_t to = build_register(b), at = build_emit(b, CO_CALL, to, first, 0);
  b->code->ops[at].d = (int32_t)arrlen(b->code->calls) - 1;
  return p->result == T_VOID ? known(v_void()) : in_register(p->result, to);
}

static Expr planned_call(Builder *b, Node *n, Plan *p, uint32_t function)
{
  uint32_t first = b->next_reg;
  for (uint32_t k = 0; k <= n->count; k++)
    build_register(b);
  uint32_t *starts = NULL;
  for (uint32_t k = 0; k < n->count; k++) {
    arrput(starts, (uint32_t)arrlen(b->code->ops));
    if (!argument(b, p, n->list[k], k, first + k)) {
      arrfree(starts);
      return unknown();
    }
  }
  if (p->fn->generic) // later parameters may depend on earlier ones
    arrfree(starts);
  else
    build_join(b, starts);
  p->result = p->fn->generic ? expr_type_of(&p->callee, p->decl->u.decl.type)
                             : type_info(b->s, p->fn->type)->elem;
  return type_is_usable(b->s, p->result) ? emit_call(b, n, p, function, first) : unknown();
}

Expr expr_call(Builder *b, Node *n)
{
  Sema *s = b->s;
  Expr callee = expr_build(b, n->a, T_NONE, -1);
  if (callee.kind != EX_VALUE || type_info(s, callee.type)->kind != TK_FN)
    return unknown();
  Function fn = s->functions[callee.v.ref]; // copy: the table may move
  if (n->count != fn.node->count || n->count > MAX_CODE_ARGS || !fn.node->a)
    return unknown();
  Code scratch = {.node = fn.node, .instance = fn.instance, .tile = b->code->tile};
  Plan *p = ARENA_NEW(&s->arena, Plan);
  *p = (Plan){.fn = &fn, .decl = fn.node};
  p->callee = (Builder){.cx = b->cx, .s = s, .code = &scratch, .nvars = fn.node->scope, .stmt = -1};
  p->callee.vars = ARENA_ARRAY(&s->arena, Var, fn.node->scope + 1);
  Expr e = planned_call(b, n, p, callee.v.ref);
  code_free(&scratch);
  return e;
}
