// Operators: one typing rule for comptime values and run-time values, exact arithmetic on the
// first, Tile IR for the second (spec language 5.2, 5.3, 6.2).
#include "arith/arith.h"
#include "sema/private.h"
#include <math.h>
#include <string.h>

// ---- numbers ----
static ArithHalf half_format(Type t)
{
  return t == T_F16 ? ARITH_F16 : t == T_BF16 ? ARITH_BF16 : ARITH_CB16;
}

static uint64_t double_bits(double f)
{
  uint64_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

// Bits of the significand, and of the whole.
static unsigned significand_bits(Type t)
{
  return t == T_F32 ? 23 : t == T_F16 ? 10 : t == T_BF16 ? 7 : 9;
}

static unsigned sign_bit(Type t)
{
  return t == T_F32 ? 31 : 15;
}

// A NaN keeps its sign and payload: @bitcast and negation show them. Arithmetic never makes another
// one than the canonical one (float_round).
static uint64_t nan_bits(Type t, double f)
{
  unsigned s = significand_bits(t);
  uint64_t exponent = ((1ull << (sign_bit(t) - s)) - 1) << s;
  uint64_t payload = (double_bits(f) & ((1ull << 52) - 1)) >> (52 - s);
  return (double_bits(f) >> 63) << sign_bit(t) | exponent | payload;
}

static double nan_from_bits(Type t, uint64_t bits)
{
  unsigned s = significand_bits(t);
  uint64_t wide =
      (bits >> sign_bit(t) & 1) << 63 | 0x7ffull << 52 | (bits & ((1ull << s) - 1)) << (52 - s);
  double f;
  memcpy(&f, &wide, sizeof f);
  return f;
}

static bool is_nan_bits(Type t, uint64_t bits)
{
  unsigned s = significand_bits(t);
  uint64_t exponent = (1ull << (sign_bit(t) - s)) - 1;
  return (bits >> s & exponent) == exponent && (bits & ((1ull << s) - 1));
}

uint64_t float_bits(Type t, double f)
{
  if (t == T_COMPTIME_FLOAT)
    return double_bits(f);
  if (isnan(f))
    return nan_bits(t, f);
  if (t == T_F32)
    return arith_f32_from_f64(f);
  return arith_half_from_f64(half_format(t), f);
}

double float_from_bits(Type t, uint64_t bits)
{
  if (is_nan_bits(t, bits))
    return nan_from_bits(t, bits);
  if (t == T_F32)
    return (double)arith_float((uint32_t)bits);
  return arith_half_to_f64(half_format(t), (uint16_t)bits);
}

// Nearest value of a float type. Sums, products and quotients of two such values computed in double
// and rounded here are exact results rounded once: double has more than twice the digits of each of
// these types.
double float_round(Type t, double f)
{
  if (isnan(f))
    return (double)NAN;
  return t == T_COMPTIME_FLOAT ? f : float_from_bits(t, float_bits(t, f));
}

int64_t int_wrap(const Sema *s, Type t, int64_t i)
{
  unsigned bits = type_bits(s, t);
  if (bits >= 64 || t == T_COMPTIME_INT)
    return i;
  if (!bits)
    return 0;
  uint64_t u = (uint64_t)i << (64 - bits);
  return type_is_signed(s, t) ? (int64_t)u >> (64 - bits) : (int64_t)(u >> (64 - bits));
}

// Does a comptime integer fit? 64-bit unsigned values are kept by their bits, so only negative
// numbers do not fit there.
bool int_fits(const Sema *s, Type t, int64_t i)
{
  if (t == T_COMPTIME_INT)
    return true;
  if (type_bits(s, t) >= 64)
    return type_is_signed(s, t) || i >= 0;
  return int_wrap(s, t, i) == i;
}

static bool is_unsigned64(const Sema *s, Type t)
{
  return type_bits(s, t) == 64 && !type_is_signed(s, t);
}

// ---- concrete values ----
static bool compare_ints(const Sema *s, Operator op, Type t, int64_t a, int64_t b)
{
  bool less = type_is_big(s, t)     ? big_compare(s, t, a, b) < 0
              : is_unsigned64(s, t) ? (uint64_t)a < (uint64_t)b
                                    : a < b;
  switch (op) {
  case OP_EQ: return a == b;
  case OP_NE: return a != b;
  case OP_LT: return less;
  case OP_LE: return less || a == b;
  case OP_GT: return !less && a != b;
  default: return !less;
  }
}

static bool compare_floats(Operator op, double a, double b)
{
  switch (op) {
  case OP_EQ: return a == b;
  case OP_NE: return a != b;
  case OP_LT: return a < b;
  case OP_LE: return a <= b;
  case OP_GT: return a > b;
  default: return a >= b;
  }
}

static bool is_comparison(Operator op)
{
  return op >= OP_EQ && op <= OP_GE;
}

static int64_t shift_left(int64_t a, int64_t b)
{
  return b > 63 ? 0 : (int64_t)((uint64_t)a << b);
}

static int64_t shift_right(const Sema *s, Type t, int64_t a, int64_t b)
{
  if (is_unsigned64(s, t))
    return b > 63 ? 0 : (int64_t)((uint64_t)a >> b);
  return a >> (b > 63 ? 63 : b);
}

static int64_t divide(const Sema *s, Operator op, Type t, int64_t a, int64_t b)
{
  if (is_unsigned64(s, t))
    return (int64_t)(op == OP_DIV ? (uint64_t)a / (uint64_t)b : (uint64_t)a % (uint64_t)b);
  if (b == -1) // the one case that overflows
    return op == OP_DIV ? (int64_t)(0 - (uint64_t)a) : 0;
  return op == OP_DIV ? a / b : a % b;
}

// False: division by zero.
static bool int_result(const Sema *s, Operator op, Type t, int64_t a, int64_t b, int64_t *r)
{
  switch (op) {
  case OP_ADD: *r = (int64_t)((uint64_t)a + (uint64_t)b); break;
  case OP_SUB: *r = (int64_t)((uint64_t)a - (uint64_t)b); break;
  case OP_MUL: *r = (int64_t)((uint64_t)a * (uint64_t)b); break;
  case OP_DIV:
  case OP_REM:
    if (!b)
      return false;
    *r = divide(s, op, t, a, b);
    break;
  case OP_SHL: *r = shift_left(a, b); break;
  case OP_SHR: *r = shift_right(s, t, a, b); break;
  case OP_AND: *r = a & b; break;
  case OP_OR: *r = a | b; break;
  case OP_XOR: *r = a ^ b; break;
  default: return false;
  }
  *r = int_wrap(s, t, *r);
  return true;
}

// Sums, differences and products of words whose result is one: what most comptime integers are.
static bool word_result(Operator op, Type t, int64_t a, int64_t b, int64_t *r)
{
  if (t != T_COMPTIME_INT || op > OP_MUL || big_is_pooled(a) || big_is_pooled(b))
    return false;
  bool over = op == OP_ADD   ? __builtin_add_overflow(a, b, r)
              : op == OP_SUB ? __builtin_sub_overflow(a, b, r)
                             : __builtin_mul_overflow(a, b, r);
  return !over && !big_is_pooled(*r);
}

static bool float_result(Operator op, Type t, double a, double b, double *r)
{
  switch (op) {
  case OP_ADD: *r = a + b; break;
  case OP_SUB: *r = a - b; break;
  case OP_MUL: *r = a * b; break;
  case OP_DIV: *r = a / b; break;
  default: return false;
  }
  *r = float_round(t, *r);
  return true;
}

static bool is_float_value(Type t)
{
  return t == T_COMPTIME_FLOAT || type_is_float(t);
}

// Operands have one type (the amount of a shift: any). False without a report: divided by zero, or
// a comptime_int gets too long.
bool arith_concrete(Sema *s, Operator op, Value a, Value b, Value *out)
{
  if (op == OP_LAND || op == OP_LOR) {
    *out = v_bool(op == OP_LAND ? a.i && b.i : a.i || b.i);
    return true;
  }
  if (is_comparison(op)) {
    if (is_float_value(a.type))
      *out = v_bool(compare_floats(op, a.f, b.f));
    else if (type_is_numeric(s, a.type))
      *out = v_bool(compare_ints(s, op, a.type, a.i, b.i));
    else
      *out = v_bool(v_equal(s, a, b) == (op == OP_EQ));
    return true;
  }
  if (is_float_value(a.type)) {
    *out = v_float(a.type, 0);
    return float_result(op, a.type, a.f, b.f, &out->f);
  }
  *out = v_int(a.type, 0);
  if (type_is_big(s, a.type))
    return word_result(op, a.type, a.i, b.i, &out->i) || big_binary(s, op, a, b, &out->i);
  return int_result(s, op, a.type, a.i, b.i, &out->i);
}

// ---- typing ----
static const char *operator_word(Operator op)
{
  if (is_comparison(op))
    return "comparison";
  if (op == OP_SHL || op == OP_SHR)
    return "shift";
  return op >= OP_AND && op <= OP_XOR ? "bitwise" : "arithmetic";
}

static bool equality_only(const Sema *s, Type t)
{
  uint8_t k = type_info(s, t)->kind;
  return t == T_BOOL || t == T_COMPTIME_STRING || t == T_TYPE || type_is_handle(t) ||
         (t >= T_DSR_DEST && t <= T_SR) || k == TK_ENUM || k == TK_PTR || k == TK_MANY;
}

bool operator_allowed(const Sema *s, Operator op, Type t)
{
  if (op == OP_EQ || op == OP_NE)
    return type_is_numeric(s, t) || equality_only(s, t);
  if (is_comparison(op) || (op >= OP_ADD && op <= OP_DIV))
    return type_is_numeric(s, t);
  return type_is_int(s, t) || t == T_COMPTIME_INT;
}

// Brings two operands to one type. False after a report.
static bool unify(Ctx *cx, Node *at, Operator op, Operand *a, Operand *b, Type *t)
{
  Sema *s = cx->s;
  Operand both[2] = {*a, *b};
  *t = a->type == b->type ? a->type : peer_type(cx, both, 2);
  if (*t == T_NONE) {
    Type worse = operator_allowed(s, op, a->type) ? b->type : a->type;
    if (!operator_allowed(s, op, worse))
      SEMA_ERROR(cx, at, bad_operator, operator_word(op), type_name(s, worse));
    else {
      bool first = a->type == T_COMPTIME_INT || a->type == T_COMPTIME_FLOAT;
      Type want = first ? b->type : a->type, got = first ? a->type : b->type;
      SEMA_ERROR(cx, at, type_mismatch, type_name(s, want), type_name(s, got));
      note_conversion(cx, at, got, want);
    }
    return false;
  }
  if (!operator_allowed(s, op, *t)) {
    SEMA_ERROR(cx, at, bad_operator, operator_word(op), type_name(s, *t));
    return false;
  }
  return sema_coerce(cx, at, a, *t) && sema_coerce(cx, at, b, *t);
}

static bool check_shift(Ctx *cx, Node *at, Operand *a, Operand *b)
{
  Sema *s = cx->s;
  if (!operator_allowed(s, OP_SHL, a->type)) {
    SEMA_ERROR(cx, at, bad_operator, "shift", type_name(s, a->type));
    return false;
  }
  if (b->type != T_COMPTIME_INT && (!type_is_int(s, b->type) || type_is_signed(s, b->type))) {
    // A known amount converts like any known integer (sdk-2.10 1.3).
    if (b->kind != OPK_VALUE || !type_is_int(s, b->type)) {
      SEMA_ERROR(cx, at, shift_signed, type_name(s, b->type));
      return false;
    }
  }
  if (b->kind != OPK_VALUE)
    return true;
  sema_force(cx, &b->v);
  bool high = type_bits(s, b->type) == 64 && !type_is_signed(s, b->type);
  int64_t bits = a->type == T_COMPTIME_INT ? INT64_MAX : (int64_t)type_bits(s, a->type);
  if (b->v.i >= 0 ? b->v.i < bits : high && a->type == T_COMPTIME_INT)
    return true;
  SEMA_ERROR(cx, at, shift_amount, v_int_text(s, b->v), type_name(s, a->type));
  return false;
}

// Operator on two comptime values of one type (shifts: checked already). Reports what has no
// result.
bool arith_binary(Ctx *cx, Node *at, Operator op, Value a, Value b, Value *out)
{
  Sema *s = cx->s;
  bool divides = op == OP_DIV || op == OP_REM;
  if (divides && b.sym &&
      !is_float_value(a.type)) { // all tiles of a class agree on whether it is zero
    Value zero;
    arith_binary(cx, at, OP_EQ, b, v_int(b.type, 0), &zero);
    sema_force(cx, &zero);
  }
  if (divides && (is_float_value(a.type) ? a.type == T_COMPTIME_FLOAT && b.f == 0 : b.i == 0)) {
    SEMA_ERROR(cx, at, divide_by_zero);
    return false;
  }
  if (!arith_concrete(s, op, a, b, out)) {
    SEMA_ERROR(cx, at, int_overflow, COMPTIME_INT_BITS);
    return false;
  }
  if (out->type == T_COMPTIME_FLOAT && isnan(out->f)) {
    SEMA_ERROR(cx, at, float_nan);
    return false;
  }
  if (a.sym || b.sym)
    out->sym = sym_binary(s, op, a, b, out->type);
  return true;
}

// ---- run time ----
static IrOp int_op(const Sema *s, Operator op, Type t)
{
  bool sign = type_is_signed(s, t);
  switch (op) {
  case OP_ADD: return IR_ADD;
  case OP_SUB: return IR_SUB;
  case OP_MUL: return IR_MUL;
  case OP_DIV: return sign ? IR_SDIV : IR_UDIV;
  case OP_REM: return sign ? IR_SREM : IR_UREM;
  case OP_SHL: return IR_SHL;
  case OP_SHR: return sign ? IR_ASHR : IR_LSHR;
  case OP_AND: return IR_AND;
  case OP_OR: return IR_OR;
  case OP_XOR: return IR_XOR;
  case OP_EQ: return IR_EQ;
  case OP_NE: return IR_NE;
  case OP_LT:
  case OP_GT: return sign ? IR_SLT : IR_ULT;
  default: return sign ? IR_SLE : IR_ULE;
  }
}

static IrOp float_op(Operator op)
{
  switch (op) {
  case OP_ADD: return IR_FADD;
  case OP_SUB: return IR_FSUB;
  case OP_MUL: return IR_FMUL;
  case OP_DIV: return IR_FDIV;
  case OP_EQ: return IR_FEQ;
  case OP_NE: return IR_FNE;
  case OP_LT:
  case OP_GT: return IR_FLT;
  default: return IR_FLE;
  }
}

// Integers of odd widths live in the next wider register, extended; after arithmetic they are
// extended again.
IrRef arith_narrow(Ctx *cx, Type t, IrRef r)
{
  unsigned bits = type_bits(cx->s, t), full = type_size(cx->s, t) * 8;
  if (!type_is_int(cx->s, t) || bits == full || !full)
    return r;
  IrType ir = type_lower(cx, t);
  IrRef by = sema_const(cx, ir, full - bits);
  r = tir_emit(&cx->b, IR_SHL, ir, r, by, IR_NONE, 0);
  return tir_emit(&cx->b, type_is_signed(cx->s, t) ? IR_ASHR : IR_LSHR, ir, r, by, IR_NONE, 0);
}

// The amount of a shift in the type of what is shifted; too large ones stay too large.
static IrRef shift_amount(Ctx *cx, Node *at, Type t, Operand amount)
{
  IrType to = type_lower(cx, t);
  if (amount.kind == OPK_VALUE)
    return sema_const(cx, to, (uint64_t)amount.v.i);
  IrRef r = sema_runtime(cx, at, amount, T_NONE);
  IrType from = type_lower(cx, amount.type);
  uint32_t have = type_size(cx->s, amount.type), need = type_size(cx->s, t);
  if (have < need)
    return tir_emit(&cx->b, IR_ZEXT, to, r, IR_NONE, IR_NONE, 0);
  if (have == need)
    return r;
  IrRef limit = sema_const(cx, from, need * 8);
  IrRef ok = tir_emit(&cx->b, IR_ULT, IRT_BOOL, r, limit, IR_NONE, 0);
  IrRef low = tir_emit(&cx->b, IR_SELECT, from, ok, r, limit, 0);
  return tir_emit(&cx->b, IR_TRUNC, to, low, IR_NONE, IR_NONE, 0);
}

static Operand runtime_binary(Ctx *cx, Node *at, Operator op, Operand a, Operand b, Type t)
{
  Sema *s = cx->s;
  cx->b.pos = at->at;
  IrRef x = sema_runtime(cx, at, a, T_NONE);
  bool shift = op == OP_SHL || op == OP_SHR;
  IrRef y = shift ? shift_amount(cx, at, t, b) : sema_runtime(cx, at, b, T_NONE);
  if (x == IR_NONE || y == IR_NONE)
    return op_error();
  if (op == OP_GT || op == OP_GE) {
    IrRef swap = x;
    x = y;
    y = swap;
  }
  IrOp ir = type_is_float(t) ? float_op(op) : int_op(s, op, t);
  if (is_comparison(op))
    return op_rvalue(T_BOOL, tir_emit(&cx->b, ir, IRT_BOOL, x, y, IR_NONE, 0));
  IrRef r = tir_emit(&cx->b, ir, type_lower(cx, t), x, y, IR_NONE, 0);
  return op_rvalue(t, arith_narrow(cx, t, r));
}

// A binary operator other than `and`, `or` on loaded operands.
Operand arith_operands(Ctx *cx, Node *at, Operator op, Operand a, Operand b)
{
  Type t = a.type;
  if (op == OP_SHL || op == OP_SHR) {
    if (!check_shift(cx, at, &a, &b))
      return op_error();
    if (t == T_COMPTIME_INT && b.kind != OPK_VALUE)
      return SEMA_ERROR(cx, at, not_comptime);
  } else if (!unify(cx, at, op, &a, &b, &t)) {
    return op_error();
  }
  if (a.kind == OPK_VALUE && b.kind == OPK_VALUE) {
    Value v;
    return arith_binary(cx, at, op, a.v, b.v, &v) ? op_value(v) : op_error();
  }
  if (cx->comptime)
    return SEMA_ERROR(cx, at, not_comptime);
  bool divides = (op == OP_DIV || op == OP_REM) && !type_is_float(t);
  if (divides && b.kind == OPK_VALUE && !b.v.sym && !b.v.i)
    return SEMA_ERROR(cx, at, divide_by_zero);
  return runtime_binary(cx, at, op, a, b, t);
}

// ---- unary ----
bool unary_allowed(const Sema *s, NodeKind kind, Type t)
{
  if (kind == N_NOT)
    return t == T_BOOL;
  if (kind == N_BIT_NOT)
    return type_is_int(s, t);
  return type_is_numeric(s, t) && (is_float_value(t) || type_is_signed(s, t));
}

// -v, wrapped; no comptime_int gets longer by this.
static Value negated(Sema *s, Value v)
{
  Value r = v;
  arith_concrete(s, OP_SUB, v_int(v.type, 0), v, &r);
  return r;
}

Value unary_value(Sema *s, NodeKind kind, Value v)
{
  Value r = v;
  if (kind == N_NOT)
    r.i = !v.i;
  else if (kind == N_BIT_NOT)
    arith_concrete(s, OP_SUB, negated(s, v), v_number(s, v.type, 1), &r);
  else if (is_float_value(v.type))
    r.f = -v.f;
  else
    r = negated(s, v);
  r.sym = v.sym ? sym_unary(s, kind, v, v.type) : 0;
  return r;
}

static Operand runtime_unary(Ctx *cx, Node *at, NodeKind kind, Operand a)
{
  Type t = a.type;
  IrType ir = type_lower(cx, t);
  cx->b.pos = at->at;
  IrRef x = sema_runtime(cx, at, a, T_NONE), r;
  if (x == IR_NONE)
    return op_error();
  if (kind == N_NOT)
    r = tir_emit(&cx->b, IR_EQ, IRT_BOOL, x, sema_const(cx, IRT_BOOL, 0), IR_NONE, 0);
  else if (kind == N_BIT_NOT)
    r = arith_narrow(
        cx, t,
        tir_emit(&cx->b, IR_XOR, ir, x, sema_int_const(cx, ir, v_int(T_I64, -1)), IR_NONE, 0));
  else if (type_is_float(t))
    r = tir_emit(&cx->b, IR_FNEG, ir, x, IR_NONE, IR_NONE, 0);
  else
    r = arith_narrow(cx, t, tir_emit(&cx->b, IR_SUB, ir, sema_const(cx, ir, 0), x, IR_NONE, 0));
  return op_rvalue(t, r);
}

// `-`, `!`, `~` on a loaded operand.
Operand arith_unary(Ctx *cx, Node *at, NodeKind kind, Operand a)
{
  static const char *const words[] = {"arithmetic", "logical", "bitwise"};
  if (!unary_allowed(cx->s, kind, a.type)) {
    SEMA_ERROR(cx, at, bad_operator, words[kind - N_NEG], type_name(cx->s, a.type));
    hint_unary(cx, at, a.type);
    return op_error();
  }
  if (a.kind == OPK_VALUE)
    return op_value(unary_value(cx->s, kind, a.v));
  return runtime_unary(cx, at, kind, a);
}
