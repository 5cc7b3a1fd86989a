#!/usr/bin/env python3
"""Rewrites docs/diagnostics.md from support/diag.def and support/diag_help.def.

    docs/diagnostics.py           rewrite the page
    docs/diagnostics.py --check   exit 1 if the page is not up to date, or an explanation belongs to no message
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "diagnostics.md"
STRING = r'"((?:[^"\\]|\\.)*)"'
SEVERITY = {"DIAG_ERROR": "error", "DIAG_WARNING": "warning", "DIAG_DEPRECATED": "deprecation"}
HEAD = """# Diagnostics

Every message ends with its id in brackets; `weft explain ID` prints its row of these tables, which are made from
`support/diag.def` and `support/diag_help.def` by `docs/diagnostics.py`. `--warnings-as-errors` turns warnings into
errors; deprecations are a class of their own, which `--deprecations=warn|off|error` decides about. `…` stands for what
the message fills in.
"""


def text(literal):
    """The contents of a C string, with its placeholders shown as …"""
    plain = literal.replace('\\"', '"').replace("\\\\", "\\")
    return re.sub(r"%(\.\*)?(ll|z)?[0-9]*[a-z]", "…", plain).replace("|", "\\|")


def sections(helps):
    """(title, rows) for each group of support/diag.def."""
    title, rows = "", []
    for line in (TOP / "support" / "diag.def").read_text().splitlines():
        heading = re.match(r"// ([a-z][a-z, :]*)$", line)
        row = re.match(r"DIAG\((\w+),\s*(\w+),\s*%s\)" % STRING, line)
        if heading:
            if rows:
                yield title, rows
            title, rows = heading.group(1), []
        elif row and row.group(1) != "none":
            rows.append((row.group(1), SEVERITY[row.group(2)], text(row.group(3)), helps.get(row.group(1), "")))
    yield title, rows


def main():
    helps = dict(re.findall(r"^HELP\((\w+),\s*%s\)$" % STRING, (TOP / "support" / "diag_help.def").read_text(), re.M))
    lines, known = [HEAD], set()
    for title, rows in sections(helps):
        lines += ["## %s\n" % title, "| id | severity | message | what it means |", "|---|---|---|---|"]
        lines += ["| `%s` | %s | %s | %s |" % (i, severity, message, text(meaning))
                  for i, severity, message, meaning in rows] + [""]
        known |= {row[0] for row in rows}
    page = "\n".join(lines)
    if sys.argv[1:] == ["--check"]:
        if set(helps) - known:
            sys.exit("support/diag_help.def: no such message: " + ", ".join(sorted(set(helps) - known)))
        if not PAGE.exists() or page != PAGE.read_text():
            sys.exit("docs/diagnostics.md is out of date: run docs/diagnostics.py")
    else:
        PAGE.write_text(page)


main()
