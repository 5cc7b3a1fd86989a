// DSD values (words of target/isa.h as plain integers, which LLVM folds) and DSD operations.
#include "backend/llvm/gen.h"

// A DSD in parts: lo, hi and, for mem4d and circular buffers, four more words.
typedef struct Parts {
  LLVMValueRef word[6];
  unsigned n; // 2 or 6
} Parts;

static Parts split(Gen *g, LLVMValueRef v)
{
  Parts p = {.n = 2};
  if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMArrayTypeKind) {
    p.n = 6;
    for (unsigned i = 0; i < p.n; i++)
      p.word[i] = LLVMBuildExtractValue(g->b, v, i, "");
    return p;
  }
  p.word[0] = LLVMBuildTrunc(g->b, v, g->i32, "");
  p.word[1] =
      LLVMBuildTrunc(g->b, LLVMBuildLShr(g->b, v, LLVMConstInt(g->i64, 32, false), ""), g->i32, "");
  return p;
}

static LLVMValueRef join(Gen *g, const Parts *p)
{
  if (p->n == 6) {
    LLVMValueRef v = LLVMGetPoison(type_of(g, IRT_DSD4));
    for (unsigned i = 0; i < p->n; i++)
      v = LLVMBuildInsertValue(g->b, v, p->word[i], i, "");
    return v;
  }
  LLVMValueRef lo = LLVMBuildZExt(g->b, p->word[0], g->i64, ""),
               hi = LLVMBuildZExt(g->b, p->word[1], g->i64, "");
  return LLVMBuildOr(g->b, lo, LLVMBuildShl(g->b, hi, LLVMConstInt(g->i64, 32, false), ""), "");
}

// (v & mask) << shift
static LLVMValueRef field(Gen *g, LLVMValueRef v, uint32_t mask, unsigned shift)
{
  return LLVMBuildShl(g->b, LLVMBuildAnd(g->b, v, i32_const(g, mask), ""), i32_const(g, shift), "");
}

static LLVMValueRef or3(Gen *g, LLVMValueRef a, LLVMValueRef b, uint32_t c)
{
  return LLVMBuildOr(g->b, LLVMBuildOr(g->b, a, b, ""), i32_const(g, c), "");
}

// `word` with the field at `shift` replaced.
static LLVMValueRef replace(Gen *g, LLVMValueRef word, LLVMValueRef v, uint32_t mask,
                            unsigned shift)
{
  LLVMValueRef kept = LLVMBuildAnd(g->b, word, i32_const(g, ~(mask << shift)), "");
  return LLVMBuildOr(g->b, kept, field(g, v, mask, shift), "");
}

static LLVMValueRef word(Gen *g, IrRef ref)
{
  return word_of(g, value_of(g, ref));
}

static LLVMValueRef length_field(Gen *g, IrRef length)
{
  return field(g, word(g, length), DSD_LEN_MASK, DSD_LEN_SHIFT);
}

static LLVMValueRef base_field(Gen *g, IrRef base)
{
  return field(g, address_of(g, base), 0xffff, 0);
}

// Words as numbers; DSD4 where the instruction's type says so.
static Parts parts(Gen *g, const IrInst *in, LLVMValueRef lo, LLVMValueRef hi)
{
  Parts p = {.word = {lo, hi}, .n = in->type == IRT_DSD4 ? 6 : 2};
  for (unsigned i = 2; i < p.n; i++)
    p.word[i] = i32_const(g, 0);
  return p;
}

// ---- making DSDs ----

static LLVMValueRef gen_mem1d(Gen *g, const IrInst *in)
{
  LLVMValueRef lo = LLVMBuildOr(g->b, base_field(g, in->a), length_field(g, in->b), "");
  LLVMValueRef stride = field(g, word(g, in->c), 0xff, DSD_STRIDE_SHIFT);
  Parts p = parts(g, in, lo, LLVMBuildOr(g->b, stride, i32_const(g, DSD_MEM1D | in->aux), ""));
  return join(g, &p);
}

static uint32_t pair(uint32_t low, uint32_t high)
{
  return (low & 0xffff) | high << 16;
}

// The length, which decides how long an operation is, is that of the whole tensor. One that does
// not fit the field is left to the extents.
static LLVMValueRef gen_mem4d(Gen *g, const IrInst *in)
{
  const uint32_t *n = g->m->extra + in->list, *extent = n + 1, *stride = n + 5;
  uint64_t length = 1;
  for (unsigned i = 0; i < 4; i++)
    length *= extent[i] & 0xffff;
  if (length >= DSD_ENDLESS)
    length = 0;
  uint32_t fixed = (uint32_t)length << DSD_LEN_SHIFT;
  Parts p = {.n = 6};
  p.word[0] = LLVMBuildOr(g->b, base_field(g, in->a), i32_const(g, fixed), "");
  p.word[1] = i32_const(g, DSD_MEM4D | (n[0] & 7) << DSD_DIMS_SHIFT | in->aux);
  p.word[2] = i32_const(g, pair(extent[0], extent[1]));
  p.word[3] = i32_const(g, pair(extent[2], extent[3]));
  p.word[4] = i32_const(g, pair(stride[0], stride[1]));
  p.word[5] = i32_const(g, pair(stride[2], stride[3]));
  return join(g, &p);
}

static LLVMValueRef gen_fabric(Gen *g, const IrInst *in)
{
  const DsdFabric *f = &g->m->fabrics[in->aux];
  uint32_t fixed = 0;
  if (f->queue != 0xff)
    fixed |= DSD_QUEUE_VALID | (f->queue & 7u) << DSD_QUEUE_SHIFT;
  if (in->b)
    fixed |= DSD_COLOR_VALID;
  LLVMValueRef color = in->b ? field(g, word(g, in->b), DSD_COLOR_MASK, 0) : i32_const(g, 0);
  uint32_t hi = f->kind | (f->control ? DSD_CONTROL : 0) |
                (f->control_transform ? DSD_CONTROL_TRANSFORM : 0) |
                (f->simd & 3u) << DSD_SIMD_SHIFT | (f->zero_first ? DSD_ZERO_FIRST : 0) |
                (f->zero_second ? DSD_ZERO_SECOND : 0) | (f->advance_switch ? DSD_ADVANCE : 0) |
                (f->priority & 3u) << DSD_PRIO_SHIFT | (f->wio ? DSD_WIO : 0) |
                (f->turns ? DSD_TURNS : 0);
  Parts p = parts(g, in, or3(g, color, length_field(g, in->a), fixed), i32_const(g, hi));
  return join(g, &p);
}

static LLVMValueRef gen_fifo(Gen *g, const IrInst *in)
{
  Parts p = parts(g, in, i32_const(g, in->aux), i32_const(g, DSD_FIFO));
  return join(g, &p);
}

// Words 2 and 3 of a circular buffer: where it starts and how many elements it has.
static Parts circular(Gen *g, const IrInst *in)
{
  LLVMValueRef base = base_field(g, in->a), zero = i32_const(g, 0);
  return (Parts){.word = {LLVMBuildOr(g->b, base, length_field(g, in->b), ""),
                          i32_const(g, DSD_CIRCBUF | 1 << DSD_STRIDE_SHIFT), base,
                          i32_const(g, in->aux), zero, zero},
                 .n = 6};
}

static LLVMValueRef gen_circular(Gen *g, const IrInst *in)
{
  Parts p = circular(g, in);
  p.n = in->type == IRT_DSD4
            ? 6
            : 2; // of two words, it is loaded by the function that made it: loaded_parts
  return join(g, &p);
}

// ---- deriving DSDs ----

static LLVMValueRef gen_derived(Gen *g, const IrInst *in)
{
  Parts p = split(g, value_of(g, in->a));
  switch (in->op) {
  case IR_DSD_BASE: p.word[0] = replace(g, p.word[0], address_of(g, in->b), 0xffff, 0); break;
  case IR_DSD_STEP: {
    LLVMValueRef count = LLVMBuildSExt(g->b, value_of(g, in->b), g->i32, "");
    LLVMValueRef bytes = LLVMBuildMul(g->b, count, i32_const(g, in->aux), "");
    p.word[0] = replace(g, p.word[0], LLVMBuildAdd(g->b, p.word[0], bytes, ""), 0xffff, 0);
    break;
  }
  case IR_DSD_LENGTH:
    p.word[0] = replace(g, p.word[0], word(g, in->b), DSD_LEN_MASK, DSD_LEN_SHIFT);
    break;
  default:
    p.word[1] = replace(g, p.word[1], word(g, in->b), 0xff, DSD_STRIDE_SHIFT); // IR_DSD_STRIDE
  }
  return join(g, &p);
}

// ---- loading registers ----

static const SysOp load_ops[] = {SYS_dsr_ld_dest, SYS_dsr_ld_src0, SYS_dsr_ld_src1};
static const SysOp cfg_ops[] = {SYS_dsr_cfg_dest, SYS_dsr_cfg_src0, SYS_dsr_cfg_src1};
static const SysOp base_ops[] = {SYS_dsr_base_dest, SYS_dsr_base_src0, SYS_dsr_base_src1};
static const SysOp length_ops[] = {SYS_dsr_len_dest, SYS_dsr_len_src0, SYS_dsr_len_src1};

static void asm_op(Asm *a, SysOp op, unsigned number, LLVMValueRef rs1, LLVMValueRef rs2)
{
  const char *first = asm_word(a, rs1), *second = rs2 ? asm_word(a, rs2) : "x0";
  asm_sys(a, op, number, first, second);
}

// False only where the kind is known to be another one.
static bool may_be(LLVMValueRef hi, DsdKind kind)
{
  return !LLVMIsAConstantInt(hi) || (LLVMConstIntGetZExtValue(hi) & 15) == kind;
}

// `xdsr`: number + 1, 0 = none.
static void load_register(Gen *g, Asm *a, unsigned file, unsigned number, unsigned xdsr, Parts p)
{
  if (p.n == 6 && xdsr) {
    uint32_t x = xdsr - 1;
    if (may_be(p.word[1], DSD_CIRCBUF))
      asm_op(a, SYS_xdsr_wrap, x, p.word[2], p.word[3]);
    if (may_be(p.word[1], DSD_MEM4D)) {
      asm_op(a, SYS_xdsr_extent, x, p.word[2], p.word[3]);
      asm_op(a, SYS_xdsr_stride, x, p.word[4], p.word[5]);
    }
    p.word[1] = LLVMBuildOr(g->b, p.word[1], i32_const(g, x << DSD_XDSR_SHIFT), "");
  }
  asm_op(a, load_ops[file], number, p.word[0], p.word[1]);
}

// All operands of one statement are in registers at once: mem4d operands with run-time words would
// need too many.
static void make_room(Gen *g, Asm *a, unsigned operands)
{
  enum { MOST = 12 };
  if (a->n + operands <= MOST)
    return;
  asm_emit(g, a, false);
  *a = (Asm){0};
}

static bool check_bound(Gen *g, const IrInst *in, unsigned number)
{
  if (number < MAX_DSRS)
    return true;
  gen_unsupported(g, in->pos, "a DSD operand without a register: pass bind-dsrs has not run");
  return false;
}

static void load_operand(Gen *g, Asm *a, const IrInst *in, const DsdOperand *o, IrRef value)
{
  if ((o->kind != OPND_DSD && o->kind != OPND_POINTER) || !check_bound(g, in, o->number))
    return;
  if (o->kind == OPND_DSD) {
    Parts p = split(g, value_of(g, value));
    make_room(g, a, p.n);
    load_register(g, a, o->file, o->number, o->xdsr, p);
    return;
  }
  Parts p = {.word = {base_field(g, value), i32_const(g, DSD_MEM1D | DSD_SCALAR)}, .n = 2};
  load_register(g, a, o->file, o->number, 0, p);
}

// ---- configuration words ----

// cfg with run-time targets put in.
static LLVMValueRef config_word(Gen *g, uint32_t cfg, IrRef completion, IrRef on_control,
                                IrRef index)
{
  LLVMValueRef v = i32_const(g, cfg | (index ? CFG_INDEX : 0));
  if (completion)
    v = LLVMBuildOr(g->b, v, field(g, word(g, completion), 63, CFG_TARGET_SHIFT), "");
  if (on_control)
    v = LLVMBuildOr(g->b, v, field(g, word(g, on_control), 63, CFG_OC_TARGET_SHIFT), "");
  return v;
}

static void configure(Gen *g, Asm *a, const DsdUse *u)
{
  if (!u->cfg && !u->completion && !u->on_control && !u->index)
    return;
  LLVMValueRef index = u->index ? word(g, u->index) : i32_const(g, 0);
  asm_op(a, SYS_dsd_cfg, 0, config_word(g, u->cfg, u->completion, u->on_control, u->index), index);
}

// ---- operations ----

// Register fields of the operation (target/isa.h): bit 4 of a source field says "the scalar".
static unsigned dest_field(const DsdOperand *o)
{
  return o->number | (o->file == DSR_SRC0 ? 16u : 0);
}

static unsigned source_field(const DsdOperand *o)
{
  return o->kind == OPND_SCALAR ? 16 : o->kind == OPND_NONE ? 0 : o->number;
}

static void unary_fields(const DsdOperand *source, unsigned *src0, unsigned *src1)
{
  bool scalar = source->kind == OPND_SCALAR, from_src0 = source->file == DSR_SRC0;
  *src0 = scalar ? 16 : from_src0 ? source->number : 0;
  *src1 = scalar || from_src0 ? 16 : source->number;
}

// A second source of file src0 behind a first scalar: its number is in the first field.
static void binary_fields(const DsdUse *u, unsigned *src0, unsigned *src1)
{
  *src0 = source_field(&u->src0);
  *src1 = source_field(&u->src1);
  if (u->src0.kind == OPND_SCALAR && u->src1.kind != OPND_SCALAR && u->src1.file == DSR_SRC0) {
    *src0 = 16u | u->src1.number;
    *src1 = 16;
  }
}

static void gen_run(Gen *g, const IrInst *in)
{
  const uint32_t *list = g->m->extra + in->list;
  const DsdUse *u = &g->m->dsd_uses[list[1]];
  const DsdOpInfo *info = isa_dsd((DsdOp)in->aux);
  Asm a = {0};
  load_operand(g, &a, in, &u->dest, in->a);
  load_operand(g, &a, in, &u->src0, in->b);
  load_operand(g, &a, in, &u->src1, in->c);
  make_room(g, &a, 3); // configuration word, index, scalar
  configure(g, &a, u);
  unsigned src0, src1;
  if (info->shape == SHAPE_UN)
    unary_fields(&u->src1, &src0, &src1);
  else
    binary_fields(u, &src0, &src1);
  const char *scalar = list[0] ? asm_word(&a, word(g, list[0])) : "x0";
  uint32_t bare =
      isa_encode_dsd((DsdOp)in->aux, 0, 0, 0, 0); // opcode, funct3 and funct2 come from the table
  asm_line(&a, ".insn r4 0x%02x, %u, %u, x%u, x%u, x%u, %s", bare & 0x7f, bare >> 12 & 7,
           bare >> 25 & 3, dest_field(&u->dest) & 31, src0 & 31, src1 & 31, scalar);
  asm_emit(g, &a, false);
}

// The parts of a DSD about to be loaded. A circular buffer of two words gets its others from where
// it was made.
static Parts loaded_parts(Gen *g, const IrInst *in)
{
  const IrInst *from = IR_TAG(in->a) == REF_INST ? &g->f->insts[IR_INDEX(in->a)] : NULL;
  return from && from->op == IR_DSD_CIRC ? circular(g, from) : split(g, value_of(g, in->a));
}

static void gen_dsr_load(Gen *g, const IrInst *in)
{
  const uint32_t *list = g->m->extra + in->list;
  unsigned file = in->aux >> 8 & 3, number = in->aux & 0xff;
  if (!check_bound(g, in, number))
    return;
  Asm a = {0};
  load_register(g, &a, file, number, list[3], loaded_parts(g, in));
  if (list[0] || list[1] || list[2])
    asm_op(&a, cfg_ops[file], number, config_word(g, list[0], list[1], list[2], IR_NONE), NULL);
  asm_emit(g, &a, false);
}

static void gen_dsr_set(Gen *g, const IrInst *in, const SysOp *ops, LLVMValueRef v)
{
  unsigned file = in->aux >> 8 & 3, number = in->aux & 0xff;
  if (!check_bound(g, in, number))
    return;
  Asm a = {0};
  asm_op(&a, ops[file], number, v, NULL);
  asm_emit(g, &a, false);
}

LLVMValueRef gen_dsd(Gen *g, const IrInst *in)
{
  switch (in->op) {
  case IR_DSD_MEM: return gen_mem1d(g, in);
  case IR_DSD_MEM4: return gen_mem4d(g, in);
  case IR_DSD_FAB: return gen_fabric(g, in);
  case IR_DSD_FIFO: return gen_fifo(g, in);
  case IR_DSD_CIRC: return gen_circular(g, in);
  case IR_DSD_RUN: gen_run(g, in); return NULL;
  case IR_DSD_STATUS: return from_word(g, sys_op(g, SYS_dsd_status, NULL, NULL, false), IRT_BOOL);
  case IR_DSR_LOAD: gen_dsr_load(g, in); return NULL;
  case IR_DSR_BASE: gen_dsr_set(g, in, base_ops, address_of(g, in->a)); return NULL;
  case IR_DSR_LEN: gen_dsr_set(g, in, length_ops, word(g, in->a)); return NULL;
  default: return gen_derived(g, in);
  }
}
