// Wavelets against the programs at both ends of their routes: a colour that a router does not take
// from the core, one that arrives where nothing receives it, a data task that no wavelet reaches.
// Each compiles and then hangs. Only what is certain is reported: senders that do not depend on run
// time, and routers that nothing changes.
#include "passes/facts.h"
#include "passes/pass.h"
#include "passes/route_graph.h"
#include "passes/traffic.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Checker {
  PassContext *ctx;
  const FabricModule *f;
  Facts *facts;          // stb_ds, per class
  ClassTraffic *traffic; // stb_ds, per class
  uint64_t *words;       // stb_ds: [set][color]
  uint32_t swapped;      // colours that a router may exchange for another: not followed
  uint32_t used;         // colours with a route or a sender
  uint32_t *sends, *may_send, *takes, *feeds, *nth; // per tile
  uint8_t *rewrites, *certain, *possible;           // per tile
} Checker;

// ---- columns ----

static void read_routes(Checker *k)
{
  k->words = fir_route_words(k->f, &k->used);
  for (size_t i = 0; i < arrlenu(k->f->route_sets); i++)
    for (size_t c = 0; c < arrlenu(k->f->route_sets[i].configs); c++) {
      const ColorConfig *config = &k->f->route_sets[i].configs[c];
      if (config->route.swap_x || config->route.swap_y)
        k->swapped |= 3u << (config->color & ~1u);
    }
}

static void read_classes(Checker *k)
{
  for (size_t i = 0; i < arrlenu(k->f->classes); i++) {
    arrput(k->facts, facts_of(k->f->classes[i].module));
    arrput(k->traffic, traffic_of(&k->facts[i]));
  }
}

static void read_tile(Checker *k, size_t tile, uint32_t class, size_t nth)
{
  const FabricClass *c = &k->f->classes[class];
  const ClassTraffic *t = &k->traffic[class];
  k->nth[tile] = (uint32_t)nth;
  k->rewrites[tile] = t->rewrites;
  k->sends[tile] = t->rewrites ? 0 : traffic_mask(c, &t->sends, nth);
  if (t->sends.any)
    k->sends[tile] = 0;
  k->may_send[tile] = traffic_mask(c, &t->may_send, nth);
  k->takes[tile] = traffic_mask(c, &t->takes, nth);
  k->feeds[tile] = traffic_mask(c, &t->task_feed, nth);
  k->used |= k->sends[tile] | k->feeds[tile];
}

static void read_tiles(Checker *k)
{
  size_t *count = mem_zeroed(arrlenu(k->f->classes) + 1, sizeof *count);
  for (size_t i = 0; i < (size_t)k->f->width * k->f->height; i++)
    if (k->f->tile_class[i] != FABRIC_NO_CLASS)
      read_tile(k, i, k->f->tile_class[i], count[k->f->tile_class[i]]++);
  free(count);
}

// ---- findings ----

static Route route_of(const Checker *k, size_t tile, uint32_t color)
{
  Route r;
  route_decode(k->words[(size_t)k->f->tile_routes[tile] * MAX_COLORS + color], &r);
  return r;
}

static SrcPos sender_pos(const Checker *k, size_t tile, uint32_t color)
{
  const ClassTraffic *t = &k->traffic[k->f->tile_class[tile]];
  return t->send_pos[color] ? t->send_pos[color] : t->first_send;
}

static void note_more(const Checker *k, size_t more)
{
  if (more)
    diag_note(k->ctx->diags, (SrcRange){0}, "the same at %zu more tiles", more);
}

typedef struct Finding {
  size_t first, count;
} Finding;

static void found(Finding *f, size_t tile)
{
  if (f->count++ == 0)
    f->first = tile;
}

static void report_no_route(const Checker *k, uint32_t color, Finding f)
{
  if (!f.count)
    return; // there may be no tile at all
  uint32_t x = (uint32_t)(f.first % k->f->width), y = (uint32_t)(f.first / k->f->width);
  DIAG_AT(k->ctx->diags, sent_without_route, pos_range(sender_pos(k, f.first, color)), color, x, y);
  diag_note(k->ctx->diags, (SrcRange){0},
            "write @set_color_config(%u, %u, @get_color(%u), .{ .routes = .{ .rx = RAMP, .tx = … } "
            "}); in the layout",
            x, y, color);
  note_more(k, f.count - 1);
}

// A tile that certainly sends the colour, for the message.
static size_t any_sender(const Checker *k, uint32_t color)
{
  for (size_t i = 0; i < (size_t)k->f->width * k->f->height; i++)
    if (k->sends[i] >> color & 1)
      return i;
  return 0;
}

static void note_sender(const Checker *k, uint32_t color)
{
  size_t sender = any_sender(k, color);
  diag_note(k->ctx->diags, pos_range(sender_pos(k, sender, color)), "tile %u,%u sends it here",
            (uint32_t)(sender % k->f->width), (uint32_t)(sender / k->f->width));
}

static void report_unconsumed(const Checker *k, uint32_t color, Finding f)
{
  if (!f.count)
    return;
  uint32_t x = (uint32_t)(f.first % k->f->width), y = (uint32_t)(f.first / k->f->width);
  DIAG_AT(k->ctx->diags, never_consumed, pos_range(fir_route_pos(k->f, f.first, color)), color, x,
          y);
  note_sender(k, color);
  diag_note(k->ctx->diags, (SrcRange){0},
            "receive it there (a data task, or an operation with a fabin_dsd), or leave RAMP out "
            "of 'tx' of that route");
  note_more(k, f.count - 1);
}

static void report_end(const Checker *k, uint32_t color, Finding f)
{
  if (!f.count)
    return;
  DIAG_AT(k->ctx->diags, route_ends, pos_range(fir_route_pos(k->f, f.first, color)), color,
          (uint32_t)(f.first % k->f->width), (uint32_t)(f.first / k->f->width));
  note_sender(k, color);
  note_more(k, f.count - 1);
}

static bool accepts_core(const Route *r)
{
  for (unsigned p = 0; p < 4; p++)
    if (r->valid[p] && r->rx[p] & DIR_BIT(DIR_RAMP))
      return true;
  return false;
}

static bool is_fixed(const Checker *k, size_t tile, const Route *r)
{
  return route_is_static(r) && !k->rewrites[tile];
}

static void check_ends(Checker *k, uint32_t color)
{
  Finding no_route = {0}, unconsumed = {0}, ends = {0};
  for (size_t i = 0; i < (size_t)k->f->width * k->f->height; i++) {
    Route r = route_of(k, i, color);
    bool fixed = is_fixed(k, i, &r);
    if (k->sends[i] >> color & 1 && !accepts_core(&r) && !k->rewrites[i])
      found(&no_route, i);
    if (fixed && k->certain[i] & r.rx[0] && r.tx[0] & DIR_BIT(DIR_RAMP) && !r.filter &&
        !(k->takes[i] >> color & 1))
      found(&unconsumed, i);
    if (fixed && k->certain[i] & r.rx[0] && !r.tx[0])
      found(&ends, i);
  }
  report_no_route(k, color, no_route);
  report_unconsumed(k, color, unconsumed);
  report_end(k, color, ends);
}

// Can wavelets of the colour come down to the core of this tile?
static bool may_be_fed(const Checker *k, size_t tile, uint32_t color)
{
  Route r = route_of(k, tile, color);
  if (k->rewrites[tile])
    return true;
  for (unsigned p = 0; p < 4; p++)
    if (r.valid[p] && k->possible[tile] & r.rx[p] && r.tx[p] & DIR_BIT(DIR_RAMP))
      return true;
  return false;
}

typedef struct Starving { // entry of a stb_ds map
  SrcPos key;             // where the task is bound
  Finding value;
} Starving;

// Data tasks that are fed on no tile of their source file. Programs of edge tiles bind tasks that
// only others need, so one tile without wavelets means nothing.
static Starving *starving_tasks(const Checker *k, uint32_t color)
{
  Starving *starving = NULL;
  SrcPos *fed = NULL;
  for (size_t i = 0; i < (size_t)k->f->width * k->f->height; i++) {
    uint32_t class = k->f->tile_class[i];
    if (class == FABRIC_NO_CLASS || !(k->feeds[i] >> color & 1))
      continue;
    const TaskFact *task = traffic_task(&k->f->classes[class], &k->facts[class], color, k->nth[i]);
    if (!task)
      continue;
    if (may_be_fed(k, i, color)) {
      if (!arrlen(fed) || arrlast(fed) != task->pos)
        arrput(fed, task->pos);
      continue;
    }
    ptrdiff_t at = hmgeti(starving, task->pos);
    Finding f = at >= 0 ? starving[at].value : (Finding){0};
    found(&f, i);
    hmput(starving, task->pos, f);
  }
  for (ptrdiff_t i = 0; starving && i < arrlen(fed); i++)
    (void)hmdel(starving, fed[i]);
  arrfree(fed);
  return starving;
}

static void report_starving(const Checker *k, uint32_t color, size_t tile)
{
  uint32_t class = k->f->tile_class[tile];
  const FabricClass *c = &k->f->classes[class];
  const TaskFact *task = traffic_task(c, &k->facts[class], color, k->nth[tile]);
  DIAG_AT(k->ctx->diags, never_fed, pos_range(task->pos), c->module->funcs[task->func].name, color);
  diag_note(k->ctx->diags, (SrcRange){0},
            "the first is tile %u,%u: its route of colour %u needs RAMP in 'tx', and some tile or "
            "the host must send it",
            (uint32_t)(tile % k->f->width), (uint32_t)(tile / k->f->width), color);
}

static void check_data_tasks(const Checker *k, uint32_t color)
{
  Starving *starving = starving_tasks(k, color);
  for (ptrdiff_t i = 0; i < hmlen(starving); i++)
    report_starving(k, color, starving[i].value.first);
  hmfree(starving);
}

static void check_color(Checker *k, uint32_t color)
{
  RouteGrid grid = {k->f->width,       k->f->height, k->words,   MAX_COLORS,
                    k->f->tile_routes, k->sends,     k->rewrites};
  if (!route_graph_arrivals(&grid, color, k->may_send, k->certain, k->possible))
    PANIC("a route word of colour %u does not decode", color); // fir_verify has seen to it
  check_ends(k, color);
  check_data_tasks(k, color);
}

bool pass_check_delivery(PassContext *ctx)
{
  const FabricModule *f = ctx->fabric;
  size_t tiles = (size_t)f->width * f->height;
  uint32_t *masks = mem_zeroed(5 * tiles + 1, sizeof *masks);
  uint8_t *bytes = mem_zeroed(3 * tiles + 1, 1);
  Checker k = {.ctx = ctx,
               .f = f,
               .sends = masks,
               .may_send = masks + tiles,
               .takes = masks + 2 * tiles,
               .feeds = masks + 3 * tiles,
               .nth = masks + 4 * tiles,
               .rewrites = bytes,
               .certain = bytes + tiles,
               .possible = bytes + 2 * tiles};
  read_routes(&k);
  read_classes(&k);
  read_tiles(&k);
  for (uint32_t c = 0; c < MAX_COLORS; c++)
    if ((k.used & ~k.swapped) >> c & 1)
      check_color(&k, c);
  for (ptrdiff_t i = 0; i < arrlen(k.facts); i++) {
    facts_free(&k.facts[i]);
    traffic_free(&k.traffic[i]);
  }
  arrfree(k.facts);
  arrfree(k.traffic);
  arrfree(k.words);
  free(masks);
  free(bytes);
  return true;
}
