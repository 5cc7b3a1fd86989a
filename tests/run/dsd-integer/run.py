"""Integer DSD operations against Python's integers, which know no width."""
import numpy as np
from tile import Tile, same

tile = Tile()
n = tile.params["n"]
rng = np.random.default_rng(11)
special = [0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 15, 16, 17, 31, 32, 255, 256, 0x0100]
pairs = [(x, y) for x in special for y in special]


def signed(v):
    return v - 0x10000 if v & 0x8000 else v


def shifted_right(x, y):
    return signed(x) >> min(y, 16)


OPS = {  # by number: what it does to exact integers
    0: lambda x, y: x + y, 1: lambda x, y: x - y, 2: lambda x, y: x & y, 3: lambda x, y: x | y, 4: lambda x, y: x ^ y,
    5: lambda x, y: x << y if y < 16 else 0, 6: lambda x, y: x >> y if y < 16 else 0, 7: shifted_right}
ADDC = 8


def operands():
    x = rng.integers(0, 1 << 16, n)
    y = rng.integers(0, 1 << 16, n)
    y[n // 2:] = rng.integers(0, 20, n - n // 2)
    for i, (u, v) in enumerate(pairs[:n]):
        x[i], y[i] = u, v
    return x, y


def with_carry(xs, ys, carry):
    """Sums of a chain, and the carry that is left."""
    out = []
    for x, y in zip(xs, ys):
        total = int(x) + int(y) + carry
        out.append(total & 0xffff)
        carry = total >> 16
    return out, carry


def result():
    return tile.read("d", n, np.uint16)


x, y = operands()
tile.write("a", x.astype(np.uint16))
tile.write("b", y.astype(np.uint16))
for which, f in OPS.items():
    tile.call("vectors", np.uint16(which))
    same(f"operation {which}", result(), [f(int(u), int(v)) & 0xffff for u, v in zip(x, y)])
    for s in (0, 1, 15, 16, 0x8000, 0xffff):
        tile.call("scalar_last", np.uint16(which), np.uint16(s))
        same(f"operation {which}, then {s}", result(), [f(int(u), s) & 0xffff for u in x])
        if which != 1:
            tile.call("scalar_first", np.uint16(which), np.uint16(s))
            same(f"operation {which} of {s}", result(), [f(s, int(v)) & 0xffff for v in y])

counts = [lambda v: 16 - v.bit_length(), lambda v: (v & -v).bit_length() - 1 if v else 16, lambda v: bin(v).count("1"), lambda v: v]
for which, f in enumerate(counts):
    tile.call("one_source", np.uint16(which))
    same(f"one source {which}", result(), [f(int(v)) for v in x])
    if which < 3:
        tile.call("one_source", np.uint16(4 + which))
        same(f"one scalar {which}", result(), [f(int(x[which]))] * n)

# The carry of one operation is that of the next: clear it with a sum of zeros.
for name, arguments, left, right in (("vectors", (), x, y), ("scalar_first", (np.uint16(0xfff0),), [0xfff0] * n, y),
                                     ("scalar_last", (np.uint16(0x8001),), x, [0x8001] * n)):
    tile.call("scalar_last", np.uint16(2), np.uint16(0))  # d = 0, and no carry yet
    tile.call("scalar_first", np.uint16(0), np.uint16(0))  # 0 + b cannot carry
    tile.call(name, np.uint16(ADDC), *arguments)
    same(f"chain of {name}", result(), with_carry(left, right, 0)[0])

tile.call("scalar_first", np.uint16(0), np.uint16(0))
tile.write("a", np.resize(np.array([0xffff, 0xffff, 0xffff, 0, 0xffff, 1], np.uint16), n))
tile.write("b", np.resize(np.array([1, 0, 1, 0, 1, 5], np.uint16), n))
tile.call("carry_chains")
low = [0x0000, 0xffff, 0x0000]  # separate sums, the last one carries
high, carry = with_carry([0, 0xffff, 1], [0, 1, 5], 1)
third, carry = with_carry([0xffff, 0xffff, 0xffff], [0, 0, 0], carry)
fourth, carry = with_carry([0, 0, 0], [1, 0, 1], 0)
same("carry between operations", result()[:12], low + high + third + fourth)

wide = rng.integers(0, 1 << 32, n)
tile.write("a", x.astype(np.uint16))
tile.write("b", y.astype(np.uint16))
tile.write("wide_a", wide.astype(np.uint32))
tile.call("moves", np.uint16(0), np.uint32(0xabcd1234))
same("mov16 of a scalar", result(), [0x1234] * n)
for which, want in ((1, wide), (2, [0x80000001] * n), (3, [0x80000001] * n)):
    tile.call("moves", np.uint16(which), np.uint32(0x80000001))
    same(f"mov32 {which}", tile.read("wide_d", n, np.uint32), want)
tile.call("moves", np.uint16(4), np.uint32(0))
same("moves to pointers", tile.read("scalars", 4, np.uint32),
     [x[-1], signed(int(y[-1])) & 0xffffffff, wide[-1], wide[0]])
tile.finish()
