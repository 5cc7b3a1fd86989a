// The architecture table, expanded from target/arch.def.
#include "target/arch.h"
#include <stddef.h>
#include <string.h>

static const Arch archs[ARCH_COUNT] = {
    {.id = ARCH_WSE2,
#define ARCH_FIELD(field, type, wse2, wse3, what) .field = wse2,
#include "target/arch.def"
#undef ARCH_FIELD
     .iq_depth = {6, 6, 4, 4, 2, 2, 2, 2},
     .oq_depth = {2, 2, 6, 6, 2, 2, 0, 0}},
    {.id = ARCH_WSE3,
#define ARCH_FIELD(field, type, wse2, wse3, what) .field = wse3,
#include "target/arch.def"
#undef ARCH_FIELD
     .iq_depth = {8, 8, 4, 4, 4, 4, 4, 4},
     .oq_depth = {8, 8, 8, 8, 8, 8, 8, 8}},
};

const Arch *arch_get(ArchId id)
{
  return &archs[id];
}

const Arch *arch_find(const char *name)
{
  for (size_t i = 0; i < ARCH_COUNT; i++)
    if (strcmp(archs[i].name, name) == 0)
      return &archs[i];
  return NULL;
}
