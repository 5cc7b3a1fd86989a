// Helpers that LLVM calls (backend/llvm/runtime.ll): linked in where the optimised module needs
// some of their family. The final word has the linker, which drops those that nothing calls.
#include "backend/llvm/gen.h"
#include <llvm-c/IRReader.h>
#include <llvm-c/Linker.h>
#include <string.h>

static const char runtime_text[] =
#include "backend/llvm/runtime-ll.h"
    ;

enum { FAMILY_DIVISION = 1, FAMILY_FLOAT = 2, FAMILY_MEMORY = 4, FAMILY_WIDE = 8 };
static const struct {
  const char *name;
  unsigned family;
} helpers[] = {
    {"udivmod64", FAMILY_DIVISION | FAMILY_WIDE},
    {"__udivdi3", FAMILY_DIVISION},
    {"__umoddi3", FAMILY_DIVISION},
    {"__divdi3", FAMILY_DIVISION},
    {"__moddi3", FAMILY_DIVISION},
    {"__fixunssfdi", FAMILY_FLOAT},
    {"__fixsfdi", FAMILY_FLOAT},
    {"__floatundisf", FAMILY_FLOAT},
    {"__floatdisf", FAMILY_FLOAT},
    {"__floatundihf", FAMILY_FLOAT},
    {"__floatdihf", FAMILY_FLOAT},
    {"memcpy", FAMILY_MEMORY},
    {NAME_WIDE_MUL, FAMILY_WIDE},
    {NAME_WIDE_DIV, FAMILY_WIDE},
    {"memmove", FAMILY_MEMORY},
    {"memset", FAMILY_MEMORY},
};

static bool is_wide(LLVMValueRef v)
{
  LLVMTypeRef t = LLVMTypeOf(v);
  return LLVMGetTypeKind(t) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(t) > 32;
}

static unsigned family_of_call(LLVMValueRef call)
{
  LLVMValueRef callee = LLVMGetCalledValue(call);
  size_t len = 0;
  const char *name = LLVMIsAFunction(callee) ? LLVMGetValueName2(callee, &len) : "";
  if (strncmp(name, "llvm.mem", 8) == 0)
    return FAMILY_MEMORY;
  if (strcmp(name, NAME_WIDE_MUL) == 0 || strcmp(name, NAME_WIDE_DIV) == 0)
    return FAMILY_WIDE;
  return strncmp(name, "llvm.fpto", 9) == 0 && is_wide(call) ? FAMILY_FLOAT : 0;
}

static unsigned family_of(LLVMValueRef inst)
{
  switch (LLVMGetInstructionOpcode(inst)) {
  case LLVMSDiv:
  case LLVMUDiv:
  case LLVMSRem:
  case LLVMURem: return is_wide(inst) ? FAMILY_DIVISION : 0;
  case LLVMFPToSI:
  case LLVMFPToUI: return is_wide(inst) ? FAMILY_FLOAT : 0;
  case LLVMSIToFP:
  case LLVMUIToFP: return is_wide(LLVMGetOperand(inst, 0)) ? FAMILY_FLOAT : 0;
  case LLVMCall: return family_of_call(inst);
  default: return 0;
  }
}

static unsigned needed(LLVMModuleRef mod)
{
  unsigned families = 0;
  for (LLVMValueRef f = LLVMGetFirstFunction(mod); f; f = LLVMGetNextFunction(f))
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
      for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
        families |= family_of(i);
  return families;
}

static void drop_others(LLVMModuleRef runtime, unsigned families)
{
  for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
    LLVMValueRef f = LLVMGetNamedFunction(runtime, helpers[i].name);
    if (!f)
      PANIC("runtime.ll does not define %s", helpers[i].name);
    if (families & helpers[i].family)
      continue;
    LLVMReplaceAllUsesWith(f, LLVMGetUndef(LLVMTypeOf(f)));
    LLVMDeleteFunction(f);
  }
}

bool runtime_link(Gen *g)
{
  unsigned families = needed(g->mod);
  if (!families)
    return true;
  LLVMMemoryBufferRef text = LLVMCreateMemoryBufferWithMemoryRange(
      runtime_text, sizeof runtime_text - 1, "runtime.ll", true);
  LLVMModuleRef runtime = NULL;
  char *error = NULL;
  if (LLVMParseIRInContext(g->ctx, text, &runtime, &error))
    PANIC("runtime.ll: %s", error);
  drop_others(runtime, families);
  LLVMSetDataLayout(runtime, LLVMGetDataLayoutStr(g->mod));
  if (LLVMLinkModules2(g->mod, runtime))
    PANIC("runtime.ll does not link");
  return true;
}
