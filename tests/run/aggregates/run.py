"""What the tile stored, against the same steps in Python."""
import struct

import numpy as np
from host import arguments, started

N = 3


def wrap(value, bits):
    """Two's complement."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


want = []
# packed structs: flag 1, mode 1 (fast takes the next unused value), a 6, b -9; element 1 is a copy of element 0 that is then changed
want += [1 * 10 + 0, 1 * 100 + 6 * 10 + 9, wrap(-9 + 20, 5), int(1.5 * 3 * 4), -3 * 100 + 5]
half = struct.unpack("<H", np.float16(1.5).tobytes())[0]
want.append(wrap(1 | 1 << 1 | (6 | (-9 & 31) << 3) << 4 | half << 12 | (-3 & 15) << 28, 32))
# unions
word = struct.unpack("<I", struct.pack("<f", -2.5))[0]
want.append(wrap(word, 32))
want.append(wrap((wrap((word >> 16) + 1, 16) & 0xffff) << 16 | N, 32))
want += [70000 + N, N * 1000 + -N * 7, 75]


# structs
def turned(p):
    """(x, y, tag) -> the same in another order."""
    return wrap(p[1], 16), p[0] * 2, (p[2] + 1) & 255


first = turned(turned((4, -N, 9)))
want += [first[0] + first[1] * 10 + first[2] * 1000, -N + 5, 100000 + 9]
want += [5 * 100 + 1 * 10 + 50, 77 + 1001, 3 * 10 + 7, wrap(44 * 100 + 11 - 22, 16)]
# pointers
grid = np.add.outer(np.arange(3) * 10, np.arange(4))
grid[1, 1], grid[2, 3] = 500, 23 + N
want += [int(grid.sum()), int(grid[1].sum()), -7, -N * 100 + (N + 1), (500 & 255) * 256 + (500 >> 8)]
# control flow
s = sum(i * k for i in range(9, -5, -2) for k in range(N))
want += [s, 10 + 21 * 100 + 1 * 10000, 200 + 50, 120, ((4 + 0) * 10 + N + 1) * 10 + 6 + 2, 40 * 1000 + (6 ^ 255) % 100]

runner = started(arguments().name)
runner.launch("run", np.int16(N), nonblock=False)
got = np.zeros(128, dtype=np.int32)
runner.memcpy_d2h(got, runner.get_id("out"), 0, 0, 1, 1, 128, nonblock=False)
runner.stop()
bad = [(k, int(got[k]), v) for k, v in enumerate(want) if int(got[k]) != v]
assert not bad, f"(row, got, expected): {bad}"
assert not got[len(want):].any()
print("SUCCESS!")
