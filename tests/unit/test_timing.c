// Unit tests of time: the cost rules of machine 5, each against cycles worked out by hand; the
// choice of timing parameters; the analytical models of machine 6.
#include "emulator_world.h"
#include "suite.h"
#include "target/model.h"
#include <math.h>

// ---- readings of the clock ----

// Runs one program on one tile; cycles between its two readings, without the reading itself.
static uint32_t cycles_of(ArchId arch, const char *timing, Program *p)
{
  World w = world_single(arch, p);
  w.opt.timing = timing;
  ck_assert_int_eq(world_run(&w), EMU_REST);
  uint32_t cycles = between_readings(&w) - w.e->costs->tsc_read;
  world_free(&w);
  return cycles;
}

// ---- DSD operations over memory ----

enum { DEST = 64, A = 512, B_APART = 1540, B_CONFLICT = 1536, SCALAR = 16, STARTUP_AND_DRAIN = 6 };

typedef struct MemoryCase {
  const char *what, *timing;
  ArchId arch;
  DsdOp op;
  uint32_t n, b; // elements; address of the second source, or of the only one
  int stride;    // of that source
  bool scalar;   // the destination is one element that accumulates
  uint32_t groups;
} MemoryCase;

static const MemoryCase memory_cases[] = {
    {"one element per cycle", NULL, ARCH_WSE2, DSD_fmacs, 100, B_APART, 1, false, 100},
    {"sources in the same banks", NULL, ARCH_WSE2, DSD_fmacs, 100, B_CONFLICT, 1, false, 200},
    {"wse3 has no conflicts", NULL, ARCH_WSE3, DSD_fmacs, 100, B_CONFLICT, 1, false, 100},
    {"silicon has", "silicon", ARCH_WSE3, DSD_fmacs, 100, B_CONFLICT, 1, false, 200},
    {"wse2 width 2 of f32", NULL, ARCH_WSE2, DSD_fadds, 64, B_APART, 1, false, 32},
    {"two f32 sources read 128 bits", NULL, ARCH_WSE3, DSD_fadds, 64, B_APART, 1, false, 32},
    {"two f16 sources read 128 bits", NULL, ARCH_WSE3, DSD_faddh, 64, B_APART, 1, false, 16},
    {"the last group may be short", NULL, ARCH_WSE3, DSD_faddh, 9, B_APART, 1, false, 3},
    {"one source reads eight", NULL, ARCH_WSE3, DSD_fmovh, 64, B_APART, 1, false, 8},
    {"64 bits written per cycle", "silicon", ARCH_WSE3, DSD_fmovh, 64, B_APART, 1, false, 16},
    {"wse2 width 4 of f16", NULL, ARCH_WSE2, DSD_fmovh, 64, B_APART, 1, false, 16},
    {"wse2 shifts one by one", NULL, ARCH_WSE2, DSD_sll16, 64, B_APART, 1, false, 64},
    {"wse3 shifts four", NULL, ARCH_WSE3, DSD_sll16, 64, B_APART, 1, false, 16},
    {"stride 2: every other bank", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 2, false, 16},
    {"stride 3: full width", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 3, false, 8},
    {"stride 4: two banks", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 4, false, 32},
    {"stride 7", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 7, false, 32},
    {"stride 8: one bank", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 8, false, 64},
    {"stride 9", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 9, false, 32},
    {"stride 0: full width", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, 0, false, 8},
    {"backwards", NULL, ARCH_WSE3, DSD_mov16, 64, B_APART, -1, false, 32},
    {"float into a scalar", NULL, ARCH_WSE3, DSD_faddh, 64, B_APART, 1, true, 128},
    {"integer into a scalar", NULL, ARCH_WSE3, DSD_add16, 64, B_APART, 1, true, 64},
    {"a rate set by hand", "simd_FP16=2", ARCH_WSE3, DSD_fmovh, 64, B_APART, 1, false, 32},
};
enum { MEMORY_CASES = sizeof memory_cases / sizeof *memory_cases };

START_TEST(memory_operation)
{
  const MemoryCase *c = &memory_cases[_i];
  bool unary = isa_dsd(c->op)->shape == SHAPE_UN;
  Program p = {0};
  if (c->scalar)
    load_dsr(&p, FILE_DEST, 1, mem_lo(SCALAR, 0), DSD_MEM1D | DSD_SCALAR);
  else
    load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, c->n), mem_hi(1));
  load_dsr(&p, FILE_SRC0, 1, mem_lo(A, c->n), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(c->b, c->n), mem_hi(c->stride));
  clock_on(&p);
  clock_to(&p, A1);
  dsd(&p, c->op, 1, unary || c->scalar ? 16 : 1, 1, A3);
  clock_to(&p, A2);
  store_readings(&p);
  uint32_t got = cycles_of(c->arch, c->timing, &p);
  ck_assert_msg(got == STARTUP_AND_DRAIN + c->groups, "%s: %u groups instead of %u", c->what,
                got - STARTUP_AND_DRAIN, c->groups);
}
END_TEST

// Dispatches at 0, 1, 2 of the loads, 6 of the operation; it takes 4 + 2 + 2 (V5).
START_TEST(an_operation_with_its_registers)
{
  Program p = {0};
  clock_on(&p);
  clock_to(&p, A1);
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, 8), mem_hi(1));
  load_dsr(&p, FILE_SRC0, 1, mem_lo(A, 8), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(B_APART, 8), mem_hi(1));
  dsd(&p, DSD_faddh, 1, 1, 1, A3);
  clock_to(&p, A2);
  store_readings(&p);
  ck_assert_uint_eq(cycles_of(ARCH_WSE3, NULL, &p), 14);
}
END_TEST

// What makes a constant descriptor is free; what computes one is not.
START_TEST(descriptors_that_are_computed_cost_cycles)
{
  for (int computed = 0; computed < 2; computed++) {
    Program p = {0};
    uint32_t lo = mem_lo(DEST, 8);
    memcpy(p.data + 32, &lo, sizeof lo);
    clock_on(&p);
    clock_to(&p, A1);
    if (computed) {
      lw(&p, T0, ZERO, 32);
      addi(&p, T0, T0, 2);
    } else
      li(&p, T0, lo);
    li(&p, T1, mem_hi(1));
    sys(&p, SYS_dsr_ld_dest, 1, T0, T1);
    clock_to(&p, A2);
    store_readings(&p);
    ck_assert_uint_eq(cycles_of(ARCH_WSE3, NULL, &p), computed ? 3 : 1);
  }
}
END_TEST

// The options of an operation are part of it.
START_TEST(options_are_free)
{
  Program p = {0};
  clock_on(&p);
  clock_to(&p, A1);
  options(&p, 0, 7);
  clock_to(&p, A2);
  store_readings(&p);
  ck_assert_uint_eq(cycles_of(ARCH_WSE3, NULL, &p), 0);
}
END_TEST

// An element of @map: map_get 1, addi 1, map_put 1; the question for the next one and its branch
// nothing.
START_TEST(the_step_of_map_is_free)
{
  enum { N = 20 };
  Program p = {0};
  load_dsr(&p, FILE_SRC1, 1, mem_lo(A, N), mem_hi(1));
  load_dsr(&p, FILE_DEST, 2, mem_lo(DEST, N), mem_hi(1));
  li(&p, T0, CFG_SINGLE_STEP);
  sys(&p, SYS_dsr_cfg_src1, 1, T0, 0);
  sys(&p, SYS_dsr_cfg_dest, 2, T0, 0);
  li(&p, A3, 1);
  li(&p, A4, 16);
  li(&p, A5, 16u << 8 | 2);
  clock_on(&p);
  clock_to(&p, A1);
  uint32_t loop = here(&p);
  sys(&p, SYS_map_get, A0, A3, A4);
  addi(&p, A0, A0, 1);
  sys(&p, SYS_map_put, 0, A5, A0);
  sys(&p, SYS_map_more, A0, A3, 0);
  bne(&p, A0, ZERO, loop);
  clock_to(&p, A2);
  store_readings(&p);
  ck_assert_uint_eq(cycles_of(ARCH_WSE3, NULL, &p), 3 * N);
}
END_TEST

// ---- tasks ----

// From the last reading of a task: the reading, the task's end (an instruction, no branch), the
// pick, the jump of the table's slot.
START_TEST(from_task_to_task)
{
  Program p = {0};
  clock_on(&p);
  clock_to(&p, A1);
  ret(&p);
  uint32_t second = here(&p);
  clock_to(&p, A2);
  sw(&p, A2, ZERO, 4);
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 10, second, 0, 0);
  setup(&p, IMAGE_SETUP_ACTIVATE, 10, 0, 0, 0);
  World w = world_single(ARCH_WSE3, &p);
  ck_assert_int_eq(world_run(&w), EMU_REST);
  // the clock starts a cycle before the first reading, which takes 6
  ck_assert_uint_eq(peek(&w, 0, 0, 4), 1 + 6 + 1 + 3 + 6);
  world_free(&w);
}
END_TEST

// ---- messages ----

static World message_world(ArchId arch, uint32_t words)
{
  static Program from, to;
  from = to = (Program){0};
  clock_on(&from);
  load_dsr(&from, FILE_DEST, 1, fab_lo(3, 2, words), DSD_FABOUT);
  load_dsr(&from, FILE_SRC1, 1, mem_lo(A, words), mem_hi(1));
  for (int i = 0; i < 8; i++)
    addi(&from, A0, ZERO, 0); // until the registers can be used
  clock_to(&from, A1);
  dsd(&from, DSD_mov32, 1, 16, 1, ZERO);
  sw(&from, A1, ZERO, 0);
  ret(&from);
  setup(&from, IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
  setup(&from, IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  clock_on(&to);
  load_dsr(&to, FILE_DEST, 1, mem_lo(A, words), mem_hi(1));
  load_dsr(&to, FILE_SRC1, 1, fab_lo(3, 2, words), DSD_FABIN);
  options(&to, CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT | 10u << CFG_TARGET_SHIFT, 0);
  dsd(&to, DSD_mov32, 1, 16, 1, ZERO);
  ret(&to);
  uint32_t done = here(&to);
  clock_to(&to, A2);
  sw(&to, A2, ZERO, 0);
  ret(&to);
  setup(&to, IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
  setup(&to, IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  setup(&to, IMAGE_SETUP_TASK_LOCAL, 10, done, 0, 0);
  Program *list[2] = {&from, &to};
  static const uint32_t classes[2] = {0, 1};
  World w = world_new(arch, 2, 1, list, 2, classes);
  world_route(&w, 0, 0, 3, (Route){.rx = {DIR_BIT(DIR_RAMP)}, .tx = {DIR_BIT(DIR_EAST)}});
  world_route(&w, 1, 0, 3, (Route){.rx = {DIR_BIT(DIR_WEST)}, .tx = {DIR_BIT(DIR_RAMP)}});
  return w;
}

typedef struct MessageCase {
  ArchId arch;
  const char *timing;
  uint32_t words, cycles;
} MessageCase;

// The first element executes 4 cycles after the dispatch, takes a cycle, 2 up the ramp, 1 or 2 over
// the hop, 2 or 3 down the ramp; the task starts when the last one executes. On silicon 63 more
// wavelets take 71 cycles. With hop = 5 the 4 places of a buffer come back after 10 cycles, so the
// second four wavelets are 6 cycles late. V8 is the second one.
static const MessageCase message_cases[] = {
    {ARCH_WSE2, NULL, 8, 17},          {ARCH_WSE3, NULL, 8, 19},    {ARCH_WSE3, NULL, 64, 75},
    {ARCH_WSE3, "silicon", 64, 83},    {ARCH_WSE3, "hop=1", 8, 18}, {ARCH_WSE3, "hop=5", 8, 28},
    {ARCH_WSE3, "task_pick=7", 8, 23},
};
enum { MESSAGE_CASES = sizeof message_cases / sizeof *message_cases };

START_TEST(from_send_to_completion_task)
{
  const MessageCase *c = &message_cases[_i];
  World w = message_world(c->arch, c->words);
  w.opt.timing = c->timing;
  ck_assert_int_eq(world_run(&w), EMU_REST);
  const Costs *k = w.e->costs;
  uint32_t dispatch = peek(&w, 0, 0, 0) + k->tsc_read;
  ck_assert_uint_eq(peek(&w, 1, 0, 0) - k->task_entry_jump - dispatch, c->cycles);
  world_free(&w);
}
END_TEST

// Another order of the tiles within a phase, another order of what is open: the same cycles here.
START_TEST(order_of_visits_does_not_matter)
{
  uint64_t end[3];
  for (int k = 0; k < 3; k++) {
    World w = message_world(ARCH_WSE3, 32);
    w.opt.shuffle_tiles = k == 1;
    w.opt.shuffle = k == 2;
    w.opt.seed = 5;
    ck_assert_int_eq(world_run(&w), EMU_REST);
    end[k] = emu_cycle(w.e);
    world_free(&w);
  }
  ck_assert_uint_eq(end[0], end[1]);
  ck_assert_uint_eq(end[0], end[2]);
}
END_TEST

// ---- the choice of parameters ----

START_TEST(presets_and_settings)
{
  Costs c;
  char bad[160];
  ck_assert(costs_choose(ARCH_WSE3, NULL, &c, bad, sizeof bad));
  ck_assert(!memcmp(&c, costs_get(ARCH_WSE3), sizeof c));
  ck_assert(costs_choose(ARCH_WSE3, "silicon,hop=3,simd_FP16=1", &c, bad, sizeof bad));
  ck_assert_str_eq(c.preset, "wse3-silicon");
  ck_assert(c.changed);
  ck_assert_uint_eq(c.link_eighths, 9);
  ck_assert_uint_eq(c.hop, 3);
  ck_assert_uint_eq(c.simd_FP16, 1);
  ck_assert(costs_choose(ARCH_WSE3, "hop=3,simulator", &c, bad, sizeof bad));
  ck_assert_uint_eq(c.hop, 2); // from left to right
  ck_assert(!c.changed);
}
END_TEST

static const char *const bad_choices[][2] = {
    {"gold", "'gold' is no preset"},
    {"hop=x", "a number from 1"},
    {"hop=", "a number from 1"},
    {"hop=0", "a number from 1"},
    {"hop=65", "a number from 1 to 64"},
    {"simd_FP16=9", "a number from 1 to 8"},
    {"hops=1", "'hops' is no timing parameter"},
    {"silicon,=", "is no timing parameter"},
    {"run_ahead=99999999999", "a number from 1 to 4096"},
};
enum { BAD_CHOICES = sizeof bad_choices / sizeof *bad_choices };

START_TEST(wrong_choices_are_told)
{
  Costs c;
  char bad[160];
  ck_assert(!costs_choose(ARCH_WSE3, bad_choices[_i][0], &c, bad, sizeof bad));
  ck_assert_msg(strstr(bad, bad_choices[_i][1]), "'%s' does not say '%s'", bad, bad_choices[_i][1]);
}
END_TEST

// A run with a wrong choice does not begin.
START_TEST(wrong_choice_stops_the_emulator)
{
  Program p = {0};
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  w.opt.timing = "gold";
  world_start(&w);
  ck_assert_ptr_null(w.e);
  ck_assert_uint_eq(w.diags.errors, 1);
  image_free(w.img);
  diag_free(&w.diags);
}
END_TEST

// ---- models (machine 6.4; T_R = 2, P = 512) ----

static double wse2(ModelId id, uint32_t tiles, uint32_t words, uint32_t group)
{
  return model_cycles(id, costs_get(ARCH_WSE2), (ModelSize){tiles, words, group, 1});
}

START_TEST(models_give_the_reference_values)
{
  ck_assert_double_eq(wse2(MODEL_broadcast, 512, 64, 0), 580);
  ck_assert_double_eq(wse2(MODEL_star, 512, 1, 0), 772);
  ck_assert_double_eq(wse2(MODEL_star, 512, 64, 0), 32709);
  ck_assert_double_eq(wse2(MODEL_chain, 512, 4096, 0), 7162);
  ck_assert_double_eq(round(wse2(MODEL_tree, 512, 64, 0)), 845);
  ck_assert_double_eq(wse2(MODEL_tree, 512, 4096, 0), 36909);
  ck_assert_double_eq(wse2(MODEL_two_phase, 512, 4096, 2), 9983);
  ck_assert_double_eq(wse2(MODEL_two_phase, 512, 4096, 32), 8933);
  ck_assert_double_eq(round(wse2(MODEL_two_phase_single, 512, 4096, 2)), 9472);
  ck_assert_double_eq(round(wse2(MODEL_two_phase_single, 512, 4096, 64)), 8542);
}
END_TEST

START_TEST(the_best_tree_is_never_worse_than_the_others)
{
  static const ModelId others[] = {MODEL_chain, MODEL_tree, MODEL_two_phase_single, MODEL_star};
  for (uint32_t words = 1; words <= 4096; words *= 8)
    for (uint32_t tiles = 2; tiles <= 64; tiles *= 2) {
      double best = wse2(MODEL_auto, tiles, words, 0);
      ck_assert_double_ge(best, wse2(MODEL_auto_bound, tiles, words, 0));
      for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_double_le(best, wse2(others[i], tiles, words, 0) + 1e-3);
    }
}
END_TEST

// Three tiles, one word: a star takes max(2, 3 / 2 + 2) + 5 = 8.5; the chain 1 + 2 * 6 = 13.
START_TEST(the_best_tree_of_three_tiles)
{
  ck_assert_double_eq(wse2(MODEL_auto, 3, 1, 0), 8.5);
  ck_assert_double_eq(wse2(MODEL_auto, 1, 1, 0), 0);
  ck_assert_double_eq(wse2(MODEL_auto, 2, 10, 0), 16);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("timing");
  TCase *core = tcase_create("core");
  tcase_add_loop_test(core, memory_operation, 0, MEMORY_CASES);
  tcase_add_test(core, an_operation_with_its_registers);
  tcase_add_test(core, descriptors_that_are_computed_cost_cycles);
  tcase_add_test(core, options_are_free);
  tcase_add_test(core, the_step_of_map_is_free);
  tcase_add_test(core, from_task_to_task);
  tcase_add_loop_test(core, from_send_to_completion_task, 0, MESSAGE_CASES);
  tcase_add_test(core, order_of_visits_does_not_matter);
  suite_add_tcase(s, core);
  TCase *choice = tcase_create("choice");
  tcase_add_test(choice, presets_and_settings);
  tcase_add_loop_test(choice, wrong_choices_are_told, 0, BAD_CHOICES);
  tcase_add_test(choice, wrong_choice_stops_the_emulator);
  suite_add_tcase(s, choice);
  TCase *models = tcase_create("models");
  tcase_add_test(models, models_give_the_reference_values);
  tcase_add_test(models, the_best_tree_is_never_worse_than_the_others);
  tcase_add_test(models, the_best_tree_of_three_tiles);
  suite_add_tcase(s, models);
  return s;
}
