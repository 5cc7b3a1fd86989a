// Unit tests of arith/: every result against a slow computation that shares nothing with it,
// exhaustively where 2^16 values allow it.
#include "arith/vector.h"
#include "suite.h"
#include <math.h>
#include <stdlib.h>

// ---- the reference: formats by their definition, rounding by search ----

static const int ref_exponent[] = {5, 8, 6}, ref_mantissa[] = {10, 7, 9},
                 ref_bias[] = {15, 127, 42};
static const char *const format_name[] = {"f16", "bf16", "cb16"};

static double ref_value(int f, unsigned bits)
{
  unsigned fraction = bits & ((1u << ref_mantissa[f]) - 1),
           field = (bits & 0x7fff) >> ref_mantissa[f];
  double m = ldexp(fraction, -ref_mantissa[f]);
  double v;
  if (field == (1u << ref_exponent[f]) - 1)
    v = fraction ? (double)NAN : (double)INFINITY;
  else
    v = field ? ldexp(1 + m, (int)field - ref_bias[f]) : ldexp(m, 1 - ref_bias[f]);
  return bits & 0x8000 ? -v : v;
}

static unsigned ref_inf(int f)
{
  return ((1u << ref_exponent[f]) - 1) << ref_mantissa[f];
}

// The pattern nearest to v, ties to the even pattern; what lies beyond the last value is judged as
// if there were one more.
static uint16_t ref_round(int f, __float128 v, bool negative)
{
  if (v != v)
    return (uint16_t)(ref_inf(f) | 1u << (ref_mantissa[f] - 1));
  __float128 magnitude = v < 0 ? -v : v;
  unsigned low = 0,
           high = ref_inf(
               f); // value(low) <= magnitude < value(high), where inf stands for the next power
  __float128 beyond = (__float128)ldexp(1, (1 << ref_exponent[f]) - 1 - ref_bias[f]);
  uint16_t sign = negative ? 0x8000 : 0;
  if (magnitude >= beyond)
    return (uint16_t)(sign | high);
  while (high - low > 1) {
    unsigned middle = (low + high) / 2;
    if ((__float128)ref_value(f, middle) <= magnitude)
      low = middle;
    else
      high = middle;
  }
  __float128 above = high == ref_inf(f) ? beyond : (__float128)ref_value(f, high);
  __float128 down = magnitude - (__float128)ref_value(f, low), up = above - magnitude;
  bool to_high = up < down || (up == down && (high & 1) == 0);
  return (uint16_t)(sign | (to_high ? high : low));
}

static uint64_t rng_state = 88172645463325252ull;
static uint32_t rng(void)
{
  rng_state ^= rng_state << 13;
  rng_state ^= rng_state >> 7;
  rng_state ^= rng_state << 17;
  return (uint32_t)(rng_state >> 16);
}

// Values with a fair share of special ones and of neighbours in magnitude.
static uint16_t pick_half(int f, uint16_t near)
{
  static const uint16_t small[] = {0, 1, 2, 3};
  switch (rng() % 8) {
  case 0: return (uint16_t)(small[rng() % 4] | (rng() & 0x8000));
  case 1: return (uint16_t)((ref_inf(f) - 1 + rng() % 3) | (rng() & 0x8000));
  case 2: return (uint16_t)(near ^ 0x8000);
  case 3:
  case 4: return (uint16_t)((near + rng() % 64 - 32) ^ (rng() & 0x8000));
  default: return (uint16_t)rng();
  }
}

#define EXPECT(got, want, ...)                                                                     \
  do {                                                                                             \
    if ((got) != (want))                                                                           \
      ck_abort_msg(__VA_ARGS__);                                                                   \
  } while (0)

START_TEST(halves_decode_to_their_definition)
{
  int f = _i;
  for (unsigned b = 0; b < 0x10000; b++) {
    double want = ref_value(f, b), got = arith_half_to_f64((ArithHalf)f, (uint16_t)b);
    float single = arith_float(arith_half_to_f32((ArithHalf)f, (uint16_t)b));
    if (isnan(want)) {
      ck_assert(isnan(got));
      ck_assert_uint_eq(arith_half_to_f32((ArithHalf)f, (uint16_t)b), ARITH_F32_NAN);
      continue;
    }
    EXPECT(got, want, "%s %04x", format_name[f], b);
    EXPECT((double)single, want, "%s %04x to f32", format_name[f], b);
    ck_assert_int_eq(signbit(got) != 0, b >> 15);
    ck_assert_uint_eq(arith_half_from_f64((ArithHalf)f, want), b);
    ck_assert_uint_eq(arith_half_from_f32((ArithHalf)f, arith_bits(single)), b);
  }
}
END_TEST

START_TEST(documented_encodings_of_six)
{
  static const uint16_t six[] = {0x4600, 0x40c0, 0x5900};
  ck_assert_uint_eq(arith_half_from_f64((ArithHalf)_i, 6.0), six[_i]);
  ck_assert(arith_half_to_f64((ArithHalf)_i, six[_i]) == 6.0);
}
END_TEST

START_TEST(halves_round_to_nearest_even)
{
  int f = _i;
  for (unsigned b = 0; b < ref_inf(f); b++) {
    __float128 low = (__float128)ref_value(f, b);
    __float128 high = b + 1 == ref_inf(f)
                          ? (__float128)ldexp(1, (1 << ref_exponent[f]) - 1 - ref_bias[f])
                          : (__float128)ref_value(f, b + 1);
    double middle = (double)((low + high) / 2);
    double around[] = {nextafter(middle, 0), middle, nextafter(middle, (double)INFINITY)};
    for (int k = 0; k < 3; k++) {
      uint16_t want = ref_round(f, (__float128)around[k], false);
      EXPECT(arith_half_from_f64((ArithHalf)f, around[k]), want, "%s %a", format_name[f],
             around[k]);
      EXPECT(arith_half_from_f64((ArithHalf)f, -around[k]), want | 0x8000, "%s %a", format_name[f],
             -around[k]);
    }
  }
  ck_assert_uint_eq(arith_half_from_f64((ArithHalf)f, (double)INFINITY), ref_inf(f));
  ck_assert_uint_eq(arith_half_from_f64((ArithHalf)f, -1e300), ref_inf(f) | 0x8000);
  ck_assert_uint_eq(arith_half_from_f64((ArithHalf)f, -5e-324), 0x8000);
  ck_assert_uint_eq(arith_half_from_f64((ArithHalf)f, (double)NAN), arith_half_nan((ArithHalf)f));
}
END_TEST

static bool zero_result_sign(double a, double b, bool product)
{
  return product ? (signbit(a) != 0) != (signbit(b) != 0) : signbit(a) && signbit(b);
}

static void check_binary(int f, uint16_t a, uint16_t b)
{
  ArithHalf h = (ArithHalf)f;
  double x = ref_value(f, a), y = ref_value(f, b);
  __float128 sum = (__float128)x + y, diff = (__float128)x - y, product = (__float128)x * y;
  bool sum_sign = sum < 0 || (sum == 0 && zero_result_sign(x, y, false));
  bool diff_sign = diff < 0 || (diff == 0 && zero_result_sign(x, -y, false));
  bool product_sign = zero_result_sign(x, y, true);
  EXPECT(arith_half_add(h, a, b), ref_round(f, sum, sum_sign), "%s %04x + %04x", format_name[f], a,
         b);
  EXPECT(arith_half_sub(h, a, b), ref_round(f, diff, diff_sign), "%s %04x - %04x", format_name[f],
         a, b);
  EXPECT(arith_half_mul(h, a, b), ref_round(f, product, product_sign), "%s %04x * %04x",
         format_name[f], a, b);
  EXPECT(arith_half_div(h, a, b), ref_round(f, (__float128)x / y, product_sign), "%s %04x / %04x",
         format_name[f], a, b);
  ck_assert_int_eq(arith_half_eq(h, a, b), x == y);
  ck_assert_int_eq(arith_half_lt(h, a, b), x < y);
  ck_assert_int_eq(arith_half_le(h, a, b), x <= y);
}

START_TEST(half_arithmetic_is_rounded_once)
{
  int f = _i;
  for (int k = 0; k < 50000; k++) {
    uint16_t a = (uint16_t)rng();
    check_binary(f, a, pick_half(f, a));
  }
}
END_TEST

static void check_fma(int f, uint16_t a, uint16_t b, uint16_t c)
{
  double x = ref_value(f, a), y = ref_value(f, b), z = ref_value(f, c);
  __float128 p = (__float128)x * y, s = p + z;
  bool sign = s < 0 || (s == 0 && zero_result_sign(x, y, true) && signbit(z));
  // Beyond this spread the reference itself would have to round.
  if (p != 0 && z != 0 && isfinite((double)p) && isfinite(z) &&
      abs(ilogb((double)p) - ilogb(z)) > 90)
    return;
  EXPECT(arith_half_fma((ArithHalf)f, a, b, c), ref_round(f, s, sign), "%s fma %04x %04x %04x",
         format_name[f], a, b, c);
}

START_TEST(half_fma_is_rounded_once)
{
  int f = _i;
  for (int k = 0; k < 60000; k++) {
    uint16_t a = (uint16_t)rng(), b = (uint16_t)rng();
    uint16_t p = ref_round(f, (__float128)ref_value(f, a) * ref_value(f, b), false);
    check_fma(f, a, b, pick_half(f, p));
  }
}
END_TEST

START_TEST(half_fma_sees_the_smallest_addend)
{
  // (1 + u)(1 + 2^k): a tie of the product that the least value of the format decides either way.
  ArithHalf h = (ArithHalf)_i;
  int m = ref_mantissa[_i];
  uint16_t a = arith_half_from_f64(h, 1 + ldexp(1, -m)), b = arith_half_from_f64(h, 1.5);
  uint16_t down = arith_half_from_f64(h, 1.5 + ldexp(1, -m));
  uint16_t up = (uint16_t)(down + 1);
  ck_assert_uint_eq(arith_half_fma(h, a, b, 0x0001), up);
  ck_assert_uint_eq(arith_half_fma(h, a, b, 0x8001), down);
  ck_assert_uint_eq(arith_half_fma(h, a, b, 0), (down & 1) ? up : down);
  ck_assert_uint_eq(arith_half_fma(h, a, b | 0x8000, 0x8001), up | 0x8000);
}
END_TEST

static bool is_half_nan(int f, uint16_t v)
{
  return isnan(ref_value(f, v));
}

START_TEST(min_and_max_prefer_numbers)
{
  int f = _i;
  ArithHalf h = (ArithHalf)f;
  for (int k = 0; k < 50000; k++) {
    uint16_t a = (uint16_t)rng(), b = pick_half(f, a);
    uint16_t low = arith_half_min(h, a, b), high = arith_half_max(h, a, b);
    if (is_half_nan(f, a) && is_half_nan(f, b)) {
      ck_assert_uint_eq(low, arith_half_nan(h));
      ck_assert_uint_eq(high, arith_half_nan(h));
    } else if (is_half_nan(f, a) || is_half_nan(f, b)) {
      ck_assert_uint_eq(low, is_half_nan(f, a) ? b : a);
      ck_assert_uint_eq(high, low);
    } else {
      ck_assert(ref_value(f, low) == fmin(ref_value(f, a), ref_value(f, b)));
      ck_assert(ref_value(f, high) == fmax(ref_value(f, a), ref_value(f, b)));
      ck_assert_uint_eq(low ^ high, a ^ b);
    }
  }
  ck_assert_uint_eq(arith_half_min(h, 0, 0x8000), 0x8000);
  ck_assert_uint_eq(arith_half_max(h, 0x8000, 0), 0);
  ck_assert_uint_eq(arith_f32_min(0, 0x80000000u), 0x80000000u);
  ck_assert_uint_eq(arith_f32_max(0x80000000u, 0), 0);
  ck_assert_uint_eq(arith_f32_max(0x7f800001u, arith_bits(2.0f)), arith_bits(2.0f));
  ck_assert_uint_eq(arith_f32_min(arith_bits(-2.0f), 0xffc00000u), arith_bits(-2.0f));
  ck_assert_uint_eq(arith_f32_min(0x7f800001u, 0xffc00000u), ARITH_F32_NAN);
}
END_TEST

START_TEST(one_operand_functions)
{
  int f = _i;
  ArithHalf h = (ArithHalf)f;
  for (unsigned b = 0; b < 0x10000; b++) {
    double v = ref_value(f, b);
    if (isnan(v)) {
      ck_assert_uint_eq(arith_half_norm(h, (uint16_t)b), arith_half_nan(h));
      ck_assert_uint_eq(arith_half_sqrt(h, (uint16_t)b), arith_half_nan(h));
      ck_assert_int_eq(arith_half_to_xp16(h, (uint16_t)b), 32767);
      continue;
    }
    bool negative = b >> 15;
    uint16_t root = v < 0 ? arith_half_nan(h) : ref_round(f, sqrtl((long double)v), negative);
    EXPECT(arith_half_sqrt(h, (uint16_t)b), root, "%s sqrt %04x", format_name[f], b);
    double whole = fmin(fmax(nearbyint(v), -32768.0), 32767.0);
    EXPECT(arith_half_to_xp16(h, (uint16_t)b), (int16_t)whole, "%s xp16 %04x", format_name[f], b);
    int e = 0;
    double norm = v == 0 || isinf(v) ? v : 2 * frexp(v, &e);
    EXPECT(arith_half_norm(h, (uint16_t)b), arith_half_from_f64(h, norm), "%s norm %04x",
           format_name[f], b);
    int16_t n = (int16_t)((int)(rng() % 80) - 40);
    __float128 scaled = isinf(v) ? (__float128)v : (__float128)ldexp(v, n);
    EXPECT(arith_half_scale(h, (uint16_t)b, n), ref_round(f, scaled, negative), "%s scale %04x %d",
           format_name[f], b, n);
  }
  ck_assert_uint_eq(arith_half_scale(h, arith_half_from_f64(h, 1), 32767), ref_inf(f));
  ck_assert_uint_eq(arith_half_scale(h, arith_half_from_f64(h, -1), -32768), 0x8000);
}
END_TEST

#ifdef __FLT16_MAX__
START_TEST(f16_agrees_with_the_compiler)
{
  for (int k = 0; k < 100000; k++) {
    uint16_t a = (uint16_t)rng(), b = pick_half(0, a), r;
    _Float16 x, y, z;
    memcpy(&x, &a, 2);
    memcpy(&y, &b, 2);
    z = x * y;
    memcpy(&r, &z, 2);
    ck_assert_uint_eq(arith_half_mul(ARITH_F16, a, b), z == z ? r : 0x7e00);
    z = x + y;
    memcpy(&r, &z, 2);
    ck_assert_uint_eq(arith_half_add(ARITH_F16, a, b), z == z ? r : 0x7e00);
  }
}
END_TEST
#endif

static uint32_t pick_f32(uint32_t near)
{
  static const uint32_t special[] = {0,          1,          0x007fffff, 0x00800000,
                                     0x7f7fffff, 0x7f800000, 0x7f800001, 0x3f800000};
  switch (rng() % 6) {
  case 0: return special[rng() % 8] | (rng() & 0x80000000u);
  case 1: return (near + rng() % 64 - 32) ^ (rng() & 0x80000000u);
  case 2: return near ^ (rng() % 48 << 23);
  default: return rng();
  }
}

START_TEST(f32_fma_and_root)
{
  for (int k = 0; k < 100000; k++) {
    uint32_t a = pick_f32(0x3f800000), b = pick_f32(a);
    uint32_t c = pick_f32(arith_bits(arith_float(a) * arith_float(b)));
    float want = fmaf(arith_float(a), arith_float(b), arith_float(c));
    EXPECT(arith_f32_fma(a, b, c), arith_f32_canonical(want), "fma %08x %08x %08x", a, b, c);
    ck_assert_uint_eq(arith_f32_sqrt(a), arith_f32_canonical(sqrtf(arith_float(a))));
  }
  // (1 + 2^-23)(1 + 2^-1) is a tie; the addend is far below the double's last bit.
  ck_assert_uint_eq(arith_f32_fma(0x3f800001, 0x3fc00000, 0x00000001), 0x3fc00002);
  ck_assert_uint_eq(arith_f32_fma(0x3f800001, 0x3fc00000, 0x80000001), 0x3fc00001);
}
END_TEST

START_TEST(f32_canonical_nan)
{
  uint32_t inf = 0x7f800000, signaling = 0xff800001;
  ck_assert_uint_eq(arith_f32_add(inf, inf | 0x80000000u), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_sub(inf, inf), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_mul(0, inf), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_div(0, 0), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_add(signaling, 0), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_fma(0, inf, signaling), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_sqrt(arith_bits(-1.0f)), ARITH_F32_NAN);
  ck_assert_uint_eq(arith_f32_norm(signaling), ARITH_F32_NAN);
  ck_assert(!arith_f32_eq(signaling, signaling) && !arith_f32_lt(signaling, 0) &&
            !arith_f32_le(0, signaling));
}
END_TEST

START_TEST(f32_scale_and_norm)
{
  for (int k = 0; k < 50000; k++) {
    uint32_t a = pick_f32(1);
    float v = arith_float(a);
    int16_t n = (int16_t)((int)(rng() % 600) - 300);
    ck_assert_uint_eq(arith_f32_scale(a, n), arith_f32_canonical(ldexpf(v, n)));
    int e = 0;
    float norm = v == 0 || isinf(v) ? v : 2 * frexpf(v, &e);
    ck_assert_uint_eq(arith_f32_norm(a), arith_f32_canonical(norm));
  }
  ck_assert_uint_eq(arith_f32_scale(arith_bits(1.0f), -32768), 0);
  ck_assert_uint_eq(arith_f32_scale(0x00000001, 32767), 0x7f800000);
}
END_TEST

START_TEST(integers_to_floats)
{
  for (int k = 0; k < 60000; k++) {
    uint64_t v = ((uint64_t)rng() << 32 | rng()) >> (rng() % 64);
    if (rng() % 4 == 0) // just beside a tie of f32 whose last bits double would lose
      v = (uint64_t)(1u << 24 | (rng() & 0xffffff)) << 39 | 1ull << 38 | (rng() & 1);
    ck_assert_uint_eq(arith_f32_from_u64(v), arith_bits((float)v));
    ck_assert_uint_eq(arith_f32_from_i64((int64_t)v), arith_bits((float)(int64_t)v));
    for (int f = 0; f < 3; f++) {
      EXPECT(arith_half_from_u64((ArithHalf)f, v), ref_round(f, (__float128)v, false), "%s %llu",
             format_name[f], (unsigned long long)v);
      EXPECT(arith_half_from_i64((ArithHalf)f, (int64_t)v),
             ref_round(f, (__float128)(int64_t)v, (int64_t)v < 0), "%s %lld", format_name[f],
             (long long)v);
    }
  }
}
END_TEST

START_TEST(floats_to_integers)
{
  ck_assert(arith_to_signed(-3.99, 16) == -3);
  ck_assert(arith_to_signed(40000, 16) == 32767);
  ck_assert(arith_to_signed(-40000, 16) == -32768);
  ck_assert(arith_to_signed(-32768.9, 16) == -32768);
  ck_assert(arith_to_signed((double)NAN, 32) == INT32_MAX);
  ck_assert(arith_to_signed(-(double)INFINITY, 64) == INT64_MIN);
  ck_assert(arith_to_signed(9.3e18, 64) == INT64_MAX);
  ck_assert(arith_to_signed(5, 1) == 0 && arith_to_signed(-5, 1) == -1);
  ck_assert(arith_to_unsigned(3.99, 8) == 3);
  ck_assert(arith_to_unsigned(256, 8) == 255);
  ck_assert(arith_to_unsigned(-1, 32) == 0);
  ck_assert(arith_to_unsigned((double)NAN, 16) == 65535);
  ck_assert(arith_to_unsigned(18446744073709549568.0, 64) == 18446744073709549568ull);
  ck_assert(arith_to_unsigned(1e30, 64) == UINT64_MAX);
  static const float ties[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 32766.5f, 32767.5f, -32768.5f};
  static const int rounded[] = {0, 2, 2, 0, -2, 32766, 32767, -32768};
  for (int k = 0; k < 8; k++)
    ck_assert_int_eq(arith_f32_to_xp16(arith_bits(ties[k])), rounded[k]);
  ck_assert_int_eq(arith_f32_to_xp16(ARITH_F32_NAN), 32767);
}
END_TEST

// ---- vectors: the bits of the scalar functions, for all steps, lengths and places ----

enum { VEC = 37 };

static void vec_case(ArithHalf f, unsigned sa, unsigned sb, size_t n)
{
  uint16_t a[VEC], b[VEC], d[VEC], s = (uint16_t)rng();
  uint32_t wa[VEC], wd[VEC];
  for (int i = 0; i < VEC; i++) {
    a[i] = (uint16_t)rng();
    b[i] = pick_half((int)f, a[i]);
    wa[i] = rng() % 3 ? arith_half_to_f32(f, a[i]) ^ (rng() & 0xffff) : rng();
  }
#define CHECK(call, got, want)                                                                     \
  call;                                                                                            \
  for (size_t i = 0; i < n; i++)                                                                   \
  EXPECT(got, want, "%s %s element %zu of %zu, steps %u %u", #call, format_name[f], i, n, sa, sb)
  CHECK(arith_half_vec_add(f, d, a, sa, b, sb, n), d[i], arith_half_add(f, a[i * sa], b[i * sb]));
  CHECK(arith_half_vec_sub(f, d, a, sa, b, sb, n), d[i], arith_half_sub(f, a[i * sa], b[i * sb]));
  CHECK(arith_half_vec_mul(f, d, a, sa, b, sb, n), d[i], arith_half_mul(f, a[i * sa], b[i * sb]));
  CHECK(arith_half_vec_max(f, d, a, sa, b, sb, n), d[i], arith_half_max(f, a[i * sa], b[i * sb]));
  CHECK(arith_half_vec_fma(f, d, a, sa, b, sb, s, n), d[i],
        arith_half_fma(f, b[i * sb], s, a[i * sa]));
  CHECK(arith_half_vec_to_f32(f, wd, b, sb, n), wd[i], arith_half_to_f32(f, b[i * sb]));
  CHECK(arith_half_vec_from_f32(f, d, wa, sa, n), d[i], arith_half_from_f32(f, wa[i * sa]));
  CHECK(arith_half_vec_add_f32(f, wd, wa, sa, b, sb, n), wd[i],
        arith_f32_add(wa[i * sa], arith_half_to_f32(f, b[i * sb])));
  CHECK(arith_half_vec_fma_f32(f, wd, wa, sa, b, sb, s, n), wd[i],
        arith_f32_fma(arith_half_to_f32(f, b[i * sb]), arith_half_to_f32(f, s), wa[i * sa]));
  memcpy(d, a, sizeof d); // in place, with the scalar operand inside
  arith_half_vec_add(f, d, d, sa, b, sb, n);
  for (size_t i = 0; i < n; i++)
    ck_assert_uint_eq(d[i], arith_half_add(f, a[i * sa], b[i * sb]));
}

START_TEST(vectors_equal_scalars)
{
  for (int k = 0; k < 1000; k++)
    for (unsigned steps = 0; steps < 4; steps++)
      vec_case((ArithHalf)_i, steps & 1, steps >> 1, rng() % (VEC + 1));
}
END_TEST

// Sums whose exact value lies just beside a tie of f16: the cases in which going through f32
// without care is wrong.
START_TEST(vector_fma_beside_ties)
{
  for (int k = 0; k < 20000; k++) {
    uint16_t a[8], b[8], d[8], s = (uint16_t)(0x3c00 + rng() % 0x800);
    for (int i = 0; i < 8; i++) {
      b[i] = (uint16_t)(0x3c00 + rng() % 0x1000);
      double p = arith_half_to_f64(ARITH_F16, b[i]) * arith_half_to_f64(ARITH_F16, s);
      a[i] = arith_half_from_f64(ARITH_F16, ldexp(p, -(int)(rng() % 30)) * (rng() & 1 ? 1 : -1));
    }
    arith_half_vec_fma(ARITH_F16, d, a, 1, b, 1, s, 8);
    for (int i = 0; i < 8; i++) {
      check_fma(0, b[i], s, a[i]);
      ck_assert_uint_eq(d[i], arith_half_fma(ARITH_F16, b[i], s, a[i]));
    }
  }
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("arith");
  TCase *t = tcase_create("halves");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, halves_decode_to_their_definition, 0, 3);
  tcase_add_loop_test(t, documented_encodings_of_six, 0, 3);
  tcase_add_loop_test(t, halves_round_to_nearest_even, 0, 3);
  tcase_add_loop_test(t, half_arithmetic_is_rounded_once, 0, 3);
  tcase_add_loop_test(t, half_fma_is_rounded_once, 0, 3);
  tcase_add_loop_test(t, half_fma_sees_the_smallest_addend, 0, 3);
  tcase_add_loop_test(t, min_and_max_prefer_numbers, 0, 3);
  tcase_add_loop_test(t, one_operand_functions, 0, 3);
#ifdef __FLT16_MAX__
  tcase_add_test(t, f16_agrees_with_the_compiler);
#endif
  suite_add_tcase(s, t);
  t = tcase_create("vectors");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, vectors_equal_scalars, 0, 3);
  tcase_add_test(t, vector_fma_beside_ties);
  suite_add_tcase(s, t);
  t = tcase_create("f32");
  tcase_add_test(t, f32_fma_and_root);
  tcase_add_test(t, f32_canonical_nan);
  tcase_add_test(t, f32_scale_and_norm);
  tcase_add_test(t, integers_to_floats);
  tcase_add_test(t, floats_to_integers);
  suite_add_tcase(s, t);
  return s;
}
