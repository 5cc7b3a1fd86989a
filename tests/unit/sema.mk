if HAVE_CHECK
check_PROGRAMS += tests/unit/test_sema
TESTS += tests/unit/test_sema
tests_unit_test_sema_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_sema_SOURCES = tests/unit/test_sema.c
  tests_unit_test_sema_LDADD = libunit.a libsema.a libparser.a liblexer.a libir.a libtarget.a libarith.a \
  libsupport.a $(CHECK_LIBS) $(JANSSON_LIBS) $(GMP_LIBS) -lm
endif
