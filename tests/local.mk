if HAVE_CHECK
# Unit tests: one program per room, written with Check. They are only built by `make check`.
# Each block names one room; keep a blank line and the room's name between blocks, so that merges stay readable.

if HAVE_CHECK # image
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
endif # image

if HAVE_CHECK # arith
check_PROGRAMS += test_arith
TESTS += test_arith
test_arith_SOURCES = tests/unit/test_arith.c
test_arith_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_arith_LDADD = libarith.a $(CHECK_LIBS)
endif # arith

if HAVE_CHECK # host
check_PROGRAMS += tests/unit/test_host
TESTS += tests/unit/test_host
tests_unit_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_host_SOURCES = tests/unit/test_host.c tests/unit/fake_emulator.c tests/unit/fake_emulator.h $(HOST_SOURCES)
tests_unit_test_host_LDADD = libimage.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif # host
