"""Every wrong use of the runtime is a clear error, and the runtime stays usable."""
import argparse
import importlib

import numpy as np
from cerebras.sdk.debug.debug_util import debug_util
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkLayout, SdkRuntime, SdkTarget, get_platform

parser = argparse.ArgumentParser()
parser.add_argument("--name")
args = parser.parse_args()


def message(kind, call, *values, **options):
    """The message of the error of type `kind` that a call raises."""
    try:
        call(*values, **options)
    except kind as error:
        return str(error)
    raise AssertionError(f"{call} was accepted")


for module, instead in {"cerebras.elf.cs_elf_runner": "SdkRuntime", "cerebras.sdk.client": "cslc",
                        "cerebras.appliance.pb.sdk.sdk_common_pb2": "sdkruntimepybind"}.items():
    assert instead in message(ImportError, importlib.import_module, module)
assert "cannot read" in message(RuntimeError, SdkRuntime, "no-such-folder")
assert "no system available" in message(RuntimeError, SdkRuntime, args.name, cmaddr="10.0.0.1:9000")
assert "does not exist yet" in message(RuntimeError, SdkLayout, None)
assert "has not loaded a program" in message(RuntimeError, debug_util(args.name).get_symbol, 4, 1, "x", np.uint32)
assert "platform must be what get_platform returns, not str" in message(TypeError, SdkRuntime, args.name, "simulator")
assert "config must be a SimfabConfig, not SdkTarget" in message(TypeError, get_platform, None, SdkTarget.WSE2)
assert "threads must be an integer, not str" in message(TypeError, SdkRuntime, args.name, simfab_numthreads="4")
runner = SdkRuntime(args.name)
arch = runner._weft.arch()
other = SdkTarget.WSE2 if arch == "wse3" else SdkTarget.WSE3
assert "use the correct compilation flag --arch=" in message(RuntimeError, SdkRuntime, args.name,
                                                             get_platform(None, None, other))
data = np.zeros(8, dtype=np.uint32)
words = runner.get_id("words")
assert "load() has not been called" in message(RuntimeError, runner.run)
assert "cannot call stop()" in message(RuntimeError, runner.stop)
assert "cannot dump core before load()" in message(RuntimeError, runner.dump_core, "core")
neighbour = SdkRuntime(args.name)
neighbour.load()
neighbour.run()
foreign = neighbour.memcpy_h2d(words, data, 0, 0, 1, 1, 8)
runner.load()
assert "must be running to accept memcpy commands" in message(RuntimeError, runner.memcpy_h2d, words, data, 0, 0, 1, 1, 8)
runner.run()
assert "cannot call run() multiple times" in message(RuntimeError, runner.run)
assert "cannot call load() multiple times" in message(RuntimeError, runner.load)

copy = runner.memcpy_h2d
assert "dest is None, as get_id returns it for 'wrods', a name" in message(TypeError, copy, runner.get_id("wrods"), data, 0, 0, 1, 1, 8)
assert "as get_id returns it for 'wrods', a name" in message(TypeError, runner.memcpy_d2h, data, runner.get_id("wrods"), 0, 0, 1, 1, 8)
assert message(TypeError, copy, "words", data, 0, 0, 1, 1, 8) == "dest must be an integer, not str"
assert "wrong array size" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 7)
assert "must be inside the core rectangle" in message(RuntimeError, copy, words, data, 4, 0, 1, 1, 8)
assert "illegal order option" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8, order=5)
assert "illegal data type option" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8, data_type="wide")
assert "must be positive" in message(RuntimeError, runner.memcpy_h2d_stride, words, data, 0, 0, 2, 1, 8, 0, 1)
assert "must be positive" in message(RuntimeError, runner.memcpy_h2d_stride, words, data, 0, 0, 2, 1, 8, 1, -2)
assert "1 tile(s) with 8 element(s)" in message(RuntimeError, runner.memcpy_h2d_stride, words, data[:7], 0, 0, 2, 1, 8, 2, 1)
assert "strides need copy mode" in message(RuntimeError, runner.memcpy_h2d_stride, words, data, 0, 0, 2, 1, 8, 2, 1, streaming=True)
assert "a broadcast needs copy mode" in message(RuntimeError, runner.memcpy_h2d_rowbcast, words, data, 0, 0, 2, 1, 8, streaming=True)
assert "1 tile(s) with 8 element(s)" in message(RuntimeError, runner.memcpy_h2d_rowbcast, words, data[:7], 0, 0, 2, 1, 8)
assert "unknown color 3" in message(RuntimeError, copy, 3, data, 0, 0, 1, 1, 8, streaming=True)
assert "is not the id of an exported symbol" in message(RuntimeError, copy, 99, data, 0, 0, 1, 1, 8)
assert "elements of 8 bytes" in message(ValueError, copy, words, np.zeros(8), 0, 0, 1, 1, 8)
assert "must be C-contiguous" in message(ValueError, copy, words, np.zeros(16, np.uint32)[::2], 0, 0, 1, 1, 8)
assert "type <U1, float32" in message(ValueError, copy, words, np.array(["a"] * 8), 0, 0, 1, 1, 8)
assert "type >u4, float32" in message(ValueError, copy, words, np.zeros(8, ">u4"), 0, 0, 1, 1, 8)
assert "a MemcpyOrder is needed" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8, order=MemcpyDataType.MEMCPY_16BIT)
assert "a MemcpyDataType is needed" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8, data_type=MemcpyOrder.COL_MAJOR)
for option in (True, "1", 1.0, None, 2**40):
    assert "a MemcpyOrder is needed" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8, order=option)
assert "not 2147483648" in message(ValueError, copy, 2**31, data, 0, 0, 1, 1, 8)
assert "memcpy_h2d() got an unexpected" in message(TypeError, copy, words, data, 0, 0, 1, 1, 8, nonblocking=True)
assert "2 x 1 tiles from (3, 0) on are not, it has 4 x 3" in message(RuntimeError, copy, words, data, 3, 0, 2, 1, 4)
assert "a pair (x, y), not 3" in message(TypeError, runner.coord_logical_to_physical, 3)
assert "must be a numpy array" in message(TypeError, copy, words, [1, 2], 0, 0, 1, 1, 2)
assert "must be an integer" in message(TypeError, copy, words, data, 0.5, 0, 1, 1, 8)
assert "between 0 and" in message(ValueError, copy, words, data, -1, 0, 1, 1, 8)
fixed = np.zeros(8, dtype=np.uint32)
fixed.flags.writeable = False
assert "dest is read-only" in message(ValueError, runner.memcpy_d2h, fixed, words, 0, 0, 1, 1, 8)
copy(words, fixed, 0, 0, 1, 1, 8)  # as a source it is good
assert "task must be what an operation returned, not int" in message(TypeError, runner.task_wait, 1)
assert "not NoneType" in message(TypeError, runner.is_task_done, None)
assert "belongs to another SdkRuntime" in message(RuntimeError, runner.task_wait, foreign)
neighbour.task_wait(foreign)
neighbour.stop()
assert "words has 32 bytes, no multiple of the 12 of dtype" in message(ValueError, runner.read_symbol, 0, 0, "words", "u4, u8")
assert "cannot be read as dtype <U0" in message(ValueError, runner.read_symbol, 0, 0, "words", "U")
assert "no port named" in message(RuntimeError, runner.send, "port", data, nonblock=False)
assert "no port named" in message(RuntimeError, runner.receive_tofile, "port", "file", 4, nonblock=False)
assert "use launch(" in message(RuntimeError, runner.memcpy_launch, "f", [])
assert runner.get_port_id("port") is None
assert "dump_core writes the memory" in message(RuntimeError, runner.dump_elf_core, "core.elf")
assert "os.PathLike object, not NoneType" in message(TypeError, runner.dump_core, None)
assert "no variable named" in message(RuntimeError, runner.read_symbol, 0, 0, "nobody")
assert "has no program" in message(RuntimeError, runner.read_symbol, 9, 0, "words")

# None of this has hurt the run.
copy(words, np.arange(8, dtype=np.uint32), 3, 2, 1, 1, 8, order=MemcpyOrder.ROW_MAJOR)
debugger = debug_util(args.name)
np.testing.assert_array_equal(debugger.get_symbol(4 + 3, 1 + 2, "words", "uint32"), np.arange(8))
assert debugger.get_symbol_rect(((4, 1), (4, 3)), "words", np.uint32).shape == (4, 3, 8)
assert "32 bytes, no multiple of the 12" in message(ValueError, debugger.get_symbol, 4, 1, "words", "u4, u8")
assert "tile (4, 1) has no variable named" in message(RuntimeError, debugger.get_symbol, 4, 1, "nobody", "uint32")
assert "0 x 2 tiles has no tile" in message(ValueError, debugger.get_symbol_rect, ((4, 1), (0, 2)), "words", "uint32")
assert "is outside the program" in message(RuntimeError, debugger.get_symbol, 3, 1, "words", "uint32")
assert "no <debug> instance with the key .trace." in message(RuntimeError, debugger.read_trace, 4, 1, "trace").replace("'", ".")
runner.stop()
assert "cannot call stop() multiple times" in message(RuntimeError, runner.stop)
assert "must be running" in message(RuntimeError, copy, words, data, 0, 0, 1, 1, 8)
np.testing.assert_array_equal(runner.read_symbol(3, 2, "words", "uint32"), np.arange(8))
runner.dump_core("core")
with open("core_0", "rb") as f:
    assert f.read(8) == b"WEFTSNAP"
print("SUCCESS!")
