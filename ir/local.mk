noinst_LIBRARIES += libir.a
libir_a_SOURCES = ir/tile.c ir/tile_build.c ir/fabric.c ir/tile.h ir/fabric.h ir/ops.def ir/setup.def
