if HAVE_CHECK
check_PROGRAMS += tests/unit/test_timing
TESTS += tests/unit/test_timing
tests_unit_test_timing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_timing_SOURCES = tests/unit/test_timing.c tests/unit/emulator_world.c tests/unit/emulator_world.h
tests_unit_test_timing_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS) -lm
endif
