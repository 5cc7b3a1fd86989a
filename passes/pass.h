// Inside of passes/: the entry points of passes/passes.def and what several passes need.
#ifndef WEFT_PASSES_PASS_H
#define WEFT_PASSES_PASS_H
#include "passes/passes.h"

#define PASS(function, name, per_tile, what) bool function(PassContext *ctx);
#include "passes/passes.def"
#undef PASS

// True and the value if the reference is a constant.
bool ref_value(const TileModule *m, IrRef ref, uint32_t *value);
// Bytes that a global is aligned to.
uint32_t global_alignment(const TileModule *m, uint32_t global);
typedef struct FixedRange { // of bytes that a section with a given start address takes
  uint32_t begin, end;
  const char *name;
} FixedRange;
// Gives the globals of such sections their addresses (fixed_sections.c); adds the ranges to the
// stb_ds array. False after a report.
bool place_fixed_sections(PassContext *ctx, FixedRange **ranges);
// The first aligned address from `at` on at which `size` bytes lie in no range.
uint64_t skip_fixed(const FixedRange *ranges, uint64_t at, uint32_t align, uint64_t size);
// The range of a position, for diagnostics.
SrcRange pos_range(SrcPos pos);
#endif
