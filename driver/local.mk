# driver: the programs weft and cslc
noinst_LIBRARIES += libdriver.a
libdriver_a_SOURCES = driver/options.c driver/options.h driver/options.def driver/session.c driver/session.h \
  driver/paths.c driver/paths.h driver/commands.h driver/syntax.c driver/pipeline.c driver/program.c driver/program.h \
  driver/frontend.c driver/frontend.h driver/passes.c driver/passes.h driver/emit.c driver/emit.h \
  driver/metadata.c driver/metadata.h driver/objdump.c driver/timing.c driver/explain.c \
  driver/streams.c driver/streams.h driver/output.c driver/output.h
weft_libraries = libdriver.a libsema.a libbackend.a libpasses.a libir.a libimage.a libparser.a liblexer.a \
  libtarget.a libarith.a libsupport.a
bin_PROGRAMS += bin/weft bin/cslc
bin_SCRIPTS += bin/cs_python
# `weft run` starts libweft; it is the only command that needs it, so it is a part of its own.
bin_weft_SOURCES = driver/weft.c driver/run.c driver/stats.c
bin_weft_LDFLAGS = $(AM_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/weft' -Wl,-z,origin
bin_weft_LDADD = lib/weft/libweft.so $(weft_libraries) $(XML_LIBS) $(JANSSON_LIBS) $(DW_LIBS) $(GMP_LIBS) -lm -ldl
bin_cslc_SOURCES = driver/cslc.c
bin_cslc_LDADD = $(weft_libraries) $(XML_LIBS) $(JANSSON_LIBS) $(DW_LIBS) $(GMP_LIBS) -lm -ldl
dist_man_MANS = docs/weft.1 docs/cslc.1
  EXTRA_DIST += docs/cli.md docs/trace.md docs/diagnostics.md docs/diagnostics.py
