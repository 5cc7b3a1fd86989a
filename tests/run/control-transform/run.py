"""Words after the relay: data keep 14 index bits, the control wavelet has its id XORed with the mask."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

runner = started(arguments().name)
out = runner.get_id("out")
runner.launch("run", nonblock=False)
got = np.zeros(8, dtype=np.uint32)
runner.memcpy_d2h(got, out, 0, 0, 1, 1, 8, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                  data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
runner.stop()
sent = np.array([0x00010011, 0x3FFF0022, 0xFFFF0033, 0x00000044, 0x12340055], dtype=np.uint32)
want = np.concatenate([sent & 0x3FFFFFFF, [(40 ^ 4) << 16 | 0x77, 0, 0]])
np.testing.assert_array_equal(got, want)
print("SUCCESS!")
