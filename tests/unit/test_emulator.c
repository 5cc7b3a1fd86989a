// Unit tests of the tile core, tasks and the DSD engine: small hand-encoded programs in a whole
// emulator.
#include "arith/arith.h"
#include "emulator_world.h"
#include <check.h>
#include <stb/stb_ds.h>

static uint32_t bits(float f)
{
  return arith_bits(f);
}
static void put_words(Program *p, uint32_t address, const uint32_t *words, uint32_t n)
{
  memcpy(p->data + address, words, n * sizeof *words);
}
static void assert_rest(World *w)
{
  EmuStop why = world_run(w);
  ck_assert_msg(why == EMU_REST, "stopped (%d): %s", why,
                why == EMU_FAULT ? emu_message(w->e) : "");
}

// ---- standard instructions ----

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

// Reads the low 16 bits of the clock into rd.
static void clock_to(Program *p, unsigned rd)
{
  sys(p, SYS_tsc_read, rd, ZERO, 0);
}
static void clock_on(Program *p)
{
  li(p, T2, 1);
  sys(p, SYS_tsc_ctl, 0, T2, 0);
}

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
  sw(&p, A1, ZERO, 0);
  sw(&p, A2, ZERO, 4);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  const Costs *k = costs_get(ARCH_WSE3);
  uint32_t loop_cost = 10 + 9 * k->br_taken + k->br_not_taken;
  ck_assert_uint_eq(peek(&w, 0, 0, 4) - peek(&w, 0, 0, 0), k->tsc_read + 1 + loop_cost);
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
    ck_assert_uint_eq(peek(&w, 0, 0, 4) - peek(&w, 0, 0, 0), expected);
    world_free(&w);
  }
}
END_TEST

static void expect_fault(Program *p, const char *text)
{
  World w = world_single(ARCH_WSE3, p);
  ck_assert_int_eq(world_run(&w), EMU_FAULT);
  ck_assert_msg(strstr(emu_message(w.e), text) != NULL, "'%s' does not say '%s'", emu_message(w.e),
                text);
  ck_assert(strstr(emu_message(w.e), "tile (0, 0)"));
  world_free(&w);
}

START_TEST(accesses_outside_fault)
{
  Program p = {0};
  li(&p, A0, PRIVATE_BYTES - 2);
  lw(&p, A1, A0, 0);
  expect_fault(&p, "load of 4 bytes at 0xffe");
  Program q = {0};
  addi(&q, A0, ZERO, -4);
  sw(&q, A1, A0, 0);
  expect_fault(&q, "store of 4 bytes at 0xfffffffc");
}
END_TEST

START_TEST(jumps_outside_fault)
{
  Program p = {0};
  li(&p, A0, CODE_BASE + 2);
  put32(&p, (uint32_t)A0 << 15 | 0x67); // jr a0: into the middle of an instruction
  expect_fault(&p, "holds no instruction");
  Program q = {0};
  put32(&q, 0); // two illegal compressed words
  expect_fault(&q, "no instruction of this machine");
  Program r = {0};
  put32(&r, 0x00000073); // ecall
  expect_fault(&r, "no instruction of this machine");
}
END_TEST

// ---- tasks ----

// A task that appends its number to the list at the address in word 0.
static uint32_t append_task(Program *p, int number)
{
  uint32_t at = here(p);
  lw(p, A0, ZERO, 0);
  addi(p, A1, ZERO, number);
  sw(p, A1, A0, 0);
  addi(p, A0, A0, 4);
  sw(p, A0, ZERO, 0);
  return at;
}

static void bind_append(Program *p, uint32_t id, int number)
{
  uint32_t at = append_task(p, number);
  ret(p);
  setup(p, IMAGE_SETUP_TASK_LOCAL, id, at, 0, 0);
}

START_TEST(picker_takes_high_priority_then_lowest_id)
{
  Program p = {0};
  p.data[0] = 64;
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
  ck_assert_uint_eq(peek(&w, 0, 0, 64), 20);
  ck_assert_uint_eq(peek(&w, 0, 0, 68), 10);
  ck_assert_uint_eq(peek(&w, 0, 0, 72), 12);
  ck_assert_uint_eq(peek(&w, 0, 0, 0), 76);
  world_free(&w);
}
END_TEST

// A tile that was told of a host command which is gone goes on with its tasks.
START_TEST(stale_host_command_does_not_stop_the_picker)
{
  Program p = {0};
  p.data[0] = 64;
  bind_append(&p, 30, 30);
  setup(&p, IMAGE_SETUP_ACTIVATE, 30, 0, 0, 0);
  Program *list[1] = {&p};
  World w = world_new(ARCH_WSE3, 1, 1, list, 1, NULL);
  world_start(&w);
  w.e->tiles[0].host_pending = true;
  ck_assert_int_eq(emu_run(w.e, EMU_TO_REST), EMU_REST);
  ck_assert_uint_eq(peek(&w, 0, 0, 64), 30);
  world_free(&w);
}
END_TEST

START_TEST(blocked_tasks_keep_their_activation)
{
  Program p = {0};
  p.data[0] = 64;
  addi(&p, A2, ZERO, 10); // task 9: activates the blocked 10 twice, then 11
  sys(&p, SYS_task_act, 0, A2, 0);
  sys(&p, SYS_task_act, 0, A2, 0);
  addi(&p, A2, ZERO, 11);
  sys(&p, SYS_task_act, 0, A2, 0);
  ret(&p);
  bind_append(&p, 10, 10);
  uint32_t at = append_task(&p, 11); // 11 unblocks 10
  addi(&p, A2, ZERO, 10);
  sys(&p, SYS_task_unblock, 0, A2, ZERO);
  ret(&p);
  setup(&p, IMAGE_SETUP_TASK_LOCAL, 11, at, 0, 0);
  setup(&p, IMAGE_SETUP_BLOCK, 10, TARGET_TASK, 0, 0);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, 64), 11);
  ck_assert_uint_eq(peek(&w, 0, 0, 68), 10);
  ck_assert_uint_eq(peek(&w, 0, 0, 0), 72);
  world_free(&w);
}
END_TEST

START_TEST(activating_an_unbound_task_faults)
{
  Program p = {0};
  addi(&p, A2, ZERO, 17);
  sys(&p, SYS_task_act, 0, A2, 0);
  ret(&p);
  expect_fault(&p, "task id 17");
}
END_TEST

// ---- DSD operations over memory ----

enum { DEST = 256, SRC_A = 512, SRC_B = 768 };

// dest = op(a, b) over n elements with these strides; operands at the addresses above, everything
// through DSRs.
static void binary(Program *p, DsdOp op, uint32_t n, int sd, int sa, int sb, unsigned scalar)
{
  load_dsr(p, FILE_DEST, 1, mem_lo(DEST, n), mem_hi(sd));
  load_dsr(p, FILE_SRC0, 1, mem_lo(SRC_A, n), mem_hi(sa));
  load_dsr(p, FILE_SRC1, 1, mem_lo(SRC_B, n), mem_hi(sb));
  dsd(p, op, 1, 1, 1, scalar);
}

static uint32_t random_state = 12345;
static uint32_t random_word(void)
{
  random_state = random_state * 1664525u + 1013904223u;
  return random_state ^ random_state >> 13;
}

static uint32_t element(const uint8_t *memory, uint32_t base, int stride, uint32_t i,
                        unsigned bytes)
{
  uint32_t v = 0;
  memcpy(&v, memory + base + (int)i * stride * (int)bytes, bytes);
  return v;
}

// Every operation, with unit stride (native loops) and with stride 2 (element by element), against
// its formula.
START_TEST(operations_over_memory)
{
  DsdOp op = (DsdOp)(_i / 2);
  int stride = 1 + _i % 2;
  const DsdOpInfo *o = isa_dsd(op);
  if (op == DSD_dfilt)
    return;
  enum { N = 19 };
  Program p = {0};
  for (uint32_t i = 0; i < 1024; i += 4) {
    uint32_t v = random_word();
    memcpy(p.data + i, &v, 4);
  }
  li(&p, A3, 0x3f8003c0);
  binary(&p, op, N, stride, stride, stride, A3);
  ret(&p);
  uint8_t before[1024];
  memcpy(before, p.data, sizeof before);
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  uint8_t carry = 0;
  for (uint32_t i = 0; i < N; i++) {
    uint32_t a = o->a_bits ? element(before, SRC_A, stride, i, o->a_bits / 8u) : 0;
    uint32_t b = element(before, SRC_B, stride, i, o->b_bits / 8u);
    uint32_t expected = dsd_eval(op, ARITH_F16, a, b, 0x3f8003c0, &carry);
    uint32_t bytes,
        got = element(emu_tile_memory(w.e, 0, 0, &bytes), DEST, stride, i, o->dest_bits / 8u);
    ck_assert_msg(got == expected, "%s[%u]: %08x instead of %08x", o->name, i, got, expected);
  }
  world_free(&w);
}
END_TEST

static uint32_t eval(DsdOp op, uint32_t a, uint32_t b, uint32_t s)
{
  uint8_t carry = 0;
  return dsd_eval(op, ARITH_F16, a, b, s, &carry);
}

// The formulas themselves, against values worked out by hand.
START_TEST(operation_formulas)
{
  uint8_t carry = 0;
  ck_assert_uint_eq(eval(DSD_add16, 0xffff, 2, 0), 1);
  ck_assert_uint_eq(dsd_eval(DSD_addc16, 0, 0xffff, 1, 0, &carry), 0);
  ck_assert_uint_eq(dsd_eval(DSD_addc16, 0, 5, 6, 0, &carry), 12);
  ck_assert_uint_eq(eval(DSD_sub16, 1, 2, 0), 0xffff);
  ck_assert_uint_eq(eval(DSD_sll16, 3, 15, 0), 0x8000);
  ck_assert_uint_eq(eval(DSD_sll16, 3, 16, 0), 0);
  ck_assert_uint_eq(eval(DSD_slr16, 0x8000, 15, 0), 1);
  ck_assert_uint_eq(eval(DSD_sar16, 0x8000, 20, 0), 0xffff);
  ck_assert_uint_eq(eval(DSD_clz, 0, 1, 0), 15);
  ck_assert_uint_eq(eval(DSD_ctz, 0, 0, 0), 16);
  ck_assert_uint_eq(eval(DSD_popcnt, 0, 0xf0f1, 0), 9);
  ck_assert_uint_eq(eval(DSD_fmacs, bits(1), bits(2), bits(3)), bits(7));
  ck_assert_uint_eq(eval(DSD_fsubs, bits(1), bits(3), 0), bits(-2));
  ck_assert_uint_eq(eval(DSD_fmaxs, bits(1), 0x7fc00000, 0), bits(1));
  ck_assert_uint_eq(eval(DSD_fnegs, 0, bits(1), 0), bits(-1));
  ck_assert_uint_eq(eval(DSD_fmach, 0x3c00, 0x4000, 0x4200), 0x4700); // 1 + 2 * 3
  ck_assert_uint_eq(eval(DSD_faddhs, bits(1), 0x3c00, 0), bits(2));
  ck_assert_uint_eq(eval(DSD_fmachs, bits(1), 0x4000, 0x4200), bits(7));
  ck_assert_uint_eq(eval(DSD_fh2s, 0, 0x3e00, 0), bits(1.5f));
  ck_assert_uint_eq(eval(DSD_fs2h, 0, bits(1.5f), 0), 0x3e00);
  ck_assert_uint_eq(eval(DSD_fs2xp16, 0, bits(2.5f), 0), 2);
  ck_assert_uint_eq(eval(DSD_xp162fs, 0, 0xffff, 0), bits(-1));
  ck_assert_uint_eq(eval(DSD_xp162fh, 0, 3, 0), 0x4200);
  ck_assert_uint_eq(eval(DSD_fscales, bits(3), 2, 0), bits(12));
  ck_assert_uint_eq(eval(DSD_fnorms, 0, bits(12), 0), bits(1.5f));
}
END_TEST

START_TEST(length_comes_from_the_first_source_that_has_one)
{
  Program p = {0};
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, 9), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 3), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 0, 1, 0); // 3 elements
  load_dsr(&p, FILE_DEST, 2, mem_lo(DEST + 64, 2), mem_hi(1));
  li(&p, A3, 77);
  dsd(&p, DSD_mov32, 2, 16, 16, A3); // a scalar has no length: 2 elements
  load_dsr(&p, FILE_DEST, 3, mem_lo(DEST + 128, 0), DSD_MEM1D | DSD_SCALAR);
  dsd(&p, DSD_mov32, 3, 16, 16, A3); // scalars only: 1
  load_dsr(&p, FILE_DEST, 5, mem_lo(DEST + 224, 0), mem_hi(0));
  dsd(&p, DSD_mov32, 5, 16, 16, A3); // a vector of length 0 that stays in one place: nothing
  load_dsr(&p, FILE_DEST, 4, mem_lo(DEST + 192, 0), mem_hi(1));
  dsd(&p, DSD_mov32, 4, 16, 16, A3); // a vector of length 0: nothing
  ret(&p);
  for (uint32_t i = 0; i < 16; i++)
    p.data[SRC_A + 4 * i] = (uint8_t)(i + 1);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 8), 3);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 12), 0);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 68), 77);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 72), 0);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 128), 77);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 192), 0);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 224), 0);
  world_free(&w);
}
END_TEST

START_TEST(scalar_destination_accumulates)
{
  Program p = {0};
  const uint32_t v[4] = {bits(1), bits(2), bits(3), bits(4)};
  put_words(&p, SRC_A, v, 4);
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, 0), DSD_MEM1D | DSD_SCALAR);
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 4), mem_hi(1));
  li(&p, A3, bits(0.5f));
  dsd(&p, DSD_fadds, 1, 16, 1, A3);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), bits(10.5f));
  world_free(&w);
}
END_TEST

START_TEST(overlap_runs_in_order)
{
  Program p = {0};
  p.data[SRC_A] = 5;
  load_dsr(&p, FILE_DEST, 1, mem_lo(SRC_A + 4, 8), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 8), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 0, 1, 0);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  for (uint32_t i = 0; i <= 8; i++)
    ck_assert_uint_eq(peek(&w, 0, 0, SRC_A + 4 * i), 5);
  world_free(&w);
}
END_TEST

START_TEST(boxes_and_rings)
{
  Program p = {0};
  for (uint32_t i = 0; i < 32; i++)
    p.data[SRC_A + 4 * i] = (uint8_t)i;
  // 2 x 3 box out of rows of 8, transposed: outer stride 1, inner stride 8
  li(&p, T0, 2 | 3 << 16);
  li(&p, T1, 1 | 1 << 16);
  sys(&p, SYS_xdsr_extent, 2, T0, T1);
  li(&p, T0, 8 | 1 << 16); // strides innermost first
  sys(&p, SYS_xdsr_stride, 2, T0, ZERO);
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A + 8, 0),
           DSD_MEM4D | 2u << DSD_DIMS_SHIFT | 2u << DSD_XDSR_SHIFT);
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, 6), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 0, 1, 0);
  // ring of 3 elements, read 5 times from its second
  li(&p, T0, SRC_A);
  li(&p, T1, 3);
  sys(&p, SYS_xdsr_wrap, 3, T0, T1);
  load_dsr(&p, FILE_SRC1, 2, mem_lo(SRC_A + 4, 5), DSD_CIRCBUF | 3u << DSD_XDSR_SHIFT);
  load_dsr(&p, FILE_DEST, 2, mem_lo(DEST + 64, 5), mem_hi(1));
  dsd(&p, DSD_mov32, 2, 0, 2, 0);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  static const uint32_t box[6] = {2, 10, 18, 3, 11, 19}, ring[5] = {1, 2, 0, 1, 2};
  for (uint32_t i = 0; i < 6; i++)
    ck_assert_uint_eq(peek(&w, 0, 0, DEST + 4 * i), box[i]);
  for (uint32_t i = 0; i < 5; i++)
    ck_assert_uint_eq(peek(&w, 0, 0, DEST + 64 + 4 * i), ring[i]);
  world_free(&w);
}
END_TEST

START_TEST(save_address_continues)
{
  Program p = {0};
  for (uint32_t i = 0; i < 8; i++)
    p.data[SRC_A + 4 * i] = (uint8_t)(i + 1);
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 2), mem_hi(1));
  li(&p, T0, CFG_SAVE_ADDRESS);
  sys(&p, SYS_dsr_cfg_src1, 1, T0, 0);
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, 2), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 0, 1, 0);
  dsd(&p, DSD_mov32, 1, 0, 1, 0); // the destination stays, the source went on
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), 3);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 4), 4);
  world_free(&w);
}
END_TEST

START_TEST(dsd_access_outside_faults)
{
  Program p = {0};
  load_dsr(&p, FILE_DEST, 1, mem_lo(PRIVATE_BYTES - 8, 3), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 16, 16, ZERO);
  ret(&p);
  expect_fault(&p, "outside of the tile's memory");
  Program q = {0};
  load_dsr(&q, FILE_DEST, 1, mem_lo(DEST + 1, 3), mem_hi(1));
  dsd(&q, DSD_mov32, 1, 16, 16, ZERO);
  ret(&q);
  expect_fault(&q, "an odd address");
}
END_TEST

// n elements of fmacs with loaded DSRs take n + 6 cycles on wse2 (machine 5, checks).
START_TEST(memory_operation_cost)
{
  enum { N = 100 };
  Program p = {0};
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, N), mem_hi(1));
  load_dsr(&p, FILE_SRC0, 1, mem_lo(1024, N), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(1540, N), mem_hi(1)); // in other banks
  clock_on(&p);
  clock_to(&p, A1);
  dsd(&p, DSD_fmacs, 1, 1, 1, A3);
  clock_to(&p, A2);
  sw(&p, A1, ZERO, 0);
  sw(&p, A2, ZERO, 4);
  ret(&p);
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  uint32_t tsc = costs_get(ARCH_WSE2)->tsc_read;
  ck_assert_uint_eq(peek(&w, 0, 0, 4) - peek(&w, 0, 0, 0), tsc + N + 6);
  world_free(&w);
}
END_TEST

START_TEST(map_access_steps_through_vectors)
{
  Program p = {0};
  for (uint32_t i = 0; i < 3; i++)
    p.data[SRC_A + 2 * i] = (uint8_t)(i + 1);
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 3), mem_hi(1));
  load_dsr(&p, FILE_DEST, 2, mem_lo(DEST, 9), mem_hi(2));
  li(&p, T0, CFG_SINGLE_STEP);
  sys(&p, SYS_dsr_cfg_src1, 1, T0, 0);
  sys(&p, SYS_dsr_cfg_dest, 2, T0, 0);
  li(&p, A3, 1);
  li(&p, A4, 16);
  li(&p, A5, 2 | 16 << 8);
  uint32_t loop = here(&p);
  sys(&p, SYS_map_more, A0, A3, 0);
  uint32_t out = here(&p) + 5 * 4;
  beq(&p, A0, ZERO, out);
  sys(&p, SYS_map_get, A1, A3, A4);
  addi(&p, A1, A1, 100);
  sys(&p, SYS_map_put, 0, A5, A1);
  beq(&p, ZERO, ZERO, loop);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek16(&w, 0, 0, DEST), 101);
  ck_assert_uint_eq(peek16(&w, 0, 0, DEST + 2), 0);
  ck_assert_uint_eq(peek16(&w, 0, 0, DEST + 8), 103);
  ck_assert_uint_eq(peek16(&w, 0, 0, DEST + 12), 0);
  world_free(&w);
}
END_TEST

START_TEST(fifo_stops_when_full_and_when_empty)
{
  Program p = {0};
  for (uint32_t i = 0; i < 6; i++)
    p.data[SRC_A + 4 * i] = (uint8_t)(i + 1);
  setup(&p, IMAGE_SETUP_FIFO, 0, 1024, 4 | 4 << 16, 255 | 255 << 8);
  load_dsr(&p, FILE_DEST, 1, 0, DSD_FIFO);
  load_dsr(&p, FILE_SRC1, 1, mem_lo(SRC_A, 6), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 0, 1, 0); // 4 of 6 fit
  sys(&p, SYS_dsd_status, A0, 0, 0);
  sw(&p, A0, ZERO, 0);
  load_dsr(&p, FILE_SRC1, 2, 0, DSD_FIFO);
  load_dsr(&p, FILE_DEST, 2, mem_lo(DEST, 3), mem_hi(1));
  dsd(&p, DSD_mov32, 2, 0, 2, 0); // 3 of 4
  sys(&p, SYS_dsd_status, A0, 0, 0);
  sw(&p, A0, ZERO, 4);
  dsd(&p, DSD_mov32, 2, 0, 2, 0); // 1 of 3: empty
  sys(&p, SYS_dsd_status, A0, 0, 0);
  sw(&p, A0, ZERO, 8);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, 0), 0);
  ck_assert_uint_eq(peek(&w, 0, 0, 4), 1);
  ck_assert_uint_eq(peek(&w, 0, 0, 8), 0);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST), 4);
  ck_assert_uint_eq(peek(&w, 0, 0, DEST + 4), 2);
  world_free(&w);
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

// ---- fabric ----

static Route straight(Dir rx, Dir tx)
{
  return (Route){.rx = {DIR_BIT(rx)}, .tx = {DIR_BIT(tx)}};
}

// Two tiles; the west one runs `sender`, the east one `receiver`, colour 3 leads from one to the
// other.
static World pair(ArchId arch, Program *sender, Program *receiver)
{
  Program *list[2] = {sender, receiver};
  static const uint32_t classes[2] = {0, 1};
  for (int i = 0; i < 2; i++) {
    setup(list[i], IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
    setup(list[i], IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  }
  World w = world_new(arch, 2, 1, list, 2, classes);
  world_route(&w, 0, 0, 3, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, 3, straight(DIR_WEST, DIR_RAMP));
  return w;
}

static void send(Program *p, DsdOp op, uint32_t n, uint32_t hi, uint32_t cfg)
{
  load_dsr(p, FILE_DEST, 1, fab_lo(3, 2, n), DSD_FABOUT | hi);
  load_dsr(p, FILE_SRC1, 1, mem_lo(SRC_A, n), mem_hi(1));
  if (cfg)
    options(p, cfg, 0);
  dsd(p, op, 1, 0, 1, 0);
}
static void receive(Program *p, DsdOp op, uint32_t n, uint32_t hi, uint32_t cfg)
{
  load_dsr(p, FILE_DEST, 1, mem_lo(DEST, n), mem_hi(1));
  load_dsr(p, FILE_SRC1, 1, fab_lo(3, 2, n), DSD_FABIN | hi);
  if (cfg)
    options(p, cfg, 0);
  dsd(p, op, 1, 0, 1, 0);
}
static void number_words(Program *p, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    p->data[SRC_A + 4 * i] = (uint8_t)(i + 1);
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
  World w = pair(arch, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), i + 1);
  ck_assert_uint_eq(emu_tile_stats(w.e, 0, 0).wavelets_out, N);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, N);
  ck_assert_uint_lt(emu_cycle(w.e), N + 60); // one word per cycle
  world_free(&w);
}
END_TEST

static uint32_t completion(uint32_t id)
{
  return CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT | id << CFG_TARGET_SHIFT |
         TARGET_TASK << CFG_KIND_SHIFT;
}

// Asynchronous on both sides, completion activates a task that writes a mark.
START_TEST(asynchronous_operations_complete)
{
  enum { N = 24 };
  Program s = {0}, r = {0};
  number_words(&s, N);
  s.data[0] = r.data[0] = 64;
  send(&s, DSD_mov32, N, 0, completion(12));
  ret(&s);
  bind_append(&s, 12, 1);
  receive(&r, DSD_mov32, N, 0, completion(12));
  append_task(&r, 5); // the main thread goes on while the microthread waits
  ret(&r);
  bind_append(&r, 12, 6);
  World w = pair((ArchId)_i, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, 64), 1);
  ck_assert_uint_eq(peek(&w, 1, 0, 64), 5);
  ck_assert_uint_eq(peek(&w, 1, 0, 68), 6);
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
  World w = pair(ARCH_WSE2, &s, &r);
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
  World w = pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek16(&w, 1, 0, DEST + 6), 4);
  ck_assert_uint_eq(emu_tile_stats(w.e, 1, 0).wavelets_in, 4);
  world_free(&w);
}
END_TEST

START_TEST(data_task_gets_each_wavelet)
{
  ArchId arch = (ArchId)_i;
  Program s = {0}, r = {0};
  number_words(&s, 5);
  send(&s, DSD_mov32, 5, 0, 0);
  ret(&s);
  ret(&r);
  uint32_t at = here(&r); // sum of the payloads
  lw(&r, A1, ZERO, 0);
  put32(&r, 10u << 20 | 11u << 15 | 11u << 7 | 0x33); // add a1, a1, a0
  sw(&r, A1, ZERO, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_DATA, arch_get(arch)->data_task_by_queue ? 2 : 3, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, 2, 3, 0, 0);
  World w = pair(arch, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 0), 15);
  world_free(&w);
}
END_TEST

// While wavelets wait, local tasks still go first, in order of their ids.
START_TEST(local_tasks_go_before_wavelets)
{
  Program s = {0}, r = {0};
  number_words(&s, 2);
  send(&s, DSD_mov32, 2, 0, 0);
  ret(&s);
  r.data[0] = 64;
  li(&r, A0, 300); // task 9 keeps the tile busy until both wavelets are there
  uint32_t loop = here(&r);
  addi(&r, A0, A0, -1);
  bne(&r, A0, ZERO, loop);
  ret(&r);
  uint32_t at = append_task(&r, 3);
  for (int id = 12; id >= 10; id -= 2) {
    addi(&r, A2, ZERO, id);
    sys(&r, SYS_task_act, 0, A2, 0);
  }
  ret(&r);
  bind_append(&r, 12, 12);
  bind_append(&r, 10, 10);
  setup(&r, IMAGE_SETUP_TASK_DATA, 2, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, 2, 3, 0, 0);
  World w = pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  static const uint32_t order[6] = {3, 10, 12, 3, 10, 12};
  for (uint32_t i = 0; i < 6; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, 64 + 4 * i), order[i]);
  world_free(&w);
}
END_TEST

START_TEST(control_wavelet_starts_its_task)
{
  Program s = {0}, r = {0};
  const uint32_t payload = 40u << 16 | 0x1234;
  put_words(&s, SRC_A, &payload, 1);
  send(&s, DSD_mov32, 1, DSD_CONTROL, 0);
  ret(&s);
  ret(&r);
  uint32_t at = here(&r);
  sw(&r, A0, ZERO, 0);
  sw(&r, A1, ZERO, 4);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_CONTROL, 40, at, 0, 0);
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, 2, 3, 0, 0);
  setup(&r, IMAGE_SETUP_UNBLOCK, 2, TARGET_INPUT_QUEUE, 0, 0);
  World w = pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 0), payload);
  ck_assert_uint_eq(peek(&w, 1, 0, 4), 40);
  world_free(&w);
}
END_TEST

START_TEST(on_control_ends_a_receive)
{
  Program s = {0}, r = {0};
  number_words(&s, 3);
  send(&s, DSD_mov32, 3, 0, 0);
  load_dsr(&s, FILE_DEST, 1, fab_lo(3, 2, 1), DSD_FABOUT | DSD_CONTROL);
  dsd(&s, DSD_mov32, 1, 16, 16, ZERO);
  ret(&s);
  r.data[0] = 64;
  receive(&r, DSD_mov32, 100, 0,
          CFG_ASYNC | ACTION_ACTIVATE << CFG_OC_ACTION_SHIFT | 12 << CFG_OC_TARGET_SHIFT);
  ret(&r);
  bind_append(&r, 12, 9);
  World w = pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, 64), 9);
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
  setup(&r, IMAGE_SETUP_INPUT_QUEUE, 2, 3, 0, 0);
  ret(&r);
  World w = pair(ARCH_WSE3, &s, &r);
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
  expect_fault(&p, "input queue 2 still belongs to another operation");
  Program q = {0};
  receive(&q, DSD_mov32, 4, 0, CFG_ASYNC);
  receive(&q, DSD_mov32, 4, 0, CFG_ASYNC);
  ret(&q);
  expect_fault(&q, "microthread 2 still belongs to another operation");
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
    World w = pair(ARCH_WSE3, &s, &r);
    assert_rest(&w);
    cycles[busy] = peek(&w, 0, 0, 4) - peek(&w, 0, 0, 0);
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
  load_dsr(&s, FILE_DEST, 1, fab_lo(3, 2, 1), DSD_FABOUT | DSD_CONTROL);
  dsd(&s, DSD_mov32, 1, 16, 16, ZERO);
  load_dsr(&s, FILE_DEST, 1, fab_lo(3, 2, 1), DSD_FABOUT);
  li(&s, A3, 77);
  dsd(&s, DSD_mov32, 1, 16, 16, A3);
  ret(&s);
  load_dsr(&r, FILE_SRC1, 1, fab_lo(3, 2, 1), DSD_FABIN);
  options(&r, completion(12), 0);
  dsd(&r, DSD_dfilt, 0, 0, 1, 0);
  ret(&r);
  uint32_t at = here(&r);
  receive(&r, DSD_mov32, 1, 0, 0);
  ret(&r);
  setup(&r, IMAGE_SETUP_TASK_LOCAL, 12, at, 0, 0);
  World w = pair(ARCH_WSE3, &s, &r);
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
  World w = pair(ARCH_WSE3, &s, &r);
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
  load_dsr(&s, FILE_DEST, 1, fab_lo(3, 2, 2), DSD_FABOUT | DSD_WIO);
  load_dsr(&s, FILE_SRC1, 1, mem_lo(SRC_A, 2), mem_hi(1) | DSD_WIO);
  options(&s, CFG_INDEX, 5);
  dsd(&s, DSD_mov16, 1, 0, 1, 0);
  ret(&s);
  receive(&r, DSD_mov32, 2, 0, 0);
  ret(&r);
  World w = pair(ARCH_WSE3, &s, &r);
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
  World w = pair(ARCH_WSE3, &s, &r);
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
  load_dsr(&b, FILE_SRC1, 1, fab_lo(3, 2, N), DSD_FABIN);
  dsd(&b, DSD_add16, 1, 1, 1, 0);
  load_dsr(&c, FILE_DEST, 1, mem_lo(DEST, N), mem_hi(1));
  load_dsr(&c, FILE_SRC1, 1, fab_lo(4, 2, N), DSD_FABIN);
  dsd(&c, DSD_mov32, 1, 0, 1, 0);
  for (int i = 0; i < 3; i++) {
    ret(list[i]);
    setup(list[i], IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
    setup(list[i], IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  }
  for (uint32_t i = 0; i < N; i++) // 16-bit elements here
    memcpy(b.data + SRC_A + 2 * i, &(uint16_t){(uint16_t)(100 * i)}, 2);
  World w = world_new(ARCH_WSE3, 3, 1, list, 3, classes);
  world_route(&w, 0, 0, 3, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, 3, straight(DIR_WEST, DIR_RAMP));
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
  r.data[0] = 64;
  setup(&r, IMAGE_SETUP_FIFO, 0, 1024, 2 | 4 << 16, 12 | 255 << 8);
  load_dsr(&r, FILE_DEST, 2, mem_lo(DEST, N), mem_hi(1));
  load_dsr(&r, FILE_SRC1, 2, 0, DSD_FIFO);
  options(&r, CFG_ASYNC | CFG_UT_GIVEN | 6 << CFG_UT_SHIFT, 0);
  dsd(&r, DSD_mov32, 2, 0, 2, 0);
  load_dsr(&r, FILE_DEST, 1, 0, DSD_FIFO);
  load_dsr(&r, FILE_SRC1, 1, fab_lo(3, 2, N), DSD_FABIN);
  options(&r, CFG_ASYNC, 0);
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  bind_append(&r, 12, 1);
  World w = pair(ARCH_WSE3, &s, &r);
  assert_rest(&w);
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4 * i), i + 1);
  ck_assert_uint_eq(peek(&w, 1, 0, 64), 1);
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
    setup(list[i], IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
    setup(list[i], IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  }
  World w = world_new(ARCH_WSE2, 2, 2, list, 2, classes);
  Route turn = straight(DIR_RAMP, DIR_EAST);
  turn.rx[1] = DIR_BIT(DIR_RAMP);
  turn.tx[1] = DIR_BIT(DIR_SOUTH);
  turn.valid[1] = true;
  world_route(&w, 0, 0, 3, turn);
  world_route(&w, 1, 0, 3, straight(DIR_WEST, DIR_RAMP));
  world_route(&w, 0, 1, 3, straight(DIR_NORTH, DIR_RAMP));
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 1, 0, DEST + 4), 2);
  ck_assert_uint_eq(peek(&w, 0, 1, DEST + 4), 2);
  world_free(&w);
}
END_TEST

// Two sends compete for the issue slots; the one with high priority is through first.
START_TEST(priority_of_microthreads)
{
  enum { N = 60 };
  Program s = {0}, r = {0};
  Program *list[2] = {&s, &r};
  static const uint32_t classes[3] = {0, 1, 1};
  static const uint32_t prio[2] = {1, 3}; // low, high
  for (unsigned i = 0; i < 2; i++) {
    load_dsr(&s, FILE_DEST, i, fab_lo(3 + i, 2 + i, N), DSD_FABOUT);
    options(&s, completion(12 + i) | prio[i] << CFG_PRIO_SHIFT, 0);
    dsd(&s, DSD_mov32, i, 16, 16, ZERO);
  }
  ret(&s);
  s.data[0] = 64;
  bind_append(&s, 12, 12);
  bind_append(&s, 13, 13);
  for (unsigned i = 0; i < 2; i++) {
    load_dsr(&r, FILE_DEST, i, mem_lo(DEST, 0), mem_hi(0));
    load_dsr(&r, FILE_SRC1, i, fab_lo(3 + i, 2 + i, N), DSD_FABIN);
    options(&r, CFG_ASYNC, 0);
    dsd(&r, DSD_mov32, i, 0, i, 0);
  }
  ret(&r);
  for (int i = 0; i < 2; i++) {
    setup(list[i], IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
    setup(list[i], IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
  }
  World w = world_new(ARCH_WSE3, 3, 1, list, 2, classes);
  world_route(&w, 0, 0, 3, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, 3, straight(DIR_WEST, DIR_RAMP));
  world_route(&w, 0, 0, 4, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, 4, straight(DIR_WEST, DIR_RAMP));
  assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, 64), 13);
  ck_assert_uint_eq(peek(&w, 0, 0, 68), 12);
  world_free(&w);
}
END_TEST

START_TEST(operations_that_cannot_be_fault)
{
  Program p = {0};
  load_dsr(&p, FILE_DEST, 1, mem_lo(DEST, DSD_ENDLESS), mem_hi(1));
  dsd(&p, DSD_mov32, 1, 16, 16, ZERO);
  ret(&p);
  expect_fault(&p, "endless length");
  Program q = {0};
  dsd(&q, DSD_mov32, 1, 16, 16, ZERO);
  ret(&q);
  expect_fault(&q, "nothing was loaded");
  Program r = {0};
  load_dsr(&r, FILE_SRC1, 1, 7, DSD_FIFO);
  load_dsr(&r, FILE_DEST, 1, mem_lo(DEST, 1), mem_hi(1));
  dsd(&r, DSD_mov32, 1, 0, 1, 0);
  ret(&r);
  expect_fault(&r, "there is no FIFO 7");
  Program s = {0};
  load_dsr(&s, FILE_SRC1, 1, 2 << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID | 4 << DSD_LEN_SHIFT,
           DSD_FABIN);
  load_dsr(&s, FILE_DEST, 1, mem_lo(DEST, 4), mem_hi(1));
  dsd(&s, DSD_mov32, 1, 0, 1, 0);
  ret(&s);
  expect_fault(&s, "input queue 2 is bound to no colour");
  Program t = {0};
  load_dsr(&t, FILE_DEST, 1, mem_lo(DEST, 4), mem_hi(1));
  options(&t, CFG_ASYNC, 0);
  load_dsr(&t, FILE_SRC1, 1, 0, DSD_FIFO);
  setup(&t, IMAGE_SETUP_FIFO, 0, 1024, 4 | 4 << 16, 255 | 255 << 8);
  dsd(&t, DSD_mov32, 1, 0, 1, 0);
  ret(&t);
  expect_fault(&t, "names no microthread");
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

// ---- event wheel ----

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

static Suite *suite(void)
{
  Suite *s = suite_create("emulator");
  TCase *core = tcase_create("core");
  tcase_add_loop_test(core, standard_instruction, 0, RV_CASES);
  tcase_add_test(core, branches_cost_what_the_table_says);
  tcase_add_test(core, dependent_floats_wait);
  tcase_add_test(core, accesses_outside_fault);
  tcase_add_test(core, jumps_outside_fault);
  tcase_add_test(core, random_numbers_are_those_of_the_shift_register);
  tcase_add_test(core, an_idle_tile_is_small);
  tcase_add_test(core, bad_setup_is_a_diagnostic);
  tcase_add_test(core, events_beyond_the_window_come_in_order);
  suite_add_tcase(s, core);
  TCase *tasks = tcase_create("tasks");
  tcase_add_test(tasks, picker_takes_high_priority_then_lowest_id);
  tcase_add_test(tasks, stale_host_command_does_not_stop_the_picker);
  tcase_add_test(tasks, blocked_tasks_keep_their_activation);
  tcase_add_test(tasks, activating_an_unbound_task_faults);
  suite_add_tcase(s, tasks);
  TCase *memory = tcase_create("dsd-memory");
  tcase_add_loop_test(memory, operations_over_memory, 0, 2 * DSD_OPS);
  tcase_add_test(memory, operation_formulas);
  tcase_add_test(memory, length_comes_from_the_first_source_that_has_one);
  tcase_add_test(memory, scalar_destination_accumulates);
  tcase_add_test(memory, overlap_runs_in_order);
  tcase_add_test(memory, boxes_and_rings);
  tcase_add_test(memory, save_address_continues);
  tcase_add_test(memory, dsd_access_outside_faults);
  tcase_add_test(memory, memory_operation_cost);
  tcase_add_test(memory, map_access_steps_through_vectors);
  tcase_add_test(memory, fifo_stops_when_full_and_when_empty);
  suite_add_tcase(s, memory);
  TCase *fabric = tcase_create("dsd-fabric");
  tcase_add_loop_test(fabric, words_travel_between_tiles, 0, ARCH_COUNT);
  tcase_add_loop_test(fabric, asynchronous_operations_complete, 0, ARCH_COUNT);
  tcase_add_test(fabric, packed_halves_and_an_odd_end);
  tcase_add_test(fabric, unpacked_halves);
  tcase_add_loop_test(fabric, data_task_gets_each_wavelet, 0, ARCH_COUNT);
  tcase_add_test(fabric, local_tasks_go_before_wavelets);
  tcase_add_test(fabric, control_wavelet_starts_its_task);
  tcase_add_test(fabric, on_control_ends_a_receive);
  tcase_add_test(fabric, back_pressure_holds_the_sender);
  tcase_add_test(fabric, two_operations_on_one_queue_fault);
  tcase_add_test(fabric, filter_operation_drops_data);
  tcase_add_test(fabric, sources_are_zeroed_on_request);
  tcase_add_test(fabric, wavelet_index_offset);
  tcase_add_test(fabric, blocked_microthread_waits);
  tcase_add_test(fabric, fabric_to_fabric);
  tcase_add_test(fabric, fifo_between_microthreads);
  tcase_add_test(fabric, operation_advances_the_switch);
  tcase_add_test(fabric, priority_of_microthreads);
  tcase_add_test(fabric, operations_that_cannot_be_fault);
  tcase_add_test(fabric, microthreads_do_not_slow_the_main_thread);
  suite_add_tcase(s, fabric);
  return s;
}

int main(void)
{
  SRunner *r = srunner_create(suite());
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
