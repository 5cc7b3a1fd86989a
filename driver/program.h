// A program on its way: what was read from the input files and what the passes make of it.
#ifndef WEFT_DRIVER_PROGRAM_H
#define WEFT_DRIVER_PROGRAM_H
#include "driver/session.h"
#include "ir/fabric.h"

typedef struct Program {
  FabricModule *fabric; // with its tile modules; NULL when the input holds tile modules alone
  TileModule **tiles;   // stb_ds; only used without a fabric module
} Program;

// Reads IR text: a fabric module, its tile modules, or both, from one file or several, and verifies
// it. The caller frees the program in any case. False and diagnostics on error.
bool driver_read_text(Session *s, Program *p);
void driver_free_program(Program *p);
// Calls `visit` for each tile module, in class order. Stops at the first false and returns it.
typedef bool (*TileVisit)(TileModule *m, void *arg);
bool driver_each_tile(const Program *p, TileVisit visit, void *arg);
// Prints fabric text (if there is one), then the tile modules.
void driver_print_program(const Program *p, const Sources *sources, bool fabric, bool tiles,
                          FILE *out);
bool is_ir_text(const char *path);
#endif
