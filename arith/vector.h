// Vector forms of the 16-bit float operations of arith.h: the same bits, many at a time.
//
// d[i] = f(a[i * sa], b[i * sb]) for i < n. A step is 1 for a vector and 0 for a scalar operand,
// which is read once. d may be the same place as a or b; other overlaps are not allowed. On a host
// with F16C and AVX2 (checked at run time) f16 goes eight elements at a time; other formats and
// hosts take the scalar functions.
#ifndef WEFT_ARITH_VECTOR_H
#define WEFT_ARITH_VECTOR_H
#include "arith/arith.h"
#include <stddef.h>

void arith_half_vec_add(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, size_t n);
void arith_half_vec_sub(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, size_t n);
void arith_half_vec_mul(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, size_t n);
void arith_half_vec_max(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, size_t n);
// d = a + b * s, rounded once (@fmach).
void arith_half_vec_fma(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, uint16_t s, size_t n);
// d = a + b with a in f32 (@faddhs); d = a + b * s with a in f32, rounded once (@fmachs).
void arith_half_vec_add_f32(ArithHalf f, uint32_t *d, const uint32_t *a, unsigned sa,
                            const uint16_t *b, unsigned sb, size_t n);
void arith_half_vec_fma_f32(ArithHalf f, uint32_t *d, const uint32_t *a, unsigned sa,
                            const uint16_t *b, unsigned sb, uint16_t s, size_t n);
void arith_half_vec_to_f32(ArithHalf f, uint32_t *d, const uint16_t *b, unsigned sb, size_t n);
void arith_half_vec_from_f32(ArithHalf f, uint16_t *d, const uint32_t *b, unsigned sb, size_t n);
#endif
