noinst_LIBRARIES += libsupport.a
libsupport_a_SOURCES = support/arena.c support/arena.h support/source.c support/source.h \
  support/diag.c support/diag.h support/diag.def support/diag_help.def support/intern.c support/intern.h \
  support/json_text.c support/json_text.h support/text_out.c support/text_out.h support/stb.c support/out_file.c \
  support/out_file.h support/memory.c support/memory.h support/c_locale.c support/c_locale.h support/suggest.c \
  support/suggest.h
