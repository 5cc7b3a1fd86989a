// Native loops for IEEE 16-bit floats, eight elements at a time. Sums and products of two are exact
// enough in 32 bits to be rounded twice; a fused multiply-add is made odd before its second
// rounding, so that it is rounded once in effect.
#include "arith/arith.h"
#include "emulator/internal.h"

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#include <immintrin.h>
#define VECTOR __attribute__((target("avx2,f16c,fma")))
enum { LANES = 8 };

// Lane i of a source: 16-bit floats widened, or 32-bit ones.
VECTOR static inline __m256 load_half(const void *p, uint32_t i, uint32_t n, bool scalar)
{
  uint16_t tail[LANES] = {0};
  if (scalar)
    return _mm256_cvtph_ps(_mm_set1_epi16(*(const int16_t *)p));
  const uint16_t *v = (const uint16_t *)p + i;
  if (n - i < LANES) {
    memcpy(tail, v, (n - i) * sizeof *v);
    v = tail;
  }
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)v));
}
VECTOR static inline __m256 load_single(const void *p, uint32_t i, uint32_t n, bool scalar)
{
  float tail[LANES] = {0};
  if (scalar)
    return _mm256_set1_ps(*(const float *)p);
  const float *v = (const float *)p + i;
  if (n - i < LANES) {
    memcpy(tail, v, (n - i) * sizeof *v);
    v = tail;
  }
  return _mm256_loadu_ps(v);
}

VECTOR static inline __m256 canonical(__m256 v)
{
  __m256 nan = _mm256_castsi256_ps(_mm256_set1_epi32((int)ARITH_F32_NAN));
  return _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
VECTOR static inline void store_half(void *p, uint32_t i, uint32_t n, __m256 v)
{
  uint16_t tail[LANES], *out = (uint16_t *)p + i;
  __m128i h = _mm256_cvtps_ph(canonical(v), _MM_FROUND_TO_NEAREST_INT);
  if (n - i >= LANES) {
    _mm_storeu_si128((__m128i *)out, h);
    return;
  }
  _mm_storeu_si128((__m128i *)tail, h);
  memcpy(out, tail, (n - i) * sizeof *out);
}
VECTOR static inline void store_single(void *p, uint32_t i, uint32_t n, __m256 v)
{
  float tail[LANES], *out = (float *)p + i;
  if (n - i >= LANES) {
    _mm256_storeu_ps(out, canonical(v));
    return;
  }
  _mm256_storeu_ps(tail, canonical(v));
  memcpy(out, tail, (n - i) * sizeof *out);
}

// x + y * s for 16-bit x, y, s: the product is exact, the error of the sum is found exactly
// (two-sum), and the sum is rounded to odd, which keeps what the second rounding needs to know.
VECTOR static inline __m256 fma_odd(__m256 x, __m256 y, __m256 s)
{
  __m256 p = _mm256_mul_ps(y, s), sum = _mm256_add_ps(p, x);
  __m256 part = _mm256_sub_ps(sum, p);
  __m256 error = _mm256_add_ps(_mm256_sub_ps(p, _mm256_sub_ps(sum, part)), _mm256_sub_ps(x, part));
  __m256i inexact = _mm256_castps_si256(_mm256_cmp_ps(error, _mm256_setzero_ps(), _CMP_NEQ_OQ));
  __m256i bits = _mm256_castps_si256(sum);
  __m256i away = _mm256_srai_epi32(_mm256_xor_si256(bits, _mm256_castps_si256(error)), 31);
  bits = _mm256_add_epi32(bits, _mm256_and_si256(away, inexact)); // was rounded away from zero
  bits = _mm256_or_si256(bits, _mm256_and_si256(inexact, _mm256_set1_epi32(1)));
  return _mm256_castsi256_ps(bits);
}

#define HALF_KERNEL(name, store, load_a, load_b, expression)                                       \
  VECTOR static void name(const DsdVector *k)                                                      \
  {                                                                                                \
    const __m256 s = _mm256_cvtph_ps(_mm_set1_epi16((int16_t)k->s));                               \
    (void)s;                                                                                       \
    for (uint32_t i = 0; i < k->n; i += LANES) {                                                   \
      __m256 x = load_a(k->a, i, k->n, k->a_scalar), y = load_b(k->b, i, k->n, k->b_scalar);       \
      (void)x;                                                                                     \
      store(k->dest, i, k->n, expression);                                                         \
    }                                                                                              \
  }
HALF_KERNEL(faddh, store_half, load_half, load_half, _mm256_add_ps(x, y))
HALF_KERNEL(fsubh, store_half, load_half, load_half, _mm256_sub_ps(x, y))
HALF_KERNEL(fmulh, store_half, load_half, load_half, _mm256_mul_ps(x, y))
HALF_KERNEL(fmach, store_half, load_half, load_half, fma_odd(x, y, s))
HALF_KERNEL(faddhs, store_single, load_single, load_half, _mm256_add_ps(x, y))
HALF_KERNEL(fmachs, store_single, load_single, load_half, _mm256_fmadd_ps(y, s, x))
HALF_KERNEL(fh2s, store_single, load_half, load_half, y)
HALF_KERNEL(fs2h, store_half, load_single, load_single, y)

static const DsdKernel half_kernels[DSD_OPS] = {
    [DSD_faddh] = faddh,   [DSD_fsubh] = fsubh,   [DSD_fmulh] = fmulh, [DSD_fmach] = fmach,
    [DSD_faddhs] = faddhs, [DSD_fmachs] = fmachs, [DSD_fh2s] = fh2s,   [DSD_fs2h] = fs2h,
};

DsdKernel dsd_half_kernel(DsdOp op, unsigned fp16)
{
  bool host = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c") &&
              __builtin_cpu_supports("fma");
  return host && fp16 == ARITH_F16 ? half_kernels[op] : NULL;
}
#else
DsdKernel dsd_half_kernel(DsdOp op, unsigned fp16)
{
  (void)op, (void)fp16;
  return NULL;
}
#endif
