"""Runs a program of bench/programs under cs_python and prints its readings as JSON.

  cs_python bench/measure.py NAME [PARAMETER...]

Every program exports `stamps` (u16, some per tile) and the functions `start` and `run`. The output is one line: the readings by
row and column of tiles, the counters of the run, and the named timing parameters.
"""
import json
import sys

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

STAMPS = 2


def main():
    """One run."""
    runner = SdkRuntime(sys.argv[1])
    runner.load()
    runner.run()
    width, height = runner._weft.geometry()[:2]  # the program rectangle
    runner.launch("start", nonblock=False)
    runner.launch("run", nonblock=False)
    stamps = np.zeros(width * height * STAMPS, dtype=np.uint32)
    runner.memcpy_d2h(stamps, runner.get_id("stamps"), 0, 0, width, height, STAMPS, streaming=False,
                      order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
    runner.stop()
    print(json.dumps({
        "stamps": stamps.reshape(height, width, STAMPS).tolist(),
        "stats": runner.get_stats(),
        "timing": {name: runner.get_timing(name) for name in sys.argv[2:]}
    }))


main()
