// Integers of more than 64 bits. LLVM expands most operations on them to operations on words; for
// products, quotients and conversions from and to floats this machine has no instructions, and LLVM
// knows no helpers. Products and quotients go through two of ours (runtime.ll) on arrays of words.
#include "backend/llvm/gen.h"
#include <string.h>

enum { F32_FRACTION = 23, F32_BIAS = 127, F32_SPECIAL = 255 };

static unsigned width_of(LLVMValueRef v)
{
  return LLVMGetIntTypeWidth(LLVMTypeOf(v));
}

// Stack space for a value of this type, at the head of the function: loops do not make it grow.
static LLVMValueRef scratch(Gen *g, LLVMTypeRef t)
{
  LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b), entry = LLVMGetEntryBasicBlock(g->fn);
  LLVMValueRef first = LLVMGetFirstInstruction(entry);
  LLVMMetadataRef place = LLVMGetCurrentDebugLocation2(g->b);
  if (first)
    LLVMPositionBuilderBefore(g->b, first);
  else
    LLVMPositionBuilderAtEnd(g->b, entry);
  LLVMValueRef slot = LLVMBuildAlloca(g->b, t, "");
  LLVMSetAlignment(slot, 4);
  LLVMPositionBuilderAtEnd(g->b, here);
  LLVMSetCurrentDebugLocation2(g->b, place);
  return slot;
}

static LLVMValueRef in_memory(Gen *g, LLVMValueRef v)
{
  LLVMValueRef slot = scratch(g, LLVMTypeOf(v));
  LLVMSetAlignment(LLVMBuildStore(g->b, v, slot), 4);
  return slot;
}

static LLVMValueRef from_memory(Gen *g, LLVMTypeRef t, LLVMValueRef slot)
{
  LLVMValueRef v = LLVMBuildLoad2(g->b, t, slot, "");
  LLVMSetAlignment(v, 4);
  return v;
}

// void name(ptr, ptr, ptr, i32 words): it accesses what the pointers name and nothing else.
static void call_helper(Gen *g, const char *name, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c,
                        unsigned width)
{
  enum { READS_AND_WRITES_ARGUMENTS = 3 };
  LLVMTypeRef params[] = {g->ptr, g->ptr, g->ptr, g->i32};
  LLVMTypeRef type = LLVMFunctionType(g->none, params, 4, false);
  LLVMValueRef fn = LLVMGetNamedFunction(g->mod, name);
  if (!fn) {
    fn = LLVMAddFunction(g->mod, name, type);
    gen_attributes(g, fn, (const char *const[]){"nounwind", "willreturn", NULL});
    unsigned kind = LLVMGetEnumAttributeKindForName("memory", strlen("memory"));
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(g->ctx, kind, READS_AND_WRITES_ARGUMENTS));
  }
  LLVMValueRef args[] = {a, b, c, i32_const(g, width / IR_WORD_BITS)};
  LLVMBuildCall2(g->b, type, fn, args, 4, "");
}

static LLVMValueRef product(Gen *g, LLVMValueRef a, LLVMValueRef b)
{
  LLVMValueRef r = scratch(g, LLVMTypeOf(a));
  call_helper(g, NAME_WIDE_MUL, r, in_memory(g, a), in_memory(g, b), width_of(a));
  return from_memory(g, LLVMTypeOf(a), r);
}

static LLVMValueRef quotient(Gen *g, LLVMValueRef a, LLVMValueRef b, bool rest)
{
  LLVMValueRef q = in_memory(g, a), r = scratch(g, LLVMTypeOf(a));
  call_helper(g, NAME_WIDE_DIV, q, r, in_memory(g, b), width_of(a));
  return from_memory(g, LLVMTypeOf(a), rest ? r : q);
}

static LLVMValueRef is_negative(Gen *g, LLVMValueRef v)
{
  return LLVMBuildICmp(g->b, LLVMIntSLT, v, LLVMConstInt(LLVMTypeOf(v), 0, false), "");
}

static LLVMValueRef negate_if(Gen *g, LLVMValueRef condition, LLVMValueRef v)
{
  return LLVMBuildSelect(g->b, condition, LLVMBuildNeg(g->b, v, ""), v, "");
}

static LLVMValueRef signed_quotient(Gen *g, LLVMValueRef a, LLVMValueRef b, bool rest)
{
  LLVMValueRef minus = is_negative(g, a), other = is_negative(g, b);
  LLVMValueRef r = quotient(g, negate_if(g, minus, a), negate_if(g, other, b), rest);
  return negate_if(g, rest ? minus : LLVMBuildXor(g->b, minus, other, ""), r);
}

LLVMValueRef gen_wide_binary(Gen *g, IrOp op, LLVMValueRef a, LLVMValueRef b)
{
  switch (op) {
  case IR_MUL: return product(g, a, b);
  case IR_SDIV: return signed_quotient(g, a, b, false);
  case IR_UDIV: return quotient(g, a, b, false);
  case IR_SREM: return signed_quotient(g, a, b, true);
  default: return quotient(g, a, b, true); // IR_UREM
  }
}

// ---- floats ----

static LLVMValueRef leading_zeros(Gen *g, LLVMValueRef v)
{
  static const char name[] = "llvm.ctlz";
  LLVMTypeRef t = LLVMTypeOf(v);
  unsigned id = LLVMLookupIntrinsicID(name, sizeof name - 1);
  LLVMValueRef fn = LLVMGetIntrinsicDeclaration(g->mod, id, &t, 1);
  LLVMValueRef args[] = {v, LLVMConstInt(g->i1, 0, false)};
  LLVMValueRef zeros =
      LLVMBuildCall2(g->b, LLVMIntrinsicGetType(g->ctx, id, &t, 1), fn, args, 2, "");
  return LLVMBuildTrunc(g->b, zeros, g->i32, "");
}

static LLVMValueRef at_most(Gen *g, LLVMValueRef v, uint32_t limit)
{
  LLVMValueRef l = i32_const(g, limit);
  return LLVMBuildSelect(g->b, LLVMBuildICmp(g->b, LLVMIntULT, v, l, ""), v, l, "");
}

// 2 to the power of 0 … 127.
static LLVMValueRef power_of_two(Gen *g, LLVMValueRef exponent)
{
  LLVMValueRef biased = LLVMBuildAdd(g->b, exponent, i32_const(g, F32_BIAS), "");
  LLVMValueRef bits = LLVMBuildShl(g->b, biased, i32_const(g, F32_FRACTION), "");
  return LLVMBuildBitCast(g->b, bits, g->f32, "");
}

// The `keep` leading bits, the last of them set if any bit below is, rounded to f32 and scaled.
// 32 of them give the nearest f32; 24 one rounded to odd, which a 16-bit format rounds right.
static LLVMValueRef magnitude_to_f32(Gen *g, LLVMValueRef v, unsigned keep)
{
  LLVMTypeRef t = LLVMTypeOf(v);
  LLVMValueRef zeros = leading_zeros(g, v), most = i32_const(g, width_of(v) - keep);
  LLVMValueRef is_long = LLVMBuildICmp(g->b, LLVMIntULT, zeros, most, "");
  LLVMValueRef by =
      LLVMBuildSelect(g->b, is_long, LLVMBuildSub(g->b, most, zeros, ""), i32_const(g, 0), "");
  LLVMValueRef wide_by = LLVMBuildZExt(g->b, by, t, ""), top = LLVMBuildLShr(g->b, v, wide_by, "");
  LLVMValueRef lost = LLVMBuildICmp(g->b, LLVMIntNE, LLVMBuildShl(g->b, top, wide_by, ""), v, "");
  LLVMValueRef word = LLVMBuildOr(g->b, LLVMBuildTrunc(g->b, top, g->i32, ""),
                                  LLVMBuildZExt(g->b, lost, g->i32, ""), "");
  LLVMValueRef f = LLVMBuildUIToFP(g->b, word, g->f32, "");
  return LLVMBuildFMul(g->b, f, power_of_two(g, at_most(g, by, F32_BIAS)), ""); // exact or infinite
}

LLVMValueRef gen_wide_to_f32(Gen *g, LLVMValueRef v, bool is_signed, bool to_odd)
{
  enum { NEAREST = 32, TO_ODD = 24 };
  unsigned keep = to_odd ? TO_ODD : NEAREST;
  if (!is_signed)
    return magnitude_to_f32(g, v, keep);
  LLVMValueRef minus = is_negative(g, v), f = magnitude_to_f32(g, negate_if(g, minus, v), keep);
  return LLVMBuildSelect(g->b, minus, LLVMBuildFNeg(g->b, f, ""), f, "");
}

// The integer part of an f32 that fits, without its sign.
static LLVMValueRef integer_part(Gen *g, LLVMValueRef bits, LLVMValueRef exponent, LLVMTypeRef t)
{
  LLVMValueRef unit = i32_const(g, F32_BIAS + F32_FRACTION); // exponent of a fraction that is whole
  LLVMValueRef m = LLVMBuildAnd(g->b, bits, i32_const(g, (1u << F32_FRACTION) - 1), "");
  m = LLVMBuildOr(g->b, m, i32_const(g, 1u << F32_FRACTION), "");
  LLVMValueRef is_left = LLVMBuildICmp(g->b, LLVMIntUGE, exponent, unit, "");
  LLVMValueRef left =
      at_most(g, LLVMBuildSub(g->b, exponent, unit, ""), LLVMGetIntTypeWidth(t) - 1);
  LLVMValueRef right = at_most(g, LLVMBuildSub(g->b, unit, exponent, ""), IR_WORD_BITS - 1);
  LLVMValueRef high =
      LLVMBuildShl(g->b, LLVMBuildZExt(g->b, m, t, ""), LLVMBuildZExt(g->b, left, t, ""), "");
  LLVMValueRef low = LLVMBuildZExt(g->b, LLVMBuildLShr(g->b, m, right, ""), t, "");
  return LLVMBuildSelect(g->b, is_left, high, low, "");
}

// As the machine's conversions of narrower integers: what does not fit gives the nearest value that
// does, and a NaN the greatest.
LLVMValueRef gen_wide_from_f32(Gen *g, LLVMValueRef f, LLVMTypeRef t, bool is_signed)
{
  unsigned limit = F32_BIAS + LLVMGetIntTypeWidth(t) - is_signed;
  LLVMValueRef zero = LLVMConstInt(t, 0, false), ones = LLVMConstAllOnes(t);
  LLVMValueRef least = is_signed
                           ? LLVMBuildShl(g->b, LLVMConstInt(t, 1, false),
                                          LLVMConstInt(t, LLVMGetIntTypeWidth(t) - 1, false), "")
                           : zero;
  LLVMValueRef greatest = is_signed ? LLVMBuildNot(g->b, least, "") : ones;
  LLVMValueRef bits = LLVMBuildBitCast(g->b, f, g->i32, "");
  LLVMValueRef exponent =
      LLVMBuildAnd(g->b, LLVMBuildLShr(g->b, bits, i32_const(g, F32_FRACTION), ""),
                   i32_const(g, F32_SPECIAL), "");
  LLVMValueRef v = integer_part(g, bits, exponent, t);
  LLVMValueRef nan = LLVMBuildFCmp(g->b, LLVMRealUNO, f, f, "");
  LLVMValueRef minus = LLVMBuildAnd(g->b, is_negative(g, bits), LLVMBuildNot(g->b, nan, ""), "");
  LLVMValueRef too_long = LLVMBuildICmp(
      g->b, LLVMIntUGE, exponent, i32_const(g, limit < F32_SPECIAL ? limit : F32_SPECIAL), "");
  v = is_signed ? negate_if(g, minus, v) : LLVMBuildSelect(g->b, minus, zero, v, "");
  LLVMValueRef end = LLVMBuildSelect(g->b, minus, least, greatest, "");
  return LLVMBuildSelect(g->b, too_long, end, v, "");
}
