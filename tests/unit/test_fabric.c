// Unit tests of the fabric alone: cores are scripts that send words and record what arrives, events
// a plain list.
#include "emulator/trace.h"
#include "suite.h"
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdlib.h>

// ---- a small world around the fabric ----

typedef struct Event {
  uint64_t cycle;
  Phase phase;
  uint32_t tile;
} Event;
typedef struct Arrival {
  uint64_t cycle;
  uint32_t tile, color, word;
  bool control;
} Arrival;
typedef struct Outgoing {
  uint64_t from;
  uint32_t tile, color, word;
  bool control, advance;
} Outgoing;

static Emu emu;
static Event *events;       // stb_ds
static Arrival *arrivals;   // stb_ds, core and host link
static Outgoing *outgoing;  // stb_ds, per tile in order
static uint32_t capacity;   // words that every core still takes
static uint32_t host_wants; // words that the host link still takes
static uint32_t supply, activated;
static bool moody; // cores refuse now and then
static char fault_text[512];
static uint32_t fault_tile;

static uint32_t rng(void)
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
#define SILENT(name, ...)                                                                          \
  void name(__VA_ARGS__)                                                                           \
  {                                                                                                \
    abort();                                                                                       \
  }
SILENT(trace_hold, Emu *e __attribute__((unused)), uint32_t tag __attribute__((unused)))
SILENT(trace_release, Emu *e __attribute__((unused)), uint32_t tag __attribute__((unused)))
SILENT(trace_switch, Emu *e __attribute__((unused)), uint32_t t __attribute__((unused)),
       uint32_t c __attribute__((unused)), uint32_t p __attribute__((unused)))
SILENT(trace_land, Emu *e __attribute__((unused)), uint32_t t __attribute__((unused)),
       uint32_t c __attribute__((unused)), uint32_t p __attribute__((unused)),
       uint64_t at __attribute__((unused)))
SILENT(trace_route, Emu *e __attribute__((unused)), uint32_t t __attribute__((unused)),
       uint32_t c __attribute__((unused)), uint32_t w __attribute__((unused)),
       bool k __attribute__((unused)), uint32_t g __attribute__((unused)),
       uint32_t p __attribute__((unused)), uint32_t d __attribute__((unused)))
uint32_t trace_room(Emu *e, uint32_t tag, uint64_t ready, uint64_t free_at, uint32_t by)
{
  (void)e, (void)tag, (void)ready, (void)free_at, (void)by;
  abort();
}
uint64_t trace_written(const Emu *e, uint32_t tag)
{
  (void)e, (void)tag;
  abort();
}
uint64_t trace_host_began(const Emu *e)
{
  (void)e;
  abort();
}
uint32_t trace_host_takes(Emu *e, uint32_t tag, uint64_t ready)
{
  (void)e, (void)tag, (void)ready;
  abort();
}
uint32_t trace_host_wavelet(Emu *e, uint32_t tile)
{
  (void)e, (void)tile;
  abort();
}

bool queue_arrive(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, uint32_t *tag)
{
  (void)tag;
  if (moody && rng() % 3 == 0) { // refuses now, takes more a little later
    sched_at(e, e->now + 1 + rng() % 20, PHASE_THREAD, tile);
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
  *word = supply;
  return supply && supply--;
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

static void run(void)
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
      fab_retry(&emu, v.tile, 0);
    else if (v.phase == PHASE_OUT)
      core_out(v.tile);
  }
}

static Image image;
static EmuClass program; // binds a teardown task
static Diags diags;

static void setup(ArchId arch, uint32_t width, uint32_t height)
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
  supply = activated = 0;
  fault_text[0] = 0;
  moody = false;
}

static void start(void)
{
  ck_assert(fab_new(&emu, &diags));
  fab_start(&emu);
  for (uint32_t t = 0; t < emu.n_tiles; t++)
    sched_at(&emu, 1, PHASE_OUT, t);
}

static void teardown(void)
{
  fab_free(&emu);
  free(emu.tiles);
  free(emu.stats);
  free(image.tile_routes);
  arrfree(image.route_sets);
}

static uint64_t *word_of(uint32_t tile, unsigned color)
{
  return &image.route_sets[tile].words[color];
}

static void route(uint32_t tile, unsigned color, uint8_t rx, uint8_t tx)
{
  Route r = {.rx = {rx}, .tx = {tx}, .valid = {true}};
  *word_of(tile, color) = route_encode(&r);
}

static void send(uint32_t tile, unsigned color, uint32_t word, uint64_t from)
{
  arrput(outgoing, ((Outgoing){from, tile, color, word, false, false}));
}

static void send_control(uint32_t tile, unsigned color, uint32_t word, uint64_t from)
{
  arrput(outgoing, ((Outgoing){from, tile, color, word, true, false}));
}

#define W DIR_BIT(DIR_WEST)
#define E DIR_BIT(DIR_EAST)
#define S DIR_BIT(DIR_SOUTH)
#define N DIR_BIT(DIR_NORTH)
#define R DIR_BIT(DIR_RAMP)
#define H DIR_BIT(DIR_HOST)

static uint32_t tile_beside(uint32_t tile, Dir d)
{
  uint32_t x = tile % image.width + (uint32_t)dir_dx(d),
           y = tile / image.width + (uint32_t)dir_dy(d);
  return x < image.width && y < image.height ? y * image.width + x : NO_TILE;
}

// A row of tiles: the first sends east, the last delivers.
static void row(ArchId arch, uint32_t width, unsigned color)
{
  setup(arch, width, 1);
  route(0, color, R, E);
  for (uint32_t t = 1; t + 1 < width; t++)
    route(t, color, W, E);
  route(width - 1, color, W, R);
}

// ---- latency and rate ----

START_TEST(straight_line_latency_and_rate)
{
  static const uint32_t hop[] = {1, 2};
  ArchId arch = (ArchId)_i;
  enum { TILES = 9, WORDS = 50 };
  row(arch, TILES, 3);
  start();
  for (uint32_t k = 0; k < WORDS; k++)
    send(0, 3, 100 + k, 10);
  run();
  const Costs *c = emu.costs;
  ck_assert_uint_eq(c->hop, hop[_i]);
  ck_assert_int_eq(arrlen(arrivals), WORDS);
  for (uint32_t k = 0; k < WORDS; k++) {
    ck_assert_uint_eq(arrivals[k].word, 100 + k);
    ck_assert_uint_eq(arrivals[k].tile, TILES - 1);
    // The first takes the ramps and the hops, the others follow one per cycle.
    ck_assert_uint_eq(arrivals[k].cycle,
                      10 + c->result + c->ramp_up + (TILES - 1) * hop[_i] + c->ramp_down + k);
  }
  ck_assert_uint_eq(emu_hops(&emu), (TILES - 1) * WORDS);
  ck_assert(!fab_occupied(&emu));
  teardown();
}
END_TEST

// A multicast along a row costs its latency and its length, not their product (machine 7.5).
START_TEST(broadcast_costs_latency_and_length)
{
  enum { TILES = 33, WORDS = 40 };
  row((ArchId)_i, TILES, 3);
  for (uint32_t t = 1; t + 1 < TILES; t++)
    route(t, 3, W, E | R);
  start();
  for (uint32_t k = 0; k < WORDS; k++)
    send(0, 3, k, 1);
  run();
  const Costs *c = emu.costs;
  ck_assert_int_eq(arrlen(arrivals), (TILES - 1) * WORDS);
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].cycle, 1 + c->result + c->ramp_up + arrivals[i].tile * c->hop +
                                             c->ramp_down + arrivals[i].word);
  teardown();
}
END_TEST

// Many senders, each with its own colour, keep the root's ramp busy in every cycle (machine 7.5).
START_TEST(star_root_receives_one_wavelet_per_cycle)
{
  enum { TILES = 12, WORDS = 20, ROOT = TILES - 1 };
  setup((ArchId)_i, TILES, 1);
  for (uint32_t from = 0; from < ROOT; from++)
    for (uint32_t t = from; t < TILES; t++)
      route(t, from, t == from ? R : W, t == ROOT ? R : E);
  start();
  for (uint32_t k = 0; k < WORDS; k++)
    for (uint32_t from = 0; from < ROOT; from++)
      send(from, from, k, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), ROOT * WORDS);
  for (ptrdiff_t i = 1; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].cycle, arrivals[i - 1].cycle + 1);
  teardown();
}
END_TEST

// Every tile of a row sends to both neighbours. Returns the cycle of the last arrival.
static uint64_t exchange(ArchId arch, uint32_t tiles)
{
  enum { WORDS = 16 };
  setup(arch, tiles, 1);
  for (uint32_t t = 0; t + 1 < tiles; t++) { // two colours per direction, in turn
    route(t, t & 1, R, E);
    route(t + 1, t & 1, W, R);
    route(t + 1, 2 + (t & 1), R, W);
    route(t, 2 + (t & 1), E, R);
  }
  start();
  for (uint32_t k = 0; k < WORDS; k++)
    for (uint32_t t = 0; t + 1 < tiles; t++) {
      send(t, t & 1, k, 1);
      send(t + 1, 2 + (t & 1), k, 1);
    }
  run();
  uint64_t last = 0;
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    last = arrivals[i].cycle > last ? arrivals[i].cycle : last;
  ck_assert_int_eq(arrlen(arrivals), (ptrdiff_t)(2 * (tiles - 1) * WORDS));
  teardown();
  return last;
}

// More tiles take no more time (machine 7.5).
START_TEST(exchange_of_neighbours_scales)
{
  uint64_t few = exchange((ArchId)_i, 4);
  ck_assert_uint_eq(exchange((ArchId)_i, 16), few);
  ck_assert_uint_eq(exchange((ArchId)_i, 64), few);
}
END_TEST

START_TEST(loop_back_through_the_ramp)
{
  setup(ARCH_WSE3, 1, 1);
  route(0, 7, R, R);
  start();
  send(0, 7, 5, 4);
  run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].cycle,
                    4 + emu.costs->result + emu.costs->ramp_up + emu.costs->ramp_down);
  ck_assert_uint_eq(emu_hops(&emu), 0);
  teardown();
}
END_TEST

START_TEST(two_colors_share_a_link)
{
  enum { WORDS = 40 };
  row((ArchId)_i, 3, 1);
  // Colour 2 joins at the middle tile, so that both want the same link.
  route(1, 2, R, E);
  route(2, 2, W, R);
  start();
  for (uint32_t k = 0; k < WORDS; k++) {
    send(0, 1, k, 10);
    send(1, 2, 1000 + k, 10);
  }
  run();
  ck_assert_int_eq(arrlen(arrivals), 2 * WORDS);
  uint32_t next[2] = {0, 1000};
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].word, next[arrivals[i].color - 1]++); // order within a colour
  // One wavelet per cycle in all, from the first to the last; the colours take turns while both
  // have some.
  ck_assert_uint_eq(arrivals[2 * WORDS - 1].cycle - arrivals[0].cycle, 2 * WORDS - 1);
  for (ptrdiff_t i = 8; i < WORDS; i++)
    ck_assert_uint_ne(arrivals[i].color, arrivals[i + 1].color);
  teardown();
}
END_TEST

START_TEST(opposite_directions_do_not_share)
{
  enum { WORDS = 30 };
  setup(ARCH_WSE2, 2, 1);
  route(0, 1, R, E);
  route(1, 1, W, R);
  route(1, 2, R, W);
  route(0, 2, E, R);
  start();
  for (uint32_t k = 0; k < WORDS; k++) {
    send(0, 1, k, 1);
    send(1, 2, k, 1);
  }
  run();
  ck_assert_int_eq(arrlen(arrivals), 2 * WORDS);
  ck_assert_uint_eq(arrivals[2 * WORDS - 1].cycle - arrivals[0].cycle, WORDS - 1);
  teardown();
}
END_TEST

START_TEST(multicast_copies_in_the_same_cycle)
{
  // The middle of a cross sends to all four neighbours and to itself.
  setup((ArchId)_i, 3, 3);
  route(4, 0, R, W | E | S | N | R);
  route(3, 0, E, R);
  route(5, 0, W, R);
  route(7, 0, N, R);
  route(1, 0, S, R);
  start();
  send(4, 0, 77, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 5);
  uint32_t seen = 0;
  for (int i = 0; i < 5; i++) {
    seen |= 1u << arrivals[i].tile;
    uint64_t way = arrivals[i].tile == 4 ? 0 : emu.costs->hop;
    ck_assert_uint_eq(arrivals[i].cycle,
                      1 + emu.costs->result + emu.costs->ramp_up + way + emu.costs->ramp_down);
  }
  ck_assert_uint_eq(seen, 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 7);
  teardown();
}
END_TEST

// ---- back-pressure ----

START_TEST(back_pressure_stops_the_sender_and_loses_nothing)
{
  enum { WORDS = 100, FIRST = 5 };
  row((ArchId)_i, 5, 3);
  start();
  for (uint32_t k = 0; k < WORDS; k++)
    send(0, 3, k, 1);
  capacity = FIRST;
  run();
  // At rest: the buffers on the way are full, the rest is still in the sender's core.
  const Costs *c = emu.costs;
  uint32_t on_the_way =
      4 * c->router_buf + (c->router_buf + c->result + c->ramp_up) + (c->ramp_down + 1);
  ck_assert_int_eq(arrlen(arrivals), FIRST);
  ck_assert_int_eq(arrlen(outgoing), (int)(WORDS - FIRST - on_the_way));
  ck_assert(fab_occupied(&emu));
  capacity = WORDS;
  fab_retry(&emu, 4, 3);
  run();
  ck_assert_int_eq(arrlen(arrivals), WORDS);
  for (uint32_t k = 0; k < WORDS; k++)
    ck_assert_uint_eq(arrivals[k].word, k);
  // Once it flows again it flows at full rate.
  ck_assert_uint_eq(arrivals[WORDS - 1].cycle - arrivals[FIRST].cycle, WORDS - FIRST - 1);
  teardown();
}
END_TEST

START_TEST(a_blocked_color_does_not_stop_another)
{
  row(ARCH_WSE3, 4, 3);
  for (uint32_t t = 0; t < 4; t++)
    *word_of(t, 4) = *word_of(t, 3);
  Route held = {.rx = {W}, .tx = {R}, .valid = {true}, .teardown = true};
  *word_of(3, 3) = route_encode(&held);
  start();
  for (uint32_t k = 0; k < 6; k++)
    send(0, 3, k, 1);
  for (uint32_t k = 0; k < 10; k++)
    send(0, 4, k, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 10);
  for (int k = 0; k < 10; k++)
    ck_assert_uint_eq(arrivals[k].color, 4);
  teardown();
}
END_TEST

START_TEST(multicast_waits_for_all_its_directions)
{
  // Tile 0 sends to itself and east; tile 1 holds the colour, so nothing may go on at tile 0 once
  // the link is full.
  setup(ARCH_WSE2, 2, 1);
  route(0, 0, R, R | E);
  Route held = {.rx = {W}, .tx = {R}, .valid = {true}, .teardown = true};
  *word_of(1, 0) = route_encode(&held);
  start();
  for (uint32_t k = 0; k < 20; k++)
    send(0, 0, k, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), (int)emu.costs->router_buf);
  teardown();
}
END_TEST

// ---- random traffic ----

enum { SIDE = 6, FLOWS = 8, FLOW_WORDS = 30 };

typedef struct Flow { // a colour that walks over the grid without crossing itself and is tapped on
                      // the way
  uint32_t source, taps[SIDE * SIDE], n_taps, next[SIDE * SIDE];
} Flow;

static bool free_step(const bool *used, uint32_t tile, Dir d, uint32_t *to)
{
  *to = tile_beside(tile, d);
  return *to != NO_TILE && !used[*to];
}

static void lay_flow(Flow *f, unsigned color)
{
  bool used[SIDE * SIDE] = {false};
  uint32_t tile = rng() % (SIDE * SIDE), to;
  uint8_t rx = R;
  *f = (Flow){.source = tile};
  for (unsigned length = 1 + rng() % 14; length > 0; length--) {
    used[tile] = true;
    Dir d = (Dir)(rng() % 4);
    for (int k = 0; k < 4 && !free_step(used, tile, d, &to); k++)
      d = (Dir)((d + 1) % 4);
    if (!free_step(used, tile, d, &to))
      break;
    bool tap = rng() % 3 == 0;
    route(tile, color, rx, (uint8_t)(DIR_BIT(d) | (tap ? R : 0)));
    if (tap)
      f->taps[f->n_taps++] = tile;
    rx = DIR_BIT(dir_opposite(d));
    tile = to;
  }
  route(tile, color, rx, R);
  f->taps[f->n_taps++] = tile;
}

static void check_flow(Flow *f, unsigned color)
{
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    for (uint32_t k = 0; k < f->n_taps; k++)
      if (arrivals[i].color == color && arrivals[i].tile == f->taps[k])
        ck_assert_uint_eq(arrivals[i].word, color << 16 | f->next[k]++);
  for (uint32_t k = 0; k < f->n_taps; k++)
    ck_assert_uint_eq(f->next[k], FLOW_WORDS);
}

// Whatever the traffic: nothing is lost, doubled or overtaken, and everything arrives in the end.
START_TEST(random_traffic_arrives_whole_and_in_order)
{
  for (int round = 0; round < 20; round++) {
    Flow flows[FLOWS];
    uint64_t expected = 0;
    setup((ArchId)(round & 1), SIDE, SIDE);
    for (unsigned c = 0; c < FLOWS; c++)
      lay_flow(&flows[c], c);
    start();
    moody = round % 4 >= 2;
    for (uint32_t k = 0; k < FLOW_WORDS; k++)
      for (unsigned c = 0; c < FLOWS; c++)
        send(flows[c].source, c, c << 16 | k, 1 + (round % 3 ? 0 : rng() % 60));
    run();
    ck_assert_msg(!emu.stopped, "%s", fault_text);
    ck_assert_int_eq(arrlen(outgoing), 0);
    ck_assert(!fab_occupied(&emu));
    for (unsigned c = 0; c < FLOWS; c++) {
      check_flow(&flows[c], c);
      expected += flows[c].n_taps * FLOW_WORDS;
    }
    ck_assert_uint_eq((uint64_t)arrlen(arrivals), expected);
    teardown();
  }
}
END_TEST

// ---- switches ----

static uint32_t command(unsigned opcode)
{
  return 31u << 16 | opcode << 22;
}

// A sender whose switch turns it west (position 0), east (1), south (2).
static void turning_sender(bool ring, PopMode pop)
{
  setup(ARCH_WSE2, 3, 2);
  Route r = {
      .rx = {R, R, R}, .tx = {W, E, S}, .valid = {true, true, true}, .ring = ring, .pop = pop};
  *word_of(1, 0) = route_encode(&r);
  route(0, 0, E, R);
  route(2, 0, W, R);
  route(4, 0, N, R);
}

START_TEST(control_wavelet_takes_the_old_way_and_turns_the_switch)
{
  bool ring = _i;
  turning_sender(ring, POP_NONE);
  start();
  for (uint32_t k = 0; k < 4; k++) {
    send(1, 0, k, 1);
    send_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  }
  run();
  ck_assert_int_eq(arrlen(arrivals), 8);
  static const uint32_t ring_tiles[] = {0, 2, 4, 0}, stay_tiles[] = {0, 2, 4, 4};
  for (int k = 0; k < 4; k++) {
    uint32_t want = (ring ? ring_tiles : stay_tiles)[k];
    ck_assert_uint_eq(arrivals[2 * k].tile, want);
    ck_assert_uint_eq(arrivals[2 * k + 1].tile, want);
    ck_assert(!arrivals[2 * k].control && arrivals[2 * k + 1].control);
  }
  teardown();
}
END_TEST

START_TEST(switch_reset_returns_to_position_0)
{
  turning_sender(false, POP_NONE);
  start();
  send_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  send_control(1, 0, command(CTRL_SWITCH_ADV), 1);
  send_control(1, 0, command(CTRL_SWITCH_RST), 1);
  send(1, 0, 9, 1);
  run();
  static const uint32_t tiles[] = {0, 2, 4, 0};
  ck_assert_int_eq(arrlen(arrivals), 4);
  for (int k = 0; k < 4; k++)
    ck_assert_uint_eq(arrivals[k].tile, tiles[k]);
  teardown();
}
END_TEST

START_TEST(advance_after_the_last_wavelet_of_an_operation)
{
  turning_sender(false, POP_NONE);
  start();
  send(1, 0, 1, 1);
  arrput(outgoing, ((Outgoing){1, 1, 0, 2, false, true}));
  send(1, 0, 3, 1);
  run();
  static const uint32_t tiles[] = {0, 0, 2};
  ck_assert_int_eq(arrlen(arrivals), 3);
  for (int k = 0; k < 3; k++)
    ck_assert_uint_eq(arrivals[k].tile, tiles[k]);
  teardown();
}
END_TEST

START_TEST(pop_modes)
{
  // Two commands: the first is executed at tile 0, what is left of it arrives at tile 1.
  static const struct {
    PopMode mode;
    unsigned opcode;
    bool can_advance, popped;
  } cases[] = {{POP_NONE, CTRL_SWITCH_ADV, true, false},
               {POP_ALWAYS, CTRL_NOP, true, true},
               {POP_ON_ADVANCE, CTRL_SWITCH_ADV, true, true},
               {POP_ON_ADVANCE, CTRL_SWITCH_ADV, false, false},
               {POP_ON_ADVANCE, CTRL_NOP, true, false},
               {POP_ON_ADVANCE_NOP, CTRL_NOP, false, true},
               {POP_ON_ADVANCE_NOP, CTRL_SWITCH_RST, true, false}};
  uint32_t payload = 31u << 16 | cases[_i].opcode << 22 | (uint32_t)CTRL_SWITCH_RST << 25;
  row(ARCH_WSE3, 2, 0);
  Route r = {
      .rx = {R, R}, .tx = {E, E}, .valid = {true, cases[_i].can_advance}, .pop = cases[_i].mode};
  if (!cases[_i].can_advance)
    r.rx[1] = r.tx[1] = 0;
  *word_of(0, 0) = route_encode(&r);
  start();
  send_control(0, 0, payload, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].word, cases[_i].popped ? ctrl_pop(payload) : payload);
  teardown();
}
END_TEST

START_TEST(a_position_that_does_not_receive_holds_the_wavelet)
{
  // Tile 1 first passes on from the west; its own wavelet waits until the switch turns to the ramp.
  setup(ARCH_WSE3, 3, 1);
  route(0, 0, R, E);
  Route r = {.rx = {W, R}, .tx = {E, E}, .valid = {true, true}};
  *word_of(1, 0) = route_encode(&r);
  route(2, 0, W, R);
  start();
  send(1, 0, 50, 1);
  send(0, 0, 10, 30);
  send_control(0, 0, command(CTRL_SWITCH_ADV) | 1u << 24, 30);
  run();
  ck_assert_int_eq(arrlen(arrivals), 2); // the control wavelet is not for cores
  ck_assert_uint_eq(arrivals[0].word, 10);
  ck_assert_uint_eq(arrivals[1].word, 50);
  ck_assert_uint_gt(arrivals[1].cycle, 30);
  teardown();
}
END_TEST

START_TEST(teardown_command_holds_the_color_and_tells_the_core)
{
  row(ARCH_WSE2, 3, 2);
  start();
  send_control(0, 2, 0x09df9249, 1);
  send(0, 2, 1, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 0);
  ck_assert(activated & 1u << TASK_ID_TEARDOWN);
  ck_assert(fab_occupied(&emu));
  teardown();
}
END_TEST

// ---- filters ----

static void filtered(Filter f)
{
  row(ARCH_WSE2, 2, 5);
  Route r = {.rx = {W}, .tx = {R}, .valid = {true}, .filter = 3};
  *word_of(1, 5) = route_encode(&r);
  f.color = 5;
  image.route_sets[1].filters[2] = f;
  start();
}

START_TEST(range_filter)
{
  filtered((Filter){.kind = FILTER_RANGE, .limit1 = 2, .limit2 = 4});
  for (uint32_t k = 0; k < 8; k++)
    send(0, 5, k << 16 | k, 1);
  send_control(0, 5, 63u << 16, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 4);
  for (int k = 0; k < 3; k++)
    ck_assert_uint_eq(arrivals[k].word & 0xffff, k + 2);
  ck_assert(arrivals[3].control);
  teardown();
}
END_TEST

START_TEST(counter_filter_keeps_the_first_of_each_period)
{
  filtered((Filter){.kind = FILTER_COUNTER,
                    .count_data = true,
                    .limit1 = 4,
                    .max_counter = 1,
                    .init_counter = 3});
  for (uint32_t k = 0; k < 14; k++)
    send(0, 5, k, 1);
  run();
  static const uint32_t kept[] = {2, 3, 7, 8, 12, 13}; // counters 3 4 | 0 1 2 3 4 | 0 1 ...
  ck_assert_int_eq(arrlen(arrivals), 6);
  for (int k = 0; k < 6; k++)
    ck_assert_uint_eq(arrivals[k].word, kept[k]);
  teardown();
}
END_TEST

START_TEST(sparse_counter_ends)
{
  bool second = _i;
  filtered((Filter){.kind = FILTER_SPARSE_COUNTER,
                    .count_data = true,
                    .limit1 = 2,
                    .limit2 = 1,
                    .has_limit1 = true,
                    .has_limit2 = second,
                    .max_counter = 0});
  for (uint32_t k = 0; k < 8; k++)
    send(0, 5, k, 1);
  run();
  static const uint32_t once[] = {0, 3, 4, 5, 6, 7}, twice[] = {0, 3, 5, 6, 7};
  ck_assert_int_eq(arrlen(arrivals), second ? 5 : 6);
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    ck_assert_uint_eq(arrivals[k].word, (second ? twice : once)[k]);
  teardown();
}
END_TEST

START_TEST(filters_do_not_touch_what_passes_by)
{
  row(ARCH_WSE2, 3, 5);
  Route r = {.rx = {W}, .tx = {R | E}, .valid = {true}, .filter = 1};
  *word_of(1, 5) = route_encode(&r);
  image.route_sets[1].filters[0] = (Filter){.kind = FILTER_RANGE, .limit1 = 9, .limit2 = 9};
  start();
  send(0, 5, 1, 1);
  run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].tile, 2);
  teardown();
}
END_TEST

// ---- colour swap ----

START_TEST(color_swap)
{
  // Sent on 2. Swap on both: received on 3. Swap on 3 only: received on both.
  setup(ARCH_WSE2, 2, 1);
  route(0, 2, R, E);
  Route r = {.rx = {W}, .tx = {R}, .valid = {true}, .swap_x = true};
  *word_of(1, 3) = route_encode(&r);
  r.swap_x = _i;
  *word_of(1, 2) = route_encode(&r);
  start();
  send(0, 2, 8, 1);
  run();
  uint32_t colors = 0;
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    colors |= 1u << arrivals[k].color;
  ck_assert_uint_eq(colors, _i ? 1u << 3 : 1u << 2 | 1u << 3);
  teardown();
}
END_TEST

// ---- host links ----

START_TEST(host_link_in_and_out)
{
  setup(ARCH_WSE3, 1, 1);
  route(0, 1, H, R);
  route(0, 2, R, H);
  start();
  supply = 20; // 20, 19, ...
  ck_assert(fab_inject(&emu, 0, 1));
  for (uint32_t k = 0; k < 12; k++)
    send(0, 2, 500 + k, 1);
  host_wants = 3;
  run();
  ck_assert_int_eq(arrlen(arrivals), 23);
  host_wants = 100;
  fab_collect(&emu, 0, 2);
  run();
  ck_assert_int_eq(arrlen(arrivals), 32);
  uint32_t in = 20, out = 500;
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    ck_assert_uint_eq(arrivals[k].word, arrivals[k].color == 1 ? in-- : out++);
  teardown();
}
END_TEST

// ---- faults ----

START_TEST(arrival_from_two_ports_in_one_cycle)
{
  setup(ARCH_WSE2, 3, 1);
  route(0, 4, R, E);
  route(2, 4, R, W);
  route(1, 4, W | E, R);
  start();
  send(0, 4, 1, 1);
  send(2, 4, 2, 1 + (uint64_t)_i);
  run();
  ck_assert_int_eq(emu.stopped, _i == 0);
  if (_i == 0) {
    ck_assert_uint_eq(fault_tile, 1);
    ck_assert_ptr_nonnull(strstr(fault_text, "colour 4 arrive from WEST and from EAST"));
  } else {
    ck_assert_int_eq(arrlen(arrivals), 2);
  }
  teardown();
}
END_TEST

START_TEST(no_route_at_the_neighbour)
{
  setup(ARCH_WSE3, 2, 1);
  route(0, 4, R, E);
  start();
  send(0, 4, 1, 1);
  run();
  ck_assert(emu.stopped);
  ck_assert_uint_eq(fault_tile, 0);
  ck_assert_ptr_nonnull(
      strstr(fault_text, "colour 4 is sent EAST to tile (1, 0), which has no route"));
  ck_assert_ptr_nonnull(strstr(fault_text, "rx = WEST"));
  teardown();
}
END_TEST

START_TEST(no_route_at_the_sender)
{
  setup(ARCH_WSE3, 1, 1);
  start();
  send(0, 9, 1, 1);
  run();
  ck_assert(emu.stopped);
  ck_assert_ptr_nonnull(strstr(fault_text, "colour 9"));
  teardown();
}
END_TEST

START_TEST(wavelets_beyond_the_rectangle_vanish)
{
  setup(ARCH_WSE2, 2, 1);
  route(0, 4, R, E);
  route(1, 4, W, E | R);
  start();
  for (uint32_t k = 0; k < 30; k++)
    send(0, 4, k, 1);
  run();
  ck_assert(!emu.stopped);
  ck_assert_int_eq(arrlen(arrivals), 30);
  ck_assert(!fab_occupied(&emu));
  teardown();
}
END_TEST

START_TEST(malformed_route_words_are_refused)
{
  setup(ARCH_WSE2, 1, 1);
  *word_of(0, 3) = 1ull << 63;
  ck_assert(!fab_new(&emu, &diags));
  ck_assert_uint_ge(diags.errors, 1);
  teardown();
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("fabric");
  TCase *t = tcase_create("fabric");
  tcase_add_loop_test(t, straight_line_latency_and_rate, 0, ARCH_COUNT);
  tcase_add_loop_test(t, broadcast_costs_latency_and_length, 0, ARCH_COUNT);
  tcase_add_loop_test(t, star_root_receives_one_wavelet_per_cycle, 0, ARCH_COUNT);
  tcase_add_loop_test(t, exchange_of_neighbours_scales, 0, ARCH_COUNT);
  tcase_add_test(t, loop_back_through_the_ramp);
  tcase_add_loop_test(t, two_colors_share_a_link, 0, ARCH_COUNT);
  tcase_add_test(t, opposite_directions_do_not_share);
  tcase_add_loop_test(t, multicast_copies_in_the_same_cycle, 0, ARCH_COUNT);
  tcase_add_loop_test(t, back_pressure_stops_the_sender_and_loses_nothing, 0, ARCH_COUNT);
  tcase_add_test(t, a_blocked_color_does_not_stop_another);
  tcase_add_test(t, multicast_waits_for_all_its_directions);
  tcase_add_test(t, random_traffic_arrives_whole_and_in_order);
  tcase_add_loop_test(t, control_wavelet_takes_the_old_way_and_turns_the_switch, 0, 2);
  tcase_add_test(t, switch_reset_returns_to_position_0);
  tcase_add_test(t, advance_after_the_last_wavelet_of_an_operation);
  tcase_add_loop_test(t, pop_modes, 0, 7);
  tcase_add_test(t, a_position_that_does_not_receive_holds_the_wavelet);
  tcase_add_test(t, teardown_command_holds_the_color_and_tells_the_core);
  tcase_add_test(t, range_filter);
  tcase_add_test(t, counter_filter_keeps_the_first_of_each_period);
  tcase_add_loop_test(t, sparse_counter_ends, 0, 2);
  tcase_add_test(t, filters_do_not_touch_what_passes_by);
  tcase_add_loop_test(t, color_swap, 0, 2);
  tcase_add_test(t, host_link_in_and_out);
  tcase_add_loop_test(t, arrival_from_two_ports_in_one_cycle, 0, 2);
  tcase_add_test(t, no_route_at_the_neighbour);
  tcase_add_test(t, no_route_at_the_sender);
  tcase_add_test(t, wavelets_beyond_the_rectangle_vanish);
  tcase_add_test(t, malformed_route_words_are_refused);
  suite_add_tcase(s, t);
  return s;
}
