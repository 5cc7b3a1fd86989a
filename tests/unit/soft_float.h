// A second implementation of the arithmetic of arith/, by integers alone: values are a sign, an
// integer significand and a power of two, and every result is rounded once from an exact one. It
// shares nothing with arith/, which goes through the host's double.
#ifndef WEFT_TESTS_SOFT_FLOAT_H
#define WEFT_TESTS_SOFT_FLOAT_H
#include <stdbool.h>
#include <stdint.h>

typedef struct SoftFormat { // a binary format: bits of exponent and fraction, bias
  int exponent, fraction, bias;
} SoftFormat;
extern const SoftFormat soft_half[3]; // in the order of ArithHalf
extern const SoftFormat soft_f32, soft_f64;

uint64_t soft_nan(SoftFormat f);
uint64_t soft_inf(SoftFormat f);
// x in another format; a NaN becomes the canonical one.
uint64_t soft_convert(SoftFormat to, SoftFormat from, uint64_t x);
uint64_t soft_add(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_sub(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_mul(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_div(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_sqrt(SoftFormat f, uint64_t x);
// x * y + z with x and y in format g, z and the result in format f.
uint64_t soft_fma(SoftFormat f, SoftFormat g, uint64_t x, uint64_t y, uint64_t z);
// The lesser and the greater; of a number and a NaN the number, -0 below +0.
uint64_t soft_min(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_max(SoftFormat f, uint64_t x, uint64_t y);
// -1 less, 0 equal, 1 greater, 2 unordered.
int soft_compare(SoftFormat f, uint64_t x, uint64_t y);
uint64_t soft_norm(SoftFormat f, uint64_t x); // sign and significand, in [1, 2)
uint64_t soft_scale(SoftFormat f, uint64_t x, int n);
uint64_t soft_from_int(SoftFormat f, bool negative, uint64_t magnitude);
int16_t soft_to_xp16(SoftFormat f, uint64_t x);
// Toward zero, saturating to `bits` bits; NaN gives the greatest value.
int64_t soft_to_signed(SoftFormat f, uint64_t x, unsigned bits);
uint64_t soft_to_unsigned(SoftFormat f, uint64_t x, unsigned bits);
#endif
