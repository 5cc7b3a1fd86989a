// Inside the backend: the door to weft-llvm.so, and parts that several files share.
#ifndef WEFT_BACKEND_LOAD_H
#define WEFT_BACKEND_LOAD_H
#include "backend/llvm/entry.h"

// Loads the library on first use. NULL and a diagnostic if it cannot be loaded.
const LlvmEntry *llvm_load(Diags *diags);
// Everything of an image that is not in a tile program (objdump_tables.c).
void objdump_tables(const Image *img, FILE *out);
#endif
