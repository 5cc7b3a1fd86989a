# The CSL library: found in lib/weft/csl, in the build folder through a symbolic link.
STDLIB = complex.csl control.csl debug.csl directions.csl dsd_ops.csl empty.csl layout.csl malloc.csl math.csl \
  collectives_2d/params.csl collectives_2d/pe.csl kernels/fft/fft3d.csl kernels/fft/fft3d_layout.csl \
  kernels/tally/layout.csl kernels/tally/pe.csl memcpy/get_params.csl memcpy/memcpy.csl \
  memcpy/memcpy_switches.csl random.csl simprint.csl tile_config.csl tile_config/color_config.csl \
  tile_config/control_transform.csl tile_config/exceptions.csl tile_config/filters.csl \
  tile_config/input_queue_config.csl tile_config/main_thread_priority.csl tile_config/output_queue_config.csl \
  tile_config/queue_flush.csl tile_config/queue_status.csl tile_config/registers.csl \
  tile_config/switch_config.csl tile_config/task_priority.csl tile_config/teardown.csl time.csl timer.csl \
  weft/clock.csl
EXTRA_DIST += $(STDLIB:%=stdlib/%) stdlib/README.md

install-stdlib:
	for f in $(STDLIB); do \
	  $(MKDIR_P) "$(DESTDIR)$(weftdir)/csl/$$(dirname $$f)" && \
	  $(INSTALL_DATA) "$(srcdir)/stdlib/$$f" "$(DESTDIR)$(weftdir)/csl/$$f" || exit 1; done
uninstall-stdlib:
	for f in $(STDLIB); do rm -f "$(DESTDIR)$(weftdir)/csl/$$f"; done
.PHONY: install-stdlib uninstall-stdlib
