// Vector loops of arith/vector.h. Each entry first lets the host's wide instructions take as many
// elements as they can, then finishes with the scalar function.
#include "arith/vector.h"

// ---- wide f16: through f32, which has 24 >= 2 * 11 + 2 bits, so that rounding twice is rounding
// once ----

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target("avx2,f16c")))

static bool is_wide(ArithHalf f)
{
  return f == ARITH_F16 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
}

WIDE static inline __m256 load_half(const uint16_t *p, unsigned step, size_t i)
{
  return _mm256_cvtph_ps(step ? _mm_loadu_si128((const __m128i *)(p + i))
                              : _mm_set1_epi16((short)*p));
}
WIDE static inline __m256 load_f32(const uint32_t *p, unsigned step, size_t i)
{
  return step ? _mm256_loadu_ps((const float *)(p + i)) : _mm256_set1_ps(arith_float(*p));
}
WIDE static inline __m256 canonical(__m256 v)
{
  __m256 nan = _mm256_castsi256_ps(_mm256_set1_epi32(ARITH_F32_NAN));
  return _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
WIDE static inline void store_half(uint16_t *p, __m256 v)
{
  _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(canonical(v), _MM_FROUND_TO_NEAREST_INT));
}
WIDE static inline void store_f32(uint32_t *p, __m256 v)
{
  _mm256_storeu_ps((float *)p, canonical(v));
}

// a + b * s, rounded to odd: b * s is exact, the error of the sum is known (TwoSum) and ends in the
// last bit.
WIDE static inline __m256 fma_odd(__m256 a, __m256 b, __m256 s)
{
  __m256 p = _mm256_mul_ps(b, s), sum = _mm256_add_ps(p, a), part = _mm256_sub_ps(sum, p);
  __m256 error = _mm256_add_ps(_mm256_sub_ps(p, _mm256_sub_ps(sum, part)), _mm256_sub_ps(a, part));
  __m256i bits = _mm256_castps_si256(sum);
  __m256i lost = _mm256_castps_si256(_mm256_cmp_ps(error, _mm256_setzero_ps(), _CMP_NEQ_OQ));
  // Where the sum was rounded away from zero, step back; then mark the loss.
  __m256i away = _mm256_srai_epi32(_mm256_xor_si256(bits, _mm256_castps_si256(error)), 31);
  bits = _mm256_add_epi32(bits, _mm256_and_si256(away, lost));
  bits = _mm256_or_si256(bits, _mm256_and_si256(lost, _mm256_set1_epi32(1)));
  return _mm256_castsi256_ps(bits);
}

// Bits of f16 as integers in the same order.
WIDE static inline __m128i ordered(__m128i v)
{
  return _mm_xor_si128(v, _mm_and_si128(_mm_srai_epi16(v, 15), _mm_set1_epi16(0x7fff)));
}
WIDE static inline __m128i is_nan(__m128i v)
{
  return _mm_cmpgt_epi16(_mm_and_si128(v, _mm_set1_epi16(0x7fff)), _mm_set1_epi16(0x7c00));
}
WIDE static inline __m128i greater(__m128i a, __m128i b)
{
  __m128i most = ordered(_mm_max_epi16(ordered(a), ordered(b)));
  __m128i a_nan = is_nan(a), b_nan = is_nan(b);
  most = _mm_blendv_epi8(most, a, b_nan);
  most = _mm_blendv_epi8(most, b, a_nan);
  return _mm_blendv_epi8(most, _mm_set1_epi16(0x7e00), _mm_and_si128(a_nan, b_nan));
}

#define WIDE_BINARY(name, expression)                                                              \
  WIDE static size_t wide_##name(uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,   \
                                 unsigned sb, size_t n)                                            \
  {                                                                                                \
    size_t i = 0;                                                                                  \
    for (; i + 8 <= n; i += 8) {                                                                   \
      __m256 x = load_half(a, sa, i), y = load_half(b, sb, i);                                     \
      store_half(d + i, expression);                                                               \
    }                                                                                              \
    return i;                                                                                      \
  }
WIDE_BINARY(add, _mm256_add_ps(x, y))
WIDE_BINARY(sub, _mm256_sub_ps(x, y))
WIDE_BINARY(mul, _mm256_mul_ps(x, y))

WIDE static size_t wide_max(uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                            unsigned sb, size_t n)
{
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    __m128i x = sa ? _mm_loadu_si128((const __m128i *)(a + i)) : _mm_set1_epi16((short)*a);
    __m128i y = sb ? _mm_loadu_si128((const __m128i *)(b + i)) : _mm_set1_epi16((short)*b);
    _mm_storeu_si128((__m128i *)(d + i), greater(x, y));
  }
  return i;
}

WIDE static size_t wide_fma(uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                            unsigned sb, uint16_t s, size_t n)
{
  size_t i = 0;
  __m256 z = load_half(&s, 0, 0);
  for (; i + 8 <= n; i += 8)
    store_half(d + i, fma_odd(load_half(a, sa, i), load_half(b, sb, i), z));
  return i;
}

WIDE static size_t wide_add_f32(uint32_t *d, const uint32_t *a, unsigned sa, const uint16_t *b,
                                unsigned sb, size_t n)
{
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    store_f32(d + i, _mm256_add_ps(load_f32(a, sa, i), load_half(b, sb, i)));
  return i;
}

WIDE static size_t wide_fma_f32(uint32_t *d, const uint32_t *a, unsigned sa, const uint16_t *b,
                                unsigned sb, uint16_t s, size_t n)
{
  size_t i = 0;
  __m256 z = load_half(&s, 0, 0);
  for (; i + 8 <= n; i += 8) // the product is exact
    store_f32(d + i, _mm256_add_ps(load_f32(a, sa, i), _mm256_mul_ps(load_half(b, sb, i), z)));
  return i;
}

WIDE static size_t wide_to_f32(uint32_t *d, const uint16_t *b, unsigned sb, size_t n)
{
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    store_f32(d + i, load_half(b, sb, i));
  return i;
}

WIDE static size_t wide_from_f32(uint16_t *d, const uint32_t *b, unsigned sb, size_t n)
{
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    store_half(d + i, load_f32(b, sb, i));
  return i;
}
#define WIDE_PART(f, call) (is_wide(f) ? (call) : 0)
#else
#define WIDE_PART(f, call) 0
#endif

// ---- entries ----
// A scalar operand is copied first: it may lie in the destination.

#define VEC_BINARY(name)                                                                           \
  void arith_half_vec_##name(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa,             \
                             const uint16_t *b, unsigned sb, size_t n)                             \
  {                                                                                                \
    const uint16_t x = n ? *a : 0, y = n ? *b : 0;                                                 \
    a = sa ? a : &x;                                                                               \
    b = sb ? b : &y;                                                                               \
    for (size_t i = WIDE_PART(f, wide_##name(d, a, sa, b, sb, n)); i < n; i++)                     \
      d[i] = arith_half_##name(f, a[i * sa], b[i * sb]);                                           \
  }
VEC_BINARY(add)
VEC_BINARY(sub)
VEC_BINARY(mul)
VEC_BINARY(max)

void arith_half_vec_fma(ArithHalf f, uint16_t *d, const uint16_t *a, unsigned sa, const uint16_t *b,
                        unsigned sb, uint16_t s, size_t n)
{
  const uint16_t x = n ? *a : 0, y = n ? *b : 0;
  a = sa ? a : &x;
  b = sb ? b : &y;
  for (size_t i = WIDE_PART(f, wide_fma(d, a, sa, b, sb, s, n)); i < n; i++)
    d[i] = arith_half_fma(f, b[i * sb], s, a[i * sa]);
}

void arith_half_vec_add_f32(ArithHalf f, uint32_t *d, const uint32_t *a, unsigned sa,
                            const uint16_t *b, unsigned sb, size_t n)
{
  const uint32_t x = n ? *a : 0;
  const uint16_t y = n ? *b : 0;
  a = sa ? a : &x;
  b = sb ? b : &y;
  for (size_t i = WIDE_PART(f, wide_add_f32(d, a, sa, b, sb, n)); i < n; i++)
    d[i] = arith_f32_add(a[i * sa], arith_half_to_f32(f, b[i * sb]));
}

void arith_half_vec_fma_f32(ArithHalf f, uint32_t *d, const uint32_t *a, unsigned sa,
                            const uint16_t *b, unsigned sb, uint16_t s, size_t n)
{
  const uint32_t x = n ? *a : 0, z = arith_half_to_f32(f, s);
  const uint16_t y = n ? *b : 0;
  a = sa ? a : &x;
  b = sb ? b : &y;
  for (size_t i = WIDE_PART(f, wide_fma_f32(d, a, sa, b, sb, s, n)); i < n; i++)
    d[i] = arith_f32_fma(arith_half_to_f32(f, b[i * sb]), z, a[i * sa]);
}

void arith_half_vec_to_f32(ArithHalf f, uint32_t *d, const uint16_t *b, unsigned sb, size_t n)
{
  const uint16_t y = n ? *b : 0;
  b = sb ? b : &y;
  for (size_t i = WIDE_PART(f, wide_to_f32(d, b, sb, n)); i < n; i++)
    d[i] = arith_half_to_f32(f, b[i * sb]);
}

void arith_half_vec_from_f32(ArithHalf f, uint16_t *d, const uint32_t *b, unsigned sb, size_t n)
{
  const uint32_t y = n ? *b : 0;
  b = sb ? b : &y;
  for (size_t i = WIDE_PART(f, wide_from_f32(d, b, sb, n)); i < n; i++)
    d[i] = arith_half_from_f32(f, b[i * sb]);
}
