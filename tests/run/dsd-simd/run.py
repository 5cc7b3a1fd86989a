"""What is in the wavelets, and what comes out of them: packing by mode, odd lengths, FIFOs, indices."""
import numpy as np
from tile import Tile, same

tile = Tile()
packs_by_default = tile.format == "packed"
rng = np.random.default_rng(5)
halves = rng.integers(1, 1 << 16, 64)
words = rng.integers(1, 1 << 32, 64)
DEFAULT, OFF, SIMD_32, SIMD_64, EITHER = range(5)
UNTOUCHED = 0xeeeeeeee


def packs(mode):
    return packs_by_default if mode == DEFAULT else mode != OFF


def wavelets(elements, packed):
    """Low half first; a last single one leaves the upper half zero."""
    if not packed:
        return [int(v) for v in elements]
    padded = [int(v) for v in elements] + [0] * (len(elements) & 1)
    return [low | high << 16 for low, high in zip(padded[::2], padded[1::2])]


def elements(sent, packed, n):
    """The first n elements of wavelets."""
    return ([int(v) >> shift & 0xffff for v in sent for shift in (0, 16)] if packed else [int(v) & 0xffff for v in sent])[:n]


def step(op, mode, back_mode, n, n_words, n_back):
    for x in (0, 1):
        tile.write("halves", (halves if x == 0 else np.full(64, UNTOUCHED & 0xffff)).astype(np.uint16), x)
        tile.write("words", (words if x == 0 else np.full(64, UNTOUCHED)).astype(np.uint32), x)
    tile.call("step", *(np.uint16(v) for v in (op, mode, back_mode, n, n_words, n_back)))


def check(what, symbol, x, want):
    dtype = np.uint16 if symbol == "halves" else np.uint32
    rest = words[len(want):] if x == 0 else np.full(64 - len(want), UNTOUCHED & np.iinfo(dtype).max)
    same(what, tile.read(symbol, 64, dtype, x), list(want) + [int(v) for v in rest])


def n_wavelets(n, packed):
    return (n + 1) // 2 if packed else n


def back_through(f, mode, back_mode, n, unpacked, packed):
    """What comes back of n elements that arrive unpacked or packed and leave so."""
    return wavelets([f(v) & 0xffff for v in elements(words, unpacked, n)], packed)


for mode in range(5):
    for n in (1, 2, 7, 30, 31):
        count = n_wavelets(n, packs(mode))
        step(0, mode, 0, n, count, 0)
        check(f"sent in mode {mode}, {n}", "words", 1, wavelets(halves[:n], packs(mode)))
        step(1, mode, 0, n, count, 0)
        check(f"received in mode {mode}, {n}", "halves", 1, elements(words, packs(mode), n))
        step(5, mode, 0, n, count, 0)
        check(f"widened in mode {mode}, {n}", "words", 1,
              [int(np.float32(np.uint16(v).view(np.int16)).view(np.uint32)) for v in elements(words, packs(mode), n)])
for mode in range(5):
    for back_mode in range(5):
        for n in (1, 6, 13):
            both = packs(mode) and packs(back_mode)  # one operation: it packs only if all fabric operands do
            step(2, mode, back_mode, n, n_wavelets(n, both), n_wavelets(n, both))
            check(f"{n} through modes {mode} and {back_mode}", "words", 0,
                  back_through(lambda v: v + 100, mode, back_mode, n, both, both))
            step(3, mode, back_mode, n, n_wavelets(n, packs(mode)), n_wavelets(n, packs(back_mode)))
            check(f"{n} through modes {mode} and {back_mode} and a FIFO", "words", 0,
                  back_through(lambda v: v, mode, back_mode, n, packs(mode), packs(back_mode)))
for n in (1, 2, 5):  # an index fills the upper half: nothing can be packed
    step(4, 0, 0, n, n, 0)
    check(f"{n} with an index", "words", 1, [int(v) | 0xabcd0000 for v in halves[:n]])
tile.finish()
