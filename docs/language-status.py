#!/usr/bin/env python3
"""Rewrites docs/language-status.md: which tests hold each construct and each builtin of the language.

    docs/language-status.py           rewrite the page
    docs/language-status.py --check   exit 1 if the page is not current or a row lacks a test that it must have

Constructs are the rows of docs/language-features.txt, builtins those of sema/builtins.def. A golden test names its
constructs in a comment line `FEATURE: name, @builtin`, a test of tests/run in the key "features" of its case.json. A
test also counts for the builtins that its sources use; as a rejecting one only if a FEATURE line or an expected
message names them. A construct needs an accepting test, a builtin an accepting and an execution test, an
old form (its summary begins with "legacy") any golden test. Rows that end in
`| open` are known to lack one; the mark goes away by itself when they have it.
"""
import collections
import json
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "language-status.md"
FEATURES = TOP / "docs" / "language-features.txt"
ARCHS = ("wse2", "wse3")
BUILTIN = re.compile(r"@([A-Za-z_]\w*)\s*\(")
INTRINSIC = "__weft_"


class Row:
    """What is known about one construct or builtin."""

    def __init__(self, name, section, what):
        self.name, self.section, self.what, self.open = name, section, what, False
        self.accepting, self.rejecting, self.execution = set(), set(), set()
        self.archs, self.releases = set(), set()


def cells_of(line):
    """The name, the other cells and whether the row is open; None for a comment."""
    if not line or line.startswith("#"):
        return None
    name, *rest = [cell.strip() for cell in line.split(" | ")]
    is_open = rest[-1:] == ["open"]
    return name, rest[:-1] if is_open else rest, is_open


def read_constructs(rows, problems):
    """The rows of language-features.txt; a builtin is there only to say that it is open."""
    for number, line in enumerate(FEATURES.read_text().splitlines(), 1):
        cells = cells_of(line)
        if not cells:
            continue
        name, rest, is_open = cells
        if name.startswith("@") and name in rows and not rest and is_open:
            rows[name].open = True
        elif name.startswith("@") or len(rest) != 2:
            problems.append("docs/language-features.txt:%d: a row is `name | section | what [| open]` or "
                            "`@builtin | open`" % number)
        else:
            rows.setdefault(name, Row(name, *rest)).open |= is_open


def tidy_features(rows):
    """language-features.txt as it should be: no mark on a row that has its tests, no row twice after a merge."""
    lines, seen = [], set()
    for line in FEATURES.read_text().splitlines():
        cells = cells_of(line)
        if cells and cells[0] in seen:
            continue
        seen |= {cells[0]} if cells else set()
        if cells and cells[0] in rows and rows[cells[0]].open and not cells[2]:
            line += " | open"
            cells = cells_of(line)
        if cells and cells[2] and cells[0] in rows and not lacking(rows[cells[0]]):
            if cells[0].startswith("@"):
                continue
            line = line[:line.rindex(" | open")].rstrip()
        lines.append(line)
    return "\n".join(lines) + "\n"


def read_builtins(rows):
    section = ""
    for line in (TOP / "sema" / "builtins.def").read_text().splitlines():
        heading = re.match(r"//.*\((15\.\d)\)", line)
        section = "L " + heading.group(1) if heading else section
        entry = re.match(r'BUILTIN\((\w+),.*"((?:[^"\\]|\\.)*)"\)', line)
        if entry and not entry.group(1).startswith(INTRINSIC):
            rows["@" + entry.group(1)] = Row("@" + entry.group(1), section, entry.group(2))


def release_of(command):
    found = re.search(r"--sdk-compat=(\S+)", command)
    return found.group(1) if found and found.group(1) != "auto" else ""


def archs_of(command, text):
    """The architectures that one command of a test compiles for."""
    found = re.search(r"--arch[= ](\w+)", command)
    if found:
        return {found.group(1)}
    if re.search(r"%weft (syntax|opt)|--emit=ast", command):
        return set(re.findall(r"^(?:tile|fabric)\b.*\b(wse[23])\b", text, re.MULTILINE)) or set(ARCHS)
    return {ARCHS[0]}


def record(rows, name, kind, test, archs, releases):
    row = rows.get(name)
    if row:
        getattr(row, kind).add(test)
        row.archs |= archs
        row.releases |= releases


def read_golden(rows, path, problems):
    """One golden test: its FEATURE lines, the builtins in it and its RUN lines."""
    text, test = path.read_text(errors="replace"), str(path.relative_to(TOP / "tests" / "golden"))
    declared = {name.strip() for line in re.findall(r"FEATURE: *(.*)", text) for name in line.split(",")}
    problems += ["tests/golden/%s: there is no feature '%s'" % (test, name) for name in sorted(declared - set(rows))]
    used = {"@" + name for name in BUILTIN.findall(re.sub(r"//.*", "", text))}
    blamed = set()
    for line in re.findall(r"(?:error|warning|note): .*", text):
        blamed |= set(re.findall(r"@[A-Za-z_]\w*", line))
    for command in re.findall(r"RUN: *(.*)", text):
        if not re.search(r"%(weft|cslc)\b", command):
            continue
        rejects = re.match(r"(?:env \S+ )?not ", command) is not None
        names = declared | (blamed if rejects else used)
        for name in names:
            kind = "rejecting" if rejects else "accepting"
            record(rows, name, kind, test, archs_of(command, text), {release_of(command)} - {""})


def sources_of(folder, case):
    """The CSL files that a test of tests/run may compile."""
    layout = (folder / case.get("layout", "layout.csl")).resolve()
    return sorted(set(folder.rglob("*.csl")) | set(layout.parent.rglob("*.csl")))


def read_run(rows, path, problems):
    """One test of tests/run: its key "features" and the builtins that its programs use."""
    case, test = json.loads(path.read_text()), path.parent.name
    for variant in case.pop("variants", [{}]):
        merged = {**case, **variant}
        if merged.get("compile", {}).get("status", 0) != 0:
            continue
        declared = set(merged.get("features", []))
        problems += ["tests/run/%s: there is no feature '%s'" % (test, name) for name in sorted(declared - set(rows))]
        code = "\n".join(re.sub(r"//.*", "", f.read_text()) for f in sources_of(path.parent, merged))
        options = " ".join(merged.get("options", []))
        for name in declared | {"@" + b for b in BUILTIN.findall(code)}:
            record(rows, name, "execution", test, set(merged.get("archs", ARCHS)), {release_of(options)} - {""})


def cell(tests):
    """How many; beyond a few the page need not change with every test."""
    return "–" if not tests else str(len(tests)) if len(tests) < 3 else "3+"


def lacking(row):
    """The kinds of test that a row must have and does not."""
    if row.what.startswith("legacy"):  # what it says about itself is what there is
        needed = [("golden", row.accepting | row.rejecting)]
    elif row.name.startswith("@"):
        needed = [("accepting", row.accepting | row.execution), ("execution", row.execution)]
    else:
        needed = [("accepting", row.accepting | row.execution)]
    return [kind for kind, tests in needed if not tests]


def table(rows):
    yield "| name | section | what | works | accepting | rejecting | execution | architectures | releases |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        works = "**open**" if lacking(row) else "old form" if row.what.startswith("legacy") else "yes"
        yield "| %s | %s | %s | %s | %s | %s | %s | %s | %s |" % (
            "`%s`" % row.name if row.name.startswith("@") else row.name, row.section, row.what.replace("|", "\\|"), works,
            cell(row.accepting), cell(row.rejecting), cell(row.execution), ", ".join(sorted(row.archs)) or "–",
            ", ".join(sorted(row.releases)) or "auto")


HEAD = """# What is tested of the language

Generated by `docs/language-status.py` from the tests: how many golden tests accept and reject something, and how many
end-to-end tests run it. Sections: L is the language reference, S the differences of SDK 2.10. *Architectures* are those
that a test compiles for, *releases* those that a test asks for by `--sdk-compat`; the others run with what is found.
Conflicts in this page are not worth solving: run the script again.
"""


def page(rows):
    constructs = [row for row in rows.values() if not row.name.startswith("@")]
    builtins = [row for row in rows.values() if row.name.startswith("@")]
    parts = [HEAD, "## Constructs\n", "\n".join(table(constructs)), "\n## Builtins\n", "\n".join(table(builtins)), ""]
    return "\n".join(parts)


def main():
    rows, problems = collections.OrderedDict(), []
    read_builtins(rows)
    read_constructs(rows, problems)
    for pattern in ("*.csl", "*.wir", "*.test"):
        for path in sorted((TOP / "tests" / "golden").rglob(pattern)):
            if "Inputs" not in path.parts:
                read_golden(rows, path, problems)
    for path in sorted((TOP / "tests" / "run").glob("*/case.json")):
        read_run(rows, path, problems)
    problems += ["%s has no %s test" % (row.name, " and no ".join(lacking(row)))
                 for row in rows.values() if lacking(row) and not row.open]
    outputs = {PAGE: page(rows), FEATURES: tidy_features(rows)}
    for path, text in outputs.items():
        if sys.argv[1:] != ["--check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            problems.append("docs/%s is not current: run docs/language-status.py" % path.name)
    sys.exit("\n".join(problems) if problems else 0)


main()
