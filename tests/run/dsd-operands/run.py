"""Operands in memory against a model that reads and writes one element after the other."""
from itertools import product

import numpy as np
from tile import Tile, same

tile = Tile()
rng = np.random.default_rng(3)
start = rng.integers(0, 1 << 16, 512)
wide_start = rng.integers(0, 1 << 32, 256)
OUT, WIDE_OUT = 256, 128


def run(what, function, *arguments, memory=None, words=None):
    """One operation from the same memory each time; what the memory should hold then, by places."""
    tile.write("memory", start.astype(np.uint16))
    tile.write("words", wide_start.astype(np.uint32))
    tile.call(function, *arguments)
    for symbol, before, changes, dtype in (("memory", start, memory, np.uint16), ("words", wide_start, words, np.uint32)):
        want = before.copy()
        for place, value in (changes or {}).items():
            want[place] = value & (0xffff if dtype == np.uint16 else 0xffffffff)
        same(f"{what}: {symbol}", tile.read(symbol, len(before), dtype), want)


def outputs(values, at=OUT):
    return {at + i: int(v) for i, v in enumerate(values)}


def in_order(places, sources, f):
    """Changes of an operation whose elements see the ones before."""
    now, changes = start.copy(), {}
    for place, reads in zip(places, zip(*sources)):
        now[place] = changes[place] = f(*(int(now[r]) for r in reads)) & 0xffff
    return changes


def affine(base, bounds, steps):
    """Places of a box, the last index fastest."""
    return [base + sum(i * s for i, s in zip(index, steps)) for index in product(*map(range, bounds))]


for to, step, n, source, source_step, length in ((256, 1, 9, 0, 1, 9), (300, -3, 9, 5, 2, 9), (256, 127, 2, 200, -128, 2),
                                                 (260, 0, 4, 9, 1, 4), (256, 2, 6, 33, 0, 6), (256, 1, 1, 3, 9, 1),
                                                 (256, 1, 0, 3, 9, 0)):
    run(f"line {to} {step}", "line", *(np.int16(v) for v in (to, step)), np.uint16(n), np.int16(source), np.int16(source_step),
        np.uint16(length), memory=in_order([to + i * step for i in range(n)], [[source + i * source_step for i in range(n)]],
                                           lambda v: v))

BOXES = [affine(0, (5, 7), (1, 5)), affine(100, (2, 3, 4), (-24, -5, -1)), affine(3, (2, 3, 2, 2), (60, 11, 4, 1)),
         affine(0, (3, 4, 2), (0, 1, 0)), affine(200, (9,), (-3,))]
# An explicit stride is the step between neighbours: innermost first (language 6.5).
BOXES.append([5 + v for v in (0, 2, 9, 11, 18, 20)])
for which, places in enumerate(BOXES):
    run(f"box {which}", "boxes", np.uint16(which), memory=outputs(start[places]))
run("to a box", "boxes", np.uint16(6), memory=dict(zip(affine(256, (4, 6), (3, 20)), (int(v) for v in start[:48:2]))))
run("two boxes", "boxes", np.uint16(7), memory=outputs(start[affine(0, (5, 7), (1, 5))] + start[affine(40, (5, 7), (7, 1))]))

for by in (-3, 0, 4):
    line = [60 + 2 * i for i in range(10)]
    box = affine(0, (3, 4), (10, 1))
    cases = [(0, 0, affine(0, (10,), (2,))), (1, 0, [v + by for v in line]), (2, 0, [v + 2 * by for v in line]), (3, 6, line[:6]),
             (4, 0, [60 + by * i for i in range(10)]), (6, 30, [30 + v for v in box]), (7, 0, [63 + by - 5 * i for i in range(4)])]
    cases += [(5, 0, [v + by for v in box])] if by >= 0 else []
    for which, n, places in cases:
        run(f"derived {which} by {by}", "derived", np.uint16(which), np.int16(by), np.uint16(n), memory=outputs(start[places]))

s = list(range(64, 104))
for distance in (-2, -1, 0, 1, 3, 39, 40):
    d = [v + distance for v in s]
    for which, sources, f in ((0, [s], lambda u: u + 1), (1, [s, d], lambda u, v: u + v), (2, [d, s], lambda u, v: u + v)):
        run(f"overlap {which} at {distance}", "overlap", np.int16(distance), np.uint16(which), memory=in_order(d, sources, f))
down = s[::-1]
run("twice itself", "overlap", np.int16(0), np.uint16(3), memory=in_order(s, [s, s], lambda u, v: u + v))
run("turned round", "overlap", np.int16(0), np.uint16(4), memory=in_order(down, [s], lambda v: v))
run("spread", "overlap", np.int16(0), np.uint16(5),
    memory=in_order([64 + 5 * i for i in range(40)], [s, down], lambda u, v: u + v))
run("into a box", "overlap", np.int16(0), np.uint16(6), memory=in_order(affine(64, (5, 8), (1, 5)), [s], lambda v: v))


for k in range(80):  # operands that lie close to each other in every way
    steps = [int(v) for v in rng.integers(-4, 5, 3)]
    bases = [int(v) for v in rng.integers(200, 230, 3)]
    d, x, y = ([base + i * step for i in range(24)] for base, step in zip(bases, steps))
    arguments = [np.int16(v) for pair in zip(bases, steps) for v in pair]
    run(f"sums {arguments}", "sums", *arguments, memory=in_order(d, [x, y], lambda u, v: u + v))

three, five, none, box = start[0:10], start[10:20], start[20:40], start[[0, 1, 2, 1, 2, 3, 2, 3]]
LENGTHS = [three[:3] + five[:3], five[:5] + three[:5], none[:5] + five[:5], none[:7] + none[:7], [], three[:3], none[:7], [9] * 7,
           [], [], 1 + three[:3], three[:3] + 1, [], [start[40]] * 7, five[:5] + start[40], five[:5] + start[40],
           none[:6] + box[:6], box[:6] + five[:6]]
for which, want in enumerate(LENGTHS):
    run(f"lengths {which}", "lengths", np.uint16(which), memory=outputs(want))

halves = wide_start.astype(np.uint32).view(np.uint16)
small = [int(v) for v in rng.integers(-200, 200, 18)]


def bits(v):
    return int(np.float32(v).view(np.uint32))


run("32-bit stride", "widths", np.uint16(0), words=outputs(wide_start[:18:3], WIDE_OUT))
run("16-bit stride", "widths", np.uint16(1), memory=outputs(halves[:18:3]))
run("16 to 32 bits", "widths", np.uint16(2), words=outputs([bits(np.int16(np.uint16(v))) for v in start[:18:3]], WIDE_OUT))
wide_start[:18] = [bits(v + 0.25) for v in small]
run("32 to 16 bits", "widths", np.uint16(3), memory=outputs([v & 0xffff for v in small[::3]]))
start[:18] = [int(np.float16(v / 8).view(np.uint16)) for v in small[::-1]]
run("both widths", "widths", np.uint16(4),
    words=outputs([bits(u + 0.25 + v / 8) for u, v in zip(small[::3], small[::-1][::3])], WIDE_OUT))

wide_start[:3] = [bits(v) for v in (1, 2, 4)]
run("60000 elements", "vast", words={WIDE_OUT: bits(20000 * 7)})
for index in (0, 1, 6):
    halves = wide_start.astype(np.uint32).view(np.uint16).astype(np.int64)
    at = [index + 4 * i for i in range(4)]
    run(f"index {index}", "indexed", np.uint16(index), memory=outputs(list(start[index:index + 32:8]) + list(start[:32:8])),
        words=outputs([halves[k] | halves[k + 1] << 16 for k in at], WIDE_OUT))
for first in (0, 3):
    run(f"ring from {first}", "ring", np.uint16(first), memory=outputs(start[[(first + i) % 5 for i in range(34)]]))

for which, places in enumerate(([0, 1, 2], [1, 3, 5], [9, 8, 7], [1, 2, 3, 4], [3, 5, 7])):
    run(f"stored {which}", "stored", np.uint16(which), memory=outputs(start[places]))
for base in (0, 10):
    run("stored box", "stored", np.uint16(5), memory=outputs(start[[base + v for v in (0, 4, 8, 1, 5, 9)]]))
tile.finish()
