// Unit tests of what decides which task runs: rotating pairs, tables of control tasks, tasks that
// activate themselves, priorities set at run time, actions of FIFOs, control_transform.
#include "emulator_world.h"
#include "suite.h"
#include <stb/stb_ds.h>

enum { RESULT = 0, DEST = 512, BUFFER = 1024 };

// ---- rotating tasks ----

// limit wavelets start the main task, the next one its alternate; the count begins at init.
START_TEST(every_so_often_the_alternate_runs)
{
  static const struct {
    uint32_t limit, init, order[7];
  } cases[] = {{2, 0, {1, 1, 2, 1, 1, 2, 1}},
               {2, 1, {1, 2, 1, 1, 2, 1, 1}},
               {3, 3, {2, 1, 1, 1, 2, 1, 1}},
               {0, 0, {2, 2, 2, 2, 2, 2, 2}}};
  static const uint32_t words[7] = {0};
  Program s = {0}, r = {0};
  send_words(&s, words, 7, 0);
  ret(&s);
  ret(&r);
  uint32_t main_at = append(&r, 1);
  ret(&r);
  uint32_t other_at = append(&r, 2);
  ret(&r);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  setup(&r, IMAGE_SETUP_ROTATE, QUEUE, main_at, other_at, cases[_i].limit | cases[_i].init << 16);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  assert_log(&w, 1, cases[_i].order, 7);
  world_free(&w);
}
END_TEST

// ---- tables of control tasks ----

// Table 2 with 3 slots each: control id 1 is slot 7. Without a table it is task id 1 of all tasks.
START_TEST(a_queue_has_its_table_of_control_tasks)
{
  bool table = _i;
  static const uint32_t word = 1u << 16;
  Program s = {0}, r = {0};
  send_words(&s, &word, 1, DSD_CONTROL);
  ret(&s);
  ret(&r);
  uint32_t at = append(&r, 1);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_CONTROL, 1, at, 0, 0);
  at = append(&r, 7);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_CONTROL, 7, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 2);
  setup(&r, IMAGE_SETUP_UNBLOCK, QUEUE, TARGET_INPUT_QUEUE, 0, 0);
  if (table)
    setup(&r, IMAGE_SETUP_CONTROL_TABLE, 0, 4, 3, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  assert_log(&w, 1, (const uint32_t[]){table ? 7 : 1}, 1);
  world_free(&w);
}
END_TEST

// In a common table a control wavelet starts the local task of its number; in one of its own not.
START_TEST(control_ids_alias_local_ones_without_a_table)
{
  bool table = _i;
  static const uint32_t word = 12u << 16;
  Program s = {0}, r = {0};
  send_words(&s, &word, 1, DSD_CONTROL);
  ret(&s);
  ret(&r);
  uint32_t at = append(&r, 5);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  setup(&r, IMAGE_SETUP_UNBLOCK, QUEUE, TARGET_INPUT_QUEUE, 0, 0);
  if (table)
    setup(&r, IMAGE_SETUP_CONTROL_TABLE, 0, 4, 1, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  EmuStop why = world_run(&w);
  ck_assert_int_eq(why, table ? EMU_FAULT : EMU_REST);
  if (table)
    ck_assert(strstr(emu_message(w.e), "no task is bound to control id 12"));
  else
    assert_log(&w, 1, (const uint32_t[]){5}, 1);
  world_free(&w);
}
END_TEST

// ---- tasks that activate themselves ----

// Task 10 activates itself until task 12, which a completion starts, has left its mark.
START_TEST(a_polling_task_lets_others_run)
{
  static const uint32_t word = 1;
  Program s = {0}, r = {0};
  send_words(&s, &word, 1, 0);
  ret(&s);
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST, 1), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABIN);
  options(&r, CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT | 12 << CFG_TARGET_SHIFT, 0);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  addi(&r, A0, ZERO, 10);
  sys(&r, SYS_task_act, 0, A0, 0);
  ret(&r);
  uint32_t again = here(&r);
  addi(&r, A0, ZERO, 10);
  sys(&r, SYS_task_act, 0, A0, 0);
  ret(&r);
  uint32_t poll = here(&r);
  lw(&r, A1, ZERO, 0);
  addi(&r, A2, ZERO, LOG);
  beq(&r, A1, A2, again);
  append(&r, 3);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 10, poll, 0, 0);
  uint32_t at = append(&r, 1);
  addi(&r, A0, ZERO, 14);
  sys(&r, SYS_task_act, 0, A0, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  at = append(&r, 2);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 14, at, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  // It has its turn between what it waited for and the task that builds on both.
  assert_log(&w, 1, (const uint32_t[]){1, 3, 2}, 3);
  world_free(&w);
}
END_TEST

START_TEST(priorities_are_set_at_run_time)
{
  Program p = {0};
  uint32_t first = register_info(REG_task_priority)->first[ARCH_WSE2];
  uint32_t level = register_info(REG_main_priority)->first[ARCH_WSE2];
  li(&p, A0, first);
  li(&p, A1, 1u << 12);
  sys(&p, SYS_cfg_write, 0, A0, A1);
  li(&p, A0, level);
  li(&p, A1, 3);
  sys(&p, SYS_cfg_write, 0, A0, A1);
  sys(&p, SYS_cfg_read, A2, A0, 0);
  sw(&p, A2, ZERO, 128);
  for (int id = 10; id <= 12; id += 2) {
    addi(&p, A0, ZERO, id);
    sys(&p, SYS_task_act, 0, A0, 0);
  }
  ret(&p);
  for (uint32_t id = 10; id <= 12; id += 2) {
    uint32_t at = append(&p, (int)id);
    ret(&p);
    setup(&p, IMAGE_SETUP_TASK_LOCAL, id, at, 0, 0);
  }
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  assert_log(&w, 0, (const uint32_t[]){12, 10}, 2);
  ck_assert_uint_eq(peek(&w, 0, 0, 128), 3);
  world_free(&w);
}
END_TEST

// Of a completion in an asynchronous register and one in the operation, that of the register
// counts; an asynchronous register without one leaves the operation its own.
START_TEST(the_completion_of_a_register_goes_first)
{
  enum { OF_OPERATION = 12, OF_REGISTER = 13 };
  bool in_register = _i;
  static const uint32_t word = 1;
  uint32_t activate = CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT;
  Program s = {0}, r = {0};
  send_words(&s, &word, 1, 0);
  ret(&s);
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST, 1), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABIN);
  li(&r, A0, in_register ? activate | OF_REGISTER << CFG_TARGET_SHIFT : CFG_ASYNC);
  sys(&r, SYS_dsr_cfg_src1, 1, A0, 0);
  options(&r, activate | OF_OPERATION << CFG_TARGET_SHIFT, 0);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  for (uint32_t id = OF_OPERATION; id <= OF_REGISTER; id++) {
    uint32_t at = append(&r, (int)id);
    ret(&r);
    setup(&r, IMAGE_SETUP_TASK_LOCAL, id, at, 0, 0);
  }
  World w = world_pair((ArchId)ARCH_WSE3, &s, &r);
  assert_rest(&w);
  assert_log(&w, 1, (const uint32_t[]){in_register ? OF_REGISTER : OF_OPERATION}, 1);
  world_free(&w);
}
END_TEST

// ---- FIFOs ----

static void fifo(Program *p, FifoAction empty, FifoAction full, uint32_t push, uint32_t pop)
{
  setup(p, IMAGE_SETUP_FIFO, 0, BUFFER, 4 | 4 << 16 | (uint32_t)empty << 24 | (uint32_t)full << 28,
        push | pop << 8);
}
// A synchronous push or pop of n words; its status goes to RESULT + 4.
static void push(Program *p, uint32_t n)
{
  load_dsr(p, FILE_DEST, 1, 0, DSD_FIFO);
  load_dsr(p, FILE_SRC1, 1, mem_lo(SOURCE, n), mem_hi(1));
  dsd(p, DSD_mov32, 1, 0, 1, 0);
}
static void pop(Program *p, uint32_t n)
{
  load_dsr(p, FILE_DEST, 2, mem_lo(DEST, n), mem_hi(1));
  load_dsr(p, FILE_SRC1, 2, 0, DSD_FIFO);
  dsd(p, DSD_mov32, 2, 0, 2, 0);
}
static void store_status(Program *p)
{
  sys(p, SYS_dsd_status, A0, 0, 0);
  sw(p, A0, ZERO, RESULT + 4);
}
enum { NOBODY = 255 };

START_TEST(a_terminating_fifo_ends_an_operation_as_complete)
{
  static const FifoAction actions[2] = {FIFO_TEST_OR_SUSPEND, FIFO_TERMINATE};
  Program p = {0};
  fifo(&p, actions[_i], FIFO_TEST_OR_SUSPEND, NOBODY, NOBODY);
  pop(&p, 3);
  store_status(&p);
  ret(&p);
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, RESULT + 4), actions[_i] == FIFO_TERMINATE);
  world_free(&w);
}
END_TEST

START_TEST(a_faulting_fifo_stops_the_tile)
{
  bool full = _i;
  Program p = {0};
  fifo(&p, FIFO_FAULT, FIFO_FAULT, NOBODY, NOBODY);
  if (full)
    push(&p, 6);
  else
    pop(&p, 2);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  ck_assert_int_eq(world_run(&w), EMU_FAULT);
  ck_assert_msg(strstr(emu_message(w.e), full ? "the FIFO is full and its action is fault: 2"
                                              : "the FIFO is empty and its action is fault: 2") !=
                    NULL,
                "%s", emu_message(w.e));
  world_free(&w);
}
END_TEST

// The synchronous pop waits until a microthread has pushed what it wants.
START_TEST(a_suspending_fifo_makes_a_synchronous_pop_wait)
{
  static const uint32_t words[3] = {11, 12, 13};
  Program s = {0}, r = {0};
  send_words(&s, words, 3, 0);
  ret(&s);
  fifo(&r, FIFO_SUSPEND, FIFO_SUSPEND, NOBODY, NOBODY);
  load_dsr(&r, FILE_DEST, 1, 0, DSD_FIFO);
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, 3), DSD_FABIN);
  options(&r, CFG_ASYNC, 0);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  pop(&r, 3);
  store_status(&r);
  ret(&r);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4), 1);
  for (uint32_t i = 0; i < 3; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), words[i]);
  world_free(&w);
}
END_TEST

// The pop stopped with two elements missing: the first push is not enough to wake its task.
START_TEST(the_wake_up_waits_for_all_that_was_missed)
{
  Program p = {0};
  fifo(&p, FIFO_TEST_OR_SUSPEND, FIFO_TEST_OR_SUSPEND, 10, NOBODY);
  pop(&p, 2);
  push(&p, 1);
  addi(&p, A0, ZERO, 12);
  sys(&p, SYS_task_act, 0, A0, 0);
  ret(&p);
  uint32_t at = append(&p, 1);
  push(&p, 1);
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  at = append(&p, 2);
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 10, at, 0, 0);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  assert_log(&w, 0, (const uint32_t[]){1, 2}, 2);
  world_free(&w);
}
END_TEST

// ---- control_transform ----

// Into memory: the upper two bits of the index tell control from data, the mask meets the lower
// six.
START_TEST(control_wavelets_are_marked_when_received)
{
  enum { MASK = 0x15 };
  static const uint32_t data = 0xffff1234, control = 0x002a5678;
  Program s = {0}, r = {0};
  li(&s, A3, data);
  load_dsr(&s, FILE_DEST, 1, fab_lo(COLOR, QUEUE, 1), DSD_FABOUT);
  dsd(&s, DSD_mov32, 1, 16, 16, A3);
  send_words(&s, &control, 1, DSD_CONTROL);
  ret(&s);
  li(&r, A0, register_info(REG_control_mask)->first[ARCH_WSE2]);
  li(&r, A1, MASK);
  sys(&r, SYS_cfg_write, 0, A0, A1);
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST, 2), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 1, fab_lo(COLOR, QUEUE, 2), DSD_FABIN | DSD_CONTROL_TRANSFORM);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  World w = world_pair(ARCH_WSE2, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST), data & 0x3fffffff);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4), 0xc0000000u | (control ^ MASK << 16));
  world_free(&w);
}
END_TEST

// Out of memory: marked words become control wavelets again, without the mark.
START_TEST(marked_words_are_sent_as_control_wavelets)
{
  static const uint32_t words[2] = {0x00011111, 0xc0282222};
  Program s = {0}, r = {0};
  send_words(&s, words, 2, DSD_CONTROL_TRANSFORM);
  ret(&s);
  ret(&r);
  uint32_t at = here(&r);
  sw(&r, A0, ZERO, RESULT);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_DATA, QUEUE, at, 0, 0);
  at = here(&r);
  sw(&r, A0, ZERO, RESULT + 4);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_CONTROL, 0x28, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT), words[0]);
  ck_assert_uint_eq(peek(&w, 1, 0, RESULT + 4), words[1] & 0x3fffffff);
  world_free(&w);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("events");
  TCase *t = tcase_create("tasks");
  tcase_add_loop_test(t, every_so_often_the_alternate_runs, 0, 4);
  tcase_add_loop_test(t, a_queue_has_its_table_of_control_tasks, 0, 2);
  tcase_add_loop_test(t, control_ids_alias_local_ones_without_a_table, 0, 2);
  tcase_add_test(t, a_polling_task_lets_others_run);
  tcase_add_test(t, priorities_are_set_at_run_time);
  tcase_add_loop_test(t, the_completion_of_a_register_goes_first, 0, 2);
  tcase_add_loop_test(t, a_terminating_fifo_ends_an_operation_as_complete, 0, 2);
  tcase_add_loop_test(t, a_faulting_fifo_stops_the_tile, 0, 2);
  tcase_add_test(t, a_suspending_fifo_makes_a_synchronous_pop_wait);
  tcase_add_test(t, the_wake_up_waits_for_all_that_was_missed);
  tcase_add_test(t, control_wavelets_are_marked_when_received);
  tcase_add_test(t, marked_words_are_sent_as_control_wavelets);
  suite_add_tcase(s, t);
  return s;
}
