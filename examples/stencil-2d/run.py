#!/usr/bin/env cs_python
"""Jacobi iterations with the 5-point stencil on a grid of tiles, compared with NumPy bit by bit."""
import argparse
import json

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out", help="folder made by cslc")
parser.add_argument("--iterations", type=int, default=10)
args = parser.parse_args()
with open(f"{args.name}/out.json", encoding="utf-8") as f:
    params = {name: int(value) for name, value in json.load(f)["params"].items()}
width, height, nx, ny = (params[name] for name in ("width", "height", "nx", "ny"))


def blocks(grid):
    """Every tile's block with its halo, in row-major order of the tiles."""
    return np.array([[grid[j * ny:(j + 1) * ny + 2, i * nx:(i + 1) * nx + 2] for i in range(width)]
                     for j in range(height)]).ravel()


def jacobi(grid):
    """One iteration; the border stays. The sum in the order west, east, north, south."""
    new = grid.copy()
    mean = ((grid[1:-1, :-2] + grid[1:-1, 2:]) + grid[:-2, 1:-1]) + grid[2:, 1:-1]
    new[1:-1, 1:-1] = mean * np.float32(0.25)
    return new


rng = np.random.default_rng(1)
start = rng.standard_normal((height * ny + 2, width * nx + 2), dtype=np.float32)
size = (ny + 2) * (nx + 2)
options = {
    "streaming": False,
    "order": MemcpyOrder.ROW_MAJOR,
    "data_type": MemcpyDataType.MEMCPY_32BIT,
    "nonblock": False
}

runner = SdkRuntime(args.name)
runner.load()
runner.run()
u = runner.get_id("u")
runner.memcpy_h2d(u, blocks(start), 0, 0, width, height, size, **options)
runner.launch("jacobi", np.uint16(args.iterations), nonblock=False)
flat = np.zeros(width * height * size, dtype=np.float32)
runner.memcpy_d2h(flat, u, 0, 0, width, height, size, **options)
runner.stop()

result = flat.reshape(height, width, ny + 2, nx + 2)[:, :, 1:-1, 1:-1]
result = result.transpose(0, 2, 1, 3).reshape(height * ny, width * nx)
expected = start
for _ in range(args.iterations):
    expected = jacobi(expected)
np.testing.assert_array_equal(result, expected[1:-1, 1:-1])
print(f"{args.iterations} iterations on {width * nx} x {height * ny} cells, {width} x {height} tiles: "
      f"{runner.get_stats()['cycles']} cycles")
print("SUCCESS!")
