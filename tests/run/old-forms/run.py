"""Launches twice and prints what the task that is bound by a color has done."""
import numpy as np
from host import arguments, started

runner = started(arguments().name)
runner.launch("step", nonblock=False)
runner.launch("step", nonblock=False)
result = np.zeros(2, dtype=np.uint32)
runner.memcpy_d2h(result, runner.get_id("result"), 0, 0, 1, 1, 2, nonblock=False)
runner.stop()
print(*result)
