# End-to-end tests: tests/run/*/case.json, see tests/run/run-tests.
check-run: all
	$(PYTHON) $(srcdir)/tests/run/run-tests --bin bin --work tests/run-work
clean-run:
	rm -rf tests/run-work
if HAVE_PYTHON
check-local: check-run
endif
clean-local: clean-run
.PHONY: check-run clean-run
EXTRA_DIST += tests/run
