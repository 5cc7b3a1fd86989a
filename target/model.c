// Analytical models of communication; the patterns are in target/model.def.
#include "target/model.h"
#include "support/diag.h"
#include "support/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double model_max(double a, double b)
{
  return a > b ? a : b;
}

// One phase: what the busiest tile sends or receives, or what a link carries in the mean, behind
// the way (machine 6.1, first form).
static double model_phase(double contention, double energy, double P, double hop)
{
  return P > 1 ? model_max(contention, energy / (P - 1) + (P - 1) * hop) : 0;
}

static double model_tree(double P, double B, double ramp, double hop)
{
  double levels = ceil(log2(P));
  return model_phase(B * levels, B * P / 2 * levels, P, hop) + ramp * levels;
}

// ---- the best pre-order tree ----
//
// energy[d][p]: least hops per element of a tree over p tiles with depth d at most in which no tile
// receives more than c messages; filled for c = 1, 2, ... one after the other. The last message to
// the root of p tiles comes from tile i, which has reduced tiles i .. p - 1 itself.
//
// With c = 1 there is the chain alone. From c = 2 on the contention term outweighs whatever more
// depth than that of two phases could save, and beyond a few times log2(P) messages a tree only
// gets closer to the star, so the table ends there.

typedef struct Table {
  uint32_t tiles, depth;
  float *energy; // [(depth + 1)][tiles + 1]
} Table;

static float *row_of(const Table *t, uint32_t d)
{
  return t->energy + (size_t)d * (t->tiles + 1);
}

static Table table_new(uint32_t tiles, uint32_t depth)
{
  Table t = {tiles, depth, mem_resize(NULL, (size_t)(depth + 1) * (tiles + 1) * sizeof(float))};
  for (uint32_t d = 0; d <= depth; d++)
    for (uint32_t p = 0; p <= tiles; p++)
      row_of(&t, d)[p] = p <= 1 ? 0 : INFINITY;
  return t;
}

// One more message per tile: `out` from `in`.
static void one_more(const Table *in, Table *out)
{
  for (uint32_t d = 1; d <= out->depth; d++) {
    const float *before = row_of(in, d), *below = row_of(out, d - 1);
    float *best = row_of(out, d);
    for (uint32_t p = 2; p <= out->tiles; p++) {
      best[p] = INFINITY;
      for (uint32_t i = 1; i < p; i++)
        best[p] = fminf(best[p], before[i] + below[p - i] + (float)i);
    }
  }
}

static uint32_t most_depth(uint32_t P)
{
  uint32_t root = (uint32_t)sqrt((double)P);
  return 4 * root + 8 < P ? 4 * root + 8 : P;
}

static double best_of_depths(const Table *t, double c, double B, double ramp, double hop)
{
  double best = INFINITY;
  for (uint32_t d = 0; d <= t->depth; d++)
    best = fmin(best,
                model_phase(c * B, B * (double)row_of(t, d)[t->tiles], t->tiles, hop) + ramp * d);
  return best;
}

static double model_auto(double P, double B, double ramp, double hop)
{
  uint32_t n = (uint32_t)P, most = n - 1 < 48 ? n - 1 : 48;
  Table last = table_new(n, most_depth(n));
  double best = n > 1 ? B + (P - 1) * (hop + ramp) : 0; // the chain, of any depth
  for (uint32_t c = 1; c <= most && c * B < best; c++) {
    Table next = table_new(n, last.depth);
    one_more(&last, &next);
    best = fmin(best, best_of_depths(&next, c, B, ramp, hop));
    free(last.energy);
    last = next;
  }
  free(last.energy);
  return best;
}

// Without a bound on the messages a tree may be its own subtree's sender: one table for all.
static double model_bound(double P, double B, double ramp, double hop)
{
  uint32_t n = (uint32_t)P;
  Table t = table_new(n, n > 1 ? n - 1 : 0);
  for (uint32_t d = 1; d <= t.depth; d++) {
    float *best = row_of(&t, d);
    for (uint32_t p = 2; p <= n; p++)
      for (uint32_t i = 1; i < p; i++)
        best[p] = fminf(best[p], best[i] + row_of(&t, d - 1)[p - i] + (float)i);
  }
  double least = n > 1 ? best_of_depths(&t, 1, B, ramp, hop) : 0;
  free(t.energy);
  return least;
}

// ---- the table ----

static const char *const names[] = {
#define MODEL(name, cycles, what) #name,
#include "target/model.def"
#undef MODEL
};
static const char *const texts[] = {
#define MODEL(name, cycles, what) what,
#include "target/model.def"
#undef MODEL
};

ModelId model_named(const char *name)
{
  for (int i = 0; i < MODELS; i++)
    if (strcmp(names[i], name) == 0)
      return (ModelId)i;
  return MODELS;
}

const char *model_name(ModelId id)
{
  return names[id];
}

const char *model_what(ModelId id)
{
  return texts[id];
}

static uint32_t usual_group(uint32_t tiles)
{
  uint32_t group = 1;
  while (group * group < tiles)
    group *= 2;
  return group;
}

double model_cycles(ModelId id, const Costs *k, ModelSize size)
{
  double P = size.tiles, B = size.words, M = size.rows, hop = k->hop;
  double S = size.group ? size.group : usual_group(size.tiles);
  double ramp = k->ramp_up + k->ramp_down + k->result;
  switch (id) {
#define MODEL(name, cycles, what)                                                                  \
  case MODEL_##name: return cycles;
#include "target/model.def"
#undef MODEL
  default: return 0;
  }
}
