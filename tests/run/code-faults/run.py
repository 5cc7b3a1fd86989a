"""Calls one function: the run either ends well or with the message that case.json expects."""
import argparse

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
parser.add_argument("--call")
parser.add_argument("--with-value", type=int)
parser.add_argument("--result", type=int, help="what the function leaves in `result` if it ends well")
args = parser.parse_args()
runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch(args.call, np.int16(args.with_value), nonblock=False)
result = np.zeros(1, dtype=np.int32)
runner.memcpy_d2h(result, runner.get_id("result"), 0, 0, 1, 1, 1, nonblock=False)
runner.stop()
assert result[0] == args.result, result
print("SUCCESS!")
