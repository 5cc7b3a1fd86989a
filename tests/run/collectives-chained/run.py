"""Many rounds in a row: every tile has done all of them on both axes, and nothing was wrong."""
import argparse
import json

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name")
args = parser.parse_args()
with open(f"{args.name}/out.json", encoding="utf-8") as file:
    params = json.load(file)["params"]
width, height, rounds = int(params["width"]), int(params["height"]), 120
runner = SdkRuntime(args.name)
runner.load()
runner.run()
runner.launch("run", np.uint16(rounds), nonblock=False)
seen = np.zeros((height, width, 4), dtype=np.uint32)
runner.memcpy_d2h(seen, runner.get_id("seen"), 0, 0, width, height, 4, nonblock=False)
np.testing.assert_array_equal(seen.reshape(-1, 4), [[rounds, 0, rounds, 0]] * (width * height))
runner.stop()
print("SUCCESS!")
