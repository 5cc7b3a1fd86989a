"""Wavelets 1, 2, 4 … to a data task, which may rotate with another, then control wavelets with arguments."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

args = arguments(rotates={"type": int})

runner = started(args.name)
out = runner.get_id("out")
runner.launch("run", nonblock=False)
got = np.zeros(16, dtype=np.uint32)
runner.memcpy_d2h(got, out, 0, 0, 1, 1, 16, streaming=False, order=MemcpyOrder.ROW_MAJOR,
                  data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
runner.stop()

numbers = 1 << np.arange(7)
# one start is counted at first: the second wavelet goes to the alternate, then every third
turns = np.arange(7) % 3 == 1 if args.rotates else np.zeros(7, dtype=bool)
want = np.zeros(16, dtype=np.uint32)
want[0], want[1] = numbers[~turns].sum(), numbers[turns].sum()
want[2] = 1234
want[3], want[4] = 4321, 1 if args.rotates else 41
want[5] = numbers[5]
want[6] = 5 + 8
np.testing.assert_array_equal(got, want)
print("SUCCESS!")
