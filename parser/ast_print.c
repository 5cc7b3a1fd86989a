// The stable text form of the tree (--emit=ast): one node a line, children indented; see ast.h.
#include "parser/ast_build.h"
#include <inttypes.h>

static const char *const node_names[] = {
#define NODE(kind, name, text) name,
#include "parser/ast.def"
#undef NODE
};

static const struct FlagName {
  uint32_t flag;
  const char *name;
} flag_names[] = {
    {NF_EXPORT, "export"},   {NF_EXTERN, "extern"},     {NF_COMPTIME, "comptime"},
    {NF_INLINE, "inline"},   {NF_NOINLINE, "noinline"}, {NF_CONST, "const"},
    {NF_ANYTYPE, "anytype"}, {NF_PACKED, "packed"},     {NF_VOLATILE, "volatile"},
    {NF_TASK, "task"},
};

typedef struct Printer {
  const Names *names;
  const Sources *sources; // NULL: no positions
  FILE *out;
  int indent;
} Printer;

static void print_string(FILE *out, const char *bytes, uint32_t len)
{
  fputs(" \"", out);
  for (uint32_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c == '\n')
      fputs("\\n", out);
    else if (c < 0x20 || c >= 0x7f)
      fprintf(out, "\\x%02x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void print_value(const Printer *p, const Node *n)
{
  switch (n->kind) {
  case N_INT:
  case N_FLOAT: fprintf(p->out, " %.*s", (int)n->u.number.len, n->u.number.digits); break;
  case N_CHAR: fprintf(p->out, " %" PRIu64, n->u.ch); break;
  case N_STRING: print_string(p->out, n->u.string.bytes, n->u.string.len); break;
  case N_BOOL: fputs(n->op ? " true" : " false", p->out); break;
  case N_BINARY: fprintf(p->out, " %s", operator_text(n->op)); break;
  case N_ASSIGN: fprintf(p->out, " %s=", operator_text(n->op)); break;
  case N_PRONG: fputs(n->count ? "" : " else", p->out); break;
  case N_PAYLOAD: fputs(n->name ? "" : " _", p->out); break;
  default: break;
  }
}

static void print_range(const Printer *p, SrcRange range)
{
  SrcPlace begin = src_place(p->sources, range.begin), end = src_place(p->sources, range.end);
  fprintf(p->out, " <%u:%u-%u:%u>", begin.line, begin.column, end.line, end.column);
}

static void print_node(const Node *n, const char *field, void *arg)
{
  Printer *p = arg;
  fprintf(p->out, "%*s", p->indent * 2, "");
  if (field[0])
    fprintf(p->out, "%s: ", field);
  fputs(node_names[n->kind], p->out);
  if (n->name)
    fprintf(p->out, " %s", names_text(p->names, n->name));
  print_value(p, n);
  for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++)
    if (n->flags & flag_names[i].flag)
      fprintf(p->out, " %s", flag_names[i].name);
  if (p->sources)
    print_range(p, n->range);
  fputc('\n', p->out);
  p->indent++;
  node_children(n, print_node, p);
  p->indent--;
}

void ast_print(const Ast *ast, const Names *names, const Sources *sources, bool positions,
               FILE *out)
{
  Printer p = {.names = names, .sources = positions ? sources : NULL, .out = out};
  print_node(ast->root, "", &p);
}
