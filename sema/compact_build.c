// Builds the compact form of loops and functions: statements, jumps, and what the walker keeps.
#include "sema/compact_build.h"
#include <stdlib.h>
#include <string.h>

// ---- emitting ----
static const char *const code_registers[] = {
#define CODE(name, registers, meaning) registers,
#include "sema/compact.def"
#undef CODE
};

uint32_t build_emit(Builder *b, CodeKind kind, uint32_t x, uint32_t y, uint32_t z)
{
  CodeOp op = {.kind = (uint8_t)kind, .a = (uint16_t)x, .b = (uint16_t)y, .c = (uint16_t)z};
  arrput(b->code->ops, op);
  return (uint32_t)arrlen(b->code->ops) - 1;
}

uint32_t build_info(Builder *b, CodeInfo i)
{
  arrput(b->code->infos, i);
  return (uint32_t)arrlen(b->code->infos) - 1;
}

uint32_t build_here(const Builder *b)
{
  return (uint32_t)arrlen(b->code->ops);
}

void build_aim(Builder *b, uint32_t *jumps)
{
  for (ptrdiff_t i = 0; i < arrlen(jumps); i++)
    if (jumps[i] < build_here(b))
      b->code->ops[jumps[i]].d = (int32_t)build_here(b);
  arrfree(jumps);
}

uint32_t build_register(Builder *b)
{
  if (b->next_reg >= MAX_REGISTERS)
    b->failed = true;
  else
    b->next_reg++;
  if (b->next_reg > b->code->nregs)
    b->code->nregs = b->next_reg;
  return b->next_reg - 1;
}

uint32_t build_constant(Builder *b, Word w)
{
  Code *c = b->code;
  for (ptrdiff_t i = 0; i < arrlen(c->constants); i++)
    if (c->constants[i].i == w.i)
      return FIRST_CONSTANT + (uint32_t)i;
  if (arrlen(c->constants) >= MAX_REGISTERS)
    b->failed = true;
  else
    arrput(c->constants, w);
  return FIRST_CONSTANT + (uint32_t)arrlen(c->constants) - 1;
}

uint32_t build_use(Builder *b, const Expr *e)
{
  return e->kind == EX_VALUE ? build_constant(b, (Word){.i = e->v.i}) : e->reg;
}

Mark build_mark(const Builder *b)
{
  const Code *c = b->code;
  return (Mark){arrlenu(c->ops),    arrlenu(c->calls),    arrlenu(c->regions),
                arrlenu(c->locals), arrlenu(c->siblings), b->next_reg};
}

void build_undo(Builder *b, const Mark *m)
{
  Code *c = b->code;
  arrsetlen(c->ops, m->ops);
  arrsetlen(c->calls, m->calls);
  arrsetlen(c->regions, m->regions);
  arrsetlen(c->locals, m->locals);
  arrsetlen(c->siblings, m->siblings);
  b->next_reg = m->next_reg;
}

void build_join(Builder *b, uint32_t *starts)
{
  size_t n = arrlenu(starts);
  if (n > 1 && starts[0] != build_here(b)) {
    uint32_t join = build_emit(b, CO_JOIN, 0, 0, 0);
    for (size_t k = 0; k < n; k++)
      arrput(b->code->siblings, ((CodeSibling){starts[k], k + 1 < n ? starts[k + 1] : join, join}));
  }
  arrfree(starts);
}

// ---- where the walker goes on after an error ----
static int32_t enter_statement(Builder *b, Node *block, uint32_t index)
{
  int32_t outer = b->stmt;
  arrput(b->code->stmts, ((CodeStmt){.up = outer, .block = block, .index = index}));
  b->stmt = (int32_t)arrlen(b->code->stmts) - 1;
  arrput(b->code->regions, ((CodeRegion){build_here(b), b->stmt}));
  return outer;
}

// Statements built from here on may jump out of `n`.
int32_t build_enter_target(Builder *b, Node *n)
{
  int32_t outer = b->stmt;
  arrput(b->code->stmts, ((CodeStmt){.up = outer, .target = n}));
  b->stmt = (int32_t)arrlen(b->code->stmts) - 1;
  return outer;
}

static void leave_statement(Builder *b, int32_t outer)
{
  b->stmt = outer;
  arrput(b->code->regions, ((CodeRegion){build_here(b), outer}));
}

// ---- variables ----
static void add_local(Builder *b, uint32_t slot, uint32_t reg, bool comptime_var)
{
  Var *v = &b->vars[slot];
  v->local = (uint32_t)arrlen(b->code->locals);
  CodeLocal l = {.slot = slot,
                 .reg = (uint16_t)reg,
                 .is_const = v->is_const,
                 .comptime_var = comptime_var,
                 .type = v->type};
  arrput(b->code->locals, l);
}

void build_bind(Builder *b, uint32_t slot, Type t, uint32_t reg, bool is_const)
{
  b->vars[slot] =
      (Var){.state = VAR_REGISTER, .is_const = is_const, .type = t, .reg = (uint16_t)reg};
  add_local(b, slot, reg, !is_const);
}

static void bind_value(Builder *b, uint32_t slot, Value v)
{
  b->vars[slot] = (Var){.state = VAR_VALUE, .is_const = true, .type = v.type, .v = v};
  add_local(b, slot, build_constant(b, (Word){.i = v.i}), false);
}

static void mark_assigned(Builder *b, uint32_t slot)
{
  b->code->locals[b->vars[slot].local].assigned = true;
}

// ---- leaving something to the walker ----
typedef struct Labels {
  const struct Labels *up;
  Name name;
  bool loop;
} Labels;

static bool jump_stays(const Node *n, const Labels *l)
{
  for (; l; l = l->up)
    if (n->kind != N_RETURN && (n->name ? l->name == n->name : l->loop))
      return true;
  return false;
}

// Does a jump lead out of the tree?
static bool jumps_out(const Node *n, const Labels *up)
{
  if (!n)
    return false;
  bool jump = n->kind == N_BREAK || n->kind == N_CONTINUE || n->kind == N_RETURN;
  if (jump && !jump_stays(n, up))
    return true;
  bool loop = n->kind == N_FOR || n->kind == N_WHILE;
  Labels own = {up, n->name, loop};
  if (loop || (n->kind == N_BLOCK && n->name))
    up = &own;
  for (uint32_t i = 0; i < n->count; i++)
    if (jumps_out(n->list[i], up))
      return true;
  return jumps_out(n->a, up) || jumps_out(n->b, up) || jumps_out(n->c, up);
}

static bool has_declared_type(const Node *n)
{
  return n->kind == N_VAR || n->kind == N_CONST;
}

static void each_child(Builder *b, Node *n, void (*visit)(Builder *, Node *))
{
  for (uint32_t i = 0; i < n->count; i++)
    visit(b, n->list[i]);
  visit(b, n->a);
  visit(b, n->b);
  visit(b, n->c);
  if (has_declared_type(n)) {
    visit(b, n->u.decl.type);
    visit(b, n->u.decl.attrs);
  }
}

// What the tree declares is the walker's alone.
static void forget_declared(Builder *b, Node *n)
{
  if (!n)
    return;
  if (has_declared_type(n) || n->kind == N_PAYLOAD)
    b->vars[n->slot].state = VAR_NONE;
  each_child(b, n, forget_declared);
}

static void give(Builder *b, uint32_t slot)
{
  Var *v = &b->vars[slot];
  if ((v->state != VAR_REGISTER && v->state != VAR_VALUE) || v->seen == b->walks)
    return;
  v->seen = b->walks;
  uint32_t reg = v->state == VAR_VALUE ? build_constant(b, (Word){.i = v->v.i}) : (uint32_t)v->reg;
  uint32_t at = build_emit(b, CO_WRITE_LOCAL, reg, 0, 0);
  b->code->ops[at].d = (int32_t)slot;
  b->code->ops[at].k = (uint8_t)(v->is_const ? 1 : 2);
  b->code->ops[at].info = build_info(b, (CodeInfo){.a = v->type});
}

static void give_mentioned(Builder *b, Node *n)
{
  if (!n)
    return;
  if (n->kind == N_IDENT && n->scope == SCOPE_LOCAL)
    give(b, n->slot);
  each_child(b, n, give_mentioned);
}

static void take_back(Builder *b, uint32_t slot)
{
  Var *v = &b->vars[slot];
  if (v->state != VAR_REGISTER)
    return;
  if (b->code->tile) // the value may depend on params
    b->failed = true;
  uint32_t at = build_emit(b, CO_READ_LOCAL, v->reg, 0, 0);
  b->code->ops[at].d = (int32_t)slot;
  mark_assigned(b, slot);
}

static const Node *root_of(const Node *place)
{
  while (place->kind == N_FIELD || place->kind == N_INDEX)
    place = place->a;
  return place;
}

void build_after_walk(Builder *b, Node *n)
{
  if (!n)
    return;
  if (n->kind == N_ASSIGN && root_of(n->a)->kind == N_IDENT && root_of(n->a)->scope == SCOPE_LOCAL)
    take_back(b, root_of(n->a)->slot);
  each_child(b, n, build_after_walk);
}

void build_before_walk(Builder *b, Node *n)
{
  b->failed |= jumps_out(n, NULL);
  b->code->needs_frame = true;
  b->walks++;
  forget_declared(b, n);
  give_mentioned(b, n);
}

void build_walk(Builder *b, Node *n)
{
  build_before_walk(b, n);
  uint32_t at = build_emit(b, CO_WALK, 0, 0, 0);
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n});
  build_after_walk(b, n);
}

// The value of an expression, coerced, by the walker. Depends on no params only in the layout.
static Expr walk_value(Builder *b, Node *n, Type want)
{
  b->failed |= b->code->tile;
  build_before_walk(b, n);
  uint32_t reg = build_register(b), at = build_emit(b, CO_WALK_VALUE, reg, 0, 0);
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n, .want = want});
  build_after_walk(b, n);
  return (Expr){.kind = EX_REGISTER, .type = want, .reg = (uint16_t)reg};
}

// ---- declarations and assignments ----
static bool can_default(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return v_is_leaf(s, t) || (i->kind == TK_ARRAY && v_is_leaf(s, i->elem));
}

static bool initial(Builder *b, Node *n, Type t, int reg, Expr *e)
{
  if (n->a) {
    *e = expr_build(b, n->a, t, reg);
    return expr_coerce(b, e, t, n->a) && type_is_usable(b->s, e->type);
  }
  if (t == T_NONE || !can_default(b->s, t))
    return false;
  Value v = v_default(b->s, t);
  v_share(b->s, v);
  *e = (Expr){.kind = EX_VALUE, .type = t, .v = v};
  return true;
}

static void declare_by_walker(Builder *b, Node *n, Type t, uint32_t reg)
{
  build_walk(b, n);
  bool typed = t != T_NONE && type_is_usable(b->s, t) && !b->code->tile;
  if (!typed) {
    b->vars[n->slot] = (Var){.state = VAR_UNKNOWN};
    return;
  }
  build_bind(b, n->slot, t, reg, n->kind == N_CONST);
  uint32_t at = build_emit(b, CO_READ_LOCAL, reg, 0, 0);
  b->code->ops[at].d = (int32_t)n->slot;
}

static void declare(Builder *b, Node *n)
{
  uint32_t reg = build_register(b), next = b->next_reg;
  Type t = n->u.decl.type ? expr_type_of(b, n->u.decl.type) : T_NONE;
  Mark mark = build_mark(b);
  Expr e = {0};
  bool plain = !n->u.decl.attrs && (!n->u.decl.type || t != T_NONE) && (n->kind == N_VAR || n->a);
  if (!plain || !initial(b, n, t, n->kind == N_VAR ? (int)reg : -1, &e)) {
    build_undo(b, &mark);
    declare_by_walker(b, n, t, reg);
  } else if (n->kind == N_CONST && e.kind == EX_VALUE) {
    bind_value(b, n->slot, e.v);
  } else {
    expr_move(b, &e, reg);
    if (n->kind == N_VAR && type_is_aggregate(b->s, e.type))
      build_emit(b, CO_SHARE, reg, 0, 0);
    build_bind(b, n->slot, e.type, reg, n->kind == N_CONST);
  }
  b->next_reg = next;
}

// Indices that can be evaluated at once although the walker does it before and after the value.
static bool is_plain(const Node *n)
{
  switch (n->kind) {
  case N_IDENT:
  case N_INT:
  case N_CHAR: return true;
  case N_NEG:
  case N_FIELD: return is_plain(n->a);
  case N_BINARY: return n->op < OP_EQ && is_plain(n->a) && is_plain(n->b);
  case N_INDEX:
    for (uint32_t i = 0; i < n->count; i++)
      if (!is_plain(n->list[i]))
        return false;
    return is_plain(n->a);
  default: return false;
  }
}

static bool assigns(const Node *n)
{
  if (!n)
    return false;
  for (uint32_t i = 0; i < n->count; i++)
    if (assigns(n->list[i]))
      return true;
  return n->kind == N_ASSIGN || assigns(n->a) || assigns(n->b) || assigns(n->c);
}

static Var *assigned_variable(Builder *b, const Node *place)
{
  const Node *root = root_of(place);
  if (root->kind != N_IDENT || root->scope != SCOPE_LOCAL)
    return NULL;
  Var *v = &b->vars[root->slot];
  return v->state == VAR_REGISTER && !v->is_const ? v : NULL;
}

// The right side, combined with what the place held, in the type of the place.
static bool new_value(Builder *b, Node *n, const Expr *old, int target, Expr *out)
{
  *out = expr_build(b, n->b, old->type, n->op == OP_NONE ? target : -1);
  if (out->kind == EX_UNKNOWN)
    return false;
  if (n->op != OP_NONE)
    *out = expr_binary(b, n, n->op, *old, *out, target);
  return expr_coerce(b, out, old->type, n);
}

static bool assign_variable(Builder *b, Node *n, Var *v)
{
  Expr old = {.kind = EX_REGISTER, .type = v->type, .reg = v->reg}, e;
  if (assigns(n->b) || !new_value(b, n, &old, v->reg, &e))
    return false;
  expr_move(b, &e, v->reg);
  if (type_is_aggregate(b->s, v->type))
    build_emit(b, CO_SHARE, v->reg, 0, 0);
  mark_assigned(b, n->a->slot);
  return true;
}

// Register of the aggregate that `place` names, made its only holder, and its type.
static bool own(Builder *b, Node *place, uint32_t *agg, Type *t);

// Register of the index of the last step of a place, with its check.
static bool last_step(Builder *b, Node *place, Type t, uint32_t *index, Type *part)
{
  const TypeInfo *i = type_info(b->s, t);
  if (place->kind == N_FIELD) {
    int k = type_is_struct(b->s, t) ? type_field(b->s, t, place->name) : -1;
    if (k < 0)
      return false;
    *index = build_constant(b, (Word){.i = k});
    *part = i->fields[k].type;
    return type_is_usable(b->s, *part);
  }
  *part = i->elem;
  return expr_indices(b, place, t, index) && type_is_usable(b->s, *part);
}

static bool own(Builder *b, Node *place, uint32_t *agg, Type *t)
{
  if (place->kind == N_IDENT) {
    const Var *v = &b->vars[place->slot];
    *agg = v->reg;
    *t = v->type;
    build_emit(b, CO_OWN, v->reg, 0, 0);
    return true;
  }
  uint32_t outer, index;
  Type whole;
  if (!own(b, place->a, &outer, &whole) || !last_step(b, place, whole, &index, t) ||
      !type_is_aggregate(b->s, *t))
    return false;
  *agg = build_register(b);
  build_emit(b, CO_OWN_PART, *agg, outer, index);
  return true;
}

// May the operations from `start` on give an aggregate another holder?
static bool may_share(const Builder *b, size_t start)
{
  for (size_t i = start; i < arrlenu(b->code->ops); i++) {
    uint8_t kind = b->code->ops[i].kind;
    if (kind == CO_SHARE || kind == CO_CALL || kind == CO_MAKE || kind >= CO_WALK)
      return true;
  }
  return false;
}

static bool assign_part(Builder *b, Node *n)
{
  uint32_t agg, index;
  Type whole, part;
  Expr old = {.kind = EX_REGISTER}, e;
  if (!is_plain(n->a) || assigns(n->b))
    return false;
  if (!own(b, n->a->a, &agg, &whole) || !last_step(b, n->a, whole, &index, &part))
    return false;
  old.type = part;
  if (n->op != OP_NONE) {
    old.reg = (uint16_t)build_register(b);
    uint32_t at = build_emit(b, CO_ELEMENT, old.reg, agg, index);
    b->code->ops[at].d = INT32_MAX;
  }
  size_t start = arrlenu(b->code->ops);
  if (!new_value(b, n, &old, -1, &e))
    return false;
  // Evaluating the value may have given the aggregate another holder.
  if (may_share(b, start) && !own(b, n->a->a, &agg, &whole))
    return false;
  uint32_t at = build_emit(b, CO_SET, agg, index, build_use(b, &e));
  b->code->ops[at].info = build_info(b, (CodeInfo){.a = part});
  mark_assigned(b, root_of(n->a)->slot);
  return true;
}

static void assign(Builder *b, Node *n)
{
  Var *v = assigned_variable(b, n->a);
  Mark mark = build_mark(b);
  if (v && (n->a->kind == N_IDENT ? assign_variable(b, n, v) : assign_part(b, n)))
    return;
  build_undo(b, &mark);
  build_walk(b, n);
}

// ---- blocks and jumps ----
// Does control reach the end?
static bool ends(const Node *n)
{
  return n->kind == N_RETURN || n->kind == N_BREAK || n->kind == N_CONTINUE;
}

bool build_block(Builder *b, Node *n)
{
  uint32_t next = b->next_reg;
  for (uint32_t i = 0; i < n->count && !b->failed; i++) {
    int32_t outer = enter_statement(b, n, i);
    if (has_declared_type(n->list[i])) {
      declare(b, n->list[i]);
    } else {
      uint32_t temporaries = b->next_reg;
      build_stmt(b, n->list[i]);
      b->next_reg = temporaries;
    }
    leave_statement(b, outer);
  }
  b->next_reg = next;
  return !n->count || !ends(n->list[n->count - 1]);
}

static void labelled_block(Builder *b, Node *n)
{
  Goal g = {.up = b->goal, .label = n->name, .reg = -1};
  int32_t outer = build_enter_target(b, n);
  b->goal = &g;
  build_block(b, n);
  b->goal = g.up;
  b->stmt = outer;
  build_aim(b, g.breaks);
}

static Goal *find_goal(const Builder *b, const Node *n)
{
  for (Goal *g = b->goal; g; g = g->up)
    if (n->name ? g->label == n->name : g->loop)
      return g;
  return NULL;
}

static void return_value(Builder *b, Node *n)
{
  Type want = b->code->result;
  Expr e = {.kind = EX_VALUE, .type = T_VOID, .v = v_void()};
  Mark mark = build_mark(b);
  if (n->a)
    e = expr_build(b, n->a, want, -1);
  if (!expr_coerce(b, &e, want, n->a ? n->a : n)) {
    build_undo(b, &mark);
    if (!n->a)
      b->failed = true;
    else
      e = walk_value(b, n->a, want);
  }
  build_emit(b, CO_RETURN, build_use(b, &e), 0, 0);
}

static void break_value(Builder *b, Node *n, Goal *g)
{
  if (!n->a) {
    g->mixed = true;
    return;
  }
  Expr e = expr_build(b, n->a, T_NONE, g->reg);
  if (e.kind == EX_UNKNOWN || (g->type != T_NONE && g->type != e.type)) {
    g->mixed = true;
    return;
  }
  g->type = e.type;
  expr_move(b, &e, (uint32_t)g->reg);
}

static void leave_by_jump(Builder *b, Node *n)
{
  b->code->needs_frame = true;
  b->walks++;
  give_mentioned(b, n);
  uint32_t at = build_emit(b, CO_WALK_JUMP, 0, 0, 0);
  b->code->ops[at].info = build_info(b, (CodeInfo){.at = n});
}

static void jump(Builder *b, Node *n)
{
  Goal *g = n->kind == N_RETURN ? NULL : find_goal(b, n);
  if (!g && b->code->node->kind == N_FN) {
    if (n->kind == N_RETURN)
      return_value(b, n);
    else
      build_walk(b, n); // an error that the walker reports
    return;
  }
  if (!g) {
    leave_by_jump(b, n);
    return;
  }
  if (n->kind == N_BREAK && g->reg >= 0)
    break_value(b, n, g);
  else if (n->a)
    b->failed = true;
  uint32_t at = build_emit(b, CO_JUMP, 0, 0, 0);
  if (n->kind == N_CONTINUE)
    arrput(g->continues, at);
  else
    arrput(g->breaks, at);
}

// ---- statements ----
static bool is_assertion(const Builder *b, const Node *n)
{
  return n->kind == N_BUILTIN && n->count && n->count <= 2 &&
         !strcmp(names_text(b->s->names, n->name), "comptime_assert");
}

static bool calls_nothing(const Node *n)
{
  if (!n)
    return true;
  if (n->kind == N_CALL || n->kind == N_BUILTIN || n->kind == N_BLOCK)
    return false;
  for (uint32_t i = 0; i < n->count; i++)
    if (!calls_nothing(n->list[i]))
      return false;
  return calls_nothing(n->a) && calls_nothing(n->b) && calls_nothing(n->c);
}

// The walker reports the assertion that does not hold.
static bool assertion(Builder *b, Node *n)
{
  if (!is_assertion(b, n) || !calls_nothing(n->list[0]))
    return false;
  uint32_t *holds = NULL;
  Mark mark = build_mark(b);
  bool ok = build_branch(b, n->list[0], true, &holds);
  if (ok)
    build_walk(b, n);
  else
    build_undo(b, &mark);
  build_aim(b, holds);
  return ok;
}

static void expression(Builder *b, Node *n)
{
  Node *e = n->kind == N_EXPR_STMT ? n->a : n;
  if (assertion(b, e))
    return;
  if (e->kind == N_IF || e->kind == N_IF_EXPR)
    build_if(b, e);
  else if (e->kind == N_SWITCH)
    build_switch(b, e);
  else if (e->kind == N_BLOCK || ends(e) || e->kind == N_ASSIGN)
    build_stmt(b, e);
  else if (expr_build(b, e, T_NONE, -1).kind == EX_UNKNOWN)
    build_walk(b, n);
}

void build_stmt(Builder *b, Node *n)
{
  if (b->failed)
    return;
  switch ((NodeKind)n->kind) {
  case N_BLOCK:
    if (n->name)
      labelled_block(b, n);
    else
      build_block(b, n);
    break;
  case N_CONST:
  case N_VAR: declare(b, n); break;
  case N_ASSIGN: assign(b, n); break;
  case N_RETURN:
  case N_BREAK:
  case N_CONTINUE: jump(b, n); break;
  case N_IF: build_if(b, n); break;
  case N_WHILE: build_while(b, n); break;
  case N_FOR: build_for(b, n); break;
  case N_SWITCH: build_switch(b, n); break;
  case N_COMPTIME_BLOCK: build_block(b, n->a); break;
  case N_EMPTY: break;
  case N_ASM: build_walk(b, n); break;
  default: expression(b, n);
  }
}

// ---- whole codes ----
static void place_constants(Code *c)
{
  for (ptrdiff_t i = 0; i < arrlen(c->ops); i++) {
    uint16_t *fields[] = {&c->ops[i].a, &c->ops[i].b, &c->ops[i].c};
    for (const char *r = code_registers[c->ops[i].kind]; *r; r++) {
      uint16_t *f = fields[*r - 'a'];
      if (*f >= FIRST_CONSTANT)
        *f = (uint16_t)(*f - FIRST_CONSTANT + c->nregs);
    }
  }
  for (ptrdiff_t i = 0; i < arrlen(c->locals); i++)
    if (c->locals[i].reg >= FIRST_CONSTANT)
      c->locals[i].reg = (uint16_t)(c->locals[i].reg - FIRST_CONSTANT + c->nregs);
  c->nconstants = (uint32_t)arrlen(c->constants);
}

static void finish(Builder *b)
{
  place_constants(b->code);
  b->code->state = b->failed ? CODE_FAILED : CODE_READY;
}

static Code *code_new(Ctx *cx, Node *n, Instance *in)
{
  Code *c = ARENA_NEW(&cx->s->arena, Code);
  *c = (Code){.node = n, .instance = in, .tile = cx->tile != NULL};
  arrput(cx->s->p->codes, c);
  return c;
}

// Variables of the frame that the loop may look at: those that the walker has bound.
static void take_outer(Builder *b)
{
  const Frame *f = b->cx->frame;
  for (ptrdiff_t i = 0; i < arrlen(b->code->known); i++) {
    const Assumption *k = &b->code->known[i];
    const Local *l = &f->locals[k->slot];
    if (k->kind == KNOWN_NOTHING) {
      b->vars[k->slot].state = VAR_UNKNOWN;
    } else if (k->kind == KNOWN_VALUE) {
      b->vars[k->slot] = (Var){.state = VAR_VALUE, .is_const = true, .type = k->type, .v = l->op.v};
    } else {
      build_bind(b, k->slot, k->type, build_register(b), k->is_const);
      CodeLocal *own_local = &arrlast(b->code->locals);
      own_local->outer = true;
      own_local->comptime_var = l->comptime_var;
    }
  }
}

Code *code_build_loop(Ctx *cx, Node *n, Type over, const Assumption *known)
{
  Code *c = code_new(cx, n, cx->instance);
  c->over = over;
  for (ptrdiff_t i = 0; i < arrlen(known); i++)
    arrput(c->known, known[i]);
  Builder b = {.cx = cx, .s = cx->s, .code = c, .nvars = cx->frame->count, .stmt = -1};
  b.vars = ARENA_ARRAY(&cx->s->arena, Var, b.nvars + 1);
  build_info(&b, (CodeInfo){0});
  Sequence q = {0};
  if (n->kind == N_FOR)
    for (uint32_t k = 0; k < FOR_STATE; k++)
      build_register(&b);
  take_outer(&b);
  if (n->kind == N_WHILE) {
    build_while(&b, n);
  } else {
    build_sequence(&b, over, false, &q);
    build_rounds(&b, n, &q);
  }
  build_emit(&b, CO_LEAVE, 0, 0, 0);
  finish(&b);
  return c;
}

Code *code_build_function(Ctx *cx, uint32_t function, const Assumption *args, uint32_t n,
                          Type result)
{
  const Function *f = &cx->s->functions[function];
  Code *c = code_new(cx, f->node, f->instance);
  c->function = function;
  c->result = result;
  for (uint32_t k = 0; k < n; k++)
    arrput(c->known, args[k]);
  return c;
}

void code_fill_function(Ctx *cx, Code *c)
{
  Builder b = {.cx = cx, .s = cx->s, .code = c, .nvars = c->node->scope, .stmt = -1};
  b.vars = ARENA_ARRAY(&cx->s->arena, Var, b.nvars + 1);
  build_info(&b, (CodeInfo){0});
  for (ptrdiff_t k = 0; k < arrlen(c->known); k++) {
    const Assumption *p = &c->known[k];
    uint32_t reg = build_register(&b);
    build_bind(&b, p->slot, p->type, reg, true);
    if (p->kind == KNOWN_VALUE) {
      b.vars[p->slot].state = VAR_VALUE;
      b.vars[p->slot].v = v_int(p->type, p->word.i);
    }
  }
  build_enter_target(&b, c->node);
  build_stmt(&b, c->node->a);
  if (c->result == T_VOID)
    build_emit(&b, CO_RETURN, build_constant(&b, (Word){0}), 0, 0);
  else
    build_emit(&b, CO_NO_RETURN, 0, 0, 0);
  finish(&b);
}
