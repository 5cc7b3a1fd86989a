"""Whoever listens to a run, its results, cycles and counters are the same, and what listeners are told is the same on
every run and agrees with the counters."""
import argparse
import collections
import json
import os
import re

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

W, N, WORDS = 4, 24, 9
LINES = [  # of sim.log, by kind
    r"dimX=\d+, dimY=\d+", r"Architecture is: wse[23]", r"Simtile is: hwtile",
    r"Sim stats: tiles=4, simulated_tiles=4, hwtile=4, iotile=0, nultile=0",
    r"P\d+\.\d+ \(hwtile\) landing C\d+ from link [WESNRD],",
    r"P\d+\.\d+ \(hwtile\) wavelet C\d+ ctrl=[01], idx=[0-9a-f]+, data=[0-9a-f]+ \(\S+\(-?\d+\)\), half=0, "
    r"ident=[0-9a-f]{16} landing=[RENWSD-] departing=/[E ][N ][W ][S ][R ]/(, to_ce_from_router)?",
    r"P\d+\.\d+: \[IS OP\] 0x[0-9a-f]+: T\d+ \w+ Dest:\w+ Src0:\w+ Src1:\w+( Imm:0x[0-9a-f]+)?",
    r"P\d+\.\d+: \[EX OP\] 0x[0-9a-f]+: T\d+(\.u\d)? \w+ num_data:\d+",
    r"P\d+\.\d+: (Not enough wavelets \(0/1\) for SRC1 with C\d+, IN_Q\[\d\], SIMD-32|Backpressure on C\d+ for OUT_Q\[\d\])",
    r"P\d+\.\d+: (Writing|Sending) wavelet C\d+ ctrl=[01], data=[0-9a-f]+ ident:[0-9a-f]{16} (to|on) OUT_Q\[\d\]",
    r"P\d+\.\d+: Pipe: 2, Msg: stall: .+ of (main thread|microthread \d) for \d+ cycles",
    r"left \d", r"end of run: .*"]


def run(name, folder, **options):
    """Everything about a run that no listener may change, and its files."""
    os.makedirs(folder)
    os.chdir(folder)
    runner = SdkRuntime(name, **options)
    runner.load()
    runner.run()
    words = np.arange(W * WORDS, dtype=np.uint32) * 5
    back, data = np.zeros(W * WORDS, dtype=np.uint32), np.zeros(W * N, dtype=np.uint32)
    place = {"data_type": MemcpyDataType.MEMCPY_32BIT, "order": MemcpyOrder.ROW_MAJOR}
    symbol = runner.get_id("data")
    runner.memcpy_h2d(symbol, np.arange(W * N, dtype=np.uint32), 0, 0, W, 1, N, streaming=False, nonblock=True, **place)
    runner.launch("rounds", np.uint16(5), nonblock=True)
    runner.memcpy_h2d(6, words, 0, 0, W, 1, WORDS, streaming=True, nonblock=True, **place)
    runner.memcpy_d2h(back, 7, 0, 0, W, 1, WORDS, streaming=True, nonblock=False, **place)
    runner.memcpy_d2h(data, symbol, 0, 0, W, 1, N, streaming=False, nonblock=False, **place)
    runner.stop()
    stats = runner.get_stats()
    del stats["wall_seconds"]
    files = {}
    for file in os.listdir("."):
        with open(file, encoding="utf-8") as f:
            files[file] = f.read()
    os.chdir("..")
    return (data.tolist(), back.tolist(), stats, [runner.get_tile_stats(x, 0) for x in range(W)]), files


def check_trace(text, stats):
    """Events are balanced, and as many wavelets left each router as were counted."""
    trace = json.loads(text)
    assert trace["otherData"]["format"] == "weft-trace", trace["otherData"]
    open_events, sent = collections.Counter(), collections.Counter()
    rows = {e["tid"]: e["args"]["name"] for e in trace["traceEvents"] if e["name" if "name" in e else "ph"] == "thread_name"}
    for e in trace["traceEvents"]:
        open_events[e["pid"], e["tid"]] += {"B": 1, "E": -1}.get(e["ph"], 0)
        assert open_events[e["pid"], e["tid"]] >= 0, e
        if e.get("cat") == "wavelet":
            sent[e["pid"] - 1, rows[e["tid"]].split()[1]] += 1
    assert not any(open_events.values()), open_events
    assert sent == {(link["x"], link["to"]): link["wavelets"] for link in stats["links"]}, (sent, stats["links"])
    tasks = [e for e in trace["traceEvents"] if e.get("cat") == "task" and e["name"].endswith("add")]
    assert len(tasks) == 5 * W and all(e["args"]["file"].endswith("pe.csl") for e in tasks), tasks


def check_path(stats):
    """The steps follow each other from the first cycle to the last."""
    path, at = stats["critical_path"], 0
    assert path["complete"]
    for step in path["steps"]:
        assert step["begin"] == at, (step, at)
        at += step["cycles"]
    assert stats["cycle_count"] - 600 <= at <= stats["cycle_count"], (at, stats["cycle_count"])
    assert sum(p["cycles"] for p in path["places"]) == at
    kinds = {step["kind"] for step in path["steps"]}
    assert kinds == {"host", "task", "operation", "wavelet"}, kinds
    assert len({step.get("x") for step in path["steps"]}) > 2


def check_lines(log):
    """Every line has a known form, they are in order of cycles, and every kind occurs."""
    seen, last = set(), 0
    for line in log.splitlines():
        cycle, text = re.fullmatch(r"@(\d+) (.*)", line).groups()
        kind = [i for i, form in enumerate(LINES) if re.fullmatch(form, text)]
        assert len(kind) == 1, line
        assert int(cycle) >= last, line
        seen, last = seen | set(kind), int(cycle)
    assert seen == set(range(len(LINES))), [LINES[i] for i in set(range(len(LINES))) - seen]


def main():
    """Runs with and without listeners."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    name = os.path.abspath(parser.parse_args().name)
    plain, files = run(name, "plain")
    assert sorted(files) == ["sim.log", "sim_stats.json"], files.keys()
    os.environ["SIMFABRIC_DEBUG"] = "inst_trace,landing,router,stalls"
    full = {"trace": "trace.json", "stats": "stats.json"}
    heard, first = run(name, "first", **full)
    assert heard == plain, (heard, plain)
    heard, second = run(name, "second", **full)
    assert heard == plain
    assert first["trace.json"] == second["trace.json"] and first["sim.log"] == second["sim.log"]
    os.environ["WEFT_TRACE"] = "trace.json"
    assert run(name, "quiet", suppress_simfab_trace=True)[1].keys() == {"sim.log", "sim_stats.json"}
    del os.environ["SIMFABRIC_DEBUG"]
    heard, alone = run(name, "alone")
    assert heard == plain and alone["sim.log"] == files["sim.log"]
    print("alike with every listener")
    stats = json.loads(first["stats.json"])
    check_trace(first["trace.json"], stats)
    print("the trace agrees with the counters")
    check_lines(first["sim.log"])
    print("lines have the form of the vendor's")
    check_path(stats)
    print("the critical path has no gap")


main()
