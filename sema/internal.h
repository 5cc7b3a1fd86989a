// Inside sema: types, comptime values, operands, the evaluation context, and what the builtin
// groups may call. Nothing outside sema/ includes this file.
//
// One walker serves compile time and run time (spec language 8): sema_expr() gives an Operand,
// which is a comptime value, a run-time value, a place of either kind, or a list of fields not yet
// put together. Code that needs a concrete comptime value must take it through the sema_* accessors
// below: they record what the decision depended on (class.c), so that tiles whose params lead to
// the same decisions share one program.
#ifndef WEFT_SEMA_INTERNAL_H
#define WEFT_SEMA_INTERNAL_H
#include "parser/ast.h"
#include "sema/sema.h"
#include <assert.h>

typedef struct Sema Sema;
typedef struct Ctx Ctx;
typedef struct Instance Instance;
typedef struct FileInfo FileInfo;
typedef struct TileProgram TileProgram;

// ---- types (types.c) ----

// Interned: equal types have equal numbers. The order of the integer types matters to types.c.
typedef uint32_t Type;
// clang-format off
enum {
  T_NONE, // "no expectation"; never the type of a value
  T_VOID, T_BOOL, T_I8, T_I16, T_I32, T_I64, T_U8, T_U16, T_U32, T_U64, T_F16, T_BF16, T_CB16, T_F32,
  T_COMPTIME_INT, T_COMPTIME_FLOAT, T_COMPTIME_STRING, T_COMPTIME_STRUCT, T_TYPE, T_MODULE,
  T_COLOR, T_DIRECTION, T_INPUT_QUEUE, T_OUTPUT_QUEUE, T_DATA_TASK_ID, T_LOCAL_TASK_ID, T_CONTROL_TASK_ID, T_UT_ID,
  T_MEM1D, T_MEM4D, T_FABIN, T_FABOUT, T_CIRCBUF, T_FIFO,
  T_DSR_DEST, T_DSR_SRC0, T_DSR_SRC1, T_DSR_FIFO_DEST, T_DSR_FIFO_SRC1, T_XDSR, T_SR,
  T_ANYOPAQUE,
  T_FIRST_COMPOSED
};
// clang-format on
typedef enum TypeKind {
  TK_SIMPLE, // every type below T_FIRST_COMPOSED
  TK_INT,    // iN, uN of other widths
  TK_PTR,
  TK_MANY,
  TK_ARRAY,
  TK_FN,
  TK_TASK,
  TK_RANGE,
  TK_ANON, // anonymous struct
  TK_TUPLE,
  TK_STRUCT,
  TK_UNION,
  TK_ENUM
} TypeKind;
typedef struct TypeField {
  Name name; // 0 in tuples
  Type type;
  uint32_t offset; // bytes (packed structs: bits); run-time types only
  int64_t value;   // enum members
} TypeField;
typedef struct TypeInfo {
  uint8_t kind;          // TypeKind
  bool is_const;         // TK_PTR, TK_MANY: pointee is const
  bool is_signed;        // TK_INT
  bool packed, external; // TK_STRUCT, TK_UNION
  bool comptime_only;
  uint32_t bits;           // integers, enums, packed structs
  uint16_t rank;           // TK_ARRAY
  uint16_t depth;          // of types inside types, bounded
  uint32_t parts;          // scalars in a value, bounded
  uint32_t size, align;    // bytes; size 0 for comptime-only types
  Type elem;               // pointee, element, result, range element, enum base
  uint32_t count;          // elements of an array, fields, parameters
  const uint32_t *dims;    // TK_ARRAY: rank of them
  const TypeField *fields; // aggregates, enum members; parameters of TK_FN/TK_TASK (type only)
  Name name;               // named types: how they print
  const Node *site;        // named types: definition
} TypeInfo;

const TypeInfo *type_info(const Sema *s, Type t);
Type type_int(Sema *s, unsigned bits, bool is_signed);
Type type_pointer(Sema *s, Type pointee, bool is_const, bool many);
Type type_array(Sema *s, Type elem, const uint32_t *dims, uint32_t rank);
Type type_function(Sema *s, const Type *params, uint32_t n, Type result, bool is_task);
Type type_range(Sema *s, Type elem);
Type type_anon(Sema *s, const Name *names, const Type *types, uint32_t n); // names == NULL: a tuple
// "i16", "[*]f32", "struct {a: i16}" … as the vendor prints them; in the arena of the run.
const char *type_name(Sema *s, Type t);
bool type_is_int(const Sema *s, Type t); // fixed width only
bool type_is_signed(const Sema *s, Type t);
// Of integers, floats, bool (1), 16-bit handles and pointers (16).
unsigned type_bits(const Sema *s, Type t);
bool type_is_float(Type t);                  // fixed width only
bool type_is_numeric(const Sema *s, Type t); // integers and floats, comptime ones included
bool type_is_handle(Type t); // color, queues, task ids, ut_id, direction: one word at run time
bool type_is_dsd(Type t);    // mem1d … circbuf, not FIFOs
bool type_is_pointer(const Sema *s, Type t);
bool type_is_aggregate(const Sema *s, Type t); // arrays, structs, tuples, unions, ranges
bool type_is_struct(const Sema *s, Type t);    // anonymous, named, tuples
bool type_comptime_only(const Sema *s, Type t);
uint32_t type_size(const Sema *s, Type t);
uint32_t type_align(const Sema *s, Type t);
IrType type_lower(Ctx *cx, Type t); // its Tile IR type
Type type_fp16(const Sema *s);      // the format chosen by --fp16-format
// Index of a field or member; -1 if there is none.
int type_field(const Sema *s, Type t, Name name);

// ---- comptime values (value.c) ----

// 16 bytes, no allocation for scalars. What the union holds depends on the type:
//   integers, bool, handles, enums   i, extended to 64 bits by the sign of the type; numbers that
//                                    are longer lie in a pool (bigint.c)
//   floats                           f, always exactly representable in the type
//   strings                          ref = Name
//   types                            ref = Type
//   modules                          ref = index into Sema.instances
//   functions                        ref = index into Sema.functions
//   pointers                         ref = index into Sema.objects, off = bytes
//   aggregates                       ref = index into SemaPrivate.aggs
//   DSDs                             ref = index into Sema.dsds
//   DSRs, XDSRs, SRs                 i = number
//   FIFOs                            ref = index into the FIFOs of the tile program
typedef struct Value {
  Type type;
  uint32_t sym; // 0 = the same on all tiles of the class; else an expression over params (class.c)
  union {
    int64_t i;
    double f;
    struct {
      uint32_t ref;
      int32_t off;
    };
  };
} Value;
static_assert(sizeof(Value) == 16, "values stay small: they are copied everywhere");

// An array or struct value. Immutable once shared; written in place while only one variable holds
// it.
typedef enum AggKind { AGG_VALUES, AGG_WORDS, AGG_UNIFORM } AggKind;
typedef struct Agg {
  Type type;
  uint8_t kind; // AggKind
  bool shared;
  uint32_t count;
  Type elem; // AGG_WORDS: scalar element type
  union {
    Value *values;   // AGG_VALUES: count of them
    uint64_t *words; // AGG_WORDS: integers, or doubles by their bits
    Value one;       // AGG_UNIFORM: every element
  };
} Agg;

static inline Value v_int(Type t, int64_t i)
{
  return (Value){.type = t, .i = i};
}
static inline Value v_float(Type t, double f)
{
  return (Value){.type = t, .f = f};
}
static inline Value v_ref(Type t, uint32_t ref)
{
  return (Value){.type = t, .ref = ref};
}
static inline Value v_bool(bool b)
{
  return v_int(T_BOOL, b);
}
static inline Value v_void(void)
{
  return v_int(T_VOID, 0);
}
static inline Value v_type(Type t)
{
  return v_ref(T_TYPE, t);
}
Value v_string(Sema *s, const char *bytes, size_t len);
// New aggregate with copies of `n` values (n = number of fields or elements).
Value v_aggregate(Sema *s, Type t, const Value *elems, uint32_t n);
Value v_uniform(Sema *s, Type array, Value elem);
// Element or field number k.
Value v_element(const Sema *s, Value agg, uint32_t k);
// Field by name of a comptime struct value; false if there is none.
bool v_field(const Sema *s, Value agg, Name name, Value *out);
uint32_t v_count(const Sema *s, Value agg);
const char *v_int_text(Sema *s, Value v);      // an integer, for messages: long ones are shortened
const char *v_float_text(Sema *s, Value v);    // a float, for messages and @comptime_print
bool v_equal(const Sema *s, Value a, Value b); // same type and same contents, sym ignored
uint64_t v_hash(const Sema *s, Value v);

// A global variable as a thing with an address; what comptime pointers point at.
typedef struct Object {
  Instance *instance; // NULL: anonymous constant data
  uint32_t decl;      // number of the global in its file
  Type type;          // of the variable
  Value init;         // anonymous data: its contents
  bool is_const;
  uint32_t ir; // IrGlobal number + 1 once it is in the tile module
} Object;

// A function or task of an instance.
typedef struct Function {
  Instance *instance;
  Node *node;   // N_FN
  Type type;    // of generic functions: a function type with the result T_NONE
  bool generic; // has comptime or anytype parameters
} Function;

// A comptime DSD value; the builtin group for DSDs owns its meaning.
typedef struct DsdValue {
  uint8_t kind;         // DsdKind of target/isa.h
  Value base;           // memory: comptime pointer (type T_NONE: none)
  Value length, offset; // u16 / i16 values, may depend on params
  int32_t stride[4];    // elements, innermost first
  uint32_t extent[4];   // mem4d, outermost first
  uint8_t dims;
  Value color, queue; // type T_NONE: not given
  uint8_t simd, priority;
  bool simd_given;
  bool wio, control, control_transform, zero_first, zero_second, advance_switch;
  uint32_t wrap; // circbuf
  Type elem;     // element type the base pointer had, for warnings; T_NONE unknown
} DsdValue;

// ---- operands ----

typedef enum OperandKind {
  OPK_ERROR,  // reported already: whoever sees it stays silent
  OPK_VALUE,  // comptime-known value: v
  OPK_RVALUE, // run-time value: ref. Aggregates: address of storage that nobody writes any more
  OPK_LVALUE, // run-time place: address is `ref`, or the comptime pointer `v` with ct_pointer
  OPK_PLACE,  // comptime variable, field or element: place
  OPK_FIELDS, // anonymous struct, tuple or range with run-time parts: fields, ordered as in `type`
  OPK_DEAD    // control does not get here (return, break)
} OperandKind;
typedef struct Place {
  Value *value; // the variable or field …
  uint32_t agg; // … or element `index` of aggregate `agg` (value == NULL)
  uint32_t index;
} Place;
typedef struct Operand Operand;
struct Operand {
  uint8_t kind;      // OperandKind
  bool is_const;     // LVALUE, PLACE: may not be assigned
  bool ct_pointer;   // LVALUE: the address is the comptime pointer `v`
  bool is_variable;  // LVALUE: names a whole global variable (tensor accesses, exports)
  bool is_temporary; // LVALUE: storage of a value that has no name
  // LVALUE: field of a packed struct, `bit_width` bits from bit `bit_at` of the `unit` bytes at the
  // address; width 0: no such field
  uint16_t bit_at, bit_width, unit;
  Type type; // of the value or of the place's contents
  union {
    Value v;
    Place place;
    Operand *fields; // count of the type
  };
  IrRef ref; // PLACE: slot of its variable
};
static inline Operand op_error(void)
{
  return (Operand){.kind = OPK_ERROR};
}
static inline Operand op_value(Value v)
{
  return (Operand){.kind = OPK_VALUE, .type = v.type, .v = v};
}
static inline Operand op_rvalue(Type t, IrRef ref)
{
  return (Operand){.kind = OPK_RVALUE, .type = t, .ref = ref};
}
static inline Operand op_void(void)
{
  return op_value(v_void());
}

// ---- context ----

// Which part of the program is being walked (spec language 8.1); together with Ctx.comptime it
// decides what is allowed.
typedef enum Zone { ZONE_GLOBAL, ZONE_LAYOUT, ZONE_TOP, ZONE_CODE } Zone;

typedef struct Target Target; // control.c: loops, labelled blocks and calls that jumps may leave
typedef struct Local {        // one name of a function or block, by its slot number
  Operand op;                 // comptime variables: VALUE that lives here
  bool is_const, comptime_var;
  uint16_t runtime_control; // around its declaration, like Ctx.runtime_control …
  const Target *target;     // … and the innermost jump target there
} Local;
typedef struct Frame Frame;

struct Ctx {
  Sema *s;
  Instance *instance;       // whose names are looked up
  TileProgram *tile;        // NULL while the layout is evaluated
  Frame *frame;             // locals
  Target *target;           // innermost jump target
  uint8_t zone;             // Zone
  bool comptime;            // evaluate, do not emit
  uint32_t depth;           // nesting of calls, against runaway recursion
  bool writing;             // the place being walked will be assigned to
  uint16_t runtime_control; // run-time ifs and loops around, also of callers of inline functions
  IrBuilder b;              // run time: where instructions go
  IrRef result_ptr;         // run time: where an aggregate result is stored
};

// A global of an instance.
typedef enum GlobalState { GS_NEW, GS_BUSY, GS_DONE, GS_ERROR } GlobalState;
typedef struct Global {
  uint8_t state;      // GlobalState
  bool bound;         // param with a value from outside
  bool external;      // extern: lives in another module of the tile program
  const char *option; // the option that bound a param; NULL: none
  Type type;
  Value value;       // const, param: its value; var: its initial value (type T_NONE: zero)
  uint32_t object;   // index into Sema.objects + 1 once it has an address
  uint32_t function; // N_FN: index into Sema.functions + 1
} Global;
struct Instance {
  uint32_t number; // index into Sema.instances
  FileInfo *file;
  Instance *importer; // NULL for roots
  Node *site;         // the @import_module or @set_tile_code call
  const char *path;   // how it was asked for, for messages
  TileProgram *tile;  // NULL for the layout's instances
  const char *prefix; // "" or "name." in front of symbols
  Global *globals;    // by number of declaration in the file
  bool comptime_done; // its top-level comptime blocks have run
  bool noted;         // messages have said how it was imported
};

// One class of tiles: one tile program with its Tile IR (class.c, tile.c). The builtin groups keep
// their state of it in `ops` (sema/ops.h).
struct TileProgram {
  Sema *s;
  FileInfo *file;
  Instance *root;
  TileModule *module;
  uint32_t class_index; // in FabricModule.classes
  struct OpsTile *ops;
  struct ProgramPrivate *p; // the core's
};

struct Sema {
  const SemaOptions *opt;
  const Arch *arch;
  SdkCompat compat; // resolved
  Sources *sources;
  Names *names;
  Diags *diags;
  Arena arena; // lifetime of the run
  FabricModule *fabric;
  FileInfo **files;      // stb_ds
  Instance **instances;  // stb_ds
  Function *functions;   // stb_ds
  Object *objects;       // stb_ds
  DsdValue *dsds;        // stb_ds
  struct OpsLayout *ops; // state of the layout builtins
  struct SemaPrivate *p; // pools, tables and counters of the core
};

// ---- diagnostics ----

// Where a message about a node points: from its telling token to its end.
SrcRange node_range(const Node *n);
// Reports at a node, with the chain of imports as notes; yields an error operand.
#define SEMA_ERROR(cx, node, id, ...)                                                              \
  (diag_report((cx)->s->diags, D_##id, node_range(node), ##__VA_ARGS__), sema_import_notes(cx),    \
   op_error())
#define SEMA_WARN(cx, node, id, ...)                                                               \
  diag_report((cx)->s->diags, D_##id, node_range(node), ##__VA_ARGS__)
void sema_import_notes(Ctx *cx);

// ---- evaluation: for the builtin groups ----

// Walks an expression. `want` is the type the surroundings expect (T_NONE: any): literals and
// branches use it, but the result is not coerced to it.
Operand sema_expr(Ctx *cx, Node *n, Type want);
// The same, but names, fields, elements and dereferences stay places (LVALUE, PLACE) instead of
// being loaded.
Operand sema_place(Ctx *cx, Node *n);
// Pointer to a place: a comptime pointer where the address is known to the linker, else a run-time
// one.
Operand sema_address(Ctx *cx, Node *at, Operand place);
// Evaluates an argument at compile time and coerces it (want T_NONE: as it is). Reports and returns
// false if it is not comptime-known or does not coerce. The value is concrete: dependence on params
// has been recorded.
bool sema_comptime(Ctx *cx, Node *n, Type want, Value *out);
// The same for an operand that is there already.
bool sema_known(Ctx *cx, Node *at, Operand op, Type want, Value *out);
// Comptime integer of any integer type in lo..hi; `what` names it in the message ("queue id").
bool sema_comptime_int(Ctx *cx, Node *n, int64_t lo, int64_t hi, const char *what, int64_t *out);
bool sema_comptime_bool(Ctx *cx, Node *n, bool *out);
bool sema_comptime_type(Ctx *cx, Node *n, Type *out);
bool sema_comptime_string(Ctx *cx, Node *n, Name *out);
// Makes a comptime-known value concrete: tiles of a class agree on it from now on.
void sema_force(Ctx *cx, Value *v);
// Is the integer at most `limit`, which its type can hold? All tiles of a class agree.
bool sema_at_most(Ctx *cx, Node *at, Value v, int64_t limit);
// Is the operand comptime-known (a value, or a comptime place, or fields that all are)? Gives it
// without forcing.
bool sema_is_known(Ctx *cx, Operand op, Value *out);
// Run-time value of an operand coerced to `want` (T_NONE: its own type); IR_NONE after a report.
// Comptime values are materialised, places are loaded; aggregates give the address of a copy-free
// view.
IrRef sema_runtime(Ctx *cx, Node *at, Operand op, Type want);
// Coerces by the implicit rules (spec language 5.4, sdk-2.10 1.2-1.3): false after a report.
bool sema_coerce(Ctx *cx, Node *at, Operand *op, Type want);
// Would it coerce? No report.
bool sema_can_coerce(Ctx *cx, const Operand *op, Type want);
// Load of a place, or the operand itself if it is a value already.
Operand sema_load(Ctx *cx, Node *at, Operand op);
// Field of a struct operand (any kind); OPK_ERROR without a report if there is none.
Operand sema_field(Ctx *cx, Node *at, const Operand *s, Name name);
Operand sema_field_cstr(Ctx *cx, Node *at, const Operand *s, const char *name);
// Element k of an array or tuple operand with comptime-known shape.
Operand sema_element(Ctx *cx, Node *at, const Operand *s, uint32_t k);
// Constant of the current tile module; the masked low bits of `bits`.
IrRef sema_const(Ctx *cx, IrType t, uint64_t bits);
// Value to run time, without coercion; per-tile values become entries of the constant block.
IrRef sema_materialise(Ctx *cx, Node *at, Value v);

// Function values: the Tile IR function (queued for analysis if it is new). No generic functions.
uint32_t sema_function_ir(Ctx *cx, Node *at, Value fn);
// Calls a function value with operands, inline or not as its declaration says; used by @map and
// thunks.
Operand sema_call(Ctx *cx, Node *at, Value fn, Operand *args, uint32_t n);
// Pointers to globals: the IrGlobal (made on first use, with its initial data).
uint32_t sema_global_ir(Ctx *cx, uint32_t object);
// The global or function that an expression names, for @export_symbol and the like: false after a
// report. *object = index into Sema.objects, or *fn = function value (type T_NONE if it is a
// variable).
bool sema_symbol(Ctx *cx, Node *n, uint32_t *object, Value *fn);
// The value with which the global that `n` names begins; of type T_NONE if it names none.
Value sema_initial_value(const Ctx *cx, const Node *n);
// Is the object an extern variable without an alignment of its own?
bool sema_is_unaligned_extern(const Sema *s, uint32_t object);
// Symbol name of an object, with its module prefix.
const char *sema_object_name(Ctx *cx, uint32_t object);
const char *sema_function_name(Ctx *cx, uint32_t function);
// Writes the initial bytes of a comptime value at `offset` of a global, with relocations and
// per-tile patches.
void sema_serialise(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at);
// Word of the per-tile constant block for a value that depends on params; REF_TILECONST.
IrRef sema_tileconst(Ctx *cx, Value v);

// Modules and tiles.
// Relative to the file of `at`; NULL after a report.
FileInfo *sema_find_file(Ctx *cx, Node *at, Name path);
// @set_tile_code: the tile runs `file` with params from the struct value `bindings` (type T_NONE:
// none). The caller has checked that the rectangle is set (fir_set_rectangle), contains the tile,
// and that the tile has no program yet.
bool sema_add_tile(Ctx *cx, Node *at, uint32_t x, uint32_t y, FileInfo *file, Value bindings);
FileInfo *sema_current_file(Ctx *cx);
// Tiles (y * width + x) whose code is being analysed: those with the same file and shape of params.
const uint32_t *sema_current_tiles(const Sema *s, size_t *n);
// Where the layout block of the current file stands.
SrcRange sema_layout_range(const Ctx *cx);

// ---- implemented by the builtin groups ----

// Tensor access expressions (language 6.5): the struct that @get_dsd takes.
Operand sema_tensor(Ctx *cx, Node *n);
// DSDs: run-time value (IRT_DSD / IRT_DSD4) and initial data of a comptime DSD.
IrRef dsd_materialise(Ctx *cx, Node *at, Value v);
void dsd_serialise(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at);
// Layout: before and after the layout block (checks the rectangle, fills tile_routes); false after
// a report.
void layout_begin(Ctx *cx);
bool layout_end(Ctx *cx);
// A tile program: before its comptime blocks, after them (emits the setup rows), and once the tiles
// of its class (y * width + x) are known.
void program_begin(Ctx *cx);
void program_end(Ctx *cx);
void program_place(Sema *s, TileProgram *t, const uint32_t *tiles, uint32_t n);
// All comptime blocks have run: what is exported does not change any more.
void exports_end(Ctx *cx);
// Names that the layout declares and no tile exports.
void exports_check(Sema *s);
void ops_free(Sema *s);

// ---- builtin table ----

enum { BC_C = 1, BC_R = 2, BC_T = 4, BC_L = 8, BC_G = 16 };
typedef Operand (*BuiltinFn)(Ctx *cx, Node *call);
typedef struct Builtin {
  const char *name;
  uint8_t min, max; // 255: any number
  uint8_t contexts; // BC_*
  uint8_t need;     // NEED_* of builtins.c
  BuiltinFn run;
} Builtin;
// Handlers: arguments are call->list, their number has been checked.
#define VAR 255
#define BUILTIN(name, min, max, contexts, need, handler, summary)                                  \
  Operand bi_##handler(Ctx *cx, Node *call);
#include "sema/builtins.def"
#undef BUILTIN
#endif
