// Bit-exact arithmetic on raw bits: one meaning of every number for comptime, interpreter and DSD
// kernels alike.
//
// Formats (language 5.1): f16 is IEEE 1-5-10; bf16 is 1-8-7; cb16 is 1-6-9 with exponent bias 42;
// f32 is IEEE. The last exponent value of cb16 is taken for infinity and NaN, and it has
// subnormals, as in the other formats. All results are rounded once, to nearest even. A NaN result
// is always the canonical one (quiet, positive, payload 0). These functions read and write no state
// (no flags, no rounding mode), and are exact on every host: the build switches contraction off,
// and nothing here needs a host with 16-bit floats or fused operations.
#ifndef WEFT_ARITH_ARITH_H
#define WEFT_ARITH_ARITH_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// 16-bit formats, numbered as Image.fp16.
typedef enum ArithHalf { ARITH_F16, ARITH_BF16, ARITH_CB16, ARITH_HALF_FORMATS } ArithHalf;

#define ARITH_F32_NAN 0x7fc00000u

static inline float arith_float(uint32_t bits)
{
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}
static inline uint32_t arith_bits(float f)
{
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}
// Bits of a result: a NaN becomes the canonical one.
static inline uint32_t arith_f32_canonical(float f)
{
  return f == f ? arith_bits(f) : ARITH_F32_NAN;
}

// ---- f32 ----
static inline uint32_t arith_f32_add(uint32_t a, uint32_t b)
{
  return arith_f32_canonical(arith_float(a) + arith_float(b));
}
static inline uint32_t arith_f32_sub(uint32_t a, uint32_t b)
{
  return arith_f32_canonical(arith_float(a) - arith_float(b));
}
static inline uint32_t arith_f32_mul(uint32_t a, uint32_t b)
{
  return arith_f32_canonical(arith_float(a) * arith_float(b));
}
static inline uint32_t arith_f32_div(uint32_t a, uint32_t b)
{
  return arith_f32_canonical(arith_float(a) / arith_float(b));
}
// Comparisons with a NaN are false.
static inline bool arith_f32_eq(uint32_t a, uint32_t b)
{
  return arith_float(a) == arith_float(b);
}
static inline bool arith_f32_lt(uint32_t a, uint32_t b)
{
  return arith_float(a) < arith_float(b);
}
static inline bool arith_f32_le(uint32_t a, uint32_t b)
{
  return arith_float(a) <= arith_float(b);
}
uint32_t arith_f32_sqrt(uint32_t a);
// a * b + c, rounded once.
uint32_t arith_f32_fma(uint32_t a, uint32_t b, uint32_t c);
// Of a number and a NaN the number; -0 is less than +0 (language 15.5, RISC-V F).
uint32_t arith_f32_min(uint32_t a, uint32_t b);
uint32_t arith_f32_max(uint32_t a, uint32_t b);
// Sign and significand of a, in [1, 2); zero and infinity stay (language 17 #28, @fnorms).
uint32_t arith_f32_norm(uint32_t a);
// a * 2^n, rounded once (@fscales).
uint32_t arith_f32_scale(uint32_t a, int16_t n);
uint32_t arith_f32_from_f64(double v);
uint32_t arith_f32_from_i64(int64_t v);
uint32_t arith_f32_from_u64(uint64_t v);
// To nearest even, saturating; NaN gives 32767 (language 17 #27, @fs2xp16).
int16_t arith_f32_to_xp16(uint32_t a);

// ---- 16-bit floats ----
double arith_half_to_f64(ArithHalf f, uint16_t a);   // exact
uint32_t arith_half_to_f32(ArithHalf f, uint16_t a); // exact
uint16_t arith_half_from_f64(ArithHalf f, double v);
uint16_t arith_half_from_f32(ArithHalf f, uint32_t a);
uint16_t arith_half_from_i64(ArithHalf f, int64_t v);
uint16_t arith_half_from_u64(ArithHalf f, uint64_t v);
uint16_t arith_half_add(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_sub(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_mul(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_div(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_sqrt(ArithHalf f, uint16_t a);
uint16_t arith_half_fma(ArithHalf f, uint16_t a, uint16_t b, uint16_t c); // a * b + c
uint16_t arith_half_min(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_max(ArithHalf f, uint16_t a, uint16_t b);
bool arith_half_eq(ArithHalf f, uint16_t a, uint16_t b);
bool arith_half_lt(ArithHalf f, uint16_t a, uint16_t b);
bool arith_half_le(ArithHalf f, uint16_t a, uint16_t b);
uint16_t arith_half_norm(ArithHalf f, uint16_t a);
uint16_t arith_half_scale(ArithHalf f, uint16_t a, int16_t n);
int16_t arith_half_to_xp16(ArithHalf f, uint16_t a);
uint16_t arith_half_nan(ArithHalf f); // the canonical NaN
uint16_t arith_half_inf(ArithHalf f); // positive infinity

// ---- float to integer: toward zero, saturating to `bits` (1..64) bits; NaN gives the greatest
// value (RISC-V F) ----
int64_t arith_to_signed(double v, unsigned bits);
uint64_t arith_to_unsigned(double v, unsigned bits);
#endif
