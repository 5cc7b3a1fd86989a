"""Launches with a mask; where nothing is let through, results are those of IEEE arithmetic."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

args = arguments(mask={"type": lambda text: int(text, 0)})
runner = started(args.name)
values = runner.get_id("values")
runner.launch("run", np.uint16(args.mask), nonblock=False)
words = np.zeros(4, dtype=np.uint32)
runner.memcpy_d2h(words, values, 0, 0, 1, 1, 4, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                  data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
runner.stop()
got = words.astype(np.uint16).view(np.float16)
np.testing.assert_array_equal(got, np.array([2, 0, np.inf, np.inf], dtype=np.float16))
print("SUCCESS!")
