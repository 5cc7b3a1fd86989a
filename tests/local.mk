if HAVE_CHECK
check_PROGRAMS += tests/unit/test_image
TESTS += tests/unit/test_image
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_image_SOURCES = tests/unit/test_image.c
tests_unit_test_image_LDADD = libimage.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/test_arith tests/unit/test_fabric
TESTS += tests/unit/test_arith tests/unit/test_fabric
tests_unit_test_arith_SOURCES = tests/unit/test_arith.c
tests_unit_test_arith_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_arith_LDADD = libarith.a $(CHECK_LIBS)
tests_unit_test_fabric_SOURCES = tests/unit/test_fabric.c emulator/fabric.c emulator/router.c emulator/switch.c emulator/filter.c
tests_unit_test_fabric_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_fabric_LDADD = libtarget.a libsupport.a $(CHECK_LIBS)
endif
