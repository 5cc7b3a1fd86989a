// Builtins of events: teardown and empty-queue handlers, flushing, rotating tasks, the table of
// control tasks (language 11.7, 15.3; sdk-2.10 1.5).
#include "sema/ops.h"
#include "target/registers.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

// ---- handlers ----
// Task 29 is either the user's or made of handlers.
static bool check_no_teardown_task(Ctx *cx, Node *call)
{
  const OpsTile *t = cx->tile->ops;
  if (!t->teardown.begin)
    return true;
  SEMA_ERROR(cx, call, teardown_task_and_handler);
  diag_note(cx->s->diags, t->teardown, "the task was bound here");
  return false;
}

static bool take_handler(Ctx *cx, Node *call, SrcRange *slot, const char *what)
{
  if (!check_no_teardown_task(cx, call))
    return false;
  if (slot->begin) {
    SEMA_ERROR(cx, call, handler_twice, what);
    diag_note(cx->s->diags, *slot, "the other handler was set here");
    return false;
  }
  *slot = node_range(call);
  return true;
}

Operand bi_set_empty_queue_handler(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  int64_t queue;
  bool output;
  IrRef fn;
  if (!t || !ops_handler(cx, call->list[0], &fn) ||
      !ops_queue(cx, call->list[1], &queue, &output) ||
      !take_handler(cx, call, &t->empty_handlers[queue + MAX_QUEUES * output], "queue"))
    return op_error();
  arrput(t->handlers,
         ((Handler){fn, (uint8_t)queue, output ? HANDLES_OUTPUT : HANDLES_INPUT, call->at}));
  return op_void();
}

Operand bi_set_teardown_handler(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  Value color;
  IrRef fn;
  if (!t || !ops_handler(cx, call->list[0], &fn) ||
      !sema_comptime(cx, call->list[1], T_COLOR, &color) ||
      !ops_number(cx, call->list[1], color.i, MAX_COLORS, "color") ||
      !take_handler(cx, call, &t->teardown_handlers[color.i], "color"))
    return op_error();
  arrput(t->handlers, ((Handler){fn, (uint8_t)color.i, HANDLES_COLOR, call->at}));
  return op_void();
}

// ---- the task made of handlers ----
// What tells whether a handler has work: a bit of a register.
static RegisterId flag_register(const Handler *h, uint32_t *word)
{
  *word = h->kind == HANDLES_COLOR ? h->id / 16u : 0;
  return h->kind == HANDLES_COLOR   ? REG_teardown_pending
         : h->kind == HANDLES_INPUT ? REG_input_flushed
                                    : REG_output_flushed;
}

// Reading the colours clears them, so each word is read once, before any handler runs.
typedef struct FlagWords {
  IrRef value[REGISTERS][2];
} FlagWords;

static IrRef flag_word(Ctx *cx, IrBuilder *b, RegisterId reg, uint32_t word, FlagWords *read)
{
  IrRef *value = &read->value[reg][word];
  uint32_t address = register_info(reg)->first[cx->s->arch->id] + word;
  if (*value == IR_NONE)
    *value = tir_emit(b, IR_SYS, IRT_I16, ops_i16(cx, address), IR_NONE, IR_NONE, SYS_cfg_read);
  return *value;
}

static void call_if_flagged(Ctx *cx, IrBuilder *b, const Handler *h, const FlagWords *read)
{
  uint32_t word, bit = 1u << h->id % 16;
  RegisterId reg = flag_register(h, &word);
  b->pos = h->pos;
  IrRef set = tir_emit(b, IR_AND, IRT_I16, read->value[reg][word], ops_i16(cx, bit), IR_NONE, 0);
  IrRef wanted = tir_emit(b, IR_NE, IRT_BOOL, set, ops_i16(cx, 0), IR_NONE, 0);
  uint32_t run = tir_block(b), next = tir_block(b), list[2] = {run, next};
  tir_emit_list(b, IR_BRIF, IRT_VOID, wanted, IR_NONE, IR_NONE, 0, list, 2);
  b->block = run;
  tir_emit_list(b, IR_CALL, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, IR_INDEX(h->function), NULL, 0);
  tir_emit(b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, next);
  b->block = next;
}

// Colours first, in ascending order, then queues.
static int by_event(const void *a, const void *b)
{
  const Handler *x = a, *y = b;
  return x->kind != y->kind ? (int)x->kind - (int)y->kind : (int)x->id - (int)y->id;
}

static void make_teardown_task(Ctx *cx, OpsTile *t)
{
  TileModule *m = cx->tile->module;
  size_t n = arrlenu(t->handlers);
  SrcPos pos = t->handlers[0].pos;
  FlagWords read = {0};
  IrBuilder b = {.m = m, .pos = pos};
  b.func = tir_func(m, "__weft_teardown", IRT_VOID, NULL, 0, pos);
  b.block = tir_block(&b);
  qsort(t->handlers, n, sizeof *t->handlers, by_event);
  for (size_t i = 0; i < n; i++) {
    uint32_t word;
    RegisterId reg = flag_register(&t->handlers[i], &word);
    flag_word(cx, &b, reg, word, &read);
  }
  for (size_t i = 0; i < n; i++)
    call_if_flagged(cx, &b, &t->handlers[i], &read);
  tir_emit(&b, IR_RET, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  tir_setup(m, SETUP_TASK_LOCAL, TASK_ID_TEARDOWN, IR_REF(REF_FUNC, b.func), IR_NONE, IR_NONE, pos);
}

// ---- flushing ----
Operand bi_queue_flush(Ctx *cx, Node *call)
{
  int64_t queue;
  bool output;
  if (!ops_queue(cx, call->list[0], &queue, &output))
    return op_error();
  if (!cx->tile->ops->flush.begin)
    cx->tile->ops->flush = node_range(call);
  cx->b.pos = call->at;
  tir_emit(&cx->b, IR_QUEUE_FLUSH, IRT_VOID, ops_i16(cx, queue), IR_NONE, IR_NONE, output);
  return op_void();
}

// ---- control tasks with a table of their own ----
Operand bi_set_control_task_table(Ctx *cx, Node *call)
{
  static const char *const fields[] = {"instructions", "stride", NULL};
  OpsTile *t = ops_tile(cx, call);
  int64_t instructions = 4, stride = 1;
  Config c;
  if (!t || (call->count &&
             (!config_open(cx, call->list[0], "control task table", &c) ||
              !config_only(&c, fields) || !config_int(&c, "instructions", 2, 8, &instructions) ||
              !config_int(&c, "stride", 1, 7, &stride))))
    return op_error();
  if (instructions != 2 && instructions != 4 && instructions != 8)
    return SEMA_ERROR(cx, call, control_table_instructions, (long long)instructions);
  if (t->control_table.begin) {
    SEMA_ERROR(cx, call, control_table_twice);
    diag_note(cx->s->diags, t->control_table, "it was set here");
    return op_error();
  }
  t->control_table = node_range(call);
  t->control_stride = (uint8_t)stride;
  ops_setup(cx, call, SETUP_CONTROL_TABLE, 0, ops_i16(cx, instructions), ops_i16(cx, stride),
            IR_NONE);
  return op_void();
}

// ---- rotating tasks ----
// Reads .{ .limit = n, .init = k }.
static bool rotation(Ctx *cx, Node *at, int64_t *limit, int64_t *init)
{
  static const char *const fields[] = {"limit", "init", NULL};
  Config c;
  *limit = -1;
  *init = 0;
  if (!config_open(cx, at, "rotation", &c) || !config_only(&c, fields) ||
      !config_int(&c, "limit", 0, UINT16_MAX, limit) ||
      !config_int(&c, "init", 0, UINT16_MAX, init))
    return false;
  if (*limit < 0) {
    SEMA_ERROR(cx, at, config_missing, "limit", "rotation");
    return false;
  }
  if (*init <= *limit)
    return true;
  SEMA_ERROR(cx, at, rotation_init, (long long)*init, (long long)*limit);
  return false;
}

Operand bi_bind_rotating_tasks(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  Value main_task, alt, id;
  int64_t limit, init;
  if (!t || !ops_function(cx, call->list[0], true, &main_task) ||
      !ops_function(cx, call->list[1], true, &alt) ||
      !sema_comptime(cx, call->list[2], T_DATA_TASK_ID, &id) ||
      !ops_number(cx, call->list[2], id.i, TASK_IDS, "task id") ||
      !rotation(cx, call->list[3], &limit, &init) ||
      !ops_task_params(cx, call, main_task, 1, 2, "data") ||
      !ops_task_params(cx, call, alt, 0, 2, "control"))
    return op_error();
  if (t->rotations == MAX_ROTATIONS)
    return SEMA_ERROR(cx, call, too_many_rotations, MAX_ROTATIONS);
  if (!ops_reserve_task(cx, call, &t->tasks[id.i], id.i, main_task, false))
    return op_error();
  t->rotating[t->rotations++] = (RotatingPair){alt, (uint8_t)id.i, call};
  ops_setup(cx, call, SETUP_ROTATE, (uint32_t)id.i, ops_task_entry(cx, call, main_task),
            ops_task_entry(cx, call, alt), ops_i32(cx, limit | init << 16));
  return op_void();
}

// The alternate is control task 0 in the table of the queue; tables lie `stride` slots apart.
static void bind_alternate(Ctx *cx, OpsTile *t, const RotatingPair *pair)
{
  uint32_t slot = (uint32_t)t->in[pair->id].table * t->control_stride % TASK_IDS;
  if (ops_reserve_task(cx, pair->call, &t->control[slot], slot, pair->alternate, false))
    ops_setup(cx, pair->call, SETUP_TASK_CONTROL, slot,
              ops_task_entry(cx, pair->call, pair->alternate), IR_NONE, IR_NONE);
}

static void finish_rotations(Ctx *cx, OpsTile *t)
{
  if (t->rotations == 2 && (!t->control_table.begin ||
                            t->in[t->rotating[0].id].table == t->in[t->rotating[1].id].table)) {
    SEMA_ERROR(cx, t->rotating[1].call, rotations_share_table);
    diag_note(cx->s->diags, node_range(t->rotating[0].call), "the other pair is here");
    diag_note(cx->s->diags, (SrcRange){0, 0},
              "use @set_control_task_table() and give the two queues different '.ctrl_table_id's");
    return;
  }
  for (uint8_t i = 0; i < t->rotations; i++)
    bind_alternate(cx, t, &t->rotating[i]);
}

// ---- the end of the comptime blocks ----
void events_end(Ctx *cx)
{
  OpsTile *t = cx->tile->ops;
  finish_rotations(cx, t);
  if (arrlen(t->handlers))
    make_teardown_task(cx, t);
  else if (t->flush.begin && !t->teardown.begin)
    DIAG_AT(cx->s->diags, flush_unheard, t->flush);
}
