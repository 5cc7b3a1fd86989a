// Builtins of tasks: ids, binding, activation, blocking (language 12, 15.3).
//
// In a comptime block they become setup rows, at run time instructions.
#include "sema/advice.h"
#include "sema/legacy.h"
#include "sema/ops.h"
#include <stb/stb_ds.h>
#include <string.h>

void program_begin(Ctx *cx)
{
  OpsTile *t = ARENA_NEW(&cx->s->arena, OpsTile);
  cx->tile->ops = t;
  arrput(cx->s->ops->programs, t);
}

// ---- ids ----
typedef struct IdKind {
  Type type;
  int64_t lo, hi;
  const char *what;
} IdKind;

static void advise_number(Ctx *cx, Node *n, Type t, int64_t v)
{
  if (t == T_LOCAL_TASK_ID)
    advise_local_task_id(cx, n, v);
  if (t == T_COLOR && v > 0 && v < TASK_ID_NONE)
    diag_note(cx->s->diags, node_range(n),
              "ids above %u are no colors: for a task write @get_local_task_id(%lld)",
              cx->s->arch->colors - 1, (long long)v);
  if (t == T_INPUT_QUEUE || t == T_OUTPUT_QUEUE)
    advise_queue_number(cx, n, t == T_OUTPUT_QUEUE, v);
}

// A handle by number: checked when the number is comptime-known, else a u16 is taken as it is.
static Operand make_id(Ctx *cx, Node *call, IdKind k)
{
  Node *n = call->list[0];
  int64_t v;
  Value known;
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_U16));
  if (op.kind == OPK_ERROR)
    return op;
  if (!cx->comptime && !sema_is_known(cx, op, &known)) {
    IrRef ref = sema_runtime(cx, n, op, T_U16);
    return ref == IR_NONE ? op_error() : op_rvalue(k.type, ref);
  }
  if (!sema_known(cx, n, op, T_NONE, &known))
    return op_error();
  if (known.type != T_COMPTIME_INT && !type_is_int(cx->s, known.type))
    return SEMA_ERROR(cx, n, expected_kind, "an integer", type_name(cx->s, known.type));
  v = known.i;
  if (v < k.lo || v > k.hi) {
    SEMA_ERROR(cx, n, int_range, k.what, v_int_text(cx->s, known), (long long)k.lo,
               (long long)k.hi);
    advise_number(cx, n, k.type, v);
    return op_error();
  }
  return op_value(v_int(k.type, v));
}

Operand bi_get_color(Ctx *cx, Node *call)
{
  return make_id(cx, call, (IdKind){T_COLOR, 0, cx->s->arch->colors - 1, "color"});
}

Operand bi_get_color_id(Ctx *cx, Node *call)
{
  if (!legacy_form(cx, call, "@get_color_id", "write @get_int(c)"))
    return op_error();
  return bi_get_int(cx, call);
}

Operand bi_get_local_task_id(Ctx *cx, Node *call)
{
  const Arch *a = cx->s->arch;
  return make_id(cx, call,
                 (IdKind){T_LOCAL_TASK_ID, a->local_task_min, a->local_task_max, "local task id"});
}

Operand bi_get_control_task_id(Ctx *cx, Node *call)
{
  return make_id(cx, call, (IdKind){T_CONTROL_TASK_ID, 0, TASK_IDS - 1, "control task id"});
}

Operand bi_get_input_queue(Ctx *cx, Node *call)
{
  return make_id(cx, call,
                 (IdKind){T_INPUT_QUEUE, 0, cx->s->arch->input_queues - 1, "input queue"});
}

Operand bi_get_output_queue(Ctx *cx, Node *call)
{
  return make_id(cx, call,
                 (IdKind){T_OUTPUT_QUEUE, 0, cx->s->arch->output_queues - 1, "output queue"});
}

Operand bi_get_ut_id(Ctx *cx, Node *call)
{
  return make_id(cx, call, (IdKind){T_UT_ID, 0, cx->s->arch->microthreads - 1, "microthread id"});
}

// A colour on architectures whose data tasks are bound by colour, else an input queue.
Operand bi_get_data_task_id(Ctx *cx, Node *call)
{
  Node *n = call->list[0];
  Type from = cx->s->arch->data_task_by_queue ? T_INPUT_QUEUE : T_COLOR;
  Operand op = sema_load(cx, n, sema_expr(cx, n, from));
  Value known;
  if (op.kind == OPK_ERROR)
    return op;
  if (op.type != from) {
    SEMA_ERROR(cx, n, data_task_argument, cx->s->arch->name, type_name(cx->s, from),
               type_name(cx->s, op.type));
    advise_data_task_id(cx, n, op);
    return op_error();
  }
  if (cx->comptime || sema_is_known(cx, op, &known)) {
    if (!sema_known(cx, n, op, from, &known))
      return op_error();
    return op_value(v_int(T_DATA_TASK_ID, known.i));
  }
  IrRef ref = sema_runtime(cx, n, op, from);
  return ref == IR_NONE ? op_error() : op_rvalue(T_DATA_TASK_ID, ref);
}

// ---- binding ----
// Colours and local tasks share their numbers where data tasks are bound by colour.
static void note_shared_ids(Ctx *cx, Node *call, const TaskState *slot, bool local)
{
  if (!cx->s->arch->data_task_by_queue && slot->local != local)
    diag_note(cx->s->diags, node_range(call),
              "the data task of color n and the local task n have one id on %s", cx->s->arch->name);
}

bool ops_reserve_task(Ctx *cx, Node *call, TaskState *slot, int64_t id, Value task, bool local)
{
  if (slot->bound) {
    SEMA_ERROR(cx, call, task_bound_twice);
    diag_note(cx->s->diags, slot->where, "id %d was bound here", (int)id);
    note_shared_ids(cx, call, slot, local);
    return false;
  }
  *slot = (TaskState){true, local, task.ref, node_range(call)};
  return true;
}

// Is it the data task id of one of memcpy's colours or input queues (libraries 1.2)?
static bool memcpy_receives(Ctx *cx, int64_t id)
{
  const Arch *a = cx->s->arch;
  return a->data_task_by_queue ? id < a->memcpy_input_queues
                               : id >= MEMCPY_FIRST_COLOR && id <= MEMCPY_LAST_COLOR;
}

// Identifiers that the memcpy infrastructure owns; the library itself may bind them. A local task
// may share the number of one of its colours, as long as nothing is sent to the core on that one.
static bool check_not_memcpy(Ctx *cx, Node *call, int64_t id, bool local)
{
  bool receives = memcpy_receives(cx, id);
  if (!cx->s->fabric->memcpy || ops_in_stdlib(cx->s, call) || !(receives || memcpy_owns_task(id)))
    return true;
  if (local && receives) {
    SEMA_WARN(cx, call, task_id_of_memcpy_color, (long long)id, cx->s->arch->name);
    return true;
  }
  SEMA_ERROR(cx, call, task_id_of_memcpy, (long long)id);
  return false;
}

// Task 29 is either the user's or made of handlers.
static bool check_no_handler(Ctx *cx, Node *call, SrcRange handler)
{
  if (!handler.begin)
    return true;
  SEMA_ERROR(cx, call, teardown_task_and_handler);
  diag_note(cx->s->diags, handler, "the handler was set here");
  return false;
}

static bool check_free(Ctx *cx, Node *call, int64_t id)
{
  OpsTile *t = cx->tile->ops;
  if (!check_not_memcpy(cx, call, id, true))
    return false;
  for (unsigned c = 0; id == TASK_ID_TEARDOWN && c < MAX_COLORS; c++)
    if (!check_no_handler(cx, call, t->teardown_handlers[c]))
      return false;
  for (unsigned q = 0; id == TASK_ID_TEARDOWN && q < 2 * MAX_QUEUES; q++)
    if (!check_no_handler(cx, call, t->empty_handlers[q]))
      return false;
  return true;
}

static bool check_control_free(Ctx *cx, Node *call, int64_t id)
{
  if (id == TASK_ID_NONE)
    SEMA_WARN(cx, call, control_id_none, TASK_ID_NONE);
  if (!cx->s->fabric->memcpy || id < MEMCPY_FIRST_CONTROL || id > MEMCPY_LAST_CONTROL)
    return true;
  SEMA_ERROR(cx, call, task_id_of_memcpy, (long long)id);
  diag_note(cx->s->diags, node_range(call->list[1]), "control task ids %d..%d are taken",
            MEMCPY_FIRST_CONTROL, MEMCPY_LAST_CONTROL);
  return false;
}

bool ops_task_params(Ctx *cx, Node *call, Value task, uint32_t lo, uint32_t hi, const char *kind)
{
  const TypeInfo *t = type_info(cx->s, task.type);
  if (t->count < lo || t->count > hi) {
    SEMA_ERROR(cx, call->list[0], task_params, kind,
               hi == 0 ? "no parameters"
               : lo    ? "one or two parameters"
                       : "at most two parameters",
               t->count);
    return false;
  }
  for (uint32_t i = 0; i < t->count; i++) {
    Type p = t->fields[i].type;
    unsigned bits = type_is_int(cx->s, p) || type_is_float(p) ? type_bits(cx->s, p) : 0;
    if (type_comptime_only(cx->s, p)) {
      SEMA_ERROR(cx, call->list[0], must_be_comptime, type_name(cx->s, p));
      return false;
    }
    if ((bits == 16 || bits == 32) && bits * t->count <= 32)
      continue;
    SEMA_ERROR(cx, call->list[0], task_param_type, type_name(cx->s, p));
    return false;
  }
  return true;
}

// What a set-up row names: the task itself. The backend makes the entry that takes the wavelet
// apart.
IrRef ops_task_entry(Ctx *cx, Node *call, Value task)
{
  return IR_REF(REF_FUNC, sema_function_ir(cx, call, task));
}

// The kinds of tasks: how each is bound.
typedef struct TaskKind {
  const char *what;
  Type id;
  SetupKind setup;
  uint32_t min_params, max_params;
} TaskKind;
static const TaskKind local_task = {"local", T_LOCAL_TASK_ID, SETUP_TASK_LOCAL, 0, 0},
                      data_task = {"data", T_DATA_TASK_ID, SETUP_TASK_DATA, 1, 2},
                      control_task = {"control", T_CONTROL_TASK_ID, SETUP_TASK_CONTROL, 0, 2};

static bool check_id(Ctx *cx, Node *call, const TaskKind *kind, int64_t id)
{
  return kind == &local_task     ? check_free(cx, call, id)
         : kind == &control_task ? check_control_free(cx, call, id)
                                 : check_not_memcpy(cx, call, id, false);
}

static Operand bind(Ctx *cx, Node *call, const TaskKind *kind, Value task, int64_t id)
{
  OpsTile *t = cx->tile->ops;
  TaskState *slot = kind == &control_task ? &t->control[id] : &t->tasks[id];
  if (!ops_task_params(cx, call, task, kind->min_params, kind->max_params, kind->what) ||
      !check_id(cx, call, kind, id) ||
      !ops_reserve_task(cx, call, slot, id, task, kind == &local_task))
    return op_error();
  if (kind == &local_task && id == TASK_ID_TEARDOWN)
    t->teardown = node_range(call);
  ops_setup(cx, call, kind->setup, (uint32_t)id, ops_task_entry(cx, call, task), IR_NONE, IR_NONE);
  return op_void();
}

static Operand bind_arguments(Ctx *cx, Node *call, const TaskKind *kind)
{
  Value task, id;
  if (!ops_tile(cx, call) || !ops_function(cx, call->list[0], true, &task) ||
      !sema_comptime(cx, call->list[1], kind->id, &id) ||
      !ops_number(cx, call->list[1], id.i, TASK_IDS, "task id"))
    return op_error();
  return bind(cx, call, kind, task, id.i);
}

Operand bi_bind_local_task(Ctx *cx, Node *call)
{
  return bind_arguments(cx, call, &local_task);
}

Operand bi_bind_data_task(Ctx *cx, Node *call)
{
  return bind_arguments(cx, call, &data_task);
}

Operand bi_bind_control_task(Ctx *cx, Node *call)
{
  return bind_arguments(cx, call, &control_task);
}

Operand bi_bind_task(Ctx *cx, Node *call)
{
  static const char instead[] =
      "use @bind_local_task (activated), @bind_data_task (triggered by wavelets) or "
      "@bind_control_task, with an id from @get_local_task_id, @get_data_task_id or "
      "@get_control_task_id";
  Value task, id;
  OpsTile *t = ops_tile(cx, call);
  if (!t || !ops_function(cx, call->list[0], true, &task))
    return op_error();
  if (!sema_comptime(cx, call->list[1], T_NONE, &id))
    return op_error();
  if (cx->s->arch->local_task_min || id.type != T_COLOR)
    return legacy_gone(cx, call, "@bind_task", instead);
  if (!legacy_form(cx, call, "@bind_task", instead))
    return op_error();
  t->binds_by_color = true;
  const TaskKind *kind = type_info(cx->s, task.type)->count ? &data_task : &local_task;
  return bind(cx, call, kind, task, id.i);
}

// ---- activation and blocking ----
static bool same_function(const TaskState *slot, Value task)
{
  return slot->bound && slot->function == task.ref;
}

bool ops_bound_id(Ctx *cx, Node *at, Value task, bool activate, int64_t *id)
{
  const OpsTile *t = cx->tile->ops;
  for (*id = 0; *id < TASK_IDS; ++*id)
    if (same_function(&t->tasks[*id], task) && (t->tasks[*id].local || !activate))
      return true;
  SEMA_ERROR(cx, at, task_not_bound, sema_function_name(cx, task.ref));
  return false;
}

static bool is_task(Ctx *cx, const Operand *op)
{
  return type_info(cx->s, op->type)->kind == TK_TASK;
}

static bool task_by_name(Ctx *cx, Node *at, Operand op, bool activate, IrRef *id, int64_t *known)
{
  Value task;
  if (!sema_known(cx, at, op, T_NONE, &task) || !ops_bound_id(cx, at, task, activate, known))
    return false;
  *id = ops_i16(cx, *known);
  return true;
}

bool ops_local_task(Ctx *cx, Node *at, Operand op, IrRef *id)
{
  int64_t known;
  op = sema_load(cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (is_task(cx, &op))
    return task_by_name(cx, at, op, true, id, &known);
  if (!legacy_task_color(cx, at, &op))
    return false;
  Value v;
  if (cx->comptime) {
    if (!sema_known(cx, at, op, T_LOCAL_TASK_ID, &v))
      return false;
    *id = ops_i16(cx, v.i);
    return true;
  }
  *id = sema_runtime(cx, at, op, T_LOCAL_TASK_ID);
  return *id != IR_NONE;
}

// TARGET_* of a handle type; -1 if it cannot be blocked on this architecture.
static int target_kind(const Arch *a, Type t)
{
  if (t == T_LOCAL_TASK_ID || t == T_DATA_TASK_ID)
    return TARGET_TASK;
  if (t == T_COLOR && !a->data_task_by_queue)
    return TARGET_COLOR;
  if (t == T_INPUT_QUEUE && a->data_task_by_queue)
    return TARGET_INPUT_QUEUE;
  return t == T_UT_ID && a->explicit_ut ? TARGET_UT : -1;
}

static const char *target_names(const Arch *a)
{
  return a->data_task_by_queue ? "an input_queue, data_task_id, local_task_id or ut_id"
                               : "a color, data_task_id or local_task_id";
}

bool ops_target(Ctx *cx, Node *at, Operand op, IrRef *id, TargetKind *kind, int64_t *known)
{
  Value v;
  op = sema_load(cx, at, op);
  *known = -1;
  if (op.kind == OPK_ERROR)
    return false;
  if (is_task(cx, &op)) {
    *kind = TARGET_TASK;
    return task_by_name(cx, at, op, false, id, known);
  }
  int k = target_kind(cx->s->arch, op.type);
  if (k < 0) {
    SEMA_ERROR(cx, at, expected_kind, target_names(cx->s->arch), type_name(cx->s, op.type));
    advise_block(cx, at, op.type);
    return false;
  }
  *kind = (TargetKind)k;
  if (cx->comptime) {
    if (!sema_known(cx, at, op, T_NONE, &v))
      return false;
    *known = v.i;
    *id = ops_i16(cx, v.i);
    return true;
  }
  *id = sema_runtime(cx, at, op, T_NONE);
  return *id != IR_NONE;
}

static Operand activate_task_name(Ctx *cx, Node *n, Operand task)
{
  SEMA_ERROR(cx, n, type_mismatch, type_name(cx->s, T_LOCAL_TASK_ID), type_name(cx->s, task.type));
  diag_note(cx->s->diags, node_range(n),
            "activate the id that the task is bound to: @activate(@get_local_task_id(n))");
  return op_error();
}

Operand bi_activate(Ctx *cx, Node *call)
{
  Node *n = call->list[0];
  OpsTile *t = ops_tile(cx, call);
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_LOCAL_TASK_ID));
  Value v;
  IrRef id;
  if (!t || op.kind == OPK_ERROR || !legacy_task_color(cx, n, &op))
    return op_error();
  if (is_task(cx, &op))
    return activate_task_name(cx, n, op);
  if (cx->comptime) {
    if (!sema_known(cx, n, op, T_LOCAL_TASK_ID, &v))
      return op_error();
    ops_setup(cx, call, SETUP_ACTIVATE, (uint32_t)v.i, IR_NONE, IR_NONE, IR_NONE);
    return op_void();
  }
  id = sema_runtime(cx, n, op, T_LOCAL_TASK_ID);
  cx->b.pos = call->at;
  if (id != IR_NONE)
    tir_emit(&cx->b, IR_ACTIVATE, IRT_VOID, id, IR_NONE, IR_NONE, 0);
  return op_void();
}

static Operand block_or_unblock(Ctx *cx, Node *call, SetupKind setup, IrOp inst)
{
  Node *n = call->list[0];
  IrRef id;
  TargetKind kind;
  int64_t known;
  if (!ops_tile(cx, call) || !ops_target(cx, n, sema_expr(cx, n, T_NONE), &id, &kind, &known))
    return op_error();
  cx->b.pos = call->at;
  if (cx->comptime)
    ops_setup(cx, call, setup, (uint32_t)known, ops_i16(cx, kind), IR_NONE, IR_NONE);
  else
    tir_emit(&cx->b, inst, IRT_VOID, id, IR_NONE, IR_NONE, kind);
  return op_void();
}

Operand bi_block(Ctx *cx, Node *call)
{
  return block_or_unblock(cx, call, SETUP_BLOCK, IR_BLOCK);
}

Operand bi_unblock(Ctx *cx, Node *call)
{
  return block_or_unblock(cx, call, SETUP_UNBLOCK, IR_UNBLOCK);
}

// ---- the end of the comptime blocks ----
// Without a table of their own, control tasks share the table of the other tasks.
static void check_collisions(Ctx *cx, const OpsTile *t)
{
  for (int id = 0; id < TASK_IDS; id++) {
    if (!t->tasks[id].bound || !t->control[id].bound || t->control_table.begin)
      continue;
    DIAG_AT(cx->s->diags, task_bound_twice, t->control[id].where);
    diag_note(cx->s->diags, t->tasks[id].where, "id %d was bound here", id);
    if (cx->s->arch->control_task_table)
      diag_note(cx->s->diags, (SrcRange){0, 0},
                "@set_control_task_table() gives control tasks a table of their own");
  }
}

void program_end(Ctx *cx)
{
  const OpsTile *t = cx->tile->ops;
  events_end(cx);
  check_collisions(cx, t);
  queues_end(cx);
  dsrs_resolve_tasks(cx);
  for (ptrdiff_t i = 0; i < arrlen(t->words); i++)
    tir_setup(cx->tile->module, SETUP_CONFIG, t->words[i].address, ops_i16(cx, t->words[i].value),
              IR_NONE, IR_NONE, 0);
}
