// What weft-llvm.so offers: the one symbol `weft_llvm_entry`. Everything that needs LLVM is behind
// it (DESIGN 2).
#ifndef WEFT_BACKEND_LLVM_ENTRY_H
#define WEFT_BACKEND_LLVM_ENTRY_H
#include "backend/backend.h"

// Prints one standard instruction of at most `size` bytes at `pc`; returns its length, 0 if it is
// none.
typedef size_t (*DisasmFn)(void *disasm, const uint8_t *bytes, size_t size, uint32_t pc, char *text,
                           size_t text_size);

typedef struct LlvmEntry {
  uint32_t interface; // LLVM_ENTRY_INTERFACE of the build: a library of another build is not used
  bool (*codegen)(const TileModule *m, EmitKind kind, const CodegenOptions *opt, Buffer *out,
                  Diags *diags);
  void *(*disasm_new)(void);
  DisasmFn disasm;
  void (*disasm_free)(void *disasm);
} LlvmEntry;
enum { LLVM_ENTRY_INTERFACE = 1 };
#define LLVM_ENTRY_SYMBOL "weft_llvm_entry"
extern const LlvmEntry weft_llvm_entry;
#endif
