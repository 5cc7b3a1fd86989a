"""Checkpoints whose checksum is right and whose content is not: an error or a run that ends somehow, never a crash.
--seed and --count try more than the test does."""
import argparse
import os
import random
import struct

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

FRONT, HEADER, MASK = 32, 40, 2**64 - 1


def add_up(total, data):
    """The checksum of emulator/checkpoint.c, written anew."""
    data += bytes(-len(data) % 8)
    for (word,) in struct.iter_unpack("<Q", data):
        total = ((total ^ word) * 0x100000001b3) & MASK
        total ^= total >> 29
    return total


def sections(state, start):
    """(kind, size of an element, offset and length of the data) of every section."""
    at = start + HEADER
    while at + 16 <= len(state) - 8:
        kind, size, count = struct.unpack_from("<IIQ", state, at)
        yield kind, size, at + 16, size * count
        at += 16 + size * count


def sign(state, start):
    """The state with a checksum that fits."""
    total = add_up(0, bytes(state[start:start + HEADER]))
    for _, _, at, n in sections(state, start):
        total = add_up(total, bytes(state[at - 16:at]))
        total = add_up(total, bytes(state[at:at + n]))
    state[-8:] = struct.pack("<Q", total)


def make_state(name):
    """A checkpoint in the middle of everything; where the emulator's part begins."""
    runner = SdkRuntime(name)
    runner.load()
    runner.run()
    place = {"data_type": MemcpyDataType.MEMCPY_32BIT, "order": MemcpyOrder.ROW_MAJOR, "nonblock": True}
    words, back, data = (np.zeros(n, dtype=np.uint32) for n in (36, 36, 96))
    runner.launch("rounds", np.uint16(3), nonblock=True)
    runner.memcpy_h2d(6, words, 0, 0, 4, 1, 9, streaming=True, **place)
    runner.memcpy_d2h(back, 7, 0, 0, 4, 1, 9, streaming=True, **place)
    runner.memcpy_d2h(data, runner.get_id("data"), 0, 0, 4, 1, 24, streaming=False, **place)
    runner.advance(60)
    runner.checkpoint("state")
    with open("state", "rb") as f:
        state = bytearray(f.read())
    return state, FRONT + 4 * struct.unpack_from("<I", state, 12)[0]


def spoil(rng, state, start):
    """Changes a few bytes of one section."""
    _, size, at, n = rng.choice([s for s in sections(state, start) if s[3]])
    element = at + size * rng.randrange(n // size)
    for _ in range(rng.randint(1, 3)):
        where = element + rng.randrange(size)
        state[where] = rng.choice([0, 1, 0xff, 0x80, state[where] ^ 1 << rng.randrange(8), rng.randrange(256)])


def attempt(name, path):
    """What came of a state: refused, failed, or ended."""
    runner = SdkRuntime(name, max_cycles=20000)
    try:
        runner.resume(path)
    except RuntimeError as e:
        assert "cannot use" in str(e), e
        return "refused"
    try:
        runner.stop()
    except RuntimeError:
        runner.waits()
        return "failed"
    return "ended"


def main():
    """Spoils states and tries them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    args = parser.parse_args()
    good, start = make_state(os.path.abspath(args.name))
    resigned = bytearray(good)
    sign(resigned, start)
    assert resigned == good, "the checksum of this test is not that of the emulator"
    seen = set()
    for number in range(args.count):
        rng, state = random.Random(args.seed * 1000003 + number), bytearray(good)
        spoil(rng, state, start)
        sign(state, start)
        with open("spoiled", "wb") as f:
            f.write(state)
        seen.add(attempt(os.path.abspath(args.name), "spoiled"))
    print(*sorted(seen))


main()
