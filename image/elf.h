// ELF32 RISC-V executables as tile programs: the sections of docs/image.md, written and read here
// only.
#ifndef WEFT_IMAGE_ELF_H
#define WEFT_IMAGE_ELF_H
#include "image/image.h"

// A section that has no address (DWARF, attributes), carried along for debuggers.
typedef struct ElfExtra {
  const char *name;
  uint32_t type; // SHT_PROGBITS, …
  const uint8_t *bytes;
  size_t size;
} ElfExtra;

// The file of a class as an stb_ds array of bytes. Symbols must be sorted by image_sort_symbols.
uint8_t *elf_write(const ImageClass *c, const ElfExtra *extra, size_t n_extra);
// Fills code, data, sizes, setup, symbols, consts and strings of `out`. `path` is for messages.
// False and a diagnostic if the file is not one of ours; values are checked later, by
// image_validate.
bool elf_read(const uint8_t *bytes, size_t size, const char *path, Arena *arena, ImageClass *out,
              Diags *diags);

typedef struct ElfSection {
  const char *name;
  uint32_t type, flags, address, size, link, info, align;
  const uint8_t *bytes; // NULL for SHT_NOBITS
} ElfSection;
// All sections of any little-endian ELF32 RISC-V file, in file order (stb_ds; names point into
// `bytes`). NULL and *why set if the headers are not sound.
ElfSection *elf_sections(const uint8_t *bytes, size_t size, uint32_t *e_type, const char **why);
#endif
