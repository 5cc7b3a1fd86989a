"""Waits for a launch that cannot complete."""
import argparse

from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
args = parser.parse_args()
runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch("run", nonblock=False)
runner.launch("run", nonblock=False)
print("not reached")
