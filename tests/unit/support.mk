if HAVE_CHECK
check_PROGRAMS += tests/unit/test_out_file tests/unit/test_suggest
TESTS += tests/unit/test_out_file tests/unit/test_suggest
tests_unit_test_out_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_out_file_SOURCES = tests/unit/test_out_file.c
tests_unit_test_out_file_LDADD = libunit.a libsupport.a $(CHECK_LIBS)
tests_unit_test_suggest_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_suggest_SOURCES = tests/unit/test_suggest.c
tests_unit_test_suggest_LDADD = libunit.a libsupport.a $(CHECK_LIBS)
endif
