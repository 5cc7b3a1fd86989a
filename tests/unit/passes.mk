if HAVE_CHECK
check_PROGRAMS += tests/unit/test_passes
TESTS += tests/unit/test_passes
tests_unit_test_passes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_passes_LDADD = libunit.a libpasses.a libir.a libtarget.a libsupport.a $(CHECK_LIBS)
endif
