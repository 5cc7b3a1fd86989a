// What to write on this architecture instead; see advice.h.
#include "sema/advice.h"

static const Arch *other(const Ctx *cx)
{
  return arch_get((ArchId)((cx->s->arch->id + 1) % ARCH_COUNT));
}

#define NOTE(cx, at, ...) diag_note((cx)->s->diags, node_range(at), __VA_ARGS__)

void advise_one_input(Ctx *cx, Node *at)
{
  NOTE(cx, at,
       "a router of %s takes a color from one side: give each sender a color of its own, or take "
       "turns with .switches = .{ .pos1 = .{ .rx = NORTH } }",
       cx->s->arch->name);
}

// "0..9, 12, 13": the numbers of the bits that are set.
static const char *numbers(Ctx *cx, uint32_t mask)
{
  const char *text = "";
  for (uint32_t i = 0; i < 32; i++) {
    uint32_t last = i;
    if (!(mask >> i & 1))
      continue;
    while (last + 1 < 32 && mask >> (last + 1) & 1)
      last++;
    const char *comma = *text ? ", " : "";
    if (last > i + 1)
      text = arena_printf(&cx->s->arena, "%s%s%u..%u", text, comma, i, last);
    else
      text = arena_printf(&cx->s->arena, "%s%s%u", text, comma, i);
    if (last > i + 1)
      i = last;
  }
  return text;
}

void advise_switch_colors(Ctx *cx, Node *at)
{
  NOTE(cx, at, "colors with a switch on %s: %s", cx->s->arch->name,
       numbers(cx, cx->s->arch->switch_colors));
}

void advise_no_swap(Ctx *cx, Node *at)
{
  NOTE(cx, at,
       "use one color per direction, or let the core pass the data on: receive it with a fabin_dsd "
       "of the one color and send it with a fabout_dsd of the other");
}

void advise_data_task_id(Ctx *cx, Node *at, Operand given)
{
  Value v;
  bool known = sema_is_known(cx, given, &v) && !v.sym;
  const char *color = known && given.type == T_COLOR
                          ? arena_printf(&cx->s->arena, "@get_color(%lld)", (long long)v.i)
                          : "c";
  if (cx->s->arch->data_task_by_queue && given.type == T_COLOR)
    NOTE(cx, at,
         "bind a queue to the color and the task to the queue: const q = @get_input_queue(2); "
         "@initialize_queue(q, .{ .color = %s }); @bind_data_task(t, @get_data_task_id(q));",
         color);
  else if (!cx->s->arch->data_task_by_queue && given.type == T_INPUT_QUEUE)
    NOTE(cx, at,
         "name the color of the queue: @get_data_task_id(c); for both architectures: "
         "@get_data_task_id(if (@is_arch(\"wse3\")) q else c)");
}

void advise_local_task_id(Ctx *cx, Node *at, int64_t id)
{
  const Arch *a = cx->s->arch;
  if (id >= 0 && id < a->local_task_min)
    NOTE(cx, at,
         "ids below %u are those of data tasks on %s, one for each input queue: choose "
         "@get_local_task_id(%u) or higher",
         a->local_task_min, a->name, a->local_task_min);
}

void advise_queue_number(Ctx *cx, Node *at, bool output, int64_t number)
{
  const Arch *a = cx->s->arch, *o = other(cx);
  uint32_t here = output ? a->output_queues : a->input_queues;
  uint32_t there = output ? o->output_queues : o->input_queues;
  if (number >= here && number < there)
    NOTE(cx, at, "%s has %u %s queues, %s has %u: choose a number below %u for both", o->name,
         there, output ? "output" : "input", a->name, here, here);
}

void advise_block(Ctx *cx, Node *at, Type given)
{
  if (given == T_COLOR && cx->s->arch->data_task_by_queue)
    NOTE(cx, at,
         "block the input queue of the color, or the data task id made of it: "
         "@block(@get_data_task_id(q))");
  else if (given == T_INPUT_QUEUE && !cx->s->arch->data_task_by_queue)
    NOTE(cx, at,
         "block the color of the queue, or the data task id made of it: "
         "@block(@get_data_task_id(c))");
  else if (given == T_UT_ID)
    advise_guard(cx, at);
}

void advise_fabric_inputs(Ctx *cx, Node *at)
{
  NOTE(cx, at,
       "receive one of them into memory or a FIFO first: @mov32(buffer_dsd, in_dsd); then "
       "use the buffer as operand");
}

void advise_queue_fields(Ctx *cx, Node *at, bool output)
{
  if (output)
    NOTE(cx, at,
         "an output queue takes no color on %s; for both architectures: "
         "if (@is_arch(\"wse3\")) .{ .color = c } else .{}",
         cx->s->arch->name);
  else
    NOTE(cx, at,
         "'priority' of an input queue exists on wse2, 'ctrl_table_id' on wse3; for both "
         "architectures: if (@is_arch(\"wse3\")) .{ .color = c } else .{ .color = c, … }");
}

void advise_fabric_dsd(Ctx *cx, Node *at, bool output)
{
  if (cx->s->arch->oq_has_color)
    NOTE(cx, at,
         "bind a queue to the color and name it: @initialize_queue(q, .{ .color = c }); "
         "@get_dsd(%s, .{ .extent = n, .%s = q })",
         output ? "fabout_dsd" : "fabin_dsd", output ? "output_queue" : "input_queue");
  else
    NOTE(cx, at,
         "the color of a fabout_dsd is its own on %s: .{ .extent = n, .fabric_color = c, "
         ".output_queue = q }",
         cx->s->arch->name);
}

void advise_guard(Ctx *cx, Node *at)
{
  NOTE(cx, at,
       "it exists on %s: keep it behind if (@is_arch(\"%s\")), which is decided when the "
       "program is compiled",
       other(cx)->name, other(cx)->name);
}
