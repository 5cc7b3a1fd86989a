// The arithmetic of DSD operations: one element at a time, and native loops over whole vectors.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") // vectorise loops of unknown length
#endif
#include "arith/vector.h"
#include "emulator/internal.h"

static uint32_t shift16(DsdOp op, uint32_t a, uint32_t b)
{
  unsigned n = b & 0xffff;
  if (op == DSD_sar16)
    return (uint16_t)((int16_t)a >> (n > 15 ? 15 : n));
  if (n > 15)
    return 0;
  return (uint16_t)(op == DSD_sll16 ? a << n : (a & 0xffff) >> n);
}

static uint32_t add_carry(uint32_t a, uint32_t b, uint8_t *carry)
{
  uint32_t sum = (a & 0xffff) + (b & 0xffff) + *carry;
  *carry = (uint8_t)(sum >> 16);
  return sum & 0xffff;
}

// Integer and move operations.
static uint32_t eval_int(DsdOp op, uint32_t a, uint32_t b, uint8_t *carry)
{
  uint32_t low = b & 0xffff;
  switch (op) {
  case DSD_add16: *carry = 0; return add_carry(a, b, carry);
  case DSD_addc16: return add_carry(a, b, carry);
  case DSD_sub16: return (a - b) & 0xffff;
  case DSD_and16: return a & low;
  case DSD_or16: return (a | b) & 0xffff;
  case DSD_xor16: return (a ^ b) & 0xffff;
  case DSD_clz: return low ? (uint32_t)__builtin_clz(low) - 16 : 16;
  case DSD_ctz: return low ? (uint32_t)__builtin_ctz(low) : 16;
  case DSD_popcnt: return (uint32_t)__builtin_popcount(low);
  case DSD_sll16:
  case DSD_slr16:
  case DSD_sar16: return shift16(op, a, b);
  default: return b; // mov16, mov32, fmovh, fmovs, dfilt
  }
}

static uint32_t eval_f32(DsdOp op, uint32_t a, uint32_t b, uint32_t s)
{
  switch (op) {
  case DSD_fadds: return arith_f32_add(a, b);
  case DSD_fsubs: return arith_f32_sub(a, b);
  case DSD_fmuls: return arith_f32_mul(a, b);
  case DSD_fmaxs: return arith_f32_max(a, b);
  case DSD_fmacs: return arith_f32_fma(b, s, a);
  case DSD_fnegs: return b ^ 0x80000000u;
  case DSD_fabss: return b & 0x7fffffffu;
  case DSD_fnorms: return arith_f32_norm(b);
  case DSD_fscales: return arith_f32_scale(a, (int16_t)b);
  default: return (uint16_t)arith_f32_to_xp16(b); // fs2xp16
  }
}

static uint32_t eval_half(DsdOp op, ArithHalf f, uint16_t a, uint16_t b, uint16_t s)
{
  switch (op) {
  case DSD_faddh: return arith_half_add(f, a, b);
  case DSD_fsubh: return arith_half_sub(f, a, b);
  case DSD_fmulh: return arith_half_mul(f, a, b);
  case DSD_fmaxh: return arith_half_max(f, a, b);
  case DSD_fmach: return arith_half_fma(f, b, s, a);
  case DSD_fnegh: return b ^ 0x8000u;
  case DSD_fabsh: return b & 0x7fffu;
  case DSD_fnormh: return arith_half_norm(f, b);
  case DSD_fscaleh: return arith_half_scale(f, a, (int16_t)b);
  case DSD_fh2xp16: return (uint16_t)arith_half_to_xp16(f, b);
  default: return arith_half_from_i64(f, (int16_t)b); // xp162fh
  }
}

// Operands of two widths.
static uint32_t eval_mixed(DsdOp op, ArithHalf f, uint32_t a, uint32_t b, uint32_t s)
{
  uint32_t wide = arith_half_to_f32(f, (uint16_t)b);
  switch (op) {
  case DSD_faddhs: return arith_f32_add(a, wide);
  case DSD_fmachs: return arith_f32_fma(wide, arith_half_to_f32(f, (uint16_t)s), a);
  case DSD_fh2s: return wide;
  case DSD_fs2h: return arith_half_from_f32(f, b);
  default: return arith_f32_from_i64((int16_t)b); // xp162fs
  }
}

uint32_t dsd_eval(DsdOp op, unsigned fp16, uint32_t a, uint32_t b, uint32_t s, uint8_t *carry)
{
  switch (op) {
  case DSD_fadds:
  case DSD_fsubs:
  case DSD_fmuls:
  case DSD_fmaxs:
  case DSD_fmacs:
  case DSD_fnegs:
  case DSD_fabss:
  case DSD_fnorms:
  case DSD_fscales:
  case DSD_fs2xp16: return eval_f32(op, a, b, s);
  case DSD_faddh:
  case DSD_fsubh:
  case DSD_fmulh:
  case DSD_fmaxh:
  case DSD_fmach:
  case DSD_fnegh:
  case DSD_fabsh:
  case DSD_fnormh:
  case DSD_fscaleh:
  case DSD_fh2xp16:
  case DSD_xp162fh: return eval_half(op, (ArithHalf)fp16, (uint16_t)a, (uint16_t)b, (uint16_t)s);
  case DSD_faddhs:
  case DSD_fmachs:
  case DSD_fh2s:
  case DSD_fs2h:
  case DSD_xp162fs: return eval_mixed(op, (ArithHalf)fp16, a, b, s);
  default: return eval_int(op, a, b, carry);
  }
}

// ---- native loops over contiguous elements ----
// Each kernel has a loop for vectors and one for a scalar first or second source, so that the
// compiler can vectorise all three.

#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#if !defined(__x86_64__) || defined(__SANITIZE_ADDRESS__)
#undef CLONES
#define CLONES
#endif

#define KERNEL(name, D, A, B, expression)                                                          \
  CLONES static void kernel_##name(const DsdVector *k)                                             \
  {                                                                                                \
    D *dest = k->dest;                                                                             \
    const A *a = k->a;                                                                             \
    const B *b = k->b;                                                                             \
    const uint32_t n = k->n, s = k->s;                                                             \
    (void)s;                                                                                       \
    if (k->a_scalar) {                                                                             \
      const A x = *a;                                                                              \
      (void)x;                                                                                     \
      for (uint32_t i = 0; i < n; i++) {                                                           \
        const B y = b[i];                                                                          \
        dest[i] = (D)(expression);                                                                 \
      }                                                                                            \
    } else if (k->b_scalar) {                                                                      \
      const B y = *b;                                                                              \
      for (uint32_t i = 0; i < n; i++) {                                                           \
        const A x = a[i];                                                                          \
        (void)x;                                                                                   \
        dest[i] = (D)(expression);                                                                 \
      }                                                                                            \
    } else {                                                                                       \
      for (uint32_t i = 0; i < n; i++) {                                                           \
        const A x = a[i];                                                                          \
        const B y = b[i];                                                                          \
        (void)x;                                                                                   \
        dest[i] = (D)(expression);                                                                 \
      }                                                                                            \
    }                                                                                              \
  }
#define F32(expression) arith_f32_canonical(expression)
#define FX arith_float(x)
#define FY arith_float(y)

KERNEL(add16, uint16_t, uint16_t, uint16_t, x + y)
KERNEL(sub16, uint16_t, uint16_t, uint16_t, x - y)
KERNEL(and16, uint16_t, uint16_t, uint16_t, x &y)
KERNEL(or16, uint16_t, uint16_t, uint16_t, x | y)
KERNEL(xor16, uint16_t, uint16_t, uint16_t, x ^ y)
KERNEL(copy16, uint16_t, uint16_t, uint16_t, y)
KERNEL(copy32, uint32_t, uint32_t, uint32_t, y)
KERNEL(fnegs, uint32_t, uint32_t, uint32_t, y ^ 0x80000000u)
KERNEL(fabss, uint32_t, uint32_t, uint32_t, y & 0x7fffffffu)
KERNEL(fnegh, uint16_t, uint16_t, uint16_t, y ^ 0x8000u)
KERNEL(fabsh, uint16_t, uint16_t, uint16_t, y & 0x7fffu)
KERNEL(fadds, uint32_t, uint32_t, uint32_t, F32(FX + FY))
KERNEL(fsubs, uint32_t, uint32_t, uint32_t, F32(FX - FY))
KERNEL(fmuls, uint32_t, uint32_t, uint32_t, F32(FX *FY))
KERNEL(fmacs, uint32_t, uint32_t, uint32_t, F32(__builtin_fmaf(FY, arith_float(s), FX)))
KERNEL(xp162fs, uint32_t, uint32_t, uint16_t, arith_bits((float)(int16_t)y))

// 16-bit floats: the loops are in arith/.
#define HALF_KERNEL(name, call)                                                                    \
  static void kernel_##name(const DsdVector *k)                                                    \
  {                                                                                                \
    call;                                                                                          \
  }
#define HALF_A (ArithHalf) k->half, k->dest, k->a, !k->a_scalar
#define HALF_B k->b, !k->b_scalar
HALF_KERNEL(faddh, arith_half_vec_add(HALF_A, HALF_B, k->n))
HALF_KERNEL(fsubh, arith_half_vec_sub(HALF_A, HALF_B, k->n))
HALF_KERNEL(fmulh, arith_half_vec_mul(HALF_A, HALF_B, k->n))
HALF_KERNEL(fmaxh, arith_half_vec_max(HALF_A, HALF_B, k->n))
HALF_KERNEL(fmach, arith_half_vec_fma(HALF_A, HALF_B, (uint16_t)k->s, k->n))
HALF_KERNEL(faddhs, arith_half_vec_add_f32(HALF_A, HALF_B, k->n))
HALF_KERNEL(fmachs, arith_half_vec_fma_f32(HALF_A, HALF_B, (uint16_t)k->s, k->n))
HALF_KERNEL(fh2s, arith_half_vec_to_f32((ArithHalf)k->half, k->dest, HALF_B, k->n))
HALF_KERNEL(fs2h, arith_half_vec_from_f32((ArithHalf)k->half, k->dest, HALF_B, k->n))

static const DsdKernel kernels[DSD_OPS] = {
    [DSD_add16] = kernel_add16,   [DSD_sub16] = kernel_sub16,  [DSD_and16] = kernel_and16,
    [DSD_or16] = kernel_or16,     [DSD_xor16] = kernel_xor16,  [DSD_mov16] = kernel_copy16,
    [DSD_mov32] = kernel_copy32,  [DSD_fmovh] = kernel_copy16, [DSD_fmovs] = kernel_copy32,
    [DSD_fnegs] = kernel_fnegs,   [DSD_fabss] = kernel_fabss,  [DSD_fnegh] = kernel_fnegh,
    [DSD_fabsh] = kernel_fabsh,   [DSD_fadds] = kernel_fadds,  [DSD_fsubs] = kernel_fsubs,
    [DSD_fmuls] = kernel_fmuls,   [DSD_fmacs] = kernel_fmacs,  [DSD_xp162fs] = kernel_xp162fs,
    [DSD_faddh] = kernel_faddh,   [DSD_fsubh] = kernel_fsubh,  [DSD_fmulh] = kernel_fmulh,
    [DSD_fmaxh] = kernel_fmaxh,   [DSD_fmach] = kernel_fmach,  [DSD_faddhs] = kernel_faddhs,
    [DSD_fmachs] = kernel_fmachs, [DSD_fh2s] = kernel_fh2s,    [DSD_fs2h] = kernel_fs2h,
};

static uint32_t load_bits(const void *p, uint32_t i, unsigned bytes)
{
  uint32_t v = 0;
  memcpy(&v, (const char *)p + (size_t)i * bytes, bytes);
  return v;
}

// Operations without a loop of their own.
static void run_eval(DsdOp op, const DsdVector *k, uint8_t *carry)
{
  const DsdOpInfo *o = isa_dsd(op);
  unsigned d = o->dest_bits / 8u, a = o->a_bits / 8u, b = o->b_bits / 8u;
  for (uint32_t i = 0; i < k->n; i++) {
    uint32_t x = load_bits(k->a, k->a_scalar ? 0 : i, a);
    uint32_t y = load_bits(k->b, k->b_scalar ? 0 : i, b);
    uint32_t v = dsd_eval(op, k->half, x, y, k->s, carry);
    memcpy((char *)k->dest + (size_t)i * d, &v, d);
  }
}

// The carry that a vector of sums leaves; asked before they are made, as they may lie where the
// sources are.
static uint8_t last_carry(const DsdVector *k)
{
  uint32_t x = load_bits(k->a, k->a_scalar ? 0 : k->n - 1, 2);
  uint32_t y = load_bits(k->b, k->b_scalar ? 0 : k->n - 1, 2);
  return (uint8_t)((x + y) >> 16);
}

void dsd_run_vector(DsdOp op, const DsdVector *k, uint8_t *carry)
{
  if (op == DSD_add16)
    *carry = last_carry(k);
  if (kernels[op])
    kernels[op](k);
  else
    run_eval(op, k, carry);
}
