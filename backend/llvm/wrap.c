// Entries that the machine and the host jump to. A task's entry takes the wavelet apart for its
// parameters (language 12.2, 12.4); a launched function's entry fetches its arguments (host 7).
// Both return to TASK_RETURN_ADDRESS.
#include "backend/llvm/gen.h"
#include <stb/stb_ds.h>

static LLVMValueRef begin_wrapper(Gen *g, const char *prefix, const IrFunc *f, LLVMTypeRef *params,
                                  unsigned n)
{
  Arena scratch = {0};
  const char *name = arena_printf(&scratch, "%s%s", prefix, f->name);
  LLVMValueRef fn =
      LLVMGetNamedFunction(g->mod, name)
          ? NULL
          : LLVMAddFunction(g->mod, name, LLVMFunctionType(g->none, params, n, false));
  if (fn) { // else: made for an earlier record
    gen_attributes(g, fn, (const char *const[]){"nounwind", "null_pointer_is_valid", NULL});
    debug_function(g, fn, name, f->pos);
    LLVMPositionBuilderAtEnd(g->b, LLVMAppendBasicBlockInContext(g->ctx, fn, ""));
    debug_at(g, f->pos);
  }
  arena_free(&scratch);
  return fn;
}

static void call_and_return(Gen *g, uint32_t index, LLVMValueRef *args)
{
  const IrFunc *f = &g->m->funcs[index];
  LLVMBuildCall2(g->b, LLVMGlobalGetValueType(g->funcs[index]), g->funcs[index], args,
                 (unsigned)arrlen(f->params), "");
  LLVMBuildRetVoid(g->b);
}

// One parameter gets the whole word or its low half, two get a half each, the low one first.
static void task_entry(Gen *g, uint32_t index, SrcPos pos)
{
  const IrFunc *f = &g->m->funcs[index];
  LLVMTypeRef params[] = {g->i32, g->i32};
  LLVMValueRef fn = begin_wrapper(g, NAME_TASK, f, params, 2), args[2] = {0};
  if (!fn)
    return;
  size_t n = arrlenu(f->params);
  for (size_t i = 0; i < n; i++) {
    uint32_t size = i < 2 ? tir_size(g->m, f->params[i]) : 0;
    if (f->params[i] >= IRT_FIRST_AGGREGATE || size > 4 || size == 0 || (n == 2 && size != 2)) {
      gen_unsupported(g, pos, "task %s: parameters that do not share one 32-bit word", f->name);
      break;
    }
    LLVMValueRef word = LLVMGetParam(fn, 0);
    args[i] =
        from_word(g, i ? LLVMBuildLShr(g->b, word, i32_const(g, 16), "") : word, f->params[i]);
  }
  if (!g->failed)
    call_and_return(g, index, args);
  else
    LLVMBuildUnreachable(g->b);
}

static void launch_entry(Gen *g, uint32_t index, SrcPos pos)
{
  const IrFunc *f = &g->m->funcs[index];
  LLVMValueRef fn = begin_wrapper(g, NAME_LAUNCH, f, NULL, 0), *args = NULL;
  if (!fn)
    return;
  for (size_t i = 0; i < arrlenu(f->params); i++) {
    IrType t = f->params[i];
    if (t >= IRT_DSD || t == IRT_I64) {
      gen_unsupported(g, pos, "function %s: a parameter that is not one word", f->name);
      t = IRT_I32;
    }
    arrput(args, from_word(g, sys_op(g, SYS_host_arg, i32_const(g, (uint32_t)i), NULL, false), t));
  }
  if (!g->failed)
    call_and_return(g, index, args);
  else
    LLVMBuildUnreachable(g->b);
  arrfree(args);
}

void wrappers_define(Gen *g)
{
  for (ptrdiff_t i = 0; i < arrlen(g->m->setup); i++) {
    const IrSetup *s = &g->m->setup[i];
    const IrRef refs[] = {s->a, s->b, s->c};
    for (unsigned k = 0; k < 3; k++)
      if (IR_TAG(refs[k]) == REF_FUNC) {
        if (s->kind == SETUP_EXPORT_FUNC)
          launch_entry(g, IR_INDEX(refs[k]), s->pos);
        else
          task_entry(g, IR_INDEX(refs[k]), s->pos);
      }
  }
}
