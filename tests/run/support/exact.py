"""Floating point by exact rational arithmetic: every result is rounded once, to nearest even. Values are bit patterns."""
from fractions import Fraction

NAN, INFINITE, FINITE = "nan", "infinite", "finite"


class Format:
    """A binary format: sign, exponent, fraction; the last exponent holds infinity and NaN."""

    def __init__(self, exponent, fraction, bias):
        self.fraction, self.bias = fraction, bias
        self.top = (1 << exponent) - 1
        self.bits = 1 + exponent + fraction
        self.sign = 1 << (self.bits - 1)
        self.inf = self.top << fraction
        self.nan = self.inf | 1 << (fraction - 1)

    def split(self, x):
        """(kind, is negative, exact value)"""
        negative, field, low = bool(x & self.sign), (x & ~self.sign) >> self.fraction, x & ((1 << self.fraction) - 1)
        if field == self.top:
            return (NAN if low else INFINITE), negative, None
        significand = low | (1 << self.fraction if field else 0)
        value = Fraction(significand) * Fraction(2) ** (max(field, 1) - self.bias - self.fraction)
        return FINITE, negative, -value if negative else value

    def value(self, x):
        """Exact value of a finite number."""
        return self.split(x)[2]

    def make(self, value, negative_zero=False):
        """The nearest pattern to an exact value."""
        if value == 0:
            return self.sign if negative_zero else 0
        sign, magnitude = (self.sign if value < 0 else 0), abs(value)
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        exponent -= Fraction(2) ** exponent > magnitude
        unit = max(exponent, 1 - self.bias) - self.fraction
        steps = magnitude / Fraction(2) ** unit
        whole = steps.numerator // steps.denominator
        rest = steps - whole
        whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1)
        pattern = whole + ((unit + self.fraction + self.bias - 1) << self.fraction)
        return sign | min(pattern, self.inf)


F16, BF16, CB16, F32 = Format(5, 10, 15), Format(8, 7, 127), Format(6, 9, 42), Format(8, 23, 127)


def convert(to, source, x):
    """x in another format."""
    kind, negative, value = source.split(x)
    if kind == NAN:
        return to.nan
    if kind == INFINITE:
        return to.inf | (to.sign if negative else 0)
    return to.make(value, negative)


def fma(f, g, x, y, z):
    """x + y * z with x and the result in format f, y and z in format g."""
    (xk, xn, xv), (yk, yn, yv), (zk, zn, zv) = f.split(x), g.split(y), g.split(z)
    negative = yn != zn
    if NAN in (xk, yk, zk):
        return f.nan
    if INFINITE in (yk, zk):
        if (yk == FINITE and yv == 0) or (zk == FINITE and zv == 0) or (xk == INFINITE and xn != negative):
            return f.nan
        return f.inf | (f.sign if negative else 0)
    if xk == INFINITE:
        return x
    total = xv + yv * zv
    return f.make(total, xn and negative if xv == 0 and yv * zv == 0 else False)


def add(f, x, y, g=None):
    """x + y, with y in format g if given."""
    g = g or f
    one = g.bias << g.fraction
    return fma(f, g, x, y, one)


def neg(f, x):
    """x with the other sign."""
    return x ^ f.sign


def sub(f, x, y):
    """x - y"""
    return add(f, x, neg(f, y))


def mul(f, x, y):
    """x * y"""
    (xk, xn, xv), (yk, yn, yv) = f.split(x), f.split(y)
    sign = f.sign if xn != yn else 0
    if NAN in (xk, yk):
        return f.nan
    if INFINITE in (xk, yk):
        return f.nan if xv == 0 or yv == 0 else f.inf | sign
    return f.make(xv * yv, bool(sign))


def div(f, x, y):
    """x / y"""
    (xk, xn, xv), (yk, yn, yv) = f.split(x), f.split(y)
    sign = f.sign if xn != yn else 0
    if NAN in (xk, yk) or (xk == INFINITE and yk == INFINITE) or (xv == 0 and yv == 0):
        return f.nan
    if xk == INFINITE or yv == 0:
        return f.inf | sign
    return sign if yk == INFINITE else f.make(xv / yv, bool(sign))


def order(f, x):
    """A key by value, -0 below +0."""
    kind, negative, value = f.split(x)
    return (-1 if negative else 1) * 10**60 if kind == INFINITE else value, not negative


def maximum(f, x, y):
    """The greater one; of a number and a NaN the number."""
    if f.split(x)[0] == NAN:
        return f.nan if f.split(y)[0] == NAN else y
    if f.split(y)[0] == NAN:
        return x
    return x if order(f, x) >= order(f, y) else y


def norm(f, x):
    """Sign and significand, in [1, 2)."""
    kind, negative, value = f.split(x)
    if kind == NAN:
        return f.nan
    if kind == INFINITE or value == 0:
        return x
    magnitude = abs(value)
    while magnitude >= 2:
        magnitude /= 2
    while magnitude < 1:
        magnitude *= 2
    return f.make(-magnitude if negative else magnitude)


def scale(f, x, n):
    """x * 2^n"""
    kind, negative, value = f.split(x)
    if kind == NAN:
        return f.nan
    return x if kind == INFINITE else f.make(value * Fraction(2) ** n, negative)


def nearest_integer(value):
    """To nearest even."""
    whole = value.numerator // value.denominator
    rest = value - whole
    return whole + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1))


def to_xp16(f, x):
    """16-bit integer, saturating, as bits; NaN gives the greatest one."""
    kind, negative, value = f.split(x)
    if kind == NAN or (kind == INFINITE and not negative):
        return 0x7fff
    if kind == INFINITE:
        return 0x8000
    return max(-0x8000, min(0x7fff, nearest_integer(value))) & 0xffff


def from_int(f, n):
    """An integer as a float."""
    return f.make(Fraction(n))


def specials(f):
    """Patterns at which something changes: zeros, subnormals, one and its neighbours, the ends, infinities, NaNs."""
    one = f.bias << f.fraction
    values = [0, 1, 2, (1 << f.fraction) - 1, 1 << f.fraction, one - 1, one, one + 1, one | 1 << (f.fraction - 1),
              one + (f.fraction << f.fraction), one + ((f.fraction + 1) << f.fraction), f.inf - 1, f.inf, f.nan, f.inf | 1]
    return values + [v | f.sign for v in values]
