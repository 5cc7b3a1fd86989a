"""Registers as the library leaves them, in the order in which the program notes them."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

args = arguments(arch={})
wse3 = args.arch == "wse3"
WEST, EAST, SOUTH, NORTH, RAMP = range(5)


def routes(rx, tx):
    """Colour register: transmit bits from 0, receive bits from 5."""
    return sum(1 << d for d in tx) | sum(1 << (5 + d) for d in rx)


def expected(column):
    """What the tile of this column notes."""
    words = [routes([WEST], [EAST, RAMP]), routes([RAMP], [EAST, NORTH])]
    # pop mode, then three positions, ring and current position
    words += [2, 0]
    packed = 0 if wse3 else SOUTH | (EAST | 8) << 4 | RAMP << 8
    words += [packed | 1 << 12 | 2 << 13, packed]
    if wse3:
        words += [routes([], [SOUTH]), routes([NORTH], [WEST])]
    # no position is valid: no direction, or the packed number 5 three times
    words += [0] * 3 if wse3 else [5 | 5 << 4 | 5 << 8]
    # filter 1 although colour 2 has none on the second tile; limit 7, max 2, counter 5 as half-wavelets
    words += [1]
    if wse3:
        words += [2 * 3, 2 * 5, 2 * 2, 1, 100000 >> 16, 6, 0]
    # priorities: above all; task 20; only id 3
    words += [3, 1 << (20 - 16), 0, 1 << 3]
    # masks: all but software, all but software and counter 0, six bits
    words += [0xffff & ~(1 << 2), 0xffff & ~(1 << 2) & ~1, 0x3f]
    return words + [1, 1, 1] + [29, 1, 0] + [column, 0]


runner = started(args.name)
out = runner.get_id("out")
runner.launch("run", nonblock=False)
for column in range(2):
    want = expected(column)
    got = np.zeros(48, dtype=np.uint32)
    runner.memcpy_d2h(got, out, column, 0, 1, 1, 48, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                      data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
    np.testing.assert_array_equal(got, np.append(want, np.zeros(48 - len(want))))
runner.stop()
print("SUCCESS!")
