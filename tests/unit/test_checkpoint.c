// Unit tests of checkpoints: what a program of the vendor's size does not reach at a cut.
#include "emulator_world.h"
#include "suite.h"
#include "support/text_out.h"
#include <stb/stb_ds.h>

enum { RESULT = 0, VECTOR = 1024, ELEMENTS = 500 };

// Three long operations over memory, each followed by something that happens in its own cycle.
static World long_operations(ArchId arch)
{
  Program p = {0};
  li(&p, A1, 1);
  sys(&p, SYS_tsc_ctl, ZERO, A1, ZERO);
  for (uint32_t i = 0; i < 3; i++) {
    load_dsr(&p, FILE_DEST, 1, mem_lo(VECTOR, ELEMENTS), mem_hi(1));
    load_dsr(&p, FILE_SRC1, 1, mem_lo(VECTOR, ELEMENTS), mem_hi(1));
    for (int k = 0; k < 8; k++)
      dsd(&p, DSD_popcnt, 1, 0, 1, 0);
    addi(&p, A1, ZERO, 0);
    sys(&p, SYS_tsc_read, A0, A1, ZERO);
    sw(&p, A0, ZERO, (int)(RESULT + 4 * i));
  }
  ret(&p);
  return world_single(arch, &p);
}

// The state of a run at cycle `cut`, taken over by an emulator that was just made.
static void go_on_elsewhere(World *w, uint64_t cut)
{
  ck_assert_int_eq(emu_run_before(w->e, cut), EMU_DONE);
  TextOut state;
  ck_assert(emu_checkpoint(w->e, text_out_open(&state)));
  char *bytes = text_out_close(&state);
  emu_free(w->e);
  w->e = emu_new(w->img, &w->opt, &w->diags);
  const char *wrong = emu_restore(w->e, (const uint8_t *)bytes, state.size);
  ck_assert_msg(!wrong, "%s", wrong);
  free(bytes);
}

// What lies further ahead than the event wheel reaches is part of the state.
START_TEST(events_far_ahead_survive)
{
  World whole = long_operations(ARCH_WSE3);
  ck_assert_int_eq(world_run(&whole), EMU_REST);
  ck_assert_uint_gt(peek(&whole, 0, 0, RESULT), WHEEL_CYCLES);
  for (uint64_t cut = 10; cut < emu_cycle(whole.e); cut += 997) {
    World w = long_operations(ARCH_WSE3);
    world_start(&w);
    go_on_elsewhere(&w, cut);
    ck_assert_int_eq(emu_run(w.e, EMU_TO_REST), EMU_REST);
    ck_assert_uint_eq(emu_cycle(w.e), emu_cycle(whole.e));
    for (uint32_t i = 0; i < 3; i++)
      ck_assert_uint_eq(peek(&w, 0, 0, RESULT + 4 * i), peek(&whole, 0, 0, RESULT + 4 * i));
    world_free(&w);
  }
  world_free(&whole);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("checkpoint");
  TCase *t = tcase_create("events");
  tcase_add_test(t, events_far_ahead_survive);
  suite_add_tcase(s, t);
  return s;
}
