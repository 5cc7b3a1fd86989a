// An emulator that only remembers what it was asked: for tests of the host side.
#include "tests/unit/fake_emulator.h"
#include <string.h>

struct Emu {
  int unused;
};
Fake fake;
static Emu emu;

Emu *emu_new(const Image *img, const EmuOptions *opt, Diags *diags)
{
  (void)img, (void)opt, (void)diags;
  return &emu;
}

void emu_free(Emu *e)
{
  (void)e;
}

void emu_end(Emu *e)
{
  (void)e;
  fake.ended = true;
}

void emu_start(Emu *e)
{
  (void)e;
  fake.started = true;
}

static EmuTicket record(FakeCall call)
{
  fake.calls[fake.ncalls % 16] = call;
  return fake.ncalls++;
}

EmuTicket emu_copy_in(Emu *e, uint32_t id, EmuRegion r, uint32_t count, bool half, EmuLayout l,
                      const uint32_t *src)
{
  (void)e, (void)src;
  return record((FakeCall){
      .what = "copy_in", .id = id, .count = count, .region = r, .layout = l, .half = half});
}

EmuTicket emu_copy_out(Emu *e, uint32_t id, EmuRegion r, uint32_t count, bool half, EmuLayout l,
                       uint32_t *dst)
{
  (void)e, (void)dst;
  return record((FakeCall){
      .what = "copy_out", .id = id, .count = count, .region = r, .layout = l, .half = half});
}

EmuTicket emu_launch(Emu *e, uint32_t id, const uint32_t *args, uint32_t nargs)
{
  (void)e;
  FakeCall call = {.what = "launch", .id = id, .count = nargs};
  if (nargs)
    memcpy(call.args, args, nargs * sizeof *args);
  return record(call);
}

EmuTicket emu_stream_in(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                        const uint32_t *src)
{
  (void)e, (void)src;
  return record(
      (FakeCall){.what = "stream_in", .id = color, .count = count, .region = r, .layout = l});
}

EmuTicket emu_stream_out(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                         uint32_t *dst)
{
  (void)e, (void)dst;
  return record(
      (FakeCall){.what = "stream_out", .id = color, .count = count, .region = r, .layout = l});
}

bool emu_ticket_done(const Emu *e, EmuTicket t)
{
  (void)e;
  return t < fake.completed;
}

EmuStop emu_run(Emu *e, EmuTicket ticket)
{
  (void)e;
  fake.runs++;
  if (fake.next == EMU_DONE)
    fake.completed = ticket == EMU_TO_REST ? fake.ncalls : ticket + 1;
  return fake.next;
}

char *emu_waits_json(Emu *e)
{
  (void)e;
  return strdup("{}");
}

char *emu_leftovers(Emu *e)
{
  (void)e;
  return NULL;
}

const char *emu_message(Emu *e)
{
  (void)e;
  return "report of the emulator";
}

bool emu_exports(const Emu *e, uint32_t x, uint32_t y, uint32_t id)
{
  (void)e, (void)id;
  return !(fake.one_without && x == 2 && y == 1);
}

uint64_t emu_cycle(const Emu *e)
{
  (void)e;
  return 100;
}

uint8_t *emu_tile_memory(Emu *e, uint32_t x, uint32_t y, uint32_t *bytes)
{
  (void)e, (void)x, (void)y;
  *bytes = sizeof fake.memory;
  return fake.memory;
}

EmuTileStats emu_tile_stats(const Emu *e, uint32_t x, uint32_t y)
{
  (void)e, (void)x, (void)y;
  return (EmuTileStats){
      .busy = 30, .stalled = 20, .instructions = 7, .wavelets_in = 3, .wavelets_out = 2};
}

uint64_t emu_hops(const Emu *e)
{
  (void)e;
  return 11;
}

uint64_t emu_link_wavelets(const Emu *e, uint32_t x, uint32_t y, Dir d)
{
  (void)e, (void)x, (void)y, (void)d;
  return 0;
}

bool emu_critical_path(const Emu *e, void (*step)(void *arg, const EmuStep *s), void *arg)
{
  (void)e, (void)step, (void)arg;
  return false;
}

EmuStop emu_run_before(Emu *e, uint64_t end)
{
  (void)e, (void)end;
  return EMU_REST;
}

bool emu_checkpoint(Emu *e, FILE *out)
{
  (void)e;
  return fputs("state", out) >= 0;
}

const char *emu_restore(Emu *e, const uint8_t *bytes, size_t size)
{
  (void)e;
  return size == 5 && memcmp(bytes, "state", 5) == 0 ? NULL : "it is not the fake's";
}

bool emu_rebind(Emu *e, EmuTicket ticket, uint32_t *data, uint64_t words)
{
  (void)e, (void)ticket, (void)data, (void)words;
  return false;
}

const Costs *emu_costs(const Emu *e)
{
  (void)e;
  return costs_get(ARCH_WSE3);
}
