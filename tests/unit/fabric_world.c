// The world of fabric_world.h: what the fabric asks of the rest of the emulator, and its event
// loop.
#include "fabric_world.h"
#include "emulator/trace.h"
#include <check.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdlib.h>

typedef struct Event {
  uint64_t cycle;
  Phase phase;
  uint32_t tile;
} Event;
Emu emu;
Image image;
Diags diags;
Arrival *arrivals;
Outgoing *outgoing;
uint32_t capacity, host_wants, host_has, activated;
bool moody;
char fault_text[512];
uint32_t fault_tile;
static Event *events;    // stb_ds
static EmuClass program; // binds a teardown task

uint32_t random_bits(void)
{
  static uint64_t state = 88172645463325252ull;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

void sched_at(Emu *e, uint64_t cycle, Phase phase, uint32_t tile)
{
  if (cycle < e->now || (cycle == e->now && phase <= e->phase))
    cycle = e->now + 1;
  arrput(events, ((Event){cycle, phase, tile}));
}

void emu_fault(Emu *e, uint32_t tile, FaultKind kind, uint32_t pc, const char *fmt, ...)
{
  (void)kind, (void)pc;
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(fault_text, sizeof fault_text, fmt, ap);
  va_end(ap);
  fault_tile = tile;
  e->stopped = true;
}

void task_activate(Emu *e, uint32_t tile, uint32_t id)
{
  (void)e, (void)tile;
  activated |= 1u << id;
}

bool queue_bound(const Emu *e, uint32_t tile, uint32_t color)
{
  (void)e, (void)tile, (void)color;
  return true;
}

// Nobody listens in these tests.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define SILENT(result, name, ...)                                                                  \
  result name(__VA_ARGS__)                                                                         \
  {                                                                                                \
    abort();                                                                                       \
  }
SILENT(void, trace_hold, Emu *e, uint32_t tag)
SILENT(void, trace_release, Emu *e, uint32_t tag)
SILENT(void, trace_switch, Emu *e, uint32_t tile, uint32_t color, uint32_t position)
SILENT(void, trace_land, Emu *e, uint32_t tile, uint32_t color, uint32_t port, uint64_t at)
SILENT(void, trace_route, Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control,
       uint32_t tag, uint32_t port, uint32_t departing)
SILENT(uint32_t, trace_room, Emu *e, uint32_t tag, uint64_t ready, uint64_t free_at, uint32_t by)
SILENT(uint64_t, trace_written, const Emu *e, uint32_t tag)
SILENT(uint64_t, trace_host_began, const Emu *e)
SILENT(uint32_t, trace_host_takes, Emu *e, uint32_t tag, uint64_t ready)
SILENT(uint32_t, trace_host_wavelet, Emu *e, uint32_t tile)
#pragma GCC diagnostic pop

bool queue_arrive(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, uint32_t *tag)
{
  (void)tag;
  if (moody && random_bits() % 3 == 0) { // refuses now, takes more a little later
    sched_at(e, e->now + 1 + random_bits() % 20, PHASE_THREAD, tile);
    return false;
  }
  if (capacity == 0)
    return false;
  capacity--;
  arrput(arrivals, ((Arrival){e->now, tile, color, word, control}));
  return true;
}

bool host_supply(Emu *e, uint32_t tile, uint32_t color, uint32_t *word)
{
  (void)e, (void)tile, (void)color;
  *word = host_has;
  return host_has && host_has--;
}

bool host_collect(Emu *e, uint32_t tile, uint32_t color, uint32_t word)
{
  if (host_wants == 0)
    return false;
  host_wants--;
  arrput(arrivals, ((Arrival){e->now, tile, color, word, false}));
  return true;
}

static void core_out(uint32_t tile)
{
  for (ptrdiff_t i = 0; i < arrlen(outgoing); i++) {
    Outgoing *o = &outgoing[i];
    if (o->tile != tile)
      continue;
    if (o->from > emu.now) {
      sched_at(&emu, o->from, PHASE_OUT, tile);
    } else if (fab_send(&emu, tile,
                        &(QueueEntry){.word = o->word,
                                      .color = (uint8_t)o->color,
                                      .control = o->control,
                                      .advance = o->advance})) {
      arrdel(outgoing, i);
      sched_at(&emu, emu.now + 1, PHASE_OUT, tile);
    }
    return;
  }
}

static int by_time(const void *a, const void *b)
{
  const Event *x = a, *y = b;
  if (x->cycle != y->cycle)
    return x->cycle < y->cycle ? -1 : 1;
  if (x->phase != y->phase)
    return x->phase < y->phase ? -1 : 1;
  return x->tile < y->tile ? -1 : x->tile > y->tile;
}

void fabric_run(void)
{
  while (arrlen(events) && !emu.stopped) {
    qsort(events, (size_t)arrlen(events), sizeof *events, by_time);
    Event v = events[0];
    while (arrlen(events) && by_time(&events[0], &v) == 0)
      arrdel(events, 0);
    emu.now = v.cycle;
    emu.phase = v.phase;
    if (v.phase == PHASE_LINK)
      fab_link(&emu, v.tile);
    else if (v.phase == PHASE_ARRIVE)
      fab_arrive(&emu, v.tile);
    else if (v.phase == PHASE_THREAD)
      fab_retry(&emu, v.tile);
    else if (v.phase == PHASE_OUT)
      core_out(v.tile);
  }
}

void fabric_setup(ArchId arch, uint32_t width, uint32_t height)
{
  uint32_t n = width * height;
  image = (Image){.arch = arch, .width = width, .height = height};
  image.tile_routes = calloc(n, sizeof *image.tile_routes);
  for (uint32_t t = 0; t < n; t++) { // every tile its own set
    arrput(image.route_sets, (ImageRouteSet){0});
    image.tile_routes[t] = t;
  }
  emu = (Emu){.img = &image,
              .arch = arch_get(arch),
              .costs = costs_get(arch),
              .width = width,
              .height = height,
              .n_tiles = n};
  program.local_entry[TASK_ID_TEARDOWN] = CODE_BASE;
  emu.classes = &program;
  emu.tiles = calloc(n, sizeof *emu.tiles);
  emu.stats = calloc(n, sizeof *emu.stats);
  arrfree(events);
  arrfree(arrivals);
  arrfree(outgoing);
  capacity = host_wants = 1000000;
  host_has = activated = 0;
  fault_text[0] = 0;
  moody = false;
}

void fabric_begin(void)
{
  ck_assert(fab_new(&emu, &diags));
  for (uint32_t t = 0; t < emu.n_tiles; t++)
    sched_at(&emu, 1, PHASE_OUT, t);
}

void fabric_end(void)
{
  fab_free(&emu);
  free(emu.tiles);
  free(emu.stats);
  free(image.tile_routes);
  arrfree(image.route_sets);
}

uint64_t *route_word(uint32_t tile, unsigned color)
{
  return &image.route_sets[tile].words[color];
}

void lay_route(uint32_t tile, unsigned color, uint8_t rx, uint8_t tx)
{
  Route r = {.rx = {rx}, .tx = {tx}, .valid = {true}};
  *route_word(tile, color) = route_encode(&r);
}

void put_word(uint32_t tile, unsigned color, uint32_t word, uint64_t from)
{
  arrput(outgoing, ((Outgoing){from, tile, color, word, false, false}));
}

void put_control(uint32_t tile, unsigned color, uint32_t word, uint64_t from)
{
  arrput(outgoing, ((Outgoing){from, tile, color, word, true, false}));
}

uint32_t tile_beside(uint32_t tile, Dir d)
{
  uint32_t x = tile % image.width + (uint32_t)dir_dx(d),
           y = tile / image.width + (uint32_t)dir_dy(d);
  return x < image.width && y < image.height ? y * image.width + x : NO_TILE;
}

void lay_row(ArchId arch, uint32_t width, unsigned color)
{
  fabric_setup(arch, width, 1);
  lay_route(0, color, R, E);
  for (uint32_t t = 1; t + 1 < width; t++)
    lay_route(t, color, W, E);
  lay_route(width - 1, color, W, R);
}
