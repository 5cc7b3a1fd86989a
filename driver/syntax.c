// `weft syntax` and --emit=ast: parse files, all in one process, without looking at their meaning.
#include "driver/commands.h"
#include "driver/output.h"
#include "parser/ast.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <string.h>

// `out`: where the tree goes, or NULL.
static void parse_file(Session *s, const char *path, FILE *out)
{
  const SrcFile *file = src_open(&s->sources, path);
  if (!file) {
    DIAG_AT(&s->diags, cannot_read, (SrcRange){0}, path, strerror(errno));
    return;
  }
  uint32_t before = s->diags.errors;
  Ast *ast = ast_parse(file, s->names, &s->diags);
  if (out && s->diags.errors == before)
    ast_print(ast, s->names, &s->sources, s->opt.positions, out);
  ast_free(ast);
}

int command_syntax(Session *s)
{
  if (!arrlen(s->opt.files))
    return session_usage(s, "no input file");
  bool print = s->command == CMD_COMPILE && !s->opt.quiet;
  Output text = {0};
  if (print && !output_open(s, &text))
    return EXIT_PROGRAM_ERROR;
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++)
    parse_file(s, s->opt.files[i], text.out);
  if (print)
    output_close(s, &text, !s->diags.errors);
  return EXIT_OK; // or what the diagnostics make of it
}
