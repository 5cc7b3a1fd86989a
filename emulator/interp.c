// The threaded interpreter: each decoded instruction holds the place of its code. No guest state
// lives on the host stack across a yield; what a later translator must do alike is in decode.c
// (costs) and in the custom instructions.
#include "arith/arith.h"
#include "emulator/internal.h"
#include "emulator/rv32.h"
#include "emulator/trace.h"
#include <math.h>
#include <stdlib.h>

#define SIGN32 0x80000000u

static uint32_t div_signed(uint32_t a, uint32_t b)
{
  return a == SIGN32 && b == UINT32_MAX ? a : (uint32_t)((int32_t)a / (int32_t)b);
}
static uint32_t rem_signed(uint32_t a, uint32_t b)
{
  return a == SIGN32 && b == UINT32_MAX ? 0 : (uint32_t)((int32_t)a % (int32_t)b);
}
// orc.b: every byte that is not zero becomes all ones.
static uint32_t or_combine(uint32_t v)
{
  uint32_t out = 0;
  for (unsigned i = 0; i < 32; i += 8)
    if (v >> i & 0xff)
      out |= 0xffu << i;
  return out;
}
static double rounded(double v, uint32_t mode)
{
  switch (mode) {
  case 1: return trunc(v);
  case 2: return floor(v);
  case 3: return ceil(v);
  case 4: return round(v);
  default: return nearbyint(v);
  }
}
static int32_t to_int(double v, uint32_t mode)
{
  return (int32_t)arith_to_signed(rounded(v, mode), 32);
}
static uint32_t to_uint(double v, uint32_t mode)
{
  return (uint32_t)arith_to_unsigned(rounded(v, mode), 32);
}
// fclass: one bit per kind of number.
static uint32_t classify(uint32_t v, unsigned exponent_bits, unsigned fraction_bits)
{
  uint32_t top = (1u << exponent_bits) - 1;
  uint32_t exponent = v >> fraction_bits & top, fraction = v & ((1u << fraction_bits) - 1);
  bool negative = v >> (exponent_bits + fraction_bits) & 1;
  if (exponent == top && fraction)
    return fraction >> (fraction_bits - 1) ? 1u << 9 : 1u << 8;
  if (exponent == top)
    return negative ? 1u << 0 : 1u << 7;
  if (exponent)
    return negative ? 1u << 1 : 1u << 6;
  if (fraction)
    return negative ? 1u << 2 : 1u << 5;
  return negative ? 1u << 3 : 1u << 4;
}
// A register that does not hold a boxed 16-bit float reads as NaN.
static uint16_t unboxed(uint32_t f)
{
  return f >= 0xffff0000u ? (uint16_t)f : 0x7e00;
}

// How far the main thread may run ahead of the rest: not at all while a thread above it may want
// the slots.
static uint64_t run_ahead_end(const Emu *e, const Tile *t)
{
  uint8_t rank = t->main_rank;
  for (unsigned i = 0; t->ut_live >> i; i++)
    if (t->uts[i] && e->threads[t->uts[i]].rank >= rank)
      return e->now + 1;
  return e->now + e->costs->run_ahead;
}

static const Insn *entry_of(const EmuClass *c, const Insn *insns, uint32_t pc)
{
  uint32_t at = pc - CODE_BASE;
  return &insns[pc >= CODE_BASE && at < c->img->code_bytes && !(at & 1) ? c->entry[at / 2] : 0];
}

// Opens the window of issue slots that microthreads below the main thread share from here on.
static bool begin(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  if ((t->state != MAIN_RUN && t->state != MAIN_WAIT) || t->clock > e->now)
    return false;
  if (t->slot_taken == e->now) {
    t->clock = e->now + 1;
    sched_at(e, t->clock, PHASE_ISSUE, tile);
    return false;
  }
  t->clock = t->slot_from = e->now;
  t->slot_busy = t->slot_used = 0;
  t->state = MAIN_RUN;
  return true;
}

static void access_fault(Emu *e, uint32_t tile, uint32_t pc, uint32_t address, size_t bytes,
                         bool store)
{
  const Window w = tile_window(e, &e->tiles[tile]);
  uint32_t n = (uint32_t)bytes;
  FaultKind kind = FAULT_PROGRAM;
  const char *why = "is outside of the tile's memory";
  if (address < w.own_base)
    why = "is below the first variable: was the pointer ever set?";
  else if (store ? window_write(&w, address, n) != NULL : window_read(&w, address, n) != NULL) {
    kind = FAULT_UNDEFINED;
    why = "is at an odd address";
  } else if (store && window_read(&w, address, n))
    why = "writes to constants";
  emu_fault(e, tile, kind, pc, "%s of %zu bytes at 0x%x %s", store ? "store" : "load", bytes,
            address, why);
}

static void stack_fault(Emu *e, uint32_t tile, uint32_t pc)
{
  const ImageClass *c = e->classes[e->tiles[tile].cls].img;
  emu_fault(
      e, tile, FAULT_PROGRAM, pc,
      "the stack of %u bytes grows into the variables: calls are nested too deep (a recursion "
      "that does not end, or a deeper one than there is room for)",
      c->private_bytes - c->data_bytes);
}

static void bad_instruction(Emu *e, uint32_t tile, uint32_t pc, uint32_t jump)
{
  if (pc)
    emu_fault(e, tile, FAULT_PROGRAM, pc, "no instruction of this machine");
  else
    emu_fault(e, tile, FAULT_PROGRAM, jump, "jump to an address that holds no instruction");
}

static void count_issued(Emu *e, uint32_t tile, uint64_t issued)
{
  e->tiles[tile].slot_busy += (uint32_t)issued;
  e->stats[tile].instructions += issued;
  e->stats[tile].busy += issued;
}

// The main dispatch. With e == NULL it only tells where the code of each instruction lies.
static void run(Emu *e, uint32_t tile, const int32_t **handlers)
{
  static int32_t table[RV_OPS];
  if (!e) {
#define RV(name, match, mask, format, regs, latency, meaning)                                      \
  table[RV_##name] = (int32_t)((char *) && L_##name - (char *) && L_BAD);
#include "emulator/rv32.def"
#undef RV
    table[RV_DSD] = (int32_t)((char *) && L_DSD - (char *) && L_BAD);
    table[RV_SYS] = (int32_t)((char *) && L_SYS - (char *) && L_BAD);
    table[RV_FRAME] = (int32_t)((char *) && L_FRAME - (char *) && L_BAD);
    table[RV_CHECKED] = (int32_t)((char *) && L_CHECKED - (char *) && L_BAD);
    table[RV_BAD] = 0;
    *handlers = table;
    return;
  }

  Tile *t = &e->tiles[tile];
  EmuClass *c = &e->classes[t->cls];
  const Insn *insns = t->trapping ? exception_program(c) : c->insns;
  const Window w = tile_window(e, t);
  uint32_t *x = e->regs[t->regs].x, *f = e->regs[t->regs].f;
  const Insn *d = entry_of(c, insns, t->pc), *next, *from = NULL;
  uint64_t clock = t->clock, end = run_ahead_end(e, t), issued = 0;
  uint32_t address, value;
  size_t size;
  bool store;
  const bool traced = e->trace && e->trace->debug & DEBUG_INST;
  CoreStep step;
  bool dsd;

#define X1 x[d->rs1]
#define X2 x[d->rs2]
#define S1 ((int32_t)X1)
#define S2 ((int32_t)X2)
#define B1 f[d->rs1]
#define B2 f[d->rs2]
#define B3 f[d->rs3]
#define F1 arith_float(B1)
#define F2 arith_float(B2)
#define H1 unboxed(B1)
#define H2 unboxed(B2)
#define H3 unboxed(B3)
#define IMM d->imm
#define XD(v) x[d->rd] = (v)
#define FD(v) f[d->rd] = arith_f32_canonical(v)
#define FBITS(v) f[d->rd] = (v)
#define HBITS(v) f[d->rd] = 0xffff0000u | (uint16_t)(v)
#define ACCESS(T, find, is_store)                                                                  \
  address = X1 + IMM;                                                                              \
  size = sizeof(T);                                                                                \
  store = is_store;                                                                                \
  p = find(&w, address, sizeof(T));                                                                \
  if (__builtin_expect(!p || (sizeof(T) > 1 && address & 1), 0))                                   \
  goto fault_access
#define LOAD(T)                                                                                    \
  const uint8_t *p;                                                                                \
  T v;                                                                                             \
  ACCESS(T, window_read, false);                                                                   \
  memcpy(&v, p, sizeof v)
#define STORE(T, value)                                                                            \
  uint8_t *p;                                                                                      \
  T v = (T)(value);                                                                                \
  ACCESS(T, window_write, true);                                                                   \
  memcpy(p, &v, sizeof v)
#define QUOTIENT(v)                                                                                \
  if (__builtin_expect(!X2, 0))                                                                    \
    goto fault_division;                                                                           \
  XD(v)
#define DISPATCH goto *((char *) && L_BAD + d->handler)
  // A block is paid for when it is entered.
#define ENTER                                                                                      \
  if (__builtin_expect(traced, 0))                                                                 \
    trace_block(e, tile, c, d, clock);                                                             \
  clock += d->block_cost;                                                                          \
  issued += d->block_insns;                                                                        \
  DISPATCH
  // After an instruction that may have changed which exceptions are let through.
#define SWITCH_PROGRAM                                                                             \
  if (t->trapping != (insns != c->insns)) {                                                        \
    const Insn *other = t->trapping ? exception_program(c) : c->insns;                             \
    d = other + (d - insns);                                                                       \
    insns = other;                                                                                 \
    from = NULL;                                                                                   \
  }
#define BRANCH(condition)                                                                          \
  if (condition) {                                                                                 \
    clock += d->edge_taken;                                                                        \
    next = &insns[d->target];                                                                      \
    goto jump;                                                                                     \
  }                                                                                                \
  clock += d->edge_fall;                                                                           \
  d++;                                                                                             \
  ENTER;

  ENTER;

  // One handler per row of rv32.def: R I S ... simply go on; B is a branch, J and JR are written
  // out below.
#define PLAIN(name, meaning)                                                                       \
  L_##name:                                                                                        \
  {                                                                                                \
    meaning;                                                                                       \
    d++;                                                                                           \
    DISPATCH;                                                                                      \
  }
#define HANDLE_R(name, meaning) PLAIN(name, meaning)
#define HANDLE_I(name, meaning) PLAIN(name, meaning)
#define HANDLE_S(name, meaning) PLAIN(name, meaning)
#define HANDLE_U(name, meaning) PLAIN(name, meaning)
#define HANDLE_UP(name, meaning) PLAIN(name, meaning)
#define HANDLE_SH(name, meaning) PLAIN(name, meaning)
#define HANDLE_RM(name, meaning) PLAIN(name, meaning)
#define HANDLE_RI(name, meaning) PLAIN(name, meaning)
#define HANDLE_B(name, meaning)                                                                    \
  L_##name:                                                                                        \
  {                                                                                                \
    BRANCH(meaning)                                                                                \
  }
#define HANDLE_J(name, meaning)
#define HANDLE_JR(name, meaning)
#define RV(name, match, mask, format, regs, latency, meaning) HANDLE_##format(name, meaning)
#include "emulator/rv32.def"
#undef RV

L_JAL:
  x[d->rd] = d->imm;
  clock += d->edge_taken;
  next = &insns[d->target];
  goto jump;

L_JALR:
  address = (X1 + IMM) & ~1u;
  x[d->rd] = d->target;
  if (address == TASK_RETURN_ADDRESS)
    goto finished;
  clock += d->edge_taken;
  next = entry_of(c, insns, address);
  goto jump;

jump: // run-ahead is counted where the program goes back
  if (next <= d && clock >= end && next != insns) {
    t->pc = c->pcs[next - insns];
    sched_at(e, clock, PHASE_ISSUE, tile);
    goto leave;
  }
  from = d;
  d = next;
  ENTER;

L_DSD:
  dsd = true;
  goto custom;
L_SYS:
  dsd = false;
custom:
  t->clock = clock;
  t->pc = c->pcs[d - insns];
  count_issued(e, tile, issued);
  issued = 0;
  step = dsd ? dsd_issue(e, tile, d, &e->regs[t->regs]) : sys_issue(e, tile, d, &e->regs[t->regs]);
  if (step != CORE_NEXT)
    return;
  clock = t->clock;
  end = run_ahead_end(e, t);
  d++;
  SWITCH_PROGRAM;
  ENTER;

L_FRAME:
  x[2] += d->target == RV_ADDI ? IMM : d->target == RV_ADD ? X2 : 0u - X2;
  if (__builtin_expect((int32_t)x[2] < (int32_t)c->img->data_bytes, 0)) {
    stack_fault(e, tile, c->pcs[d - insns]);
    goto leave;
  }
  d++;
  DISPATCH;

L_CHECKED:
  if (!exception_check(e, tile, c->pcs[d - insns], d, &e->regs[t->regs]))
    goto leave;
  goto *((char *) && L_BAD + c->insns[d - insns].handler);

L_BAD:
  bad_instruction(e, tile, c->pcs[d - insns], from ? c->pcs[from - insns] : t->pc);
  goto leave;

fault_division:
  emu_fault(e, tile, FAULT_UNDEFINED, c->pcs[d - insns], "division by zero");
  goto leave;

fault_access:
  if (config_holds(address) && size == 2 && !(address & 1) &&
      (d->handler == table[RV_LH] || d->handler == table[RV_LHU] || d->handler == table[RV_SH]))
    goto registers;
  access_fault(e, tile, c->pcs[d - insns], address, size, store);
  goto leave;

registers: // the block was paid for when it was entered; this instruction is an event of its own
  clock -= d->block_cost;
  issued -= d->block_insns;
  t->clock = clock;
  t->pc = c->pcs[d - insns];
  count_issued(e, tile, issued);
  issued = 0;
  value = X2;
  step = config_issue(e, tile, address / 2, store, &value);
  if (step != CORE_NEXT)
    return;
  if (!store)
    XD(d->handler == table[RV_LH] ? (uint32_t)(int32_t)(int16_t)value : value);
  clock = t->clock;
  end = run_ahead_end(e, t);
  d++;
  SWITCH_PROGRAM;
  ENTER;

finished: // an instruction says so, no branch is taken (machine 5, "Task": body + 1)
  clock += e->costs->scalar_issue;
  // the host must not see the return of its function before it happened
  t->clock = clock;
  t->pc = TASK_RETURN_ADDRESS;
  if (t->task_kind == TASK_KIND_HOST && clock > e->now)
    sched_at(e, clock, PHASE_ISSUE, tile);
  else
    task_end(e, tile);

leave:
  t->clock = clock;
  count_issued(e, tile, issued);
}

const int32_t *core_handlers(void)
{
  const int32_t *handlers;
  run(NULL, 0, &handlers);
  return handlers;
}

void core_issue(Emu *e, uint32_t tile)
{
  if (!begin(e, tile))
    return;
  if (e->tiles[tile].pc == TASK_RETURN_ADDRESS)
    task_end(e, tile);
  else
    run(e, tile, NULL);
}
