// The timing table, expanded from target/costs.def.
#include "target/costs.h"

static const Costs costs[ARCH_COUNT] = {
    {
#define COST(name, wse2, wse3, source) .name = wse2,
#define SIMD(cost_class, wse2, wse3, source) .simd_##cost_class = wse2,
#include "target/costs.def"
#undef COST
#undef SIMD
    },
    {
#define COST(name, wse2, wse3, source) .name = wse3,
#define SIMD(cost_class, wse2, wse3, source) .simd_##cost_class = wse3,
#include "target/costs.def"
#undef COST
#undef SIMD
    },
};

const Costs *costs_get(ArchId id)
{
  return &costs[id];
}

unsigned costs_simd(const Costs *c, DsdOp op)
{
  switch (op) {
#define DSD_OP(name, n, shape, db, ab, bb, scalar, cost_class)                                     \
  case DSD_##name: return c->simd_##cost_class;
#define SYS_OP(name, opcode, f3, f7, operands, meaning)
#include "target/isa.def"
#undef DSD_OP
#undef SYS_OP
  default: return 1;
  }
}
