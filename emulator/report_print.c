// The wait-for report as text for people and as JSON for programs (docs/emulator.md).
#include "emulator/report.h"
#include "support/json_text.h"
#include "support/text_out.h"
#include <inttypes.h>
#include <stb/stb_ds.h>

enum { MAX_LINES = 48, MAX_LINKS = 24 }; // of waits and of the chain, in the text

static const char *const command_names[] = {"copy to", "copy from", "launch of"};

// ---- text ----

static void print_commands(const Emu *e, FILE *out)
{
  const HostPort *h = e->host;
  for (ptrdiff_t i = 0; i < arrlen(h->commands); i++) {
    const Command *c = &h->commands[i];
    if (h->left[c->ticket])
      fprintf(out, "  host: %s \"%s\" is not complete on %" PRIu64 " tile%s\n",
              command_names[c->kind], e->img->exports[c->export_id].name, h->left[c->ticket],
              h->left[c->ticket] == 1 ? "" : "s");
  }
  for (ptrdiff_t i = 0; i < arrlen(h->streams); i++) {
    const Stream *s = &h->streams[i];
    if (h->left[s->ticket])
      fprintf(out, "  host: stream %s colour %u: %" PRIu64 " wavelets to go\n",
              s->to_host ? "from" : "to", s->color, h->left[s->ticket]);
  }
}

// "3", "1 to 3"
static void print_range(int64_t least, int64_t most, FILE *out)
{
  fprintf(out, "%" PRId64, least);
  if (most > least)
    fprintf(out, " to %" PRId64, most);
}

static void print_line(const Group *g, int64_t least, int64_t most, FILE *out)
{
  const WaitFacts *f = &g->facts;
  if (f->kind == WAIT_KIND_WAVELETS) {
    print_range(least, most, out);
    fputc(' ', out);
  }
  fputs(g->key, out);
  if (f->kind != WAIT_KIND_OPERATION || least == NO_NUMBER)
    return;
  fputs(", ", out);
  print_range(least, most, out);
  fprintf(out, " element%s left", most == 1 ? "" : "s");
  if (g->one_total && f->left + f->done > least)
    fprintf(out, " of %" PRId64, f->left + f->done);
}

static void print_groups(const Report *r, FILE *out)
{
  ptrdiff_t n = shlen(r->groups), shown = n > MAX_LINES ? MAX_LINES : n;
  for (ptrdiff_t i = 0; i < shown; i++) {
    const Group *g = &r->groups[i];
    for (uint32_t k = 0; k < g->count && k < NAMED_TILES; k++)
      fprintf(out, "%s(%u, %u)", k ? ", " : "  tile ", XY(r->e, g->tiles[k]));
    if (g->count > NAMED_TILES)
      fprintf(out, " and %u more", g->count - NAMED_TILES);
    fputs(": ", out);
    print_line(g, g->least, g->most, out);
    fputc('\n', out);
    if (g->why)
      fprintf(out, "    %s\n", g->why);
  }
  if (n > shown)
    fprintf(out, "  and %td more lines: all of them are in the report that WEFT_REPORT asks for\n",
            n - shown);
}

static void print_link(const Emu *e, const ChainLink *l, FILE *out)
{
  Arena scratch = {0};
  const char *text = link_text(&scratch, e, l);
  if (l->tile == NO_TILE)
    fprintf(out, "the host %s\n", text);
  else
    fprintf(out, "tile (%u, %u): %s\n", XY(e, l->tile), text);
  arena_free(&scratch);
}

// Both ends of a long chain, where it begins and what it ends with.
static void print_chain(const Report *r, FILE *out)
{
  ptrdiff_t n = arrlen(r->chain), left_out = n > MAX_LINKS ? n - MAX_LINKS : 0;
  if (n < 2)
    return;
  fputs("who waits for whom:\n", out);
  for (ptrdiff_t i = 0; i < n; i++) {
    if (left_out && i == MAX_LINKS / 2) {
      fprintf(
          out,
          "  -> and so on over %td more: all of them are in the report that WEFT_REPORT asks for\n",
          left_out);
      i += left_out;
    }
    fputs(i ? "  -> " : "     ", out);
    print_link(r->e, &r->chain[i], out);
  }
}

// A program that is stopped while it moves may be one that never ends: where it spends its time.
static void print_hottest(const Emu *e, FILE *out)
{
  uint32_t tile = emu_hottest_tile(e);
  const char *name = emu_function_of(e, tile);
  if (!e->stats[tile].busy || !*name)
    return;
  Arena scratch = {0};
  const char *where = at_place(&scratch, code_place(e, tile, emu_latest_pc(e, tile)));
  fprintf(out, "  hottest: tile (%u, %u), busy for %" PRIu64 " cycles, in '%s'%s\n", XY(e, tile),
          e->stats[tile].busy, name, where);
  arena_free(&scratch);
}

static void print_lost(const Emu *e, FILE *out)
{
  const Fabric *f = e->fabric;
  if (f->dropped)
    fprintf(out,
            "  tile (%u, %u): %" PRIu64 " wavelet%s vanished in all, the first of colour %u, %s\n",
            XY(e, f->dropped_tile), f->dropped, f->dropped == 1 ? "" : "s", f->dropped_color,
            f->dropped_to == DIR_COUNT ? "whose route leads nowhere there"
                                       : "whose route leads out of the program rectangle there");
}

void print_text(const Report *r, FILE *out)
{
  const char *title = r->leftovers ? "the program left something undone"
                      : r->rest    ? "nothing can move any more"
                                   : "stopped";
  fprintf(out, "%s at cycle %" PRIu64 ":\n", title, r->e->now);
  print_commands(r->e, out);
  print_groups(r, out);
  if (r->leftovers)
    print_lost(r->e, out);
  else
    print_chain(r, out);
  if (!r->rest)
    print_hottest(r->e, out);
  if (!r->cause || !r->rest)
    return;
  fprintf(out, "most likely cause: %s\n", r->cause);
  if (r->note)
    fprintf(out, "note: %s\n", r->note);
}

// ---- JSON ----

static void text_field(FILE *out, const char *name, const char *value)
{
  fprintf(out, ",\"%s\":", name);
  json_text(out, value);
}

static void number_field(FILE *out, const char *name, int64_t value)
{
  if (value != NO_NUMBER)
    fprintf(out, ",\"%s\":%" PRId64, name, value);
}

static void json_tile(const Emu *e, uint32_t tile, FILE *out)
{
  if (tile == NO_TILE)
    fputs("null", out);
  else
    fprintf(out, "[%u,%u]", XY(e, tile));
}

static void json_commands(const Emu *e, FILE *out)
{
  static const char *const kinds[] = {"copy-in", "copy-out", "launch"};
  const HostPort *h = e->host;
  const char *comma = "";
  for (ptrdiff_t i = 0; i < arrlen(h->commands); i++) {
    const Command *c = &h->commands[i];
    if (!h->left[c->ticket])
      continue;
    fprintf(out, "%s\n  {\"kind\":\"%s\"", comma, kinds[c->kind]);
    text_field(out, "name", e->img->exports[c->export_id].name);
    fprintf(out, ",\"tiles_left\":%" PRIu64 "}", h->left[c->ticket]);
    comma = ",";
  }
  for (ptrdiff_t i = 0; i < arrlen(h->streams); i++) {
    const Stream *s = &h->streams[i];
    if (!h->left[s->ticket])
      continue;
    fprintf(out, "%s\n  {\"kind\":\"stream-%s\",\"color\":%u,\"wavelets_left\":%" PRIu64 "}", comma,
            s->to_host ? "out" : "in", s->color, h->left[s->ticket]);
    comma = ",";
  }
}

static void json_facts(const WaitFacts *f, FILE *out)
{
  static const char *const kinds[] = {"operation", "map",      "task", "queue",
                                      "command",   "wavelets", "host"};
  static const char *const waits[] = {"nothing",   "input",     "output",
                                      "fifo-data", "fifo-room", "unblock"};
  fprintf(out, ",\"kind\":\"%s\"", kinds[f->kind]);
  if (f->who[0])
    text_field(out, "who", f->who);
  if (f->place.file) {
    text_field(out, "file", f->place.file);
    fprintf(out, ",\"line\":%u", f->place.line);
  }
  if (f->operation) {
    text_field(out, "operation", f->operation);
    fprintf(out, ",\"waits_for\":\"%s\"", waits[f->wait]);
  }
  bool fifo = f->operation && (f->wait == WAIT_FIFO_DATA || f->wait == WAIT_FIFO_ROOM);
  number_field(out, fifo ? "fifo" : "queue", f->queue);
  number_field(out, "color", f->color);
  number_field(out, "elements_left", f->left);
  number_field(out, "elements_done", f->done);
  number_field(out, "wavelets", f->wavelets);
}

static int64_t number_of_first(const Group *g)
{
  return g->facts.kind == WAIT_KIND_WAVELETS ? g->facts.wavelets : g->facts.left;
}

static void json_group(const Report *r, const Group *g, FILE *out)
{
  fputs("  {\"tiles\":[", out);
  for (uint32_t k = 0; k < g->count && k < NAMED_TILES; k++) {
    fputs(k ? "," : "", out);
    json_tile(r->e, g->tiles[k], out);
  }
  fprintf(out, "],\"count\":%u", g->count);
  json_facts(&g->facts, out);
  TextOut line;
  print_line(g, number_of_first(g), number_of_first(g), text_out_open(&line));
  char *text = text_out_close(&line);
  text_field(out, "text", text);
  free(text);
  if (g->why)
    text_field(out, "why", g->why);
  fputc('}', out);
}

void print_json(const Report *r, FILE *out)
{
  fprintf(out, "{\"format\":\"weft-waits\",\"version\":1,\"state\":\"%s\",\"cycle\":%" PRIu64,
          r->rest ? "hang" : "stopped", r->e->now);
  if (r->rest && r->cause) {
    text_field(out, "cause", r->cause);
    text_field(out, "note", r->note);
  }
  fputs(",\n \"host\":[", out);
  json_commands(r->e, out);
  fputs("],\n \"waits\":[", out);
  for (ptrdiff_t i = 0; i < shlen(r->groups); i++) {
    fputs(i ? ",\n" : "\n", out);
    json_group(r, &r->groups[i], out);
  }
  fputs("],\n \"chain\":[", out);
  Arena scratch = {0};
  for (ptrdiff_t i = 0; i < arrlen(r->chain); i++) {
    fprintf(out, "%s\n  {\"tile\":", i ? "," : "");
    json_tile(r->e, r->chain[i].tile, out);
    text_field(out, "text", link_text(&scratch, r->e, &r->chain[i]));
    fputc('}', out);
    arena_free(&scratch);
  }
  fputs("]}\n", out);
}
