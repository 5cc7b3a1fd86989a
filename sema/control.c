// Control flow: conditions, switches, loops, labelled blocks and jumps. At compile time they
// execute; at run time they become basic blocks (spec language 6.3, 6.4, 7).
#include "sema/private.h"

bool charge(Ctx *cx, Node *at)
{
  SemaPrivate *p = cx->s->p;
  if (cx->s->arena.used >> 20 > MAX_COMPTIME_MIB && p->steps < p->quota) {
    SEMA_ERROR(cx, at, comptime_memory, (unsigned)MAX_COMPTIME_MIB);
    p->steps = p->quota + 1; // said once
    return false;
  }
  if (++p->steps <= p->quota)
    return true;
  p->stop = true;
  if (p->steps == p->quota + 1)
    SEMA_ERROR(cx, at, quota, (unsigned long long)p->quota);
  return false;
}

void emit_branch(Ctx *cx, uint32_t block)
{
  tir_emit(&cx->b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, block);
}

void emit_branch_if(Ctx *cx, IrRef cond, uint32_t yes, uint32_t no)
{
  uint32_t list[2] = {yes, no};
  tir_emit_list(&cx->b, IR_BRIF, IRT_VOID, cond, IR_NONE, IR_NONE, 0, list, 2);
}

// Evaluates a condition. False after a report.
bool sema_condition(Ctx *cx, Node *n, Operand *op)
{
  *op = sema_expr(cx, n, T_BOOL);
  if (is_error(*op))
    return false;
  if (op->type != T_BOOL) {
    SEMA_ERROR(cx, n, condition_bool, type_name(cx->s, op->type));
    note_conversion(cx, n, op->type, T_BOOL);
    return false;
  }
  if (op->kind == OPK_VALUE)
    sema_force(cx, &op->v);
  else if (cx->comptime) {
    SEMA_ERROR(cx, n, not_comptime);
    return false;
  }
  return true;
}

// ---- joining values that arrive on several paths ----
static bool coercible_to(Ctx *cx, const Exit *exits, uint32_t n, Type want)
{
  for (uint32_t i = 0; i < n; i++) {
    bool nested = type_is_struct(cx->s, want) && type_is_struct(cx->s, exits[i].value.type);
    if (!nested && !sema_can_coerce(cx, &exits[i].value, want))
      return false;
  }
  return want != T_NONE;
}

static Type join_type(Ctx *cx, Node *at, const Exit *exits, uint32_t n, Wanted wanted)
{
  Sema *s = cx->s;
  Type want = wanted.type;
  if (!wanted.for_numbers && coercible_to(cx, exits, n, want) && want != T_COMPTIME_STRUCT)
    return want;
  Type t = exits[0].value.type;
  for (uint32_t i = 1; i < n; i++) {
    Operand both[2] = {exits[0].value, exits[i].value};
    both[0].type = t;
    Type peer = peer_type(cx, both, 2);
    if (peer == T_NONE) {
      SEMA_ERROR(cx, exits[i].at, peer_types, type_name(s, t), type_name(s, exits[i].value.type));
      return T_NONE;
    }
    t = peer;
  }
  bool number = t == T_COMPTIME_INT || t == T_COMPTIME_FLOAT;
  if (number && want != T_NONE && type_is_numeric(s, want))
    return want; // one of the values does not fit: its coercion says so
  if (number)
    SEMA_ERROR(cx, at, needs_type);
  else if (type_comptime_only(s, t))
    sema_must_be_comptime(cx, at, t);
  else
    return t;
  return T_NONE;
}

static bool has_error(const Exit *exits, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (exits[i].value.kind == OPK_ERROR)
      return true;
  return false;
}

// Closes blocks that were left open with a value each and goes on in one new block. No exits:
// control ends.
static Operand join(Ctx *cx, Node *at, Exit *exits, uint32_t n, Wanted want)
{
  Sema *s = cx->s;
  if (!n)
    return (Operand){.kind = OPK_DEAD, .type = T_VOID};
  if (n == 1) {
    cx->b.block = exits[0].block;
    return exits[0].value;
  }
  Type t = has_error(exits, n) ? T_NONE : join_type(cx, at, exits, n, want);
  uint32_t end = tir_block(&cx->b);
  bool stores = t != T_NONE && type_size(s, t);
  IrType ir = stores ? type_lower(cx, t) : IRT_VOID;
  IrRef slot = stores ? tir_slot(&cx->b, ir, NULL) : IR_NONE;
  bool ok = t != T_NONE;
  for (uint32_t i = 0; i < n; i++) {
    cx->b.block = exits[i].block;
    ok = ok && sema_coerce(cx, exits[i].at, &exits[i].value, t);
    if (ok && stores)
      store_to(cx, exits[i].at, slot, exits[i].value, t);
    emit_branch(cx, end);
  }
  cx->b.block = end;
  if (!ok)
    return op_error();
  if (!stores)
    return op_void();
  if (type_is_aggregate(s, t))
    return op_rvalue(t, slot);
  return op_rvalue(t, tir_emit(&cx->b, IR_LOAD, ir, slot, IR_NONE, IR_NONE, 0));
}

static void add_exit(Ctx *cx, Exit **exits, Operand op, Node *at)
{
  if (op.kind != OPK_DEAD)
    arrput(*exits, ((Exit){.block = cx->b.block, .value = op, .at = at}));
}

// ---- if ----
// Without `else` there is no value where the condition is false.
static bool check_no_else(Ctx *cx, Node *n, const Operand *op)
{
  if (n->c || op->kind == OPK_ERROR || op->kind == OPK_DEAD || op->type == T_VOID)
    return true;
  SEMA_ERROR(cx, n->b, if_without_else, type_name(cx->s, op->type));
  diag_note(cx->s->diags, node_range(n), "this 'if' has no 'else': it has no value");
  return false;
}

static void runtime_arm(Ctx *cx, uint32_t block, Node *body, Wanted want, Exit **exits, Node *at)
{
  cx->b.block = block;
  cx->runtime_control++;
  Operand op = body ? sema_wanted(cx, body, want) : op_void();
  cx->runtime_control--;
  add_exit(cx, exits, op, body ? body : at);
}

Operand sema_if(Ctx *cx, Node *n, Wanted want)
{
  Operand c;
  if (!sema_condition(cx, n->a, &c))
    return op_error();
  if (c.kind == OPK_VALUE) {
    Node *chosen = c.v.i ? n->b : n->c;
    return chosen ? sema_wanted(cx, chosen, want) : op_void();
  }
  IrRef r = sema_runtime(cx, n->a, c, T_NONE);
  uint32_t yes = tir_block(&cx->b), no = tir_block(&cx->b);
  emit_branch_if(cx, r, yes, no);
  Exit *exits = NULL;
  runtime_arm(cx, yes, n->b, want, &exits, n);
  if (arrlen(exits) && !check_no_else(cx, n, &exits[0].value))
    exits[0].value = op_error();
  runtime_arm(cx, no, n->c, want, &exits, n);
  Operand op = join(cx, n, exits, (uint32_t)arrlen(exits), want);
  arrfree(exits);
  return op;
}

static Flow statement_arm(Ctx *cx, uint32_t block, Node *body)
{
  cx->b.block = block;
  cx->runtime_control++;
  Flow flow = sema_stmt(cx, body);
  cx->runtime_control--;
  return flow;
}

Flow sema_if_stmt(Ctx *cx, Node *n)
{
  Operand c;
  if (!sema_condition(cx, n->a, &c))
    return FLOW_ERROR;
  if (c.kind == OPK_VALUE) {
    Node *chosen = c.v.i ? n->b : n->c;
    return chosen ? sema_stmt(cx, chosen) : FLOW_NEXT;
  }
  cx->b.pos = n->at;
  IrRef r = sema_runtime(cx, n->a, c, T_NONE);
  uint32_t yes = tir_block(&cx->b), no = tir_block(&cx->b);
  emit_branch_if(cx, r, yes, no);
  Flow first = statement_arm(cx, yes, n->b);
  uint32_t first_end = cx->b.block;
  Flow second = n->c ? statement_arm(cx, no, n->c) : FLOW_NEXT;
  uint32_t second_end = n->c ? cx->b.block : no;
  if (first == FLOW_DEAD && second == FLOW_DEAD)
    return FLOW_DEAD;
  uint32_t end = n->c ? tir_block(&cx->b) : no;
  cx->b.block = first_end;
  if (first != FLOW_DEAD)
    emit_branch(cx, end);
  cx->b.block = second_end;
  if (second != FLOW_DEAD && end != second_end)
    emit_branch(cx, end);
  cx->b.block = end;
  return FLOW_NEXT;
}

// ---- switch ----
// The j-th of all cases.
static Node *case_node(Node *n, ptrdiff_t j)
{
  for (uint32_t i = 0; i < n->count; j -= n->list[i++]->count)
    if (j < n->list[i]->count)
      return n->list[i]->list[j];
  return n;
}

static bool case_values(Ctx *cx, Node *n, Type t, Value **all, uint32_t **prong)
{
  for (uint32_t i = 0; i < n->count; i++)
    for (uint32_t k = 0; k < n->list[i]->count; k++) {
      Value v;
      Node *at = n->list[i]->list[k];
      if (!sema_comptime(cx, at, t, &v))
        return false;
      for (ptrdiff_t j = 0; j < arrlen(*all); j++)
        if ((*all)[j].i == v.i) {
          SEMA_ERROR(cx, at, switch_twice);
          diag_note(cx->s->diags, node_range(case_node(n, j)), "the first one is here");
          return false;
        }
      arrput(*all, v);
      arrput(*prong, i);
    }
  return true;
}

bool switch_covers_all(const Sema *s, Type t, size_t values)
{
  const TypeInfo *i = type_info(s, t);
  if (i->kind == TK_ENUM)
    return values == i->count;
  unsigned bits = type_bits(s, t);
  return bits && bits < 32 && values == (size_t)1 << bits;
}

static Operand known_switch(Ctx *cx, Node *n, Value v, const Value *all, const uint32_t *prong,
                            int other, Wanted want)
{
  sema_force(cx, &v);
  for (ptrdiff_t i = 0; i < arrlen(all); i++)
    if (all[i].i == v.i)
      return sema_wanted(cx, n->list[prong[i]]->a, want);
  return other < 0 ? op_void() : sema_wanted(cx, n->list[other]->a, want);
}

// The branch of a run-time switch. Case values of 64 bits and more do not fit the instruction: they
// are compared in turn.
static void emit_switch(Ctx *cx, IrRef r, Type t, const Value *all, const uint32_t *prong,
                        const uint32_t *blocks, uint32_t default_block)
{
  Sema *s = cx->s;
  if (type_size(s, t) >= 8) {
    for (ptrdiff_t i = 0; i < arrlen(all); i++) {
      IrRef same = tir_emit(&cx->b, IR_EQ, IRT_BOOL, r,
                            sema_int_const(cx, type_lower(cx, t), all[i]), IR_NONE, 0);
      uint32_t next = tir_block(&cx->b);
      emit_branch_if(cx, same, blocks[prong[i]], next);
      cx->b.block = next;
    }
    emit_branch(cx, default_block);
    return;
  }
  uint32_t *list = NULL, mask = (uint32_t)((1ull << type_size(s, t) * 8) - 1);
  arrput(list, default_block);
  for (ptrdiff_t i = 0; i < arrlen(all); i++) {
    uint32_t bits = (uint32_t)scalar_bits(s, all[i]) & mask;
    arrput(list, bits);
    arrput(list, bits);
    arrput(list, blocks[prong[i]]);
  }
  tir_emit_list(&cx->b, IR_SWITCH, IRT_VOID, r, IR_NONE, IR_NONE, 0, list, (uint32_t)arrlen(list));
  arrfree(list);
}

static Operand runtime_switch(Ctx *cx, Node *n, Operand op, const Value *all, const uint32_t *prong,
                              int other, Wanted want)
{
  IrRef r = sema_runtime(cx, n->a, op, T_NONE);
  uint32_t *blocks = NULL;
  if (r == IR_NONE)
    return op_error();
  for (uint32_t i = 0; i < n->count; i++)
    arrput(blocks, tir_block(&cx->b));
  uint32_t default_block = other < 0 ? tir_block(&cx->b) : blocks[other];
  emit_switch(cx, r, op.type, all, prong, blocks, default_block);
  Exit *exits = NULL;
  for (uint32_t i = 0; i < n->count; i++) {
    cx->b.block = blocks[i];
    cx->runtime_control++;
    Operand value = sema_wanted(cx, n->list[i]->a, want);
    cx->runtime_control--;
    if (want.type == T_VOID && value.kind != OPK_DEAD && value.kind != OPK_ERROR)
      value = op_void(); // a statement: what calls return is dropped
    add_exit(cx, &exits, value, n->list[i]->a);
  }
  if (other < 0) {
    cx->b.block = default_block;
    tir_emit(&cx->b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  }
  Operand result = join(cx, n, exits, (uint32_t)arrlen(exits), want);
  arrfree(blocks);
  arrfree(exits);
  return result;
}

// Names the first member of an enum that no prong covers.
static void report_missing(Ctx *cx, Node *n, Type t, const Value *all)
{
  const TypeInfo *i = type_info(cx->s, t);
  SEMA_ERROR(cx, n, switch_missing);
  for (uint32_t k = 0; i->kind == TK_ENUM && k < i->count; k++) {
    bool covered = false;
    for (ptrdiff_t j = 0; j < arrlen(all); j++)
      covered |= all[j].i == i->fields[k].value;
    if (covered)
      continue;
    diag_note(cx->s->diags, node_range(n->a), "'%s' of '%s' has no prong",
              names_text(cx->s->names, i->fields[k].name), type_name(cx->s, t));
    return;
  }
}

Operand sema_switch(Ctx *cx, Node *n, Wanted want)
{
  Sema *s = cx->s;
  Operand op = sema_expr(cx, n->a, T_NONE);
  if (is_error(op))
    return op;
  bool is_enum = type_info(s, op.type)->kind == TK_ENUM;
  if (!is_enum && op.type != T_COMPTIME_INT && !type_is_int(s, op.type))
    return SEMA_ERROR(cx, n->a, switch_operand, type_name(s, op.type));
  Value *all = NULL;
  uint32_t *prong = NULL;
  int other = -1;
  for (uint32_t i = 0; i < n->count; i++)
    if (!n->list[i]->count)
      other = (int)i;
  Operand result = op_error();
  if (case_values(cx, n, op.type, &all, &prong)) {
    if (other < 0 && !switch_covers_all(s, op.type, arrlenu(all)))
      report_missing(cx, n, op.type, all);
    else if (op.kind == OPK_VALUE)
      result = known_switch(cx, n, op.v, all, prong, other, want);
    else
      result = runtime_switch(cx, n, op, all, prong, other, want);
  }
  arrfree(all);
  arrfree(prong);
  return result;
}

// ---- targets of jumps ----
void target_open(Ctx *cx, Target *t)
{
  t->up = cx->target;
  t->comptime = cx->comptime;
  cx->target = t;
}

void target_close(Ctx *cx, Target *t)
{
  cx->target = t->up;
  arrfree(t->exits);
}

static bool has_void(const Exit *exits, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (exits[i].value.kind != OPK_ERROR && exits[i].value.type == T_VOID)
      return true;
  return false;
}

static const Exit *first_valued(const Exit *exits, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (exits[i].value.kind != OPK_ERROR && exits[i].value.type != T_VOID)
      return &exits[i];
  return NULL;
}

// Run time: the value of a block or inlined call after its statements; `end_reached`: control may
// fall out of its end.
Operand target_finish(Ctx *cx, Node *at, Target *t, bool end_reached)
{
  if (end_reached)
    arrput(t->exits, ((Exit){.block = cx->b.block, .value = op_void(), .at = at}));
  uint32_t n = (uint32_t)arrlen(t->exits);
  const Exit *valued = first_valued(t->exits, n);
  if (valued && has_void(t->exits, n)) {
    SEMA_ERROR(cx, valued->at, block_end, type_name(cx->s, valued->value.type));
    if (end_reached)
      diag_note(cx->s->diags, node_range(at),
                "control flow may reach the end of this block without a break");
    for (uint32_t i = 0; i < n; i++)
      t->exits[i].value = op_error();
  }
  return join(cx, at, t->exits, n, (Wanted){t->want, t->for_numbers});
}

bool target_jumped(Ctx *cx, const Target *t)
{
  if (cx->frame->jump != t)
    return false;
  cx->frame->jump = NULL;
  return true;
}

// A labelled block, as statement or expression.
static Operand labelled(Ctx *cx, Node *n, Wanted want)
{
  Target t = {
      .label = n->name, .kind = JUMP_BLOCK, .want = want.type, .for_numbers = want.for_numbers};
  target_open(cx, &t);
  Flow flow = sema_block(cx, n);
  Operand result = op_error();
  if (!cx->comptime)
    result = flow == FLOW_ERROR && !arrlen(t.exits) ? op_error()
                                                    : target_finish(cx, n, &t, flow != FLOW_DEAD);
  else if (flow == FLOW_NEXT)
    result = op_void();
  else if (flow == FLOW_JUMP)
    result = target_jumped(cx, &t) ? t.result : (Operand){.kind = OPK_DEAD, .type = T_VOID};
  target_close(cx, &t);
  return result;
}

static Operand flow_operand(Flow flow)
{
  switch (flow) {
  case FLOW_NEXT: return op_void();
  case FLOW_ERROR: return op_error();
  default: return (Operand){.kind = OPK_DEAD, .type = T_VOID};
  }
}

Operand sema_block_expr(Ctx *cx, Node *n, Wanted want)
{
  return n->name ? labelled(cx, n, want) : flow_operand(sema_block(cx, n));
}

Flow sema_labelled_block(Ctx *cx, Node *n)
{
  Operand op = labelled(cx, n, (Wanted){T_NONE, false});
  if (op.kind == OPK_ERROR)
    return cx->comptime ? FLOW_ERROR : FLOW_NEXT;
  if (op.kind == OPK_DEAD)
    return cx->comptime ? FLOW_JUMP : FLOW_DEAD;
  return FLOW_NEXT;
}

static Target *find_target(Ctx *cx, Node *n)
{
  const char *what = n->kind == N_RETURN ? "return" : n->kind == N_BREAK ? "break" : "continue";
  for (Target *t = cx->target; t; t = t->up) {
    bool fits = n->kind == N_RETURN ? t->kind == JUMP_CALL
                : n->name           ? t->label == n->name && t->kind != JUMP_CALL
                                    : t->kind == JUMP_LOOP;
    if (fits) {
      if (n->kind == N_CONTINUE && t->kind == JUMP_BLOCK) {
        SEMA_ERROR(cx, n, continue_block, names_text(cx->s->names, n->name));
        diag_note(cx->s->diags, node_range(n), "the end of the block is reached by break :%s",
                  names_text(cx->s->names, n->name));
        return NULL;
      }
      if (t->comptime == cx->comptime)
        return t;
      SEMA_ERROR(cx, n, comptime_jump);
      return NULL;
    }
    if (t->kind == JUMP_CALL)
      break;
  }
  if (n->kind == N_RETURN)
    SEMA_ERROR(cx, n, return_outside);
  else if (n->name)
    SEMA_ERROR(cx, n, no_label, names_text(cx->s->names, n->name));
  else
    SEMA_ERROR(cx, n, jump_outside, what);
  return NULL;
}

static void emit_return(Ctx *cx, Node *n, Operand value, Type t)
{
  IrRef r = IR_NONE;
  if (type_is_aggregate(cx->s, t))
    store_to(cx, n, cx->result_ptr, value, t);
  else if (t != T_VOID)
    r = sema_runtime(cx, n, value, T_NONE);
  cx->b.pos = n->at;
  tir_emit(&cx->b, IR_RET, IRT_VOID, r, IR_NONE, IR_NONE, 0);
}

Flow sema_jump(Ctx *cx, Node *n)
{
  Target *t = find_target(cx, n);
  if (!t)
    return FLOW_ERROR;
  if (n->kind == N_CONTINUE) {
    cx->frame->jump = cx->comptime ? t : NULL;
    cx->frame->jump_continue = true;
    if (!cx->comptime) {
      if (t->inlined && !t->continued)
        t->next = tir_block(&cx->b);
      emit_branch(cx, t->next);
    }
    t->continued = true;
    return cx->comptime ? FLOW_JUMP : FLOW_DEAD;
  }
  Wanted want = {t->want, t->for_numbers};
  Operand value = n->a ? sema_wanted(cx, n->a, want) : op_void();
  bool fixed = t->kind == JUMP_CALL && t->want != T_NONE;
  if (value.kind == OPK_DEAD)
    return cx->comptime ? FLOW_JUMP : FLOW_DEAD;
  if (is_error(value) || (fixed && !sema_coerce(cx, n->a ? n->a : n, &value, t->want))) {
    if (cx->comptime)
      return FLOW_ERROR;
    value = op_error();
  }
  if (cx->comptime) {
    t->result = value;
    cx->frame->jump = t;
    cx->frame->jump_continue = false;
    return FLOW_JUMP;
  }
  if (!t->direct_return)
    arrput(t->exits, ((Exit){.block = cx->b.block, .value = value, .at = n}));
  else if (is_error(value))
    tir_emit(&cx->b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  else
    emit_return(cx, n, value, t->want);
  return FLOW_DEAD;
}
