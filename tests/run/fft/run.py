"""Forward, inverse and real transforms with every normalisation, against numpy.fft."""
import numpy as np
from cerebras.sdk import sdk_utils
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType
from host import arguments, params, started

args = arguments()
given = params(args.name)
width, n, single, origin = (given[name] for name in ("WIDTH", "N", "single", "origin"))
t, x0, y0 = n // width, origin, 2 * origin
dtype, bits = (np.float32, MemcpyDataType.MEMCPY_32BIT) if single else (np.float16, MemcpyDataType.MEMCPY_16BIT)
runner = started(args.name)
data, times = runner.get_id("X"), runner.get_id("fft_time")


def copy(transfer, symbol, words, count):
    transfer(*((symbol, words) if transfer == runner.memcpy_h2d else (words, symbol)), x0, y0, width, width, count,
             data_type=bits, nonblock=False)


def put(symbol, values):
    """One value per word, of 16 bits in its lower half."""
    words = np.zeros(values.shape, dtype=np.uint32)
    sdk_utils.memcpy_view(words, dtype)[...] = values
    copy(runner.memcpy_h2d, symbol, words.ravel(), values[0, 0].size)


def to_tiles(cube):
    """[y][x][z] -> tile row, tile column, z, y and x within the tile, real and imaginary part."""
    parts = np.stack([cube.real, cube.imag], axis=-1).reshape(width, t, width, t, n, 2)
    return parts.transpose(0, 2, 4, 1, 3, 5)


def from_tiles(words):
    values = sdk_utils.memcpy_view(words, dtype).astype(np.float64).reshape(width, width, n, t, t, 2)
    parts = values.transpose(0, 3, 1, 4, 2, 5).reshape(n, n, n, 2)
    return parts[..., 0] + 1j * parts[..., 1]


def transform(cube, name, *how):
    put(data, to_tiles(cube))
    runner.launch(name, *(np.int16(value) for value in how), nonblock=False)
    words = np.zeros(width * width * 2 * n * t * t, dtype=np.uint32)
    copy(runner.memcpy_d2h, data, words, 2 * n * t * t)
    return from_tiles(words)


def check(got, want):
    """Errors are small beside the largest result."""
    error = np.abs(got - want).max() / np.abs(want).max()
    assert error < (1e-6 if single else 4e-3), error


angles = np.pi * np.arange(n // 2) / (n // 2)
put(runner.get_id("twiddle_array"),
    np.broadcast_to(np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(dtype), (width, width, n // 2, 2)))
rng = np.random.default_rng(3)
cube = (rng.uniform(-1, 1, (n, n, n)) + 1j * rng.uniform(-1, 1, (n, n, n))).astype(np.complex64)
cube = cube.real.astype(dtype).astype(np.float64) + 1j * cube.imag.astype(dtype).astype(np.float64)
for norm, text in enumerate(("backward", "ortho", "forward")):
    check(transform(cube, "csfftExecC2C", norm, 0), np.fft.fftn(cube, norm=text))
    check(transform(cube, "csfftExecC2C", norm, 1), np.fft.ifftn(cube, norm=text))
    check(transform(cube.real + 0j, "csfftExecR2C", norm), np.fft.fftn(cube.real, norm=text))
    spectrum = np.fft.fftn(cube.real)
    spectrum = (spectrum / np.abs(spectrum).max()).astype(np.complex64)
    back = transform(spectrum, "csfftExecC2R", norm)
    check(back, np.fft.ifftn(spectrum, norm=text))
    assert np.abs(back.imag).max() < np.abs(back.real).max() * (1e-5 if single else 2e-2)

cycles = np.zeros(width * width * 2, dtype=np.uint32)
runner.memcpy_d2h(cycles, times, x0, y0, width, width, 2, nonblock=False)
assert ((cycles[0::2] > 100) & (cycles[0::2] < 10_000_000)).all() and (cycles[1::2] == 0).all()
runner.stop()
print("SUCCESS!")
