// Scalar arithmetic of arith.h. Everything goes through double, which is wide enough: a sum,
// product, quotient or root of values with p <= 24 bits that is rounded to 53 >= 2p + 2 bits first
// and then to p is rounded as if once; a fused multiply-add is not, so its double is rounded to
// odd, which keeps what the second rounding must know.
#include "arith/arith.h"
#include <math.h>

typedef struct Format {
  uint8_t exponent, mantissa; // bits
  int bias;
} Format;

static const Format formats[ARITH_HALF_FORMATS] = {
    [ARITH_F16] = {5, 10, 15}, [ARITH_BF16] = {8, 7, 127}, [ARITH_CB16] = {6, 9, 42}};

enum { F64_MANTISSA = 52, F64_BIAS = 1023 };

static uint64_t f64_bits(double v)
{
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static double f64_of(uint64_t bits)
{
  double v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

// 2^n for n in the normal range of double.
static double power_of_two(int n)
{
  return f64_of((uint64_t)(n + F64_BIAS) << F64_MANTISSA);
}

// a * b + c rounded to odd, where a * b is exact in double.
static double fma_odd(double a, double b, double c)
{
  double p = a * b, s = p + c;
  if (!isfinite(s))
    return s;
  double c_part = s - p, p_part = s - c_part;
  double error = (p - p_part) + (c - c_part);
  uint64_t bits = f64_bits(s);
  if (error == 0 || (bits & 1))
    return s;
  return f64_of((error > 0) == (s > 0) ? bits + 1 : bits - 1);
}

// v rounded to odd.
static double odd_from_u64(uint64_t v)
{
  unsigned over = v >> 53 ? 11u - (unsigned)__builtin_clzll(v) : 0;
  uint64_t lost = v & ((1ull << over) - 1);
  return (double)(v >> over | (lost != 0)) * power_of_two((int)over);
}

// ---- f32 ----

uint32_t arith_f32_sqrt(uint32_t a)
{
  return arith_f32_canonical((float)sqrt((double)arith_float(a)));
}

uint32_t arith_f32_fma(uint32_t a, uint32_t b, uint32_t c)
{
  double r = fma_odd((double)arith_float(a), (double)arith_float(b), (double)arith_float(c));
  return arith_f32_canonical((float)r);
}

// The lesser of a and b when they are ordered by sign and value; of equal zeros the one with the
// sign.
static bool less(double a, double b)
{
  return a < b || (a == b && signbit(a) && !signbit(b));
}

uint32_t arith_f32_min(uint32_t a, uint32_t b)
{
  double x = (double)arith_float(a), y = (double)arith_float(b);
  if (isnan(x))
    return arith_f32_canonical(arith_float(b));
  return isnan(y) || !less(y, x) ? a : b;
}

uint32_t arith_f32_max(uint32_t a, uint32_t b)
{
  double x = (double)arith_float(a), y = (double)arith_float(b);
  if (isnan(x))
    return arith_f32_canonical(arith_float(b));
  return isnan(y) || !less(x, y) ? a : b;
}

static double normalize(double v)
{
  uint64_t bits = f64_bits(v);
  if (v == 0 || !isfinite(v))
    return v;
  uint64_t exponent = (uint64_t)0x7ff << F64_MANTISSA;
  return f64_of((bits & ~exponent) | (uint64_t)F64_BIAS << F64_MANTISSA);
}

// v * 2^n, exact for every n that leaves a nonzero finite result in a 16- or 32-bit format.
static double scale(double v, int16_t n)
{
  return v * power_of_two(n < -600 ? -600 : n > 600 ? 600 : n);
}

uint32_t arith_f32_norm(uint32_t a)
{
  return arith_f32_from_f64(normalize((double)arith_float(a)));
}

uint32_t arith_f32_scale(uint32_t a, int16_t n)
{
  return arith_f32_from_f64(scale((double)arith_float(a), n));
}

uint32_t arith_f32_from_f64(double v)
{
  return arith_f32_canonical((float)v);
}

uint32_t arith_f32_from_u64(uint64_t v)
{
  return arith_bits((float)odd_from_u64(v));
}

uint32_t arith_f32_from_i64(int64_t v)
{
  return v < 0 ? arith_f32_from_u64(0 - (uint64_t)v) | 0x80000000u
               : arith_f32_from_u64((uint64_t)v);
}

// Adding and taking away 1.5 * 2^52 leaves the integer part, rounded to nearest even, for |v| <
// 2^51.
static int16_t to_xp16(double v)
{
  if (!(v < 32767))
    return 32767;
  if (v < -32768)
    return -32768;
  const double magic = 6755399441055744.0;
  volatile double sum = v + magic; // volatile: no host may keep more bits
  return (int16_t)(sum - magic);
}

int16_t arith_f32_to_xp16(uint32_t a)
{
  return to_xp16((double)arith_float(a));
}

// ---- 16-bit floats ----

uint16_t arith_half_inf(ArithHalf f)
{
  const Format *t = &formats[f];
  return (uint16_t)(((1u << t->exponent) - 1) << t->mantissa);
}

uint16_t arith_half_nan(ArithHalf f)
{
  return (uint16_t)(arith_half_inf(f) | 1u << (formats[f].mantissa - 1));
}

double arith_half_to_f64(ArithHalf f, uint16_t a)
{
  const Format *t = &formats[f];
  uint32_t fraction = a & ((1u << t->mantissa) - 1);
  uint32_t exponent = (a & 0x7fffu) >> t->mantissa;
  uint64_t sign = (uint64_t)(a >> 15) << 63;
  if (exponent == (1u << t->exponent) - 1)
    return fraction ? (double)NAN : f64_of(sign | f64_bits((double)INFINITY));
  if (exponent == 0) {
    double magnitude = (double)fraction * power_of_two(1 - t->bias - t->mantissa);
    return f64_of(sign | f64_bits(magnitude));
  }
  uint64_t wide = (uint64_t)((int)exponent - t->bias + F64_BIAS);
  return f64_of(sign | wide << F64_MANTISSA | (uint64_t)fraction << (F64_MANTISSA - t->mantissa));
}

uint32_t arith_half_to_f32(ArithHalf f, uint16_t a)
{
  return arith_f32_canonical((float)arith_half_to_f64(f, a));
}

// x / 2^shift, to nearest even.
static uint64_t shift_round(uint64_t x, unsigned shift)
{
  uint64_t low = x & ((1ull << shift) - 1), half = 1ull << (shift - 1), r = x >> shift;
  return r + (low > half || (low == half && (r & 1)));
}

uint16_t arith_half_from_f64(ArithHalf f, double v)
{
  const Format *t = &formats[f];
  uint64_t bits = f64_bits(v);
  uint16_t sign = (uint16_t)(bits >> 63 << 15);
  if (isnan(v))
    return arith_half_nan(f);
  int exponent = (int)(bits >> F64_MANTISSA & 0x7ff);
  if (exponent == 0) // zero, or far below every 16-bit format
    return sign;
  uint64_t significand = (bits & ((1ull << F64_MANTISSA) - 1)) | 1ull << F64_MANTISSA;
  int field = exponent - F64_BIAS + t->bias;
  int shift = F64_MANTISSA - t->mantissa + (field < 1 ? 1 - field : 0);
  if (field >= 1 << t->exponent)
    return sign | arith_half_inf(f);
  if (shift > F64_MANTISSA + 2)
    return sign;
  // The hidden bit adds one to the exponent field; a carry out of the rounding adds another: both
  // as they should.
  uint64_t r = (field > 1 ? (uint64_t)(field - 1) << t->mantissa : 0) +
               shift_round(significand, (unsigned)shift);
  return sign | (r > arith_half_inf(f) ? arith_half_inf(f) : (uint16_t)r);
}

uint16_t arith_half_from_f32(ArithHalf f, uint32_t a)
{
  return arith_half_from_f64(f, (double)arith_float(a));
}

uint16_t arith_half_from_u64(ArithHalf f, uint64_t v)
{
  return arith_half_from_f64(f, odd_from_u64(v));
}

uint16_t arith_half_from_i64(ArithHalf f, int64_t v)
{
  return v < 0 ? arith_half_from_u64(f, 0 - (uint64_t)v) | 0x8000u
               : arith_half_from_u64(f, (uint64_t)v);
}

#define HALF_BINARY(name, op)                                                                      \
  uint16_t arith_half_##name(ArithHalf f, uint16_t a, uint16_t b)                                  \
  {                                                                                                \
    return arith_half_from_f64(f, arith_half_to_f64(f, a) op arith_half_to_f64(f, b));             \
  }
HALF_BINARY(add, +)
HALF_BINARY(sub, -)
HALF_BINARY(mul, *)
HALF_BINARY(div, /)

#define HALF_COMPARE(name, op)                                                                     \
  bool arith_half_##name(ArithHalf f, uint16_t a, uint16_t b)                                      \
  {                                                                                                \
    return arith_half_to_f64(f, a) op arith_half_to_f64(f, b);                                     \
  }
HALF_COMPARE(eq, ==)
HALF_COMPARE(lt, <)
HALF_COMPARE(le, <=)

uint16_t arith_half_sqrt(ArithHalf f, uint16_t a)
{
  return arith_half_from_f64(f, sqrt(arith_half_to_f64(f, a)));
}

uint16_t arith_half_fma(ArithHalf f, uint16_t a, uint16_t b, uint16_t c)
{
  return arith_half_from_f64(
      f, fma_odd(arith_half_to_f64(f, a), arith_half_to_f64(f, b), arith_half_to_f64(f, c)));
}

uint16_t arith_half_min(ArithHalf f, uint16_t a, uint16_t b)
{
  double x = arith_half_to_f64(f, a), y = arith_half_to_f64(f, b);
  if (isnan(x))
    return isnan(y) ? arith_half_nan(f) : b;
  return isnan(y) || !less(y, x) ? a : b;
}

uint16_t arith_half_max(ArithHalf f, uint16_t a, uint16_t b)
{
  double x = arith_half_to_f64(f, a), y = arith_half_to_f64(f, b);
  if (isnan(x))
    return isnan(y) ? arith_half_nan(f) : b;
  return isnan(y) || !less(x, y) ? a : b;
}

uint16_t arith_half_norm(ArithHalf f, uint16_t a)
{
  return arith_half_from_f64(f, normalize(arith_half_to_f64(f, a)));
}

uint16_t arith_half_scale(ArithHalf f, uint16_t a, int16_t n)
{
  return arith_half_from_f64(f, scale(arith_half_to_f64(f, a), n));
}

int16_t arith_half_to_xp16(ArithHalf f, uint16_t a)
{
  return to_xp16(arith_half_to_f64(f, a));
}

// ---- to integers ----

int64_t arith_to_signed(double v, unsigned bits)
{
  int64_t most = (int64_t)(UINT64_MAX >> 1 >> (64 - bits));
  double limit = power_of_two((int)bits - 1);
  if (!(v < limit))
    return most;
  return v < -limit ? -most - 1 : (int64_t)v;
}

uint64_t arith_to_unsigned(double v, unsigned bits)
{
  if (!(v < power_of_two((int)bits)))
    return UINT64_MAX >> (64 - bits);
  return v > 0 ? (uint64_t)v : 0;
}
