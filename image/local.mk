noinst_LIBRARIES += libimage.a
libimage_a_SOURCES = image/image.c image/image.h image/bytes.c image/bytes.h image/elf.h image/elf_write.c \
  image/elf_read.c image/lines.c image/tiles.c image/manifest_write.c image/manifest_read.c image/json.c \
  image/file.c image/write.c image/publish.c image/read.c image/validate.c image/internal.h
nodist_libimage_a_SOURCES = image/weft-image-xsd.h

# The schema travels inside the library, so that nothing must be found at run time.
image/weft-image-xsd.h: $(srcdir)/image/weft-image.xsd
	@$(MKDIR_P) image
	$(AM_V_GEN)sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $(srcdir)/image/weft-image.xsd > $@.tmp && mv $@.tmp $@
image/manifest_read.$(OBJEXT): image/weft-image-xsd.h
BUILT_SOURCES += image/weft-image-xsd.h
CLEANFILES += image/weft-image-xsd.h
dist_weft_DATA = image/weft-image.xsd
