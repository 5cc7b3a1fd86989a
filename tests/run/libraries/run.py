"""What the smaller library modules compute, against Python."""
import numpy as np
from cerebras.sdk.sdk_utils import make_u48
from host import arguments, started

runner = started(arguments().name)
out = runner.get_id("out")


def call(name, *values):
    """The words that both tiles have written."""
    runner.launch(name, *values, nonblock=False)
    words = np.zeros(128, dtype=np.uint32)
    runner.memcpy_d2h(words, out, 0, 0, 2, 1, 64, nonblock=False)
    return words.reshape(2, 64)


def payload(opcodes, ignores, entry):
    """A control wavelet by its bit positions, written down independently of the library."""
    word = entry << 16
    for k, (opcode, ignore) in enumerate(zip(opcodes, ignores)):
        word |= opcode << (22, 25, 28, 1, 4, 7, 10, 13)[k] | ignore << (24, 27, 0, 3, 6, 9, 12, 15)[k]
    return word


for x, tile in enumerate(call("controls")):
    assert tile[0] == 40 << 16
    assert tile[1] == payload([1], [1], 31)
    assert tile[2] == (40 << 16 | 7 + x)
    assert tile[3] == payload([1, 2, 3], [1, 0, 1], 40)
    assert tile[4] == 0x09df9249
    assert tile[5] == payload([1, 1, 0, 0, 0, 0, 0, 0], [1] * 8, 31)
    assert tile[6] == payload([1, 0, 0, 0, 0, 0, 0, 0], [1] * 8, 31)
    assert tile[7] == payload([3] * 8, [1] * 8, 31)

for tile in call("stamps"):
    first, second, span = make_u48(tile[0:3]), make_u48(tile[3:6]), make_u48(tile[6:9])
    assert 0 <= first < 100, "the counter starts at zero"
    assert 100 < span < second - first < 20000
    assert tile[10] == 1, "a stopped counter stays"
    assert tile[11] == 0, "a reset counter is zero"

draws = call("randoms", 12345)
again = call("randoms", 12345)
other = call("randoms", 54321)
np.testing.assert_array_equal(draws, again)
np.testing.assert_array_equal(draws[0], draws[1])
assert (draws != other).any()
uniform, small, normal = draws[0, :16].view(np.float32), draws[0, 16:32], draws[0, 32:48].view(np.float32)
half = draws[0, 48:].astype(np.uint16).view(np.float16)
assert ((uniform >= -2) & (uniform < 3)).all() and np.ptp(uniform) > 2
assert (small < 32).all() and np.unique(small).size > 4
assert np.isfinite(normal).all() and abs(normal.mean()) < 1.2 and normal.std() > 0.3
assert ((half >= 1) & (half < 2)).all()

np.testing.assert_array_equal(call("complexes")[1, :6].view(np.float32), [4, -2, -2, 6, 11, 2])
np.testing.assert_array_equal(call("buffers")[0, :6], [5, 123456, 1, 0, 1, 1])
a, b = np.array([1, 2, 3, 4]), np.array([10, 20, 30, -40])
np.testing.assert_array_equal(call("vectors")[0, :24].view(np.float32),
                              np.concatenate([a + b, a - b, a * b, a + 2 * b, np.maximum(a, b), -b]))
runner.launch("prints", nonblock=False)
runner.stop()
print("SUCCESS!")
