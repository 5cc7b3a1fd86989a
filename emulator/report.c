// The wait-for report: when nothing can move, who waits for what, and the most likely cause
// (DESIGN 4.2).
//
// Each waiting thing makes one line; tiles with equal lines are one group. Under a group stands
// what is known of its first tile: where the colour it waits for comes from, or where the colour it
// cannot send is held up.
#include "emulator/report.h"
#include "support/text_out.h"
#include <stb/stb_ds.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t number_in(const WaitFacts *f)
{
  return f->kind == WAIT_KIND_WAVELETS ? f->wavelets : f->left;
}

// Adds the tile to the group of this line (taken). Returns the group if it is new, so that the
// caller can say why.
static Group *add(Report *r, uint32_t tile, WaitFacts facts, char *line)
{
  ptrdiff_t i = shgeti(r->groups, line);
  bool fresh = i < 0;
  int64_t n = number_in(&facts);
  if (fresh) {
    facts.who = arena_strdup(&r->lasting, facts.who);
    shputs(r->groups,
           ((Group){.key = line, .facts = facts, .least = n, .most = n, .one_total = true}));
    i = shgeti(r->groups, line);
  }
  free(line);
  Group *g = &r->groups[i];
  if (g->count < NAMED_TILES)
    g->tiles[g->count] = tile;
  g->count++;
  g->least = n < g->least ? n : g->least;
  g->most = n > g->most ? n : g->most;
  g->one_total &= facts.left + facts.done == g->facts.left + g->facts.done;
  return fresh ? g : NULL;
}

static WaitFacts facts_of(WaitKind kind)
{
  return (WaitFacts){.kind = kind,
                     .who = "",
                     .queue = NO_NUMBER,
                     .color = NO_NUMBER,
                     .left = NO_NUMBER,
                     .done = NO_NUMBER,
                     .wavelets = NO_NUMBER};
}

static int color_number(unsigned color)
{
  return color < MAX_COLORS ? (int)color : NO_NUMBER;
}

// ---- operations ----

static WaitFacts thread_facts(Arena *a, const Emu *e, uint32_t tile, const Thread *th)
{
  WaitFacts f = facts_of(WAIT_KIND_OPERATION);
  const Tile *t = &e->tiles[tile];
  if (th->ut == MAX_UTS)
    f.who = task_name(a, e, tile, t->task_kind, t->task_id);
  else
    f.who = arena_printf(a, "microthread %u", th->ut);
  f.place = code_place(e, tile, th->pc);
  f.operation = isa_dsd((DsdOp)th->op)->name;
  f.wait = th->wait;
  if (th->wait != WAIT_NOTHING && th->wait != WAIT_BLOCKED)
    f.queue = th->wait_queue;
  if (th->wait == WAIT_INPUT)
    f.color = color_number(input_color(e, tile, th->wait_queue));
  if (th->wait == WAIT_OUTPUT)
    f.color = th->dest.color;
  if (th->remaining != UINT32_MAX) {
    f.left = th->remaining;
    f.done = th->total - th->remaining;
  }
  return f;
}

static char *why_waits(const Emu *e, uint32_t tile, const Thread *th)
{
  if (th->wait == WAIT_INPUT)
    return why_no_input(e, tile, input_color(e, tile, th->wait_queue));
  return th->wait == WAIT_OUTPUT ? why_no_output(e, tile, th->dest.color) : NULL;
}

static void report_thread(Report *r, uint32_t tile, uint32_t n, CauseRank rank)
{
  Emu *e = r->e;
  const Thread *th = &e->threads[n];
  Arena *a = &r->passing;
  const char *who = thread_name(a, e, tile, th), *wait = wait_of(a, e, tile, th);
  const char *op = isa_dsd((DsdOp)th->op)->name;
  Group *g = add(r, tile, thread_facts(a, e, tile, th),
                 text_of("%s: @%s %s", who, op, wait_place(a, e, tile, th)));
  if (g)
    g->why = why_waits(e, tile, th);
  if (rank >= r->rank)
    return;
  if (th->wait == WAIT_INPUT && input_color(e, tile, th->wait_queue) < MAX_COLORS)
    r->awaited = 1u << input_color(e, tile, th->wait_queue);
  char *why = why_waits(e, tile, th);
  PROPOSE(r, rank, advice_for(e, tile, th), "tile (%u, %u): %s %s%s%s", XY(e, tile), who, wait,
          why ? "; " : "", why ? why : "");
  free(why);
}

// The fabric operand of the element access at which the main thread waits.
static bool map_operand_of(Emu *e, uint32_t tile, Operand *o)
{
  const Tile *t = &e->tiles[tile];
  const EmuClass *c = &e->classes[t->cls];
  const Insn *d = &c->insns[c->entry[(t->pc - CODE_BASE) / 2]];
  DsrFile file = d->target == SYS_map_put ? FILE_DEST : FILE_SRC1;
  const Dsr *dsr = dsd_register(e, tile, file, e->regs[t->regs].x[d->rs1]);
  return dsr && operand_init(e, tile, o, dsr, 32, 0);
}

static void report_map(Report *r, uint32_t tile, CauseRank rank)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  Operand o;
  if (!map_operand_of(e, tile, &o))
    return;
  WaitFacts f = facts_of(WAIT_KIND_MAP);
  bool reads = o.kind == OP_FABIN;
  f.who = task_name(&r->passing, e, tile, t->task_kind, t->task_id);
  f.place = code_place(e, tile, t->pc);
  f.queue = o.queue;
  f.color = color_number(reads ? input_color(e, tile, o.queue) : o.color);
  const char *where = at_place(&r->passing, f.place);
  const char *what = reads ? "for wavelets on input" : "for room in output";
  Group *g = add(r, tile, f, text_of("%s%s: @map waits %s queue %d", f.who, where, what, f.queue));
  char *why = reads ? why_no_input(e, tile, input_color(e, tile, o.queue))
                    : why_no_output(e, tile, o.color);
  PROPOSE(r, rank, "let somebody send what @map reads, or take what it writes",
          "tile (%u, %u): @map in %s%s waits %s queue %d%s%s", XY(e, tile), f.who, where, what,
          f.queue, why ? "; " : "", why ? why : "");
  if (g)
    g->why = why;
  else
    free(why);
}

// ---- tasks and queues ----

static bool report_blocked_tasks(Report *r, uint32_t tile, CauseRank rank)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  for (uint64_t bits = t->active & t->blocked; bits; bits &= bits - 1) {
    unsigned id = (unsigned)__builtin_ctzll(bits);
    uint32_t entry = e->classes[t->cls].local_entry[id];
    WaitFacts f = facts_of(WAIT_KIND_TASK);
    f.who = task_name(&r->passing, e, tile, TASK_KIND_LOCAL, id);
    if (entry)
      f.place = image_function_line(e->classes[t->cls].img, entry);
    const char *where = at_place(&r->passing, f.place);
    add(r, tile, f, text_of("%s%s is activated, but blocked", f.who, where));
    PROPOSE(r, rank, "call @unblock with the id of this task",
            "tile (%u, %u): %s%s is activated, but nobody unblocks it", XY(e, tile), f.who, where);
  }
  return (t->active & t->blocked) != 0;
}

// The task for which the first wavelet of a queue is meant; empty text: there is none.
static const char *task_of_head(Arena *a, const Emu *e, uint32_t tile, unsigned q)
{
  const TileQueues *qs = &e->queues[e->tiles[tile].queues];
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  const QueueEntry *head = &qs->in_ring[q][qs->in[q].head];
  uint32_t id = e->arch->data_task_by_queue ? q : qs->in[q].color;
  uint32_t slot = ctrl_entry(head->word);
  if (head->control ? task_of_control(c, q, &slot) : c->data_entry[id])
    return task_name(a, e, tile, head->control ? TASK_KIND_CONTROL : TASK_KIND_DATA,
                     head->control ? slot : id);
  return "";
}

static const char *advice_for_blocked(const Emu *e, bool control)
{
  if (control)
    return e->arch->data_task_by_queue
               ? "call @unblock with the input queue, once and for all in a comptime block: "
                 "without a data task it starts blocked"
               : "call @unblock with the colour, once and for all in a comptime block: without a "
                 "data task it starts blocked";
  return "call @unblock with the colour (WSE-2) or input queue (WSE-3) of this task";
}

// Wavelets at rest in an input queue: their task is blocked, or there is nobody for them.
static void report_queue(Report *r, uint32_t tile, unsigned q, CauseRank rank)
{
  Emu *e = r->e;
  const TileQueues *qs = &e->queues[e->tiles[tile].queues];
  const Queue *in = &qs->in[q];
  if (in->count == 0 || in->user)
    return;
  unsigned color = queue_holds(qs, q), id = e->arch->data_task_by_queue ? q : color;
  if (in->color != QUEUE_UNBOUND && !(e->tiles[tile].blocked >> id & 1))
    return;
  WaitFacts f = facts_of(WAIT_KIND_QUEUE);
  bool control = qs->in_ring[q][in->head].control;
  f.queue = (int)q;
  f.color = color_number(color);
  f.wavelets = in->count;
  f.who = task_of_head(&r->passing, e, tile, q);
  bool task = f.who[0] != 0;
  add(r, tile, f,
      text_of("%u %swavelet%s of colour %u wait%s in input queue %u: %s%s", in->count,
              control ? "control " : "", in->count == 1 ? "" : "s", color,
              in->count == 1 ? "s" : "", q,
              task ? f.who : "no operation reads it and it has no data task",
              task ? " is blocked" : ""));
  if (task)
    PROPOSE(r, rank, advice_for_blocked(e, control),
            "tile (%u, %u): %s is blocked%s and nobody unblocks it", XY(e, tile), f.who,
            control ? arena_printf(&r->passing, " with its channel, colour %u in input queue %u,",
                                   color, q)
                    : "");
  else
    PROPOSE(r, CAUSE_WAITING, advice_for_unread(e, tile, color),
            "tile (%u, %u): wavelets of colour %u arrived in input queue %u that nothing takes%s",
            XY(e, tile), color, q,
            is_idle(&e->tiles[tile]) ? idle_tasks(&r->passing, e, tile) : "");
}

// A flush waits for the last wavelet to leave its queue.
static void report_flushes(Report *r, uint32_t tile, bool output, CauseRank rank)
{
  Emu *e = r->e;
  const TileCold *cold = &e->cold[tile];
  const char *kind = output ? "output" : "input";
  for (uint32_t bits = output ? cold->flush_out : cold->flush_in; bits; bits &= bits - 1) {
    unsigned q = (unsigned)__builtin_ctz(bits);
    const TileQueues *qs = &e->queues[e->tiles[tile].queues];
    const Queue *queue = output ? &qs->out[q] : &qs->in[q];
    WaitFacts f = facts_of(WAIT_KIND_QUEUE);
    f.queue = (int)q;
    f.color = color_number(queue->color);
    f.wavelets = queue->count;
    add(r, tile, f,
        text_of("the flush of %s queue %u waits: %u wavelet%s of colour %u %s still in it", kind, q,
                queue->count, queue->count == 1 ? "" : "s", queue->color,
                queue->count == 1 ? "is" : "are"));
    PROPOSE(r, rank,
            output ? "let the receivers take what was sent"
                   : "let an operation or a data task take what arrived",
            "tile (%u, %u): the flush of %s queue %u waits for wavelets of colour %u to leave it",
            XY(e, tile), kind, q, queue->color);
  }
}

// ---- the command stream ----

// The next command that waits for this tile because its latest launch holds the stream; NULL =
// none.
static const Command *held_command(const Emu *e, uint32_t tile)
{
  const HostTile *h = &e->host->tiles[tile];
  if (!h->blocked)
    return NULL;
  for (ptrdiff_t i = h->next; i < arrlen(e->host->commands); i++)
    if (host_concerns(e, &e->host->commands[i], tile))
      return &e->host->commands[i];
  return NULL;
}

static ImagePlace launched_place(const Emu *e, uint32_t tile, uint32_t export_id)
{
  uint32_t cls = e->tiles[tile].cls, address = host_export(e->host, cls, export_id)->address;
  ImagePlace at = image_function_line(e->classes[cls].img, address);
  return at.file ? at : code_place(e, tile, address);
}

static void report_held(Report *r, uint32_t tile, bool at_rest)
{
  Emu *e = r->e;
  const HostTile *h = &e->host->tiles[tile];
  uint32_t id = e->host->commands[h->launched - 1].export_id;
  const char *name = e->img->exports[id].name;
  WaitFacts f = facts_of(WAIT_KIND_COMMAND);
  f.who = arena_printf(&r->passing, "launched function %s", name);
  f.place = launched_place(e, tile, id);
  const char *where = at_place(&r->passing, f.place);
  add(r, tile, f,
      text_of("the next host command waits: the launch of \"%s\"%s blocks the command stream", name,
              where));
  if (!at_rest)
    return;
  PROPOSE(r, CAUSE_CRITICAL, advice_for_held(e, tile),
          "tile (%u, %u): function \"%s\"%s was launched and never called unblock_cmd_stream%s",
          XY(e, tile), name, where, never_unblocked(&r->passing, e, tile));
}

// Everything that waits on the core of a tile.
static void report_core(Report *r, uint32_t tile, uint32_t *critical, uint32_t *waiting)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  bool held = held_command(e, tile) != NULL;
  bool awaited = held || e->host->tiles[tile].running;
  CauseRank rank = awaited ? CAUSE_CRITICAL : CAUSE_WAITING;
  if (awaited && *critical == NO_TILE)
    *critical = tile;
  if ((t->main_op || t->ut_live) && *waiting == NO_TILE)
    *waiting = tile;
  if (t->state == MAIN_OP)
    report_thread(r, tile, t->main_op, rank);
  if (t->state == MAIN_WAIT)
    report_map(r, tile, rank);
  for (unsigned u = 0; u < MAX_UTS; u++)
    if (t->uts[u])
      report_thread(r, tile, t->uts[u], rank);
  bool blocked = report_blocked_tasks(r, tile, rank);
  for (unsigned q = 0; t->queues && q < e->arch->input_queues; q++)
    report_queue(r, tile, q, rank);
  report_flushes(r, tile, false, rank);
  report_flushes(r, tile, true, rank);
  if (held)
    report_held(r, tile, is_idle(t) && !blocked);
}

// ---- wavelets that cannot go on ----

static WaitFacts wavelet_facts(const Channel *c, unsigned count)
{
  WaitFacts f = facts_of(WAIT_KIND_WAVELETS);
  f.color = c->color;
  f.wavelets = count;
  return f;
}

static void report_port(Report *r, uint32_t tile, const Channel *c, Dir d)
{
  const Route *route = channel_route(r->e->fabric, c);
  unsigned n = c->buffers[d].count;
  WaitFacts f = wavelet_facts(c, n);
  if (c->teardown) {
    add(r, tile, f, text_of("wavelets of colour %u wait: the colour is in teardown", c->color));
    PROPOSE(r, CAUSE_STUCK_COLOR,
            "end the teardown of the colour in its handler, with tile_config.teardown.exit",
            "tile (%u, %u): colour %u is in teardown and nobody ends it", XY(r->e, tile), c->color);
    return;
  }
  if (route->rx[c->position] & DIR_BIT(d))
    return; // waits for a place further on, which has its own line
  bool ever = ever_receives(route, d);
  add(r, tile, f,
      text_of("wavelets of colour %u from %s wait: %s receives from there", c->color, dir_name(d),
              ever ? "only another switch position" : "no switch position"));
  // What holds the tile that the host waits for may be just that.
  bool awaited = ever && r->rank == CAUSE_CRITICAL && r->awaited >> c->color & 1;
  PROPOSE(r, ever && !awaited ? CAUSE_SWITCH : CAUSE_STUCK_COLOR,
          advice_for_side(r->e, c->color, route, d),
          "wavelets of colour %u wait at tile (%u, %u): the route there (switch position %u) does "
          "not receive from %s",
          c->color, XY(r->e, tile), c->position, dir_name(d));
}

// An operation there got some of its wavelets: when it is over, the program may bind its queue to
// another colour.
static bool has_begun_to_receive(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  for (unsigned u = 0; u <= MAX_UTS; u++) {
    const Thread *th = &e->threads[u < MAX_UTS ? t->uts[u] : t->main_op];
    if (th != e->threads && th->wait == WAIT_INPUT && th->remaining < th->total)
      return true;
  }
  return false;
}

static void report_exit(Report *r, uint32_t tile, const Channel *c)
{
  Emu *e = r->e;
  unsigned host = c->buffers[TO_HOST].count, core = c->buffers[TO_CORE].count;
  if (host)
    add(r, tile, wavelet_facts(c, host),
        text_of("wavelets of colour %u wait for the host to receive them", c->color));
  if (!waits_unbound(e, tile, c)) // what waits for a queue is reported with the queue
    return;
  add(r, tile, wavelet_facts(c, core),
      text_of("wavelets of colour %u wait at the ramp: no input queue is bound to the colour",
              c->color));
  PROPOSE(r, has_begun_to_receive(e, tile) ? CAUSE_SWITCH : CAUSE_STUCK_COLOR,
          "bind an input queue to this colour, or take RAMP out of tx",
          "tile (%u, %u): colour %u is routed to the core, but no input queue is bound to it "
          "(@initialize_queue)",
          XY(e, tile), c->color);
}

static void report_router(Report *r, uint32_t tile)
{
  const Router *router = router_at(r->e->fabric, tile);
  for (uint32_t left = router->busy | router->leaving; left; left &= left - 1) {
    const Channel *c = channel_at(r->e->fabric, tile, (unsigned)__builtin_ctz(left));
    for (Dir d = 0; d < DIR_COUNT; d++)
      if (c->occupied & DIR_BIT(d))
        report_port(r, tile, c, d);
    report_exit(r, tile, c);
  }
}

// ---- what the host waits for ----

// A stream out that gets nothing: say of the first tile what it does not send. Returns that tile.
static uint32_t report_stream(Report *r, const Stream *s)
{
  Emu *e = r->e;
  uint32_t first = NO_TILE;
  for (uint32_t k = 0; k < s->region.width * s->region.height; k++) {
    if (s->moved[k] == s->count)
      continue;
    uint32_t tile =
        tile_at(e, s->region.x + k % s->region.width, s->region.y + k / s->region.width);
    WaitFacts f = facts_of(WAIT_KIND_HOST);
    f.color = (int)s->color;
    f.left = s->count - s->moved[k];
    f.done = s->moved[k];
    Group *g = add(r, tile, f, text_of("the host waits for wavelets of colour %u", s->color));
    if (g)
      g->why = why_none_sent(e, tile, s->color);
    PROPOSE(r, CAUSE_WAITING, advice_for_stream_out(e),
            "the host waits for %u wavelets of colour %u from tile (%u, %u), which sent %u%s",
            s->count, s->color, XY(e, tile), s->moved[k],
            is_idle(&e->tiles[tile]) && e->tiles[tile].cls != NO_CLASS
                ? left_behind(&r->passing, e, tile)
                : "");
    if (first == NO_TILE)
      first = tile;
  }
  return first;
}

static uint32_t report_streams(Report *r)
{
  uint32_t first = NO_TILE;
  for (ptrdiff_t i = 0; i < arrlen(r->e->host->streams); i++) {
    const Stream *s = &r->e->host->streams[i];
    uint32_t tile = s->moved && s->to_host ? report_stream(r, s) : NO_TILE;
    if (first == NO_TILE)
      first = tile;
  }
  return first;
}

static void collect(Report *r)
{
  uint32_t critical = NO_TILE, waiting = NO_TILE;
  sh_new_strdup(r->groups);
  for (uint32_t tile = 0; tile < r->e->n_tiles; tile++) {
    if (r->e->tiles[tile].cls != NO_CLASS)
      report_core(r, tile, &critical, &waiting);
    arena_free(&r->passing);
  }
  for (uint32_t tile = 0; tile < r->e->n_tiles; tile++)
    report_router(r, tile);
  uint32_t stream = report_streams(r);
  follow_chain(r, critical != NO_TILE ? critical : stream != NO_TILE ? stream : waiting);
}

static void free_report(Report *r)
{
  for (ptrdiff_t i = 0; i < shlen(r->groups); i++)
    free(r->groups[i].why);
  for (ptrdiff_t i = 0; i < arrlen(r->chain); i++)
    free(r->chain[i].text);
  shfree(r->groups);
  arrfree(r->chain);
  free(r->cause);
  arena_free(&r->lasting);
  arena_free(&r->passing);
}

// Waits that a program which ends as it was meant to does not leave behind: operations may wait for
// ever and tasks may stay blocked, but wavelets do not wait.
static bool left_over(const Report *r)
{
  for (ptrdiff_t i = 0; i < shlen(r->groups); i++) {
    WaitKind kind = r->groups[i].facts.kind;
    if (kind == WAIT_KIND_QUEUE || kind == WAIT_KIND_WAVELETS)
      return true;
  }
  return r->e->fabric->dropped != 0;
}

static char *report(Emu *e, bool leftovers, void (*print)(const Report *, FILE *))
{
  // Events that are still to come mean that the run was cut short.
  Report r = {.e = e, .rank = CAUSE_NONE, .rest = sched_next(e) == NEVER, .leftovers = leftovers};
  collect(&r);
  if (leftovers && !left_over(&r)) {
    free_report(&r);
    return NULL;
  }
  TextOut text;
  print(&r, text_out_open(&text));
  free_report(&r);
  return text_out_close(&text);
}

char *report_waits(Emu *e)
{
  return report(e, false, print_text);
}

char *emu_leftovers(Emu *e)
{
  return report(e, true, print_text);
}

char *emu_waits_json(Emu *e)
{
  return report(e, false, print_json);
}
