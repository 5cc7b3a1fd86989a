// What compact code leaves to the walker: operations on values of any type, statements, errors. The
// walker gets the same operands, so that values, messages and their places are the same.
#include "sema/compact_slow.h"
#include "support/memory.h"
#include <stdlib.h>

Ctx walker_ctx(Run *r)
{
  if (r->code->node->kind != N_FN)
    return *r->cx;
  Ctx in = callee_ctx(r->cx, &r->cx->s->functions[r->code->function], r->frame);
  in.comptime = true;
  in.depth = r->depth;
  return in;
}

static void write_local(Run *r, const CodeLocal *l)
{
  Local *local = &r->frame->locals[l->slot];
  bool in_loop = r->code->node->kind != N_FN;
  if (!l->outer) {
    local->runtime_control = in_loop ? r->cx->runtime_control : 0;
    local->target = in_loop ? r->cx->target : NULL;
  }
  local->op = op_value(value_of(l->type, r->regs[l->reg]));
  local->is_const = l->is_const;
  local->comptime_var = l->comptime_var;
}

void need_frame(Run *r)
{
  if (!r->frame)
    r->frame = frame_open(r->code->node->scope);
}

// Result of a routine of the walker as contents of a register. Expressions over params do not get
// here unless something made their tiles agree.
static bool take(Run *r, Operand op, Word *out)
{
  if (op.kind != OPK_VALUE)
    return false;
  sema_force(r->cx, &op.v);
  *out = word_of(op.v);
  return true;
}

bool slow_binary(Run *r, const CodeInfo *i, Word a, Word b, Word *out)
{
  Ctx cx = walker_ctx(r);
  return take(
      r,
      arith_operands(&cx, i->at, i->op, op_value(value_of(i->a, a)), op_value(value_of(i->b, b))),
      out);
}

static bool slow_unary(Run *r, const CodeInfo *i, Word a, Word *out)
{
  Ctx cx = walker_ctx(r);
  return take(r, arith_unary(&cx, i->at, i->op, op_value(value_of(i->a, a))), out);
}

bool slow_convert(Run *r, const CodeInfo *i, Word a, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand op = op_value(value_of(i->a, a));
  if (i->as)
    return take(r, convert_as(&cx, i->at, op, i->want), out);
  return sema_coerce(&cx, i->at, &op, i->want) && take(r, op, out);
}

bool bad_index(Run *r, const CodeInfo *i, Word index, int32_t dim)
{
  Ctx cx = walker_ctx(r);
  sema_index_range(&cx, i->at, value_of(i->a, index), i->want, (uint32_t)dim);
  return false;
}

static Word make(Run *r, const CodeInfo *i, const Word *parts, uint32_t n)
{
  Value few[16], *values = n <= 16 ? few : ARENA_ARRAY(&r->cx->s->arena, Value, n);
  for (uint32_t k = 0; k < n; k++)
    values[k] = value_of(i->all[k], parts[k]);
  return word_of(v_aggregate(r->cx->s, i->want, values, n));
}

Flow walk_statement(Run *r, Node *at)
{
  Ctx cx = walker_ctx(r);
  return sema_stmt(&cx, at);
}

static bool walk_condition(Run *r, Node *at, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand c;
  if (!sema_condition(&cx, at, &c))
    return false;
  *out = word_of(c.v);
  return true;
}

static bool walk_value(Run *r, const CodeInfo *i, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand op = sema_expr(&cx, i->at, i->want);
  Value v;
  if (!sema_coerce(&cx, i->at, &op, i->want))
    return false;
  if (!sema_is_known(&cx, op, &v)) {
    SEMA_ERROR(&cx, i->at, not_comptime);
    return false;
  }
  return take(r, op_value(v), out);
}

bool slow_call(Run *r, const CodeCall *c, const Code *code, const Word *args, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand *ops = mem_zeroed(c->nargs + 1, sizeof *ops);
  for (uint32_t k = 0; k < c->nargs; k++)
    ops[k] = op_value(value_of(code->known[k].type, args[k]));
  Value fn = v_ref(cx.s->functions[c->function].type, c->function);
  bool ok = take(r, sema_call(&cx, c->at, fn, ops, c->nargs), out);
  free(ops);
  return ok;
}

// ---- operations ----
static CodeLocal local_of(const CodeOp *op, Type t)
{
  return (CodeLocal){.slot = (uint32_t)op->d,
                     .reg = op->a,
                     .is_const = op->k & 1,
                     .comptime_var = op->k & 2,
                     .type = t};
}

bool slow_op(Run *r, const CodeOp *op)
{
  const CodeInfo *i = &r->code->infos[op->info];
  Word *a = &r->regs[op->a];
  const Word *b = &r->regs[op->b], *c = &r->regs[op->c];
  switch ((CodeKind)op->kind) {
  case CO_READ_LOCAL: return take(r, r->frame->locals[op->d].op, a);
  case CO_WRITE_LOCAL: {
    CodeLocal l = local_of(op, i->a);
    write_local(r, &l);
    return true;
  }
  case CO_BINARY: return slow_binary(r, i, *b, *c, a);
  case CO_UNARY: return slow_unary(r, i, *b, a);
  case CO_COERCE:
  case CO_CONVERT: return slow_convert(r, i, *b, a);
  case CO_MAKE: *a = make(r, i, b, (uint32_t)op->d); return true;
  case CO_UNIFORM: *a = word_of(v_uniform(r->cx->s, i->want, value_of(i->a, *b))); return true;
  case CO_OWN_PART: a->i = agg_own_part(r->cx->s, b->ref, (uint32_t)c->i); return true;
  case CO_WALK: return walk_statement(r, i->at) != FLOW_ERROR;
  case CO_WALK_CONDITION: return walk_condition(r, i->at, a);
  case CO_WALK_VALUE: return walk_value(r, i, a);
  default: PANIC("operation %u has a fast path", op->kind);
  }
}

// ---- errors ----
static JumpKind jump_kind(const Node *target)
{
  return target->kind == N_FN ? JUMP_CALL : target->kind == N_BLOCK ? JUMP_BLOCK : JUMP_LOOP;
}

// Statement `at` was in error: the rest of its block and of the blocks around it, inside out, with
// everything in place that they may jump to.
static void evaluate_rest(Run *r, int32_t at)
{
  const CodeStmt *stmts = r->code->stmts;
  Ctx cx = walker_ctx(r);
  int32_t *path = NULL;
  for (; at >= 0; at = stmts[at].up)
    arrput(path, at);
  Target *targets = mem_zeroed(arrlenu(path) + 1, sizeof *targets);
  for (ptrdiff_t i = arrlen(path) - 1; i >= 0; i--) {
    const Node *n = stmts[path[i]].target;
    if (!n)
      continue;
    targets[i] = (Target){.label = n->kind == N_FN ? 0 : n->name, .kind = (uint8_t)jump_kind(n)};
    targets[i].want = n->kind == N_FN ? r->code->result : T_NONE;
    target_open(&cx, &targets[i]);
  }
  for (ptrdiff_t i = 0; i < arrlen(path); i++) {
    const CodeStmt *s = &stmts[path[i]];
    if (s->target)
      target_close(&cx, &targets[i]);
    else if (!cx.s->p->stop)
      sema_block_rest(&cx, s->block, s->index);
  }
  cx.frame->jump = NULL;
  arrfree(path);
  free(targets);
}

// A variable whose declaration is in error has no value: its register holds whatever was there.
static void forget_failed(Run *r, int32_t at)
{
  const CodeStmt *s = &r->code->stmts[at];
  const Node *n = s->block ? s->block->list[s->index] : NULL;
  if (n && (n->kind == N_VAR || n->kind == N_CONST))
    r->frame->locals[n->slot] = (Local){.op = op_error()};
}

void go_on_after_error(Run *r, uint32_t pc)
{
  const Code *code = r->code;
  int32_t at = -1;
  for (size_t i = 0; i < arrlenu(code->regions) && code->regions[i].start <= pc; i++)
    at = code->regions[i].stmt;
  if (at < 0 || r->cx->s->p->stop)
    return;
  need_frame(r);
  for (size_t i = 0; i < arrlenu(code->locals); i++)
    write_local(r, &code->locals[i]);
  forget_failed(r, at);
  evaluate_rest(r, at);
}
