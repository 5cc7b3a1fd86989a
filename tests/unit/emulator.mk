if HAVE_CHECK
check_PROGRAMS += tests/unit/test_emulator
TESTS += tests/unit/test_emulator
tests_unit_test_emulator_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_emulator_SOURCES = tests/unit/test_emulator.c tests/unit/emulator_world.c \
  tests/unit/emulator_world.h tests/unit/rv32_cases.def
tests_unit_test_emulator_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config
tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/emulator_world.c tests/unit/emulator_world.h
tests_unit_test_config_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_events_SOURCES = tests/unit/test_events.c tests/unit/emulator_world.c tests/unit/emulator_world.h
tests_unit_test_events_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test_exceptions
TESTS += tests/unit/test_exceptions
tests_unit_test_exceptions_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_exceptions_SOURCES = tests/unit/test_exceptions.c tests/unit/emulator_world.c \
  tests/unit/emulator_world.h
tests_unit_test_exceptions_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) \
  $(JANSSON_LIBS) $(CHECK_LIBS)
endif
