# Golden tests: lit + FileCheck. Started by `make check-golden`, which passes the folders as parameters:
#   bin    folder of the programs under test      tools    folder of FileCheck, not, split-file
#   work   where %t files go                      python   interpreter for %python
#
# Substitutions: %weft %cslc %cs_python %python %S %s %t; FileCheck, not and split-file are on PATH.
import os

import lit.formats


def param(name):
    return lit_config.params[name]  # noqa: F821 (given by lit)


config = config  # noqa: F821, PLW0127 (given by lit)
config.name = "weft"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".csl", ".wir", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = param("work")

config.environment["PATH"] = os.pathsep.join([param("tools"), os.environ["PATH"]])
for program in ("weft", "cslc", "cs_python"):
    config.substitutions.append(("%" + program + r"\b", os.path.join(param("bin"), program)))
config.substitutions.append((r"%python\b", param("python")))

# lit hands on next to none of the environment, so that a user's settings change nothing; these are wanted.
for name in ("HOME", "XDG_CACHE_HOME", "WEFT_COMPTIME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
