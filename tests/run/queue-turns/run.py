"""Twelve colours arrive on a tile with eight input queues; two colours take turns on one queue."""
import numpy as np
from host import arguments, started

runner = started(arguments().name)
data = runner.get_id("data")
sent = np.arange(1, 37, dtype=np.uint32) * 0x01010101
got = np.zeros(36, dtype=np.uint32)
runner.memcpy_h2d(data, sent, 0, 0, 1, 1, 36, nonblock=False)
runner.launch("unnamed", nonblock=False)
runner.memcpy_d2h(got, data, 1, 0, 1, 1, 36, nonblock=False)
np.testing.assert_array_equal(got, sent)

again = sent[::-1].copy()
runner.memcpy_h2d(data, again, 0, 0, 1, 1, 36, nonblock=False)
for _ in range(2):
    runner.launch("named", nonblock=False)
runner.memcpy_d2h(got, data, 1, 0, 1, 1, 36, nonblock=False)
np.testing.assert_array_equal(got, np.concatenate([sent[:30], again[30:]]))
runner.stop()
print("SUCCESS!")
