// Statements: declarations, assignments, and the way to what control.c does (spec language 4.1, 7).
#include "sema/private.h"

// ---- local declarations ----
static void bind_local(Ctx *cx, Node *n, Operand op, bool comptime_var)
{
  Local *l = &cx->frame->locals[n->slot];
  *l = (Local){.op = op,
               .is_const = n->kind == N_CONST || op.kind == OPK_ERROR,
               .comptime_var = comptime_var,
               .runtime_control = cx->runtime_control,
               .target = cx->target};
}

static Flow declare_error(Ctx *cx, Node *n)
{
  bind_local(cx, n, op_error(), false);
  return cx->comptime ? FLOW_ERROR : FLOW_NEXT;
}

// A variable that lives in the frame of the evaluation.
static Flow declare_comptime_var(Ctx *cx, Node *n, Operand op, Type t)
{
  Value v = v_void();
  if (n->a && !sema_is_known(cx, op, &v)) {
    SEMA_ERROR(cx, n->a, not_comptime);
    return declare_error(cx, n);
  }
  if (!n->a)
    v = v_default(cx->s, t);
  v_share(cx->s, v); // a constant or another variable may hold it too
  Operand place = op_value(v);
  place.type = t == T_NONE ? v.type : t; // comptime_struct: takes values of other shapes later
  bind_local(cx, n, place, true);
  return FLOW_NEXT;
}

// Locals have no symbol and no section; the stack aligns them as their type says.
static bool local_attributes(Ctx *cx, Node *n, Type t)
{
  Sema *s = cx->s;
  Node *attrs = n->u.decl.attrs;
  uint32_t align;
  for (uint32_t i = 0; attrs && i < attrs->count; i++) {
    Node *a = attrs->list[i];
    if (a->kind != N_ALIGN) {
      SEMA_ERROR(cx, a, local_attribute, a->kind == N_LINKNAME ? "linkname" : "linksection");
      return false;
    }
    if (!check_alignment(cx, a->a, &align))
      return false;
    if (align > type_align(s, t) && type_size(s, t)) {
      SEMA_ERROR(cx, a, local_align, type_name(s, t), type_align(s, t));
      return false;
    }
  }
  return true;
}

static Flow declare_runtime_var(Ctx *cx, Node *n, Operand op, Type t)
{
  if (t == T_NONE)
    t = op.type;
  if (!check_runtime_type(cx, n, t))
    return declare_error(cx, n);
  cx->b.pos = n->at;
  IrRef slot = tir_slot(&cx->b, type_lower(cx, t), names_text(cx->s->names, n->name));
  if (n->a)
    store_to(cx, n->a, slot, op, t);
  else // zeros, as while compiling: LLVM would make anything of an undefined value
    tir_emit(&cx->b, IR_FILL, IRT_VOID, slot, IR_NONE, IR_NONE, type_size(cx->s, t));
  bind_local(cx, n, (Operand){.kind = OPK_LVALUE, .type = t, .ref = slot}, false);
  return FLOW_NEXT;
}

static Flow declare_const(Ctx *cx, Node *n, Operand op)
{
  Value v;
  if (cx->comptime || (n->flags & NF_COMPTIME)) {
    if (!sema_is_known(cx, op, &v)) {
      SEMA_ERROR(cx, n->a, not_comptime);
      return declare_error(cx, n);
    }
    op = op_value(v);
  }
  bind_local(cx, n, op, false);
  return FLOW_NEXT;
}

static Operand initializer(Ctx *cx, Node *n, Type t)
{
  Sema *s = cx->s;
  Name hint = s->p->name_hint;
  const Node *site = s->p->name_site;
  s->p->name_hint = n->name;
  s->p->name_site = n->a;
  Operand op = sema_expr(cx, n->a, t);
  s->p->name_hint = hint;
  s->p->name_site = site;
  return op;
}

static Flow declare(Ctx *cx, Node *n)
{
  Type t = T_NONE;
  Operand op = {0};
  if (n->u.decl.type && !(t = sema_value_type(cx, n->u.decl.type)))
    return declare_error(cx, n);
  if (n->a) {
    bool outer = cx->comptime;
    cx->comptime |= (n->flags & NF_COMPTIME) != 0;
    op = initializer(cx, n, t);
    cx->comptime = outer;
    if (op.kind == OPK_DEAD)
      return cx->comptime ? FLOW_JUMP : FLOW_DEAD;
    if (is_error(op) || (t != T_NONE && !sema_coerce(cx, n->a, &op, t)))
      return declare_error(cx, n);
  } else if (n->kind == N_CONST) {
    SEMA_ERROR(cx, n, uninitialized);
    return declare_error(cx, n);
  } else if (t == T_NONE) {
    SEMA_ERROR(cx, n, var_needs_type);
    return declare_error(cx, n);
  }
  if (!local_attributes(cx, n, t == T_NONE ? op.type : t))
    return declare_error(cx, n);
  if (n->kind == N_CONST)
    return declare_const(cx, n, op);
  if (cx->comptime || (n->flags & NF_COMPTIME))
    return declare_comptime_var(cx, n, op, t);
  return declare_runtime_var(cx, n, op, t);
}

// ---- assignment ----
static Operand assign_target(Ctx *cx, Node *n)
{
  bool outer = cx->writing;
  cx->writing = true;
  Operand place = sema_place(cx, n->a);
  cx->writing = outer;
  return place;
}

static Flow assign(Ctx *cx, Node *n)
{
  Operand place = assign_target(cx, n);
  if (is_error(place))
    return FLOW_ERROR;
  if (place.kind != OPK_PLACE && place.kind != OPK_LVALUE) {
    bool named = n->a->kind == N_IDENT || n->a->kind == N_FIELD || n->a->kind == N_INDEX;
    if (named)
      report_constant(cx, n);
    else
      SEMA_ERROR(cx, n, assign_value);
    return FLOW_ERROR;
  }
  Operand value = sema_expr(cx, n->b, place.type == T_COMPTIME_STRUCT ? T_NONE : place.type);
  if (is_error(value))
    return FLOW_ERROR;
  // Evaluating the value may have shared the aggregate that the place is part of: take the place
  // anew.
  if (place.kind == OPK_PLACE && !place.place.value)
    place = assign_target(cx, n);
  if (n->op != OP_NONE) {
    Operand old = sema_load(cx, n->a, place);
    value = is_error(old) ? old : arith_operands(cx, n, n->op, old, value);
    if (is_error(value))
      return FLOW_ERROR;
  }
  return is_error(sema_store(cx, n, place, value)) ? FLOW_ERROR : FLOW_NEXT;
}

// ---- the walk ----
static Flow expression_statement(Ctx *cx, Node *n)
{
  Operand op = n->kind == N_SWITCH ? sema_switch(cx, n, (Wanted){T_VOID, false})
                                   : sema_expr(cx, n->a, T_NONE);
  if (op.kind == OPK_ERROR)
    return FLOW_ERROR;
  if (op.kind == OPK_DEAD)
    return cx->comptime ? FLOW_JUMP : FLOW_DEAD;
  if (n->kind == N_EXPR_STMT && n->a->kind != N_CALL && type_info(cx->s, op.type)->kind == TK_FN) {
    SEMA_WARN(cx, n, not_called);
  }
  return FLOW_NEXT;
}

static Flow comptime_block(Ctx *cx, Node *n)
{
  bool outer = cx->comptime;
  cx->comptime = true;
  cx->s->p->stop &= outer;
  Flow flow = sema_block(cx, n->a);
  cx->comptime = outer;
  return flow;
}

// Locals that a statement in error would have assigned have no value from now on.
static void forget_assigned(Ctx *cx, const Node *n)
{
  if (!n)
    return;
  if (n->kind == N_ASSIGN) {
    const Node *place = n->a;
    while (place->kind == N_FIELD || place->kind == N_INDEX)
      place = place->a;
    if (place->kind == N_IDENT && place->scope == SCOPE_LOCAL)
      cx->frame->locals[place->slot].op = op_error();
  }
  for (uint32_t i = 0; i < n->count; i++)
    forget_assigned(cx, n->list[i]);
  forget_assigned(cx, n->a);
  forget_assigned(cx, n->b);
  forget_assigned(cx, n->c);
}

// After an error the statements that follow are still evaluated, for more errors of one run.
static Flow statements_from(Ctx *cx, Node *block, uint32_t i, bool failed)
{
  Flow flow = FLOW_NEXT;
  for (; i < block->count && flow == FLOW_NEXT; i++) {
    flow = sema_stmt(cx, block->list[i]);
    if (flow == FLOW_ERROR && !cx->s->p->stop) {
      forget_assigned(cx, block->list[i]);
      failed = true;
      flow = FLOW_NEXT;
    }
  }
  return failed ? FLOW_ERROR : flow;
}

Flow sema_block(Ctx *cx, Node *n)
{
  return statements_from(cx, n, 0, false);
}

// The statements of a block after number `failed`, which was in error.
void sema_block_rest(Ctx *cx, Node *block, uint32_t failed)
{
  forget_assigned(cx, block->list[failed]);
  statements_from(cx, block, failed + 1, true);
}

static Flow walk(Ctx *cx, Node *n)
{
  switch ((NodeKind)n->kind) {
  case N_BLOCK: return n->name ? sema_labelled_block(cx, n) : sema_block(cx, n);
  case N_CONST:
  case N_VAR: return declare(cx, n);
  case N_ASSIGN: return assign(cx, n);
  case N_RETURN:
  case N_BREAK:
  case N_CONTINUE: return sema_jump(cx, n);
  case N_IF: return sema_if_stmt(cx, n);
  case N_WHILE: return sema_while(cx, n);
  case N_FOR: return sema_for(cx, n);
  case N_COMPTIME_BLOCK: return comptime_block(cx, n);
  case N_EMPTY: return FLOW_NEXT;
  case N_ASM: SEMA_ERROR(cx, n, asm_unsupported); return FLOW_ERROR;
  case N_SWITCH:
  case N_EXPR_STMT: return expression_statement(cx, n);
  default: break;
  }
  Operand op = sema_expr(cx, n, T_NONE); // an unbraced body
  return is_error(op)          ? FLOW_ERROR
         : op.kind == OPK_DEAD ? (cx->comptime ? FLOW_JUMP : FLOW_DEAD)
                               : FLOW_NEXT;
}

// In run-time code an error never changes what is analysed after it.
Flow sema_stmt(Ctx *cx, Node *n)
{
  if (!cx->comptime)
    cx->b.pos = n->at;
  Flow flow = walk(cx, n);
  return flow == FLOW_ERROR && !cx->comptime ? FLOW_NEXT : flow;
}
