// Unit tests of tasks: which one the picker takes, activation and blocking, tasks that wavelets
// start.
#include "emulator_world.h"
#include "suite.h"

START_TEST(picker_takes_high_priority_then_lowest_id)
{
  Program p = {0};
  bind_append(&p, 12, 12);
  bind_append(&p, 10, 10);
  bind_append(&p, 20, 20);
  for (uint32_t id = 10; id <= 20; id += id == 10 ? 2 : 8)
    setup(&p, IMAGE_SETUP_ACTIVATE, id, 0, 0, 0);
  setup(&p, IMAGE_SETUP_CONFIG, register_info(REG_task_priority)->first[ARCH_WSE3] + 1,
        1u << (20 - 16), 0, 0);
  Program *list[1] = {&p};
  World w = world_new(ARCH_WSE3, 1, 1, list, 1, NULL);
  assert_rest(&w);
  assert_log(&w, 0, (uint32_t[]){20, 10, 12}, 3);
  world_free(&w);
}
END_TEST

// A tile that was told of a host command which is gone goes on with its tasks.
START_TEST(stale_host_command_does_not_stop_the_picker)
{
  Program p = {0};
  bind_append(&p, 30, 30);
  setup(&p, IMAGE_SETUP_ACTIVATE, 30, 0, 0, 0);
  Program *list[1] = {&p};
  World w = world_new(ARCH_WSE3, 1, 1, list, 1, NULL);
  world_start(&w);
  w.e->tiles[0].host_pending = true;
  ck_assert_int_eq(emu_run(w.e, EMU_TO_REST), EMU_REST);
  assert_log(&w, 0, (uint32_t[]){30}, 1);
  world_free(&w);
}
END_TEST

START_TEST(blocked_tasks_keep_their_activation)
{
  Program p = {0};
  addi(&p, A2, ZERO, 10); // task 9: activates the blocked 10 twice, then 11
  sys(&p, SYS_task_act, 0, A2, 0);
  sys(&p, SYS_task_act, 0, A2, 0);
  addi(&p, A2, ZERO, 11);
  sys(&p, SYS_task_act, 0, A2, 0);
  ret(&p);
  bind_append(&p, 10, 10);
  uint32_t at = append(&p, 11); // 11 unblocks 10
  addi(&p, A2, ZERO, 10);
  sys(&p, SYS_task_unblock, 0, A2, ZERO);
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 11, at, 0, 0);
  setup(&p, IMAGE_SETUP_BLOCK, 10, TARGET_TASK, 0, 0);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  assert_log(&w, 0, (uint32_t[]){11, 10}, 2);
  world_free(&w);
}
END_TEST

START_TEST(activating_an_unbound_task_faults)
{
  Program p = {0};
  addi(&p, A2, ZERO, 17);
  sys(&p, SYS_task_act, 0, A2, 0);
  ret(&p);
  assert_program_faults(&p, "task id 17");
}
END_TEST

START_TEST(data_task_gets_each_wavelet)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  send_words(&s, (uint32_t[]){1, 2, 3, 4, 5}, 5, 0);
  ret(&s);
  ret(&r);
  uint32_t at = here(&r); // sum of the payloads
  lw(&r, A1, ZERO, 0);
  put32(&r, 10u << 20 | 11u << 15 | 11u << 7 | 0x33); // add a1, a1, a0
  sw(&r, A1, ZERO, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_DATA, arch_get(arch)->data_task_by_queue ? QUEUE : COLOR, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = world_pair(arch, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 0), 15);
  world_free(&w);
}
END_TEST

// While wavelets wait, local tasks still go first, in order of their ids.
START_TEST(local_tasks_go_before_wavelets)
{
  Program s = {0}, r = {0};
  send_words(&s, (uint32_t[]){1, 2}, 2, 0);
  ret(&s);
  li(&r, A0, 300); // task 9 keeps the tile busy until both wavelets are there
  uint32_t loop = here(&r);
  addi(&r, A0, A0, -1);
  bne(&r, A0, ZERO, loop);
  ret(&r);
  uint32_t at = append(&r, 3);
  for (int id = 12; id >= 10; id -= 2) {
    addi(&r, A2, ZERO, id);
    sys(&r, SYS_task_act, 0, A2, 0);
  }
  ret(&r);
  bind_append(&r, 12, 12);
  bind_append(&r, 10, 10);
  setup(&r, IMAGE_SETUP_TASK_DATA, QUEUE, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  assert_log(&w, 1, (uint32_t[]){3, 10, 12, 3, 10, 12}, 6);
  world_free(&w);
}
END_TEST

START_TEST(control_wavelet_starts_its_task)
{
  Program s = {0}, r = {0};
  const uint32_t payload = 40u << 16 | 0x1234;
  send_words(&s, &payload, 1, DSD_CONTROL);
  ret(&s);
  ret(&r);
  uint32_t at = here(&r);
  sw(&r, A0, ZERO, 0);
  sw(&r, A1, ZERO, 4);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_CONTROL, 40, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR, 0, 0);
  setup(&r, IMAGE_SETUP_UNBLOCK, QUEUE, TARGET_INPUT_QUEUE, 0, 0);
  World w = world_pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 0), payload);
  ck_assert_uint_eq(peek(&w, 1, 0, 4), 40);
  world_free(&w);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("tasks");
  TCase *t = tcase_create("tasks");
  tcase_add_test(t, picker_takes_high_priority_then_lowest_id);
  tcase_add_test(t, stale_host_command_does_not_stop_the_picker);
  tcase_add_test(t, blocked_tasks_keep_their_activation);
  tcase_add_test(t, activating_an_unbound_task_faults);
  tcase_add_loop_test(t, data_task_gets_each_wavelet, 0, ARCH_COUNT);
  tcase_add_test(t, local_tasks_go_before_wavelets);
  tcase_add_test(t, control_wavelet_starts_its_task);
  suite_add_tcase(s, t);
  return s;
}
