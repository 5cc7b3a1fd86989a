// How much stack a linked program needs: frames are read off the code, calls are followed. LLVM
// alone knows the frames, and the machine has no guard below the stack, so a guess would be paid
// for in overwritten data.
#include "backend/linker.h"
#include "image/bytes.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

enum { ZERO = 0, RA = 1, SP = 2 };

typedef struct StackFunc {
  uint32_t begin, end, frame;
  uint32_t *callees; // stb_ds: indices
  bool indirect;     // calls through a pointer
  uint32_t depth;    // of itself and everything below it
  uint8_t state;     // 1 = on the current path, 2 = done
} StackFunc;

typedef struct Stack {
  const ImageClass *c;
  StackFunc *funcs;   // stb_ds, ascending
  uint32_t *pointed;  // stb_ds: functions that pointers may name
  uint32_t value[32]; // of registers that hold a constant, for frames too large for one instruction
  bool known[32];
  bool unbounded;
} Stack;

static uint32_t sign_extend(uint32_t v, unsigned bits)
{
  uint32_t sign = 1u << (bits - 1);
  return ((v & ((1u << bits) - 1)) ^ sign) - sign;
}

static uint32_t function_at(const Stack *s, uint32_t pc)
{
  size_t lo = 0, hi = arrlenu(s->funcs);
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (s->funcs[mid].begin <= pc)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo && pc < s->funcs[lo - 1].end ? (uint32_t)lo - 1 : UINT32_MAX;
}

// ---- reading one function ----

// A jump out of the function is a call, too: LLVM makes tail calls.
static void jump_to(Stack *s, StackFunc *f, uint32_t target, bool link)
{
  uint32_t callee = function_at(s, target);
  if (!link && target >= f->begin && target < f->end)
    return;
  if (callee != UINT32_MAX)
    arrput(f->callees, callee);
}

static void adjust(StackFunc *f, uint32_t by)
{
  if ((int32_t)by < 0)
    f->frame += 0u - by;
}

static void set(Stack *s, unsigned rd, uint32_t value)
{
  s->value[rd] = value;
  s->known[rd] = rd != ZERO && rd != SP;
}

static void read_immediate(Stack *s, StackFunc *f, unsigned rd, unsigned rs1, uint32_t imm)
{
  if (rd == SP && rs1 == SP)
    adjust(f, imm);
  else if (rs1 == ZERO)
    set(s, rd, imm);
  else if (s->known[rs1])
    set(s, rd, s->value[rs1] + imm);
  else
    s->known[rd] = false;
}

// sp = sp - rs2 or sp + rs2, of a constant made just before.
static void read_register_form(Stack *s, StackFunc *f, uint32_t w)
{
  unsigned rd = w >> 7 & 31, rs1 = w >> 15 & 31, rs2 = w >> 20 & 31, funct3 = w >> 12 & 7,
           funct7 = w >> 25;
  bool sum = funct3 == 0 && (funct7 == 0 || funct7 == 0x20);
  if (rd == SP && rs1 == SP && sum && s->known[rs2])
    adjust(f, funct7 ? 0u - s->value[rs2] : s->value[rs2]);
  else if (rd == SP)
    s->unbounded = true;
  else
    s->known[rd] = false;
}

static void read_wide(Stack *s, StackFunc *f, uint32_t pc, uint32_t w)
{
  enum { LUI = 0x37, AUIPC = 0x17, ADDI = 0x13, OP = 0x33, JAL = 0x6f, JALR = 0x67 };
  unsigned rd = w >> 7 & 31, rs1 = w >> 15 & 31;
  uint32_t imm = sign_extend(w >> 20, 12);
  switch (w & 0x7f) {
  case LUI: set(s, rd, w & 0xfffff000); break;
  case AUIPC: set(s, rd, pc + (w & 0xfffff000)); break;
  case ADDI:
    if ((w >> 12 & 7) == 0)
      read_immediate(s, f, rd, rs1, imm);
    else
      s->known[rd] = false;
    break;
  case OP: read_register_form(s, f, w); break;
  case JAL: {
    uint32_t d =
        (w >> 31 & 1) << 20 | (w >> 12 & 255) << 12 | (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1;
    jump_to(s, f, pc + sign_extend(d, 21), rd == RA);
    break;
  }
  case JALR:
    if (s->known[rs1] && s->value[rs1] + imm >= CODE_BASE)
      jump_to(s, f, s->value[rs1] + imm, rd == RA);
    else
      f->indirect |= rs1 != RA || rd == RA;
    break;
  default: break;
  }
}

static uint32_t compressed_jump(uint32_t w)
{
  uint32_t v = (w >> 12 & 1) << 11 | (w >> 11 & 1) << 4 | (w >> 9 & 3) << 8 | (w >> 8 & 1) << 10 |
               (w >> 7 & 1) << 6 | (w >> 6 & 1) << 7 | (w >> 3 & 7) << 1 | (w >> 2 & 1) << 5;
  return sign_extend(v, 12);
}

static uint32_t compressed_sp_step(uint32_t w)
{
  uint32_t v = (w >> 12 & 1) << 9 | (w >> 6 & 1) << 4 | (w >> 5 & 1) << 6 | (w >> 3 & 3) << 7 |
               (w >> 2 & 1) << 5;
  return sign_extend(v, 10);
}

static void read_compressed(Stack *s, StackFunc *f, uint32_t pc, uint32_t w)
{
  unsigned rd = w >> 7 & 31, rs2 = w >> 2 & 31, kind = (w & 3) << 3 | (w >> 13 & 7);
  uint32_t imm = sign_extend((w >> 12 & 1) << 5 | rs2, 6);
  switch (kind) {
  case 1 << 3 | 0: read_immediate(s, f, rd, rd, imm); break; // c.addi
  case 1 << 3 | 2: set(s, rd, imm); break;                   // c.li
  case 1 << 3 | 3:                                           // c.addi16sp, c.lui
    if (rd == SP)
      adjust(f, compressed_sp_step(w));
    else
      set(s, rd, imm << 12);
    break;
  case 1 << 3 | 1: jump_to(s, f, pc + compressed_jump(w), true); break;  // c.jal
  case 1 << 3 | 5: jump_to(s, f, pc + compressed_jump(w), false); break; // c.j
  case 2 << 3 | 4: // c.jr, c.mv, c.jalr, c.add
    if (rs2 == 0)
      f->indirect |= rd != RA || (w >> 12 & 1);
    else if (rd == SP && (w >> 12 & 1) && s->known[rs2])
      adjust(f, s->value[rs2]); // a large frame is left
    else if (rd == SP)
      s->unbounded = true;
    else
      s->known[rd] = false;
    break;
  default: break;
  }
}

static void read_function(Stack *s, StackFunc *f)
{
  memset(s->known, 0, sizeof s->known);
  for (uint32_t pc = f->begin; pc + 2 <= f->end;) {
    const uint8_t *p = s->c->code + (pc - CODE_BASE);
    bool wide = (p[0] & 3) == 3 && pc + 4 <= f->end;
    if (wide)
      read_wide(s, f, pc, bytes_at32(p));
    else
      read_compressed(s, f, pc, p[0] | (uint32_t)p[1] << 8);
    pc += wide ? 4 : 2;
  }
}

// ---- following calls ----

static bool any_waiting(const Stack *s, const uint32_t *list, uint32_t *first)
{
  for (ptrdiff_t i = 0; i < arrlen(list); i++)
    if (s->funcs[list[i]].state == 0) {
      *first = list[i];
      return true;
    }
  return false;
}

static uint32_t deepest(Stack *s, const uint32_t *list)
{
  uint32_t most = 0;
  for (ptrdiff_t i = 0; i < arrlen(list); i++) {
    const StackFunc *f = &s->funcs[list[i]];
    s->unbounded |= f->state == 1; // recursion
    most = f->depth > most ? f->depth : most;
  }
  return most;
}

static uint32_t depth_of(Stack *s, uint32_t root)
{
  uint32_t *path = NULL, next;
  arrput(path, root);
  while (arrlen(path)) {
    StackFunc *f = &s->funcs[arrlast(path)];
    f->state = f->state ? f->state : 1;
    if (f->state == 1 &&
        (any_waiting(s, f->callees, &next) || (f->indirect && any_waiting(s, s->pointed, &next)))) {
      arrput(path, next);
      continue;
    }
    if (f->state == 1) {
      uint32_t direct = deepest(s, f->callees),
               by_pointer = f->indirect ? deepest(s, s->pointed) : 0;
      f->depth = f->frame + (direct > by_pointer ? direct : by_pointer);
      f->state = 2;
    }
    (void)arrpop(path);
  }
  arrfree(path);
  return s->funcs[root].depth;
}

// Any function that the module takes a pointer of. Jump tables look like calls through pointers;
// then nothing is pointed at, and they cost nothing.
static void find_pointed(Stack *s, Linker *l)
{
  bool *taken = mem_zeroed(arrlenu(l->m->funcs) + 1, sizeof *taken);
  for (ptrdiff_t i = 0; i < arrlen(l->m->globals); i++)
    for (ptrdiff_t k = 0; k < arrlen(l->m->globals[i].relocs); k++)
      if (IR_TAG(l->m->globals[i].relocs[k].target) == REF_FUNC)
        taken[IR_INDEX(l->m->globals[i].relocs[k].target)] = true;
  for (ptrdiff_t i = 0; i < arrlen(l->m->funcs); i++)
    for (ptrdiff_t k = 0; k < arrlen(l->m->funcs[i].insts); k++) {
      const IrInst *in = &l->m->funcs[i].insts[k];
      const IrRef refs[] = {in->a, in->b, in->c};
      for (unsigned n = 0; n < 3; n++)
        if (IR_TAG(refs[n]) == REF_FUNC)
          taken[IR_INDEX(refs[n])] = true;
      for (uint32_t n = 0; (in->op == IR_CALL || in->op == IR_CALLPTR) && n < in->nlist; n++)
        if (IR_TAG(l->m->extra[in->list + n]) == REF_FUNC)
          taken[IR_INDEX(l->m->extra[in->list + n])] = true;
    }
  for (uint32_t i = 0; i < arrlenu(l->m->funcs); i++) {
    uint32_t address = taken[i] ? link_source_function(l, i) : 0;
    uint32_t index = address ? function_at(s, address) : UINT32_MAX;
    if (index != UINT32_MAX)
      arrput(s->pointed, index);
  }
  free(taken);
}

uint32_t link_stack_need(Linker *l, const ImageClass *c)
{
  Stack s = {.c = c};
  uint32_t need = 0;
  for (ptrdiff_t i = 0; i < arrlen(c->symbols); i++) {
    const ImageSymbol *f = &c->symbols[i];
    if (f->function && f->size)
      arrput(s.funcs, ((StackFunc){.begin = f->address, .end = f->address + f->size}));
  }
  find_pointed(&s, l);
  for (ptrdiff_t i = 0; i < arrlen(s.funcs); i++)
    read_function(&s, &s.funcs[i]);
  for (uint32_t i = 0; i < arrlenu(s.funcs); i++) {
    uint32_t depth = depth_of(&s, i);
    need = depth > need ? depth : need;
  }
  for (ptrdiff_t i = 0; i < arrlen(s.funcs); i++)
    arrfree(s.funcs[i].callees);
  arrfree(s.funcs);
  arrfree(s.pointed);
  return s.unbounded ? UINT32_MAX : need;
}
