noinst_LIBRARIES += libir.a
libir_a_SOURCES = ir/tile.c ir/tile_build.c ir/tile.h ir/ops.def \
  ir/form.c ir/form.h ir/forms.def ir/text.c ir/text_place.c ir/text.h \
  ir/tile_print.c ir/tile_parse.c ir/inst_parse.c ir/parse.h ir/tile_verify.c ir/dominance.c \
  ir/fabric.c ir/fabric_print.c ir/fabric_parse.c ir/fabric_verify.c ir/fabric.h
EXTRA_DIST += docs/tile-ir.md docs/fabric-ir.md docs/ir-tables.py
