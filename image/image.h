// The image: what a compiled program is on disk, and the only thing that the emulator knows.
// Format: docs/image.md.
//
//   DIR/weft.xml           manifest: machine, placement, classes, exports, parameters (schema:
//                          image/weft-image.xsd)
//   DIR/tiles.bin          tile table: class, route set, constants per tile
//   DIR/bin/out_X_Y.elf    one ELF per class, named after its first tile in row-major order
//   DIR/bin/out_X_Y.lines  pc -> file:line of that ELF
//   DIR/out.json           the vendor's keys that host scripts read: params, colors; compat mode
//   DIR/bin/out_rpc.json   exported names
//
// Loading is a trust boundary: anything malformed is a diagnostic, never a crash. Writing goes to a
// temporary folder inside DIR, or beside a new DIR, and is renamed at the end, so that nothing
// half-written is left; foreign files in DIR are kept.
#ifndef WEFT_IMAGE_IMAGE_H
#define WEFT_IMAGE_IMAGE_H
#include "support/arena.h"
#include "support/diag.h"
#include "target/arch.h"
#include "target/isa.h"
#include "target/route.h"
#define WEFT_IMAGE_FORMAT 3

// Setup records live in ELF section .weft.setup, five little-endian words each; rows as in
// target/setup.def with functions as code addresses and globals as data addresses. 0xffffffff =
// none. Where a value differs between tiles, a flag in `kind` says so, and the field holds an index
// into ImageClass.consts.
typedef struct ImageSetup {
  uint32_t kind, id, a, b, c;
} ImageSetup;
typedef enum ImageSetupKind {
#define SETUP(name, text, id, a, b, c) IMAGE_SETUP_##name,
#include "target/setup.def"
#undef SETUP
  IMAGE_SETUP_KINDS
} ImageSetupKind;
enum { IMAGE_SETUP_A_CONST = 0x100, IMAGE_SETUP_B_CONST = 0x200, IMAGE_SETUP_C_CONST = 0x400 };
#define IMAGE_SETUP_KIND(kind) ((kind) & 0xffu)

typedef struct ImageSymbol {
  const char *name;
  uint32_t address, size;
  bool function, exported;
} ImageSymbol;
typedef struct ImageLine {
  uint32_t pc;
  uint32_t file, line;
} ImageLine; // sorted by pc; file indexes ImageClass.files
// Code in [from, to) was inlined by a call at file:line. Sorted by from; an outer call stands
// before those inside it.
typedef struct ImageCall {
  uint32_t from, to;
  uint32_t file, line;
} ImageCall;
// One place that the loader patches per tile: the low `bytes` (2 or 4) of the tile's word go to
// `address`. A constant that is needed in several places has several rows.
typedef struct ImageConst {
  const char *name;
  uint32_t address;
  uint8_t bytes;
} ImageConst;

typedef struct ImageClass {
  const char *name; // source file
  const char *elf;  // path below DIR, e.g. "bin/out_0_0.elf"
  uint8_t *code;    // bytes at CODE_BASE
  uint32_t code_bytes;
  uint8_t *data;          // initial private window at DATA_BASE: data and bss, `data_bytes` long
  uint32_t data_bytes;    // end of data; constants shared by all tiles follow at shared_base
  uint32_t stack_bytes;   // the stack grows down from private_bytes
  uint32_t private_bytes; // data + stack, 16-byte multiple: what every tile owns
  uint8_t *shared;        // shared constants at shared_base
  uint32_t shared_base, shared_bytes;
  ImageSetup *setup;        // stb_ds
  ImageSymbol *symbols;     // stb_ds, sorted by address
  ImageLine *lines;         // stb_ds
  ImageLine *functions;     // stb_ds: where the function that starts at pc is declared
  ImageCall *calls;         // stb_ds
  const char **files;       // stb_ds
  ImageConst *consts;       // stb_ds
  const char **strings;     // stb_ds: texts of `print`
  uint8_t debug_kept;       // ELF carries DWARF
  const uint8_t *elf_bytes; // the whole file as written by the backend (writer side), or NULL
  size_t elf_size;
} ImageClass;

typedef struct ImageRouteSet {
  uint64_t words[MAX_COLORS];
  Filter filters[8];
} ImageRouteSet;

typedef struct ImageExport {
  const char *name, *symbol, *type; // type: "[*]f32" or the return type
  uint8_t kind;                     // ExportKind
  bool mutable_;
  const char **param_types; // stb_ds
  uint32_t color;           // streams
} ImageExport;              // index = id
typedef struct ImageStream {
  uint8_t color;
  bool to_host;
  const char *name;
} ImageStream;
typedef struct ImageParam {
  const char *name, *value;
} ImageParam;

typedef struct Image {
  Arena arena;
  ArchId arch;
  SdkCompat compat;
  uint8_t fp16; // 0 f16, 1 bf16, 2 cb16
  bool memcpy;
  uint32_t width, height, fabric_width, fabric_height, offset_x, offset_y, channels;
  ImageClass *classes;         // stb_ds
  ImageRouteSet *route_sets;   // stb_ds
  uint32_t *tile_class;        // [height][width]; UINT32_MAX = no program
  uint32_t *tile_routes;       // [height][width] route set
  uint32_t *const_first;       // [height][width] index of the tile's first constant in const_words
  uint32_t *const_words;       // stb_ds: ImageClass.consts values, one word each, tile by tile
  ImageExport *exports;        // stb_ds
  ImageStream *streams;        // stb_ds
  ImageParam *params, *colors; // stb_ds
} Image;

Image *image_new(void);
void image_free(Image *img);
// Frees the arrays of a class; what the image's arena holds stays.
void image_class_free(ImageClass *c);
// Writes the folder. False and diagnostics on error; then nothing was changed on disk.
bool image_write(const Image *img, const char *dir, Diags *diags);
// Reads and validates a folder. NULL and diagnostics on error. The caller owns the image.
Image *image_read(const char *dir, Diags *diags);
// Source place of a code address; file == NULL if unknown.
typedef struct ImagePlace {
  const char *file;
  uint32_t line;
} ImagePlace;
ImagePlace image_line(const ImageClass *c, uint32_t pc);
// The same, but never a line of the built-in library if it is known which line of the program used
// it: what a report should show to the author.
ImagePlace image_user_line(const ImageClass *c, uint32_t pc);
bool image_of_library(const char *path); // a file of the built-in library; NULL: no
// Where the function that starts at a code address is declared; file == NULL if unknown.
ImagePlace image_function_line(const ImageClass *c, uint32_t address);
// The symbol that covers it, or NULL.
const ImageSymbol *image_symbol_at(const ImageClass *c, uint32_t address);
// Order of ImageClass.symbols: address, then size, then name. What the backend and the reader call.
void image_sort_symbols(ImageClass *c);
const ImageSymbol *image_symbol_named(const ImageClass *c, const char *name);
#endif
