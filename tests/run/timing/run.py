#!/usr/bin/env cs_python
"""The timing parameters of a run are chosen by WEFT_TIMING and recorded in its statistics; wrong choices are errors."""
import argparse
import os

from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime


def measure(name, timing=None, shuffle=None):
    """Statistics of a run."""
    for variable, value in (("WEFT_TIMING", timing), ("WEFT_SHUFFLE", shuffle)):
        os.environ.pop(variable, None)
        if value is not None:
            os.environ[variable] = value
    runner = SdkRuntime(name)
    runner.load()
    runner.run()
    runner.launch("run", nonblock=False)
    runner.stop()
    return runner.get_stats(), runner.get_timing("hop")


def fails(name, **choice):
    """Prints the error of a wrong choice."""
    try:
        measure(name, **choice)
        print("no error")
    except RuntimeError as e:
        print(str(e).replace("\n", " "))


def main():
    """All choices."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    name = parser.parse_args().name
    plain, hop = measure(name)
    arch = plain["timing"]
    print(arch, "hop", hop)
    silicon, _ = measure(name, "silicon")
    # A link of WSE-3 takes 8 wavelets in 9 cycles: 63 more behind the first take 8 cycles longer.
    print(silicon["timing"], "+", silicon["cycles"] - plain["cycles"])
    # One hop; with a hop of 3 the credit loop of WSE-2 would be too long for two places, so its buffers grow too.
    slow, hop = measure(name, "hop=3,router_buf=8")
    print(slow["timing"], "hop", hop, "+", slow["cycles"] - plain["cycles"])
    assert measure(name, shuffle="tiles:7")[0]["cycles"] == plain["cycles"]
    assert measure(name, shuffle="7")[0]["cycles"] == plain["cycles"]
    fails(name, timing="gold")
    fails(name, timing="hop=0")
    fails(name, shuffle="seven")
    print("SUCCESS!")


main()
