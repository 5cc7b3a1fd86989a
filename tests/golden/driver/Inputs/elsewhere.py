"""A script that changes its folder while programs run: their files lie where load() was called."""
import os
import sys
import tempfile

import _weft

image = os.path.abspath(sys.argv[1])
home = os.getcwd()
for stats in (None, "chosen.json"):
    os.chdir(home)
    program = _weft.Weft(image, stats=stats)
    program.load()
    program.run()
    with tempfile.TemporaryDirectory() as other:
        os.chdir(other)
        program.stop()
        assert not os.listdir("."), os.listdir(".")
    os.chdir(home)
