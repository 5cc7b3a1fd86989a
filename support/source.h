// Source files and positions. A position is one 32-bit number over all files of a run, so that it
// fits anywhere; 0 is "no position". Files keep their text for the caret line of a diagnostic.
#ifndef WEFT_SUPPORT_SOURCE_H
#define WEFT_SUPPORT_SOURCE_H
#include "support/arena.h"
#include <stdbool.h>

typedef uint32_t SrcPos; // 0 = none
typedef struct SrcRange {
  SrcPos begin, end; // end is one past the last byte
} SrcRange;

typedef struct SrcFile {
  const char *path; // as shown in messages
  const char *text; // NUL-terminated; may contain NULs before `size`
  size_t size;
  SrcPos base;     // position of text[0]
  uint32_t *lines; // offset of each line start (stb_ds array)
} SrcFile;

typedef struct Sources {
  Arena arena;
  SrcFile **files; // stb_ds array, ascending base
} Sources;

typedef struct SrcPlace {
  const SrcFile *file;
  uint32_t line, column; // from 1; column counts bytes
} SrcPlace;

// Reads a file. NULL if it cannot be read (errno says why) or positions would pass 32 bits (errno =
// EFBIG).
SrcFile *src_open(Sources *s, const char *path);
// Registers text that is already in memory (copied).
SrcFile *src_add(Sources *s, const char *path, const char *text, size_t size);
// Where a position lies; file == NULL for 0.
SrcPlace src_place(const Sources *s, SrcPos pos);
// The text of line `line` (from 1) without its newline.
const char *src_line(const SrcFile *f, uint32_t line, size_t *len);
void src_free(Sources *s);
#endif
