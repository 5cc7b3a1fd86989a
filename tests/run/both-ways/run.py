"""Results of the same expressions while compiling and on the tile, against exact arithmetic."""
from fractions import Fraction

import numpy as np
from host import arguments, params, started

args = arguments()
which = params(args.name)["format"]


class Float:
    """A binary format: bits of exponent and significand, bias; exact values are Fractions, None is NaN."""

    def __init__(self, exponent, significand, bias):
        self.exponent, self.significand, self.bias = exponent, significand, bias
        self.top = (1 << exponent) - 1
        self.infinity = self.top << significand
        self.sign = 1 << (exponent + significand)
        self.nan = self.infinity | 1 << (significand - 1)

    def kind(self, bits):
        """(negative, class, value)."""
        field, rest = bits >> self.significand & self.top, bits & ((1 << self.significand) - 1)
        negative = bool(bits & self.sign)
        if field == self.top:
            return negative, "nan" if rest else "inf", None
        lead = (1 << self.significand) if field else 0
        value = Fraction(lead | rest) * Fraction(2)**(max(field, 1) - self.bias - self.significand)
        return negative, "number", -value if negative else value

    def pack(self, value, negative_zero=False):
        """Bits of the nearest number, ties to even."""
        sign = self.sign if value < 0 or (value == 0 and negative_zero) else 0
        value = abs(value)
        if value == 0:
            return sign
        power = 1 - self.bias - self.significand  # of the last place of subnormals
        while value / Fraction(2)**power >= 1 << (self.significand + 1):
            power += 1
        scaled = value / Fraction(2)**power
        whole, rest = divmod(scaled, 1)
        whole = int(whole) + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and int(whole) % 2))
        if whole == 1 << (self.significand + 1):
            whole, power = whole >> 1, power + 1
        field = power + self.bias + self.significand if whole >= 1 << self.significand else 0
        if field >= self.top:
            return sign | self.infinity
        return sign | field << self.significand | (whole & ((1 << self.significand) - 1))


SINGLE = Float(8, 23, 127)
HALF = [Float(5, 10, 15), Float(8, 7, 127), Float(6, 9, 42)][which]
MASK64 = (1 << 64) - 1


def wrap(value, bits, signed):
    """The value modulo 2^bits in the range of the type."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def divide(a, b):
    """Quotient toward zero and the remainder that belongs to it."""
    q = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return q, a - q * b


def compare(a, b):
    """The bits of ==, !=, <, <=, >, >=; every comparison with None but != is false."""
    if a is None or b is None:
        return 2
    return (a == b) | (a != b) << 1 | (a < b) << 2 | (a <= b) << 3 | (a > b) << 4 | (a >= b) << 5


def integer_results(bits, signed):
    """What integer.csl computes, in its order."""
    top = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
    low = -top - 1 if signed else 0
    w = lambda v: wrap(v, bits, signed)
    values = [0, w(1), top, low, w(top - 1), w(low + 1), top // 3, w(~(top // 3))]
    shifts = [0, 1, 2, 3, 7, 15, 31, 63]
    binary = [lambda a, b: w(a + b), lambda a, b: w(a - b), lambda a, b: w(a * b),
              lambda a, b: w(divide(a, b)[0]) if b else 0, lambda a, b: w(divide(a, b)[1]) if b else 0,
              lambda a, b: w((a & b) ^ (a | ~b)), compare]
    out = [op(a, b) for op in binary for b in values for a in values]
    for k, amount in enumerate(shifts):
        for a in values:
            out.append((w(a << amount) if k % 2 == 0 else a >> amount) if amount < bits else
                       0 if k % 2 == 0 else (-1 if a < 0 else 0))
    out += [w(~a) for a in values] + [w(-a) for a in values]
    for to in [(8, True), (8, False), (16, True), (32, False), (20, True), (64, False)]:
        out += [wrap(a, *to) for a in values]
    out += [int(a != 0) for a in values]
    out += [SINGLE.pack(Fraction(a)) for a in values] + [HALF.pack(Fraction(a)) for a in values]
    return [v & MASK64 for v in out + [wrap(a, 3, False) for a in values]]


def float_operation(fmt, op, a, b):
    """Bits of a op b, with the rules of infinities, zeros and NaN of IEEE 754."""
    (na, ka, va), (nb, kb, vb) = fmt.kind(a), fmt.kind(b)
    if "nan" in (ka, kb):
        return fmt.nan
    if op == "-":
        return float_operation(fmt, "+", a, b ^ fmt.sign)
    sign = fmt.sign if na != nb else 0
    if op == "+":
        if ka == kb == "inf":
            return a if na == nb else fmt.nan
        if "inf" in (ka, kb):
            return a if ka == "inf" else b
        return fmt.pack(va + vb, na and nb and va == vb == 0)
    if op == "*":
        if "inf" in (ka, kb):
            return fmt.nan if va == 0 or vb == 0 else sign | fmt.infinity
        return fmt.pack(va * vb, na != nb)
    if ka == kb == "inf" or (va == 0 and vb == 0):
        return fmt.nan
    if ka == "inf" or vb == 0:
        return sign | fmt.infinity
    return sign if kb == "inf" else fmt.pack(va / vb, na != nb)


def order(fmt, bits):
    """A value that compares like the number; None for NaN."""
    negative, kind, value = fmt.kind(bits)
    return None if kind == "nan" else value if kind == "number" else Fraction(-1 if negative else 1) * 10**60


def convert(fmt, to, bits):
    """From one float format to another."""
    negative, kind, value = fmt.kind(bits)
    if kind == "number":
        return to.pack(value, negative)
    return to.nan if kind == "nan" else (to.sign if negative else 0) | to.infinity


def saturate(fmt, bits, low, high):
    """Toward zero into an integer range; NaN is the greatest."""
    value = order(fmt, bits)
    return high if value is None else max(low, min(high, int(value)))


def float_results(fmt):
    """What float.csl computes, in its order."""
    large, pi = fmt.infinity - 1, fmt.pack(Fraction("3.1415926535"))
    one = fmt.pack(Fraction(1))
    values = [0, fmt.sign, one, fmt.pack(Fraction(-3, 2)), large, large | fmt.sign, fmt.infinity, fmt.infinity | fmt.sign,
              1, pi, fmt.pack(Fraction("1000.25")), fmt.nan]
    out = [float_operation(fmt, op, a, b) for op in "+-*/" for b in values for a in values]
    out += [compare(order(fmt, a), order(fmt, b)) for b in values for a in values]
    out += [saturate(fmt, a, -0x8000, 0x7fff) & 0xffff for a in values] + [saturate(fmt, a, 0, 255) for a in values]
    out += [int(order(fmt, a) != 0) for a in values]
    out += [convert(fmt, SINGLE, a) for a in values] + [convert(fmt, HALF, a) for a in values]
    return out + [a ^ fmt.sign for a in values]


types = [(8, 16, 32, 64, 3, 5, 11, 24, 33), (8, 16, 32, 64, 2, 7, 12, 31, 48)]
tiles = [integer_results(bits, signed) for signed in (True, False) for bits in types[not signed]]
tiles += [float_results(SINGLE), float_results(HALF)]

runner = started(args.name)
runner.launch("run", nonblock=False)
for name in ("known", "computed"):
    words = np.zeros(20 * 1600, dtype=np.uint32)
    runner.memcpy_d2h(words, runner.get_id(name), 0, 0, 20, 1, 1600, nonblock=False)
    for x, want in enumerate(tiles):
        got = words.reshape(20, 800, 2)[x, :len(want)].astype(np.uint64)
        got = got[:, 0] | got[:, 1] << np.uint64(32)
        bad = [(k, hex(int(got[k])), hex(v)) for k, v in enumerate(want) if int(got[k]) != v]
        assert not bad, f"{name}, tile {x}: {len(bad)} of {len(want)} differ: {bad[:5]}"
runner.stop()
print("SUCCESS!")
