// Old forms; see legacy.h.
#include "sema/legacy.h"
#include <string.h>

bool legacy_form(Ctx *cx, Node *at, const char *what, const char *instead)
{
  if (cx->s->compat == COMPAT_2_10) {
    legacy_gone(cx, at, what, instead);
    return false;
  }
  SEMA_WARN(cx, at, old_form, what);
  diag_note(cx->s->diags, node_range(at), "%s", instead);
  return true;
}

Operand legacy_gone(Ctx *cx, Node *at, const char *what, const char *instead)
{
  SEMA_ERROR(cx, at, old_form_gone, what);
  diag_note(cx->s->diags, node_range(at), "%s", instead);
  return op_error();
}

bool legacy_queue(Ctx *cx, Node *at, bool output, Operand *op)
{
  Value v;
  if (op->type != T_COMPTIME_INT && !type_is_int(cx->s, op->type))
    return true;
  if (!cx->comptime && !sema_is_known(cx, *op, &v))
    return true; // never was a form: the caller reports the type
  const char *side = output ? "output" : "input";
  int64_t count = output ? cx->s->arch->output_queues : cx->s->arch->input_queues;
  if (!sema_known(cx, at, *op, T_NONE, &v))
    return false;
  if (v.i < 0 || v.i >= count) {
    SEMA_ERROR(cx, at, int_range, arena_printf(&cx->s->arena, "%s queue", side),
               v_int_text(cx->s, v), 0ll, (long long)count - 1);
    return false;
  }
  if (!legacy_form(cx, at, arena_printf(&cx->s->arena, "a number as %s queue", side),
                   arena_printf(&cx->s->arena, "write @get_%s_queue(%lld)", side, (long long)v.i)))
    return false;
  *op = op_value(v_int(output ? T_OUTPUT_QUEUE : T_INPUT_QUEUE, v.i));
  return true;
}

bool legacy_task_color(Ctx *cx, Node *at, Operand *op)
{
  static const char instead[] =
      "make the id of the task with const id = @get_local_task_id(n); and use it in "
      "@bind_local_task and here";
  Value v;
  if (op->type != T_COLOR)
    return true;
  if (!cx->tile || !cx->tile->ops->binds_by_color || cx->s->arch->local_task_min) {
    SEMA_ERROR(cx, at, activate_color);
    diag_note(cx->s->diags, node_range(at), "%s", instead);
    return false;
  }
  if (!legacy_form(cx, at, "a color as the id of a task", instead))
    return false;
  if (!sema_is_known(cx, *op, &v)) {
    IrRef ref = sema_runtime(cx, at, *op, T_COLOR);
    *op = op_rvalue(T_LOCAL_TASK_ID, ref);
    return ref != IR_NONE;
  }
  if (!sema_known(cx, at, *op, T_COLOR, &v))
    return false;
  *op = op_value(v_int(T_LOCAL_TASK_ID, v.i));
  return true;
}

bool legacy_flat_config(const Config *c)
{
  static const char *const flat[] = {
      "rx",           "tx",          "pos1",     "pos2",
      "pos3",         "ring_mode",   "pop_mode", "current_switch_pos",
      "color_swap_x", "color_swap_y"};
  Operand op;
  Node *at;
  for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++)
    if (config_has(c, flat[i], &op, &at)) {
      legacy_gone(
          c->cx, at,
          arena_printf(&c->cx->s->arena, "field '%s' of the color configuration itself", flat[i]),
          "write .{ .routes = .{ .rx = …, .tx = … }, .switches = .{ .pos1 = …, .ring_mode "
          "= …, .pop_mode = … } }");
      return false;
    }
  return true;
}

const char *legacy_library(Sema *s, const char *name)
{
  static const char old[] = "<memcpy_multi/", now[] = "<memcpy/"; // until SDK 0.9
  size_t n = sizeof old - 1;
  return strncmp(name, old, n) ? name : arena_printf(&s->arena, "%s%s", now, name + n);
}
