"""Printed numbers by exact arithmetic: each text means its number, and none with fewer digits does."""
from fractions import Fraction

import exact
import numpy as np
from tile import Tile

SHAPES = ["0.0", "-0.0", "42.0", "-1.5", "0.1", "0.0001", "1.5e-05", "1.0e+20", "16777216.0", "3.4028235e+38", "1.0e-45",
          "123456.79", "1.0e+08", "inf", "-inf", "nan"]


def digits(text):
    """The significant digits, the sign of the number and the exponent of the first digit."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, rest = mantissa.partition(".")
    figures = (whole + rest).lstrip("0")
    place = len(whole) - 1 - (len(whole + rest) - len(figures)) + int(exponent or 0)
    return figures.rstrip("0"), place


def check(form, bits, text):
    kind, negative, value = form.split(bits)
    if kind != exact.FINITE:
        assert text == ("nan" if kind == exact.NAN else "-inf" if negative else "inf"), (hex(bits), text)
        return
    assert text.startswith("-") == negative and form.make(Fraction(text), negative) == bits, (hex(bits), text)
    figures, place = digits(text)
    if len(figures) > 1:  # the two neighbours with one digit less
        unit = Fraction(10) ** (place - len(figures) + 2)
        down = abs(value) // unit * unit
        assert bits & ~form.sign not in (form.make(down), form.make(down + unit)), (hex(bits), text)


tile = Tile()
n, half = tile.params["n"], getattr(exact, tile.format)
rng = np.random.default_rng(11)
real = rng.integers(0, 2**32, n, dtype=np.uint64).astype(np.uint32)
real[:len(SHAPES)] = np.array([float(text) for text in SHAPES], dtype=np.float32).view(np.uint32)
real[100:150] = rng.uniform(-1e6, 1e6, 50).astype(np.float32).view(np.uint32)
short = rng.integers(0, 2**16, n).astype(np.uint16)
short[:len(exact.specials(half))] = exact.specials(half)
tile.write("x", real)
tile.write("h", short)
tile.call("show")
tile.call("show_half")
tile.runner.stop()
with open("sim.log", encoding="utf-8") as f:
    lines = [line.split()[1:] for line in f if "end of run" not in line]
assert len(lines) == 2 * n and all(a == b for a, b in lines)
for line, shape in zip(lines, SHAPES):
    assert line[0] == shape, (line, shape)
for form, patterns, texts in ((exact.F32, real, lines[:n]), (half, short, lines[n:])):
    for bits, (text, _) in zip(patterns, texts):
        check(form, int(bits), text)
print("SUCCESS!")
