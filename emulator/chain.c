// For the wait-for report: the chain of who waits for whom, from a tile that the host waits for to
// the place where it ends or comes back to itself.
#include "emulator/report.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

typedef struct Walk { // along the chain
  Report *r;
  uint32_t tile, thread; // at the moment; thread 0: the tile has no operation
  struct {
    uint64_t key;
  } *seen; // stb_ds: tile and thread of each link, of which there may be 10^6
} Walk;

static void link_to(Report *r, uint32_t tile, char *text)
{
  arrput(r->chain, ((ChainLink){.tile = tile, .text = text}));
}

const char *link_text(Arena *a, const Emu *e, const ChainLink *link)
{
  if (link->text)
    return link->text;
  const Thread *th = &e->threads[link->thread];
  const char *who = thread_name(a, e, link->tile, th), *wait = wait_of(a, e, link->tile, th);
  return arena_printf(a, "%s: @%s %s", who, isa_dsd((DsdOp)th->op)->name, wait);
}

static uint32_t first_waiting(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (t->main_op)
    return t->main_op;
  for (unsigned u = 0; u < MAX_UTS; u++)
    if (t->uts[u] && e->threads[t->uts[u]].wait != WAIT_NOTHING)
      return t->uts[u];
  return 0;
}

// The thread at the other end of a FIFO: the one that takes from it, or the one that fills it.
static uint32_t other_end(const Emu *e, uint32_t tile, unsigned fifo, bool fills)
{
  const Tile *t = &e->tiles[tile];
  for (unsigned u = 0; u <= MAX_UTS; u++) {
    uint32_t n = u < MAX_UTS ? t->uts[u] : t->main_op;
    const Thread *th = &e->threads[n];
    bool takes = (th->a.kind == OP_FIFO && th->a.queue == fifo) ||
                 (th->b.kind == OP_FIFO && th->b.queue == fifo);
    if (n && (fills ? th->dest.kind == OP_FIFO && th->dest.queue == fifo : takes))
      return n;
  }
  return 0;
}

// A tile without an operation: why it does nothing for those that wait for it.
static char *what_else(Arena *a, const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (t->cls == NO_CLASS)
    return text_of("has no program");
  if (t->state == MAIN_WAIT)
    return text_of("%s waits for a queue in @map", task_name(a, e, tile, t->task_kind, t->task_id));
  uint64_t blocked = t->active & t->blocked;
  if (blocked)
    return text_of("%s is activated, but blocked",
                   task_name(a, e, tile, TASK_KIND_LOCAL, (unsigned)__builtin_ctzll(blocked)));
  for (unsigned q = 0; t->queues && q < e->arch->input_queues; q++) {
    const Queue *in = &e->queues[t->queues].in[q];
    if (in->count && !in->user)
      return text_of(
          "is idle; %u wavelets of colour %u wait in input queue %u and nothing takes them",
          in->count, queue_holds(&e->queues[t->queues], q), q);
  }
  return text_of("%s%s", t->state == MAIN_IDLE ? "is idle" : "runs",
                 is_idle(t) ? idle_tasks(a, e, tile) : "");
}

static bool came_back(Walk *w)
{
  uint64_t key = (uint64_t)w->tile << 32 | w->thread;
  bool seen = hmgeti(w->seen, key) >= 0;
  if (!seen)
    hmputs(w->seen, (typeof(*w->seen)){key});
  return seen;
}

// Another colour arrives at the tile and no queue takes it: the thread may wait for the wrong one.
static bool expects_another(const Emu *e, uint32_t tile)
{
  bool unbound = false;
  for (unsigned color = 0; color < MAX_COLORS; color++) {
    const Channel *c = channel_at(e->fabric, tile, color);
    unbound |= c && waits_unbound(e, tile, c);
  }
  return unbound;
}

// The router of the thread's own tile keeps out what it waits for.
static bool is_kept_out(Walk *w, unsigned color)
{
  Report *r = w->r;
  const Thread *th = &r->e->threads[w->thread];
  char *why = color < MAX_COLORS ? why_not_let_in(r->e, w->tile, color) : NULL;
  if (!why)
    return false;
  CauseRank rank = expects_another(r->e, w->tile) ? CAUSE_CRITICAL : CAUSE_CERTAIN;
  PROPOSE(r, rank, advice_for(r->e, w->tile, th), "tile (%u, %u): %s %s; %s", XY(r->e, w->tile),
          thread_name(&r->passing, r->e, w->tile, th), wait_of(&r->passing, r->e, w->tile, th),
          why);
  link_to(r, w->tile, why);
  return true;
}

// Whoever should send what this thread waits for. False: the chain ends.
static bool to_sender(Walk *w, unsigned color)
{
  Emu *e = w->r->e;
  if (is_kept_out(w, color))
    return false;
  uint32_t *from = color < MAX_COLORS ? sources_of(e, w->tile, color) : NULL;
  bool host = arrlen(from) && from[0] == NO_TILE;
  bool found = arrlen(from) && !host;
  if (host)
    link_to(w->r, NO_TILE, text_of("sends no more wavelets of colour %u", color));
  if (found) {
    w->tile = from[0];
    uint32_t sender = sender_of(e, w->tile, color);
    w->thread = sender ? sender : first_waiting(e, w->tile);
  }
  arrfree(from);
  return found;
}

static bool to_holder(Walk *w, unsigned color)
{
  const char *why;
  uint32_t at = held_at(w->r->e, w->tile, color, &why);
  if (at == NO_TILE)
    return false;
  link_to(w->r, at, text_of("holds up colour %u: %s", color, why));
  if (at == w->tile)
    return false;
  w->tile = at;
  w->thread = first_waiting(w->r->e, at);
  return true;
}

static bool to_other_end(Walk *w, unsigned fifo, bool fills)
{
  uint32_t n = other_end(w->r->e, w->tile, fifo, fills);
  if (!n)
    link_to(w->r, w->tile,
            text_of("no operation %s FIFO %u", fills ? "puts anything into" : "takes anything from",
                    fifo));
  w->thread = n;
  return n != 0;
}

static bool next_link(Walk *w)
{
  Emu *e = w->r->e;
  const Thread *th = &e->threads[w->thread];
  switch ((ThreadWait)th->wait) {
  case WAIT_INPUT: return to_sender(w, input_color(e, w->tile, th->wait_queue));
  case WAIT_OUTPUT: return to_holder(w, th->dest.color);
  case WAIT_FIFO_DATA: return to_other_end(w, th->wait_queue, true);
  case WAIT_FIFO_ROOM: return to_other_end(w, th->wait_queue, false);
  default: return false;
  }
}

// A microthread waits for what its own tile sends, and nothing is under way there that would.
static void report_own_color(Walk *w)
{
  Report *r = w->r;
  const Thread *th = &r->e->threads[w->thread];
  const char *who = thread_name(&r->passing, r->e, w->tile, th);
  const char *wait = wait_of(&r->passing, r->e, w->tile, th);
  char *why = why_no_input(r->e, w->tile, input_color(r->e, w->tile, th->wait_queue));
  PROPOSE(r, CAUSE_CIRCLE, advice_for(r->e, w->tile, th), "tile (%u, %u): %s %s; %s",
          XY(r->e, w->tile), who, wait, why);
  free(why);
}

static void report_circle(Walk *w)
{
  Report *r = w->r;
  const Thread *th = &r->e->threads[w->thread];
  if (hmlen(w->seen) == 1 && th->ut < MAX_UTS && th->wait == WAIT_INPUT &&
      r->e->tiles[w->tile].state == MAIN_IDLE) {
    report_own_color(w);
    return;
  }
  const char *who = thread_name(&r->passing, r->e, w->tile, th);
  const char *wait = wait_of(&r->passing, r->e, w->tile, th);
  link_to(r, w->tile, text_of("%s: here the chain comes back to itself", who));
  PROPOSE(r, CAUSE_CIRCLE,
          "let one of them send before it waits, or make the waiting operation asynchronous",
          "tile (%u, %u): %s %s, which only comes when that is over: a circle of waits",
          XY(r->e, w->tile), who, wait);
}

static bool has_unread(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  bool unread = false;
  for (unsigned q = 0; t->queues && q < e->arch->input_queues; q++) {
    const Queue *in = &e->queues[t->queues].in[q];
    unread |= in->count && !in->user;
  }
  return unread;
}

// The last of several operations tells what is missing, the others only follow.
static void propose_far_end(Report *r, uint32_t tile, const Thread *th, const char *advice,
                            const char *behind)
{
  const Emu *e = r->e;
  const char *who = thread_name(&r->passing, e, tile, th);
  const char *wait = wait_of(&r->passing, e, tile, th);
  char *why = why_no_input(e, tile, input_color(e, tile, th->wait_queue));
  PROPOSE(r, CAUSE_FAR_END, advice, "tile (%u, %u): %s %s; %s%s", XY(e, tile), who, wait, why,
          behind);
  free(why);
}

// The chain ends at a tile that does nothing. That tells something of a single operation, too, if
// its sender left something undone.
static void report_idle_end(const Walk *w, uint32_t last_tile, uint32_t last)
{
  Report *r = w->r;
  const Emu *e = r->e;
  const Tile *end = &e->tiles[w->tile];
  const Thread *th = &e->threads[last];
  if (th->wait != WAIT_INPUT || !is_idle(end) || end->cls == NO_CLASS)
    return;
  if (hmlen(w->seen) >= 2 || has_unread(e, w->tile) || *idle_tasks(&r->passing, e, w->tile))
    propose_far_end(r, last_tile, th, advice_for_far_end(e, last_tile, w->tile, th),
                    left_behind(&r->passing, e, w->tile));
}

// The chain ends at an operation for which no tile sends.
static void report_unfed_end(const Walk *w)
{
  const Thread *th = &w->r->e->threads[w->thread];
  if (th->wait == WAIT_INPUT && hmlen(w->seen) >= 2)
    propose_far_end(w->r, w->tile, th, advice_for(w->r->e, w->tile, th), "");
}

// Others wait for a tile without an operation whose task is activated, but blocked: nothing there
// will ever unblock it.
static void report_blocked_end(const Walk *w)
{
  Report *r = w->r;
  const Tile *t = &r->e->tiles[w->tile];
  uint64_t blocked = t->active & t->blocked;
  if (!blocked || !is_idle(t) || hmlen(w->seen) == 0)
    return;
  unsigned id = (unsigned)__builtin_ctzll(blocked);
  PROPOSE(r, CAUSE_CERTAIN, "call @unblock with the id of this task",
          "tile (%u, %u): %s is activated, but nobody unblocks it, and others wait for this tile",
          XY(r->e, w->tile), task_name(&r->passing, r->e, w->tile, TASK_KIND_LOCAL, id));
}

void follow_chain(Report *r, uint32_t from)
{
  if (from == NO_TILE)
    return;
  Emu *e = r->e;
  Walk w = {.r = r, .tile = from, .thread = first_waiting(e, from)};
  uint32_t last_tile = from, last = 0;
  for (;;) {
    if (!w.thread) {
      link_to(r, w.tile, what_else(&r->passing, e, w.tile));
      report_blocked_end(&w);
      report_idle_end(&w, last_tile, last);
      break;
    }
    if (came_back(&w)) {
      report_circle(&w);
      break;
    }
    arrput(r->chain, ((ChainLink){.tile = w.tile, .thread = w.thread}));
    last_tile = w.tile;
    last = w.thread;
    if (!next_link(&w)) {
      report_unfed_end(&w);
      break;
    }
  }
  hmfree(w.seen);
}
