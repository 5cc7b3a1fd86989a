"""Integers of more than 64 bits in every kind of place, against Python's integers."""
import numpy as np
from tile import Tile

K = 1


def cut(v, bits, signed=False):
    v &= (1 << bits) - 1
    return v - (1 << bits) if signed and v >> (bits - 1) else v


def quotient(x, y):
    return abs(x) // abs(y) * (-1 if (x < 0) != (y < 0) else 1)


tile = Tile()
n = tile.params["n"]
tile.call("compute", np.uint16(K))
w = [int(v) for v in tile.read("out", 8 * n, np.uint32)]
got = [cut(sum(w[8 * i + k] << 32 * k for k in range(8)), 256, True) for i in range(n)]

number = -5
for _ in range(2):
    number = cut(number * 1000000007 - 1, 65, True)
third = 0x123456789abcdef012345678
plain = cut(quotient(-1 << 90, K + 2) - 7, 96, True)
middle = cut(-2 * 5 + K, 70, True)
high = cut(((1 << 90) - 1) ^ third, 90)
whole = 0xabcdef0123 | cut(-7, 88) << 40
total, start = 0, K + (1 << 70)
for index, i in enumerate(range(start, start + 40, 9)):
    total = total * 3 + i + index
want = [number, cut((1 << 95) + (third >> 1), 96), plain, middle, high, cut(5 + 6, 3) + 100, whole, -7 - K + 0xabcdef0123,
        3 * (1 << 100) + 2 * (1 << 90), total, (1 << 70) + 1, cut(~third, 96, True)]
assert len(want) == n
for i in range(n):
    assert got[i] == want[i], f"result {i}: {got[i]:#x}, expected {want[i]:#x}"

sizes = list(tile.read("sizes", 2, np.uint32))
assert sizes == [40, 12], sizes
memory = tile.read("image", 20, np.uint32).tobytes()


def at(offset, size):
    return int.from_bytes(memory[offset:offset + size], "little")


# before, 3 free, 12 of u65, between, 3 free, 16 of i97, after, 3 free
fields = [at(0, 1), at(4, 12), at(16, 1), cut(at(20, 16), 128, True), at(36, 1)]
assert fields == [1, (1 << 65) - 1, 2, -1 << 96, 3], fields
tile.finish()
