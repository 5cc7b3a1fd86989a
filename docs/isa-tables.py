#!/usr/bin/env python3
"""Rewrites the generated tables of docs/isa.md from target/isa.def and target/registers.def.

    docs/isa-tables.py           rewrite the page
    docs/isa-tables.py --check   exit 1 if the page is not up to date
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "isa.md"
STRING = r'"((?:[^"\\]|\\.)*)"'
SCALAR = {"W": "16-bit integer", "D": "32-bit word", "H": "16-bit float", "S": "f32"}
SHAPE = {"UN": "f(b)", "BIN": "f(a, b)", "MAC": "a + b · s"}


def rows(macro, columns, table="isa.def"):
    text = (TOP / "target" / table).read_text()
    pattern = r"^%s\(\s*%s\)\s*$" % (macro, r",\s*".join(columns))
    return re.findall(pattern, text, re.MULTILINE)


def dsd_table():
    yield "| mnemonic | opcode | funct3 | funct2 | dest = | bits of dest, a, b | scalar | cost class |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, n, shape, dest, a, b, scalar, cost in rows("DSD_OP", [r"(\w+)\s*"] * 8):
        n = int(n)
        yield "| `dsd.%s` | 0x%02x | %d | %d | %s | %s, %s, %s | %s | %s |" % (
            name, 0x0B if n < 32 else 0x2B, n >> 2 & 7, n & 3, SHAPE[shape], dest, "–" if a == "0" else a, b,
            SCALAR[scalar], cost)


def sys_table():
    yield "| mnemonic | opcode | funct3 | funct7 | rd | rs1 | rs2 | meaning |"
    yield "|---|---|---|---|---|---|---|---|"
    columns = [r"(\w+)\s*", r"(\w+)\s*", r"(\w+)\s*", r"(\w+)\s*", r"(\w+)\s*", STRING]
    for name, opcode, f3, f7, operands, meaning in rows("SYS_OP", columns):
        operands = "" if operands == "none" else operands
        rd = "number" if "i" in operands else "result" if "d" in operands else "–"
        yield "| `%s` | %s | %s | %s | %s | %s | %s | %s |" % (
            name.replace("_", "."), opcode, f3, f7, rd, "value" if "1" in operands else "–",
            "value" if "2" in operands else "–", meaning)


def address(first, count):
    first, count = int(first, 0), int(count)
    return "–" if first == 0 else "0x%04x" % first if count == 1 else "0x%04x–%04x" % (first, first + count - 1)


def register_table():
    yield "| register | WSE-2 | WSE-3 | access | comptime | at reset | meaning |"
    yield "|---|---|---|---|---|---|---|"
    access = {"RW": "read, write", "RO": "read", "NO": "none"}
    columns = [r"(\w+)\s*"] * 7 + [STRING]
    for name, wse2, wse3, count, mode, comptime, reset, meaning in rows("REGISTER", columns, "registers.def"):
        yield "| `%s` | %s | %s | %s | %s | %s | %s |" % (
            name, address(wse2, count), address(wse3, count), access[mode], "yes" if comptime == "YES" else "reserved",
            reset, meaning)


def field_table():
    yield "| field | bits | meaning |"
    yield "|---|---|---|"
    columns = [r"(\w+)\s*"] * 4 + [STRING]
    for register, field, at, bits, meaning in rows("REGISTER_FIELD", columns, "registers.def"):
        at, bits = int(at), int(bits)
        yield "| `%s.%s` | %s | %s |" % (register, field, at if bits == 1 else "%d:%d" % (at + bits - 1, at), meaning)


def main():
    page = PAGE.read_text()
    for name, table in (("DSD operations", dsd_table), ("system operations", sys_table),
                        ("configuration registers", register_table), ("register fields", field_table)):
        begin, end = "<!-- %s: generated -->\n" % name, "<!-- end of %s -->" % name
        head, rest = page.split(begin)
        page = head + begin + "\n".join(table()) + "\n" + end + rest.split(end)[1]
    if sys.argv[1:] == ["--check"]:
        if page != PAGE.read_text():
            sys.exit("docs/isa.md is out of date: run docs/isa-tables.py")
    else:
        PAGE.write_text(page)


main()
