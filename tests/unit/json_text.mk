if HAVE_CHECK
check_PROGRAMS += tests/unit/test_json_text
TESTS += tests/unit/test_json_text
tests_unit_test_json_text_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_json_text_SOURCES = tests/unit/test_json_text.c
tests_unit_test_json_text_LDADD = libunit.a libsupport.a $(JANSSON_LIBS) $(CHECK_LIBS)
endif
