# What `make check` runs: unit tests, golden tests, end-to-end tests.
include tests/unit.mk
include tests/golden.mk
include tests/run.mk
include tests/fuzz.mk

check-local: check-golden check-run
clean-local: clean-golden clean-run
