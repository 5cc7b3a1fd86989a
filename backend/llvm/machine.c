// Custom instructions as inline assembler, and the IR operations that are one of them.
#include "backend/llvm/gen.h"
#include <stdarg.h>
#include <string.h>

// ---- assembler text ----

void asm_line(Asm *a, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  if (a->len)
    a->text[a->len++] = '\n';
  int n = vsnprintf(a->text + a->len, sizeof a->text - a->len, fmt, args);
  va_end(args);
  if (n < 0 || a->len + (size_t)n >= sizeof a->text)
    PANIC("an assembler statement is too long");
  a->len += (size_t)n;
}

static bool is_zero(LLVMValueRef v)
{
  return LLVMIsAConstantInt(v) && LLVMConstIntGetZExtValue(v) == 0;
}

const char *asm_word(Asm *a, LLVMValueRef v)
{
  static const char *const names[] = {"$0", "$1",  "$2",  "$3",  "$4",  "$5",  "$6",  "$7", "$8",
                                      "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"};
  if (is_zero(v))
    return "x0";
  unsigned k = 0;
  while (k < a->n && a->args[k] != v)
    k++;
  if (k == sizeof a->args / sizeof *a->args)
    PANIC("an assembler statement has too many operands");
  a->args[k] = v;
  a->n += k == a->n;
  return names[k + a->output];
}

void asm_sys(Asm *a, SysOp op, unsigned imm, const char *rs1, const char *rs2)
{
  const SysOpInfo *i = isa_sys(op);
  char rd[8];
  snprintf(rd, sizeof rd, "x%u", i->imm ? imm & 31 : 0);
  asm_line(a, ".insn r 0x%02x, %u, 0x%02x, %s, %s, %s", i->opcode, i->funct3, i->funct7,
           i->rd ? "$0" : rd, i->rs1 ? rs1 : "x0", i->rs2 ? rs2 : "x0");
}

LLVMValueRef asm_emit(Gen *g, Asm *a, bool pure)
{
  char constraints[128] = "";
  LLVMTypeRef types[16];
  size_t at = 0;
  if (a->output)
    at += (size_t)snprintf(constraints + at, sizeof constraints - at, "=r");
  for (unsigned k = 0; k < a->n; k++) {
    types[k] = g->i32;
    at += (size_t)snprintf(constraints + at, sizeof constraints - at, "%sr", at ? "," : "");
  }
  if (!pure)
    at += (size_t)snprintf(constraints + at, sizeof constraints - at, "%s~{memory}", at ? "," : "");
  LLVMTypeRef type = LLVMFunctionType(a->output ? g->i32 : g->none, types, a->n, false);
  LLVMValueRef code = LLVMGetInlineAsm(type, a->text, a->len, constraints, at, !pure, false,
                                       LLVMInlineAsmDialectATT, false);
  LLVMValueRef call = LLVMBuildCall2(g->b, type, code, a->args, a->n, "");
  gen_attributes(g, call,
                 (const char *const[]){"nounwind", a->ends ? "noreturn" : "willreturn",
                                       pure ? "memory" : NULL, NULL});
  return a->output ? call : NULL;
}

LLVMValueRef sys_op(Gen *g, SysOp op, LLVMValueRef rs1, LLVMValueRef rs2, bool pure)
{
  const SysOpInfo *i = isa_sys(op);
  Asm a = {.output = i->rd && !i->imm};
  const char *first = rs1 ? asm_word(&a, rs1) : "x0";
  const char *second = rs2 ? asm_word(&a, rs2) : "x0";
  asm_sys(&a, op, 0, first, second);
  return asm_emit(g, &a, pure);
}

// ---- operations ----

static LLVMValueRef a_word(Gen *g, const IrInst *in)
{
  return word_of(g, value_of(g, in->a));
}

static LLVMValueRef gen_map_get(Gen *g, const IrInst *in)
{
  uint32_t bits = 8 * tir_size(g->m, in->type);
  LLVMValueRef word = sys_op(g, SYS_map_get, i32_const(g, in->aux & 15), i32_const(g, bits), false);
  return from_word(g, word, in->type);
}

static void gen_map_put(Gen *g, const IrInst *in)
{
  uint32_t bits = 8 * tir_size(g->m, tir_type_of(g->m, g->func, in->a));
  sys_op(g, SYS_map_put, i32_const(g, (in->aux & 15) | bits << 8), a_word(g, in), false);
}

static LLVMValueRef gen_map_more(Gen *g, const IrInst *in)
{
  uint32_t dest = (in->aux >> 8) == DSR_DEST ? 16 : 0;
  return from_word(g, sys_op(g, SYS_map_more, i32_const(g, dest | (in->aux & 15)), NULL, false),
                   IRT_BOOL);
}

static LLVMValueRef gen_sys(Gen *g, const IrInst *in)
{
  const SysOpInfo *i = isa_sys((SysOp)in->aux);
  if (i->imm) {
    gen_unsupported(g, in->pos, "sys %s", i->name);
    return NULL;
  }
  LLVMValueRef rs1 = in->a ? a_word(g, in) : NULL,
               rs2 = in->b ? word_of(g, value_of(g, in->b)) : NULL;
  LLVMValueRef rd = sys_op(g, (SysOp)in->aux, rs1, rs2, false);
  return rd && in->type != IRT_VOID ? from_word(g, rd, in->type) : NULL;
}

static void gen_print(Gen *g, const IrInst *in)
{
  sys_op(g, SYS_simprint, i32_const(g, 1u << 31 | in->aux), i32_const(g, 0), false);
}

// What follows is never reached; a call that returned there would be undefined, and LLVM would
// leave it out together with its condition.
static void gen_trap(Gen *g, const IrInst *in)
{
  Asm a = {.ends = true};
  const char *number = asm_word(&a, i32_const(g, in->aux));
  asm_sys(&a, SYS_trap, 0, number, "x0");
  asm_emit(g, &a, false);
}

LLVMValueRef gen_machine(Gen *g, const IrInst *in)
{
  switch (in->op) {
  case IR_MAP_GET: return gen_map_get(g, in);
  case IR_MAP_PUT: gen_map_put(g, in); return NULL;
  case IR_MAP_MORE: return gen_map_more(g, in);
  case IR_ACTIVATE: return sys_op(g, SYS_task_act, a_word(g, in), NULL, false);
  case IR_BLOCK: return sys_op(g, SYS_task_block, a_word(g, in), i32_const(g, in->aux), false);
  case IR_UNBLOCK: return sys_op(g, SYS_task_unblock, a_word(g, in), i32_const(g, in->aux), false);
  case IR_QUEUE_FLUSH:
    return sys_op(g, SYS_queue_flush, a_word(g, in), i32_const(g, in->aux), false);
  case IR_FIFO_LEN:
    return sys_op(g, in->aux & 1 ? SYS_fifo_wlen : SYS_fifo_rlen, i32_const(g, in->aux >> 1),
                  a_word(g, in), false);
  case IR_PRINT: gen_print(g, in); return NULL;
  case IR_TRAP: gen_trap(g, in); return NULL;
  default: return gen_sys(g, in); // IR_SYS
  }
}
