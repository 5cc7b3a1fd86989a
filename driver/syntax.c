// `weft syntax` and --emit=ast: parse files, all in one process, without looking at their meaning.
#include "driver/commands.h"
#include "parser/ast.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <string.h>

static void parse_file(Session *s, const char *path, bool print)
{
  const SrcFile *file = src_open(&s->sources, path);
  if (!file) {
    DIAG_AT(&s->diags, cannot_read, (SrcRange){0}, path, strerror(errno));
    return;
  }
  uint32_t before = s->diags.errors;
  Ast *ast = ast_parse(file, s->names, &s->diags);
  if (print && s->diags.errors == before)
    ast_print(ast, s->names, &s->sources, s->opt.positions, stdout);
  ast_free(ast);
}

int command_syntax(Session *s)
{
  if (!arrlen(s->opt.files))
    return session_usage(s, "no input file");
  bool print = s->command == CMD_COMPILE && !s->opt.quiet;
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++)
    parse_file(s, s->opt.files[i], print);
  return EXIT_OK;
}
