"""SdkRuntime: load a compiled program, run it on the emulator, move data, launch functions (host 4 to 9)."""
import json
import operator
import os
import sys
from enum import Enum

import numpy as np

import _weft
from cerebras.geometry.geometry import IntVector
from cerebras.sdk import sdk_utils
from cerebras.sdk.debug._symbols import symbol_array
from cerebras.sdk.runtime import _registry
from cerebras.sdk.runtime._types import (FP16TYPE, Edge, MemcpyDataType, MemcpyOrder, Route, SdkCompileArtifacts,
                                         SdkExecutionPlatform, SdkTarget, SimfabConfig, Task, get_platform,
                                         get_simulator, get_system)

__all__ = [
    "FP16TYPE", "Edge", "MemcpyDataType", "MemcpyOrder", "Route", "SdkCompileArtifacts", "SdkExecutionPlatform",
    "SdkLayout", "SdkRuntime", "SdkTarget", "SimfabConfig", "Task", "get_platform", "get_simulator", "get_system"
]
for _enum in (SdkTarget, MemcpyDataType, MemcpyOrder, Edge, Route, FP16TYPE):
    globals().update(_enum.__members__)
    __all__ += list(_enum.__members__)

# Spread of one block of host data over tiles, as in weft.h.
_COPY, _ROW_BROADCAST, _COL_BROADCAST = range(3)
_MESSAGE_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _index(value, name):
    """An argument that must be a number of tiles or elements."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}") from None
    if not 0 <= number < 2**32:
        raise ValueError(f"{name} must be between 0 and {2**32 - 1}, not {number}")
    return number


def _symbol(value, name):
    """An argument that must be the id of a symbol, or the number of a colour."""
    if value is None:
        raise TypeError(f"{name} is None, as get_id returns it for a name that the program does not export")
    number = _index(value, name)
    if number >= 2**31:
        raise ValueError(f"{name} must be the id of an exported symbol or the number of a colour, not {number}")
    return number


def _array(value, name):
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name} must be a numpy array, not {type(value).__name__}")
    if value.dtype.itemsize != 4:
        advice = "; 16-bit data has a word per element too, see input_array_to_u32 and memcpy_view of sdk_utils"
        raise ValueError(f"{name} has elements of {value.dtype.itemsize} bytes ({value.dtype}), "
                         f"4 are needed (float32, int32 or uint32){advice if value.dtype.itemsize == 2 else ''}")
    if value.dtype.kind not in "fiu" or not value.dtype.isnative:
        raise ValueError(f"{name} has elements of type {value.dtype.str}, float32, int32 or uint32 is needed: bits are "
                         "copied as they are, never converted")
    if not value.flags.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous: numpy.ascontiguousarray makes a copy that is")
    return value


def _destination(value, name):
    if not _array(value, name).flags.writeable:
        raise ValueError(f"{name} is read-only")
    return value


def _option(value, what, kind):
    foreign = isinstance(value, (bool, Enum)) and not isinstance(value, kind)
    if foreign or not isinstance(value, (int, np.integer)) or int(value) not in list(kind):
        raise RuntimeError(f"illegal {what} option for memcpy: {value!r}, a {kind.__name__} is needed")
    return int(value)


def _words(value):
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise TypeError(f"words must be a list or an array of 32-bit words, not {type(value).__name__}")
    return value


def _stride(value, name):
    """A distance between tiles that take part."""
    if isinstance(value, (int, np.integer)) and value <= 0:
        raise RuntimeError(f"memcpy_h2d_stride: row_stride or col_stride must be positive, {name} is {value}")
    return _index(value, name)


def _platform(platform):
    """The execution platform of a run; None stands for the emulator as it is."""
    if platform is not None and not isinstance(platform, SdkExecutionPlatform):
        raise TypeError(f"platform must be what get_platform returns, not {type(platform).__name__}")
    return platform


class SdkRuntime:
    """A compiled program and its run. Life: construct, load, run, operations, stop."""

    def __init__(self,
                 bindir,
                 platform=None,
                 *,
                 cmaddr=None,
                 suppress_simfab_trace=False,
                 simfab_numthreads=5,
                 msg_level="WARNING",
                 memcpy_required=True,
                 setup_phase_only=None,
                 run_phase_only=None,
                 wio_flows=None,
                 worker=None,
                 max_cycles=0,
                 trace=None,
                 stats=None,
                 report=None):
        """The last four are additions of Weft: the bound on cycles, and paths of files to write (docs/trace.md)."""
        del setup_phase_only, run_phase_only, wio_flows, worker
        if cmaddr:
            get_system(cmaddr)
        if msg_level not in _MESSAGE_LEVELS:
            raise ValueError(f"msg_level must be one of {', '.join(_MESSAGE_LEVELS)}, not {msg_level!r}")
        config = _platform(platform).config if platform is not None else None
        threads = _index(config.num_threads if config else simfab_numthreads, "the number of simulator threads")
        if not 1 <= threads <= 64:
            raise ValueError(f"the number of simulator threads must be between 1 and 64, not {threads}")
        folder = bindir.path if isinstance(bindir, SdkCompileArtifacts) else bindir
        # Scripts change the working directory between here and load().
        self._folder = os.path.abspath(os.fspath(folder))
        self._config = config or SimfabConfig()
        if suppress_simfab_trace or self._config.suppress_trace:
            trace = trace or ""  # not even if the environment asks for one
        self._unknown = None  # the name that get_id was last asked for in vain
        self._weft = _weft.Weft(self._folder, max_cycles=max_cycles, trace=trace, stats=stats, report=report)
        self._check_program(platform, memcpy_required)

    def _check_program(self, platform, memcpy_required):
        arch = self._weft.arch()
        if platform is not None and platform.target.name.lower() != arch:
            raise RuntimeError(f"{self._folder} was compiled for {arch}, but the simulator is {platform.target.name}: "
                               f"use the correct compilation flag --arch={platform.target.name.lower()}")
        if memcpy_required and not self._weft.has_memcpy():
            raise RuntimeError(f"{self._folder}: programs without memcpy are not supported: compile with --memcpy, "
                               "or pass memcpy_required=False")

    # ---- life ----

    def load(self):
        """Places programs and data on the tiles; sim.log goes to the folder that is current now."""
        self._weft.load()
        _registry.remember(self._folder, self._weft)

    def run(self):
        """Starts the tiles and returns at once."""
        self._weft.run()

    def stop(self):
        """Completes every operation and lets the wafer come to rest."""
        self._weft.stop()
        if self._config.dump_core:
            self._weft.write_snapshot(self._config.core_path)
        sys.stdout.flush()
        left = self._weft.leftovers()
        if left:
            sys.stderr.write(f"weft: warning: {left}")

    # ---- additions of Weft: a run that goes on in another process, and what waits ----

    def advance(self, cycles):
        """Runs at most so many cycles; whether something can still move."""
        return self._weft.advance(_index(cycles, "cycles"))

    def checkpoint(self, path):
        """Writes the whole state of the run to a file; the run goes on."""
        self._weft.checkpoint(path)

    def resume(self, path):
        """Goes on from a checkpoint of this program, instead of load() and run()."""
        self._weft.resume(path)
        _registry.remember(self._folder, self._weft)

    def rebind(self, task, array):
        """Gives an operation that was not complete at the checkpoint the array for its result. Returns the task."""
        number = task._number if isinstance(task, Task) else task  # pylint: disable=protected-access
        return Task(self._weft.rebind(number, _array(array, "array")), self)

    def waits(self):
        """What waits for what at this moment, as a dict (docs/emulator.md)."""
        return json.loads(self._weft.waits())

    # ---- names and places ----

    def get_id(self, name):
        """Number of an exported name, None if there is none."""
        number = self._weft.symbol_id(name)
        if number is None:
            self._unknown = name
        return number

    def _symbol(self, value, name):
        """The id of a symbol or a colour; None is what get_id gave for a name that does not exist."""
        if value is None and self._unknown:
            raise TypeError(f"{name} is None, as get_id returns it for '{self._unknown}', a name that the program does not "
                            "export")
        return _symbol(value, name)

    def coord_logical_to_physical(self, coord):
        """Fabric position of a position in the program rectangle."""
        _, _, offset_x, offset_y = self._weft.geometry()
        x, y = IntVector.of(coord)
        return (x + offset_x, y + offset_y)

    def read_symbol(self, x, y, name, dtype="uint8"):
        """The bytes of a global of tile (x, y), as an array of `dtype`."""
        return symbol_array(name, self._weft.read_symbol(_index(x, "x"), _index(y, "y"), name), dtype)

    # ---- transfers ----

    def _transfer(self, operation, symbol, array, region, spread, options, strides=()):
        """Enters a transfer: `symbol` and `array` are checked, `region` is px, py, w, h, elem_per_pe."""
        numbers = [_index(value, name) for value, name in zip(region, ("px", "py", "w", "h", "elem_per_pe"))]
        streaming, data_type, order, nonblock = options
        return Task(
            operation(symbol, array, *numbers, _option(order, "order", MemcpyOrder),
                      _option(data_type, "data type", MemcpyDataType), spread, streaming, nonblock, *strides), self)

    def memcpy_h2d(self, dest, src, px, py, w, h, elem_per_pe, *, streaming=False,
                   data_type=MemcpyDataType.MEMCPY_32BIT, order=MemcpyOrder.ROW_MAJOR, nonblock=False):
        """Copies `elem_per_pe` elements to each tile of the region: dest is a symbol, or a colour with streaming."""
        return self._transfer(self._weft.h2d, self._symbol(dest, "dest"), _array(src, "src"), (px, py, w, h, elem_per_pe), _COPY,
                              (streaming, data_type, order, nonblock))

    def memcpy_h2d_rowbcast(self, dest, src, px, py, w, h, elem_per_pe, *, streaming=False,
                            data_type=MemcpyDataType.MEMCPY_32BIT, order=MemcpyOrder.ROW_MAJOR, nonblock=False):
        """Gives block y of src[h][elem_per_pe] to every tile of row y."""
        return self._transfer(self._weft.h2d, self._symbol(dest, "dest"), _array(src, "src"), (px, py, w, h, elem_per_pe),
                              _ROW_BROADCAST, (streaming, data_type, order, nonblock))

    def memcpy_h2d_colbcast(self, dest, src, px, py, w, h, elem_per_pe, *, streaming=False,
                            data_type=MemcpyDataType.MEMCPY_32BIT, order=MemcpyOrder.ROW_MAJOR, nonblock=False):
        """Gives block x of src[w][elem_per_pe] to every tile of column x."""
        return self._transfer(self._weft.h2d, self._symbol(dest, "dest"), _array(src, "src"), (px, py, w, h, elem_per_pe),
                              _COL_BROADCAST, (streaming, data_type, order, nonblock))

    def memcpy_h2d_stride(self, dest, src, px, py, w, h, elem_per_pe, row_stride, col_stride, *, streaming=False,
                          data_type=MemcpyDataType.MEMCPY_32BIT, order=MemcpyOrder.ROW_MAJOR, nonblock=False):
        """Copies to every row_stride-th column and col_stride-th row of the region: src[rows][columns][elem_per_pe]."""
        return self._transfer(self._weft.h2d, self._symbol(dest, "dest"), _array(src, "src"), (px, py, w, h, elem_per_pe), _COPY,
                              (streaming, data_type, order, nonblock),
                              (_stride(row_stride, "row_stride"), _stride(col_stride, "col_stride")))

    def memcpy_d2h(self, dest, src, px, py, w, h, elem_per_pe, *, streaming=False,
                   data_type=MemcpyDataType.MEMCPY_32BIT, order=MemcpyOrder.ROW_MAJOR, nonblock=False):
        """Copies `elem_per_pe` elements from each tile of the region into the array `dest`, in place."""
        return self._transfer(self._weft.d2h, self._symbol(src, "src"), _destination(dest, "dest"), (px, py, w, h, elem_per_pe),
                              _COPY, (streaming, data_type, order, nonblock))

    # ---- launches and tasks ----

    def launch(self, name, *args, nonblock=False):
        """Calls the exported function on every tile that has it."""
        types = self._weft.param_types(name)
        sdk_utils.check_rpc_api(name, args, {} if types is None else {name: types})
        words = [sdk_utils.argument_word(value, t) for value, t in zip(args, types)]
        return Task(self._weft.launch(name, np.array(words, dtype=np.uint32), nonblock), self)

    def call(self, name, words=(), *rest, nonblock=False):
        """The older form of launch: one 32-bit word per argument, types not checked. Before release 1.0 an empty list and the
        words were two arguments; what follows is `nonblock`."""
        if rest and isinstance(rest[0], (list, tuple, np.ndarray)):
            words, rest = [*_words(words), *_words(rest[0])], rest[1:]
        if len(rest) > 1:
            raise TypeError(f"call() takes a name, the words and nonblock: {rest[1]!r} is too much")
        nonblock = rest[0] if rest else nonblock
        bits = np.array([int(sdk_utils.cast_uint32(word)) for word in _words(words)], dtype=np.uint32)
        return Task(self._weft.launch(name, bits, nonblock), self)

    def memcpy_launch(self, *args, **options):
        """The form of releases before 0.8."""
        del args, options
        raise RuntimeError("memcpy_launch is a form of older releases: use launch(name, argument, ..., nonblock=False)")

    def _number_of(self, task):
        if not isinstance(task, Task):
            raise TypeError(f"task must be what an operation returned, not {type(task).__name__}")
        if task._owner not in (None, self):  # pylint: disable=protected-access
            raise RuntimeError("task belongs to another SdkRuntime")
        return task._number  # pylint: disable=protected-access

    def is_task_done(self, task):
        """Runs until the operation is complete or nothing can move; whether it is complete."""
        return self._weft.task_done(self._number_of(task))

    def task_wait(self, task):
        """Runs until the operation is complete."""
        self._weft.task_wait(self._number_of(task))

    # ---- streams of SdkLayout programs ----

    def _stream(self, operation, port, array, n_wavelets, nonblock):
        array = _array(array, "the host array")
        if n_wavelets is not None:
            if _index(n_wavelets, "n_wavelets") > array.size:
                raise ValueError(f"the host array has {array.size} elements, fewer than n_wavelets = {n_wavelets}")
            array = array.ravel()[:n_wavelets]
        return Task(operation(port, array, nonblock), self)

    def send(self, port, src, n_wavelets=None, *, nonblock=False):
        """Sends one wavelet per element to a port."""
        return self._stream(self._weft.send, port, src, n_wavelets, nonblock)

    def receive(self, port, dest, n_wavelets=None, *, nonblock=False):
        """Receives one wavelet per element from a port, in place."""
        return self._stream(self._weft.receive, port, dest, n_wavelets, nonblock)

    def receive_tofile(self, port, file, n_wavelets=None, *, nonblock=False):
        """Receives wavelets from a port into a file."""
        del file, n_wavelets, nonblock
        self._weft.receive(port, np.zeros(0, np.uint32), False)  # no program that can be made today has a port

    def get_port_id(self, name):
        """Number of a port, None if there is none: no program that can be made today has one."""
        del name

    def report_port_infos(self):
        """Prints the ports of the program."""
        print("ports: none")

    # ---- after the run ----

    def dump_core(self, path):
        """Writes the memory of every tile to `path`_0."""
        self._weft.write_snapshot(os.fsdecode(path) + "_0")

    def dump_elf_core(self, path):
        """The same in ELF form, which does not exist yet."""
        del path
        raise RuntimeError("dump_elf_core does not exist yet: dump_core writes the memory of every tile, read_symbol reads a symbol")

    def get_stats(self):
        """Counters of the whole run as a dict: cycles, instructions, wavelet_hops, … An addition of Weft."""
        return self._weft.stats()

    def get_timing(self, name):
        """A timing parameter of this run, e.g. "hop", in cycles, bits or wavelets. An addition of Weft."""
        return self._weft.timing_value(name)

    def get_tile_stats(self, x, y):
        """Counters of one tile as a dict, None without a program there. An addition of Weft."""
        return self._weft.tile_stats(_index(x, "x"), _index(y, "y"))


class SdkLayout:
    """Layouts written in Python do not exist yet."""

    def __init__(self, *args, **kw):
        del args, kw
        raise RuntimeError("SdkLayout does not exist yet: write the layout in CSL and compile it with cslc")


# What programs import beside SdkLayout: the import itself says what is missing.
_OF_LAYOUTS = ("Color", "RoutingPosition", "EdgeRouteInfo", "CodeRegion", "Port", "PortHandle", "get_edge_routing")


def __getattr__(name):
    if name in _OF_LAYOUTS:
        raise ImportError(f"{name} belongs to SdkLayout, which does not exist yet: write the layout in CSL and compile it with cslc")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
