// See ir_text.h.
#include "tests/unit/ir_text.h"
#include "support/text_out.h"

char *tile_text(const TileModule *m, const Sources *sources)
{
  TextOut text;
  tir_print(m, sources, text_out_open(&text));
  return text_out_close(&text);
}

char *fabric_text(const FabricModule *f, const Sources *sources)
{
  TextOut text;
  fir_print(f, sources, text_out_open(&text));
  return text_out_close(&text);
}
