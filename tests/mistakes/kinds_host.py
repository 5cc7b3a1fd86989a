"""Mistakes in the host script."""
import re

from kinds import kind
from source import Edit

COPIES = r"\w+\.memcpy_(?:h2d|d2h)"


def lines_of(s, start, end):
    """The span of whole lines, which is what stands there alone."""
    begin = s.text.rfind("\n", 0, start) + 1
    behind = s.text.find("\n", end)
    return begin, (behind + 1 if behind >= 0 else len(s.text))


def names_of(s, start, end):
    """Names and texts in a call."""
    return re.findall(r"[A-Za-z_]\w{1,}", s.code[start:end])


def without_calls(s, name):
    """Edits that leave a statement out, with `pass` for it."""
    for start, end in s.statements(name):
        yield Edit(start, end, "pass", names_of(s, start, end))


@kind("host: copy forgotten", ".py")
def _(s):
    return without_calls(s, COPIES)


def forgotten(what, calls):
    """A kind: calls that are left out."""

    @kind(f"host: {what} forgotten", ".py")
    def _(s):
        return without_calls(s, calls)


forgotten("launch", r"\w+\.(?:launch|call)")
forgotten("load", r"\w+\.load")
forgotten("run", r"\w+\.run")
forgotten("stop", r"\w+\.stop")


def argument(number, by):
    """Edits of one argument by its number."""
    def edits(s):
        for start, end in s.calls(COPIES):
            arguments = list(s.arguments(start))
            if len(arguments) > number and "=" not in s.bare[slice(*arguments[number])]:
                a, b = arguments[number]
                yield Edit(a, b, f"{s.text[a:b]} {by}", names_of(s, start, end))
    return edits


kind("host: column of the region", ".py")(argument(2, "+ 1"))
kind("host: width of the region", ".py")(argument(4, "+ 1"))
kind("host: height of the region", ".py")(argument(5, "- 1"))
kind("host: elements per tile one more", ".py")(argument(6, "+ 1"))
kind("host: elements per tile one less", ".py")(argument(6, "- 1"))


@kind("host: another symbol", ".py")
def _(s):
    found = set(re.findall(r"get_id\([\"'](\w+)", s.code))
    for m in re.finditer(r"get_id\([\"'](\w+)", s.code):
        others = sorted(found - {m.group(1)})
        if others:
            yield Edit(*m.span(1), others[0], (m.group(1), others[0]))


@kind("host: symbol misspelt", ".py")
def _(s):
    for m in re.finditer(r"get_id\([\"'](\w+)", s.code):
        yield Edit(*m.span(1), m.group(1) + "s", (m.group(1) + "s",))


@kind("host: function misspelt", ".py")
def _(s):
    for m in re.finditer(r"\.(?:launch|call)\(\s*[\"'](\w+)", s.code):
        yield Edit(*m.span(1), m.group(1) + "s", (m.group(1) + "s",))


@kind("host: argument of a launch forgotten", ".py")
def _(s):
    for start, end in s.statements(r"\w+\.launch"):
        arguments = [a for a in s.arguments(start) if "nonblock" not in s.code[slice(*a)]]
        if len(arguments) > 1:
            yield Edit(arguments[-2][1], arguments[-1][1], "", names_of(s, start, end))


@kind("host: argument of a launch too many", ".py")
def _(s):
    for start, end in s.statements(r"\w+\.launch"):
        a, b = next(s.arguments(start))
        yield Edit(b, b, ", np.int16(7)", names_of(s, start, end))


@kind("host: width of the elements", ".py")
def _(s):
    for m in re.finditer(r"MEMCPY_(16|32)BIT", s.code):
        yield Edit(*m.span(1), "32" if m.group(1) == "16" else "16", ("16", "32"))


@kind("host: type of an array", ".py")
def _(s):
    other = {"float32": "float64", "uint32": "int64", "int32": "int64", "float16": "float32", "uint16": "uint32"}
    for m in re.finditer(r"np\.(float32|uint32|int32|float16|uint16)\b", s.code):
        yield Edit(*m.span(1), other[m.group(1)], (m.group(1), other[m.group(1)]))


@kind("host: order of the elements", ".py")
def _(s):
    for m in re.finditer(r"MemcpyOrder\.(ROW|COL)_MAJOR", s.code):
        yield Edit(*m.span(1), "COL" if m.group(1) == "ROW" else "ROW", ("order",))


@kind("host: streaming or not", ".py")
def _(s):
    for m in re.finditer(r"streaming\s*=\s*(True|False)", s.code):
        yield Edit(*m.span(1), "False" if m.group(1) == "True" else "True", ("streaming",))


@kind("host: blocking or not", ".py")
def _(s):
    for m in re.finditer(r"nonblock\s*=\s*(True|False)", s.code):
        yield Edit(*m.span(1), "False" if m.group(1) == "True" else "True", ("nonblock",))


@kind("host: two calls in the wrong order", ".py")
def _(s):
    calls = list(s.statements(COPIES + r"|\w+\.launch"))
    for (a, b), (c, d) in zip(calls, calls[1:]):
        first, second = lines_of(s, a, b), lines_of(s, c, d)
        if first[1] <= second[0] and s.text[first[0]:a] == s.text[second[0]:c]:  # equally far to the right
            yield Edit(first[0], second[1], s.text[slice(*second)] + s.text[first[1]:second[0]] + s.text[slice(*first)],
                       names_of(s, a, b) + names_of(s, c, d))


@kind("host: keyword misspelt", ".py")
def _(s):
    for start, end in s.calls(COPIES):
        for m in re.finditer(r"\b(\w{4,})=[^=]", s.bare[start:end]):
            yield Edit(start + m.start(1), start + m.end(1), m.group(1)[:-1], (m.group(1), m.group(1)[:-1]))


@kind("host: array too small", ".py")
def _(s):
    for m in re.finditer(r"np\.zeros\(\s*\[?([\w* ]+)[\],]", s.code):
        yield Edit(*m.span(1), f"{m.group(1)} - 1", ())


@kind("host: folder of the program", ".py")
def _(s):
    for start, _ in s.calls("SdkRuntime"):
        a, b = next(s.arguments(start))
        yield Edit(a, b, f"{s.text[a:b]} + 's'", ("outs",))
