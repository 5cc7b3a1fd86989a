// Functions: declarations, blocks in an order in which definitions come before uses, calls and
// control flow.
#include "backend/llvm/gen.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

// Enumerator attributes by name; `memory` is memory(none).
void gen_attributes(Gen *g, LLVMValueRef v, const char *const *names)
{
  for (; *names; names++) {
    unsigned kind = LLVMGetEnumAttributeKindForName(*names, strlen(*names));
    LLVMAttributeRef a = LLVMCreateEnumAttribute(g->ctx, kind, 0);
    if (LLVMIsAFunction(v))
      LLVMAddAttributeAtIndex(v, LLVMAttributeFunctionIndex, a);
    else
      LLVMAddCallSiteAttribute(v, LLVMAttributeFunctionIndex, a);
  }
}

// ---- declarations ----

static LLVMTypeRef function_type(Gen *g, const IrFunc *f)
{
  LLVMTypeRef *params = NULL;
  for (ptrdiff_t i = 0; i < arrlen(f->params); i++)
    arrput(params, type_of(g, f->params[i]));
  LLVMTypeRef t = LLVMFunctionType(type_of(g, f->result), params, (unsigned)arrlen(params), false);
  arrfree(params);
  return t;
}

// Functions that something outside of the code refers to: initial data and tables hold their
// addresses.
static void keep_referenced(Gen *g, IrRef ref)
{
  if (IR_TAG(ref) == REF_FUNC)
    LLVMSetLinkage(g->funcs[IR_INDEX(ref)], LLVMExternalLinkage);
}

// Functions with an entry (wrap.c) are reached through it: LLVM may put the body there and drop the
// function.
static bool has_entry(const Gen *g, size_t index)
{
  IrRef ref = IR_REF(REF_FUNC, (uint32_t)index);
  for (ptrdiff_t i = 0; i < arrlen(g->m->setup); i++) {
    const IrSetup *s = &g->m->setup[i];
    if (s->a == ref || s->b == ref || s->c == ref)
      return true;
  }
  return false;
}

static void declare(Gen *g, size_t index)
{
  const IrFunc *f = &g->m->funcs[index];
  Arena scratch = {0};
  LLVMValueRef fn =
      LLVMAddFunction(g->mod, arena_printf(&scratch, NAME_FUNC "%s", f->name), function_type(g, f));
  arena_free(&scratch);
  g->funcs[index] = fn;
  gen_attributes(g, fn, (const char *const[]){"nounwind", "null_pointer_is_valid", NULL});
  if (f->noinline_hint)
    gen_attributes(g, fn, (const char *const[]){"noinline", NULL});
  else if (f->inline_hint)
    gen_attributes(g, fn, (const char *const[]){"inlinehint", NULL});
  if (arrlenu(f->blocks) > 0 && (!f->exported || has_entry(g, index)))
    LLVMSetLinkage(fn, LLVMInternalLinkage);
}

void funcs_declare(Gen *g)
{
  for (size_t i = 0; i < arrlenu(g->m->funcs); i++)
    declare(g, i);
  for (size_t i = 0; i < arrlenu(g->m->globals); i++)
    for (size_t k = 0; k < arrlenu(g->m->globals[i].relocs); k++)
      keep_referenced(g, g->m->globals[i].relocs[k].target);
}

// ---- control flow ----

static LLVMBasicBlockRef block(Gen *g, uint32_t number)
{
  return g->blocks[number];
}

static void gen_brif(Gen *g, const IrInst *in)
{
  const uint32_t *list = g->m->extra + in->list;
  LLVMBuildCondBr(g->b, value_of(g, in->a), block(g, list[0]), block(g, list[1]));
}

// A case covers the values lo..hi. Short ranges become cases of an LLVM switch, long ones
// comparisons in front of it.
static void gen_switch(Gen *g, const IrInst *in)
{
  enum { SHORT = 64 };
  const uint32_t *list = g->m->extra + in->list;
  LLVMValueRef v = value_of(g, in->a);
  LLVMTypeRef t = LLVMTypeOf(v);
  for (uint32_t i = 1; i + 2 < in->nlist; i += 3) {
    if (list[i + 1] - list[i] < SHORT)
      continue;
    LLVMValueRef from = LLVMBuildSub(g->b, v, LLVMConstInt(t, list[i], false), "");
    LLVMValueRef extent = LLVMConstInt(t, list[i + 1] - list[i], false);
    LLVMBasicBlockRef next = LLVMAppendBasicBlockInContext(g->ctx, g->fn, "");
    LLVMBuildCondBr(g->b, LLVMBuildICmp(g->b, LLVMIntULE, from, extent, ""), block(g, list[i + 2]),
                    next);
    LLVMPositionBuilderAtEnd(g->b, next);
  }
  LLVMValueRef s = LLVMBuildSwitch(g->b, v, block(g, list[0]), in->nlist / 3);
  for (uint32_t i = 1; i + 2 < in->nlist; i += 3)
    for (uint32_t k = 0; list[i + 1] - list[i] < SHORT && k <= list[i + 1] - list[i]; k++)
      LLVMAddCase(s, LLVMConstInt(t, list[i] + k, false), block(g, list[i + 2]));
}

static void gen_ret(Gen *g, const IrInst *in)
{
  if (in->a)
    LLVMBuildRet(g->b, value_of(g, in->a));
  else
    LLVMBuildRetVoid(g->b);
}

// ---- calls ----

static LLVMValueRef build_call(Gen *g, const IrInst *in, LLVMTypeRef type, LLVMValueRef fn)
{
  LLVMValueRef *args = NULL;
  for (uint32_t i = 0; i < in->nlist; i++)
    arrput(args, value_of(g, g->m->extra[in->list + i]));
  LLVMValueRef call = LLVMBuildCall2(g->b, type, fn, args, in->nlist, "");
  arrfree(args);
  return in->type == IRT_VOID ? NULL : call;
}

static LLVMValueRef gen_call(Gen *g, const IrInst *in)
{
  return build_call(g, in, LLVMGlobalGetValueType(g->funcs[in->aux]), g->funcs[in->aux]);
}

static LLVMValueRef gen_callptr(Gen *g, const IrInst *in)
{
  LLVMTypeRef *params = NULL;
  for (uint32_t i = 0; i < in->nlist; i++)
    arrput(params, type_of(g, tir_type_of(g->m, g->func, g->m->extra[in->list + i])));
  LLVMTypeRef type = LLVMFunctionType(type_of(g, in->type), params, in->nlist, false);
  arrfree(params);
  LLVMValueRef number =
      LLVMBuildZExt(g->b, value_of(g, in->a), g->i32, ""); // CODE_ADDRESS of target/isa.h
  LLVMValueRef half = LLVMBuildAdd(g->b, number, i32_const(g, CODE_BASE / 2 - 1), "");
  LLVMValueRef address = LLVMBuildShl(g->b, half, i32_const(g, 1), "");
  return build_call(g, in, type, LLVMBuildIntToPtr(g->b, address, g->ptr, ""));
}

// ---- instructions ----

static LLVMValueRef gen_inst(Gen *g, const IrInst *in)
{
  switch (in->op) {
  case IR_CALL: return gen_call(g, in);
  case IR_CALLPTR: return gen_callptr(g, in);
  case IR_BR: return LLVMBuildBr(g->b, block(g, in->aux));
  case IR_BRIF: gen_brif(g, in); return NULL;
  case IR_SWITCH: gen_switch(g, in); return NULL;
  case IR_RET: gen_ret(g, in); return NULL;
  case IR_UNREACHABLE: return LLVMBuildUnreachable(g->b);
  default: break;
  }
  if (in->op >= IR_MAP_GET || in->op == IR_FIFO_LEN)
    return gen_machine(g, in);
  if (in->op >= IR_DSD_MEM)
    return gen_dsd(g, in);
  bool is_float = (in->op >= IR_FADD && in->op <= IR_FMA) ||
                  (in->op >= IR_FEQ && in->op <= IR_FLE) ||
                  (in->op >= IR_FTOSI && in->op <= IR_FTOF);
  return is_float ? gen_float_op(g, in) : gen_op(g, in);
}

static void gen_block(Gen *g, uint32_t number)
{
  const uint32_t *insts = g->f->blocks[number].insts;
  LLVMPositionBuilderAtEnd(g->b, g->blocks[number]);
  for (ptrdiff_t i = 0; i < arrlen(insts); i++) {
    const IrInst *in = &g->f->insts[insts[i]];
    debug_at(g, in->pos);
    g->values[insts[i]] = gen_inst(g, in);
  }
}

// ---- block order ----

typedef struct Order {
  uint32_t *out; // stb_ds: blocks in post-order
  uint8_t *seen; // per block
} Order;

static uint32_t successor(const Gen *g, uint32_t number, uint32_t k, bool *end)
{
  const IrBlock *b = &g->f->blocks[number];
  const IrInst *t = &g->f->insts[arrlast(b->insts)];
  const uint32_t *list = g->m->extra + t->list;
  uint32_t n = t->op == IR_BR       ? 1
               : t->op == IR_BRIF   ? 2
               : t->op == IR_SWITCH ? t->nlist / 3 + 1
                                    : 0;
  *end = k >= n;
  if (*end)
    return 0;
  return t->op == IR_BR ? t->aux : t->op == IR_BRIF || k == 0 ? list[k] : list[3 * k];
}

// Depth first with a stack of its own: generated programs nest as deep as they like.
static void post_order(const Gen *g, Order *o)
{
  typedef struct Frame {
    uint32_t block, next;
  } Frame;
  Frame *stack = NULL;
  arrput(stack, ((Frame){0, 0}));
  o->seen[0] = 1;
  while (arrlen(stack)) {
    Frame *top = &arrlast(stack);
    bool end;
    uint32_t to = successor(g, top->block, top->next++, &end);
    if (end)
      arrput(o->out, arrpop(stack).block);
    else if (!o->seen[to]) {
      o->seen[to] = 1;
      arrput(stack, ((Frame){to, 0}));
    }
  }
  arrfree(stack);
}

// Reverse post-order: a block comes after its dominators, so every value is there before it is
// used.
static void define(Gen *g, uint32_t index)
{
  g->func = index;
  g->f = &g->m->funcs[index];
  g->fn = g->funcs[index];
  size_t blocks = arrlenu(g->f->blocks), insts = arrlenu(g->f->insts);
  Order o = {.seen = mem_zeroed(blocks, 1)};
  g->blocks = mem_zeroed(blocks, sizeof *g->blocks);
  g->values = mem_zeroed(insts + 1, sizeof *g->values);
  post_order(g, &o);
  debug_function(g, g->fn, g->f->name, g->f->pos);
  for (size_t i = arrlenu(o.out); i-- > 0;)
    g->blocks[o.out[i]] = LLVMAppendBasicBlockInContext(g->ctx, g->fn, "");
  for (size_t i = arrlenu(o.out); i-- > 0;)
    gen_block(g, o.out[i]);
  arrfree(o.out);
  free(o.seen);
  free(g->blocks);
  free(g->values);
}

void funcs_define(Gen *g)
{
  for (size_t i = 0; i < arrlenu(g->m->funcs); i++)
    if (arrlenu(g->m->funcs[i].blocks))
      define(g, (uint32_t)i);
}
