"""Launches the function given by --call, then reads y, which cannot work."""
import argparse

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
parser.add_argument("--call")
args = parser.parse_args()
runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch(args.call, nonblock=False)
y = np.zeros(8, dtype=np.float32)
runner.memcpy_d2h(y, runner.get_id("y"), 0, 0, 2, 1, 4, nonblock=False)
print("not reached")
