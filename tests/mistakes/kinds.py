"""The table of mistakes: `KINDS` maps a name to (suffix of the files it is made in, function from a Source to its Edits)."""
import re

from source import Edit

KINDS = {}
OPPOSITE = {"EAST": "WEST", "WEST": "EAST", "NORTH": "SOUTH", "SOUTH": "NORTH"}


def kind(name, suffix=".csl"):
    """Puts a function into the table."""
    def put(function):
        KINDS[name] = (suffix, function)
        return function
    return put


def without(source, spans):
    """Edits that leave out what stands in the spans."""
    for start, end in spans:
        yield Edit(start, end, "", source.words(start, end))


def swapped(source, start, end, choices):
    """An edit that writes the next one of other names instead of the one in the range."""
    now = source.code[start:end]
    others = sorted(set(choices) - {now})
    if others and now in choices:
        new = next((o for o in others if o > now), others[0])
        yield Edit(start, end, new, [w for w in (now, new) if re.fullmatch(r"\w+", w)])


def left_out(name, calls):
    """A kind for statements that are forgotten."""
    KINDS[name] = (".csl", lambda s: without(s, s.statements(calls)))


left_out("unblock_cmd_stream forgotten", r"\w+\.unblock_cmd_stream")
left_out("@activate forgotten", "@activate")
left_out("@block forgotten", "@block")
left_out("@unblock forgotten", "@unblock")
left_out("@bind_local_task forgotten", "@bind_local_task")
left_out("@bind_data_task forgotten", "@bind_data_task")
left_out("@bind_control_task forgotten", "@bind_control_task")
left_out("@initialize_queue forgotten", "@initialize_queue")
left_out("@set_color_config forgotten", "@set_color_config|@set_local_color_config")
left_out("@export_symbol forgotten", "@export_symbol")
left_out("@export_name forgotten", "@export_name")
left_out("transfer forgotten", r"@f?movs?(?:16|32)?|@fmov[sh]")


@kind("@set_tile_code forgotten")
def _(s):
    for start, end in s.statements("@set_tile_code"):
        yield Edit(start, end, "", ("@set_tile_code",))


def declared(source, kind_of_name):
    """Names that a file declares with a type."""
    return set(re.findall(rf"(?:const|param)\s+(\w+)\s*:\s*{kind_of_name}\b", source.code))


# ---- queues, colours, tasks ----

@kind("@initialize_queue of another colour")
def _(s):
    colors = {s.code[a:b] for _, a, b in s.fields("color|fabric_color")} | declared(s, "color")
    for start, end in s.statements("@initialize_queue"):
        for _, a, b in s.fields("color", start, end):
            yield from swapped(s, a, b, colors | {s.code[a:b]})


@kind("@initialize_queue of another queue")
def _(s):
    for start, _ in s.statements("@initialize_queue"):
        a, b = next(s.arguments(start))
        for side in ("input_queue", "output_queue"):
            yield from swapped(s, a, b, declared(s, side))


@kind("queue number used twice")
def _(s):
    for side in ("input", "output"):
        found = [m.span(1) for m in re.finditer(rf"@get_{side}_queue\((\d+)\)", s.code)]
        numbers = {s.code[a:b] for a, b in found}
        for a, b in found:
            yield from swapped(s, a, b, numbers)


@kind("operand of another queue")
def _(s):
    for side in ("input_queue", "output_queue"):
        for _, a, b in s.fields(side):
            yield from swapped(s, a, b, declared(s, side))


@kind("fabout of another colour")
def _(s):
    colors = {s.code[a:b] for _, a, b in s.fields("fabric_color")} | declared(s, "color")
    for _, a, b in s.fields("fabric_color"):
        yield from swapped(s, a, b, colors)


@kind("colour number used twice")
def _(s):
    found = [m.span(1) for m in re.finditer(r"@get_color\((\d+)\)", s.code)]
    for a, b in found:
        for edit in swapped(s, a, b, {s.code[x:y] for x, y in found}):
            name = re.search(r"(\w+)\s*(?::\s*color)?\s*=\s*@get_color\($", s.code[:a])
            yield Edit(edit.start, edit.end, edit.new, edit.about + ((name.group(1),) if name else ()))


@kind("task id used twice")
def _(s):
    found = [m.span(1) for m in re.finditer(r"@get_(?:local|control)_task_id\((\w+)\)", s.code)]
    for a, b in found:
        yield from swapped(s, a, b, {s.code[x:y] for x, y in found})


@kind("data task of another id")
def _(s):
    for start, _ in s.statements("@bind_data_task"):
        a, b = list(s.arguments(start))[1]
        yield from swapped(s, a, b, declared(s, "data_task_id"))
    for m in re.finditer(r"@get_data_task_id\((\w+)\)", s.code):
        for side in ("color", "input_queue"):
            yield from swapped(s, *m.span(1), declared(s, side))


@kind("task bound as another kind")
def _(s):
    for m in re.finditer(r"@bind_(local|data|control)_task", s.bare):
        yield Edit(*m.span(1), "data" if m.group(1) == "local" else "local", s.words(m.start(), s.closing(m.end())))


# ---- operands and operations ----

def fabric_dsds(s, which="fabin_dsd|fabout_dsd"):
    """(start, end) of calls that make fabric DSDs."""
    for start, end in s.calls("@get_dsd"):
        if re.match(rf"@get_dsd\s*\(\s*(?:{which})", s.code[start:end]):
            yield start, end


def resized(s, by):
    """Edits of the extents of fabric DSDs."""
    for start, end in fabric_dsds(s):
        for _, a, b in s.fields("extent", start, end):
            yield Edit(a, b, f"({s.code[a:b]}) {by}", s.words(start, end))


KINDS["extent one more"] = (".csl", lambda s: resized(s, "+ 1"))
KINDS["extent one less"] = (".csl", lambda s: resized(s, "- 1"))


@kind("extent of memory one less")
def _(s):
    for m in re.finditer(r"\|\w+\|\s*\{([^{}]+)\}\s*->", s.code):
        yield Edit(*m.span(1), f"({m.group(1)}) - 1", s.words(*m.span(1)))


def field_without_comma(s, start, end):
    """The span of a field with the comma that goes with it."""
    behind = re.match(r"\s*,[ \t]*", s.bare[end:])
    if behind:
        return start, end + behind.end()
    before = re.search(r",\s*$", s.bare[:start])
    return (before.start() if before else start), end


def without_fields(name):
    """Edits that leave out the fields of this name."""
    def edits(s):
        for start, _, end in s.fields(name):
            line = s.bare[s.bare.rfind("\n", 0, start) + 1:].split("\n", 1)[0]
            yield Edit(*field_without_comma(s, start, end), "", s.words(s.bare.find(line), s.bare.find(line) + len(line)))
    return edits


KINDS["async forgotten"] = (".csl", without_fields("async"))
KINDS["activate of an operation forgotten"] = (".csl", without_fields("activate|unblock"))
KINDS["control forgotten"] = (".csl", without_fields("control"))
KINDS["input_queue or output_queue forgotten"] = (".csl", without_fields("input_queue|output_queue"))


@kind("configuration of an operation forgotten")
def _(s):
    for start, end in s.calls(r"@\w+"):
        arguments = list(s.arguments(start))
        a, b = arguments[-1] if arguments else (0, 0)
        if len(arguments) > 1 and "async" in s.code[a:b] and s.code[a:b].startswith(".{"):
            yield Edit(arguments[-2][1], b, "", s.words(start, end))


@kind("async where it does not belong")
def _(s):
    fabric = set(re.findall(r"(?:const|var)\s+(\w+)\s*=\s*@get_dsd\(\s*fab", s.code))
    for start, end in s.statements(r"@f?\w+"):
        arguments = list(s.arguments(start))
        if any(s.code[a:b] in fabric for a, b in arguments) and "async" not in s.code[start:end]:
            at = arguments[-1][1]
            yield Edit(at, at, ", .{ .async = true }", s.words(start, end))


@kind("another task activated")
def _(s):
    ids = declared(s, "local_task_id")
    for _, a, b in s.fields("activate|unblock"):
        yield from swapped(s, a, b, ids)
    for start, _ in s.statements("@activate|@unblock|@block"):
        a, b = next(s.arguments(start))
        yield from swapped(s, a, b, ids)


@kind("operation of another width")
def _(s):
    other = {"@fmovs": "@fmovh", "@mov32": "@mov16", "@fadds": "@faddh", "@fmacs": "@fmach", "@mov16": "@mov32",
             "@fmovh": "@fmovs", "@fmuls": "@fmulh"}
    for m in re.finditer(r"@(?:fmov|mov|fadd|fmac|fmul)(?:s|h|32|16)\b", s.bare):
        if m.group(0) in other:
            yield Edit(*m.span(), other[m.group(0)], s.words(m.start(), s.closing(m.end())))


@kind("operands in another order")
def _(s):
    for start, end in s.statements(r"@\w*(?:mov|add|mac|mul|sub)\w*"):
        arguments = list(s.arguments(start))
        if len(arguments) >= 2:
            (a, b), (c, d) = arguments[:2]
            if s.code[a:b] != s.code[c:d]:
                yield Edit(a, d, s.text[c:d] + s.text[b:c] + s.text[a:b], s.words(start, end))


# ---- routes ----

def turned(s, start, end, about):
    """Edits that turn the directions in a range round."""
    for m in re.finditer(r"\b(EAST|WEST|NORTH|SOUTH)\b", s.bare[start:end]):
        yield Edit(start + m.start(), start + m.end(), OPPOSITE[m.group(1)], about)


def around(s, start):
    """Words of the call that configures a colour around `start`, else of the statement."""
    for begin, end in s.calls("@set_color_config|@set_local_color_config"):
        if begin < start < end:
            return s.words(begin, end)
    begin = s.bare.rfind(";", 0, start) + 1
    end = s.bare.find(";", start)
    return s.words(begin, end if end > 0 else start + 80)


def turned_fields(name):
    """A kind for the directions of rx or tx."""
    def edits(s):
        for _, a, b in s.fields(name):
            if s.code[a] == ".":  # a list: of a route, not of a switch position
                yield from turned(s, a, b, around(s, a))
    return edits


KINDS["rx of a route turned"] = (".csl", turned_fields("rx"))
KINDS["tx of a route turned"] = (".csl", turned_fields("tx"))


@kind("RAMP forgotten in a route")
def _(s):
    for _, a, b in s.fields("rx|tx"):
        m = re.search(r",\s*RAMP\b|\bRAMP\s*,\s*", s.bare[a:b])
        if m:
            yield Edit(a + m.start(), a + m.end(), "", around(s, a))


@kind("position of a switch turned")
def _(s):
    for _, a, b in s.fields("pos[123]"):
        yield from turned(s, a, b, around(s, a))


@kind("first position of a switch")
def _(s):
    for start, a, b in s.fields("current_switch_pos"):
        yield Edit(a, b, "0" if s.code[a:b] != "0" else "1", around(s, start))


@kind("mode of a switch")
def _(s):
    for start, _, b in s.fields("ring_mode|pop_mode"):
        yield Edit(*field_without_comma(s, start, b), "", around(s, start))


@kind("range of a filter")
def _(s):
    for start, a, b in s.fields("min_idx|max_idx|limit1|init_counter|count_data"):
        if s.code[a:b] not in ("true", "false"):
            yield Edit(a, b, f"({s.code[a:b]}) + 1", around(s, start))


# ---- layout ----

@kind("param of @set_tile_code forgotten")
def _(s):
    for start, end in s.statements("@set_tile_code"):
        for m in re.finditer(r"\.(\w+)\s*=", s.code[start:end]):
            for a, _, b in s.fields(m.group(1), start + m.start(), end):
                yield Edit(*field_without_comma(s, a, b), "", (m.group(1),))
                break


@kind("param of @set_tile_code of another value")
def _(s):
    for start, end in s.statements("@set_tile_code"):
        numbers = [s.code[a:b] for m in re.finditer(r"\.(\w+)\s*=", s.code[start:end])
                   for _, a, b in list(s.fields(m.group(1), start + m.start(), end))[:1]]
        plain = [n for n in numbers if re.fullmatch(r"\w+", n)]
        for m in re.finditer(r"\.(\w+)\s*=", s.code[start:end]):
            for _, a, b in list(s.fields(m.group(1), start + m.start(), end))[:1]:
                for edit in swapped(s, a, b, plain):
                    yield Edit(edit.start, edit.end, edit.new, edit.about + (m.group(1),))


@kind("rectangle of another size")
def _(s):
    for start, _ in s.statements("@set_rectangle"):
        a, b = next(s.arguments(start))
        yield Edit(a, b, f"{s.code[a:b]} - 1", ("rectangle",))
        yield Edit(a, b, f"{s.code[a:b]} + 1", ("rectangle",))


@kind("code for a tile beside the one meant")
def _(s):
    for start, _ in s.statements("@set_tile_code|@set_color_config"):
        a, b = next(s.arguments(start))
        yield Edit(a, b, f"{s.code[a:b]} + 1", s.words(start, start + 80))


@kind("form of the other architecture")
def _(s):
    for m in re.finditer(r"@is_arch\(\"(wse[23])\"\)", s.code):
        yield Edit(*m.span(1), "wse2" if m.group(1) == "wse3" else "wse3", s.words(m.end(), m.end() + 200))


@kind("compiled for the other architecture", ".sh")
def _(s):
    for m in re.finditer(r"--arch[= ']+wse([23])", s.text):
        yield Edit(*m.span(1), {"2": "3", "3": "2"}[m.group(1)])


@kind("option of cslc forgotten", ".sh")
def _(s):
    for m in re.finditer(r"'?--(?:memcpy|params[= ']*[\w:,]+|channels[= ']*\d+|fabric-offsets[= ']*[\d,]+|fabric-dims[= ']*[\d,]+)'?",
                         s.text):
        yield Edit(*m.span(), "", re.findall(r"memcpy|params|channels|fabric-\w+|(?<=[:,=])[A-Za-z]\w*", m.group(0)))
