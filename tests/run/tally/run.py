"""The final tile of a tally reports the sum of all bumps, once, when all have arrived."""
import numpy as np
from host import arguments, params, started

args = arguments()
given = params(args.name)
width, height, goal, callback = (given[name] for name in ("width", "height", "goal", "with_callback"))
silent = given.get("silent", 0)
runner = started(args.name)

# Numbers that add up to the goal, many of them zero.
rng = np.random.default_rng(5)
bumps = np.zeros(width * height * 4, dtype=np.uint32)
if goal:
    cuts = np.sort(rng.integers(0, goal + 1, bumps.size - 1))
    bumps[:] = np.diff(np.concatenate([[0], cuts, [goal]]))
    rng.shuffle(bumps)
    assert bumps.sum() == goal
else:
    bumps[:] = rng.integers(0, 9, bumps.size)  # nobody asks for the sum: zero is reported
if silent:  # the final tile alone has the whole sum, and still must not report it
    bumps.reshape(height, width, 4)[0, width - 1, 0] = bumps.sum()
    bumps.reshape(height, width, 4)[0, width - 1, 1:] = 0
runner.memcpy_h2d(runner.get_id("bumps"), bumps, 0, 1, width, height, 4, nonblock=False)
runner.launch("work", nonblock=False)
total = np.zeros(1, dtype=np.uint32)
x, y, expected = (width - 1, 1, goal) if callback else (width - 1, 0, goal + 1)
if callback:
    runner.memcpy_d2h(total, runner.get_id("sum"), x, y, 1, 1, 1, nonblock=False)
runner.stop()
if silent:
    expected = 0
if not callback:
    total = runner.read_symbol(x, y, "sum", "uint32")
assert total[0] == expected, f"{total[0]} instead of {expected}"
print("SUCCESS!")
