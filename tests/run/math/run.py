"""<math> against NumPy in double precision: errors in units in the last place of f32, exact where it must be."""
import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType
from cerebras.sdk.sdk_utils import input_array_to_u32, memcpy_view
from host import arguments, params, started

args = arguments()
n = params(args.name)["n"]
np.seterr(all="ignore")
rng = np.random.default_rng(3)
special = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 42.0, np.inf, -np.inf, np.nan, 1e-40, 3e38, -3e38, 8388609.0, 1.5, 2.5],
                   dtype=np.float32)
runner = started(args.name)
x_id, y_id, halves_id = (runner.get_id(name) for name in ("x", "y", "halves"))


def apply(which, x):
    """What function `which` gives for the arguments x."""
    runner.memcpy_h2d(x_id, x, 0, 0, 1, 1, n, nonblock=False)
    runner.launch("apply", np.uint16(which), nonblock=False)
    y = np.zeros(n, dtype=np.float32)
    runner.memcpy_d2h(y, y_id, 0, 0, 1, 1, n, nonblock=False)
    return y


def check(which, name, function, low, high, ulps, specials=True):
    """At most `ulps` units in the last place between the function and its exact value."""
    x = rng.uniform(low, high, n).astype(np.float32)
    if specials:
        x[:special.size] = special
    got, exact = apply(which, x), function(x.astype(np.float64))
    want = exact.astype(np.float32)
    same = (got.view(np.uint32) == want.view(np.uint32)) | (np.isnan(got) & np.isnan(want))
    distance = np.abs(got.astype(np.float64) - exact) / np.spacing(np.abs(want)).astype(np.float64)
    bad = ~same & ~(distance <= ulps)
    assert not bad.any(), f"{name}: {x[bad][:4]} gives {got[bad][:4]}, expected {want[bad][:4]}"


check(0, "sqrt", np.sqrt, 0, 1e6, 0.5)
check(1, "exp", np.exp, -80, 80, 2)
check(2, "log", np.log, 1e-3, 1e3, 2)
check(3, "sin", np.sin, -3, 3, 2, specials=False)
check(4, "cos", np.cos, -1.5, 1.5, 2, specials=False)
check(5, "tanh", np.tanh, -5, 5, 2.5)
check(3, "sin of anything", np.sin, -1e38, 1e38, 3, specials=False)
check(4, "cos of anything", np.cos, -1e38, 1e38, 3, specials=False)
check(3, "sin", np.sin, -1e5, 1e5, 3)
check(4, "cos", np.cos, -1e5, 1e5, 3)
check(6, "sig far below zero", lambda v: 1 / (1 + np.exp(-v)), -104, -80, 2.5)
check(6, "sig", lambda v: 1 / (1 + np.exp(-v)), -20, 20, 2.5)
check(7, "floor", np.floor, -1e4, 1e4, 0)
check(8, "ceil", np.ceil, -1e4, 1e4, 0)
check(9, "inv", lambda v: 1 / v, -10, 10, 0.5)
check(10, "invsqrt", lambda v: 1 / np.sqrt(v), 0.1, 100, 2, specials=False)
check(11, "abs", np.abs, -10, 10, 0)
check(12, "sign", lambda v: np.where(np.isnan(v), 0, np.sign(v)) + 0.0, -10, 10, 0, specials=False)
check(13, "fscale up", lambda v: v * 8, -10, 10, 0.5)
check(14, "fscale down", lambda v: v * 2.0**-130, -10, 10, 0.5)
check(15, "pow 3", lambda v: v**3, -10, 10, 1.5)
check(16, "pow 0.5", np.sqrt, 0.1, 100, 2, specials=False)
check(17, "2 to the power", lambda v: 2.0**v, -20, 20, 2, specials=False)
check(18, "max", lambda v: np.maximum(v, 1.5), -3, 3, 0, specials=False)
check(19, "min", lambda v: np.minimum(v, 1.5), -3, 3, 0, specials=False)
check(20, "isNaN", lambda v: np.isnan(v) * 1.0, -3, 3, 0)
check(21, "isInf", lambda v: np.isinf(v) * 1.0, -3, 3, 0)
check(22, "isFinite", lambda v: np.isfinite(v) * 1.0, -3, 3, 0)
check(23, "signbit", lambda v: np.signbit(v) * 1.0, -3, 3, 0)
check(25, "subsat", lambda v: np.maximum(v - 0.5, 0), -3, 3, 0.5, specials=False)
assert (apply(26, np.ones(n, dtype=np.float32)) == np.inf).all()
assert np.isnan(apply(27, np.ones(n, dtype=np.float32))).all()
signaling = np.full(n, 0x7f800001, dtype=np.uint32).view(np.float32)
signaling[::2] = np.nan
np.testing.assert_array_equal(apply(24, signaling), np.arange(n) % 2)


def apply_pair(which, a, b):
    """What function `which` gives for every pair of the two."""
    a, b = (side.ravel() for side in np.meshgrid(a, b))
    results = []
    for i in range(0, a.size, n):
        runner.memcpy_h2d(x_id, np.resize(a[i:i + n], n), 0, 0, 1, 1, n, nonblock=False)
        runner.memcpy_h2d(y_id, np.resize(b[i:i + n], n), 0, 0, 1, 1, n, nonblock=False)
        runner.launch("apply_pair", np.uint16(which), nonblock=False)
        results.append(np.zeros(n, dtype=np.float32))
        runner.memcpy_d2h(results[-1], y_id, 0, 0, 1, 1, n, nonblock=False)
    return a, b, np.concatenate(results)[:a.size]


# Large exponents, where an error of the logarithm would grow most.
a, b, got = apply_pair(0, rng.uniform(0.2, 3, 40).astype(np.float32), np.float32([-70, -30.5, -8.25, 11.7, 47, 63.1, 66]))
want = np.power(a.astype(np.float64), b.astype(np.float64)).astype(np.float32)
normal = np.isfinite(want) & (want > 1e-37)
assert (np.abs(got - want)[normal] <= 2 * np.spacing(want[normal])).all(), "pow of large exponents"

# Where a result follows from the kinds of the arguments: zeros, ones, infinities, NaN, numbers that overflow or vanish.
edges = np.array([0, 1, 0.5, 2, 3, 2.5, 101, np.inf, np.nan, 1e13], dtype=np.float32)
edges = np.concatenate([edges, -edges])
for which, function in enumerate((np.power, np.fmax, np.fmin)):
    a, b, got = apply_pair(which, edges, edges)
    want = function(a.astype(np.float64), b.astype(np.float64)).astype(np.float32)
    bad = ~np.isclose(got, want, rtol=2.5e-7, atol=0, equal_nan=True)
    bad |= (np.signbit(got) != np.signbit(want)) & ~np.isnan(want) & ((which == 0) | (want != 0))
    assert not bad.any(), f"{function}: {a[bad]}, {b[bad]} give {got[bad]}, expected {want[bad]}"


# The first twenty functions while compiling.
runner.memcpy_h2d(x_id, np.resize(np.array([2.71828, 1e10, 0.3], dtype=np.float32), n), 0, 0, 1, 1, n, nonblock=False)
runner.launch("apply_known", nonblock=False)
agree = np.zeros(20, dtype=np.float32)
runner.memcpy_d2h(agree, y_id, 0, 0, 1, 1, 20, nonblock=False)
assert (agree == 1).all(), f"other results while compiling: {np.nonzero(agree != 1)}"


def apply_half(which, x):
    """The same for the 16-bit functions."""
    words = input_array_to_u32(x, None, 1)
    runner.memcpy_h2d(halves_id, words, 0, 0, 1, 1, n, data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
    runner.launch("apply_half", np.uint16(which), nonblock=False)
    out = np.zeros(n, dtype=np.uint32)
    runner.memcpy_d2h(out, halves_id, 0, 0, 1, 1, n, data_type=MemcpyDataType.MEMCPY_16BIT, nonblock=False)
    return memcpy_view(out, np.float16).copy()


x = rng.uniform(0.1, 9, n).astype(np.float16)
for which, function in enumerate((np.sqrt, np.exp, np.sin, np.floor, np.abs)):
    exact = function(x.astype(np.float64))
    got = apply_half(which, x).astype(np.float64)
    assert (np.abs(got - exact) <= 0.51 * np.spacing(np.abs(exact).astype(np.float16))).all(), function
runner.stop()
print("SUCCESS!")
