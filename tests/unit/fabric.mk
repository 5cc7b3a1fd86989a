if HAVE_CHECK
check_PROGRAMS += tests/unit/test_fabric
TESTS += tests/unit/test_fabric
tests_unit_test_fabric_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_fabric_SOURCES = tests/unit/test_fabric.c emulator/fabric.c \
  emulator/fabric_config.c emulator/router.c emulator/switch.c emulator/filter.c
tests_unit_test_fabric_LDADD = libunit.a libtarget.a libsupport.a $(CHECK_LIBS)
endif
