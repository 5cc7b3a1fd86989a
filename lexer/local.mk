# lexer: the flex scanner
noinst_LIBRARIES += liblexer.a
liblexer_a_SOURCES = lexer/lexer.h lexer/literal.c
nodist_liblexer_a_SOURCES = lexer/csl_scan.c
EXTRA_DIST += lexer/csl.l
CLEANFILES += lexer/csl_scan.c
lexer/csl_scan.c: lexer/csl.l
	$(AM_V_GEN)$(MKDIR_P) lexer && $(LEX) -o $@ $(srcdir)/lexer/csl.l
