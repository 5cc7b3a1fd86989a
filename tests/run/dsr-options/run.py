"""Registers against what the places in memory say."""
import numpy as np
from tile import Tile, same

tile = Tile()
rng = np.random.default_rng(9)
start = rng.integers(0, 1 << 16, 512)
OUT = 256
S, B = start[0:18:3], start[20:26]
BOX = start[[20, 22, 24, 30, 32, 34]]


def run(function, *arguments, want):
    """Calls a function with fresh memory; `want`: {offset in the output: elements}."""
    tile.write("memory", start.astype(np.uint16))
    tile.call(function, *(np.uint16(v) for v in arguments))
    memory = start.copy()
    for at, values in want.items():
        memory[OUT + at:OUT + at + len(values)] = np.asarray(values) & 0xffff
    same(f"{function} {arguments}", tile.read("memory", 512, np.uint16), memory)


wse3 = tile.format == "wse3"


def shifted(k, by, left):
    return 0 if by > 15 else k << by if left else k >> by


ring = start[[i % 4 for i in range(9)]]
run("from_start", want={0: S + B, 6: ring, 20: BOX, 30: ring})
run("from_start", want={0: S + B, 6: ring, 20: BOX, 30: ring})
run("operands", want={0: S + B, 6: S + B, 12: S - B, 18: S - 1, 24: 3 ^ B, 30: B, 36: start[OUT + 36:OUT + 42] + B})
start[20:26] = [0, 1, 3, 15, 16, 60000]
B = start[20:26]
k = 0x8421
shifts = {left: [shifted(k, int(v), left) for v in B] for left in (True, False)}
run("scalar_then_src0", k, want={0: B, 6: shifts[True], 12: shifts[False], 18: B + B} if wse3 else {})
run("saved", 0, want={0: start[0:36:3]})
run("saved", 1, want={0: np.tile(S[:4], 3)})
run("saved", 2, want={0: start[[i % 7 for i in range(12)]]})
for base, n in ((0, 1), (33, 5), (100, 0)):
    line = start[base:base + 18:3]
    second = n if n else 6  # a source without a length leaves it to the destination
    run("updated", base, n, want={0: line, 10: start[base:base + 3 * second:3], 20: start[:3 * second:3]})
run("stacked", want={0: B, 6: B, 12: S + B})
deep = [90 - 30 * g + 12 * h + 5 * i + 2 * j for g in (0, 1) for h in (0, 1) for i in (0, 1) for j in (0, 1)]
moved = [70 + 10 * i + 2 * j for i in range(4) for j in range(3)]
run("stride_registers", 70, want={0: start[[0, 1, 2, 9, 10, 11]], 20: start[deep], 40: start[moved]})
run("names", want={0: [7] * 6})
tile.finish()
