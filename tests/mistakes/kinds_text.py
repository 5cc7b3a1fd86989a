"""Slips of the pen: punctuation, spelling, types and mutability."""
import re

from kinds import KINDS, kind
from source import Edit


def punctuation(name, pattern):
    """A kind for a mark that is left out."""
    def edits(s):
        for m in re.finditer(pattern, s.bare):
            yield Edit(m.start(), m.end(), "")
    KINDS[name] = (".csl", edits)


punctuation("; forgotten", ";")
punctuation(", forgotten", ",")
punctuation("( forgotten", r"\(")
punctuation(") forgotten", r"\)")
punctuation("{ forgotten", r"\{")
punctuation("} forgotten", r"\}")
punctuation(". of a struct forgotten", r"\.(?=\{)")
punctuation(". of a field forgotten", r"\.(?=\w+\s*=[^=])")
punctuation("@ forgotten", "@")


def misspelt(word):
    """A word with two letters exchanged, or one left out."""
    at = len(word) // 2
    if at and word[at - 1] != word[at]:
        return word[:at - 1] + word[at] + word[at - 1] + word[at + 1:]
    return word[:at] + word[at + 1:] if len(word) > 1 else word + word


def spelling(name, pattern, suffix=".csl", code=lambda s: s.bare):
    """A kind for words that are misspelt."""
    def edits(s):
        for m in re.finditer(pattern, code(s)):
            word = m.group(1)
            yield Edit(*m.span(1), misspelt(word), (word, misspelt(word)))
    KINDS[name] = (suffix, edits)


spelling("builtin misspelt", r"@([a-z]\w{3,})")
spelling("field of a struct misspelt", r"\.(\w{3,})\s*=[^=]")
spelling("member of a module misspelt", r"\b(?!i\d|self)\w+\.(\w{4,})")
spelling("type misspelt", r":\s*(?:\[[^]]*\])?([a-z]\w{2,})\b")
spelling("keyword misspelt", r"(?<![@.\w])(param|const|var|task|layout|comptime|fn|return|for|while|if)\b")
spelling("name of a param misspelt", r"\bparam\s+(\w{2,})")
spelling("direction misspelt", r"\b(EAST|WEST|NORTH|SOUTH|RAMP)\b")
spelling("name in a statement misspelt", r"@\w+\((\w{3,})\s*[,)]")
spelling("imported module misspelt", r"@import_module\(\"<?([\w/]+)", code=lambda s: s.code)
spelling("file of @set_tile_code misspelt", r"@set_tile_code\([^\"]*\"([\w/]+)", code=lambda s: s.code)
spelling("name of @export_name misspelt", r"@export_name\(\"(\w+)", code=lambda s: s.code)
spelling("name of @export_symbol misspelt", r"@export_symbol\([^,]*,\s*\"(\w+)", code=lambda s: s.code)
spelling("architecture misspelt", r"@is_arch\(\"(\w+)", code=lambda s: s.code)

TYPES = {"i16": "u16", "u16": "i16", "u32": "u16", "i32": "u32", "f32": "f16", "f16": "f32"}


def retyped(name, pattern):
    """A kind for a type that is written for another."""
    def edits(s):
        for m in re.finditer(pattern + r"\b(i16|u16|u32|i32|f32|f16)\b", s.bare):
            yield Edit(*m.span(m.lastindex), TYPES[m.group(m.lastindex)], s.words(m.start(), m.end()))
    KINDS[name] = (".csl", edits)


retyped("type of a variable", r"\b(?:var|const)\s+\w+\s*(?::|=)\s*(?:@zeros\()?(?:\[[^\]]*\])?\s*")
retyped("type of a param", r"\bparam\s+\w+\s*:\s*")
retyped("type of an argument", r"[(,]\s*\w+\s*:\s*(?:\[\*\])?")
retyped("type in @export_name", r"@export_name\([^;]*?\[\*\]")
retyped("type in @as", r"@as\(\s*")
retyped("type in @range", r"@range\(\s*")
retyped("type of an offset", r"@increment_dsd_offset\([^;]*,\s*")


def declared(word, instead):
    """A kind: `word` of a declaration is written otherwise."""

    @kind(f"{word} written {instead}")
    def _(s):
        for m in re.finditer(rf"\b({word})\s+(\w+)", s.bare):
            yield Edit(*m.span(1), instead, (m.group(2),))


declared("var", "const")
declared("const", "var")
declared("param", "const")


@kind("pointer of another mutability")
def _(s):
    for m in re.finditer(r"\[\*\](const\s+)?(?=[a-z])", s.bare):
        yield Edit(*m.span(), "[*]" if m.group(1) else "[*]const ", s.words(s.bare.rfind("\n", 0, m.start()) + 1, m.end()))


@kind("mutability in @export_name")
def _(s):
    for m in re.finditer(r"@export_name\(\"(\w+)\"[^;]*?(true|false)", s.code):
        yield Edit(*m.span(2), "false" if m.group(2) == "true" else "true", (m.group(1),))


@kind("& of a pointer forgotten")
def _(s):
    for m in re.finditer(r"(?<=[=(,])\s*(&)\w+", s.bare):
        yield Edit(*m.span(1), "", s.words(m.start(), m.end()))


@kind("= written for ==")
def _(s):
    for m in re.finditer(r"[^=!<>](==)[^=]", s.bare):
        yield Edit(*m.span(1), "=")


@kind("bound of a comparison")
def _(s):
    for m in re.finditer(r"\s(<|<=|>|>=|==)\s", s.bare):
        yield Edit(*m.span(1), {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!="}[m.group(1)])


@kind("pipe of a loop forgotten")
def _(s):
    for m in re.finditer(r"\)\s*(\|\w+(?:,\s*\w+)?\|)", s.bare):
        yield Edit(*m.span(1), "", s.words(*m.span(1)))


@kind("result type of a function forgotten")
def _(s):
    for m in re.finditer(r"\)(\s*void)\s*\{", s.bare):
        yield Edit(*m.span(1), "")


@kind("param never declared")
def _(s):
    for m in re.finditer(r"^param\s+(\w+)[^;]*;", s.bare, re.MULTILINE):
        yield Edit(*m.span(), "", (m.group(1),))


@kind("declaration forgotten")
def _(s):
    for m in re.finditer(r"^(?:const|var)\s+(\w+)[^;]*;", s.bare, re.MULTILINE):
        yield Edit(*m.span(), "", (m.group(1),))
