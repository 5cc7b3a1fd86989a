// An emulator that only remembers what it was asked: for tests of the host side.
#ifndef WEFT_TESTS_FAKE_EMULATOR_H
#define WEFT_TESTS_FAKE_EMULATOR_H
#include "emulator/emulator.h"

typedef struct FakeCall {
  const char *what; // "copy_in", "copy_out", "stream_in", "stream_out" or "launch"
  uint32_t id, count;
  EmuRegion region;
  EmuLayout layout;
  bool half;
  uint32_t args[16];
} FakeCall;

typedef struct Fake {
  FakeCall calls[16];
  uint32_t ncalls;
  uint32_t completed; // tickets below this are done
  EmuStop next;       // what emu_run answers; EMU_DONE completes the ticket
  uint32_t runs;      // times that emu_run was entered
  bool started, ended;
  uint8_t memory[64]; // of every tile
  bool one_without;   // tile (2, 1) exports nothing
} Fake;
extern Fake fake;
#endif
