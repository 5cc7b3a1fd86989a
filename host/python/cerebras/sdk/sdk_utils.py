"""Helpers for host arrays, time stamps and exported names (host 12)."""
import json
import math
import os
import shlex
import struct

import numpy as np

# Types that a launch can pass, with the numpy type of each (host 7).
LAUNCH_TYPES = {
    "i16": np.int16,
    "u16": np.uint16,
    "i32": np.int32,
    "u32": np.uint32,
    "f16": np.float16,
    "f32": np.float32,
}
# From here on a number rounds to infinity as f32.
_F32_LIMIT = float(2**128 - 2**103)


def _need_array(function, value):
    if not isinstance(value, np.ndarray):
        raise RuntimeError(f"{function} needs a numpy array, not {type(value).__name__}")
    if not value.dtype.isnative:
        raise RuntimeError(f"{function} needs elements in the byte order of this machine, not {value.dtype.str}")


def memcpy_view(arr, datatype):
    """A view of the low bytes of every 4-byte word of `arr` as elements of type `datatype`."""
    _need_array("memcpy_view", arr)
    dtype = np.dtype(datatype)
    if arr.dtype.itemsize != 4:
        raise RuntimeError(f"memcpy_view needs an array of 4-byte elements, not {arr.dtype}")
    if dtype.itemsize not in (1, 2, 4):
        raise RuntimeError(f"memcpy_view: {dtype} has no 1, 2 or 4 bytes")
    word = np.dtype({"names": ["low"], "formats": [dtype], "offsets": [0], "itemsize": 4})
    return arr.view(word)["low"]


def input_array_to_u32(np_arr, sentinel, fast_dim_sz):
    """One 32-bit word per element: the bits of the element and, for 2-byte elements with a `sentinel`
    that is not None, its index modulo `fast_dim_sz` in the upper half."""
    _need_array("input_array_to_u32", np_arr)
    if np_arr.ndim != 1:
        raise RuntimeError(f"input_array_to_u32 needs a 1-D array, not {np_arr.ndim}-D")
    if np_arr.dtype.itemsize == 4:
        return np_arr.view(np.uint32)
    if np_arr.dtype.itemsize != 2:
        raise RuntimeError(f"input_array_to_u32 needs 2-byte or 4-byte elements, not {np_arr.dtype}")
    words = np_arr.view(np.uint16).astype(np.uint32)
    if sentinel is not None:
        if fast_dim_sz is None or fast_dim_sz < 1:
            raise RuntimeError(f"input_array_to_u32: with a sentinel fast_dim_sz must be positive, not {fast_dim_sz}")
        index = np.arange(np_arr.size, dtype=np.uint32) % np.uint32(fast_dim_sz)
        words |= index << np.uint32(16)
    return words


def make_u48(words):
    """A 48-bit time stamp from three 16-bit words, lowest first."""
    return int(words[0]) + (int(words[1]) << 16) + (int(words[2]) << 32)


def sub_ts(words):
    """End minus start of two time stamps in six 16-bit words: start first."""
    return make_u48(words[3:6]) - make_u48(words[0:3])


def calculate_cycles(timestamp_buf):
    """End minus start of two time stamps packed into three 32-bit words (or f32 with these bits)."""
    buf = np.ascontiguousarray(timestamp_buf)
    if buf.dtype.itemsize != 4 or buf.size != 3:
        raise RuntimeError("calculate_cycles needs three 4-byte words")
    return np.int64(sub_ts(buf.view(np.uint16).ravel()))


def float_to_hex(f):
    """The bits of a number as f32, in hexadecimal."""
    return hex(struct.unpack("<I", struct.pack("<f", f))[0])


def cast_uint32(x):
    """The bits of a float, or the value of an integer, as numpy.uint32."""
    if isinstance(x, (np.float16, np.int16, np.uint16)):
        return np.uint32(x.view(np.uint16))
    if isinstance(x, (np.int32, np.uint32)):
        return x.view(np.uint32)
    if isinstance(x, (float, np.floating)):
        return np.float32(x).view(np.uint32)
    if isinstance(x, (int, np.integer)):
        return np.uint32(int(x) & 0xFFFFFFFF)
    raise RuntimeError(f"cast_uint32: {type(x).__name__} is not a number")


def is_valid_primitive_type(t):
    """Whether a launch can pass an argument of the type named `t`."""
    return t in LAUNCH_TYPES


def parse_host_callable_api(entry):
    """(name, [type of each parameter]) of one function of out_rpc.json."""
    return entry["name"], [parameter["type"] for parameter in entry.get("inputs", [])]


def get_api_info_dict_from_json(rpc):
    """{function name: [type of each parameter]} from the content of out_rpc.json."""
    return dict(parse_host_callable_api(entry) for entry in rpc["rpc_symbols"] if entry["kind"] == "Func")


def get_api_info_dict(app_path):
    """The same from the folder of a compiled program."""
    with open(os.path.join(app_path, "bin", "out_rpc.json"), encoding="utf-8") as f:
        return get_api_info_dict_from_json(json.load(f))


def argument_matches(value, type_name):
    """Whether `value` can be passed to a parameter of this type (host 7): numpy types exactly, a Python
    float or int that fits to f32, to i32 or u32."""
    if isinstance(value, np.generic):
        return type(value) is LAUNCH_TYPES.get(type_name)  # pylint: disable=unidiomatic-typecheck
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return type_name == "f32" and (not math.isfinite(value) or abs(value) < _F32_LIMIT)
    if isinstance(value, int):
        return (type_name == "i32" and -(2**31) <= value < 2**31) or (type_name == "u32" and 0 <= value < 2**32)
    return False


def check_rpc_api(name, args, api_info):
    """Raises unless function `name` exists and takes these arguments."""
    if name not in api_info:
        raise RuntimeError(f"cannot find exported function with name \"{name}\"")
    types = api_info[name]
    if len(args) != len(types):
        raise RuntimeError(f"function \"{name}\" takes {len(types)} argument(s), {len(args)} given")
    for position, (value, expected) in enumerate(zip(args, types)):
        if not is_valid_primitive_type(expected):
            raise RuntimeError(f"function \"{name}\": argument {position} is of type {expected}, which launch cannot pass: "
                               "use call with the 32-bit words of all arguments")
        if not argument_matches(value, expected):
            raise RuntimeError(
                f"function \"{name}\": argument {position}: expected type {expected}, not {type(value).__name__} ({value!r})"
            )


def argument_word(value, type_name):
    """The 32-bit word of a checked argument: 16-bit values in the low half, floats by their bits."""
    typed = LAUNCH_TYPES[type_name](value)
    return int(typed.view(np.uint16 if typed.itemsize == 2 else np.uint32))


def getOutputNameFromCompileOptions(options):  # pylint: disable=invalid-name
    """The value of -o in a line of compiler options; "out" without one."""
    words = shlex.split(options)
    name = "out"
    for i, word in enumerate(words):
        if word == "-o" and i + 1 < len(words):
            name = words[i + 1]
        elif word.startswith("-o="):
            name = word[len("-o="):]
    return name
