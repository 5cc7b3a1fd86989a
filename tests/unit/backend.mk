if HAVE_CHECK
check_PROGRAMS += tests/unit/test_backend
TESTS += tests/unit/test_backend
tests_unit_test_backend_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_backend_SOURCES = tests/unit/test_backend.c
tests_unit_test_backend_LDADD = libunit.a libbackend.a libimage.a libir.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) \
  $(DW_LIBS) $(CHECK_LIBS) -ldl
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/test_backend_run
TESTS += tests/unit/test_backend_run
tests_unit_test_backend_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_backend_run_SOURCES = tests/unit/test_backend_run.c
tests_unit_test_backend_run_LDADD = libunit.a libbackend.a libemulator.a libimage.a libir.a libarith.a libtarget.a libsupport.a \
  $(XML_LIBS) $(JANSSON_LIBS) $(DW_LIBS) $(CHECK_LIBS) -ldl -lm
endif
