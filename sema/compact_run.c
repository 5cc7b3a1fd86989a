// Executes the compact form. Fast paths are here; everything that can fail calls the routine of the
// walker with the same operands, so that values, messages and their places are the same.
#include "sema/compact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- registers: chunks that never move, so that calls can point at them ----
typedef struct Chunk {
  struct Chunk *before;
  size_t used, size;
  Word words[];
} Chunk;
enum { CHUNK_WORDS = 1 << 14 };

static Chunk *chunk_new(Chunk *before, size_t n)
{
  size_t size = n > CHUNK_WORDS ? n : CHUNK_WORDS;
  Chunk *c = malloc(sizeof *c + size * sizeof(Word));
  if (!c)
    PANIC("out of memory");
  c->before = before;
  c->used = 0;
  c->size = size;
  return c;
}

Word *registers_take(SemaPrivate *p, const Code *code)
{
  size_t n = code->nregs + code->nconstants;
  Chunk *c = p->registers;
  if (!c || c->used + n > c->size)
    p->registers = c = chunk_new(c, n);
  Word *regs = c->words + c->used;
  c->used += n;
  if (code->nconstants)
    memcpy(regs + code->nregs, code->constants, code->nconstants * sizeof *regs);
  return regs;
}

void registers_give_back(SemaPrivate *p, const Code *code)
{
  Chunk *c = p->registers;
  c->used -= code->nregs + code->nconstants;
  if (!c->used && c->before) {
    p->registers = c->before;
    free(c);
  }
}

void compact_registers_free(SemaPrivate *p)
{
  while (p->registers) {
    Chunk *c = p->registers;
    p->registers = c->before;
    free(c);
  }
}

// ---- meeting the walker ----
static Value value_of(Type t, Word w)
{
  return v_int(t, w.i);
}

static Word word_of(Value v)
{
  return (Word){.i = v.i};
}

// The context in which the walker sees what this code executes.
static Ctx walker_ctx(Run *r)
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

static void need_frame(Run *r)
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

static bool slow_binary(Run *r, const CodeInfo *i, Word a, Word b, Word *out)
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

static bool slow_convert(Run *r, const CodeInfo *i, Word a, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand op = op_value(value_of(i->a, a));
  if (i->as)
    return take(r, convert_as(&cx, i->at, op, i->want), out);
  return sema_coerce(&cx, i->at, &op, i->want) && take(r, op, out);
}

static bool bad_index(Run *r, const CodeInfo *i, Word index, int32_t dim)
{
  Ctx cx = walker_ctx(r);
  sema_index_range(&cx, i->at, value_of(i->a, index), i->want, (uint32_t)dim);
  return false;
}

static Word element(Run *r, uint32_t agg, int64_t k)
{
  const Agg *a = r->cx->s->p->aggs[agg];
  if (a->kind == AGG_WORDS)
    return (Word){.i = (int64_t)a->words[k]};
  Value v = agg_get(r->cx->s, a, (uint32_t)k);
  sema_force(r->cx, &v);
  return word_of(v);
}

static void share(Run *r, Word w)
{
  if (w.ref)
    r->cx->s->p->aggs[w.ref]->shared = true;
}

static Word make(Run *r, const CodeInfo *i, const Word *parts, uint32_t n)
{
  Value few[16], *values = n <= 16 ? few : ARENA_ARRAY(&r->cx->s->arena, Value, n);
  for (uint32_t k = 0; k < n; k++)
    values[k] = value_of(i->all[k], parts[k]);
  return word_of(v_aggregate(r->cx->s, i->want, values, n));
}

static void set_element(Run *r, uint32_t agg, int64_t k, Type t, Word w)
{
  Sema *s = r->cx->s;
  Agg *a = s->p->aggs[agg];
  if (a->kind == AGG_WORDS && a->elem == t)
    a->words[k] = (uint64_t)w.i;
  else if (a->kind == AGG_VALUES && t < T_FIRST_COMPOSED)
    a->values[k] = value_of(t, w);
  else
    agg_set(s, agg, (uint32_t)k, value_of(t, w));
}

static Flow walk_statement(Run *r, Node *at)
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

// Bit 63: is the word that of a number in the pool?
static inline uint64_t past(Word w)
{
  return (uint64_t)w.i + (1ull << 62);
}

static inline bool are_words(Word a, Word b)
{
  return !((past(a) | past(b)) >> 63);
}

// Of integers of any length. Only where both are in the pool do the words not tell.
static inline bool less(Run *r, Type t, Word a, Word b)
{
  if ((past(a) & past(b)) >> 63)
    return big_compare(r->cx->s, t, a.i, b.i) < 0;
  return a.i < b.i;
}

// ---- rounds of loops ----
static bool charged(Run *r, const CodeInfo *i)
{
  SemaPrivate *p = r->cx->s->p;
  if (r->cx->s->arena.used >> 20 <= MAX_COMPTIME_MIB && p->steps < p->quota) {
    p->steps++;
    return true;
  }
  Ctx cx = walker_ctx(r);
  return charge(&cx, i->at);
}

// The same for numbers of any length.
static bool next_big(Run *r, Word *q, Type t, Word *out)
{
  Range range = {v_int(t, q[FOR_AT].i), v_int(t, q[FOR_STOP].i), v_int(t, q[FOR_STEP].i)};
  Value v;
  if (!range_next(r->cx->s, &range, &v))
    return false;
  *out = word_of(v);
  q[FOR_AT].i = range.at.i;
  q[FOR_INDEX].i++;
  return true;
}

// Next number of a range in the state at `q` (loops.c has the same for any value).
static bool next_number(Run *r, Word *q, uint8_t flags, Type t, Word *out)
{
  if ((flags & NEXT_BIG) && (!are_words(q[FOR_AT], q[FOR_STOP]) || big_is_pooled(q[FOR_STEP].i)))
    return next_big(r, q, t, out);
  int64_t at = q[FOR_AT].i, stop = q[FOR_STOP].i, step = q[FOR_STEP].i;
  bool up = (flags & NEXT_UNSIGNED) || step > 0;
  int64_t low = up ? at : stop, high = up ? stop : at;
  if (flags & NEXT_WIDE ? (uint64_t)low >= (uint64_t)high : low >= high)
    return false;
  uint64_t left = (uint64_t)high - (uint64_t)low, by = up ? (uint64_t)step : 0 - (uint64_t)step;
  out->i = at;
  q[FOR_AT].i = left <= by ? stop : (int64_t)((uint64_t)at + (uint64_t)step);
  q[FOR_INDEX].i++;
  return true;
}

static bool next_element(Run *r, Word *q, Word *out)
{
  const Agg *a = r->cx->s->p->aggs[q[FOR_AT].ref];
  if (q[FOR_INDEX].i + 1 >= a->count)
    return false;
  *out = element(r, q[FOR_AT].ref, ++q[FOR_INDEX].i);
  return true;
}

// ---- calls ----
static bool walker_call(Run *r, const CodeCall *c, const Code *code, const Word *args, Word *out)
{
  Ctx cx = walker_ctx(r);
  Operand *ops = calloc(c->nargs + 1, sizeof *ops);
  if (!ops)
    PANIC("out of memory");
  for (uint32_t k = 0; k < c->nargs; k++)
    ops[k] = op_value(value_of(code->known[k].type, args[k]));
  Value fn = v_ref(cx.s->functions[c->function].type, c->function);
  bool ok = take(r, sema_call(&cx, c->at, fn, ops, c->nargs), out);
  free(ops);
  return ok;
}

static bool enter(Run *r, const CodeCall *c)
{
  SemaPrivate *p = r->cx->s->p;
  char here;
  bool fits = r->depth < p->comptime_depth && (uintptr_t)&here >= p->stack_end;
  if (fits && p->steps < p->quota && r->cx->s->arena.used >> 20 <= MAX_COMPTIME_MIB) {
    p->steps++;
    return true;
  }
  Ctx cx = walker_ctx(r);
  return enter_call(&cx, c->at);
}

static bool call(Run *r, const CodeCall *c, const Word *args, Word *out)
{
  Sema *s = r->cx->s;
  const Code *code = c->code;
  if (code->state != CODE_READY)
    return walker_call(r, c, code, args, out);
  if (!enter(r, c))
    return false;
  Run in = {.cx = r->cx, .code = code, .depth = r->depth + 1};
  in.regs = registers_take(s->p, code);
  for (uint32_t k = 0; k < c->nargs; k++)
    in.regs[k] = args[k];
  uint32_t errors = s->diags->errors;
  Flow flow = code_run(&in);
  registers_give_back(s->p, code);
  if (flow == FLOW_ERROR) {
    Ctx cx = walker_ctx(r);
    if (!in.end_reached)
      note_call(&cx, c->at, code->node, errors);
    return false;
  }
  *out = in.result;
  return true;
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
  Target *targets = calloc(arrlenu(path) + 1, sizeof *targets);
  if (!targets)
    PANIC("out of memory");
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

// The statements after one in error are still evaluated, by the walker, as in any block.
static void go_on_after_error(Run *r, uint32_t pc)
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

// Where to go on after an error at `op`, if an operand beside it has to be evaluated still.
static const CodeOp *next_sibling(Run *r, const CodeOp *op)
{
  const Code *code = r->code;
  uint32_t at = (uint32_t)(op - code->ops);
  for (size_t i = 0; i < arrlenu(code->siblings); i++) {
    const CodeSibling *s = &code->siblings[i];
    if (at < s->start || at >= s->end)
      continue;
    r->broken = s->join;
    return code->ops + s->end;
  }
  return NULL;
}

// ---- the machine ----
static int64_t wrap_s(int64_t i, unsigned k)
{
  return (int64_t)((uint64_t)i << k) >> k;
}

static int64_t wrap_u(int64_t i, unsigned k)
{
  return (int64_t)((uint64_t)i << k >> k);
}

static bool f32_result(double f, Word *out)
{
  float rounded = (float)f;
  out->f = (double)rounded;
  return rounded == rounded;
}

#define TRY(ok)                                                                                    \
  do {                                                                                             \
    if (!(ok))                                                                                     \
      goto failed;                                                                                 \
  } while (0)
#define INFO (&code->infos[op->info])
#define A regs[op->a]
#define B regs[op->b]
#define C regs[op->c]
#define SLOW_BINARY TRY(slow_binary(r, INFO, B, C, &A))
#define WRAPPED(name, sign)                                                                        \
  case CO_ADD_##name: A.i = wrap_##sign((int64_t)((uint64_t)B.i + (uint64_t)C.i), op->k); break;   \
  case CO_SUB_##name: A.i = wrap_##sign((int64_t)((uint64_t)B.i - (uint64_t)C.i), op->k); break;   \
  case CO_MUL_##name: A.i = wrap_##sign((int64_t)((uint64_t)B.i * (uint64_t)C.i), op->k); break
// Sums of words below 2^62 cannot overflow, but may be too long for a word.
#define SHORT(name, sign)                                                                          \
  case CO_##name: {                                                                                \
    Word result = {.i = (int64_t)((uint64_t)B.i sign(uint64_t) C.i)};                              \
    if ((past(B) | past(C) | past(result)) >> 63)                                                  \
      SLOW_BINARY;                                                                                 \
    else                                                                                           \
      A = result;                                                                                  \
    break;                                                                                         \
  }
#define WORDS(name, sign)                                                                          \
  case CO_##name:                                                                                  \
    if (are_words(B, C))                                                                           \
      A.i = B.i sign C.i;                                                                          \
    else                                                                                           \
      SLOW_BINARY;                                                                                 \
    break
#define DOUBLE(name, sign)                                                                         \
  case CO_##name: {                                                                                \
    double result = B.f sign C.f;                                                                  \
    if (result == result && (CO_##name != CO_DIV_D || C.f != 0))                                   \
      A.f = result;                                                                                \
    else                                                                                           \
      SLOW_BINARY;                                                                                 \
    break;                                                                                         \
  }
#define SINGLE(name, sign)                                                                         \
  case CO_##name: {                                                                                \
    Word result;                                                                                   \
    if (f32_result(B.f sign C.f, &result))                                                         \
      A = result;                                                                                  \
    else                                                                                           \
      SLOW_BINARY;                                                                                 \
    break;                                                                                         \
  }
#define SHIFT(name, expression)                                                                    \
  case CO_##name:                                                                                  \
    if ((uint64_t)C.i < 64u - op->k)                                                               \
      A.i = expression;                                                                            \
    else                                                                                           \
      SLOW_BINARY;                                                                                 \
    break
#define COMPARE(name, expression)                                                                  \
  case CO_##name: A.i = expression; break
#define BRANCH(name, expression)                                                                   \
  case CO_##name:                                                                                  \
    if (expression)                                                                                \
      pc = code->ops + op->d;                                                                      \
    break
#define DIVISION(name, sign)                                                                       \
  case CO_##name:                                                                                  \
    if (C.i > 0 && are_words(B, C) && (op->k || B.i >= 0))                                         \
      A.i = B.i sign C.i;                                                                          \
    else                                                                                           \
      SLOW_BINARY;                                                                                 \
    break

static Flow execute(Run *r, const CodeOp **at)
{
  const Code *code = r->code;
  Word *regs = r->regs;
  const CodeOp *pc = code->ops, *op;
go_on:
  for (;;) {
    op = pc++;
    switch ((CodeKind)op->kind) {
    case CO_MOVE: A = B; break;
    case CO_SHARE: share(r, A); break;
    case CO_READ_LOCAL: TRY(take(r, r->frame->locals[op->d].op, &A)); break;
    case CO_WRITE_LOCAL:
      write_local(r, &(CodeLocal){.slot = (uint32_t)op->d,
                                  .reg = op->a,
                                  .is_const = op->k & 1,
                                  .comptime_var = op->k & 2,
                                  .type = INFO->a});
      break;
      WRAPPED(S, s);
      WRAPPED(U, u);
      SHORT(ADD_X, +)
      SHORT(SUB_X, -)
    case CO_MUL_X: {
      int64_t result;
      if (are_words(B, C) && !__builtin_mul_overflow(B.i, C.i, &result) && !big_is_pooled(result))
        A.i = result;
      else
        SLOW_BINARY;
      break;
    }
      DIVISION(DIV, /);
      DIVISION(REM, %);
      SHIFT(SHL_S, wrap_s((int64_t)((uint64_t)B.i << C.i), op->k));
      SHIFT(SHL_U, wrap_u((int64_t)((uint64_t)B.i << C.i), op->k));
      SHIFT(SHR_S, B.i >> C.i);
      SHIFT(SHR_U, (int64_t)((uint64_t)B.i >> C.i));
      COMPARE(AND, B.i & C.i);
      COMPARE(OR, B.i | C.i);
      COMPARE(XOR, B.i ^ C.i);
      WORDS(AND_X, &);
      WORDS(OR_X, |);
      WORDS(XOR_X, ^);
      COMPARE(NOT, !B.i);
      COMPARE(WRAP_S, wrap_s(B.i, op->k));
      COMPARE(WRAP_U, wrap_u(B.i, op->k));
    case CO_FIT_S:
    case CO_FIT_U:
      if ((op->kind == CO_FIT_S ? wrap_s(B.i, op->k) : wrap_u(B.i, op->k)) == B.i)
        A.i = B.i;
      else
        TRY(slow_convert(r, INFO, B, &A));
      break;
      DOUBLE(ADD_D, +)
      DOUBLE(SUB_D, -)
      DOUBLE(MUL_D, *)
      DOUBLE(DIV_D, /)
      SINGLE(ADD_F, +)
      SINGLE(SUB_F, -)
      SINGLE(MUL_F, *)
      SINGLE(DIV_F, /)
    case CO_FLOAT_OF:
      if (big_is_pooled(B.i))
        TRY(slow_convert(r, INFO, B, &A));
      else
        A.f = (double)B.i;
      break;
      COMPARE(EQ, B.i == C.i);
      COMPARE(NE, B.i != C.i);
      COMPARE(LT, B.i < C.i);
      COMPARE(LE, B.i <= C.i);
      COMPARE(LT_W, (uint64_t)B.i < (uint64_t)C.i);
      COMPARE(LE_W, (uint64_t)B.i <= (uint64_t)C.i);
      COMPARE(LT_X, less(r, INFO->a, B, C));
      COMPARE(LE_X, !less(r, INFO->a, C, B));
      COMPARE(EQ_D, B.f == C.f);
      COMPARE(NE_D, B.f != C.f);
      COMPARE(LT_D, B.f < C.f);
      COMPARE(LE_D, B.f <= C.f);
    case CO_BINARY: SLOW_BINARY; break;
    case CO_UNARY: TRY(slow_unary(r, INFO, B, &A)); break;
    case CO_COERCE:
    case CO_CONVERT: TRY(slow_convert(r, INFO, B, &A)); break;
    case CO_ELEMENT:
      TRY((uint64_t)C.i < (uint64_t)op->d || bad_index(r, INFO, C, op->d));
      A = element(r, B.ref, C.i);
      break;
    case CO_BOUND: TRY((uint64_t)A.i < (uint64_t)op->d || bad_index(r, INFO, A, op->d)); break;
    case CO_FLAT: A.i = B.i * op->d + C.i; break;
    case CO_OWN:
      if (r->cx->s->p->aggs[A.ref]->shared)
        A.ref = agg_unique(r->cx->s, A.ref);
      break;
    case CO_OWN_PART: A.i = agg_own_part(r->cx->s, B.ref, (uint32_t)C.i); break;
    case CO_SET: set_element(r, A.ref, B.i, INFO->a, C); break;
    case CO_MAKE: A = make(r, INFO, &B, (uint32_t)op->d); break;
    case CO_UNIFORM: A = word_of(v_uniform(r->cx->s, INFO->want, value_of(INFO->a, B))); break;
    case CO_JUMP:
      pc = code->ops + op->d;
      break;
      BRANCH(JUMP_IF, A.i);
      BRANCH(JUMP_UNLESS, !A.i);
      BRANCH(JUMP_EQ, A.i == B.i);
      BRANCH(JUMP_NE, A.i != B.i);
      BRANCH(JUMP_LT, A.i < B.i);
      BRANCH(JUMP_LE, A.i <= B.i);
      BRANCH(JUMP_LT_X, less(r, INFO->a, A, B));
      BRANCH(JUMP_LE_X, !less(r, INFO->a, B, A));
    case CO_CHARGE: TRY(charged(r, INFO)); break;
    case CO_NEXT_ONE:
    case CO_NEXT_ONE_X: {
      Word *q = &B;
      if (op->kind == CO_NEXT_ONE_X && !are_words(q[FOR_AT], q[FOR_STOP])) {
        if (!next_big(r, q, INFO->a, &A))
          break;
        TRY(charged(r, INFO));
        pc = code->ops + op->d;
        break;
      }
      if (q[FOR_AT].i >= q[FOR_STOP].i)
        break;
      A.i = q[FOR_AT].i++;
      q[FOR_INDEX].i++;
      TRY(charged(r, INFO));
      pc = code->ops + op->d;
      break;
    }
    case CO_NEXT_NUMBER:
    case CO_NEXT_ELEMENT:
      if (!(op->kind == CO_NEXT_NUMBER ? next_number(r, &B, op->k, INFO->a, &A)
                                       : next_element(r, &B, &A)))
        break;
      TRY(charged(r, INFO));
      pc = code->ops + op->d;
      break;
    case CO_JOIN: TRY(!r->broken || r->broken != op - code->ops); break;
    case CO_CALL: TRY(call(r, &code->calls[op->d], &B, &A)); break;
    case CO_RETURN: r->result = A; return FLOW_NEXT;
    case CO_LEAVE: return FLOW_NEXT;
    case CO_NO_RETURN: {
      Ctx cx = walker_ctx(r);
      SEMA_ERROR(&cx, code->node, missing_return, type_name(cx.s, code->result));
      r->end_reached = true;
      *at = NULL;
      return FLOW_ERROR;
    }
    case CO_WALK: TRY(walk_statement(r, INFO->at) != FLOW_ERROR); break;
    case CO_WALK_CONDITION: TRY(walk_condition(r, INFO->at, &A)); break;
    case CO_WALK_VALUE: TRY(walk_value(r, INFO, &A)); break;
    case CO_WALK_JUMP: {
      Flow flow = walk_statement(r, INFO->at);
      TRY(flow != FLOW_ERROR);
      return flow;
    }
    }
  }
failed:
  pc = next_sibling(r, op);
  if (pc)
    goto go_on;
  *at = op;
  return FLOW_ERROR;
}

Flow code_run(Run *r)
{
  Frame *given = r->frame;
  const CodeOp *at = NULL;
  if (r->code->needs_frame)
    need_frame(r);
  Flow flow = execute(r, &at);
  if (flow == FLOW_ERROR && at)
    go_on_after_error(r, (uint32_t)(at - r->code->ops));
  if (!given && r->frame)
    frame_close(r->frame);
  return flow;
}
