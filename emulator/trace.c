// What the parts of the emulator report, put in order for the listeners (trace.h).
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>

enum { KEEP = 1 << 14 };

// ---- life ----

// The kind of trace with this name; 0 = there is none.
static unsigned debug_word(const char *word)
{
  static const char *const names[] = {"inst_trace", "landing", "router", "stalls"};
  for (unsigned k = 0; k < 4; k++)
    if (strcmp(names[k], word) == 0)
      return 1u << k;
  return 0;
}

// The kinds in a list. False, with a diagnostic, if one is unknown and not to be left out.
static bool debug_words(const Emu *e, unsigned *debug, Diags *diags)
{
  enum { SHOWN = 40 };
  for (const char *at = e->opt.debug; at && *at;) {
    char word[SHOWN];
    size_t n = strcspn(at, ", ");
    snprintf(word, sizeof word, "%.*s", (int)n, at);
    unsigned kind = debug_word(word);
    if (n && !kind && !e->opt.debug_loose) {
      DIAG_AT(diags, emu_debug, (SrcRange){0}, word);
      return false;
    }
    if (n && !kind)
      DIAG_AT(diags, emu_debug_skipped, (SrcRange){0}, word);
    *debug |= kind;
    at += n + (at[n] != 0);
  }
  return true;
}

bool trace_new(Emu *e, Diags *diags)
{
  unsigned debug = 0;
  if (!debug_words(e, &debug, diags))
    return false;
  if (!e->log)
    debug = 0;
  if (!e->opt.trace && !debug && !e->opt.causes)
    return true;
  Trace *t = mem_zeroed(1, sizeof *t);
  e->trace = t;
  t->out = e->opt.trace;
  t->debug = debug;
  t->limit = KEEP;
  t->named = mem_zeroed(e->n_tiles / 64 + 1, sizeof *t->named);
  if (debug & DEBUG_INST)
    t->issued = mem_zeroed(e->n_tiles, sizeof *t->issued);
  if (e->opt.causes)
    causes_new(e);
  if (t->out)
    trace_file_begin(e);
  if (debug)
    trace_text_header(e);
  return true;
}

void trace_end(Emu *e)
{
  Trace *t = e->trace;
  if (!t)
    return;
  trace_flush(e, NEVER);
  if (t->out)
    trace_file_end(e);
  t->out = NULL;
}

void trace_free(Emu *e)
{
  Trace *t = e->trace;
  if (!t)
    return;
  trace_end(e);
  causes_free(e);
  arrfree(t->events);
  free(t->named);
  free(t->issued);
  free(t);
  e->trace = NULL;
}

// ---- order ----

static int in_order(const void *pa, const void *pb)
{
  const TraceEvent *a = pa, *b = pb;
  if (a->cycle != b->cycle)
    return a->cycle < b->cycle ? -1 : 1;
  if (a->tile != b->tile)
    return a->tile < b->tile ? -1 : 1;
  return a->sequence < b->sequence ? -1 : 1;
}

void trace_flush(Emu *e, uint64_t end)
{
  Trace *t = e->trace;
  size_t n = arrlenu(t->events), out = 0;
  if (n == 0)
    return;
  qsort(t->events, n, sizeof *t->events, in_order);
  for (; out < n && t->events[out].cycle < end; out++) {
    if (t->debug)
      trace_text(e, &t->events[out]);
    if (t->out)
      trace_file(e, &t->events[out]);
  }
  arrdeln(t->events, 0, out);
  if (arrlen(t->events) == 0)
    t->sequence = 0;
  // What is left lies ahead of the present; with many busy tiles that is much, and is not looked at
  // again before as much has come.
  t->limit = 2 * (n - out) > KEEP ? 2 * (n - out) : KEEP;
}

static void put(Emu *e, TraceEvent v)
{
  Trace *t = e->trace;
  if (!t->out && !t->debug)
    return;
  v.sequence = t->sequence++;
  arrput(t->events, v);
  if (arrlenu(t->events) > t->limit)
    trace_flush(e, e->now);
}

// ---- tasks ----

static void cause_of_task(Emu *e, uint32_t tile)
{
  Causes *c = e->trace->causes;
  const Tile *t = &e->tiles[tile];
  TileCause *at = &c->tiles[tile];
  uint32_t *activated = &c->activated[(size_t)tile * TASK_IDS + t->task_id];
  uint32_t trigger = t->task_kind == TASK_KIND_HOST    ? c->host
                     : t->task_kind == TASK_KIND_LOCAL ? *activated
                                                       : at->trigger;
  // A task that starts as soon as the one before it is over had to wait for that.
  bool at_once = at->last && e->now == at->idle_since + e->costs->task_pick;
  uint32_t n = cause_new(e, (Cause){.begin = e->now,
                                    .before = at_once ? at->last : trigger,
                                    .tile = tile,
                                    .pc = t->pc,
                                    .kind = CAUSE_TASK,
                                    .x = t->task_kind,
                                    .y = t->task_id});
  cause_set(e, &at->now, n);
  cause_release(e, n);
  cause_set(e, &at->trigger, 0);
  if (t->task_kind == TASK_KIND_LOCAL)
    cause_set(e, activated, 0);
}

void trace_task(Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .a = t->pc,
                      .kind = TRACE_TASK,
                      .x = t->task_kind,
                      .y = t->task_id});
  if (e->trace->causes)
    cause_of_task(e, tile);
}

void trace_task_end(Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  Causes *c = e->trace->causes;
  put(e, (TraceEvent){.cycle = t->clock, .tile = tile, .kind = TRACE_TASK_END});
  if (!c)
    return;
  TileCause *at = &c->tiles[tile];
  cause_ended(e, at->now, t->clock);
  cause_set(e, &at->last, at->now);
  cause_set(e, &at->now, 0);
  at->idle_since = t->clock;
}

void trace_activate(Emu *e, uint32_t tile, uint32_t id)
{
  Causes *c = e->trace->causes;
  if (c)
    cause_set(e, &c->activated[(size_t)tile * TASK_IDS + id], cause_context(e, tile));
}

// ---- operations ----

// What follows on the main thread after an operation is a new piece of its task.
static void continue_task(Emu *e, uint32_t tile, uint32_t before, uint64_t cycle)
{
  TileCause *at = &e->trace->causes->tiles[tile];
  Cause piece =
      at->now ? e->trace->causes->all[at->now] : (Cause){.tile = tile, .kind = CAUSE_TASK};
  piece.before = before;
  piece.begin = piece.end = cycle;
  uint32_t n = cause_new(e, piece);
  cause_set(e, &at->now, n);
  cause_release(e, n);
}

// An operation goes on because of `before`.
static void continue_op(Emu *e, Thread *th, uint32_t before)
{
  Causes *c = e->trace->causes;
  uint32_t n = th->cause && before ? cause_again(e, th->cause, before) : 0;
  if (!n)
    return;
  cause_release(e, th->cause);
  th->cause = n;
  cause_set(e, &c->acting, n);
}

static uint32_t cause_of_op(Emu *e, uint32_t tile, const Thread *th, uint64_t start)
{
  return cause_new(e, (Cause){.begin = start,
                              .end = start,
                              .before = e->trace->causes->tiles[tile].now,
                              .tile = tile,
                              .pc = th->pc,
                              .kind = CAUSE_OPERATION,
                              .x = th->ut,
                              .y = th->op});
}

void trace_memory(Emu *e, uint32_t tile, const Thread *th, uint64_t start, uint32_t elements)
{
  uint64_t end = e->tiles[tile].clock;
  put(e, (TraceEvent){.cycle = start,
                      .tile = tile,
                      .a = th->pc,
                      .b = (uint32_t)(end - start),
                      .c = elements,
                      .d = e->tiles[tile].task_id,
                      .kind = TRACE_OP,
                      .y = th->op});
  if (!e->trace->causes)
    return;
  uint32_t n = cause_of_op(e, tile, th, start);
  cause_ended(e, n, end);
  continue_task(e, tile, n, end);
  cause_release(e, n);
}

void trace_thread(Emu *e, uint32_t tile, Thread *th)
{
  th->stall_since = NEVER;
  th->cause = 0;
  put(e, (TraceEvent){.cycle = th->started,
                      .tile = tile,
                      .a = th->pc,
                      .c = th->remaining,
                      .d = e->tiles[tile].task_id,
                      .kind = TRACE_THREAD,
                      .x = th->ut,
                      .y = th->op});
  if (e->trace->causes)
    th->cause = cause_of_op(e, tile, th, th->started);
}

void trace_thread_end(Emu *e, uint32_t tile, const Thread *th, bool resumes)
{
  put(e, (TraceEvent){
             .cycle = e->now, .tile = tile, .kind = TRACE_THREAD_END, .x = th->ut, .y = th->op});
  Causes *c = e->trace->causes;
  if (!c)
    return;
  cause_ended(e, th->cause, e->now);
  cause_set(e, &c->acting, th->cause);
  if (resumes)
    continue_task(e, tile, th->cause, e->now);
  cause_release(e, th->cause);
}

static unsigned color_waited(const Emu *e, uint32_t tile, const Thread *th)
{
  if (th->wait == WAIT_OUTPUT)
    return th->dest.color;
  return th->wait == WAIT_INPUT ? e->queues[e->tiles[tile].queues].in[th->wait_queue].color
                                : QUEUE_UNBOUND;
}

void trace_waits(Emu *e, uint32_t tile, Thread *th)
{
  th->stall_last = th->wait;
  if (th->stall_since != NEVER)
    return;
  th->stall_since = e->now;
  th->stall_wait = th->wait;
  th->stall_color = (uint8_t)color_waited(e, tile, th);
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .c = th->wait_queue,
                      .d = th->stall_color,
                      .kind = TRACE_WAIT,
                      .x = th->ut,
                      .y = th->wait});
}

// Of a wait for input, trace_take tells.
static uint32_t what_ended_wait(const Emu *e, uint32_t tile, const Thread *th)
{
  const Causes *c = e->trace->causes;
  uint32_t fifo = e->tiles[tile].fifos + th->wait_queue;
  switch ((ThreadWait)th->stall_last) {
  case WAIT_OUTPUT: return c->room_out[(size_t)tile * MAX_QUEUES + th->wait_queue];
  case WAIT_FIFO_DATA: return c->fifo_data[fifo];
  case WAIT_FIFO_ROOM: return c->fifo_room[fifo];
  default: return 0;
  }
}

void trace_issues(Emu *e, uint32_t tile, Thread *th)
{
  Causes *c = e->trace->causes;
  if (c)
    cause_set(e, &c->acting, th->cause);
  th->was_stalled = th->stall_since != NEVER;
  if (!th->was_stalled)
    return;
  if (c)
    continue_op(e, th, what_ended_wait(e, tile, th));
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .b = (uint32_t)(e->now - th->stall_since),
                      .c = th->wait_queue,
                      .d = th->stall_color,
                      .kind = TRACE_STALL,
                      .x = th->ut,
                      .y = th->stall_wait});
  th->stall_since = NEVER;
}

void trace_block(Emu *e, uint32_t tile, const EmuClass *c, const Insn *d, uint64_t clock)
{
  const Tile *t = &e->tiles[tile];
  struct Issued *last = &e->trace->issued[tile];
  for (uint32_t i = 0; i < d->block_insns; i++) {
    uint64_t cycle = clock + d->block_cost - d[i].block_cost;
    uint32_t pc = c->pcs[d - c->insns + i];
    // An instruction that had to wait for its own cycle is entered again in that cycle.
    if (last->pc == pc && last->cycle == cycle)
      continue;
    *last = (struct Issued){cycle, pc};
    put(e, (TraceEvent){.cycle = cycle,
                        .tile = tile,
                        .a = pc,
                        .kind = TRACE_INSN,
                        .x = t->task_kind,
                        .y = t->task_id});
  }
}

// ---- wavelets ----

// The thread that uses a queue; MAX_UTS + 1 is the main thread without an operation.
static uint8_t user_of(const Queue *q)
{
  return q->user ? (uint8_t)(q->user - 1) : MAX_UTS + 1;
}

uint32_t trace_write(Emu *e, uint32_t tile, uint32_t queue, const QueueEntry *w)
{
  Trace *t = e->trace;
  uint32_t serial = ++t->serial, tag = 0;
  uint8_t user = user_of(&e->queues[e->tiles[tile].queues].out[queue]);
  if (t->causes)
    tag = cause_new(e, (Cause){.begin = e->now,
                               .end = e->now,
                               .before = cause_context(e, tile),
                               .tile = tile,
                               .pc = e->place,
                               .serial = serial,
                               .kind = CAUSE_WAVELET,
                               .x = (uint8_t)queue,
                               .y = w->color});
  else
    tag = serial & (CAUSES_MAX - 1);
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .a = w->word,
                      .b = serial,
                      .c = queue,
                      .d = w->control,
                      .kind = TRACE_WRITE,
                      .x = user,
                      .y = w->color});
  return tag;
}

// The number that a wavelet keeps on its way: with causes its tag is a place that is used again.
static uint32_t ident_of(const Emu *e, uint32_t tag)
{
  return e->trace->causes ? e->trace->causes->all[tag].serial : tag;
}

// An operation that waited for this wavelet could go on because of it.
void trace_take(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag)
{
  Causes *c = e->trace->causes;
  if (!c)
    return;
  const Tile *t = &e->tiles[tile];
  uint8_t user = user_of(&e->queues[t->queues].in[queue]);
  uint32_t thread = user < MAX_UTS ? t->uts[user] : user == MAX_UTS ? t->main_op : 0;
  Thread *th = thread ? &e->threads[thread] : NULL;
  if (th && th->was_stalled && th->stall_last == WAIT_INPUT && th->wait_queue == queue)
    continue_op(e, th, tag);
  else if (!th && t->state == MAIN_IDLE)
    cause_set(e, &c->tiles[tile].trigger, tag); // of the task that starts with it
  else if (!th && c->tiles[tile].main_waited)
    continue_task(e, tile, tag, e->now);
  c->tiles[tile].main_waited &= th != NULL;
  cause_release(e, tag);
}

void trace_main_waits(Emu *e, uint32_t tile)
{
  if (e->trace->causes)
    e->trace->causes->tiles[tile].main_waited = true;
}

void trace_main_put(Emu *e, uint32_t tile, uint32_t queue)
{
  Causes *c = e->trace->causes;
  if (!c || !c->tiles[tile].main_waited)
    return;
  c->tiles[tile].main_waited = false;
  continue_task(e, tile, c->room_out[(size_t)tile * MAX_QUEUES + queue], e->now);
}

void trace_send(Emu *e, uint32_t tile, uint32_t queue, const QueueEntry *w)
{
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .a = w->word,
                      .b = ident_of(e, w->tag),
                      .c = queue,
                      .d = w->control,
                      .kind = TRACE_SEND,
                      .x = MAX_UTS,
                      .y = w->color});
}

void trace_land(Emu *e, uint32_t tile, uint32_t color, uint32_t port, uint64_t cycle)
{
  put(e, (TraceEvent){
             .cycle = cycle, .tile = tile, .c = port, .kind = TRACE_LAND, .y = (uint8_t)color});
}

void trace_route(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, uint32_t tag,
                 uint32_t port, uint32_t departing)
{
  put(e, (TraceEvent){.cycle = e->now,
                      .tile = tile,
                      .a = word,
                      .b = ident_of(e, tag),
                      .c = port,
                      .d = departing,
                      .kind = TRACE_ROUTE,
                      .x = control,
                      .y = (uint8_t)color});
}

void trace_switch(Emu *e, uint32_t tile, uint32_t color, uint32_t position)
{
  put(e,
      (TraceEvent){
          .cycle = e->now, .tile = tile, .c = position, .kind = TRACE_SWITCH, .y = (uint8_t)color});
}

void trace_hold(Emu *e, uint32_t tag)
{
  if (e->trace->causes)
    cause_hold(e, tag);
}

void trace_release(Emu *e, uint32_t tag)
{
  if (e->trace->causes)
    cause_release(e, tag);
}

// ---- host ----

// The host goes on when the operation before is complete, so that what ended last let it.
void trace_host(Emu *e)
{
  Causes *c = e->trace->causes;
  if (!c)
    return;
  uint32_t n = cause_new(
      e,
      (Cause){
          .begin = e->now, .end = e->now, .before = c->last, .tile = NO_TILE, .kind = CAUSE_HOST});
  cause_set(e, &c->host, n);
  cause_release(e, n);
}

uint32_t trace_host_wavelet(Emu *e, uint32_t tile)
{
  Trace *t = e->trace;
  uint32_t serial = ++t->serial;
  if (!t->causes)
    return serial & (CAUSES_MAX - 1);
  return cause_new(e, (Cause){.begin = e->now,
                              .end = e->now,
                              .before = t->causes->host,
                              .tile = tile,
                              .serial = serial,
                              .kind = CAUSE_WAVELET});
}
