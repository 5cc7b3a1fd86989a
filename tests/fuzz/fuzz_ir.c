// libFuzzer target: IR text of any bytes through parser, verifier and passes; what is accepted must
// print and parse back to itself. Built and run by tests/fuzz.mk.
#include "passes/passes.h"
#include "tests/unit/ir_text.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_equal(char *a, char *b)
{
  if (strcmp(a, b) != 0)
    abort();
  free(a);
  free(b);
}

static void check_tile(const TileModule *m, Sources *sources, Diags *diags)
{
  char *text = tile_text(m, sources);
  const SrcFile *file = src_add(sources, "printed.wir", text, strlen(text));
  TileModule **again = tir_parse(file, sources, diags);
  if (!again)
    abort();
  must_be_equal(text, tile_text(again[0], sources));
  tir_free(again[0]);
  arrfree(again);
}

static FabricModule *check_fabric(const SrcFile *file, Sources *sources, Diags *diags)
{
  FabricModule *f = fir_parse(file, sources, diags);
  if (!f)
    return NULL;
  char *text = fabric_text(f, sources);
  const SrcFile *printed = src_add(sources, "printed.wir", text, strlen(text));
  FabricModule *again = fir_parse(printed, sources, diags);
  if (!again)
    abort();
  must_be_equal(text, fabric_text(again, sources));
  fir_free(again);
  return f;
}

static void check_all(const SrcFile *file, Sources *sources, Diags *diags, FILE *sink)
{
  FabricModule *f = check_fabric(file, sources, diags);
  TileModule **tiles = tir_parse(file, sources, diags);
  for (ptrdiff_t i = 0; i < arrlen(tiles); i++)
    check_tile(tiles[i], sources, diags);
  if (f && tiles && fir_attach(f, tiles, diags))
    passes_run(f, sources, diags, NULL, sink, NULL, NULL);
  for (ptrdiff_t i = 0; !f && i < arrlen(tiles); i++)
    tir_free(tiles[i]);
  arrfree(tiles);
  fir_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static FILE *sink;
  if (!sink)
    sink = fopen("/dev/null", "w");
  Sources sources = {0};
  Diags diags = {.sources = &sources};
  const SrcFile *file = src_add(&sources, "fuzz.wir", (const char *)data, size);
  if (file)
    check_all(file, &sources, &diags, sink);
  diag_print(&diags, sink);
  diag_free(&diags);
  src_free(&sources);
  return 0;
}
