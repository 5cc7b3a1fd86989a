# End-to-end tests: tests/run/*/case.json, see tests/run/run-tests. RUN_OPTIONS takes its options, e.g. --only=copies.
check-run: all
	@if test -n "$(PYTHON)"; then $(PYTHON) $(srcdir)/tests/run/run-tests --bin bin --work tests/run-work $(RUN_OPTIONS); \
	else echo "end-to-end tests: skipped, configured without Python"; fi
clean-run:
	rm -rf tests/run-work
.PHONY: check-run clean-run
EXTRA_DIST += tests/run tests/mutations tests/common.sh demo .ci/run
# `check` is not in EXTRA_DIST: what is named there is made first, and `make check` runs all tests. What tests have left in the
# folders that are packed stays behind.
dist-hook:
	cp -p $(srcdir)/check $(distdir)/check
	rm -rf $(distdir)/tests/golden/.lit_test_times.txt
	find $(distdir)/tests/golden '(' -name sim.log -o -name sim_stats.json ')' -exec rm {} +
	find $(distdir) '(' -name __pycache__ -o -name Output ')' -type d -prune -exec chmod -R u+w {} + -exec rm -rf {} +
