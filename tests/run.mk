# End-to-end tests: tests/run/*/case.json, see tests/run/run-tests. RUN_OPTIONS takes its options, e.g. --only=copies.
check-run: all
	@if test -n "$(PYTHON)"; then $(PYTHON) $(srcdir)/tests/run/run-tests --bin bin --work tests/run-work $(RUN_OPTIONS); \
	else echo "end-to-end tests: skipped, configured without Python"; fi
clean-run:
	rm -rf tests/run-work
.PHONY: check-run clean-run
EXTRA_DIST += tests/run tests/mutations tests/common.sh demo check .ci/run
