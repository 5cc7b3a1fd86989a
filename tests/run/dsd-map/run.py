"""@map against a loop over the same elements."""
import numpy as np
from tile import Tile, same

tile = Tile()
rng = np.random.default_rng(13)
a, b = rng.integers(-100, 100, 48), rng.integers(-100, 100, 48)
wide = rng.integers(0, 1 << 20, 48)
B = b[11::-1]


def run(function, *arguments):
    """Calls a function with fresh memory on both tiles."""
    for x in (0, 1):
        tile.write("a", a.astype(np.int16), x)
        tile.write("b", b.astype(np.int16), x)
        tile.write("d", np.zeros(48, np.int16), x)
        tile.write("wide", wide.astype(np.uint32), x)
    tile.call(function, *(np.uint16(v) for v in arguments))


def narrow(what, places, values, rest=None, x=0):
    """d holds `values` at `places`, what `rest` says, and 0 elsewhere."""
    want = np.zeros(48, np.int64)
    want[list(places)] = values
    for place, value in (rest or {}).items():
        want[place] = value
    same(what, tile.read("d", 48, np.int16, x), want.astype(np.int16))


def long(what, values, x=0):
    want = wide.copy()
    want[:len(values)] = values
    same(what, tile.read("wide", 48, np.uint32, x), want & 0xffffffff)


def bits(values, dtype):
    return np.asarray(values).astype(dtype).view({2: np.uint16, 4: np.uint32}[np.dtype(dtype).itemsize]).astype(np.int64)


even = range(0, 24, 2)
run("elements", 0)
narrow("product", even, a[:12] * B + 7)
run("elements", 1)
long("widened", a[:12] * 1000)
run("elements", 2)
long("third", bits(wide[:12].astype(np.float32) / np.float32(3), np.float32))
run("elements", 3)
long("mixed", wide[:12] + (a[:12] & 0xffff))
run("elements", 4)
narrow("halved", even, bits(a[:12].astype(np.float16) / np.float16(2), np.float16))
run("elements", 5)
narrow("evaluated once", even, a[:12] + 2)
run("elements", 6)
narrow("boxes", [i + 10 * j for i in range(6) for j in range(2)], a[[i + 3 * j for i in range(3) for j in range(4)]] * B)

run("folds", 0)
narrow("through a pointer", (0,), 5 + a[:12].sum())
run("folds", 1)
narrow("of a value", (0,), 5 + a[11])
run("folds", 2)
narrow("side effects", (0, 1), (5 + a[:12][a[:12] > 0].sum(), 12))

for lengths in ((12, 12, 12), (3, 9, 9), (9, 3, 9), (9, 9, 3), (0, 4, 4), (4, 0, 4), (4, 4, 0)):
    n = min(lengths)
    run("shortest", *lengths)
    narrow(f"lengths {lengths}", range(0, 2 * n, 2), a[:n] + B[:n], {47: n})

run("registers")
narrow("registers", even[:11], np.concatenate([a[:5] + B[:5], a[6:12] + B[:6]]))
run("nested")
sums, row = [], int((a[:3] * b[:3]).sum())
narrow("nested", range(0, 12, 2), a[:6] + row, {40 + i: a[5] for i in range(3)})

for n in (1, 5, 12):
    run("transfer", 16, n)
    narrow(f"{n} narrow elements over the fabric", range(0, 2 * n, 2), a[:n] + 2, x=1)
    run("transfer", 32, n)
    long(f"{n} wide elements over the fabric", wide[:n] * 9, x=1)
tile.finish()
