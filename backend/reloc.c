// Relocations of RV32 objects, as LLVM emits them without linker relaxation.
#include "backend/linker.h"
#include "image/bytes.h"
#include <elf.h>
#include <stb/stb_ds.h>

LinkReloc link_reloc_at(const ElfSection *rela, uint32_t k)
{
  const uint8_t *p = rela->bytes + (size_t)k * sizeof(Elf32_Rela);
  uint32_t info = bytes_at32(p + 4);
  return (LinkReloc){bytes_at32(p), ELF32_R_TYPE(info), ELF32_R_SYM(info),
                     (int32_t)bytes_at32(p + 8)};
}

uint32_t link_reloc_count(const ElfSection *rela)
{
  return rela->size / (uint32_t)sizeof(Elf32_Rela);
}

// ---- instruction fields ----

static void put_upper(uint8_t *at, uint32_t value)
{
  bytes_set32(at, (bytes_at32(at) & 0xfff) | ((value + 0x800) & 0xfffff000));
}

static void put_i(uint8_t *at, uint32_t value)
{
  bytes_set32(at, (bytes_at32(at) & 0xfffff) | value << 20);
}

static void put_s(uint8_t *at, uint32_t value)
{
  uint32_t fields = (value & 31) << 7 | (value >> 5 & 127) << 25;
  bytes_set32(at, (bytes_at32(at) & 0x01fff07f) | fields);
}

static void put_branch(uint8_t *at, uint32_t d)
{
  uint32_t fields =
      (d >> 12 & 1) << 31 | (d >> 5 & 63) << 25 | (d >> 1 & 15) << 8 | (d >> 11 & 1) << 7;
  bytes_set32(at, (bytes_at32(at) & 0x01fff07f) | fields);
}

static void put_jump(uint8_t *at, uint32_t d)
{
  uint32_t fields =
      (d >> 20 & 1) << 31 | (d >> 1 & 1023) << 21 | (d >> 11 & 1) << 20 | (d >> 12 & 255) << 12;
  bytes_set32(at, (bytes_at32(at) & 0xfff) | fields);
}

static void put_call(uint8_t *at, uint32_t d)
{
  put_upper(at, d);
  put_i(at + 4, d);
}

// ---- plain numbers; DWARF needs them as differences ----

typedef enum NumberOp { NUMBER_SET, NUMBER_ADD, NUMBER_SUB } NumberOp;
typedef struct Number {
  uint8_t type, bits;
  NumberOp op;
} Number;
static const Number numbers[] = {
    {R_RISCV_32, 32, NUMBER_SET},    {R_RISCV_ADD8, 8, NUMBER_ADD},
    {R_RISCV_ADD16, 16, NUMBER_ADD}, {R_RISCV_ADD32, 32, NUMBER_ADD},
    {R_RISCV_SUB8, 8, NUMBER_SUB},   {R_RISCV_SUB16, 16, NUMBER_SUB},
    {R_RISCV_SUB32, 32, NUMBER_SUB}, {R_RISCV_SUB6, 6, NUMBER_SUB},
    {R_RISCV_SET6, 6, NUMBER_SET},   {R_RISCV_SET8, 8, NUMBER_SET},
    {R_RISCV_SET16, 16, NUMBER_SET}, {R_RISCV_SET32, 32, NUMBER_SET},
};

static const Number *number_of(uint32_t type)
{
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (numbers[i].type == type)
      return &numbers[i];
  return NULL;
}

static void put_number(uint8_t *at, const Number *n, uint32_t value)
{
  uint32_t mask = n->bits == 32 ? UINT32_MAX : (1u << n->bits) - 1, old = 0;
  unsigned bytes = (n->bits + 7u) / 8;
  for (unsigned i = 0; i < bytes; i++)
    old |= (uint32_t)at[i] << 8 * i;
  uint32_t v = n->op == NUMBER_SET ? value : n->op == NUMBER_ADD ? old + value : old - value;
  v = (old & ~mask) | (v & mask);
  for (unsigned i = 0; i < bytes; i++)
    at[i] = (uint8_t)(v >> 8 * i);
}

// Bytes that a relocation touches, 0 = a type that LLVM does not emit for us.
static uint32_t extent(uint32_t type)
{
  const Number *n = number_of(type);
  if (n)
    return (n->bits + 7u) / 8;
  switch (type) {
  case R_RISCV_HI20:
  case R_RISCV_LO12_I:
  case R_RISCV_LO12_S:
  case R_RISCV_BRANCH:
  case R_RISCV_JAL:
  case R_RISCV_32_PCREL: return 4;
  case R_RISCV_CALL:
  case R_RISCV_CALL_PLT: return 8;
  default: return 0;
  }
}

static void apply(uint8_t *at, uint32_t type, uint32_t place, uint32_t value)
{
  switch (type) {
  case R_RISCV_HI20: put_upper(at, value); break;
  case R_RISCV_LO12_I: put_i(at, value); break;
  case R_RISCV_LO12_S: put_s(at, value); break;
  case R_RISCV_BRANCH: put_branch(at, value - place); break;
  case R_RISCV_JAL: put_jump(at, value - place); break;
  case R_RISCV_32_PCREL: bytes_set32(at, value - place); break;
  case R_RISCV_CALL:
  case R_RISCV_CALL_PLT: put_call(at, value - place); break;
  default: put_number(at, number_of(type), value);
  }
}

static bool relocate_one(Linker *l, LinkSection *target, LinkReloc r)
{
  if (r.type == R_RISCV_RELAX || r.type == R_RISCV_NONE)
    return true;
  uint32_t bytes = extent(r.type), value;
  if (!bytes || bytes > target->s.size || r.offset > target->s.size - bytes) {
    l->why = arena_printf(&l->arena, "relocation type %u at 0x%x", r.type, r.offset);
    return false;
  }
  if (!link_symbol_address(l, r.symbol, &value))
    return false;
  apply(target->bytes + r.offset, r.type, target->address + r.offset, value + (uint32_t)r.addend);
  return true;
}

bool link_relocate(Linker *l)
{
  for (size_t i = 0; i < arrlenu(l->sections); i++) {
    const ElfSection *rela = &l->sections[i].s;
    if (rela->type != SHT_RELA || !l->sections[rela->info].kept)
      continue;
    for (uint32_t k = 0; k < link_reloc_count(rela); k++)
      if (!relocate_one(l, &l->sections[rela->info], link_reloc_at(rela, k)))
        return false;
  }
  return true;
}
