"""The bytes of a global as an array."""
import numpy as np


def symbol_array(name, raw, dtype):
    """A copy of `raw`, all bytes of the global `name`, as a flat array of `dtype` (host 11.1)."""
    kind = np.dtype(dtype)
    if kind.hasobject or not kind.itemsize:
        raise ValueError(f"{name} cannot be read as dtype {kind}: its elements have no bytes of their own")
    if len(raw) % kind.itemsize:
        raise ValueError(f"{name} has {len(raw)} bytes, no multiple of the {kind.itemsize} of dtype {kind}")
    return np.frombuffer(raw, dtype=kind).copy()
