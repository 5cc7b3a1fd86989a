// Builtins of tasks and queues: ids, binding, activation, blocking, queue set-up (language
// 12, 14.4, 15.3).
//
// In a comptime block they become setup rows, at run time instructions.
#include "sema/advice.h"
#include "sema/legacy.h"
#include "sema/ops.h"
#include <stb/stb_ds.h>
#include <string.h>

// ---- what the groups share ----
OpsTile *ops_tile(Ctx *cx, Node *call)
{
  if (cx->tile)
    return cx->tile->ops;
  SEMA_ERROR(cx, call, only_in_tile_program, names_text(cx->s->names, call->name));
  return NULL;
}

void ops_setup(Ctx *cx, Node *call, SetupKind kind, uint32_t id, IrRef a, IrRef b, IrRef c)
{
  tir_setup(cx->tile->module, kind, id, a, b, c, call->at);
}

IrRef ops_i16(Ctx *cx, int64_t v)
{
  return sema_const(cx, IRT_I16, (uint64_t)v & 0xffff);
}

IrRef ops_i32(Ctx *cx, int64_t v)
{
  return sema_const(cx, IRT_I32, (uint64_t)v & 0xffffffff);
}

bool ops_function(Ctx *cx, Node *n, bool want_task, Value *fn)
{
  if (!sema_comptime(cx, n, T_NONE, fn))
    return false;
  uint8_t kind = type_info(cx->s, fn->type)->kind;
  if (kind == (want_task ? TK_TASK : TK_FN))
    return true;
  SEMA_ERROR(cx, n, expected_kind, want_task ? "a task" : "a function", type_name(cx->s, fn->type));
  return false;
}

bool ops_handler(Ctx *cx, Node *n, IrRef *ref)
{
  Value fn;
  if (!ops_function(cx, n, false, &fn))
    return false;
  const TypeInfo *t = type_info(cx->s, fn.type);
  if (t->count || t->elem != T_VOID) {
    SEMA_ERROR(cx, n, expected_kind, "a function of type 'fn() void'", type_name(cx->s, fn.type));
    return false;
  }
  *ref = IR_REF(REF_FUNC, sema_function_ir(cx, n, fn));
  return true;
}

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

Operand bi_get_color(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return make_id(cx, call, (IdKind){T_COLOR, 0, cx->s->arch->colors - 1, "color"});
}

Operand bi_get_color_id(Ctx *cx, Node *call, Type want)
{
  (void)want;
  if (!legacy_form(cx, call, "@get_color_id", "write @get_int(c)"))
    return op_error();
  return bi_get_int(cx, call, want);
}

Operand bi_get_local_task_id(Ctx *cx, Node *call, Type want)
{
  (void)want;
  const Arch *a = cx->s->arch;
  return make_id(cx, call,
                 (IdKind){T_LOCAL_TASK_ID, a->local_task_min, a->local_task_max, "local task id"});
}

Operand bi_get_control_task_id(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return make_id(cx, call, (IdKind){T_CONTROL_TASK_ID, 0, TASK_IDS - 1, "control task id"});
}

Operand bi_get_input_queue(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return make_id(cx, call,
                 (IdKind){T_INPUT_QUEUE, 0, cx->s->arch->input_queues - 1, "input queue"});
}

Operand bi_get_output_queue(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return make_id(cx, call,
                 (IdKind){T_OUTPUT_QUEUE, 0, cx->s->arch->output_queues - 1, "output queue"});
}

Operand bi_get_ut_id(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return make_id(cx, call, (IdKind){T_UT_ID, 0, cx->s->arch->microthreads - 1, "microthread id"});
}

// A colour on architectures whose data tasks are bound by colour, else an input queue.
Operand bi_get_data_task_id(Ctx *cx, Node *call, Type want)
{
  (void)want;
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
// Numbers of handles that were not made by @get_…: bit casts, command line values.
bool ops_number(Ctx *cx, Node *at, int64_t v, int64_t limit, const char *what)
{
  if (v >= 0 && v < limit)
    return true;
  SEMA_ERROR(cx, at, int_range, what, v_int_text(cx->s, v_int(T_I64, v)), 0ll,
             (long long)limit - 1);
  return false;
}

// Colours and local tasks share their numbers where data tasks are bound by colour.
static void note_shared_ids(Ctx *cx, Node *call)
{
  if (!cx->s->arch->data_task_by_queue)
    diag_note(cx->s->diags, node_range(call),
              "the data task of color n and the local task n have one id on %s", cx->s->arch->name);
}

bool ops_reserve_task(Ctx *cx, Node *call, TaskState *slot, Value task)
{
  if (slot->bound) {
    SEMA_ERROR(cx, call, task_bound_twice);
    diag_note(cx->s->diags, slot->where, "the id was bound here");
    note_shared_ids(cx, call);
    return false;
  }
  *slot = (TaskState){.bound = true, .function = task.ref, .where = node_range(call)};
  return true;
}

// Identifiers that the memcpy infrastructure owns (libraries 1.2); the library itself may bind
// them.
static bool memcpy_owns(Ctx *cx, int64_t id)
{
  return cx->s->fabric->memcpy && (id == 27 || id == 28 || id == TASK_ID_TIMER);
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
  if (memcpy_owns(cx, id)) {
    SEMA_ERROR(cx, call, task_id_of_memcpy, (long long)id);
    return false;
  }
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
                                 : true;
}

static Operand bind(Ctx *cx, Node *call, const TaskKind *kind, Value task, int64_t id)
{
  OpsTile *t = cx->tile->ops;
  TaskState *slot = kind == &control_task ? &t->control[id] : &t->tasks[id];
  if (!ops_task_params(cx, call, task, kind->min_params, kind->max_params, kind->what) ||
      !check_id(cx, call, kind, id) || !ops_reserve_task(cx, call, slot, task))
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

Operand bi_bind_local_task(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return bind_arguments(cx, call, &local_task);
}

Operand bi_bind_data_task(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return bind_arguments(cx, call, &data_task);
}

Operand bi_bind_control_task(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return bind_arguments(cx, call, &control_task);
}

Operand bi_bind_task(Ctx *cx, Node *call, Type want)
{
  (void)want;
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

// Data or local id that a task is bound to; -1 if none.
static int bound_id(const OpsTile *t, Value task)
{
  for (int id = 0; id < TASK_IDS; id++)
    if (same_function(&t->tasks[id], task))
      return id;
  return -1;
}

static bool is_task(Ctx *cx, const Operand *op)
{
  return type_info(cx->s, op->type)->kind == TK_TASK;
}

static bool task_by_name(Ctx *cx, Node *at, Operand op, IrRef *id)
{
  Value task;
  if (!sema_known(cx, at, op, T_NONE, &task))
    return false;
  int number = bound_id(cx->tile->ops, task);
  if (number < 0) {
    SEMA_ERROR(cx, at, task_not_bound, sema_function_name(cx, task.ref));
    return false;
  }
  *id = ops_i16(cx, number);
  return true;
}

bool ops_local_task(Ctx *cx, Node *at, Operand op, IrRef *id)
{
  op = sema_load(cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (is_task(cx, &op))
    return task_by_name(cx, at, op, id);
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
    return task_by_name(cx, at, op, id);
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

Operand bi_activate(Ctx *cx, Node *call, Type want)
{
  (void)want;
  Node *n = call->list[0];
  OpsTile *t = ops_tile(cx, call);
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_LOCAL_TASK_ID));
  Value v;
  IrRef id;
  if (!t || op.kind == OPK_ERROR || !legacy_task_color(cx, n, &op))
    return op_error();
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

Operand bi_block(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return block_or_unblock(cx, call, SETUP_BLOCK, IR_BLOCK);
}

Operand bi_unblock(Ctx *cx, Node *call, Type want)
{
  (void)want;
  return block_or_unblock(cx, call, SETUP_UNBLOCK, IR_UNBLOCK);
}

// ---- queues ----
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

IrRef ops_color(Ctx *cx, Value color)
{
  if (color.type == T_NONE)
    return IR_NONE;
  return color.sym ? sema_tileconst(cx, color) : ops_i16(cx, color.i);
}

// "dense*" fields of 2.10 ask for packing of queue memory: no meaning here.
static bool drop_dense(const Config *c)
{
  const TypeInfo *t = type_info(c->cx->s, c->op.type);
  for (uint32_t i = 0; i < t->count; i++)
    if (strncmp(names_text(c->cx->s->names, t->fields[i].name), "dense", 5) == 0) {
      SEMA_WARN(c->cx, c->at, ignored_field, names_text(c->cx->s->names, t->fields[i].name));
      return true;
    }
  return false;
}

static bool queue_fields(const Config *c, bool output)
{
  static const char *const by_color[] = {"color", "priority", NULL};
  static const char *const by_queue[] = {"color", "ctrl_table_id", NULL};
  static const char *const out[] = {"color", NULL};
  static const char *const none[] = {NULL};
  const Arch *a = c->cx->s->arch;
  if (drop_dense(c))
    return true;
  const char *const *fields = output                  ? (a->oq_has_color ? out : none)
                              : a->data_task_by_queue ? by_queue
                                                      : by_color;
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

Operand bi_initialize_queue(Ctx *cx, Node *call, Type want)
{
  (void)want;
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
    diag_note(cx->s->diags, state->where, "it was initialized here");
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

// In 1.4 a fabric input that names colour and queue binds the one to the other (language 14.4).
static void finish_input_queue(Ctx *cx, uint32_t number)
{
  const Sema *s = cx->s;
  const QueueState *q = &cx->tile->ops->in[number];
  if (!q->used || q->initialised)
    return;
  if (!s->arch->auto_input_queue || s->compat == COMPAT_2_10 || q->color.type == T_NONE)
    return; // the pass check-queues knows whether the use is ever reached
  IrRef none = ops_i16(cx, 0);
  tir_setup(cx->tile->module, SETUP_INPUT_QUEUE, number, ops_color(cx, q->color), none, none,
            q->use.begin);
}

static void finish_queues(Ctx *cx)
{
  for (uint32_t i = 0; i < MAX_QUEUES; i++)
    finish_input_queue(cx, i);
}

// ---- the end of the comptime blocks ----
// Without a table of their own, control tasks share the table of the other tasks.
static void check_collisions(Ctx *cx, const OpsTile *t)
{
  for (int id = 0; id < TASK_IDS; id++) {
    if (!t->tasks[id].bound || !t->control[id].bound || t->control_table.begin)
      continue;
    DIAG_AT(cx->s->diags, task_bound_twice, t->control[id].where);
    diag_note(cx->s->diags, t->tasks[id].where, "the id was bound here");
    if (cx->s->arch->control_task_table)
      diag_note(cx->s->diags, (SrcRange){0, 0},
                "@set_control_task_table() gives control tasks a table of their own");
  }
}

// Data tasks bound to an input queue need that queue.
static void check_data_queues(Ctx *cx, const OpsTile *t)
{
  for (int q = 0; q < MAX_QUEUES && cx->s->arch->data_task_by_queue; q++)
    if (t->tasks[q].bound && !t->in[q].initialised)
      DIAG_AT(cx->s->diags, data_task_queue, t->tasks[q].where, q);
}

void program_end(Ctx *cx)
{
  const OpsTile *t = cx->tile->ops;
  events_end(cx);
  check_collisions(cx, t);
  check_data_queues(cx, t);
  fifo_resolve_tasks(cx);
  finish_queues(cx);
  for (ptrdiff_t i = 0; i < arrlen(t->words); i++)
    tir_setup(cx->tile->module, SETUP_CONFIG, t->words[i].address, ops_i16(cx, t->words[i].value),
              IR_NONE, IR_NONE, 0);
}
