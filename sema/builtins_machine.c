// Builtins of the bare machine: random numbers, configuration registers, @assert; and the
// intrinsics @__weft_… of the standard library (stdlib/README.md).
#include "arith/arith.h"
#include "sema/ops.h"
#include "sema/private.h"
#include "target/registers.h"
#include <stb/stb_ds.h>
#include <string.h>

static IrRef sys(Ctx *cx, Node *call, SysOp op, IrType type, IrRef a, IrRef b)
{
  cx->b.pos = call->at;
  return tir_emit(&cx->b, IR_SYS, type, a, b, IR_NONE, op);
}

// Run-time value of argument k as `t`.
static IrRef argument(Ctx *cx, Node *call, uint32_t k, Type t)
{
  Node *n = call->list[k];
  Operand op = sema_expr(cx, n, t);
  return op.kind == OPK_ERROR ? IR_NONE : sema_runtime(cx, n, op, t);
}

// ---- random numbers ----
Operand bi_random16(Ctx *cx, Node *call)
{
  return op_rvalue(T_U16, sys(cx, call, SYS_rand16, IRT_I16, IR_NONE, IR_NONE));
}

Operand bi_set_active_prng(Ctx *cx, Node *call)
{
  IrRef id = argument(cx, call, 0, T_U16);
  if (id == IR_NONE)
    return op_error();
  sys(cx, call, SYS_rand_sel, IRT_VOID, id, IR_NONE);
  return op_void();
}

// ---- @assert ----
Operand bi_assert(Ctx *cx, Node *call)
{
  Node *n = call->list[0];
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_BOOL));
  Value v;
  if (op.kind == OPK_ERROR)
    return op;
  if (cx->comptime) {
    if (!sema_known(cx, n, op, T_BOOL, &v))
      return op_error();
    return v.i ? op_void() : SEMA_ERROR(cx, call, comptime_assert, "", "");
  }
  IrBuilder *b = &cx->b;
  IrRef condition = sema_runtime(cx, n, op, T_BOOL);
  if (condition == IR_NONE)
    return op_error();
  uint32_t fine = tir_block(b), failed = tir_block(b), list[2] = {fine, failed};
  b->pos = call->at;
  tir_emit_list(b, IR_BRIF, IRT_VOID, condition, IR_NONE, IR_NONE, 0, list, 2);
  b->block = failed;
  tir_emit(b, IR_TRAP, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, TRAP_ASSERT);
  tir_emit(b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  b->block = fine;
  return op_void();
}

// ---- configuration registers ----
// Optional last argument: inclusive ranges in which the address must lie.
static bool in_range(Ctx *cx, Node *at, Value range, int64_t address, bool *inside)
{
  Sema *s = cx->s;
  if (!type_is_struct(s, range.type) || v_count(s, range) == 0) {
    SEMA_ERROR(cx, at, expected_kind, "a range .{ lo, hi } or several", type_name(s, range.type));
    return false;
  }
  Value lo = v_element(s, range, 0);
  if (type_is_struct(s, lo.type)) {
    for (uint32_t i = 0; i < v_count(s, range); i++)
      if (!in_range(cx, at, v_element(s, range, i), address, inside))
        return false;
    return true;
  }
  if (v_count(s, range) != 2) {
    SEMA_ERROR(cx, at, expected_kind, "a range .{ lo, hi }", type_name(s, range.type));
    return false;
  }
  *inside |= address >= lo.i && address <= v_element(s, range, 1).i;
  return true;
}

static bool check_range(Ctx *cx, Node *at, int64_t address)
{
  Value range;
  bool inside = false;
  if (!sema_comptime(cx, at, T_NONE, &range) || !in_range(cx, at, range, address, &inside))
    return false;
  if (!inside)
    SEMA_ERROR(cx, at, config_address, (unsigned)address);
  return inside;
}

static ConfigWord *find_word(OpsTile *t, uint32_t address)
{
  for (ptrdiff_t i = 0; i < arrlen(t->words); i++)
    if (t->words[i].address == address)
      return &t->words[i];
  return NULL;
}

// What the layout and the builtins set up is out of reach of comptime blocks (language 15.2),
// unless they ask for it with the unchecked builtins.
static bool comptime_register(Ctx *cx, Node *call, uint32_t address, bool checked, RegisterId *reg)
{
  uint32_t index;
  if (!register_find(cx->s->arch->id, address, reg, &index) ||
      register_info(*reg)->access == ACCESS_NO) {
    SEMA_ERROR(cx, call->list[0], config_no_register, (unsigned)address, cx->s->arch->name);
    return false;
  }
  if (!checked || register_info(*reg)->comptime)
    return true;
  SEMA_ERROR(cx, call->list[0], config_reserved, (unsigned)address, register_info(*reg)->name);
  return false;
}

static bool comptime_address(Ctx *cx, Node *call, uint32_t range_at, uint32_t *address)
{
  int64_t a;
  if (!sema_comptime_int(cx, call->list[0], 0, UINT16_MAX, "configuration address", &a))
    return false;
  *address = (uint32_t)a;
  return call->count <= range_at || check_range(cx, call->list[range_at], a);
}

// A range is checked where the address is comptime-known; at run time it is an assertion of the
// programmer.
static IrRef runtime_address(Ctx *cx, Node *call, uint32_t range_at)
{
  Node *n = call->list[0];
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_U16));
  Value v;
  if (op.kind == OPK_ERROR || !sema_coerce(cx, n, &op, T_U16))
    return IR_NONE;
  if (call->count > range_at && sema_is_known(cx, op, &v) &&
      (!sema_known(cx, n, op, T_U16, &v) || !check_range(cx, call->list[range_at], v.i)))
    return IR_NONE;
  return sema_runtime(cx, n, op, T_U16);
}

static Operand get_config(Ctx *cx, Node *call, bool checked)
{
  uint32_t address;
  RegisterId reg;
  if (cx->comptime) {
    OpsTile *t = ops_tile(cx, call);
    if (!t || !comptime_address(cx, call, 1, &address) ||
        !comptime_register(cx, call, address, checked, &reg))
      return op_error();
    const ConfigWord *w = find_word(t, address);
    return op_value(v_int(T_U16, w ? w->value : register_info(reg)->reset));
  }
  IrRef ref = runtime_address(cx, call, 1);
  return ref == IR_NONE ? op_error()
                        : op_rvalue(T_U16, sys(cx, call, SYS_cfg_read, IRT_I16, ref, IR_NONE));
}

static Operand set_config(Ctx *cx, Node *call, bool checked)
{
  uint32_t address;
  RegisterId reg;
  Value v;
  if (cx->comptime) {
    OpsTile *t = ops_tile(cx, call);
    if (!t || !comptime_address(cx, call, 2, &address) ||
        !comptime_register(cx, call, address, checked, &reg) ||
        !sema_comptime(cx, call->list[1], T_U16, &v))
      return op_error();
    ConfigWord *w = find_word(t, address);
    if (w)
      w->value = (uint32_t)v.i;
    else
      arrput(t->words, ((ConfigWord){address, (uint32_t)v.i}));
    return op_void();
  }
  IrRef ref = runtime_address(cx, call, 2);
  IrRef value = ref == IR_NONE ? IR_NONE : argument(cx, call, 1, T_U16);
  if (value == IR_NONE)
    return op_error();
  sys(cx, call, SYS_cfg_write, IRT_VOID, ref, value);
  return op_void();
}

Operand bi_get_config(Ctx *cx, Node *call)
{
  return get_config(cx, call, true);
}

Operand bi_set_config(Ctx *cx, Node *call)
{
  return set_config(cx, call, true);
}

Operand bi_get_config_unchecked(Ctx *cx, Node *call)
{
  return get_config(cx, call, false);
}

Operand bi_set_config_unchecked(Ctx *cx, Node *call)
{
  return set_config(cx, call, false);
}

// ---- intrinsics of the standard library ----
static bool in_stdlib(Ctx *cx, Node *call)
{
  if (ops_in_stdlib(cx->s, call))
    return true;
  SEMA_ERROR(cx, call, unknown_builtin, names_text(cx->s->names, call->name));
  return false;
}

Operand bi_weft_host_next(Ctx *cx, Node *call)
{
  if (!in_stdlib(cx, call))
    return op_error();
  sys(cx, call, SYS_host_next, IRT_VOID, IR_NONE, IR_NONE);
  return op_void();
}

// One argument of type `t`, a 16-bit result.
static Operand read16(Ctx *cx, Node *call, SysOp op)
{
  IrRef ref = in_stdlib(cx, call) ? argument(cx, call, 0, T_U16) : IR_NONE;
  return ref == IR_NONE ? op_error() : op_rvalue(T_U16, sys(cx, call, op, IRT_I16, ref, IR_NONE));
}

static Operand write1(Ctx *cx, Node *call, SysOp op, Type t)
{
  IrRef ref = in_stdlib(cx, call) ? argument(cx, call, 0, t) : IR_NONE;
  if (ref == IR_NONE)
    return op_error();
  sys(cx, call, op, IRT_VOID, ref, IR_NONE);
  return op_void();
}

// Address or field of a register by its name in target/registers.def.
Operand bi_weft_register(Ctx *cx, Node *call)
{
  Name name;
  uint32_t value;
  if (!in_stdlib(cx, call) || !sema_comptime_string(cx, call->list[0], &name))
    return op_error();
  const char *text = names_text(cx->s->names, name);
  if (!register_named(cx->s->arch->id, text, &value))
    return SEMA_ERROR(cx, call, register_unknown, text, cx->s->arch->name);
  return op_value(v_int(T_U16, value));
}

Operand bi_weft_coord(Ctx *cx, Node *call)
{
  return read16(cx, call, SYS_coord);
}

Operand bi_weft_tsc_read(Ctx *cx, Node *call)
{
  return read16(cx, call, SYS_tsc_read);
}

Operand bi_weft_tsc_ctl(Ctx *cx, Node *call)
{
  return write1(cx, call, SYS_tsc_ctl, T_U16);
}

Operand bi_weft_rand_seed(Ctx *cx, Node *call)
{
  return write1(cx, call, SYS_rand_seed, T_U32);
}

// The number of a text in the program's table, where it stands once.
static uint32_t text_number(TileModule *m, const char *bytes)
{
  uint32_t number = 0;
  while (number < arrlenu(m->strings) && strcmp(m->strings[number], bytes) != 0)
    number++;
  if (number == arrlenu(m->strings))
    arrput(m->strings, arena_strdup(&m->arena, bytes));
  return number;
}

// The same of the text that is the first argument. False after a report.
static bool text_argument(Ctx *cx, Node *call, uint32_t *number)
{
  Name text;
  if (!in_stdlib(cx, call) || !sema_comptime_string(cx, call->list[0], &text))
    return false;
  *number = text_number(cx->tile->module, names_text(cx->s->names, text));
  return true;
}

Operand bi_weft_text(Ctx *cx, Node *call)
{
  uint32_t number;
  if (!text_argument(cx, call, &number))
    return op_error();
  return op_rvalue(T_U16, tir_const(cx->tile->module, IRT_I16, number));
}

Operand bi_weft_print_string(Ctx *cx, Node *call)
{
  uint32_t number;
  if (!text_argument(cx, call, &number))
    return op_error();
  cx->b.pos = call->at;
  tir_emit(&cx->b, IR_PRINT, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, number);
  return op_void();
}

Operand bi_weft_print(Ctx *cx, Node *call)
{
  if (!in_stdlib(cx, call))
    return op_error();
  IrRef text = argument(cx, call, 0, type_pointer(cx->s, T_U8, true, false));
  IrRef bytes = text == IR_NONE ? IR_NONE : argument(cx, call, 1, T_U16);
  if (bytes == IR_NONE)
    return op_error();
  text = tir_emit(&cx->b, IR_PTRTOINT, IRT_I32, text, IR_NONE, IR_NONE, 0);
  sys(cx, call, SYS_simprint, IRT_VOID, text, bytes);
  return op_void();
}

Operand bi_weft_print_float(Ctx *cx, Node *call)
{
  IrRef bits = in_stdlib(cx, call) ? argument(cx, call, 0, T_U32) : IR_NONE;
  IrRef half = bits == IR_NONE ? IR_NONE : argument(cx, call, 1, T_U16);
  if (half == IR_NONE)
    return op_error();
  sys(cx, call, SYS_print_float, IRT_VOID, bits, half);
  return op_void();
}

// Bits of the first n arguments, f32, while compiling.
static bool known_f32(Ctx *cx, Node *call, uint32_t n, uint32_t *bits)
{
  for (uint32_t i = 0; i < n; i++) {
    Value v;
    if (!sema_comptime(cx, call->list[i], T_F32, &v))
      return false;
    bits[i] = (uint32_t)float_bits(T_F32, v.f);
  }
  return true;
}

static Operand f32_value(uint32_t bits)
{
  return op_value(v_float(T_F32, float_from_bits(T_F32, bits)));
}

Operand bi_weft_sqrt(Ctx *cx, Node *call)
{
  uint32_t bits;
  if (!in_stdlib(cx, call))
    return op_error();
  if (cx->comptime)
    return known_f32(cx, call, 1, &bits) ? f32_value(arith_f32_sqrt(bits)) : op_error();
  IrRef x = argument(cx, call, 0, T_F32);
  return x == IR_NONE
             ? op_error()
             : op_rvalue(T_F32, tir_emit(&cx->b, IR_FSQRT, IRT_F32, x, IR_NONE, IR_NONE, 0));
}

Operand bi_weft_fma(Ctx *cx, Node *call)
{
  uint32_t bits[3];
  IrRef v[3];
  if (!in_stdlib(cx, call))
    return op_error();
  if (cx->comptime)
    return known_f32(cx, call, 3, bits) ? f32_value(arith_f32_fma(bits[0], bits[1], bits[2]))
                                        : op_error();
  for (uint32_t i = 0; i < 3; i++) {
    v[i] = argument(cx, call, i, T_F32);
    if (v[i] == IR_NONE)
      return op_error();
  }
  return op_rvalue(T_F32, tir_emit(&cx->b, IR_FMA, IRT_F32, v[0], v[1], v[2], 0));
}

// A streaming colour of memcpy. Columns declare it one after the other: repeating it changes
// nothing.
Operand bi_weft_stream(Ctx *cx, Node *call)
{
  Value c;
  bool to_host;
  Node *n = call->list[0];
  if (!in_stdlib(cx, call) || !sema_comptime(cx, n, T_NONE, &c) ||
      !sema_comptime_bool(cx, call->list[1], &to_host))
    return op_error();
  if (c.type != T_COLOR && c.type != T_COMPTIME_INT && !type_is_int(cx->s, c.type))
    return SEMA_ERROR(cx, n, expected_kind, "a color or an integer", type_name(cx->s, c.type));
  if (c.i < 0 || c.i >= cx->s->arch->colors)
    return SEMA_ERROR(cx, n, color_not_routable, (long long)c.i, cx->s->arch->colors - 1);
  FabricModule *f = cx->s->fabric;
  for (ptrdiff_t i = 0; i < arrlen(f->streams); i++)
    if (f->streams[i].color == c.i) {
      if (f->streams[i].to_host == to_host)
        return op_void();
      return SEMA_ERROR(cx, n, stream_both_ways, (long long)c.i);
    }
  arrput(f->streams, ((FabricStream){.color = (uint8_t)c.i, .to_host = to_host}));
  return op_void();
}
