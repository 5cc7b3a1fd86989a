// Unit tests of configuration registers: programs that rewrite routes, switches, queues and filters
// of their tile while wavelets travel.
#include "emulator_world.h"
#include "suite.h"
#include <stb/stb_ds.h>

enum { RESULT = 0, DEST = 512 };
#define W DIR_BIT(DIR_WEST)
#define E DIR_BIT(DIR_EAST)
#define R DIR_BIT(DIR_RAMP)

static uint32_t address(ArchId arch, RegisterId reg, uint32_t index)
{
  return register_info(reg)->first[arch] + index;
}
static void write_register(Program *p, uint32_t at, uint32_t value)
{
  li(p, A0, at);
  li(p, A1, value);
  sys(p, SYS_cfg_write, 0, A0, A1);
}
static void read_register(Program *p, uint32_t at, int to)
{
  li(p, A0, at);
  sys(p, SYS_cfg_read, A1, A0, 0);
  sw(p, A1, ZERO, to);
}
static uint32_t route_bits(uint8_t rx, uint8_t tx)
{
  return FIELD_PUT(rx, color_rx) | FIELD_PUT(tx, color_tx);
}
static void delay(Program *p)
{
  li(p, A2, 50);
  uint32_t loop = here(p);
  addi(p, A2, A2, -1);
  bne(p, A2, ZERO, loop);
}
// One word, by a synchronous operation.
static void send(Program *p, uint32_t word, uint32_t hi)
{
  li(p, A3, word);
  load_dsr(p, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABOUT | hi);
  dsd(p, DSD_mov32, 1, 16, 16, A3);
}
static void receive(Program *p, uint32_t n)
{
  load_dsr(p, FILE_DEST, 1, mem_lo(DEST, n), mem_hi(1));
  load_dsr(p, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, n), DSD_FABIN);
  dsd(p, DSD_mov32, 1, 0, 1, 0);
}

// Three tiles in a row; the middle one runs `sender`, its colour leads west at start; the others
// receive `n` words.
static World between(ArchId arch, Program *sender, Program *receiver, uint32_t n)
{
  static const uint32_t classes[3] = {1, 0, 1};
  Program *list[2] = {sender, receiver};
  receive(receiver, n);
  ret(receiver);
  main_task(sender);
  main_task(receiver);
  World w = world_new(arch, 3, 1, list, 2, classes);
  world_route(&w, 0, 0, COLOR, straight(DIR_EAST, DIR_RAMP));
  world_route(&w, 1, 0, COLOR, straight(DIR_RAMP, DIR_WEST));
  world_route(&w, 2, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  return w;
}

START_TEST(a_rewritten_route_leads_elsewhere)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send(&s, 7, 0);
  delay(&s);
  write_register(&s, address(arch, REG_color, COLOR), route_bits(R, E));
  read_register(&s, address(arch, REG_color, COLOR), RESULT);
  send(&s, 8, 0);
  ret(&s);
  World w = between(arch, &s, &r, 1);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), 7);
  ck_assert_uint_eq(peek(&w, 2, 0, DEST), 8);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), route_bits(R, E));
  world_free(&w);
}
END_TEST

START_TEST(a_color_in_teardown_goes_on_when_told)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send(&s, 7, 0);
  delay(&s);
  sys(&s, SYS_tsc_ctl, 0, ZERO, 0);
  read_register(&s, address(arch, REG_color, COLOR), RESULT);
  write_register(&s, address(arch, REG_color, COLOR), route_bits(R, W));
  ret(&s);
  World w = between(arch, &s, &r, 1);
  Route held = straight(DIR_RAMP, DIR_WEST);
  held.teardown = true;
  world_route(&w, 1, 0, COLOR, held);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), route_bits(R, W) | FIELD_PUT(1, color_teardown));
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), 7);
  ck_assert_uint_gt(emu_cycle(w.e), 150); // it did not pass before
  world_free(&w);
}
END_TEST

// A TEARDOWN command starts task 29, which finds the colour among the pending ones, once.
START_TEST(pending_teardowns_are_read_once)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send(&s, 31u << 16 | CTRL_NOP << 22 | 1u << 24 | CTRL_TEARDOWN << 25 | 1u << 27, DSD_CONTROL);
  send(&s, 5, 0);
  ret(&s);
  ret(&r);
  uint32_t handler = here(&r);
  read_register(&r, address(arch, REG_teardown_pending, 0), RESULT);
  read_register(&r, address(arch, REG_teardown_pending, 0), RESULT + 4);
  write_register(&r, address(arch, REG_color, COLOR), route_bits(W, R));
  receive(&r, 1);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, TASK_ID_TEARDOWN, handler, 0, 0);
  main_task(&s);
  static const uint32_t classes[2] = {0, 1};
  Program *list[2] = {&s, &r};
  World w = world_new(arch, 2, 1, list, 2, classes);
  Route out = straight(DIR_RAMP, DIR_EAST);
  out.pop = POP_ALWAYS; // the first command is for the sender's own router
  world_route(&w, 0, 0, COLOR, out);
  world_route(&w, 1, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), 1u << COLOR);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4), 0);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST), 5);
  world_free(&w);
}
END_TEST

// Position 1 says where wavelets come from and follows the rewritten position 0 in where they go.
START_TEST(a_position_follows_the_rewritten_one_before_it)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  write_register(&s, address(arch, REG_color, COLOR), route_bits(R, E));
  send(&s, 31u << 16 | CTRL_SWITCH_ADV << 22 | 1u << 24, DSD_CONTROL);
  delay(&s);
  read_register(&s, address(arch, REG_switch, COLOR), RESULT);
  send(&s, 9, 0);
  ret(&s);
  World w = between(arch, &s, &r, 1);
  Route turn = {.rx = {W, R}, .tx = {W, W}, .valid = {true, true}, .inherits_tx = 2};
  world_route(&w, 1, 0, COLOR, turn);
  assert_rest(&w);
  ck_assert_uint_eq(FIELD_GET(peek(&w, 1, 0, RESULT), switch_current), 1);
  ck_assert_uint_eq(peek(&w, 2, 0, DEST), 9);
  world_free(&w);
}
END_TEST

// A position set at run time, as each architecture holds it.
START_TEST(a_position_is_set_and_made_invalid)
{
  ArchId arch = (ArchId)_i;
  bool packed = !arch_get(arch)->switch_two_sided;
  uint32_t at = address(arch, packed ? REG_switch : REG_switch_pos1, COLOR);
  uint32_t east = packed ? 0x550 | DIR_EAST : FIELD_PUT(E, switch_pos1_tx);
  uint32_t advance = 31u << 16 | CTRL_SWITCH_ADV << 22 | 1u << 24;
  Program s = {0}, r = {0};
  write_register(&s, at, east);
  send(&s, advance, DSD_CONTROL);
  delay(&s);
  send(&s, 9, 0); // east
  delay(&s);
  read_register(&s, at, RESULT);
  write_register(&s, at, packed ? 0x555 : 0);
  send(&s, advance, DSD_CONTROL); // nowhere to go
  send(&s, 7, 0);                 // west
  ret(&s);
  World w = between(arch, &s, &r, 1);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 2, 0, DEST), 9);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), 7);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), packed ? east | FIELD_PUT(1, switch_current) : east);
  world_free(&w);
}
END_TEST

// Plain loads and stores at twice the word address.
START_TEST(registers_are_mapped_into_the_data_space)
{
  enum { LHU = 5, LH = 1, SH = 1 };
  Program p = {0};
  uint32_t at = 2 * address(ARCH_WSE2, REG_exception_mask, 0);
  li(&p, A0, at);
  put32(&p, 10u << 15 | LHU << 12 | 11u << 7 | 0x03); // lhu a1, 0(a0)
  sw(&p, A1, ZERO, RESULT);
  put32(&p, 10u << 15 | LH << 12 | 11u << 7 | 0x03); // lh a1, 0(a0)
  sw(&p, A1, ZERO, RESULT + 4);
  li(&p, A1, 0x8123);
  put32(&p, 11u << 20 | 10u << 15 | SH << 12 | 0x23); // sh a1, 0(a0)
  read_register(&p, at / 2, RESULT + 8);
  ret(&p);
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, RESULT), 0xffff);
  ck_assert_uint_eq(peek(&w, 0, 0, RESULT + 4), 0xffffffff);
  ck_assert_uint_eq(peek(&w, 0, 0, RESULT + 8), 0x8123);
  world_free(&w);
}
END_TEST

START_TEST(what_is_no_register_faults)
{
  static const struct {
    uint32_t address;
    bool write;
    const char *text;
  } cases[] = {{0x7123, false, "there is no configuration register at word address 0x7123"},
               {0x7d00, true, "there is no configuration register at word address 0x7d00"},
               {0x7b82, true, "there is no configuration register at word address 0x7b82"},
               {0x7bb0, true, "configuration register 0x7bb0 can only be read"}};
  Program p = {0};
  if (cases[_i].write)
    write_register(&p, cases[_i].address, 1);
  else
    read_register(&p, cases[_i].address, RESULT);
  ret(&p);
  World w = world_single(ARCH_WSE2, &p);
  assert_fault(&w, cases[_i].text);
  world_free(&w);
}
END_TEST

// ---- queues ----

START_TEST(an_input_queue_takes_another_color_when_empty)
{
  enum { OTHER = 5 };
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send(&s, 7, 0);
  li(&s, A3, 8);
  load_dsr(&s, FILE_DEST, 2, fab_lo(OTHER, 3, 1), DSD_FABOUT);
  dsd(&s, DSD_mov32, 2, 16, 16, A3);
  ret(&s);
  receive(&r, 1);
  read_register(&r, address(arch, REG_input_status, 0), RESULT);
  write_register(&r, address(arch, REG_input_queue, QUEUE), FIELD_PUT(OTHER, input_queue_color));
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST + 4, 1), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 1, QUEUE << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID | 1u << DSD_LEN_SHIFT,
           DSD_FABIN);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  static const uint32_t classes[2] = {0, 1};
  Program *list[2] = {&s, &r};
  main_task(&s);
  main_task(&r);
  World w = world_new(arch, 2, 1, list, 2, classes);
  for (uint32_t c = COLOR; c <= OTHER; c += OTHER - COLOR) {
    world_route(&w, 0, 0, c, straight(DIR_RAMP, DIR_EAST));
    world_route(&w, 1, 0, c, straight(DIR_WEST, DIR_RAMP));
  }
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST), 7);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4), 8);
  ck_assert_uint_eq(FIELD_GET(peek(&w, 1, 0, RESULT), input_status_empty), 0xff);
  world_free(&w);
}
END_TEST

START_TEST(a_queue_that_holds_wavelets_cannot_be_rebound)
{
  Program s = {0}, r = {0};
  send(&s, 7, 0);
  ret(&s);
  delay(&r);
  read_register(&r, address(ARCH_WSE3, REG_input_status, 0), RESULT);
  write_register(&r, address(ARCH_WSE3, REG_input_queue, QUEUE), FIELD_PUT(5, input_queue_color));
  ret(&r);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_fault(&w, "input queue 2 is not empty (colour 3, 1 wavelets)");
  ck_assert_uint_eq(FIELD_GET(peek(&w, 1, 0, RESULT), input_status_empty), 0xfb);
  world_free(&w);
}
END_TEST

// The core is done long before the words have left: only a flush tells.
START_TEST(an_output_queue_is_rebound_after_its_flush)
{
  enum { N = 12 }; // more than the router takes
  bool flush = _i;
  Program s = {0}, r = {0};
  for (uint32_t i = 0; i < N; i++)
    s.data[SOURCE + 4 * i] = (uint8_t)(i + 1);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, N), DSD_FABOUT);
  load_dsr(&s, FILE_SRC1, 1, mem_lo(SOURCE, N), mem_hi(1));
  dsd(&s, DSD_mov32, 1, 0, 1, 0);
  addi(&s, A0, ZERO, QUEUE);
  addi(&s, A1, ZERO, 1);
  if (flush)
    sys(&s, SYS_queue_flush, 0, A0, A1);
  else
    write_register(&s, address(ARCH_WSE3, REG_output_queue, QUEUE),
                   FIELD_PUT(5, output_queue_color));
  ret(&s);
  uint32_t at = here(&s), flushed = address(ARCH_WSE3, REG_output_flushed, 0);
  read_register(&s, flushed, RESULT);
  write_register(&s, address(ARCH_WSE3, REG_output_queue, QUEUE), FIELD_PUT(5, output_queue_color));
  write_register(&s, flushed, 1u << QUEUE);
  read_register(&s, flushed, RESULT + 4);
  read_register(&s, address(ARCH_WSE3, REG_output_queue, QUEUE), RESULT + 8);
  ret(&s);
  setup(&s, IMAGE_SETUP_TASK_LOCAL, TASK_ID_TEARDOWN, at, 0, 0);
  setup(&s, IMAGE_SETUP_OUTPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = between(ARCH_WSE3, &s, &r, N);
  Route held = straight(DIR_RAMP, DIR_WEST);
  held.teardown = !flush; // the words stay
  world_route(&w, 1, 0, COLOR, held);
  if (!flush) {
    assert_fault(&w, "output queue 2 is not empty (colour 3");
  } else {
    assert_rest(&w);
    ck_assert_uint_eq(peek(&w, 0, 0, DEST + 4 * (N - 1)), N);
    ck_assert_uint_eq(peek(&w, 1, 0, RESULT), 1u << QUEUE);
    ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4), 0);
    ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 8), FIELD_PUT(5, output_queue_color));
  }
  world_free(&w);
}
END_TEST

// A flush is complete at once when the queue is empty, else with the wavelet that is taken last.
START_TEST(an_input_queue_is_flushed)
{
  bool empty = _i;
  Program s = {0}, r = {0};
  if (!empty)
    send(&s, 7, 0);
  ret(&s);
  delay(&r);
  addi(&r, A0, ZERO, QUEUE);
  sys(&r, SYS_queue_flush, 0, A0, ZERO);
  read_register(&r, address(ARCH_WSE3, REG_input_flushed, 0), RESULT);
  if (!empty)
    receive(&r, 1);
  read_register(&r, address(ARCH_WSE3, REG_input_flushed, 0), RESULT + 4);
  ret(&r);
  uint32_t at = here(&r);
  li(&r, A0, 1);
  sw(&r, A0, ZERO, RESULT + 8);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, TASK_ID_TEARDOWN, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), empty ? 1u << QUEUE : 0);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4), 1u << QUEUE);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 8), 1);
  world_free(&w);
}
END_TEST

START_TEST(a_color_without_a_switch_has_no_positions)
{
  Program p = {0};
  write_register(&p, address(ARCH_WSE3, REG_switch, 11), FIELD_PUT(1, switch_ring));
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_fault(&w, "colour 11 has no switch on wse3");
  world_free(&w);
}
END_TEST

START_TEST(colors_do_not_swap_where_that_does_not_exist)
{
  ArchId arch = (ArchId)_i;
  Program p = {0};
  write_register(&p, address(arch, REG_color, COLOR), FIELD_PUT(1, color_swap_x));
  read_register(&p, address(arch, REG_color, COLOR), RESULT);
  ret(&p);
  World w = world_single(arch, &p);
  if (arch_get(arch)->color_swap) {
    assert_rest(&w);
    ck_assert_uint_eq(peek(&w, 0, 0, RESULT), FIELD_PUT(1, color_swap_x));
  } else
    assert_fault(&w, "colour swap does not exist on wse3");
  world_free(&w);
}
END_TEST

// ---- filters ----

// Tile 1 receives with filter 0: a counter of data that passes while it is at most `max`.
static World filtered(ArchId arch, Program *s, Program *r)
{
  static const uint32_t classes[2] = {0, 1};
  Program *list[2] = {s, r};
  main_task(s);
  main_task(r);
  World w = world_new(arch, 2, 1, list, 2, classes);
  world_route(&w, 0, 0, COLOR, straight(DIR_RAMP, DIR_EAST));
  Route in = straight(DIR_WEST, DIR_RAMP);
  in.filter = 1;
  world_route(&w, 1, 0, COLOR, in);
  w.img->route_sets[1].filters[0] = (Filter){
      .kind = FILTER_COUNTER, .color = COLOR, .count_data = true, .limit1 = 4, .max_counter = 1};
  return w;
}
static void send_numbers(Program *s, uint32_t n)
{
  delay(s);
  for (uint32_t i = 0; i < n; i++)
    s->data[SOURCE + 4 * i] = (uint8_t)i;
  load_dsr(s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, n), DSD_FABOUT);
  load_dsr(s, FILE_SRC1, 1, mem_lo(SOURCE, n), mem_hi(1));
  dsd(s, DSD_mov32, 1, 0, 1, 0);
  ret(s);
}

START_TEST(filter_registers_change_what_passes)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send_numbers(&s, 12);
  write_register(&r, address(arch, REG_filter_limit, 0), 2);   // period 3
  write_register(&r, address(arch, REG_filter_max, 0), 0);     // one of it passes
  write_register(&r, address(arch, REG_filter_counter, 0), 1); // the first two do not
  receive(&r, 4);
  ret(&r);
  World w = filtered(arch, &s, &r);
  assert_rest(&w);
  static const uint32_t passed[3] = {2, 5, 8};
  for (uint32_t i = 0; i < 3; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), passed[i]);
  world_free(&w);
}
END_TEST

static void write_pair(Program *p, RegisterId reg, uint32_t value)
{
  write_register(p, address(ARCH_WSE3, reg, 0), value & 0xffff);
  write_register(p, address(ARCH_WSE3, reg, 1), value >> 16);
}

// The same counter as two states, in half-wavelets: 3 wavelets pass, 2 are dropped.
START_TEST(filter_states_are_counted_in_half_wavelets)
{
  Program s = {0}, r = {0};
  send_numbers(&s, 10);
  write_pair(&r, REG_filter_pass, 6);
  write_pair(&r, REG_filter_drop, 4);
  write_register(&r, address(ARCH_WSE3, REG_filter_state, 0), 1); // dropping
  write_pair(&r, REG_filter_value, 2);                            // one wavelet of that is over
  read_register(&r, address(ARCH_WSE3, REG_filter_state, 0), RESULT);
  read_register(&r, address(ARCH_WSE3, REG_filter_value, 0), RESULT + 4);
  read_register(&r, address(ARCH_WSE3, REG_filter_pass, 0), RESULT + 8);
  read_register(&r, address(ARCH_WSE3, REG_filter_drop, 0), RESULT + 12);
  receive(&r, 6);
  ret(&r);
  World w = filtered(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  static const uint32_t passed[6] = {1, 2, 3, 6, 7, 8}, registers[4] = {1, 2, 6, 4};
  for (uint32_t i = 0; i < 6; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), passed[i]);
  for (uint32_t i = 0; i < 4; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4 * i), registers[i]);
  world_free(&w);
}
END_TEST

START_TEST(a_queue_may_be_bound_without_the_filter)
{
  bool filter = _i;
  Program s = {0}, r = {0};
  send_numbers(&s, 5);
  write_register(&r, address(ARCH_WSE2, REG_input_queue, QUEUE),
                 FIELD_PUT(COLOR, input_queue_color) | FIELD_PUT(filter, input_queue_filter));
  receive(&r, filter ? 2 : 5);
  ret(&r);
  World w = filtered(ARCH_WSE2, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, filter ? 2 : 5);
  world_free(&w);
}
END_TEST

START_TEST(a_filter_that_nobody_uses_has_no_registers)
{
  Program s = {0}, r = {0};
  ret(&s);
  write_register(&r, address(ARCH_WSE2, REG_filter_limit, 3), 2);
  ret(&r);
  World w = filtered(ARCH_WSE2, &s, &r);
  assert_fault(&w, "no colour of this tile uses filter 3");
  world_free(&w);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("config");
  TCase *t = tcase_create("registers");
  tcase_add_loop_test(t, a_rewritten_route_leads_elsewhere, 0, ARCH_COUNT);
  tcase_add_loop_test(t, a_color_in_teardown_goes_on_when_told, 0, ARCH_COUNT);
  tcase_add_loop_test(t, pending_teardowns_are_read_once, 0, ARCH_COUNT);
  tcase_add_loop_test(t, a_position_follows_the_rewritten_one_before_it, 0, ARCH_COUNT);
  tcase_add_loop_test(t, a_position_is_set_and_made_invalid, 0, ARCH_COUNT);
  tcase_add_test(t, registers_are_mapped_into_the_data_space);
  tcase_add_loop_test(t, what_is_no_register_faults, 0, 4);
  tcase_add_loop_test(t, an_input_queue_takes_another_color_when_empty, 0, ARCH_COUNT);
  tcase_add_test(t, a_queue_that_holds_wavelets_cannot_be_rebound);
  tcase_add_loop_test(t, an_output_queue_is_rebound_after_its_flush, 0, 2);
  tcase_add_loop_test(t, an_input_queue_is_flushed, 0, 2);
  tcase_add_test(t, a_color_without_a_switch_has_no_positions);
  tcase_add_loop_test(t, colors_do_not_swap_where_that_does_not_exist, 0, ARCH_COUNT);
  tcase_add_loop_test(t, filter_registers_change_what_passes, 0, ARCH_COUNT);
  tcase_add_test(t, filter_states_are_counted_in_half_wavelets);
  tcase_add_loop_test(t, a_queue_may_be_bound_without_the_filter, 0, 2);
  tcase_add_test(t, a_filter_that_nobody_uses_has_no_registers);
  suite_add_tcase(s, t);
  return s;
}
