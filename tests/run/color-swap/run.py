"""Which colour two wavelets of 70 and one of 80 arrive on, against the rules of swapping for the side they come from."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, params, started

name = arguments().name
given = params(name)
sent = [[70, 70], [80]]


def arrivals(horizontal):
    """What each of the two colours receives: what came on it unless it is swapped away, and the other's if it swaps."""
    swaps = []
    for bits in (given["swaps"] & 3, given["swaps"] >> 2):
        x, y = bits & 1, bits >> 1
        swaps.append(bool(x and y) if given["at"] == 0 else bool(x if horizontal else y))  # at the sender: from the core
    if all(swaps):
        return sent[::-1]
    return [sent[i] + (sent[1 - i] if swaps[i] else []) for i in (0, 1)]


runner = started(name)
runner.launch("run", nonblock=False)
counts = np.zeros(16, np.uint32)
runner.memcpy_d2h(counts, runner.get_id("counts"), 0, 0, 2, 2, 4, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                  data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
runner.stop()
tiles = counts.reshape(2, 2, 4)
for where, got, horizontal in (("east", tiles[0, 1], True), ("south", tiles[1, 0], False)):
    for i, want in enumerate(arrivals(horizontal)):
        assert got[2 * i] == len(want) and got[2 * i + 1] in want, (where, i, got, want)
print("SUCCESS!")
