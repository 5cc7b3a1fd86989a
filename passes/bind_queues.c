// Input and output queues: fabric DSDs without a queue get one, data tasks of WSE-2 get the input
// queue that feeds them, and what the program says about queues is checked for contradictions
// (language 13.1, 14.4; sdk-2.10 6.2).
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Queue {
  bool named;   // something in the program uses this number
  bool shared;  // DSDs name several colours with it: each operation binds it
  bool given;   // to DSDs that name no queue, and to nothing else
  IrRef color;  // bound to it, or none
  IrRef by_use; // colour of the first DSD that names it
  SrcPos pos;   // of the first use
} Queue;

typedef struct Turn { // of a colour on a queue that was given to another one first
  IrRef color;
  bool output;
  uint8_t queue;
} Turn;

typedef struct Binder {
  PassContext *ctx;
  TileModule *m;
  const Arch *arch;
  Queue in[MAX_QUEUES], out[MAX_QUEUES];
  Turn *turns; // stb_ds
  bool ok;
} Binder;

static Queue *queue_of(Binder *b, bool output, uint32_t number)
{
  static Queue none;
  return number >= MAX_QUEUES ? &none : output ? &b->out[number] : &b->in[number];
}

static void name_queue(Binder *b, bool output, uint32_t number, SrcPos pos)
{
  Queue *q = queue_of(b, output, number);
  if (!q->named)
    q->pos = pos;
  q->named = true;
}

// Are both colours known, and different?
static bool differ(const Binder *b, IrRef x, IrRef y)
{
  uint32_t p, q;
  return ref_value(b->m, x, &p) && ref_value(b->m, y, &q) && p != q;
}

static uint32_t color_number(const Binder *b, IrRef color)
{
  uint32_t c = 0;
  ref_value(b->m, color, &c);
  return c;
}

static const char *side(bool output)
{
  return output ? "output" : "input";
}

static void note_first_use(Binder *b, const Queue *q, bool output, uint32_t number)
{
  diag_note(b->ctx->diags, pos_range(q->pos), "%s queue %u is used here first", side(output),
            number);
}

static void bind(Binder *b, bool output, uint32_t number, IrRef color, SrcPos pos)
{
  Queue *q = queue_of(b, output, number);
  if (q->color != IR_NONE && differ(b, q->color, color)) {
    DIAG_AT(b->ctx->diags, queue_two_colors, pos_range(pos), side(output), number,
            color_number(b, q->color), color_number(b, color));
    note_first_use(b, q, output, number);
    b->ok = false;
    return;
  }
  name_queue(b, output, number, pos);
  q->color = color;
}

// ---- what the program says ----

static void read_setup(Binder *b)
{
  uint32_t lo, hi;
  for (size_t i = 0; i < arrlenu(b->m->setup); i++) {
    const IrSetup *s = &b->m->setup[i];
    if (s->kind == SETUP_INPUT_QUEUE || s->kind == SETUP_OUTPUT_QUEUE)
      bind(b, s->kind == SETUP_OUTPUT_QUEUE, s->id, s->a, s->pos);
    else if ((s->kind == SETUP_TASK_DATA || s->kind == SETUP_ROTATE) && b->arch->data_task_by_queue)
      name_queue(b, false, s->id, s->pos);
    else if (s->kind == SETUP_DSR && ref_value(b->m, s->a, &lo) && ref_value(b->m, s->b, &hi) &&
             lo & DSD_QUEUE_VALID)
      name_queue(b, (hi & 15) == DSD_FABOUT, lo >> DSD_QUEUE_SHIFT & 7, s->pos);
  }
}

static bool auto_initialized(const Binder *b)
{
  return b->arch->auto_input_queue && b->m->compat != COMPAT_2_10;
}

// A DSD names a colour with an input queue. If several colours take turns on one that nothing else
// binds, none is bound before an operation does it (language 14.4).
static void note_color(Binder *b, uint32_t number, IrRef color)
{
  Queue *q = queue_of(b, false, number);
  if (!auto_initialized(b) || q->color != IR_NONE || color == IR_NONE)
    return;
  if (q->by_use == IR_NONE)
    q->by_use = color;
  q->shared |= q->by_use != color;
}

// A DSD in initial data: a variable of DSD type, whose queue and colour are bits of its words.
static void read_dsd_words(Binder *b, IrGlobal *g, uint32_t offset)
{
  uint32_t lo, hi;
  memcpy(&lo, g->init + offset, 4);
  memcpy(&hi, g->init + offset + 4, 4);
  bool output = (hi & 15) == DSD_FABOUT;
  if (((hi & 15) != DSD_FABIN && !output) || !(lo & DSD_QUEUE_VALID))
    return;
  uint32_t number = lo >> DSD_QUEUE_SHIFT & 7;
  name_queue(b, output, number, g->pos);
  if (!output && lo & DSD_COLOR_VALID)
    note_color(b, number, tir_const(b->m, IRT_I16, lo & 31));
}

static void each_word_pair(Binder *b, void (*fn)(Binder *, IrGlobal *, uint32_t offset))
{
  for (size_t i = 0; i < arrlenu(b->m->globals); i++) {
    IrGlobal *g = &b->m->globals[i];
    IrType t = g->type;
    if (t >= IRT_FIRST_AGGREGATE)
      t = b->m->types[t - IRT_FIRST_AGGREGATE].elem;
    if (t != IRT_DSD || !g->init)
      continue;
    for (uint32_t at = 0; at + 8 <= tir_size(b->m, g->type); at += 8)
      fn(b, g, at);
  }
}

static void read_inst(Binder *b, const IrInst *in)
{
  uint32_t number;
  if (in->op == IR_DSD_FAB) {
    const DsdFabric *f = &b->m->fabrics[in->aux];
    if (f->queue == 0xff)
      return;
    name_queue(b, f->kind == DSD_FABOUT, f->queue, in->pos);
    if (f->kind == DSD_FABIN)
      note_color(b, f->queue, in->b);
  } else if (in->op == IR_QUEUE_FLUSH && ref_value(b->m, in->a, &number)) {
    name_queue(b, in->aux, number, in->pos);
  } else if ((in->op == IR_BLOCK || in->op == IR_UNBLOCK) && in->aux == TARGET_INPUT_QUEUE &&
             ref_value(b->m, in->a, &number)) {
    name_queue(b, false, number, in->pos);
  }
}

static void each_inst(Binder *b, void (*fn)(Binder *, IrInst *))
{
  for (size_t i = 0; i < arrlenu(b->m->funcs); i++) {
    IrFunc *f = &b->m->funcs[i];
    for (size_t k = 0; k < arrlenu(f->blocks); k++)
      for (size_t n = 0; n < arrlenu(f->blocks[k].insts); n++)
        fn(b, &f->insts[f->blocks[k].insts[n]]);
  }
}

static void read_one(Binder *b, IrInst *in)
{
  read_inst(b, in);
}

// ---- what follows from it ----

// Is the reference known before the program runs?
static bool comptime_known(IrRef ref)
{
  return IR_TAG(ref) == REF_CONST || IR_TAG(ref) == REF_TILECONST;
}

// A fabric DSD that names colour and queue: they must agree with what is bound; in 1.4 on WSE-2 it
// binds an input queue.
static void check_named(Binder *b, IrInst *in)
{
  if (in->op != IR_DSD_FAB)
    return;
  const DsdFabric *f = &b->m->fabrics[in->aux];
  bool output = f->kind == DSD_FABOUT;
  if (f->queue == 0xff || (output && !b->arch->oq_has_color))
    return;
  Queue *q = queue_of(b, output, f->queue);
  if (q->shared)
    return;
  if (in->b != IR_NONE && q->color != IR_NONE && differ(b, q->color, in->b)) {
    DIAG_AT(b->ctx->diags, dsd_contradicts_queue, pos_range(in->pos), color_number(b, in->b),
            side(output), f->queue, color_number(b, q->color));
    note_first_use(b, q, output, f->queue);
    b->ok = false;
  } else if (!output && q->color == IR_NONE && comptime_known(in->b) && auto_initialized(b)) {
    bind(b, false, f->queue, in->b, in->pos);
    tir_setup(b->m, SETUP_INPUT_QUEUE, f->queue, in->b, IR_NONE, IR_NONE, in->pos);
  }
}

static unsigned queue_count(const Binder *b, bool output)
{
  return output ? b->arch->output_queues : b->arch->input_queues;
}

static void report_no_queue(Binder *b, bool output, IrRef color, SrcPos pos)
{
  unsigned count = queue_count(b, output);
  DIAG_AT(b->ctx->diags, out_of_queues, pos_range(pos), side(output), color_number(b, color),
          count);
  for (uint32_t i = 0; i < count; i++)
    note_first_use(b, queue_of(b, output, i), output, i);
  b->ok = false;
}

// MAX_QUEUES: none carries the colour.
static uint32_t bound_queue(Binder *b, bool output, IrRef color)
{
  for (uint32_t i = 0; i < queue_count(b, output); i++)
    if (queue_of(b, output, i)->color == color)
      return i;
  return MAX_QUEUES;
}

// Queue 0 last, because the memcpy contract names it. MAX_QUEUES: none is left.
static uint32_t free_queue(Binder *b, bool output)
{
  unsigned count = queue_count(b, output);
  for (uint32_t i = 1; i <= count; i++)
    if (!queue_of(b, output, i % count)->named)
      return i % count;
  return MAX_QUEUES;
}

static void initialize_input(Binder *b, uint32_t number, IrRef color, SrcPos pos)
{
  tir_setup(b->m, SETUP_INPUT_QUEUE, number, color, IR_NONE, IR_NONE, pos);
}

// An input queue for a colour that is received for as long as the program runs.
static void keep_queue(Binder *b, IrRef color, SrcPos pos)
{
  if (bound_queue(b, false, color) != MAX_QUEUES)
    return;
  uint32_t number = free_queue(b, false);
  if (number == MAX_QUEUES) {
    report_no_queue(b, false, color, pos);
    return;
  }
  bind(b, false, number, color, pos);
  initialize_input(b, number, color, pos);
}

// Operations that name no queue run one after the other: when every queue has a colour, further
// colours take turns on those that were given out for such operations. A colour keeps its queue.
static uint32_t turn_queue(Binder *b, bool output, IrRef color)
{
  unsigned count = queue_count(b, output);
  uint32_t first = 0;
  for (size_t i = 0; i < arrlenu(b->turns); i++) {
    if (b->turns[i].output == output && b->turns[i].color == color)
      return b->turns[i].queue;
    first = b->turns[i].output == output ? b->turns[i].queue + 1u : first;
  }
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number = (first + i) % count;
    Queue *q = queue_of(b, output, number);
    if (!q->given)
      continue;
    q->shared = true;
    arrput(b->turns, ((Turn){color, output, (uint8_t)number}));
    return number;
  }
  return MAX_QUEUES;
}

static uint32_t queue_to_give(Binder *b, bool output, IrRef color, SrcPos pos)
{
  uint32_t number = bound_queue(b, output, color);
  if (number != MAX_QUEUES)
    return number;
  number = free_queue(b, output);
  if (number != MAX_QUEUES) {
    bind(b, output, number, color, pos);
    queue_of(b, output, number)->given = true;
    return number;
  }
  number = turn_queue(b, output, color);
  if (number == MAX_QUEUES)
    report_no_queue(b, output, color, pos);
  return number;
}

// A description of its own: others may share the old one.
static void describe(Binder *b, IrInst *in, DsdFabric f)
{
  in->aux = (uint32_t)arrlen(b->m->fabrics);
  arrput(b->m->fabrics, f);
}

static void give_queue(Binder *b, IrInst *in)
{
  if (in->op != IR_DSD_FAB || b->m->fabrics[in->aux].queue != 0xff)
    return;
  DsdFabric f = b->m->fabrics[in->aux];
  if (!b->arch->auto_input_queue || !comptime_known(in->b)) {
    DIAG_AT(b->ctx->diags, dsd_needs_queue, pos_range(in->pos),
            b->arch->auto_input_queue ? "colour is only known at run time"
                                      : "architecture has no default",
            side(f.kind == DSD_FABOUT));
    b->ok = false;
    return;
  }
  uint32_t number = queue_to_give(b, f.kind == DSD_FABOUT, in->b, in->pos);
  if (number == MAX_QUEUES)
    return;
  f.queue = (uint8_t)number;
  describe(b, in, f);
}

// The input queues that were given to one colour carry it from the start.
static void initialize_given(Binder *b)
{
  for (uint32_t i = 0; i < b->arch->input_queues; i++)
    if (b->in[i].given && !b->in[i].shared)
      initialize_input(b, i, b->in[i].color, b->in[i].pos);
}

// The same for a variable of DSD type; its colour is the same on all tiles of the program.
static void give_words(Binder *b, IrGlobal *g, uint32_t offset)
{
  uint32_t lo, hi;
  memcpy(&lo, g->init + offset, 4);
  memcpy(&hi, g->init + offset + 4, 4);
  bool output = (hi & 15) == DSD_FABOUT;
  if (((hi & 15) != DSD_FABIN && !output) || lo & DSD_QUEUE_VALID || !(lo & DSD_COLOR_VALID) ||
      !b->arch->auto_input_queue)
    return;
  uint32_t number = queue_to_give(b, output, tir_const(b->m, IRT_I16, lo & 31), g->pos);
  if (number == MAX_QUEUES)
    return;
  lo |= DSD_QUEUE_VALID | number << DSD_QUEUE_SHIFT;
  memcpy(g->init + offset, &lo, 4);
}

// ---- queues that several colours take turns on ----

static void mark_inst(Binder *b, IrInst *in)
{
  if (in->op != IR_DSD_FAB)
    return;
  DsdFabric f = b->m->fabrics[in->aux];
  if (f.kind != DSD_FABIN || !queue_of(b, false, f.queue)->shared)
    return;
  f.turns = true;
  describe(b, in, f);
}

static void mark_words(Binder *b, IrGlobal *g, uint32_t offset)
{
  uint32_t lo, hi;
  memcpy(&lo, g->init + offset, 4);
  memcpy(&hi, g->init + offset + 4, 4);
  if ((hi & 15) != DSD_FABIN || !(lo & DSD_QUEUE_VALID) ||
      !queue_of(b, false, lo >> DSD_QUEUE_SHIFT & 7)->shared)
    return;
  hi |= DSD_TURNS;
  memcpy(g->init + offset + 4, &hi, 4);
}

// A colour that the program unblocks for its control tasks is received like one with a data task
// (language 12.4).
static bool unblocks_color(const Binder *b, const IrSetup *s)
{
  uint32_t kind;
  return s->kind == SETUP_UNBLOCK && ref_value(b->m, s->a, &kind) && kind == TARGET_COLOR;
}

static void give_tasks_queues(Binder *b)
{
  size_t n = arrlenu(b->m->setup); // rows are added while we go
  for (size_t i = 0; i < n; i++) {
    IrSetup s = b->m->setup[i];
    if (unblocks_color(b, &s))
      keep_queue(b, tir_const(b->m, IRT_I16, s.id), s.pos);
    if (s.kind != SETUP_TASK_DATA)
      continue;
    if (!b->arch->data_task_by_queue) // else the program binds its queue
      keep_queue(b, tir_const(b->m, IRT_I16, s.id), s.pos);
  }
}

// ---- colours of control tasks ----

static bool set_delivers(const RouteSet *set, uint32_t color)
{
  for (size_t i = 0; i < arrlenu(set->configs); i++) {
    const ColorConfig *c = &set->configs[i];
    for (unsigned k = 0; c->color == color && k < 4; k++)
      if (c->route.valid[k] && c->route.tx[k] & DIR_BIT(DIR_RAMP))
        return true;
  }
  return false;
}

// Does the colour reach the core on a tile that runs this program?
static bool delivered(const Binder *b, uint32_t color)
{
  const FabricModule *f = b->ctx->fabric;
  size_t tiles = f ? (size_t)f->width * f->height : 0;
  for (size_t i = 0; i < tiles; i++)
    if (f->tile_class[i] != FABRIC_NO_CLASS && f->classes[f->tile_class[i]].module == b->m &&
        set_delivers(&f->route_sets[f->tile_routes[i]], color))
      return true;
  return false;
}

static bool has_input_queue(const Binder *b, uint32_t color)
{
  for (uint32_t q = 0; q < b->arch->input_queues; q++)
    if (b->in[q].color != IR_NONE && color_number(b, b->in[q].color) == color)
      return true;
  return false;
}

static bool has_free_input(const Binder *b)
{
  for (uint32_t q = 0; q < b->arch->input_queues; q++)
    if (!b->in[q].named)
      return true;
  return false;
}

// Where data tasks are bound by colour, a local task with the number of a colour leaves that
// channel unblocked: control wavelets on it start their tasks, so it is received like one with a
// data task.
static void give_control_queues(Binder *b)
{
  size_t n = arrlenu(b->m->setup); // rows are added while we go
  bool control = false;
  for (size_t i = 0; i < n; i++)
    control |= b->m->setup[i].kind == SETUP_TASK_CONTROL;
  for (size_t i = 0; i < n && control && !b->arch->data_task_by_queue; i++) {
    IrSetup s = b->m->setup[i];
    if (s.kind == SETUP_TASK_LOCAL && s.id < b->arch->colors && !has_input_queue(b, s.id) &&
        has_free_input(b) && delivered(b, s.id))
      keep_queue(b, tir_const(b->m, IRT_I16, s.id), s.pos);
  }
}

bool pass_bind_queues(PassContext *ctx)
{
  Binder b = {.ctx = ctx, .m = ctx->tile, .arch = arch_get(ctx->tile->arch), .ok = true};
  read_setup(&b);
  each_word_pair(&b, read_dsd_words);
  each_inst(&b, read_one);
  each_inst(&b, check_named);
  give_tasks_queues(&b);
  each_inst(&b, give_queue);
  each_word_pair(&b, give_words);
  initialize_given(&b);
  each_inst(&b, mark_inst);
  each_word_pair(&b, mark_words);
  give_control_queues(&b);
  arrfree(b.turns);
  return b.ok;
}
