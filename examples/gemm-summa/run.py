#!/usr/bin/env cs_python
"""C = A B on P x P tiles, compared with NumPy. With --svg: a picture of the tiles coloured by busy cycles."""
import argparse
import json
import sys

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

OPTIONS = {
    "streaming": False,
    "order": MemcpyOrder.ROW_MAJOR,
    "data_type": MemcpyDataType.MEMCPY_32BIT,
    "nonblock": False
}


def blocks(matrix, tiles):
    """The blocks of a matrix, each column by column, in row-major order of the tiles."""
    rows, cols = matrix.shape
    return matrix.reshape(tiles, rows // tiles, tiles, cols // tiles).transpose(0, 2, 3, 1).ravel()


def from_blocks(flat, tiles, rows, cols):
    """The matrix of `rows` x `cols` blocks."""
    return flat.reshape(tiles, tiles, cols, rows).transpose(0, 3, 1, 2).reshape(tiles * rows, tiles * cols)


def heat(share):
    """A colour from dark blue (idle) over red to yellow (always busy)."""
    stops = ((20, 24, 82), (126, 3, 168), (225, 100, 98), (252, 225, 56))
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    low = min(int(place), len(stops) - 2)
    mixed = (round(a + (b - a) * (place - low)) for a, b in zip(stops[low], stops[low + 1]))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def write_svg(path, runner, tiles, title):
    """One square per tile, coloured by the share of cycles in which it was busy."""
    cycles = max(1, runner.get_stats()["cycles"])
    size = max(2, 640 // tiles)
    side = tiles * size
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side + 40}" height="{side + 70}" font-family="sans-serif">',
        f'<rect width="100%" height="100%" fill="white"/><text x="20" y="25" font-size="14">{title}</text>'
    ]
    for y in range(tiles):
        for x in range(tiles):
            busy = runner.get_tile_stats(x, y)["busy"]
            out.append(f'<rect x="{20 + x * size}" y="{40 + y * size}" width="{size - 1}" height="{size - 1}" '
                       f'fill="{heat(busy / cycles)}"><title>tile ({x}, {y}): {busy} of {cycles} cycles busy</title></rect>')
    out.append(f'<text x="20" y="{side + 60}" font-size="12">blue: idle, yellow: always busy</text></svg>')
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")


def progress(done, total, what):
    """One line that is written over and over on a terminal."""
    if sys.stderr.isatty():
        bar = "#" * (24 * done // total)
        print(f"\r[{bar:24}] {what:24}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    else:
        print(f"[{done}/{total}] {what}", file=sys.stderr, flush=True)


def main():
    """Runs the program and checks its result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="out", help="folder made by cslc")
    parser.add_argument("--svg", help="write a picture of the tiles to this file")
    args = parser.parse_args()
    with open(f"{args.name}/out.json", encoding="utf-8") as f:
        params = {name: int(value) for name, value in json.load(f)["params"].items()}
    P, Mt, Kt, Nt = (params[name] for name in ("P", "Mt", "Kt", "Nt"))

    rng = np.random.default_rng(1)
    A = rng.standard_normal((P * Mt, P * Kt), dtype=np.float32)
    B = rng.standard_normal((P * Kt, P * Nt), dtype=np.float32)
    C = np.zeros(P * P * Mt * Nt, dtype=np.float32)

    progress(0, 5, "loading the program")
    runner = SdkRuntime(args.name)
    runner.load()
    runner.run()
    progress(1, 5, "copying A")
    runner.memcpy_h2d(runner.get_id("A"), blocks(A, P), 0, 0, P, P, Mt * Kt, **OPTIONS)
    progress(2, 5, "copying B")
    runner.memcpy_h2d(runner.get_id("B"), blocks(B, P), 0, 0, P, P, Kt * Nt, **OPTIONS)
    progress(3, 5, "multiplying")
    runner.launch("multiply", nonblock=False)
    progress(4, 5, "copying C back")
    runner.memcpy_d2h(C, runner.get_id("C"), 0, 0, P, P, Mt * Nt, **OPTIONS)
    runner.stop()
    progress(5, 5, "done")

    np.testing.assert_allclose(from_blocks(C, P, Mt, Nt), A @ B, rtol=1e-3, atol=1e-3)
    stats = runner.get_stats()
    utilisation = stats["busy_tile_cycles"] / (stats["cycles"] * stats["tiles"])
    print(f"{P * Mt} x {P * Kt} times {P * Kt} x {P * Nt} on {P} x {P} tiles: the result agrees with NumPy")
    print(f"cycles            {stats['cycles']}")
    print(f"tile utilisation  {100 * utilisation:.1f} %")
    print(f"wavelet hops      {stats['wavelet_hops']}")
    print(f"wall time         {stats['wall_seconds']:.3f} s in the emulator")
    if args.svg:
        title = f"SUMMA GEMM on {P} x {P} tiles: {stats['cycles']} cycles, {100 * utilisation:.1f} % busy"
        write_svg(args.svg, runner, P, title)
        print(f"picture           {args.svg}")
    print("SUCCESS!")


main()
