# Fuzzing, by hand: `make fuzz FUZZ_SECONDS=600`. Each target is built from its sources with libFuzzer, ASan and UBSan;
# the corpus of a target starts from the golden tests and grows in tests/fuzz/corpus-TARGET of the build folder.
FUZZ_CC = clang-19
FUZZ_SECONDS = 60
fuzz_flags = -std=gnu17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  -I$(top_srcdir) -I$(top_builddir)
fuzz_support = $(filter %.c,$(libsupport_a_SOURCES))
fuzz_parser_sources = tests/fuzz/fuzz_parser.c $(filter %.c,$(liblexer_a_SOURCES) $(libparser_a_SOURCES)) $(fuzz_support)

tests/fuzz/fuzz_parser: $(fuzz_parser_sources) lexer/csl_scan.c parser/csl_parse.c
	$(AM_V_CC)$(MKDIR_P) tests/fuzz && $(FUZZ_CC) $(fuzz_flags) -o $@ $(addprefix $(top_srcdir)/,$(fuzz_parser_sources)) \
	  lexer/csl_scan.c parser/csl_parse.c
fuzz-parser: tests/fuzz/fuzz_parser
	$(MKDIR_P) tests/fuzz/corpus-parser
	tests/fuzz/fuzz_parser -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=5 -dict=$(top_srcdir)/tests/fuzz/csl.dict \
	  -artifact_prefix=tests/fuzz/ tests/fuzz/corpus-parser $(top_srcdir)/tests/golden/syntax

fuzz_ir_sources = tests/fuzz/fuzz_ir.c tests/unit/ir_text.c $(filter %.c,$(libir_a_SOURCES) $(libpasses_a_SOURCES) $(libtarget_a_SOURCES)) \
  $(fuzz_support)
tests/fuzz/fuzz_ir: $(fuzz_ir_sources)
	$(AM_V_CC)$(MKDIR_P) tests/fuzz && $(FUZZ_CC) $(fuzz_flags) -o $@ $(addprefix $(top_srcdir)/,$(fuzz_ir_sources))
fuzz-ir: tests/fuzz/fuzz_ir
	$(MKDIR_P) tests/fuzz/corpus-ir
	tests/fuzz/fuzz_ir -max_total_time=$(FUZZ_SECONDS) -max_len=6000 -timeout=5 -artifact_prefix=tests/fuzz/ \
	  tests/fuzz/corpus-ir $(top_srcdir)/tests/golden/ir $(top_srcdir)/tests/golden/passes

fuzz_sema_sources = tests/fuzz/fuzz_sema.c $(filter %.c,$(liblexer_a_SOURCES) $(libparser_a_SOURCES)) \
  $(filter %.c,$(libsema_a_SOURCES) $(libir_a_SOURCES) $(libpasses_a_SOURCES) $(libtarget_a_SOURCES) $(libarith_a_SOURCES)) \
  $(fuzz_support)
tests/fuzz/fuzz_sema: $(fuzz_sema_sources) lexer/csl_scan.c parser/csl_parse.c
	$(AM_V_CC)$(MKDIR_P) tests/fuzz && $(FUZZ_CC) $(fuzz_flags) -o $@ $(addprefix $(top_srcdir)/,$(fuzz_sema_sources)) \
	  lexer/csl_scan.c parser/csl_parse.c $(JANSSON_LIBS) $(GMP_LIBS) -lm -lpthread
fuzz-sema: tests/fuzz/fuzz_sema
	$(PYTHON) $(top_srcdir)/tests/fuzz/seeds tests/fuzz/seeds-sema $(addprefix $(top_srcdir)/,tests/golden examples stdlib)
	$(MKDIR_P) tests/fuzz/corpus-sema
	WEFT_FUZZ_LIBRARY=$(top_srcdir)/stdlib tests/fuzz/fuzz_sema -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=10 \
	  -dict=$(top_srcdir)/tests/fuzz/csl.dict -artifact_prefix=tests/fuzz/ tests/fuzz/corpus-sema tests/fuzz/seeds-sema

fuzz: fuzz-parser fuzz-sema fuzz-ir
.PHONY: fuzz fuzz-parser fuzz-sema fuzz-ir
EXTRA_DIST += tests/fuzz/fuzz_parser.c tests/fuzz/fuzz_sema.c tests/fuzz/fuzz_ir.c tests/fuzz/csl.dict tests/fuzz/seeds
CLEANFILES += tests/fuzz/fuzz_parser tests/fuzz/fuzz_sema tests/fuzz/fuzz_ir
