// The door to weft-llvm.so.
#ifndef WEFT_BACKEND_LOAD_H
#define WEFT_BACKEND_LOAD_H
#include "backend/llvm/entry.h"

// Loads the library on first use. NULL and a diagnostic if it cannot be loaded.
const LlvmEntry *llvm_load(Diags *diags);
#endif
