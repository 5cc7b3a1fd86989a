noinst_LIBRARIES += libemulator.a
libemulator_a_SOURCES = emulator/emulator.h emulator/internal.h
# core, tasks, DSD engine, scheduler
libemulator_a_SOURCES += emulator/emu.c emulator/fault.c emulator/setup.c emulator/sched.c emulator/decode.c emulator/rv32.h \
  emulator/rv32.def emulator/interp.c emulator/sys.c emulator/config.c emulator/exceptions.c emulator/task.c emulator/queue.c emulator/operand.c \
  emulator/dsd.c emulator/dsd_kernels.c emulator/dsd_native.c emulator/thread.c
# fabric, host port, log, reports
libemulator_a_SOURCES += emulator/fabric.c emulator/fabric_config.c emulator/router.c emulator/router.h emulator/switch.c \
  emulator/filter.c emulator/hostport.c emulator/hostport.h emulator/stream.c emulator/log.c emulator/float_text.c emulator/trace.c emulator/trace.h emulator/trace_text.c emulator/trace_file.c emulator/causes.c emulator/checkpoint.c emulator/checkpoint.h \
  emulator/checkpoint_host.c emulator/checkpoint_check.c \
  emulator/report.c \
  emulator/report.h emulator/report_print.c emulator/blame.c emulator/undone.c emulator/advice.c emulator/chain.c
