"""Compiles into the folder `old` while another writer holds its lock: waits for it, and is interrupted while it waits. On a file system
without locks there is nothing to wait for."""
import errno
import fcntl
import os
import signal
import subprocess
import sys
import time

cslc, program = sys.argv[1:]


def heed_signals():
    """Jobs in the background of a shell ignore some."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_DFL)


def start():
    return subprocess.Popen([cslc, program, "-o", "old", "--params=number:5"], preexec_fn=heed_signals)


def wait_until(condition):
    """Compilations take well under a second."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.01)


def has_begun():
    return any(name.startswith(".weft-image-") for name in os.listdir("old"))


lock = os.open("old", os.O_RDONLY)
try:
    fcntl.flock(lock, fcntl.LOCK_EX)
except OSError as error:
    sys.exit(0 if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL) else str(error))
before = sorted(os.listdir("old"))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    fcntl.flock(lock, fcntl.LOCK_EX)
    compilation = start()
    wait_until(has_begun)
    compilation.send_signal(number)
    assert compilation.wait(30) == -number, compilation.returncode
    fcntl.flock(lock, fcntl.LOCK_UN)
    assert sorted(os.listdir("old")) == before, os.listdir("old")

# Killed for good: the old image is there and what is left does no harm.
fcntl.flock(lock, fcntl.LOCK_EX)
compilation = start()
wait_until(has_begun)
compilation.kill()
compilation.wait()
fcntl.flock(lock, fcntl.LOCK_UN)
left = [name for name in os.listdir("old") if name not in before]
assert len(left) == 1, left
for folder, _, files in os.walk(os.path.join("old", left[0]), topdown=False):
    for name in files:
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)

# The other writer ends: the new image goes into a copy of the folder.
os.rename("old", "saved")
subprocess.run(["cp", "-r", "saved", "old"], check=True)
other = os.open("old", os.O_RDONLY)
fcntl.flock(other, fcntl.LOCK_EX)
compilation = start()
wait_until(has_begun)
time.sleep(0.1)
assert compilation.poll() is None, "it did not wait"
fcntl.flock(other, fcntl.LOCK_UN)
assert compilation.wait(30) == 0
with open("old/out.json", encoding="utf-8") as f:
    assert '"number": "5"' in f.read()
subprocess.run(["rm", "-r", "old"], check=True)
os.rename("saved", "old")
