"""Runs a command on a terminal of its own, with several settings, and looks at what it prints there."""
import fcntl
import os
import pty
import struct
import sys
import termios


def printed(columns=80, **settings):
    child, terminal = pty.fork()
    if child == 0:
        environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        os.execve(sys.argv[1], sys.argv[1:], {**environment, **settings})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    output = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        output += piece
    os.waitpid(child, 0)
    return output


tinted, plain = b"\033[1;31merror:\033[0m expected ';'", b" error: expected ';'"
assert tinted in printed(TERM="xterm"), printed(TERM="xterm")
assert printed(TERM="xterm", NO_COLOR="") == printed(TERM="xterm")
assert printed(TERM="xterm", columns=10) == printed(TERM="xterm")
for settings in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
    assert plain in printed(**settings) and b"\033" not in printed(**settings), (settings, printed(**settings))
