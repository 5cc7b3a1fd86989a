"""16-bit floats against exact rational arithmetic: vectors, scalars in each place, pointers, ordinary code, compile time."""
import exact
import numpy as np
from exact import F32
from tile import Tile, same

tile = Tile()
n = tile.params["n"]
half = {"f16": exact.F16, "bf16": exact.BF16, "cb16": exact.CB16}[tile.format]
rng = np.random.default_rng(7)


def signed(v):
    return int(v) - 0x10000 if v & 0x8000 else int(v)


def halves():
    """Pairs of special patterns, then any patterns, then neighbours whose sums have to be rounded."""
    some = exact.specials(half)
    pairs = [(u, v) for u in some for v in some]
    x, y = rng.integers(0, 1 << 16, n), rng.integers(0, 1 << 16, n)
    y[n // 2:] = (x[n // 2:] + rng.integers(-3 << half.fraction, 3 << half.fraction, n - n // 2)) & 0xffff
    for i, k in enumerate(rng.permutation(len(pairs))[:n // 2]):
        x[i], y[i] = pairs[k]
    return [int(v) for v in x], [int(v) for v in y]


def floats():
    """f32: special patterns, and values near to ties of the 16-bit format."""
    x = rng.integers(0, 1 << 32, n)
    for i in range(n // 2):
        middle = exact.convert(F32, half, int(rng.integers(0, half.inf)))
        x[i] = (middle + (1 << (F32.fraction - half.fraction - 1)) + int(rng.integers(-1, 2))) & 0xffffffff
    x[n // 2:n // 2 + 30] = exact.specials(F32)
    return [int(v) for v in x]


def narrow(what, want):
    same(what, tile.read("d", n, np.uint16), want)


def wide(what, want):
    same(what, tile.read("wide_d", n, np.uint32), want)


a, b, f = halves()[0], halves()[1], floats()
a, b = halves()
tile.write("a", np.array(a, np.uint16))
tile.write("b", np.array(b, np.uint16))
tile.write("wide_a", np.array(f, np.uint32))
BINARY = [exact.add, exact.sub, exact.mul, exact.maximum]
scalars = [0x0000, 0x8000, 0x0001, half.bias << half.fraction, (half.bias << half.fraction) + 1, 0xb123, half.inf - 1, half.nan]

for which, op in enumerate(BINARY):
    tile.call("vectors", np.uint16(which), np.uint16(0))
    narrow(f"vectors {which}", [op(half, x, y) for x, y in zip(a, b)])
    for s in scalars:
        tile.call("scalar_first", np.uint16(which), np.uint16(s))
        narrow(f"{s:#x} first {which}", [op(half, s, y) for y in b])
        tile.call("scalar_last", np.uint16(which), np.uint16(s))
        narrow(f"{s:#x} last {which}", [op(half, x, s) for x in a])
tile.call("vectors", np.uint16(5), np.uint16(0))
wide("faddhs", [exact.add(F32, x, y, half) for x, y in zip(f, b)])
for s in scalars:
    tile.call("vectors", np.uint16(4), np.uint16(s))
    narrow(f"fmach {s:#x}", [exact.fma(half, half, x, y, s) for x, y in zip(a, b)])
    tile.call("vectors", np.uint16(6), np.uint16(s))
    wide(f"fmachs {s:#x}", [exact.fma(F32, half, x, y, s) for x, y in zip(f, b)])
    for place in ("scalar_first", "scalar_last"):
        tile.call(place, np.uint16(5), np.uint16(s))
        wide(f"faddhs {place} {s:#x}", [exact.add(F32, x, s, half) for x in f])

UNARY = [lambda x: x ^ 0x8000, lambda x: x & 0x7fff, lambda x: x, lambda x: exact.to_xp16(half, x),
         lambda x: exact.from_int(half, signed(x)), lambda x: exact.convert(F32, half, x), lambda x: exact.convert(half, F32, x)]
for which, op in enumerate(UNARY):
    check, source = (wide if which == 5 else narrow), (f if which == 6 else a)
    tile.call("one_source", np.uint16(which))
    check(f"one source {which}", [op(x) for x in source])
    tile.call("one_scalar", np.uint16(which), np.uint16(a[0]), np.uint32(f[0]))
    check(f"one scalar {which}", [op(source[0])] * n)

start = exact.convert(half, F32, 0x3fa00000)
tame = [exact.convert(half, F32, int(np.float32(v).view(np.uint32))) for v in rng.uniform(0.9, 1.1, n)]
tile.write("b", np.array(tame, np.uint16))
for which, op in enumerate(BINARY):
    want = start
    for y in tame:
        want = op(half, want, y)
    tile.call("folded", np.uint16(which), np.uint16(start))
    same(f"folded {which}", tile.read("d", 1, np.uint16), [want])
want = exact.convert(F32, half, start)
for y in tame:
    want = exact.add(F32, want, y, half)
tile.call("folded", np.uint16(5), np.uint16(start))
same("folded faddhs", tile.read("wide_d", 1, np.uint32), [want])
tile.call("folded", np.uint16(6), np.uint16(start))
same("the last one stays", tile.read("d", 1, np.uint16), [tame[-1]])
tile.call("folded", np.uint16(7), np.uint16(start))
same("no element", tile.read("d", 1, np.uint16), [exact.from_int(half, 99)])
tile.write("b", np.array(b, np.uint16))

tile.call("pointers", np.uint16(0), np.int16(0))
narrow("fnormh", [exact.norm(half, x) for x in a])
for k in (0, 1, -1, 5, -20, 30000, -30000, -32768):
    tile.call("pointers", np.uint16(1), np.int16(k))
    narrow(f"fscaleh {k}", [exact.scale(half, x, max(-400, min(400, k))) for x in a])
tile.call("pointers", np.uint16(2), np.int16(0))
narrow("fh2xp16 to a pointer", [exact.to_xp16(half, x) for x in a])


def compared(x, y):
    if exact.NAN in (half.split(x)[0], half.split(y)[0]):
        return 8
    u, v = exact.order(half, x)[0], exact.order(half, y)[0]
    return (u < v) + 2 * (u <= v) + 4 * (u == v) + 8 * (u != v)


CODE = [lambda i: exact.add(half, a[i], b[i]), lambda i: exact.sub(half, a[i], b[i]), lambda i: exact.mul(half, a[i], b[i]),
        lambda i: exact.div(half, a[i], b[i]), lambda i: a[i] ^ 0x8000, lambda i: exact.convert(F32, half, a[i]),
        lambda i: exact.convert(half, F32, f[i]), lambda i: compared(a[i], b[i]), lambda i: exact.from_int(half, signed(a[i])),
        lambda i: exact.from_int(half, a[i])]
for which, op in enumerate(CODE):
    tile.call("in_code", np.uint16(which))
    (wide if which == 5 else narrow)(f"in code {which}", [op(i) for i in range(n)])

patterns = [0x0000, 0x8000, 0x0001, 0x8003, 0x03ff, 0x4601, 0x3c01, 0xbc00, 0x5555, 0x7bff, 0x2e66, 0x9abc]
want = [op(half, u, v) for u in patterns for v in patterns for op in BINARY[:3]]
same("at compile time", tile.read("known", len(want), np.uint16), want)
tile.finish()
