// Unit tests of the tile core: standard instructions against cases from a table, their costs,
// faults, what a tile needs; the event wheel.
#include "emulator_world.h"
#include "suite.h"
#include <string.h>

typedef struct RvCase {
  const char *text;
  uint32_t in[3];
  char result;
  uint32_t expected;
  unsigned n; // halfwords of code
  uint16_t code[24];
} RvCase;
#define WORDS(...) {__VA_ARGS__}
#define COUNT(...) sizeof((uint16_t[]){__VA_ARGS__}) / 2
static const RvCase rv_cases[] = {
#define RV_CASE(text, in, result, expected, code)                                                  \
  {text, WORDS in, #result[0], expected, COUNT code, WORDS code},
#include "rv32_cases.def"
#undef RV_CASE
};
enum { RV_CASES = sizeof rv_cases / sizeof *rv_cases };

static void emit_case(Program *p, const RvCase *c)
{
  put_words(p, 0, c->in, 3);
  for (int i = 0; i < 3; i++) {
    lw(p, A0 + (unsigned)i, ZERO, 4 * i);
    put32(p, (uint32_t)(4 * i) << 20 | 2u << 12 | (10u + (unsigned)i) << 7 | 0x07); // flw fa0+i
  }
  for (unsigned i = 0; i < c->n; i++)
    put16(p, c->code[i]);
  put32(p, 10u << 20 | 2u << 12 | 16u << 7 | 0x23); // sw a0, 16(zero)
  put32(p, 10u << 20 | 2u << 12 | 20u << 7 | 0x27); // fsw fa0, 20(zero)
  ret(p);
}

START_TEST(standard_instruction)
{
  const RvCase *c = &rv_cases[_i];
  Program p = {0};
  emit_case(&p, c);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  uint32_t got = peek(&w, 0, 0, c->result == 'X' ? 16 : 20);
  ck_assert_msg(got == c->expected, "%s: %08x instead of %08x", c->text, got, c->expected);
  world_free(&w);
}
END_TEST

START_TEST(branches_cost_what_the_table_says)
{
  Program p = {0};
  clock_on(&p);
  clock_to(&p, A1);
  addi(&p, A0, ZERO, 10);
  uint32_t loop = here(&p);
  addi(&p, A0, A0, -1);
  bne(&p, A0, ZERO, loop);
  clock_to(&p, A2);
  store_readings(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  const Costs *k = costs_get(ARCH_WSE3);
  uint32_t loop_cost = 10 + 9 * k->br_taken + k->br_not_taken;
  ck_assert_uint_eq(between_readings(&w), k->tsc_read + 1 + loop_cost);
  world_free(&w);
}
END_TEST

START_TEST(dependent_floats_wait)
{
  // fadd.s fa0, fa0, fa0 twice: the second waits for the first
  for (int dependent = 0; dependent < 2; dependent++) {
    Program p = {0};
    clock_on(&p);
    clock_to(&p, A1);
    put32(&p, 0x00a57553);                          // fadd.s fa0, fa0, fa0
    put32(&p, dependent ? 0x00a57553 : 0x00b5f5d3); // the same or fadd.s fa1, fa1, fa1
    clock_to(&p, A2);
    sw(&p, A1, ZERO, 0);
    sw(&p, A2, ZERO, 4);
    ret(&p);
    World w = world_single(ARCH_WSE3, &p);
    assert_rest(&w);
    const Costs *k = costs_get(ARCH_WSE3);
    uint32_t expected = k->tsc_read + (dependent ? k->fp_dep + 1 : 2);
    ck_assert_uint_eq(between_readings(&w), expected);
    world_free(&w);
  }
}
END_TEST

START_TEST(accesses_outside_fault)
{
  Program p = {0};
  li(&p, A0, PRIVATE_BYTES - 2);
  lw(&p, A1, A0, 0);
  assert_program_faults(&p, "load of 4 bytes at 0xffe");
  Program q = {0};
  addi(&q, A0, ZERO, -4);
  sw(&q, A1, A0, 0);
  assert_program_faults(&q, "store of 4 bytes at 0xfffffffc");
}
END_TEST

START_TEST(jumps_outside_fault)
{
  Program p = {0};
  li(&p, A0, CODE_BASE + 2);
  put32(&p, (uint32_t)A0 << 15 | 0x67); // jr a0: into the middle of an instruction
  assert_program_faults(&p, "holds no instruction");
  Program q = {0};
  put32(&q, 0); // two illegal compressed words
  assert_program_faults(&q, "no instruction of this machine");
  Program r = {0};
  put32(&r, 0x00000073); // ecall
  assert_program_faults(&r, "no instruction of this machine");
}
END_TEST

START_TEST(random_numbers_are_those_of_the_shift_register)
{
  Program p = {0};
  sys(&p, SYS_rand16, A0, 0, 0);
  sw(&p, A0, ZERO, 0);
  sys(&p, SYS_rand16, A0, 0, 0);
  sw(&p, A0, ZERO, 4);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  uint32_t v = 0xdeadbeef & 0x7fffff;
  for (int k = 0; k < 2; k++) {
    for (int i = 0; i < 128; i++)
      v = v >> 1 | ((v ^ v >> 5) & 1) << 22;
    ck_assert_uint_eq(peek(&w, 0, 0, 4 * (uint32_t)k), v & 0xffff);
  }
  world_free(&w);
}
END_TEST

START_TEST(an_idle_tile_is_small)
{
  ck_assert_uint_le(sizeof(Tile) + sizeof(TileCold) + sizeof(EmuTileStats), 512);
}
END_TEST

START_TEST(bad_setup_is_a_diagnostic)
{
  Program p = {0};
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 64, CODE_BASE, 0, 0);
  World w = world_single(ARCH_WSE3, &p);
  world_start(&w);
  ck_assert_ptr_null(w.e);
  ck_assert_uint_eq(w.diags.errors, 1);
  world_free(&w);
}
END_TEST

START_TEST(events_beyond_the_window_come_in_order)
{
  Program p = {0};
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  uint64_t now = w.e->now;
  for (uint64_t k = 9; k > 0; k--)
    sched_at(w.e, now + k * 700, PHASE_OUT, 0);
  for (uint64_t k = 1; k <= 9; k++) {
    ck_assert_uint_eq(sched_next(w.e), now + k * 700);
    w.e->now = now + k * 700;
    queue_of(w.e, 0);
    sched_run_cycle(w.e);
  }
  ck_assert(sched_next(w.e) == NEVER);
  world_free(&w);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("core");
  TCase *t = tcase_create("core");
  tcase_add_loop_test(t, standard_instruction, 0, RV_CASES);
  tcase_add_test(t, branches_cost_what_the_table_says);
  tcase_add_test(t, dependent_floats_wait);
  tcase_add_test(t, accesses_outside_fault);
  tcase_add_test(t, jumps_outside_fault);
  tcase_add_test(t, random_numbers_are_those_of_the_shift_register);
  tcase_add_test(t, an_idle_tile_is_small);
  tcase_add_test(t, bad_setup_is_a_diagnostic);
  tcase_add_test(t, events_beyond_the_window_come_in_order);
  suite_add_tcase(s, t);
  return s;
}
