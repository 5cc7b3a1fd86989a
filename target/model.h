// Analytical models of communication on a line or grid of tiles (machine 6): what the emulator is
// compared with, and what a user may ask before writing a kernel. Cycles, as real numbers because
// links are shared in the mean.
#ifndef WEFT_TARGET_MODEL_H
#define WEFT_TARGET_MODEL_H
#include "target/costs.h"

typedef enum ModelId {
#define MODEL(name, cycles, what) MODEL_##name,
#include "target/model.def"
#undef MODEL
  MODELS
} ModelId;

typedef struct ModelSize {
  uint32_t
      tiles; // of the line, or of a row of the grid; at least 1. Time grows faster than tiles^2
  uint32_t words; // wavelets of a vector
  uint32_t group; // of the two-phase reduction; 0 = the power of two nearest to the root of `tiles`
  uint32_t rows;  // of the grid
} ModelSize;

// Number of the pattern with this name, MODELS if there is none.
ModelId model_named(const char *name);
const char *model_name(ModelId id);
const char *model_what(ModelId id);
// Cycles of the pattern on a machine with these timing parameters.
double model_cycles(ModelId id, const Costs *k, ModelSize size);
#endif
