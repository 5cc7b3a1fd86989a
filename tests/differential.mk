# Random programs, the same ones every time: tests/differential/differential. DIFFERENTIAL_OPTIONS takes its options, e.g.
# --first=100 --count=50.
check-differential: all
	@if test -n "$(PYTHON)"; then $(PYTHON) $(srcdir)/tests/differential/differential --bin bin --count 4 $(DIFFERENTIAL_OPTIONS); \
	else echo "differential tests: skipped, configured without Python"; fi
.PHONY: check-differential
EXTRA_DIST += tests/mistakes/mistakes tests/mistakes/programs.py tests/mistakes/source.py tests/mistakes/verdict.py \
	tests/mistakes/kinds.py tests/mistakes/kinds_text.py tests/mistakes/kinds_host.py
EXTRA_DIST += tests/differential/differential tests/differential/generate.py tests/differential/host.py \
	tests/differential/language.py tests/differential/functions.py tests/differential/expressions.py tests/differential/values.py tests/differential/generics.py
