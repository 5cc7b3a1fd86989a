// Memory, integer arithmetic, comparisons and conversions between integers.
#include "backend/llvm/gen.h"

static LLVMValueRef a_of(Gen *g, const IrInst *in)
{
  return value_of(g, in->a);
}
static LLVMValueRef b_of(Gen *g, const IrInst *in)
{
  return value_of(g, in->b);
}
static unsigned width_of(LLVMValueRef v)
{
  return LLVMGetIntTypeWidth(LLVMTypeOf(v));
}

// ---- memory ----

// Slots are made at the head of the entry block; LLVM makes registers of most of them.
static LLVMValueRef gen_slot(Gen *g, const IrInst *in)
{
  IrType t = in->aux;
  bool narrow = t == IRT_PTR || t == IRT_BOOL;
  LLVMTypeRef type = narrow ? g->i16
                     : t < IRT_FIRST_AGGREGATE || tir_int_bits(g->m, t)
                         ? type_of(g, t)
                         : LLVMArrayType2(g->i8, tir_size(g->m, t));
  LLVMValueRef slot = LLVMBuildAlloca(g->b, type, "");
  LLVMSetAlignment(slot, 4);
  return slot;
}

// A pointer made of a number may be that of a configuration register (docs/isa.md), whose value
// changes by itself and whose accesses have effects.
static bool made_of_number(const Gen *g, IrRef pointer)
{
  while (IR_TAG(pointer) == REF_INST) {
    const IrInst *in = &g->f->insts[IR_INDEX(pointer)];
    if (in->op != IR_OFFSET && in->op != IR_ELEM)
      return in->op == IR_INTTOPTR;
    pointer = in->a;
  }
  return false;
}

static LLVMValueRef gen_load(Gen *g, const IrInst *in)
{
  LLVMValueRef v = load_value(g, in->type, a_of(g, in), tir_align(g->m, in->type));
  if (made_of_number(g, in->a) && LLVMIsALoadInst(v))
    LLVMSetVolatile(v, true);
  return v;
}

static LLVMValueRef gen_store(Gen *g, const IrInst *in)
{
  IrType t = tir_type_of(g->m, g->func, in->b);
  uint32_t align = tir_align(g->m, t);
  LLVMValueRef to = a_of(g, in);
  if (t == IRT_PTR) { // by number: the address of a global is a constant
    LLVMValueRef word = LLVMBuildTrunc(g->b, address_of(g, in->b), g->i16, "");
    LLVMSetAlignment(LLVMBuildStore(g->b, word, to), align);
  } else {
    store_value(g, t, b_of(g, in), to, align);
    LLVMValueRef last = LLVMGetLastInstruction(LLVMGetInsertBlock(g->b));
    if (made_of_number(g, in->a) && LLVMIsAStoreInst(last))
      LLVMSetVolatile(last, true);
  }
  return NULL;
}

static LLVMValueRef gen_copy(Gen *g, const IrInst *in)
{
  unsigned align = align_of(g, in->a), other = align_of(g, in->b);
  // An assignment may copy a variable onto itself, which memcpy does not allow on paper but every
  // version of it does.
  LLVMBuildMemCpy(g->b, a_of(g, in), align, b_of(g, in), other, i32_const(g, in->aux));
  return NULL;
}

static LLVMValueRef gen_fill(Gen *g, const IrInst *in)
{
  LLVMValueRef zero = LLVMConstInt(g->i8, 0, false);
  LLVMBuildMemSet(g->b, a_of(g, in), zero, i32_const(g, in->aux), align_of(g, in->a));
  return NULL;
}

static LLVMValueRef offset(Gen *g, LLVMValueRef pointer, LLVMValueRef bytes)
{
  return LLVMBuildGEP2(g->b, g->i8, pointer, &bytes, 1, "");
}

static LLVMValueRef gen_offset(Gen *g, const IrInst *in)
{
  return offset(g, a_of(g, in), i32_const(g, in->aux));
}

static LLVMValueRef gen_elem(Gen *g, const IrInst *in)
{
  LLVMValueRef index = LLVMBuildIntCast2(g->b, b_of(g, in), g->i32, true, "");
  return offset(g, a_of(g, in), LLVMBuildMul(g->b, index, i32_const(g, in->aux), ""));
}

// ---- arithmetic ----

// A word that LLVM knows nothing about. With effects it also stays where it is.
static LLVMValueRef opaque_word(Gen *g, LLVMValueRef word, bool effects)
{
  static const char same[] = "=r,0";
  LLVMTypeRef type = LLVMFunctionType(g->i32, &g->i32, 1, false);
  LLVMValueRef code = LLVMGetInlineAsm(type, "", 0, same, sizeof same - 1, effects, false,
                                       LLVMInlineAsmDialectATT, false);
  word = LLVMBuildCall2(g->b, type, code, &word, 1, "");
  gen_attributes(g, word, (const char *const[]){"nounwind", "willreturn", "memory", NULL});
  return word;
}

static LLVMValueRef of_words(Gen *g, LLVMValueRef low, LLVMValueRef high)
{
  low = LLVMBuildZExt(g->b, low, g->i64, "");
  high = LLVMBuildZExt(g->b, high, g->i64, "");
  return LLVMBuildOr(g->b, LLVMBuildShl(g->b, high, LLVMConstInt(g->i64, 32, false), ""), low, "");
}

static LLVMValueRef high_word(Gen *g, LLVMValueRef v)
{
  v = LLVMBuildLShr(g->b, v, LLVMConstInt(g->i64, 32, false), "");
  return LLVMBuildTrunc(g->b, v, g->i32, "");
}

// LLVM takes a division by zero, or of the smallest number by -1, as never reached, and with it
// everything around. The machine reports the first, and the second wraps: LLVM must not see that a
// divisor, of 32 or 64 bits, is one of these. It may see any other constant.
static bool is_harmless(LLVMValueRef divisor)
{
  return LLVMIsAConstantInt(divisor) && !LLVMIsNull(divisor) &&
         divisor != LLVMConstAllOnes(LLVMTypeOf(divisor));
}

// With effects: what uses the result stays behind the condition that guards it, out of which LLVM
// moves divisions, which fault on no RISC-V machine but ours.
static LLVMValueRef hidden_divisor(Gen *g, LLVMValueRef divisor)
{
  LLVMValueRef low = LLVMBuildTrunc(g->b, divisor, g->i32, "");
  low = opaque_word(g, low, true);
  return LLVMTypeOf(divisor) == g->i32 ? low : of_words(g, low, high_word(g, divisor));
}

// Nor may LLVM conclude from its rules that a quotient is never the smallest number.
static LLVMValueRef hidden_quotient(Gen *g, LLVMValueRef v)
{
  if (LLVMTypeOf(v) == g->i32)
    return opaque_word(g, v, false);
  LLVMValueRef low = opaque_word(g, LLVMBuildTrunc(g->b, v, g->i32, ""), false);
  return of_words(g, low, opaque_word(g, high_word(g, v), false));
}

static LLVMValueRef divided(Gen *g, IrOp op, LLVMValueRef a, LLVMValueRef b)
{
  switch (op) {
  case IR_SDIV: return LLVMBuildSDiv(g->b, a, b, "");
  case IR_UDIV: return LLVMBuildUDiv(g->b, a, b, "");
  case IR_SREM: return LLVMBuildSRem(g->b, a, b, "");
  default: return LLVMBuildURem(g->b, a, b, "");
  }
}

static LLVMValueRef gen_division(Gen *g, const IrInst *in)
{
  LLVMValueRef a = a_of(g, in), b = b_of(g, in);
  LLVMTypeRef t = LLVMTypeOf(a), wide = width_of(a) > 32 ? g->i64 : g->i32;
  if (width_of(a) > 64)
    return gen_wide_binary(g, (IrOp)in->op, a, b);
  bool is_signed = in->op == IR_SDIV || in->op == IR_SREM;
  a = LLVMBuildIntCast2(g->b, a, wide, is_signed, "");
  b = LLVMBuildIntCast2(g->b, b, wide, is_signed, "");
  if (is_harmless(b))
    return LLVMBuildTrunc(g->b, divided(g, (IrOp)in->op, a, b), t, "");
  LLVMValueRef r = divided(g, (IrOp)in->op, a, hidden_divisor(g, b));
  if (in->op == IR_SDIV && t == wide)
    return hidden_quotient(g, r);
  return LLVMBuildTrunc(g->b, r, t, "");
}

static LLVMValueRef gen_binary(Gen *g, const IrInst *in)
{
  LLVMValueRef a = a_of(g, in), b = b_of(g, in);
  if (in->op == IR_MUL && width_of(a) > 64)
    return gen_wide_binary(g, IR_MUL, a, b);
  switch (in->op) {
  case IR_ADD: return LLVMBuildAdd(g->b, a, b, "");
  case IR_SUB: return LLVMBuildSub(g->b, a, b, "");
  case IR_MUL: return LLVMBuildMul(g->b, a, b, "");
  case IR_AND: return LLVMBuildAnd(g->b, a, b, "");
  case IR_OR: return LLVMBuildOr(g->b, a, b, "");
  default: return LLVMBuildXor(g->b, a, b, "");
  }
}

// LLVM leaves shifts by the width or more undefined; the IR does not.
static LLVMValueRef gen_shift(Gen *g, const IrInst *in)
{
  LLVMValueRef a = a_of(g, in), n = b_of(g, in);
  LLVMTypeRef t = LLVMTypeOf(a);
  LLVMValueRef top = LLVMConstInt(t, width_of(a) - 1, false), zero = LLVMConstInt(t, 0, false);
  LLVMValueRef small = LLVMBuildICmp(g->b, LLVMIntULE, n, top, "");
  if (in->op == IR_ASHR)
    return LLVMBuildAShr(g->b, a, LLVMBuildSelect(g->b, small, n, top, ""), "");
  LLVMValueRef shifted =
      in->op == IR_SHL ? LLVMBuildShl(g->b, a, n, "") : LLVMBuildLShr(g->b, a, n, "");
  return LLVMBuildSelect(g->b, small, shifted, zero, "");
}

static LLVMValueRef gen_compare(Gen *g, const IrInst *in)
{
  static const LLVMIntPredicate predicates[] = {
      [IR_EQ] = LLVMIntEQ,   [IR_NE] = LLVMIntNE,   [IR_SLT] = LLVMIntSLT,
      [IR_SLE] = LLVMIntSLE, [IR_ULT] = LLVMIntULT, [IR_ULE] = LLVMIntULE};
  LLVMValueRef a = a_of(g, in), b = b_of(g, in);
  if (LLVMGetTypeKind(LLVMTypeOf(a)) ==
      LLVMPointerTypeKind) { // as numbers: the first global lies at address 0
    a = address_of(g, in->a);
    b = address_of(g, in->b);
  }
  return LLVMBuildICmp(g->b, predicates[in->op], a, b, "");
}

static LLVMValueRef gen_convert(Gen *g, const IrInst *in)
{
  LLVMTypeRef to = type_of(g, in->type);
  switch (in->op) {
  case IR_TRUNC: return LLVMBuildTruncOrBitCast(g->b, a_of(g, in), to, "");
  case IR_ZEXT: return LLVMBuildZExtOrBitCast(g->b, a_of(g, in), to, "");
  case IR_SEXT: return LLVMBuildSExtOrBitCast(g->b, a_of(g, in), to, "");
  case IR_PTRTOINT: return LLVMBuildIntCast2(g->b, address_of(g, in->a), to, false, "");
  default:
    return LLVMBuildIntToPtr(g->b, LLVMBuildIntCast2(g->b, a_of(g, in), g->i32, false, ""), to, "");
  }
}

static LLVMValueRef gen_bitcast(Gen *g, const IrInst *in)
{
  LLVMValueRef a = a_of(g, in);
  LLVMTypeRef from = LLVMTypeOf(a), to = type_of(g, in->type);
  if (from == to)
    return a;
  if (LLVMGetTypeKind(from) != LLVMArrayTypeKind && LLVMGetTypeKind(to) != LLVMArrayTypeKind)
    return LLVMBuildBitCast(g->b, a, to, "");
  // Aggregates have no bit casts: through memory.
  LLVMValueRef slot = LLVMBuildAlloca(g->b, from, "");
  LLVMSetAlignment(slot, 4);
  LLVMBuildStore(g->b, a, slot);
  return LLVMBuildLoad2(g->b, to, slot, "");
}

LLVMValueRef gen_op(Gen *g, const IrInst *in)
{
  switch (in->op) {
  case IR_SLOT: return gen_slot(g, in);
  case IR_LOAD: return gen_load(g, in);
  case IR_STORE: return gen_store(g, in);
  case IR_COPY: return gen_copy(g, in);
  case IR_FILL: return gen_fill(g, in);
  case IR_OFFSET: return gen_offset(g, in);
  case IR_ELEM: return gen_elem(g, in);
  case IR_ADD:
  case IR_SUB:
  case IR_MUL:
  case IR_AND:
  case IR_OR:
  case IR_XOR: return gen_binary(g, in);
  case IR_SDIV:
  case IR_UDIV:
  case IR_SREM:
  case IR_UREM: return gen_division(g, in);
  case IR_SHL:
  case IR_LSHR:
  case IR_ASHR: return gen_shift(g, in);
  case IR_EQ:
  case IR_NE:
  case IR_SLT:
  case IR_SLE:
  case IR_ULT:
  case IR_ULE: return gen_compare(g, in);
  case IR_TRUNC:
  case IR_ZEXT:
  case IR_SEXT:
  case IR_PTRTOINT:
  case IR_INTTOPTR: return gen_convert(g, in);
  case IR_BITCAST: return gen_bitcast(g, in);
  default:
    return LLVMBuildSelect(g->b, a_of(g, in), b_of(g, in), value_of(g, in->c), ""); // IR_SELECT
  }
}
