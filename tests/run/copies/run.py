"""Round trips: both orders, both widths, parts of the rectangle, broadcasts, no element at all."""
import numpy as np
from cerebras.geometry.geometry import IntVector
from cerebras.sdk import sdk_utils
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime
from host import arguments

W, H, L = 4, 3, 8
ROW, COL = MemcpyOrder.ROW_MAJOR, MemcpyOrder.COL_MAJOR
W32, W16 = MemcpyDataType.MEMCPY_32BIT, MemcpyDataType.MEMCPY_16BIT

runner = SdkRuntime(arguments().name)
words, halves = runner.get_id("words"), runner.get_id("halves")
assert words is not None and halves is not None and words != halves
assert runner.get_id("nobody") is None
assert runner.coord_logical_to_physical(IntVector(1, 2)) == runner.coord_logical_to_physical((1, 2)) == (5, 3)
runner.load()
runner.run()


def read(symbol, order=ROW, data_type=W32, x=0, y=0, w=W, h=H, n=L):
    """Elements of a region as a flat array."""
    out = np.full(w * h * n, 0xdeadbeef, dtype=np.uint32)
    runner.memcpy_d2h(out, symbol, x, y, w, h, n, streaming=False, order=order, data_type=data_type, nonblock=False)
    return out


def write(symbol, data, order=ROW, data_type=W32, x=0, y=0, w=W, h=H, n=L):
    """Elements of a region from an array."""
    runner.memcpy_h2d(symbol, data, x, y, w, h, n, streaming=False, order=order, data_type=data_type, nonblock=False)


# Row-major out, column-major back, and the other way round.
data = np.arange(W * H * L, dtype=np.uint32) * 0x01000193
write(words, data)
np.testing.assert_array_equal(read(words), data)
np.testing.assert_array_equal(read(words, COL), data.reshape(H, W, L).transpose(2, 1, 0).ravel())
write(words, data, COL)
np.testing.assert_array_equal(read(words), data.reshape(L, W, H).transpose(2, 1, 0).ravel())

# A part of the rectangle; the rest stays.
write(words, data)
part = np.arange(2 * 2 * 3, dtype=np.uint32) + 7
write(words, part, x=1, y=1, w=2, h=2, n=3)
expected = data.reshape(H, W, L).copy()
expected[1:3, 1:3, :3] = part.reshape(2, 2, 3)
np.testing.assert_array_equal(read(words), expected.ravel())
np.testing.assert_array_equal(read(words, x=2, y=0, w=1, h=3, n=2), expected[:, 2, :2].ravel())

# 16 bits: one word of the host per element, upper halves ignored on the way in and zero on the way out.
write(halves, data, data_type=W16)
np.testing.assert_array_equal(read(halves, data_type=W16), data & 0xffff)
np.testing.assert_array_equal(read(halves, data_type=W32, n=4),
                              (data[0::2] & 0xffff) | ((data[1::2] & 0xffff) << np.uint32(16)))
f16 = np.linspace(-2, 2, W * H * L).astype(np.float16)
write(halves, sdk_utils.input_array_to_u32(f16, None, 1), data_type=W16)
np.testing.assert_array_equal(sdk_utils.memcpy_view(read(halves, data_type=W16), np.float16), f16)

# One column or row of data for all tiles of a row or column.
rows = np.arange(H * L, dtype=np.uint32) + 100
runner.memcpy_h2d_rowbcast(words, rows, 0, 0, W, H, L, streaming=False, order=ROW, data_type=W32, nonblock=False)
np.testing.assert_array_equal(read(words).reshape(H, W, L), np.repeat(rows.reshape(H, 1, L), W, axis=1))
runner.memcpy_h2d_rowbcast(words, rows, 0, 0, W, H, L, streaming=False, order=COL, data_type=W32, nonblock=False)
np.testing.assert_array_equal(read(words).reshape(H, W, L), np.repeat(rows.reshape(L, H).T.reshape(H, 1, L), W, axis=1))
cols = np.arange(W * L, dtype=np.uint32) + 200
runner.memcpy_h2d_colbcast(words, cols, 0, 0, W, H, L, streaming=False, order=ROW, data_type=W32, nonblock=False)
np.testing.assert_array_equal(read(words).reshape(H, W, L), np.repeat(cols.reshape(1, W, L), H, axis=0))

# Broadcasts of half words, to a part of the rectangle: nothing else changes.
write(halves, np.zeros(W * H * L, dtype=np.uint32), data_type=W16)
runner.memcpy_h2d_colbcast(halves, cols[:2 * 3] | np.uint32(0xabcd0000), 2, 1, 2, 2, 3, order=COL, data_type=W16, nonblock=False)
expected = np.zeros((H, W, L), dtype=np.uint32)
expected[1:3, 2:4, :3] = cols[:2 * 3].reshape(3, 2).T
np.testing.assert_array_equal(read(halves, data_type=W16), expected.ravel())

# Every second column and every third row of a part; a stride beyond the region leaves its first column or row.
for order in (ROW, COL):
    for x, y, w, h, row_stride, col_stride in ((0, 0, W, H, 2, 2), (1, 0, 3, 3, 2, 1), (0, 1, 4, 2, 3, 2), (1, 1, 3, 2, 2**32 - 1, 9)):
        write(words, np.zeros(W * H * L, dtype=np.uint32))
        columns, lines = range(x, x + w, row_stride), range(y, y + h, col_stride)
        shape = (len(lines), len(columns), 5)
        values = np.arange(np.prod(shape), dtype=np.uint32) + 1
        runner.memcpy_h2d_stride(words, values, x, y, w, h, 5, row_stride, col_stride, streaming=False, order=order, data_type=W32,
                                 nonblock=False)
        expected = np.zeros((H, W, L), dtype=np.uint32)
        blocks = values.reshape(shape) if order == ROW else values.reshape(shape[::-1]).T
        for j, row in enumerate(lines):
            for i, column in enumerate(columns):
                expected[row, column, :5] = blocks[j, i]
        np.testing.assert_array_equal(read(words), expected.ravel())

# Floats by their bits, in place through a view, and nothing at all.
floats = np.array([1.5, -0.0, np.inf, np.nan, 1e-45, 3.0, 4.0, 5.0], dtype=np.float32)
write(words, floats, w=1, h=1)
back = np.zeros((2, 8), dtype=np.float32)
runner.memcpy_d2h(back[1], words, 0, 0, 1, 1, 8, streaming=False, order=ROW, data_type=W32, nonblock=False)
np.testing.assert_array_equal(back[1].view(np.uint32), floats.view(np.uint32))
assert not back[0].any()
write(words, np.zeros(0, dtype=np.uint32), n=0)

# Nonblocking operations keep their order and their arrays.
results = [np.zeros(L, dtype=np.uint32) for _ in range(4)]
for i, result in enumerate(results):
    runner.memcpy_h2d(words, np.full(L, i, dtype=np.uint32), 0, 0, 1, 1, L, nonblock=True)
    runner.memcpy_d2h(result, words, 0, 0, 1, 1, L, nonblock=True)
last = np.zeros(L, dtype=np.uint32)
task = runner.memcpy_d2h(last, words, 0, 0, 1, 1, L, nonblock=True)
runner.task_wait(task)
assert runner.is_task_done(task)
for i, result in enumerate(results):
    np.testing.assert_array_equal(result, i)
np.testing.assert_array_equal(last, 3)
runner.stop()
np.testing.assert_array_equal(runner.read_symbol(0, 0, "words", "uint32"), last)
print("SUCCESS!")
