# `make check-unit`: the programs written with Check alone.
check-unit: all $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS
.PHONY: check-unit
