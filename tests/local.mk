# Unit tests: one program per room, written with Check. They are only built by `make check`.
# Each block names one room; keep a blank line and the room's name between blocks, so that merges stay readable.

if HAVE_CHECK # image
check_PROGRAMS += tests/unit/test_image
TESTS += tests/unit/test_image
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_image_SOURCES = tests/unit/test_image.c
tests_unit_test_image_LDADD = libimage.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
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

if HAVE_CHECK # parser
check_PROGRAMS += tests/unit/test_parser
TESTS += tests/unit/test_parser
tests_unit_test_parser_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_parser_SOURCES = tests/unit/test_parser.c
tests_unit_test_parser_LDADD = libparser.a liblexer.a libsupport.a $(CHECK_LIBS)
endif # parser
# Unit tests: one program per room, written with Check, each in a fragment of its own. They are built by `make check`.
include tests/unit/arith.mk
include tests/unit/fabric.mk
include tests/unit/host.mk
include tests/unit/image.mk
include tests/unit/ir.mk
