// Timing parameters of the machine: one row each in costs.def, values per architecture.
#ifndef WEFT_TARGET_COSTS_H
#define WEFT_TARGET_COSTS_H
#include "target/arch.h"
#include "target/isa.h"

typedef struct Costs {
#define COST(name, wse2, wse3, source) uint32_t name;
#define SIMD(cost_class, wse2, wse3, source) uint8_t simd_##cost_class;
#include "target/costs.def"
#undef COST
#undef SIMD
} Costs;

// The parameters of an architecture (machine 5).
const Costs *costs_get(ArchId id);
// Elements per cycle that the datapath takes at most for `op` (machine 2.2).
unsigned costs_simd(const Costs *c, DsdOp op);
#endif
