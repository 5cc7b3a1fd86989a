"""What the host scripts of these tests share: exported arrays of single tiles, and functions."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType
from host import arguments, params, started


class Tile:
    """A program, started; arrays of the tile in column `x` of the first row go in and out as bits."""

    def __init__(self):
        args = arguments(format={"help": "what the variant of the test is about"})
        self.name, self.format = args.name, args.format
        self.params = params(self.name)
        self.runner = started(self.name)

    def call(self, function, *arguments):
        """Runs an exported function to its end."""
        self.runner.launch(function, *arguments, nonblock=False)

    def write(self, symbol, values, x=0):
        """Elements of 16 or 32 bits, by the type of the array."""
        values = np.ascontiguousarray(values)
        narrow = values.itemsize == 2
        words = values.view(np.uint16 if narrow else np.uint32).astype(np.uint32)
        self.runner.memcpy_h2d(self.runner.get_id(symbol), words, x, 0, 1, 1, words.size, nonblock=False,
                               data_type=MemcpyDataType.MEMCPY_16BIT if narrow else MemcpyDataType.MEMCPY_32BIT)

    def read(self, symbol, count, dtype, x=0):
        """`count` elements as an array of `dtype`."""
        narrow = np.dtype(dtype).itemsize == 2
        words = np.zeros(count, dtype=np.uint32)
        self.runner.memcpy_d2h(words, self.runner.get_id(symbol), x, 0, 1, 1, count, nonblock=False,
                               data_type=MemcpyDataType.MEMCPY_16BIT if narrow else MemcpyDataType.MEMCPY_32BIT)
        return (words.astype(np.uint16) if narrow else words).view(dtype)

    def finish(self):
        """The end of a test that found nothing wrong."""
        self.runner.stop()
        print("SUCCESS!")


def same(what, got, want):
    """Fails with the first places where two arrays of integers differ."""
    got, want = np.asarray(got).astype(np.int64), np.asarray(want).astype(np.int64)
    bad = np.nonzero(got != want)[0]
    assert got.shape == want.shape and not bad.size, (
        f"{what}: {bad.size} of {got.size} differ, first at {bad[:4]}: "
        f"got {[hex(v) for v in got[bad[:4]]]}, expected {[hex(v) for v in want[bad[:4]]]}")
