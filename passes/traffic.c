// Colours that programs send and take; see traffic.h.
#include "passes/traffic.h"
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Reader {
  const Facts *f;
  const Arch *arch;
  ClassTraffic t;
  IrRef in[MAX_QUEUES], out[MAX_QUEUES]; // colours of the queues
} Reader;

static void note(const Reader *r, ColorSet *set, IrRef color)
{
  uint32_t c;
  if (ref_value(r->f->m, color, &c)) {
    if (c < MAX_COLORS)
      set->fixed |= 1u << c;
  } else if (IR_TAG(color) == REF_TILECONST) {
    arrput(set->per_tile, IR_INDEX(color));
  } else {
    set->any = true;
  }
}

static void note_sender(Reader *r, IrRef color, SrcPos pos)
{
  uint32_t c;
  if (!r->t.first_send)
    r->t.first_send = pos;
  if (ref_value(r->f->m, color, &c) && c < MAX_COLORS && !r->t.send_pos[c])
    r->t.send_pos[c] = pos;
}

static IrRef color_of_queue(const Reader *r, bool output, uint32_t queue)
{
  return queue >= MAX_QUEUES ? IR_NONE : output ? r->out[queue] : r->in[queue];
}

// ---- operands ----

static void see_operand(Reader *r, const IrInst *in, bool sure)
{
  const DsdFabric *f = &r->f->m->fabrics[in->aux];
  bool output = f->kind == DSD_FABOUT;
  bool by_queue = !output || r->arch->oq_has_color;
  IrRef color = by_queue ? color_of_queue(r, output, f->queue) : IR_NONE;
  if (color == IR_NONE)
    color = in->b;
  if (color == IR_NONE)
    return; // check-queues has seen to it
  note(r, output ? &r->t.may_send : &r->t.takes, color);
  if (output && sure) {
    note(r, &r->t.sends, color);
    note_sender(r, color, in->pos);
  }
}

static void see(const IrFunc *func, const IrInst *in, bool sure, void *arg)
{
  (void)func;
  if (in->op == IR_DSD_FAB)
    see_operand(arg, in, sure);
}

// A DSD by its words: in a variable, or loaded into a register before the program starts.
static void see_words(Reader *r, uint32_t lo, uint32_t hi)
{
  bool output = (hi & 15) == DSD_FABOUT;
  if ((hi & 15) != DSD_FABIN && !output)
    return;
  ColorSet *set = output ? &r->t.may_send : &r->t.takes;
  IrRef color = lo & DSD_QUEUE_VALID ? color_of_queue(r, output, lo >> DSD_QUEUE_SHIFT & 7) : 0;
  if (lo & DSD_COLOR_VALID)
    set->fixed |= 1u << (lo & 31);
  if (color != IR_NONE)
    note(r, set, color);
  else if (!(lo & DSD_COLOR_VALID))
    set->any = true;
}

static void see_global(Reader *r, const IrGlobal *g)
{
  const TileModule *m = r->f->m;
  IrType t = g->type;
  uint32_t word[2];
  if (t >= IRT_FIRST_AGGREGATE)
    t = m->types[t - IRT_FIRST_AGGREGATE].elem;
  if (t != IRT_DSD || !g->init)
    return;
  for (uint32_t at = 0; at + sizeof word <= tir_size(m, g->type); at += sizeof word) {
    memcpy(word, g->init + at, sizeof word);
    see_words(r, word[0], word[1]);
  }
}

// ---- set-up ----

static bool has_control_tasks(const Facts *f)
{
  for (int id = 0; id < TASK_IDS; id++)
    if (f->control[id].func != NO_FUNC)
      return true;
  return false;
}

static void note_data_task(Reader *r, uint32_t id)
{
  if (!r->arch->data_task_by_queue) {
    r->t.takes.fixed |= id < MAX_COLORS ? 1u << id : 0;
    r->t.task_feed.fixed |= id < MAX_COLORS ? 1u << id : 0;
    return;
  }
  IrRef color = color_of_queue(r, false, id);
  if (color == IR_NONE)
    return;
  note(r, &r->t.takes, color);
  note(r, &r->t.task_feed, color);
}

static void read_setup(Reader *r)
{
  const TileModule *m = r->f->m;
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    const IrSetup *s = &m->setup[i];
    if (s->kind == SETUP_INPUT_QUEUE && s->id < MAX_QUEUES)
      r->in[s->id] = s->a;
    if (s->kind == SETUP_OUTPUT_QUEUE && s->id < MAX_QUEUES)
      r->out[s->id] = s->a;
  }
  bool control = has_control_tasks(r->f);
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    const IrSetup *s = &m->setup[i];
    uint32_t lo, hi;
    if (s->kind == SETUP_TASK_DATA || s->kind == SETUP_ROTATE)
      note_data_task(r, s->id);
    if (s->kind == SETUP_INPUT_QUEUE && control)
      note(r, &r->t.takes, s->a); // its wavelets may all be control wavelets
    if (s->kind == SETUP_DSR && ref_value(m, s->a, &lo) && ref_value(m, s->b, &hi))
      see_words(r, lo, hi);
  }
}

ClassTraffic traffic_of(const Facts *f)
{
  Reader r = {.f = f, .arch = arch_get(f->m->arch)};
  r.t.rewrites = f->writes_config;
  read_setup(&r);
  for (size_t i = 0; i < arrlenu(f->m->globals); i++)
    see_global(&r, &f->m->globals[i]);
  facts_each(f, see, &r);
  if (r.t.rewrites)
    r.t.may_send.any = r.t.takes.any = true;
  return r.t;
}

void traffic_free(ClassTraffic *t)
{
  arrfree(t->sends.per_tile);
  arrfree(t->may_send.per_tile);
  arrfree(t->takes.per_tile);
  arrfree(t->task_feed.per_tile);
}

// ---- per tile ----

static uint32_t tile_const(const FabricClass *c, uint32_t number, size_t nth)
{
  return c->const_values[nth * arrlenu(c->module->tileconsts) + number];
}

uint32_t traffic_mask(const FabricClass *c, const ColorSet *set, size_t nth)
{
  uint32_t mask = set->any ? (1u << MAX_COLORS) - 1 : set->fixed;
  for (size_t i = 0; i < arrlenu(set->per_tile); i++) {
    uint32_t color = tile_const(c, set->per_tile[i], nth);
    mask |= color < MAX_COLORS ? 1u << color : 0;
  }
  return mask;
}

static bool has_color(const FabricClass *c, IrRef ref, uint32_t color, size_t nth)
{
  uint32_t value;
  if (ref_value(c->module, ref, &value))
    return value == color;
  return IR_TAG(ref) == REF_TILECONST && tile_const(c, IR_INDEX(ref), nth) == color;
}

const TaskFact *traffic_task(const FabricClass *c, const Facts *f, uint32_t color, size_t nth)
{
  if (!arch_get(c->module->arch)->data_task_by_queue)
    return f->data[color].func != NO_FUNC ? &f->data[color] : NULL;
  for (size_t i = 0; i < arrlenu(c->module->setup); i++) {
    const IrSetup *s = &c->module->setup[i];
    if (s->kind == SETUP_INPUT_QUEUE && s->id < TASK_IDS && f->data[s->id].func != NO_FUNC &&
        has_color(c, s->a, color, nth))
      return &f->data[s->id];
  }
  return NULL;
}
