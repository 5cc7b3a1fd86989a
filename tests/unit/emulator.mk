# The emulator, by its parts: programs that a small world runs (emulator_world.h).
if HAVE_CHECK
emulator_test_LIBS = libunit.a libemulator.a libimage.a libarith.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) \
  $(CHECK_LIBS) -lm

check_PROGRAMS += tests/unit/test_core
TESTS += tests/unit/test_core
tests_unit_test_core_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_core_SOURCES = tests/unit/test_core.c tests/unit/rv32_cases.def
tests_unit_test_core_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_tasks
TESTS += tests/unit/test_tasks
tests_unit_test_tasks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_tasks_SOURCES = tests/unit/test_tasks.c
tests_unit_test_tasks_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_dsd_memory
TESTS += tests/unit/test_dsd_memory
tests_unit_test_dsd_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_dsd_memory_SOURCES = tests/unit/test_dsd_memory.c
tests_unit_test_dsd_memory_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_dsd_fabric
TESTS += tests/unit/test_dsd_fabric
tests_unit_test_dsd_fabric_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_dsd_fabric_SOURCES = tests/unit/test_dsd_fabric.c
tests_unit_test_dsd_fabric_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config
tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_events_SOURCES = tests/unit/test_events.c
tests_unit_test_events_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_exceptions
TESTS += tests/unit/test_exceptions
tests_unit_test_exceptions_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_exceptions_SOURCES = tests/unit/test_exceptions.c
tests_unit_test_exceptions_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_checkpoint
TESTS += tests/unit/test_checkpoint
tests_unit_test_checkpoint_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_checkpoint_SOURCES = tests/unit/test_checkpoint.c
tests_unit_test_checkpoint_LDADD = $(emulator_test_LIBS)

check_PROGRAMS += tests/unit/test_timing
TESTS += tests/unit/test_timing
tests_unit_test_timing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_timing_SOURCES = tests/unit/test_timing.c
tests_unit_test_timing_LDADD = $(emulator_test_LIBS)
endif
