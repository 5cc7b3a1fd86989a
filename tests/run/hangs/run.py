"""Launches the function given by --call, then reads y, which cannot work."""
import numpy as np
from host import arguments, started

args = arguments(call={})
runner = started(args.name)
runner.launch(args.call, nonblock=False)
y = np.zeros(8, dtype=np.float32)
runner.memcpy_d2h(y, runner.get_id("y"), 0, 0, 2, 1, 4, nonblock=False)
print("not reached")
