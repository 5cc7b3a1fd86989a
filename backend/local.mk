noinst_LIBRARIES += libbackend.a
libbackend_a_SOURCES = backend/backend.h backend/names.h backend/load.c backend/load.h backend/llvm/entry.h \
  backend/linker.h backend/link.c backend/reloc.c backend/contents.c backend/stack.c backend/lines.c backend/build.c \
  backend/objdump.c backend/objdump_tables.c
libbackend_a_CPPFLAGS = $(AM_CPPFLAGS) $(DW_CFLAGS)

# LLVM sits in a library of its own, loaded when the first tile program is compiled.
weft_PROGRAMS += lib/weft/weft-llvm.so
lib_weft_weft_llvm_so_SOURCES = backend/llvm/codegen.c backend/llvm/types.c backend/llvm/func.c backend/llvm/ops.c \
  backend/llvm/float.c backend/llvm/wide.c backend/llvm/dsd.c backend/llvm/machine.c backend/llvm/wrap.c backend/llvm/debug.c \
  backend/llvm/runtime.c backend/llvm/disasm.c backend/llvm/gen.h
nodist_lib_weft_weft_llvm_so_SOURCES = backend/llvm/runtime-ll.h
lib_weft_weft_llvm_so_CPPFLAGS = $(AM_CPPFLAGS) $(LLVM_CPPFLAGS)
lib_weft_weft_llvm_so_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden
lib_weft_weft_llvm_so_LDFLAGS = $(AM_LDFLAGS) -shared -Wl,--exclude-libs,ALL -Wl,-z,defs
lib_weft_weft_llvm_so_LDADD = libir.a libtarget.a libsupport.a $(LLVM_LIBS)

backend/llvm/runtime-ll.h: $(srcdir)/backend/llvm/runtime.ll
	@$(MKDIR_P) backend/llvm
	$(AM_V_GEN)sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $(srcdir)/backend/llvm/runtime.ll > $@.tmp && mv $@.tmp $@
backend/llvm/lib_weft_weft_llvm_so-runtime.$(OBJEXT): backend/llvm/runtime-ll.h
BUILT_SOURCES += backend/llvm/runtime-ll.h
CLEANFILES += backend/llvm/runtime-ll.h
EXTRA_DIST += backend/llvm/runtime.ll
