"""f32 against exact rational arithmetic: vectors, scalars in each place, pointers, ordinary code."""
import exact
import numpy as np
from exact import F32
from tile import Tile, same

tile = Tile()
n = tile.params["n"]
rng = np.random.default_rng(23)


def signed(v, bits):
    return v - (1 << bits) if v >> (bits - 1) & 1 else v


def operands():
    """Pairs of special patterns, then any, then neighbours that cancel, then products near the subnormals."""
    some = exact.specials(F32)
    pairs = [(u, v) for u in some for v in some]
    x, y = rng.integers(0, 1 << 32, n), rng.integers(0, 1 << 32, n)
    for i, k in enumerate(rng.permutation(len(pairs))[:n // 2]):
        x[i], y[i] = pairs[k]
    q = 3 * n // 4
    y[q:] = (x[q:] ^ 0x80000000) + rng.integers(-1 << 24, 1 << 24, n - q)
    x[n // 2:q] = rng.integers(0x1f000000, 0x21000000, q - n // 2)
    y[n // 2:q] = rng.integers(0x1e000000, 0x20000000, q - n // 2)
    return [int(v) & 0xffffffff for v in x], [int(v) & 0xffffffff for v in y]


def check(what, want, symbol="d"):
    same(what, tile.read(symbol, n, np.uint16 if symbol == "narrow" else np.uint32), want)


a, b = operands()
tile.write("a", np.array(a, np.uint32))
tile.write("b", np.array(b, np.uint32))
BINARY = [exact.add, exact.sub, exact.mul, exact.maximum]
scalars = [0, 0x80000000, 1, 0x3f800000, 0x3f800001, 0xc1234567, F32.inf - 1, F32.nan, F32.inf]
for which, op in enumerate(BINARY):
    tile.call("vectors", np.uint16(which), np.uint32(0))
    check(f"vectors {which}", [op(F32, x, y) for x, y in zip(a, b)])
    for s in scalars:
        tile.call("scalar_first", np.uint16(which), np.uint32(s))
        check(f"{s:#x} first {which}", [op(F32, s, y) for y in b])
        tile.call("scalar_last", np.uint16(which), np.uint32(s))
        check(f"{s:#x} last {which}", [op(F32, x, s) for x in a])
for s in scalars:
    tile.call("vectors", np.uint16(4), np.uint32(s))
    check(f"fmacs {s:#x}", [exact.fma(F32, F32, x, y, s) for x, y in zip(a, b)])

integers = [int(v) for v in rng.integers(0, 1 << 16, n)]
integers[:4] = [0, 0x7fff, 0x8000, 0xffff]
tile.write("a", np.array([F32.make(exact.Fraction(int(v), 8)) for v in rng.integers(-1 << 19, 1 << 19, n)], np.uint32))
halfway = [int(v) for v in tile.read("a", n, np.uint32)]
tile.call("one_source", np.uint16(3))
check("fs2xp16 of eighths", [exact.to_xp16(F32, x) for x in halfway], "narrow")
tile.write("a", np.array(a, np.uint32))
UNARY = [lambda x: x ^ 0x80000000, lambda x: x & 0x7fffffff, lambda x: x, lambda x: exact.to_xp16(F32, x),
         lambda x: exact.from_int(F32, signed(x & 0xffff, 16))]
for which, op in enumerate(UNARY):
    if which == 4:
        tile.write("narrow", np.array(integers, np.uint16))
    symbol, source = "narrow" if which == 3 else "d", integers if which == 4 else a
    tile.call("one_source", np.uint16(which))
    check(f"one source {which}", [op(x) for x in source], symbol)
    tile.call("one_scalar", np.uint16(which), np.uint32(a[5]))
    check(f"one scalar {which}", [op(a[5])] * n, symbol)

tame = [int(np.float32(v).view(np.uint32)) for v in rng.uniform(0.9, 1.1, n)]
tile.write("b", np.array(tame, np.uint32))
for which, op in enumerate(BINARY):
    want = 0x3fa00001
    for y in tame:
        want = op(F32, want, y)
    tile.call("folded", np.uint16(which), np.uint32(0x3fa00001))
    same(f"folded {which}", tile.read("d", 1, np.uint32), [want])
tile.call("folded", np.uint16(4), np.uint32(0))
same("the last one stays", tile.read("d", 1, np.uint32), [tame[-1]])
tile.write("b", np.array(b, np.uint32))

tile.call("pointers", np.uint16(0), np.int16(0))
check("fnorms", [exact.norm(F32, x) for x in a])
for k in (0, 1, -1, 23, -100, 277, 30000, -30000, -32768):
    tile.call("pointers", np.uint16(1), np.int16(k))
    check(f"fscales {k}", [exact.scale(F32, x, max(-600, min(600, k))) for x in a])
tile.call("pointers", np.uint16(2), np.int16(0))
check("fs2xp16 to a pointer", [exact.to_xp16(F32, x) for x in a])


def compared(x, y):
    if exact.NAN in (F32.split(x)[0], F32.split(y)[0]):
        return 8
    u, v = exact.order(F32, x)[0], exact.order(F32, y)[0]
    return (u < v) + 2 * (u <= v) + 4 * (u == v) + 8 * (u != v)


CODE = [lambda i: exact.add(F32, a[i], b[i]), lambda i: exact.sub(F32, a[i], b[i]), lambda i: exact.mul(F32, a[i], b[i]),
        lambda i: exact.div(F32, a[i], b[i]), lambda i: a[i] ^ 0x80000000, lambda i: compared(a[i], b[i]),
        lambda i: exact.from_int(F32, signed(a[i], 32)), lambda i: exact.from_int(F32, a[i])]
for which, op in enumerate(CODE):
    tile.call("in_code", np.uint16(which))
    check(f"in code {which}", [op(i) for i in range(n)])

patterns = [0x00000000, 0x80000000, 0x00000003, 0x807fffff, 0x3f800001, 0xbf7fffff, 0x7f7fffff, 0x34000001, 0x4b7fffff]
want = []
for u in patterns:
    for v in patterns:
        want += [exact.add(F32, u, v), exact.sub(F32, u, v), exact.mul(F32, u, v), exact.div(F32, u, v) if v & 0x7fffffff else 0,
                 exact.convert(exact.F16, F32, u)]
same("at compile time", tile.read("known", len(want), np.uint32), want)
tile.finish()
