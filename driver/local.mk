# driver: the programs weft and cslc
noinst_LIBRARIES += libdriver.a
libdriver_a_SOURCES = driver/options.c driver/options.h driver/options.def driver/session.c driver/session.h \
  driver/paths.c driver/paths.h driver/commands.h driver/syntax.c driver/pipeline.c
bin_PROGRAMS += bin/weft
bin_weft_SOURCES = driver/weft.c
bin_weft_LDADD = libdriver.a libparser.a liblexer.a libsupport.a
dist_man_MANS = docs/weft.1 docs/cslc.1
EXTRA_DIST += docs/cli.md
