"""Two runs of one program in one process: each has its own memory, both write whole lines to one log."""
import os
import re

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime, SdkTarget, SimfabConfig, get_platform
from host import arguments

name = arguments().name
first, second = SdkRuntime(name), SdkRuntime(name)
arch = SdkTarget.WSE2 if first._weft.arch() == "wse2" else SdkTarget.WSE3


def counter(runner):
    return runner.read_symbol(0, 0, "counter", "uint16")[0]


first.load()
assert counter(first) == 100, "load() places the data"
second.load()
first.run()
second.run()
for k in range(1, 4):
    first.launch("count", np.uint16(k), nonblock=False)
    second.launch("count", np.uint16(10 * k), nonblock=False)
assert (counter(first), counter(second)) == (106, 160)
first.stop()
second.stop()
assert (counter(first), counter(second)) == (106, 160)
with open("sim.log", encoding="utf-8") as f:
    lines = f.read().splitlines()
printed = [int(m[1]) for m in (re.fullmatch(r"@\d+ counter (\d+)", line) for line in lines) if m]
assert printed == [101, 110, 103, 130, 106, 160], lines
assert len(lines) == 8 and all("end of run" in line for line in lines[6:]), lines

# The next run begins the log anew, and leaves its memory behind if it is asked to.
third = SdkRuntime(name, get_platform(None, SimfabConfig(dump_core=True, core_path="last.core"), arch))
third.load()
third.run()
third.stop()
with open("sim.log", encoding="utf-8") as f:
    assert len(f.read().splitlines()) == 1
with open("last.core", "rb") as f:
    assert f.read(8) == b"WEFTSNAP"
assert not os.path.exists("out.core")
print("SUCCESS!")
