// Timing parameters of the machine: one row each in costs.def, values per preset.
#ifndef WEFT_TARGET_COSTS_H
#define WEFT_TARGET_COSTS_H
#include "target/arch.h"
#include "target/isa.h"
#include <stddef.h>

typedef struct Costs {
  const char *preset; // name of the column: "wse2", "wse3", "wse3-silicon"
  bool changed;       // some parameter was set by hand
#define PRESET(arch, timing, column, what)
#define COST(name, least, wse2, wse3, wse3s, source) uint32_t name;
#define SIMD(cost_class, wse2, wse3, wse3s, source) uint8_t simd_##cost_class;
#include "target/costs.def"
#undef PRESET
#undef COST
#undef SIMD
} Costs;

// The parameters of an architecture when nobody chooses others (machine 5).
const Costs *costs_get(ArchId id);

// Parameters as `text` chooses them: words with commas between them, each the name of a preset of
// the architecture ("silicon") or NAME=NUMBER for a row of the table ("hop=3"), from left to right.
// An empty text or NULL is the default. False: the first wrong word is copied to `bad`, a text of
// at most `size` bytes that also tells what would be right.
bool costs_choose(ArchId id, const char *text, Costs *out, char *bad, size_t size);

// Calls `row` for each parameter with its name, value and source, in the order of the table.
void costs_each(const Costs *c,
                void (*row)(void *arg, const char *name, uint32_t value, const char *source),
                void *arg);

// Elements per cycle that the datapath takes at most for `op` (machine 2.2).
unsigned costs_simd(const Costs *c, DsdOp op);
#endif
