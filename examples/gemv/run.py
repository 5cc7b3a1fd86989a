#!/usr/bin/env cs_python
"""y = A x on a grid of tiles, compared with NumPy."""
import argparse
import json

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out", help="folder made by cslc")
args = parser.parse_args()
with open(f"{args.name}/out.json", encoding="utf-8") as f:
    params = {name: int(value) for name, value in json.load(f)["params"].items()}
width, height, rows, cols = (params[name] for name in ("width", "height", "rows", "cols"))

rng = np.random.default_rng(1)
A = rng.standard_normal((height * rows, width * cols), dtype=np.float32)
x = rng.standard_normal(width * cols, dtype=np.float32)

runner = SdkRuntime(args.name)
runner.load()
runner.run()
options = {
    "streaming": False,
    "order": MemcpyOrder.ROW_MAJOR,
    "data_type": MemcpyDataType.MEMCPY_32BIT,
    "nonblock": False
}
# Block (i, j) of A column by column, the blocks in row-major order of the tiles.
blocks = A.reshape(height, rows, width, cols).transpose(0, 2, 3, 1).ravel()
runner.memcpy_h2d(runner.get_id("A"), blocks, 0, 0, width, height, rows * cols, **options)
runner.memcpy_h2d_colbcast(runner.get_id("x"), x, 0, 0, width, height, cols, **options)
runner.launch("multiply", nonblock=False)
y = np.zeros(height * rows, dtype=np.float32)
runner.memcpy_d2h(y, runner.get_id("y"), width - 1, 0, 1, height, rows, **options)
runner.stop()

np.testing.assert_allclose(y, A @ x, rtol=1e-4, atol=1e-4)
print(f"gemv {height * rows} x {width * cols} on {width} x {height} tiles: {runner.get_stats()['cycles']} cycles")
print("SUCCESS!")
