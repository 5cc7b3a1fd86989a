# The CSL library: found in lib/weft/csl, in the build folder through a symbolic link.
STDLIB = complex.csl control.csl directions.csl dsd_ops.csl empty.csl layout.csl malloc.csl math.csl \
  memcpy/get_params.csl memcpy/memcpy.csl memcpy/memcpy_switches.csl random.csl simprint.csl time.csl \
  timer.csl weft/clock.csl
EXTRA_DIST += $(STDLIB:%=stdlib/%) stdlib/README.md

install-stdlib:
	for f in $(STDLIB); do \
	  $(MKDIR_P) "$(DESTDIR)$(weftdir)/csl/$$(dirname $$f)" && \
	  $(INSTALL_DATA) "$(srcdir)/stdlib/$$f" "$(DESTDIR)$(weftdir)/csl/$$f" || exit 1; done
uninstall-stdlib:
	for f in $(STDLIB); do rm -f "$(DESTDIR)$(weftdir)/csl/$$f"; done
.PHONY: install-stdlib uninstall-stdlib
