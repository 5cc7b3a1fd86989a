// The timing table, expanded from target/costs.def.
#include "target/costs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- the table by column ----

typedef enum Column { COLUMN_WSE2, COLUMN_WSE3, COLUMN_WSE3S, COLUMNS } Column;

// The rows of one column: PICK takes its value out of a row.
#define PRESET(arch, timing, column, what)
#define COST(name, least, wse2, wse3, wse3s, source) .name = PICK(wse2, wse3, wse3s),
#define SIMD(cost_class, wse2, wse3, wse3s, source) .simd_##cost_class = PICK(wse2, wse3, wse3s),
static const Costs columns[COLUMNS] = {
    [COLUMN_WSE2] =
        {
            .preset = "wse2",
#define PICK(wse2, wse3, wse3s) wse2
#include "target/costs.def"
#undef PICK
        },
    [COLUMN_WSE3] =
        {
            .preset = "wse3",
#define PICK(wse2, wse3, wse3s) wse3
#include "target/costs.def"
#undef PICK
        },
    [COLUMN_WSE3S] =
        {
            .preset = "wse3-silicon",
#define PICK(wse2, wse3, wse3s) wse3s
#include "target/costs.def"
#undef PICK
        },
};
#undef PRESET
#undef COST
#undef SIMD

typedef struct Preset {
  const char *timing;
  ArchId arch;
  Column column;
} Preset;

static const Preset presets[] = {
#define PRESET(arch, timing, column, what) {#timing, ARCH_##arch, COLUMN_##column},
#define COST(name, least, wse2, wse3, wse3s, source)
#define SIMD(cost_class, wse2, wse3, wse3s, source)
#include "target/costs.def"
#undef PRESET
#undef COST
#undef SIMD
};
enum { PRESETS = sizeof presets / sizeof *presets };

// ---- the table by row ----

typedef struct Row {
  const char *name, *source;
  uint32_t least, usual; // usual: the largest default, from which the bound of a setting follows
  uint16_t offset;       // in Costs
  bool byte;             // uint8_t there, else uint32_t
} Row;

#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
static const Row rows[] = {
#define PRESET(arch, timing, column, what)
#define COST(name, least, wse2, wse3, wse3s, source)                                               \
  {#name, source, least, MAX_OF(wse2, MAX_OF(wse3, wse3s)), offsetof(Costs, name), false},
#define SIMD(cost_class, wse2, wse3, wse3s, source)                                                \
  {"simd_" #cost_class, source, 1, 8, offsetof(Costs, simd_##cost_class), true},
#include "target/costs.def"
#undef PRESET
#undef COST
#undef SIMD
};
enum { ROWS = sizeof rows / sizeof *rows, SMALL = 64, LARGE = 4096 };

// Buffers, edges and rates are held in bytes; what is large by nature may be large.
static uint32_t most(const Row *r)
{
  return r->byte ? r->usual : r->usual > SMALL ? LARGE : SMALL;
}

static uint32_t get(const Costs *c, const Row *r)
{
  const uint8_t *at = (const uint8_t *)c + r->offset;
  uint32_t v;
  if (r->byte)
    return *at;
  memcpy(&v, at, sizeof v);
  return v;
}

static void set(Costs *c, const Row *r, uint32_t v)
{
  uint8_t *at = (uint8_t *)c + r->offset;
  if (r->byte)
    *at = (uint8_t)v;
  else
    memcpy(at, &v, sizeof v);
  c->changed = true;
}

const Costs *costs_get(ArchId id)
{
  for (int i = 0; i < PRESETS; i++)
    if (presets[i].arch == id)
      return &columns[presets[i].column];
  return &columns[COLUMN_WSE2];
}

// ---- a user's choice ----

static bool same(const char *name, const char *word, size_t n)
{
  return strlen(name) == n && memcmp(name, word, n) == 0;
}

static bool choose_preset(ArchId id, const char *word, size_t n, Costs *out)
{
  for (int i = 0; i < PRESETS; i++)
    if (presets[i].arch == id && same(presets[i].timing, word, n)) {
      *out = columns[presets[i].column];
      return true;
    }
  return false;
}

static const Row *row_named(const char *word, size_t n)
{
  for (int i = 0; i < ROWS; i++)
    if (same(rows[i].name, word, n))
      return &rows[i];
  return NULL;
}

// A decimal number that ends where the word does; UINT32_MAX if it is none.
static uint32_t number(const char *s, const char *end)
{
  uint32_t v = 0;
  if (s == end)
    return UINT32_MAX;
  for (; s < end; s++) {
    if (*s < '0' || *s > '9' || v > LARGE)
      return UINT32_MAX;
    v = 10 * v + (uint32_t)(*s - '0');
  }
  return v;
}

// So much of a word is repeated in a message, so that what is wrong with it is not cut off.
static int shown(size_t n)
{
  return n < 40 ? (int)n : 40;
}

static bool choose_word(ArchId id, const char *word, size_t n, Costs *out, char *bad, size_t size)
{
  const char *equals = memchr(word, '=', n);
  if (!equals) {
    if (choose_preset(id, word, n, out))
      return true;
    snprintf(bad, size,
             "'%.*s' is no preset of this architecture (simulator, silicon) and no NAME=NUMBER",
             shown(n), word);
    return false;
  }
  const Row *r = row_named(word, (size_t)(equals - word));
  uint32_t v = number(equals + 1, word + n);
  if (!r) {
    snprintf(bad, size, "'%.*s' is no timing parameter; 'weft timing' lists them",
             shown((size_t)(equals - word)), word);
    return false;
  }
  if (v < r->least || v > most(r)) {
    snprintf(bad, size, "'%.*s': %s is a number from %u to %u", shown(n), word, r->name, r->least,
             most(r));
    return false;
  }
  set(out, r, v);
  return true;
}

bool costs_choose(ArchId id, const char *text, Costs *out, char *bad, size_t size)
{
  *out = *costs_get(id);
  while (text && *text) {
    size_t n = strcspn(text, ",");
    if (n && !choose_word(id, text, n, out, bad, size))
      return false;
    text += n + (text[n] == ',');
  }
  return true;
}

void costs_each(const Costs *c,
                void (*row)(void *arg, const char *name, uint32_t value, const char *source),
                void *arg)
{
  for (int i = 0; i < ROWS; i++)
    row(arg, rows[i].name, get(c, &rows[i]), rows[i].source);
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
