"""Counts and values that only come out if every event happens once and in its turn."""
import numpy as np
from tile import Tile, same

tile = Tile()
data = np.random.default_rng(17).integers(1, 1 << 32, 64)
for x in (0, 1):
    tile.write("data", data.astype(np.uint32), x)


def call(function, *arguments, clear=True):
    if clear:
        for x in (0, 1):
            tile.write("out", np.zeros(64, np.uint32), x)
    tile.call(function, *(np.uint16(v) for v in arguments))


def check(what, values, x=1):
    """out holds these values at these places, 0 elsewhere."""
    want = np.zeros(64, np.int64)
    for place, value in values.items():
        want[place] = value
    same(what, tile.read("out", 64, np.uint32, x), want)


halves = [int(v) for v in data[:4]]
swapped = [(v & 0xffff) << 16 | v >> 16 for v in halves]
for n in (1, 4):
    call("hold", n)
    check(f"{n} held", {})
    call("release", n)
    check(f"{n} released", dict(enumerate(swapped[:n])))
call("control", 0x1234)
check("a command", {0: 1, 1: 0x1234})
call("control", 7, clear=False)
check("another command", {0: 2, 1: 7})
for n_one, n_two in ((1, 30), (30, 1), (17, 16), (5, 5)):
    call("side_by_side", n_one, n_two)
    check(f"{n_one} beside {n_two}", {**dict(enumerate(data[:n_one])), **{32 + i: v for i, v in enumerate(data[32:32 + n_two])}})
for n in (1, 9):
    call("by_registers", n)
    check(f"{n} by registers", dict(enumerate(data[:n])))
for n in (1, 12):
    call("held_back", n)
    check(f"{n} held back", dict(enumerate(data[:n])))
call("fifo_lengths")
left = list(data[5:8]) + [77, 77]
check("lengths of a FIFO", {0: 0, **{1 + i: v for i, v in enumerate(data[:5])}, **{10 + i: v for i, v in enumerate(left)},
                            20: 1, 21: 1, 22: 0})
tile.finish()
