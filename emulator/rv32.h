// Numbers of the decoded instructions: rows of rv32.def, then the custom ones.
#ifndef WEFT_EMULATOR_RV32_H
#define WEFT_EMULATOR_RV32_H

typedef enum RvOp {
#define RV(name, match, mask, format, regs, latency, meaning) RV_##name,
#include "emulator/rv32.def"
#undef RV
  RV_DSD,     // DSD operation: Insn.target is the DsdOp
  RV_SYS,     // system operation: Insn.target is the SysOp
  RV_BAD,     // no instruction
  RV_FRAME,   // moves the stack pointer down; Insn.target tells by what
  RV_CHECKED, // floating point, on a tile that lets exceptions through (exceptions.c)
  RV_OPS
} RvOp;
#endif
