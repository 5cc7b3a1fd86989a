if HAVE_CHECK
check_PROGRAMS += tests/unit/test_host
TESTS += tests/unit/test_host
tests_unit_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_host_SOURCES = tests/unit/test_host.c tests/unit/fake_emulator.c tests/unit/fake_emulator.h $(HOST_SOURCES)
tests_unit_test_host_LDADD = libunit.a libimage.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif
