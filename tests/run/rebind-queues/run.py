"""Three colours through one output and one input queue, with a filter on the second and then without."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

N, ROUNDS = 10, 3
how = dict(streaming=False, order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)

runner = started(arguments().name)
result = runner.get_id("result")
sent = 100 * np.arange(ROUNDS)[:, None] + np.arange(N)
for filtered in (True, False):
    runner.launch("run", nonblock=False)
    out = np.zeros(ROUNDS * N + 1, dtype=np.uint32)
    runner.memcpy_d2h(out, result, 1, 0, 1, 1, ROUNDS * N + 1, **how)
    expected = sent.copy()
    if filtered:
        expected[1] = np.append(sent[1, ::2], np.zeros(N // 2))
    np.testing.assert_array_equal(out[:-1].reshape(ROUNDS, N), expected)
    assert out[-1] == ROUNDS, "the queue is empty after each round"
runner.stop()
print("SUCCESS!")
