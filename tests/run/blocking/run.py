"""The order of tasks that are held back, each by another kind of block."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

runner = started(arguments().name)
trace = runner.get_id("trace")
runner.launch("run", nonblock=False)
got = np.zeros(8, dtype=np.uint32)
runner.memcpy_d2h(got, trace, 0, 0, 1, 1, 8, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                  data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
runner.stop()
np.testing.assert_array_equal(got, [1, 2, 3, 4, 5, 6, 0, 0])
print("SUCCESS!")
