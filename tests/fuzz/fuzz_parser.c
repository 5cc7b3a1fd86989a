// libFuzzer target: scanner, parser and tree printer on any bytes. Built and run by tests/fuzz.mk.
#include "parser/ast.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Every node lies inside the file, and children inside the walkers' depth: printing visits all of
// them.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static FILE *sink;
  if (!sink)
    sink = fopen("/dev/null", "w");
  Sources sources = {0};
  Diags diags = {.sources = &sources};
  Names *names = names_new();
  const SrcFile *file = src_add(&sources, "fuzz.csl", (const char *)data, size);
  if (file) {
    Ast *ast = ast_parse(file, names, &diags);
    ast_print(ast, names, &sources, true, sink);
    diag_print(&diags, sink);
    ast_free(ast);
  }
  diag_free(&diags);
  names_free(names);
  src_free(&sources);
  return 0;
}
