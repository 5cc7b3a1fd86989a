// Builtins of registers and FIFOs: @get_dsr, @load_to_dsr, @allocate_fifo and relatives
// (language 13.7, 14.1-14.3).
#include "sema/advice.h"
#include "sema/ops.h"
#include <stb/stb_ds.h>

// ---- registers by number ----
static DsrFile dsr_file(Type t)
{
  return t == T_DSR_DEST ? DSR_DEST : t == T_DSR_SRC0 ? DSR_SRC0 : DSR_SRC1;
}

static bool is_plain_dsr(Type t)
{
  return t == T_DSR_DEST || t == T_DSR_SRC0 || t == T_DSR_SRC1;
}

static Operand numbered(Ctx *cx, Node *n, Type t, uint32_t count, const char *what)
{
  int64_t id;
  if (!sema_comptime_int(cx, n, 0, count - 1, what, &id))
    return op_error();
  return op_value(v_int(t, id));
}

// The plain type of a FIFO's register.
static Type plain_type(Type t)
{
  return t == T_DSR_FIFO_DEST ? T_DSR_DEST : t == T_DSR_FIFO_SRC1 ? T_DSR_SRC1 : t;
}

// @get_dsr(dsr_fifo_dest, n) or (dsr_fifo_dest, dsr): the register of a FIFO.
static Operand fifo_register(Ctx *cx, Node *n, Type t)
{
  Value v;
  if (!sema_comptime(cx, n, T_NONE, &v))
    return op_error();
  if (v.type == T_COMPTIME_INT || type_is_int(cx->s, v.type))
    return numbered(cx, n, t, cx->s->arch->dsrs, "DSR number");
  if (v.type != plain_type(t))
    return SEMA_ERROR(cx, n, type_mismatch, type_name(cx->s, plain_type(t)),
                      type_name(cx->s, v.type));
  v.type = t;
  return op_value(v);
}

Operand bi_get_dsr(Ctx *cx, Node *call)
{
  Type t;
  if (!sema_comptime_type(cx, call->list[0], &t))
    return op_error();
  if (t == T_DSR_FIFO_DEST || t == T_DSR_FIFO_SRC1)
    return fifo_register(cx, call->list[1], t);
  if (!is_plain_dsr(t))
    return SEMA_ERROR(cx, call->list[0], expected_kind,
                      "dsr_dest, dsr_src0, dsr_src1, dsr_fifo_dest or dsr_fifo_src1",
                      type_name(cx->s, t));
  return numbered(cx, call->list[1], t, cx->s->arch->dsrs, "DSR number");
}

Operand bi_get_xdsr(Ctx *cx, Node *call)
{
  return numbered(cx, call->list[0], T_XDSR, cx->s->arch->xdsrs, "XDSR number");
}

Operand bi_get_sr(Ctx *cx, Node *call)
{
  return numbered(cx, call->list[0], T_SR, cx->s->arch->stride_registers, "stride register");
}

// ---- loading ----
typedef struct Load {
  Ctx *cx;
  Node *call;
  uint32_t dsr; // DSR_REF
  Type dsr_type;
  int xdsr; // -1: chosen by the compiler
  Node *at; // the DSD
  Operand dsd;
  OpConfig config;
} Load;

static bool load_register(Load *l, Node *n)
{
  Value v;
  if (!sema_comptime(l->cx, n, T_NONE, &v))
    return false;
  if (!is_plain_dsr(v.type)) {
    SEMA_ERROR(l->cx, n, expected_kind, "a dsr_dest, dsr_src0 or dsr_src1",
               type_name(l->cx->s, v.type));
    return false;
  }
  l->dsr_type = v.type;
  l->dsr = DSR_REF(dsr_file(v.type), v.i);
  return true;
}

static bool load_dsd(Load *l, Node *n)
{
  Sema *s = l->cx->s;
  l->at = n;
  l->dsd = sema_expr(l->cx, n, T_NONE);
  if (l->dsd.kind == OPK_ERROR)
    return false;
  Type t = l->dsd.type;
  if (!type_is_dsd(t)) {
    SEMA_ERROR(l->cx, n, expected_kind, "a DSD", type_name(s, t));
    return false;
  }
  if ((t == T_FABIN && l->dsr_type == T_DSR_DEST) || (t == T_FABOUT && l->dsr_type != T_DSR_DEST)) {
    SEMA_ERROR(l->cx, n, dsr_direction, type_name(s, t), type_name(s, l->dsr_type));
    return false;
  }
  return true;
}

static bool load_config(Load *l, Node *n)
{
  enum { FABRIC_ONLY = CFG_ASYNC, MEMORY_ONLY = CFG_SAVE_ADDRESS };
  bool fabric = l->dsd.type == T_FABIN || l->dsd.type == T_FABOUT;
  if (!dsd_config(l->cx, n, CONFIG_DSR, &l->config))
    return false;
  bool ends = l->config.completion != IR_NONE || l->config.cfg >> CFG_OC_ACTION_SHIFT & 3;
  if (!fabric && (l->config.cfg & FABRIC_ONLY || ends)) {
    SEMA_ERROR(l->cx, n, dsr_fabric_only);
    return false;
  }
  if (fabric && l->config.cfg & MEMORY_ONLY) {
    SEMA_ERROR(l->cx, n, dsr_memory_only);
    return false;
  }
  return true;
}

// Target of an action, comptime-known, as part of the configuration word.
static uint32_t target_bits(Ctx *cx, IrRef target, unsigned shift)
{
  if (IR_TAG(target) != REF_CONST)
    return 0;
  return (uint32_t)(cx->tile->module->consts[IR_INDEX(target)].bits & 63) << shift;
}

static void setup_box(const Load *l, uint32_t x, const uint32_t words[6])
{
  Ctx *cx = l->cx;
  ops_setup(cx, l->call, SETUP_XDSR_EXTENT, x, ops_i32(cx, words[2]), ops_i32(cx, words[3]),
            IR_NONE);
  ops_setup(cx, l->call, SETUP_XDSR_STRIDE, x, ops_i32(cx, words[4]), ops_i32(cx, words[5]),
            IR_NONE);
}

// What lies in the extended register: the one that was named, or the DSR's own.
static void setup_xdsr(const Load *l, const DsdValue *d, uint32_t words[6])
{
  Ctx *cx = l->cx;
  uint32_t x = l->xdsr < 0 ? XDSR_OF | l->dsr : (uint32_t)l->xdsr;
  if (d->kind == DSD_MEM4D)
    setup_box(l, x, words);
  if (d->kind == DSD_CIRCBUF)
    ops_setup(cx, l->call, SETUP_XDSR_WRAP, x, IR_REF(REF_GLOBAL, sema_global_ir(cx, d->base.ref)),
              ops_i32(cx, d->base.off), ops_i32(cx, d->wrap));
  if (l->xdsr >= 0)
    words[1] |= (uint32_t)l->xdsr << DSD_XDSR_SHIFT;
}

// Tasks that the configuration word of the row to come names: their ids go there once all are
// bound.
static void note_late(const Load *l, LateTask late, uint8_t shift)
{
  if (!late.at)
    return;
  late.shift = shift;
  late.row = (uint32_t)arrlenu(l->cx->tile->module->setup);
  arrput(l->cx->tile->ops->late_tasks, late);
}

// In a comptime block: the register holds the DSD from the start.
static Operand load_setup(Load *l)
{
  Ctx *cx = l->cx;
  Value v;
  uint32_t words[6];
  if (!ops_tile(cx, l->call) || !sema_known(cx, l->at, l->dsd, T_NONE, &v))
    return op_error();
  DsdValue d = cx->s->dsds[v.ref];
  sema_force(cx, &d.length);
  if (d.color.type != T_NONE)
    sema_force(cx, &d.color);
  dsd_note_queue(cx, l->at, &d);
  dsd_words(&d, words);
  setup_xdsr(l, &d, words);
  uint32_t cfg = l->config.cfg | target_bits(cx, l->config.completion, CFG_TARGET_SHIFT) |
                 target_bits(cx, l->config.on_control, CFG_OC_TARGET_SHIFT);
  note_late(l, l->config.late_completion, CFG_TARGET_SHIFT);
  note_late(l, l->config.late_control, CFG_OC_TARGET_SHIFT);
  ops_setup(cx, l->call, SETUP_DSR, l->dsr, ops_i32(cx, words[0]), ops_i32(cx, words[1]),
            ops_i32(cx, cfg));
  if (d.base.type != T_NONE)
    ops_setup(cx, l->call, SETUP_DSR_BASE, l->dsr,
              IR_REF(REF_GLOBAL, sema_global_ir(cx, d.base.ref)), ops_i32(cx, d.base.off), IR_NONE);
  return op_void();
}

static Operand load_run(Load *l)
{
  IrRef dsd = sema_runtime(l->cx, l->at, l->dsd, T_NONE);
  if (dsd == IR_NONE)
    return op_error();
  l->cx->b.pos = l->call->at;
  uint32_t list[4] = {l->config.cfg, l->config.completion, l->config.on_control,
                      (uint32_t)(l->xdsr + 1)};
  tir_emit_list(&l->cx->b, IR_DSR_LOAD, IRT_VOID, dsd, IR_NONE, IR_NONE, l->dsr, list, 4);
  return op_void();
}

static Operand load(Load *l, uint32_t config_at)
{
  if (l->call->count > config_at && !load_config(l, l->call->list[config_at]))
    return op_error();
  OpsTile *t = ops_tile(l->cx, l->call);
  if (!t)
    return op_error();
  t->loading = true;
  Operand done = l->cx->comptime ? load_setup(l) : load_run(l);
  t->loading = false;
  return done;
}

Operand bi_load_to_dsr(Ctx *cx, Node *call)
{
  Load l = {.cx = cx, .call = call, .xdsr = -1};
  if (!load_register(&l, call->list[0]) || !load_dsd(&l, call->list[1]))
    return op_error();
  if (l.dsd.type == T_CIRCBUF || (l.dsd.type == T_MEM4D && cx->s->compat == COMPAT_2_10))
    return SEMA_ERROR(cx, call->list[1], load_needs_xdsr, type_name(cx->s, l.dsd.type),
                      l.dsd.type == T_CIRCBUF ? "@load_to_dsr_xdsr" : "@load_to_dsr_xdsr_sr");
  return load(&l, 2);
}

static bool load_xdsr(Load *l, Node *n)
{
  Value v;
  if (!sema_comptime(l->cx, n, T_XDSR, &v))
    return false;
  l->xdsr = (int)v.i;
  return true;
}

Operand bi_load_to_dsr_xdsr(Ctx *cx, Node *call)
{
  Load l = {.cx = cx, .call = call, .xdsr = -1};
  if (!load_register(&l, call->list[0]) || !load_xdsr(&l, call->list[1]) ||
      !load_dsd(&l, call->list[2]))
    return op_error();
  if (l.dsd.type != T_CIRCBUF)
    return SEMA_ERROR(cx, call->list[2], expected_kind, "a circbuf_dsd",
                      type_name(cx->s, l.dsd.type));
  return load(&l, 3);
}

// Stride registers that a box needs: none for the innermost dimension, none for a contiguous row
// (sdk-2.10 1.5).
static uint32_t registers_needed(Ctx *cx, const Operand *dsd)
{
  Value v;
  if (!sema_is_known(cx, *dsd, &v))
    return 3;
  const DsdValue *d = &cx->s->dsds[v.ref];
  uint32_t n = d->dims - 1u;
  return n && d->stride[0] == 1 ? n - 1 : n;
}

static bool check_registers(Load *l, Node *n)
{
  Value v;
  if (!sema_comptime(l->cx, n, T_NONE, &v))
    return false;
  uint32_t given = type_is_struct(l->cx->s, v.type) ? v_count(l->cx->s, v) : 0;
  uint32_t need = registers_needed(l->cx, &l->dsd);
  for (uint32_t i = 0; i < given; i++)
    if (v_element(l->cx->s, v, i).type != T_SR) {
      SEMA_ERROR(l->cx, n, expected_kind, "a tuple of stride registers",
                 type_name(l->cx->s, v.type));
      return false;
    }
  if (given == need)
    return true;
  SEMA_ERROR(l->cx, n, stride_registers, need, given);
  return false;
}

Operand bi_load_to_dsr_xdsr_sr(Ctx *cx, Node *call)
{
  Load l = {.cx = cx, .call = call, .xdsr = -1};
  if (!load_register(&l, call->list[0]) || !load_xdsr(&l, call->list[1]) ||
      !load_dsd(&l, call->list[3]))
    return op_error();
  if (l.dsd.type != T_MEM4D)
    return SEMA_ERROR(cx, call->list[3], expected_kind, "a mem4d_dsd",
                      type_name(cx->s, l.dsd.type));
  return check_registers(&l, call->list[2]) ? load(&l, 4) : op_error();
}

Operand bi_set_dsr_base_addr(Ctx *cx, Node *call)
{
  Load l = {.cx = cx, .call = call};
  Operand base;
  Node *n = call->list[1];
  if (!load_register(&l, call->list[0]) || !ops_address(cx, n, sema_place(cx, n), &base))
    return op_error();
  IrRef ref = sema_runtime(cx, n, base, T_NONE);
  if (ref != IR_NONE)
    tir_emit(&cx->b, IR_DSR_BASE, IRT_VOID, ref, IR_NONE, IR_NONE, l.dsr);
  return op_void();
}

Operand bi_set_dsr_length(Ctx *cx, Node *call)
{
  Load l = {.cx = cx, .call = call};
  Node *n = call->list[1];
  if (!load_register(&l, call->list[0]))
    return op_error();
  IrRef ref = sema_runtime(cx, n, sema_expr(cx, n, T_U16), T_U16);
  if (ref != IR_NONE)
    tir_emit(&cx->b, IR_DSR_LEN, IRT_VOID, ref, IR_NONE, IR_NONE, l.dsr);
  return op_void();
}

// ---- FIFOs ----
enum { FIFO_ALIGN = 16, NO_REGISTER = 0xff };

static bool fifo_buffer(Ctx *cx, Node *n, IrFifo *f)
{
  Operand p;
  Value v;
  if (!ops_address(cx, n, sema_place(cx, n), &p))
    return false;
  const TypeInfo *array = type_info(cx->s, type_info(cx->s, p.type)->elem);
  if (!sema_is_known(cx, p, &v) || array->kind != TK_ARRAY || cx->s->objects[v.ref].is_const ||
      v.off) {
    SEMA_ERROR(cx, n, fifo_buffer);
    return false;
  }
  unsigned bits = type_bits(cx->s, array->elem);
  if ((!type_is_int(cx->s, array->elem) && !type_is_float(array->elem)) ||
      (bits != 16 && bits != 32)) {
    SEMA_ERROR(cx, n, dsd_element, type_name(cx->s, array->elem));
    return false;
  }
  if (sema_is_unaligned_extern(cx->s, v.ref))
    SEMA_WARN(cx, n, fifo_extern);
  f->buffer = sema_global_ir(cx, v.ref);
  f->elem_bytes = (uint8_t)(bits / 8);
  f->capacity = (uint16_t)array->count;
  return true;
}

static bool fifo_alignment(Ctx *cx, Node *n, const IrFifo *f)
{
  IrGlobal *g = &cx->tile->module->globals[f->buffer];
  if (g->align && g->align < FIFO_ALIGN) {
    SEMA_ERROR(cx, n, fifo_align, g->align, FIFO_ALIGN);
    return false;
  }
  if (!g->align)
    g->align = FIFO_ALIGN;
  return true;
}

// A task name may be bound later in a comptime block: its id is looked up when all are.
static bool fifo_task(const Config *c, const char *name, uint32_t fifo, bool pop, IrRef *ref)
{
  Operand op;
  Node *at;
  Value v;
  Ctx *cx = c->cx;
  if (!config_has(c, name, &op, &at))
    return true;
  if (op.kind == OPK_ERROR || !sema_known(cx, at, op, T_NONE, &v))
    return false;
  if (type_info(cx->s, v.type)->kind == TK_TASK) {
    arrput(cx->tile->ops->fifo_tasks, ((FifoTask){at, v, fifo, pop}));
    return true;
  }
  return ops_local_task(cx, at, op_value(v), ref);
}

static bool fifo_registers(const Config *c, IrFifo *f)
{
  static const char *const names[3] = {"dest", "src", "xdsr"};
  static const Type types[3] = {T_DSR_DEST, T_DSR_SRC1, T_XDSR};
  uint8_t *const out[3] = {&f->dest, &f->src1, &f->xdsr};
  uint32_t given = 0;
  for (int i = 0; i < 3; i++) {
    Operand op;
    Node *at;
    Value v;
    *out[i] = NO_REGISTER;
    if (!config_has(c, names[i], &op, &at))
      continue;
    if (!sema_known(c->cx, at, op, T_NONE, &v))
      return false;
    if (plain_type(v.type) != types[i]) {
      SEMA_ERROR(c->cx, at, type_mismatch, type_name(c->cx->s, types[i]),
                 type_name(c->cx->s, v.type));
      return false;
    }
    *out[i] = (uint8_t)v.i;
    given++;
  }
  if (given == 0 || (given == 3 && f->dest == f->src1))
    return true;
  SEMA_ERROR(c->cx, c->at, fifo_registers);
  return false;
}

static bool fifo_action(const Config *c, const char *name, bool suspend, uint8_t *out)
{
  static const char *const all[] = {"test_or_suspend", "terminate", "suspend", "fault", NULL};
  static const char *const few[] = {"test_or_suspend", "terminate", NULL};
  int action = *out;
  if (!config_choice(c, name, suspend ? all : few, &action))
    return false;
  *out = (uint8_t)action;
  return true;
}

static bool fifo_simd(const Config *c, IrFifo *f)
{
  static const char *const modes[] = {"simd_32", "simd_64", NULL};
  Config sub;
  bool ok = true;
  if (!config_sub(c, "simd_mode", &sub, &ok))
    return ok;
  if (!c->cx->s->arch->fifo_simd) {
    SEMA_ERROR(c->cx, sub.at, field_not_on_arch, "simd_mode", c->cx->s->arch->name);
    advise_guard(c->cx, sub.at);
    return false;
  }
  int mode = config_one_true(&sub, modes);
  f->simd = (uint8_t)(SIMD_32 + mode);
  return mode >= 0;
}

static bool fifo_priority(const Config *c, IrFifo *f)
{
  Operand op;
  Node *at;
  int level = 0;
  if (!config_has(c, "priority", &op, &at))
    return true;
  if (!c->cx->s->arch->fifo_priority) {
    SEMA_ERROR(c->cx, at, field_not_on_arch, "priority", c->cx->s->arch->name);
    advise_guard(c->cx, at);
    return false;
  }
  bool ok = config_priority(c, &level);
  f->priority = (uint8_t)level;
  return ok;
}

static bool fifo_config(Ctx *cx, Node *n, uint32_t number, IrFifo *f)
{
  static const char *const fields[] = {
      "activate_push", "activate_pop", "dest",        "src",      "xdsr",
      "simd_mode",     "empty_action", "full_action", "priority", NULL};
  Config c;
  bool full = cx->s->arch->fifo_full_action;
  Operand op;
  Node *at;
  if (!config_open(cx, n, "FIFO configuration", &c) || !config_only(&c, fields))
    return false;
  if (!full && config_has(&c, "full_action", &op, &at)) {
    SEMA_ERROR(cx, at, field_not_on_arch, "full_action", cx->s->arch->name);
    advise_guard(cx, at);
    return false;
  }
  return fifo_task(&c, "activate_push", number, false, &f->activate_push) &&
         fifo_task(&c, "activate_pop", number, true, &f->activate_pop) && fifo_registers(&c, f) &&
         fifo_simd(&c, f) && fifo_priority(&c, f) &&
         fifo_action(&c, "empty_action", full, &f->empty_action) &&
         fifo_action(&c, "full_action", full, &f->full_action);
}

// A FIFO keeps its registers for the whole program: no other FIFO may name them.
static bool fifo_registers_free(Ctx *cx, Node *call, const IrFifo *f)
{
  const TileModule *m = cx->tile->module;
  for (ptrdiff_t i = 0; i < arrlen(m->fifos); i++) {
    const IrFifo *other = &m->fifos[i];
    if (f->dest == NO_REGISTER || (f->dest != other->dest && f->xdsr != other->xdsr))
      continue;
    bool same_dsrs = f->dest == other->dest;
    SEMA_ERROR(cx, call, fifo_registers_taken, same_dsrs ? "dsr_dest and dsr_src1" : "xdsr",
               same_dsrs ? f->dest : f->xdsr);
    diag_note(cx->s->diags, (SrcRange){other->pos, other->pos}, "that FIFO is here");
    return false;
  }
  return true;
}

// A register that the program names holds the FIFO from the start: operations may name it instead.
static void fifo_in_register(Ctx *cx, Node *call, uint32_t dsr, uint32_t number)
{
  ops_setup(cx, call, SETUP_DSR, dsr, ops_i32(cx, number), ops_i32(cx, DSD_FIFO), ops_i32(cx, 0));
}

Operand bi_allocate_fifo(Ctx *cx, Node *call)
{
  if (!ops_tile(cx, call))
    return op_error();
  TileModule *m = cx->tile->module;
  uint32_t number = (uint32_t)arrlen(m->fifos);
  IrFifo f = {.dest = NO_REGISTER, .src1 = NO_REGISTER, .xdsr = NO_REGISTER, .pos = call->at};
  if (!fifo_buffer(cx, call->list[0], &f) || !fifo_alignment(cx, call->list[0], &f) ||
      (call->count > 1 && !fifo_config(cx, call->list[1], number, &f)) ||
      !fifo_registers_free(cx, call, &f))
    return op_error();
  f.name = arena_printf(&m->arena, "fifo%u", number);
  arrput(m->fifos, f);
  if (f.dest != NO_REGISTER) {
    fifo_in_register(cx, call, DSR_REF(DSR_DEST, f.dest), number);
    fifo_in_register(cx, call, DSR_REF(DSR_SRC1, f.src1), number);
  }
  return op_value(v_ref(T_FIFO, number));
}

static void resolve_late(Ctx *cx, const LateTask *w)
{
  TileModule *m = cx->tile->module;
  IrSetup *row = &m->setup[w->row];
  int64_t id;
  if (ops_bound_id(cx, w->at, w->task, w->activate, &id))
    row->c = ops_i32(cx, (int64_t)(m->consts[IR_INDEX(row->c)].bits | (uint64_t)id << w->shift));
}

void dsrs_resolve_tasks(Ctx *cx)
{
  OpsTile *t = cx->tile->ops;
  for (ptrdiff_t i = 0; i < arrlen(t->late_tasks); i++)
    resolve_late(cx, &t->late_tasks[i]);
  for (ptrdiff_t i = 0; i < arrlen(t->fifo_tasks); i++) {
    FifoTask w = t->fifo_tasks[i];
    IrFifo *f = &cx->tile->module->fifos[w.fifo];
    ops_local_task(cx, w.at, op_value(w.task), w.pop ? &f->activate_pop : &f->activate_push);
  }
}

static Operand fifo_length(Ctx *cx, Node *call, uint32_t side)
{
  Value fifo;
  Node *n = call->list[1];
  if (!sema_comptime(cx, call->list[0], T_FIFO, &fifo))
    return op_error();
  IrRef ref = sema_runtime(cx, n, sema_expr(cx, n, T_U16), T_U16);
  if (ref != IR_NONE)
    tir_emit(&cx->b, IR_FIFO_LEN, IRT_VOID, ref, IR_NONE, IR_NONE, fifo.ref * 2 + side);
  return op_void();
}

Operand bi_set_fifo_read_length(Ctx *cx, Node *call)
{
  return fifo_length(cx, call, 0);
}

Operand bi_set_fifo_write_length(Ctx *cx, Node *call)
{
  return fifo_length(cx, call, 1);
}
