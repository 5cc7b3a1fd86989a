// The timing table, expanded from target/costs.def.
#include "target/costs.h"

static const Costs costs[ARCH_COUNT] = {
    {
#define COST(name, wse2, wse3, source) .name = wse2,
#include "target/costs.def"
#undef COST
    },
    {
#define COST(name, wse2, wse3, source) .name = wse3,
#include "target/costs.def"
#undef COST
    },
};

const Costs *costs_get(ArchId id)
{
  return &costs[id];
}
