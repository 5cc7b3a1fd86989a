"""Enumerations and small types of the runtime (host 4.2, 4.3)."""
import os
from enum import IntEnum


class SdkTarget(IntEnum):
    """Architecture."""
    WSE2 = 0
    WSE3 = 1


class MemcpyDataType(IntEnum):
    """Size of an element in tile memory."""
    MEMCPY_32BIT = 0
    MEMCPY_16BIT = 1


class MemcpyOrder(IntEnum):
    """Order of the elements in a host array."""
    ROW_MAJOR = 0
    COL_MAJOR = 1


class Edge(IntEnum):
    """An edge of a region."""
    TOP = 0
    BOTTOM = 1
    LEFT = 2
    RIGHT = 3


class Route(IntEnum):
    """A side of a router."""
    RAMP = 0
    EAST = 1
    WEST = 2
    NORTH = 3
    SOUTH = 4


class FP16TYPE(IntEnum):
    """Meaning of 16-bit floats."""
    F16 = 0
    BF16 = 1
    CB16 = 2


class SimfabConfig:
    """Settings of the emulator."""

    def __init__(self, num_threads=16, suppress_trace=False, dump_core=False, core_path=None):
        self.num_threads = num_threads
        self.suppress_trace = suppress_trace
        self.dump_core = dump_core
        self.core_path = core_path if core_path is not None else "out.core"


class SdkExecutionPlatform:
    """Where programs run; only the emulator exists here."""

    def __init__(self, config, target):
        if not isinstance(config, SimfabConfig):
            raise TypeError(f"config must be a SimfabConfig, not {type(config).__name__}")
        self.config = config
        self.target = SdkTarget(target)

    def is_simulation(self):
        """Always true."""
        return True

    def is_system(self):
        """Always false."""
        return False


def get_simulator(config=None, target=SdkTarget.WSE3):
    """The emulator of an architecture."""
    return SdkExecutionPlatform(SimfabConfig() if config is None else config, target)


def get_system(cmaddr):
    """There is no machine to connect to."""
    raise RuntimeError(f"no system available at {cmaddr!r}: only the simulator can run programs")


def get_platform(cmaddr=None, config=None, target=SdkTarget.WSE3):
    """The emulator without an address, else a system."""
    return get_system(cmaddr) if cmaddr else get_simulator(config, target)


class SdkCompileArtifacts:
    """Folder of a compiled program."""

    def __init__(self, path):
        self.path = os.fsdecode(path)
        self.port_mappings = []

    def add_port_mapping(self, file):
        """Adds a file with the ports of the program."""
        self.port_mappings.append(file)
        return self


class Task:
    """Handle of a nonblocking operation; only SdkRuntime makes them."""

    def __init__(self, number, owner=None):
        self._number = number
        self._owner = owner  # the runtime, None where only the number is known
