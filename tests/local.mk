if HAVE_CHECK
check_PROGRAMS += test_arith
TESTS += test_arith
test_arith_SOURCES = tests/unit/test_arith.c
test_arith_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_arith_LDADD = libarith.a $(CHECK_LIBS)
endif
