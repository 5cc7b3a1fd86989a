"""A vector through a FIFO of 8 elements, reversed on the way out."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

N = 40
how = dict(streaming=False, order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
data = np.arange(N, dtype=np.int32) * 3 + 1

runner = started(arguments().name)
source, result = runner.get_id("source"), runner.get_id("result")
runner.memcpy_h2d(source, data, 0, 0, 1, 1, N, **how)
runner.launch("run", nonblock=False)
out = np.zeros(N, dtype=np.int32)
runner.memcpy_d2h(out, result, 0, 0, 1, 1, N, **how)
kept = np.zeros(1, dtype=np.int32)
runner.memcpy_d2h(kept, source, 0, 0, 1, 1, 1, **how)
runner.stop()
np.testing.assert_array_equal(out, data[::-1])
assert kept[0] == data[0], "the synchronous read of an empty FIFO must report that it stopped"
print("SUCCESS!")
