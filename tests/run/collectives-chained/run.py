"""Many rounds in a row: every tile has done all of them on both axes, and nothing was wrong."""
import numpy as np
from host import arguments, params, started

args = arguments()
given = params(args.name)
width, height, rounds = given["width"], given["height"], 120
runner = started(args.name)
runner.launch("run", np.uint16(rounds), nonblock=False)
seen = np.zeros((height, width, 4), dtype=np.uint32)
runner.memcpy_d2h(seen, runner.get_id("seen"), 0, 0, width, height, 4, nonblock=False)
np.testing.assert_array_equal(seen.reshape(-1, 4), [[rounds, 0, rounds, 0]] * (width * height))
runner.stop()
print("SUCCESS!")
