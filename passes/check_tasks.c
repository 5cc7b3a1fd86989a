// Tasks that can never run: something activates an id without a task, or a task stays blocked for
// ever (language 12, 15.3). Both compile and then hang.
#include "passes/facts.h"
#include "passes/pass.h"
#include <stb/stb_ds.h>

typedef struct Checker {
  PassContext *ctx;
  const Facts *facts;
  uint64_t reported; // ids
} Checker;

static void note_where(const Checker *k)
{
  char where[WHERE_SIZE];
  if (k->ctx->fabric)
    diag_note(k->ctx->diags, (SrcRange){0}, "in the program of %s",
              fabric_where(k->ctx->fabric, fabric_class_of(k->ctx->fabric, k->facts->m), where));
}

// Ids that the toolchain or the memcpy contract give a task.
static bool is_taken_care_of(const Checker *k, uint32_t id)
{
  bool memcpy = k->ctx->fabric && k->ctx->fabric->memcpy;
  return id == TASK_ID_TEARDOWN || (memcpy && memcpy_owns_task(id));
}

static bool is_bound(const Facts *f, uint32_t id)
{
  return f->local[id].func != NO_FUNC || f->data[id].func != NO_FUNC ||
         f->control[id].func != NO_FUNC;
}

static void check_activation(Checker *k, uint32_t id, SrcPos pos)
{
  if (id >= TASK_IDS || is_bound(k->facts, id) || is_taken_care_of(k, id) || k->reported >> id & 1)
    return;
  k->reported |= 1ull << id;
  DIAG_AT(k->ctx->diags, activates_unbound, pos_range(pos), id);
  diag_note(k->ctx->diags, (SrcRange){0},
            "write @bind_local_task(task_name, @get_local_task_id(%u)); in a comptime block", id);
  note_where(k);
}

static void see(const IrFunc *func, const IrInst *in, bool sure, void *arg)
{
  Checker *k = arg;
  Trigger t[MAX_TRIGGERS];
  uint32_t id;
  (void)func;
  if (!sure && k->facts->knows_place)
    return;
  unsigned n = facts_triggers(k->facts->m, in, t);
  for (unsigned i = 0; i < n; i++)
    if (t[i].action == ACTION_ACTIVATE && ref_value(k->facts->m, t[i].id, &id))
      check_activation(k, id, in->pos);
}

static void check_ref(Checker *k, IrRef ref, SrcPos pos)
{
  uint32_t id;
  if (ref_value(k->facts->m, ref, &id))
    check_activation(k, id, pos);
}

static void check_activations(Checker *k)
{
  const TileModule *m = k->facts->m;
  for (size_t i = 0; i < arrlenu(m->setup); i++)
    if (m->setup[i].kind == SETUP_ACTIVATE)
      check_activation(k, m->setup[i].id, m->setup[i].pos);
  for (size_t i = 0; i < arrlenu(m->fifos); i++) {
    check_ref(k, m->fifos[i].activate_push, m->fifos[i].pos);
    check_ref(k, m->fifos[i].activate_pop, m->fifos[i].pos);
  }
  facts_each(k->facts, see, k);
}

// Tasks, colours and input queues share the numbers of data task ids.
static bool is_unblocked(const Facts *f, uint32_t id)
{
  uint64_t all =
      f->unblocked[TARGET_TASK] | f->unblocked[TARGET_COLOR] | f->unblocked[TARGET_INPUT_QUEUE];
  return f->unblocks_any || f->writes_config || all >> id & 1;
}

static void check_blocked(const Checker *k, const IrSetup *s)
{
  const Facts *f = k->facts;
  uint32_t kind;
  if (s->kind != SETUP_BLOCK || !ref_value(f->m, s->a, &kind) || kind == TARGET_UT ||
      s->id >= TASK_IDS)
    return;
  const TaskFact *task = f->local[s->id].func != NO_FUNC ? &f->local[s->id] : &f->data[s->id];
  if (task->func == NO_FUNC || is_unblocked(f, s->id))
    return;
  DIAG_AT(k->ctx->diags, stays_blocked, pos_range(s->pos), s->id, f->m->funcs[task->func].name);
  diag_note(k->ctx->diags, pos_range(task->pos), "the task is bound here");
  diag_note(k->ctx->diags, (SrcRange){0},
            "write @unblock(…) where the task may start, or give an asynchronous operation "
            ".unblock = …");
  note_where(k);
}

bool pass_check_tasks(PassContext *ctx)
{
  Facts facts = facts_of(ctx->tile);
  Checker k = {.ctx = ctx, .facts = &facts};
  check_activations(&k);
  for (size_t i = 0; i < arrlenu(facts.m->setup); i++)
    check_blocked(&k, &facts.m->setup[i]);
  facts_free(&facts);
  return true;
}
