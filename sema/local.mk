# sema: types, comptime evaluation, modules, layout: syntax trees to IR
noinst_LIBRARIES += libsema.a
libsema_a_SOURCES = sema/sema.h sema/internal.h sema/private.h sema/builtins.def \
  sema/sema.c sema/types.c sema/type_expr.c sema/value.c sema/arith.c sema/coerce.c sema/resolve.c \
  sema/module.c sema/compat.c sema/expr.c sema/place.c sema/lower.c sema/stmt.c sema/control.c \
  sema/call.c sema/class.c sema/tile.c sema/builtins.c sema/builtins_basic.c
