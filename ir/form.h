// Inside of ir/: the table of forms, the attribute lists of the text, and walks that several files
// share.
#ifndef WEFT_IR_FORM_H
#define WEFT_IR_FORM_H
#include "ir/fabric.h"
#include "ir/text.h"

typedef struct IrForm {
  const char *syntax, *operands;
  char result;
} IrForm;
const IrForm *ir_form(IrOp op); // syntax == NULL if the row is missing

// A word of the text for a small number: `none`, `activate` … Lists end with NULL.
extern const char *const ir_scalar_names[]; // by IrType
extern const char *const ir_dsr_files[];    // by DsrFile
extern const char *const ir_target_names[]; // by TargetKind
// Index of the word in a list, or -1.
int ir_word(const char *const *list, const char *word);

// What the first lines of both kinds of modules say: `wse3 sdk-2.10 fp16 f16`.
typedef struct IrHeader {
  ArchId arch;
  SdkCompat compat;
  IrType fp16; // one of the 16-bit floats
} IrHeader;
void ir_header_print(IrHeader h, FILE *out);
// After an error, which is reported, the header is that of an empty program.
IrHeader ir_header_parse(IrText *t);

// One named part of a word or struct, as written in `name(part, part=3)`.
typedef struct IrAttr {
  const char *name;
  uint8_t at, bits;         // shift and width in a 32-bit word; bits == 0: byte offset in a struct
  uint8_t bytes;            // of the struct member
  uint16_t absent;          // value that is not written
  bool flag;                // 0 or 1, written as its name alone
  const char *const *words; // or NULL: a number
} IrAttr;
// `(name, name=word, name=3)`, without anything if all are absent.
void ir_attrs_print(const IrAttr *list, const void *base, FILE *out);
// The same behind a word, which is left out with an empty list.
void ir_attrs_print_after(const char *word, const IrAttr *list, const void *base, FILE *out);
void ir_attrs_parse(IrText *t, const IrAttr *list, void *base);
extern const IrAttr ir_cfg_attrs[];    // of a CFG_* word; ends with name == NULL
extern const IrAttr ir_fabric_attrs[]; // of a DsdFabric
extern const IrAttr ir_filter_attrs[]; // of a Filter
extern const IrAttr ir_route_attrs[];  // of a Route, without its sides

// The list of an instruction in the extra array; NULL if its operation has none.
uint32_t *ir_list(const TileModule *m, const IrInst *in);
// Calls fn for every reference that an instruction holds, list and DsdUse included.
void ir_each_ref(TileModule *m, IrInst *inst, void (*fn)(IrRef *ref, void *arg), void *arg);
// Calls fn for every position of the module, in the order of its text.
void ir_each_pos(TileModule *m, void (*fn)(SrcPos *pos, void *arg), void *arg);

// Successor blocks of a block's terminator, at most `max` of them are stored; returns how many
// there are.
uint32_t ir_successors(const TileModule *m, const IrFunc *f, uint32_t block, uint32_t *out,
                       uint32_t max);
// Immediate dominator of every block (stb_ds, the entry's is itself); UINT32_MAX for blocks that
// cannot be reached. The function's blocks must end in terminators with block numbers in range.
uint32_t *ir_dominators(const TileModule *m, const IrFunc *f);
bool ir_dominates(const uint32_t *idom, uint32_t a, uint32_t b);
#endif
