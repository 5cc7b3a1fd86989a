// Routers: one step of a busy router moves up to one wavelet through each of its outputs
// (machine 3.2 to 3.4).
//
// Wavelets wait in buffers per colour and input port. A wavelet moves when its port is a receive
// direction of the colour's current position and every transmit direction can take it in this
// cycle: all copies go, or none. Colours that compete for an output take turns: the one served
// longest ago goes first.
#include "emulator/router.h"
#include "emulator/trace.h"
#include "support/memory.h"
#include <stdlib.h>

// ---- buffers ----

uint64_t fab_room_at(Emu *e, uint32_t tile, const Channel *c, unsigned buffer)
{
  const Fabric *f = e->fabric;
  if (!f->blocks[c->color][tile / BLOCK]->slots[buffer])
    return 0;
  unsigned count = c->buffers[buffer].count;
  return count == f->depth[buffer] ? NEVER : slot_at(f, tile, c, buffer, count)->time;
}

static void make_slots(Fabric *f, ChannelBlock *b, unsigned buffer)
{
  b->slots[buffer] = mem_zeroed((size_t)BLOCK * f->depth[buffer], sizeof(Slot));
}

void fab_push(Emu *e, uint32_t tile, Channel *c, unsigned buffer, Slot s)
{
  Fabric *f = e->fabric;
  ChannelBlock *b = f->blocks[c->color][tile / BLOCK];
  if (!b->slots[buffer])
    make_slots(f, b, buffer);
  Slot *slot = slot_at(f, tile, c, buffer, c->buffers[buffer].count++);
  if (e->trace) {
    trace_hold(e, s.tag);
    trace_release(e, slot->tag);
  }
  *slot = s;
  f->occupied++;
  if (buffer < DIR_COUNT) {
    if (!c->occupied)
      router_at(f, tile)->busy |= 1u << c->color;
    c->occupied |= DIR_BIT(buffer);
    sched_at(e, s.time, PHASE_LINK, tile);
  } else {
    router_at(f, tile)->leaving |= 1u << c->color;
    sched_at(e, s.time, PHASE_ARRIVE, tile);
  }
}

// Takes the head away; the slot is free again from `free_at`. True if the sender waits for it.
static bool fab_pop(Emu *e, uint32_t tile, Channel *c, unsigned buffer, uint64_t free_at)
{
  Fabric *f = e->fabric;
  Buffer *b = &c->buffers[buffer];
  slot_at(f, tile, c, buffer, 0)->time = free_at;
  b->head = (uint8_t)(b->head + 1 == f->depth[buffer] ? 0 : b->head + 1);
  b->count--;
  f->occupied--;
  if (b->count == 0 && buffer < DIR_COUNT) {
    c->occupied &= (uint8_t)~DIR_BIT(buffer);
    if (c->occupied == 0)
      router_at(f, tile)->busy &= ~(1u << c->color);
  } else if (buffer >= DIR_COUNT && !c->buffers[TO_CORE].count && !c->buffers[TO_HOST].count) {
    router_at(f, tile)->leaving &= ~(1u << c->color);
  }
  bool starved = b->starved;
  b->starved = false;
  return starved;
}

uint32_t fab_room_cause(Emu *e, uint32_t tile, const Channel *c, unsigned buffer, uint64_t ready,
                        uint32_t tag)
{
  const Fabric *f = e->fabric;
  if (!f->blocks[c->color][tile / BLOCK]->slots[buffer])
    return tag;
  const Slot *s = slot_at(f, tile, c, buffer, c->buffers[buffer].count);
  return trace_room(e, tag, ready, s->time, s->tag);
}

// ---- where a wavelet goes ----

static bool any_rx(const Route *r, Dir port)
{
  for (unsigned k = 0; k < 4; k++)
    if (r->valid[k] && (r->rx[k] & DIR_BIT(port)))
      return true;
  return false;
}

// Whether swapping is on for this way in; from the ramp it takes both axes.
static bool swaps(const Route *r, Dir port)
{
  if (port == DIR_WEST || port == DIR_EAST)
    return r->swap_x;
  return port == DIR_RAMP ? r->swap_x && r->swap_y : port != DIR_HOST && r->swap_y;
}

unsigned fab_received_as(Emu *e, uint32_t tile, unsigned color, Dir port, uint8_t as[2])
{
  Channel *own = fab_channel(e, tile, color);
  Channel *other = e->fabric->swaps ? fab_channel(e, tile, color ^ 1) : NULL;
  const Route *or = other ? channel_route(e->fabric, other) : NULL;
  if (!or || !swaps(or, port)) {
    as[0] = (uint8_t)color;
    return own ? 1 : 0;
  }
  unsigned n = 0;
  const Route *r = own ? channel_route(e->fabric, own) : NULL;
  if (r && !swaps(r, port) && any_rx(r, port))
    as[n++] = (uint8_t)color;
  if (any_rx(or, port) || n == 0)
    as[n++] = (uint8_t)(color ^ 1);
  return n;
}

// Channels at the neighbour in direction d that receive what channel c sends there: none beyond the
// rectangle. *found is false if the neighbour has no route for the colour.
static unsigned receivers(Emu *e, uint32_t tile, Channel *c, Dir d, Channel *to[2], bool *found)
{
  *found = true;
  if (c->beyond & DIR_BIT(d))
    return 0;
  uint32_t next = tile + (uint32_t)e->fabric->step[d];
  if (!e->fabric->swaps) {
    to[0] = fab_channel(e, next, c->color);
    *found = to[0] != NULL;
    return *found;
  }
  uint8_t as[2];
  unsigned n = fab_received_as(e, next, c->color, dir_opposite(d), as);
  for (unsigned k = 0; k < n; k++)
    to[k] = fab_channel(e, next, as[k]);
  *found = n > 0;
  return n;
}

typedef struct Move { // a wavelet about to leave an input buffer
  Channel *c;
  Dir port;
  Slot s;
  uint8_t tx;          // directions
  bool to_core;        // delivered to this tile's core
  uint8_t n[DIR_RAMP]; // receiving channels behind each link of tx
  Channel *to[DIR_RAMP][2];
} Move;

static void no_route(Emu *e, uint32_t tile, const Move *m, Dir d, uint32_t next)
{
  emu_fault(e, tile, FAULT_UNDEFINED, 0,
            "a wavelet of colour %u is sent %s to tile (%u, %u), which has no route for colour %u; "
            "configure the colour there with rx = %s, or take %s out of tx here",
            m->c->color, dir_name(d), next % e->width, next / e->width, m->c->color,
            dir_name(dir_opposite(d)), dir_name(d));
}

// Asks one buffer for a place. When there is none, the move is tried again as soon as that can have
// changed.
static bool has_room(Emu *e, uint32_t tile, uint32_t owner, Channel *target, unsigned buffer)
{
  uint64_t at = fab_room_at(e, owner, target, buffer);
  if (at <= e->now)
    return true;
  if (at == NEVER)
    target->buffers[buffer].starved = true;
  else
    sched_at(e, at, PHASE_LINK, tile);
  return false;
}

static bool link_has_room(Emu *e, uint32_t tile, Move *m, Dir d)
{
  bool found;
  uint32_t next = tile + (uint32_t)e->fabric->step[d];
  m->n[d] = (uint8_t)receivers(e, tile, m->c, d, m->to[d], &found);
  if (!found) {
    no_route(e, tile, m, d, next);
    return false;
  }
  for (unsigned k = 0; k < m->n[d]; k++)
    if (!has_room(e, tile, next, m->to[d][k], dir_opposite(d)))
      return false;
  return true;
}

// ---- links that need more than a cycle per wavelet ----

// First cycle in which the link can take another wavelet.
static uint64_t link_ready(const Fabric *f, uint32_t tile, Dir d)
{
  return f->links ? (f->links[tile].free_at[d] + EIGHTHS - 1) / EIGHTHS : 0;
}

// A wavelet that waited for the link follows the one before at once, in fractions of a cycle.
static void use_link(Emu *e, uint32_t tile, Dir d)
{
  if (!e->fabric->links)
    return;
  uint64_t *free_at = &e->fabric->links[tile].free_at[d], start = e->now * EIGHTHS;
  if (*free_at + EIGHTHS <= start)
    *free_at = start;
  *free_at += e->costs->link_eighths;
}

static bool links_ready(Emu *e, uint32_t tile, uint8_t tx)
{
  uint64_t at = 0;
  for (Dir d = DIR_WEST; e->fabric->links && d <= DIR_NORTH; d++)
    if ((tx & DIR_BIT(d)) && link_ready(e->fabric, tile, d) > at)
      at = link_ready(e->fabric, tile, d);
  if (at <= e->now)
    return true;
  sched_at(e, at, PHASE_LINK, tile);
  return false;
}

static bool outputs_have_room(Emu *e, uint32_t tile, Move *m)
{
  if (!links_ready(e, tile, m->tx))
    return false;
  for (Dir d = DIR_WEST; d <= DIR_NORTH; d++)
    if ((m->tx & DIR_BIT(d)) && !link_has_room(e, tile, m, d))
      return false;
  if (m->to_core && !has_room(e, tile, tile, m->c, TO_CORE))
    return false;
  return !(m->tx & DIR_BIT(DIR_HOST)) || has_room(e, tile, tile, m->c, TO_HOST);
}

static void drop(Fabric *f, uint32_t tile, unsigned color, unsigned to)
{
  if (f->dropped++ == 0) {
    f->dropped_tile = tile;
    f->dropped_color = (uint8_t)color;
    f->dropped_to = (uint8_t)to;
  }
}

static void send_link(Emu *e, uint32_t tile, const Move *m, Dir d)
{
  use_link(e, tile, d);
  router_at(e->fabric, tile)->sent[d]++;
  if (m->n[d] == 0) {
    drop(e->fabric, tile, m->c->color, d);
    return;
  }
  uint32_t next = tile + (uint32_t)e->fabric->step[d];
  Slot s = {
      .time = e->now + e->costs->hop, .word = m->s.word, .control = m->s.control, .tag = m->s.tag};
  if (e->trace)
    trace_land(e, next, m->c->color, dir_opposite(d), s.time);
  for (unsigned k = 0; k < m->n[d]; k++)
    fab_push(e, next, m->to[d][k], dir_opposite(d), s);
  e->fabric->hops++;
}

static void send_copies(Emu *e, uint32_t tile, const Move *m)
{
  for (Dir d = DIR_WEST; d <= DIR_NORTH; d++)
    if (m->tx & DIR_BIT(d))
      send_link(e, tile, m, d);
  Slot s = {.time = e->now + e->costs->ramp_down,
            .word = m->s.word,
            .control = m->s.control,
            .tag = m->s.tag};
  uint64_t *sent = router_at(e->fabric, tile)->sent;
  if (m->to_core) {
    s.undecided = m->s.undecided;
    m->c->undecided += m->s.undecided;
    fab_push(e, tile, m->c, TO_CORE, s);
    sent[DIR_RAMP]++;
  }
  s.undecided = false;
  if (m->tx & DIR_BIT(DIR_HOST)) {
    fab_push(e, tile, m->c, TO_HOST, s);
    sent[DIR_HOST]++;
  }
  if (m->tx == 0)
    drop(e->fabric, tile, m->c->color, DIR_COUNT);
}

// The place that a wavelet left: whoever was refused there tries again when the news has travelled
// back.
static void release_input(Emu *e, uint32_t tile, Channel *c, Dir port)
{
  uint64_t free_at = e->now + (port <= DIR_NORTH ? e->costs->hop : 1);
  bool starved = fab_pop(e, tile, c, port, free_at);
  if (port == DIR_HOST)
    fab_inject(e, tile, c->color);
  else if (starved && port == DIR_RAMP)
    sched_at(e, free_at, PHASE_OUT, tile);
  else if (starved)
    sched_at(e, free_at, PHASE_LINK, tile + (uint32_t)e->fabric->step[port]);
}

// Whether a queue takes the colour with its filter or without is known when one is bound to it;
// until then wavelets wait at the ramp, and those behind them too.
static bool filter_decides(Emu *e, uint32_t tile, const Channel *c)
{
  return !channel_route(e->fabric, c)->filter || (!c->undecided && queue_bound(e, tile, c->color));
}

static bool for_core(const Move *m)
{
  return (m->tx & DIR_BIT(DIR_RAMP)) && !(m->s.control && ctrl_ce_ignore(m->s.word, 0));
}

static bool delivers_to_core(Emu *e, uint32_t tile, const Move *m)
{
  return for_core(m) && (!filter_decides(e, tile, m->c) ||
                         fab_filter_passes(e, tile, m->c, m->s.word, m->s.control));
}

// The wavelet may have waited for any of the places that it goes to.
static void trace_waited(Emu *e, uint32_t tile, Move *m)
{
  Slot *from = slot_at(e->fabric, tile, m->c, m->port, 0);
  uint32_t tag = from->tag;
  for (Dir d = DIR_WEST; d <= DIR_NORTH; d++)
    for (unsigned k = 0; (m->tx & DIR_BIT(d)) && k < m->n[d]; k++)
      tag = fab_room_cause(e, tile + (uint32_t)e->fabric->step[d], m->to[d][k], dir_opposite(d),
                           from->time, tag);
  if (m->to_core)
    tag = fab_room_cause(e, tile, m->c, TO_CORE, from->time, tag);
  if (m->tx & DIR_BIT(DIR_HOST))
    tag = fab_room_cause(e, tile, m->c, TO_HOST, from->time, tag);
  from->tag = m->s.tag = TAG(tag);
}

static void commit(Emu *e, uint32_t tile, Move *m)
{
  uint8_t position = m->c->position;
  m->s.undecided = for_core(m) && !filter_decides(e, tile, m->c);
  if (for_core(m) && !m->s.undecided)
    fab_filter_count(e, tile, m->c, m->s.control);
  if (e->trace) {
    trace_waited(e, tile, m);
    uint8_t tx = m->to_core ? m->tx : m->tx & (uint8_t)~DIR_BIT(DIR_RAMP);
    trace_route(e, tile, m->c->color, m->s.word, m->s.control, m->s.tag, m->port, tx);
    trace_hold(e, m->s.tag); // it is in no buffer for a moment
  }
  release_input(e, tile, m->c, m->port);
  m->c->served = e->now;
  // The wavelet goes where the old position says; what it carries on is what its command leaves of
  // it.
  if (m->s.control)
    m->s.word = fab_switch_command(e, tile, m->c, m->s.word);
  if (m->s.advance)
    fab_switch_advance(e->fabric, m->c);
  if (e->trace && position != m->c->position)
    trace_switch(e, tile, m->c->color, m->c->position);
  send_copies(e, tile, m);
  if (e->trace)
    trace_release(e, m->s.tag);
}

// ---- one step ----

static bool has_arrived(const Emu *e, uint32_t tile, const Channel *c, Dir port)
{
  return (c->occupied & DIR_BIT(port)) && slot_at(e->fabric, tile, c, port, 0)->time <= e->now;
}

// The port whose wavelet waits longest among those the current position receives from; DIR_COUNT =
// none.
static Dir pick_port(const Emu *e, uint32_t tile, const Channel *c)
{
  uint8_t rx = channel_route(e->fabric, c)->rx[c->position];
  Dir best = DIR_COUNT;
  uint64_t oldest = NEVER;
  for (Dir d = 0; d < DIR_COUNT; d++) {
    if (!(rx & DIR_BIT(d)) || !has_arrived(e, tile, c, d))
      continue;
    uint64_t time = slot_at(e->fabric, tile, c, d, 0)->time;
    if (time < oldest) {
      oldest = time;
      best = d;
    }
  }
  return best;
}

static void step_color(Emu *e, uint32_t tile, Channel *c, uint8_t *used)
{
  Dir port = c->teardown ? DIR_COUNT : pick_port(e, tile, c);
  if (port == DIR_COUNT)
    return;
  Move m = {.c = c, .port = port, .s = *slot_at(e->fabric, tile, c, port, 0)};
  m.tx = channel_route(e->fabric, c)->tx[c->position];
  m.to_core = delivers_to_core(e, tile, &m);
  uint8_t outputs = m.to_core ? m.tx : m.tx & (uint8_t)~DIR_BIT(DIR_RAMP);
  if (outputs & *used) {
    sched_at(e, e->now + 1, PHASE_LINK, tile);
    return;
  }
  if (!outputs_have_room(e, tile, &m))
    return;
  *used |= outputs;
  commit(e, tile, &m);
  // What arrives later has its event; what was waiting needs one.
  for (Dir d = 0; c->occupied >> d; d++)
    if (has_arrived(e, tile, c, d)) {
      sched_at(e, e->now + 1, PHASE_LINK, tile);
      return;
    }
}

static bool arrives_now(const Emu *e, uint32_t tile, const Channel *c, Dir port)
{
  for (unsigned i = 0; i < c->buffers[port].count; i++)
    if (slot_at(e->fabric, tile, c, port, i)->time == e->now)
      return true;
  return false;
}

// Several receive directions are legal only while wavelets never come from two of them together
// (machine 3.2, 8.3).
static bool arrivals_collide(Emu *e, uint32_t tile, const Channel *c)
{
  uint8_t rx = channel_route(e->fabric, c)->rx[c->position] & c->occupied;
  Dir first = DIR_COUNT;
  if ((rx & (rx - 1)) == 0)
    return false;
  for (Dir d = 0; d < DIR_COUNT; d++) {
    if (!(rx & DIR_BIT(d)) || !arrives_now(e, tile, c, d))
      continue;
    if (first != DIR_COUNT) {
      emu_fault(e, tile, FAULT_UNDEFINED, 0,
                "wavelets of colour %u arrive from %s and from %s in the same cycle; separate them "
                "in time, or give one of the senders its own colour",
                c->color, dir_name(first), dir_name(d));
      return true;
    }
    first = d;
  }
  return false;
}

// Busy colours, the one served longest ago first.
static unsigned turns(const Emu *e, uint32_t tile, Channel *order[MAX_COLORS])
{
  const Fabric *f = e->fabric;
  unsigned n = 0;
  uint64_t keys[MAX_COLORS];
  for (uint32_t left = router_at(f, tile)->busy; left; left &= left - 1) {
    Channel *c = channel_at(f, tile, (unsigned)__builtin_ctz(left));
    uint64_t key = e->opt.shuffle ? shuffled(e, tile, c->color) : c->served;
    unsigned at = n++;
    for (; at > 0 && keys[at - 1] > key; at--) {
      order[at] = order[at - 1];
      keys[at] = keys[at - 1];
    }
    order[at] = c;
    keys[at] = key;
  }
  return n;
}

void fab_link(Emu *e, uint32_t tile)
{
  Router *r = router_at(e->fabric, tile);
  if (!r->busy)
    return;
  Channel *order[MAX_COLORS];
  unsigned n = turns(e, tile, order);
  uint8_t used = 0;
  for (unsigned k = 0; k < n && !e->stopped; k++)
    if (!arrivals_collide(e, tile, order[k]))
      step_color(e, tile, order[k], &used);
}

// ---- out of the router: core and host ----

static bool head_ready(const Emu *e, uint32_t tile, const Channel *c, unsigned buffer)
{
  return c->buffers[buffer].count && slot_at(e->fabric, tile, c, buffer, 0)->time <= e->now;
}

static void left_buffer(Emu *e, uint32_t tile, Channel *c, unsigned buffer)
{
  if (fab_pop(e, tile, c, buffer, e->now + 1))
    sched_at(e, e->now + 1, PHASE_LINK, tile);
  if (c->buffers[buffer].count)
    sched_at(e, e->now + 1, PHASE_ARRIVE, tile);
}

// The filter's word on a wavelet that came before its queue was bound. *passes is not set while
// there is none.
static bool decide(Emu *e, uint32_t tile, Channel *c, Slot *s, bool *passes)
{
  if (!queue_bound(e, tile, c->color))
    return false;
  *passes = fab_filter_passes(e, tile, c, s->word, s->control);
  fab_filter_count(e, tile, c, s->control);
  s->undecided = false;
  c->undecided--;
  return true;
}

static bool to_core(Emu *e, uint32_t tile, Channel *c)
{
  Slot *s = slot_at(e->fabric, tile, c, TO_CORE, 0);
  bool passes = true;
  if (s->undecided && !decide(e, tile, c, s, &passes))
    return false;
  if (!passes) {
    left_buffer(e, tile, c, TO_CORE);
    return true;
  }
  uint32_t tag = s->tag;
  if (!queue_arrive(e, tile, c->color, s->word, s->control, &tag))
    return false;
  s->tag = TAG(tag);
  left_buffer(e, tile, c, TO_CORE);
  return true;
}

static bool to_host(Emu *e, uint32_t tile, Channel *c)
{
  Slot *s = slot_at(e->fabric, tile, c, TO_HOST, 0);
  if (!host_collect(e, tile, c->color, s->word))
    return false;
  if (e->trace)
    s->tag = TAG(trace_host_takes(e, s->tag, s->time));
  left_buffer(e, tile, c, TO_HOST);
  return true;
}

// Colours with a wavelet ready in this buffer, the one that waits longest first.
static unsigned waiting(const Emu *e, uint32_t tile, unsigned buffer, Channel *order[MAX_COLORS])
{
  unsigned n = 0;
  uint64_t times[MAX_COLORS];
  for (uint32_t left = router_at(e->fabric, tile)->leaving; left; left &= left - 1) {
    Channel *c = channel_at(e->fabric, tile, (unsigned)__builtin_ctz(left));
    if (!head_ready(e, tile, c, buffer))
      continue;
    uint64_t time = slot_at(e->fabric, tile, c, buffer, 0)->time;
    if (e->opt.shuffle)
      time = shuffled(e, tile, buffer << 8 | c->color);
    unsigned at = n++;
    for (; at > 0 && times[at - 1] > time; at--) {
      order[at] = order[at - 1];
      times[at] = times[at - 1];
    }
    order[at] = c;
    times[at] = time;
  }
  return n;
}

// One wavelet per cycle and side; others that were held up follow in the next cycles.
static void leave(Emu *e, uint32_t tile, unsigned buffer,
                  bool (*deliver)(Emu *, uint32_t, Channel *))
{
  Channel *order[MAX_COLORS];
  unsigned n = waiting(e, tile, buffer, order);
  for (unsigned k = 0; k < n && !e->stopped; k++) {
    if (!deliver(e, tile, order[k]))
      continue;
    if (k + 1 < n)
      sched_at(e, e->now + 1, PHASE_ARRIVE, tile);
    return;
  }
}

void fab_arrive(Emu *e, uint32_t tile)
{
  Router *r = router_at(e->fabric, tile);
  if (!r->leaving)
    return;
  leave(e, tile, TO_CORE, to_core);
  leave(e, tile, TO_HOST, to_host);
}
