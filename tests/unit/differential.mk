if HAVE_CHECK
check_PROGRAMS += tests/unit/test_differential
TESTS += tests/unit/test_differential
tests_unit_test_differential_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -O2
tests_unit_test_differential_SOURCES = tests/unit/test_differential.c tests/unit/soft_float.c tests/unit/soft_float.h
tests_unit_test_differential_LDADD = libunit.a libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS) -lm
endif
