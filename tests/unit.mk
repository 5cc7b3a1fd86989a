# Unit tests: one program per room, written with Check, each in a fragment of its own.
include tests/unit/arith.mk
include tests/unit/backend.mk
include tests/unit/differential.mk
include tests/unit/emulator.mk
include tests/unit/fabric.mk
include tests/unit/host.mk
include tests/unit/hostport.mk
include tests/unit/image.mk
include tests/unit/ir.mk
include tests/unit/json_text.mk
include tests/unit/parser.mk
include tests/unit/passes.mk
include tests/unit/sema.mk
include tests/unit/timing.mk

# `make check-programs` builds them, `make check-unit` runs them alone.
check-programs: all $(check_PROGRAMS)
check-unit: check-programs
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS
.PHONY: check-programs check-unit
