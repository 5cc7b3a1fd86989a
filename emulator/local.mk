noinst_LIBRARIES += libemulator.a
libemulator_a_SOURCES = emulator/emulator.h emulator/internal.h
# fabric, host port, log, reports
libemulator_a_SOURCES += emulator/fabric.c emulator/router.c emulator/router.h emulator/switch.c emulator/filter.c \
  emulator/hostport.c emulator/hostport.h emulator/stream.c
