"""A run that is cut at many cycles and goes on in a fresh process ends as one that is not cut: results, cycles,
counters, log. Damaged and foreign files are errors."""
import argparse
import json
import os
import subprocess
import sys

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime, Task

W, N, WORDS = 4, 24, 9
CUTS = [0, 1, 7, 23, 40, 61, 97, 150, 233, 351, 502, 777, 1200, 5000]


def operations(runner):
    """Everything without blocking; the task numbers and the arrays for what comes back."""
    start = np.arange(W * N, dtype=np.uint32)
    words = np.arange(W * WORDS, dtype=np.uint32) * 5
    back, data = np.zeros(W * WORDS, dtype=np.uint32), np.zeros(W * N, dtype=np.uint32)
    place = {"data_type": MemcpyDataType.MEMCPY_32BIT, "order": MemcpyOrder.ROW_MAJOR, "nonblock": True}
    symbol = runner.get_id("data")
    runner.memcpy_h2d(symbol, start, 0, 0, W, 1, N, streaming=False, **place)
    runner.launch("rounds", np.uint16(5), nonblock=True)
    runner.memcpy_h2d(6, words, 0, 0, W, 1, WORDS, streaming=True, **place)
    tasks = [runner.memcpy_d2h(back, 7, 0, 0, W, 1, WORDS, streaming=True, **place),
             runner.memcpy_d2h(data, symbol, 0, 0, W, 1, N, streaming=False, **place)]
    return tasks, [back, data], [start, words]


def finish(runner, tasks, arrays):
    """Completes the run; everything about it that must not depend on cuts."""
    for task in tasks:
        runner.task_wait(task)
    runner.stop()
    stats = runner.get_stats()
    del stats["wall_seconds"]
    tiles = [runner.get_tile_stats(x, 0) for x in range(W)]
    return {"arrays": [a.tolist() for a in arrays], "stats": stats, "tiles": tiles}


def part(args):
    """What one process does; the result goes to result.json in the current folder."""
    runner = SdkRuntime(args.name)
    if args.part == "second":
        runner.resume("state")
        arrays = [np.zeros(W * WORDS, dtype=np.uint32), np.zeros(W * N, dtype=np.uint32)]
        with open("tasks.json", encoding="utf-8") as f:
            tasks = [Task(n) for n in json.load(f)]
        for task, array in zip(tasks, arrays):
            try:
                runner.rebind(task, array)
            except RuntimeError as e:  # complete at the checkpoint: then the first process has the result
                assert "was complete" in str(e), e
                array[:] = np.load(f"array{task._number}.npy")
    else:
        runner.load()
        runner.run()
        tasks, arrays, _kept = operations(runner)
    if args.part == "first":
        runner.advance(args.cut)
        runner.checkpoint("state")
        with open("tasks.json", "w", encoding="utf-8") as f:
            json.dump([t._number for t in tasks], f)
        for task, array in zip(tasks, arrays):
            np.save(f"array{task._number}.npy", array)
        return
    with open("result.json", "w", encoding="utf-8") as f:
        json.dump(finish(runner, tasks, arrays), f)


def process(args, folder, *more):
    """Another process in a folder of its own."""
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run([sys.executable, os.path.abspath(__file__), "--name", args.name, *more], cwd=folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def read(folder):
    """Result and log of a run."""
    with open(f"{folder}/result.json", encoding="utf-8") as f, open(f"{folder}/sim.log", encoding="utf-8") as log:
        return json.load(f), log.read()


def expected():
    """The vectors after the rounds, by NumPy."""
    data = np.arange(W * N, dtype=np.uint32).reshape(W, N)
    for _ in range(5):
        data = data * 3 + data[0] + np.arange(N, dtype=np.uint32)
    return data.ravel().tolist()


def refused(args, path, what):
    """The error text of a resume that must fail."""
    runner = SdkRuntime(args.name)
    try:
        runner.resume(path)
    except RuntimeError as e:
        assert what in str(e), e
        return
    raise AssertionError(f"{path} was taken")


def check_refusals(args, good):
    """Files that are no checkpoint of this program."""
    variants = {"empty": b"", "short": good[:len(good) // 2], "cut": good[:-1], "long": good + b"x",
                "other": b"WEFTSNAP" + good[8:]}
    for at in range(100, len(good), len(good) // 40):
        variants[f"bit{at}"] = good[:at] + bytes([good[at] ^ 4]) + good[at + 1:]
    for name, content in variants.items():
        with open(name, "wb") as f:
            f.write(content)
        refused(args, name, "resume: cannot use")
    refused(args, "does-not-exist", "cannot read does-not-exist")


def main():
    """Cuts the run at many cycles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    parser.add_argument("--part")
    parser.add_argument("--cut", type=int)
    args = parser.parse_args()
    args.name = os.path.abspath(args.name)
    if args.part:
        part(args)
        return
    process(args, "whole", "--part=whole")
    result, log = read("whole")
    assert result["arrays"][1] == expected()
    for cut in CUTS:
        process(args, f"cut{cut}", "--part=first", f"--cut={cut}")
        process(args, f"cut{cut}", "--part=second")
        again, again_log = read(f"cut{cut}")
        assert again == result, (cut, again, result)
        assert again_log == log, (cut, again_log, log)
    with open("cut150/state", "rb") as f:
        check_refusals(args, f.read())
    print("every cut ends alike:", len(CUTS))


main()
