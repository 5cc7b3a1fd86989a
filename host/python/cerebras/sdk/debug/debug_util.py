"""Memory and recorded traces of a program by name (host 11.3)."""
import operator

import numpy as np

from cerebras.sdk.debug import _trace
from cerebras.sdk.debug._symbols import symbol_array
from cerebras.sdk.runtime import _registry


class debug_util:  # pylint: disable=invalid-name
    """Reads the program that this process loaded last from a folder; it may be made before the program is loaded. Positions
    are absolute fabric positions."""

    def __init__(self, bindir, cmaddr=None):
        if cmaddr:
            raise RuntimeError(f"no system available at {cmaddr!r}: only the simulator can run programs")
        self._bindir = bindir

    def _program(self):
        program = _registry.find(self._bindir)
        if program is None:
            raise RuntimeError(f"debug_util: this process has not loaded a program from {self._bindir}")
        return program

    def _place(self, col, row):
        """Position in the program rectangle."""
        width, height, offset_x, offset_y = self._program().geometry()
        x, y = operator.index(col) - offset_x, operator.index(row) - offset_y
        if not (0 <= x < width and 0 <= y < height):
            raise RuntimeError(f"debug_util: tile ({col}, {row}) is outside the program, which covers columns {offset_x} to "
                               f"{offset_x + width - 1} and rows {offset_y} to {offset_y + height - 1}")
        return x, y

    def _bytes(self, col, row, symbol):
        """The bytes of a global, None if the program of the tile has none of that name."""
        x, y = self._place(col, row)
        try:
            return self._program().read_symbol(x, y, symbol)
        except RuntimeError:
            return None

    def get_symbol(self, col, row, symbol, dtype):
        """A global of one tile as a flat array."""
        raw = self._bytes(col, row, symbol)
        if raw is None:
            raise RuntimeError(f"debug_util: the program of tile ({col}, {row}) has no variable named \"{symbol}\"; one that it "
                               "never uses is there only if it is exported")
        return symbol_array(symbol, raw, dtype)

    def get_symbol_rect(self, rectangle, symbol, dtype):
        """A global of ((col, row), (width, height)) tiles: the first dimensions are column and row."""
        (col, row), (width, height) = rectangle
        if width < 1 or height < 1:
            raise ValueError(f"debug_util: a rectangle of {width} x {height} tiles has no tile")
        return np.array([[self.get_symbol(col + i, row + j, symbol, dtype) for j in range(height)] for i in range(width)])

    def read_trace(self, col, row, name):
        """The values that the <debug> instance with this key has recorded on a tile, in order."""
        x, y = self._place(col, row)
        raw = self._bytes(col, row, _trace.PREFIX + name)
        if raw is None:
            raise RuntimeError(f"debug_util.read_trace: the program of tile ({col}, {row}) has no <debug> instance with the "
                               f"key {name!r}")
        return _trace.decode(np.frombuffer(raw, dtype="<u2"), lambda number: self._program().text(x, y, number))
