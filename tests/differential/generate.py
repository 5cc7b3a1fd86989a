"""Random programs whose results the architecture defines, with the results.

generate(seed, arch) makes a layout, a program per tile and the values that every tile must hold at the end. A program is a
number of streams and, in each tile, a graph of tasks:

  stream   a vector from one tile to some others on a color of its own, over the union of their paths (first along x, then along
           y); its source is a constant vector, or an earlier stream that ends at the tile plus a constant one
  receiver stores the vector, adds it to one of its own, takes it word by word in a data task, or relays it
  tasks    a node runs when all its predecessors have run; its value is a sum over theirs; some wait blocked until the first one
           runs

Streams are ordered by color and nothing else is shared, so no order that the machine may choose changes a result. All values are
whole numbers below 2^24, so sums are exact in f32.
"""
import random

WIDTH, HEIGHT = 4, 3
STREAMS = 10       # colors 0 ..; a data task of WSE-2 has the number of its color
FIRST_ID = 10      # of local tasks
OPERATIONS = range(2, 8)  # numbers of operations in a tile: their queues, and the microthread
SENDERS = 6        # only numbers below are output queues on both architectures
STEP = {"EAST": (1, 0), "WEST": (-1, 0), "SOUTH": (0, 1), "NORTH": (0, -1)}
OPPOSITE = {"EAST": "WEST", "WEST": "EAST", "SOUTH": "NORTH", "NORTH": "SOUTH"}


class Tile:
    """What one tile does."""

    def __init__(self):
        self.free = list(OPERATIONS)
        self.operations = []  # (kind, number, stream, offset of its vector in the tile's memory, length)
        self.arrived = []     # streams that may be relayed
        self.memory = []      # initial values, then expected ones
        self.nodes = []       # (predecessors, blocked at first)
        self.delay = 0

    def room(self, values):
        """Offset of a new vector."""
        self.memory += values
        return len(self.memory) - len(values)

    def take(self, rng, sends):
        """A number for an operation, None if there is none left."""
        fitting = [n for n in self.free if not sends or n < SENDERS]
        if not fitting:
            return None
        number = rng.choice(fitting)
        self.free.remove(number)
        return number


def path(source, target):
    """Directions from one tile to another, first along x."""
    (x, y), (u, v) = source, target
    return ["EAST" if u > x else "WEST"] * abs(u - x) + ["SOUTH" if v > y else "NORTH"] * abs(v - y)


def routes_to(source, targets):
    """{tile: (rx, set of tx)} of the tree from a source to its targets."""
    routes = {source: ("RAMP", set())}
    for target in targets:
        at = source
        for direction in path(source, target):
            routes[at][1].add(direction)
            at = (at[0] + STEP[direction][0], at[1] + STEP[direction][1])
            routes.setdefault(at, (OPPOSITE[direction], set()))
        routes[at][1].add("RAMP")
    return routes


def send(rng, tile, stream, length):
    """The source of a stream: its values, None if the tile can have no more operations."""
    relayed = rng.choice(tile.arrived) if tile.arrived and rng.random() < 0.9 else None
    if relayed:
        tile.arrived.remove(relayed)
        number, incoming, values = relayed
        kept = [float(rng.randrange(1000)) for _ in values]
        tile.operations.append(("relay", number, (incoming, stream), tile.room(kept), len(values)))
        return [a + b for a, b in zip(values, kept)]
    number = tile.take(rng, True)
    if number is None:
        return None
    values = [float(rng.randrange(1000)) for _ in range(length)]
    tile.operations.append(("send", number, stream, tile.room(values), length))
    return values


def receive(rng, tile, stream, values, number):
    """One end of a stream."""
    n = len(values)
    kind = rng.choice(["store", "add", "task"] + ["relay"] * 2 * (number < SENDERS))
    if kind == "relay":
        tile.arrived.append((number, stream, values))
    elif kind == "store":
        tile.operations.append(("store", number, stream, tile.room(values), n))
    elif kind == "add":
        kept = [float(rng.randrange(1000)) for _ in values]
        tile.operations.append(("add", number, stream, tile.room([a + b for a, b in zip(values, kept)]), n, kept))
    else:
        tile.operations.append(("task", number, stream, tile.room([sum((i % 16 + 1) * v for i, v in enumerate(values))]), n))


def add_nodes(rng, tile):
    """A graph of tasks; the value of a node is its number plus those of its predecessors."""
    values = []
    for i in range(rng.randrange(7)):
        predecessors = sorted(rng.sample(range(i), rng.randrange(min(i, 3) + 1)))
        tile.nodes.append((predecessors, i > 0 and rng.random() < 0.3))
        values.append(float(i + 1 + sum(values[p] for p in predecessors)))
    tile.first_value = tile.room(values)


def plan(rng):
    """Tiles and routes: ({tile: Tile}, [{tile: (rx, tx)}] by stream)."""
    tiles = {(x, y): Tile() for y in range(HEIGHT) for x in range(WIDTH)}
    routes = []
    for stream in range(STREAMS):
        relays = [at for at, tile in tiles.items() if tile.arrived]
        source = rng.choice(relays if relays and rng.random() < 0.6 else list(tiles))
        values = send(rng, tiles[source], stream, rng.randrange(1, 40))
        if values is None:
            routes.append({})
            continue
        targets = []
        for target in rng.sample(list(tiles), rng.randrange(1, 5)):
            number = tiles[target].take(rng, False) if target != source else None
            if number is not None:
                targets.append(target)
                receive(rng, tiles[target], stream, values, number)
        routes.append(routes_to(source, targets))
        if not targets:  # what nobody receives must go somewhere
            routes[-1] = None
    drop_unheard(tiles, routes)
    for tile in tiles.values():
        for number, stream, values in tile.arrived:  # never relayed after all
            tile.operations.append(("store", number, stream, tile.room(values), len(values)))
        add_nodes(rng, tile)
        tile.delay = rng.randrange(200)
        rng.shuffle(tile.operations)
    return tiles, routes


def drop_unheard(tiles, routes):
    """A stream without receivers is not sent; what would have been relayed into it is stored."""
    for tile in tiles.values():
        kept = []
        for op in tile.operations:
            sent = op[2][1] if op[0] == "relay" else op[2] if op[0] == "send" else None
            if sent is None or routes[sent] is not None:
                kept.append(op)
            elif op[0] == "relay":
                kept.append(("drain", op[1], op[2][0], op[3], op[4]))
        tile.operations = kept
    routes[:] = [r or {} for r in routes]


# ---- as CSL ----


def layout_text(tiles, routes, size):
    """layout.csl."""
    lines = [
        f"const memcpy = @import_module(\"<memcpy/get_params>\", .{{ .width = {WIDTH}, .height = {HEIGHT} }});", "layout {",
        f"  @set_rectangle({WIDTH}, {HEIGHT});"
    ]
    for x, y in tiles:
        lines.append(f"  @set_tile_code({x}, {y}, \"tile_{x}_{y}.csl\", .{{ .memcpy_params = memcpy.get_params({x}) }});")
    for stream, tree in enumerate(routes):
        for (x, y), (rx, tx) in tree.items():
            lines.append(f"  @set_color_config({x}, {y}, @get_color({stream}), .{{ .routes = .{{ .rx = .{{ {rx} }}, "
                         f".tx = .{{ {', '.join(sorted(tx))} }} }} }});")
    return "\n".join(lines + [
        "  @export_name(\"memory\", [*]f32, false);", "  @export_name(\"run\", fn()void);", "}", f"// {size} words per tile", ""
    ])


def queue_lines(op):
    """Queues and descriptors of an operation, and its comptime part."""
    kind, number, stream, offset, n = op[:5]
    incoming, outgoing = (stream if kind == "relay" else (None, stream) if kind == "send" else (stream, None))
    lines, setup = [], []
    if kind != "task":
        lines.append(f"const part_{number} = @get_dsd(mem1d_dsd, .{{ .tensor_access = |i|{{{n}}} -> memory[i + {offset}] }});")
    if incoming is not None:
        lines += [f"const in_{number} = @get_input_queue({number});"]
        setup.append(f"  @initialize_queue(in_{number}, .{{ .color = @get_color({incoming}) }});")
        if kind != "task":
            lines.append(f"const from_{number} = @get_dsd(fabin_dsd, .{{ .extent = {n}, .input_queue = in_{number} }});")
    if outgoing is not None:
        lines += [
            f"const out_{number} = @get_output_queue({number});",
            f"const to_{number} = @get_dsd(fabout_dsd, if (@is_arch(\"wse3\")) .{{",
            f"  .extent = {n}, .output_queue = out_{number}", "} else .{",
            f"  .extent = {n}, .output_queue = out_{number}, .fabric_color = @get_color({outgoing})", "});"
        ]
        setup.append(f"  @initialize_queue(out_{number}, if (@is_arch(\"wse3\")) .{{ .color = @get_color({outgoing}) }} else .{{}});")
    return lines, setup


def operation_lines(op, task_id):
    """Declarations, statements of `run`, comptime part of an operation."""
    kind, number, stream, offset, n = op[:5]
    lines, setup = queue_lines(op)
    if kind == "task":
        target = f"if (@is_arch(\"wse3\")) @get_data_task_id(in_{number}) else @get_data_task_id(@get_color({stream}))"
        lines += [
            f"var taken_{number}: u16 = 0;", f"task word_{number}(word: f32) void {{",
            f"  memory[{offset}] += word * @as(f32, taken_{number} % 16 + 1);", f"  taken_{number} += 1;",
            f"  if (taken_{number} == {n}) {{", "    finish();", "  }", "}"
        ]
        return lines, [], setup + [f"  @bind_data_task(word_{number}, {target});"]
    statement = {
        "send": f"@fmovs(to_{number}, part_{number}",
        "store": f"@fmovs(part_{number}, from_{number}",
        "drain": f"@fmovs(scratch_{number}, from_{number}",
        "add": f"@fadds(part_{number}, from_{number}, part_{number}",
        "relay": f"@fadds(to_{number}, from_{number}, part_{number}"
    }[kind]
    if kind == "drain":
        lines += [f"var ignored_{number}: [{n}]f32 = @zeros([{n}]f32);",
                  f"const scratch_{number} = @get_dsd(mem1d_dsd, .{{ .tensor_access = |i|{{{n}}} -> ignored_{number}[i] }});"]
    lines += [f"task done_{number}() void {{", "  finish();", "}"]
    setup.append(f"  @bind_local_task(done_{number}, @get_local_task_id({task_id}));")
    return lines, [f"  {statement}, .{{ .async = true, .activate = @get_local_task_id({task_id}) }});"], setup


def node_lines(tile, i, first_id):
    """The task of node i and its comptime part."""
    blocked = [j for j, (_, waits) in enumerate(tile.nodes) if waits]
    lines = [f"var left_{i}: u16 = {len(tile.nodes[i][0])};", f"task node_{i}() void {{",
             f"  memory[{tile.first_value + i}] += {i + 1}.0;"]
    if i == 0:
        lines += [f"  @unblock(@get_local_task_id({first_id + j}));" for j in blocked]
    for j, (predecessors, _) in enumerate(tile.nodes):
        if i in predecessors:
            lines += [f"  memory[{tile.first_value + j}] += memory[{tile.first_value + i}];", f"  left_{j} -= 1;",
                      f"  if (left_{j} == 0) {{", f"    @activate(@get_local_task_id({first_id + j}));", "  }"]
    setup = [f"  @bind_local_task(node_{i}, @get_local_task_id({first_id + i}));"]
    if tile.nodes[i][1]:
        setup.append(f"  @block(@get_local_task_id({first_id + i}));")
    return lines + ["  finish();", "}"], setup


def initial(tile):
    """Memory at the start."""
    values = list(tile.memory)
    for op in tile.operations:
        kind, offset, n = op[0], op[3], op[4]
        if kind == "add":
            values[offset:offset + n] = op[5]
        elif kind == "store":
            values[offset:offset + n] = [0.0] * n
        elif kind == "task":
            values[offset] = 0.0
    values[tile.first_value:tile.first_value + len(tile.nodes)] = [0.0] * len(tile.nodes)
    return values


def tile_text(tile, size):
    """The program of a tile."""
    values = initial(tile)
    values += [0.0] * (size - len(values))
    total = len(tile.operations) + len(tile.nodes)
    body, run, setup = [], [], []
    for k, op in enumerate(tile.operations):
        lines, statements, more = operation_lines(op, FIRST_ID + k)
        body, run, setup = body + lines, run + statements, setup + more
    first_id = FIRST_ID + len(tile.operations)
    for i in range(len(tile.nodes)):
        lines, more = node_lines(tile, i, first_id)
        body, setup = body + lines, setup + more
    roots = [f"  @activate(@get_local_task_id({first_id + i}));" for i, (p, _) in enumerate(tile.nodes) if not p]
    head = [
        "param memcpy_params;", "const sys = @import_module(\"<memcpy/memcpy>\", memcpy_params);",
        f"var memory = [{size}]f32{{ {', '.join(f'{v:.1f}' for v in values)} }};", "const memory_ptr: [*]f32 = &memory;",
        "var finished: u16 = 0;", "var idled: f32 = 0.0;", "fn finish() void {", "  finished += 1;",
        f"  if (finished == {total}) {{", "    sys.unblock_cmd_stream();", "  }", "}"
    ]
    wait = [f"  for (@range(u16, {tile.delay})) |i| {{", "    idled += 1.0;", "  }"]
    ready = ["  sys.unblock_cmd_stream();"] if total == 0 else []
    return "\n".join(head + body + ["fn run() void {"] + wait + run + roots + ready + ["}", "comptime {"] + setup +
                     ["  @export_symbol(memory_ptr, \"memory\");", "  @export_symbol(run);", "}", ""])


def generate(seed):
    """{file name: text}, and the expected memory of each tile in row-major order."""
    tiles, routes = plan(random.Random(seed))
    size = max(1, max(len(tile.memory) for tile in tiles.values()))
    files = {"layout.csl": layout_text(tiles, routes, size)}
    for (x, y), tile in tiles.items():
        files[f"tile_{x}_{y}.csl"] = tile_text(tile, size)
    expected = [tile.memory + [0.0] * (size - len(tile.memory)) for tile in tiles.values()]
    return files, expected
