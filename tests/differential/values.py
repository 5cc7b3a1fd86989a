"""Values of CSL and what its operators make of them, worked out without the compiler: exact integers cut to their width,
floats by NumPy.

A value is an int, a bool, a NumPy scalar, a Python float (comptime_float), the number of an enum's member, a list (elements
of an array in row-major order) or a dict (fields of a struct).
"""
import copy
import math
from fractions import Fraction

import numpy as np

FLOATS = {"f16": (np.float16, 11, -24), "bf16": (np.float32, 8, -133), "cb16": (np.float32, 10, -50),
          "f32": (np.float32, 24, -149)}  # bits of the fraction, exponent of the smallest
LARGEST = {"bf16": Fraction(2)**128 - 2**119, "cb16": Fraction(2**21 - 2**10)}  # what is as large becomes infinite
NAN = {"f16": 0x7e00, "bf16": 0x7fc0, "cb16": 0x7f00, "f32": 0x7fc00000}
CB16_BIAS, CB16_FRACTION, CB16_SPECIAL = 42, 9, 63


class Reject(Exception):
    """The program does something that has no defined result: choose another one."""


class Enum:
    """An enum with its members' numbers."""

    def __init__(self, name, base, members):
        self.name, self.base, self.members = name, base, members

    def __str__(self):
        return self.name


class Struct:
    """A struct: pairs of field name and type. Widths of a packed one add up to that of an integer."""

    def __init__(self, name, fields, packed=False):
        self.name, self.fields, self.packed = name, fields, packed

    def __str__(self):
        return self.name


class Array:
    """An array of any rank."""

    def __init__(self, dims, elem):
        self.dims, self.elem = dims, elem

    def __str__(self):
        return f"[{','.join(map(str, self.dims))}]{self.elem}"

    def count(self):
        """Number of elements."""
        return int(np.prod(self.dims))


def is_int(t):
    """Is this an integer type of fixed width?"""
    return isinstance(t, str) and t[0] in "iu" and t[1:].isdigit()


def width(t):
    """Bits of a scalar type."""
    return 1 if t == "bool" else width(t.base) if isinstance(t, Enum) else int(t[1:])


def limits(t):
    """Smallest and largest value of an integer type."""
    n = width(t)
    return (-(1 << (n - 1)), (1 << (n - 1)) - 1) if t[0] == "i" else (0, (1 << n) - 1)


def wrap(t, v):
    """An integer cut to the width of its type."""
    v &= (1 << width(t)) - 1
    return v - (1 << width(t)) if t[0] == "i" and v >> (width(t) - 1) else v


def widens(s, t):
    """Does a value of type s become one of type t without being asked (SDK 2.10)?"""
    if s in ("f16", "bf16", "cb16") and t == "f32":
        return True
    return is_int(s) and is_int(t) and width(s) < width(t) and (s[0] == t[0] or s[0] == "u")


def nearest(t, v):
    """A rational number as float of type t: to nearest, ties to even. bf16 and cb16 are kept as f32."""
    make, bits, smallest = FLOATS[t]
    if v == 0:
        return make(0)
    size = abs(v)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    while size >= Fraction(2)**exponent:
        exponent += 1
    while size < Fraction(2)**(exponent - 1):
        exponent -= 1
    if t in LARGEST and size >= LARGEST[t]:
        return make(math.copysign(math.inf, v))
    unit = Fraction(2)**max(exponent - bits, smallest)
    with np.errstate(over="ignore"):
        return make(math.copysign(float(round(size / unit) * unit), v))


def of_float(t, v):
    """A float of another format."""
    if t == "comptime_float":
        return float(v)
    if t in LARGEST:
        return nearest(t, Fraction(float(v))) if v != 0 and np.isfinite(v) else np.float32(v)
    with np.errstate(over="ignore", invalid="ignore"):
        return FLOATS[t][0](v)


def convert(t, s, v):
    """@as of a value of type s."""
    if isinstance(s, Enum):
        s = s.base
    if isinstance(t, Enum):
        n = convert(t.base, s, v)
        if n not in t.members.values():
            raise Reject
        return n
    if t == "bool":
        return bool(v != 0)
    if not is_int(t):
        if s == "bool" or is_int(s):
            return float(v) if t == "comptime_float" else nearest(t, Fraction(int(v)))
        return of_float(t, v)
    if s == "bool" or is_int(s):
        return wrap(t, int(v))
    if not np.isfinite(v) or not limits(t)[0] <= int(v) <= limits(t)[1]:
        raise Reject
    return int(v)


def quotient(x, y):
    """Integer division towards zero."""
    return abs(x) // abs(y) * (-1 if (x < 0) != (y < 0) else 1)


def int_operation(t, op, x, y):
    """An operator of integers; y of a shift has a type of its own."""
    if op in "/%" and y == 0 or op in ("<<", ">>") and y >= width(t):
        raise Reject
    return wrap(t, {
        "+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: quotient(x, y),
        "%": lambda: x - quotient(x, y) * y, "&": lambda: x & y, "|": lambda: x | y, "^": lambda: x ^ y,
        "<<": lambda: x << y, ">>": lambda: x >> y
    }[op]())


def float_operation(t, op, x, y):
    """An operator of floats; comptime_float has no infinities and no NaN."""
    if t == "comptime_float" and op == "/" and y == 0:
        raise Reject
    with np.errstate(all="ignore"):
        r = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]()
    if t == "comptime_float" and not np.isfinite(r):
        raise Reject
    if t in LARGEST and np.isfinite(x) and np.isfinite(y) and not (op == "/" and y == 0):
        x, y = Fraction(float(x)), Fraction(float(y))
        exact = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]()
        return nearest(t, exact) if exact else r
    return r


def operation(t, op, x, y):
    """An arithmetic operator."""
    return int_operation(t, op, x, y) if is_int(t) else float_operation(t, op, x, y)


def compare(op, x, y):
    """A comparison."""
    return bool({"==": x == y, "!=": x != y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op])


def same_again(t, v):
    """A copy that later assignments do not change."""
    return copy.deepcopy(v) if isinstance(t, (Array, Struct)) else v


def cb16_bits(v):
    """The bits of a value of 1-6-9 bits."""
    sign, size = (0x8000 if np.signbit(v) else 0), abs(float(v))
    if not np.isfinite(v):
        return sign | CB16_SPECIAL << CB16_FRACTION
    exponent = max(math.frexp(size)[1] - 1 + CB16_BIAS, 0) if size else 0
    if exponent == 0:
        return sign | int(size * 2.0**(CB16_BIAS - 1 + CB16_FRACTION))
    fraction = int(size * 2.0**(CB16_BIAS - exponent + CB16_FRACTION)) - (1 << CB16_FRACTION)
    return sign | exponent << CB16_FRACTION | fraction


def float_bits(t, v):
    """The bits of a float; there is one NaN."""
    if np.isnan(v):
        return NAN[t]
    if t == "cb16":
        return cb16_bits(v)
    if t == "bf16":
        return int(v.view(np.uint32)) >> 16
    return int(v.view(np.uint16 if t == "f16" else np.uint32))


def words(t, v):
    """A value as the 32-bit words that flatten() in language.py stores."""
    if isinstance(t, Array):
        return [w for e in v for w in words(t.elem, e)]
    if isinstance(t, Struct):
        return [w for name, u in t.fields for w in words(u, v[name])]
    if t in FLOATS:
        return [float_bits(t, v)]
    return [int(v) >> k & 0xffffffff for k in range(0, max(width(t), 1), 32)]
