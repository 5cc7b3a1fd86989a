"""Calls one function: the run either ends well or with the message that case.json expects."""
import numpy as np
from host import arguments, started

args = arguments(call={}, with_value={"type": int},
                 result={"type": int, "help": "what the function leaves in `result` if it ends well"})
runner = started(args.name)
runner.launch(args.call, np.int16(args.with_value), nonblock=False)
result = np.zeros(1, dtype=np.int32)
runner.memcpy_d2h(result, runner.get_id("result"), 0, 0, 1, 1, 1, nonblock=False)
runner.stop()
assert result[0] == args.result, result
print("SUCCESS!")
