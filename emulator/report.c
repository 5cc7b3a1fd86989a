// The wait-for report: when nothing can move, who waits for what, and the most likely cause
// (DESIGN 4.2).
//
// Each waiting thing makes one line; tiles with equal lines are one group. Under a group stands
// what is known of its first tile: where the colour it waits for comes from, or where the colour it
// cannot send is held up.
#include "emulator/hostport.h"
#include "emulator/router.h"
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAMED_TILES = 4, NAMED_SOURCES = 3, TRACE_LIMIT = 4096 };

typedef struct Group {
  char *key; // text of the line
  char *why; // about the first tile, NULL = nothing to say
  uint32_t tiles[NAMED_TILES], count;
} Group;

// Candidates for the last line, the most telling first.
typedef enum CauseRank {
  CAUSE_STUCK_COLOR, // a wavelet that can never go on
  CAUSE_CRITICAL,    // what holds a tile for which the host waits
  CAUSE_SWITCH,      // a wavelet that only another switch position would receive
  CAUSE_WAITING,     // an operation that waits elsewhere
  CAUSE_NONE
} CauseRank;

typedef struct Report {
  Emu *e;
  Group *groups; // stb_ds, string hash, in order of discovery
  CauseRank rank;
  char *cause;
} Report;

__attribute__((format(printf, 1, 2))) static char *text_of(const char *fmt, ...)
{
  char *text = NULL;
  size_t size;
  va_list ap;
  va_start(ap, fmt);
  FILE *out = open_memstream(&text, &size);
  if (!out)
    PANIC("out of memory");
  vfprintf(out, fmt, ap);
  fclose(out);
  va_end(ap);
  return text;
}

// Adds the tile to the group of this line (taken). Returns the group if it is new, so that the
// caller can say why.
static Group *add(Report *r, uint32_t tile, char *line)
{
  ptrdiff_t i = shgeti(r->groups, line);
  bool fresh = i < 0;
  if (fresh) {
    shputs(r->groups, ((Group){.key = line}));
    i = shgeti(r->groups, line);
  }
  free(line);
  Group *g = &r->groups[i];
  if (g->count < NAMED_TILES)
    g->tiles[g->count] = tile;
  g->count++;
  return fresh ? g : NULL;
}

// The first cause of a rank stays. Texts are only made when they are wanted: there may be 10^6
// tiles.
#define PROPOSE(r, wanted, ...)                                                                    \
  do {                                                                                             \
    if ((wanted) < (r)->rank) {                                                                    \
      free((r)->cause);                                                                            \
      (r)->cause = text_of(__VA_ARGS__);                                                           \
      (r)->rank = (wanted);                                                                        \
    }                                                                                              \
  } while (0)

#define XY(e, tile) (tile) % (e)->width, (tile) / (e)->width

// ---- names ----

typedef struct Text {
  char s[200];
} Text; // a short piece of a line

static Text place(const Emu *e, uint32_t tile, uint32_t pc)
{
  Text t = {""};
  ImagePlace p = image_line(e->classes[e->tiles[tile].cls].img, pc);
  if (p.file)
    snprintf(t.s, sizeof t.s, " at %s:%u", p.file, p.line);
  return t;
}

static Text task_name(const Emu *e, uint32_t tile, unsigned kind, unsigned id)
{
  static const char *const kinds[] = {"local task", "data task", "control task",
                                      "launched function"};
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  const HostTile *h = &e->host->tiles[tile];
  uint32_t entry = kind == TASK_KIND_LOCAL  ? c->local_entry[id]
                   : kind == TASK_KIND_DATA ? c->data_entry[id]
                                            : c->control_entry[id];
  Text t;
  const char *name = NULL;
  if (kind == TASK_KIND_HOST && h->launched) {
    name = e->img->exports[e->host->commands[h->launched - 1].export_id].name;
  } else if (entry) {
    const ImageSymbol *s = image_symbol_at(c->img, entry);
    name = s ? s->name : NULL;
  }
  int n = snprintf(t.s, sizeof t.s, "%s", kinds[kind]);
  if (name)
    n += snprintf(t.s + n, sizeof t.s - (size_t)n, " %.120s", name);
  if (kind != TASK_KIND_HOST)
    snprintf(t.s + n, sizeof t.s - (size_t)n, " (id %u)", id);
  return t;
}

static uint32_t input_color(const Emu *e, uint32_t tile, unsigned queue)
{
  uint32_t q = e->tiles[tile].queues;
  return q ? e->queues[q].in[queue].color : QUEUE_UNBOUND;
}

// "in FUNCTION at FILE:LINE", as far as known.
static Text started(const Emu *e, uint32_t tile, uint32_t pc)
{
  Text t = {""}, where = place(e, tile, pc);
  const ImageSymbol *s = image_symbol_at(e->classes[e->tiles[tile].cls].img, pc);
  if (s)
    snprintf(t.s, sizeof t.s, " started in %.80s", s->name);
  size_t n = strlen(t.s);
  snprintf(t.s + n, sizeof t.s - n, "%.100s", where.s);
  return t;
}

// ---- following a colour ----

static const Route *route_at(const Emu *e, uint32_t tile, unsigned color, unsigned *position)
{
  const Fabric *f = e->fabric;
  const Channel *c = channel_at(f, tile, color);
  if (c) {
    *position = c->position;
    return channel_route(f, c);
  }
  uint32_t n = e->img->tile_routes[tile] * MAX_COLORS + color;
  *position = f->routes[n].current;
  return f->configured[n] ? &f->routes[n] : NULL;
}

static bool seen(const uint32_t *tiles, uint32_t tile)
{
  for (ptrdiff_t i = 0; i < arrlen(tiles); i++)
    if (tiles[i] == tile)
      return true;
  return false;
}

// Tiles whose core or host link feeds the colour at `tile`, along the routes as they stand (stb_ds;
// NO_TILE: the host).
static uint32_t *sources_of(const Emu *e, uint32_t tile, unsigned color)
{
  uint32_t *visit = NULL, *found = NULL;
  arrput(visit, tile);
  for (ptrdiff_t i = 0; i < arrlen(visit) && i < TRACE_LIMIT; i++) {
    unsigned position, other;
    const Route *r = route_at(e, visit[i], color, &position);
    for (Dir d = 0; r && d < DIR_COUNT; d++) {
      if (!(r->rx[position] & DIR_BIT(d)))
        continue;
      uint32_t from = d <= DIR_NORTH ? fab_neighbour(e, visit[i], d) : NO_TILE;
      const Route *sender = from == NO_TILE ? NULL : route_at(e, from, color, &other);
      if (d == DIR_RAMP)
        arrput(found, visit[i]);
      else if (d == DIR_HOST)
        arrput(found, NO_TILE);
      else if (sender && (sender->tx[other] & DIR_BIT(dir_opposite(d))) && !seen(visit, from))
        arrput(visit, from);
    }
  }
  arrfree(visit);
  return found;
}

static bool sends(const Emu *e, uint32_t tile, unsigned color)
{
  const Tile *t = &e->tiles[tile];
  if (t->main_op && e->threads[t->main_op].dest.kind == OP_FABOUT &&
      e->threads[t->main_op].dest.color == color)
    return true;
  for (unsigned u = 0; u < MAX_UTS; u++)
    if (t->uts[u] && e->threads[t->uts[u]].dest.kind == OP_FABOUT &&
        e->threads[t->uts[u]].dest.color == color)
      return true;
  return false;
}

static bool idle(const Tile *t)
{
  return t->state == MAIN_IDLE && t->ut_live == 0;
}

static const char *sender_state(const Emu *e, uint32_t tile, unsigned color)
{
  const Channel *c = channel_at(e->fabric, tile, color);
  if (c && (c->occupied & DIR_BIT(DIR_RAMP)))
    return "has sent wavelets that are held up there";
  if (sends(e, tile, color))
    return "has an operation that sends, which waits itself";
  if (e->tiles[tile].cls == NO_CLASS)
    return "has no program";
  return idle(&e->tiles[tile]) ? "is idle" : "waits for something else";
}

static char *why_no_input(const Emu *e, uint32_t tile, unsigned color)
{
  if (color >= MAX_COLORS)
    return text_of("the queue is bound to no colour: @initialize_queue is missing");
  uint32_t *from = sources_of(e, tile, color);
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    PANIC("out of memory");
  if (arrlen(from) == 0)
    fprintf(out, "nobody sends on colour %u: no route leads from a core or the host to this tile",
            color);
  else
    fprintf(out, "colour %u comes from ", color);
  for (ptrdiff_t i = 0; i < arrlen(from) && i < NAMED_SOURCES; i++) {
    if (from[i] == NO_TILE)
      fprintf(out, "%sthe host, which sends nothing", i ? "; " : "");
    else
      fprintf(out, "%stile (%u, %u), which %s", i ? "; " : "", XY(e, from[i]),
              sender_state(e, from[i], color));
  }
  if (arrlen(from) > NAMED_SOURCES)
    fprintf(out, "; and from %d more", (int)(arrlen(from) - NAMED_SOURCES));
  fclose(out);
  arrfree(from);
  return text;
}

// Why wavelets of a colour do not leave its buffers at this tile for a reason of its own; NULL: it
// only waits for others.
static const char *stuck_here(const Emu *e, uint32_t tile, const Channel *c)
{
  const Route *r = channel_route(e->fabric, c);
  if (c->occupied && c->teardown)
    return "the colour is in teardown there";
  if (c->occupied & ~r->rx[c->position])
    return "the tile does not receive from that side";
  if (c->buffers[TO_HOST].count)
    return "the host does not receive them";
  if (c->buffers[TO_CORE].count == 0)
    return NULL;
  for (unsigned q = 0; q < e->arch->input_queues; q++)
    if (input_color(e, tile, q) == c->color)
      return "the core does not take them";
  return "no input queue of the core is bound to the colour";
}

static char *why_no_output(const Emu *e, uint32_t tile, unsigned color)
{
  uint32_t *visit = NULL;
  char *text = NULL;
  arrput(visit, tile);
  for (ptrdiff_t i = 0; i < arrlen(visit) && i < TRACE_LIMIT && !text; i++) {
    const Channel *c = channel_at(e->fabric, visit[i], color);
    if (!c)
      continue;
    const char *stuck = stuck_here(e, visit[i], c);
    if (stuck)
      text = text_of("colour %u is held up at tile (%u, %u): %s", color, XY(e, visit[i]), stuck);
    for (Dir d = DIR_WEST; d <= DIR_NORTH && !text; d++) {
      uint32_t next = fab_neighbour(e, visit[i], d);
      if ((channel_route(e->fabric, c)->tx[c->position] & DIR_BIT(d)) && next != NO_TILE &&
          !seen(visit, next))
        arrput(visit, next);
    }
  }
  arrfree(visit);
  return text;
}

// ---- what waits on a tile ----

static Text wait_of(const Emu *e, uint32_t tile, const Thread *th)
{
  Text t = {"can go on"};
  unsigned q = th->wait_queue;
  switch ((ThreadWait)th->wait) {
  case WAIT_NOTHING: break;
  case WAIT_INPUT:
    if (input_color(e, tile, q) == QUEUE_UNBOUND)
      snprintf(t.s, sizeof t.s, "waits for wavelets on input queue %u", q);
    else
      snprintf(t.s, sizeof t.s, "waits for wavelets of colour %u on input queue %u",
               input_color(e, tile, q), q);
    break;
  case WAIT_OUTPUT:
    snprintf(t.s, sizeof t.s, "waits for room in output queue %u (colour %u)", q, th->dest.color);
    break;
  case WAIT_FIFO_DATA: snprintf(t.s, sizeof t.s, "waits for data in FIFO %u", q); break;
  case WAIT_FIFO_ROOM: snprintf(t.s, sizeof t.s, "waits for room in FIFO %u", q); break;
  case WAIT_BLOCKED:
    snprintf(t.s, sizeof t.s, "is blocked: nobody unblocks microthread %u", th->ut);
    break;
  }
  if (th->remaining != UINT32_MAX) {
    size_t n = strlen(t.s);
    snprintf(t.s + n, sizeof t.s - n, ", %u element%s left", th->remaining,
             th->remaining == 1 ? "" : "s");
  }
  return t;
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
  const Tile *t = &e->tiles[tile];
  const Thread *th = &e->threads[n];
  bool main = th->ut == MAX_UTS;
  Text who = main ? task_name(e, tile, t->task_kind, t->task_id) : (Text){""};
  Text where = main ? place(e, tile, th->pc) : started(e, tile, th->pc);
  Text wait = wait_of(e, tile, th);
  if (!main)
    snprintf(who.s, sizeof who.s, "microthread %u", th->ut);
  const char *op = isa_dsd((DsdOp)th->op)->name;
  Group *g = add(r, tile, text_of("%s%s: @%s %s", who.s, where.s, op, wait.s));
  if (g)
    g->why = why_waits(e, tile, th);
  if (rank >= r->rank)
    return;
  char *why = why_waits(e, tile, th);
  PROPOSE(r, rank, "tile (%u, %u): %s%s %s%s%s", XY(e, tile), who.s, where.s, wait.s,
          why ? "; " : "", why ? why : "");
  free(why);
}

static void report_main(Report *r, uint32_t tile, CauseRank rank)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  if (t->state == MAIN_OP)
    report_thread(r, tile, t->main_op, rank);
  if (t->state != MAIN_WAIT)
    return;
  Text who = task_name(e, tile, t->task_kind, t->task_id), where = place(e, tile, t->pc);
  add(r, tile, text_of("%s%s: @map waits for a queue", who.s, where.s));
  PROPOSE(r, rank, "tile (%u, %u): @map in %s waits for a queue", XY(e, tile), who.s);
}

static bool report_blocked_tasks(Report *r, uint32_t tile, CauseRank rank)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  for (uint64_t bits = t->active & t->blocked; bits; bits &= bits - 1) {
    Text who = task_name(e, tile, TASK_KIND_LOCAL, (unsigned)__builtin_ctzll(bits));
    add(r, tile, text_of("%s is activated, but blocked", who.s));
    PROPOSE(r, rank, "tile (%u, %u): %s is activated, but nobody unblocks it", XY(e, tile), who.s);
  }
  return (t->active & t->blocked) != 0;
}

static void report_queue(Report *r, uint32_t tile, unsigned q, CauseRank rank)
{
  Emu *e = r->e;
  const Queue *in = &e->queues[e->tiles[tile].queues].in[q];
  unsigned id = e->arch->data_task_by_queue ? q : in->color;
  if (in->count == 0 || in->user || !(e->tiles[tile].blocked >> id & 1))
    return;
  Text who = {""};
  if (e->classes[e->tiles[tile].cls].data_entry[id])
    who = task_name(e, tile, TASK_KIND_DATA, id);
  add(r, tile,
      text_of("%u wavelets of colour %u wait in input queue %u: %s%s", in->count, in->color, q,
              who.s[0] ? who.s : "no operation reads it and it has no data task",
              who.s[0] ? " is blocked" : ""));
  if (who.s[0])
    PROPOSE(r, rank, "tile (%u, %u): %s is blocked and nobody unblocks it", XY(e, tile), who.s);
}

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

static void report_held(Report *r, uint32_t tile, bool at_rest)
{
  Emu *e = r->e;
  const HostTile *h = &e->host->tiles[tile];
  uint32_t id = e->host->commands[h->launched - 1].export_id;
  const char *f = e->img->exports[id].name;
  Text where = place(e, tile, host_export(e->host, e->tiles[tile].cls, id)->address);
  add(r, tile,
      text_of("the next host command waits: the launch of \"%s\"%s blocks the command stream", f,
              where.s));
  if (at_rest)
    PROPOSE(r, CAUSE_CRITICAL,
            "tile (%u, %u): function \"%s\"%s was launched and never called unblock_cmd_stream",
            XY(e, tile), f, where.s);
}

static void report_core(Report *r, uint32_t tile)
{
  Emu *e = r->e;
  const Tile *t = &e->tiles[tile];
  const HostTile *h = &e->host->tiles[tile];
  bool held = held_command(e, tile) != NULL;
  CauseRank rank = held || h->running ? CAUSE_CRITICAL : CAUSE_WAITING;
  report_main(r, tile, rank);
  for (unsigned u = 0; u < MAX_UTS; u++)
    if (t->uts[u])
      report_thread(r, tile, t->uts[u], rank);
  bool blocked = report_blocked_tasks(r, tile, rank);
  for (unsigned q = 0; t->queues && q < e->arch->input_queues; q++)
    report_queue(r, tile, q, rank);
  if (held)
    report_held(r, tile, idle(t) && !blocked);
}

// ---- wavelets that cannot go on ----

static bool ever_receives(const Route *r, Dir d)
{
  for (unsigned k = 0; k < 4; k++)
    if (r->valid[k] && (r->rx[k] & DIR_BIT(d)))
      return true;
  return false;
}

static void report_port(Report *r, uint32_t tile, const Channel *c, Dir d)
{
  const Route *route = channel_route(r->e->fabric, c);
  unsigned n = c->buffers[d].count;
  if (c->teardown) {
    add(r, tile, text_of("%u wavelets of colour %u wait: the colour is in teardown", n, c->color));
    PROPOSE(r, CAUSE_STUCK_COLOR, "tile (%u, %u): colour %u is in teardown and nobody ends it",
            XY(r->e, tile), c->color);
    return;
  }
  if (route->rx[c->position] & DIR_BIT(d))
    return; // waits for a place further on, which has its own line
  bool ever = ever_receives(route, d);
  add(r, tile,
      text_of("%u wavelets of colour %u from %s wait: %s receives from there", n, c->color,
              dir_name(d), ever ? "only another switch position" : "no switch position"));
  PROPOSE(r, ever ? CAUSE_SWITCH : CAUSE_STUCK_COLOR,
          "wavelets of colour %u wait at tile (%u, %u): the route there (switch position %u) does "
          "not receive from %s",
          c->color, XY(r->e, tile), c->position, dir_name(d));
}

static void report_exit(Report *r, uint32_t tile, const Channel *c)
{
  Emu *e = r->e;
  unsigned host = c->buffers[TO_HOST].count, core = c->buffers[TO_CORE].count;
  if (host)
    add(r, tile,
        text_of("%u wavelets of colour %u wait for the host to receive them", host, c->color));
  for (unsigned q = 0; q < e->arch->input_queues; q++)
    if (input_color(e, tile, q) == c->color)
      return; // the queue itself is reported
  if (core == 0)
    return;
  add(r, tile,
      text_of("%u wavelets of colour %u wait at the ramp: no input queue is bound to the colour",
              core, c->color));
  PROPOSE(r, CAUSE_STUCK_COLOR,
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

static void print_commands(const Emu *e, FILE *out)
{
  static const char *const what[] = {"copy to", "copy from", "launch of"};
  const HostPort *h = e->host;
  for (ptrdiff_t i = 0; i < arrlen(h->commands); i++) {
    const Command *c = &h->commands[i];
    if (h->left[c->ticket])
      fprintf(out, "  host: %s \"%s\" is not complete on %" PRIu64 " tile%s\n", what[c->kind],
              e->img->exports[c->export_id].name, h->left[c->ticket],
              h->left[c->ticket] == 1 ? "" : "s");
  }
  for (ptrdiff_t i = 0; i < arrlen(h->streams); i++) {
    const Stream *s = &h->streams[i];
    if (h->left[s->ticket])
      fprintf(out, "  host: stream %s colour %u: %" PRIu64 " wavelets to go\n",
              s->to_host ? "from" : "to", s->color, h->left[s->ticket]);
  }
}

// A stream out that gets nothing: say of the first tile what it does not send.
static void report_streams(Report *r)
{
  Emu *e = r->e;
  for (ptrdiff_t i = 0; i < arrlen(e->host->streams); i++) {
    const Stream *s = &e->host->streams[i];
    if (!s->moved || !s->to_host)
      continue;
    for (uint32_t k = 0; k < s->region.width * s->region.height; k++) {
      if (s->moved[k] == s->count)
        continue;
      uint32_t tile =
          tile_at(e, s->region.x + k % s->region.width, s->region.y + k / s->region.width);
      Group *g = add(r, tile, text_of("the host waits for wavelets of colour %u", s->color));
      if (g)
        g->why = why_no_input(e, tile, s->color);
      PROPOSE(r, CAUSE_WAITING,
              "the host waits for %u wavelets of colour %u from tile (%u, %u), which sent %u",
              s->count, s->color, XY(e, tile), s->moved[k]);
    }
  }
}

static void print_groups(const Report *r, FILE *out)
{
  for (ptrdiff_t i = 0; i < shlen(r->groups); i++) {
    const Group *g = &r->groups[i];
    for (uint32_t k = 0; k < g->count && k < NAMED_TILES; k++)
      fprintf(out, "%s(%u, %u)", k ? ", " : "  tile ", XY(r->e, g->tiles[k]));
    if (g->count > NAMED_TILES)
      fprintf(out, " and %u more", g->count - NAMED_TILES);
    fprintf(out, ": %s\n", g->key);
    if (g->why)
      fprintf(out, "    %s\n", g->why);
  }
}

static void free_groups(Report *r)
{
  for (ptrdiff_t i = 0; i < shlen(r->groups); i++)
    free(r->groups[i].why);
  shfree(r->groups);
}

char *report_waits(Emu *e)
{
  Report r = {.e = e, .rank = CAUSE_NONE};
  sh_new_strdup(r.groups);
  for (uint32_t tile = 0; tile < e->n_tiles; tile++) {
    if (e->tiles[tile].cls != NO_CLASS)
      report_core(&r, tile);
    report_router(&r, tile);
  }
  report_streams(&r);
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    PANIC("out of memory");
  bool rest = sched_next(e) == NEVER; // else the run was cut short, and what waits may go on
  fprintf(out, "%s at cycle %" PRIu64 ":\n", rest ? "nothing can move any more" : "stopped",
          e->now);
  print_commands(e, out);
  print_groups(&r, out);
  if (r.cause && rest)
    fprintf(out, "most likely cause: %s\n", r.cause);
  fclose(out);
  free(r.cause);
  free_groups(&r);
  return text;
}
