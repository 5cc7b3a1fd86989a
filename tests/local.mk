# Unit tests: one program per room, written with Check, each in a fragment of its own. They are built by `make check`.
include tests/unit/arith.mk
include tests/unit/emulator.mk
include tests/unit/fabric.mk
include tests/unit/host.mk
include tests/unit/image.mk
