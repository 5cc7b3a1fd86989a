# What `make check` runs, a makefile per kind of test.
include tests/unit.mk
include tests/golden.mk
include tests/run.mk
include tests/differential.mk
include tests/fuzz.mk

check-local: check-golden check-run check-differential
clean-local: clean-golden clean-run
