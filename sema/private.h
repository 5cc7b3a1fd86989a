// What the files of sema's core share among themselves; the builtin groups use internal.h only.
#ifndef WEFT_SEMA_PRIVATE_H
#define WEFT_SEMA_PRIVATE_H
#include "sema/internal.h"
#include <stb/stb_ds.h>

// Limits that no sensible program meets: what passes them does not end.
enum { MAX_COMPTIME_MIB = 8192, MAX_STRING_BYTES = 16 << 20, MAX_BODIES = 16384 };

// What an N_IDENT means, found once by resolve.c and kept in Node.scope; Node.slot is the number.
enum { SCOPE_NONE, SCOPE_LOCAL, SCOPE_GLOBAL, SCOPE_PREDECLARED, SCOPE_UNKNOWN };

typedef struct Decl {
  Name name;
  Node *node; // N_CONST, N_VAR, N_PARAM, N_FN, N_LEGACY_COLOR
} Decl;
struct FileInfo {
  const char *path; // as opened
  Ast *ast;
  Decl *decls; // stb_ds, source order
  struct {
    Name key;
    uint32_t value;
  } *by_name;             // stb_ds: name -> number in decls
  Node **comptime_blocks; // stb_ds
  Node *layout;
  bool bad; // it had syntax errors
};

struct Frame {
  Local *locals;
  uint32_t count;
  Type result;    // declared result type of the function, T_NONE outside of functions
  const Node *fn; // NULL outside of functions
  Target *jump;   // comptime: where a pending jump goes
  bool jump_continue;
};

// control.c: one value that left a block, loop or inlined call through a jump.
typedef struct Exit {
  uint32_t block; // run time: block left open, to be closed with a branch
  Operand value;
  Node *at;
} Exit;
typedef enum JumpKind { JUMP_BLOCK, JUMP_LOOP, JUMP_CALL } JumpKind;
// The type that an expression should have (T_NONE: any). For an operand of an operator it is only
// what numbers without a type become: i16 + i16 is of type i16 wherever it stands.
typedef struct Wanted {
  Type type;
  bool for_numbers;
} Wanted;
struct Target {
  Target *up;
  Name label;
  uint8_t kind; // JumpKind
  bool comptime;
  bool direct_return; // JUMP_CALL of a function that is emitted, not inlined
  bool continued;     // run time: somebody jumped to `next`
  bool inlined;       // unrolled loop: `next` is made when somebody jumps to it
  Type want;          // expected type of the value
  bool for_numbers;   // … like Wanted.for_numbers
  uint32_t next;      // run time: block of the continue clause
  Exit *exits;        // stb_ds; run time
  Operand result;     // comptime
};
typedef enum Flow { FLOW_NEXT, FLOW_DEAD, FLOW_JUMP, FLOW_ERROR } Flow;

// class.c: an expression over params. Leaves number the scalar params of a tile group.
typedef enum SymKind { SYM_LEAF, SYM_BINARY, SYM_UNARY, SYM_CONVERT } SymKind;
typedef struct SymExpr {
  uint8_t kind; // SymKind
  uint8_t op;   // Operator, or NodeKind of a unary operation
  Type type;
  uint32_t leaf;
  Value a, b;
} SymExpr;

typedef struct SymKey { // no padding: compared by bytes
  uint32_t kind_op, type, a_type, a_sym, b_type, b_sym;
  int64_t a, b;
} SymKey;

// call.c: one typed body of a function in the current tile program.
typedef struct FuncInst {
  uint32_t function; // index into Sema.functions
  uint32_t nparams;
  Value *known; // per parameter: comptime value, or type T_NONE
  Type *types;  // per parameter
  Type result;
  uint32_t ir;                   // Tile IR function
  const Node *site;              // call that made it …
  const struct FuncInst *caller; // … in this one; NULL: none did
  struct FuncInst *next;         // same hash
} FuncInst;

typedef struct TileGroup { // @set_tile_code calls with the same file and the same shape of params
  FileInfo *file;
  Value bindings; // of the first tile
  Node *site;     // call of the first tile
  Instance *from; // instance whose layout block it was
  uint32_t nleaves;
  uint32_t *tiles;        // stb_ds: y * width + x, in order of the calls
  int64_t *leaves;        // stb_ds: [tile][leaf] scalar params
  Type *leaf_types;       // of nleaves
  struct TileGroup *next; // same hash
} TileGroup;

typedef struct SemaPrivate SemaPrivate;
struct SemaPrivate {
  TypeInfo **types;    // stb_ds; the infos themselves never move
  uint32_t *type_next; // stb_ds: next type of the same hash
  struct {
    uint64_t key;
    uint32_t value;
  } *type_map; // hash -> first type
  Agg **aggs;  // stb_ds; the aggregates themselves never move
  struct {
    Name key;
    const Builtin *value;
  } *builtins;
  struct {
    Name key;
    Value value;
  } *predeclared; // name -> type or direction
  struct {
    char *key;
    FileInfo *value;
  } *files_by_path;
  SymExpr *syms; // stb_ds; 0 unused. Those of the class being analysed
  struct {
    SymKey key;
    uint32_t value;
  } *sym_map;
  Value *guards; // stb_ds, of the class being analysed: expression (sym) and its outcome
  bool *forced;  // stb_ds: which expressions are guards already
  size_t nforced;
  TileGroup **groups;             // stb_ds
  const TileGroup *current_group; // whose program is being analysed
  int64_t example; // the tile whose params stand for the class; -1: the first of its file
  struct {
    uint64_t key;
    TileGroup *value;
  } *group_map;
  struct Code **codes; // stb_ds: compact forms (compact.c)
  struct {
    uint64_t key;
    struct Code *value;
  } *code_map; // node and instance -> first form
  struct {
    uint32_t key, value;
  } *call_counts;          // function -> comptime calls by the walker
  struct Chunk *registers; // newest chunk of registers of running code
  uint32_t builds;         // of code, inside each other
  uint32_t hot;            // rounds or calls after which code is made; UINT32_MAX: never
  uintptr_t stack_end;     // calls below this address are too deep
  uint64_t steps, quota;
  uint32_t comptime_depth, max_inlined;
  bool stop;             // the evaluation of the current block cannot go on after its error
  struct BigPool *big;   // integers of more than 62 bits (bigint.c)
  const Node *name_site; // initializer whose value name_hint names
  Name name_hint;        // name of the declaration whose initializer is being evaluated
  FILE *print;
};

typedef struct ExportedDecl { // entry of a stb_ds string map: an exported declaration by its symbol
  char *key;
  Instance *instance;
  uint32_t decl;
} ExportedDecl;
typedef struct SymbolOwner { // entry of a stb_ds string map: what has a symbol in the tile program
  char *key;
  Instance *instance;
  const Node *decl;
} SymbolOwner;

// Per tile program, private to the core.
typedef struct ProgramPrivate {
  FuncInst **work; // stb_ds: bodies to analyse
  size_t next_work;
  const FuncInst *analysed; // its body is being analysed
  uint32_t nbodies;
  struct {
    uint64_t key;
    FuncInst *value;
  } *insts;
  struct {
    uint32_t key;
    uint32_t value;
  } *const_data; // aggregate -> object
  struct {
    char *key;
    uint32_t value;      // number of the last name made of it
  } *symbols;            // names taken in the module
  ExportedDecl *exports; // stb_ds: of the instances before `exports_seen`
  size_t exports_seen;
  SymbolOwner *owners; // stb_ds
  Value *tileconsts;   // stb_ds: expressions, parallel to TileModule.tileconsts
} ProgramPrivate;

// types.c
void types_init(Sema *s);
Type type_nominal(Sema *s, TypeKind kind, const Node *site, const TypeField *fields, uint32_t n,
                  Type base, bool packed, bool external, Name name);
bool type_is_fn_pointer(const Sema *s, Type t);
Type type_deref(const Sema *s, Type pointer);
// value.c
Value agg_get(const Agg *a, uint32_t k);
void agg_set(Sema *s, uint32_t agg, uint32_t k, Value v);
uint32_t agg_unique(Sema *s, uint32_t agg); // itself, or a private copy if it is shared
void v_share(Sema *s, Value v);
bool v_at_offset(Sema *s, Value root, uint32_t offset, Type t, Value *out);
Value v_default(Sema *s, Type t); // zero of a run-time type
bool v_is_leaf(const Sema *s, Type t);
uint32_t agg_own_part(Sema *s, uint32_t agg, uint32_t k); // element k: as agg_unique
// arith.c
bool operator_allowed(const Sema *s, Operator op, Type t); // on two operands of one type
bool unary_allowed(const Sema *s, NodeKind kind, Type t);
Value unary_value(Sema *s, NodeKind kind, Value v);
bool arith_binary(Ctx *cx, Node *at, Operator op, Value a, Value b, Value *out);
Operand arith_operands(Ctx *cx, Node *at, Operator op, Operand a, Operand b);
Operand arith_unary(Ctx *cx, Node *at, NodeKind kind, Operand a);
bool arith_concrete(Sema *s, Operator op, Value a, Value b, Value *out); // no checks, no report
IrRef arith_narrow(Ctx *cx, Type t, IrRef r);
double float_round(Type t, double f);
uint64_t float_bits(Type t, double f);
double float_from_bits(Type t, uint64_t bits);
int64_t int_wrap(const Sema *s, Type t, int64_t i);
bool int_fits(const Sema *s, Type t, int64_t i);
// bigint.c: comptime_int and integers of more than 64 bits. MAX_INT_BITS: sdk-2.10 1.3.
enum { COMPTIME_INT_BITS = 1 << 24, MAX_INT_BITS = 16777215 };
typedef struct BigPool BigPool;
bool type_is_big(const Sema *s, Type t);    // may Value.i stand for a number of the pool?
static inline bool big_is_pooled(int64_t i) // in a type that is big: does it?
{
  return (uint64_t)i + (1ull << 62) >= 1ull << 63;
}
int64_t int_convert(Sema *s, Value v, Type to); // any integer to any other: wraps to the width
bool int_value_fits(const Sema *s, Value v, Type to);
Value v_number(Sema *s, Type t, int64_t i); // of an integer type in which it fits
// Operands of one type that is big (amounts of shifts: of any). False: divided by zero, or a
// comptime_int gets too long.
bool big_binary(Sema *s, Operator op, Value a, Value b, int64_t *out);
int big_compare(const Sema *s, Type t, int64_t a, int64_t b);
double big_to_double(const Sema *s, Value v, Type to); // rounded once to the float type
bool big_from_double(Sema *s, double whole, Type to, int64_t *out); // false: does not fit
bool big_literal(Sema *s, const char *digits, size_t len, int base, int64_t *out);
char *v_int_digits(Sema *s, Value v);
// The low 32 * n bits of the two's complement.
void big_words(const Sema *s, Value v, uint32_t *words, size_t n);
void big_free(Sema *s);
// coerce.c
bool type_widens(const Sema *s, Type from, Type to); // without loss, whatever the value
Type peer_type(Ctx *cx, const Operand *ops, uint32_t n);
// Reports that values of a type exist while compiling only.
Operand sema_must_be_comptime(Ctx *cx, Node *at, Type t);
// Reports a conversion that does not exist.
Operand not_convertible(Ctx *cx, Node *at, Type from, Type to);
Operand convert_as(Ctx *cx, Node *at, Operand op, Type to);
bool v_convert(Sema *s, Value v, Type to, Value *out); // @as on concrete scalars; false: impossible
// module.c
FileInfo *file_open(Ctx *cx, Node *at, const char *path);
Instance *instance_new(Sema *s, FileInfo *file, Instance *importer, Node *site, TileProgram *tile,
                       const char *prefix);
bool instance_bind(Ctx *cx, Instance *in, Node *at, Value bindings);
Operand import_module(Ctx *cx, Node *at, Name path, Value bindings);
Ctx instance_ctx(Sema *s, Instance *in, Zone zone);
Frame *frame_new(Sema *s, uint32_t locals);
void instance_bind_options(Sema *s, Instance *in);
bool global_resolve(Ctx *cx, Instance *in, uint32_t decl, Node *at);
Operand global_operand(Ctx *cx, Instance *in, uint32_t decl, Node *at, bool as_place);
Operand function_operand(Ctx *cx, Instance *in, uint32_t decl, Node *at);
Operand module_member(Ctx *cx, Node *n, Instance *in, Name name, bool as_place);
uint32_t global_object(Ctx *cx, Instance *in, uint32_t decl);
void instance_run_imports(Ctx *cx, Instance *in);
bool instance_run_comptime(Sema *s, Instance *in);
const char *find_source(Sema *s, const char *from, const char *name);
bool check_runtime_type(Ctx *cx, Node *n, Type t); // of a variable; false after a report
// hints.c: notes to the message before, if the table knows the name
typedef enum HintWhere { HINT_BUILTIN, HINT_NAME, HINT_MEMBER, HINT_FILE } HintWhere;
void hint_name(Ctx *cx, Node *at, HintWhere where, const char *name);
void hint_untyped(Ctx *cx, Node *decl, Type t);
void hint_pointer(Ctx *cx, Node *at, Type t, const char *how);
void note_conversion(Ctx *cx, Node *at, Type from, Type want);
void hint_unary(Ctx *cx, Node *at, Type t);
void hint_file(Ctx *cx, Node *at, const char *name);
// storage.c
bool storage_check(Ctx *cx, Node *decl, Type t);
const char *storage_linkname(Ctx *cx, Instance *in, Node *decl); // NULL: none
// The address that the command line gives a section; false if it gives none.
bool storage_section_start(const Sema *s, const char *section, uint32_t *address);
void storage_function_section(Ctx *cx, Instance *in, Node *decl);
bool storage_check_options(Sema *s);
void storage_claim(Ctx *cx, Instance *in, Node *decl);
bool storage_resolve(Ctx *cx, Instance *in, Node *decl, Type t, Instance **where, uint32_t *number);
// resolve.c
bool integer_name(const char *text, unsigned *bits); // iN or uN
void resolve_file(Sema *s, FileInfo *f);
// compat.c
void compat_decide(Sema *s);
// expr.c
bool int_literal_value(Sema *s, const Node *n, Value *out);
Value float_literal_value(Sema *s, const Node *n);
Type sema_type(Ctx *cx, Node *n); // T_NONE after a report
Operand sema_type_expr(Ctx *cx, Node *n);
Type sema_value_type(Ctx *cx, Node *n); // … or for a type without values
Type sema_type_of(Ctx *cx, Node *n);    // type_of.c; T_NONE after a report
bool sema_check_depth(Ctx *cx, Node *at, Type t);
Operand sema_builtin(Ctx *cx, Node *n);
// What a comptime place holds, without becoming another holder of an aggregate; `scratch` keeps
// parts.
Value *place_value(Ctx *cx, Place p, Value *scratch);
// The local variable whose elements a loop goes over, perhaps in fields of it: the body may change
// them. NULL: something else.
const Node *loop_variable(const Node *over);
// Reports an assignment to a constant, a param or a parameter, and says which it is.
Operand report_constant(Ctx *cx, Node *at); // constant.c
Operand sema_store(Ctx *cx, Node *at, Operand place, Operand value);
// Does it depend on values of the run whether control comes here from the declaration of a
// variable?
bool decided_at_run_time(const Ctx *cx, const Local *l);
bool is_error(Operand op);
IrRef sema_pointer(Ctx *cx, Node *at, Operand lvalue); // address of an LVALUE as run-time pointer

bool sema_index_range(Ctx *cx, Node *at, Value i, Type array, uint32_t dim);
Operand sema_fields(Ctx *cx, Type t, Operand *ops, uint32_t n);
void store_to(Ctx *cx, Node *at, IrRef address, Operand value, Type t);
// lower.c
uint32_t const_object(Ctx *cx, Value v);
bool check_alignment(Ctx *cx, Node *n, uint32_t *out); // of an align(n); false after a report
uint64_t scalar_bits(const Sema *s, Value v);          // of at most 64
IrType sema_int_type(Ctx *cx, uint32_t bytes);
// Constant of an integer type of the tile module: the low bits of an integer value.
IrRef sema_int_const(Ctx *cx, IrType t, Value v);
Operand fill_array(Ctx *cx, Node *at, Type t, IrRef elem);
const char *sema_unique_name(Ctx *cx, const char *name);
// stmt.c
Flow sema_stmt(Ctx *cx, Node *n);
Flow sema_block(Ctx *cx, Node *block);
void sema_block_rest(Ctx *cx, Node *block, uint32_t failed);
// control.c
bool charge(Ctx *cx, Node *at); // one comptime step; false when the quota is used up
// Is a switch with so many different values complete without an else?
bool switch_covers_all(const Sema *s, Type t, size_t values);
void emit_branch(Ctx *cx, uint32_t block);
void emit_branch_if(Ctx *cx, IrRef cond, uint32_t yes, uint32_t no);
// Evaluates a condition; comptime-known ones are concrete. False after a report.
bool sema_condition(Ctx *cx, Node *n, Operand *op);
// Like sema_expr(), where the surroundings may be an operator.
Operand sema_wanted(Ctx *cx, Node *n, Wanted want);
Operand sema_if(Ctx *cx, Node *n, Wanted want);
Flow sema_if_stmt(Ctx *cx, Node *n);
Operand sema_switch(Ctx *cx, Node *n, Wanted want);
Operand sema_block_expr(Ctx *cx, Node *n, Wanted want);
Flow sema_labelled_block(Ctx *cx, Node *n);
Flow sema_jump(Ctx *cx, Node *n);
void target_open(Ctx *cx, Target *t);
void target_close(Ctx *cx, Target *t);
bool target_jumped(Ctx *cx, const Target *t); // comptime: was a jump to this target pending?
Operand target_finish(Ctx *cx, Node *at, Target *t, bool end_reached);
// loops.c
typedef struct Range { // of integers of any length
  Value at, stop, step;
} Range;
bool range_next(Sema *s, Range *r, Value *out);
Flow sema_while(Ctx *cx, Node *n);
Flow sema_for(Ctx *cx, Node *n);
// call.c
Frame *frame_open(uint32_t locals); // to be closed
void frame_close(Frame *f);
Ctx callee_ctx(Ctx *cx, const Function *fn, Frame *frame);
void note_call(Ctx *cx, const Node *at, const Node *fn, uint32_t errors);
bool enter_call(Ctx *cx, Node *at); // false: nested too deeply, or the quota is used up
Operand sema_call_node(Ctx *cx, Node *n);
void program_work(Ctx *cx); // analyses the queued bodies
// compact.c: what is hot runs in compact form. False: the walker goes on.
bool compact_loop(Ctx *cx, Node *n, uint64_t rounds, Flow *flow); // a `while`, before its condition
bool compact_for(Ctx *cx, Node *n, Value over, const int64_t state[4], uint64_t rounds, Flow *flow);
bool compact_call(Ctx *cx, Node *at, uint32_t function, Frame *frame, Type type, Operand *result);
void compact_init(Sema *s);
void compact_free(Sema *s);
void compact_registers_free(SemaPrivate *p);
// packed.c
unsigned packed_width(const Sema *s, Type t);
bool type_is_packed(const Sema *s, Type t);
bool packed_bits(Sema *s, Value v, Value *bits);
bool packed_value(Sema *s, Type t, Value bits, Value *out);
Operand packed_field(const Sema *s, Operand base, const TypeField *f);
Operand packed_load(Ctx *cx, Node *at, Operand f);
void packed_store(Ctx *cx, Node *at, Operand f, Operand value);
void packed_store_fields(Ctx *cx, Node *at, IrRef address, Operand value);
// tile.c
TileProgram *program_analyse(Sema *s, FileInfo *file, Value bindings, Node *site, Instance *from);
void program_free(TileProgram *t);
// class.c
bool classes_build(Sema *s);
uint32_t sym_binary(Sema *s, Operator op, Value a, Value b, Type t);
uint32_t sym_unary(Sema *s, NodeKind kind, Value a, Type t);
uint32_t sym_convert(Sema *s, Value a, Type t);
void classes_free(Sema *s);
#endif
