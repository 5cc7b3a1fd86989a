// The table of builtins: finding one, and checking where and with how many arguments it is used.
#include "sema/advice.h"
#include "sema/private.h"

enum { NEED_ANY, NEED_explicit_ut, NEED_queue_flush, NEED_control_task_table };
#define C BC_C
#define R BC_R
#define T BC_T
#define L BC_L
#define G BC_G
static const Builtin table[] = {
#define BUILTIN(name, min, max, contexts, need, handler, summary)                                  \
  {#name, min, max, contexts, NEED_##need, bi_##handler},
#include "sema/builtins.def"
#undef BUILTIN
};
#undef C
#undef R
#undef T
#undef L
#undef G

// Table row of a builtin name; NULL if there is none.
static const Builtin *builtin_find(Sema *s, Name name)
{
  SemaPrivate *p = s->p;
  if (!hmlen(p->builtins))
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
      hmput(p->builtins, names_cstr(s->names, table[i].name), &table[i]);
  return hmget(p->builtins, name);
}

static bool on_this_arch(const Sema *s, const Builtin *b)
{
  switch (b->need) {
  case NEED_explicit_ut: return s->arch->explicit_ut;
  case NEED_queue_flush: return s->arch->queue_flush;
  case NEED_control_task_table: return s->arch->control_task_table;
  default: return true;
  }
}

static uint8_t allowed_here(const Ctx *cx)
{
  if (!cx->comptime)
    return BC_C | BC_R;
  switch ((Zone)cx->zone) {
  case ZONE_TOP: return BC_C | BC_T;
  case ZONE_LAYOUT: return BC_C | BC_L;
  case ZONE_GLOBAL: return BC_C | BC_G;
  default: return BC_C;
  }
}

static bool check_context(Ctx *cx, Node *n, const Builtin *b)
{
  uint8_t c = b->contexts;
  if (c & allowed_here(cx))
    return true;
  if (c == BC_L)
    SEMA_ERROR(cx, n, only_layout, b->name);
  else if (cx->comptime && cx->zone == ZONE_LAYOUT)
    SEMA_ERROR(cx, n, not_in_layout, b->name);
  else if (c == BC_T)
    SEMA_ERROR(cx, n, only_top);
  else if (c & BC_T)
    SEMA_ERROR(cx, n, only_top_eval);
  else if (c & BC_G)
    SEMA_ERROR(cx, n, only_global, b->name);
  else
    SEMA_ERROR(cx, n, only_runtime, b->name);
  return false;
}

Operand sema_builtin(Ctx *cx, Node *n)
{
  const Builtin *b = builtin_find(cx->s, n->name);
  if (!b) {
    SEMA_ERROR(cx, n, unknown_builtin, names_text(cx->s->names, n->name));
    hint_name(cx, n, HINT_BUILTIN, names_text(cx->s->names, n->name));
    return op_error();
  }
  if (!on_this_arch(cx->s, b)) {
    SEMA_ERROR(cx, n, not_on_arch, b->name, cx->s->arch->name);
    advise_guard(cx, n);
    return op_error();
  }
  if (n->count < b->min || (b->max != VAR && n->count > b->max)) {
    if (b->min == b->max)
      return SEMA_ERROR(cx, n, builtin_args, b->min, n->count);
    if (b->max == VAR)
      return SEMA_ERROR(cx, n, builtin_args_least, b->min, n->count);
    return SEMA_ERROR(cx, n, builtin_args_range, b->min, b->max, n->count);
  }
  if (!check_context(cx, n, b))
    return op_error();
  return b->run(cx, n);
}
