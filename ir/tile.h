// Tile IR: what one tile program does. Typed functions, globals, DSD and machine operations; locals
// are stack slots (LLVM makes registers of them). One TileModule per tile class. Everything is
// arrays and indices, so that printing, parsing back and comparing are simple. Text form:
// docs/tile-ir.md.
#ifndef WEFT_IR_TILE_H
#define WEFT_IR_TILE_H
#include "support/arena.h"
#include "support/diag.h"
#include "target/arch.h"
#include "target/isa.h"

// ---- types: numbers below IRT_FIRST_AGGREGATE are scalars, the others index TileModule.types ----
typedef uint32_t IrType;
enum {
  IRT_VOID,
  IRT_BOOL,
  IRT_I8,
  IRT_I16,
  IRT_I32,
  IRT_I64,
  IRT_F16,
  IRT_BF16,
  IRT_CB16,
  IRT_F32,
  IRT_PTR,
  IRT_DSD,
  IRT_DSD4,
  IRT_FIRST_AGGREGATE
};
// Bytes in memory: bool 2 (one word), ptr 2, dsd 8, dsd4 24, integers their bits; alignment: 2, but
// 4 for 32-bit scalars, wider integers and DSDs. Sizes stop growing at IR_MAX_TYPE_SIZE: no tile
// holds such a thing, the memory-layout pass says so.
enum { IR_MAX_TYPE_SIZE = 1 << 30 };
// Integers of more than 64 bits have whole 32-bit words, at most IR_MAX_INT_BITS bits; they too are
// rows of TileModule.types.
enum { IR_WORD_BITS = 32, IR_MAX_INT_BITS = 1024, IR_MAX_INT_WORDS = IR_MAX_INT_BITS / 32 };
typedef struct IrAggregate {
  uint16_t int_bits; // of a wide integer; else 0
  IrType elem;       // array element, or IRT_VOID for a struct
  uint32_t count;    // array length or number of fields
  const IrType *fields;
  const uint32_t *offsets; // struct field offsets in bytes
  uint32_t size, align;
} IrAggregate;

// ---- value references: 3 tag bits, 29 bits of index ----
typedef uint32_t IrRef;
enum {
  REF_NONE,
  REF_INST,     // instruction of the same function
  REF_CONST,    // TileModule.consts
  REF_PARAM,    // parameter number
  REF_GLOBAL,   // address of a global (ptr)
  REF_FUNC,     // code pointer of a function (i16, CODE_POINTER form)
  REF_TILECONST // entry of the per-tile constant block; its type is TileConst.type
};
#define IR_REF(tag, index) ((IrRef)(tag) << 29 | (IrRef)(index))
#define IR_TAG(ref) ((ref) >> 29)
#define IR_INDEX(ref) ((ref) & 0x1fffffffu)
#define IR_NONE ((IrRef)0)

typedef struct IrConst {
  IrType type;
  uint64_t bits;         // floats by theirs; of wide integers the low ones
  const uint32_t *words; // wide integers: all words, the low one first; else NULL
} IrConst;

typedef enum IrOp {
#define IR_OP(name, text, operands, result, flags, meaning) IR_##name,
#include "ir/ops.def"
#undef IR_OP
  IR_OPS
} IrOp;

typedef struct IrOpInfo { // a row of ir/ops.def
  const char *text;
  uint8_t operands; // plain operands in a, b, c
  bool list;        // a list in the extra array follows
  char result;      // 'V' none, 'T' the instruction's type, 'B' bool, 'P' pointer
  bool terminator, pure, memory, effect;
  const char *meaning;
} IrOpInfo;
const IrOpInfo *tir_op(IrOp op);
IrOp tir_op_find(const char *text, size_t len); // IR_OPS if there is none

typedef struct IrInst {
  uint8_t op; // IrOp
  IrType type;
  IrRef a, b, c;
  uint32_t aux;
  // Slice of TileModule.extra: references, block numbers or numbers, as ir/ops.def says. Of a slot:
  // list = index + 1 of its name in TileModule.names, 0 = nameless.
  uint32_t list, nlist;
  SrcPos pos;
} IrInst;

typedef struct IrBlock {
  uint32_t *insts;
} IrBlock; // stb_ds array of instruction numbers, in order

typedef struct IrFunc {
  const char *name; // unique in the module, as in "sys_mod.unblock_cmd_stream"
  IrType result;
  IrType *params;  // stb_ds
  IrInst *insts;   // stb_ds; shared number space of all blocks
  IrBlock *blocks; // stb_ds; block 0 is the entry. Empty: declared only (extern)
  bool exported, inline_hint, noinline_hint;
  const char *linkname; // or NULL
  SrcPos pos;
} IrFunc;

typedef struct IrReloc {
  uint32_t offset;
  IrRef target;
  int32_t addend;
} IrReloc; // REF_GLOBAL or REF_FUNC, 2 bytes
typedef struct IrGlobal {
  const char *name;               // source name, module-qualified
  const char *linkname, *section; // or NULL
  IrType type;
  uint32_t align;         // bytes; 0 = natural
  uint32_t section_start; // address that the section was given; 0 = none
  bool constant, exported, external;
  uint8_t *init;   // `size` bytes in the arena, or NULL for zero
  IrReloc *relocs; // stb_ds
  struct {
    uint32_t offset, tileconst;
  } *patches;       // stb_ds: initial data that differs per tile
  uint32_t address; // set by the memory-layout pass; DATA_LIMIT and above = not placed
  SrcPos pos;
} IrGlobal;

// A value that differs between tiles of one class: the loader patches `type` bytes at `address`
// (DESIGN 3.1).
typedef struct TileConst {
  const char *name;
  IrType type;
  uint32_t address;
} TileConst;

// ---- DSD operation details ----
typedef enum DsrFile { DSR_DEST, DSR_SRC0, DSR_SRC1 } DsrFile;
// DsrRef: file << 8 | number; DSR_AUTO until bound by the pass `bind-dsrs`. Numbers from
// DSR_VIRTUAL up are registers that one @map loads once and then uses in map.get, map.put and
// map.more while its function runs: unique in the module, bound by the same pass.
#define DSR_REF(file, number) ((uint32_t)(file) << 8 | (uint32_t)(number))
// XDSR_OF | DsrRef as id of a setup record: the extended register of that register.
enum { DSR_VIRTUAL = 0x80, DSR_AUTO = 0xff, XDSR_OF = 0x8000 };
static inline bool dsr_number_ok(uint32_t number)
{
  return number < MAX_DSRS || (number >= DSR_VIRTUAL && number <= DSR_AUTO);
}
typedef enum DsdOperandKind {
  OPND_NONE,
  OPND_DSD,
  OPND_DSR,
  OPND_SCALAR,
  OPND_POINTER
} DsdOperandKind;
typedef struct DsdOperand {
  uint8_t kind;   // DsdOperandKind; the instruction's a, b or c is the DSD or the scalar's pointer
  uint8_t file;   // DsrFile
  uint8_t number; // DSR number, or DSR_AUTO
  uint8_t xdsr;   // XDSR number + 1 for mem4d values, 0 = none
} DsdOperand;
typedef struct DsdUse {
  DsdOperand dest, src0, src1;
  uint32_t cfg;     // CFG_* bits that are comptime-known (async, ut, actions, kinds, priority)
  IrRef completion; // i16 target of .activate/.unblock, or none
  IrRef on_control; // i16 target, or none
  IrRef index;      // i16, or none
} DsdUse;
typedef struct DsdFabric { // comptime part of a fabric DSD
  uint8_t kind;            // DSD_FABIN, DSD_FABOUT
  uint8_t queue;           // queue number, or 0xff = none given yet (pass bind-queues)
  uint8_t simd;            // SIMD_*
  uint8_t priority;        // 0 default, 1 low, 2 medium, 3 high
  bool control, control_transform, zero_first, zero_second, advance_switch, wio;
  bool turns; // fabin: several colours take turns on the queue (pass bind-queues)
} DsdFabric;

// ---- what the loader sets up before cycle 0: one row per effect of comptime blocks ----
typedef enum SetupKind {
#define SETUP(name, text, id, a, b, c) SETUP_##name,
#include "target/setup.def"
#undef SETUP
  SETUP_KINDS
} SetupKind;
typedef struct IrSetupInfo {
  const char *text, *id, *a, *b, *c;
} IrSetupInfo; // a row of target/setup.def
const IrSetupInfo *tir_setup_info(SetupKind kind);

typedef struct IrSetup {
  uint8_t kind; // SetupKind
  uint32_t id;
  // Constants, functions, globals, tile constants or none; meaning per row of target/setup.def.
  IrRef a, b, c;
  SrcPos pos;
} IrSetup;

typedef struct IrFifo {
  const char *name;
  uint32_t buffer;
  uint8_t elem_bytes;
  uint16_t capacity;
  uint8_t simd, priority; // as in the words of DSDs (target/isa.h)
  IrRef activate_push, activate_pop;
  uint8_t empty_action, full_action;
  uint8_t dest, src1, xdsr;
  SrcPos pos;
} IrFifo;

typedef struct TileModule {
  Arena arena;
  const char *name; // "pe_program.csl" or the module's unique name
  ArchId arch;
  SdkCompat compat;      // COMPAT_1_4 or COMPAT_2_10
  IrType fp16;           // IRT_F16, IRT_BF16 or IRT_CB16
  IrAggregate *types;    // stb_ds; type number = index + IRT_FIRST_AGGREGATE
  IrConst *consts;       // stb_ds, interned
  IrFunc *funcs;         // stb_ds
  IrGlobal *globals;     // stb_ds
  TileConst *tileconsts; // stb_ds
  DsdUse *dsd_uses;      // stb_ds
  DsdFabric *fabrics;    // stb_ds
  IrFifo *fifos;         // stb_ds
  IrSetup *setup;        // stb_ds, in order of effect
  const char **strings;  // stb_ds
  const char **names;    // stb_ds, of slots
  uint32_t *extra;       // stb_ds
  struct {
    struct {
      uint64_t type, bits;
    } key;
    uint32_t value;
  } *const_index; // stb_ds map: where a constant is
  struct {
    char *key;
    uint32_t value;
  } *wide_index; // stb_ds string map: the same for wide integers, by type and words
  // set by passes
  uint32_t data_bytes, stack_bytes;
} TileModule;

// ---- building (used by sema and by the text parser) ----
typedef struct IrBuilder {
  TileModule *m;
  uint32_t func, block;
  SrcPos pos;
} IrBuilder;

TileModule *tir_new(const char *name, ArchId arch, SdkCompat compat);
void tir_free(TileModule *m);
IrRef tir_const(TileModule *m, IrType type, uint64_t bits); // masked to the width, or zero-extended
// The wide integer with these words, tir_int_bits / 32 of them, the low one first.
IrRef tir_const_words(TileModule *m, IrType type, const uint32_t *words);
// The integer type of 8, 16, 32, 64 bits, or of a multiple of 32 up to IR_MAX_INT_BITS.
IrType tir_int(TileModule *m, uint32_t bits);
uint32_t tir_int_bits(const TileModule *m, IrType t);         // of any integer type; 0: it is none
IrType tir_array(TileModule *m, IrType elem, uint32_t count); // interned
IrType tir_struct(TileModule *m, const IrType *fields, uint32_t n); // interned; natural C layout
uint32_t tir_size(const TileModule *m, IrType t);
uint32_t tir_align(const TileModule *m, IrType t);
uint32_t tir_func(TileModule *m, const char *name, IrType result, const IrType *params, uint32_t n,
                  SrcPos pos);
uint32_t tir_global(TileModule *m, const char *name, IrType type, SrcPos pos);
uint32_t tir_block(IrBuilder *b); // new empty block of the current function
IrType tir_type_of(const TileModule *m, uint32_t func, IrRef ref);
// Appends an instruction to the current block; returns its reference (IR_NONE for void ones).
IrRef tir_emit(IrBuilder *b, IrOp op, IrType type, IrRef a, IrRef c2, IrRef c3, uint32_t aux);
IrRef tir_emit_list(IrBuilder *b, IrOp op, IrType type, IrRef a, IrRef b2, IrRef c, uint32_t aux,
                    const uint32_t *list, uint32_t n);
IrRef tir_slot(IrBuilder *b, IrType type, const char *name); // always lands in the entry block
bool tir_terminated(const IrBuilder *b); // does the current block end in a terminator?
void tir_setup(TileModule *m, SetupKind kind, uint32_t id, IrRef a, IrRef b, IrRef c, SrcPos pos);

// ---- text and checks ----
void tir_print(const TileModule *m, const Sources *sources, FILE *out);
// Parses one or more modules from `.wir` text; NULL and diagnostics on error.
TileModule **tir_parse(const SrcFile *file, Sources *sources, Diags *diags); // stb_ds array
// Structural and type rules of every op; reports what is wrong with function, block and
// instruction. True if sound.
bool tir_verify(const TileModule *m, Diags *diags);
#endif
