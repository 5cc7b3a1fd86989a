"""The package and the library are those of the tree that started this script."""
import os
import sys

import _weft
from cerebras.sdk.runtime import sdkruntimepybind

tree = os.path.realpath(sys.argv[2]) + os.sep
for module in (_weft, sdkruntimepybind):
    assert os.path.realpath(module.__file__).startswith(tree), module.__file__
with open("/proc/self/maps", encoding="utf-8") as f:
    libraries = {line.split(maxsplit=5)[5].rstrip() for line in f if "libweft.so" in line}
assert libraries and all(path.startswith(tree) for path in libraries), libraries
program = _weft.Weft(sys.argv[1], sim_log="")
program.load()
program.run()
program.stop()
