// Semantic analysis: from a source file to the Fabric IR of the layout and the Tile IR of every
// distinct tile program.
#ifndef WEFT_SEMA_SEMA_H
#define WEFT_SEMA_SEMA_H
#include "ir/fabric.h"
#include "support/intern.h"

// One `name:value` of --params or --colors, as given on the command line (spec language 9.3).
typedef struct SemaParam {
  const char *name, *value;
} SemaParam;

typedef struct SemaOptions {
  ArchId arch;
  SdkCompat compat;          // COMPAT_AUTO: decided from the sources (spec sdk-2.10 6.1)
  bool allow_legacy_structs; // comptime_struct and @concat_structs: a warning in 2.10 mode
  const SemaParam *params;
  uint32_t nparams;
  const SemaParam *colors;
  uint32_t ncolors;
  const SemaParam *sections; // --link-section-start-address-bytes
  uint32_t nsections;
  bool memcpy;
  uint32_t channels; // memcpy I/O channels
  FabricWish place;
  const char *const *import_paths; // --import-path, in order, then CSL_IMPORT_PATH
  uint32_t nimport_paths;
  const char *stdlib_dir;          // where `<name>` is looked up last
  const char *fp16;                // "f16", "bf16" or "cb16"; NULL = "f16"
  uint32_t max_inlined_iterations; // 0: 100000
  uint32_t comptime_depth;         // nested comptime calls; 0: 1000
  uint64_t comptime_quota;         // comptime steps before giving up; 0: 1e9
  bool verbose;                    // says on stderr what was decided (compat mode, classes)
  FILE *print;                     // where @comptime_print goes; NULL = stdout
} SemaOptions;

// Compiles the program whose top-level file is `path`: evaluates its layout block, analyses one
// tile program per class of tiles and returns the fabric module with the tile modules attached. The
// caller owns the result (fir_free). Everything wrong with the program is reported to `diags`; NULL
// if there was an error. Spec: language 1-17, sdk-2.10.
FabricModule *sema_compile(const SemaOptions *opt, const char *path, Sources *sources, Names *names,
                           Diags *diags);
#endif
