// Reachability over functions and tasks; see facts.h.
#include "passes/facts.h"
#include "ir/form.h"
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <stdio.h>
#include <string.h>

// ---- triggers ----

static unsigned add(Trigger *out, unsigned n, uint32_t action, uint32_t kind, IrRef id)
{
  if (action != ACTION_ACTIVATE && action != ACTION_UNBLOCK)
    return n;
  out[n] = (Trigger){(uint8_t)action, (uint8_t)kind, id};
  return n + 1;
}

static unsigned of_word(uint32_t cfg, IrRef completion, IrRef on_control, Trigger *out)
{
  unsigned n = add(out, 0, cfg >> CFG_ACTION_SHIFT & 3, cfg >> CFG_KIND_SHIFT & 3, completion);
  return add(out, n, cfg >> CFG_OC_ACTION_SHIFT & 3, cfg >> CFG_OC_KIND_SHIFT & 3, on_control);
}

unsigned facts_triggers(const TileModule *m, const IrInst *in, Trigger out[MAX_TRIGGERS])
{
  const uint32_t *list = ir_list(m, in);
  switch (in->op) {
  case IR_ACTIVATE: return add(out, 0, ACTION_ACTIVATE, TARGET_TASK, in->a);
  case IR_UNBLOCK: return add(out, 0, ACTION_UNBLOCK, in->aux, in->a);
  case IR_DSR_LOAD: return of_word(list[0], list[1], list[2], out);
  case IR_DSD_RUN: {
    const DsdUse *u = &m->dsd_uses[list[1]];
    return of_word(u->cfg, u->completion, u->on_control, out);
  }
  default: return 0;
  }
}

// ---- blocks that every path passes ----

enum { MAX_SUCCESSORS = 64, MANY_BLOCKS = 400 }; // of a longer function only the entry counts

static bool *flags(size_t n)
{
  bool *list = NULL;
  arrsetlen(list, n + 1);
  memset(list, 0, (n + 1) * sizeof *list);
  return list;
}

// Is there a path from the entry to a return that avoids block `without` (NO_FUNC: none)?
static bool returns(const TileModule *m, const IrFunc *f, uint32_t without)
{
  bool *seen = flags(arrlenu(f->blocks)), found = false;
  uint32_t *work = NULL, succ[MAX_SUCCESSORS], n;
  if (without != 0)
    arrput(work, 0);
  while (arrlen(work) && !found) {
    uint32_t b = arrpop(work);
    if (seen[b] || b == without)
      continue;
    seen[b] = true;
    found = f->insts[arrlast(f->blocks[b].insts)].op == IR_RET;
    n = ir_successors(m, f, b, succ, MAX_SUCCESSORS);
    found |= n > MAX_SUCCESSORS; // a path that is not followed may return
    for (uint32_t i = 0; i < n && i < MAX_SUCCESSORS; i++)
      arrput(work, succ[i]);
  }
  arrfree(work);
  arrfree(seen);
  return found;
}

// Blocks that every path from the entry to a return passes, a flag each (stb_ds).
static bool *always_passed(const TileModule *m, const IrFunc *f)
{
  size_t n = arrlenu(f->blocks);
  bool *always = flags(n);
  if (n)
    always[0] = true;
  if (n > MANY_BLOCKS || !n || !returns(m, f, NO_FUNC))
    return always;
  for (uint32_t b = 1; b < n; b++)
    always[b] = !returns(m, f, b);
  return always;
}

// ---- what may run ----

typedef struct Walk {
  Facts *f;
  bool *reached;  // may_run or must_run
  bool sure;      // only what happens in any case
  uint32_t *work; // stb_ds
  uint64_t activated;
} Walk;

static void reach(Walk *w, uint32_t func)
{
  if (func == NO_FUNC || w->reached[func])
    return;
  w->reached[func] = true;
  arrput(w->work, func);
}

static void activate(Walk *w, uint32_t id)
{
  if (id >= TASK_IDS)
    return;
  w->activated |= 1ull << id;
  reach(w, w->f->local[id].func);
}

static void activate_all(Walk *w)
{
  w->f->activates_any = true;
  for (uint32_t id = 0; id < TASK_IDS; id++)
    activate(w, id);
}

static void unblock(Facts *f, const Trigger *t)
{
  uint32_t id;
  if (!ref_value(f->m, t->id, &id) || id >= TASK_IDS)
    f->unblocks_any = true;
  else
    f->unblocked[t->kind] |= 1ull << id;
}

static void follow(Walk *w, const Trigger *t)
{
  uint32_t id;
  if (t->action == ACTION_UNBLOCK)
    unblock(w->f, t);
  else if (ref_value(w->f->m, t->id, &id))
    activate(w, id);
  else if (!w->sure)
    activate_all(w);
}

static void see_address(IrRef *ref, void *arg)
{
  if (IR_TAG(*ref) == REF_FUNC)
    reach(arg, IR_INDEX(*ref));
}

static void see_inst(Walk *w, IrInst *in)
{
  Trigger t[MAX_TRIGGERS];
  unsigned n = facts_triggers(w->f->m, in, t);
  for (unsigned i = 0; i < n; i++)
    follow(w, &t[i]);
  if (in->op == IR_CALL)
    reach(w, in->aux);
  if (!w->sure) // a function whose address is taken may be called
    ir_each_ref((TileModule *)w->f->m, in, see_address, w);
  if (in->op == IR_SYS && in->aux == SYS_coord)
    w->f->knows_place = true;
  if (in->op == IR_SYS && in->aux == SYS_cfg_write)
    w->f->writes_config = true;
}

static void walk_function(Walk *w, uint32_t number)
{
  const IrFunc *f = &w->f->m->funcs[number];
  bool *always = w->sure ? always_passed(w->f->m, f) : NULL;
  for (size_t b = 0; b < arrlenu(f->blocks); b++)
    for (size_t i = 0; (!always || always[b]) && i < arrlenu(f->blocks[b].insts); i++)
      see_inst(w, &f->insts[f->blocks[b].insts[i]]);
  arrfree(always);
}

static void walk(Walk *w)
{
  while (arrlen(w->work))
    walk_function(w, arrpop(w->work));
  arrfree(w->work);
}

static uint32_t function_in(IrRef ref)
{
  return IR_TAG(ref) == REF_FUNC ? IR_INDEX(ref) : NO_FUNC;
}

// Events from outside of the program that run functions.
static void start_from_setup(Walk *w, const IrSetup *s)
{
  uint32_t first = function_in(s->a), second = function_in(s->b);
  switch (s->kind) {
  case SETUP_EXPORT_FUNC: reach(w, first); break;
  case SETUP_ACTIVATE: activate(w, s->id); break;
  case SETUP_TASK_DATA:
  case SETUP_TASK_CONTROL:
  case SETUP_ROTATE:
    if (!w->sure) {
      reach(w, first);
      reach(w, second);
    }
    break;
  default: break;
  }
}

static void activate_ref(Walk *w, IrRef ref)
{
  Trigger t = {ACTION_ACTIVATE, TARGET_TASK, ref};
  if (ref != IR_NONE)
    follow(w, &t);
}

static void start_from_machine(Walk *w)
{
  const TileModule *m = w->f->m;
  activate(w, TASK_ID_TEARDOWN);
  for (size_t i = 0; i < arrlenu(m->fifos); i++) {
    activate_ref(w, m->fifos[i].activate_push);
    activate_ref(w, m->fifos[i].activate_pop);
  }
  for (uint32_t i = 0; i < arrlenu(m->funcs); i++)
    if (m->funcs[i].exported)
      reach(w, i);
  for (size_t i = 0; i < arrlenu(m->globals); i++)
    for (size_t k = 0; k < arrlenu(m->globals[i].relocs); k++)
      reach(w, function_in(m->globals[i].relocs[k].target));
}

// A register set up in a comptime block: ids are bits of its configuration word.
static void start_from_dsr(Walk *w, const IrSetup *s)
{
  uint32_t cfg;
  if (s->kind != SETUP_DSR || !ref_value(w->f->m, s->c, &cfg))
    return;
  if ((cfg >> CFG_ACTION_SHIFT & 3) == ACTION_ACTIVATE)
    activate(w, cfg >> CFG_TARGET_SHIFT & 63);
  if ((cfg >> CFG_OC_ACTION_SHIFT & 3) == ACTION_ACTIVATE)
    activate(w, cfg >> CFG_OC_TARGET_SHIFT & 63);
  if ((cfg >> CFG_ACTION_SHIFT & 3) == ACTION_UNBLOCK ||
      (cfg >> CFG_OC_ACTION_SHIFT & 3) == ACTION_UNBLOCK)
    w->f->unblocks_any = true;
}

static uint64_t run(Facts *f, bool *reached, bool sure)
{
  Walk w = {.f = f, .reached = reached, .sure = sure};
  for (size_t i = 0; i < arrlenu(f->m->setup); i++) {
    start_from_setup(&w, &f->m->setup[i]);
    if (!sure)
      start_from_dsr(&w, &f->m->setup[i]);
  }
  if (!sure)
    start_from_machine(&w);
  walk(&w);
  return w.activated;
}

// ---- bindings ----

static void note_task(Facts *f, const IrSetup *s)
{
  TaskFact *list = s->kind == SETUP_TASK_LOCAL     ? f->local
                   : s->kind == SETUP_TASK_DATA    ? f->data
                   : s->kind == SETUP_TASK_CONTROL ? f->control
                   : s->kind == SETUP_ROTATE       ? f->data
                                                   : NULL;
  if (list && s->id < TASK_IDS)
    list[s->id] = (TaskFact){function_in(s->a), s->pos};
}

static void note_setup(Facts *f, const IrSetup *s)
{
  uint32_t kind;
  note_task(f, s);
  if (s->kind == SETUP_UNBLOCK && ref_value(f->m, s->a, &kind) && kind <= TARGET_UT &&
      s->id < TASK_IDS)
    f->unblocked[kind] |= 1ull << s->id;
  f->writes_config |= s->kind == SETUP_CONFIG;
}

Facts facts_of(const TileModule *m)
{
  Facts f = {.m = m, .may_run = flags(arrlenu(m->funcs)), .must_run = flags(arrlenu(m->funcs))};
  for (int i = 0; i < TASK_IDS; i++)
    f.local[i].func = f.data[i].func = f.control[i].func = NO_FUNC;
  for (size_t i = 0; i < arrlenu(m->setup); i++)
    note_setup(&f, &m->setup[i]);
  f.activated = run(&f, f.may_run, false);
  run(&f, f.must_run, true);
  return f;
}

void facts_free(Facts *f)
{
  arrfree(f->may_run);
  arrfree(f->must_run);
}

void facts_each(const Facts *f,
                void (*fn)(const IrFunc *func, const IrInst *in, bool sure, void *arg), void *arg)
{
  for (size_t i = 0; i < arrlenu(f->m->funcs); i++) {
    const IrFunc *func = &f->m->funcs[i];
    if (!f->may_run[i])
      continue;
    bool *always = always_passed(f->m, func);
    for (size_t b = 0; b < arrlenu(func->blocks); b++)
      for (size_t k = 0; k < arrlenu(func->blocks[b].insts); k++)
        fn(func, &func->insts[func->blocks[b].insts[k]], f->must_run[i] && always[b], arg);
    arrfree(always);
  }
}

// ---- texts ----

uint32_t fabric_class_of(const FabricModule *f, const TileModule *m)
{
  for (uint32_t i = 0; f && i < arrlenu(f->classes); i++)
    if (f->classes[i].module == m)
      return i;
  return FABRIC_NO_CLASS;
}

const char *fabric_where(const FabricModule *f, uint32_t class, char buf[WHERE_SIZE])
{
  uint32_t x0 = UINT32_MAX, y0 = UINT32_MAX, x1 = 0, y1 = 0, n = 0, first = 0;
  for (uint32_t i = 0; f && class != FABRIC_NO_CLASS && i < f->width * f->height; i++) {
    uint32_t x = i % f->width, y = i / f->width;
    if (f->tile_class[i] != class)
      continue;
    first = n++ ? first : i;
    x0 = x < x0 ? x : x0;
    x1 = x > x1 ? x : x1;
    y0 = y < y0 ? y : y0;
    y1 = y > y1 ? y : y1;
  }
  if (n == 0)
    snprintf(buf, WHERE_SIZE, "this program");
  else if (n == 1)
    snprintf(buf, WHERE_SIZE, "tile %u,%u", x0, y0);
  else if (n == (x1 - x0 + 1) * (y1 - y0 + 1))
    snprintf(buf, WHERE_SIZE, "tiles %u..%u,%u..%u", x0, x1, y0, y1);
  else
    snprintf(buf, WHERE_SIZE, "%u tiles from %u,%u on", n, first % f->width, first / f->width);
  return buf;
}
