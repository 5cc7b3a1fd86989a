# Unit tests: programs written with Check, a fragment per room. libunit.a holds what they share: main, worlds of the emulator.
if HAVE_CHECK
check_LIBRARIES = libunit.a
libunit_a_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
libunit_a_SOURCES = tests/unit/suite.c tests/unit/suite.h tests/unit/emulator_world.c tests/unit/emulator_world.h \
  tests/unit/ir_text.c tests/unit/ir_text.h
endif
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
include tests/unit/support.mk

# `make check-programs` builds them, `make check-unit` runs them alone. They are built when everything else is, in a make of
# their own: two that build the same archive at once would spoil it.
check-programs: all
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)
check-unit: check-programs
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS
.PHONY: check-programs check-unit
