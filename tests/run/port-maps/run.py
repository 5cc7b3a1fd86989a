"""Port maps of old releases: the regions and words that they give are those that NumPy finds by hand."""
import warnings

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder
from host import arguments, started

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    from cerebras.sdk.runtime import runtime_utils
assert any("sdk_utils" in str(w.message) for w in said)

runner = started(arguments().name)
words = runner.get_id("words")
OPTIONS = {"streaming": False, "order": MemcpyOrder.ROW_MAJOR, "data_type": MemcpyDataType.MEMCPY_32BIT, "nonblock": False}


def copy_in(portmap, tensor):
    px, py, w, h, l, data = runtime_utils.convert_input_tensor(portmap, tensor)
    runner.memcpy_h2d(words, data, px, py, w, h, l, **OPTIONS)


def tiles():
    """All words of all tiles by row, column and position."""
    data = np.zeros(4 * 3 * 8, dtype=np.uint32)
    runner.memcpy_d2h(data, words, 0, 0, 4, 3, 8, **OPTIONS)
    return data.reshape(3, 4, 8)


# A matrix of 6 x 8 in blocks of 2 x 4 on the two left columns.
matrix = (np.arange(48, dtype=np.float32) + 0.5).reshape(6, 8)
copy_in("{ M[i=0:5][j=0:7] -> [PE[j // 4, i // 2] -> index[i % 2, j % 4]] }", matrix)
blocks = matrix.view(np.uint32).reshape(3, 2, 2, 4).transpose(0, 2, 1, 3).reshape(3, 2, 8)
np.testing.assert_array_equal(tiles()[:, :2], blocks)
np.testing.assert_array_equal(tiles()[:, 2:], 0)

# A vector round robin over the tiles of the last row; 16-bit elements take a word each.
halves = np.arange(32, dtype=np.uint16) * 2047
copy_in("{ v[ n = 0 : 32 - 1 ] -> [PE[n % 4, 2] -> index[n // 4]] }", halves)
np.testing.assert_array_equal(tiles()[2], halves.reshape(8, 4).T)

# Back: the transpose of what went in, through a map with an offset.
back = "{ T[j=0:7][i=2:5] -> [PE[j//4, i//2] -> index[i%2, j%4]] }"
copy_in("{ M[i=0:5][j=0:7] -> [PE[j // 4, i // 2] -> index[i % 2, j % 4]] }", matrix)
px, py, w, h, l, data = runtime_utils.prepare_output_tensor(back, np.float32)
assert (px, py, w, h, l) == (0, 1, 2, 2, 8) and data.size == 32
runner.memcpy_d2h(data, words, px, py, w, h, l, **OPTIONS)
np.testing.assert_array_equal(runtime_utils.format_output_tensor(back, np.float32, data), matrix[2:].T)


def refused(call, *values):
    try:
        call(*values)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{values} was accepted")


one = np.zeros(4, dtype=np.uint32)
for wrong, why in {"{ v[i=0:3] -> [PE[0, 0] -> index[0]] }": "two elements have one place",
                   "{ v[i=0:3] -> [PE[i - 1, 0] -> index[0]] }": "negative",
                   "{ v[i=0:3] -> [PE[k, 0] -> index[0]] }": "k is not an expression",
                   "{ v[i=0:3] -> [PE[__import__('os'), 0] -> index[i]] }": "is not an expression",
                   "{ v[i=3:0] -> [PE[i, 0] -> index[0]] }": "below its lower bound",
                   "{ v[i=0:3] -> [PE[i % 0, 0] -> index[0]] }": "division by zero",
                   "{ v[i=0:4] -> [PE[i, 0] -> index[0]] }": "it has 5 elements, the tensor 4",
                   "v[i] -> PE[i]": "cannot read it"}.items():
    assert why in refused(runtime_utils.convert_input_tensor, wrong, one), wrong
runner.stop()
print("SUCCESS!")
