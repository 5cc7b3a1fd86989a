// The host port: one ordered stream of copies and launches, natively executed between the tasks of
// each tile (host 6 to 8, libraries 2.2, DESIGN 4.1 rule 8). Tiles go through the stream on their
// own, without a barrier: a tile takes its next command when it is idle and its latest launch has
// unblocked the stream.
#include "emulator/hostport.h"
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

// ---- exported names ----

static bool valid_export(const Emu *e, const ImageClass *c, const ImageSetup *s)
{
  bool function = s->kind == IMAGE_SETUP_EXPORT_FUNC;
  if (s->id >= e->host->n_exports)
    return false;
  if (function)
    return s->a >= CODE_BASE && s->a - CODE_BASE < c->code_bytes;
  uint64_t end = (uint64_t)s->a + 2;
  return end <= c->private_bytes ||
         (s->a >= c->shared_base && end <= (uint64_t)c->shared_base + c->shared_bytes);
}

static bool read_exports(Emu *e, uint32_t cls, Diags *diags)
{
  const ImageClass *c = &e->img->classes[cls];
  for (ptrdiff_t i = 0; i < arrlen(c->setup); i++) {
    const ImageSetup *s = &c->setup[i];
    uint32_t kind = IMAGE_SETUP_KIND(s->kind);
    if (kind != IMAGE_SETUP_EXPORT_DATA && kind != IMAGE_SETUP_EXPORT_FUNC)
      continue;
    if (!valid_export(e, c, s)) {
      DIAG_AT(diags, bad_export, (SrcRange){0}, c->name, s->id, s->a);
      return false;
    }
    *host_export(e->host, cls, s->id) = (ExportPlace){true, s->a};
  }
  return true;
}

bool host_new(Emu *e, Diags *diags)
{
  HostPort *h = mem_zeroed(1, sizeof *h);
  size_t classes = (size_t)arrlen(e->img->classes);
  e->host = h;
  h->n_exports = (uint32_t)arrlen(e->img->exports);
  h->held = NOT_HELD;
  h->tiles = mem_zeroed(e->n_tiles, sizeof *h->tiles);
  h->exports = mem_zeroed(classes * h->n_exports + 1, sizeof *h->exports);
  for (size_t c = 0; c < classes; c++)
    if (!read_exports(e, (uint32_t)c, diags))
      return false;
  return true;
}

void host_free(Emu *e)
{
  HostPort *h = e->host;
  if (!h)
    return;
  for (ptrdiff_t i = 0; i < arrlen(h->commands); i++)
    free(h->commands[i].args);
  arrfree(h->commands);
  for (ptrdiff_t i = 0; i < arrlen(h->kept); i++)
    free(h->kept[i].data);
  arrfree(h->kept);
  host_free_streams(h);
  arrfree(h->left);
  free(h->exports);
  free(h->tiles);
  free(h);
  e->host = NULL;
}

// ---- queueing ----

EmuTicket host_ticket(HostPort *h, uint64_t work)
{
  arrput(h->left, work);
  return (EmuTicket)arrlen(h->left) - 1;
}

bool emu_ticket_done(const Emu *e, EmuTicket t)
{
  return t < arrlen(e->host->left) && e->host->left[t] == 0;
}

void host_check_region(const Emu *e, const EmuRegion *r)
{
  if ((uint64_t)r->x + r->width > e->width || (uint64_t)r->y + r->height > e->height)
    PANIC("region %u,%u %ux%u outside the %ux%u rectangle", r->x, r->y, r->width, r->height,
          e->width, e->height);
}

bool host_concerns(const Emu *e, const Command *c, uint32_t tile)
{
  if (c->kind != COMMAND_LAUNCH)
    return region_has(&c->region, tile % e->width, tile / e->width);
  uint32_t cls = e->tiles[tile].cls;
  return cls != NO_CLASS && host_export(e->host, cls, c->export_id)->present;
}

bool host_ready(const Emu *e, uint32_t tile)
{
  return e->now >= e->host->tiles[tile].ready_at;
}

// Wavelets that the host streams come behind the commands before them, on the same way.
void host_before_stream(Emu *e)
{
  for (uint32_t tile = 0; tile < e->n_tiles; tile++) {
    HostTile *t = &e->host->tiles[tile];
    if (t->ready_at <= e->now)
      continue;
    t->ready_at = e->now;
    if (e->tiles[tile].host_pending)
      task_wake(e, tile);
  }
}

// Tells a tile that a command waits, unless an earlier launch holds the stream there: host_next
// does it then.
static void notify(Emu *e, uint32_t tile)
{
  const HostTile *t = &e->host->tiles[tile];
  if (t->blocked)
    return;
  e->tiles[tile].host_pending = true;
  if (host_ready(e, tile))
    task_wake(e, tile);
  else
    sched_at(e, t->ready_at, PHASE_PICK, tile);
}

// All tiles that a command concerns; returns their number.
static uint64_t notify_all(Emu *e, const Command *c, bool now)
{
  const EmuRegion *r = &c->region;
  uint64_t n = 0;
  uint32_t step_x = region_step(r->every_x), step_y = region_step(r->every_y);
  for (uint32_t y = r->y; y < r->y + r->height; y += step_y) {
    for (uint32_t x = r->x; x < r->x + r->width; x += step_x) {
      uint32_t tile = tile_at(e, x, y);
      if (!host_concerns(e, c, tile))
        continue;
      n++;
      if (now)
        notify(e, tile);
    }
  }
  return n;
}

static EmuTicket queue(Emu *e, Command c)
{
  HostPort *h = e->host;
  host_check_region(e, &c.region);
  if (c.export_id >= h->n_exports)
    PANIC("export %u of %u", c.export_id, h->n_exports);
  if (c.kind != COMMAND_LAUNCH && h->streamed && h->held == NOT_HELD) {
    h->held = (uint32_t)arrlen(h->commands);
    h->held_until = e->now + HOLD_CYCLES;
  }
  c.ticket = host_ticket(h, 0);
  if (e->trace)
    trace_host(e);
  arrput(h->commands, c);
  h->left[c.ticket] = notify_all(e, &c, h->held == NOT_HELD);
  return c.ticket;
}

bool host_settle(Emu *e, uint64_t next)
{
  HostPort *h = e->host;
  if (next == NEVER)
    h->streamed = false;
  if (h->held == NOT_HELD || (next != NEVER && next < h->held_until))
    return false;
  uint32_t first = h->held;
  h->held = NOT_HELD;
  for (uint32_t i = first; i < arrlen(h->commands); i++)
    notify_all(e, &h->commands[i], true);
  return true;
}

EmuTicket emu_copy_in(Emu *e, uint32_t export_id, EmuRegion r, uint32_t count, bool half,
                      EmuLayout l, const uint32_t *src)
{
  return queue(e, (Command){.kind = COMMAND_COPY_IN,
                            .export_id = export_id,
                            .count = count,
                            .region = r,
                            .layout = l,
                            .half = half,
                            .src = src});
}

EmuTicket emu_copy_out(Emu *e, uint32_t export_id, EmuRegion r, uint32_t count, bool half,
                       EmuLayout l, uint32_t *dst)
{
  return queue(e, (Command){.kind = COMMAND_COPY_OUT,
                            .export_id = export_id,
                            .count = count,
                            .region = r,
                            .layout = l,
                            .half = half,
                            .dst = dst});
}

EmuTicket emu_launch(Emu *e, uint32_t export_id, const uint32_t *args, uint32_t nargs)
{
  uint32_t *copy = NULL;
  if (nargs) {
    copy = mem_resize(NULL, nargs * sizeof *copy);
    memcpy(copy, args, nargs * sizeof *copy);
  }
  return queue(e, (Command){.kind = COMMAND_LAUNCH,
                            .export_id = export_id,
                            .region = {.width = e->width, .height = e->height},
                            .args = copy,
                            .nargs = nargs});
}

// ---- execution at a tile ----

static uint32_t load16(const uint8_t *p)
{
  return p[0] | (uint32_t)p[1] << 8;
}

static void store16(uint8_t *p, uint32_t v)
{
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

static size_t host_index(const Command *c, uint32_t x, uint32_t y)
{
  const EmuRegion *r = &c->region;
  return (x - r->x) / region_step(r->every_x) * c->layout.per_x +
         (y - r->y) / region_step(r->every_y) * c->layout.per_y;
}

static void move_in(const Command *c, const uint32_t *src, uint8_t *cells)
{
  for (uint32_t k = 0; k < c->count; k++) {
    uint32_t word = src[k * c->layout.per_k];
    store16(cells, word);
    if (!c->half)
      store16(cells + 2, word >> 16);
    cells += c->half ? 2 : 4;
  }
}

static void move_out(const Command *c, uint32_t *dst, const uint8_t *cells)
{
  for (uint32_t k = 0; k < c->count; k++) {
    dst[k * c->layout.per_k] = load16(cells) | (c->half ? 0 : load16(cells + 2) << 16);
    cells += c->half ? 2 : 4;
  }
}

// What the host may copy: not the stack. An odd number of 16-bit elements may be moved as words,
// the last of them half beyond its variable.
static Window variables_of(Emu *e, uint32_t tile)
{
  enum { HALF_WORD = 2 };
  Window w = tile_window(e, &e->tiles[tile]);
  uint32_t end = e->classes[e->tiles[tile].cls].img->data_bytes + HALF_WORD;
  if (end - w.own_base < w.own_bytes)
    w.own_bytes = end - w.own_base;
  return w;
}

bool emu_exports(const Emu *e, uint32_t x, uint32_t y, uint32_t id)
{
  uint32_t cls = e->tiles[tile_at(e, x, y)].cls;
  return cls != NO_CLASS && host_export(e->host, cls, id)->present;
}

static void copy(Emu *e, uint32_t tile, const Command *c)
{
  const char *name = e->img->exports[c->export_id].name;
  uint32_t cls = e->tiles[tile].cls;
  const ExportPlace *place = cls == NO_CLASS ? NULL : host_export(e->host, cls, c->export_id);
  if (!place || !place->present) {
    emu_fault(e, tile, FAULT_PROGRAM, 0,
              "the host copies \"%s\", which the program of this tile does not export", name);
    return;
  }
  // The address is what the exported pointer variable holds now.
  bool in = c->kind == COMMAND_COPY_IN;
  const Window w = variables_of(e, tile);
  const uint8_t *pointer = window_read(&w, place->address, 2);
  if (!pointer) {
    emu_fault(e, tile, FAULT_IMAGE, 0, "the pointer of \"%s\" is outside of the tile's memory",
              name);
    return;
  }
  uint32_t address = load16(pointer);
  uint64_t bytes = (uint64_t)c->count * (c->half ? 2 : 4);
  uint32_t n = bytes > DATA_LIMIT ? UINT32_MAX : (uint32_t)bytes;
  uint8_t *own = window_write(&w, address, n);
  const uint8_t *cells = in ? own : window_read(&w, address, n);
  if (!cells) {
    emu_fault(e, tile, FAULT_PROGRAM, 0,
              "the host copies %u elements (%llu bytes) %s \"%s\", which points to address 0x%04x: "
              "that is outside the %u bytes of data of this tile",
              c->count, (unsigned long long)bytes, in ? "to" : "from", name, address,
              e->classes[cls].img->data_bytes);
    return;
  }
  size_t at = host_index(c, tile % e->width, tile / e->width);
  if (in)
    move_in(c, c->src + at, own);
  else
    move_out(c, c->dst + at, cells);
}

static HostTake execute(Emu *e, uint32_t tile, uint32_t number, uint32_t *entry)
{
  HostPort *h = e->host;
  HostTile *t = &h->tiles[tile];
  const Command *c = &h->commands[number];
  if (c->kind != COMMAND_LAUNCH) {
    copy(e, tile, c);
    h->left[c->ticket]--;
    return HOST_DONE;
  }
  t->launched = number + 1;
  t->blocked = t->running = true;
  e->tiles[tile].host_pending = false;
  *entry = host_export(h, e->tiles[tile].cls, c->export_id)->address;
  return HOST_LAUNCH;
}

HostTake host_take(Emu *e, uint32_t tile, uint32_t *entry)
{
  HostPort *h = e->host;
  HostTile *t = &h->tiles[tile];
  while (!t->blocked && t->next < arrlen(h->commands) && t->next < h->held) {
    uint32_t number = t->next++;
    if (host_concerns(e, &h->commands[number], tile))
      return execute(e, tile, number, entry);
  }
  e->tiles[tile].host_pending = false;
  return HOST_NOTHING;
}

uint32_t host_arg(Emu *e, uint32_t tile, uint32_t index)
{
  const HostTile *t = &e->host->tiles[tile];
  const Command *c = t->launched ? &e->host->commands[t->launched - 1] : NULL;
  return c && index < c->nargs ? c->args[index] : 0;
}

// A flag, not a counter: a call without a launch before it, or a second one, changes nothing
// (libraries 2.2).
void host_next(Emu *e, uint32_t tile)
{
  HostTile *t = &e->host->tiles[tile];
  if (t->blocked && !e->host->streamed)
    t->ready_at = e->now + e->costs->host_command;
  t->blocked = false;
  if (t->next < arrlen(e->host->commands))
    notify(e, tile);
}

void host_returned(Emu *e, uint32_t tile)
{
  HostTile *t = &e->host->tiles[tile];
  if (!t->running)
    return;
  t->running = false;
  e->host->left[e->host->commands[t->launched - 1].ticket]--;
}
