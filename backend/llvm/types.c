// Tile IR types and references as LLVM types and values.
#include "backend/llvm/gen.h"
#include <stb/stb_ds.h>

void types_init(Gen *g)
{
  g->i1 = LLVMInt1TypeInContext(g->ctx);
  g->i8 = LLVMInt8TypeInContext(g->ctx);
  g->i16 = LLVMInt16TypeInContext(g->ctx);
  g->i32 = LLVMInt32TypeInContext(g->ctx);
  g->i64 = LLVMInt64TypeInContext(g->ctx);
  g->half = LLVMHalfTypeInContext(g->ctx);
  g->f32 = LLVMFloatTypeInContext(g->ctx);
  g->ptr = LLVMPointerTypeInContext(g->ctx, 0);
  g->none = LLVMVoidTypeInContext(g->ctx);
}

// An aggregate in registers is an array of the widest words that its alignment allows.
static LLVMTypeRef aggregate(Gen *g, IrType t)
{
  if (tir_int_bits(g->m, t))
    return LLVMIntTypeInContext(g->ctx, tir_int_bits(g->m, t));
  uint32_t size = tir_size(g->m, t), align = tir_align(g->m, t);
  if (align >= 4)
    return LLVMArrayType2(g->i32, size / 4);
  return align == 2 ? LLVMArrayType2(g->i16, size / 2) : LLVMArrayType2(g->i8, size);
}

LLVMTypeRef type_of(Gen *g, IrType t)
{
  switch (t) {
  case IRT_VOID: return g->none;
  case IRT_BOOL: return g->i1;
  case IRT_I8: return g->i8;
  case IRT_I16:
  case IRT_BF16:
  case IRT_CB16: return g->i16; // the other 16-bit formats are computed by custom instructions
  case IRT_I32: return g->i32;
  case IRT_I64:
  case IRT_DSD: return g->i64;
  case IRT_F16: return g->half;
  case IRT_F32: return g->f32;
  case IRT_PTR: return g->ptr;
  case IRT_DSD4: return LLVMArrayType2(g->i32, 6);
  default: return aggregate(g, t);
  }
}

LLVMValueRef i32_const(Gen *g, uint32_t v)
{
  return LLVMConstInt(g->i32, v, false);
}

static LLVMValueRef wide_constant(LLVMTypeRef t, const uint32_t *words)
{
  uint64_t pairs[IR_MAX_INT_WORDS / 2 + 1] = {0};
  unsigned n = LLVMGetIntTypeWidth(t) / IR_WORD_BITS;
  for (unsigned i = 0; i < n; i++)
    pairs[i / 2] |= (uint64_t)words[i] << i % 2 * IR_WORD_BITS;
  return LLVMConstIntOfArbitraryPrecision(t, (n + 1) / 2, pairs);
}

static LLVMValueRef constant(Gen *g, const IrConst *c)
{
  LLVMTypeRef t = type_of(g, c->type);
  if (c->words)
    return wide_constant(t, c->words);
  switch (c->type) {
  case IRT_F16: return LLVMConstBitCast(LLVMConstInt(g->i16, c->bits, false), t);
  case IRT_F32: return LLVMConstBitCast(LLVMConstInt(g->i32, c->bits, false), t);
  case IRT_PTR: return LLVMConstIntToPtr(i32_const(g, (uint32_t)c->bits), t);
  default:
    if (LLVMGetTypeKind(t) == LLVMIntegerTypeKind)
      return LLVMConstInt(t, c->bits, false);
    return LLVMConstNull(t); // aggregates and mem4d descriptors: only their zero is a constant
  }
}

// An `extern` variable is the exported one at its address: two LLVM globals would count as
// different memory.
static uint32_t definition_of(const Gen *g, uint32_t index)
{
  const IrGlobal *v = &g->m->globals[index];
  for (uint32_t i = 0; v->external && i < arrlenu(g->m->globals); i++)
    if (!g->m->globals[i].external && g->m->globals[i].address == v->address &&
        v->address < DATA_LIMIT)
      return i;
  return index;
}

// Globals are declarations: the linker knows their addresses, the image writer their contents.
static LLVMValueRef declare(Gen *g, const char *name, IrType type, unsigned align, bool constant)
{
  LLVMTypeRef bytes = LLVMArrayType2(g->i8, tir_size(g->m, type));
  LLVMValueRef v = LLVMAddGlobal(g->mod, bytes, name);
  LLVMSetGlobalConstant(v, constant);
  LLVMSetAlignment(v, align);
  return v;
}

static const char *global_name(const Gen *g, uint32_t index, Arena *scratch)
{
  return arena_printf(scratch, NAME_GLOBAL "%s", g->m->globals[index].name);
}

static const char *constant_name(uint32_t index, Arena *scratch)
{
  return arena_printf(scratch, NAME_CONST "%u", index);
}

static LLVMValueRef global(Gen *g, uint32_t index)
{
  index = definition_of(g, index);
  if (!g->globals[index]) {
    const IrGlobal *v = &g->m->globals[index];
    Arena scratch = {0};
    const char *name = global_name(g, index, &scratch);
    unsigned align = align_of(g, IR_REF(REF_GLOBAL, index));
    g->globals[index] = declare(g, name, v->type, align, v->constant && !v->external);
    arena_free(&scratch);
  }
  return g->globals[index];
}

static LLVMValueRef tile_constant(Gen *g, uint32_t index)
{
  const TileConst *c = &g->m->tileconsts[index];
  uint32_t align = tir_align(g->m, c->type);
  if (!g->consts[index]) {
    Arena scratch = {0};
    const char *name = constant_name(index, &scratch);
    g->consts[index] = declare(g, name, c->type, align, true); // never written once the tile runs
    arena_free(&scratch);
  }
  return load_value(g, c->type, g->consts[index], align);
}

// CODE_POINTER of target/isa.h on an address that only the linker knows.
static LLVMValueRef code_pointer(Gen *g, LLVMValueRef function)
{
  LLVMValueRef address = LLVMBuildPtrToInt(g->b, function, g->i32, "");
  LLVMValueRef half = LLVMBuildLShr(g->b, address, i32_const(g, 1), "");
  LLVMValueRef pointer = LLVMBuildAdd(g->b, half, i32_const(g, 1 - CODE_BASE / 2), "");
  return LLVMBuildTrunc(g->b, pointer, g->i16, "");
}

LLVMValueRef value_of(Gen *g, IrRef ref)
{
  uint32_t i = IR_INDEX(ref);
  switch (IR_TAG(ref)) {
  case REF_INST: return g->values[i];
  case REF_CONST: return constant(g, &g->m->consts[i]);
  case REF_PARAM: return LLVMGetParam(g->fn, i);
  case REF_GLOBAL: return global(g, i);
  case REF_FUNC: return code_pointer(g, g->funcs[i]);
  case REF_TILECONST: return tile_constant(g, i);
  default: return NULL;
  }
}

static void settle(Gen *g, const char *name, uint32_t address)
{
  LLVMValueRef declaration = LLVMGetNamedGlobal(g->mod, name);
  if (!declaration) // never used, or not any more
    return;
  LLVMReplaceAllUsesWith(declaration, LLVMConstIntToPtr(i32_const(g, address), g->ptr));
  LLVMDeleteGlobal(declaration);
}

// A number below 2 KiB fits the offset of a load or store, where a symbol takes an instruction of
// its own for its upper half. The optimiser has to see symbols: it would take all numbers for one
// memory.
void globals_settle(Gen *g)
{
  Arena scratch = {0};
  for (uint32_t i = 0; i < arrlenu(g->m->globals); i++)
    settle(g, global_name(g, i, &scratch), g->m->globals[i].address);
  for (uint32_t i = 0; i < arrlenu(g->m->tileconsts); i++)
    settle(g, constant_name(i, &scratch), g->m->tileconsts[i].address);
  arena_free(&scratch);
}

// In descriptors the address of a global is a plain number, so that whole descriptors fold to
// constants. LLVM still reloads the global after the operation: it is external, and the operation
// may write any memory.
LLVMValueRef address_of(Gen *g, IrRef pointer)
{
  if (IR_TAG(pointer) == REF_GLOBAL)
    return i32_const(g, g->m->globals[IR_INDEX(pointer)].address);
  if (IR_TAG(pointer) == REF_INST) {
    const IrInst *in = &g->f->insts[IR_INDEX(pointer)];
    if (in->op == IR_OFFSET)
      return LLVMBuildAdd(g->b, address_of(g, in->a), i32_const(g, in->aux), "");
    if (in->op == IR_ELEM && IR_TAG(in->b) == REF_CONST)
      return LLVMBuildAdd(g->b, address_of(g, in->a),
                          i32_const(g, (uint32_t)g->m->consts[IR_INDEX(in->b)].bits * in->aux), "");
  }
  return LLVMBuildPtrToInt(g->b, value_of(g, pointer), g->i32, "");
}

static unsigned low_bit(uint32_t v, unsigned limit)
{
  unsigned bit = v & -v;
  return v == 0 || bit > limit ? limit : bit;
}

unsigned align_of(Gen *g, IrRef pointer)
{
  enum { MOST = 4 };
  if (IR_TAG(pointer) == REF_GLOBAL)
    return low_bit(g->m->globals[IR_INDEX(pointer)].address, MOST);
  if (IR_TAG(pointer) != REF_INST)
    return 1;
  const IrInst *in = &g->f->insts[IR_INDEX(pointer)];
  switch (in->op) {
  case IR_SLOT: return MOST;
  case IR_OFFSET:
  case IR_ELEM: return low_bit(in->aux, align_of(g, in->a));
  default: return 1;
  }
}

LLVMValueRef word_of(Gen *g, LLVMValueRef v)
{
  LLVMTypeRef t = LLVMTypeOf(v);
  switch (LLVMGetTypeKind(t)) {
  case LLVMFloatTypeKind: return LLVMBuildBitCast(g->b, v, g->i32, "");
  case LLVMHalfTypeKind:
    return LLVMBuildZExt(g->b, LLVMBuildBitCast(g->b, v, g->i16, ""), g->i32, "");
  case LLVMPointerTypeKind: return LLVMBuildPtrToInt(g->b, v, g->i32, "");
  default: return LLVMBuildZExtOrBitCast(g->b, v, g->i32, "");
  }
}

LLVMValueRef from_word(Gen *g, LLVMValueRef word, IrType t)
{
  LLVMTypeRef to = type_of(g, t);
  switch (LLVMGetTypeKind(to)) {
  case LLVMFloatTypeKind: return LLVMBuildBitCast(g->b, word, to, "");
  case LLVMHalfTypeKind:
    return LLVMBuildBitCast(g->b, LLVMBuildTrunc(g->b, word, g->i16, ""), to, "");
  case LLVMPointerTypeKind: return LLVMBuildIntToPtr(g->b, word, to, "");
  default:
    return t == IRT_I64 ? LLVMBuildZExt(g->b, word, to, "")
                        : LLVMBuildTruncOrBitCast(g->b, word, to, "");
  }
}

// Pointers take 16 bits in memory, booleans one word.
LLVMValueRef load_value(Gen *g, IrType t, LLVMValueRef pointer, uint32_t align)
{
  bool narrow = t == IRT_PTR || t == IRT_BOOL;
  LLVMValueRef v = LLVMBuildLoad2(g->b, narrow ? g->i16 : type_of(g, t), pointer, "");
  LLVMSetAlignment(v, align);
  if (t == IRT_PTR)
    return LLVMBuildIntToPtr(g->b, LLVMBuildZExt(g->b, v, g->i32, ""), g->ptr, "");
  return t == IRT_BOOL ? LLVMBuildICmp(g->b, LLVMIntNE, v, LLVMConstNull(g->i16), "") : v;
}

void store_value(Gen *g, IrType t, LLVMValueRef v, LLVMValueRef pointer, uint32_t align)
{
  if (t == IRT_PTR)
    v = LLVMBuildTrunc(g->b, LLVMBuildPtrToInt(g->b, v, g->i32, ""), g->i16, "");
  else if (t == IRT_BOOL)
    v = LLVMBuildZExt(g->b, v, g->i16, "");
  LLVMSetAlignment(LLVMBuildStore(g->b, v, pointer), align);
}
