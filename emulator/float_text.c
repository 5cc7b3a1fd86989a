// Text of a number in the simulation log (libraries 6, 21): the shortest one that means this number
// and no other of its format, with at least one decimal.
#include "arith/arith.h"
#include "emulator/internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALL_FORMATS = ARITH_HALF_FORMATS, F32 = ALL_FORMATS, MAX_DIGITS = 9 };
// Decimal exponents of numbers that are written without one.
enum { PLAIN_FROM = -4, PLAIN_TO = 7 };

// Bits of what a text means in a format.
static uint32_t meaning(int format, const char *text)
{
  return format == F32 ? arith_bits(strtof(text, NULL))
                       : arith_half_from_f64((ArithHalf)format, strtod(text, NULL));
}

// The shortest digits, without a point, and the exponent of the first one.
static int shortest(int format, double v, uint32_t bits, char digits[MAX_DIGITS + 1])
{
  char text[32];
  int count = 1;
  do
    snprintf(text, sizeof text, "%.*e", count - 1, v);
  while (meaning(format, text) != bits && count++ < MAX_DIGITS);
  count = count > MAX_DIGITS ? MAX_DIGITS : count;
  digits[0] = text[0];
  memcpy(digits + 1, text + 2, (size_t)count - 1); // whatever the sign for the point is
  digits[count] = 0;
  return atoi(strchr(text, 'e') + 1);
}

static char *put(char *out, const char *text, size_t n)
{
  memcpy(out, text, n);
  return out + n;
}

static void put_plain(char *out, const char *digits, int exponent)
{
  static const char zeros[] = "00000000";
  size_t n = strlen(digits), whole = exponent < 0 ? 0 : (size_t)exponent + 1;
  size_t left = n < whole ? n : whole;
  out = whole ? put(out, digits, left) : put(out, "0", 1);
  out = put(out, zeros, whole - left);
  *out++ = '.';
  out = put(out, zeros, exponent < 0 ? (size_t)(-exponent - 1) : 0);
  strcpy(out, left < n ? digits + left : "0");
}

static void number_text(int format, double v, uint32_t bits, char out[FLOAT_TEXT])
{
  char digits[MAX_DIGITS + 1];
  if (signbit(v) && !isnan(v))
    *out++ = '-';
  v = fabs(v);
  if (isnan(v) || isinf(v)) {
    strcpy(out, isnan(v) ? "nan" : "inf");
    return;
  }
  int exponent = shortest(format, v, bits, digits);
  if (exponent >= PLAIN_FROM && exponent <= PLAIN_TO)
    put_plain(out, digits, exponent);
  else
    snprintf(out, FLOAT_TEXT - 1, "%c.%se%c%02d", digits[0], digits[1] ? digits + 1 : "0",
             exponent < 0 ? '-' : '+', abs(exponent));
}

void float_text(uint32_t bits, char out[FLOAT_TEXT])
{
  number_text(F32, (double)arith_float(bits), bits & 0x7fffffffu, out);
}

void float_text_half(ArithHalf f, uint16_t bits, char out[FLOAT_TEXT])
{
  number_text((int)f, (double)arith_float(arith_half_to_f32(f, bits)), bits & 0x7fffu, out);
}
