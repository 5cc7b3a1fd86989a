"""A colour whose routes are turned round while the program runs, twice."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

N = 6
how = dict(streaming=False, order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)

runner = started(arguments().name)
source, result = runner.get_id("source"), runner.get_id("result")
for start in (1, 100):
    data = np.arange(start, start + N, dtype=np.uint32)
    runner.memcpy_h2d(source, data, 0, 0, 1, 1, N, **how)
    runner.launch("run", nonblock=False)
    out = np.zeros(N + 1, dtype=np.uint32)
    runner.memcpy_d2h(out, result, 0, 0, 1, 1, N + 1, **how)
    np.testing.assert_array_equal(out, np.append(2 * data, 7777))
runner.stop()
print("SUCCESS!")
