"""Operations on integers of more than 64 bits against Python's integers, cut to their width."""
import random

import numpy as np
from tile import Tile

tile = Tile()
n, size = tile.params["n"], 8
rng = random.Random(31)
PATTERNS = [0, 1, 1 << 62, (1 << 64) - 1, 1 << 255, (1 << 256) - 1,
            0x123456789abcdef0fedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0]
TYPES = [(65, True), (96, False), (100, True), (128, False), (256, True)]
KNOWN = 2  # of these, what the tile program computed while it was compiled
OPERATIONS = 12


def cut(v, bits, signed):
    v &= (1 << bits) - 1
    return v - (1 << bits) if signed and v >> (bits - 1) else v


def quotient(x, y):
    return abs(x) // abs(y) * (-1 if (x < 0) != (y < 0) else 1)


def one(bits, signed, which, x, y, amounts=280):
    """The result as 256 bits."""
    by = (y & 0xffff) % amounts
    x, y = cut(x, bits, signed), cut(y, bits, signed)
    results = [
        lambda: x + y, lambda: x - y, lambda: x * y, lambda: x if y == 0 else quotient(x, y),
        lambda: x if y == 0 else x - quotient(x, y) * y, lambda: (x & y) ^ ~(x | y),
        lambda: x << by if by < bits else 0, lambda: x >> min(by, bits),
        lambda: (x < y) + 2 * (x <= y) + 4 * (x != y), lambda: cut(x, 70, True) - (y & 0x1fff),
        lambda: (cut(x, 300, True) >> 3) + cut(y, 8, True),
        lambda: quotient(x, 1000003) + x - quotient(x, 1000003) * 1000003]
    return cut(results[which](), bits, signed) & ((1 << 256) - 1)


def words(values):
    return np.array([v >> (32 * k) & 0xffffffff for v in values for k in range(size)], np.uint32)


def values(symbol, count):
    w = [int(v) for v in tile.read(symbol, size * count, np.uint32)]
    return [sum(w[i * size + k] << (32 * k) for k in range(size)) for i in range(count)]


def compare(t, which, got, want, pairs, where):
    bits, signed = TYPES[t]
    bad = [i for i, (g, w) in enumerate(zip(got, want)) if g != w]
    assert not bad, (f"{'i' if signed else 'u'}{bits} operation {which} of {pairs[bad[0]][0]:#x} and {pairs[bad[0]][1]:#x} "
                     f"{where}: {got[bad[0]]:#x}, expected {want[bad[0]]:#x}, {len(bad)} differ")


pairs = [(x, y) for x in PATTERNS for y in PATTERNS]
mixed = [(rng.getrandbits(256) >> rng.randrange(256), rng.getrandbits(256) >> rng.randrange(256)) for _ in range(n)]
known = values("known", OPERATIONS * len(pairs))
for which in range(OPERATIONS):
    part = known[which * len(pairs):(which + 1) * len(pairs)]
    compare(KNOWN, which, part, [one(*TYPES[KNOWN], which, x, y, 8) for x, y in pairs], pairs, "at compile time")
for data in (pairs, mixed):
    assert len(data) == n
    tile.write("a", words([x for x, _ in data]))
    tile.write("b", words([y for _, y in data]))
    for t, (bits, signed) in enumerate(TYPES):
        for which in range(OPERATIONS):
            tile.call("compute", np.uint16(t), np.uint16(which))
            compare(t, which, values("out", n), [one(bits, signed, which, x, y) for x, y in data], data, "on the tile")
tile.finish()
