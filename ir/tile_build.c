// Appending functions, blocks and instructions to a tile module; see tile.h.
#include "ir/tile.h"
#include <stb/stb_ds.h>
#include <string.h>

uint32_t tir_func(TileModule *m, const char *name, IrType result, const IrType *params, uint32_t n,
                  SrcPos pos)
{
  IrFunc f = {.name = arena_strdup(&m->arena, name), .result = result, .pos = pos};
  for (uint32_t i = 0; i < n; i++)
    arrput(f.params, params[i]);
  arrput(m->funcs, f);
  return (uint32_t)arrlen(m->funcs) - 1;
}

uint32_t tir_global(TileModule *m, const char *name, IrType type, SrcPos pos)
{
  IrGlobal g = {.name = arena_strdup(&m->arena, name), .type = type, .pos = pos};
  g.address = DATA_LIMIT; // not placed yet
  arrput(m->globals, g);
  return (uint32_t)arrlen(m->globals) - 1;
}

uint32_t tir_block(IrBuilder *b)
{
  IrFunc *f = &b->m->funcs[b->func];
  arrput(f->blocks, (IrBlock){NULL});
  return (uint32_t)arrlen(f->blocks) - 1;
}

static IrType result_type(IrOp op, IrType type)
{
  switch (tir_op(op)->result) {
  case 'V': return IRT_VOID;
  case 'B': return IRT_BOOL;
  case 'P': return IRT_PTR;
  default: return type;
  }
}

static uint32_t add_inst(IrBuilder *b, IrInst inst)
{
  IrFunc *f = &b->m->funcs[b->func];
  inst.pos = b->pos;
  inst.type = result_type(inst.op, inst.type);
  arrput(f->insts, inst);
  return (uint32_t)arrlen(f->insts) - 1;
}

static IrRef append(IrBuilder *b, IrInst inst)
{
  uint32_t number = add_inst(b, inst);
  IrFunc *f = &b->m->funcs[b->func];
  arrput(f->blocks[b->block].insts, number);
  return f->insts[number].type == IRT_VOID ? IR_NONE : IR_REF(REF_INST, number);
}

IrRef tir_emit(IrBuilder *b, IrOp op, IrType type, IrRef a, IrRef b2, IrRef c, uint32_t aux)
{
  return append(b, (IrInst){.op = (uint8_t)op, .type = type, .a = a, .b = b2, .c = c, .aux = aux});
}

IrRef tir_emit_list(IrBuilder *b, IrOp op, IrType type, IrRef a, IrRef b2, IrRef c, uint32_t aux,
                    const uint32_t *list, uint32_t n)
{
  TileModule *m = b->m;
  IrInst inst = {.op = (uint8_t)op, .type = type, .a = a, .b = b2, .c = c, .aux = aux, .nlist = n};
  inst.list = (uint32_t)arrlen(m->extra);
  if (n)
    memcpy(arraddnptr(m->extra, n), list, n * sizeof *list);
  return append(b, inst);
}

// Slots stand together at the head of the entry block, in the order in which they were made.
static size_t slots_at_head(const IrFunc *f)
{
  size_t n = 0;
  while (n < arrlenu(f->blocks[0].insts) && f->insts[f->blocks[0].insts[n]].op == IR_SLOT)
    n++;
  return n;
}

IrRef tir_slot(IrBuilder *b, IrType type, const char *name)
{
  TileModule *m = b->m;
  IrInst inst = {.op = IR_SLOT, .aux = type};
  if (name && *name) {
    arrput(m->names, arena_strdup(&m->arena, name));
    inst.list = (uint32_t)arrlen(m->names);
  }
  uint32_t number = add_inst(b, inst);
  IrFunc *f = &m->funcs[b->func];
  size_t at = slots_at_head(f);
  arrins(f->blocks[0].insts, at, number);
  return IR_REF(REF_INST, number);
}

bool tir_terminated(const IrBuilder *b)
{
  const IrFunc *f = &b->m->funcs[b->func];
  const uint32_t *insts = f->blocks[b->block].insts;
  return arrlen(insts) && tir_op(f->insts[arrlast(insts)].op)->terminator;
}

void tir_setup(TileModule *m, SetupKind kind, uint32_t id, IrRef a, IrRef b, IrRef c, SrcPos pos)
{
  arrput(m->setup, ((IrSetup){(uint8_t)kind, id, a, b, c, pos}));
}
