// What the parts of the builder of compact code share: statements (compact_build.c), control flow
// (compact_flow.c, compact_switch.c), expressions (compact_expr.c) and calls (compact_call.c).
#ifndef WEFT_SEMA_COMPACT_BUILD_H
#define WEFT_SEMA_COMPACT_BUILD_H
#include "sema/compact.h"

// What the builder knows about an expression: nothing (the walker has to evaluate it), its value,
// or its type and the register it will be in.
typedef enum ExprKind { EX_UNKNOWN, EX_VALUE, EX_REGISTER } ExprKind;
typedef struct Expr {
  uint8_t kind; // ExprKind
  uint16_t reg;
  Type type;
  Value v;
} Expr;

static inline Expr unknown(void)
{
  return (Expr){.kind = EX_UNKNOWN};
}

static inline Expr known(Value v)
{
  return (Expr){.kind = EX_VALUE, .type = v.type, .v = v};
}

static inline Expr in_register(Type t, uint32_t reg)
{
  return (Expr){.kind = EX_REGISTER, .type = t, .reg = (uint16_t)reg};
}

typedef enum VarState { VAR_NONE, VAR_UNKNOWN, VAR_VALUE, VAR_REGISTER } VarState;
typedef struct Var { // by slot
  uint8_t state;     // VarState; VAR_UNKNOWN: lives in the walker's frame
  bool is_const;
  uint16_t reg;
  uint32_t local; // number in Code.locals
  uint32_t seen;  // of the last walk that mentioned it
  Type type;
  Value v;
} Var;

typedef struct Goal { // where jumps go
  struct Goal *up;
  Name label;
  bool loop;
  uint32_t *breaks, *continues; // stb_ds: jumps to be aimed
  Type type;                    // of the values of breaks; T_NONE: none yet
  int reg;                      // their register; -1: breaks have no value
  bool mixed;                   // they differ in type
} Goal;

typedef struct Builder {
  Ctx *cx;
  Sema *s;
  Code *code;
  Var *vars;
  uint32_t nvars, next_reg, walks;
  Goal *goal;
  int32_t stmt; // statement whose code is being made
  bool failed;
} Builder;

typedef struct Mark { // how far the code was
  size_t ops, calls, regions, locals, siblings;
  uint32_t next_reg;
} Mark;

typedef struct Sequence { // what a `for` goes over: registers from `state` on (compact.h)
  uint32_t state;
  Type elem;
  CodeKind next;
  uint8_t flags;
} Sequence;

enum { FIRST_CONSTANT = 0x8000, MAX_REGISTERS = 0x6000 };

// compact_build.c
uint32_t build_emit(Builder *b, CodeKind kind, uint32_t x, uint32_t y, uint32_t z);
uint32_t build_info(Builder *b, CodeInfo i);
Mark build_mark(const Builder *b);
void build_undo(Builder *b, const Mark *m);
// Operands of which each is evaluated whatever becomes of the others: `starts` (stb_ds, freed) says
// where the code of each begins.
void build_join(Builder *b, uint32_t *starts);
void build_aim(Builder *b, uint32_t *jumps); // to here; frees the list
uint32_t build_register(Builder *b);
uint32_t build_constant(Builder *b, Word w);
uint32_t build_use(Builder *b, const Expr *e); // its register, or that of a constant
void build_stmt(Builder *b, Node *n);
bool build_block(Builder *b, Node *n);
int32_t build_enter_target(Builder *b, Node *n); // returns what Builder.stmt has to be afterwards
void build_walk(Builder *b, Node *n);            // the walker executes a statement
void build_bind(Builder *b, uint32_t slot, Type t, uint32_t reg, bool is_const); // a variable
uint32_t build_here(const Builder *b); // number of the next operation
// Before the walker sees `n`: it finds the variables that `n` mentions in its frame.
void build_before_walk(Builder *b, Node *n);
void build_after_walk(Builder *b, Node *n); // what `n` assigned comes back
// compact_flow.c
// Jumps to be aimed where `n` is `sense`. False: only the walker can tell.
bool build_branch(Builder *b, Node *n, bool sense, uint32_t **jumps);
void build_if(Builder *b, Node *n);
void build_while(Builder *b, Node *n);
void build_for(Builder *b, Node *n);
void build_sequence(const Builder *b, Type over, bool step_one, Sequence *q); // all but its state
void build_rounds(Builder *b, Node *n, const Sequence *q);
void build_branch_unless(Builder *b, Node *n, uint32_t **jumps);
bool build_known_condition(Builder *b, Node *n, bool *value);

// compact_expr.c
Expr expr_build(Builder *b, Node *n, Type want, int target); // target: wished register, or -1
Expr expr_place(Builder *b, Node *n); // aggregates are looked into, not copied
// False: it does not convert, or only the walker knows.
bool expr_coerce(Builder *b, Expr *e, Type to, Node *at);
Expr expr_binary(Builder *b, Node *n, Operator op, Expr x, Expr y, int target);
void expr_move(Builder *b, const Expr *e, uint32_t reg);
bool expr_compared(Builder *b, Node *n, Expr *x, Expr *y); // operands of a comparison of integers
Type expr_type_of(Builder *b, Node *n); // the type that `n` denotes; T_NONE: unknown
bool expr_indices(Builder *b, Node *n, Type array, uint32_t *flat); // register of the flat index
// One of several arms that leave a value of one type in one register; *t is T_NONE at the first.
bool expr_arm(Builder *b, Node *n, Type want, uint32_t reg, Type *t);

// compact_switch.c
void build_switch(Builder *b, Node *n);
Expr expr_switch(Builder *b, Node *n, Type want);

// compact_call.c
Expr expr_call(Builder *b, Node *n);
#endif
