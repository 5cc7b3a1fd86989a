// Integers beyond the machine's word: comptime_int, and iN, uN of more than 64 bits.
//
// Values of these types below 2^62 in magnitude are held as they are. The others are interned in a
// pool, and Value.i stands for a number of the pool: INT64_MAX - n, for negative ones INT64_MIN +
// n. So equal values have equal words, and code that only asks whether a value lies in some small
// range gets the right answer without knowing about the pool.
#include "sema/private.h"
#include <gmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct BigInt {
  mp_limb_t *limbs;
  int size; // limbs, negative for negative numbers
  uint32_t next;
} BigInt;
struct BigPool {
  BigInt *all; // stb_ds; number 0 is unused
  struct {
    uint64_t key;
    uint32_t value;
  } *index; // hash -> the newest number of it
};

static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0 && sizeof(long) == 8, "64-bit limbs");

bool type_is_big(const Sema *s, Type t)
{
  return t == T_COMPTIME_INT || (type_bits(s, t) > 64 && type_info(s, t)->kind != TK_STRUCT);
}

void big_free(Sema *s)
{
  if (!s->p->big)
    return;
  arrfree(s->p->big->all);
  hmfree(s->p->big->index);
}

// ---- the pool ----
static const BigInt *pooled(const Sema *s, int64_t i)
{
  uint64_t n = i < 0 ? (uint64_t)i - (uint64_t)INT64_MIN : (uint64_t)INT64_MAX - (uint64_t)i;
  const BigPool *p = s->p->big;
  assert(p && n > 0 && n < arrlenu(p->all));
  return &p->all[n];
}

static uint64_t hash_limbs(const mp_limb_t *limbs, int size)
{
  uint64_t h = (uint64_t)size;
  for (int i = 0; i < abs(size); i++) {
    h = (h ^ limbs[i]) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  return h;
}

static bool is_same(const BigInt *b, mpz_srcptr z)
{
  return b->size == z->_mp_size &&
         !memcmp(b->limbs, mpz_limbs_read(z), mpz_size(z) * sizeof(mp_limb_t));
}

// Rounds of loops are charged; work on long numbers counts as if it were many of them, so that the
// quota bounds the time and, since numbers of the pool stay, the memory. The next round says so.
static void charge_work(Sema *s, size_t limbs)
{
  enum { ROUNDS_PER_LIMB = 8 };
  SemaPrivate *p = s->p;
  uint64_t left = p->steps < p->quota ? p->quota - p->steps : 0;
  uint64_t work = (uint64_t)limbs * ROUNDS_PER_LIMB;
  p->steps += work < left ? work : left;
}

static uint32_t intern(Sema *s, mpz_srcptr z)
{
  BigPool *p = s->p->big;
  if (!p) {
    p = s->p->big = ARENA_NEW(&s->arena, BigPool);
    arrput(p->all, (BigInt){0});
  }
  int size = mpz_sgn(z) * (int)mpz_size(z);
  uint64_t h = hash_limbs(mpz_limbs_read(z), size);
  uint32_t first = hmget(p->index, h);
  for (uint32_t k = first; k; k = p->all[k].next)
    if (is_same(&p->all[k], z))
      return k;
  charge_work(s, mpz_size(z));
  BigInt b = {.size = size, .next = first};
  b.limbs = ARENA_ARRAY(&s->arena, mp_limb_t, mpz_size(z));
  memcpy(b.limbs, mpz_limbs_read(z), mpz_size(z) * sizeof *b.limbs);
  arrput(p->all, b);
  uint32_t number = (uint32_t)arrlen(p->all) - 1;
  hmput(p->index, h, number);
  return number;
}

// What stands for a number in Value.i, of a type that is big.
static int64_t word_of(Sema *s, mpz_srcptr z)
{
  if (mpz_fits_slong_p(z) && !big_is_pooled(mpz_get_si(z)))
    return mpz_get_si(z);
  int64_t n = intern(s, z);
  return mpz_sgn(z) < 0 ? INT64_MIN + n : INT64_MAX - n;
}

// A number to be read: good as long as `view`, and until the next number is made.
typedef struct BigView {
  mpz_t z;
  mp_limb_t limb;
} BigView;

static mpz_srcptr big_view(const Sema *s, Value v, BigView *view)
{
  if (type_is_big(s, v.type) && big_is_pooled(v.i)) {
    const BigInt *b = pooled(s, v.i);
    return mpz_roinit_n(view->z, b->limbs, b->size);
  }
  bool negative = v.i < 0 && (type_is_big(s, v.type) || type_is_signed(s, v.type));
  view->limb = negative ? 0 - (uint64_t)v.i : (uint64_t)v.i;
  return mpz_roinit_n(view->z, &view->limb, negative ? -1 : 1);
}

// ---- to the width of a type ----
static void wrap(const Sema *s, Type t, mpz_t z)
{
  unsigned bits = type_bits(s, t);
  if (t == T_COMPTIME_INT)
    return;
  mpz_fdiv_r_2exp(z, z, bits);
  if (type_is_signed(s, t) && bits && mpz_tstbit(z, bits - 1)) {
    mpz_t all;
    mpz_init_set_ui(all, 1);
    mpz_mul_2exp(all, all, bits);
    mpz_sub(z, z, all);
    mpz_clear(all);
  }
}

// Value.i of a number in an integer type: fixed widths wrap. `z` is overwritten. False: a
// comptime_int of more than COMPTIME_INT_BITS bits.
static bool big_put(Sema *s, Type t, mpz_t z, int64_t *out)
{
  wrap(s, t, z);
  if (t == T_COMPTIME_INT && mpz_sizeinbase(z, 2) > COMPTIME_INT_BITS)
    return false;
  if (type_is_big(s, t))
    *out = word_of(s, z);
  else
    *out = type_is_signed(s, t) ? mpz_get_si(z) : (int64_t)mpz_get_ui(z);
  return true;
}

int64_t int_convert(Sema *s, Value v, Type to)
{
  bool from_big = type_is_big(s, v.type), to_big = type_is_big(s, to);
  bool high = !from_big && !type_is_signed(s, v.type) && v.i < 0; // u64 beyond the range of i64
  if (!to_big && (!from_big || !big_is_pooled(v.i)))
    return int_wrap(s, to, v.i);
  if (from_big && to == T_COMPTIME_INT)
    return v.i;
  if (to_big && !high && !big_is_pooled(v.i) && (v.i >= 0 || type_is_signed(s, to)))
    return v.i;
  mpz_t z;
  BigView view;
  int64_t r = 0;
  mpz_init_set(z, big_view(s, v, &view));
  big_put(s, to, z, &r);
  mpz_clear(z);
  return r;
}

bool int_value_fits(const Sema *s, Value v, Type to)
{
  BigView view;
  mpz_srcptr z = big_view(s, v, &view);
  if (to == T_COMPTIME_INT)
    return true;
  size_t bits = type_bits(s, to);
  if (mpz_sgn(z) >= 0)
    return !mpz_sgn(z) || mpz_sizeinbase(z, 2) + type_is_signed(s, to) <= bits;
  if (!type_is_signed(s, to))
    return false;
  size_t need = mpz_sizeinbase(z, 2); // of the magnitude: -2^k needs no bit more for its sign
  return need < bits || (need == bits && mpz_scan1(z, 0) == need - 1);
}

Value v_number(Sema *s, Type t, int64_t i)
{
  Type whole = i < 0 ? T_I64 : T_U64;
  return v_int(t, type_is_big(s, t) ? int_convert(s, v_int(whole, i), t) : i);
}

// ---- arithmetic ----
// Shifts further than any number is long are all alike.
static mp_bitcnt_t amount_of(mpz_srcptr b)
{
  bool small = mpz_fits_ulong_p(b) && mpz_get_ui(b) <= COMPTIME_INT_BITS;
  return small ? mpz_get_ui(b) : COMPTIME_INT_BITS + 1;
}

static void compute(Operator op, mpz_t r, mpz_srcptr a, mpz_srcptr b)
{
  switch (op) {
  case OP_ADD: mpz_add(r, a, b); break;
  case OP_SUB: mpz_sub(r, a, b); break;
  case OP_MUL: mpz_mul(r, a, b); break;
  case OP_DIV: mpz_tdiv_q(r, a, b); break;
  case OP_REM: mpz_tdiv_r(r, a, b); break;
  case OP_SHL: mpz_mul_2exp(r, a, mpz_sgn(a) ? amount_of(b) : 0); break;
  case OP_SHR: mpz_fdiv_q_2exp(r, a, amount_of(b)); break;
  case OP_AND: mpz_and(r, a, b); break;
  case OP_OR: mpz_ior(r, a, b); break;
  default: mpz_xor(r, a, b); break;
  }
}

bool big_binary(Sema *s, Operator op, Value a, Value b, int64_t *out)
{
  BigView va, vb;
  mpz_srcptr x = big_view(s, a, &va), y = big_view(s, b, &vb);
  if ((op == OP_DIV || op == OP_REM) && !mpz_sgn(y))
    return false;
  if (op == OP_MUL || op == OP_DIV || op == OP_REM)
    charge_work(s, mpz_size(x) + mpz_size(y));
  mpz_t r;
  mpz_init(r);
  compute(op, r, x, y);
  bool ok = big_put(s, a.type, r, out);
  mpz_clear(r);
  return ok;
}

int big_compare(const Sema *s, Type t, int64_t a, int64_t b)
{
  BigView va, vb;
  if (a == b || !big_is_pooled(a) || !big_is_pooled(b))
    return (a > b) - (a < b);
  return mpz_cmp(big_view(s, v_int(t, a), &va), big_view(s, v_int(t, b), &vb));
}

// ---- floats ----
// The 64 leading bits, the last of them set if any is cut off: what is rounded once from here to at
// most 62 digits is rounded right.
static uint64_t leading_bits(mpz_srcptr z, long *exponent)
{
  mpz_t top;
  size_t bits = mpz_sizeinbase(z, 2);
  mp_bitcnt_t cut = bits > 64 ? bits - 64 : 0;
  mpz_init(top);
  mpz_tdiv_q_2exp(top, z, cut);
  uint64_t r = mpz_get_ui(top); // of the magnitude
  mpz_clear(top);
  *exponent = (long)cut;
  return r | (cut && mpz_scan1(z, 0) < cut);
}

double big_to_double(const Sema *s, Value v, Type to)
{
  BigView view;
  mpz_srcptr z = big_view(s, v, &view);
  long exponent;
  uint64_t top = leading_bits(z, &exponent);
  // 53 digits with the rest in the last are enough for the narrow formats.
  for (; to != T_COMPTIME_FLOAT && top >> 53; exponent++)
    top = top >> 1 | (top & 1);
  double f = ldexp((double)top, (int)exponent);
  return float_round(to, mpz_sgn(z) < 0 ? -f : f);
}

bool big_from_double(Sema *s, double whole, Type to, int64_t *out)
{
  mpz_t z;
  if (!isfinite(whole))
    return false;
  mpz_init_set_d(z, whole);
  Value v = v_int(T_COMPTIME_INT, word_of(s, z));
  mpz_clear(z);
  bool fits = int_value_fits(s, v, to);
  if (fits)
    *out = int_convert(s, v, to);
  return fits;
}

// ---- text ----
bool big_literal(Sema *s, const char *digits, size_t len, int base, int64_t *out)
{
  size_t bits = base == 16 ? 4 : base == 2 ? 1 : 3; // at least, of a digit
  for (; len && *digits == '0'; len--)
    digits++;
  if (len > COMPTIME_INT_BITS / bits + 1)
    return false;
  mpz_t z;
  bool ok = !mpz_init_set_str(z, len ? arena_strndup(&s->arena, digits, len) : "0", base);
  ok = ok && big_put(s, T_COMPTIME_INT, z, out);
  mpz_clear(z);
  return ok;
}

char *v_int_digits(Sema *s, Value v)
{
  BigView view;
  mpz_srcptr z = big_view(s, v, &view);
  char *text = arena_alloc(&s->arena, mpz_sizeinbase(z, 10) + 2);
  return mpz_get_str(text, 10, z);
}

const char *v_int_text(Sema *s, Value v)
{
  enum { MOST = 80, SHOWN = 30 };
  const char *text = v_int_digits(s, v);
  size_t len = strlen(text);
  if (len <= MOST)
    return text;
  return arena_printf(&s->arena, "%.*s...%s (%zu digits)", SHOWN, text, text + len - SHOWN,
                      len - (*text == '-'));
}

void big_words(const Sema *s, Value v, uint32_t *words, size_t n)
{
  BigView view;
  mpz_srcptr z = big_view(s, v, &view);
  mpz_t low;
  mpz_init(low);
  mpz_fdiv_r_2exp(low, z, n * 32);
  memset(words, 0, n * sizeof *words);
  mpz_export(words, NULL, -1, sizeof *words, 0, 0, low);
  mpz_clear(low);
}
