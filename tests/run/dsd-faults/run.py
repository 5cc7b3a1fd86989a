"""Calls one function: the run either ends well or with the message that case.json expects."""
import argparse

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
parser.add_argument("--call")
parser.add_argument("--with-value", type=int)
args = parser.parse_args()
runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch(args.call, *([np.int16(args.with_value)] if args.with_value is not None else []), nonblock=False)
runner.stop()
print("SUCCESS!")
