// Configuration registers of a tile (target/registers.def): what is at which word address.
#ifndef WEFT_TARGET_REGISTERS_H
#define WEFT_TARGET_REGISTERS_H
#include "target/arch.h"

typedef enum RegisterId {
#define REGISTER(name, wse2, wse3, count, access, comptime, reset, meaning) REG_##name,
#define REGISTER_FIELD(reg, field, at, bits, meaning)
#include "target/registers.def"
#undef REGISTER
#undef REGISTER_FIELD
  REGISTERS
} RegisterId;

// Where each field lies: FIELD_<register>_<field>_AT and _BITS.
enum {
#define REGISTER(name, wse2, wse3, count, access, comptime, reset, meaning)
#define REGISTER_FIELD(reg, field, at, bits, meaning)                                              \
  FIELD_##reg##_##field##_AT = at, FIELD_##reg##_##field##_BITS = bits,
#include "target/registers.def"
#undef REGISTER
#undef REGISTER_FIELD
};
#define FIELD_GET(value, field)                                                                    \
  ((uint32_t)(value) >> FIELD_##field##_AT & ((1u << FIELD_##field##_BITS) - 1))
#define FIELD_PUT(value, field)                                                                    \
  (((uint32_t)(value) & ((1u << FIELD_##field##_BITS) - 1)) << FIELD_##field##_AT)

typedef enum RegisterAccess { ACCESS_NO, ACCESS_RO, ACCESS_RW } RegisterAccess;

typedef struct RegisterInfo {
  const char *name;
  uint16_t first[ARCH_COUNT]; // word address, 0 = not on that architecture
  uint16_t count, reset;
  RegisterAccess access;
  bool comptime; // a comptime block may set it
} RegisterInfo;

// Data memory ends here; word addresses from it to 0x7fff are registers.
enum { REGISTERS_FIRST_WORD = 0x6000, REGISTERS_LAST_WORD = 0x7fff };

const RegisterInfo *register_info(RegisterId id);
// The register at a word address. False: there is none on this architecture. *index: which of its
// row.
bool register_find(ArchId arch, uint32_t address, RegisterId *id, uint32_t *index);
// By the name in the table: "color" gives its first word address, "color.teardown" the bits of a
// field. False: there is no such register or field, or not on this architecture.
bool register_named(ArchId arch, const char *name, uint32_t *value);
#endif
