// Executes the compact form. Fast paths are here; everything that can fail is left to the walker
// (compact_slow.c).
#include "sema/compact_slow.h"
#include "support/memory.h"
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
  Chunk *c = mem_resize(NULL, sizeof *c + size * sizeof(Word));
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

// ---- aggregates ----
static Word element(Run *r, uint32_t agg, int64_t k)
{
  const Agg *a = r->cx->s->p->aggs[agg];
  if (a->kind == AGG_WORDS)
    return (Word){.i = (int64_t)a->words[k]};
  Value v = agg_get(a, (uint32_t)k);
  sema_force(r->cx, &v);
  return word_of(v);
}

static void share(Run *r, Word w)
{
  if (w.ref)
    r->cx->s->p->aggs[w.ref]->shared = true;
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

// ---- integers of any length ----
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

// Next number of a range with step 1.
static inline bool next_one(Word *q, Word *out)
{
  if (q[FOR_AT].i >= q[FOR_STOP].i)
    return false;
  out->i = q[FOR_AT].i++;
  q[FOR_INDEX].i++;
  return true;
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
    return slow_call(r, c, code, args, out);
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
#define NEXT(name, there_is_one)                                                                   \
  case CO_##name:                                                                                  \
    if (there_is_one) {                                                                            \
      TRY(charged(r, INFO));                                                                       \
      pc = code->ops + op->d;                                                                      \
    }                                                                                              \
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
    case CO_SHARE:
      share(r, A);
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
    case CO_SET: set_element(r, A.ref, B.i, INFO->a, C); break;
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
    case CO_CHARGE:
      TRY(charged(r, INFO));
      break;
      NEXT(NEXT_ONE, next_one(&B, &A));
      NEXT(NEXT_ONE_X, are_words(regs[op->b + FOR_AT], regs[op->b + FOR_STOP])
                           ? next_one(&B, &A)
                           : next_big(r, &B, INFO->a, &A));
      NEXT(NEXT_NUMBER, next_number(r, &B, op->k, INFO->a, &A));
      NEXT(NEXT_ELEMENT, next_element(r, &B, &A));
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
    case CO_READ_LOCAL:
    case CO_WRITE_LOCAL:
    case CO_BINARY:
    case CO_UNARY:
    case CO_COERCE:
    case CO_CONVERT:
    case CO_MAKE:
    case CO_UNIFORM:
    case CO_OWN_PART:
    case CO_WALK:
    case CO_WALK_CONDITION:
    case CO_WALK_VALUE: TRY(slow_op(r, op)); break;
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
