// Reading configuration structs: `.{ .routes = …, .async = true }`, as literals, constants or named
// structs.
#include "sema/ops.h"
#include <string.h>

// The field of the argument if that is a literal, else NULL: messages should point there.
static Node *literal_field(Ctx *cx, Node *at, const char *name)
{
  if (at->kind != N_ANON_STRUCT && at->kind != N_STRUCT_LITERAL)
    return NULL;
  for (uint32_t i = 0; i < at->count; i++)
    if (strcmp(names_text(cx->s->names, at->list[i]->name), name) == 0)
      return at->list[i];
  return NULL;
}

static Node *field_node(Ctx *cx, Node *at, const char *name)
{
  Node *field = literal_field(cx, at, name);
  return field ? field->a : at;
}

bool config_from(Ctx *cx, Node *at, Operand op, const char *what, Config *c)
{
  op = sema_load(cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (!type_is_struct(cx->s, op.type)) {
    SEMA_ERROR(cx, at, config_not_struct, what, type_name(cx->s, op.type));
    return false;
  }
  *c = (Config){cx, at, op, what};
  return true;
}

bool config_open(Ctx *cx, Node *at, const char *what, Config *c)
{
  return config_from(cx, at, sema_expr(cx, at, T_NONE), what, c);
}

bool config_has(const Config *c, const char *name, Operand *op, Node **at)
{
  *op = sema_field_cstr(c->cx, c->at, &c->op, name);
  if (op->kind == OPK_ERROR)
    return false;
  *at = field_node(c->cx, c->at, name);
  return true;
}

bool config_sub(const Config *c, const char *name, Config *sub, bool *ok)
{
  Operand op;
  Node *at;
  if (!config_has(c, name, &op, &at))
    return false;
  const char *what = arena_printf(&c->cx->s->arena, "'%s' of the %s", name, c->what);
  if (config_from(c->cx, at, op, what, sub))
    return true;
  *ok = false;
  return false;
}

static const char *list_names(Ctx *cx, const char *const *names)
{
  const char *text = "";
  for (uint32_t i = 0; names[i]; i++)
    text = arena_printf(&cx->s->arena, "%s%s%s", text, i ? ", " : "", names[i]);
  return text;
}

static bool is_listed(const char *const *names, const char *name)
{
  while (*names && strcmp(*names, name) != 0)
    names++;
  return *names;
}

static void report_field(const Config *c, const char *name, const char *const *names)
{
  Node *field = *name ? literal_field(c->cx, c->at, name) : NULL;
  if (*name)
    SEMA_ERROR(c->cx, field ? field : c->at, field_unknown, name, c->what);
  else
    SEMA_ERROR(c->cx, c->at, config_without_names, c->what);
  if (*names)
    diag_note(c->cx->s->diags, (SrcRange){0, 0}, "its fields are %s", list_names(c->cx, names));
}

bool config_only(const Config *c, const char *const *names)
{
  Sema *s = c->cx->s;
  const TypeInfo *t = type_info(s, c->op.type);
  bool ok = true;
  for (uint32_t i = 0; i < t->count && t->fields; i++) {
    const char *name = names_text(s->names, t->fields[i].name);
    if (is_listed(names, name))
      continue;
    report_field(c, name, names);
    ok = false;
    if (!*name)
      break;
  }
  return ok;
}

bool config_bool(const Config *c, const char *name, bool *out)
{
  Operand op;
  Node *at;
  Value v;
  if (!config_has(c, name, &op, &at))
    return true;
  if (!sema_known(c->cx, at, op, T_BOOL, &v))
    return false;
  *out = v.i != 0;
  return true;
}

bool config_int(const Config *c, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
  Operand op;
  Node *at;
  Value v;
  if (!config_has(c, name, &op, &at))
    return true;
  if (!sema_known(c->cx, at, op, T_NONE, &v))
    return false;
  if (v.type != T_COMPTIME_INT && !type_is_int(c->cx->s, v.type)) {
    SEMA_ERROR(c->cx, at, config_not_integer, name, type_name(c->cx->s, v.type));
    return false;
  }
  if (v.i < lo || v.i > hi) {
    SEMA_ERROR(c->cx, at, config_range, name, (long long)lo, (long long)hi,
               v_int_text(c->cx->s, v));
    return false;
  }
  *out = v.i;
  return true;
}

int config_one_true(const Config *c, const char *const *names)
{
  if (!config_only(c, names))
    return -1;
  int found = -1, count = 0;
  for (int i = 0; names[i]; i++) {
    bool yes = false;
    if (!config_bool(c, names[i], &yes))
      return -1;
    if (yes) {
      found = i;
      count++;
    }
  }
  if (count == 1)
    return found;
  SEMA_ERROR(c->cx, c->at, config_one_true, c->what, list_names(c->cx, names));
  return -1;
}

bool config_choice(const Config *c, const char *name, const char *const *names, int *which)
{
  Config sub;
  bool ok = true;
  if (!config_sub(c, name, &sub, &ok))
    return ok;
  int found = config_one_true(&sub, names);
  if (found >= 0)
    *which = found;
  return found >= 0;
}

bool config_priority(const Config *c, int *level)
{
  static const char *const levels[] = {"low", "medium", "high", NULL};
  int which = -1;
  if (!config_choice(c, "priority", levels, &which))
    return false;
  if (which >= 0)
    *level = which + 1;
  return true;
}

bool ops_color_field(const Config *c, const char *name, Value *color)
{
  Operand op;
  Node *at;
  if (!config_has(c, name, &op, &at))
    return true;
  if (!sema_coerce(c->cx, at, &op, T_COLOR))
    return false;
  if (sema_is_known(c->cx, op, color))
    return true;
  SEMA_ERROR(c->cx, at, not_comptime);
  return false;
}
