// The syntax tree: one uniform node, so that printer, walkers and tests need one way of looking at
// it. Grammar: spec language 2-3 and sdk-2.10; which field holds what is said once, in
// parser/ast.def.
#ifndef WEFT_PARSER_AST_H
#define WEFT_PARSER_AST_H
#include "support/diag.h"
#include "support/intern.h"

typedef enum NodeKind {
#define NODE(kind, name, text) N_##kind,
#include "parser/ast.def"
#undef NODE
  NODE_KINDS
} NodeKind;

// Binary and assignment operators; unary ones are node kinds of their own.
typedef enum Operator {
  OP_NONE, // plain `=` in an N_ASSIGN
  OP_ADD,
  OP_SUB,
  OP_MUL,
  OP_DIV,
  OP_REM,
  OP_SHL,
  OP_SHR,
  OP_AND,
  OP_OR,
  OP_XOR,
  OP_EQ,
  OP_NE,
  OP_LT,
  OP_LE,
  OP_GT,
  OP_GE,
  OP_LAND,
  OP_LOR
} Operator;

// Flags of declarations, parameters, types and loops.
enum {
  NF_EXPORT = 1 << 0,
  NF_EXTERN = 1 << 1,
  NF_COMPTIME = 1 << 2,
  NF_INLINE = 1 << 3,
  NF_NOINLINE = 1 << 4,
  NF_CONST = 1 << 5,    // N_PTR_TYPE, N_MANY_TYPE: pointee is const
  NF_ANYTYPE = 1 << 6,  // N_FN_PARAM: declared `anytype`
  NF_PACKED = 1 << 7,   // N_STRUCT_TYPE, N_UNION_TYPE
  NF_VOLATILE = 1 << 8, // N_ASM
  NF_TASK = 1 << 9      // N_FN_TYPE, N_FN: task instead of fn
};

typedef struct Node Node;
struct Node {
  uint8_t kind;   // NodeKind
  uint8_t op;     // Operator
  uint16_t flags; // NF_*
  uint32_t count; // length of list
  SrcRange range; // first byte to one past the last
  SrcPos at;      // the token that a message should point at: the operator, the name, the brace
  Name name;      // identifier, field, builtin (without @), label; 0 = none
  Node *a, *b, *c;
  Node **list;
  union {
    struct {
      const char *digits;
      uint32_t len;
    } number; // N_INT, N_FLOAT: source text without `_`
    struct {
      const char *bytes;
      uint32_t len;
    } string;    // N_STRING: after escapes; may contain NULs
    uint64_t ch; // N_CHAR: code point
    struct {
      Node *type, *attrs;
    } decl; // N_VAR, N_CONST, N_PARAM, N_FN: see ast.def
  } u;
  // Cache of name resolution, owned by sema: which slot or declaration an N_IDENT means.
  uint32_t slot;
  uint32_t scope;
};

// One parsed file. Nodes live in the arena of the Ast.
typedef struct Ast {
  Arena arena;
  const SrcFile *file;
  Node *root; // N_FILE; its list holds the top-level declarations in source order
  // Marks of the releases (sdk-2.10 6.1): a token of rule 1, comptime_struct or @concat_structs,
  // and one of rule 2. Fabric DSDs without a colour, which rule 2 names as well, are for sema to
  // see.
  bool uses_legacy_structs, uses_new_forms;
} Ast;

// Parses one file; always returns a tree, with the erroneous declarations and statements left out
// and reported. The caller owns it (ast_free). Depth of nesting is bounded; deeper input is a
// diagnostic.
Ast *ast_parse(const SrcFile *file, Names *names, Diags *diags);
void ast_free(Ast *ast);
// Prints the tree in the stable form of --emit=ast: one node a line, children indented by two
// blanks, with fields in the order of ast.def. `positions` adds line:col-line:col.
void ast_print(const Ast *ast, const Names *names, const Sources *sources, bool positions,
               FILE *out);
#endif
