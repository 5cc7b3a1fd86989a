// Timing parameters of the machine: one row each in costs.def, values per architecture.
#ifndef WEFT_TARGET_COSTS_H
#define WEFT_TARGET_COSTS_H
#include "target/arch.h"

typedef struct Costs {
#define COST(name, wse2, wse3, source) uint32_t name;
#include "target/costs.def"
#undef COST
} Costs;

// The parameters of an architecture (machine 5).
const Costs *costs_get(ArchId id);
#endif
