# Golden tests: `make check-golden`, part of `make check`. LIT_OPTIONS takes options of lit, e.g. --filter=syntax.
golden_interpreter = $(if $(PYTHON),$(PYTHON),python3)
check-golden: all
	@if test -f "$(LIT)"; then $(MKDIR_P) tests/golden && $(golden_interpreter) "$(LIT)" -s -v $(LIT_OPTIONS) \
	  -Dbin="$(abs_builddir)/bin" -Dtools="$(LLVM_TOOLS)" -Dwork="$(abs_builddir)/tests/golden" \
	  -Dpython="$(golden_interpreter)" "$(srcdir)/tests/golden"; \
	else echo "golden tests: lit is missing (llvm-19-tools)"; exit 1; fi
clean-golden:
	rm -rf tests/golden/*/Output tests/golden/.lit_test_times.txt
.PHONY: check-golden clean-golden
EXTRA_DIST += tests/golden tests/comptime
