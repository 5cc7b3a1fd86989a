"""Which program of this process was loaded last from a folder: debug_util finds its memory here (host 11.3)."""
import os

_programs = {}


def remember(folder, program):
    """Records a loaded program; it takes the place of an earlier one of the same folder."""
    _programs[os.path.realpath(folder)] = program


def find(folder):
    """The program that was loaded last from `folder`, or None."""
    return _programs.get(os.path.realpath(folder))
