// The table of configuration registers, expanded from target/registers.def.
#include "target/registers.h"
#include <string.h>

enum { NO = 0, YES = 1 };

static const RegisterInfo registers[REGISTERS] = {
#define REGISTER(name, wse2, wse3, count, access, comptime, reset, meaning)                        \
  {#name, {[ARCH_WSE2] = wse2, [ARCH_WSE3] = wse3}, count, reset, ACCESS_##access, comptime},
#define REGISTER_FIELD(reg, field, at, bits, meaning)
#include "target/registers.def"
#undef REGISTER
#undef REGISTER_FIELD
};

typedef struct Field {
  const char *name; // "register.field"
  RegisterId reg;
  uint16_t mask;
} Field;
static const Field fields[] = {
#define REGISTER(name, wse2, wse3, count, access, comptime, reset, meaning)
#define REGISTER_FIELD(reg, field, at, bits, meaning)                                              \
  {#reg "." #field, REG_##reg, (uint16_t)(((1u << bits) - 1) << at)},
#include "target/registers.def"
#undef REGISTER
#undef REGISTER_FIELD
};

const RegisterInfo *register_info(RegisterId id)
{
  return &registers[id];
}

bool register_find(ArchId arch, uint32_t address, RegisterId *id, uint32_t *index)
{
  for (RegisterId i = 0; i < REGISTERS; i++) {
    uint32_t first = registers[i].first[arch];
    if (!first || address < first || address - first >= registers[i].count)
      continue;
    *id = i;
    *index = address - first;
    return true;
  }
  return false;
}

bool register_named(ArchId arch, const char *name, uint32_t *value)
{
  for (RegisterId i = 0; i < REGISTERS; i++)
    if (strcmp(registers[i].name, name) == 0) {
      *value = registers[i].first[arch];
      return *value != 0;
    }
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (strcmp(fields[i].name, name) == 0) {
      *value = fields[i].mask;
      return registers[fields[i].reg].first[arch] != 0;
    }
  return false;
}
