"""Names of environment variables in the sources against docs/weft.1 and docs/cli.md."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
asked = set()
for room in ("arith", "backend", "driver", "emulator", "host", "image", "ir", "lexer", "parser", "passes", "sema", "support", "target"):
    for path in (top / room).rglob("*.c"):
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'getenv\("(\w+)"\)', text)) | set(re.findall(r'"((?:WEFT|SIMFABRIC)_[A-Z_]+)"', text))
assert {"WEFT_STATS", "SIMFABRIC_DEBUG", "CSL_IMPORT_PATH"} <= asked, asked
manual = (top / "docs" / "weft.1").read_text(encoding="utf-8")
missing = sorted(name for name in asked if not re.search(rf"\b{name}\b", manual))
assert not missing, f"not in docs/weft.1: {missing}"
