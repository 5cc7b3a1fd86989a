"""A copy right behind a launch sees what the launch caused shortly after it had unblocked the stream."""
import numpy as np
from host import arguments, started

runner = started(arguments().name)
runner.launch("step", np.uint32(77), nonblock=False)
result = np.zeros(1, dtype=np.uint32)
runner.memcpy_d2h(result, runner.get_id("result"), 1, 0, 1, 1, 1, nonblock=False)
runner.stop()
print(result[0])
