// Modules of both IRs in their text form, as tests compare them.
#ifndef WEFT_TESTS_IR_TEXT_H
#define WEFT_TESTS_IR_TEXT_H
#include "ir/fabric.h"

// The caller frees the text. `sources` may be NULL: no positions.
char *tile_text(const TileModule *m, const Sources *sources);
char *fabric_text(const FabricModule *f, const Sources *sources);
#endif
