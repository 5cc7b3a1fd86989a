"""Random typed expressions of CSL, each with a closure that gives its value (values.py).

An expression is a pair: its text, and a function from the environment, {variable: value}, to the value.
"""
from values import (FLOATS, Array, Enum, Struct, compare, convert, is_int, limits, operation, same_again, widens, width,
                    wrap)

INTS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "i5", "u3", "u12", "i24", "u40", "i63", "u72", "i100"]
HALVES = ["f16", "bf16"]


def number(t, v):
    """A constant as text that any context takes."""
    return f"@as({t}, {v!r})" if not isinstance(v, bool) else str(v).lower()


def constant(t, v):
    """An expression for a known scalar."""
    return number(t, v), lambda env: v


class Variable:
    """A name that is in scope."""

    def __init__(self, name, t, writable=False, known=False, shared=False, pointer=None):
        self.name, self.type, self.writable, self.known, self.shared = name, t, writable, known, shared
        self.pointer = pointer  # name of the parameter that points to it


def steps_to(t, want, so_far=()):
    """Ways from a value of type t to one of type `want` inside: tuples of field names and array types."""
    found = [so_far] if t is want or t == want else []
    if isinstance(t, Array) and len(so_far) < 4:
        found += steps_to(t.elem, want, so_far + (t,))
    if isinstance(t, Struct) and len(so_far) < 4:
        for name, u in t.fields:
            found += steps_to(u, want, so_far + (name,))
    return found


class Place:
    """Something that can be read, and written if it is in a variable: find(env) gives container and key."""

    def __init__(self, text, find):
        self.text, self.find = text, find

    def read(self, t):
        """The place as an expression."""

        def value(env):
            container, key = self.find(env)
            return same_again(t, container[key])

        return self.text, value

    def write(self, env, v):
        """Assigns a value."""
        container, key = self.find(env)
        container[key] = v


class Expressions:
    """Expressions over the variables in scope. Subclasses add calls and statements."""

    def __init__(self, rng, world):
        self.rng, self.world = rng, world
        self.variables = []
        self.known_only = False  # comptime-known expressions only

    def chance(self, p):
        """True with probability p."""
        return self.rng.random() < p

    # ---- places ----
    def subscript(self, array):
        """Text of the indices of an element, and a function to its position."""
        parts = []
        for n in array.dims:
            if self.chance(0.4):
                parts.append((n, constant("u16", self.rng.randrange(n)), "{}"))
            else:
                t = self.rng.choice(["u16", "u8", "u32", "u64"])
                parts.append((n, self.expr(t, 3), f"({{}}) % {n}"))
        text = ", ".join(form.format(e[0]) for n, e, form in parts)

        def position(env):
            at = 0
            for n, e, _ in parts:
                at = at * n + e[1](env) % n
            return at

        return text, position

    def inside(self, base, steps):
        """The place that some steps inside of another lead to."""
        text, find = base.text, base.find
        for step in steps:
            if isinstance(step, Array):
                index, position = self.subscript(step)
                text += f"[{index}]"
                find = self.enter(find, position)
            else:
                text = f'@field({text}, "{step}")' if self.chance(0.1) else f"{text}.{step}"
                find = self.enter(find, lambda env, name=step: name)
        return Place(text, find)

    @staticmethod
    def enter(find, key):
        """From a place to a part of it."""

        def deeper(env):
            container, k = find(env)
            return container[k], key(env)

        return deeper

    def base_of(self, v):
        """The place of a variable."""
        if v.pointer:
            return Place(v.name, lambda env: env[v.pointer])
        return Place(v.name, lambda env: (env.tile["globals"] if v.shared else env, v.name))

    def places(self, t, writable=False):
        """Variables and ways inside of them to a type."""
        return [(v, steps) for v in self.variables if (v.writable or not writable) and (v.known or not self.known_only)
                for steps in steps_to(v.type, t)]

    # ---- leaves ----
    def scalar(self, t):
        """A random constant of a scalar type."""
        r = self.rng
        if t == "bool":
            return r.choice([False, True])
        if isinstance(t, Enum):
            return r.choice(list(t.members.values()))
        if not is_int(t):
            return r.choice([0.5, -1.25, 3.0, 0.0, 1000.0, -0.0078125, 2.5, 65504.0, 1.5e-5])
        low, high = limits(t)
        near = [v for v in (low, high, 0, 1, -1, 2, 7, high // 2) if low <= v <= high]
        return r.choice(near) if self.chance(0.5) else r.randint(max(low, -99), min(high, 99))

    def literal(self, t, typed=False):
        """A literal; without its type where the context gives it."""
        r = self.rng
        if isinstance(t, Array):
            return self.array_literal(t)
        if isinstance(t, Struct):
            return self.struct_literal(t, typed)
        v = self.scalar(t)
        if isinstance(t, Enum):
            name = next(n for n, m in t.members.items() if m == v)
            return f"{t.name}.{name}", lambda env: v
        if t == "bool":
            return str(v).lower(), lambda env: v
        value = v if is_int(t) else convert(t, "comptime_float", v)
        if typed and self.chance(0.6):
            return repr(v), lambda env: value
        if is_int(t) and v >= 0 and self.chance(0.2):
            return f"@as({t}, {r.choice([hex, bin, oct])(v)})", lambda env: value
        return number(t, v), lambda env: value

    def array_literal(self, t):
        """An array of given elements, or of equal ones."""
        if t.elem in self.world.scalars and t.elem != "bool" and self.chance(0.1):
            zero = convert(t.elem, "u8", 0)
            return f"@zeros({t})", lambda env: [zero] * t.count()
        if len(t.dims) > 1 or self.chance(0.3):
            text, value = self.expr(t.elem, 3, True)
            return f"@constants({t}, {text})", lambda env: [same_again(t.elem, value(env)) for _ in range(t.count())]
        elements = [self.expr(t.elem, 3, True) for _ in range(t.count())]
        return f"{t}{{ {', '.join(e[0] for e in elements)} }}", lambda env: [e[1](env) for e in elements]

    def struct_literal(self, t, typed):
        """A struct with its fields in any order; anonymous where the context gives the type."""
        fields = [(name, u, self.expr(u, 3, True)) for name, u in t.fields]
        self.rng.shuffle(fields)
        name = "." if typed and self.chance(0.5) else str(t)
        text = f"{name}{{ {', '.join(f'.{n} = {e[0]}' for n, _, e in fields)} }}"
        return text, lambda env: {n: e[1](env) for n, _, e in fields}

    def read(self, t, typed=False):
        """A variable of the type, or something inside one."""
        found = self.places(t)
        if found:
            v, steps = self.rng.choice(found)
            return self.inside(self.base_of(v), steps).read(t)
        s = self.near()
        if is_int(t) and s != t and self.places(s):
            text, value = self.read(s)
            return f"@as({t}, {text})", lambda env: convert(t, s, value(env))
        return self.literal(t, typed)

    def near(self, others=()):
        """A scalar type, mostly one that a variable has."""
        found = [t for t in INTS if self.places(t)]
        return self.rng.choice(found if found and self.chance(0.7) else INTS + list(others))

    # ---- operations ----
    def operands(self, t, deep):
        """Two operands whose common type is t."""
        a, b = self.expr(t, deep + 1), self.expr(t, deep + 1)
        narrow = [s for s in INTS + [self.world.half] if widens(s, t)]
        if self.world.widening and narrow and self.chance(0.3):
            b = self.widened(self.rng.choice(narrow), t, deep)
        elif self.chance(0.2) and t != "bool":
            b = self.plain_number(t)
        return (b, a) if self.chance(0.2) else (a, b)

    def plain_number(self, t):
        """A literal without type beside an operand that has one."""
        v = self.scalar(t)
        value = v if is_int(t) else convert(t, "comptime_float", v)
        return f"({v!r})" if v < 0 else repr(v), lambda env: value

    def widened(self, s, t, deep):
        """An expression of a narrower type, and the value that it becomes."""
        text, value = self.expr(s, deep + 1)
        return text, lambda env: convert(t, s, value(env))

    def binary(self, t, op, a, b):
        """An operator with its operands."""
        return f"({a[0]} {op} {b[0]})", lambda env: operation(t, op, a[1](env), b[1](env))

    def integer(self, t, deep):
        """An integer operation."""
        r = self.rng
        kind = r.randrange(10)
        if kind < 4:
            return self.binary(t, r.choice("+-*&|^"), *self.operands(t, deep))
        if kind == 4:
            x, y = self.expr(t, deep + 1), self.expr(t, deep + 1)
            op = r.choice("/%")
            return f"({x[0]} {op} ({y[0]} | 1))", lambda env: operation(t, op, x[1](env), wrap(t, y[1](env) | 1))
        if kind == 5:
            x, s = self.expr(t, deep + 1), r.choice(["u8", "u16", "u32"])
            y, op = self.expr(s, deep + 1), r.choice(["<<", ">>"])
            return f"({x[0]} {op} ({y[0]} % {width(t)}))", lambda env: operation(t, op, x[1](env), y[1](env) % width(t))
        if kind == 6:
            x = self.expr(t, deep + 1)
            if t[0] == "u" or self.chance(0.5):
                return f"(~{x[0]})", lambda env: wrap(t, ~x[1](env))
            return f"(-{x[0]})", lambda env: wrap(t, -x[1](env))
        return self.converted(t, deep)

    def converted(self, t, deep):
        """@as, @bitcast or @get_int."""
        r = self.rng
        if self.chance(0.2) and is_int(t) and width(t) in (16, 32):
            s = ("u" if t[0] == "i" else "i") + t[1:]
            x = self.expr(s, deep + 1)
            return f"@bitcast({t}, {x[0]})", lambda env: wrap(t, x[1](env))
        s = self.near(["bool"] + self.world.enums)
        x = self.expr(s, deep + 1)
        return f"@as({t}, {x[0]})", lambda env: convert(t, s, x[1](env))

    def floating(self, t, deep):
        """A float operation."""
        r = self.rng
        kind = r.randrange(8)
        if kind == 0:
            s = self.near(["bool"])
            x = self.expr(s, deep + 1)
            return f"@as({t}, {x[0]})", lambda env: convert(t, s, x[1](env))
        if kind == 1:
            s = self.world.half if t == "f32" else "f32"
            x = self.expr(s, deep + 1)
            return f"@as({t}, {x[0]})", lambda env: convert(t, s, x[1](env))
        if kind == 2:
            x = self.expr(t, deep + 1)
            return f"(-{x[0]})", lambda env: -x[1](env)
        return self.binary(t, r.choice("+-*/"), *self.operands(t, deep))

    def truth(self, deep):
        """A condition."""
        r = self.rng
        kind = r.randrange(6)
        if kind == 0:
            x, y, both = self.expr("bool", deep + 1), self.expr("bool", deep + 1), self.chance(0.5)
            return (f"({x[0]} {'and' if both else 'or'} {y[0]})",
                    (lambda env: x[1](env) and y[1](env)) if both else lambda env: x[1](env) or y[1](env))
        if kind == 1:
            x = self.expr("bool", deep + 1)
            return f"(!{x[0]})", lambda env: not x[1](env)
        if kind == 2:
            s = self.near(["f32", self.world.half])
            x = self.expr(s, deep + 1)
            return f"@as(bool, {x[0]})", lambda env: convert("bool", s, x[1](env))
        t = self.near(["f32", self.world.half] + (["bool"] + self.world.enums) * (kind == 3))
        op = r.choice(["==", "!="] + ["<", "<=", ">", ">="] * (t != "bool" and not isinstance(t, Enum)))
        if t == "bool" or isinstance(t, Enum):
            x, y = self.expr(t, deep + 1), self.expr(t, deep + 1)
        else:
            x, y = self.operands(t, deep)
        return f"({x[0]} {op} {y[0]})", lambda env: compare(op, x[1](env), y[1](env))

    def cut_float(self, t, deep):
        """A float as integer where it fits, something else where it does not."""
        s = self.rng.choice(["f32", self.world.half])
        places = self.places(s)
        if not places:
            return self.read(t)
        v, steps = self.rng.choice(places)
        text, value = self.inside(self.base_of(v), steps).read(s)
        low, high = (-3.5, 3.75) if t in ("i5", "u3", "i8") else (-100.0, 100.0)
        low = low if t[0] == "i" else 0.0
        other = self.expr(t, deep + 1)

        def chosen(env):
            x = value(env)
            return convert(t, s, x) if low <= x < high else other[1](env)

        return f"(if ({text} >= {low} and {text} < {high}) @as({t}, {text}) else {other[0]})", chosen

    def choice(self, t, deep, typed):
        """if and switch as expressions."""
        x, y = self.expr(t, deep + 1, typed), self.expr(t, deep + 1, typed)
        if self.chance(0.5):
            c = self.expr("bool", deep + 1)
            return f"(if ({c[0]}) {x[0]} else {y[0]})", lambda env: x[1](env) if c[1](env) else y[1](env)
        s = self.near(self.world.enums * 4)
        c = self.expr(s, deep + 1)
        if isinstance(s, Enum):
            cases = [m for m in s.members if self.chance(0.5)] or [list(s.members)[0]]
            numbers, texts = [s.members[m] for m in cases], [f"{s.name}.{m}" for m in cases]
        else:
            numbers = sorted({self.scalar(s) for _ in range(3)})
            texts = [repr(n) for n in numbers]
        text = f"(switch ({c[0]}) {{ {', '.join(texts)} => {x[0]}, else => {y[0]} }})"
        return text, lambda env: x[1](env) if c[1](env) in numbers else y[1](env)

    def call(self, t, deep):
        """A call; subclasses know functions."""
        return self.read(t)

    def expr(self, t, deep=0, typed=False):
        """An expression of a type; `typed` where the context says which."""
        if typed and self.world.widening and self.chance(0.1):
            narrow = [s for s in INTS + [self.world.half] if widens(s, t)]
            if narrow:
                return self.widened(self.rng.choice(narrow), t, deep)
        if deep > 3 or self.chance(0.25):
            return self.read(t, typed) if self.chance(0.7) else self.literal(t, typed)
        kind = self.rng.randrange(12)
        if kind < 2:
            return self.call(t, deep)
        if kind < 4 and not isinstance(t, (Array, Struct)):
            return self.choice(t, deep, typed)
        if kind == 4 and is_int(t):
            return self.cut_float(t, deep)
        if is_int(t):
            return self.integer(t, deep)
        if t in FLOATS:
            return self.floating(t, deep)
        return self.truth(deep) if t == "bool" else self.read(t, typed)
