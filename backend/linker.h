// Inside the tile linker: one object of LLVM, placed at fixed addresses. Everything else a tile
// program consists of (data, setup records, constants) comes from the Tile IR (contents.c).
#ifndef WEFT_BACKEND_LINKER_H
#define WEFT_BACKEND_LINKER_H
#include "backend/backend.h"
#include "image/elf.h"

typedef struct LinkSection {
  ElfSection s;
  bool kept;
  uint32_t address;
  uint8_t *bytes; // copy to relocate, in the linker's arena
} LinkSection;

typedef struct LinkSymbol {
  const char *name;
  uint32_t value, size; // value: relative to the section, or an address if section is 0
  uint32_t section;     // 0 = undefined in the object
  uint8_t type;
  bool resolved;
} LinkSymbol;

typedef struct Linker {
  Arena arena;
  const TileModule *m;
  Diags *diags;
  const char *why;       // first fault of the object's form; later ones are not looked for
  LinkSection *sections; // stb_ds
  LinkSymbol *symbols;   // stb_ds
  struct {
    char *key;
    uint32_t value;
  } *globals,
      *functions; // stb_ds: name -> index of the module's global; name -> index into symbols
  uint32_t code_bytes, shared_base, shared_bytes;
} Linker;

typedef struct LinkReloc {
  uint32_t offset, type, symbol;
  int32_t addend;
} LinkReloc;
// Relocation k of a SHT_RELA section.
LinkReloc link_reloc_at(const ElfSection *rela, uint32_t k);
uint32_t link_reloc_count(const ElfSection *rela);
// Applies all relocations of the kept sections. False: a fault was reported or stands in `why`.
bool link_relocate(Linker *l);
// Address of a symbol after placement; false and a diagnostic if nothing defines it.
bool link_symbol_address(Linker *l, uint32_t symbol, uint32_t *address);
// Address of a function of the object by its name there; 0 = none.
uint32_t link_function(const Linker *l, const char *name);

// The same for function `index` of the module.
uint32_t link_source_function(Linker *l, uint32_t index);

// Bytes of stack that the deepest chain of calls needs; UINT32_MAX if that has no bound (recursion)
// (stack.c).
uint32_t link_stack_need(Linker *l, const ImageClass *c);
// Links one object to fixed addresses, adds data, setup and symbol sections; the result fills one
// ImageClass. False and diagnostics on error. *need: 0, or the bytes of stack that the program
// needs and does not have; then `out` is not complete.
bool link_program(const TileModule *m, const Buffer *object, const CodegenOptions *opt, Image *img,
                  ImageClass *out, uint32_t *need, Diags *diags);

// Fills data, constants, setup records, strings and the symbols of globals (contents.c).
bool link_contents(Linker *l, Image *img, ImageClass *out);
// Reads the line table out of the DWARF sections of an executable (lines.c).
void link_lines(Image *img, ImageClass *out, const uint8_t *elf, size_t size);

// Rows of ImageClass.consts: first the module's tile constants, then the patches of its globals.
// Calls fn for each row with the number of the tile constant whose value it takes.
void link_each_const(const TileModule *m,
                     void (*fn)(void *arg, uint32_t tileconst, uint32_t address), void *arg);
#endif
