# Unit tests: one program per room, written with Check, each in a fragment of its own. They are built by `make check`.
include tests/run.mk
include tests/unit.mk
include tests/unit/arith.mk
include tests/unit/fabric.mk
include tests/unit/host.mk
include tests/unit/hostport.mk
include tests/unit/image.mk
include tests/unit/ir.mk
include tests/unit/parser.mk
include tests/golden.mk

check-local: check-golden check-run
clean-local: clean-golden clean-run
