#!/usr/bin/env python3
"""Rewrites the generated tables of docs/tile-ir.md from ir/ops.def, ir/forms.def and target/setup.def.

    docs/ir-tables.py           rewrite the page
    docs/ir-tables.py --check   exit 1 if the page is not up to date
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "tile-ir.md"
STRING = r'"((?:[^"\\]|\\.)*)"'

# How a directive of ir/forms.def is shown.
SHOWN = {
    "T": "TYPE", "a": "a", "b": "b", "c": "c", "t": "TYPE", "u": "N", "i": "N", "k": "bN", "f": "@func",
    "s": "#N", "r": "FILE.N", "q": "KIND", "d": "input|output", "l": "N read|write", "o": "OP", "y": "OP",
    "F": "fabric(…)", "w": "[ wio]", "R": "[a]", "S": "[ a[, b]]", "C": "(values)", "B": "bN, bN",
    "K": "default bN, N..N bN, …", "M": "dims N extents (…) strides (…)", "U": "DEST, SRC0, SRC1 [with v] [cfg(…)] …",
    "L": "[ xdsr N] [cfg(…)] …", "n": "[ \"name\"]",
}
RESULT = {"V": "–", "T": "TYPE", "B": "bool", "P": "ptr"}


def rows(path, macro, columns):
    text = (TOP / path).read_text()
    pattern = r"^%s\((\w+),\s*%s\)\s*$" % (macro, r",\s*".join(columns))
    return re.findall(pattern, text, re.MULTILINE)


def escape(text):
    return text.replace("|", "\\|")


def ops_table():
    forms = {row[0]: row[1] for row in rows("ir/forms.def", "FORM", [STRING, STRING, r"'(.)'"])}
    yield "| operation | result | meaning |"
    yield "|---|---|---|"
    for op, text, _, result, _, meaning in rows("ir/ops.def", "IR_OP", [STRING, r"(\w+)", r"(\w)", STRING, STRING]):
        syntax = re.sub(r"%(.)", lambda m: SHOWN[m.group(1)], forms[op])
        yield "| `%s` | %s | %s |" % (escape((text + " " + syntax).strip()), RESULT[result], escape(meaning))


def setup_table():
    yield "| record | number | a | b | c |"
    yield "|---|---|---|---|---|"
    for row in rows("target/setup.def", "SETUP", [STRING] * 5):
        yield "| `%s` | %s |" % (row[1], " | ".join(escape(c) for c in row[2:]))


def main():
    page = PAGE.read_text()
    for name, table in (("operations", ops_table), ("setup", setup_table)):
        begin, end = "<!-- %s: generated -->\n" % name, "<!-- end of %s -->" % name
        head, rest = page.split(begin)
        page = head + begin + "\n".join(table()) + "\n" + end + rest.split(end)[1]
    if sys.argv[1:] == ["--check"]:
        if page != PAGE.read_text():
            sys.exit("docs/tile-ir.md is out of date: run docs/ir-tables.py")
        return
    PAGE.write_text(page)


main()
