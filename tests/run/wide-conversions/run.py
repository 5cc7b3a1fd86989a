"""Conversions between integers of more than 64 bits and floats, against exact rounding of Python's integers."""
import math
import random

import numpy as np
from tile import Tile

tile = Tile()
n, size = tile.params["n"], 8
HALF = (tile.params["digits"], tile.params["top"])
rng = random.Random(37)


def cut(v, bits, signed):
    v &= (1 << bits) - 1
    return v - (1 << bits) if signed and v >> (bits - 1) else v


def rounded(v, digits, top):
    """The nearest number of that many binary digits, ties to even; from 2^top on infinite."""
    m, drop = abs(v), max(abs(v).bit_length() - digits, 0)
    low = m & ((1 << drop) - 1)
    m >>= drop
    m += drop > 0 and (2 * low > 1 << drop or (2 * low == 1 << drop and m & 1))
    r = math.inf if m << drop >= 1 << top else float(m << drop)
    return -r if v < 0 else r


def same(what, got, want):
    bad = [i for i, (g, w) in enumerate(zip(got, want)) if g != w]
    assert not bad, f"{what}: number {bad[0]}: {got[bad[0]]!r}, expected {want[bad[0]]!r}, {len(bad)} differ"


def integer(i):
    """Short and long ones, and those just beside a tie."""
    bits = rng.randrange(1, 257)
    v = rng.getrandbits(bits) | 1 << bits - 1
    if i % 3 == 0 and bits > 40:
        cut_at = bits - rng.choice([HALF[0], 24])
        v = (v >> cut_at << cut_at) + (1 << cut_at - 1) + rng.choice([-1, 0, 1])
    return v if i % 2 else (1 << 256) - v


tie = ((1 << 24) + 1) << 100
same("known", [float(v) for v in tile.read("known", 8, np.float32)],
     [rounded(v, 24, 128) for v in (tie, tie + 1, tie + (2 << 100), -tie - 1, 0xffffff7fffffffffffffffffffffffff, (1 << 128) - 1,
                                    tie * tie, -1)])
numbers = [integer(i) for i in range(n)]
tile.write("a", np.array([v >> (32 * k) & 0xffffffff for v in numbers for k in range(size)], np.uint32))
for t, (bits, signed) in enumerate([(96, False), (100, True), (256, False), (256, True)]):
    tile.call("to_float", np.uint16(t))
    values = [cut(v, bits, signed) for v in numbers]
    same(f"f32 of {bits} bits", [float(v) for v in tile.read("floats", n, np.float32)], [rounded(v, 24, 128) for v in values])
    same(f"16-bit float of {bits} bits", [float(v) for v in tile.read("narrow", n, np.float32)], [rounded(v, *HALF) for v in values])
# The other way: what does not fit becomes the nearest that does, a NaN the greatest.
reals = np.array([math.ldexp(rng.choice([-1, 1]) * (1 + rng.random()), rng.randrange(-3, 128)) for _ in range(n)], np.float32)
reals[:5] = [math.inf, -math.inf, 0.0, -0.5, math.nan]
tile.write("floats", reals)
for t, (bits, signed) in enumerate([(96, False), (128, True), (256, False), (256, True)]):
    tile.call("from_float", np.uint16(t))
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    exact = [high if f == math.inf or f != f else low if f == -math.inf else min(max(int(f), low), high) for f in map(float, reals)]
    w = [int(v) for v in tile.read("out", size * n, np.uint32)]
    same(f"{bits} bits of f32", [sum(w[i * size + k] << (32 * k) for k in range(size)) for i in range(n)],
         [v & ((1 << 256) - 1) for v in exact])
tile.finish()
