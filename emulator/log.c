// sim.log: simprint lines in the order of emulated time, and the closing summary (host 15,
// libraries 6).
//
// A core may run ahead of global time, so lines are kept until no earlier one can come, and merged
// by cycle, tile and sequence. Pieces printed one after the other are joined; a line carries the
// cycle at which its newline was printed.
#include "emulator/checkpoint.h"
#include "emulator/hostport.h"
#include "emulator/router.h"
#include "emulator/trace.h"
#include "support/c_locale.h"
#include "support/memory.h"
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdlib.h>

enum { LINE_LIMIT = 4096, KEEP_LIMIT = 4096 };

typedef struct Line {
  uint64_t cycle, sequence;
  uint32_t tile;
  char *text;
} Line;

typedef struct Partial { // what a tile has printed since its last newline
  uint32_t key;          // tile
  char *value;           // stb_ds
  uint64_t cycle;
} Partial;

struct Log {
  Line *lines;       // stb_ds
  size_t limit;      // lines that are kept before the next attempt to write some
  Partial *partials; // stb_ds hash
  uint64_t sequence;
  bool closed;
  bool suspended; // the checkpoint has what is not written yet: the run goes on elsewhere
};

bool log_new(Emu *e)
{
  if (!e->opt.log)
    return true;
  e->log = calloc(1, sizeof *e->log);
  if (e->log)
    e->log->limit = KEEP_LIMIT;
  return e->log != NULL;
}

static int in_order(const void *a, const void *b)
{
  const Line *x = a, *y = b;
  if (x->cycle != y->cycle)
    return x->cycle < y->cycle ? -1 : 1;
  if (x->tile != y->tile)
    return x->tile < y->tile ? -1 : 1;
  return x->sequence < y->sequence ? -1 : 1;
}

void log_suspend(Emu *e, bool suspended)
{
  if (e->log)
    e->log->suspended = suspended;
}

// Writes the lines of cycles before `end`.
static void write_lines(Emu *e, uint64_t end)
{
  Log *l = e->log;
  ptrdiff_t n = arrlen(l->lines), written = 0;
  if (n == 0)
    return;
  qsort(l->lines, (size_t)n, sizeof *l->lines, in_order);
  for (; written < n && l->lines[written].cycle < end; written++) {
    fprintf(e->opt.log, "@%" PRIu64 " %s\n", l->lines[written].cycle, l->lines[written].text);
    free(l->lines[written].text);
  }
  if (written)
    arrdeln(l->lines, 0, written);
  size_t left = (size_t)(n - written);
  l->limit = 2 * left > KEEP_LIMIT ? 2 * left : KEEP_LIMIT;
}

void log_line(Emu *e, uint32_t tile, uint64_t cycle, const char *text)
{
  char *copy = mem_text(text);
  arrput(e->log->lines, ((Line){cycle, e->log->sequence++, tile, copy}));
}

// Lines of a trace come late; they are asked for before anything is written.
static void write_before(Emu *e, uint64_t end)
{
  if (e->trace)
    trace_flush(e, end);
  write_lines(e, end);
}

static void end_line(Emu *e, Partial *p, uint64_t cycle)
{
  arrput(p->value, 0);
  char *text = mem_resize(NULL, (size_t)arrlen(p->value));
  memcpy(text, p->value, (size_t)arrlen(p->value));
  arrput(e->log->lines, ((Line){cycle, e->log->sequence++, p->key, text}));
  arrsetlen(p->value, 0);
}

static Partial *partial_of(Log *l, uint32_t tile)
{
  Partial *p = hmgetp_null(l->partials, tile);
  if (p)
    return p;
  hmputs(l->partials, (Partial){.key = tile});
  return hmgetp_null(l->partials, tile);
}

void log_print(Emu *e, uint32_t tile, uint64_t cycle, const char *text, uint32_t bytes)
{
  if (!e->log)
    return;
  Partial *p = partial_of(e->log, tile);
  p->cycle = cycle;
  for (uint32_t i = 0; i < bytes; i++) {
    if (text[i] == '\n' || arrlen(p->value) == LINE_LIMIT)
      end_line(e, p, cycle);
    if (text[i] != '\n' && text[i] != 0)
      arrput(p->value, text[i]);
  }
  if (arrlenu(e->log->lines) > e->log->limit)
    write_before(e, e->now);
}

void log_flush(Emu *e)
{
  if (!e->log)
    return;
  write_before(e, e->now);
  fflush(e->opt.log);
}

static void summarize_fabric(Emu *e)
{
  const Fabric *f = e->fabric;
  if (f->dropped) {
    const char *to =
        f->dropped_to == DIR_COUNT ? "nowhere: tx is empty" : dir_name((Dir)f->dropped_to);
    fprintf(e->opt.log,
            "@%" PRIu64 " %" PRIu64 " wavelets had no way on and vanished; the first of colour %u "
            "at tile (%u, %u) to %s\n",
            e->now, f->dropped, f->dropped_color, f->dropped_tile % e->width,
            f->dropped_tile / e->width, to);
  }
  if (f->occupied)
    fprintf(e->opt.log, "@%" PRIu64 " %" PRIu64 " wavelets are left in routers and on links\n",
            e->now, f->occupied);
}

// What the end of a run leaves undone, which may be meant or a mistake: operations that wait for
// ever, launches that never unblocked the command stream, wavelets that nobody took.
static void summarize_rest(Emu *e)
{
  uint64_t operations = 0, queued = 0;
  uint32_t held = 0, first = NO_TILE;
  for (uint32_t i = 0; i < e->n_tiles; i++) {
    const Tile *t = &e->tiles[i];
    unsigned n = (unsigned)__builtin_popcount(t->ut_live) + (t->state == MAIN_OP);
    for (unsigned q = 0; t->queues && q < e->arch->input_queues; q++)
      queued += e->queues[t->queues].in[q].count;
    operations += n;
    first = n && first == NO_TILE ? i : first;
    held += t->cls != NO_CLASS && e->host && e->host->tiles[i].blocked;
  }
  if (operations)
    fprintf(e->opt.log,
            "@%" PRIu64 " %" PRIu64 " operations are not complete, the first on tile (%u, %u)\n",
            e->now, operations, first % e->width, first / e->width);
  if (held)
    fprintf(e->opt.log, "@%" PRIu64 " %u tiles have not unblocked their command stream\n", e->now,
            held);
  if (queued)
    fprintf(e->opt.log, "@%" PRIu64 " %" PRIu64 " wavelets are left in input queues\n", e->now,
            queued);
}

static void summarize(Emu *e)
{
  EmuTileStats sum = {0};
  uint32_t programs = 0;
  for (uint32_t t = 0; t < e->n_tiles; t++) {
    const EmuTileStats *s = &e->stats[t];
    programs += e->tiles[t].cls != NO_CLASS;
    sum.busy += s->busy;
    sum.instructions += s->instructions;
    sum.dsd_elements += s->dsd_elements;
  }
  double all = (double)e->now * programs;
  CLocale locale = c_locale_begin();
  fprintf(e->opt.log,
          "@%" PRIu64 " end of run: %" PRIu64 " cycles, %u tiles, %.1f %% busy, %" PRIu64
          " instructions, %" PRIu64 " DSD elements, %" PRIu64 " wavelet hops, timing %s%s\n",
          e->now, e->now, programs, all > 0 ? 100.0 * (double)sum.busy / all : 0.0,
          sum.instructions, sum.dsd_elements, e->fabric ? e->fabric->hops : 0, e->costs->preset,
          e->costs->changed ? "+" : "");
  c_locale_end(locale);
  if (e->fabric)
    summarize_fabric(e);
  summarize_rest(e);
}

void log_summary(Emu *e)
{
  if (!e->log || e->log->closed)
    return;
  e->log->closed = true;
  for (ptrdiff_t i = 0; i < hmlen(e->log->partials); i++)
    if (arrlen(e->log->partials[i].value))
      end_line(e, &e->log->partials[i], e->log->partials[i].cycle);
  write_before(e, NEVER);
  summarize(e);
}

void log_free(Emu *e)
{
  if (!e->log)
    return;
  if (!e->log->suspended)
    log_summary(e);
  for (ptrdiff_t i = 0; i < arrlen(e->log->lines); i++)
    free(e->log->lines[i].text);
  for (ptrdiff_t i = 0; i < hmlen(e->log->partials); i++)
    arrfree(e->log->partials[i].value);
  hmfree(e->log->partials);
  arrfree(e->log->lines);
  free(e->log);
  e->log = NULL;
}

// ---- checkpoint: what has been printed, but not written ----

typedef struct SavedLine {
  uint64_t cycle, sequence;
  uint32_t tile, partial;
} SavedLine;

void log_save(const Emu *e, Saver *s)
{
  const Log *l = e->log;
  uint32_t counts[2] = {l ? (uint32_t)arrlenu(l->lines) : 0, l ? (uint32_t)hmlenu(l->partials) : 0};
  SAVE(s, SECTION_LIST, counts, 2);
  for (uint32_t i = 0; i < counts[0]; i++) {
    const Line *from = &l->lines[i];
    SavedLine line = {from->cycle, from->sequence, from->tile, false};
    SAVE(s, SECTION_LINE, &line, 1);
    SAVE(s, SECTION_TEXT, from->text, strlen(from->text));
  }
  for (uint32_t i = 0; i < counts[1]; i++) {
    const Partial *from = &l->partials[i];
    SavedLine line = {from->cycle, 0, from->key, true};
    SAVE(s, SECTION_LINE, &line, 1);
    SAVE(s, SECTION_TEXT, from->value, arrlenu(from->value));
  }
}

static void restore_line(Emu *e, const SavedLine *line, const char *text, size_t n)
{
  Log *l = e->log;
  if (!l)
    return;
  if (line->partial) {
    log_print(e, line->tile, line->cycle, text, (uint32_t)n);
    return;
  }
  char *copy = mem_text_of(text, n);
  arrput(l->lines, ((Line){line->cycle, line->sequence, line->tile, copy}));
  if (line->sequence >= l->sequence)
    l->sequence = line->sequence + 1;
}

bool log_load(Emu *e, Loader *l)
{
  uint32_t counts[2];
  if (!load_into(l, SECTION_LIST, sizeof *counts, 2, counts))
    return false;
  for (uint64_t i = 0; i < (uint64_t)counts[0] + counts[1]; i++) {
    SavedLine line;
    size_t n;
    if (!load_into(l, SECTION_LINE, sizeof line, 1, &line))
      return false;
    const char *text = load(l, SECTION_TEXT, 1, &n);
    if (l->why)
      return false;
    if (line.tile >= e->n_tiles || n > LINE_LIMIT)
      return load_fail(l, "a line of the log is impossible");
    restore_line(e, &line, text, n);
  }
  return true;
}
