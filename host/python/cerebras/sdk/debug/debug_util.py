"""Memory and recorded traces of a program by name (host 11.3)."""
import numpy as np

from cerebras.sdk.debug import _trace
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
        x, y = col - offset_x, row - offset_y
        if not (0 <= x < width and 0 <= y < height):
            raise RuntimeError(f"debug_util: tile ({col}, {row}) is outside the program, which covers columns {offset_x} to "
                               f"{offset_x + width - 1} and rows {offset_y} to {offset_y + height - 1}")
        return x, y

    def get_symbol(self, col, row, symbol, dtype):
        """A global of one tile as a flat array."""
        x, y = self._place(col, row)
        return np.frombuffer(self._program().read_symbol(x, y, symbol), dtype=np.dtype(dtype)).copy()

    def get_symbol_rect(self, rectangle, symbol, dtype):
        """A global of ((col, row), (width, height)) tiles: the first dimensions are column and row."""
        (col, row), (width, height) = rectangle
        return np.array([[self.get_symbol(col + i, row + j, symbol, dtype) for j in range(height)] for i in range(width)])

    def read_trace(self, col, row, name):
        """The values that the <debug> instance with this key has recorded on a tile, in order."""
        x, y = self._place(col, row)
        try:
            raw = self._program().read_symbol(x, y, _trace.PREFIX + name)
        except RuntimeError:
            raise RuntimeError(f"debug_util.read_trace: the program of tile ({col}, {row}) has no <debug> instance with the "
                               f"key {name!r}") from None
        return _trace.decode(np.frombuffer(raw, dtype="<u2"), lambda number: self._program().text(x, y, number))
