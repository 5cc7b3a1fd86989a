"""Random programs of the language: functions whose results are known, on a few tiles with different params.

Every tile calls every function with the same arguments in several ways, and stores what they give as words:
  - on the tile, with arguments from variables;
  - while compiling, with arguments that depend on the tile's params;
  - the inline form, with some arguments known and some not;
the functions live in the tile's file or in a module of it; and at the end the variables that functions have written.
"""
import random

from expressions import HALVES, INTS, Expressions, Variable, number
from functions import Frame, Function
from generics import Generic, helpers
from values import Array, Enum, Reject, Struct, convert, is_int, words

TILES = 3
FUEL = 20000  # statements that one tile may execute
PACKED = [("u3", "i5", "bool", "u7"), ("u12", "bool", "i3", "u16"), ("i16", "u5", "i11"), ("bool", "u15")]


class World:
    """What the functions of a program share."""

    def __init__(self, rng):
        self.rng = rng
        self.widening = rng.random() < 0.4
        self.half = rng.choice(HALVES)  # 16-bit format of the program
        self.scalars = INTS + ["f32", self.half, "bool"]
        self.enums = [Enum("Kind", "u8", {"a": 0, "b": 1, "c": 2}), Enum("Level", "i16", {"low": -3, "mid": 0, "high": 500})]
        self.aggregates, self.packed, self.globals, self.constants, self.table = [], [], [], [], []
        self.generics = [Generic(rng, f"generic_{k}") for k in range(rng.randrange(3))]
        self.known = {}  # constants and their values
        self.lines = [f"const {e} = enum({e.base}) {{ {', '.join(f'{n} = {v}' for n, v in e.members.items())} }};"
                      for e in self.enums]
        self.lines.append("fn Vec(comptime T: type) type { return struct { x: T, y: [3]T }; }")
        if self.generics:
            self.lines += helpers(INTS + [t for fields in PACKED for t in fields if t != "bool"]) + [g.text() for g in self.generics]
        self.types()
        self.add_constants()

    def types(self):
        """Structs and arrays."""
        r, plain = self.rng, self.scalars + self.enums
        pair = Struct("Pair", [("x", "i16"), ("y", r.choice(plain)), ("z", Array((3,), r.choice(INTS)))])
        bits = Struct("Bits", [(f"b{k}", t) for k, t in enumerate(r.choice(PACKED))], True)
        nest = Struct("Nest", [("p", pair), ("q", Array((2,), pair)), ("k", r.choice(plain)), ("b", bits)])
        inner = r.choice(["i16", "u32", "f32", "u8"])
        vec = Struct(f"Vec({inner})", [("x", inner), ("y", Array((3,), inner))])
        self.aggregates = [pair, bits, nest, vec, Array((4,), "i16"), Array((2, 3), r.choice(plain)), Array((3,), vec),
                           Array((2,), "f32"), Array((3,), r.choice(plain))]
        self.packed = [bits]
        for s in (pair, bits, nest):
            fields = ", ".join(f"{n}: {t}" for n, t in s.fields)
            self.lines.append(f"const {s} = {'packed ' if s.packed else ''}struct {{ {fields} }};")

    def add_constants(self):
        """Global constants; the params of the tile are added by the program."""
        for k in range(5):
            e = Expressions(self.rng, self)
            t = self.rng.choice(self.scalars + self.aggregates)
            text, value = e.literal(t)
            name = f"n{k}"
            self.lines.append(f"const {name}: {t} = {text};")
            self.known[name] = value(Frame({}, {}))
            self.constants.append(Variable(name, t, False, True))

    def add_globals(self, tile):
        """Variables of the tile with their initial values."""
        for k in range(4):
            t = self.rng.choice(self.scalars + self.enums + self.aggregates * 2)
            text, value = Expressions(self.rng, self).literal(t, True)
            name = f"g{k}"
            self.lines.append(f"var {name}: {t} = {text};")
            self.globals.append(Variable(name, t, True, False, True))
            tile[name] = value


def flatten(t, text):
    """Words of a value as texts; values.words() gives their numbers."""
    if isinstance(t, Array):
        texts = []
        for k in range(t.count()):
            index = []
            for n in reversed(t.dims):
                index.insert(0, str(k % n))
                k //= n
            texts += flatten(t.elem, f"{text}[{', '.join(index)}]")
        return texts
    if isinstance(t, Struct):
        return [w for n, u in t.fields for w in flatten(u, f"{text}.{n}")]
    if t in ["f32"] + HALVES:
        return [f"@as(u32, @bitcast({'u16' if t in HALVES else 'u32'}, {text}))"]
    bits = int(t[1:]) if is_int(t) else 1
    return [f"@as(u32, {text})"] + [f"@as(u32, {text} >> {k})" for k in range(32, bits, 32)]


class Program:
    """A program and what its tiles store."""

    def __init__(self, rng):
        self.rng, self.world = rng, World(rng)
        self.initial, self.count = {}, 0
        self.world.add_globals(self.initial)
        self.params = [(f"p{k}", rng.choice(self.world.scalars)) for k in range(8)]
        self.functions = []
        for k in range(rng.randint(3, 6)):
            f = Function(rng, self.world, f"f{k}", list(self.functions), self.chance(0.7))
            self.functions.append(f)
            if f.pure and f.params == [("p1", "i16")] and not f.comptime_params and f.result == "i16" and f.cost < 50:
                self.world.table = self.world.table if k > 3 else self.world.table + [f]
        self.tiles = [self.values_of_params() for _ in range(TILES)]
        self.tiles[-1] = {**self.tiles[0], "p0": self.tiles[1]["p0"]}
        self.checks = [self.check(k, f) for k, f in enumerate(self.functions)]

    def chance(self, p):
        """True with probability p."""
        return self.rng.random() < p

    def values_of_params(self):
        """Values of the params on one tile."""
        e = Expressions(self.rng, self.world)
        scalars = [(n, t, e.scalar(t)) for n, t in self.params]
        return {n: v if t == "bool" or is_int(t) else convert(t, "comptime_float", v) for n, t, v in scalars}

    def store(self, t, text):
        """Statements that store a value."""
        lines = []
        for w in flatten(t, text):
            lines.append(f"  out[{self.count}] = {w};")
            self.count += 1
        return lines

    def arguments(self, k, f):
        """Declarations of the arguments of function k, known and not; their values."""
        e = Expressions(self.rng, self.world)
        e.known_only = True
        e.variables = [Variable(n, t, False, True) for n, t in self.params] + self.world.constants
        lines, values = [], []
        for j, (_, t) in enumerate(f.params):
            text, value = e.expr(t, 1, True)
            lines += [f"const known_{k}_{j}: {t} = {text};", f"var given_{k}_{j}: {t} = known_{k}_{j};"]
            values.append(value)
        return lines, values

    def check(self, k, f):
        """Code that calls function k in all ways, and a function that gives the words which it stores on a tile."""
        lines, values = self.arguments(k, f)
        known = [f"known_{k}_{j}" for j in range(len(values))]
        given = [f"known_{k}_{j}" if n in f.comptime_params else f"&given_{k}_{j}" if n in f.pointer_params else
                 f"given_{k}_{j}" for j, (n, _) in enumerate(f.params)]
        mixed = [self.rng.choice(pair) for pair in zip(known, given)]
        body = [f"  const a = {f.name}({', '.join(given)});"] + self.store(f.result, "a")
        times = 1
        if f.pure:
            lines.append(f"const result_{k} = {f.name}({', '.join(known)});")
            body += self.store(f.result, f"result_{k}")
            body += [f"  const b = {f.name}_inline({', '.join(mixed)});"] + self.store(f.result, "b")
            times = 3
        lines += [f"fn check_{k}() void {{"] + body + ["}"]

        def expected(tile, params):
            env = Frame(tile, {**self.world.known, **params})
            arguments = [v(env) for v in values]
            for j, (n, _) in enumerate(f.params):
                if n in f.pointer_params:
                    arguments[j] = ([arguments[j]], 0)
            return words(f.result, f.call_with(arguments, tile)) * times

        return lines, expected

    def functions_text(self):
        """Types, constants, variables and functions, and the names of what the calls need."""
        lines = list(self.world.lines)
        names = [str(t) for t in self.world.enums + self.world.aggregates if not isinstance(t, Array)]
        names = [n for n in names if not n.startswith("Vec")] + ["Vec"] + [c.name for c in self.world.constants]
        for f in self.functions:
            lines.append(f.text())
            names.append(f.name)
            if f.pure:
                lines.append(f.text("inline ", "_inline"))
                names.append(f.name + "_inline")
        table = self.world.table
        if table:
            lines.append(f"const table = [{len(table)}]*const fn(i16) i16{{ {', '.join('&' + f.name for f in table)} }};")
        return lines, names

    def texts(self):
        """{file: text} of the tile program; some have their functions in a module."""
        head = ["param memcpy_params;", "const sys = @import_module(\"<memcpy/memcpy>\", memcpy_params);"]
        head += [f"param {n}: {t};" for n, t in self.params]
        functions, names = self.functions_text()
        files, prefix = {}, ""
        if self.chance(0.4):
            files["functions.csl"] = "\n".join(functions + [""])
            functions = ["const own = @import_module(\"functions.csl\");"] + [f"const {n} = own.{n};" for n in names]
            prefix = "own."
        checks = [line for lines, _ in self.checks for line in lines]
        state = [line for g in self.world.globals for line in self.store(g.type, prefix + g.name)]
        run = ["fn run() void {"] + [f"  check_{k}();" for k in range(len(self.functions))]
        files["tile.csl"] = "\n".join(head + functions + checks + run + state + ["  sys.unblock_cmd_stream();", "}"] + [
            f"var out = @zeros([{self.count}]u32);", "const memory_ptr: [*]u32 = &out;", "comptime {",
            "  @export_symbol(memory_ptr, \"memory\");", "  @export_symbol(run);", "}", ""])
        return files

    def expected(self, params):
        """The words of one tile."""
        start = Frame({}, self.world.known)
        tile = {"fuel": FUEL, "globals": {n: v(start) for n, v in self.initial.items()}}
        found = [w for _, expected in self.checks for w in expected(tile, params)]
        return found + [w for g in self.world.globals for w in words(g.type, tile["globals"][g.name])]


def layout_text(program):
    """layout.csl."""
    lines = [f"const memcpy = @import_module(\"<memcpy/get_params>\", .{{ .width = {TILES}, .height = 1 }});", "layout {",
             f"  @set_rectangle({TILES}, 1);"]
    types = dict(program.params)
    for x, params in enumerate(program.tiles):
        texts = [f".{n} = {number(types[n], v if is_int(types[n]) or types[n] == 'bool' else float(v))}"
                 for n, v in params.items()]
        lines.append(f"  @set_tile_code({x}, 0, \"tile.csl\", .{{ .memcpy_params = memcpy.get_params({x}), "
                     f"{', '.join(texts)} }});")
    return "\n".join(lines + ["  @export_name(\"memory\", [*]u32, false);", "  @export_name(\"run\", fn()void);", "}", ""])


def generate(seed):
    """{file name: text}, the expected words of each tile, options of the compiler."""
    rng = random.Random(seed)
    while True:
        program = Program(rng)
        try:
            files = program.texts()
            expected = [program.expected(params) for params in program.tiles]
        except Reject:
            continue
        return {"layout.csl": layout_text(program), **files}, expected, f"--fp16-format={program.world.half}"
