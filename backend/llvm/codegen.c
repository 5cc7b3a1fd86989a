// The code generator's frame: module, target machine, passes, output.
#include "backend/llvm/entry.h"
#include "backend/llvm/gen.h"
#include "support/memory.h"
#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TRIPLE "riscv32-unknown-none-elf"
#define FEATURES "+m,+f,+c,+zfh,+zba,+zbb,+zbs,-relax"
#define ABI "ilp32f"

void gen_unsupported(Gen *g, SrcPos pos, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  const char *what = arena_vprintf(&g->diags->arena, fmt, args);
  va_end(args);
  DIAG_AT(g->diags, backend_unsupported, ((SrcRange){pos, pos}), what);
  g->failed = true;
}

static bool llvm_error(Diags *diags, char *message)
{
  DIAG_AT(diags, backend_llvm, (SrcRange){0}, message);
  LLVMDisposeMessage(message);
  return false;
}

static LLVMTargetMachineRef make_machine(int opt_level)
{
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
  LLVMInitializeRISCVAsmParser(); // inline assembler goes through it
  LLVMTargetRef target;
  char *error = NULL;
  if (LLVMGetTargetFromTriple(TRIPLE, &target, &error))
    PANIC("%s", error);
  LLVMTargetMachineOptionsRef o = LLVMCreateTargetMachineOptions();
  LLVMTargetMachineOptionsSetCPU(o, "generic-rv32");
  LLVMTargetMachineOptionsSetFeatures(o, FEATURES);
  LLVMTargetMachineOptionsSetABI(o, ABI);
  LLVMTargetMachineOptionsSetCodeGenOptLevel(o, opt_level == 0 ? LLVMCodeGenLevelNone
                                                               : LLVMCodeGenLevelDefault);
  LLVMTargetMachineOptionsSetRelocMode(o, LLVMRelocStatic);
  LLVMTargetMachineOptionsSetCodeModel(o, LLVMCodeModelSmall);
  LLVMTargetMachineRef machine = LLVMCreateTargetMachineWithOptions(target, TRIPLE, o);
  LLVMDisposeTargetMachineOptions(o);
  return machine;
}

static void begin(Gen *g)
{
  g->ctx = LLVMContextCreate();
  g->mod = LLVMModuleCreateWithNameInContext(g->m->name, g->ctx);
  g->b = LLVMCreateBuilderInContext(g->ctx);
  g->machine = make_machine(g->opt->opt_level);
  LLVMSetTarget(g->mod, TRIPLE);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(g->machine);
  LLVMSetModuleDataLayout(g->mod, layout);
  LLVMDisposeTargetData(layout);
  LLVMMetadataRef abi = LLVMMDStringInContext2(g->ctx, ABI, strlen(ABI));
  LLVMAddModuleFlag(g->mod, LLVMModuleFlagBehaviorError, "target-abi", strlen("target-abi"), abi);
  types_init(g);
  g->funcs = mem_zeroed(arrlenu(g->m->funcs) + 1, sizeof *g->funcs);
  g->globals = mem_zeroed(arrlenu(g->m->globals) + 1, sizeof *g->globals);
  g->consts = mem_zeroed(arrlenu(g->m->tileconsts) + 1, sizeof *g->consts);
}

static void end(Gen *g)
{
  free(g->funcs);
  free(g->globals);
  free(g->consts);
  LLVMDisposeBuilder(g->b);
  LLVMDisposeModule(g->mod);
  LLVMDisposeTargetMachine(g->machine);
  LLVMContextDispose(g->ctx);
}

// Size counts most on a 48 KB tile: loops are not unrolled and nothing is vectorised (the DSD
// engine does that).
static bool optimise(Gen *g)
{
  static const char *const pipelines[] = {"default<O0>", "default<O1>", "default<O2>",
                                          "default<O3>"};
  int level = g->opt->opt_level;
  const char *passes = level < 0 ? "default<Oz>" : pipelines[level > 3 ? 3 : level];
  LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
  LLVMPassBuilderOptionsSetLoopUnrolling(o, false);
  LLVMPassBuilderOptionsSetLoopVectorization(o, false);
  LLVMPassBuilderOptionsSetSLPVectorization(o, false);
  LLVMPassBuilderOptionsSetLoopInterleaving(o, false);
  LLVMErrorRef error = LLVMRunPasses(g->mod, passes, g->machine, o);
  LLVMDisposePassBuilderOptions(o);
  if (!error)
    return true;
  char *message = LLVMGetErrorMessage(error);
  DIAG_AT(g->diags, backend_llvm, (SrcRange){0}, message);
  LLVMDisposeErrorMessage(message);
  return false;
}

static bool verify(Gen *g)
{
  char *error = NULL;
  if (!LLVMVerifyModule(g->mod, LLVMReturnStatusAction, &error)) {
    LLVMDisposeMessage(error);
    return true;
  }
  return llvm_error(g->diags, error);
}

static void keep(Buffer *out, const char *bytes, size_t size)
{
  out->bytes = mem_resize(NULL, size ? size : 1);
  memcpy(out->bytes, bytes, size);
  out->size = size;
}

static bool emit(Gen *g, EmitKind kind, Buffer *out)
{
  if (kind == EMIT_LLVM_TEXT) {
    char *text = LLVMPrintModuleToString(g->mod);
    keep(out, text, strlen(text));
    LLVMDisposeMessage(text);
    return true;
  }
  globals_settle(g);
  char *error = NULL;
  LLVMMemoryBufferRef buffer = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(g->machine, g->mod,
                                          kind == EMIT_OBJECT ? LLVMObjectFile : LLVMAssemblyFile,
                                          &error, &buffer))
    return llvm_error(g->diags, error);
  keep(out, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
  LLVMDisposeMemoryBuffer(buffer);
  return true;
}

static bool codegen(const TileModule *m, EmitKind kind, const CodegenOptions *opt, Buffer *out,
                    Diags *diags)
{
  Gen g = {.m = m, .opt = opt, .diags = diags};
  begin(&g);
  debug_begin(&g);
  funcs_declare(&g);
  funcs_define(&g);
  if (!g.failed)
    wrappers_define(&g);
  debug_end(&g);
  bool ok = !g.failed && verify(&g) && optimise(&g) && runtime_link(&g) && emit(&g, kind, out);
  end(&g);
  return ok;
}

const LlvmEntry weft_llvm_entry __attribute__((visibility("default"))) = {
    .interface = LLVM_ENTRY_INTERFACE,
    .codegen = codegen,
    .disasm_new = disasm_new,
    .disasm = disasm_one,
    .disasm_free = disasm_free,
};
