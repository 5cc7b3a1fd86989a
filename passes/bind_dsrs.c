// Data structure registers (language 14.1, DESIGN 3.3). Synchronous operations share one register
// per file, reloaded each time; an asynchronous operation owns its registers from issue to
// completion, across tasks, so every site gets its own. Only when they run out, sites of the same
// microthread share: two live operations never use one microthread.
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

enum { FILES = 3, XDSR_FILE = 3, POOLS = 4, ALONE = UINT32_MAX };

typedef struct Site { // one asynchronous DSD operation with registers to assign
  uint32_t func, inst;
  uint32_t ut;           // its microthread, ALONE if that is not known
  uint8_t number[FILES]; // assigned register per file
  uint8_t xdsr[FILES];   // and extended register per operand
  bool has_xdsr[FILES];
  bool needs[FILES];
  bool needs_xdsr;
} Site;

// What an extended register holds for a mem4d value: dimensions, extents and strides. It is never
// written by operations, so values of one shape share a register.
typedef struct Shape {
  uint32_t words[9];
  uint8_t xdsr;
} Shape;

typedef struct Virtual { // a register of a @map
  uint32_t ref;          // DsrRef with a number from DSR_VIRTUAL up
  uint32_t func;         // that uses it
  uint8_t number;        // assigned
  SrcPos pos;
} Virtual;

typedef struct Binder {
  PassContext *ctx;
  TileModule *m;
  const Arch *arch;
  bool named[POOLS][MAX_DSRS];        // by the source, for the whole program
  bool taken[POOLS][MAX_DSRS];        // by FIFOs and shared registers
  bool loaded_async[FILES][MAX_DSRS]; // some load makes the register asynchronous
  uint8_t xdsr_of[FILES][MAX_DSRS];   // XDSR + 1 of a named one that gets mem4d of unknown shape
  uint8_t sync[FILES];                // shared by synchronous operations; DSR_AUTO: not needed
  uint8_t sync_xdsr[FILES];           // the same, as many as one of them needs at a time
  Site *sites;                        // stb_ds
  Virtual *virtuals;                  // stb_ds
  Shape *shapes;                      // stb_ds
  bool ok;
} Binder;

typedef struct Operand {
  DsdOperand *o;
  IrRef value;
} Operand;

static void operands_of(Binder *b, const IrInst *in, Operand out[3])
{
  DsdUse *u = &b->m->dsd_uses[b->m->extra[in->list + 1]];
  out[0] = (Operand){&u->dest, in->a};
  out[1] = (Operand){&u->src0, in->b};
  out[2] = (Operand){&u->src1, in->c};
}

static unsigned pool_size(const Binder *b, unsigned pool)
{
  unsigned n = pool == XDSR_FILE ? b->arch->xdsrs : b->arch->dsrs;
  return n > MAX_DSRS ? MAX_DSRS : n;
}

static void each_inst(Binder *b, IrOp op, void (*fn)(Binder *, uint32_t func, uint32_t inst))
{
  for (uint32_t i = 0; i < arrlenu(b->m->funcs); i++)
    for (size_t k = 0; k < arrlenu(b->m->funcs[i].blocks); k++)
      for (size_t n = 0; n < arrlenu(b->m->funcs[i].blocks[k].insts); n++) {
        uint32_t inst = b->m->funcs[i].blocks[k].insts[n];
        if (b->m->funcs[i].insts[inst].op == op)
          fn(b, i, inst);
      }
}

// ---- what the source names ----

static void name_ref(Binder *b, uint32_t ref)
{
  if (ref >> 8 < FILES && (ref & 0xff) < MAX_DSRS)
    b->named[ref >> 8][ref & 0xff] = true;
}

static void name_xdsr(Binder *b, uint32_t plus_one)
{
  if (plus_one > 0 && plus_one <= MAX_DSRS)
    b->named[XDSR_FILE][plus_one - 1] = true;
}

static bool is_xdsr_setup(const IrSetup *s)
{
  return s->kind == SETUP_XDSR_EXTENT || s->kind == SETUP_XDSR_STRIDE || s->kind == SETUP_XDSR_WRAP;
}

static void read_setup(Binder *b)
{
  uint32_t cfg;
  for (size_t i = 0; i < arrlenu(b->m->setup); i++) {
    const IrSetup *s = &b->m->setup[i];
    if (s->kind == SETUP_DSR || s->kind == SETUP_DSR_BASE)
      name_ref(b, s->id);
    if (is_xdsr_setup(s) && !(s->id & XDSR_OF))
      name_xdsr(b, s->id + 1);
    if (s->kind == SETUP_DSR && s->id >> 8 < FILES && (s->id & 0xff) < MAX_DSRS &&
        ref_value(b->m, s->c, &cfg) && cfg & CFG_ASYNC)
      b->loaded_async[s->id >> 8][s->id & 0xff] = true;
  }
}

static void read_run(Binder *b, uint32_t func, uint32_t inst)
{
  Operand all[3];
  operands_of(b, &b->m->funcs[func].insts[inst], all);
  for (int i = 0; i < 3; i++) {
    name_xdsr(b, all[i].o->xdsr);
    if (all[i].o->kind != OPND_NONE && all[i].o->kind != OPND_SCALAR)
      name_ref(b, DSR_REF(all[i].o->file, all[i].o->number));
  }
}

static void read_load(Binder *b, uint32_t func, uint32_t inst)
{
  const IrInst *in = &b->m->funcs[func].insts[inst];
  name_ref(b, in->aux);
  name_xdsr(b, b->m->extra[in->list + 3]);
  if (b->m->extra[in->list] & CFG_ASYNC && (in->aux & 0xff) < MAX_DSRS)
    b->loaded_async[in->aux >> 8][in->aux & 0xff] = true;
}

static void read_update(Binder *b, uint32_t func, uint32_t inst)
{
  name_ref(b, b->m->funcs[func].insts[inst].aux);
}

static void read_map_get(Binder *b, uint32_t func, uint32_t inst)
{
  name_ref(b, DSR_REF(DSR_SRC1, b->m->funcs[func].insts[inst].aux));
}

static void read_map_put(Binder *b, uint32_t func, uint32_t inst)
{
  name_ref(b, DSR_REF(DSR_DEST, b->m->funcs[func].insts[inst].aux));
}

static void read_named(Binder *b)
{
  read_setup(b);
  each_inst(b, IR_DSD_RUN, read_run);
  each_inst(b, IR_DSR_LOAD, read_load);
  each_inst(b, IR_DSR_BASE, read_update);
  each_inst(b, IR_DSR_LEN, read_update);
  each_inst(b, IR_MAP_MORE, read_update);
  each_inst(b, IR_MAP_GET, read_map_get);
  each_inst(b, IR_MAP_PUT, read_map_put);
  for (size_t i = 0; i < arrlenu(b->m->fifos); i++) {
    name_ref(b, DSR_REF(DSR_DEST, b->m->fifos[i].dest));
    name_ref(b, DSR_REF(DSR_SRC1, b->m->fifos[i].src1));
    name_xdsr(b, b->m->fifos[i].xdsr + 1u);
  }
}

// ---- taking registers ----

static bool is_free(const Binder *b, unsigned pool, unsigned n)
{
  return !b->named[pool][n] && !b->taken[pool][n];
}

// The lowest free register of a pool from `first` on, or DSR_AUTO.
static uint8_t lowest_free(const Binder *b, unsigned pool, unsigned first)
{
  for (unsigned n = first; n < pool_size(b, pool); n++)
    if (is_free(b, pool, n))
      return (uint8_t)n;
  return DSR_AUTO;
}

static uint8_t take_xdsr(Binder *b)
{
  uint8_t x = lowest_free(b, XDSR_FILE, 0);
  if (x != DSR_AUTO)
    b->taken[XDSR_FILE][x] = true;
  return x;
}

static const char *pool_name(unsigned pool)
{
  static const char *const names[POOLS] = {"dest", "src0", "src1", "extended"};
  return names[pool];
}

static bool keeps_one(const Site *s, unsigned pool)
{
  return pool == XDSR_FILE ? s->needs_xdsr : s->needs[pool];
}

static void report_exhausted(Binder *b, unsigned pool, SrcPos pos, const char *what)
{
  DIAG_AT(b->ctx->diags, out_of_dsrs, pos_range(pos), pool_name(pool), what, pool_size(b, pool));
  for (size_t i = 0; i < arrlenu(b->sites); i++)
    if (keeps_one(&b->sites[i], pool))
      diag_note(b->ctx->diags, pos_range(b->m->funcs[b->sites[i].func].insts[b->sites[i].inst].pos),
                "this asynchronous operation keeps one until it completes");
  unsigned n = 0;
  for (unsigned k = 0; k < pool_size(b, pool); k++)
    n += b->named[pool][k];
  if (n)
    diag_note(b->ctx->diags, (SrcRange){0}, "%u are named by the program or belong to FIFOs", n);
  b->ok = false;
}

// Writes the extended register into the descriptor that a comptime block loads.
static void name_in_descriptor(Binder *b, IrSetup *s, uint8_t xdsr)
{
  uint32_t hi;
  if (ref_value(b->m, s->b, &hi) && ((hi & 15) == DSD_MEM4D || (hi & 15) == DSD_CIRCBUF))
    s->b = tir_const(b->m, IRT_I32, hi | (uint32_t)xdsr << DSD_XDSR_SHIFT);
}

// A register that a comptime block loads with a box or a ring keeps an extended one for the whole
// program.
static void bind_setup(Binder *b)
{
  uint8_t own[FILES][MAX_DSRS], pending = DSR_AUTO; // of the DSR record that follows
  memset(own, DSR_AUTO, sizeof own);
  for (size_t i = 0; i < arrlenu(b->m->setup) && b->ok; i++) {
    IrSetup *s = &b->m->setup[i];
    uint32_t ref = s->id & ~(uint32_t)XDSR_OF;
    if (ref >> 8 >= FILES || (ref & 0xff) >= MAX_DSRS)
      continue;
    uint8_t *x = &own[ref >> 8][ref & 0xff];
    if (is_xdsr_setup(s) && s->id & XDSR_OF) {
      *x = *x == DSR_AUTO ? take_xdsr(b) : *x;
      if (*x == DSR_AUTO)
        report_exhausted(b, XDSR_FILE, s->pos, "this register load");
      s->id = pending = *x;
    } else if (s->kind == SETUP_DSR && pending != DSR_AUTO) {
      name_in_descriptor(b, s, pending);
      pending = DSR_AUTO;
    }
  }
}

// A FIFO holds a destination and a source register of the same number and an extended one for the
// whole program.
static void bind_fifos(Binder *b)
{
  for (size_t i = 0; i < arrlenu(b->m->fifos); i++) {
    IrFifo *f = &b->m->fifos[i];
    unsigned n = pool_size(b, DSR_DEST);
    while (n-- > 0 && !(is_free(b, DSR_DEST, n) && is_free(b, DSR_SRC1, n)))
      ;
    if (f->dest == DSR_AUTO && f->src1 == DSR_AUTO && n < MAX_DSRS) {
      f->dest = f->src1 = (uint8_t)n;
      b->taken[DSR_DEST][n] = b->taken[DSR_SRC1][n] = true;
    }
    uint8_t x = lowest_free(b, XDSR_FILE, 0);
    if (f->xdsr == DSR_AUTO && x != DSR_AUTO) {
      f->xdsr = x;
      b->taken[XDSR_FILE][x] = true;
    }
    if (f->dest == DSR_AUTO || f->src1 == DSR_AUTO)
      report_exhausted(b, DSR_DEST, f->pos, "this FIFO");
    else if (f->xdsr == DSR_AUTO)
      report_exhausted(b, XDSR_FILE, f->pos, "this FIFO");
  }
}

// ---- operations ----

static const IrInst *defined_by(const Binder *b, uint32_t func, IrRef value)
{
  return IR_TAG(value) == REF_INST ? &b->m->funcs[func].insts[IR_INDEX(value)] : NULL;
}

static bool in_list(const Binder *b, const IrInst *in, IrRef value)
{
  for (uint32_t i = 0; i < in->nlist; i++)
    if (b->m->extra[in->list + i] == value)
      return true;
  return false;
}

// What a local variable holds that is stored to once and whose address goes nowhere; none for
// others.
static IrRef stored_once(const Binder *b, uint32_t func, IrRef slot)
{
  const IrFunc *f = &b->m->funcs[func];
  IrRef value = IR_NONE;
  for (size_t i = 0; i < arrlenu(f->insts); i++) {
    const IrInst *in = &f->insts[i];
    if (in->op == IR_LOAD)
      continue;
    if (in->op == IR_STORE && in->a == slot && value == IR_NONE)
      value = in->b;
    else if (in->a == slot || in->b == slot || in->c == slot || in_list(b, in, slot))
      return IR_NONE;
  }
  return value;
}

// The instruction that makes a DSD value, also if it went through a local variable.
static const IrInst *made_by(const Binder *b, uint32_t func, IrRef value)
{
  const IrInst *def = defined_by(b, func, value);
  const IrInst *slot = def && def->op == IR_LOAD ? defined_by(b, func, def->a) : NULL;
  return slot && slot->op == IR_SLOT ? defined_by(b, func, stored_once(b, func, def->a)) : def;
}

static const IrFifo *fifo_of(const Binder *b, uint32_t func, IrRef value)
{
  const IrInst *def = defined_by(b, func, value);
  return def && def->op == IR_DSD_FIFO ? &b->m->fifos[def->aux] : NULL;
}

static bool wants_dsr(const Operand *x)
{
  return (x->o->kind == OPND_DSD || x->o->kind == OPND_POINTER) && x->o->number == DSR_AUTO;
}

static bool wants_xdsr(const Binder *b, uint32_t func, const Operand *x)
{
  return x->o->kind == OPND_DSD && x->o->xdsr == 0 && tir_type_of(b->m, func, x->value) == IRT_DSD4;
}

static bool is_async(const Binder *b, const IrInst *in, const Operand all[3])
{
  if (b->m->dsd_uses[b->m->extra[in->list + 1]].cfg & CFG_ASYNC)
    return true;
  for (int i = 0; i < 3; i++)
    if (all[i].o->kind == OPND_DSR && all[i].o->number < MAX_DSRS &&
        b->loaded_async[all[i].o->file][all[i].o->number])
      return true;
  return false;
}

enum { NOT_FABRIC = ALONE - 1 };

// The queue of a DSD value; NOT_FABRIC if it is no fabric DSD, ALONE if that is not known.
static uint32_t queue_of_value(const Binder *b, uint32_t func, IrRef value)
{
  // Bounded, because blocks that never run may hold circles.
  for (size_t n = arrlenu(b->m->funcs[func].insts); n > 0; n--) {
    const IrInst *def = made_by(b, func, value);
    switch (def ? def->op : IR_OPS) {
    case IR_DSD_MEM:
    case IR_DSD_MEM4:
    case IR_DSD_CIRC:
    case IR_DSD_FIFO:
    case IR_DSD_BASE:
    case IR_DSD_STEP:
    case IR_DSD_STRIDE: return NOT_FABRIC;
    case IR_DSD_LENGTH: value = def->a; break;
    case IR_DSD_FAB: {
      uint8_t queue = b->m->fabrics[def->aux].queue;
      return queue == 0xff ? ALONE : queue;
    }
    default: return ALONE;
    }
  }
  return ALONE;
}

// The microthread of an operation as far as the text tells (language 13.5), so that operations on
// it may share.
static uint32_t microthread_of(const Binder *b, uint32_t func, const IrInst *in,
                               const Operand all[3])
{
  uint32_t cfg = b->m->dsd_uses[b->m->extra[in->list + 1]].cfg;
  if (cfg & CFG_UT_GIVEN)
    return cfg >> CFG_UT_SHIFT & 7;
  for (int i = 0; i < 3; i++) {
    if (all[i].o->kind == OPND_DSR)
      return ALONE; // its load may name a microthread
    uint32_t queue =
        all[i].o->kind == OPND_DSD ? queue_of_value(b, func, all[i].value) : NOT_FABRIC;
    if (queue != NOT_FABRIC)
      return queue;
  }
  return ALONE;
}

static void bind_fifo_operands(Binder *b, uint32_t func, Operand all[3])
{
  for (int i = 0; i < 3; i++) {
    const IrFifo *f = wants_dsr(&all[i]) ? fifo_of(b, func, all[i].value) : NULL;
    if (f)
      all[i].o->number = all[i].o->file == DSR_DEST ? f->dest : f->src1;
  }
}

// Asynchronous operations are collected; synchronous ones only say which shared registers are
// needed.
static void collect(Binder *b, uint32_t func, uint32_t inst)
{
  const IrInst *in = &b->m->funcs[func].insts[inst];
  Operand all[3];
  operands_of(b, in, all);
  bind_fifo_operands(b, func, all);
  bool async = is_async(b, in, all);
  Site site = {.func = func, .inst = inst};
  for (int i = 0; i < 3; i++) {
    bool dsr = wants_dsr(&all[i]), xdsr = wants_xdsr(b, func, &all[i]);
    site.needs[all[i].o->file] |= dsr;
    site.needs_xdsr |= xdsr;
    if (!async && dsr)
      b->sync[all[i].o->file] = 0;
  }
  site.ut = microthread_of(b, func, in, all);
  if (async && (site.needs[0] || site.needs[1] || site.needs[2] || site.needs_xdsr))
    arrput(b->sites, site);
}

// Where dest and src0 of one operation have one number (language 14.3): the lowest that is free in
// both.
static uint8_t lowest_pair(const Binder *b)
{
  for (unsigned n = 0; n < pool_size(b, DSR_DEST); n++)
    if (is_free(b, DSR_DEST, n) && is_free(b, DSR_SRC0, n))
      return (uint8_t)n;
  return DSR_AUTO;
}

static void bind_shared(Binder *b)
{
  bool both = b->sync[DSR_DEST] != DSR_AUTO && b->sync[DSR_SRC0] != DSR_AUTO;
  uint8_t pair = both && b->arch->dsr_pairs ? lowest_pair(b) : DSR_AUTO;
  for (unsigned file = 0; file < FILES; file++) {
    if (b->sync[file] == DSR_AUTO)
      continue;
    b->sync[file] = file != DSR_SRC1 && pair != DSR_AUTO ? pair : lowest_free(b, file, 0);
    if (b->sync[file] == DSR_AUTO)
      report_exhausted(b, file, 0, "the synchronous operations");
    else
      b->taken[file][b->sync[file]] = true;
  }
}

// ---- registers of @map ----

static Virtual *find_virtual(Binder *b, uint32_t ref)
{
  for (size_t i = 0; i < arrlenu(b->virtuals); i++)
    if (b->virtuals[i].ref == ref)
      return &b->virtuals[i];
  return NULL;
}

static uint32_t register_used(const IrInst *in)
{
  switch (in->op) {
  case IR_DSR_LOAD:
  case IR_DSR_BASE:
  case IR_DSR_LEN:
  case IR_MAP_MORE: return in->aux;
  case IR_MAP_GET: return DSR_REF(DSR_SRC1, in->aux);
  case IR_MAP_PUT: return DSR_REF(DSR_DEST, in->aux);
  default: return 0;
  }
}

static bool is_virtual(uint32_t ref)
{
  return (ref & 0xff) >= DSR_VIRTUAL && (ref & 0xff) != DSR_AUTO;
}

static void collect_virtual(Binder *b, uint32_t func, uint32_t inst)
{
  const IrInst *in = &b->m->funcs[func].insts[inst];
  uint32_t ref = register_used(in);
  if (is_virtual(ref) && !find_virtual(b, ref))
    arrput(b->virtuals, ((Virtual){ref, func, DSR_AUTO, in->pos}));
}

static void write_virtual(Binder *b, uint32_t func, uint32_t inst)
{
  IrInst *in = &b->m->funcs[func].insts[inst];
  uint32_t ref = register_used(in);
  if (is_virtual(ref))
    in->aux = (in->aux & ~0xffu) | find_virtual(b, ref)->number;
}

// Can a call of `from` come to run `to`? A call through a pointer may run anything.
static bool reaches(const Binder *b, uint32_t from, uint32_t to)
{
  uint32_t *list = NULL;
  bool *seen = NULL, found = false;
  arrsetlen(seen, arrlenu(b->m->funcs));
  memset(seen, 0, arrlenu(seen));
  arrput(list, from);
  while (arrlen(list) && !found) {
    const IrFunc *f = &b->m->funcs[arrpop(list)];
    for (size_t i = 0; i < arrlenu(f->insts) && !found; i++) {
      uint32_t callee = f->insts[i].aux;
      found = f->insts[i].op == IR_CALLPTR || (f->insts[i].op == IR_CALL && callee == to);
      if (f->insts[i].op == IR_CALL && !seen[callee]) {
        seen[callee] = true;
        arrput(list, callee);
      }
    }
  }
  arrfree(list);
  arrfree(seen);
  return found;
}

static bool live_together(const Binder *b, const Virtual *x, const Virtual *y)
{
  return x->ref >> 8 == y->ref >> 8 &&
         (x->func == y->func || reaches(b, x->func, y->func) || reaches(b, y->func, x->func));
}

static void bind_virtual(Binder *b, size_t i)
{
  Virtual *v = &b->virtuals[i];
  unsigned pool = v->ref >> 8;
  bool used[MAX_DSRS] = {false};
  for (size_t k = 0; k < i; k++)
    if (b->virtuals[k].number != DSR_AUTO && live_together(b, &b->virtuals[k], v))
      used[b->virtuals[k].number] = true;
  for (unsigned n = pool_size(b, pool); n-- > 0 && v->number == DSR_AUTO;)
    if (is_free(b, pool, n) && !used[n])
      v->number = (uint8_t)n; // from the top: asynchronous operations start at the bottom
  if (v->number == DSR_AUTO)
    report_exhausted(b, pool, v->pos, "this @map");
}

static void bind_virtuals(Binder *b)
{
  static const IrOp ops[] = {IR_DSR_LOAD, IR_DSR_BASE, IR_DSR_LEN,
                             IR_MAP_MORE, IR_MAP_GET,  IR_MAP_PUT};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    each_inst(b, ops[i], collect_virtual);
  for (size_t i = 0; i < arrlenu(b->virtuals) && b->ok; i++)
    bind_virtual(b, i);
  for (size_t i = 0; i < arrlenu(b->virtuals); i++)
    if (b->virtuals[i].number != DSR_AUTO)
      b->taken[b->virtuals[i].ref >> 8][b->virtuals[i].number] = true;
  for (size_t i = 0; i < sizeof ops / sizeof *ops && b->ok; i++)
    each_inst(b, ops[i], write_virtual);
}

// ---- asynchronous operations ----

// Registers of one file for all sites, one each; with `share`, sites of one microthread get the
// same.
static bool assign_file(Binder *b, unsigned file, bool share)
{
  bool used[MAX_DSRS];
  memcpy(used, b->taken[file], sizeof used);
  for (size_t i = 0; i < arrlenu(b->sites); i++) {
    Site *s = &b->sites[i];
    s->number[file] = DSR_AUTO;
    if (!s->needs[file])
      continue;
    for (size_t k = 0; k < i && share && s->ut != ALONE; k++)
      if (b->sites[k].ut == s->ut && b->sites[k].needs[file])
        s->number[file] = b->sites[k].number[file];
    for (unsigned n = 1; n <= pool_size(b, file) && s->number[file] == DSR_AUTO; n++) {
      unsigned at = n % pool_size(b, file); // register 0 last: the memcpy contract names it
      if (!b->named[file][at] && !used[at])
        s->number[file] = (uint8_t)at;
    }
    if (s->number[file] == DSR_AUTO)
      return false;
    used[s->number[file]] = true;
  }
  return true;
}

static void bind_sites(Binder *b)
{
  for (unsigned file = 0; file < FILES; file++)
    if (!assign_file(b, file, false) && !assign_file(b, file, true)) {
      size_t i = 0;
      while (i + 1 < arrlenu(b->sites) && !b->sites[i].needs[file])
        i++;
      const Site *first = &b->sites[i];
      report_exhausted(b, file, b->m->funcs[first->func].insts[first->inst].pos,
                       "the asynchronous operations");
    }
}

// ---- extended registers ----

// The shape of a mem4d value as nine words, or NULL if it is only known at run time.
static const uint32_t *shape_of_value(const Binder *b, uint32_t func, IrRef value)
{
  for (size_t n = arrlenu(b->m->funcs[func].insts); n > 0; n--) {
    const IrInst *def = made_by(b, func, value);
    if (def && (def->op == IR_DSD_BASE || def->op == IR_DSD_STEP))
      value = def->a;
    else
      return def && def->op == IR_DSD_MEM4 ? b->m->extra + def->list : NULL;
  }
  return NULL;
}

static const Shape *find_shape(const Binder *b, const uint32_t *words)
{
  for (size_t i = 0; words && i < arrlenu(b->shapes); i++)
    if (memcmp(b->shapes[i].words, words, sizeof b->shapes[i].words) == 0)
      return &b->shapes[i];
  return NULL;
}

// The register for values of this shape (or one of its own without a shape), DSR_AUTO if none is
// left.
static uint8_t xdsr_for(Binder *b, const uint32_t *words)
{
  const Shape *known = find_shape(b, words);
  if (known)
    return known->xdsr;
  Shape s = {.xdsr = take_xdsr(b)};
  if (words && s.xdsr != DSR_AUTO) {
    memcpy(s.words, words, sizeof s.words);
    arrput(b->shapes, s);
  }
  return s.xdsr;
}

static bool has_shape(const Binder *b, uint8_t xdsr)
{
  for (size_t i = 0; i < arrlenu(b->shapes); i++)
    if (b->shapes[i].xdsr == xdsr)
      return true;
  return false;
}

// One that an earlier operation of the same microthread keeps for a value of unknown shape.
static uint8_t xdsr_of_microthread(const Binder *b, const Site *s)
{
  for (const Site *k = b->sites; k < s && s->ut != ALONE; k++)
    for (int i = 0; i < FILES && k->ut == s->ut; i++)
      if (k->has_xdsr[i] && !has_shape(b, k->xdsr[i]))
        return k->xdsr[i];
  return DSR_AUTO;
}

static void bind_site_xdsrs(Binder *b, Site *s)
{
  Operand all[3];
  const IrInst *in = &b->m->funcs[s->func].insts[s->inst];
  operands_of(b, in, all);
  for (int i = 0; i < 3 && b->ok; i++) {
    if (!wants_xdsr(b, s->func, &all[i]))
      continue;
    s->xdsr[i] = xdsr_for(b, shape_of_value(b, s->func, all[i].value));
    if (s->xdsr[i] == DSR_AUTO)
      s->xdsr[i] = xdsr_of_microthread(b, s);
    s->has_xdsr[i] = s->xdsr[i] != DSR_AUTO;
    if (!s->has_xdsr[i])
      report_exhausted(b, XDSR_FILE, in->pos, "the asynchronous operations");
  }
}

// A mem4d value in an explicit register keeps its extended register for the whole program.
static void bind_load(Binder *b, uint32_t func, uint32_t inst)
{
  const IrInst *in = &b->m->funcs[func].insts[inst];
  uint32_t *xdsr = &b->m->extra[in->list + 3], file = in->aux >> 8, number = in->aux & 0xff;
  if (number == DSR_AUTO) {
    DIAG_AT(b->ctx->diags, dsr_not_named, pos_range(in->pos));
    b->ok = false;
    return;
  }
  if (*xdsr || tir_type_of(b->m, func, in->a) != IRT_DSD4)
    return;
  const uint32_t *shape = shape_of_value(b, func, in->a);
  uint8_t own = b->xdsr_of[file][number]; // of loads whose shape is not known
  uint8_t x = !shape && own ? (uint8_t)(own - 1) : xdsr_for(b, shape);
  if (x == DSR_AUTO) {
    report_exhausted(b, XDSR_FILE, in->pos, "this register load");
    return;
  }
  if (!shape)
    b->xdsr_of[file][number] = (uint8_t)(x + 1);
  *xdsr = x + 1u;
}

// ---- writing it down ----

static void write_site(Binder *b, const Site *s)
{
  Operand all[3];
  operands_of(b, &b->m->funcs[s->func].insts[s->inst], all);
  for (int i = 0; i < 3; i++) {
    if (wants_xdsr(b, s->func, &all[i]))
      all[i].o->xdsr = (uint8_t)(s->xdsr[i] + 1);
    if (wants_dsr(&all[i]))
      all[i].o->number = s->number[all[i].o->file];
  }
}

// A synchronous operation uses the registers of shapes that are there anyway, else reloads shared
// ones.
static void bind_sync_xdsrs(Binder *b, uint32_t func, const IrInst *in, Operand all[3])
{
  const uint32_t *shapes[3] = {NULL, NULL, NULL};
  unsigned used = 0;
  for (int i = 0; i < 3 && b->ok; i++) {
    if (!wants_xdsr(b, func, &all[i]))
      continue;
    shapes[i] = shape_of_value(b, func, all[i].value);
    const Shape *known = find_shape(b, shapes[i]);
    uint8_t x = known ? known->xdsr : DSR_AUTO;
    for (int k = 0; k < i && shapes[i] && x == DSR_AUTO; k++)
      if (shapes[k] && memcmp(shapes[k], shapes[i], sizeof b->shapes->words) == 0)
        x = (uint8_t)(all[k].o->xdsr - 1);
    if (x == DSR_AUTO) {
      if (b->sync_xdsr[used] == DSR_AUTO)
        b->sync_xdsr[used] = take_xdsr(b);
      x = b->sync_xdsr[used++];
    }
    if (x == DSR_AUTO)
      report_exhausted(b, XDSR_FILE, in->pos, "this synchronous operation");
    else
      all[i].o->xdsr = (uint8_t)(x + 1);
  }
}

static void write_sync(Binder *b, uint32_t func, uint32_t inst)
{
  Operand all[3];
  const IrInst *in = &b->m->funcs[func].insts[inst];
  operands_of(b, in, all);
  bind_sync_xdsrs(b, func, in, all);
  for (int i = 0; i < 3; i++)
    if (wants_dsr(&all[i]))
      all[i].o->number = b->sync[all[i].o->file];
}

bool pass_bind_dsrs(PassContext *ctx)
{
  Binder b = {.ctx = ctx, .m = ctx->tile, .arch = arch_get(ctx->tile->arch), .ok = true};
  memset(b.sync, DSR_AUTO, sizeof b.sync);
  memset(b.sync_xdsr, DSR_AUTO, sizeof b.sync_xdsr);
  read_named(&b);
  bind_setup(&b);
  bind_fifos(&b);
  each_inst(&b, IR_DSD_RUN, collect);
  bind_shared(&b);
  bind_virtuals(&b);
  if (b.ok)
    each_inst(&b, IR_DSR_LOAD, bind_load);
  for (size_t i = 0; i < arrlenu(b.sites) && b.ok; i++)
    bind_site_xdsrs(&b, &b.sites[i]);
  if (b.ok)
    bind_sites(&b);
  for (size_t i = 0; i < arrlenu(b.sites) && b.ok; i++)
    write_site(&b, &b.sites[i]);
  if (b.ok)
    each_inst(&b, IR_DSD_RUN, write_sync);
  arrfree(b.sites);
  arrfree(b.virtuals);
  arrfree(b.shapes);
  return b.ok;
}
