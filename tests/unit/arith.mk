if HAVE_CHECK
check_PROGRAMS += tests/unit/test_arith
TESTS += tests/unit/test_arith
tests_unit_test_arith_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_arith_SOURCES = tests/unit/test_arith.c 
tests_unit_test_arith_LDADD = libunit.a libarith.a -lm $(CHECK_LIBS)
endif
