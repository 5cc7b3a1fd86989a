"""What debug_util reads is what the tiles have recorded, by type and in order."""
import numpy as np
from cerebras.sdk.debug.debug_util import debug_util
from host import arguments, started

args = arguments(half={"default": "0.333251953125", "help": "0.33333334 in the program's 16-bit format"})
before = debug_util(args.name)
runner = started(args.name)
BITS, REAL = 0xfedcba98, np.float32(1 / 3)
runner.launch("overflow", nonblock=False)
runner.launch("typed", np.uint32(BITS), REAL, nonblock=False)
early = before.read_trace(4, 1, "values")
runner.launch("generic", np.int32(-5), np.float32("inf"), nonblock=False)
runner.launch("stamps", np.uint16(0), nonblock=False)
runner.launch("stamps", np.uint16(1), nonblock=False)
runner.launch("raw", nonblock=False)
runner.stop()

traces = debug_util(args.name)
for column in range(2):
    typed = ["first", True, False, 0x98, -100, 0xba98, -12345 - column, BITS, BITS - (1 << 32), BITS << 32 | BITS, -3 * BITS,
             float(REAL), float(args.half), "first", ""]
    generic = ["generic", False, 7, -7, 65535, -32768, 4294967295, -5, 2**64 - 1, 1 - 2**63, float("inf"), 0.5]
    values = traces.read_trace(4 + column, 1, "values")
    assert values == typed + generic, values
    assert [type(v) for v in values] == [type(v) for v in typed + generic]
    if column == 0:
        assert early == typed, "a trace can be read between launches"
    assert traces.read_trace(4 + column, 1, "small") == [1, 2]
    first, second, _, own, after, u16, u32 = traces.read_trace(4 + column, 1, "clock")
    assert 0 <= first < second < 500, "the first time stamp starts the counter"
    assert 100 < own < after < 20000, "a counter that the program has started goes on"
    assert (u16, u32) == (515, 70000)


def message(*place):
    """The error that read_trace gives."""
    try:
        traces.read_trace(*place)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"read_trace{place} found something")


assert "tile (4, 1) has no <debug> instance with the key 'nobody'" in message(4, 1, "nobody")
assert "tile (0, 0) is outside the program, which covers columns 4 to 5" in message(0, 0, "values")
print("SUCCESS!")
