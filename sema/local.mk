# sema: types, comptime evaluation, modules, layout: syntax trees to IR
noinst_LIBRARIES += libsema.a
libsema_a_SOURCES = sema/sema.h sema/internal.h sema/private.h sema/builtins.def \
  sema/sema.c sema/types.c sema/type_expr.c sema/type_of.c sema/value.c sema/arith.c sema/bigint.c sema/coerce.c sema/resolve.c \
  sema/module.c sema/compat.c sema/expr.c sema/place.c sema/constant.c sema/lower.c sema/stmt.c sema/control.c sema/loops.c sema/packed.c sema/import_value.c \
  sema/compact.def sema/compact.h sema/compact_build.h sema/compact.c sema/compact_build.c sema/compact_flow.c \
  sema/compact_expr.c sema/compact_switch.c sema/compact_call.c sema/compact_run.c sema/compact_slow.c sema/compact_slow.h \
  sema/call.c sema/storage.c sema/hints.c sema/hints.def sema/class.c sema/tile.c \
  sema/builtins.c sema/builtins_basic.c sema/ops.h sema/advice.c sema/advice.h sema/legacy.c sema/legacy.h \
  sema/config.c sema/builtins_layout.c sema/colorconfig.c sema/ops.c sema/builtins_task.c sema/builtins_queue.c sema/builtins_events.c \
  sema/builtins_export.c \
  sema/builtins_dsd.c sema/builtins_dsr.c sema/builtins_map.c sema/builtins_machine.c sema/tensor.c sema/dsd.c \
  sema/dsd_op.c sema/dsd_config.c sema/dsd_forms.def
EXTRA_DIST += docs/language-features.txt docs/language-status.py docs/language-status.md
