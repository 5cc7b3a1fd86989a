"""A run in a German program: numbers in files have points. Where no such locale can be made, names of files alone are looked at."""
import json
import locale
import os
import pathlib

import _weft


def run(**options):
    program = _weft.Weft("img", **options)
    program.load()
    program.run()
    program.stop()
    return program.stats()["cycles"]


try:
    locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
except locale.Error:
    print("there is no locale with a decimal comma")
os.environ["WEFT_PROGRESS"] = "0.5"
cycles = run(stats="stats.json")
with open("stats.json", encoding="utf-8") as f:
    stats = json.load(f)
assert stats["cycle_count"] == cycles and 0 < stats["wavelets_per_cycle"] < 1, stats
with open("sim.log", encoding="utf-8") as f:
    assert "32.1 % busy" in f.read()

# Paths of every kind that Python knows.
for path in ("grün.json", "lat\udce4in.json", b"lat\xe4in.bytes", pathlib.Path("path.json")):
    run(stats=path, sim_log=b"log")
    with open(path, encoding="utf-8") as f:
        assert json.load(f)["cycle_count"] == cycles, path


def message(**options):
    try:
        run(**options)
    except RuntimeError as error:
        return str(error)
    raise AssertionError(f"{options} was accepted")


assert message(stats="no\udce4/x").startswith("cannot write no\\xe4/x: "), message(stats="no\udce4/x")
assert message(trace=b"no\xe4/x").startswith("cannot write no\\xe4/x: ")
try:
    _weft.Weft("lat\udce4in")
except RuntimeError as error:
    assert "cannot read lat\\xe4in/weft.xml" in str(error), error
for wrong in (3, "a\0b"):
    try:
        _weft.Weft("img", stats=wrong)
    except (TypeError, ValueError):
        continue
    raise AssertionError(f"{wrong!r} was accepted")
