"""Compiles and runs in folders of many names: they come back from XML and JSON as they are."""
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

weft, *sources = sys.argv[1:]
NAMES = ["a b", "it's", 'q"\\', "100%s%n", "$HOME", "grün", "new\nline", "tab\t", "a&<b>", "-x", "l" * 200]

for name in NAMES:
    os.mkdir(name)
    for source in sources:
        shutil.copy(source, name)
    image, source = os.path.join(".", name, "out"), os.path.join(".", name, "tile.csl")
    shown = source.replace("\n", "\\x0a").replace("\t", "\\x09")  # one line
    subprocess.run([weft, "compile", os.path.join(".", name, "pair.csl"), "-o", image, "--output-json"], check=True)
    classes = xml.parse(os.path.join(image, "weft.xml")).findall("class")
    assert [c.get("name") for c in classes] == [shown, shown], (name, [c.get("name") for c in classes])
    with open(os.path.join(image, "compile.json"), encoding="utf-8") as f:
        assert [p["source"] for p in json.load(f)["programs"]] == [shown, shown], name
    subprocess.run([weft, "run", f"--sim-log={image}.log", f"--stats={image}.json", image], check=True)
    with open(f"{image}.json", encoding="utf-8") as f:
        places = [p["file"] for p in json.load(f)["critical_path"]["places"] if "file" in p]
    assert places and set(places) == {os.path.normpath(source)}, (name, places)
