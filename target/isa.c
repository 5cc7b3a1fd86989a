// Encoding, decoding and printing of the custom instructions of target/isa.def.
#include "target/isa.h"
#include <stdio.h>
#include <string.h>

enum { CUSTOM_0 = 0x0b, CUSTOM_1 = 0x2b, CUSTOM_2 = 0x5b, CUSTOM_3 = 0x7b };

static const DsdOpInfo dsd_ops[DSD_OPS] = {
#define DSD_OP(name, n, shape, db, ab, bb, scalar, cost)                                           \
  [n] = {#name, SHAPE_##shape, db, ab, bb, SCALAR_##scalar},
#define SYS_OP(name, opcode, f3, f7, operands, meaning)
#include "target/isa.def"
#undef DSD_OP
#undef SYS_OP
};

// The letters of the operand column, looked up at compile time by the row macro.
#define HAS(text, ch) ((text)[0] == (ch) || (text)[1] == (ch) || (text)[2] == (ch))
#define OPERANDS(text)                                                                             \
  .rd = HAS(text "\0\0", 'd'), .imm = HAS(text "\0\0", 'i'), .rs1 = HAS(text "\0\0", '1'),         \
  .rs2 = HAS(text "\0\0", '2')

static const SysOpInfo sys_ops[SYS_OPS] = {
#define DSD_OP(name, n, shape, db, ab, bb, scalar, cost)
#define SYS_OP(name, op, f3, f7, operands, what)                                                   \
  [SYS_##name] = {#name, op, f3, f7, OPERANDS(#operands), .meaning = what},
#include "target/isa.def"
#undef DSD_OP
#undef SYS_OP
};

const DsdOpInfo *isa_dsd(DsdOp op)
{
  return &dsd_ops[op];
}

const SysOpInfo *isa_sys(SysOp op)
{
  return &sys_ops[op];
}

DsdOp isa_dsd_find(const char *name)
{
  for (unsigned i = 0; i < DSD_OPS; i++)
    if (strcmp(dsd_ops[i].name, name) == 0)
      return (DsdOp)i;
  return DSD_OPS;
}

uint32_t isa_encode_dsd(DsdOp op, unsigned dest, unsigned src0, unsigned src1, unsigned scalar)
{
  uint32_t n = (uint32_t)op;
  return (n < 32 ? CUSTOM_0 : CUSTOM_1) | (dest & 31) << 7 | ((n >> 2) & 7) << 12 |
         (src0 & 31) << 15 | (src1 & 31) << 20 | (n & 3) << 25 | (uint32_t)scalar << 27;
}

uint32_t isa_encode_sys(SysOp op, unsigned rd, unsigned rs1, unsigned rs2)
{
  const SysOpInfo *i = &sys_ops[op];
  return (uint32_t)i->opcode | (rd & 31) << 7 | (uint32_t)i->funct3 << 12 | (rs1 & 31) << 15 |
         (rs2 & 31) << 20 | (uint32_t)i->funct7 << 25;
}

static bool decode_sys(uint32_t word, IsaInsn *out)
{
  for (unsigned i = 0; i < SYS_OPS; i++) {
    const SysOpInfo *s = &sys_ops[i];
    if (s->opcode == (word & 0x7f) && s->funct3 == ((word >> 12) & 7) && s->funct7 == word >> 25) {
      out->is_dsd = false;
      out->op = (uint8_t)i;
      return true;
    }
  }
  return false;
}

bool isa_decode(uint32_t word, IsaInsn *out)
{
  out->rd = (word >> 7) & 31;
  out->rs1 = (word >> 15) & 31;
  out->rs2 = (word >> 20) & 31;
  out->rs3 = (uint8_t)(word >> 27);
  uint32_t opcode = word & 0x7f;
  if (opcode == CUSTOM_2 || opcode == CUSTOM_3)
    return decode_sys(word, out);
  if (opcode != CUSTOM_0 && opcode != CUSTOM_1)
    return false;
  uint32_t n = (opcode == CUSTOM_1 ? 32u : 0u) | ((word >> 12) & 7) << 2 | ((word >> 25) & 3);
  out->is_dsd = true;
  out->op = (uint8_t)n;
  return n < DSD_OPS && dsd_ops[n].name;
}

static const char *reg(unsigned n)
{
  static const char *const names[32] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                        "s0",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                        "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                        "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  return names[n & 31];
}

static int print_dsd(const IsaInsn *in, char *buf, unsigned size)
{
  const DsdOpInfo *o = &dsd_ops[in->op];
  const char *scalar = reg(in->rs3);
  char a[16] = "", b[16];
  bool a_scalar = in->rs1 & 16, b_scalar = in->rs2 & 16;
  if (o->shape != SHAPE_UN)
    snprintf(a, sizeof a, ", s0.%u", in->rs1 & 15u);
  if (o->shape != SHAPE_UN && a_scalar)
    snprintf(a, sizeof a, ", %s", scalar);
  bool second_of_src0 = b_scalar && (o->shape == SHAPE_UN ? !a_scalar : a_scalar);
  if (second_of_src0)
    snprintf(b, sizeof b, ", s0.%u", in->rs1 & 15u);
  else if (b_scalar)
    snprintf(b, sizeof b, ", %s", scalar);
  else
    snprintf(b, sizeof b, ", s1.%u", in->rs2 & 15u);
  return snprintf(buf, size, "dsd.%s %s%u%s%s%s%s", o->name, in->rd & 16 ? "s0." : "d",
                  in->rd & 15u, a, b, o->shape == SHAPE_MAC ? ", " : "",
                  o->shape == SHAPE_MAC ? scalar : "");
}

static int print_sys(const IsaInsn *in, char *buf, unsigned size)
{
  const SysOpInfo *o = &sys_ops[in->op];
  char rd[16] = "", name[32];
  snprintf(name, sizeof name, "%s", o->name);
  for (char *p = name; *p; p++)
    if (*p == '_')
      *p = '.';
  if (o->imm)
    snprintf(rd, sizeof rd, " %u", in->rd);
  else if (o->rd)
    snprintf(rd, sizeof rd, " %s", reg(in->rd));
  const char *sep1 = rd[0] ? ", " : " ";
  return snprintf(buf, size, "%s%s%s%s%s%s", name, rd, o->rs1 ? sep1 : "",
                  o->rs1 ? reg(in->rs1) : "", o->rs2 ? ", " : "", o->rs2 ? reg(in->rs2) : "");
}

int isa_print(uint32_t word, char *buf, unsigned size)
{
  IsaInsn in;
  if (!isa_decode(word, &in))
    return snprintf(buf, size, ".word 0x%08x", word);
  return in.is_dsd ? print_dsd(&in, buf, size) : print_sys(&in, buf, size);
}
