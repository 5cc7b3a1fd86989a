// Architectures. The only place that tells WSE-2 from WSE-3: everything else reads fields of Arch.
#ifndef WEFT_TARGET_ARCH_H
#define WEFT_TARGET_ARCH_H
#include <stdbool.h>
#include <stdint.h>

typedef enum ArchId { ARCH_WSE2, ARCH_WSE3, ARCH_COUNT } ArchId;

typedef struct Arch {
  ArchId id;
#define ARCH_FIELD(field, type, wse2, wse3, what) type field;
#include "target/arch.def"
#undef ARCH_FIELD
  uint8_t iq_depth[8]; // wavelets per input queue (language 14.5)
  uint8_t oq_depth[8]; // wavelets per output queue; 0 = no such queue
} Arch;

// Packing of two 16-bit elements per wavelet on fabric operands (language 14.7, sdk-2.10 1.6).
enum { SIMD_OFF, SIMD_32, SIMD_64, SIMD_MAX };

const Arch *arch_get(ArchId id);
// By --arch spelling; NULL if unknown.
const Arch *arch_find(const char *name);
// SDK release whose meaning of a program is taken (sdk-2.10 section 6).
typedef enum SdkCompat { COMPAT_AUTO, COMPAT_1_4, COMPAT_2_10 } SdkCompat;
// What a name that the host sees stands for.
typedef enum ExportKind { EXPORT_DATA, EXPORT_FUNC, EXPORT_STREAM } ExportKind;

// Identifiers that the memcpy infrastructure and the system own (libraries 1.2). Equal on both
// architectures.
enum {
  TASK_ID_MEMCPY = 27,
  TASK_ID_HOST = 28, // the next host command
  TASK_ID_TEARDOWN = 29,
  TASK_ID_TIMER = 30,
  TASK_ID_NONE = 31,
  TASK_IDS = 64,
  MEMCPY_FIRST_COLOR = 21,
  MEMCPY_LAST_COLOR = 23,
  MEMCPY_FIRST_CONTROL = 33,
  MEMCPY_LAST_CONTROL = 37,
  MEMCPY_WEST_COLUMNS = 4, // with a border of one tile all around (host 1.2)
  MEMCPY_EAST_COLUMNS = 3,
  MEMCPY_NORTH_ROWS = 1,
  MEMCPY_SOUTH_ROWS = 1,
  MAX_COLORS = 24,
  MAX_QUEUES = 8,
  MAX_UTS = 8,
  MAX_DSRS = 16
};
// Does a program with memcpy leave this local task id to it?
static inline bool memcpy_owns_task(int64_t id)
{
  return id == TASK_ID_MEMCPY || id == TASK_ID_HOST || id == TASK_ID_TIMER;
}
#endif
