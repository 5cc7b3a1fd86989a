// Inside of ir/: state and pieces of the tile text parser, shared by tile_parse.c and inst_parse.c.
#ifndef WEFT_IR_PARSE_H
#define WEFT_IR_PARSE_H
#include "ir/form.h"

typedef struct NameIndex {
  char *key;
  uint32_t value;
} NameIndex; // stb_ds string map

typedef struct TileParser {
  IrText *t;
  TileModule *m;
  NameIndex *globals, *funcs;
  IrBuilder b; // where instructions go
  struct {
    uint32_t key, value;
  } *labels;        // stb_ds map: %label of the text -> instruction number
  uint32_t nblocks; // of the function
} TileParser;

IrType parse_type(TileParser *p);
// `none`, `%3`, `%p0`, `@global`, `fn @func`, `$1` or a typed constant. Labels stay labels until
// parse_fix_labels.
IrRef parse_ref(TileParser *p);
bool parse_at_ref(const TileParser *p); // does an operand begin here, on the same line?
uint32_t parse_global_name(TileParser *p);
uint32_t parse_func_name(TileParser *p);
uint32_t parse_block_name(TileParser *p);
// One instruction, with its label and note; appends it to the current block.
void parse_inst(TileParser *p);
// Makes instruction numbers of the labels of the current function.
void parse_fix_labels(TileParser *p);
#endif
