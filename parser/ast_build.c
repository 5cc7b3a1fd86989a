// Node constructors and the one place that knows the order of children; see ast_build.h.
#include "parser/ast_build.h"
#include <string.h>

Node *node_new(Arena *arena, NodeKind kind, SrcRange range, SrcPos at)
{
  Node *n = ARENA_NEW(arena, Node);
  n->kind = (uint8_t)kind;
  n->range = range;
  n->at = at;
  return n;
}

Node *node_pair(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, Node *a, Node *b)
{
  Node *n = node_new(arena, kind, range, at);
  n->a = a;
  n->b = b;
  return n;
}

Node *node_named(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, Name name)
{
  Node *n = node_new(arena, kind, range, at);
  n->name = name;
  return n;
}

Node *node_list(Arena *arena, NodeKind kind, SrcRange range, SrcPos at, NodeList list)
{
  Node *n = node_new(arena, kind, range, at);
  node_set_list(n, list);
  return n;
}

Node *node_binary(Arena *arena, Operator op, SrcRange range, SrcPos at, Node *a, Node *b)
{
  Node *n = node_pair(arena, N_BINARY, range, at, a, b);
  n->op = (uint8_t)op;
  return n;
}

Node *node_number(Arena *arena, NodeKind kind, SrcRange range, TokenText digits)
{
  Node *n = node_new(arena, kind, range, range.begin);
  n->u.number.digits = digits.bytes;
  n->u.number.len = digits.len;
  return n;
}

Node *node_string(Arena *arena, SrcRange range, TokenText bytes)
{
  Node *n = node_new(arena, N_STRING, range, range.begin);
  n->u.string.bytes = bytes.bytes;
  n->u.string.len = bytes.len;
  return n;
}

void node_set_list(Node *n, NodeList list)
{
  n->list = list.items;
  n->count = list.count;
}

NodeList list_add(Arena *arena, NodeList list, Node *item)
{
  if (list.count == list.capacity) {
    list.capacity = list.capacity ? list.capacity * 2 : 4;
    Node **items = ARENA_ARRAY(arena, Node *, list.capacity);
    if (list.count)
      memcpy(items, list.items, sizeof *items * list.count);
    list.items = items;
  }
  list.items[list.count++] = item;
  return list;
}

NodeList list_join(Arena *arena, NodeList first, NodeList second)
{
  for (uint32_t i = 0; i < second.count; i++)
    first = list_add(arena, first, second.items[i]);
  return first;
}

Node *node_attrs(Arena *arena, NodeList attrs)
{
  if (attrs.count == 0)
    return NULL;
  SrcRange range = {attrs.items[0]->range.begin, attrs.items[attrs.count - 1]->range.end};
  return node_list(arena, N_ATTRS, range, range.begin, attrs);
}

static const char *const operator_texts[] = {
    [OP_NONE] = "", [OP_ADD] = "+",  [OP_SUB] = "-",    [OP_MUL] = "*",  [OP_DIV] = "/",
    [OP_REM] = "%", [OP_SHL] = "<<", [OP_SHR] = ">>",   [OP_AND] = "&",  [OP_OR] = "|",
    [OP_XOR] = "^", [OP_EQ] = "==",  [OP_NE] = "!=",    [OP_LT] = "<",   [OP_LE] = "<=",
    [OP_GT] = ">",  [OP_GE] = ">=",  [OP_LAND] = "and", [OP_LOR] = "or",
};

const char *operator_text(int op)
{
  return operator_texts[op];
}

static bool has_decl(const Node *n)
{
  return n->kind == N_CONST || n->kind == N_VAR || n->kind == N_PARAM || n->kind == N_FN;
}

static bool list_comes_first(const Node *n)
{
  switch (n->kind) {
  case N_FN:
  case N_FN_TYPE:
  case N_ARRAY_TYPE:
  case N_PRONG:
  case N_TENSOR: return true;
  default: return false;
  }
}

void node_children(const Node *n, NodeVisit visit, void *arg)
{
  bool list_first = list_comes_first(n);
  for (uint32_t i = 0; list_first && i < n->count; i++)
    visit(n->list[i], "", arg);
  if (has_decl(n) && n->u.decl.type)
    visit(n->u.decl.type, "type", arg);
  if (has_decl(n) && n->u.decl.attrs)
    visit(n->u.decl.attrs, "", arg);
  Node *const fixed[] = {n->a, n->b, n->c};
  for (int i = 0; i < 3; i++)
    if (fixed[i])
      visit(fixed[i], "", arg);
  for (uint32_t i = 0; !list_first && i < n->count; i++)
    visit(n->list[i], "", arg);
}
