// The passes, in order: each binds one thing, owns one file and has one entry point. The table is
// passes/passes.def; the driver's --stop-after and --print-after, and `weft opt --pass=`, name its
// rows.
#ifndef WEFT_PASSES_PASSES_H
#define WEFT_PASSES_PASSES_H
#include "ir/fabric.h"

typedef struct PassContext {
  FabricModule
      *fabric;      // with all tile modules attached; NULL when a tile module is processed alone
  TileModule *tile; // the module for tile passes
  const Sources *sources;
  Diags *diags;
  FILE *report; // memory report and the like; NULL = none
} PassContext;
typedef bool (*PassFn)(PassContext *ctx); // false: an error was reported
typedef struct Pass {
  const char *name;
  bool per_tile;
  PassFn run;
  const char *what;
} Pass;

extern const Pass pass_table[]; // ends with name == NULL
const Pass *pass_find(const char *name);
// Runs passes in order over the fabric module and all its tile modules, verifying after each; stops
// after the pass named `stop_after` (or never), and calls `after` (if set) once a pass has run on
// everything.
bool passes_run(FabricModule *f, const Sources *sources, Diags *diags, const char *stop_after,
                FILE *report, void (*after)(const Pass *pass, FabricModule *f, void *arg),
                void *arg);
#endif
