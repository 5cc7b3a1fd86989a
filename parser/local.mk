# parser: the bison grammar and the syntax tree
noinst_LIBRARIES += libparser.a
libparser_a_SOURCES = parser/ast.h parser/ast.def parser/ast_build.c parser/ast_build.h parser/ast_print.c \
  parser/features.c parser/parse.c parser/parser.h parser/recover.c parser/syntax_error.c \
  parser/syntax_notes.c parser/syntax_notes.def
nodist_libparser_a_SOURCES = parser/csl_parse.c parser/csl_parse.h
EXTRA_DIST += parser/csl.y
BUILT_SOURCES += parser/csl_parse.h
CLEANFILES += parser/csl_parse.c parser/csl_parse.h
parser/csl_parse.c: parser/csl.y
	$(AM_V_GEN)$(MKDIR_P) parser && $(BISON) -Wall -Werror -o $@ --defines=parser/csl_parse.h $(srcdir)/parser/csl.y
parser/csl_parse.h: parser/csl_parse.c
