// Constructors of syntax tree nodes, for the grammar's actions. Nodes and lists live in the arena
// of the tree.
#ifndef WEFT_PARSER_AST_BUILD_H
#define WEFT_PARSER_AST_BUILD_H
#include "parser/ast.h"

// A list under construction; a zeroed one is empty. Passed and returned by value.
typedef struct NodeList {
  Node **items;
  uint32_t count, capacity;
} NodeList;
// Text of a number (digits) or of a string (bytes after escapes).
typedef struct TokenText {
  const char *bytes;
  uint32_t len;
} TokenText;

Node *node_new(Arena *arena, NodeKind kind, SrcRange range, SrcPos at);
// A node with up to two children.
Node *node_pair(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, Node *a, Node *b);
Node *node_named(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, Name name);
Node *node_list(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, NodeList list);
Node *node_binary(Arena *arena, Operator op, SrcRange range, SrcPos at, Node *a, Node *b);
Node *node_number(Arena *arena, NodeKind kind, SrcRange range, TokenText digits);
Node *node_string(Arena *arena, SrcRange range, TokenText bytes);
void node_set_list(Node *n, NodeList list);
NodeList list_add(Arena *arena, NodeList list, Node *item);
// Both lists, one after the other.
NodeList list_join(Arena *arena, NodeList first, NodeList second);
// N_ATTRS of the list, or NULL when it is empty.
Node *node_attrs(Arena *arena, NodeList attrs);

// Spelling of a binary operator; "" for OP_NONE.
const char *operator_text(int op);

// Children in the order in which ast.def names them; `visit` gets "type" for a declared type and ""
// for the others.
typedef void (*NodeVisit)(const Node *child, const char *field, void *arg);
void node_children(const Node *n, NodeVisit visit, void *arg);
#endif
