// Inside of passes/: the entry points of passes/passes.def and what several passes need.
#ifndef WEFT_PASSES_PASS_H
#define WEFT_PASSES_PASS_H
#include "passes/passes.h"

#define PASS(function, name, per_tile, what) bool function(PassContext *ctx);
#include "passes/passes.def"
#undef PASS

// True and the value if the reference is a constant.
bool ref_value(const TileModule *m, IrRef ref, uint32_t *value);
// The range of a position, for diagnostics.
SrcRange pos_range(SrcPos pos);
#endif
