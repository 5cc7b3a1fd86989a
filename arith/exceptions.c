// Exceptions of floating-point operations. The operation is done again in double precision, which
// is exact for these operands or says so: then no narrower format holds the exact value either.
#include "arith/exceptions.h"
#include <fenv.h>
#include <math.h>

double arith_half_min_normal(ArithHalf f)
{
  static const double min[ARITH_HALF_FORMATS] = {
      [ARITH_F16] = 0x1p-14, [ARITH_BF16] = 0x1p-126, [ARITH_CB16] = 0x1p-41};
  return min[f];
}

// volatile: neither folded nor moved away from the flags.
static double in_double(ArithOp op, double a, double b, double c)
{
  volatile double x = a, y = b, z = c, r;
  switch (op) {
  case ARITH_ADD: r = x + y; break;
  case ARITH_SUB: r = x - y; break;
  case ARITH_MUL: r = x * y; break;
  case ARITH_DIV: r = x / y; break;
  case ARITH_SQRT: r = sqrt(x); break;
  case ARITH_FMA:
    r = x * y; // exact: 24 bits each
    r = r + z;
    break;
  case ARITH_SCALE: r = ldexp(x, (int)y); break;
  default: r = x; break;
  }
  return r;
}

unsigned arith_exceptions(ArithOp op, double a, double b, double c, double result,
                          double min_normal)
{
  fenv_t before;
  feholdexcept(&before);
  double exact = in_double(op, a, b, c);
  bool inexact = fetestexcept(FE_INEXACT | FE_UNDERFLOW | FE_OVERFLOW) != 0 || exact != result;
  fesetenv(&before);
  bool divides = op == ARITH_DIV && b == 0;
  if (isnan(result))
    return isnan(a) || isnan(b) || isnan(c) ? 0 : ARITH_RAISES_INVALID;
  if (divides && isfinite(a))
    return ARITH_RAISES_DIV_BY_0;
  if (isinf(result))
    return isinf(a) || isinf(b) || isinf(c) ? 0 : ARITH_RAISES_OVERFLOW | ARITH_RAISES_INEXACT;
  if (!inexact)
    return 0;
  return ARITH_RAISES_INEXACT | (fabs(result) < min_normal ? ARITH_RAISES_UNDERFLOW : 0);
}

unsigned arith_int_exceptions(double v, double rounded, double result)
{
  if (isnan(v) || rounded != result)
    return ARITH_RAISES_INVALID;
  return rounded != v ? ARITH_RAISES_INEXACT : 0;
}
