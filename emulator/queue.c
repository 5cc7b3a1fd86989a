// Queues between core and ramp: wavelets from the router wait in input queues, results in output
// queues.
#include "emulator/trace.h"
#include <stb/stb_ds.h>

TileQueues *queue_of(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  if (t->queues)
    return &e->queues[t->queues];
  t->queues = (uint32_t)arrlen(e->queues);
  TileQueues *qs = arraddnptr(e->queues, 1);
  *qs = (TileQueues){0};
  for (unsigned q = 0; q < MAX_QUEUES; q++) {
    qs->in[q].depth = e->arch->iq_depth[q];
    qs->out[q].depth = e->arch->oq_depth[q];
    qs->in[q].color = qs->out[q].color = QUEUE_UNBOUND;
  }
  return qs;
}

void queue_bind_input(Emu *e, uint32_t tile, uint32_t queue, uint32_t color)
{
  Queue *q = &queue_of(e, tile)->in[queue];
  if (q->color == color)
    return;
  q->color = (uint8_t)color;
  fab_retry(e, tile);
}

void queue_bind_output(Emu *e, uint32_t tile, uint32_t queue, uint32_t color)
{
  queue_of(e, tile)->out[queue].color = (uint8_t)color;
}

static int queue_with_color(const Emu *e, const TileQueues *qs, uint32_t color)
{
  for (uint32_t q = 0; q < e->arch->input_queues; q++)
    if (qs->in[q].color == color)
      return (int)q;
  return -1;
}

bool queue_bound(const Emu *e, uint32_t tile, uint32_t color)
{
  const Tile *t = &e->tiles[tile];
  return t->cls != NO_CLASS && t->queues && queue_with_color(e, &e->queues[t->queues], color) >= 0;
}

bool queue_arrive(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, uint32_t *tag)
{
  Tile *t = &e->tiles[tile];
  if (t->cls == NO_CLASS || !t->queues)
    return false;
  TileQueues *qs = &e->queues[t->queues];
  int n = queue_with_color(e, qs, color);
  if (n < 0)
    return false;
  Queue *q = &qs->in[n];
  if (q->count == q->depth) {
    q->full_waits = true;
    return false;
  }
  if (e->trace) {
    *tag = trace_enters(e, tile, (uint32_t)n, *tag);
    trace_hold(e, *tag);
  }
  qs->in_ring[n][(q->head + q->count++) % QUEUE_RING] =
      (QueueEntry){.word = word, .color = (uint8_t)color, .control = control, .tag = TAG(*tag)};
  e->stats[tile].wavelets_in++;
  thread_wake(e, tile);
  if (!q->user)
    task_wake(e, tile);
  return true;
}

QueueEntry queue_pop(Emu *e, uint32_t tile, uint32_t queue)
{
  TileQueues *qs = queue_of(e, tile);
  Queue *q = &qs->in[queue];
  QueueEntry out = qs->in_ring[queue][q->head];
  q->head = (uint8_t)((q->head + 1) % QUEUE_RING);
  q->count--;
  if (e->trace)
    trace_take(e, tile, queue, out.tag);
  if (q->full_waits) {
    q->full_waits = false;
    if (e->trace)
      trace_makes_room(e, tile, queue);
    fab_retry(e, tile);
  }
  queue_check_flush(e, tile);
  return out;
}

void queue_push(Emu *e, uint32_t tile, uint32_t queue, QueueEntry entry)
{
  TileQueues *qs = queue_of(e, tile);
  Queue *q = &qs->out[queue];
  entry.tag = TAG(e->trace ? trace_write(e, tile, queue, &entry) : 0);
  qs->out_ring[queue][(q->head + q->count++) % QUEUE_RING] = entry;
  sched_at(e, e->now, PHASE_OUT, tile);
}

// Offers the heads in turn until one is taken; the rest waits for the next cycle.
void queue_out(Emu *e, uint32_t tile)
{
  TileQueues *qs = queue_of(e, tile);
  uint32_t n = e->arch->output_queues;
  bool sent = false, more = false;
  uint32_t first = e->opt.shuffle ? shuffled(e, tile, PHASE_OUT) % n : qs->out_turn;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = (first + i) % n;
    Queue *q = &qs->out[k];
    QueueEntry *w = &qs->out_ring[k][q->head];
    if (q->count && !sent && fab_send(e, tile, w)) {
      sent = true;
      if (e->trace) {
        trace_send(e, tile, k, w);
        if (q->count == q->depth)
          trace_left(e, tile, k, w->tag);
        trace_release(e, w->tag);
      }
      q->head = (uint8_t)((q->head + 1) % QUEUE_RING);
      q->count--;
      qs->out_turn = (uint8_t)((k + 1) % n);
      e->stats[tile].wavelets_out++;
    }
    more |= q->count > 0;
  }
  if (!sent)
    return;
  thread_wake(e, tile);
  queue_check_flush(e, tile);
  if (more)
    sched_at(e, e->now + 1, PHASE_OUT, tile);
}

// Moves the empty ones from the queues that wait to those whose flush has completed; true if there
// was one.
static bool take_empty(const Queue *q, uint32_t *waiting, uint8_t *flushed)
{
  uint32_t before = *waiting;
  for (uint32_t rest = before; rest; rest &= rest - 1)
    if (q[__builtin_ctz(rest)].count == 0)
      *waiting &= ~(rest & -rest);
  *flushed |= (uint8_t)(before & ~*waiting);
  return *waiting != before;
}

void queue_check_flush(Emu *e, uint32_t tile)
{
  TileCold *c = &e->cold[tile];
  if (!(c->flush_in | c->flush_out))
    return;
  const TileQueues *qs = queue_of(e, tile);
  bool in = take_empty(qs->in, &c->flush_in, &c->flushed_in);
  bool out = take_empty(qs->out, &c->flush_out, &c->flushed_out);
  if (in || out)
    task_activate(e, tile, TASK_ID_TEARDOWN);
}
