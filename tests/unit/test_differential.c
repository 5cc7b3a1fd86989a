// Every operation of arith/ and every loop of the DSD engine against a second implementation
// (soft_float.h, and integers spelled out here): all special values with each other, all 2^16
// values of operations with one 16-bit operand, and random ones. WEFT_DIFFERENTIAL=N sets how many
// random values each operation gets (default one million).
#include "arith/vector.h"
#include "emulator/internal.h"
#include "suite.h"
#include "tests/unit/soft_float.h"

static uint64_t state;

static uint64_t random64(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545f4914f6cdd1dull;
}

static uint32_t random_count(void)
{
  const char *text = getenv("WEFT_DIFFERENTIAL");
  return text ? (uint32_t)strtoul(text, NULL, 10) : 1000000;
}

// ---- values ----
enum { SPECIALS = 40 };

// Zeros, subnormals, one and its neighbours, ends, infinities, NaNs, of both signs.
static unsigned specials(SoftFormat f, uint32_t v[SPECIALS])
{
  uint32_t one = (uint32_t)f.bias << f.fraction, unit = 1u << f.fraction,
           inf = (uint32_t)soft_inf(f);
  uint32_t sign = 1u << (f.exponent + f.fraction);
  const uint32_t list[] = {0,
                           1,
                           2,
                           3,
                           unit - 1,
                           unit,
                           unit + 1,
                           one - 1,
                           one,
                           one + 1,
                           inf - 1,
                           inf,
                           inf | 1,
                           (uint32_t)soft_nan(f),
                           one / 2,
                           one + unit,
                           one + unit + 1,
                           one | unit / 2,
                           inf - unit,
                           inf - unit / 2};
  unsigned n = sizeof list / sizeof *list;
  for (unsigned i = 0; i < n; i++) {
    v[i] = list[i];
    v[n + i] = list[i] | sign;
  }
  return 2 * n;
}

// A random pattern; half of them lie near `other`, so that sums cancel and ties come up.
static uint32_t pattern(SoftFormat f, uint32_t other)
{
  uint64_t r = random64();
  uint32_t mask = (uint32_t)((1ull << (1 + f.exponent + f.fraction)) - 1);
  uint32_t near =
      other + (uint32_t)((int32_t)(r >> 32) >> (31 - f.fraction - 2 + (f.fraction > 20 ? 2 : 0)));
  near ^= r & 4 ? 1u << (f.exponent + f.fraction) : 0;
  return (r & 1 ? near : (uint32_t)(r >> 8)) & mask;
}

// ---- one operation ----
typedef struct Case {
  const char *name;
  SoftFormat f;
  unsigned format; // ArithHalf, or 3 for f32
} Case;
typedef uint32_t (*Binary)(unsigned format, uint32_t x, uint32_t y);
typedef uint64_t (*Reference)(SoftFormat f, uint64_t x, uint64_t y);

static const Case cases[] = {{"f16", {5, 10, 15}, ARITH_F16},
                             {"bf16", {8, 7, 127}, ARITH_BF16},
                             {"cb16", {6, 9, 42}, ARITH_CB16},
                             {"f32", {8, 23, 127}, 3}};

#define BINARY(name)                                                                               \
  static uint32_t name##_tested(unsigned k, uint32_t x, uint32_t y)                                \
  {                                                                                                \
    return k == 3 ? arith_f32_##name(x, y)                                                         \
                  : arith_half_##name((ArithHalf)k, (uint16_t)x, (uint16_t)y);                     \
  }
BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(div)
BINARY(min)
BINARY(max)
BINARY(eq)
BINARY(lt)
BINARY(le)

static uint64_t eq_reference(SoftFormat f, uint64_t x, uint64_t y)
{
  return soft_compare(f, x, y) == 0;
}
static uint64_t lt_reference(SoftFormat f, uint64_t x, uint64_t y)
{
  return soft_compare(f, x, y) == -1;
}
static uint64_t le_reference(SoftFormat f, uint64_t x, uint64_t y)
{
  return soft_compare(f, x, y) <= 0;
}

static const struct {
  const char *name;
  Binary tested;
  Reference reference;
} binaries[] = {{"add", add_tested, soft_add},   {"sub", sub_tested, soft_sub},
                {"mul", mul_tested, soft_mul},   {"div", div_tested, soft_div},
                {"min", min_tested, soft_min},   {"max", max_tested, soft_max},
                {"eq", eq_tested, eq_reference}, {"lt", lt_tested, lt_reference},
                {"le", le_tested, le_reference}};
enum { BINARIES = sizeof binaries / sizeof *binaries };

static void compare_binary(const Case *c, unsigned op, uint32_t x, uint32_t y)
{
  uint32_t got = binaries[op].tested(c->format, x, y);
  uint32_t want = (uint32_t)binaries[op].reference(c->f, x, y);
  if (got != want)
    ck_abort_msg("%s %s of %x and %x: %x instead of %x", c->name, binaries[op].name, x, y, got,
                 want);
}

// _i: format * BINARIES + operation
START_TEST(binary_operations)
{
  const Case *c = &cases[_i / BINARIES];
  unsigned op = (unsigned)_i % BINARIES;
  uint32_t v[SPECIALS];
  unsigned n = specials(c->f, v);
  for (unsigned i = 0; i < n; i++)
    for (unsigned k = 0; k < n; k++)
      compare_binary(c, op, v[i], v[k]);
  for (uint32_t i = random_count(); i > 0; i--) {
    uint32_t x = pattern(c->f, 0), y = pattern(c->f, x);
    compare_binary(c, op, x, i % 16 ? y : v[i / 16 % n]);
  }
}
END_TEST

static void compare_fma(const Case *c, uint32_t x, uint32_t y, uint32_t z)
{
  uint32_t got = c->format == 3
                     ? arith_f32_fma(x, y, z)
                     : arith_half_fma((ArithHalf)c->format, (uint16_t)x, (uint16_t)y, (uint16_t)z);
  uint32_t want = (uint32_t)soft_fma(c->f, c->f, x, y, z);
  if (got != want)
    ck_abort_msg("%s fma of %x, %x and %x: %x instead of %x", c->name, x, y, z, got, want);
}

START_TEST(fused_multiply_add)
{
  const Case *c = &cases[_i];
  uint32_t v[SPECIALS];
  unsigned n = specials(c->f, v);
  for (unsigned i = 0; i < n * n * n; i++)
    compare_fma(c, v[i % n], v[i / n % n], v[i / n / n]);
  for (uint32_t i = random_count(); i > 0; i--) {
    uint32_t x = pattern(c->f, 0), y = pattern(c->f, (uint32_t)c->f.bias << c->f.fraction);
    compare_fma(c, x, y, pattern(c->f, (uint32_t)soft_mul(c->f, x, y)));
  }
}
END_TEST

// ---- one operand ----
static void compare_half(const Case *c, const char *what, uint32_t x, uint64_t got, uint64_t want)
{
  if (got != want)
    ck_abort_msg("%s %s of %x: %llx instead of %llx", c->name, what, x, (unsigned long long)got,
                 (unsigned long long)want);
}

// All values.
START_TEST(half_unary)
{
  const Case *c = &cases[_i];
  ArithHalf k = (ArithHalf)_i;
  for (uint32_t x = 0; x < 0x10000; x++) {
    uint16_t h = (uint16_t)x;
    double d = arith_half_to_f64(k, h);
    uint64_t bits;
    memcpy(&bits, &d, 8);
    if (d == d)
      compare_half(c, "to f64", x, bits, soft_convert(soft_f64, c->f, x));
    compare_half(c, "to f32", x, arith_half_to_f32(k, h), soft_convert(soft_f32, c->f, x));
    compare_half(c, "sqrt", x, arith_half_sqrt(k, h), soft_sqrt(c->f, x));
    compare_half(c, "norm", x, arith_half_norm(k, h), soft_norm(c->f, x));
    compare_half(c, "to xp16", x, (uint16_t)arith_half_to_xp16(k, h),
                 (uint16_t)soft_to_xp16(c->f, x));
    compare_half(c, "from i64", x, arith_half_from_i64(k, (int16_t)h),
                 soft_from_int(c->f, x >> 15, x >> 15 ? 0x10000 - x : x));
    for (int n = -300; n <= 300; n += 1 + (x & 31))
      compare_half(c, "scale", x, arith_half_scale(k, h, (int16_t)n), soft_scale(c->f, x, n));
    compare_half(c, "scale far", x, arith_half_scale(k, h, INT16_MIN),
                 soft_scale(c->f, x, INT16_MIN));
    compare_half(c, "scale far", x, arith_half_scale(k, h, INT16_MAX),
                 soft_scale(c->f, x, INT16_MAX));
  }
}
END_TEST

// f32 values that lie at, or one bit from, the middle between two of the format.
static uint32_t near_tie(SoftFormat f)
{
  uint64_t r = random64();
  uint64_t lower = r % (soft_inf(f) + 2), upper = lower + 1;
  uint32_t a = (uint32_t)soft_convert(soft_f32, f, lower),
           b = (uint32_t)soft_convert(soft_f32, f, upper);
  uint32_t middle = a + (b - a) / 2;
  return (middle + (uint32_t)(r >> 40) % 3 - 1) ^ (uint32_t)(r >> 63 << 31);
}

START_TEST(half_from_wider)
{
  const Case *c = &cases[_i];
  ArithHalf k = (ArithHalf)_i;
  for (uint32_t i = random_count(); i > 0; i--) {
    uint32_t x = i & 1 ? near_tie(c->f) : (uint32_t)random64();
    compare_half(c, "from f32", x, arith_half_from_f32(k, x), soft_convert(c->f, soft_f32, x));
    uint64_t wide = random64() >> random64() % 64;
    double d;
    uint64_t pattern64 = random64();
    pattern64 = (pattern64 & ~(0x7ffull << 52)) | (0x3ffull + random64() % 300 - 150) << 52;
    memcpy(&d, &pattern64, 8);
    compare_half(c, "from f64", (uint32_t)i, arith_half_from_f64(k, d),
                 soft_convert(c->f, soft_f64, pattern64));
    compare_half(c, "from u64", (uint32_t)i, arith_half_from_u64(k, wide),
                 soft_from_int(c->f, false, wide));
    compare_half(c, "from i64", (uint32_t)i, arith_half_from_i64(k, (int64_t)(0 - (wide >> 1))),
                 soft_from_int(c->f, true, wide >> 1));
  }
}
END_TEST

START_TEST(f32_unary)
{
  const Case *c = &cases[3];
  uint32_t v[SPECIALS];
  unsigned special = specials(c->f, v);
  uint32_t n = random_count() + special;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t x = i < special ? v[i] : (uint32_t)random64();
    int16_t by = (int16_t)((int)(random64() % 600) - 300);
    uint64_t wide = random64() >> random64() % 64;
    compare_half(c, "sqrt", x, arith_f32_sqrt(x), soft_sqrt(c->f, x));
    compare_half(c, "norm", x, arith_f32_norm(x), soft_norm(c->f, x));
    compare_half(c, "scale", x, arith_f32_scale(x, by), soft_scale(c->f, x, by));
    compare_half(c, "to xp16", x, (uint16_t)arith_f32_to_xp16(x), (uint16_t)soft_to_xp16(c->f, x));
    compare_half(c, "from u64", x, arith_f32_from_u64(wide), soft_from_int(c->f, false, wide));
    compare_half(c, "from i64", x, arith_f32_from_i64((int64_t)(0 - (wide >> 1))),
                 soft_from_int(c->f, true, wide >> 1));
    uint32_t small = (x & 0x807fffff) | (uint32_t)(0x7f + (int)(random64() % 20) - 3) << 23;
    compare_half(c, "to xp16", small, (uint16_t)arith_f32_to_xp16(small),
                 (uint16_t)soft_to_xp16(c->f, small));
  }
}
END_TEST

START_TEST(float_to_integer)
{
  const Case *c = &cases[3];
  for (uint32_t i = random_count(); i > 0; i--) {
    uint32_t x = (uint32_t)random64();
    if (i & 3)
      x = (x & 0x807fffff) | (uint32_t)(0x7f + (int)(random64() % 70) - 3) << 23;
    unsigned bits = 1 + (unsigned)(random64() % 64);
    double d = (double)arith_float(x);
    compare_half(c, "to signed", x, (uint64_t)arith_to_signed(d, bits),
                 (uint64_t)soft_to_signed(c->f, x, bits));
    compare_half(c, "to unsigned", x, arith_to_unsigned(d, bits), soft_to_unsigned(c->f, x, bits));
  }
}
END_TEST

// ---- the loops of the DSD engine ----
enum { BLOCK = 257 }; // no multiple of any vector width

static uint32_t integer_reference(DsdOp op, uint32_t a, uint32_t b, unsigned *carry)
{
  uint32_t count = 0;
  switch (op) {
  case DSD_addc16:
  case DSD_add16: {
    uint32_t total = a + b + (op == DSD_addc16 ? *carry : 0);
    *carry = total > 0xffff;
    return total % 0x10000;
  }
  case DSD_sub16: return (a + 0x10000 - b) % 0x10000;
  case DSD_and16: return ~(~a | ~b);
  case DSD_or16: return ~(~a & ~b);
  case DSD_xor16: return (a | b) - (a & b);
  case DSD_sll16: return b > 15 ? 0 : a * (1u << b) % 0x10000;
  case DSD_slr16: return b > 15 ? 0 : a / (1u << b);
  case DSD_sar16:
    for (; b > 0 && count < 16; b--, count++)
      a = a / 2 | (a & 0x8000);
    return a;
  case DSD_clz:
    for (; count < 16 && !(b & 0x8000); count++)
      b *= 2;
    return count;
  case DSD_ctz:
    for (; count < 16 && !(b & 1); count++)
      b /= 2;
    return count;
  case DSD_popcnt:
    for (; b; b /= 2)
      count += b & 1;
    return count;
  default: return b;
  }
}

// The formulas of language 15.5 by operation; `h` is the program's 16-bit format.
static uint32_t reference(DsdOp op, SoftFormat h, uint32_t a, uint32_t b, uint32_t s,
                          unsigned *carry)
{
  const SoftFormat f = soft_f32;
  uint64_t r;
  switch (op) {
  case DSD_faddh: r = soft_add(h, a, b); break;
  case DSD_fsubh: r = soft_sub(h, a, b); break;
  case DSD_fmulh: r = soft_mul(h, a, b); break;
  case DSD_fmaxh: r = soft_max(h, a, b); break;
  case DSD_fmach: r = soft_fma(h, h, b, s & 0xffff, a); break;
  case DSD_fadds: r = soft_add(f, a, b); break;
  case DSD_fsubs: r = soft_sub(f, a, b); break;
  case DSD_fmuls: r = soft_mul(f, a, b); break;
  case DSD_fmaxs: r = soft_max(f, a, b); break;
  case DSD_fmacs: r = soft_fma(f, f, b, s, a); break;
  case DSD_faddhs: r = soft_add(f, a, soft_convert(f, h, b)); break;
  case DSD_fmachs: r = soft_fma(f, h, b, s & 0xffff, a); break;
  case DSD_fnegh: r = b ^ 0x8000; break;
  case DSD_fabsh: r = b % 0x8000; break;
  case DSD_fnegs: r = b ^ 0x80000000; break;
  case DSD_fabss: r = b % 0x80000000; break;
  case DSD_fh2s: r = soft_convert(f, h, b); break;
  case DSD_fs2h: r = soft_convert(h, f, b); break;
  case DSD_fh2xp16: r = (uint16_t)soft_to_xp16(h, b); break;
  case DSD_fs2xp16: r = (uint16_t)soft_to_xp16(f, b); break;
  case DSD_xp162fh: r = soft_from_int(h, b >> 15, b >> 15 ? 0x10000 - b : b); break;
  case DSD_xp162fs: r = soft_from_int(f, b >> 15, b >> 15 ? 0x10000 - b : b); break;
  case DSD_fnormh: r = soft_norm(h, b); break;
  case DSD_fnorms: r = soft_norm(f, b); break;
  case DSD_fscaleh: r = soft_scale(h, a, (int16_t)b); break;
  case DSD_fscales: r = soft_scale(f, a, (int16_t)b); break;
  default: r = integer_reference(op, a, b, carry); break;
  }
  return (uint32_t)r;
}

static uint32_t element(const void *p, uint32_t i, unsigned bits)
{
  if (bits == 16)
    return ((const uint16_t *)p)[i];
  return ((const uint32_t *)p)[i];
}

// Random operands, floats of the operand's width where the operation works on floats.
static void fill(void *p, unsigned bits, SoftFormat h)
{
  uint32_t last = 0;
  for (uint32_t i = 0; i < BLOCK; i++) {
    last = pattern(bits == 16 ? h : soft_f32, last);
    if (bits == 16)
      ((uint16_t *)p)[i] = (uint16_t)last;
    else
      ((uint32_t *)p)[i] = last;
  }
}

// One block; `mode` bit 0: a is a scalar, bit 1: b is, bit 2: the results replace a, bit 3: b.
static void run_block(DsdOp op, unsigned format, unsigned mode)
{
  static uint32_t a[BLOCK], b[BLOCK], a_before[BLOCK], b_before[BLOCK], dest[BLOCK];
  static uint8_t carry;
  static unsigned expected_carry;
  const DsdOpInfo *o = isa_dsd(op);
  SoftFormat h = cases[format].f;
  fill(a, o->a_bits == 32 ? 32 : 16, h);
  fill(b, o->b_bits, h);
  memcpy(a_before, a, sizeof a);
  memcpy(b_before, b, sizeof b);
  bool over_a = mode & 4 && o->a_bits == o->dest_bits && !(mode & 1),
       over_b = mode & 8 && o->b_bits == o->dest_bits && !(mode & 2);
  DsdVector v = {.dest = over_a   ? a
                         : over_b ? b
                                  : dest,
                 .a = a,
                 .b = b,
                 .n = BLOCK,
                 .s = (uint32_t)random64(),
                 .a_scalar = mode & 1,
                 .b_scalar = !(mode & 1) && mode & 2,
                 .half = (uint8_t)format};
  dsd_run_vector(op, &v, &carry);
  for (uint32_t i = 0; i < BLOCK; i++) {
    uint32_t x = o->a_bits ? element(a_before, v.a_scalar ? 0 : i, o->a_bits) : 0;
    uint32_t y = element(b_before, v.b_scalar ? 0 : i, o->b_bits);
    uint32_t want = reference(op, h, x, y, v.s, &expected_carry),
             got = element(v.dest, i, o->dest_bits);
    if (got != want)
      ck_abort_msg("%s, %s, mode %u: %x with %x and scalar %x: %x instead of %x", o->name,
                   cases[format].name, mode, x, y, v.s, got, want);
  }
  if ((op == DSD_add16 || op == DSD_addc16) && carry != expected_carry)
    ck_abort_msg("%s leaves carry %u instead of %u", o->name, carry, expected_carry);
}

// _i: format * operations + operation
START_TEST(dsd_loops)
{
  unsigned format = (unsigned)_i / DSD_dfilt;
  DsdOp op = (DsdOp)((unsigned)_i % DSD_dfilt);
  uint32_t blocks = random_count() / 4 / BLOCK + 16;
  for (uint32_t i = 0; i < blocks; i++)
    run_block(op, format, i % 16);
}
END_TEST

static void seed(void)
{
  state = 88172645463325252ull;
}

Suite *suite(void)
{
  Suite *s = suite_create("differential");
  TCase *t = tcase_create("arith"), *d = tcase_create("dsd");
  tcase_set_timeout(t, 0);
  tcase_set_timeout(d, 0);
  tcase_add_checked_fixture(t, seed, NULL);
  tcase_add_checked_fixture(d, seed, NULL);
  tcase_add_loop_test(t, binary_operations, 0, 4 * BINARIES);
  tcase_add_loop_test(t, fused_multiply_add, 0, 4);
  tcase_add_loop_test(t, half_unary, 0, 3);
  tcase_add_loop_test(t, half_from_wider, 0, 3);
  tcase_add_test(t, f32_unary);
  tcase_add_test(t, float_to_integer);
  tcase_add_loop_test(d, dsd_loops, 0, 3 * DSD_dfilt);
  suite_add_tcase(s, t);
  suite_add_tcase(s, d);
  return s;
}
