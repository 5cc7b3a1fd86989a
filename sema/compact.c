// When comptime code gets a compact form and where the walker enters it (docs/comptime.md). A form
// is made for a loop or function of one instance of a module, and for the types of the variables it
// finds.
#include "sema/compact.h"
#include "support/memory.h"
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_HOT = 4, MAX_FORMS = 8, MAX_BUILDS = 64 };

// ---- set-up ----
// WEFT_COMPTIME=walk: no compact form at all; =compact: from the first round and call on; =hot: the
// usual way. For tests
// that compare the two (docs/HACKING.md).
void compact_init(Sema *s)
{
  const char *mode = getenv("WEFT_COMPTIME");
  s->p->hot = DEFAULT_HOT;
  if (mode && !strcmp(mode, "walk"))
    s->p->hot = UINT32_MAX;
  else if (mode && !strcmp(mode, "compact"))
    s->p->hot = 0;
  else if (mode && *mode && strcmp(mode, "hot") != 0)
    diag_report(s->diags, D_comptime_mode, (SrcRange){0}, mode);
}

static void say_how_many(const SemaPrivate *p)
{
  size_t ready = 0;
  for (size_t i = 0; i < arrlenu(p->codes); i++)
    ready += p->codes[i]->state == CODE_READY;
  fprintf(stderr, "compact forms: %zu of %zu tried\n", ready, arrlenu(p->codes));
}

void code_free(Code *c)
{
  arrfree(c->ops);
  arrfree(c->infos);
  arrfree(c->constants);
  arrfree(c->locals);
  arrfree(c->calls);
  arrfree(c->stmts);
  arrfree(c->regions);
  arrfree(c->siblings);
  arrfree(c->known);
}

void compact_free(Sema *s)
{
  SemaPrivate *p = s->p;
  if (s->opt->verbose)
    say_how_many(p);
  for (ptrdiff_t i = 0; i < arrlen(p->codes); i++)
    code_free(p->codes[i]);
  arrfree(p->codes);
  hmfree(p->code_map);
  hmfree(p->call_counts);
  compact_registers_free(p);
}

// ---- assumptions ----
bool code_value_is_plain(const Sema *s, Value v)
{
  if (v.sym || type_is_dsd(v.type))
    return false;
  if (!type_is_aggregate(s, v.type))
    return true;
  const Agg *a = s->p->aggs[v.ref];
  if (a->kind == AGG_WORDS)
    return true;
  if (a->kind == AGG_UNIFORM)
    return code_value_is_plain(s, a->one);
  for (uint32_t i = 0; i < a->count; i++)
    if (!code_value_is_plain(s, a->values[i]))
      return false;
  return true;
}

// Types, functions and modules decide what code there is: there is a form for each of them.
bool type_decides_code(const Sema *s, Type t)
{
  uint8_t kind = type_info(s, t)->kind;
  return t == T_TYPE || t == T_MODULE || kind == TK_FN || kind == TK_TASK;
}

static Assumption assumption(Ctx *cx, const Local *l, uint32_t slot)
{
  Sema *s = cx->s;
  Assumption a = {.slot = slot, .is_const = l->is_const};
  Value v = l->op.v;
  if (l->op.kind != OPK_VALUE || v.sym || v.type != l->op.type || !type_is_usable(s, v.type) ||
      (cx->tile && !code_value_is_plain(s, v)))
    return a;
  bool decides = type_decides_code(s, v.type);
  if (decides && !l->is_const)
    return a;
  a.kind = decides ? KNOWN_VALUE : KNOWN_TYPE;
  a.type = v.type;
  a.word.i = decides ? v.i : 0;
  return a;
}

static bool same_assumption(const Assumption *a, const Assumption *b)
{
  return a->kind == b->kind && a->type == b->type && a->word.i == b->word.i &&
         a->is_const == b->is_const;
}

static bool all_hold(const Assumption *known, const Assumption *now, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!same_assumption(&known[i], &now[i]))
      return false;
  return true;
}

// ---- variables that a loop looks at and does not declare ----
typedef struct Mentions {
  uint8_t *of; // by slot: 1 mentioned, 2 declared inside
} Mentions;

static void find_mentions(const Node *n, Mentions *m)
{
  if (!n)
    return;
  bool declares = n->kind == N_VAR || n->kind == N_CONST || n->kind == N_PAYLOAD;
  if (declares)
    m->of[n->slot] = 2;
  else if (n->kind == N_IDENT && n->scope == SCOPE_LOCAL)
    m->of[n->slot] |= 1;
  for (uint32_t i = 0; i < n->count; i++)
    find_mentions(n->list[i], m);
  find_mentions(n->a, m);
  find_mentions(n->b, m);
  find_mentions(n->c, m);
  if (n->kind == N_VAR || n->kind == N_CONST) {
    find_mentions(n->u.decl.type, m);
    find_mentions(n->u.decl.attrs, m);
  }
}

static Assumption *look_around(Ctx *cx, const Node *n)
{
  Assumption *now = NULL;
  Mentions m = {mem_zeroed(cx->frame->count + 1, 1)};
  for (uint32_t i = 0; n->kind == N_FOR && i < n->count; i++)
    find_mentions(n->list[i], &m);
  if (n->kind == N_WHILE)
    find_mentions(n->a, &m);
  find_mentions(n->b, &m);
  find_mentions(n->c, &m);
  for (uint32_t slot = 0; slot < cx->frame->count; slot++)
    if (m.of[slot] == 1)
      arrput(now, assumption(cx, &cx->frame->locals[slot], slot));
  free(m.of);
  return now;
}

static Assumption *look_again(Ctx *cx, const Code *first)
{
  Assumption *now = NULL;
  for (ptrdiff_t i = 0; i < arrlen(first->known); i++) {
    uint32_t slot = first->known[i].slot;
    arrput(now, assumption(cx, &cx->frame->locals[slot], slot));
  }
  return now;
}

// ---- the forms there are ----
static uint64_t code_key(const Ctx *cx, const Node *n, const Instance *in)
{
  uint64_t key = (uint64_t)(uintptr_t)n * 0x9e3779b97f4a7c15u;
  return (key ^ (uint64_t)(uintptr_t)in) * 2 + (cx->tile != NULL);
}

static bool is_form_of(const Ctx *cx, const Code *c, const Node *n, const Instance *in)
{
  return c->node == n && c->instance == in && c->tile == (cx->tile != NULL);
}

static Code *find_code(Ctx *cx, Node *n, Instance *in, Type over, const Assumption *now,
                       size_t count, uint32_t *forms)
{
  *forms = 0;
  for (Code *c = hmget(cx->s->p->code_map, code_key(cx, n, in)); c; c = c->next) {
    if (!is_form_of(cx, c, n, in))
      continue;
    if (c->over == over && all_hold(c->known, now, count))
      return c;
    ++*forms;
  }
  return NULL;
}

static void keep_code(Ctx *cx, Code *c)
{
  uint64_t key = code_key(cx, c->node, c->instance);
  c->next = hmget(cx->s->p->code_map, key);
  hmput(cx->s->p->code_map, key, c);
}

// ---- loops ----
// Does every store of the loop happen for certain? The walker reports the others.
static bool stores_are_certain(const Ctx *cx, const Code *c)
{
  for (ptrdiff_t i = 0; i < arrlen(c->locals); i++)
    if (c->locals[i].outer && c->locals[i].assigned &&
        decided_at_run_time(cx, &cx->frame->locals[c->locals[i].slot]))
      return false;
  return true;
}

static const Code *loop_code(Ctx *cx, Node *n, Type over)
{
  Instance *in = cx->instance;
  const Code *first = hmget(cx->s->p->code_map, code_key(cx, n, in));
  bool seen = first && is_form_of(cx, first, n, in);
  Assumption *now = seen ? look_again(cx, first) : look_around(cx, n);
  uint32_t forms;
  Code *c = find_code(cx, n, in, over, now, arrlenu(now), &forms);
  if (!c && forms < MAX_FORMS) {
    c = code_build_loop(cx, n, over, now);
    keep_code(cx, c);
  }
  arrfree(now);
  return c && c->state == CODE_READY && stores_are_certain(cx, c) ? c : NULL;
}

static Flow run_loop(Ctx *cx, const Code *c, const int64_t state[FOR_STATE])
{
  SemaPrivate *p = cx->s->p;
  Run r = {.cx = cx, .code = c, .frame = cx->frame, .depth = cx->depth};
  r.regs = registers_take(p, c);
  for (uint32_t k = 0; state && k < FOR_STATE; k++)
    r.regs[k].i = state[k];
  Local *locals = cx->frame->locals;
  for (ptrdiff_t i = 0; i < arrlen(c->locals); i++)
    if (c->locals[i].outer)
      r.regs[c->locals[i].reg].i = locals[c->locals[i].slot].op.v.i;
  Flow flow = code_run(&r);
  for (ptrdiff_t i = 0; i < arrlen(c->locals) && flow != FLOW_ERROR; i++)
    if (c->locals[i].outer && c->locals[i].assigned)
      locals[c->locals[i].slot].op.v.i = r.regs[c->locals[i].reg].i;
  registers_give_back(p, c);
  return flow;
}

bool compact_loop(Ctx *cx, Node *n, uint64_t rounds, Flow *flow)
{
  if (rounds != cx->s->p->hot)
    return false;
  const Code *c = loop_code(cx, n, T_NONE);
  if (c)
    *flow = run_loop(cx, c, NULL);
  return c != NULL;
}

bool compact_for(Ctx *cx, Node *n, Value over, const int64_t state[FOR_STATE], uint64_t rounds,
                 Flow *flow)
{
  const TypeInfo *t = type_info(cx->s, over.type);
  bool fits = (t->kind == TK_RANGE || t->kind == TK_ARRAY) && type_is_usable(cx->s, t->elem);
  if (rounds != cx->s->p->hot || !fits)
    return false;
  if (t->kind == TK_ARRAY && cx->tile && !code_value_is_plain(cx->s, over))
    return false;
  const Code *c = loop_code(cx, n, over.type);
  if (c)
    *flow = run_loop(cx, c, state);
  return c != NULL;
}

// ---- functions ----
Code *code_for_call(Ctx *cx, uint32_t function, const Assumption *args, uint32_t n, Type result)
{
  SemaPrivate *p = cx->s->p;
  Function f = cx->s->functions[function];
  uint32_t forms;
  Code *c = find_code(cx, f.node, f.instance, T_NONE, args, n, &forms);
  if (c || forms >= MAX_FORMS || p->builds >= MAX_BUILDS)
    return c;
  c = code_build_function(cx, function, args, n, result);
  keep_code(cx, c);
  p->builds++;
  code_fill_function(cx, c);
  p->builds--;
  return c;
}

static bool is_hot(SemaPrivate *p, uint32_t function)
{
  if (p->hot == UINT32_MAX)
    return false;
  uint32_t calls = hmget(p->call_counts, function);
  if (calls < p->hot)
    hmput(p->call_counts, function, calls + 1);
  return calls >= p->hot;
}

bool compact_call(Ctx *cx, Node *at, uint32_t function, Frame *frame, Type type, Operand *result)
{
  enum { MAX_PARAMS = 32 };
  Sema *s = cx->s;
  Node *fn = s->functions[function].node;
  Assumption args[MAX_PARAMS];
  if (fn->count > MAX_PARAMS || !type_is_usable(s, type) || !is_hot(s->p, function))
    return false;
  for (uint32_t k = 0; k < fn->count; k++) {
    args[k] = assumption(cx, &frame->locals[fn->list[k]->slot], fn->list[k]->slot);
    if (args[k].kind == KNOWN_NOTHING)
      return false;
  }
  const Code *c = code_for_call(cx, function, args, fn->count, type);
  if (!c || c->state != CODE_READY)
    return false;
  Run r = {.cx = cx, .code = c, .depth = cx->depth + 1};
  r.regs = registers_take(s->p, c);
  for (uint32_t k = 0; k < fn->count; k++)
    r.regs[k].i = frame->locals[args[k].slot].op.v.i;
  uint32_t errors = s->diags->errors;
  Flow flow = code_run(&r);
  registers_give_back(s->p, c);
  *result = flow == FLOW_ERROR ? op_error() : op_value(v_int(type, r.result.i));
  if (flow == FLOW_ERROR && !r.end_reached)
    note_call(cx, at, fn, errors);
  return true;
}
