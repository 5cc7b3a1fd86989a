# The fabric alone, in a small world of its own (fabric_world.h) in place of the rest of the emulator.
if HAVE_CHECK
fabric_world = tests/unit/fabric_world.c tests/unit/fabric_world.h emulator/fabric.c emulator/fabric_config.c \
  emulator/router.c emulator/switch.c emulator/filter.c
fabric_test_LIBS = libunit.a libtarget.a libsupport.a $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test_fabric
TESTS += tests/unit/test_fabric
tests_unit_test_fabric_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_fabric_SOURCES = tests/unit/test_fabric.c $(fabric_world)
tests_unit_test_fabric_LDADD = $(fabric_test_LIBS)

check_PROGRAMS += tests/unit/test_switch
TESTS += tests/unit/test_switch
tests_unit_test_switch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_switch_SOURCES = tests/unit/test_switch.c $(fabric_world)
tests_unit_test_switch_LDADD = $(fabric_test_LIBS)

check_PROGRAMS += tests/unit/test_filter
TESTS += tests/unit/test_filter
tests_unit_test_filter_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_filter_SOURCES = tests/unit/test_filter.c $(fabric_world)
tests_unit_test_filter_LDADD = $(fabric_test_LIBS)
endif
