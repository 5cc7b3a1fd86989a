// The compact form of comptime code (docs/comptime.md): loops and functions that have become hot
// are compiled to operations on typed registers. What has no compact form is left to the walker,
// which sees the same variables and reports the same errors.
#ifndef WEFT_SEMA_COMPACT_H
#define WEFT_SEMA_COMPACT_H
#include "sema/private.h"

typedef enum CodeKind {
#define CODE(name, registers, meaning) CO_##name,
#include "sema/compact.def"
#undef CODE
} CodeKind;

// Contents of a register: what the union of Value holds. The type is known to the code.
typedef union Word {
  int64_t i;
  double f;
  struct {
    uint32_t ref;
    int32_t off;
  };
} Word;

typedef struct CodeOp {
  uint8_t kind, k;
  uint16_t a, b, c;
  int32_t d;
  uint32_t info;
} CodeOp;

// What the slow path of an operation needs.
typedef struct CodeInfo {
  Node *at;
  Type a, b;       // of the operands
  Type want;       // of the result
  uint8_t op;      // Operator or NodeKind
  bool as;         // FIT: of an @as
  const Type *all; // MAKE: types of the parts
} CodeInfo;

// A variable of the walker's frame that lives in a register.
typedef struct CodeLocal {
  uint32_t slot;
  uint16_t reg;
  bool is_const, comptime_var;
  bool outer, assigned; // declared outside; written inside
  Type type;
} CodeLocal;

// What the code assumes about a variable that exists before it starts.
typedef enum KnownKind { KNOWN_NOTHING, KNOWN_TYPE, KNOWN_VALUE } KnownKind;
typedef struct Assumption {
  uint32_t slot;
  uint8_t kind; // KnownKind
  bool is_const;
  Type type;
  Word word; // KNOWN_VALUE
} Assumption;

// A statement, number `index` of `block`, or something that the statements inside may leave by a
// jump.
typedef struct CodeStmt {
  int32_t up;   // number of the statement or target around it; -1: none
  Node *block;  // of statements
  Node *target; // of what jumps may leave: a loop, a labelled block, the function
  uint32_t index;
} CodeStmt;
typedef struct CodeRegion { // operations from `start` on belong to statement `stmt`
  uint32_t start;
  int32_t stmt;
} CodeRegion;

// Operands that are all evaluated even if one is in error: after an error between `start` and `end`
// the code goes on at `end`, and the operation `join` is in error for it.
typedef struct CodeSibling {
  uint32_t start, end, join;
} CodeSibling;

typedef struct Code Code;
typedef struct CodeCall { // a call site
  Node *at;
  uint32_t function;
  Code *code;
  uint32_t nargs;
} CodeCall;

typedef enum CodeState { CODE_BUILDING, CODE_READY, CODE_FAILED } CodeState;
struct Code {
  uint8_t state; // CodeState
  Node *node;    // N_FOR, N_WHILE or N_FN
  Instance *instance;
  bool tile;         // for tile programs: expressions over params may turn up
  uint32_t function; // N_FN: index into Sema.functions
  Type result;       // N_FN
  Type over;         // N_FOR: type of what it goes over
  uint32_t nregs, nconstants;
  bool needs_frame;
  CodeOp *ops;           // stb_ds
  CodeInfo *infos;       // stb_ds
  Word *constants;       // stb_ds; they are the last registers
  CodeLocal *locals;     // stb_ds
  CodeCall *calls;       // stb_ds
  CodeStmt *stmts;       // stb_ds
  CodeRegion *regions;   // stb_ds
  CodeSibling *siblings; // stb_ds; inner ones come first
  Assumption *known;     // stb_ds
  Code *next;            // other assumptions
};

// One execution of a Code.
typedef struct Run {
  Ctx *cx; // of the walker who came here; of calls: made when somebody needs it
  const Code *code;
  Word *regs;
  Frame *frame;
  uint32_t depth;
  uint32_t broken;  // JOIN that has to fail; 0: none
  bool end_reached; // the error is that a function ended without its result
  Word result;
} Run;

// First registers of the code of a `for`: the state of its sequence.
enum { FOR_AT, FOR_STOP, FOR_STEP, FOR_INDEX, FOR_STATE };
enum { NEXT_UNSIGNED = 1, NEXT_WIDE = 2, NEXT_BIG = 4 };

// compact_build.c: a form for the variables of the context's frame as `known` (stb_ds) says; its
// state says whether there is one. Functions exist before they are filled: they may call
// themselves.
Code *code_build_loop(Ctx *cx, Node *n, Type over, const Assumption *known);
Code *code_build_function(Ctx *cx, uint32_t function, const Assumption *args, uint32_t n,
                          Type result);
void code_fill_function(Ctx *cx, Code *c);
// compact_run.c
Flow code_run(Run *r);
Word *registers_take(SemaPrivate *p, const Code *code);
void registers_give_back(SemaPrivate *p, const Code *code);
// compact.c: the form of a function for arguments of these types; NULL: too many already.
Code *code_for_call(Ctx *cx, uint32_t function, const Assumption *args, uint32_t n, Type result);
bool code_value_is_plain(const Sema *s, Value v); // no expression over params anywhere in it
bool type_decides_code(const Sema *s, Type t);
bool type_is_usable(const Sema *s, Type t); // can live in a register
void code_free(Code *c);                    // its arrays
#endif
