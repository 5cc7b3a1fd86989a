// The arithmetic of soft_float.h.
#include "tests/unit/soft_float.h"

typedef unsigned __int128 Wide;

const SoftFormat soft_half[3] = {{5, 10, 15}, {8, 7, 127}, {6, 9, 42}};
const SoftFormat soft_f32 = {8, 23, 127}, soft_f64 = {11, 52, 1023};

typedef enum Kind { ZERO, NUMBER, INFINITE, NOT_A_NUMBER } Kind;
typedef struct Value { // (-1)^negative * significand * 2^power, and a little more if `more`
  Kind kind;
  bool negative, more;
  Wide significand;
  int power;
} Value;

static uint64_t sign_bit(SoftFormat f)
{
  return 1ull << (f.exponent + f.fraction);
}

uint64_t soft_inf(SoftFormat f)
{
  return ((1ull << f.exponent) - 1) << f.fraction;
}

uint64_t soft_nan(SoftFormat f)
{
  return soft_inf(f) | 1ull << (f.fraction - 1);
}

static Value unpack(SoftFormat f, uint64_t x)
{
  Value v = {.negative = x & sign_bit(f)};
  uint64_t magnitude = x & (sign_bit(f) - 1), low = magnitude & ((1ull << f.fraction) - 1);
  int field = (int)(magnitude >> f.fraction);
  if (magnitude >= soft_inf(f)) {
    v.kind = low ? NOT_A_NUMBER : INFINITE;
    return v;
  }
  v.kind = magnitude ? NUMBER : ZERO;
  v.significand = field ? low | 1ull << f.fraction : low;
  v.power = (field ? field : 1) - f.bias - f.fraction;
  return v;
}

static int width(Wide v)
{
  uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
  return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}

// To nearest even. `more`: something below the last bit is missing.
static uint64_t pack(SoftFormat f, Value v)
{
  uint64_t sign = v.negative ? sign_bit(f) : 0;
  if (v.kind == NOT_A_NUMBER)
    return soft_nan(f);
  if (v.kind == INFINITE)
    return sign | soft_inf(f);
  if (v.significand == 0)
    return sign;
  int last = v.power + width(v.significand) - 1 - f.fraction; // power of the last bit kept
  int least = 1 - f.bias - f.fraction;
  last = last < least ? least : last;
  int drop = last - v.power;
  if (drop > 126) // far below half of the least value
    return sign;
  Wide kept = drop > 0 ? v.significand >> drop : v.significand << -drop;
  if (drop > 0) {
    Wide half = (Wide)1 << (drop - 1), rest = v.significand & ((half << 1) - 1);
    kept += rest > half || (rest == half && (v.more || (kept & 1)));
  }
  if (kept >> (f.fraction + 1)) {
    kept >>= 1;
    last++;
  }
  int field = kept >> f.fraction ? last - least + 1 : 0;
  if (field >= (1 << f.exponent) - 1)
    return sign | soft_inf(f);
  return sign | (uint64_t)field << f.fraction | (uint64_t)(kept & ((1ull << f.fraction) - 1));
}

// The sum of two values with significands below 2^64; exact but for `more`.
static Value sum(Value x, Value y)
{
  enum { ROOM = 62 };
  if (x.kind == NOT_A_NUMBER || y.kind == NOT_A_NUMBER)
    return (Value){.kind = NOT_A_NUMBER};
  if (x.kind == INFINITE && y.kind == INFINITE && x.negative != y.negative)
    return (Value){.kind = NOT_A_NUMBER};
  if (x.kind == INFINITE || y.kind == INFINITE)
    return x.kind == INFINITE ? x : y;
  if (x.kind == ZERO && y.kind == ZERO)
    return (Value){.kind = ZERO, .negative = x.negative && y.negative};
  if (x.kind == ZERO || y.kind == ZERO)
    return x.kind == ZERO ? y : x;
  Value big = x.power >= y.power ? x : y, small = x.power >= y.power ? y : x;
  // The significand of the greater power may still be the shorter one: bring it up first.
  int distance = big.power - small.power, room = ROOM;
  Wide b = big.significand << room, s = small.significand << room;
  bool lost = false;
  if (distance > ROOM + 64)
    lost = true, s = 0;
  else {
    lost = s & (((Wide)1 << distance) - 1);
    s >>= distance;
  }
  Value r = {.kind = NUMBER, .power = big.power - room, .negative = big.negative, .more = lost};
  if (big.negative == small.negative)
    r.significand = b + s;
  else if (b > s)
    r.significand = b - s - lost; // a little is missing from s: the rest of one unit is added again
  else {
    r.significand = s - b;
    r.negative = small.negative;
  }
  if (r.significand == 0 && !r.more)
    r.kind = ZERO, r.negative = false;
  return r;
}

static Value product(Value x, Value y)
{
  Value r = {.kind = NUMBER, .negative = x.negative != y.negative, .power = x.power + y.power};
  bool zero = x.kind == ZERO || y.kind == ZERO, infinite = x.kind == INFINITE || y.kind == INFINITE;
  if (x.kind == NOT_A_NUMBER || y.kind == NOT_A_NUMBER || (zero && infinite))
    r.kind = NOT_A_NUMBER;
  else if (zero || infinite)
    r.kind = zero ? ZERO : INFINITE;
  else
    r.significand = x.significand * y.significand;
  return r;
}

uint64_t soft_convert(SoftFormat to, SoftFormat from, uint64_t x)
{
  return pack(to, unpack(from, x));
}

uint64_t soft_add(SoftFormat f, uint64_t x, uint64_t y)
{
  return pack(f, sum(unpack(f, x), unpack(f, y)));
}

uint64_t soft_sub(SoftFormat f, uint64_t x, uint64_t y)
{
  return soft_add(f, x, y ^ sign_bit(f));
}

uint64_t soft_mul(SoftFormat f, uint64_t x, uint64_t y)
{
  return pack(f, product(unpack(f, x), unpack(f, y)));
}

uint64_t soft_fma(SoftFormat f, SoftFormat g, uint64_t x, uint64_t y, uint64_t z)
{
  return pack(f, sum(product(unpack(g, x), unpack(g, y)), unpack(f, z)));
}

uint64_t soft_div(SoftFormat f, uint64_t x, uint64_t y)
{
  Value a = unpack(f, x), b = unpack(f, y);
  Value r = {.kind = NUMBER, .negative = a.negative != b.negative};
  if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == b.kind && a.kind != NUMBER))
    r.kind = NOT_A_NUMBER;
  else if (a.kind == INFINITE || b.kind == ZERO)
    r.kind = INFINITE;
  else if (a.kind == ZERO || b.kind == INFINITE)
    r.kind = ZERO;
  else {
    enum { EXTRA = 60 };
    Wide top = a.significand << EXTRA;
    r.significand = top / b.significand;
    r.more = top % b.significand;
    r.power = a.power - b.power - EXTRA;
  }
  return pack(f, r);
}

uint64_t soft_sqrt(SoftFormat f, uint64_t x)
{
  Value a = unpack(f, x);
  if (a.kind == ZERO || a.kind == NOT_A_NUMBER)
    return pack(f, a);
  if (a.negative)
    return soft_nan(f);
  if (a.kind == INFINITE)
    return x;
  int up = 100 - width(a.significand);
  up += (a.power - up) & 1;
  Wide square = a.significand << up, root = 0;
  for (int bit = 62; bit >= 0; bit--) {
    Wide next = root | (Wide)1 << bit;
    if (next * next <= square)
      root = next;
  }
  Value r = {.kind = NUMBER, .significand = root, .power = (a.power - up) / 2};
  r.more = root * root != square;
  return pack(f, r);
}

int soft_compare(SoftFormat f, uint64_t x, uint64_t y)
{
  uint64_t low = sign_bit(f) - 1;
  if ((x & low) > soft_inf(f) || (y & low) > soft_inf(f))
    return 2;
  int64_t a = (int64_t)(x & low), b = (int64_t)(y & low);
  a = x & sign_bit(f) ? -a : a;
  b = y & sign_bit(f) ? -b : b;
  return a < b ? -1 : a > b;
}

static uint64_t choose(SoftFormat f, uint64_t x, uint64_t y, int wanted)
{
  int order = soft_compare(f, x, y);
  if (order == 2) {
    bool x_nan = (x & (sign_bit(f) - 1)) > soft_inf(f),
         y_nan = (y & (sign_bit(f) - 1)) > soft_inf(f);
    return x_nan && y_nan ? soft_nan(f) : x_nan ? y : x;
  }
  if (order == 0) // equal, or zeros: the one with the sign is less
    return (wanted < 0) == ((x & sign_bit(f)) != 0) ? x : y;
  return order == wanted ? x : y;
}

uint64_t soft_min(SoftFormat f, uint64_t x, uint64_t y)
{
  return choose(f, x, y, -1);
}

uint64_t soft_max(SoftFormat f, uint64_t x, uint64_t y)
{
  return choose(f, x, y, 1);
}

uint64_t soft_norm(SoftFormat f, uint64_t x)
{
  Value v = unpack(f, x);
  if (v.kind == NUMBER)
    v.power = 1 - width(v.significand);
  return pack(f, v);
}

uint64_t soft_scale(SoftFormat f, uint64_t x, int n)
{
  Value v = unpack(f, x);
  v.power += n;
  return pack(f, v);
}

uint64_t soft_from_int(SoftFormat f, bool negative, uint64_t magnitude)
{
  return pack(f, (Value){magnitude ? NUMBER : ZERO, negative && magnitude, false, magnitude, 0});
}

// |v| as an integer: toward zero, or to nearest even. Saturates at 2^64.
static Wide integer(Value v, bool nearest)
{
  const Wide most = (Wide)1 << 64;
  if (v.kind == ZERO)
    return 0;
  if (v.kind != NUMBER || v.power + width(v.significand) > 65)
    return most;
  if (v.power >= 0)
    return v.significand << v.power;
  if (v.power < -120)
    return 0;
  Wide whole = v.significand >> -v.power, half = (Wide)1 << (-v.power - 1);
  Wide rest = v.significand & ((half << 1) - 1);
  return whole + (nearest && (rest > half || (rest == half && (whole & 1))));
}

static int64_t limited(Value v, Wide magnitude, unsigned bits)
{
  Wide most = ((Wide)1 << (bits - 1)) - 1;
  if (v.kind == NOT_A_NUMBER)
    return (int64_t)most;
  if (v.negative)
    return magnitude > most ? -(int64_t)most - 1 : -(int64_t)magnitude;
  return magnitude > most ? (int64_t)most : (int64_t)magnitude;
}

int16_t soft_to_xp16(SoftFormat f, uint64_t x)
{
  Value v = unpack(f, x);
  return (int16_t)limited(v, integer(v, true), 16);
}

int64_t soft_to_signed(SoftFormat f, uint64_t x, unsigned bits)
{
  Value v = unpack(f, x);
  return limited(v, integer(v, false), bits);
}

uint64_t soft_to_unsigned(SoftFormat f, uint64_t x, unsigned bits)
{
  Value v = unpack(f, x);
  Wide most = ((Wide)1 << bits) - 1, magnitude = integer(v, false);
  if (v.kind == NOT_A_NUMBER || (!v.negative && magnitude > most))
    return (uint64_t)most;
  return v.negative ? 0 : (uint64_t)magnitude;
}
