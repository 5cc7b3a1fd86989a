// Which floating-point exceptions an operation raises, from its operands and its result. The
// arithmetic itself keeps no flags (arith.h); who wants to know asks here.
#ifndef WEFT_ARITH_EXCEPTIONS_H
#define WEFT_ARITH_EXCEPTIONS_H
#include "arith/arith.h"

typedef enum ArithException {
  ARITH_RAISES_INVALID = 1,
  ARITH_RAISES_DIV_BY_0 = 2,
  ARITH_RAISES_OVERFLOW = 4,
  ARITH_RAISES_UNDERFLOW = 8, // inexact and below the normal numbers
  ARITH_RAISES_INEXACT = 16
} ArithException;

// What was computed of a, b, c: a + b, a - b, a * b, a / b, sqrt(a), a * b + c, a * 2^b, a in
// another format.
typedef enum ArithOp {
  ARITH_ADD,
  ARITH_SUB,
  ARITH_MUL,
  ARITH_DIV,
  ARITH_SQRT,
  ARITH_FMA,
  ARITH_SCALE,
  ARITH_MOVE
} ArithOp;

// Smallest positive normal number of a format.
double arith_half_min_normal(ArithHalf f);
#define ARITH_F32_MIN_NORMAL 0x1p-126

// Bits of ArithException. The operands have at most 24 significant bits each; `result` is what the
// operation gave in a format with that smallest normal number.
unsigned arith_exceptions(ArithOp op, double a, double b, double c, double result,
                          double min_normal);
// Of a conversion to an integer: `rounded` is v as an integer, `result` what the type could hold.
unsigned arith_int_exceptions(double v, double rounded, double result);
#endif
