"""Random comptime programs: well typed, mostly without errors, that print what they compute.

Everything has a bound, so that a program always ends: loops count to small numbers, functions call only earlier ones.
"""
import random

SIZED = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "i5", "u3", "u12", "u63", "i72", "u128", "i300"]
INTS = SIZED + ["comptime_int"]
LONG = {"u63": [62, 63], "i64": [62], "u64": [62, 63, 64], "i72": [62, 64, 70], "u128": [62, 64, 127, 128],
        "i300": [62, 63, 128, 298], "comptime_int": [62, 63, 64, 100]}  # exponents where representations change
FLOATS = ["f32", "f16", "comptime_float"]
SCALARS = INTS + FLOATS + ["bool", "Kind"]
AGGREGATES = ["[4]i16", "[4]f32", "[2,3]u32", "Pair"]
PRELUDE = """const Kind = enum(u8) { a, b, c };
const Pair = struct { x: i16, y: u32, a: [4]i16 };
const offset: i16 = 5;
const table = [4]i32{ 3, -1, 4, 1 };
const span = @range(i16, 2, 9, 3);
"""


class Function:
    """One function with its variables, statement by statement."""

    def __init__(self, rng, name, earlier, risk):
        self.rng, self.name, self.earlier, self.risk = rng, name, earlier, risk
        self.lines, self.depth, self.names = [], 1, 0
        self.variables = []  # (name, type, assignable)
        self.labels = []
        self.cost = 1  # rounds that enclose the current statement
        self.params = [(self.fresh("p"), rng.choice(SCALARS)) for _ in range(rng.randint(1, 3))]
        self.result = rng.choice(SCALARS + AGGREGATES)

    def fresh(self, stem):
        """A name that nothing else has."""
        self.names += 1
        return f"{stem}{self.names}"

    def put(self, text):
        """One line of code."""
        self.lines.append("  " * self.depth + text)

    def risky(self):
        """Now and then something that may be an error."""
        return self.rng.random() < self.risk

    # ---- expressions ----
    def literal(self, t):
        """A literal that has the type, or takes it."""
        r = self.rng
        if t == "bool":
            return r.choice(["true", "false"])
        if t == "Kind":
            return f"Kind.{r.choice('abc')}"
        if t == "[4]i16":
            return "[4]i16{ " + ", ".join(self.expr("i16", 1) for _ in range(4)) + " }"
        if t == "[4]f32":
            return r.choice(["@zeros([4]f32)", "@constants([4]f32, " + self.expr("f32", 1) + ")"])
        if t == "[2,3]u32":
            return r.choice(["@zeros([2,3]u32)", "@constants([2,3]u32, " + self.expr("u32", 1) + ")"])
        if t == "Pair":
            return (f"Pair{{ .y = {self.expr('u32', 1)}, .x = {self.expr('i16', 1)}, "
                    f".a = {self.expr('[4]i16', 1)} }}")
        if t in FLOATS:
            return f"@as({t}, {r.choice(['0.5', '-1.25', '3.0', '0.1', '1.0e3', '2.0'])})"
        if t in LONG and r.random() < 0.4:
            sign = r.choice(["", "-"]) if t[0] != "u" else ""
            at = r.choice(LONG[t])
            beside = "-" if t == f"u{at}" else r.choice("+-")
            return f"@as({t}, {sign}(1 << {at}) {beside} {r.randint(1, 9)})"
        return f"@as({t}, {r.randint(0, 3 if t == 'u3' else 9)})"

    def read(self, t):
        """A variable of the type, or something inside one."""
        found = [n for n, u, _ in self.variables if u == t]
        for n, u, _ in self.variables:
            if t == "i16" and u == "[4]i16":
                found.append(f"{n}[{self.index(4)}]")
            if t == "f32" and u == "[4]f32":
                found.append(f"{n}[{self.index(4)}]")
            if t == "u32" and u == "[2,3]u32":
                found.append(f"{n}[{self.index(2)}, {self.index(3)}]")
            if u == "Pair" and t in ("i16", "u32", "[4]i16"):
                found.append(f"{n}.{ {'i16': 'x', 'u32': 'y', '[4]i16': 'a'}[t] }")
                if t == "i16":
                    found.append(f"{n}.a[{self.index(4)}]")
        if t == "i16":
            found.append("offset")
        if t == "i32":
            found.append(f"table[{self.index(4)}]")
        return self.rng.choice(found) if found else self.literal(t)

    def index(self, n):
        """An index below n; seldom one that is not."""
        if self.risky():
            return self.expr(self.rng.choice(INTS), 2)
        if self.rng.random() < 0.4:
            return str(self.rng.randrange(n))
        return f"(({self.expr('u16', 2)}) % {n})"

    def integer(self, t, deep):
        """An integer operation."""
        r, a = self.rng, lambda: self.expr(t, deep + 1)
        kind = r.randrange(9)
        if kind < 3 and t == "comptime_int":  # products of products would fill the memory
            return r.choice([f"({a()} {r.choice('+-')} {a()})", f"({a()} * {r.randint(-9, 1 << 70)})"])
        if kind < 3:
            return f"({a()} {r.choice('+-*')} {a()})"
        if kind == 3:
            return f"({a()} {r.choice('&|^')} {a()})"
        if kind == 4:
            divisor = a() if self.risky() else f"({a()} | 1)"
            return f"({a()} {r.choice('/%')} {divisor})"
        if kind == 5:
            amount = self.expr("u8", deep + 1) if self.risky() else str(r.randrange(3))
            return f"({a()} {r.choice(['<<', '>>'])} {amount})"
        if kind == 6:
            return f"(~{a()})" if t[0] == "u" or (t[0] == "i" and r.random() < 0.5) else f"(-{a()})"
        if kind == 7:
            source = r.choice(SIZED + ["bool"]) if t != "comptime_int" and not self.risky() else r.choice(INTS)
            return f"@as({t}, {self.expr(source, deep + 1)})"
        return f"({a()} + {r.randrange(4)})" if not self.risky() else f"({a()} + 1000)"

    def other(self, t, deep):
        """An operation that gives a float, a bool or an enum."""
        r = self.rng
        if t == "bool":
            u = r.choice(INTS + FLOATS)
            kind = r.randrange(5)
            if kind == 0:
                return f"({self.expr('bool', deep + 1)} {r.choice(['and', 'or'])} {self.expr('bool', deep + 1)})"
            if kind == 1:
                return f"(!{self.expr('bool', deep + 1)})"
            if kind == 2:
                u = r.choice(["bool", "Kind"])
                return f"({self.expr(u, deep + 1)} {r.choice(['==', '!='])} {self.expr(u, deep + 1)})"
            sign = r.choice(["==", "!=", "<", "<=", ">", ">="])
            return f"({self.expr(u, deep + 1)} {sign} {self.expr(u, deep + 1)})"
        if t in FLOATS:
            if r.random() < 0.2:
                return f"@as({t}, {self.expr(r.choice(INTS), deep + 1)})"
            operator = r.choice("+-*/" if self.risky() else "+-*")
            return f"({self.expr(t, deep + 1)} {operator} {self.expr(t, deep + 1)})"
        return self.read(t)

    def call(self, t, deep):
        """A call of an earlier function with that result."""
        fitting = [f for f in self.earlier if f.result == t]
        if not fitting or self.cost > 40:
            return self.read(t)
        f = self.rng.choice(fitting)
        return f"{f.name}({', '.join(self.expr(u, deep + 1) for _, u in f.params)})"

    def expr(self, t, deep=0):
        """An expression of a type."""
        r = self.rng
        if deep > 3 or r.random() < 0.25:
            return self.read(t) if r.random() < 0.7 else self.literal(t)
        kind = r.randrange(12)
        if kind == 0:
            return self.call(t, deep)
        if kind == 1 and t not in AGGREGATES:
            return f"(if ({self.expr('bool', deep + 1)}) {self.expr(t, deep + 1)} else {self.expr(t, deep + 1)})"
        if kind == 2 and t in ("u16", "i16"):  # the compact form leaves this to the walker
            return f"@bitcast({t}, {self.expr('u16' if t == 'i16' else 'i16', deep + 1)})"
        if kind == 3 and t not in AGGREGATES:
            return (f"(switch ({self.expr('Kind', deep + 1)}) {{ Kind.a => {self.expr(t, deep + 1)}, "
                    f"Kind.b => {self.expr(t, deep + 1)}, else => {self.expr(t, deep + 1)} }})")
        if t in INTS:
            return self.integer(t, deep)
        return self.other(t, deep) if t not in AGGREGATES else self.read(t)

    # ---- statements ----
    def declare(self):
        """A new variable or constant."""
        r, t, n = self.rng, self.rng.choice(SCALARS + AGGREGATES), self.fresh("v")
        typed = f": {t}" if r.random() < 0.7 else ""
        if r.random() < 0.3:
            self.put(f"const {n}{typed} = {self.expr(t)};")
            self.variables.append((n, t, False))
        else:
            self.put(f"var {n}{typed} = {self.expr(t)};")
            self.variables.append((n, t, True))

    def assign(self):
        """An assignment to a variable, an element or a field."""
        r = self.rng
        places = []
        for n, t, writable in self.variables:
            if not writable:
                continue
            places.append((n, t))
            if t == "[4]i16" or t == "[4]f32":
                places.append((f"{n}[{self.index(4)}]", t[3:]))
            if t == "[2,3]u32":
                places.append((f"{n}[{self.index(2)}, {self.index(3)}]", "u32"))
            if t == "Pair":
                places += [(f"{n}.x", "i16"), (f"{n}.y", "u32"), (f"{n}.a", "[4]i16"),
                           (f"{n}.a[{self.index(4)}]", "i16")]
        if not places:
            return self.declare()
        place, t = r.choice(places)
        if t in INTS and r.random() < 0.5:
            signs = ["+=", "-=", "^=", "|="] + ["*="] * (t != "comptime_int")
            self.put(f"{place} {r.choice(signs)} {self.expr(t, 1)};")
        elif self.risky() and t in INTS:
            self.put(f"{place} = {self.expr(r.choice(INTS), 1)};")
        else:
            self.put(f"{place} = {self.expr(t)};")
        return None

    def body(self, n):
        """A block of n statements with its own variables."""
        known = len(self.variables)
        self.depth += 1
        for _ in range(n):
            self.statement()
        self.depth -= 1
        del self.variables[known:]

    def loop(self):
        """A loop of some form."""
        r, label = self.rng, self.fresh("l")
        if self.cost > 60 or self.depth > 5:
            return self.assign()
        count = r.randint(1, 7)
        kind = r.randrange(4)
        self.cost *= count
        self.labels.append(label)
        if kind == 0:
            k = self.fresh("k")
            self.put(f"var {k}: u16 = 0;")
            self.variables.append((k, "u16", False))
            self.put(f"{label}: while ({k} < {count}) : ({k} += 1) {{")
        elif kind == 1:
            i = self.fresh("i")
            t = r.choice(["i16", "u8", "i32", "u64", "u128", "comptime_int"])
            start = f"(1 << {r.choice(LONG[t][:2])}) - 3" if t in LONG else "1"
            step = r.choice([f"@range({t}, {count})", f"@range({t}, {start}, {start} + {count + 1}, {r.choice([1, 2])})", "span"])
            self.put(f"{label}: for ({step}) |{i}| {{")
            self.variables.append((i, "i16" if step == "span" else t, False))
        elif kind == 2:
            i = self.fresh("i")
            self.put(f"{label}: for ({self.expr('[4]i16', 2)}) |{i}| {{")
            self.variables.append((i, "i16", False))
        else:
            i, j = self.fresh("i"), self.fresh("j")
            self.put(f"{label}: for (@range(i16, {count}, {-count}, -2)) |{i}, {j}| {{")
            self.variables.append((i, "i16", False))
            if r.random() < 0.5:
                self.put(f"  if ({j} > 2) break;")
        self.body(r.randint(1, 4))
        self.put("}")
        if kind:
            self.variables.pop()
        self.labels.pop()
        self.cost //= count
        return None

    def jump(self):
        """A conditional jump out of a loop, or a return."""
        r = self.rng
        if self.labels and r.random() < 0.8:
            what = r.choice([f"break :{r.choice(self.labels)}", f"continue :{r.choice(self.labels)}", "break", "continue"])
        else:
            what = f"return {self.expr(self.result)}"
        self.put(f"if ({self.expr('bool', 1)}) {what};")

    def choose(self):
        """An if or a switch."""
        if self.rng.random() < 0.5:
            self.put(f"if ({self.expr('bool')}) {{")
            self.body(2)
            self.put("} else {")
            self.body(1)
            self.put("}")
            return
        self.put(f"switch ({self.expr('u8')}) {{")
        self.put("  0, 3 => {")
        self.body(2)
        self.put("  },")
        self.put("  else => {")
        self.body(1)
        self.put("  },")
        self.put("}")

    def block_value(self):
        """A variable whose value leaves a labelled block."""
        t, n, label = self.rng.choice(SCALARS), self.fresh("v"), self.fresh("b")
        self.put(f"const {n} = {label}: {{")
        self.put(f"  if ({self.expr('bool')}) break :{label} {self.expr(t)};")
        self.put(f"  break :{label} {self.expr(t)};")
        self.put("};")
        self.variables.append((n, t, False))

    def statement(self):
        """One statement."""
        if self.depth > 7:
            return self.assign()
        kinds = [self.declare] * 3 + [self.assign] * 6 + [self.loop] * 2 + [self.jump, self.choose, self.block_value]
        if self.rng.random() < 0.03:
            t = self.rng.choice(SCALARS)
            return self.put(f'@comptime_print("{self.name}", {self.expr(t)});')
        if self.risky():
            return self.put(f'@comptime_assert({self.expr("bool")}, "{self.name}");')
        return self.rng.choice(kinds)()

    def text(self):
        """The function."""
        self.variables = [(n, t, False) for n, t in self.params]
        for _ in range(self.rng.randint(3, 8)):
            self.statement()
        self.put(f"return {self.expr(self.result)};")
        head = ", ".join(f"{n}: {t}" for n, t in self.params)
        return f"fn {self.name}({head}) {self.result} {{\n" + "\n".join(self.lines) + "\n}\n"


def shown(f, value):
    """What @comptime_print can print of a result."""
    if f.result == "[4]i16" or f.result == "[4]f32":
        return ", ".join(f"{value}[{k}]" for k in range(4))
    if f.result == "[2,3]u32":
        return ", ".join(f"{value}[{k // 3}, {k % 3}]" for k in range(6))
    if f.result == "Pair":
        return f"{value}.x, {value}.y, {value}.a[0], {value}.a[3]"
    return value


def program(seed):
    """A whole program."""
    rng = random.Random(seed)
    risk = rng.choice([0, 0, 0.01, 0.05, 0.3])
    functions, text = [], PRELUDE
    for k in range(rng.randint(2, 5)):
        f = Function(rng, f"f{k}", list(functions), risk)
        text += f.text()
        functions.append(f)
    text += "layout {\n  @set_rectangle(1, 1);\n  @set_tile_code(0, 0);\n"
    for f in functions:
        top = Function(rng, "top", [], 0)
        args = ", ".join(top.literal(t) for _, t in f.params)
        text += f"  const {f.name}_r = {f.name}({args});\n  @comptime_print({shown(f, f.name + '_r')});\n"
        text += f"  for (@range(i16, 7)) |{f.name}_i| {{ @comptime_print({f.name}_i, {shown(f, f'{f.name}({args})')}); }}\n"
    return text + "}\n"
