// Builds the compact form of switches, as statements and as values.
#include "sema/compact_build.h"

// The cases of a switch that are all known: prong which[k] is the one of values[k].
typedef struct Cases {
  Node *n;
  Value *values;   // stb_ds
  uint32_t *which; // stb_ds
  int other;       // the prong of else; -1: there is none
} Cases;

// What becomes of a prong's value: nothing, or it goes to a register, all with one type.
typedef struct Result {
  bool wanted;
  Type want, type; // type: T_NONE until the first prong
  uint32_t reg;
} Result;

static bool case_value(Builder *b, Node *n, Type t, Value *values, Value *out)
{
  Mark mark = build_mark(b);
  Expr e = expr_build(b, n, t, -1);
  bool ok = expr_coerce(b, &e, t, n) && e.kind == EX_VALUE && arrlenu(b->code->ops) == mark.ops;
  *out = e.v;
  for (ptrdiff_t i = 0; i < arrlen(values) && ok; i++)
    ok = values[i].i != e.v.i;
  return ok;
}

// False: only the walker can tell.
static bool read_cases(Builder *b, Cases *c, Type t)
{
  Sema *s = b->s;
  if (type_info(s, t)->kind != TK_ENUM && t != T_COMPTIME_INT && !type_is_int(s, t))
    return false;
  for (uint32_t i = 0; i < c->n->count; i++) {
    const Node *prong = c->n->list[i];
    if (!prong->count)
      c->other = (int)i;
    for (uint32_t k = 0; k < prong->count; k++) {
      Value v;
      if (!case_value(b, prong->list[k], t, c->values, &v))
        return false;
      arrput(c->values, v);
      arrput(c->which, i);
    }
  }
  return c->other >= 0 || switch_covers_all(s, t, arrlenu(c->values));
}

static void free_cases(Cases *c)
{
  arrfree(c->values);
  arrfree(c->which);
}

// The prong that a known value takes, -1: none.
static int chosen_prong(const Cases *c, Value v)
{
  for (ptrdiff_t i = 0; i < arrlen(c->values); i++)
    if (c->values[i].i == v.i)
      return (int)c->which[i];
  return c->other;
}

static bool prong(Builder *b, Node *body, Result *r)
{
  if (r->wanted)
    return expr_arm(b, body, r->want, r->reg, &r->type);
  build_stmt(b, body);
  return true;
}

// One prong after the other; each compares the value in `reg` with its cases.
static bool prongs(Builder *b, const Cases *c, uint32_t reg, Result *r)
{
  uint32_t *end = NULL;
  bool ok = true;
  for (uint32_t i = 0; i < c->n->count && ok; i++) {
    if ((int)i == c->other)
      continue;
    uint32_t *body = NULL, *next = NULL;
    for (ptrdiff_t k = 0; k < arrlen(c->values); k++)
      if (c->which[k] == i)
        arrput(body,
               build_emit(b, CO_JUMP_EQ, reg, build_constant(b, (Word){.i = c->values[k].i}), 0));
    arrput(next, build_emit(b, CO_JUMP, 0, 0, 0));
    build_aim(b, body);
    ok = prong(b, c->n->list[i]->a, r);
    arrput(end, build_emit(b, CO_JUMP, 0, 0, 0));
    build_aim(b, next);
  }
  ok = ok && (c->other < 0 || prong(b, c->n->list[c->other]->a, r));
  build_aim(b, end);
  return ok;
}

void build_switch(Builder *b, Node *n)
{
  Cases c = {.n = n, .other = -1};
  Expr e = expr_build(b, n->a, T_NONE, -1);
  if (e.kind == EX_UNKNOWN || !read_cases(b, &c, e.type)) {
    build_walk(b, n);
  } else if (e.kind == EX_VALUE) {
    int k = chosen_prong(&c, e.v);
    if (k >= 0)
      build_stmt(b, n->list[k]->a);
  } else {
    prongs(b, &c, e.reg, &(Result){0});
  }
  free_cases(&c);
}

static Expr switch_of_register(Builder *b, const Cases *c, const Expr *e, Type want)
{
  Result r = {.wanted = true, .want = want, .reg = build_register(b)};
  bool ok = prongs(b, c, build_use(b, e), &r);
  return ok && r.type != T_NONE ? in_register(r.type, r.reg) : unknown();
}

Expr expr_switch(Builder *b, Node *n, Type want)
{
  Cases c = {.n = n, .other = -1};
  Expr e = expr_build(b, n->a, T_NONE, -1), r = unknown();
  if (e.kind == EX_UNKNOWN)
    return e;
  if (read_cases(b, &c, e.type)) {
    int k = chosen_prong(&c, e.v);
    r = e.kind != EX_VALUE ? switch_of_register(b, &c, &e, want)
        : k < 0            ? known(v_void())
                           : expr_build(b, n->list[k]->a, want, -1);
  }
  free_cases(&c);
  return r;
}
