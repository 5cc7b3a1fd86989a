"""Records of the library module <debug>. Their format is described in stdlib/debug.csl, with which this file agrees."""
import numpy as np

PREFIX = "__debug_"


def _low_half(bits, exponent_bits, bias):
    """A 16-bit float with this many bits of exponent."""
    fraction_bits = 15 - exponent_bits
    exponent, fraction = bits >> fraction_bits & (1 << exponent_bits) - 1, bits & (1 << fraction_bits) - 1
    sign = -1.0 if bits >> 15 else 1.0
    if exponent == (1 << exponent_bits) - 1:
        return float("nan") if fraction else sign * float("inf")
    if exponent == 0:
        return sign * fraction * 2.0 ** (1 - bias - fraction_bits)
    return sign * (1 + fraction / (1 << fraction_bits)) * 2.0 ** (exponent - bias)


def _view(dtype):
    return lambda words: np.array(words, dtype="<u2").view(dtype)[0].item()


# By kind: number of words behind the first, and what they mean.
_KINDS = {
    3: (1, _view("<u2")),
    4: (1, _view("<i2")),
    5: (2, _view("<u4")),
    6: (2, _view("<i4")),
    7: (4, _view("<u8")),
    8: (4, _view("<i8")),
    9: (2, _view("<f4")),
    10: (1, _view("<f2")),
    11: (1, lambda words: _low_half(int(words[0]), 8, 127)),
    12: (1, lambda words: _low_half(int(words[0]), 6, 42)),
    14: (3, lambda words: int(words[0]) | int(words[1]) << 16 | int(words[2]) << 32),
}
# Kinds with their payload in the upper half of the first word.
_BYTES = {0: bool, 1: int, 2: lambda byte: byte - 256 if byte > 127 else byte}
_STRING = 13


def decode(buffer, text):
    """The values of a buffer of 16-bit words whose first one counts the rest; `text` gives a constant text by number."""
    words = buffer[1:1 + int(buffer[0])]
    values, at = [], 0
    while at < len(words):
        kind, byte = int(words[at]) & 255, int(words[at]) >> 8
        at += 1
        if kind in _BYTES:
            values.append(_BYTES[kind](byte))
        elif kind == _STRING:
            values.append(text(int(words[at])))
            at += 1
        elif kind in _KINDS:
            size, meaning = _KINDS[kind]
            values.append(meaning(words[at:at + size]))
            at += size
        else:
            raise RuntimeError(f"debug_util.read_trace: a record of unknown kind {kind}; were words put without a tag?")
    return values
