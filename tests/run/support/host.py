"""How the host scripts of these tests begin: their options, the parameters of the program, a started runtime. Everything else
they do themselves, on the SDK's interface. run-tests puts this folder on their path."""
import argparse
import json

from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime


def arguments(**options):
    """The command line: --name, the folder of the compiled program, and further options with what argparse needs to know."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    for name, how in options.items():
        parser.add_argument("--" + name.replace("_", "-"), **how)
    return parser.parse_args()


def params(name):
    """The numbers that the program was compiled with."""
    with open(f"{name}/out.json", encoding="utf-8") as f:
        return {key: int(value) for key, value in json.load(f)["params"].items()}


def started(name):
    """A runtime whose program is loaded and runs."""
    runner = SdkRuntime(name)
    runner.load()
    runner.run()
    return runner
