"""Writes sources of extreme size or depth into the folder given."""
import os
import sys

LAYOUT = "layout { @set_rectangle(1, 1); @set_tile_code(0, 0); }\n"
DEPTH = 100000
FILES = {
    "parentheses": "const a = " + "(" * DEPTH + "1" + ")" * DEPTH + ";\n",
    "blocks": "fn f() void " + "{" * DEPTH + "}" * DEPTH + "\n",
    "unary": "const a = " + "-" * DEPTH + "1;\n",
    "binary": "const a = " + "1+" * DEPTH + "1;\n",
    "pointers": "const T = " + "*" * DEPTH + "u16;\n",
    "structs": "const T = " + "struct { a: " * DEPTH + "u16" + "}" * DEPTH + ";\n",
    "literals": "const a = " + ".{ .a = " * DEPTH + "1" + "}" * DEPTH + ";\n",
    "members": "const a = b" + ".c" * DEPTH + ";\n",
    "calls": "const a = f" + "(1)" * DEPTH + ";\n",
    "else": "fn f() void { " + "if (a) {} else " * DEPTH + "{} }\n",
    "nul": "const a = 1;\0\0 const b = 2;\n",
    "declarations": "".join(f"const a{i} = {i} + 1;\n" for i in range(100000)),
    "comment": "// " + "x" * 10_000_000 + "\n",
    "elements": "const a = .{ " + "1," * 1_000_000 + "};\n",
}
os.makedirs(sys.argv[1], exist_ok=True)
for name, text in FILES.items():
    with open(os.path.join(sys.argv[1], name + ".csl"), "w", encoding="ascii") as f:
        f.write(text + LAYOUT)
