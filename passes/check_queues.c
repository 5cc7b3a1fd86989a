// Queues that a fabric operand uses although nothing binds them to a colour (language 14.4,
// sdk-2.10 1.5): the operation would wait for ever. Certain ones are errors; what depends on run
// time is a warning, unless the program asks where it is and so may decide never to come there.
// Two input queues of one colour are a warning, too: a wavelet arrives in one of them.
#include "passes/facts.h"
#include "passes/pass.h"
#include <stb/stb_ds.h>

typedef struct Checker {
  PassContext *ctx;
  const Arch *arch;
  const Facts *facts;
  bool initialized[2][MAX_QUEUES], reported[2][MAX_QUEUES]; // [output][queue]
  bool ok;
} Checker;

static void read_setup(Checker *k)
{
  const TileModule *m = k->facts->m;
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    const IrSetup *s = &m->setup[i];
    if ((s->kind == SETUP_INPUT_QUEUE || s->kind == SETUP_OUTPUT_QUEUE) && s->id < MAX_QUEUES)
      k->initialized[s->kind == SETUP_OUTPUT_QUEUE][s->id] = true;
  }
}

static void check_shared(const Checker *k)
{
  const TileModule *m = k->facts->m;
  const IrSetup *of_color[MAX_COLORS] = {NULL};
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    const IrSetup *s = &m->setup[i];
    uint32_t color;
    if (s->kind != SETUP_INPUT_QUEUE || !ref_value(m, s->a, &color) || color >= MAX_COLORS)
      continue;
    const IrSetup *before = of_color[color];
    of_color[color] = s;
    if (before && before->id != s->id)
      DIAG_AT(k->ctx->diags, queue_shares_color, pos_range(s->pos), before->id, s->id, color,
              before->id < s->id ? before->id : s->id);
  }
}

static void note_fix(Checker *k, bool output, uint32_t queue, uint32_t color, bool color_known)
{
  const char *side = output ? "output" : "input";
  if (color_known)
    diag_note(k->ctx->diags, (SrcRange){0},
              "write @initialize_queue(@get_%s_queue(%u), .{ .color = @get_color(%u) }); in a "
              "comptime block",
              side, queue, color);
  else
    diag_note(k->ctx->diags, (SrcRange){0},
              "write @initialize_queue(@get_%s_queue(%u), .{ .color = … }); in a comptime block",
              side, queue);
}

typedef struct Use { // of a queue by a descriptor
  SrcPos pos;
  bool output, color_known;
  uint32_t queue, color;
} Use;

static void report(Checker *k, const Use *use, bool sure)
{
  Diags *d = k->ctx->diags;
  const char *side = use->output ? "output" : "input";
  char where[WHERE_SIZE];
  if (k->initialized[use->output][use->queue] || k->reported[use->output][use->queue])
    return;
  if (sure)
    DIAG_AT(d, queue_not_initialized, pos_range(use->pos), side, use->queue);
  else
    DIAG_AT(d, queue_uninitialized, pos_range(use->pos), side, use->queue);
  note_fix(k, use->output, use->queue, use->color, use->color_known);
  if (k->ctx->fabric)
    diag_note(d, (SrcRange){0}, "in the program of %s",
              fabric_where(k->ctx->fabric, fabric_class_of(k->ctx->fabric, k->facts->m), where));
  k->reported[use->output][use->queue] = true;
  k->ok &= !sure;
}

// In 1.4 an operation binds the input queue of an operand that names its colour (language 14.4).
static bool binds_itself(const Checker *k, const IrInst *in, bool output)
{
  return !output && in->b != IR_NONE && k->arch->auto_input_queue &&
         k->facts->m->compat != COMPAT_2_10;
}

static void see(const IrFunc *func, const IrInst *in, bool sure, void *arg)
{
  Checker *k = arg;
  (void)func;
  if (in->op != IR_DSD_FAB || (!sure && k->facts->knows_place))
    return;
  const DsdFabric *f = &k->facts->m->fabrics[in->aux];
  bool output = f->kind == DSD_FABOUT;
  if (f->queue >= MAX_QUEUES || (output && !k->arch->oq_has_color) || binds_itself(k, in, output))
    return;
  Use use = {.pos = in->pos, .output = output, .queue = f->queue};
  use.color_known = ref_value(k->facts->m, in->b, &use.color);
  report(k, &use, sure);
}

// Registers that are loaded at the start: whether an operation ever uses one is not known here.
static void see_registers(Checker *k)
{
  const TileModule *m = k->facts->m;
  for (size_t i = 0; i < arrlenu(m->setup) && !k->facts->knows_place; i++) {
    const IrSetup *s = &m->setup[i];
    uint32_t lo, hi;
    if (s->kind != SETUP_DSR || !ref_value(m, s->a, &lo) || !ref_value(m, s->b, &hi))
      continue;
    bool output = (hi & 15) == DSD_FABOUT;
    if ((!output && (hi & 15) != DSD_FABIN) || !(lo & DSD_QUEUE_VALID) ||
        (output && !k->arch->oq_has_color))
      continue;
    Use use = {.pos = s->pos, .output = output, .queue = lo >> DSD_QUEUE_SHIFT & (MAX_QUEUES - 1)};
    use.color_known = lo & DSD_COLOR_VALID;
    use.color = lo & DSD_COLOR_MASK;
    report(k, &use, false);
  }
}

bool pass_check_queues(PassContext *ctx)
{
  Facts facts = facts_of(ctx->tile);
  Checker k = {.ctx = ctx, .arch = arch_get(ctx->tile->arch), .facts = &facts, .ok = true};
  read_setup(&k);
  if (!facts.writes_config) { // else a queue may get its colour at run time
    facts_each(&facts, see, &k);
    see_registers(&k);
    check_shared(&k);
  }
  facts_free(&facts);
  return k.ok;
}
