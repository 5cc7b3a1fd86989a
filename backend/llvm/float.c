// Floating point. f16 and f32 are LLVM's own (Zfh, F); bf16 and cb16 are bits in integers, computed
// by custom instructions. Nothing is contracted and no fast-math flag is set.
#include "backend/llvm/gen.h"
#include <string.h>

static bool is_custom(IrType t)
{
  return t == IRT_BF16 || t == IRT_CB16;
}

static LLVMValueRef intrinsic(Gen *g, const char *name, LLVMTypeRef *overload, unsigned n_overload,
                              LLVMValueRef *args, unsigned n)
{
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef fn = LLVMGetIntrinsicDeclaration(g->mod, id, overload, n_overload);
  LLVMTypeRef type = LLVMIntrinsicGetType(g->ctx, id, overload, n_overload);
  return LLVMBuildCall2(g->b, type, fn, args, n, "");
}

static LLVMValueRef halves(Gen *g, SysOp op, LLVMValueRef a, LLVMValueRef b, LLVMTypeRef to)
{
  LLVMValueRef word = sys_op(g, op, word_of(g, a), b ? word_of(g, b) : NULL, true);
  return LLVMBuildTrunc(g->b, word, to, "");
}

static LLVMValueRef custom_to_f32(Gen *g, LLVMValueRef v)
{
  return LLVMBuildBitCast(g->b, sys_op(g, SYS_h2s, word_of(g, v), NULL, true), g->f32, "");
}

static LLVMValueRef f32_to_custom(Gen *g, LLVMValueRef v)
{
  return halves(g, SYS_s2h, v, NULL, g->i16);
}

// ---- arithmetic ----

static LLVMValueRef custom_arithmetic(Gen *g, const IrInst *in)
{
  LLVMValueRef a = value_of(g, in->a), b = value_of(g, in->b);
  switch (in->op) {
  case IR_FADD: return halves(g, SYS_hadd, a, b, g->i16);
  case IR_FSUB: return halves(g, SYS_hsub, a, b, g->i16);
  case IR_FMUL: return halves(g, SYS_hmul, a, b, g->i16);
  case IR_FDIV: return halves(g, SYS_hdiv, a, b, g->i16);
  default: return LLVMBuildXor(g->b, a, LLVMConstInt(g->i16, 0x8000, false), ""); // IR_FNEG
  }
}

static LLVMValueRef gen_arithmetic(Gen *g, const IrInst *in)
{
  if (is_custom(in->type))
    return custom_arithmetic(g, in);
  LLVMValueRef a = value_of(g, in->a), b = value_of(g, in->b);
  switch (in->op) {
  case IR_FADD: return LLVMBuildFAdd(g->b, a, b, "");
  case IR_FSUB: return LLVMBuildFSub(g->b, a, b, "");
  case IR_FMUL: return LLVMBuildFMul(g->b, a, b, "");
  case IR_FDIV: return LLVMBuildFDiv(g->b, a, b, "");
  default: return LLVMBuildFNeg(g->b, a, ""); // IR_FNEG
  }
}

static LLVMValueRef gen_sqrt(Gen *g, const IrInst *in)
{
  LLVMValueRef a = value_of(g, in->a);
  return intrinsic(g, "llvm.sqrt", &g->f32, 1, &a, 1);
}

static LLVMValueRef gen_fma(Gen *g, const IrInst *in)
{
  LLVMValueRef args[] = {value_of(g, in->a), value_of(g, in->b), value_of(g, in->c)};
  return intrinsic(g, "llvm.fma", &g->f32, 1, args, 3);
}

// ---- comparisons ----

static LLVMValueRef gen_compare(Gen *g, const IrInst *in)
{
  LLVMValueRef a = value_of(g, in->a), b = value_of(g, in->b);
  bool custom = is_custom(tir_type_of(g->m, g->func, in->a));
  switch (in->op) {
  case IR_FEQ:
    return custom ? halves(g, SYS_heq, a, b, g->i1) : LLVMBuildFCmp(g->b, LLVMRealOEQ, a, b, "");
  case IR_FNE:
    return custom ? LLVMBuildNot(g->b, halves(g, SYS_heq, a, b, g->i1), "")
                  : LLVMBuildFCmp(g->b, LLVMRealUNE, a, b, "");
  case IR_FLT:
    return custom ? halves(g, SYS_hlt, a, b, g->i1) : LLVMBuildFCmp(g->b, LLVMRealOLT, a, b, "");
  default:
    return custom ? halves(g, SYS_hle, a, b, g->i1)
                  : LLVMBuildFCmp(g->b, LLVMRealOLE, a, b, ""); // IR_FLE
  }
}

// ---- conversions ----

// The machine's own conversion: LLVM's saturating ones make 0 of a NaN, the machine the greatest
// value.
static LLVMValueRef convert_to_word(Gen *g, LLVMValueRef a, bool is_signed)
{
  LLVMTypeRef from = LLVMTypeOf(a), type = LLVMFunctionType(g->i32, &from, 1, false);
  char text[32];
  snprintf(text, sizeof text, "fcvt.%s.%s $0, $1, rtz", is_signed ? "w" : "wu",
           from == g->half ? "h" : "s");
  static const char constraints[] = "=r,f";
  LLVMValueRef code =
      LLVMGetInlineAsm(type, text, strlen(text), constraints, sizeof constraints - 1, false, false,
                       LLVMInlineAsmDialectATT, false);
  LLVMValueRef call = LLVMBuildCall2(g->b, type, code, &a, 1, "");
  gen_attributes(g, call, (const char *const[]){"nounwind", "willreturn", "memory", NULL});
  return call;
}

static LLVMValueRef clamp(Gen *g, LLVMValueRef v, LLVMIntPredicate beyond, uint32_t limit)
{
  LLVMValueRef l = i32_const(g, limit);
  return LLVMBuildSelect(g->b, LLVMBuildICmp(g->b, beyond, v, l, ""), l, v, "");
}

static LLVMValueRef to_narrow(Gen *g, LLVMValueRef a, unsigned width, bool is_signed,
                              LLVMTypeRef to)
{
  LLVMValueRef v = convert_to_word(g, a, is_signed);
  if (width < 32 && is_signed) {
    v = clamp(g, v, LLVMIntSGT, (1u << (width - 1)) - 1);
    v = clamp(g, v, LLVMIntSLT, 0u - (1u << (width - 1)));
  } else if (width < 32)
    v = clamp(g, v, LLVMIntUGT, (1u << width) - 1);
  return LLVMBuildTruncOrBitCast(g->b, v, to, "");
}

static LLVMValueRef to_wide(Gen *g, LLVMValueRef a, bool is_signed)
{
  LLVMTypeRef types[] = {g->i64, LLVMTypeOf(a)};
  LLVMValueRef v = intrinsic(g, is_signed ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2, &a, 1);
  LLVMValueRef greatest = LLVMConstInt(g->i64, is_signed ? INT64_MAX : UINT64_MAX, false);
  return LLVMBuildSelect(g->b, LLVMBuildFCmp(g->b, LLVMRealUNO, a, a, ""), greatest, v, "");
}

static LLVMValueRef gen_to_integer(Gen *g, const IrInst *in)
{
  LLVMValueRef a = value_of(g, in->a);
  IrType from = tir_type_of(g->m, g->func, in->a);
  if (is_custom(from))
    a = custom_to_f32(g, a);
  LLVMTypeRef to = type_of(g, in->type);
  unsigned width = LLVMGetIntTypeWidth(to);
  bool is_signed = in->op == IR_FTOSI;
  if (width > 64 && from == IRT_F16)
    a = LLVMBuildFPExt(g->b, a, g->f32, "");
  if (width > 64)
    return gen_wide_from_f32(g, a, to, is_signed);
  return width > 32 ? to_wide(g, a, is_signed) : to_narrow(g, a, width, is_signed, to);
}

// A 32-bit integer whose rounding to f32 cannot disturb the one to a 16-bit format after it: from
// 2^24 on, the low 9 bits become one sticky bit, which leaves fewer bits than f32 holds and more
// than any 16-bit format does.
static LLVMValueRef sticky(Gen *g, LLVMValueRef v, bool is_signed)
{
  LLVMValueRef low = LLVMBuildAnd(g->b, v, i32_const(g, 0x1ff), "");
  LLVMValueRef any = LLVMBuildICmp(g->b, LLVMIntNE, low, i32_const(g, 0), "");
  LLVMValueRef bit = LLVMBuildShl(g->b, LLVMBuildZExt(g->b, any, g->i32, ""), i32_const(g, 8), "");
  LLVMValueRef squeezed =
      LLVMBuildOr(g->b, LLVMBuildAnd(g->b, v, i32_const(g, ~0x1ffu), ""), bit, "");
  LLVMValueRef biased = is_signed ? LLVMBuildAdd(g->b, v, i32_const(g, 1 << 24), "") : v;
  LLVMValueRef exact =
      LLVMBuildICmp(g->b, LLVMIntULE, biased, i32_const(g, is_signed ? 2 << 24 : 1 << 24), "");
  return LLVMBuildSelect(g->b, exact, v, squeezed, "");
}

// A 64-bit magnitude as f32 rounded to odd: its 24 leading bits, the last of which is set if any
// bit below is. Rounding that to a 16-bit format is the one rounding of the conversion.
static LLVMValueRef magnitude_to_odd_f32(Gen *g, LLVMValueRef v)
{
  LLVMValueRef zero = LLVMConstInt(g->i64, 0, false);
  LLVMValueRef args[] = {v, LLVMConstInt(g->i1, 0, false)};
  LLVMValueRef zeros = intrinsic(g, "llvm.ctlz", &g->i64, 1, args, 2);
  LLVMValueRef many = LLVMConstInt(g->i64, 40, false);
  LLVMValueRef wide = LLVMBuildICmp(g->b, LLVMIntULT, zeros, many, "");
  LLVMValueRef by =
      LLVMBuildSelect(g->b, wide, LLVMBuildSub(g->b, many, zeros, ""), zero, ""); // 0 to 40
  LLVMValueRef top = LLVMBuildLShr(g->b, v, by, "");
  LLVMValueRef lost = LLVMBuildICmp(g->b, LLVMIntNE, LLVMBuildShl(g->b, top, by, ""), v, "");
  top = LLVMBuildOr(g->b, top, LLVMBuildZExt(g->b, lost, g->i64, ""), "");
  LLVMValueRef f = LLVMBuildUIToFP(g->b, LLVMBuildTrunc(g->b, top, g->i32, ""), g->f32, "");
  LLVMValueRef exponent =
      LLVMBuildAdd(g->b, LLVMBuildTrunc(g->b, by, g->i32, ""), i32_const(g, 127), "");
  LLVMValueRef scale =
      LLVMBuildBitCast(g->b, LLVMBuildShl(g->b, exponent, i32_const(g, 23), ""), g->f32, "");
  return LLVMBuildFMul(g->b, f, scale, ""); // exact
}

static LLVMValueRef wide_to_odd_f32(Gen *g, LLVMValueRef v, bool is_signed)
{
  if (!is_signed)
    return magnitude_to_odd_f32(g, v);
  LLVMValueRef zero = LLVMConstInt(g->i64, 0, false);
  LLVMValueRef negative = LLVMBuildICmp(g->b, LLVMIntSLT, v, zero, "");
  LLVMValueRef magnitude = LLVMBuildSelect(g->b, negative, LLVMBuildSub(g->b, zero, v, ""), v, "");
  LLVMValueRef f = magnitude_to_odd_f32(g, magnitude);
  return LLVMBuildSelect(g->b, negative, LLVMBuildFNeg(g->b, f, ""), f, "");
}

static LLVMValueRef integer_to_custom(Gen *g, const IrInst *in)
{
  LLVMValueRef v = value_of(g, in->a);
  bool is_signed = in->op == IR_SITOF;
  if (LLVMGetIntTypeWidth(LLVMTypeOf(v)) > 64)
    return f32_to_custom(g, gen_wide_to_f32(g, v, is_signed, true));
  if (LLVMGetIntTypeWidth(LLVMTypeOf(v)) > 32)
    return f32_to_custom(g, wide_to_odd_f32(g, v, is_signed));
  v = sticky(g, LLVMBuildIntCast2(g->b, v, g->i32, is_signed, ""), is_signed);
  v = is_signed ? LLVMBuildSIToFP(g->b, v, g->f32, "") : LLVMBuildUIToFP(g->b, v, g->f32, "");
  return f32_to_custom(g, v);
}

static LLVMValueRef gen_from_integer(Gen *g, const IrInst *in)
{
  if (is_custom(in->type))
    return integer_to_custom(g, in);
  LLVMTypeRef to = type_of(g, in->type);
  LLVMValueRef v = value_of(g, in->a);
  if (LLVMGetIntTypeWidth(LLVMTypeOf(v)) > 64) {
    LLVMValueRef f = gen_wide_to_f32(g, v, in->op == IR_SITOF, in->type == IRT_F16);
    return in->type == IRT_F16 ? LLVMBuildFPTrunc(g->b, f, to, "") : f;
  }
  return in->op == IR_SITOF ? LLVMBuildSIToFP(g->b, v, to, "") : LLVMBuildUIToFP(g->b, v, to, "");
}

static LLVMValueRef gen_between_floats(Gen *g, const IrInst *in)
{
  IrType from = tir_type_of(g->m, g->func, in->a);
  LLVMValueRef v = value_of(g, in->a);
  if (from == in->type)
    return v;
  if (is_custom(from))
    v = custom_to_f32(g, v);
  else if (from == IRT_F16)
    v = LLVMBuildFPExt(g->b, v, g->f32, "");
  if (is_custom(in->type))
    return f32_to_custom(g, v);
  return in->type == IRT_F16 ? LLVMBuildFPTrunc(g->b, v, g->half, "") : v;
}

LLVMValueRef gen_float_op(Gen *g, const IrInst *in)
{
  switch (in->op) {
  case IR_FSQRT: return gen_sqrt(g, in);
  case IR_FMA: return gen_fma(g, in);
  case IR_FEQ:
  case IR_FNE:
  case IR_FLT:
  case IR_FLE: return gen_compare(g, in);
  case IR_FTOSI:
  case IR_FTOUI: return gen_to_integer(g, in);
  case IR_SITOF:
  case IR_UITOF: return gen_from_integer(g, in);
  case IR_FTOF: return gen_between_floats(g, in);
  default: return gen_arithmetic(g, in);
  }
}
