"""Waits for a launch that cannot complete."""
from host import arguments, started

runner = started(arguments().name)
runner.launch("run", nonblock=False)
runner.launch("run", nonblock=False)
print("not reached")
