"""Runs a generated program in several ways and prints what can be seen of each run as JSON, a line per run.

  host.py FOLDER WIDTH HEIGHT WORDS TYPE VARIANTS

TYPE is that of the words, f32 or u32; VARIANTS is a JSON list of objects: environment variables of one run.
"""
import json
import os
import sys

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime


def run(folder, width, height, words, dtype):
    """Memory, counters of the run and of every tile, and the log."""
    runner = SdkRuntime(folder)
    runner.load()
    runner.run()
    runner.launch("run", nonblock=False)
    memory = np.zeros(width * height * words, dtype=dtype)
    runner.memcpy_d2h(memory, runner.get_id("memory"), 0, 0, width, height, words, streaming=False,
                      order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
    runner.stop()
    stats = runner.get_stats()
    stats.pop("wall_seconds")
    with open("sim.log", encoding="utf-8") as f:
        log = f.read()
    return {"memory": memory.reshape(width * height, words).tolist(), "stats": stats, "log": log,
            "tiles": [runner.get_tile_stats(x, y) for y in range(height) for x in range(width)]}


def main():
    """All variants, one after the other."""
    dtype = np.float32 if sys.argv[5] == "f32" else np.uint32
    for variant in json.loads(sys.argv[6]):
        os.environ.update(variant)
        try:
            print(json.dumps(run(sys.argv[1], *(int(v) for v in sys.argv[2:5]), dtype)), flush=True)
        except RuntimeError as e:
            sys.exit(f"{variant or 'plain run'}: {e}")
        for name in variant:
            del os.environ[name]


main()
