"""Which queue data takes is an argument of the launch; a queue that is not set up stops the run."""
import numpy as np
from tile import Tile, same

tile = Tile()
for which in (0, 1, 0):
    tile.call("waiting", np.uint16(which))
    same(f"waiting {which}", tile.read("result", 4, np.uint32), [7, 7, 8, 8])
    tile.call("beside", np.uint16(which))
    same(f"beside {which}", tile.read("result", 4, np.uint32), [4, 4, 3, 3])
try:
    tile.call("waiting", np.uint16(3))
except RuntimeError as e:
    assert "the queue of a fabric DSD is none that the program set up" in str(e), e
    print("SUCCESS!")
