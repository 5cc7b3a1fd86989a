"""What goes through the registers of a FIFO, and whether operations stopped, against a list as model."""
import numpy as np
from tile import Tile, same

SIZE = 4
tile = Tile()
values = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint16)
tile.write("values", values)
tile.call("run")

fifo = list(values[:SIZE])  # the first operation stops here
first = values.copy()
first[:SIZE] = [v + 100 for v in fifo]  # and so does the second
last = first.copy()
last[:2] = first[2:4]  # the length register of the second one still holds the two that were missing
same("values", tile.read("values", 6, np.uint16), last)
same("stopped", tile.read("stopped", 4, np.uint16), [2, 2, 1, 1])
tile.finish()
