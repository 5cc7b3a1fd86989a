// What a checkpoint says is not trusted: every index and every state that the emulator would follow
// blindly is looked at here. What only decides what happens next (addresses of code, words in
// memory) is left to the checks that programs meet anyway.
#include "emulator/checkpoint.h"
#include <stb/stb_ds.h>

static bool flag_ok(const bool *flag)
{
  uint8_t byte;
  memcpy(&byte, flag, 1);
  return byte <= 1;
}

// ---- operations ----

static bool register_ok(const Emu *e, const Tile *t, const Operand *o)
{
  return o->file < FILES && o->number < 16 &&
         e->classes[t->cls].dsr_slot[o->file][o->number] != 255;
}

static bool operand_ok(const Emu *e, const Tile *t, const Operand *o)
{
  const EmuClass *c = &e->classes[t->cls];
  if (o->kind > OP_FIFO || !flag_ok(&o->control) || !flag_ok(&o->advance) || !flag_ok(&o->wio) ||
      !flag_ok(&o->last_value) || !flag_ok(&o->turns) || o->dims > 4)
    return false;
  if (o->kind <= OP_SCALAR)
    return true;
  if ((o->bytes != 2 && o->bytes != 4) || !register_ok(e, t, o))
    return false;
  if (o->kind == OP_MEM4 || o->kind == OP_CIRC)
    return o->xdsr >= t->xdsrs && o->xdsr - t->xdsrs < c->n_xdsrs;
  if (o->kind == OP_FIFO)
    return o->queue < c->n_fifos;
  return o->queue < MAX_QUEUES;
}

// Operations with queues need the tile's queues to exist.
static bool uses_queues(const Thread *th)
{
  const Operand *all[3] = {&th->dest, &th->a, &th->b};
  for (int i = 0; i < 3; i++)
    if (all[i]->kind == OP_FABIN || all[i]->kind == OP_FABOUT)
      return true;
  return false;
}

static bool thread_ok(const Emu *e, uint32_t tile, uint32_t n, uint8_t ut)
{
  const Tile *t = &e->tiles[tile];
  if (n >= arrlenu(e->threads))
    return false;
  const Thread *th = &e->threads[n];
  bool waits_on_queue = th->wait == WAIT_INPUT || th->wait == WAIT_OUTPUT;
  return th->tile == tile && th->ut == ut && th->op < DSD_OPS && th->group > 0 &&
         th->interval > 0 && th->wait <= WAIT_BLOCKED && th->wait_queue < MAX_QUEUES &&
         flag_ok(&th->zero_a) && flag_ok(&th->zero_b) && th->dest.kind != OP_FABIN &&
         th->a.kind != OP_FABOUT && th->b.kind != OP_FABOUT && operand_ok(e, t, &th->dest) &&
         operand_ok(e, t, &th->a) && operand_ok(e, t, &th->b) &&
         (t->queues || (!uses_queues(th) && !waits_on_queue));
}

static bool threads_ok(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if ((t->state == MAIN_OP) != (t->main_op != 0) ||
      (t->main_op && !thread_ok(e, tile, t->main_op, MAX_UTS)))
    return false;
  for (uint8_t u = 0; u < MAX_UTS; u++)
    if ((t->uts[u] != 0) != (t->ut_live >> u & 1) ||
        (t->uts[u] && !thread_ok(e, tile, t->uts[u], u)))
      return false;
  return true;
}

// ---- tiles ----

static bool empty_tile_ok(const Tile *t)
{
  return t->state == MAIN_IDLE && !t->regs && !t->main_op && !t->ut_live && !t->active;
}

// An element access waits at an instruction that reads or writes one.
static bool place_ok(const Emu *e, const Tile *t)
{
  const EmuClass *c = &e->classes[t->cls];
  uint32_t at = t->pc - CODE_BASE;
  if (t->state != MAIN_WAIT)
    return true;
  return t->pc >= CODE_BASE && at < c->img->code_bytes && !(at & 1);
}

static bool tile_ok(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (t->state > MAIN_WAIT || t->task_kind > TASK_KIND_HOST || t->task_id >= TASK_IDS ||
      t->last_channel >= TASK_IDS || t->ut_turn >= MAX_UTS || t->regs >= arrlenu(e->regs) ||
      t->queues >= arrlenu(e->queues) || !flag_ok(&t->dsd_status) || !flag_ok(&t->host_pending) ||
      !flag_ok(&t->cfg_valid) || t->clock >= NEVER / 2)
    return false;
  for (uint8_t u = 0; u < MAX_UTS; u++)
    if (t->uts[u] && t->cls == NO_CLASS)
      return false;
  if (t->cls == NO_CLASS)
    return empty_tile_ok(t);
  return (t->state == MAIN_IDLE) == (t->regs == 0) && threads_ok(e, tile) && place_ok(e, t);
}

static bool cold_ok(const TileCold *c)
{
  return c->prng < PRNGS && flag_ok(&c->tsc_on) && (c->flush_in | c->flush_out) < 1u << MAX_QUEUES;
}

static bool fifos_ok(const Emu *e, const Tile *t)
{
  const EmuClass *c = &e->classes[t->cls];
  for (uint32_t i = 0; i < c->n_fifos; i++) {
    const Fifo *f = &e->fifos[t->fifos + i];
    bool used = f->head || f->count;
    if (used && (f->head >= c->fifos[i].capacity || f->count > c->fifos[i].capacity))
      return false;
  }
  return true;
}

// ---- pools ----

static bool queue_ok(const Queue *q, uint8_t depth)
{
  return q->head < QUEUE_RING && q->depth == depth && q->count <= depth && q->user <= MAX_UTS + 1 &&
         (q->color < MAX_COLORS || q->color == QUEUE_UNBOUND) && flag_ok(&q->full_waits);
}

static bool queues_ok(const Emu *e, const TileQueues *qs)
{
  for (unsigned q = 0; q < MAX_QUEUES; q++)
    if (!queue_ok(&qs->in[q], e->arch->iq_depth[q]) || !queue_ok(&qs->out[q], e->arch->oq_depth[q]))
      return false;
  return qs->out_turn < MAX_QUEUES;
}

static const char *check_pools(const Emu *e)
{
  if (!arrlen(e->queues) || !arrlen(e->regs) || !arrlen(e->threads) ||
      e->free_thread >= arrlenu(e->threads))
    return "a pool is impossible";
  for (ptrdiff_t i = 1; i < arrlen(e->queues); i++)
    if (!queues_ok(e, &e->queues[i]))
      return "a queue is impossible";
  for (ptrdiff_t i = 0; i < arrlen(e->free_regs); i++)
    if (!e->free_regs[i] || e->free_regs[i] >= arrlenu(e->regs))
      return "a pool is impossible";
  for (ptrdiff_t i = 0; i < arrlen(e->threads); i++)
    if (e->threads[i].next_free >= arrlenu(e->threads))
      return "a pool is impossible";
  return NULL;
}

const char *check_core(const Emu *e)
{
  const char *why = check_pools(e);
  for (uint32_t i = 0; i < e->n_tiles && !why; i++) {
    if (!tile_ok(e, i) || !cold_ok(&e->cold[i]))
      why = "the state of a tile is impossible";
    else if (e->tiles[i].cls != NO_CLASS && !fifos_ok(e, &e->tiles[i]))
      why = "a FIFO is impossible";
  }
  return why;
}

// ---- fabric ----

static bool route_ok(const Route *r)
{
  uint32_t pop;
  memcpy(&pop, &r->pop, sizeof pop);
  for (unsigned k = 0; k < 4; k++)
    if (!flag_ok(&r->valid[k]))
      return false;
  return r->current < 4 && r->filter <= FILTERS && pop <= POP_ON_ADVANCE_NOP && flag_ok(&r->ring) &&
         flag_ok(&r->teardown) && flag_ok(&r->swap_x) && flag_ok(&r->swap_y);
}

// What follows from the buffers is made anew, so that it cannot contradict them.
static bool channel_ok(const Emu *e, uint32_t tile, const ChannelBlock *b, Channel *c)
{
  const Fabric *f = e->fabric;
  bool used = false;
  if ((c->route != NO_ROUTE && c->route >= arrlenu(f->routes)) || c->position > 3 ||
      !flag_ok(&c->teardown) || !flag_ok(&c->own_route))
    return false;
  c->occupied = c->undecided = 0;
  for (unsigned k = 0; k < CHANNEL_BUFFERS; k++) {
    const Buffer *buffer = &c->buffers[k];
    if (buffer->head >= f->depth[k] || buffer->count > f->depth[k] || !flag_ok(&buffer->starved) ||
        (buffer->count && !b->slots[k]))
      return false;
    used |= buffer->count > 0;
    if (k < DIR_COUNT && buffer->count)
      c->occupied |= DIR_BIT(k);
  }
  for (unsigned i = 0; i < c->buffers[TO_CORE].count; i++)
    c->undecided += slot_at(f, tile, c, TO_CORE, i)->undecided;
  Router *r = router_at(f, tile);
  if (c->occupied)
    r->busy |= 1u << c->color;
  if (c->buffers[TO_CORE].count || c->buffers[TO_HOST].count)
    r->leaving |= 1u << c->color;
  return !used || c->route != NO_ROUTE;
}

static bool block_ok(const Emu *e, uint32_t number, ChannelBlock *b)
{
  for (uint32_t k = 0; k < BLOCK && number * BLOCK + k < e->n_tiles; k++)
    if (!channel_ok(e, number * BLOCK + k, b, &b->channels[k]))
      return false;
  return true;
}

static bool filters_ok(const Fabric *f)
{
  for (ptrdiff_t i = 0; i < arrlen(f->filters); i++)
    for (unsigned k = 0; k < FILTERS; k++)
      if (!flag_ok(&f->filters[i].f[k].reloaded) || !flag_ok(&f->filters[i].f[k].off))
        return false;
  return arrlen(f->filters) > 0;
}

const char *check_fabric(const Emu *e)
{
  Fabric *f = e->fabric;
  for (ptrdiff_t i = 0; i < arrlen(f->routes); i++)
    if (!route_ok(&f->routes[i]))
      return "a route is impossible";
  if (!filters_ok(f))
    return "a filter is impossible";
  for (uint32_t i = 0; i < e->n_tiles; i++) {
    f->routers[i].busy = f->routers[i].leaving = 0;
    if (f->routers[i].filters >= arrlenu(f->filters))
      return "a filter is impossible";
  }
  for (unsigned c = 0; c < MAX_COLORS; c++)
    for (uint32_t k = 0; k <= e->n_tiles / BLOCK; k++)
      if (f->blocks[c][k] && !block_ok(e, k, f->blocks[c][k]))
        return "a channel of the fabric is impossible";
  return NULL;
}
