// Unit tests of DSD operations between tiles: wavelets, microthreads, control, FIFOs, priorities.
#include "emulator_world.h"
#include "suite.h"

enum { DEST = 256, SRC_A = 512 };

static void send(Program *p, DsdOp op, uint32_t n, uint32_t hi, uint32_t cfg)
{
  load_dsr(p, FILE_DEST, 1, fab_lo(COLOR, QUEUE, n), DSD_FABOUT | hi);
  load_dsr(p, FILE_SRC1, 1, mem_lo(SRC_A, n), mem_hi(1));
  if (cfg)
    options(p, cfg, 0);
  dsd(p, op, 1, 0, 1, 0);
}
static void receive(Program *p, DsdOp op, uint32_t n, uint32_t hi, uint32_t cfg)
{
  load_dsr(p, FILE_DEST, 1, mem_lo(DEST, n), mem_hi(1));
  load_dsr(p, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, n), DSD_FABIN | hi);
  if (cfg)
    options(p, cfg, 0);
  dsd(p, op, 1, 0, 1, 0);
}
static void number_words(Program *p, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    p->data[SRC_A + 4 * i] = (uint8_t)(i + 1);
}
static uint32_t completion(uint32_t id)
{
  return CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT | id << CFG_TARGET_SHIFT |
         TARGET_TASK << CFG_KIND_SHIFT;
}

START_TEST(words_travel_between_tiles)
{
  enum { N = 40 };
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  number_words(&s, N);
  send(&s, DSD_mov32, N, 0, 0);
  ret(&s);
  receive(&r, DSD_mov32, N, 0, 0);
  ret(&r);
  World w = world_pair(arch, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), i + 1);
  ck_assert_uint_eq(emu_tile_stats(w.e, 0, 0).wavelets_out, N);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, N);
  ck_assert_uint_lt(emu_cycle(w.e), N + 60); // one word per cycle
  world_free(&w);
}
END_TEST

// Asynchronous on both sides, completion activates a task that writes a mark.
START_TEST(asynchronous_operations_complete)
{
  enum { N = 24 };
  Program s = {0}, r = {0};
  number_words(&s, N);
  send(&s, DSD_mov32, N, 0, completion(12));
  ret(&s);
  bind_append(&s, 12, 1);
  receive(&r, DSD_mov32, N, 0, completion(12));
  append(&r, 5); // the main thread goes on while the microthread waits
  ret(&r);
  bind_append(&r, 12, 6);
  World w = world_pair((ArchId)_i, &s, &r);
  assert_rest(&w);
  assert_log(&w, 0, (uint32_t[]){1}, 1);
  assert_log(&w, 1, (uint32_t[]){5, 6}, 2);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * (N - 1)), N);
  world_free(&w);
}
END_TEST

START_TEST(packed_halves_and_an_odd_end)
{
  Program s = {0}, r = {0};
  for (uint32_t i = 0; i < 7; i++)
    s.data[SRC_A + 2 * i] = (uint8_t)(i + 1);
  send(&s, DSD_mov16, 7, SIMD_PACKED, 0);
  ret(&s);
  receive(&r, DSD_mov16, 7, SIMD_PACKED, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE2, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < 7; i++)
    ck_assert_uint_eq(peek16(&w, 1, 0, DEST + 2 * i), i + 1);
  ck_assert_uint_eq(peek16(&w, 1, 0, DEST + 14), 0);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, 4);
  world_free(&w);
}
END_TEST

// The narrowest mode among the fabric operands counts: with a sender that does not pack, one
// element per wavelet.
START_TEST(unpacked_halves)
{
  Program s = {0}, r = {0};
  for (uint32_t i = 0; i < 4; i++)
    s.data[SRC_A + 2 * i] = (uint8_t)(i + 1);
  send(&s, DSD_mov16, 4, 0, 0);
  ret(&s);
  receive(&r, DSD_mov16, 4, 0, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek16(&w, 1, 0, DEST + 6), 4);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, 4);
  world_free(&w);
}
END_TEST

START_TEST(on_control_ends_a_receive)
{
  Program s = {0}, r = {0};
  number_words(&s, 3);
  send(&s, DSD_mov32, 3, 0, 0);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABOUT | DSD_CONTROL);
  dsd(&s, DSD_mov32, 1, 16, 16, ZERO);
  ret(&s);
  receive(&r, DSD_mov32, 100, 0,
          CFG_ASYNC | ACTION_ACTIVATE << CFG_OC_ACTION_SHIFT | 12 << CFG_OC_TARGET_SHIFT);
  ret(&r);
  bind_append(&r, 12, 9);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  assert_log(&w, 1, (uint32_t[]){9}, 1);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 8), 3);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 12), 0);
  world_free(&w);
}
END_TEST

// Nobody takes the words: the sender fills queues and routers, then everything rests.
START_TEST(back_pressure_holds_the_sender)
{
  Program s = {0}, r = {0};
  number_words(&s, 200);
  send(&s, DSD_mov32, 200, 0, 0);
  ret(&s);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE3, &s, &r);
  ck_assert_int_eq(world_run(&w), EMU_REST);
  ck_assert_int_eq(w.e->tiles[0].state, MAIN_OP);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, arch_get(ARCH_WSE3)->iq_depth[2]);
  ck_assert_uint_lt(emu_tile_stats(w.e, 0, 0).wavelets_out, 40);
  world_free(&w);
}
END_TEST

START_TEST(two_operations_on_one_queue_fault)
{
  Program p = {0};
  receive(&p, DSD_mov32, 4, 0, CFG_ASYNC);
  receive(&p, DSD_mov32, 4, 0, CFG_ASYNC | CFG_UT_GIVEN | 5 << CFG_UT_SHIFT);
  ret(&p);
  assert_program_faults(
      &p, "input queue 2 still belongs to another operation: @mov32 of microthread 2");
  Program q = {0};
  receive(&q, DSD_mov32, 4, 0, CFG_ASYNC);
  receive(&q, DSD_mov32, 4, 0, CFG_ASYNC);
  ret(&q);
  assert_program_faults(&q, "microthread 2 still belongs to another operation");
}
END_TEST

// A microthread below the main thread takes the slots that scalar code leaves; the main thread
// keeps its own time.
START_TEST(microthreads_do_not_slow_the_main_thread)
{
  uint32_t cycles[2];
  for (int busy = 0; busy < 2; busy++) {
    Program s = {0}, r = {0};
    number_words(&s, 60);
    if (busy)
      send(&s, DSD_mov32, 60, 0, CFG_ASYNC);
    clock_on(&s);
    clock_to(&s, A1);
    addi(&s, A0, ZERO, 50);
    uint32_t loop = here(&s);
    addi(&s, A0, A0, -1);
    bne(&s, A0, ZERO, loop);
    clock_to(&s, A2);
    sw(&s, A1, ZERO, 0);
    sw(&s, A2, ZERO, 4);
    ret(&s);
    receive(&r, DSD_mov32, 60, 0, CFG_ASYNC);
    ret(&r);
    World w = world_pair(ARCH_WSE3, &s, &r);
    assert_rest(&w);
    cycles[busy] = between_readings(&w);
    if (busy)
      ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * 59), 60);
    world_free(&w);
  }
  ck_assert_uint_eq(cycles[0], cycles[1]);
}
END_TEST

// dfilt drops data wavelets up to a control wavelet; what comes after it is received.
START_TEST(filter_operation_drops_data)
{
  Program s = {0}, r = {0};
  number_words(&s, 3);
  send(&s, DSD_mov32, 2, 0, 0);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABOUT | DSD_CONTROL);
  dsd(&s, DSD_mov32, 1, 16, 16, ZERO);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABOUT);
  li(&s, A3, 77);
  dsd(&s, DSD_mov32, 1, 16, 16, A3);
  ret(&s);
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABIN);
  options(&r, completion(12), 0);
  dsd(&r, DSD_dfilt, 0, 0, 1, 0);
  ret(&r);
  uint32_t at = here(&r);
  receive(&r, DSD_mov32, 1, 0, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST), 77);
  world_free(&w);
}
END_TEST

START_TEST(sources_are_zeroed_on_request)
{
  Program s = {0}, r = {0};
  number_words(&s, 4);
  send(&s, DSD_mov32, 4, DSD_ZERO_SECOND, 0);
  ret(&s);
  receive(&r, DSD_mov32, 4, 0, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < 4; i++) {
    ck_assert_uint_eq(peek(&w, 0, 0, SRC_A + 4 * i), 0);
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), i + 1);
  }
  world_free(&w);
}
END_TEST

// The index half of a wavelet comes from the operation; the same index moves a memory operand.
START_TEST(wavelet_index_offset)
{
  Program s = {0}, r = {0};
  for (uint32_t i = 0; i < 16; i++)
    s.data[SRC_A + 2 * i] = (uint8_t)(i + 1);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 2), DSD_FABOUT | DSD_WIO);
  load_dsr(&s, FILE_SRC1, 1, mem_lo(SRC_A, 2), mem_hi(1) | DSD_WIO);
  options(&s, CFG_INDEX, 5);
  dsd(&s, DSD_mov16, 1, 0, 1, 0);
  ret(&s);
  receive(&r, DSD_mov32, 2, 0, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST), 5 << 16 | 6);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4), 5 << 16 | 7);
  world_free(&w);
}
END_TEST

START_TEST(blocked_microthread_waits)
{
  Program s = {0}, r = {0};
  number_words(&s, 4);
  send(&s, DSD_mov32, 4, 0, 0);
  ret(&s);
  receive(&r, DSD_mov32, 4, 0, CFG_ASYNC | CFG_UT_GIVEN | 5 << CFG_UT_SHIFT);
  li(&r, A0, 500);
  uint32_t loop = here(&r);
  addi(&r, A0, A0, -1);
  bne(&r, A0, ZERO, loop);
  addi(&r, A0, ZERO, 12);
  sys(&r, SYS_task_act, 0, A0, 0); // the memory is looked at in another task: an event lies between
  ret(&r);
  uint32_t at = here(&r);
  lw(&r, A1, ZERO, DEST + 12);
  sw(&r, A1, ZERO, 0); // nothing there yet
  addi(&r, A0, ZERO, 5);
  li(&r, A1, TARGET_UT);
  sys(&r, SYS_task_unblock, 0, A0, A1);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  setup(&r, IMAGE_SETUP_BLOCK, 5, TARGET_UT, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 0), 0);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 12), 4);
  world_free(&w);
}
END_TEST

// The middle of three tiles adds a vector to what passes through it.
START_TEST(fabric_to_fabric)
{
  enum { N = 20 };
  Program a = {0}, b = {0}, c = {0};
  Program *list[3] = {&a, &b, &c};
  static const uint32_t classes[3] = {0, 1, 2};
  number_words(&a, N);
  number_words(&b, N);
  send(&a, DSD_mov32, N, 0, 0);
  load_dsr(&b, FILE_DEST, 1, fab_lo(4, 3, N), DSD_FABOUT);
  load_dsr(&b, FILE_SRC0, 1, mem_lo(SRC_A, N), mem_hi(1));
  load_dsr(&b, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, N), DSD_FABIN);
  dsd(&b, DSD_add16, 1, 1, 1, 0);
  load_dsr(&c, FILE_DEST, 1, mem_lo(DEST, N), mem_hi(1));
  load_dsr(&c, FILE_SRC1, 1, fab_lo(4, 2, N), DSD_FABIN);
  dsd(&c, DSD_mov32, 1, 0, 1, 0);
  for (int i = 0; i < 3; i++) {
    ret(list[i]);
    main_task(list[i]);
  }
  for (uint32_t i = 0; i < N; i++) // 16-bit elements here
    memcpy(b.data + SRC_A + 2 * i, &(uint16_t){(uint16_t)(100 * i)}, 2);
  World w = world_new(ARCH_WSE3, 3, 1, list, 3, classes);
  world_route(&w, 0, 0, COLOR, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  world_route(&w, 1, 0, 4, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 2, 0, 4, straight(DIR_WEST, DIR_RAMP));
  assert_rest(&w);
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq(peek(&w, 2, 0, DEST + 4 * i), i + 1 + 100 * i);
  world_free(&w);
}
END_TEST

// Words go through a FIFO of two: the receiving microthread waits for room, the other for data. The
// push that resolves an empty FIFO activates a task.
START_TEST(fifo_between_microthreads)
{
  enum { N = 12 };
  Program s = {0}, r = {0};
  number_words(&s, N);
  send(&s, DSD_mov32, N, 0, 0);
  ret(&s);
  setup(&r, IMAGE_SETUP_FIFO, 0, 1024, 2 | 4 << 16, 12 | 255 << 8);
  load_dsr(&r, FILE_DEST, 2, mem_lo(DEST, N), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 2, 0, DSD_FIFO);
  options(&r, CFG_ASYNC | CFG_UT_GIVEN | 6 << CFG_UT_SHIFT, 0);
  dsd(&r, DSD_mov32, 2, 0, 2, 0);
  load_dsr(&r, FILE_DEST, 1, 0, DSD_FIFO);
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, N), DSD_FABIN);
  options(&r, CFG_ASYNC, 0);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  bind_append(&r, 12, 1);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), i + 1);
  ck_assert_uint_eq(peek(&w, 1, 0, LOG), 1);
  world_free(&w);
}
END_TEST

// advance_switch moves the sender's own switch after the last word: the next operation goes another
// way.
START_TEST(operation_advances_the_switch)
{
  Program s = {0}, r = {0};
  Program *list[2] = {&s, &r};
  static const uint32_t classes[4] = {0, 1, 1, 1};
  number_words(&s, 2);
  send(&s, DSD_mov32, 2, DSD_ADVANCE, 0);
  send(&s, DSD_mov32, 2, 0, 0);
  receive(&r, DSD_mov32, 2, 0, 0);
  for (int i = 0; i < 2; i++) {
    ret(list[i]);
    main_task(list[i]);
  }
  World w = world_new(ARCH_WSE2, 2, 2, list, 2, classes);
  Route turn = straight(DIR_RAMP, DIR_EAST);
  turn.rx[1] = DIR_BIT(DIR_RAMP);
  turn.tx[1] = DIR_BIT(DIR_SOUTH);
  turn.valid[1] = true;
  world_route(&w, 0, 0, 3, turn);
  world_route(&w, 1, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  world_route(&w, 0, 1, COLOR, straight(DIR_NORTH, DIR_RAMP));
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4), 2);
  ck_assert_uint_eq(peek(&w, 0, 1, DEST + 4), 2);
  world_free(&w);
}
END_TEST

enum { CONTEST = 60 }; // words of each send that competes

// Send i of those that compete: of zeros, with a priority of its own, or of what FIFO i holds, with
// that FIFO's.
static void competing_send(Program *s, uint32_t i, uint32_t priority, bool by_fifo)
{
  uint32_t memory = 2048 + i * CONTEST * 4;
  if (by_fifo) {
    setup(s, IMAGE_SETUP_FIFO, i, memory, CONTEST | 4 << 16 | priority << 22, 255 | 255 << 8);
    load_dsr(s, FILE_DEST, 4, i, DSD_FIFO);
    load_dsr(s, FILE_SRC1, 4, mem_lo(SRC_A, CONTEST), mem_hi(1));
    dsd(s, DSD_mov32, 4, 0, 4, 0);
    load_dsr(s, FILE_SRC1, i, i, DSD_FIFO);
  }
  load_dsr(s, FILE_DEST, i, fab_lo(COLOR + i, QUEUE + i, CONTEST), DSD_FABOUT);
  options(s, completion(12 + i) | (by_fifo ? 0 : priority << CFG_PRIO_SHIFT), 0);
  if (by_fifo)
    dsd(s, DSD_mov32, i, 0, i, 0);
  else
    dsd(s, DSD_mov32, i, 16, 16, ZERO);
}

// Two sends compete for the issue slots; the one with high priority is through first, whether the
// operation or its FIFO has the priority.
START_TEST(priority_of_microthreads)
{
  Program s = {0}, r = {0};
  Program *list[2] = {&s, &r};
  static const uint32_t classes[3] = {0, 1, 1};
  static const uint32_t prio[2] = {1, 3}; // low, high
  for (unsigned i = 0; i < 2; i++)
    competing_send(&s, i, prio[i], _i);
  ret(&s);
  bind_append(&s, 12, 12);
  bind_append(&s, 13, 13);
  for (unsigned i = 0; i < 2; i++) {
    load_dsr(&r, FILE_DEST, i, mem_lo(DEST, 0), mem_hi(0));
    load_dsr(&r, FILE_SRC1, i, fab_lo(COLOR + i, QUEUE + i, CONTEST), DSD_FABIN);
    options(&r, CFG_ASYNC, 0);
    dsd(&r, DSD_mov32, i, 0, i, 0);
  }
  ret(&r);
  for (int i = 0; i < 2; i++) {
    main_task(list[i]);
  }
  World w = world_new(ARCH_WSE3, 3, 1, list, 2, classes);
  world_route(&w, 0, 0, COLOR, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  world_route(&w, 0, 0, 4, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, 4, straight(DIR_WEST, DIR_RAMP));
  assert_rest(&w);
  assert_log(&w, 0, (uint32_t[]){13, 12}, 2);
  world_free(&w);
}
END_TEST

START_TEST(operations_that_cannot_be_fault)
{
  Program p = {0};
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, DSD_ENDLESS), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 16, 16, ZERO);
  ret(&p);
  assert_program_faults(&p, "endless length");
  Program q = {0};
  dsd(&q, DSD_mov32, 1, 16, 16, ZERO);
  ret(&q);
  assert_program_faults(&q, "nothing was loaded");
  Program r = {0};
  load_dsr(&r, FILE_SRC1, 1, 7, DSD_FIFO);
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST, 1), mem_hi(1));
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  assert_program_faults(&r, "there is no FIFO 7");
  Program s = {0};
  load_dsr(&s, FILE_SRC1, 1, 2 << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID | 4 << DSD_LEN_SHIFT,
           DSD_FABIN);
  load_dsr(&s, FILE_DEST, 1, mem_lo(DEST, 4), mem_hi(1));
  dsd(&s, DSD_mov32, 1, 0, 1, 0);
  ret(&s);
  assert_program_faults(&s, "input queue 2 is bound to no colour");
  Program t = {0};
  load_dsr(&t, FILE_DEST, 1, mem_lo(DEST, 4), mem_hi(1));
  options(&t, CFG_ASYNC, 0);
  load_dsr(&t, FILE_SRC1, 1, 0, DSD_FIFO);
  setup(&t, IMAGE_SETUP_FIFO, 0, 1024, 4 | 4 << 16, 255 | 255 << 8);
  dsd(&t, DSD_mov32, 1, 0, 1, 0);
  ret(&t);
  assert_program_faults(&t, "names no microthread");
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("dsd-fabric");
  TCase *t = tcase_create("dsd-fabric");
  tcase_add_loop_test(t, words_travel_between_tiles, 0, ARCH_COUNT);
  tcase_add_loop_test(t, asynchronous_operations_complete, 0, ARCH_COUNT);
  tcase_add_test(t, packed_halves_and_an_odd_end);
  tcase_add_test(t, unpacked_halves);
  tcase_add_test(t, on_control_ends_a_receive);
  tcase_add_test(t, back_pressure_holds_the_sender);
  tcase_add_test(t, two_operations_on_one_queue_fault);
  tcase_add_test(t, microthreads_do_not_slow_the_main_thread);
  tcase_add_test(t, filter_operation_drops_data);
  tcase_add_test(t, sources_are_zeroed_on_request);
  tcase_add_test(t, wavelet_index_offset);
  tcase_add_test(t, blocked_microthread_waits);
  tcase_add_test(t, fabric_to_fabric);
  tcase_add_test(t, fifo_between_microthreads);
  tcase_add_test(t, operation_advances_the_switch);
  tcase_add_loop_test(t, priority_of_microthreads, 0, 2);
  tcase_add_test(t, operations_that_cannot_be_fault);
  suite_add_tcase(s, t);
  return s;
}
