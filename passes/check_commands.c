// Launched functions that never let the next host command in (libraries 2.2): the program computes
// and the host waits for ever. A function is in order when every path through it unblocks the
// command stream, calls something that may, or starts something that may; tasks that wavelets or
// the program's start run count for all functions.
#include "ir/form.h"
#include "passes/facts.h"
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Checker {
  PassContext *ctx;
  const Facts *facts;
  bool *hope; // stb_ds, per function: it may unblock the stream, by itself or by what it starts
  bool fifo_hope, dsr_hope;
} Checker;

static bool hopeful_function(const Checker *k, uint32_t func)
{
  return func != NO_FUNC && (!arrlen(k->facts->m->funcs[func].blocks) || k->hope[func]);
}

static bool hopeful_id(const Checker *k, uint32_t id)
{
  const Facts *f = k->facts;
  return id < TASK_IDS &&
         (hopeful_function(k, f->local[id].func) || hopeful_function(k, f->data[id].func));
}

static bool hopeful_trigger(const Checker *k, const Trigger *t)
{
  uint32_t id;
  return !ref_value(k->facts->m, t->id, &id) || t->kind == TARGET_UT || hopeful_id(k, id);
}

static bool uses_register(const TileModule *m, const IrInst *in)
{
  const DsdUse *u = &m->dsd_uses[ir_list(m, in)[1]];
  return u->dest.kind == OPND_DSR || u->src0.kind == OPND_DSR || u->src1.kind == OPND_DSR;
}

static bool hopeful_inst(const Checker *k, const IrInst *in)
{
  Trigger t[MAX_TRIGGERS];
  unsigned n = facts_triggers(k->facts->m, in, t);
  for (unsigned i = 0; i < n; i++)
    if (hopeful_trigger(k, &t[i]))
      return true;
  switch (in->op) {
  case IR_CALL: return hopeful_function(k, in->aux);
  case IR_CALLPTR:
  case IR_QUEUE_FLUSH: return true;
  case IR_SYS: return in->aux == SYS_host_next || in->aux == SYS_cfg_write;
  case IR_DSD_FIFO: return k->fifo_hope;
  case IR_DSD_RUN: return k->dsr_hope && uses_register(k->facts->m, in);
  default: return false;
  }
}

static bool hopeful_block(const Checker *k, const IrFunc *f, uint32_t block)
{
  for (size_t i = 0; i < arrlenu(f->blocks[block].insts); i++)
    if (hopeful_inst(k, &f->insts[f->blocks[block].insts[i]]))
      return true;
  return false;
}

static bool raise(Checker *k, uint32_t func)
{
  const IrFunc *f = &k->facts->m->funcs[func];
  for (uint32_t b = 0; !k->hope[func] && b < arrlenu(f->blocks); b++)
    if (hopeful_block(k, f, b))
      return k->hope[func] = true;
  return false;
}

// FIFOs and registers carry the completions that they were given.
static bool raise_shared(Checker *k)
{
  const TileModule *m = k->facts->m;
  bool fifo = k->fifo_hope, dsr = k->dsr_hope;
  uint32_t id;
  for (size_t i = 0; i < arrlenu(m->fifos); i++) {
    IrRef refs[2] = {m->fifos[i].activate_push, m->fifos[i].activate_pop};
    for (int r = 0; r < 2; r++)
      k->fifo_hope |= ref_value(m, refs[r], &id) && hopeful_id(k, id);
  }
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    uint32_t cfg = 0;
    if (m->setup[i].kind == SETUP_DSR && ref_value(m, m->setup[i].c, &cfg))
      k->dsr_hope |= (cfg & CFG_ASYNC) != 0; // it completes, and what then runs is not followed
  }
  return k->fifo_hope != fifo || k->dsr_hope != dsr;
}

static void see_load(const IrFunc *func, const IrInst *in, bool sure, void *arg)
{
  Checker *k = arg;
  (void)func;
  (void)sure;
  if (in->op == IR_DSR_LOAD && ir_list(k->facts->m, in)[0] & CFG_ASYNC)
    k->dsr_hope = true;
}

static void find_hope(Checker *k)
{
  bool news = true;
  facts_each(k->facts, see_load, k);
  while (news) {
    news = raise_shared(k);
    for (uint32_t i = 0; i < arrlenu(k->facts->m->funcs); i++)
      news |= raise(k, i);
  }
}

// Does a task that wavelets, the program's start or the machine run unblock the stream?
static bool event_unblocks(const Checker *k)
{
  const TileModule *m = k->facts->m;
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    const IrSetup *s = &m->setup[i];
    bool event = s->kind == SETUP_TASK_DATA || s->kind == SETUP_TASK_CONTROL ||
                 s->kind == SETUP_ROTATE ||
                 (s->kind == SETUP_TASK_LOCAL && s->id == TASK_ID_TEARDOWN);
    if (event && IR_TAG(s->a) == REF_FUNC && hopeful_function(k, IR_INDEX(s->a)))
      return true;
    if (s->kind == SETUP_ROTATE && IR_TAG(s->b) == REF_FUNC && hopeful_function(k, IR_INDEX(s->b)))
      return true;
    if (s->kind == SETUP_ACTIVATE && hopeful_id(k, s->id))
      return true;
  }
  return false;
}

// A return that is reached without hope; NO_FUNC if there is none.
static uint32_t hopeless_return(const Checker *k, const IrFunc *f)
{
  enum { MOST = 64 };
  uint32_t *work = NULL, succ[MOST], found = NO_FUNC;
  bool *seen = NULL;
  arrsetlen(seen, arrlenu(f->blocks) + 1);
  memset(seen, 0, arrlenu(seen) * sizeof *seen);
  arrput(work, 0);
  while (arrlen(work) && found == NO_FUNC) {
    uint32_t b = arrpop(work), last = arrlast(f->blocks[b].insts);
    if (seen[b] || hopeful_block(k, f, b))
      continue;
    seen[b] = true;
    if (f->insts[last].op == IR_RET)
      found = last;
    uint32_t n = ir_successors(k->facts->m, f, b, succ, MOST);
    for (uint32_t i = 0; i < n && i < MOST; i++)
      arrput(work, succ[i]);
  }
  arrfree(work);
  arrfree(seen);
  return found;
}

static void report(const Checker *k, const IrFunc *f, bool always, SrcPos end)
{
  Diags *d = k->ctx->diags;
  char where[WHERE_SIZE];
  fabric_where(k->ctx->fabric, fabric_class_of(k->ctx->fabric, k->facts->m), where);
  if (always) {
    DIAG_AT(d, never_unblocks, pos_range(f->pos), f->name, where);
  } else {
    DIAG_AT(d, may_not_unblock, pos_range(f->pos), f->name, where);
    diag_note(d, pos_range(end), "it returns here without having done it");
  }
  diag_note(d, (SrcRange){0},
            "call sys_mod.unblock_cmd_stream() where the work is done, or in the task that runs "
            "last (sys_mod: the import of <memcpy/memcpy>)");
}

static void check_export(const Checker *k, uint32_t func)
{
  const IrFunc *f = &k->facts->m->funcs[func];
  if (!arrlen(f->blocks))
    return;
  if (k->hope[func] && k->facts->knows_place)
    return; // which path is taken depends on where the tile is
  uint32_t end = hopeless_return(k, f);
  if (end != NO_FUNC)
    report(k, f, !k->hope[func], f->insts[end].pos);
}

static void check_exports(const Checker *k)
{
  const TileModule *m = k->facts->m;
  for (size_t i = 0; i < arrlenu(m->setup); i++)
    if (m->setup[i].kind == SETUP_EXPORT_FUNC && IR_TAG(m->setup[i].a) == REF_FUNC)
      check_export(k, IR_INDEX(m->setup[i].a));
}

bool pass_check_commands(PassContext *ctx)
{
  if (!ctx->fabric || !ctx->fabric->memcpy)
    return true;
  Facts facts = facts_of(ctx->tile);
  Checker k = {.ctx = ctx, .facts = &facts};
  arrsetlen(k.hope, arrlenu(ctx->tile->funcs) + 1);
  memset(k.hope, 0, arrlenu(k.hope) * sizeof *k.hope);
  find_hope(&k);
  if (!event_unblocks(&k))
    check_exports(&k);
  arrfree(k.hope);
  facts_free(&facts);
  return true;
}
