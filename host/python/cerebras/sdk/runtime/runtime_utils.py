"""Helpers of SDK releases before 1.0 under their old name: port maps say which element of a host tensor belongs to which
place of which tile (sdk-2.10 7, host side). Today the region is given to memcpy_h2d and memcpy_d2h.

A port map has the form `{ name[i=0:3][j=0:7] -> [PE[i % 2, i // 2] -> index[j]] }`: index variables of the tensor with their
bounds, both inclusive, then column and row of the tile and the position there.
"""
import ast
import re
import warnings

import numpy as np

from cerebras.sdk.sdk_utils import input_array_to_u32, memcpy_view  # pylint: disable=unused-import

warnings.warn("cerebras.sdk.runtime.runtime_utils is a form of older releases: import cerebras.sdk.sdk_utils, and give the "
              "region to memcpy_h2d and memcpy_d2h", FutureWarning, stacklevel=2)

_MAP = re.compile(r"\s*\{\s*\w+\s*(?P<dims>(?:\[[^\]]*\]\s*)+)->\s*\[\s*PE\s*\[(?P<tile>[^\]]*)\]\s*->\s*"
                  r"index\s*\[(?P<place>[^\]]*)\]\s*\]\s*\}\s*")
_DIM = re.compile(r"\[\s*(\w+)\s*=\s*([^:\]]+):([^:\]]+)\]")
_OPERATORS = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.FloorDiv: np.floor_divide, ast.Mod: np.mod}


def _wrong(portmap, why):
    return ValueError(f"port map {portmap!r}: {why}; the form is {{ T[i=0:3][j=0:7] -> [PE[i, 0] -> index[j]] }}")


def _value(portmap, node, names):
    """An integer expression over index variables, which may be arrays."""
    if isinstance(node, ast.Constant) and type(node.value) is int:  # pylint: disable=unidiomatic-typecheck
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        right = _value(portmap, node.right, names)
        if isinstance(node.op, (ast.FloorDiv, ast.Mod)) and not np.all(right):
            raise _wrong(portmap, "division by zero")
        return _OPERATORS[type(node.op)](_value(portmap, node.left, names), right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(portmap, node.operand, names)
    raise _wrong(portmap, f"{ast.unparse(node)} is not an expression of integers, index variables, +, -, *, // and %")


def _values(portmap, text, names):
    try:
        tree = ast.parse(f"({text.strip()},)", mode="eval")
    except SyntaxError:
        raise _wrong(portmap, f"cannot read {text.strip()!r}") from None
    return [_value(portmap, node, names) for node in tree.body.elts]


class _PortMap:
    """Where the elements of a tensor are: the region of tiles, and position in it of each element in row-major order."""

    def __init__(self, portmap):
        match = _MAP.fullmatch(portmap)
        dims = _DIM.findall(match["dims"]) if match else []
        if not dims or "".join(_DIM.sub("", match["dims"]).split()):
            raise _wrong(portmap, "cannot read it")
        bounds = [(name, *(_values(portmap, end, {})[0] for end in ends)) for name, *ends in dims]
        if any(low > high for _, low, high in bounds):
            raise _wrong(portmap, "an upper bound is below its lower bound")
        self.shape = tuple(high - low + 1 for _, low, high in bounds)
        grid = np.meshgrid(*(np.arange(low, high + 1) for _, low, high in bounds), indexing="ij")
        names = {name: axis for (name, _, _), axis in zip(bounds, grid)}
        tile = [np.broadcast_to(v, self.shape) for v in _values(portmap, match["tile"], names)]
        place = [np.broadcast_to(v, self.shape) for v in _values(portmap, match["place"], names)]
        if len(tile) != 2:
            raise _wrong(portmap, "PE takes column and row")
        self.x, self.y = int(tile[0].min()), int(tile[1].min())
        self.width, self.height = (int(v.max() - v.min()) + 1 for v in tile)
        inner = [int(v.max()) + 1 for v in place]
        if min(int(v.min()) for v in [*tile, *place]) < 0:
            raise _wrong(portmap, "a tile or a place is negative")
        self.length = int(np.prod(inner))
        at = (tile[1] - self.y) * self.width + (tile[0] - self.x)
        for size, v in zip(inner, place):
            at = at * size + v
        self.position = at.ravel()
        if np.unique(self.position).size != self.position.size:
            raise _wrong(portmap, "two elements have one place")

    def region(self):
        return self.x, self.y, self.width, self.height, self.length

    def words(self):
        return self.width * self.height * self.length


def convert_input_tensor(portmap, tensor):
    """(px, py, w, h, l, words): the arguments of memcpy_h2d, in row-major order, that bring `tensor` to where the port map
    says. Places that it leaves out are zero."""
    m = _PortMap(portmap)
    tensor = np.asarray(tensor)
    if tensor.size != m.position.size:
        raise _wrong(portmap, f"it has {m.position.size} elements, the tensor {tensor.size}")
    words = np.zeros(m.words(), dtype=np.uint32)
    words[m.position] = input_array_to_u32(np.ascontiguousarray(tensor).ravel(), None, 1)
    return (*m.region(), words)


def prepare_output_tensor(portmap, dtype):
    """(px, py, w, h, l, words): the arguments of memcpy_d2h that take a tensor of this type from where the port map says."""
    if np.dtype(dtype).itemsize not in (2, 4):
        raise ValueError(f"elements of {np.dtype(dtype)} have no 2 or 4 bytes")
    m = _PortMap(portmap)
    return (*m.region(), np.zeros(m.words(), dtype=np.uint32))


def format_output_tensor(portmap, dtype, words):
    """The tensor of what memcpy_d2h has written into `words`, in the shape of the port map."""
    m = _PortMap(portmap)
    words = np.asarray(words).ravel()
    if words.size != m.words():
        raise _wrong(portmap, f"it covers {m.words()} words, the data has {words.size}")
    return memcpy_view(words[m.position], dtype).reshape(m.shape).copy()
