"""Calls one function: the run either ends well or with the message that case.json expects."""
import numpy as np
from host import arguments, started

args = arguments(call={}, with_value={"type": int})
runner = started(args.name)
runner.launch(args.call, *([np.int16(args.with_value)] if args.with_value is not None else []), nonblock=False)
runner.stop()
print("SUCCESS!")
