// @map: an ordinary call in a loop over the elements of DSDs (language 13.6).
#include "sema/ops.h"
#include <stb/stb_ds.h>

enum { MAP_ARGS = 16 };

typedef struct MapArg {
  Node *at;
  Operand op;
  bool stream;  // a DSD or DSR
  uint32_t dsr; // DSR_REF of a stream
  IrRef value;  // of a plain input, evaluated once
} MapArg;
typedef struct Map {
  Ctx *cx;
  Node *call;
  Value fn;
  const TypeInfo *type;
  uint32_t inputs;
  MapArg in[MAP_ARGS], out;
  bool has_out;
  IrRef out_pointer; // of a pointer output
} Map;

static bool is_dsr(Type t)
{
  return t >= T_DSR_DEST && t <= T_DSR_FIFO_SRC1;
}

// Elements of streams are 16 or 32 bits wide.
static bool check_element(Map *m, Node *at, Type t)
{
  unsigned bits = type_is_int(m->cx->s, t) || type_is_float(t) ? type_bits(m->cx->s, t) : 0;
  if (bits == 16 || bits == 32)
    return true;
  SEMA_ERROR(m->cx, at, map_element, type_name(m->cx->s, t));
  return false;
}

static bool named_register(Map *m, MapArg *arg, Type want)
{
  Value v;
  if (!sema_known(m->cx, arg->at, arg->op, want, &v))
    return false;
  arg->dsr = DSR_REF(want == T_DSR_DEST ? DSR_DEST : DSR_SRC1, v.i);
  return true;
}

// A register of this @map alone, loaded here.
static bool own_register(Map *m, MapArg *arg, DsrFile file)
{
  OpsTile *t = m->cx->tile->ops;
  IrRef dsd = sema_runtime(m->cx, arg->at, arg->op, T_NONE);
  if (dsd == IR_NONE)
    return false;
  if (t->virtual_dsrs == DSR_AUTO - DSR_VIRTUAL) {
    SEMA_ERROR(m->cx, m->call, map_registers, DSR_AUTO - DSR_VIRTUAL);
    return false;
  }
  arg->dsr = DSR_REF(file, DSR_VIRTUAL + t->virtual_dsrs++);
  m->cx->b.pos = m->call->at;
  uint32_t list[4] = {CFG_SINGLE_STEP, IR_NONE, IR_NONE, 0};
  tir_emit_list(&m->cx->b, IR_DSR_LOAD, IRT_VOID, dsd, IR_NONE, IR_NONE, arg->dsr, list, 4);
  return true;
}

static bool load_arg(Map *m, MapArg *arg, Node *n, bool input)
{
  arg->at = n;
  arg->op = sema_expr(m->cx, n, T_NONE);
  if (arg->op.kind == OPK_ERROR)
    return false;
  Type t = arg->op.type;
  if (t == T_FIFO || t == (input ? T_FABOUT : T_FABIN) || t == T_CIRCBUF ||
      (is_dsr(t) && t != (input ? T_DSR_SRC1 : T_DSR_DEST))) {
    SEMA_ERROR(m->cx, n, map_operand, type_name(m->cx->s, t), input ? "an input" : "the output",
               input ? "a memory DSD, fabin_dsd, dsr_src1 or plain value"
                     : "a memory DSD, fabout_dsd, dsr_dest or pointer");
    return false;
  }
  arg->stream = type_is_dsd(t) || is_dsr(t);
  return true;
}

static bool prepare_input(Map *m, uint32_t i)
{
  MapArg *arg = &m->in[i];
  Type want = m->type->fields[i].type;
  if (!load_arg(m, arg, m->call->list[1 + i], true))
    return false;
  if (!arg->stream) {
    arg->value = sema_runtime(m->cx, arg->at, arg->op, want);
    return arg->value != IR_NONE;
  }
  return check_element(m, arg->at, want) &&
         (is_dsr(arg->op.type) ? named_register(m, arg, T_DSR_SRC1)
                               : own_register(m, arg, DSR_SRC1));
}

static bool prepare_output(Map *m)
{
  MapArg *arg = &m->out;
  Sema *s = m->cx->s;
  Type result = m->type->elem;
  if (!m->has_out)
    return true;
  if (!load_arg(m, arg, m->call->list[m->call->count - 1], false))
    return false;
  if (arg->stream)
    return check_element(m, arg->at, result) &&
           (is_dsr(arg->op.type) ? named_register(m, arg, T_DSR_DEST)
                                 : own_register(m, arg, DSR_DEST));
  const TypeInfo *p = type_info(s, arg->op.type);
  if (p->kind != TK_PTR || p->is_const || p->elem != result) {
    SEMA_ERROR(m->cx, arg->at, map_output, type_name(s, result), type_name(s, arg->op.type));
    return false;
  }
  m->out_pointer = sema_runtime(m->cx, arg->at, arg->op, T_NONE);
  return m->out_pointer != IR_NONE;
}

// Ends the loop unless the register has elements left.
static void leave_unless_more(Map *m, uint32_t dsr, uint32_t done)
{
  IrBuilder *b = &m->cx->b;
  uint32_t next = tir_block(b), list[2] = {next, done};
  IrRef more = tir_emit(b, IR_MAP_MORE, IRT_BOOL, IR_NONE, IR_NONE, IR_NONE, dsr);
  tir_emit_list(b, IR_BRIF, IRT_VOID, more, IR_NONE, IR_NONE, 0, list, 2);
  b->block = next;
}

static bool body(Map *m, uint32_t done)
{
  Ctx *cx = m->cx;
  Operand args[MAP_ARGS];
  for (uint32_t i = 0; i < m->inputs; i++) {
    const MapArg *arg = &m->in[i];
    Type t = m->type->fields[i].type;
    IrRef value = arg->value;
    if (arg->stream) {
      leave_unless_more(m, arg->dsr, done);
      value = tir_emit(&cx->b, IR_MAP_GET, type_lower(cx, t), IR_NONE, IR_NONE, IR_NONE,
                       arg->dsr & 0xff);
    }
    args[i] = op_rvalue(t, value);
  }
  Operand result = sema_call(cx, m->call, m->fn, args, m->inputs);
  if (result.kind == OPK_ERROR || !m->has_out)
    return result.kind != OPK_ERROR;
  IrRef value = sema_runtime(cx, m->call, result, m->type->elem);
  if (value == IR_NONE)
    return false;
  if (m->out.stream)
    tir_emit(&cx->b, IR_MAP_PUT, IRT_VOID, value, IR_NONE, IR_NONE, m->out.dsr & 0xff);
  else
    tir_emit(&cx->b, IR_STORE, IRT_VOID, m->out_pointer, value, IR_NONE, 0);
  return true;
}

static Operand loop(Map *m)
{
  Ctx *cx = m->cx;
  IrBuilder *b = &cx->b;
  uint32_t head = tir_block(b), done = tir_block(b);
  b->pos = m->call->at;
  tir_emit(b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, head);
  b->block = head;
  if (m->has_out && m->out.stream)
    leave_unless_more(m, m->out.dsr, done);
  cx->runtime_control++;
  bool ok = body(m, done);
  cx->runtime_control--;
  if (!tir_terminated(b))
    tir_emit(b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, head);
  b->block = done;
  return ok ? op_void() : op_error();
}

static bool check_shape(Map *m)
{
  uint32_t given = m->call->count - 1;
  m->has_out = m->type->elem != T_VOID;
  m->inputs = m->type->count;
  if (m->inputs > MAP_ARGS || given != m->inputs + m->has_out) {
    SEMA_ERROR(m->cx, m->call, map_arguments, type_name(m->cx->s, m->fn.type),
               m->inputs + m->has_out, given);
    return false;
  }
  return true;
}

static bool any_stream(const Map *m)
{
  bool any = m->has_out && m->out.stream;
  for (uint32_t i = 0; i < m->inputs; i++)
    any |= m->in[i].stream;
  return any;
}

static void warn_lengths(const Map *m)
{
  int64_t first = 0;
  for (uint32_t i = 0; i < m->inputs + m->has_out; i++) {
    const MapArg *arg = i < m->inputs ? &m->in[i] : &m->out;
    int64_t n = ops_dsd_length(m->cx, arg->op);
    if (first && n && n != first) {
      SEMA_WARN(m->cx, arg->at, map_lengths, (long long)n, (long long)first);
      return;
    }
    first = n ? n : first;
  }
}

Operand bi_map(Ctx *cx, Node *call)
{
  Map m = {.cx = cx, .call = call};
  if (!ops_function(cx, call->list[0], false, &m.fn))
    return op_error();
  m.type = type_info(cx->s, m.fn.type);
  if (m.type->elem == T_NONE)
    return SEMA_ERROR(cx, call->list[0], map_generic);
  if (!check_shape(&m))
    return op_error();
  for (uint32_t i = 0; i < m.inputs; i++)
    if (!prepare_input(&m, i))
      return op_error();
  if (!prepare_output(&m))
    return op_error();
  if (!any_stream(&m))
    return SEMA_ERROR(cx, call, map_no_stream);
  warn_lengths(&m);
  return loop(&m);
}
