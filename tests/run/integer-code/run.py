"""Integer operations of eight types against Python's integers, cut to their width."""
import numpy as np
from tile import Tile, same

tile = Tile()
n = tile.params["n"]
rng = np.random.default_rng(29)
PATTERNS = [0, 1, 0x8000000080008080, 0x7fffffff7fff7f7f, 0xffffffffffffffff, 0x0123456789abcdef]
ODD = tile.params["odd"]
TYPES = ([(1, True), (1, False), (3, True), (7, False), (17, True), (31, False), (48, True), (63, False)] if ODD else
         [(bits, signed) for bits in (8, 16, 32, 64) for signed in (True, False)])
OPERATIONS = 16


def cut(v, bits, signed):
    v &= (1 << bits) - 1
    return v - (1 << bits) if signed and v >> (bits - 1) else v


def quotient(x, y):
    return abs(x) // abs(y) * (-1 if (x < 0) != (y < 0) else 1)


def one(bits, signed, which, x, y, amounts=70):
    """The result as 64 bits."""
    by, low = (y & 0xffff) % amounts, x
    x, y = cut(x, bits, signed), cut(y, bits, signed)
    results = [
        lambda: x + y, lambda: x - y, lambda: x * y, lambda: x if y == 0 else quotient(x, y),
        lambda: x if y == 0 else x - quotient(x, y) * y, lambda: x & y, lambda: x | y, lambda: x ^ y,
        lambda: x << by if by < bits else 0, lambda: x >> min(by, bits), lambda: ~x,
        lambda: (x < y) + 2 * (x <= y) + 4 * (x == y), lambda: (cut(x + y, bits, signed) ^ x) - 3,
        lambda: cut(low, 8, True), lambda: y & 0xffff, lambda: (x > y) + (y != 0)]
    return cut(results[which](), bits, signed) & ((1 << 64) - 1)


def words(values):
    return np.array([w for v in values for w in (int(v) & 0xffffffff, int(v) >> 32)], np.uint32)


def values(symbol, count):
    w = tile.read(symbol, 2 * count, np.uint32).astype(object)
    return w[::2] | w[1::2] << 32


a = [int(v) >> int(rng.integers(0, 64)) for v in rng.integers(0, 1 << 64, n, dtype=np.uint64)]
b = [int(v) >> int(rng.integers(0, 64)) for v in rng.integers(0, 1 << 64, n, dtype=np.uint64)]
pairs = [(x, y) for x in PATTERNS for y in PATTERNS]
for i, (x, y) in enumerate(pairs):
    a[i], b[i] = x, y
tile.write("a", words(a))
tile.write("b", words(b))
known = values("known", len(TYPES) * OPERATIONS * len(pairs))
for t, (bits, signed) in enumerate(TYPES):
    name = f"{'i' if signed else 'u'}{bits}"
    for which in range(OPERATIONS):
        want = [one(bits, signed, which, x, y) for x, y in zip(a, b)]
        tile.call("compute", np.uint16(t), np.uint16(which))
        got = values("out", n)
        bad = [i for i in range(n) if got[i] != want[i]]
        assert not bad, (f"{name} operation {which} of {a[bad[0]]:#x} and {b[bad[0]]:#x}: {got[bad[0]]:#x}, "
                         f"expected {want[bad[0]]:#x}, {len(bad)} differ")
        want = [one(bits, signed, which, x, y, 1 if ODD else 8) for x, y in pairs]
        at = (t * OPERATIONS + which) * len(pairs)
        bad = [i for i in range(len(pairs)) if known[at + i] != want[i]]
        assert not bad, (f"{name} operation {which} of {a[bad[0]]:#x} and {b[bad[0]]:#x} at compile time: "
                         f"{known[at + bad[0]]:#x}, expected {want[bad[0]]:#x}, {len(bad)} differ")
tile.finish()
