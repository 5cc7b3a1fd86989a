"""Launches twice and prints what the task that is bound by a color has done."""
import argparse

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
runner = SdkRuntime(parser.parse_args().name)
runner.load()
runner.run()
runner.launch("step", nonblock=False)
runner.launch("step", nonblock=False)
result = np.zeros(2, dtype=np.uint32)
runner.memcpy_d2h(result, runner.get_id("result"), 0, 0, 1, 1, 2, nonblock=False)
runner.stop()
print(*result)
