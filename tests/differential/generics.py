"""Random generic functions: one body that means something else for every integer type."""
from values import int_operation, wrap


class Generic:
    """fn NAME(comptime T: type, a: T, b: T, n: u8) T, for integer types of at least 3 bits."""

    def __init__(self, rng, name):
        self.rng, self.name = rng, name
        self.body = self.expression(0)
        self.again = self.expression(1)

    def leaf(self):
        """A parameter or a number that every type has."""
        kind = self.rng.randrange(5)
        if kind < 2:
            name = "ab"[kind]
            return name, lambda t, v: v[name]
        if kind == 2:
            return "@as(T, n)", lambda t, v: wrap(t, v["n"])
        if kind == 3:
            return "@as(T, size(T))", lambda t, v: wrap(t, int(t[1:]))
        k = self.rng.randrange(4)
        return f"@as(T, {k})", lambda t, v: k

    def expression(self, deep):
        """An expression of type T."""
        if deep > 3 or self.rng.random() < 0.2:
            return self.leaf()
        x, y = self.expression(deep + 1), self.expression(deep + 1)
        kind = self.rng.randrange(8)
        if kind < 3:
            op = self.rng.choice("+-*&|^")
            return f"({x[0]} {op} {y[0]})", lambda t, v: int_operation(t, op, x[1](t, v), y[1](t, v))
        if kind == 3:
            op = self.rng.choice("/%")
            return f"({x[0]} {op} ({y[0]} | 1))", lambda t, v: int_operation(t, op, x[1](t, v), wrap(t, y[1](t, v) | 1))
        if kind == 4:
            return f"(if ({x[0]} < {y[0]}) {x[0]} else {y[0]})", lambda t, v: min(x[1](t, v), y[1](t, v))
        if kind == 5:
            return f"(if (comptime is_signed(T)) {x[0]} else {y[0]})", lambda t, v: (x if t[0] == "i" else y)[1](t, v)
        if kind == 6:
            return f"(~{x[0]})", lambda t, v: wrap(t, ~x[1](t, v))
        op = self.rng.choice(["<<", ">>"])
        return f"({x[0]} {op} (n % size(T)))", lambda t, v: int_operation(t, op, x[1](t, v), v["n"] % int(t[1:]))

    def text(self):
        """The function."""
        return (f"fn {self.name}(comptime T: type, a: T, b: @type_of(a), n: u8) T {{\n  var r: T = {self.body[0]};\n"
                f"  for (@range(u8, n % 3)) |i| {{\n    r = (r ^ {self.again[0]}) + @as(T, i);\n  }}\n  return r;\n}}\n")

    def call(self, t, a, b, n):
        """What it gives."""
        v = {"a": a, "b": b, "n": n}
        r = self.body[1](t, v)
        for i in range(n % 3):
            r = int_operation(t, "+", wrap(t, r ^ self.again[1](t, v)), wrap(t, i))
        return r


def helpers(types):
    """Functions that the generic ones call."""
    lines = ["fn is_signed(comptime T: type) bool { return @as(T, 0) > ~@as(T, 0); }", "fn size(comptime T: type) u8 {"]
    for t in sorted(set(types)):
        lines.append(f"  if (T == {t}) return {t[1:]};")
    return lines + ["  @comptime_assert(false);", "}"]
