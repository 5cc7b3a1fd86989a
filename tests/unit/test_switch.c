// Unit tests of switches: control wavelets that turn them, what is popped, teardown.
#include "fabric_world.h"
#include "suite.h"
#include <stb/stb_ds.h>

static uint32_t command(unsigned opcode)
{
  return 31u << 16 | opcode << 22;
}

// A sender whose switch turns it west (position 0), east (1), south (2).
static void turning_sender(bool ring, PopMode pop)
{
  fabric_setup(ARCH_WSE2, 3, 2);
  Route r = {
      .rx = {R, R, R}, .tx = {W, E, S}, .valid = {true, true, true}, .ring = ring, .pop = pop};
  *route_word(1, 0) = route_encode(&r);
  lay_route(0, 0, E, R);
  lay_route(2, 0, W, R);
  lay_route(4, 0, N, R);
}

START_TEST(control_wavelet_takes_the_old_way_and_turns_the_switch)
{
  bool ring = _i;
  turning_sender(ring, POP_NONE);
  fabric_begin();
  for (uint32_t k = 0; k < 4; k++) {
    put_word(1, 0, k, 1);
    put_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  }
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 8);
  static const uint32_t ring_tiles[] = {0, 2, 4, 0}, stay_tiles[] = {0, 2, 4, 4};
  for (int k = 0; k < 4; k++) {
    uint32_t want = (ring ? ring_tiles : stay_tiles)[k];
    ck_assert_uint_eq(arrivals[2 * k].tile, want);
    ck_assert_uint_eq(arrivals[2 * k + 1].tile, want);
    ck_assert(!arrivals[2 * k].control && arrivals[2 * k + 1].control);
  }
  fabric_end();
}
END_TEST

START_TEST(switch_reset_returns_to_position_0)
{
  turning_sender(false, POP_NONE);
  fabric_begin();
  put_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  put_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  put_control(1, 0, command(CTRL_SWITCH_RST), 1);
  put_word(1, 0, 9, 1);
  fabric_run();
  static const uint32_t tiles[] = {0, 2, 4, 0};
  ck_assert_int_eq(arrlen(arrivals), 4);
  for (int k = 0; k < 4; k++)
    ck_assert_uint_eq(arrivals[k].tile, tiles[k]);
  fabric_end();
}
END_TEST

START_TEST(advance_after_the_last_wavelet_of_an_operation)
{
  turning_sender(false, POP_NONE);
  fabric_begin();
  put_word(1, 0, 1, 1);
  arrput(outgoing, ((Outgoing){1, 1, 0, 2, false, true}));
  put_word(1, 0, 3, 1);
  fabric_run();
  static const uint32_t tiles[] = {0, 0, 2};
  ck_assert_int_eq(arrlen(arrivals), 3);
  for (int k = 0; k < 3; k++)
    ck_assert_uint_eq(arrivals[k].tile, tiles[k]);
  fabric_end();
}
END_TEST

START_TEST(pop_modes)
{
  // Two commands: the first is executed at tile 0, what is left of it arrives at tile 1.
  static const struct {
    PopMode mode;
    unsigned opcode;
    bool can_advance, popped;
  } cases[] = {{POP_NONE, CTRL_SWITCH_ADV, true, false},
               {POP_ALWAYS, CTRL_NOP, true, true},
               {POP_ON_ADVANCE, CTRL_SWITCH_ADV, true, true},
               {POP_ON_ADVANCE, CTRL_SWITCH_ADV, false, false},
               {POP_ON_ADVANCE, CTRL_NOP, true, false},
               {POP_ON_ADVANCE_NOP, CTRL_NOP, false, true},
               {POP_ON_ADVANCE_NOP, CTRL_SWITCH_RST, true, false}};
  uint32_t payload = 31u << 16 | cases[_i].opcode << 22 | (uint32_t)CTRL_SWITCH_RST << 25;
  lay_row(ARCH_WSE3, 2, 0);
  Route r = {
      .rx = {R, R}, .tx = {E, E}, .valid = {true, cases[_i].can_advance}, .pop = cases[_i].mode};
  if (!cases[_i].can_advance)
    r.rx[1] = r.tx[1] = 0;
  *route_word(0, 0) = route_encode(&r);
  fabric_begin();
  put_control(0, 0, payload, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].word, cases[_i].popped ? ctrl_pop(payload) : payload);
  fabric_end();
}
END_TEST

START_TEST(a_position_that_does_not_receive_holds_the_wavelet)
{
  // Tile 1 first passes on from the west; its own wavelet waits until the switch turns to the ramp.
  fabric_setup(ARCH_WSE3, 3, 1);
  lay_route(0, 0, R, E);
  Route r = {.rx = {W, R}, .tx = {E, E}, .valid = {true, true}};
  *route_word(1, 0) = route_encode(&r);
  lay_route(2, 0, W, R);
  fabric_begin();
  put_word(1, 0, 50, 1);
  put_word(0, 0, 10, 30);
  put_control(0, 0, command(CTRL_SWITCH_ADV) | 1u << 24, 30);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 2); // the control wavelet is not for cores
  ck_assert_uint_eq(arrivals[0].word, 10);
  ck_assert_uint_eq(arrivals[1].word, 50);
  ck_assert_uint_gt(arrivals[1].cycle, 30);
  fabric_end();
}
END_TEST

START_TEST(teardown_command_holds_the_color_and_tells_the_core)
{
  lay_row(ARCH_WSE2, 3, 2);
  fabric_begin();
  put_control(0, 2, 0x09df9249, 1);
  put_word(0, 2, 1, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 0);
  ck_assert(activated & 1u << TASK_ID_TEARDOWN);
  ck_assert(fab_occupied(&emu));
  fabric_end();
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("switch");
  TCase *t = tcase_create("switch");
  tcase_add_loop_test(t, control_wavelet_takes_the_old_way_and_turns_the_switch, 0, 2);
  tcase_add_test(t, switch_reset_returns_to_position_0);
  tcase_add_test(t, advance_after_the_last_wavelet_of_an_operation);
  tcase_add_loop_test(t, pop_modes, 0, 7);
  tcase_add_test(t, a_position_that_does_not_receive_holds_the_wavelet);
  tcase_add_test(t, teardown_command_holds_the_color_and_tells_the_core);
  suite_add_tcase(s, t);
  return s;
}
