# The shared library and the Python extension.
weft_PROGRAMS += lib/weft/libweft.so
lib_weft_libweft_so_SOURCES = $(HOST_SOURCES)
# Only what weft.h declares is visible.
lib_weft_libweft_so_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden
lib_weft_libweft_so_LDFLAGS = $(AM_LDFLAGS) -shared -Wl,-soname,libweft.so -Wl,--exclude-libs,ALL -Wl,--no-undefined
lib_weft_libweft_so_LDADD = libemulator.a libimage.a libarith.a libtarget.a libsupport.a \
  $(XML_LIBS) $(JANSSON_LIBS) -lm -lpthread

if HAVE_PYTHON
pyextdir = $(weftdir)/python
pyext_PROGRAMS = lib/weft/python/_weft.abi3.so
lib_weft_python__weft_abi3_so_SOURCES = host/python/_weft.c
lib_weft_python__weft_abi3_so_CPPFLAGS = $(AM_CPPFLAGS) $(PYTHON_CPPFLAGS)
lib_weft_python__weft_abi3_so_LDFLAGS = $(AM_LDFLAGS) -shared -Wl,-rpath,'$$ORIGIN/..' -Wl,-z,origin
lib_weft_python__weft_abi3_so_LDADD = lib/weft/libweft.so
endif
