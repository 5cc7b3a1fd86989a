// For the wait-for report: names of tasks and places, and following a colour along the routes to
// whoever should send it, or to where it is held up.
#include "emulator/report.h"
#include "support/text_out.h"
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAMED_SOURCES = 3 };

char *text_of(const char *fmt, ...)
{
  TextOut text;
  va_list ap;
  va_start(ap, fmt);
  vfprintf(text_out_open(&text), fmt, ap);
  va_end(ap);
  return text_out_close(&text);
}

// ---- names ----

const char *at_place(Arena *a, ImagePlace p)
{
  return p.file ? arena_printf(a, " at %s:%u", p.file, p.line) : "";
}

ImagePlace code_place(const Emu *e, uint32_t tile, uint32_t pc)
{
  return image_user_line(e->classes[e->tiles[tile].cls].img, pc);
}

// NULL = unknown
const char *function_name(const Emu *e, uint32_t tile, uint32_t pc)
{
  const ImageSymbol *s = image_symbol_at(e->classes[e->tiles[tile].cls].img, pc);
  return s ? s->name : NULL;
}

static const char *task_function(const Emu *e, uint32_t tile, unsigned kind, unsigned id)
{
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  const HostTile *h = &e->host->tiles[tile];
  if (kind == TASK_KIND_HOST)
    return h->launched ? e->img->exports[e->host->commands[h->launched - 1].export_id].name : NULL;
  uint32_t entry = kind == TASK_KIND_LOCAL  ? c->local_entry[id]
                   : kind == TASK_KIND_DATA ? c->data_entry[id]
                                            : c->control_entry[id];
  return entry ? function_name(e, tile, entry) : NULL;
}

const char *task_name(Arena *a, const Emu *e, uint32_t tile, unsigned kind, unsigned id)
{
  static const char *const kinds[] = {"local task", "data task", "control task",
                                      "launched function"};
  const char *name = task_function(e, tile, kind, id);
  const char *space = name ? " " : "";
  name = name ? name : "";
  if (kind == TASK_KIND_HOST)
    return arena_printf(a, "%s%s%s", kinds[kind], space, name);
  return arena_printf(a, "%s%s%s (id %u)", kinds[kind], space, name, id);
}

unsigned input_color(const Emu *e, uint32_t tile, unsigned queue)
{
  uint32_t q = e->tiles[tile].queues;
  return q ? e->queues[q].in[queue].color : QUEUE_UNBOUND;
}

bool is_idle(const Tile *t)
{
  return t->state == MAIN_IDLE && t->ut_live == 0;
}

const char *thread_name(Arena *a, const Emu *e, uint32_t tile, const Thread *th)
{
  const Tile *t = &e->tiles[tile];
  const char *where = at_place(a, code_place(e, tile, th->pc));
  const char *in = function_name(e, tile, th->pc);
  if (th->ut == MAX_UTS)
    return arena_printf(a, "%s%s", task_name(a, e, tile, t->task_kind, t->task_id), where);
  if (in)
    return arena_printf(a, "microthread %u started in %s%s", th->ut, in, where);
  return arena_printf(a, "microthread %u%s", th->ut, where);
}

// ---- what a thread waits for ----

const char *wait_place(Arena *a, const Emu *e, uint32_t tile, const Thread *th)
{
  unsigned q = th->wait_queue, color = input_color(e, tile, q);
  switch ((ThreadWait)th->wait) {
  case WAIT_NOTHING: break;
  case WAIT_INPUT:
    if (color == QUEUE_UNBOUND)
      return arena_printf(a, "waits for wavelets on input queue %u", q);
    return arena_printf(a, "waits for wavelets of colour %u on input queue %u", color, q);
  case WAIT_OUTPUT:
    return arena_printf(a, "waits for room in output queue %u (colour %u)", q, th->dest.color);
  case WAIT_FIFO_DATA: return arena_printf(a, "waits for data in FIFO %u", q);
  case WAIT_FIFO_ROOM: return arena_printf(a, "waits for room in FIFO %u", q);
  case WAIT_BLOCKED: return arena_printf(a, "is blocked: nobody unblocks microthread %u", th->ut);
  }
  return "can go on";
}

const char *wait_of(Arena *a, const Emu *e, uint32_t tile, const Thread *th)
{
  const char *place = wait_place(a, e, tile, th);
  if (th->remaining == UINT32_MAX)
    return place;
  const char *s = th->remaining == 1 ? "" : "s";
  if (th->total > th->remaining)
    return arena_printf(a, "%s, %u element%s left of %u", place, th->remaining, s, th->total);
  return arena_printf(a, "%s, %u element%s left", place, th->remaining, s);
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

// Tiles to look at, each once: an stb_ds set, whose members stand in the order in which they came.
// Routes may lead over every tile of the wafer, and in circles.
typedef struct TileToVisit {
  uint32_t key;
} TileToVisit;

static void visit(TileToVisit **tiles, uint32_t tile)
{
  if (hmgeti(*tiles, tile) < 0)
    hmputs(*tiles, ((TileToVisit){tile}));
}

uint32_t *sources_of(const Emu *e, uint32_t tile, unsigned color)
{
  TileToVisit *tiles = NULL;
  uint32_t *found = NULL;
  visit(&tiles, tile);
  for (ptrdiff_t i = 0; i < hmlen(tiles); i++) {
    unsigned position, other;
    uint32_t at = tiles[i].key;
    const Route *r = route_at(e, at, color, &position);
    for (Dir d = 0; r && d < DIR_COUNT; d++) {
      if (!(r->rx[position] & DIR_BIT(d)))
        continue;
      uint32_t from = d <= DIR_NORTH ? fab_neighbour(e, at, d) : NO_TILE;
      const Route *sender = from == NO_TILE ? NULL : route_at(e, from, color, &other);
      if (d == DIR_RAMP)
        arrput(found, at);
      else if (d == DIR_HOST)
        arrput(found, NO_TILE);
      else if (sender && (sender->tx[other] & DIR_BIT(dir_opposite(d))))
        visit(&tiles, from);
    }
  }
  hmfree(tiles);
  return found;
}

static bool sends(const Emu *e, uint32_t thread, unsigned color)
{
  const Operand *o = &e->threads[thread].dest;
  return thread && o->kind == OP_FABOUT && o->color == color;
}

uint32_t sender_of(const Emu *e, uint32_t tile, unsigned color)
{
  const Tile *t = &e->tiles[tile];
  if (sends(e, t->main_op, color))
    return t->main_op;
  for (unsigned u = 0; u < MAX_UTS; u++)
    if (sends(e, t->uts[u], color))
      return t->uts[u];
  return 0;
}

// What the sender of a colour is doing instead.
static const char *sender_state(Arena *a, const Emu *e, uint32_t tile, unsigned color)
{
  const Channel *c = channel_at(e->fabric, tile, color);
  const Tile *at = &e->tiles[tile];
  uint64_t ready = at->active & ~at->blocked, sent = e->stats[tile].wavelets_out;
  if (c && (c->occupied & DIR_BIT(DIR_RAMP)))
    return "has sent wavelets that are held up there";
  if (sender_of(e, tile, color))
    return "has an operation that sends, which waits itself";
  if (at->cls == NO_CLASS)
    return "has no program";
  if (is_idle(at) && sent)
    return arena_printf(a, "is idle and has sent %" PRIu64 " wavelet%s in all", sent,
                        sent == 1 ? "" : "s");
  if (is_idle(at))
    return "is idle";
  if (at->state == MAIN_IDLE || !ready)
    return "waits for something else";
  return arena_printf(a, "waits for something else, with %s activated behind it",
                      task_name(a, e, tile, TASK_KIND_LOCAL, (unsigned)__builtin_ctzll(ready)));
}

// What the host has sent to this tile.
static const char *host_state(Arena *a, const Emu *e, uint32_t tile, unsigned color)
{
  uint64_t sent = 0;
  for (ptrdiff_t i = 0; i < arrlen(e->host->streams); i++) {
    const Stream *s = &e->host->streams[i];
    uint32_t x = tile % e->width, y = tile / e->width;
    if (s->to_host || s->color != color || !region_has(&s->region, x, y))
      continue;
    sent += s->moved ? s->moved[(size_t)(y - s->region.y) * s->region.width + x - s->region.x]
                     : s->count;
  }
  if (!sent)
    return "the host, which sends nothing to this tile";
  return arena_printf(a, "the host, which has sent %" PRIu64 " wavelet%s and no more", sent,
                      sent == 1 ? "" : "s");
}

static void say_losses(const Emu *e, uint32_t tile, unsigned color, FILE *out)
{
  const Fabric *f = e->fabric;
  unsigned position;
  const Route *r = route_at(e, tile, color, &position);
  if (r && r->filter)
    fprintf(out, "; filter %u of this tile judges them", r->filter - 1);
  if (f->dropped && f->dropped_color == color)
    fprintf(out, "; wavelets of it vanished at tile (%u, %u), where it leads %s",
            XY(e, f->dropped_tile),
            f->dropped_to == DIR_COUNT ? "nowhere" : "out of the program rectangle");
}

// Microthreads wait there, and nothing is under way that sends the colour.
static bool only_receives(const Emu *e, uint32_t tile, unsigned color)
{
  const Tile *t = &e->tiles[tile];
  return t->ut_live && t->state == MAIN_IDLE && !sender_of(e, tile, color);
}

CoreRoute core_route(const Emu *e, uint32_t tile, unsigned color)
{
  unsigned position;
  const Route *r = route_at(e, tile, color, &position);
  if (!r || r->swap_x || r->swap_y || r->tx[position] & DIR_BIT(DIR_RAMP))
    return LEADS_TO_CORE;
  for (unsigned k = 0; k < 4; k++)
    if (r->valid[k] && (r->tx[k] & DIR_BIT(DIR_RAMP)))
      return OTHER_POSITION_LEADS_TO_CORE;
  return LEADS_PAST_CORE;
}

char *why_none_sent(const Emu *e, uint32_t tile, unsigned color)
{
  uint32_t *from = sources_of(e, tile, color);
  Arena scratch = {0};
  TextOut text;
  FILE *out = text_out_open(&text);
  if (arrlen(from) == 0)
    fprintf(out, "nobody sends on colour %u: no route leads from a core or the host to this tile",
            color);
  else
    fprintf(out, "colour %u comes from ", color);
  for (ptrdiff_t i = 0; i < arrlen(from) && i < NAMED_SOURCES; i++) {
    if (from[i] == NO_TILE)
      fprintf(out, "%s%s", i ? "; " : "", host_state(&scratch, e, tile, color));
    else if (from[i] == tile && only_receives(e, tile, color))
      fprintf(out, "%sthis tile itself, which has sent %" PRIu64 " wavelets in all", i ? "; " : "",
              e->stats[tile].wavelets_out);
    else
      fprintf(out, "%stile (%u, %u), which %s", i ? "; " : "", XY(e, from[i]),
              sender_state(&scratch, e, from[i], color));
  }
  if (arrlen(from) > NAMED_SOURCES)
    fprintf(out, "; and from %d more", (int)(arrlen(from) - NAMED_SOURCES));
  say_losses(e, tile, color, out);
  arrfree(from);
  arena_free(&scratch);
  return text_out_close(&text);
}

bool waits_unbound(const Emu *e, uint32_t tile, const Channel *c)
{
  bool bound = false;
  for (unsigned q = 0; q < e->arch->input_queues; q++)
    bound |= input_color(e, tile, q) == c->color;
  return c->buffers[TO_CORE].count && !bound;
}

char *why_not_let_in(const Emu *e, uint32_t tile, unsigned color)
{
  if (core_route(e, tile, color) == LEADS_PAST_CORE)
    return text_of("the route of colour %u on this tile does not lead to its core: 'tx' lacks RAMP",
                   color);
  const Channel *c = channel_at(e->fabric, tile, color);
  const Route *r = c ? channel_route(e->fabric, c) : NULL;
  for (Dir d = 0; c && !c->teardown && d <= DIR_NORTH; d++)
    if (c->occupied & ~r->rx[c->position] & DIR_BIT(d) && ever_receives(r, d))
      return text_of("wavelets of colour %u from %s wait at this tile, whose switch stands in "
                     "position %u: only another one receives from there",
                     color, dir_name(d), c->position);
  return NULL;
}

char *why_no_input(const Emu *e, uint32_t tile, unsigned color)
{
  if (color >= MAX_COLORS)
    return text_of("the queue is bound to no colour: @initialize_queue is missing");
  char *kept_out = why_not_let_in(e, tile, color);
  if (kept_out)
    return kept_out;
  CoreRoute leads = core_route(e, tile, color);
  char *sent = why_none_sent(e, tile, color);
  if (leads == LEADS_TO_CORE)
    return sent;
  char *text =
      text_of("%s; the switch of this tile does not lead to its core where it stands", sent);
  free(sent);
  return text;
}

bool is_filtered(const Emu *e, uint32_t tile, unsigned color)
{
  unsigned position;
  const Route *r = color < MAX_COLORS ? route_at(e, tile, color, &position) : NULL;
  return r && r->filter;
}

bool ever_receives(const Route *r, Dir d)
{
  for (unsigned k = 0; k < 4; k++)
    if (r->valid[k] && (r->rx[k] & DIR_BIT(d)))
      return true;
  return false;
}

// Wavelets from a side that the switch does not let in where it stands.
static const char *not_received(const Route *r, uint32_t sides)
{
  for (Dir d = 0; d < DIR_COUNT; d++)
    if (sides & DIR_BIT(d) && ever_receives(r, d))
      return "only another position of its switch receives from that side";
  return "the tile does not receive from that side";
}

// Why wavelets of a colour do not leave its buffers at this tile for a reason of its own; NULL: it
// only waits for others.
static const char *stuck_here(const Emu *e, uint32_t tile, const Channel *c)
{
  const Route *r = channel_route(e->fabric, c);
  if (c->occupied && c->teardown)
    return "the colour is in teardown there";
  if (c->occupied & ~r->rx[c->position])
    return not_received(r, c->occupied & ~r->rx[c->position]);
  if (c->buffers[TO_HOST].count)
    return "the host does not receive them";
  if (c->buffers[TO_CORE].count == 0)
    return NULL;
  for (unsigned q = 0; q < e->arch->input_queues; q++)
    if (input_color(e, tile, q) == c->color)
      return "the core does not take them";
  return "no input queue of the core is bound to the colour";
}

uint32_t held_at(const Emu *e, uint32_t tile, unsigned color, const char **why)
{
  TileToVisit *tiles = NULL;
  uint32_t found = NO_TILE;
  visit(&tiles, tile);
  for (ptrdiff_t i = 0; i < hmlen(tiles) && found == NO_TILE; i++) {
    uint32_t at = tiles[i].key;
    const Channel *c = channel_at(e->fabric, at, color);
    if (!c)
      continue;
    *why = stuck_here(e, at, c);
    if (*why)
      found = at;
    for (Dir d = DIR_WEST; d <= DIR_NORTH; d++) {
      uint32_t next = fab_neighbour(e, at, d);
      if ((channel_route(e->fabric, c)->tx[c->position] & DIR_BIT(d)) && next != NO_TILE)
        visit(&tiles, next);
    }
  }
  hmfree(tiles);
  return found;
}

char *why_no_output(const Emu *e, uint32_t tile, unsigned color)
{
  const char *why;
  uint32_t at = held_at(e, tile, color, &why);
  if (at == NO_TILE)
    return NULL;
  Arena scratch = {0};
  bool idle = e->tiles[at].cls != NO_CLASS && is_idle(&e->tiles[at]);
  char *text = text_of("colour %u is held up at tile (%u, %u): %s%s", color, XY(e, at), why,
                       idle ? idle_tasks(&scratch, e, at) : "");
  arena_free(&scratch);
  return text;
}
