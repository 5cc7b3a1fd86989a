# libweft and the Python package on top of it.
HOST_SOURCES = host/weft.h host/internal.h host/life.c host/settings.c host/stats.c host/checkpoint.c host/task.c host/transfer.c host/launch.c host/inspect.c
include_HEADERS = host/weft.h

host_modules = cerebras/__init__.py cerebras/geometry/__init__.py cerebras/geometry/geometry.py \
  cerebras/sdk/__init__.py cerebras/sdk/sdk_utils.py cerebras/sdk/debug/__init__.py cerebras/sdk/debug/_trace.py \
  cerebras/sdk/debug/debug_util.py cerebras/sdk/debug/_symbols.py \
  cerebras/sdk/runtime/__init__.py cerebras/sdk/runtime/_registry.py cerebras/sdk/runtime/_types.py \
  cerebras/sdk/runtime/sdkruntimepybind.py cerebras/sdk/runtime/runtime_utils.py \
  cerebras/sdk/client.py cerebras/elf/__init__.py cerebras/appliance/__init__.py
EXTRA_DIST += $(host_modules:%=host/python/%) host/python/_weft.c


install-host-python:
	for f in $(host_modules); do \
	  $(MKDIR_P) "$(DESTDIR)$(weftdir)/python/$$(dirname $$f)" && \
	  $(INSTALL_DATA) "$(srcdir)/host/python/$$f" "$(DESTDIR)$(weftdir)/python/$$f" || exit 1; done
uninstall-host-python:
	for f in $(host_modules); do rm -f "$(DESTDIR)$(weftdir)/python/$$f"; done
.PHONY: install-host-python uninstall-host-python

# The shared library and the Python extension.
weft_PROGRAMS += lib/weft/libweft.so
lib_weft_libweft_so_SOURCES = $(HOST_SOURCES)
# Only what weft.h declares is visible.
lib_weft_libweft_so_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden
lib_weft_libweft_so_LDFLAGS = $(AM_LDFLAGS) -shared -Wl,-soname,libweft.so -Wl,--exclude-libs,ALL
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
