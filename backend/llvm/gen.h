// Inside the code generator: one Gen per module, and which file offers what.
#ifndef WEFT_BACKEND_LLVM_GEN_H
#define WEFT_BACKEND_LLVM_GEN_H
#include "backend/backend.h"
#include "backend/names.h"
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>

typedef struct Gen {
  const TileModule *m;
  const CodegenOptions *opt;
  Diags *diags;
  bool failed;

  LLVMContextRef ctx;
  LLVMModuleRef mod;
  LLVMBuilderRef b;
  LLVMTargetMachineRef machine;
  LLVMTypeRef i1, i8, i16, i32, i64, half, f32, ptr, none;
  LLVMValueRef *funcs;   // [funcs of m]
  LLVMValueRef *globals; // [globals of m]: external declarations, made on first use
  LLVMValueRef *consts;  // [tile constants of m]: the same

  // debug information (debug.c)
  LLVMDIBuilderRef di;
  LLVMMetadataRef unit, *files; // files: per source file, made on first use
  LLVMMetadataRef subprogram;   // of the function in work
  SrcPos func_pos;

  // the function in work
  uint32_t func;
  const IrFunc *f;
  LLVMValueRef fn;
  LLVMValueRef *values;      // per instruction
  LLVMBasicBlockRef *blocks; // per block; NULL = unreachable, not emitted
} Gen;

// Reports D_backend_unsupported at `pos`; the module will not be emitted.
void gen_unsupported(Gen *g, SrcPos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* types.c: types, and values by reference */
void types_init(Gen *g);
LLVMTypeRef type_of(Gen *g, IrType t); // of a value in registers
LLVMValueRef value_of(Gen *g, IrRef ref);
LLVMValueRef address_of(Gen *g, IrRef pointer); // i32; folds the addresses of globals
// Once the module is optimised: globals and tile constants become the numbers of their addresses.
void globals_settle(Gen *g);
LLVMValueRef word_of(Gen *g, LLVMValueRef v); // the bits of a scalar, zero-extended to i32
LLVMValueRef from_word(Gen *g, LLVMValueRef word, IrType t); // the inverse
LLVMValueRef i32_const(Gen *g, uint32_t v);
LLVMValueRef load_value(Gen *g, IrType t, LLVMValueRef pointer, uint32_t align);
void store_value(Gen *g, IrType t, LLVMValueRef v, LLVMValueRef pointer, uint32_t align);
unsigned align_of(Gen *g, IrRef pointer); // what is known of the alignment of an address

/* func.c: functions, blocks, calls, control flow */
void funcs_declare(Gen *g);
void funcs_define(Gen *g);
void gen_attributes(Gen *g, LLVMValueRef fn, const char *const *names);

/* ops.c: arithmetic, conversions, memory. NULL: not one of theirs. */
LLVMValueRef gen_op(Gen *g, const IrInst *in);
/* float.c: operations on floats, of every 16-bit format */
LLVMValueRef gen_float_op(Gen *g, const IrInst *in);
/* wide.c: integers of more than 64 bits */
LLVMValueRef gen_wide_binary(Gen *g, IrOp op, LLVMValueRef a, LLVMValueRef b); // *, /, %
// To the nearest f32, or rounded to odd on the way to a 16-bit format.
LLVMValueRef gen_wide_to_f32(Gen *g, LLVMValueRef v, bool is_signed, bool to_odd);
LLVMValueRef gen_wide_from_f32(Gen *g, LLVMValueRef f, LLVMTypeRef t, bool is_signed);
/* dsd.c: DSD values and operations */
LLVMValueRef gen_dsd(Gen *g, const IrInst *in);
/* machine.c: tasks, queues, log, traps and whatever is one custom instruction */
LLVMValueRef gen_machine(Gen *g, const IrInst *in);

// One inline assembler statement of several custom instructions. LLVM sees one side effect (or
// none, if pure).
typedef struct Asm {
  char text[1280];
  size_t len;
  LLVMValueRef args[16];
  unsigned n;
  bool output; // operand 0 is the result
  bool ends;   // it does not return
} Asm;
// Operand text for `v` (an i32): a register placeholder, or "x0" for zero. Good until the fourth
// next call.
const char *asm_word(Asm *a, LLVMValueRef v);
void asm_sys(Asm *a, SysOp op, unsigned imm, const char *rs1, const char *rs2);
void asm_line(Asm *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Emits it; returns the result (i32) if `output`.
LLVMValueRef asm_emit(Gen *g, Asm *a, bool pure);
// One system operation: rs1, rs2 may be NULL. Returns rd (i32) or NULL.
LLVMValueRef sys_op(Gen *g, SysOp op, LLVMValueRef rs1, LLVMValueRef rs2, bool pure);

/* wrap.c: entries of tasks and of functions that the host launches */
void wrappers_define(Gen *g);

/* debug.c: DWARF */
void debug_begin(Gen *g);
void debug_function(Gen *g, LLVMValueRef fn, const char *name, SrcPos pos);
void debug_at(Gen *g, SrcPos pos); // place of what is built next
void debug_end(Gen *g);

/* disasm.c: for `weft objdump` */
void *disasm_new(void);
size_t disasm_one(void *disasm, const uint8_t *bytes, size_t size, uint32_t pc, char *text,
                  size_t text_size);
void disasm_free(void *disasm);

/* runtime.c: helpers that LLVM calls (64-bit division, conversions, memcpy) */
bool runtime_link(Gen *g);
#endif
