// What the groups of builtins about the machine share: the tile program they work for, arguments
// that several of them take, set-up rows.
#include "sema/ops.h"
#include <string.h>

OpsTile *ops_tile(Ctx *cx, Node *call)
{
  if (cx->tile)
    return cx->tile->ops;
  SEMA_ERROR(cx, call, only_in_tile_program, names_text(cx->s->names, call->name));
  return NULL;
}

void ops_setup(Ctx *cx, Node *call, SetupKind kind, uint32_t id, IrRef a, IrRef b, IrRef c)
{
  tir_setup(cx->tile->module, kind, id, a, b, c, call->at);
}

IrRef ops_i16(Ctx *cx, int64_t v)
{
  return sema_const(cx, IRT_I16, (uint64_t)v & 0xffff);
}

IrRef ops_i32(Ctx *cx, int64_t v)
{
  return sema_const(cx, IRT_I32, (uint64_t)v & 0xffffffff);
}

bool ops_function(Ctx *cx, Node *n, bool want_task, Value *fn)
{
  if (!sema_comptime(cx, n, T_NONE, fn))
    return false;
  uint8_t kind = type_info(cx->s, fn->type)->kind;
  if (kind == (want_task ? TK_TASK : TK_FN))
    return true;
  SEMA_ERROR(cx, n, expected_kind, want_task ? "a task" : "a function", type_name(cx->s, fn->type));
  return false;
}

bool ops_handler(Ctx *cx, Node *n, IrRef *ref)
{
  Value fn;
  if (!ops_function(cx, n, false, &fn))
    return false;
  const TypeInfo *t = type_info(cx->s, fn.type);
  if (t->count || t->elem != T_VOID) {
    SEMA_ERROR(cx, n, expected_kind, "a function of type 'fn() void'", type_name(cx->s, fn.type));
    return false;
  }
  *ref = IR_REF(REF_FUNC, sema_function_ir(cx, n, fn));
  return true;
}

// Numbers of handles that were not made by @get_…: bit casts, command line values.
bool ops_number(Ctx *cx, Node *at, int64_t v, int64_t limit, const char *what)
{
  if (v >= 0 && v < limit)
    return true;
  SEMA_ERROR(cx, at, int_range, what, v_int_text(cx->s, v_int(T_I64, v)), 0ll,
             (long long)limit - 1);
  return false;
}

IrRef ops_color(Ctx *cx, Value color)
{
  if (color.type == T_NONE)
    return IR_NONE;
  return color.sym ? sema_tileconst(cx, color) : ops_i16(cx, color.i);
}

bool ops_in_stdlib(const Sema *s, const Node *n)
{
  const SrcFile *file = src_place(s->sources, n->at).file;
  const char *dir = s->opt->stdlib_dir;
  size_t len = dir ? strlen(dir) : 0;
  return len && file && strncmp(file->path, dir, len) == 0;
}
