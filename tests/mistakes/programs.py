"""The programs into which mistakes are put: those of tests/run and, given a folder, those of the vendor's examples."""
import json
import os
import re
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))


class Program:
    """A folder of sources and a shell script that compiles and runs it there."""

    def __init__(self, name, root, folder, script, variables=None):
        self.name, self.root, self.folder, self.script = name, root, folder, script
        self.variables = variables or {}
        self.files = {}  # {path below the folder: text} of what mistakes can be made in
        for where, _, names in os.walk(os.path.join(root, folder)):
            for file in sorted(names):
                path = os.path.join(where, file)
                if file.endswith((".csl", ".py")) and "out" not in where.split(os.sep):
                    with open(path, encoding="utf-8") as f:
                        self.files[os.path.relpath(path, os.path.join(root, folder))] = f.read()

    def place(self, work, edited):
        """A copy to run in, with the texts of `edited` instead of those of the files. Returns its folder."""
        parts = self.folder.split(os.sep)
        source, target = self.root, work
        for part in parts:  # its neighbours are linked: programs share libraries
            os.makedirs(target, exist_ok=True)
            for name in os.listdir(source):
                if name != part:
                    os.symlink(os.path.join(source, name), os.path.join(target, name))
            source, target = os.path.join(source, part), os.path.join(target, part)
        shutil.copytree(source, target, symlinks=True)
        for path, text in {**edited, "weft-mistake.sh": self.script}.items():
            with open(os.path.join(target, path), "w", encoding="utf-8") as f:
                f.write(text)
        return target


def quoted(words):
    """Words as a line of a shell script."""
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)


def test_program(name, arch, case):
    """A case of tests/run, None if it is about something that fails or lies in several folders."""
    expected = {**case.get("compile", {}), **case.get("expect", {})}
    layout = os.path.normpath(os.path.join(TOP, "tests", "run", name, case.get("layout", "layout.csl")))
    script = os.path.normpath(os.path.join(TOP, "tests", "run", name, case.get("script", "run.py")))
    folder = os.path.dirname(layout)
    if expected or "c_host" in case or os.path.dirname(script) != folder or not os.path.exists(layout):
        return None
    compiled = ["cslc", os.path.basename(layout), f"--arch={arch}", "--memcpy", "--channels=1", "-o", "out"]
    run = ["cs_python", os.path.basename(script), "--name", "out"] + case.get("arguments", [])
    lines = ["set -e", quoted(compiled + case.get("options", [])), quoted(run)]
    support = {"PYTHONPATH": os.path.join(TOP, "tests", "run", "support")}
    root, inner = os.path.split(folder)
    return Program(f"run/{name}/{arch}", root, inner, "\n".join(lines) + "\n", support)


def of_tests():
    """One program per folder of tests/run, and architecture."""
    found = []
    base = os.path.join(TOP, "tests", "run")
    for name in sorted(os.listdir(base)):
        path = os.path.join(base, name, "case.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as f:
            case = json.load(f)
        variants = [{**case, **v} for v in case.pop("variants", [{}])]
        for arch in ("wse2", "wse3"):
            fitting = [test_program(name, arch, v) for v in variants if arch in v.get("archs", [arch])]
            found += [p for p in fitting if p][:1]
    return found


def of_corpus(corpus):
    """Every script commands*.sh below a folder of the vendor's examples."""
    found = []
    label = os.path.basename(os.path.normpath(corpus))
    for where, _, names in sorted(os.walk(corpus)):
        for name in sorted(n for n in names if re.fullmatch(r"commands.*\.sh", n)):
            with open(os.path.join(where, name), encoding="utf-8") as f:
                script = f.read().replace("%python_sdk_paint", "cs_python run.py")
            folder = os.path.relpath(where, corpus)
            arch = "".join(re.findall(r"wse[23]", name)) or "wse2"
            found.append(Program(f"{label}/{folder}/{arch}", corpus, folder, script))
    return found
