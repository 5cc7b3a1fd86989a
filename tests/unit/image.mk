if HAVE_CHECK
check_PROGRAMS += tests/unit/test_image
TESTS += tests/unit/test_image
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_image_SOURCES = tests/unit/test_image.c 
tests_unit_test_image_LDADD = libunit.a libimage.a libtarget.a libsupport.a $(XML_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif
