"""Words stream to the tiles and come back with one added, in the order of each tile, whatever the host waits for."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyOrder
from host import arguments, params, started

args = arguments()
given = params(args.name)
up, down = given["up_id"], given["down_id"]
W, H, L = 3, 2, 200
runner = started(args.name)

# More words than all queues together hold: the host must feed and drain at the same time.
data = np.arange(W * H * L, dtype=np.uint32) * 3
back = np.zeros(W * H * L, dtype=np.uint32)
runner.memcpy_h2d(up, data, 0, 0, W, H, L, streaming=True, order=MemcpyOrder.ROW_MAJOR, nonblock=True)
runner.memcpy_d2h(back, down, 0, 0, W, H, L, streaming=True, order=MemcpyOrder.COL_MAJOR, nonblock=False)
np.testing.assert_array_equal(back.reshape(L, W, H).transpose(2, 1, 0).ravel(), data + 1)

# Two requests in a row, taken back one after the other, then a part of the rectangle.
first, second = np.full(W * H, 10, dtype=np.uint32), np.full(W * H, 20, dtype=np.uint32)
runner.memcpy_h2d(up, first, 0, 0, W, H, 1, streaming=True, nonblock=True)
runner.memcpy_h2d(up, second, 0, 0, W, H, 1, streaming=True, nonblock=True)
runner.memcpy_d2h(back[:W * H], down, 0, 0, W, H, 1, streaming=True, nonblock=False)
runner.memcpy_d2h(back[W * H:2 * W * H], down, 0, 0, W, H, 1, streaming=True, nonblock=False)
np.testing.assert_array_equal(back[:2 * W * H], np.repeat([11, 21], W * H))
one = np.array([7], dtype=np.uint32)
runner.memcpy_h2d(up, one, 2, 1, 1, 1, 1, streaming=True, nonblock=False)
runner.memcpy_d2h(one, down, 2, 1, 1, 1, 1, streaming=True, nonblock=False)
assert one[0] == 8
total = np.zeros(W * H, dtype=np.uint32)
runner.memcpy_d2h(total, runner.get_id("total"), 0, 0, W, H, 1, nonblock=False)
np.testing.assert_array_equal(total, [L + 2] * 5 + [L + 3])
runner.stop()
print("SUCCESS!")
