// Disassembly of standard instructions. Custom ones are printed by target/isa.c: LLVM does not know
// them.
#include "backend/llvm/entry.h"
#include "backend/llvm/gen.h"
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <string.h>

void *disasm_new(void)
{
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVDisassembler();
  LLVMDisasmContextRef d =
      LLVMCreateDisasmCPUFeatures("riscv32-unknown-none-elf", "generic-rv32",
                                  "+m,+f,+c,+zfh,+zba,+zbb,+zbs", NULL, 0, NULL, NULL);
  if (!d)
    PANIC("LLVM has no RISC-V disassembler");
  return d;
}

size_t disasm_one(void *disasm, const uint8_t *bytes, size_t size, uint32_t pc, char *text,
                  size_t text_size)
{
  uint8_t copy[4] = {0}; // LLVM's interface wants them writable
  size_t n = size < sizeof copy ? size : sizeof copy;
  memcpy(copy, bytes, n);
  return LLVMDisasmInstruction(disasm, copy, n, pc, text, text_size);
}

void disasm_free(void *disasm)
{
  LLVMDisasmDispose(disasm);
}
