// Inside checkpoint and resume: sections of a file, and the check of what was read. Only
// checkpoint.c, checkpoint_host.c and checkpoint_check.c know it.
//
// A file is a row of sections: what it is (a number), size of an element, number of elements, and
// the elements as they lie in memory. Sizes and a hash of the image make sure that it is read by
// the program that wrote it; a checksum over all makes sure that it is whole. What it says is still
// not trusted: every index is checked before the emulator sees it.
#ifndef WEFT_EMULATOR_CHECKPOINT_H
#define WEFT_EMULATOR_CHECKPOINT_H
#include "emulator/hostport.h"
#include "emulator/router.h"

typedef enum SectionKind {
  SECTION_CORE = 1,
  SECTION_TILES,
  SECTION_COLD,
  SECTION_STATS,
  SECTION_MEMORY,
  SECTION_DSRS,
  SECTION_XDSRS,
  SECTION_FIFOS,
  SECTION_QUEUES,
  SECTION_REGS,
  SECTION_FREE_REGS,
  SECTION_THREADS,
  SECTION_WHEEL,
  SECTION_FAR,
  SECTION_ROUTES,
  SECTION_ROUTERS,
  SECTION_LINKS,
  SECTION_FILTERS,
  SECTION_BLOCK,
  SECTION_CHANNELS,
  SECTION_SLOTS,
  SECTION_HOST_TILES,
  SECTION_LEFT,
  SECTION_COMMAND,
  SECTION_STREAM,
  SECTION_WORDS,
  SECTION_LIST,
  SECTION_LINE,
  SECTION_TEXT,
  SECTION_END
} SectionKind;

typedef struct Saver {
  FILE *out;
  uint64_t sum;
} Saver;
void save(Saver *s, SectionKind kind, size_t size, size_t count, const void *data);
#define SAVE(s, kind, data, count) save(s, kind, sizeof *(data), count, data)

typedef struct Loader {
  const uint8_t *at;
  size_t left;
  const char *why; // of the first failure, NULL = none
} Loader;
bool load_fail(Loader *l, const char *why); // false
// The next section, which must be this one with elements of this size. NULL: failed, or empty.
const void *load(Loader *l, SectionKind kind, size_t size, size_t *count);
bool load_into(Loader *l, SectionKind kind, size_t size, size_t count, void *data); // exactly
// stb_ds array of what the section holds; *list is replaced.
#define LOAD_LIST(l, kind, list)                                                                   \
  do {                                                                                             \
    size_t count_;                                                                                 \
    const void *data_ = load(l, kind, sizeof *(list), &count_);                                    \
    if (!(l)->why) {                                                                               \
      arrsetlen(list, count_);                                                                     \
      if (count_)                                                                                  \
        memcpy(list, data_, count_ * sizeof *(list));                                              \
    }                                                                                              \
  } while (0)

/* checkpoint_host.c */
void save_host(const Emu *e, Saver *s);
bool load_host(Emu *e, Loader *l);

/* checkpoint_check.c: NULL, or what is impossible about the state that was read */
const char *check_core(const Emu *e);
const char *check_fabric(const Emu *e);

/* log.c */
void log_save(const Emu *e, Saver *s);
bool log_load(Emu *e, Loader *l);
#endif
