// Fabric IR: where the tile programs are and how data gets there. Tiles are never records: classes,
// route sets and per-tile constants are columns over the rectangle, printed as rectangles. Text
// form: docs/fabric-ir.md.
#ifndef WEFT_IR_FABRIC_H
#define WEFT_IR_FABRIC_H
#include "ir/tile.h"
#include "target/route.h"

// One colour on one tile, as the source says it.
typedef struct ColorConfig {
  uint8_t color;
  Route route;
  Filter filter; // kind FILTER_NONE: none
  SrcPos pos;    // of the call that configures it; does not make sets differ
} ColorConfig;
// A distinct set of colour configurations; tiles refer to it by number. Sorted by colour.
typedef struct RouteSet {
  ColorConfig *configs;
  SrcPos pos;
} RouteSet; // stb_ds

typedef struct FabricExport { // one @export_name, in order; its index is the id
  const char *name;
  ExportKind kind;
  bool mutable_;
  const char *type;         // "[*]f32", or the return type of a function
  const char **param_types; // stb_ds, functions only
  const char *symbol; // variable or function name in the tile programs ("" until a tile exports it)
} FabricExport;

typedef struct FabricStream { // a memcpy streaming colour, or a port of SdkLayout
  uint8_t color;
  bool to_host;
  const char *name; // port name or NULL
} FabricStream;

typedef struct FabricClass { // a distinct tile program
  const char *file;          // source file
  TileModule *module;        // NULL until attached (text form keeps them apart)
  const char *module_name;
  uint32_t *const_values; // stb_ds: per-tile constants, [tile in class order][tileconst], words
} FabricClass;

typedef struct FabricModule {
  Arena arena;
  ArchId arch;
  SdkCompat compat;
  uint32_t width, height; // program rectangle
  uint32_t fabric_width, fabric_height, offset_x, offset_y;
  bool memcpy;
  uint32_t channels;
  IrType fp16; // IRT_F16, IRT_BF16 or IRT_CB16
  struct {
    const char *name, *value;
  } *params, *colors;    // stb_ds: --params and --colors as given, for out.json
  FabricClass *classes;  // stb_ds
  RouteSet *route_sets;  // stb_ds; set 0 is the empty set
  uint32_t *tile_class;  // [height][width] class number; FABRIC_NO_CLASS = no program
  uint32_t *tile_routes; // [height][width] route set number
  FabricExport *exports; // stb_ds
  FabricStream *streams; // stb_ds
  struct {
    uint64_t key;
    uint32_t value;
  } *set_index; // stb_ds map: where a route set is, by its hash
} FabricModule;
#define FABRIC_NO_CLASS UINT32_MAX

// Where a program is to lie, as the command line says (host 1.2).
typedef struct FabricWish {
  bool size_given, offset_given;
  uint32_t width, height;            // of the fabric
  uint32_t offset_x, offset_y;       // of the program's upper left tile
  uint32_t west_buffer, east_buffer; // columns between memcpy and the program
} FabricWish;
typedef struct FabricMargins {
  uint32_t west, north, east, south;
} FabricMargins;
// Tiles that memcpy and its buffers take around the program: none without it.
FabricMargins fir_margins(const FabricModule *f, const FabricWish *w);
// Size of the fabric and place of the program on it: as wished, the rest as small as possible.
void fir_place(FabricModule *f, const FabricWish *w);

FabricModule *fir_new(ArchId arch, SdkCompat compat);
void fir_free(FabricModule *f); // also frees attached tile modules
void fir_set_rectangle(FabricModule *f, uint32_t w, uint32_t h);
// Number of an equal route set, added if new. `configs` is sorted in place and copied.
uint32_t fir_route_set(FabricModule *f, ColorConfig *configs, uint32_t n, SrcPos pos);
// Where the route of a colour on a tile was configured; of its set if the tile has no such colour.
SrcPos fir_route_pos(const FabricModule *f, size_t tile, uint32_t color);
// The route words of every set, [set][MAX_COLORS] (stb_ds, the caller frees it with arrfree): 0
// where a set has no such colour. Adds the colours that any set has to the mask *used.
uint64_t *fir_route_words(const FabricModule *f, uint32_t *used);
void fir_print(const FabricModule *f, const Sources *sources, FILE *out);
FabricModule *fir_parse(const SrcFile *file, Sources *sources, Diags *diags);
bool fir_verify(const FabricModule *f, Diags *diags);
// Gives every class the tile module of its module_name. The fabric module owns the modules from
// then on; those that no class names are freed. False and diagnostics if one is missing or does not
// fit.
bool fir_attach(FabricModule *f, TileModule **modules, Diags *diags);
#endif
