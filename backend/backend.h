// The backend: bound Tile IR -> LLVM IR -> RV32 object -> linked ELF -> image. LLVM sits in its own
// shared object (lib/weft/weft-llvm.so), loaded on the first call of backend_codegen: nothing else
// pays for it (DESIGN 2).
#ifndef WEFT_BACKEND_BACKEND_H
#define WEFT_BACKEND_BACKEND_H
#include "image/image.h"
#include "ir/fabric.h"

typedef enum EmitKind { EMIT_OBJECT, EMIT_LLVM_TEXT, EMIT_ASM_TEXT } EmitKind;
typedef struct CodegenOptions {
  const Sources *sources;
  bool debug;    // DWARF and line table
  int opt_level; // 0..3; 2 is the default (no unrolling); -1 = for size
} CodegenOptions;
typedef struct Buffer {
  uint8_t *bytes;
  size_t size;
} Buffer; // malloc'ed

// Compiles one bound module (addresses placed, DSRs and queues assigned). False and diagnostics on
// error.
bool backend_codegen(const TileModule *m, EmitKind kind, const CodegenOptions *opt, Buffer *out,
                     Diags *diags);
// The whole way from a bound program to an image in memory.
Image *backend_build(const FabricModule *f, const CodegenOptions *opt, Diags *diags);
// `weft objdump`: sections, symbols, disassembly with custom mnemonics, setup records; and the
// route words of an image.
bool objdump_elf(const char *path, FILE *out, Diags *diags);
bool objdump_image(const char *dir, FILE *out, Diags *diags);
#endif
