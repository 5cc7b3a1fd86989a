if HAVE_CHECK
check_PROGRAMS += tests/unit/test_parser
TESTS += tests/unit/test_parser
tests_unit_test_parser_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_parser_SOURCES = tests/unit/test_parser.c
tests_unit_test_parser_LDADD = libunit.a libparser.a liblexer.a libsupport.a $(CHECK_LIBS)
endif
