// Decoder: machine code of a class to instructions that the interpreter jumps through, with the
// cost of each block.
#include "emulator/internal.h"
#include "emulator/rv32.h"
#include "support/memory.h"
#include <stb/stb_ds.h>

typedef enum Format {
  FMT_R,
  FMT_I,
  FMT_S,
  FMT_B,
  FMT_U,
  FMT_UP, // U, relative to the pc
  FMT_J,
  FMT_JR,
  FMT_SH, // shift amount
  FMT_RM, // rounding mode, must be to nearest even
  FMT_RI  // rounding mode, any
} Format;
typedef enum Latency { LAT_INT, LAT_FP, LAT_DIV, LAT_FDIV } Latency;

typedef struct RvRow {
  uint32_t match, mask;
  const char *regs;
  uint8_t format, latency;
} RvRow;

static const RvRow rows[] = {
#define RV(name, match, mask, format, regs, latency, meaning)                                      \
  [RV_##name] = {match, mask, regs, FMT_##format, LAT_##latency},
#include "emulator/rv32.def"
#undef RV
};

static uint32_t bits(uint32_t w, unsigned hi, unsigned lo)
{
  return (w >> lo) & ((1u << (hi - lo + 1)) - 1);
}
static uint32_t sign_extend(uint32_t v, unsigned width)
{
  return (uint32_t)((int32_t)(v << (32 - width)) >> (32 - width));
}

// ---- compressed forms, expanded to the instruction they stand for (0 = none) ----

static uint32_t make_i(uint32_t imm, uint32_t rs1, uint32_t f3, uint32_t rd, uint32_t opcode)
{
  return (imm & 0xfff) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode;
}
static uint32_t make_s(uint32_t imm, uint32_t rs2, uint32_t rs1, uint32_t f3, uint32_t opcode)
{
  return bits(imm, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | bits(imm, 4, 0) << 7 | opcode;
}
static uint32_t make_r(uint32_t f7, uint32_t rs2, uint32_t rs1, uint32_t f3, uint32_t rd)
{
  return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | 0x33;
}
static uint32_t make_j(uint32_t offset, uint32_t rd)
{
  return bits(offset, 20, 20) << 31 | bits(offset, 10, 1) << 21 | bits(offset, 11, 11) << 20 |
         bits(offset, 19, 12) << 12 | rd << 7 | 0x6f;
}
static uint32_t make_b(uint32_t offset, uint32_t rs1, uint32_t f3)
{
  return bits(offset, 12, 12) << 31 | bits(offset, 10, 5) << 25 | rs1 << 15 | f3 << 12 |
         bits(offset, 4, 1) << 8 | bits(offset, 11, 11) << 7 | 0x63;
}

static uint32_t expand_q0(uint32_t c)
{
  uint32_t rd = bits(c, 4, 2) + 8, rs1 = bits(c, 9, 7) + 8;
  uint32_t word = bits(c, 12, 10) << 3 | bits(c, 6, 6) << 2 | bits(c, 5, 5) << 6;
  uint32_t sp4 =
      bits(c, 12, 11) << 4 | bits(c, 10, 7) << 6 | bits(c, 6, 6) << 2 | bits(c, 5, 5) << 3;
  switch (bits(c, 15, 13)) {
  case 0: return sp4 ? make_i(sp4, 2, 0, rd, 0x13) : 0; // c.addi4spn
  case 2: return make_i(word, rs1, 2, rd, 0x03);        // c.lw
  case 3: return make_i(word, rs1, 2, rd, 0x07);        // c.flw
  case 6: return make_s(word, rd, rs1, 2, 0x23);        // c.sw
  case 7: return make_s(word, rd, rs1, 2, 0x27);        // c.fsw
  default: return 0;
  }
}

static uint32_t expand_arith(uint32_t c)
{
  static const uint8_t f3[4] = {0, 4, 6, 7}; // sub xor or and
  uint32_t rd = bits(c, 9, 7) + 8, rs2 = bits(c, 4, 2) + 8, k = bits(c, 6, 5);
  uint32_t imm = bits(c, 12, 12) << 5 | bits(c, 6, 2);
  bool high = bits(c, 12, 12);
  switch (bits(c, 11, 10)) {
  case 0: return high ? 0 : make_i(imm, rd, 5, rd, 0x13);         // c.srli
  case 1: return high ? 0 : make_i(0x400 | imm, rd, 5, rd, 0x13); // c.srai
  case 2: return make_i(sign_extend(imm, 6), rd, 7, rd, 0x13);    // c.andi
  default: return high ? 0 : make_r(k ? 0 : 0x20, rs2, rd, f3[k], rd);
  }
}

static uint32_t jump_offset(uint32_t c)
{
  return sign_extend(bits(c, 12, 12) << 11 | bits(c, 11, 11) << 4 | bits(c, 10, 9) << 8 |
                         bits(c, 8, 8) << 10 | bits(c, 7, 7) << 6 | bits(c, 6, 6) << 7 |
                         bits(c, 5, 3) << 1 | bits(c, 2, 2) << 5,
                     12);
}

static uint32_t expand_lui(uint32_t c, uint32_t rd, uint32_t imm6)
{
  uint32_t sp16 = sign_extend(bits(c, 12, 12) << 9 | bits(c, 6, 6) << 4 | bits(c, 5, 5) << 6 |
                                  bits(c, 4, 3) << 7 | bits(c, 2, 2) << 5,
                              10);
  if (rd == 2)
    return sp16 ? make_i(sp16, 2, 0, 2, 0x13) : 0; // c.addi16sp
  return imm6 ? imm6 << 12 | rd << 7 | 0x37 : 0;
}

static uint32_t expand_q1(uint32_t c)
{
  uint32_t rd = bits(c, 11, 7), rs1 = bits(c, 9, 7) + 8;
  uint32_t imm6 = sign_extend(bits(c, 12, 12) << 5 | bits(c, 6, 2), 6);
  uint32_t branch = sign_extend(bits(c, 12, 12) << 8 | bits(c, 11, 10) << 3 | bits(c, 6, 5) << 6 |
                                    bits(c, 4, 3) << 1 | bits(c, 2, 2) << 5,
                                9);
  switch (bits(c, 15, 13)) {
  case 0: return make_i(imm6, rd, 0, rd, 0x13); // c.addi, c.nop
  case 1: return make_j(jump_offset(c), 1);     // c.jal
  case 2: return make_i(imm6, 0, 0, rd, 0x13);  // c.li
  case 3: return expand_lui(c, rd, imm6);
  case 4: return expand_arith(c);
  case 5: return make_j(jump_offset(c), 0); // c.j
  case 6: return make_b(branch, rs1, 0);    // c.beqz
  default: return make_b(branch, rs1, 1);   // c.bnez
  }
}

static uint32_t expand_jump_or_move(uint32_t c, uint32_t rd, uint32_t rs2)
{
  bool link_or_add = bits(c, 12, 12);
  if (rs2)
    return make_r(0, rs2, link_or_add ? rd : 0, 0, rd); // c.add, c.mv
  return rd ? make_i(0, rd, 0, link_or_add, 0x67) : 0;  // c.jalr, c.jr; c.ebreak is none
}

static uint32_t expand_q2(uint32_t c)
{
  uint32_t rd = bits(c, 11, 7), rs2 = bits(c, 6, 2);
  uint32_t load = bits(c, 12, 12) << 5 | bits(c, 6, 4) << 2 | bits(c, 3, 2) << 6;
  uint32_t store = bits(c, 12, 9) << 2 | bits(c, 8, 7) << 6;
  switch (bits(c, 15, 13)) {
  case 0: return bits(c, 12, 12) ? 0 : make_i(rs2, rd, 1, rd, 0x13); // c.slli
  case 2: return rd ? make_i(load, 2, 2, rd, 0x03) : 0;              // c.lwsp
  case 3: return make_i(load, 2, 2, rd, 0x07);                       // c.flwsp
  case 4: return expand_jump_or_move(c, rd, rs2);
  case 6: return make_s(store, rs2, 2, 2, 0x23); // c.swsp
  case 7: return make_s(store, rs2, 2, 2, 0x27); // c.fswsp
  default: return 0;
  }
}

static uint32_t expand(uint32_t c)
{
  switch (c & 3) {
  case 0: return expand_q0(c);
  case 1: return expand_q1(c);
  default: return expand_q2(c);
  }
}

// ---- one instruction ----

static uint32_t immediate(Format format, uint32_t w, uint32_t pc)
{
  switch (format) {
  case FMT_I:
  case FMT_JR: return sign_extend(w >> 20, 12);
  case FMT_S: return sign_extend(bits(w, 31, 25) << 5 | bits(w, 11, 7), 12);
  case FMT_B:
    return pc + sign_extend(bits(w, 31, 31) << 12 | bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5 |
                                bits(w, 11, 8) << 1,
                            13);
  case FMT_U: return w & 0xfffff000;
  case FMT_UP: return pc + (w & 0xfffff000);
  case FMT_J:
    return pc + sign_extend(bits(w, 31, 31) << 20 | bits(w, 19, 12) << 12 | bits(w, 20, 20) << 11 |
                                bits(w, 30, 21) << 1,
                            21);
  case FMT_SH: return bits(w, 24, 20);
  case FMT_RM:
  case FMT_RI: return bits(w, 14, 12);
  default: return 0;
  }
}

static RvOp find(uint32_t w)
{
  for (unsigned i = 0; i < RV_DSD; i++)
    if ((w & rows[i].mask) == rows[i].match)
      return (RvOp)i;
  return RV_BAD;
}

// Arithmetic rounds to nearest even; the static forms of other modes exist for conversions to
// integer only.
static bool rounding_ok(Format format, uint32_t rm)
{
  if (format == FMT_RM)
    return rm == 0 || rm == 7;
  return format != FMT_RI || rm <= 4 || rm == 7;
}

// Writes to x0 go to a place that nobody reads.
static uint8_t destination(uint8_t rd)
{
  return rd ? rd : 32;
}

static RvOp decode_custom(uint32_t w, Insn *out)
{
  IsaInsn in;
  if (!isa_decode(w, &in))
    return RV_BAD;
  *out = (Insn){.rd = in.rd, .rs1 = in.rs1, .rs2 = in.rs2, .rs3 = in.rs3, .target = in.op};
  if (in.is_dsd)
    return RV_DSD;
  if (isa_sys((SysOp)in.op)->rd && !isa_sys((SysOp)in.op)->imm)
    out->rd = destination(out->rd);
  return RV_SYS;
}

static RvOp decode_word(uint32_t w, uint32_t pc, Insn *out)
{
  RvOp op = find(w);
  if (op == RV_BAD)
    return decode_custom(w, out);
  const RvRow *r = &rows[op];
  *out = (Insn){.rd = (uint8_t)bits(w, 11, 7),
                .rs1 = (uint8_t)bits(w, 19, 15),
                .rs2 = (uint8_t)bits(w, 24, 20),
                .rs3 = (uint8_t)(w >> 27),
                .imm = immediate((Format)r->format, w, pc)};
  if (r->regs[0] == 'x')
    out->rd = destination(out->rd);
  return rounding_ok((Format)r->format, out->imm) ? op : RV_BAD;
}

// ---- costs ----

// Registers as one number space for hazards: x 0..31, f 32..63.
static int hazard_register(char kind, uint8_t reg)
{
  if (kind == '-' || (kind == 'x' && (reg == 0 || reg == 32)))
    return -1;
  return kind == 'x' ? reg : reg + 32;
}

static uint32_t latency(const Costs *k, Latency l)
{
  switch (l) {
  case LAT_FP: return k->fp_dep;
  case LAT_DIV: return k->div_latency;
  case LAT_FDIV: return k->fdiv_latency;
  default: return k->scalar_issue;
  }
}

static bool ends_block(RvOp op)
{
  return op >= RV_DSD || rows[op].format == FMT_B || rows[op].format == FMT_J ||
         rows[op].format == FMT_JR;
}

// When the instruction can issue, given when each register is ready; marks its own result.
static uint32_t issue_at(const Costs *k, const Insn *d, RvOp op, uint32_t t, uint32_t *ready)
{
  const RvRow *r = &rows[op];
  const uint8_t src[3] = {d->rs1, d->rs2, d->rs3};
  for (int i = 0; i < 3; i++) {
    int reg = hazard_register(r->regs[i + 1], src[i]);
    if (reg >= 0 && ready[reg] > t)
      t = ready[reg];
  }
  int rd = hazard_register(r->regs[0], d->rd);
  if (rd >= 0)
    ready[rd] = t + latency(k, (Latency)r->latency);
  return t;
}

// ---- what a descriptor load carries with it ----
//
// The machine's load of a descriptor finds its words in the code, and the options of an operation
// are part of its instruction. Here they are made by instructions before it; those cost nothing.

static bool carries_constants(const Insn *d, RvOp op)
{
  if (op != RV_SYS)
    return false;
  switch (d->target) {
  case SYS_dsr_ld_dest:
  case SYS_dsr_ld_src0:
  case SYS_dsr_ld_src1:
  case SYS_xdsr_extent:
  case SYS_xdsr_stride:
  case SYS_xdsr_wrap:
  case SYS_dsd_cfg: return true;
  default: return false;
  }
}

static bool writes_register(const Insn *d, RvOp op, unsigned reg)
{
  if (op == RV_SYS)
    return isa_sys((SysOp)d->target)->rd && !isa_sys((SysOp)d->target)->imm && d->rd == reg;
  return op < RV_DSD && rows[op].regs[0] == 'x' && d->rd == reg;
}

enum { REACH = 64 }; // instructions before a load among which its constants are looked for

// The instruction in the straight code before `j` that writes `reg`, 0 = none.
static uint32_t writer_before(const EmuClass *c, const uint8_t *ops, uint32_t j, unsigned reg)
{
  for (uint32_t i = j - 1; i > 0 && j - i <= REACH; i--) {
    RvOp op = (RvOp)ops[i];
    if (op == RV_BAD || (op < RV_DSD && ends_block(op)))
      return 0;
    if (writes_register(&c->insns[i], op, reg))
      return i;
  }
  return 0;
}

// Marks lui, li and addi that make the constant in `reg` for instruction j.
static void mark_constant(const EmuClass *c, const uint8_t *ops, uint32_t j, unsigned reg,
                          bool *unpaid)
{
  uint32_t chain[4], n = 0;
  while (reg && n < 4 && (j = writer_before(c, ops, j, reg)) != 0) {
    chain[n++] = j;
    if (ops[j] == RV_ADDI)
      reg = c->insns[j].rs1;
    else if (ops[j] == RV_LUI)
      reg = 0;
    else
      return;
  }
  for (uint32_t i = 0; reg == 0 && i < n; i++)
    unpaid[chain[i]] = true;
}

// The step of @map is done by the machine: the question whether there is another element, and the
// branch that asks it, with the mask of the answer between them.
static void mark_map_step(const EmuClass *c, const uint8_t *ops, uint32_t j, bool *unpaid)
{
  const Insn *d = c->insns;
  uint32_t i = j + 1;
  if (i < c->n_insns && ops[i] == RV_ANDI && d[i].rd == d[j].rd && d[i].rs1 == d[j].rd)
    i++;
  bool tests = i < c->n_insns && (ops[i] == RV_BNE || ops[i] == RV_BEQ) && d[i].rs1 == d[j].rd &&
               d[i].rs2 == 0;
  for (; tests && i >= j; i--)
    unpaid[i] = true;
}

static void mark_free(const EmuClass *c, const uint8_t *ops, bool *unpaid)
{
  for (uint32_t j = 1; j < c->n_insns; j++) {
    const Insn *d = &c->insns[j];
    if (ops[j] == RV_SYS && d->target == SYS_map_more)
      mark_map_step(c, ops, j, unpaid);
    if (!carries_constants(d, (RvOp)ops[j]))
      continue;
    mark_constant(c, ops, j, d->rs1, unpaid);
    mark_constant(c, ops, j, d->rs2, unpaid);
    unpaid[j] = d->target == SYS_dsd_cfg;
  }
}

// Cycles from the issue of instruction `i`, entered from elsewhere, to the issue of the one that
// ends its block. It depends on the code alone, so that a translator adds the same numbers
// (DESIGN 4.1 rule 4).
static void block_cost(const Costs *k, Insn *insns, const uint8_t *ops, const bool *unpaid,
                       uint32_t i)
{
  uint32_t ready[64] = {0}, t = 0, j = i, n = 0;
  for (; !ends_block((RvOp)ops[j]); j++) {
    if (unpaid[j])
      continue;
    t = issue_at(k, &insns[j], (RvOp)ops[j], t, ready) + k->scalar_issue;
    n++;
  }
  if (ops[j] < RV_DSD)
    t = issue_at(k, &insns[j], (RvOp)ops[j], t, ready);
  n += !unpaid[j];
  insns[i].block_cost = t;
  insns[i].block_insns = (uint16_t)(n > UINT16_MAX ? UINT16_MAX : n);
}

static void edge_cost(const Costs *k, Insn *d, RvOp op, bool unpaid)
{
  bool conditional = op < RV_DSD && rows[op].format == FMT_B;
  d->edge_taken = (uint8_t)(unpaid ? 0 : k->br_taken);
  d->edge_fall =
      (uint8_t)(conditional && !unpaid ? k->br_not_taken
                                       : 0); // custom instructions tell their cost themselves
}

// An instruction that makes room on the stack is watched: there is no guard below it.
static bool makes_frame(const Insn *d, RvOp op)
{
  if (d->rd != 2 || d->rs1 != 2)
    return false;
  return (op == RV_ADDI && (int32_t)d->imm < 0) || op == RV_ADD || op == RV_SUB;
}

// ---- a class ----

static uint32_t code_word(const ImageClass *c, uint32_t at)
{
  uint32_t w = 0;
  for (uint32_t i = 0; i < 4 && at + i < c->code_bytes; i++)
    w |= (uint32_t)c->code[at + i] << 8 * i;
  return w;
}

// Marks the registers that an instruction names, so that a tile gets no more DSRs than its program
// uses. Instructions that take the number from a register can only mean ones that were loaded.
static void note_register(EmuClass *c, DsrFile file, uint32_t number)
{
  if (c->dsr_slot[file][number & 15] == 255)
    c->dsr_slot[file][number & 15] = c->n_dsrs++;
}
static void note_xdsr(EmuClass *c, uint32_t number)
{
  if (c->xdsr_slot[number & 7] == 255)
    c->xdsr_slot[number & 7] = c->n_xdsrs++;
}

static void note_sys(EmuClass *c, const Insn *d)
{
  switch (d->target) {
  case SYS_dsr_ld_dest:
  case SYS_dsr_cfg_dest:
  case SYS_dsr_base_dest:
  case SYS_dsr_len_dest: note_register(c, FILE_DEST, d->rd); break;
  case SYS_dsr_ld_src0:
  case SYS_dsr_cfg_src0:
  case SYS_dsr_base_src0:
  case SYS_dsr_len_src0: note_register(c, FILE_SRC0, d->rd); break;
  case SYS_dsr_ld_src1:
  case SYS_dsr_cfg_src1:
  case SYS_dsr_base_src1:
  case SYS_dsr_len_src1: note_register(c, FILE_SRC1, d->rd); break;
  case SYS_xdsr_extent:
  case SYS_xdsr_stride:
  case SYS_xdsr_wrap: note_xdsr(c, d->rd); break;
  default: break;
  }
}

static void note_dsd(EmuClass *c, const Insn *d)
{
  note_register(c, d->rd & 16 ? FILE_SRC0 : FILE_DEST, d->rd);
  bool second = d->rs1 & d->rs2 & 16 && isa_dsd((DsdOp)d->target)->shape == SHAPE_BIN;
  if (!(d->rs1 & 16) || second)
    note_register(c, FILE_SRC0, d->rs1);
  if (!(d->rs2 & 16))
    note_register(c, FILE_SRC1, d->rs2);
}

static void note_setup(EmuClass *c, const ImageSetup *s)
{
  uint32_t kind = IMAGE_SETUP_KIND(s->kind);
  if (kind == IMAGE_SETUP_DSR || kind == IMAGE_SETUP_DSR_BASE)
    note_register(c, (DsrFile)(s->id >> 8), s->id);
  if (kind == IMAGE_SETUP_XDSR_EXTENT || kind == IMAGE_SETUP_XDSR_STRIDE ||
      kind == IMAGE_SETUP_XDSR_WRAP)
    note_xdsr(c, s->id);
}

static void note_all(EmuClass *c, const uint8_t *ops)
{
  memset(c->dsr_slot, 255, sizeof c->dsr_slot);
  memset(c->xdsr_slot, 255, sizeof c->xdsr_slot);
  for (uint32_t i = 0; i < c->n_insns; i++) {
    if (ops[i] == RV_DSD)
      note_dsd(c, &c->insns[i]);
    if (ops[i] == RV_SYS)
      note_sys(c, &c->insns[i]);
    if (ops[i] == RV_SYS && c->insns[i].target == SYS_host_next)
      arrput(c->unblock_pcs, c->pcs[i]);
  }
  for (ptrdiff_t i = 0; i < arrlen(c->img->setup); i++)
    note_setup(c, &c->img->setup[i]);
}

static void add_insn(EmuClass *c, uint8_t **ops, Insn d, RvOp op, uint32_t pc)
{
  arrput(c->insns, d);
  arrput(c->pcs, pc);
  arrput(*ops, (uint8_t)op);
}

static void decode_all(EmuClass *c, uint8_t **ops)
{
  const ImageClass *img = c->img;
  c->entry = mem_zeroed(img->code_bytes / 2 + 1, sizeof *c->entry);
  add_insn(c, ops, (Insn){0}, RV_BAD, 0);
  for (uint32_t at = 0; at + 1 < img->code_bytes;) {
    uint32_t w = code_word(img, at), pc = CODE_BASE + at;
    bool compressed = (w & 3) != 3;
    Insn d = {0};
    RvOp op = decode_word(compressed ? expand(w & 0xffff) : w, pc, &d);
    c->entry[at / 2] = (uint32_t)arrlen(c->insns);
    at += compressed ? 2 : 4;
    if (op == RV_JAL || op == RV_JALR)
      d.target = CODE_BASE + at;
    add_insn(c, ops, d, op, pc);
  }
  add_insn(c, ops, (Insn){0}, RV_BAD, CODE_BASE + img->code_bytes);
  c->n_insns = (uint32_t)arrlen(c->insns);
}

static uint32_t entry_index(const EmuClass *c, uint32_t pc)
{
  uint32_t at = pc - CODE_BASE;
  return pc >= CODE_BASE && at < c->img->code_bytes && !(at & 1) ? c->entry[at / 2] : 0;
}

void decode_class(const Costs *costs, EmuClass *c)
{
  uint8_t *ops = NULL;
  decode_all(c, &ops);
  bool *unpaid = mem_zeroed(c->n_insns, sizeof *unpaid);
  mark_free(c, ops, unpaid);
  for (uint32_t i = 0; i < c->n_insns; i++) {
    Insn *d = &c->insns[i];
    d->handler = core_handlers()[ops[i]];
    if (ops[i] < RV_DSD && rows[ops[i]].format == FMT_B)
      d->target = entry_index(c, d->imm);
    if (ops[i] ==
        RV_JAL) { // the target goes where the interpreter looks for it, the return address to imm
      uint32_t link = d->target;
      d->target = entry_index(c, d->imm);
      d->imm = link;
    }
    if (makes_frame(d, (RvOp)ops[i])) {
      d->handler = core_handlers()[RV_FRAME];
      d->target = ops[i];
    }
    edge_cost(costs, d, (RvOp)ops[i], unpaid[i]);
    block_cost(costs, c->insns, ops, unpaid, i);
  }
  note_all(c, ops);
  arrfree(ops);
  free(unpaid);
}

void decode_free(EmuClass *c)
{
  arrfree(c->insns);
  free(c->checked);
  arrfree(c->pcs);
  arrfree(c->unblock_pcs);
  free(c->entry);
}
