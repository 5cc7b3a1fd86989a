"""Runs a generated program and prints what can be seen of the run: memory, counters of the run and of every tile, as JSON."""
import json
import sys

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime


def main():
    """host.py FOLDER WIDTH HEIGHT WORDS"""
    folder = sys.argv[1]
    width, height, words = (int(v) for v in sys.argv[2:5])
    runner = SdkRuntime(folder)
    runner.load()
    runner.run()
    runner.launch("run", nonblock=False)
    memory = np.zeros(width * height * words, dtype=np.float32)
    runner.memcpy_d2h(memory, runner.get_id("memory"), 0, 0, width, height, words, streaming=False,
                      order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
    runner.stop()
    stats = runner.get_stats()
    stats.pop("wall_seconds")
    print(json.dumps({"memory": memory.reshape(width * height, words).tolist(), "stats": stats,
                      "tiles": [runner.get_tile_stats(x, y) for y in range(height) for x in range(width)]}))


main()
