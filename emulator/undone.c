// For the wait-for report: what a tile that does nothing has not done. Which of its tasks never
// ran, where it would unblock the command stream, what it left lying.
#include "emulator/report.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

enum { NAMED_TASKS = 4, NAMED_CALLS = 2 };

static const char *untaken_wavelets(Arena *a, const Emu *e, uint32_t tile)
{
  uint32_t n = e->tiles[tile].queues;
  for (unsigned q = 0; n && q < e->arch->input_queues; q++) {
    const Queue *in = &e->queues[n].in[q];
    if (in->count && !in->user)
      return arena_printf(a,
                          "; wavelets of colour %u that nothing takes wait there in input queue %u",
                          queue_holds(&e->queues[n], q), q);
  }
  return "";
}

// ---- tasks that never ran ----

static const uint32_t *entries_of(const EmuClass *c, unsigned kind)
{
  return kind == TASK_KIND_LOCAL  ? c->local_entry
         : kind == TASK_KIND_DATA ? c->data_entry
                                  : c->control_entry;
}

// Ids of the author's tasks of a kind that are bound on the tile and have never been started.
static uint64_t never_ran(const Emu *e, uint32_t tile, unsigned kind)
{
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  const uint32_t *entries = entries_of(c, kind);
  uint64_t ids = 0;
  for (unsigned id = 0; id < TASK_IDS; id++) {
    ImagePlace p = entries[id] ? image_function_line(c->img, entries[id]) : (ImagePlace){0};
    if (p.file && !image_of_library(p.file) && !(e->cold[tile].ran[kind] >> id & 1))
      ids |= 1ull << id;
  }
  return ids;
}

// Its launch has not let the next command in, nothing was ever launched there, or it has sent
// nothing: a tile that did what it was asked for may have tasks that only others need.
static bool is_unfinished(const Emu *e, uint32_t tile)
{
  const HostTile *h = &e->host->tiles[tile];
  return h->blocked || !h->launched || e->stats[tile].wavelets_out == 0;
}

const char *idle_tasks(Arena *a, const Emu *e, uint32_t tile)
{
  const char *text = "";
  unsigned n = 0;
  if (!is_unfinished(e, tile))
    return text;
  for (unsigned kind = 0; kind < TASK_KIND_HOST; kind++)
    for (uint64_t ids = never_ran(e, tile, kind); ids; ids &= ids - 1, n++)
      if (n < NAMED_TASKS)
        text = arena_printf(a, "%s%s%s", text, n ? ", " : "; there never ran ",
                            task_name(a, e, tile, kind, (unsigned)__builtin_ctzll(ids)));
  return n > NAMED_TASKS ? arena_printf(a, "%s and %u more", text, n - NAMED_TASKS) : text;
}

// Colour that feeds a data task of the tile; MAX_COLORS or more: none is bound.
static unsigned color_of_data_task(const Emu *e, uint32_t tile, unsigned id)
{
  return e->arch->data_task_by_queue ? input_color(e, tile, id) : id;
}

unsigned awaited_by_task(const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  if (!is_unfinished(e, tile))
    return QUEUE_UNBOUND;
  uint64_t ids = never_ran(e, tile, TASK_KIND_DATA);
  if (ids)
    return color_of_data_task(e, tile, (unsigned)__builtin_ctzll(ids));
  return t->task_kind == TASK_KIND_DATA ? color_of_data_task(e, tile, t->task_id) : QUEUE_UNBOUND;
}

// Why no more wavelets come for a data task.
static const char *starving_task(Arena *a, const Emu *e, uint32_t tile)
{
  unsigned color = awaited_by_task(e, tile);
  if (color >= MAX_COLORS)
    return "";
  char *why = why_no_input(e, tile, color);
  const char *text = arena_printf(a, "; %s", why);
  free(why);
  return text;
}

// ---- where the command stream would be unblocked ----

// Is this code of a function for the host other than the one launched last?
static bool of_another_launch(const Emu *e, uint32_t tile, uint32_t pc)
{
  const ImageSymbol *s = image_symbol_at(e->classes[e->tiles[tile].cls].img, pc);
  uint32_t launched = e->host->tiles[tile].launched;
  for (uint32_t i = 0; s && i < arrlenu(e->img->exports); i++) {
    const ExportPlace *x = host_export(e->host, e->tiles[tile].cls, i);
    bool mine = launched && e->host->commands[launched - 1].export_id == i;
    if (e->img->exports[i].kind == EXPORT_FUNC && x && x->address == s->address && !mine)
      return true;
  }
  return false;
}

static const char *unblocking_calls(Arena *a, const Emu *e, uint32_t tile)
{
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  const char *text = "";
  unsigned n = 0;
  ImagePlace before = {0};
  for (ptrdiff_t i = 0; i < arrlen(c->unblock_pcs) && n < NAMED_CALLS; i++) {
    ImagePlace p = image_user_line(c->img, c->unblock_pcs[i]);
    if (!p.file || image_of_library(p.file) || (p.file == before.file && p.line == before.line) ||
        of_another_launch(e, tile, c->unblock_pcs[i]))
      continue;
    const char *in = function_name(e, tile, c->unblock_pcs[i]);
    text = arena_printf(a, "%s%s%s%s%s", text, n++ ? ", or" : "; the call stands", at_place(a, p),
                        in ? " in " : "", in ? in : "");
    before = p;
  }
  return text;
}

const char *left_behind(Arena *a, const Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  const char *text = untaken_wavelets(a, e, tile);
  const TileCold *cold = &e->cold[tile];
  uint32_t flushed = cold->flushed_out ? cold->flushed_out : cold->flushed_in;
  if (flushed)
    text = arena_printf(a, "%s; its flush of %s queue %d was never left with queue_flush.exit",
                        text, cold->flushed_out ? "output" : "input", __builtin_ctz(flushed));
  if (t->task_kind != TASK_KIND_HOST)
    text = arena_printf(a, "%s; the last task that ran there is %s", text,
                        task_name(a, e, tile, t->task_kind, t->task_id));
  return arena_printf(a, "%s%s%s", text, idle_tasks(a, e, tile), starving_task(a, e, tile));
}

const char *never_unblocked(Arena *a, const Emu *e, uint32_t tile)
{
  return arena_printf(a, "%s%s", unblocking_calls(a, e, tile), left_behind(a, e, tile));
}
