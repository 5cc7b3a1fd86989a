"""Random functions of CSL, statement by statement, each with a closure that does what it does (values.py).

Everything has a bound, so that a program always ends: loops count to small numbers, functions call only earlier ones.
"""
from expressions import INTS, Expressions, Variable
from values import Array, Enum, Reject, Struct, is_int, operation, same_again, wrap

class Break(Exception):
    """break of a loop or of a labelled block, with its value."""

    def __init__(self, label, value=None):
        super().__init__()
        self.label, self.value = label, value


class Continue(Exception):
    """continue of a loop."""

    def __init__(self, label):
        super().__init__()
        self.label = label


class Return(Exception):
    """return with a value."""

    def __init__(self, value):
        super().__init__()
        self.value = value


def goes_on(label, body, env):
    """One round of the loop with this label: False if the body leaves the loop."""
    try:
        body(env)
    except Continue as c:
        if c.label not in (None, label):
            raise
    except Break as b:
        if b.label not in (None, label):
            raise
        return False
    return True


class Function(Expressions):
    """One function. A pure one can be evaluated while compiling, the others read and write variables of the tile."""

    def __init__(self, rng, world, name, earlier, pure):
        super().__init__(rng, world)
        self.name, self.earlier, self.pure = name, earlier, pure
        self.lines, self.depth, self.names = [], 1, 0
        self.labels, self.cost, self.rounds = [], 1, 1  # cost of a call; rounds around the current statement
        self.comptime_params, self.pointer_params = set(), set()
        self.params, self.result = self.signature()
        self.variables = [Variable(c.name, c.type, False, True) for c in world.constants]
        if not pure:
            self.variables += world.globals
        self.variables += [Variable(f"{n}.*", t, True, False, False, n) if n in self.pointer_params else
                           Variable(n, t, False, n in self.comptime_params) for n, t in self.params]
        self.body = self.statements(rng.randint(3, 7))
        self.put(f"return {self.last()};")

    def signature(self):
        """Parameters and result; some functions have the one that tables of functions need."""
        if self.chance(0.3):
            return [("p1", "i16")], "i16"
        types = self.world.scalars + self.world.aggregates + self.world.enums
        self.names = self.rng.randint(1, 3)
        params = [(f"p{k + 1}", self.rng.choice(types)) for k in range(self.names)]
        for n, t in params:
            if self.chance(0.2) and t in self.world.scalars:
                self.comptime_params.add(n)
            elif not self.pure and self.chance(0.3):
                self.pointer_params.add(n)
        return params, self.rng.choice(types)

    def last(self):
        """The value at the end."""
        text, self.final = self.expr(self.result, 0, True)
        return text

    def call_with(self, arguments, tile):
        """What the function gives; `tile` holds the variables of the tile and its fuel."""
        env = Frame(tile, {**self.world.known, **{n: a for (n, _), a in zip(self.params, arguments)}})
        try:
            for step in self.body:
                step(env)
            return self.final(env)
        except Return as r:
            return r.value

    # ---- text ----
    def put(self, text):
        """One line of code."""
        self.lines.append("  " * self.depth + text)

    def fresh(self, stem):
        """A name that nothing else has."""
        self.names += 1
        return f"{stem}{self.names}"

    def text(self, prefix="", suffix=""):
        """The function."""
        head = ", ".join(f"{'comptime ' * (n in self.comptime_params)}{n}: {'*' * (n in self.pointer_params)}{t}"
                         for n, t in self.params)
        return f"{prefix}fn {self.name}{suffix}({head}) {self.result} {{\n" + "\n".join(self.lines) + "\n}\n"

    # ---- calls ----
    def call(self, t, deep):
        """A call of an earlier function that is pure, straight or through a table."""
        if is_int(t) and self.world.generics and self.chance(0.2) and not self.known_only:
            return self.generic_call(t, deep)
        fitting = [f for f in self.earlier if f.pure and f.result == t and self.rounds * f.cost < 300]
        if t == "i16" and self.world.table and self.chance(0.5) and self.rounds < 20 and not self.known_only:
            return self.table_call(deep)
        if not fitting:
            return self.read(t)
        f = self.rng.choice(fitting)
        self.cost += self.rounds * f.cost
        arguments = [self.argument(f, n, u, deep + 1) for n, u in f.params]
        name = f.name + self.rng.choice(["", "", "_inline"])
        name = "comptime " * self.known_only + name  # what is known stays so
        return (f"({name}({', '.join(a[0] for a in arguments)}))",
                lambda env: f.call_with([a[1](env) for a in arguments], env.tile))

    def argument(self, f, name, t, deep):
        """An argument for a parameter of a function."""
        outer = self.known_only
        self.known_only = outer or name in f.comptime_params
        found = self.expr(t, deep, True)
        self.known_only = outer
        return found

    def generic_call(self, t, deep):
        """A call of a generic function."""
        g = self.rng.choice(self.world.generics)
        a, b, n = self.expr(t, deep + 1, True), self.expr(t, deep + 1, True), self.expr("u8", deep + 1, True)
        return f"{g.name}({t}, {a[0]}, {b[0]}, {n[0]})", lambda env: g.call(t, a[1](env), b[1](env), n[1](env))

    def impure_call(self):
        """A call of an earlier function that changes variables of the tile, or what its pointers point to."""
        fitting = [f for f in self.earlier if not f.pure and self.rounds * f.cost < 300]
        f = self.rng.choice(fitting) if fitting and not self.pure else None
        arguments = [self.pointer_to(t) if name in f.pointer_params else self.argument(f, name, t, 1)
                     for name, t in f.params] if f else [None]
        if None in arguments:
            return self.declare()
        self.cost += self.rounds * f.cost
        n = self.fresh("v")
        self.put(f"const {n} = {f.name}({', '.join(a[0] for a in arguments)});")
        self.variables.append(Variable(n, f.result))

        def step(env):
            env[n] = f.call_with([a[1](env) for a in arguments], env.tile)

        return step

    def pointer_to(self, t):
        """The address of a place of type t; None if there is none."""
        found = [(v, steps) for v, steps in self.places(t, True)
                 if not any(s.packed and any(name in steps for name, _ in s.fields) for s in self.world.packed)]
        if not found:
            return None
        v, steps = self.rng.choice(found)
        place = self.inside(self.base_of(v), steps)
        return f"&{place.text}", place.find

    def table_call(self, deep):
        """A call through a table of function pointers."""
        table = self.world.table
        index, argument = self.expr("u8", deep + 1), self.expr("i16", deep + 1, True)
        self.cost += self.rounds * max(f.cost for f in table)
        return (f"table[{index[0]} % {len(table)}]({argument[0]})",
                lambda env: table[index[1](env) % len(table)].call_with([argument[1](env)], env.tile))

    # ---- statements ----
    def type_of_variable(self):
        """A type for a variable."""
        return self.rng.choice(self.world.scalars + self.world.enums + self.world.aggregates * 2)

    def declare(self):
        """A new variable or constant."""
        t, n, writable = self.type_of_variable(), self.fresh("v"), not self.chance(0.3)
        typed = self.chance(0.6)
        text, value = self.expr(t, 0, typed)
        self.put(f"{'var' if writable else 'const'} {n}{f': {t}' if typed else ''} = {text};")
        self.variables.append(Variable(n, t, writable))

        def step(env):
            env[n] = value(env)

        return step

    def place(self):
        """A place to assign to, and its type; None if there is none."""
        targets = [v for v in self.variables if v.writable]
        if not targets:
            return None
        v, t, steps = self.rng.choice(targets), None, []
        t = v.type
        while isinstance(t, (Array, Struct)) and not self.chance(0.15):
            if isinstance(t, Array):
                steps, t = steps + [t], t.elem
            else:
                name, u = self.rng.choice(t.fields)
                steps, t = steps + [name], u
        return self.inside(self.base_of(v), steps), t

    def assign(self):
        """An assignment to a variable, an element or a field."""
        found = self.place()
        if not found:
            return self.declare()
        place, t = found
        if t in self.world.scalars and t != "bool" and self.chance(0.5):
            op = self.rng.choice(["+", "-", "*"] + ["^", "|", "&"] * is_int(t))
            text, value = self.expr(t, 1, True)
            self.put(f"{place.text} {op}= {text};")
            return lambda env: place.write(env, operation(t, op, place.read(t)[1](env), value(env)))
        text, value = self.expr(t, 0, True)
        self.put(f"{place.text} = {text};")
        return lambda env: place.write(env, value(env))

    def statements(self, n):
        """n statements; variables of theirs are gone afterwards."""
        known = len(self.variables)
        done = [self.statement() for _ in range(n)]
        if self.depth > 1:
            del self.variables[known:]
        return done

    def block(self, n):
        """A block of n statements."""
        self.depth += 1
        done = self.statements(n)
        self.depth -= 1

        def run(env):
            for step in done:
                env.burn()
                step(env)

        return run

    def choose(self):
        """An if, perhaps with else."""
        c = self.expr("bool")
        self.put(f"if ({c[0]}) {{")
        then, other = self.block(2), None
        if self.chance(0.6):
            self.put("} else {")
            other = self.block(1)
        self.put("}")

        def step(env):
            if c[1](env):
                then(env)
            elif other:
                other(env)

        return step

    def switch(self):
        """A switch over integers or over all members of an enum."""
        s = self.near(self.world.enums * 4)
        c = self.expr(s)
        self.put(f"switch ({c[0]}) {{")
        if isinstance(s, Enum):
            groups = [[(f"{s.name}.{m}", n)] for m, n in s.members.items()]
        else:
            numbers = sorted({self.scalar(s) for _ in range(4)})
            groups = [[(repr(n), n) for n in numbers[:2]], [(repr(n), n) for n in numbers[2:]]]
        arms = []
        for group in [g for g in groups if g]:
            self.put(f"  {', '.join(t for t, _ in group)} => {{")
            arms.append(([n for _, n in group], self.arm()))
            self.put("  },")
        other = None
        if not isinstance(s, Enum):
            self.put("  else => {")
            other = self.arm()
            self.put("  },")
        self.put("}")

        def step(env):
            v = c[1](env)
            for numbers, arm in arms:
                if v in numbers:
                    return arm(env)
            return other(env)

        return step

    def arm(self):
        """The block of a switch."""
        self.depth += 1
        done = self.block(self.rng.randint(1, 2))
        self.depth -= 1
        return done

    def loop(self):
        """A loop of some form."""
        count = self.rng.randint(1, 6)
        if self.rounds * count > 60 or self.depth > 4:
            return self.assign()
        self.rounds *= count
        self.cost += self.rounds
        step = self.rng.choice([self.while_loop, self.for_range, self.for_array])(count, self.fresh("l"))
        self.rounds //= count
        return step

    def rounds_of(self, label, body, before=None, after=None):
        """One function that runs a body as often as `before` gives true."""

        def step(env):
            while before(env):
                env.burn()
                if not goes_on(label, body, env):
                    break
                after(env)

        return step

    def inner(self, label, variables):
        """The body of a loop with its payload."""
        known = len(self.variables)
        self.variables += variables
        self.labels.append(label)
        body = self.block(self.rng.randint(1, 4))
        self.labels.pop()
        del self.variables[known:]
        return body

    def while_loop(self, count, label):
        """A while with a continue clause."""
        k, t = self.fresh("k"), self.rng.choice(["u16", "i16", "i32", "u8", "i64"])
        down = t[0] == "i" and self.chance(0.3)
        start, clause, op = (count, f"{k} -= 1", -1) if down else (0, f"{k} += 1", 1)
        self.put(f"var {k}: {t} = {start};")
        self.put(f"{label}: while ({k} {'> 0' if down else f'< {count}'}) : ({clause}) {{")
        body = self.inner(label, [Variable(k, t)])
        self.put("}")
        self.variables.append(Variable(k, t))

        def after(env):
            env[k] = wrap(t, env[k] + op)

        turn = self.rounds_of(label, body, lambda env: env[k] > 0 if down else env[k] < count, after)

        def step(env):
            env[k] = start
            turn(env)

        return step

    def each(self, label, body, names, values, copies=None):
        """A loop over what values(env) gives, with the index in the second name."""

        def step(env):
            for index, v in enumerate(values(env)):
                env.burn()
                env[names[0]] = same_again(copies, v) if copies else v
                if len(names) > 1:
                    env[names[1]] = index
                if not goes_on(label, body, env):
                    break

        return step

    def payload(self, first):
        """Names of the payload and their text."""
        names = [first] + ([self.fresh("y")] if self.chance(0.4) else [])
        return names, f"|{names[0]}{f', {names[1]}_known' if names[1:] else ''}|"

    def payload_variables(self, names, t):
        """The payload as variables; while compiling the index is a number without type."""
        if names[1:]:
            self.put(f"  const {names[1]}: u16 = {names[1]}_known;")
        return [Variable(n, u) for n, u in zip(names, (t, "u16"))]

    def for_range(self, count, label):
        """A for over a range."""
        t = self.rng.choice(["i16", "u16", "u8", "i32", "u64", "i8"])
        names, payload = self.payload(self.fresh("x"))
        if t[0] == "i" and self.chance(0.4):
            numbers = range(count, -count, -2)
            text = f"@range({t}, {count}, {-count}, -2)"
        elif self.chance(0.4):
            numbers = range(1, count + 3, 2)
            text = f"@range({t}, 1, {count + 3}, 2)"
        else:
            numbers, text = range(count), f"@range({t}, {count})"
        self.put(f"{label}: for ({text}) {payload} {{")
        body = self.inner(label, self.payload_variables(names, t))
        self.put("}")
        return self.each(label, body, names, lambda env: numbers)

    def for_array(self, count, label):
        """A for over an array: over a variable, which the body may change meanwhile, or over a value."""
        arrays = [a for a in self.world.aggregates if isinstance(a, Array) and len(a.dims) == 1]
        t = self.rng.choice(arrays)
        names, payload = self.payload(self.fresh("x"))
        found = [(v, steps) for v, steps in self.places(t) if not any(isinstance(s, Array) for s in steps)]
        if found:
            v, steps = self.rng.choice(found)
            place = self.inside(self.base_of(v), steps)
            text, value = place.text, lambda env: Elements(env, place, t.count())
        else:
            text, value = self.literal(t)
        self.put(f"{label}: for ({text}) {payload} {{")
        body = self.inner(label, self.payload_variables(names, t.elem))
        self.put("}")
        return self.each(label, body, names, value, t.elem)

    def jump(self):
        """A conditional jump out of a loop, or a return."""
        c = self.expr("bool", 1)
        if self.labels and self.chance(0.8):
            label = self.rng.choice(self.labels + [None])
            kind = self.rng.choice([Break, Continue])
            self.put(f"if ({c[0]}) {'break' if kind is Break else 'continue'}{f' :{label}' if label else ''};")

            def step(env):
                if c[1](env):
                    raise kind(label)

            return step
        text, value = self.expr(self.result, 1, True)
        self.put(f"if ({c[0]}) return {text};")

        def leave(env):
            if c[1](env):
                raise Return(value(env))

        return leave

    def block_value(self):
        """A constant whose value leaves a labelled block."""
        t, n, label = self.type_of_variable(), self.fresh("v"), self.fresh("b")
        self.put(f"const {n}: {t} = {label}: {{")
        known = len(self.variables)
        self.depth += 1
        first = self.statement()
        c, x = self.expr("bool"), self.expr(t, 1, True)
        self.put(f"if ({c[0]}) break :{label} {x[0]};")
        second = self.statement()
        y = self.expr(t, 1, True)
        self.put(f"break :{label} {y[0]};")
        self.depth -= 1
        del self.variables[known:]
        self.put("};")
        self.variables.append(Variable(n, t))

        def step(env):
            first(env)
            if c[1](env):
                env[n] = x[1](env)
                return
            second(env)
            env[n] = y[1](env)

        return step

    def known_sum(self):
        """A comptime variable that an unrolled loop changes, then a constant of it."""
        t, total, i, n = self.rng.choice(INTS), self.fresh("c"), self.fresh("x"), self.fresh("v")
        count = self.rng.randint(1, 5)
        self.known_only = True
        start = self.expr(t, 2, True)
        self.put(f"comptime var {total}: {t} = {start[0]};")
        self.variables += [Variable(total, t, False, True), Variable(i, "u8", False, True)]
        item = self.expr(t, 1, True)
        if self.chance(0.7):
            self.put(f"inline for (@range(u8, {count})) |{i}| {{")
        else:
            self.put(f"comptime var {i}: u8 = 0;")
            self.put(f"inline while ({i} < {count}) : ({i} += 1) {{")
        self.put(f"  {total} += {item[0]};")
        self.put("}")
        self.variables.pop()
        end = self.expr(t, 1)
        self.known_only = False
        self.put(f"const {n}: {t} = comptime {end[0]};")
        self.variables.append(Variable(n, t, False, True))

        def step(env):
            env[total] = start[1](env)
            for k in range(count):
                env[i] = k
                env[total] = operation(t, "+", env[total], item[1](env))
            env[n] = end[1](env)

        return step

    def through_pointer(self):
        """A change through a pointer to a variable, an element or a field."""
        found = self.place()
        if self.pure or not found or found[1] not in self.world.scalars or found[1] == "bool" or self.packed_place(found[0]):
            return self.assign()
        place, t = found
        n = self.fresh("q")
        self.put(f"const {n} = &{place.text};")
        text, value = self.expr(t, 1, True)
        self.put(f"{n}.* += {text};")

        def step(env):
            container, key = place.find(env)
            container[key] = operation(t, "+", container[key], value(env))

        return step

    def packed_place(self, place):
        """Does a place lie in a packed struct, which has no addresses inside?"""
        return any(f".{name}" in place.text or f'"{name}"' in place.text for s in self.world.packed for name, _ in s.fields)

    def statement(self):
        """One statement."""
        if self.depth > 6:
            return self.assign()
        kinds = ([self.declare] * 4 + [self.assign] * 6 + [self.loop] * 3 +
                 [self.jump, self.choose, self.switch, self.block_value] +
                 [self.known_sum, self.through_pointer] + [self.impure_call] * (not self.pure))
        return self.rng.choice(kinds)()


class Elements:
    """The elements that a place has when a loop comes to them."""

    def __init__(self, env, place, count):
        self.env, self.place, self.count = env, place, count

    def __iter__(self):
        for k in range(self.count):
            container, key = self.place.find(self.env)
            yield container[key][k]


class Frame(dict):
    """Variables of one call; those that it does not have are the tile's."""

    def __init__(self, tile, values):
        super().__init__(values)
        self.tile = tile

    def burn(self):
        """Counts a statement."""
        self.tile["fuel"] -= 1
        if self.tile["fuel"] < 0:
            raise Reject
