"""A program folder that is damaged in any place is refused with a clear error, or runs as before; it never crashes."""
import argparse
import os
import shutil
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--name")
parser.add_argument("--open")
args = parser.parse_args()
if args.open:
    # In a process of its own, so that a crash is seen as one.
    from cerebras.sdk.runtime.sdkruntimepybind import SdkRuntime
    runner = SdkRuntime(args.open)
    runner.load()
    runner.run()
    runner.stop()
    sys.exit(0)


def damaged(name, content):
    """Opens a copy of the program in which one file has this content (None: no such file); the status and the message."""
    shutil.rmtree("damaged", ignore_errors=True)
    shutil.copytree(args.name, "damaged")
    path = os.path.join("damaged", name)
    os.unlink(path)
    if content is not None:
        with open(path, "wb") as out:
            out.write(content)
    done = subprocess.run([sys.executable, __file__, "--open", "damaged"], capture_output=True, text=True, check=False,
                          timeout=60)
    assert done.returncode in (0, 1), f"{name}: status {done.returncode}\n{done.stderr}"
    assert done.returncode == 0 or "RuntimeError: " in done.stderr, f"{name}: {done.stderr}"
    return done.returncode, done.stderr


def content_of(name):
    """The bytes of a file of the program."""
    with open(os.path.join(args.name, name), "rb") as f:
        return f.read()


files = ["weft.xml", "tiles.bin"] + ["bin/" + name for name in sorted(os.listdir(f"{args.name}/bin")) if name.endswith(".elf")]
assert damaged("weft.xml", content_of("weft.xml"))[0] == 0, "an undamaged copy works"
for name in files:
    whole = content_of(name)
    status, text = damaged(name, None)
    assert status == 1 and os.path.basename(name) in text, f"{name} missing: {text}"
    for keep in (0, 1, len(whole) // 2, len(whole) - 2):
        status, text = damaged(name, whole[:keep])
        assert status == 1, f"{name} cut to {keep} of {len(whole)} bytes was accepted"
    for at in range(0, len(whole), max(1, len(whole) // 6)):
        damaged(name, whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:])
print("SUCCESS!")
