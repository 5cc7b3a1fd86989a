// Unit tests of DSD operations whose operands lie in memory: every operation, lengths, shapes,
// FIFOs.
#include "arith/arith.h"
#include "emulator_world.h"
#include "suite.h"

enum { DEST = 256, SRC_A = 512, SRC_B = 768 };

static uint32_t bits(float f)
{
  return arith_bits(f);
}
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
  assert_program_faults(&p, "outside of the tile's memory");
  Program q = {0};
  load_dsr(&q, FILE_DEST, 1, mem_lo(DEST + 1, 3), mem_hi(1));
  dsd(&q, DSD_mov32, 1, 16, 16, ZERO);
  ret(&q);
  assert_program_faults(&q, "an odd address");
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
  store_readings(&p);
  World w = world_single(ARCH_WSE2, &p);
  assert_rest(&w);
  uint32_t tsc = costs_get(ARCH_WSE2)->tsc_read;
  ck_assert_uint_eq(between_readings(&w), tsc + N + 6);
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

Suite *suite(void)
{
  Suite *s = suite_create("dsd-memory");
  TCase *t = tcase_create("dsd-memory");
  tcase_add_loop_test(t, operations_over_memory, 0, 2 * DSD_OPS);
  tcase_add_test(t, operation_formulas);
  tcase_add_test(t, length_comes_from_the_first_source_that_has_one);
  tcase_add_test(t, scalar_destination_accumulates);
  tcase_add_test(t, overlap_runs_in_order);
  tcase_add_test(t, boxes_and_rings);
  tcase_add_test(t, save_address_continues);
  tcase_add_test(t, dsd_access_outside_faults);
  tcase_add_test(t, memory_operation_cost);
  tcase_add_test(t, map_access_steps_through_vectors);
  tcase_add_test(t, fifo_stops_when_full_and_when_empty);
  suite_add_tcase(s, t);
  return s;
}
