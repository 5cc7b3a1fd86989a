"""Arguments reach every tile with their value and sign; wrong ones are refused; launches and copies keep their order."""
import numpy as np
from host import arguments, started

runner = started(arguments().name)
seen, count = runner.get_id("seen"), runner.get_id("count")


def refused(name, *values):
    """The message with which a launch is refused."""
    try:
        runner.launch(name, *values, nonblock=False)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"{name}{values} was accepted")


runner.launch("small", np.int16(-2), np.uint16(65535), nonblock=False)
runner.launch("large", -3, 4000000000, nonblock=False)
runner.launch("real", 1.25, nonblock=False)
words = np.zeros(16, dtype=np.uint32)
runner.memcpy_d2h(words, seen, 0, 0, 2, 1, 8, nonblock=False)
for tile in words.reshape(2, 8):
    np.testing.assert_array_equal(tile[:4].view(np.int32), [-2, 65535, -3, -294967296])
    assert tile[4:5].view(np.float32)[0] == 2.5

assert "\"small\" takes 2 argument(s), 1 given" in refused("small", np.int16(1))
assert "argument 1: expected type u16, not int16" in refused("small", np.int16(1), np.int16(1))
assert "argument 0: expected type i16, not int" in refused("small", 1, np.uint16(1))
assert "argument 0: expected type f32, not int" in refused("real", 1)
assert "argument 0: expected type f32, not float (1e+300)" in refused("real", 1e300)
assert "argument 0 is of type bool, which launch cannot pass: use call" in refused("choose", True, np.uint16(9))
assert "cannot find exported function with name \"nobody\"" in refused("nobody")
assert "cannot find exported function" in refused("seen")

# Three launches between two copies: the second copy sees all of them.
start = np.array([10, 20], dtype=np.uint32)
runner.memcpy_h2d(count, start, 0, 0, 2, 1, 1, nonblock=True)
for _ in range(3):
    runner.launch("bump", nonblock=True)
runner.call("bump", [], nonblock=True)
result = np.zeros(2, dtype=np.uint32)
runner.memcpy_d2h(result, count, 0, 0, 2, 1, 1, nonblock=False)
np.testing.assert_array_equal(result, [14, 24])

# The older form: words of any type by their bits; before release 1.0 they stood in a third argument.
runner.call("small", [np.int16(-7), 0x1fff0], nonblock=False)
runner.call("large", np.array([5, -6], dtype=np.int32), False)
runner.call("choose", [1, 9], nonblock=False)
runner.call("real", [], [np.float32(0.5)], nonblock=False)
runner.memcpy_d2h(words, seen, 0, 0, 2, 1, 8, nonblock=False)
np.testing.assert_array_equal(words[8:12].view(np.int32), [-7, 0xfff0, 5, -6])
assert words[13] == 9
assert words[12:13].view(np.float32)[0] == 1.0
for wrong in ("ab", None, 5):
    try:
        runner.call("small", wrong)
        raise AssertionError(f"{wrong!r} was accepted")
    except TypeError as error:
        assert "words must be a list or an array" in str(error)
runner.stop()
print("SUCCESS!")
