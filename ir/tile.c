// Tile IR modules: life time, tables of operations, types and constants; see tile.h.
#include "ir/tile.h"
#include <stb/stb_ds.h>
#include <string.h>

#define HAS(flags, c) (strchr(flags, c) != NULL)

static const IrOpInfo op_table[IR_OPS] = {
#define IR_OP(name, text, operands, result, flags, meaning)                                        \
  {text,                                                                                           \
   #operands[0] - '0',                                                                             \
   #operands[1] == 'x',                                                                            \
   #result[0],                                                                                     \
   HAS(flags, 't'),                                                                                \
   HAS(flags, 'p'),                                                                                \
   HAS(flags, 'm'),                                                                                \
   HAS(flags, 'e'),                                                                                \
   meaning},
#include "ir/ops.def"
#undef IR_OP
};

static const IrSetupInfo setup_table[SETUP_KINDS] = {
#define SETUP(name, text, id, a, b, c) {text, id, a, b, c},
#include "target/setup.def"
#undef SETUP
};

const IrOpInfo *tir_op(IrOp op)
{
  return &op_table[op];
}

IrOp tir_op_find(const char *text, size_t len)
{
  for (int op = 0; op < IR_OPS; op++)
    if (strlen(op_table[op].text) == len && memcmp(op_table[op].text, text, len) == 0)
      return (IrOp)op;
  return IR_OPS;
}

const IrSetupInfo *tir_setup_info(SetupKind kind)
{
  return &setup_table[kind];
}

TileModule *tir_new(const char *name, ArchId arch, SdkCompat compat)
{
  Arena arena = {0};
  TileModule *m = ARENA_NEW(&arena, TileModule);
  m->arena = arena;
  m->name = arena_strdup(&m->arena, name);
  m->arch = arch;
  m->compat = compat;
  m->fp16 = IRT_F16;
  return m;
}

static void free_func(IrFunc *f)
{
  for (ptrdiff_t i = 0; i < arrlen(f->blocks); i++)
    arrfree(f->blocks[i].insts);
  arrfree(f->params);
  arrfree(f->insts);
  arrfree(f->blocks);
}

void tir_free(TileModule *m)
{
  if (!m)
    return;
  for (ptrdiff_t i = 0; i < arrlen(m->funcs); i++)
    free_func(&m->funcs[i]);
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++) {
    arrfree(m->globals[i].relocs);
    arrfree(m->globals[i].patches);
  }
  arrfree(m->types);
  arrfree(m->consts);
  arrfree(m->funcs);
  arrfree(m->globals);
  arrfree(m->tileconsts);
  arrfree(m->dsd_uses);
  arrfree(m->fabrics);
  arrfree(m->fifos);
  arrfree(m->setup);
  arrfree(m->strings);
  arrfree(m->names);
  arrfree(m->extra);
  hmfree(m->const_index);
  shfree(m->wide_index);
  Arena arena = m->arena; // the module itself lies in it
  arena_free(&arena);
}

// ---- types ----

typedef struct ScalarLayout {
  uint8_t size, align, bits;
} ScalarLayout;
static const ScalarLayout scalars[IRT_FIRST_AGGREGATE] = {
    [IRT_VOID] = {0, 1, 0},   [IRT_BOOL] = {2, 2, 1},  [IRT_I8] = {1, 1, 8},
    [IRT_I16] = {2, 2, 16},   [IRT_I32] = {4, 4, 32},  [IRT_I64] = {8, 4, 64},
    [IRT_F16] = {2, 2, 16},   [IRT_BF16] = {2, 2, 16}, [IRT_CB16] = {2, 2, 16},
    [IRT_F32] = {4, 4, 32},   [IRT_PTR] = {2, 2, 16},  [IRT_DSD] = {8, 4, 64},
    [IRT_DSD4] = {24, 4, 64},
};

static const IrAggregate *aggregate(const TileModule *m, IrType t)
{
  if (t - IRT_FIRST_AGGREGATE >= arrlenu(m->types))
    PANIC("type %u does not exist", t);
  return &m->types[t - IRT_FIRST_AGGREGATE];
}

uint32_t tir_size(const TileModule *m, IrType t)
{
  return t < IRT_FIRST_AGGREGATE ? scalars[t].size : aggregate(m, t)->size;
}

uint32_t tir_align(const TileModule *m, IrType t)
{
  return t < IRT_FIRST_AGGREGATE ? scalars[t].align : aggregate(m, t)->align;
}

uint32_t tir_int_bits(const TileModule *m, IrType t)
{
  if (t >= IRT_FIRST_AGGREGATE)
    return aggregate(m, t)->int_bits;
  return t >= IRT_I8 && t <= IRT_I64 ? scalars[t].bits : 0;
}

static IrType wide_int(TileModule *m, uint32_t bits)
{
  if (bits % IR_WORD_BITS || bits > IR_MAX_INT_BITS || bits <= 64)
    PANIC("there is no integer type of %u bits", bits);
  for (size_t i = 0; i < arrlenu(m->types); i++)
    if (m->types[i].int_bits == bits)
      return IRT_FIRST_AGGREGATE + (IrType)i;
  IrAggregate a = {.int_bits = (uint16_t)bits, .elem = IRT_VOID, .size = bits / 8, .align = 4};
  arrput(m->types, a);
  return IRT_FIRST_AGGREGATE + (IrType)arrlen(m->types) - 1;
}

IrType tir_int(TileModule *m, uint32_t bits)
{
  switch (bits) {
  case 8: return IRT_I8;
  case 16: return IRT_I16;
  case 32: return IRT_I32;
  case 64: return IRT_I64;
  default: return wide_int(m, bits);
  }
}

IrType tir_array(TileModule *m, IrType elem, uint32_t count)
{
  for (size_t i = 0; i < arrlenu(m->types); i++)
    if (m->types[i].elem == elem && elem != IRT_VOID && m->types[i].count == count)
      return IRT_FIRST_AGGREGATE + (IrType)i;
  IrAggregate a = {.elem = elem, .count = count, .align = tir_align(m, elem)};
  uint64_t size = (uint64_t)tir_size(m, elem) * count;
  a.size = size > IR_MAX_TYPE_SIZE ? IR_MAX_TYPE_SIZE : (uint32_t)size;
  arrput(m->types, a);
  return IRT_FIRST_AGGREGATE + (IrType)arrlen(m->types) - 1;
}

static void lay_out_struct(TileModule *m, IrAggregate *a, const IrType *fields, uint32_t n)
{
  IrType *types = ARENA_ARRAY(&m->arena, IrType, n ? n : 1);
  uint32_t *offsets = ARENA_ARRAY(&m->arena, uint32_t, n ? n : 1);
  a->align = 1;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t align = tir_align(m, fields[i]);
    types[i] = fields[i];
    offsets[i] = (a->size + align - 1) / align * align;
    uint64_t end = (uint64_t)offsets[i] + tir_size(m, fields[i]);
    a->size = end > IR_MAX_TYPE_SIZE ? IR_MAX_TYPE_SIZE : (uint32_t)end;
    a->align = align > a->align ? align : a->align;
  }
  a->size = (a->size + a->align - 1) / a->align * a->align;
  a->fields = types;
  a->offsets = offsets;
}

IrType tir_struct(TileModule *m, const IrType *fields, uint32_t n)
{
  for (size_t i = 0; i < arrlenu(m->types); i++) {
    const IrAggregate *t = &m->types[i];
    if (t->elem == IRT_VOID && !t->int_bits && t->count == n &&
        (n == 0 || memcmp(t->fields, fields, n * sizeof *fields) == 0))
      return IRT_FIRST_AGGREGATE + (IrType)i;
  }
  IrAggregate a = {.elem = IRT_VOID, .count = n};
  lay_out_struct(m, &a, fields, n);
  arrput(m->types, a);
  return IRT_FIRST_AGGREGATE + (IrType)arrlen(m->types) - 1;
}

// ---- constants and the type of a reference ----

IrRef tir_const_words(TileModule *m, IrType type, const uint32_t *words)
{
  char key[16 + 8 * IR_MAX_INT_WORDS];
  uint32_t n = tir_int_bits(m, type) / IR_WORD_BITS;
  int len = snprintf(key, sizeof key, "%u:", type);
  for (uint32_t i = 0; i < n; i++)
    len += snprintf(key + len, sizeof key - (size_t)len, "%08x", words[i]);
  if (!m->wide_index)
    sh_new_arena(m->wide_index);
  ptrdiff_t at = shgeti(m->wide_index, key);
  if (at >= 0)
    return IR_REF(REF_CONST, m->wide_index[at].value);
  uint32_t *copy = ARENA_ARRAY(&m->arena, uint32_t, n), number = (uint32_t)arrlen(m->consts);
  memcpy(copy, words, n * sizeof *copy);
  arrput(m->consts, ((IrConst){type, (uint64_t)words[1] << 32 | words[0], copy}));
  shput(m->wide_index, key, number);
  return IR_REF(REF_CONST, number);
}

IrRef tir_const(TileModule *m, IrType type, uint64_t bits)
{
  if (tir_int_bits(m, type) > 64) {
    uint32_t words[IR_MAX_INT_WORDS] = {(uint32_t)bits, (uint32_t)(bits >> 32)};
    return tir_const_words(m, type, words);
  }
  unsigned width = type < IRT_FIRST_AGGREGATE ? scalars[type].bits : 0;
  if (width < 64)
    bits &= (1ull << width) - 1;
  typeof(m->const_index->key) key = {type, bits};
  ptrdiff_t at = hmgeti(m->const_index, key);
  if (at >= 0)
    return IR_REF(REF_CONST, m->const_index[at].value);
  uint32_t number = (uint32_t)arrlen(m->consts);
  arrput(m->consts, ((IrConst){type, bits, NULL}));
  hmput(m->const_index, key, number);
  return IR_REF(REF_CONST, number);
}

IrType tir_type_of(const TileModule *m, uint32_t func, IrRef ref)
{
  uint32_t i = IR_INDEX(ref);
  switch (IR_TAG(ref)) {
  case REF_INST: return m->funcs[func].insts[i].type;
  case REF_CONST: return m->consts[i].type;
  case REF_PARAM: return m->funcs[func].params[i];
  case REF_GLOBAL: return IRT_PTR;
  case REF_FUNC: return IRT_I16;
  case REF_TILECONST: return m->tileconsts[i].type;
  default: return IRT_VOID;
  }
}
