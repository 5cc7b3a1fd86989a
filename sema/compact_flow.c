// Builds the compact form of control flow: conditions, choices and loops.
#include "sema/compact_build.h"
#include <string.h>

// ---- conditions ----
static bool branch_logical(Builder *b, Node *n, bool sense, uint32_t **jumps)
{
  bool decides = n->op == OP_LOR; // this outcome of the left side decides
  if (decides == sense)
    return build_branch(b, n->a, sense, jumps) && build_branch(b, n->b, sense, jumps);
  uint32_t *skip = NULL;
  bool ok = build_branch(b, n->a, decides, &skip) && build_branch(b, n->b, sense, jumps);
  build_aim(b, skip);
  return ok;
}

static bool is_compared(const Node *n)
{
  return n->kind == N_BINARY && n->op >= OP_EQ && n->op <= OP_GE;
}

// A comparison of integers and the jump are one operation.
static bool branch_compared(Builder *b, Node *n, bool sense, uint32_t **jumps)
{
  Expr x, y;
  if (!is_compared(n) || !expr_compared(b, n, &x, &y))
    return false;
  Operator op = n->op;
  if (!sense) {
    static const uint8_t inverse[] = {[OP_EQ - OP_EQ] = OP_NE, [OP_NE - OP_EQ] = OP_EQ,
                                      [OP_LT - OP_EQ] = OP_GE, [OP_LE - OP_EQ] = OP_GT,
                                      [OP_GT - OP_EQ] = OP_LE, [OP_GE - OP_EQ] = OP_LT};
    op = inverse[op - OP_EQ];
  }
  uint32_t l = build_use(b, &x), r = build_use(b, &y);
  bool swap = op == OP_GT || op == OP_GE, big = type_is_big(b->s, x.type);
  CodeKind kind = op == OP_EQ                  ? CO_JUMP_EQ
                  : op == OP_NE                ? CO_JUMP_NE
                  : op == OP_LT || op == OP_GT ? (big ? CO_JUMP_LT_X : CO_JUMP_LT)
                                               : (big ? CO_JUMP_LE_X : CO_JUMP_LE);
  uint32_t at = build_emit(b, kind, swap ? r : l, swap ? l : r, 0);
  if (big)
    b->code->ops[at].info = build_info(b, (CodeInfo){.a = x.type});
  arrput(*jumps, at);
  return true;
}

// Jumps to be aimed where `n` is `sense`. False: only the walker can tell.
bool build_branch(Builder *b, Node *n, bool sense, uint32_t **jumps)
{
  Mark mark = build_mark(b);
  if (n->kind == N_BINARY && (n->op == OP_LAND || n->op == OP_LOR))
    return branch_logical(b, n, sense, jumps);
  if (n->kind == N_NOT)
    return build_branch(b, n->a, !sense, jumps);
  if (branch_compared(b, n, sense, jumps))
    return true;
  build_undo(b, &mark);
  Expr e = expr_build(b, n, T_BOOL, -1);
  if (e.kind == EX_UNKNOWN || e.type != T_BOOL)
    return false;
  if (e.kind == EX_REGISTER)
    arrput(*jumps, build_emit(b, sense ? CO_JUMP_IF : CO_JUMP_UNLESS, e.reg, 0, 0));
  else if ((bool)e.v.i == sense)
    arrput(*jumps, build_emit(b, CO_JUMP, 0, 0, 0));
  return true;
}

void build_branch_unless(Builder *b, Node *n, uint32_t **jumps)
{
  Mark mark = build_mark(b);
  size_t listed = arrlenu(*jumps);
  if (build_branch(b, n, false, jumps))
    return;
  build_undo(b, &mark);
  if (*jumps)
    arrsetlen(*jumps, listed);
  build_before_walk(b, n);
  uint32_t reg = build_register(b), at = build_emit(b, CO_WALK_CONDITION, reg, 0, 0);
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n});
  build_after_walk(b, n);
  arrput(*jumps, build_emit(b, CO_JUMP_UNLESS, reg, 0, 0));
}

bool build_known_condition(Builder *b, Node *n, bool *value)
{
  Mark mark = build_mark(b);
  Expr e = expr_build(b, n, T_BOOL, -1);
  bool is_known = e.kind == EX_VALUE && e.type == T_BOOL && arrlenu(b->code->ops) == mark.ops;
  build_undo(b, &mark);
  *value = is_known && e.v.i;
  return is_known;
}

// ---- choices ----
void build_if(Builder *b, Node *n)
{
  bool value;
  if (build_known_condition(b, n->a, &value)) {
    Node *chosen = value ? n->b : n->c;
    if (chosen)
      build_stmt(b, chosen);
    return;
  }
  uint32_t *no = NULL, *end = NULL;
  build_branch_unless(b, n->a, &no);
  build_stmt(b, n->b);
  if (n->c)
    arrput(end, build_emit(b, CO_JUMP, 0, 0, 0));
  build_aim(b, no);
  if (n->c)
    build_stmt(b, n->c);
  build_aim(b, end);
}

// ---- loops ----
void build_while(Builder *b, Node *n)
{
  Goal g = {.up = b->goal, .label = n->name, .loop = true, .reg = -1};
  uint32_t top = build_here(b), *end = NULL;
  build_branch_unless(b, n->a, &end);
  b->goal = &g;
  uint32_t at = build_emit(b, CO_CHARGE, 0, 0, 0);
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n->b});
  int32_t outer = build_enter_target(b, n);
  build_stmt(b, n->b);
  b->stmt = outer;
  b->goal = g.up;
  build_aim(b, g.continues);
  if (n->c)
    build_stmt(b, n->c);
  at = build_emit(b, CO_JUMP, 0, 0, 0);
  b->code->ops[at].d = (int32_t)top;
  build_aim(b, end);
  build_aim(b, g.breaks);
}

void build_sequence(const Builder *b, Type over, bool step_one, Sequence *q)
{
  const TypeInfo *i = type_info(b->s, over);
  q->elem = i->elem;
  q->next = CO_NEXT_ELEMENT;
  if (i->kind != TK_RANGE)
    return;
  bool wide = type_bits(b->s, i->elem) == 64 && !type_is_signed(b->s, i->elem);
  bool big = type_is_big(b->s, i->elem);
  q->next = !step_one || wide ? CO_NEXT_NUMBER : big ? CO_NEXT_ONE_X : CO_NEXT_ONE;
  q->flags = (uint8_t)((type_is_signed(b->s, i->elem) ? 0 : NEXT_UNSIGNED) |
                       (wide ? NEXT_WIDE : 0) | (big ? NEXT_BIG : 0));
}

static bool range_part(Builder *b, Node *n, Type t, uint32_t reg, Expr *e)
{
  *e = expr_build(b, n, t, (int)reg);
  if (!expr_coerce(b, e, t, n))
    return false;
  expr_move(b, e, reg);
  return true;
}

static void set_register(Builder *b, uint32_t reg, int64_t i)
{
  Expr e = {.kind = EX_VALUE, .v = v_int(T_COMPTIME_INT, i)};
  expr_move(b, &e, reg);
}

// @range written in the loop itself.
static bool open_range(Builder *b, Node *n, Sequence *q)
{
  if (n->kind != N_BUILTIN || strcmp(names_text(b->s->names, n->name), "range") ||
      (n->count != 2 && n->count != 4))
    return false;
  Type t = expr_type_of(b, n->list[0]);
  if (t != T_COMPTIME_INT && !type_is_int(b->s, t))
    return false;
  Expr e, step = {.kind = EX_VALUE, .v = v_int(t, 1)};
  bool ok = n->count == 2 || range_part(b, n->list[1], t, q->state + FOR_AT, &e);
  ok = ok && range_part(b, n->list[n->count == 2 ? 1 : 2], t, q->state + FOR_STOP, &e);
  ok = ok && (n->count == 2 || range_part(b, n->list[3], t, q->state + FOR_STEP, &step));
  if (!ok || step.kind != EX_VALUE || !step.v.i)
    return false;
  if (n->count == 2) {
    set_register(b, q->state + FOR_AT, 0);
    set_register(b, q->state + FOR_STEP, 1);
  }
  set_register(b, q->state + FOR_INDEX, -1);
  build_sequence(b, type_range(b->s, t), step.v.i == 1, q);
  return true;
}

static bool open_value(Builder *b, Node *n, Sequence *q)
{
  Expr e = expr_build(b, n, T_NONE, -1);
  if (e.kind == EX_UNKNOWN)
    return false;
  const TypeInfo *i = type_info(b->s, e.type);
  if ((i->kind != TK_RANGE && i->kind != TK_ARRAY) || !type_is_usable(b->s, i->elem))
    return false;
  set_register(b, q->state + FOR_INDEX, -1);
  if (i->kind == TK_ARRAY) {
    expr_move(b, &e, q->state + FOR_AT);
  } else {
    uint32_t from = build_use(b, &e);
    for (uint32_t k = 0; k < 3; k++) {
      uint32_t at =
          build_emit(b, CO_ELEMENT, q->state + k, from, build_constant(b, (Word){.i = (int64_t)k}));
      b->code->ops[at].d = 3;
    }
  }
  build_sequence(b, e.type, false, q);
  return true;
}

static uint32_t named_payload(Builder *b, Node *n, uint32_t k, Type t, uint32_t reg)
{
  if (k < n->count && n->list[k]->name)
    build_bind(b, n->list[k]->slot, t, reg, true);
  return reg;
}

// Does the body see a loop's variable, which it may change, and not just a value?
static bool goes_over_variable(Builder *b, Node *n, const Sequence *q)
{
  const Node *v = q->next == CO_NEXT_ELEMENT ? loop_variable(n->a) : NULL;
  return v && !b->vars[v->slot].is_const;
}

// The elements are those that the variable has now.
static void look_at_variable(Builder *b, Node *over, uint32_t reg)
{
  Expr e = expr_place(b, over);
  if (e.kind == EX_UNKNOWN)
    b->failed = true;
  else
    expr_move(b, &e, reg);
}

void build_rounds(Builder *b, Node *n, const Sequence *q)
{
  bool variable = goes_over_variable(b, n, q);
  Goal g = {.up = b->goal, .label = n->name, .loop = true, .reg = -1};
  uint32_t elem = named_payload(b, n, 0, q->elem, build_register(b));
  named_payload(b, n, 1, T_COMPTIME_INT, q->state + FOR_INDEX);
  uint32_t first = build_emit(b, CO_JUMP, 0, 0, 0), body = build_here(b);
  if (variable && type_is_aggregate(b->s, q->elem))
    build_emit(b, CO_SHARE, elem, 0, 0);
  int32_t outer = build_enter_target(b, n);
  b->goal = &g;
  build_stmt(b, n->b);
  b->goal = g.up;
  b->stmt = outer;
  build_aim(b, g.continues);
  b->code->ops[first].d = (int32_t)build_here(b);
  if (variable)
    look_at_variable(b, n->a, q->state + FOR_AT);
  uint32_t at = build_emit(b, q->next, elem, q->state, 0);
  CodeOp *op = &b->code->ops[at];
  op->d = (int32_t)body;
  op->k = q->flags;
  op->info = build_info(b, (CodeInfo){.at = n->b, .a = q->elem});
  build_aim(b, g.breaks);
}

void build_for(Builder *b, Node *n)
{
  uint32_t next = b->next_reg;
  Sequence q = {.state = next};
  for (uint32_t k = 0; k < FOR_STATE; k++)
    build_register(b);
  Mark mark = build_mark(b);
  bool ok = open_range(b, n->a, &q);
  if (!ok) {
    build_undo(b, &mark);
    ok = open_value(b, n->a, &q);
  }
  if (ok) {
    build_rounds(b, n, &q);
  } else {
    build_undo(b, &mark);
    build_walk(b, n);
  }
  b->next_reg = next;
}
