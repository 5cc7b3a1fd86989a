"""Every collective, with every root, for counts below, at and above the size of the library's buffers, against NumPy."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType
from host import arguments, params, started

numbers = {"type": int, "nargs": "+"}
args = arguments(counts=numbers, roots={**numbers, "help": "default: every tile"},
                 chunks={**numbers, "help": "counts of scatter and gather, whose root holds one for each tile"},
                 timed={"action": "store_true", "help": "operations along x must be fast"})
given = params(args.name)
width, height, words = given["width"], given["height"], given["capacity"] + 2
BROADCAST, SCATTER, GATHER, REDUCE = range(4)
FREE = 0xdeadbeef
rng = np.random.default_rng(11)
runner = started(args.name)
symbols = {name: runner.get_id(name) for name in ("x_in", "x_out", "y_in", "y_out")}


def expected(operation, root, count, given):
    """What is in `x_out` afterwards: given and result are [tile][word], along one row or column."""
    n = len(given)
    result = np.full((n, words), FREE, dtype=np.uint32)
    if operation == BROADCAST:
        for tile in (t for t in range(n) if t != root):
            result[tile, 1:1 + count] = given[root, 1:1 + count]
    elif operation == SCATTER:
        for tile in range(n):
            result[tile, 1:1 + count] = given[root, 1 + tile * count:1 + (tile + 1) * count]
    elif operation == GATHER:
        result[root, 1:1 + n * count] = given[:, 1:1 + count].ravel()
    else:
        result[root, 1:1 + count] = given.view(np.float32)[:, 1:1 + count].sum(axis=0, dtype=np.float32).view(np.uint32)
    return result


def put(name, values):
    runner.memcpy_h2d(symbols[name], np.ascontiguousarray(values).ravel(), 0, 0, width, height, words, nonblock=False)


def get(name):
    values = np.zeros((height, width, words), dtype=np.uint32)
    runner.memcpy_d2h(values, symbols[name], 0, 0, width, height, words, nonblock=False)
    return values


def check_speed(operation, root, count, before):
    """A hop costs some cycles once, and not for every word."""
    get("x_out")  # a launch returns before its operation is complete, a copy waits for it
    cycles = runner.get_stats()["cycles"] - before
    words_moved = count * (width if operation in (SCATTER, GATHER) else 1)
    limit = words_moved / 0.8 + 12 * width + 500
    assert cycles < limit, f"operation {operation}, root {root}, {count} words: {cycles} cycles, more than {limit}"


def operate(axes, operation, root, count):
    # Sums of small whole numbers are exact in any order.
    given = {axis: rng.integers(-1000, 1000, (height, width, words)).astype(np.float32).view(np.uint32) for axis in axes}
    for axis in axes:
        put(axis + "_in", given[axis])
        put(axis + "_out", np.full((height, width, words), FREE, dtype=np.uint32))
    before = runner.get_stats()["cycles"]
    runner.launch("on_both" if len(axes) == 2 else "on_" + axes, np.uint16(operation), np.uint16(root), np.uint16(count),
                  nonblock=False)
    if args.timed:
        check_speed(operation, root, count, before)
    for axis in axes:
        lines = given[axis] if axis == "x" else given[axis].transpose(1, 0, 2)
        want = np.array([expected(operation, root, count, line) for line in lines])
        got = get(axis + "_out")
        np.testing.assert_array_equal(got if axis == "x" else got.transpose(1, 0, 2), want,
                                      err_msg=f"axis {axis}, operation {operation}, root {root}, count {count}")
        np.testing.assert_array_equal(get(axis + "_in"), given[axis])


for operation in (BROADCAST, SCATTER, GATHER, REDUCE):
    for count in args.counts if operation in (BROADCAST, REDUCE) else args.chunks:
        for root in args.roots or range(width):
            operate("x", operation, root, count)
        for root in range(height):
            operate("y", operation, root, count)
        for root in range(min(width, height)):
            operate("xy", operation, root, count)

ids = np.zeros((height, width, 2), dtype=np.uint32)
runner.memcpy_d2h(ids, runner.get_id("ids"), 0, 0, width, height, 2, data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
np.testing.assert_array_equal(ids[:, :, 0], np.arange(width)[None, :].repeat(height, axis=0))
np.testing.assert_array_equal(ids[:, :, 1], np.arange(height)[:, None].repeat(width, axis=1))
runner.stop()
print("SUCCESS!")
