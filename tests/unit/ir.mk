if HAVE_CHECK
check_PROGRAMS += tests/unit/test_ir
TESTS += tests/unit/test_ir
tests_unit_test_ir_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_ir_LDADD = libunit.a libir.a libtarget.a libsupport.a $(CHECK_LIBS)
endif
