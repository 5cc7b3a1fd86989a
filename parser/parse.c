// Entry points of the parser and the checks that the grammar leaves to actions; see ast.h and
// parser.h.
#include "parser/parser.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

Node *parser_function(Parser *p, SrcRange range, SrcRange at, Name name, NodeList params,
                      NodeList attrs, Node *type, Node *body)
{
  Node *n = node_named(&p->ast->arena, N_FN, range, at.begin, name);
  node_set_list(n, params);
  n->u.decl.type = type;
  n->u.decl.attrs = node_attrs(&p->ast->arena, attrs);
  n->a = body;
  return n;
}

Node *parser_param(Parser *p, SrcRange range, SrcRange at, Name name, Node *type)
{
  Node *n = node_named(&p->ast->arena, N_FN_PARAM, range, at.begin, name);
  n->a = type;
  n->flags = type ? 0 : NF_ANYTYPE;
  return n;
}

Node *parser_payload(Parser *p, SrcRange range, Name name)
{
  bool discard = strcmp(names_text(p->names, name), "_") == 0;
  return node_named(&p->ast->arena, N_PAYLOAD, range, range.begin, discard ? 0 : name);
}

Node *parser_legacy_color(Parser *p, SrcRange range, SrcRange word_at, Name word, SrcRange at,
                          Name name)
{
  if (strcmp(names_text(p->names, word), "color") != 0)
    DIAG_AT(p->diags, not_a_declaration, word_at, names_text(p->names, word));
  return node_named(&p->ast->arena, N_LEGACY_COLOR, range, at.begin, name);
}

static bool bare_binary(const Node *n, SrcRange with_parentheses)
{
  return n->kind == N_BINARY && n->range.begin == with_parentheses.begin;
}

// Binding in C of the operators that share one level here: `&` before `^` before `|`; 0 for others.
static int c_binding(int op)
{
  return op == OP_AND ? 3 : op == OP_XOR ? 2 : op == OP_OR ? 1 : 0;
}

static bool is_sum(int op)
{
  return op == OP_ADD || op == OP_SUB;
}

Node *parser_binary(Parser *p, Operator op, SrcRange range, SrcRange at, Node *a, SrcRange a_at,
                    Node *b, SrcRange b_at)
{
  bool left = bare_binary(a, a_at), right = bare_binary(b, b_at);
  if (left && c_binding(a->op) && c_binding(a->op) < c_binding(op))
    DIAG_AT(p->diags, mixed_bitwise, at, operator_text(op), operator_text(a->op),
            operator_text(a->op), operator_text(op));
  bool shift = op == OP_SHL || op == OP_SHR;
  if (shift && ((left && is_sum(a->op)) || (right && is_sum(b->op)))) {
    const char *sum = operator_text(left && is_sum(a->op) ? a->op : b->op);
    DIAG_AT(p->diags, mixed_shift, at, operator_text(op), sum, sum);
  }
  return node_binary(&p->ast->arena, op, range, at.begin, a, b);
}

static bool is_dotted_name(const Node *n)
{
  while (n->kind == N_FIELD)
    n = n->a;
  return n->kind == N_IDENT;
}

Node *parser_tensor(Parser *p, SrcRange range, SrcRange at, NodeList ids, SrcRange bounds_begin,
                    SrcRange bounds_end, NodeList bounds, Node *access)
{
  Arena *arena = &p->ast->arena;
  if (access->kind != N_INDEX || !is_dotted_name(access->a))
    DIAG_AT(p->diags, tensor_access_form, access->range);
  Node *n = node_list(arena, N_TENSOR, range, at.begin, ids);
  SrcRange braces = {bounds_begin.begin, bounds_end.end};
  n->a = node_list(arena, N_TUPLE, braces, braces.begin, bounds);
  n->b = access;
  return n;
}

Node *parser_body(Parser *p, Node *body, SrcRange range)
{
  return body ? body : node_new(&p->ast->arena, N_EMPTY, range, range.begin);
}

// ---- depth of the finished tree ----

typedef struct Pending {
  const Node *node;
  uint32_t depth;
} Pending;
typedef struct DepthWalk {
  Pending *stack; // stb_ds
  uint32_t depth;
} DepthWalk;

static void push_child(const Node *child, const char *field, void *arg)
{
  (void)field;
  DepthWalk *w = arg;
  arrput(w->stack, ((Pending){child, w->depth + 1}));
}

// The first node found below the limit, or NULL. Long operator chains are deep without exhausting
// the parser.
static const Node *too_deep(const Node *root)
{
  DepthWalk w = {0};
  const Node *found = NULL;
  arrput(w.stack, ((Pending){root, 0}));
  while (arrlen(w.stack) && !found) {
    Pending top = arrpop(w.stack);
    w.depth = top.depth;
    if (top.depth > PARSER_MAX_DEPTH)
      found = top.node;
    else
      node_children(top.node, push_child, &w);
  }
  arrfree(w.stack);
  return found;
}

static NodeList drop_too_deep(Parser *p, NodeList tops)
{
  NodeList kept = {0};
  for (uint32_t i = 0; i < tops.count; i++) {
    const Node *deep = too_deep(tops.items[i]);
    if (deep)
      DIAG_AT(p->diags, nested_too_deeply, deep->range, PARSER_MAX_DEPTH);
    else
      kept = list_add(&p->ast->arena, kept, tops.items[i]);
  }
  return kept;
}

// By its mark, which no CSL begins with.
static bool is_utf16(const SrcFile *file)
{
  return file->size >= 2 &&
         (memcmp(file->text, "\xff\xfe", 2) == 0 || memcmp(file->text, "\xfe\xff", 2) == 0);
}

Ast *ast_parse(const SrcFile *file, Names *names, Diags *diags)
{
  Ast *ast = mem_zeroed(1, sizeof *ast);
  ast->file = file;
  Parser p = {.ast = ast, .names = names, .diags = diags, .first_error = diags->errors};
  SrcRange whole = {file->base, file->base + (SrcPos)file->size};
  if (file->size > LEXER_MAX_FILE_BYTES) {
    DIAG_AT(diags, file_too_large, ((SrcRange){file->base, file->base}),
            LEXER_MAX_FILE_BYTES >> 20);
  } else if (is_utf16(file)) {
    DIAG_AT(diags, utf16_source, ((SrcRange){0}), file->path);
  } else if (!lexer_open(&p.lexer, file, &ast->arena, names, diags)) {
    mem_exhausted();
  } else {
    features_open(&p);
    csl_parse(&p);
    features_close(&p);
    lexer_close(&p.lexer);
  }
  NodeList tops = drop_too_deep(&p, p.tops);
  ast->root = node_list(&ast->arena, N_FILE, whole, whole.begin, tops);
  arrfree(p.unread);
  arrfree(p.blocks);
  return ast;
}

void ast_free(Ast *ast)
{
  if (!ast)
    return;
  arena_free(&ast->arena);
  free(ast);
}
