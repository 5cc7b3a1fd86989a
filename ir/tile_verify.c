// Rules of the tile IR: structure, numbers in range, operand types (from ir/forms.def), definitions
// before uses.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <string.h>

typedef struct Verifier {
  const TileModule *m;
  Diags *diags;
  bool sound;
  uint32_t func, block, inst; // where we are; func == UINT32_MAX: outside of functions
  SrcPos pos;
  uint32_t *block_of;    // stb_ds: block of every instruction of the function, UINT32_MAX = in none
  uint32_t *place;       // stb_ds: its place in that block
  uint32_t *idom;        // stb_ds, computed when a value crosses blocks
  uint8_t *used_dsd_use; // stb_ds: one flag per DsdUse
} Verifier;

enum { NOWHERE = UINT32_MAX };

static bool wrong(Verifier *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Reports and returns false.
static bool wrong(Verifier *v, const char *fmt, ...)
{
  Arena *a = &v->diags->arena;
  va_list args;
  va_start(args, fmt);
  const char *text = arena_vprintf(a, fmt, args), *where;
  va_end(args);
  if (v->func == NOWHERE)
    where = arena_printf(a, "module \"%s\"", v->m->name);
  else if (v->inst == NOWHERE)
    where = arena_printf(a, "@%s", v->m->funcs[v->func].name);
  else
    where = arena_printf(a, "@%s, block b%u, '%s'", v->m->funcs[v->func].name, v->block,
                         tir_op((IrOp)v->m->funcs[v->func].insts[v->inst].op)->text);
  DIAG_AT(v->diags, ir_invalid, ((SrcRange){v->pos, v->pos ? v->pos + 1 : 0}), where, text);
  v->sound = false;
  return false;
}

static bool type_exists(const Verifier *v, IrType t)
{
  return t < IRT_FIRST_AGGREGATE + arrlenu(v->m->types);
}

// ---- references ----

static bool dominated(Verifier *v, uint32_t def)
{
  uint32_t from = v->block_of[def];
  if (from == v->block)
    return v->place[def] < v->place[v->inst];
  if (!v->idom)
    v->idom = ir_dominators(v->m, &v->m->funcs[v->func]);
  if (v->idom[v->block] == NOWHERE)
    return true; // never runs
  return v->idom[from] != NOWHERE && ir_dominates(v->idom, from, v->block);
}

static bool check_inst_ref(Verifier *v, uint32_t i)
{
  const IrFunc *f = &v->m->funcs[v->func];
  if (i >= arrlenu(f->insts) || v->block_of[i] == NOWHERE)
    return wrong(v, "an operand is an instruction that is in no block");
  if (f->insts[i].type == IRT_VOID)
    return wrong(v, "an operand is an instruction without value");
  return true;
}

// Is the number behind the reference in range?
static bool check_ref(Verifier *v, IrRef ref)
{
  uint32_t i = IR_INDEX(ref);
  const TileModule *m = v->m;
  size_t limit = 0;
  switch (IR_TAG(ref)) {
  case REF_NONE: return i == 0 || wrong(v, "a malformed reference");
  case REF_INST:
    return v->inst == NOWHERE ? wrong(v, "a value of a function is used outside of it")
                              : check_inst_ref(v, i);
  case REF_PARAM: limit = v->func == NOWHERE ? 0 : arrlenu(m->funcs[v->func].params); break;
  case REF_CONST: limit = arrlenu(m->consts); break;
  case REF_GLOBAL: limit = arrlenu(m->globals); break;
  case REF_FUNC: limit = arrlenu(m->funcs); break;
  case REF_TILECONST: limit = arrlenu(m->tileconsts); break;
  default: break;
  }
  return i < limit || wrong(v, "a reference to something that does not exist");
}

typedef struct RefCheck {
  Verifier *v;
  bool ok;
} RefCheck;

static void each_ref_in_range(IrRef *ref, void *arg)
{
  RefCheck *c = arg;
  if (c->ok)
    c->ok = check_ref(c->v, *ref);
}

static void each_ref_dominated(IrRef *ref, void *arg)
{
  RefCheck *c = arg;
  if (c->ok && IR_TAG(*ref) == REF_INST && !dominated(c->v, IR_INDEX(*ref)))
    c->ok = wrong(c->v, "a value is used where it is not certain to have been computed");
}

// ---- operand types ----

static bool is_int(const Verifier *v, IrType t)
{
  return type_exists(v, t) && tir_int_bits(v->m, t);
}

static bool is_float(IrType t)
{
  return t >= IRT_F16 && t <= IRT_F32;
}

static unsigned width(const Verifier *v, IrType t)
{
  static const uint8_t bits[IRT_FIRST_AGGREGATE] = {
      [IRT_BOOL] = 1, [IRT_I8] = 8,    [IRT_I16] = 16,  [IRT_I32] = 32, [IRT_I64] = 64,
      [IRT_F16] = 16, [IRT_BF16] = 16, [IRT_CB16] = 16, [IRT_F32] = 32, [IRT_PTR] = 16,
  };
  if (t < IRT_FIRST_AGGREGATE)
    return bits[t];
  return type_exists(v, t) ? tir_int_bits(v->m, t) : 0;
}

// Does a type fit a letter of ir/forms.def?
static bool fits(const Verifier *v, char letter, IrType t, IrType result, IrType first)
{
  switch (letter) {
  case 'T': return t == result;
  case 'A': return t == first;
  case 'P': return t == IRT_PTR;
  case 'B': return t == IRT_BOOL;
  case 'W': return t == IRT_I16;
  case 'L': return t == IRT_I32;
  case 'I': return is_int(v, t);
  case 'J': return is_int(v, t) || t == IRT_BOOL;
  case 'F': return is_float(t);
  case 'S': return t == IRT_F32;
  case 'X': return t != IRT_PTR && (width(v, t) == 16 || width(v, t) == 32);
  case 'D': return t == IRT_DSD || t == IRT_DSD4;
  case '1': return t == IRT_DSD;
  case 'E': return is_int(v, t) || t == IRT_BOOL || t == IRT_PTR;
  case 'V': return t != IRT_VOID;
  default: return false;
  }
}

static bool check_operand(Verifier *v, const IrInst *in, unsigned k, char letter)
{
  IrRef refs[] = {in->a, in->b, in->c};
  bool optional = letter >= 'a' && letter <= 'z';
  if (refs[k] == IR_NONE)
    return optional || wrong(v, "operand %c is missing", 'a' + k);
  IrType t = tir_type_of(v->m, v->func, refs[k]);
  if (optional)
    letter = (char)(letter - 'a' + 'A');
  if (in->op == IR_DSD_RUN)
    return true; // what the operand may be depends on its kind: check_dsd_run
  if (fits(v, letter, t, in->type, tir_type_of(v->m, v->func, in->a)))
    return true;
  if (t >= IRT_FIRST_AGGREGATE && is_int(v, t))
    return wrong(v, "operand %c has type i%u, which does not fit", 'a' + k, width(v, t));
  return wrong(v, "operand %c has type %s, which does not fit", 'a' + k,
               t < IRT_FIRST_AGGREGATE ? ir_scalar_names[t] : "aggregate");
}

static bool check_operands(Verifier *v, const IrInst *in)
{
  const IrForm *form = ir_form((IrOp)in->op);
  size_t n = strlen(form->operands);
  for (unsigned k = 0; k < n; k++)
    if (!check_operand(v, in, k, form->operands[k]))
      return false;
  if ((n < 1 && in->a) || (n < 2 && in->b) || (n < 3 && in->c))
    return wrong(v, "there are more operands than the operation takes");
  return true;
}

static bool check_result(Verifier *v, const IrInst *in)
{
  char letter = ir_form((IrOp)in->op)->result, fixed = tir_op((IrOp)in->op)->result;
  IrType given = fixed == 'V' ? IRT_VOID : fixed == 'B' ? IRT_BOOL : IRT_PTR;
  bool ok = letter == '-'   ? in->type == given
            : letter == 'v' ? true
            : letter == 'y' ? in->type == IRT_VOID || fits(v, 'X', in->type, 0, 0)
                            : fits(v, letter, in->type, 0, 0);
  return ok || wrong(v, "the result type does not fit");
}

// ---- numbers in aux and lists ----

static bool check_block_number(Verifier *v, uint32_t block)
{
  return block < arrlenu(v->m->funcs[v->func].blocks) ||
         wrong(v, "block b%u does not exist", block);
}

static bool check_dsr(Verifier *v, uint32_t ref)
{
  uint32_t file = ref >> 8, number = ref & 0xff;
  return (file <= DSR_SRC1 && dsr_number_ok(number)) || wrong(v, "%u is no DSR", ref);
}

static bool check_fabric(Verifier *v, uint32_t i)
{
  if (i >= arrlenu(v->m->fabrics))
    return wrong(v, "fabric description %u does not exist", i);
  const DsdFabric *f = &v->m->fabrics[i];
  if (f->kind != DSD_FABIN && f->kind != DSD_FABOUT)
    return wrong(v, "a fabric DSD is fabin or fabout");
  return ((f->queue < MAX_QUEUES || f->queue == 0xff) && f->simd <= SIMD_MAX && f->priority <= 3) ||
         wrong(v, "queue, simd or priority of a fabric DSD is out of range");
}

static bool check_switch(Verifier *v, const IrInst *in)
{
  const uint32_t *list = ir_list(v->m, in);
  if (in->nlist % 3 != 1)
    return wrong(v, "the list of a switch is a default block and triples");
  for (uint32_t i = 0; i < in->nlist; i += 3)
    if (!check_block_number(v, list[i]))
      return false;
  for (uint32_t i = 1; i < in->nlist; i += 3)
    if (list[i] > list[i + 1])
      return wrong(v, "the range %u..%u of a switch is empty", list[i], list[i + 1]);
  return true;
}

static bool check_mem4d(Verifier *v, const IrInst *in)
{
  const uint32_t *list = ir_list(v->m, in);
  return (in->nlist == 9 && list[0] >= 1 && list[0] <= 4) ||
         wrong(v, "a mem4d descriptor has 1 to 4 dimensions");
}

static bool check_list_length(Verifier *v, const IrInst *in, uint32_t n)
{
  return in->nlist == n || wrong(v, "its list has %u entries instead of %u", in->nlist, n);
}

static bool check_dsd_use_number(Verifier *v, const IrInst *in)
{
  if (!check_list_length(v, in, 2))
    return false;
  uint32_t use = v->m->extra[in->list + 1];
  if (use >= arrlenu(v->m->dsd_uses))
    return wrong(v, "DSD use %u does not exist", use);
  if (v->used_dsd_use[use]++)
    return wrong(v, "two operations share DSD use %u", use);
  return true;
}

// What a directive of the syntax says about aux and list.
static bool check_directive(Verifier *v, const IrInst *in, char directive)
{
  const TileModule *m = v->m;
  switch (directive) {
  case 't': return (type_exists(v, in->aux) && in->aux != IRT_VOID) || wrong(v, "no such type");
  case 'k': return check_block_number(v, in->aux);
  case 'f': return in->aux < arrlenu(m->funcs) || wrong(v, "function %u does not exist", in->aux);
  case 's': return in->aux < arrlenu(m->strings) || wrong(v, "string %u does not exist", in->aux);
  case 'r': return check_dsr(v, in->aux);
  case 'q': return in->aux <= TARGET_UT || wrong(v, "no such kind of target");
  case 'd': return in->aux <= 1 || wrong(v, "a queue is input or output");
  case 'l':
    return in->aux / 2 < arrlenu(m->fifos) || wrong(v, "FIFO %u does not exist", in->aux / 2);
  case 'o': return in->aux < DSD_OPS || wrong(v, "no such DSD operation");
  case 'y': return in->aux < SYS_OPS || wrong(v, "no such system operation");
  case 'F': return check_fabric(v, in->aux);
  case 'w': return in->aux == 0 || in->aux == DSD_WIO || wrong(v, "aux is neither 0 nor DSD_WIO");
  case 'B':
    return check_list_length(v, in, 2) && check_block_number(v, m->extra[in->list]) &&
           check_block_number(v, m->extra[in->list + 1]);
  case 'K': return check_switch(v, in);
  case 'M': return check_mem4d(v, in);
  case 'U': return check_dsd_use_number(v, in);
  case 'L': return check_list_length(v, in, 4);
  case 'n': return in->list <= arrlenu(m->names) || wrong(v, "no such name");
  default: return true;
  }
}

static bool check_numbers(Verifier *v, const IrInst *in)
{
  if (tir_op((IrOp)in->op)->list &&
      (in->list > arrlenu(v->m->extra) || in->nlist > arrlenu(v->m->extra) - in->list))
    return wrong(v, "its list lies outside of the module's");
  for (const char *s = ir_form((IrOp)in->op)->syntax; *s; s++)
    if (*s == '%' && !check_directive(v, in, *++s))
      return false;
  return true;
}

// ---- rules of single operations ----

static bool check_call(Verifier *v, const IrInst *in)
{
  const IrFunc *callee = &v->m->funcs[in->aux];
  const uint32_t *list = ir_list(v->m, in);
  if (in->nlist != arrlenu(callee->params))
    return wrong(v, "%u arguments for the %zu parameters of @%s", in->nlist,
                 arrlenu(callee->params), callee->name);
  for (uint32_t i = 0; i < in->nlist; i++)
    if (list[i] == IR_NONE || tir_type_of(v->m, v->func, list[i]) != callee->params[i])
      return wrong(v, "argument %u of the call of @%s has another type", i, callee->name);
  return in->type == callee->result || wrong(v, "the result of @%s has another type", callee->name);
}

static bool check_convert(Verifier *v, const IrInst *in)
{
  unsigned from = width(v, tir_type_of(v->m, v->func, in->a)), to = width(v, in->type);
  bool ok = true;
  if (in->op == IR_TRUNC)
    ok = to < from;
  else if (in->op == IR_ZEXT || in->op == IR_SEXT)
    ok = to > from;
  else if (in->op == IR_BITCAST)
    ok = to == from && to >= 8;
  else if (in->op == IR_PTRTOINT)
    ok = to >= 16;
  return ok || wrong(v, "it cannot make %u bits of %u", to, from);
}

static bool check_dsd_operand(Verifier *v, const DsdOperand *o, IrRef value, bool dest)
{
  if (o->kind == OPND_NONE || o->kind == OPND_SCALAR || o->kind == OPND_DSR) {
    if (value != IR_NONE)
      return wrong(v, "a DSD operand has a value that its kind has no use for");
    if (dest && o->kind != OPND_DSR)
      return wrong(v, "the destination of a DSD operation is a DSD, a DSR or a pointer");
    return o->kind != OPND_DSR || o->number != DSR_AUTO || wrong(v, "a named DSR needs a number");
  }
  if (o->kind > OPND_POINTER)
    return wrong(v, "a DSD operand of a kind that is not possible here");
  IrType t = tir_type_of(v->m, v->func, value);
  bool ok = o->kind == OPND_POINTER ? t == IRT_PTR : t == IRT_DSD || t == IRT_DSD4;
  return ok || wrong(v, "a DSD operand has the wrong type");
}

static bool check_dsd_run(Verifier *v, const IrInst *in)
{
  const uint32_t *list = ir_list(v->m, in);
  const DsdUse *u = &v->m->dsd_uses[list[1]];
  const DsdOperand *all[] = {&u->dest, &u->src0, &u->src1};
  for (int i = 0; i < 3; i++)
    if ((all[i]->kind == OPND_DSD || all[i]->kind == OPND_DSR || all[i]->kind == OPND_POINTER) &&
        !check_dsr(v, DSR_REF(all[i]->file, all[i]->number)))
      return false;
  bool dest = in->aux != DSD_dfilt || u->dest.kind != OPND_NONE; // it only counts
  if (!check_dsd_operand(v, &u->dest, in->a, dest) ||
      !check_dsd_operand(v, &u->src0, in->b, false) ||
      !check_dsd_operand(v, &u->src1, in->c, false))
    return false;
  DsdShape shape = isa_dsd((DsdOp)in->aux)->shape;
  if ((shape == SHAPE_UN) != (u->src0.kind == OPND_NONE) || u->src1.kind == OPND_NONE)
    return wrong(v, "%s takes %s", isa_dsd((DsdOp)in->aux)->name,
                 shape == SHAPE_UN ? "one source, src1" : "two sources");
  bool scalar = shape == SHAPE_MAC || u->src0.kind == OPND_SCALAR || u->src1.kind == OPND_SCALAR;
  if (scalar != (list[0] != IR_NONE))
    return wrong(v, scalar ? "its scalar is missing" : "it has a scalar that nothing uses");
  return !scalar || fits(v, 'X', tir_type_of(v->m, v->func, list[0]), 0, 0) ||
         wrong(v, "its scalar has the wrong type");
}

static bool check_sys(Verifier *v, const IrInst *in)
{
  const SysOpInfo *s = isa_sys((SysOp)in->aux);
  if (s->imm)
    return wrong(v, "%s names a register and has an operation of its own", s->name);
  if (s->rs1 != (in->a != IR_NONE) || s->rs2 != (in->b != IR_NONE))
    return wrong(v, "the operands of %s do not fit", s->name);
  return s->rd || in->type == IRT_VOID || wrong(v, "%s has no result", s->name);
}

static bool check_ret(Verifier *v, const IrInst *in)
{
  IrType want = v->m->funcs[v->func].result;
  IrType have = in->a == IR_NONE ? IRT_VOID : tir_type_of(v->m, v->func, in->a);
  return want == have || wrong(v, "the returned value has another type than the function");
}

static bool check_special(Verifier *v, const IrInst *in)
{
  switch (in->op) {
  case IR_SLOT: return v->block == 0 || wrong(v, "a slot stands in the entry block");
  case IR_CALL: return check_call(v, in);
  case IR_TRUNC:
  case IR_ZEXT:
  case IR_SEXT:
  case IR_BITCAST:
  case IR_PTRTOINT: return check_convert(v, in);
  case IR_DSD_RUN: return check_dsd_run(v, in);
  case IR_SYS: return check_sys(v, in);
  case IR_RET: return check_ret(v, in);
  case IR_DSD_FIFO:
    return in->aux < arrlenu(v->m->fifos) || wrong(v, "FIFO %u does not exist", in->aux);
  case IR_MAP_GET:
  case IR_MAP_PUT:
    return (in->aux < DSR_AUTO && dsr_number_ok(in->aux)) ||
           wrong(v, "%u is no DSR number", in->aux);
  default: return true;
  }
}

// ---- functions ----

// Numbers and references first: the rules look at what they lead to.
static void check_inst(Verifier *v, const IrInst *in)
{
  RefCheck c = {v, true};
  if (!type_exists(v, in->type)) {
    wrong(v, "type %u does not exist", in->type);
    return;
  }
  if (!check_numbers(v, in))
    return;
  ir_each_ref((TileModule *)v->m, (IrInst *)in, each_ref_in_range, &c); // only looks
  if (c.ok)
    ir_each_ref((TileModule *)v->m, (IrInst *)in, each_ref_dominated, &c);
  if (c.ok && check_result(v, in) && check_operands(v, in))
    check_special(v, in);
}

// Every block ends in its only terminator, every instruction is in one block at most.
static bool check_blocks(Verifier *v, const IrFunc *f)
{
  arrsetlen(v->block_of, arrlenu(f->insts) + 1);
  arrsetlen(v->place, arrlenu(f->insts) + 1);
  memset(v->block_of, 0xff, (arrlenu(f->insts) + 1) * sizeof *v->block_of);
  for (v->block = 0; v->block < arrlenu(f->blocks); v->block++) {
    const uint32_t *insts = f->blocks[v->block].insts;
    size_t n = arrlenu(insts);
    v->inst = NOWHERE;
    if (n == 0)
      return wrong(v, "block b%u is empty", v->block);
    for (size_t i = 0; i < n; i++) {
      if (insts[i] >= arrlenu(f->insts) || v->block_of[insts[i]] != NOWHERE)
        return wrong(v, "block b%u holds an instruction that does not exist or is elsewhere",
                     v->block);
      if (f->insts[insts[i]].op >= IR_OPS)
        return wrong(v, "an instruction without operation");
      v->block_of[insts[i]] = v->block;
      v->place[insts[i]] = (uint32_t)i;
      v->inst = insts[i];
      v->pos = f->insts[insts[i]].pos;
      if (tir_op((IrOp)f->insts[insts[i]].op)->terminator != (i + 1 == n))
        return wrong(v, i + 1 == n ? "the block does not end in a terminator"
                                   : "a terminator in the middle of a block");
    }
  }
  return true;
}

// The targets of terminators are needed by the dominator tree before the instructions are looked
// at.
static bool check_targets(Verifier *v, const IrFunc *f)
{
  for (v->block = 0; v->block < arrlenu(f->blocks); v->block++) {
    v->inst = arrlast(f->blocks[v->block].insts);
    v->pos = f->insts[v->inst].pos;
    if (!check_numbers(v, &f->insts[v->inst]))
      return false;
  }
  return true;
}

static void check_func(Verifier *v, uint32_t number)
{
  const IrFunc *f = &v->m->funcs[number];
  v->func = number;
  v->block = 0;
  v->inst = NOWHERE;
  v->pos = f->pos;
  bool types = type_exists(v, f->result);
  for (size_t i = 0; i < arrlenu(f->params); i++)
    types &= type_exists(v, f->params[i]) && f->params[i] != IRT_VOID;
  if (!types) {
    wrong(v, "a parameter or result type does not exist");
    return;
  }
  if (!check_blocks(v, f) || !check_targets(v, f))
    return;
  for (v->block = 0; v->block < arrlenu(f->blocks); v->block++)
    for (size_t i = 0; i < arrlenu(f->blocks[v->block].insts); i++) {
      v->inst = f->blocks[v->block].insts[i];
      v->pos = f->insts[v->inst].pos;
      check_inst(v, &f->insts[v->inst]);
    }
  arrfree(v->idom);
}

// ---- module ----

static void check_global(Verifier *v, const IrGlobal *g)
{
  v->pos = g->pos;
  if (!type_exists(v, g->type) || g->type == IRT_VOID) {
    wrong(v, "global @%s has a type that does not exist", g->name);
    return;
  }
  uint32_t size = tir_size(v->m, g->type);
  if (g->align & (g->align - 1))
    wrong(v, "the alignment of global @%s is no power of two", g->name);
  for (size_t i = 0; i < arrlenu(g->relocs); i++) {
    const IrReloc *r = &g->relocs[i];
    bool kind = IR_TAG(r->target) == REF_GLOBAL || IR_TAG(r->target) == REF_FUNC;
    if (!kind || !check_ref(v, r->target) || size < 2 || r->offset > size - 2)
      wrong(v, "an address in global @%s is out of bounds", g->name);
  }
  for (size_t i = 0; i < arrlenu(g->patches); i++) {
    bool there = g->patches[i].tileconst < arrlenu(v->m->tileconsts);
    uint32_t bytes = there ? tir_size(v->m, v->m->tileconsts[g->patches[i].tileconst].type) : 0;
    if (!there || size < bytes || g->patches[i].offset > size - bytes)
      wrong(v, "a tile constant in global @%s is out of bounds", g->name);
  }
}

static void check_setup(Verifier *v, const IrSetup *s)
{
  v->pos = s->pos;
  if (s->kind >= SETUP_KINDS) {
    wrong(v, "a setup record of unknown kind");
    return;
  }
  const IrRef refs[] = {s->a, s->b, s->c};
  for (int i = 0; i < 3; i++)
    if (!check_ref(v, refs[i]))
      return;
}

static void check_fifo(Verifier *v, const IrFifo *f)
{
  v->pos = f->pos;
  if (f->buffer >= arrlenu(v->m->globals))
    wrong(v, "FIFO \"%s\" has no buffer", f->name);
  check_ref(v, f->activate_push);
  check_ref(v, f->activate_pop);
}

typedef struct Seen {
  char *key;
  char value;
} Seen;

static void check_unique(Verifier *v, Seen **seen, const char *name, SrcPos pos, const char *what)
{
  v->pos = pos;
  if (shgeti(*seen, name) >= 0)
    wrong(v, "two %s are named @%s", what, name);
  shput(*seen, name, 1);
}

static void check_names(Verifier *v)
{
  Seen *globals = NULL, *funcs = NULL;
  for (size_t i = 0; i < arrlenu(v->m->globals); i++)
    check_unique(v, &globals, v->m->globals[i].name, v->m->globals[i].pos, "globals");
  for (size_t i = 0; i < arrlenu(v->m->funcs); i++)
    check_unique(v, &funcs, v->m->funcs[i].name, v->m->funcs[i].pos, "functions");
  shfree(globals);
  shfree(funcs);
}

bool tir_verify(const TileModule *m, Diags *diags)
{
  Verifier v = {.m = m, .diags = diags, .sound = true, .func = NOWHERE, .inst = NOWHERE};
  arrsetlen(v.used_dsd_use, arrlenu(m->dsd_uses) + 1);
  memset(v.used_dsd_use, 0, arrlenu(m->dsd_uses) + 1);
  check_names(&v);
  for (size_t i = 0; i < arrlenu(m->globals); i++)
    check_global(&v, &m->globals[i]);
  for (size_t i = 0; i < arrlenu(m->setup); i++)
    check_setup(&v, &m->setup[i]);
  for (size_t i = 0; i < arrlenu(m->fifos); i++)
    check_fifo(&v, &m->fifos[i]);
  for (uint32_t i = 0; i < arrlenu(m->funcs); i++)
    check_func(&v, i);
  arrfree(v.block_of);
  arrfree(v.place);
  arrfree(v.used_dsd_use);
  return v.sound;
}
