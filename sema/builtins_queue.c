// Builtins of queues: set-up, and what is bound without one (language 14.4; sdk-2.10 1.5).
#include "sema/advice.h"
#include "sema/legacy.h"
#include "sema/ops.h"
#include <string.h>

// The queue in an argument; *output tells which kind. False after a report.
bool ops_queue(Ctx *cx, Node *n, int64_t *queue, bool *output)
{
  Value v;
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_NONE));
  if (op.kind == OPK_ERROR || !legacy_queue(cx, n, false, &op) ||
      !sema_known(cx, n, op, T_NONE, &v))
    return false;
  if (v.type != T_INPUT_QUEUE && v.type != T_OUTPUT_QUEUE) {
    SEMA_ERROR(cx, n, expected_kind, "an input_queue or output_queue", type_name(cx->s, v.type));
    return false;
  }
  *queue = v.i;
  *output = v.type == T_OUTPUT_QUEUE;
  return ops_number(cx, n, v.i, MAX_QUEUES, "queue");
}

typedef struct QueueConfig {
  Value color; // type T_NONE: not given
  int priority;
  int64_t table;
} QueueConfig;

// "dense*" fields of 2.10 ask for packing of queue memory: no meaning here.
static const char *dense_field(const Config *c)
{
  const TypeInfo *t = type_info(c->cx->s, c->op.type);
  for (uint32_t i = 0; i < t->count; i++) {
    const char *name = names_text(c->cx->s->names, t->fields[i].name);
    if (strncmp(name, "dense", 5) == 0)
      return name;
  }
  return NULL;
}

static bool queue_fields(const Config *c, bool output)
{
  const Arch *a = c->cx->s->arch;
  const char *const dense = dense_field(c);
  const char *fields[4] = {NULL};
  unsigned n = 0;
  if (!output || a->oq_has_color)
    fields[n++] = "color";
  if (!output)
    fields[n++] = a->data_task_by_queue ? "ctrl_table_id" : "priority";
  fields[n] = dense;
  if (dense)
    SEMA_WARN(c->cx, c->at, ignored_field, dense);
  if (config_only(c, fields))
    return true;
  advise_queue_fields(c->cx, c->at, output);
  return false;
}

static bool queue_settings(Ctx *cx, Node *n, bool output, QueueConfig *q)
{
  Config c;
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_NONE));
  if (op.kind == OPK_ERROR)
    return false;
  if (op.type == T_COLOR)
    return legacy_form(cx, n, "a color as second argument of @initialize_queue",
                       "write @initialize_queue(q, .{ .color = c })") &&
           sema_known(cx, n, op, T_COLOR, &q->color);
  return config_from(cx, n, op, "queue configuration", &c) && queue_fields(&c, output) &&
         ops_color_field(&c, "color", &q->color) && config_priority(&c, &q->priority) &&
         config_int(&c, "ctrl_table_id", 0, MAX_QUEUES - 1, &q->table);
}

static bool check_queue_free(Ctx *cx, Node *call, int64_t number, bool output)
{
  const Arch *a = cx->s->arch;
  uint32_t owned = output ? a->memcpy_output_queues : a->memcpy_input_queues;
  if (!cx->s->fabric->memcpy || number >= owned || ops_in_stdlib(cx->s, call))
    return true;
  SEMA_ERROR(cx, call, queue_of_memcpy, output ? "output" : "input", (long long)number, a->name,
             owned);
  return false;
}

static bool queue_config(Ctx *cx, Node *call, bool output, QueueConfig *q)
{
  *q = (QueueConfig){0};
  if (call->count > 1 && !queue_settings(cx, call->list[1], output, q))
    return false;
  bool needs = !output || cx->s->arch->oq_has_color;
  if (q->color.type == T_NONE && needs) {
    SEMA_ERROR(cx, call, config_missing, "color", "queue configuration");
    return false;
  }
  return true;
}

Operand bi_initialize_queue(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  int64_t number;
  bool output;
  QueueConfig q;
  if (!t || !ops_queue(cx, call->list[0], &number, &output) ||
      !check_queue_free(cx, call, number, output) || !queue_config(cx, call, output, &q))
    return op_error();
  QueueState *state = output ? &t->out[number] : &t->in[number];
  if (state->initialised) {
    SEMA_ERROR(cx, call, queue_twice);
    diag_note(cx->s->diags, state->where, "it was initialized here: both are %s queue %d",
              output ? "output" : "input", (int)number);
    return op_error();
  }
  state->initialised = true;
  state->where = node_range(call);
  state->color = q.color;
  state->table = (uint8_t)q.table;
  IrRef color = ops_color(cx, q.color);
  if (output)
    ops_setup(cx, call, SETUP_OUTPUT_QUEUE, (uint32_t)number, color, IR_NONE, IR_NONE);
  else
    ops_setup(cx, call, SETUP_INPUT_QUEUE, (uint32_t)number, color, ops_i16(cx, q.priority),
              ops_i16(cx, q.table));
  return op_void();
}

// In 1.4 a fabric input that names colour and queue binds the one to the other (language 14.4). A
// queue on which several colours take turns is bound by the operations alone: wavelets that arrive
// before one wants them wait in the router.
static void finish_input_queue(Ctx *cx, uint32_t number)
{
  const Sema *s = cx->s;
  const QueueState *q = &cx->tile->ops->in[number];
  if (!q->used || q->initialised || q->shared)
    return;
  if (!s->arch->auto_input_queue || s->compat == COMPAT_2_10 || q->color.type == T_NONE)
    return; // the pass check-queues knows whether the use is ever reached
  if (!q->by_operand) {
    DIAG_AT(s->diags, queue_by_register, q->use, number);
    diag_note(s->diags, (SrcRange){0, 0},
              "write @initialize_queue(@get_input_queue(%u), .{ .color = … }); in a comptime block",
              number);
  }
  IrRef none = ops_i16(cx, 0);
  tir_setup(cx->tile->module, SETUP_INPUT_QUEUE, number, ops_color(cx, q->color), none, none,
            q->use.begin);
}

// A data task bound to an input queue runs once that queue has a colour; programs bind the same
// tasks on all tiles and initialise the queues of those that receive.
static void check_data_queues(Ctx *cx)
{
  const OpsTile *t = cx->tile->ops;
  for (int q = 0; q < MAX_QUEUES && cx->s->arch->data_task_by_queue; q++)
    if (t->tasks[q].bound && !t->in[q].initialised) {
      DIAG_AT(cx->s->diags, data_task_queue, t->tasks[q].where, q);
      diag_note(
          cx->s->diags, t->tasks[q].where,
          "write @initialize_queue(@get_input_queue(%d), .{ .color = … }); in a comptime block", q);
    }
}

void queues_end(Ctx *cx)
{
  check_data_queues(cx);
  for (uint32_t i = 0; i < MAX_QUEUES; i++)
    finish_input_queue(cx, i);
}
