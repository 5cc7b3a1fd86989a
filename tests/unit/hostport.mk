if HAVE_CHECK
check_PROGRAMS += tests/unit/test_hostport
TESTS += tests/unit/test_hostport
tests_unit_test_hostport_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_hostport_SOURCES = tests/unit/test_hostport.c
tests_unit_test_hostport_LDADD = libunit.a libemulator.a libimage.a libarith.a libtarget.a libsupport.a \
  $(XML_LIBS) $(JANSSON_LIBS) -lm $(CHECK_LIBS)
endif
