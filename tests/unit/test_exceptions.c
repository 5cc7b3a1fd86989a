// Unit tests of floating-point exceptions: what raises which, and that a tile stops exactly where
// one that it lets through is raised.
#include "arith/exceptions.h"
#include "emulator_world.h"
#include "suite.h"
#include <math.h>
#include <stb/stb_ds.h>

#define INVALID ARITH_RAISES_INVALID
#define DIV_BY_0 ARITH_RAISES_DIV_BY_0
#define OVERFLOW_ ARITH_RAISES_OVERFLOW
#define UNDERFLOW_ ARITH_RAISES_UNDERFLOW
#define INEXACT ARITH_RAISES_INEXACT

// ---- which operation raises what ----

static const struct {
  ArithOp op;
  float a, b, c;
  unsigned raised;
} singles[] = {{ARITH_ADD, 1, 2, 0, 0},
               {ARITH_ADD, 1, 0x1p-30f, 0, INEXACT},
               {ARITH_ADD, INFINITY, -INFINITY, 0, INVALID},
               {ARITH_ADD, NAN, 1, 0, 0},
               {ARITH_SUB, 3, 3, 0, 0},
               {ARITH_MUL, 0x1p100f, 0x1p100f, 0, OVERFLOW_ | INEXACT},
               {ARITH_MUL, INFINITY, 2, 0, 0},
               {ARITH_MUL, 0x1p-100f, 0x1.8p-48f, 0, 0}, // exactly subnormal
               {ARITH_MUL, 0x1p-100f, 0x1.8p-49f, 0, UNDERFLOW_ | INEXACT},
               {ARITH_MUL, 0x1.8p0f, 0x1.4p0f, 0, 0},
               {ARITH_DIV, 1, 4, 0, 0},
               {ARITH_DIV, 1, 3, 0, INEXACT},
               {ARITH_DIV, 1, 0, 0, DIV_BY_0},
               {ARITH_DIV, 0, 0, 0, INVALID},
               {ARITH_DIV, INFINITY, 0, 0, 0},
               {ARITH_SQRT, -1, 0, 0, INVALID},
               {ARITH_SQRT, 2, 0, 0, INEXACT},
               {ARITH_SQRT, 4, 0, 0, 0},
               {ARITH_FMA, 0x1.000002p0f, 0x1.000002p0f, -1, INEXACT},
               {ARITH_FMA, 3, 5, 7, 0}};
enum { SINGLES = sizeof singles / sizeof *singles };

static uint32_t computed(ArithOp op, uint32_t a, uint32_t b, uint32_t c)
{
  switch (op) {
  case ARITH_ADD: return arith_f32_add(a, b);
  case ARITH_SUB: return arith_f32_sub(a, b);
  case ARITH_MUL: return arith_f32_mul(a, b);
  case ARITH_DIV: return arith_f32_div(a, b);
  case ARITH_SQRT: return arith_f32_sqrt(a);
  default: return arith_f32_fma(a, b, c);
  }
}

START_TEST(operations_on_f32)
{
  float a = singles[_i].a, b = singles[_i].b, c = singles[_i].c;
  uint32_t r = computed(singles[_i].op, arith_bits(a), arith_bits(b), arith_bits(c));
  ck_assert_uint_eq(arith_exceptions(singles[_i].op, a, b, c, arith_float(r), ARITH_F32_MIN_NORMAL),
                    singles[_i].raised);
}
END_TEST

// The same product in each 16-bit format: what fits one overflows or vanishes in another.
START_TEST(operations_on_16_bit_floats)
{
  static const struct {
    ArithHalf f;
    double a, b;
    unsigned raised;
  } cases[] = {{ARITH_F16, 256, 256, OVERFLOW_ | INEXACT},
               {ARITH_BF16, 256, 256, 0},
               {ARITH_F16, 0x1p-10, 0x1p-10, 0},
               {ARITH_F16, 0x1.4p-10, 0x1p-15, UNDERFLOW_ | INEXACT},
               {ARITH_CB16, 0x1.4p-10, 0x1p-15, 0},
               {ARITH_BF16, 0x1.08p0, 0x1.08p0, INEXACT}};
  ArithHalf f = cases[_i].f;
  uint16_t a = arith_half_from_f64(f, cases[_i].a), b = arith_half_from_f64(f, cases[_i].b);
  ck_assert(arith_half_to_f64(f, a) == cases[_i].a && arith_half_to_f64(f, b) == cases[_i].b);
  double result = arith_half_to_f64(f, arith_half_mul(f, a, b));
  ck_assert_uint_eq(
      arith_exceptions(ARITH_MUL, cases[_i].a, cases[_i].b, 0, result, arith_half_min_normal(f)),
      cases[_i].raised);
}
END_TEST

START_TEST(conversions_to_integers)
{
  ck_assert_uint_eq(arith_int_exceptions(3, 3, 3), 0);
  ck_assert_uint_eq(arith_int_exceptions(3.5, 4, 4), INEXACT);
  ck_assert_uint_eq(arith_int_exceptions(40000, 40000, 32767), INVALID);
  ck_assert_uint_eq(arith_int_exceptions(NAN, NAN, 32767), INVALID);
}
END_TEST

// ---- a tile that lets one through ----

enum { RESULT = 0, A = 256, B = 260 };

static void write_mask(Program *p, uint32_t mask)
{
  li(p, A0, register_info(REG_exception_mask)->first[ARCH_WSE3]);
  li(p, A1, mask);
  sys(p, SYS_cfg_write, 0, A0, A1);
}
static void flw(Program *p, unsigned rd, int at)
{
  put32(p, (uint32_t)at << 20 | 2u << 12 | rd << 7 | 0x07);
}
static void put_float(Program *p, int at, float v)
{
  memcpy(p->data + at, &v, sizeof v);
}

// fdiv.s 1 / 0 under several masks; the store behind it happens only if it is ignored.
START_TEST(a_scalar_division_by_zero)
{
  static const struct {
    uint32_t mask;
    const char *text;
  } cases[] = {{0xffff, NULL},
               {0xffff & ~(1u << FIELD_exception_mask_overflow_AT), NULL},
               {0xffff & ~(1u << FIELD_exception_mask_div_by_0_AT),
                "floating-point exception: division by zero"}};
  Program p = {0};
  put_float(&p, A, 1);
  write_mask(&p, cases[_i].mask);
  flw(&p, 10, A);
  flw(&p, 11, B);
  put32(&p, 0x18000053u | 11u << 20 | 10u << 15 | 7u << 12 | 12u << 7); // fdiv.s
  li(&p, A2, 1);
  sw(&p, A2, ZERO, RESULT);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  if (cases[_i].text)
    assert_fault(&w, cases[_i].text);
  else
    assert_rest(&w);
  ck_assert_uint_eq(peek(&w, 0, 0, RESULT), cases[_i].text == NULL);
  world_free(&w);
}
END_TEST

// Masked again, the program goes on as before: the check does not change what is computed.
START_TEST(exceptions_are_masked_again)
{
  Program p = {0};
  put_float(&p, A, 3);
  put_float(&p, B, 4);
  write_mask(&p, 0);
  flw(&p, 10, A);
  flw(&p, 11, B);
  put32(&p, 0x10000053u | 11u << 20 | 10u << 15 | 7u << 12 | 12u << 7); // fmul.s: exact
  put32(&p, 12u << 20 | 2u << 12 | 0u << 7 | 0x27);                     // fsw fa2, 0(zero)
  write_mask(&p, 0xffff);
  put32(&p, 0x18000053u | 10u << 20 | 11u << 15 | 7u << 12 | 12u << 7); // 4 / 3: inexact
  put32(&p, 12u << 20 | 2u << 12 | 4u << 7 | 0x27);                     // fsw fa2, 4(zero)
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_rest(&w);
  ck_assert(arith_float(peek(&w, 0, 0, 0)) == 12.0f);
  ck_assert(arith_float(peek(&w, 0, 0, 4)) == 4.0f / 3.0f);
  world_free(&w);
}
END_TEST

// A DSD operation stops at the element that raises it; those before it are written.
START_TEST(an_element_of_a_vector_overflows)
{
  Program p = {0};
  for (int i = 0; i < 4; i++)
    put_float(&p, A + 4 * i, i == 2 ? 0x1p127f : 1.0f);
  write_mask(&p, 0xffff & ~(1u << FIELD_exception_mask_overflow_AT));
  load_dsr(&p, FILE_DEST, 1, mem_lo(512, 4), mem_hi(1));
  load_dsr(&p, FILE_SRC0, 1, mem_lo(A, 4), mem_hi(1));
  load_dsr(&p, FILE_SRC1, 1, mem_lo(A, 4), mem_hi(1));
  dsd(&p, DSD_fadds, 1, 1, 1, 0);
  ret(&p);
  World w = world_single(ARCH_WSE3, &p);
  assert_fault(&w, "floating-point exception: overflow");
  ck_assert(arith_float(peek(&w, 0, 0, 516)) == 2.0f);
  ck_assert_uint_eq(peek(&w, 0, 0, 520), 0);
  world_free(&w);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("exceptions");
  TCase *t = tcase_create("exceptions");
  tcase_add_loop_test(t, operations_on_f32, 0, SINGLES);
  tcase_add_loop_test(t, operations_on_16_bit_floats, 0, 6);
  tcase_add_test(t, conversions_to_integers);
  tcase_add_loop_test(t, a_scalar_division_by_zero, 0, 3);
  tcase_add_test(t, exceptions_are_masked_again);
  tcase_add_test(t, an_element_of_a_vector_overflows);
  suite_add_tcase(s, t);
  return s;
}
