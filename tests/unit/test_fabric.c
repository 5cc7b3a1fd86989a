// Unit tests of the fabric alone: how fast wavelets move, back-pressure, traffic at random, links
// to the host, and what is wrong in a program.
#include "fabric_world.h"
#include "suite.h"
#include <stb/stb_ds.h>

// ---- latency and rate ----

START_TEST(straight_line_latency_and_rate)
{
  static const uint32_t hop[] = {1, 2};
  ArchId arch = (ArchId)_i;
  enum { TILES = 9, WORDS = 50 };
  lay_row(arch, TILES, 3);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++)
    put_word(0, 3, 100 + k, 10);
  fabric_run();
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
  fabric_end();
}
END_TEST

// A multicast along a row costs its latency and its length, not their product (machine 7.5).
START_TEST(broadcast_costs_latency_and_length)
{
  enum { TILES = 33, WORDS = 40 };
  lay_row((ArchId)_i, TILES, 3);
  for (uint32_t t = 1; t + 1 < TILES; t++)
    lay_route(t, 3, W, E | R);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++)
    put_word(0, 3, k, 1);
  fabric_run();
  const Costs *c = emu.costs;
  ck_assert_int_eq(arrlen(arrivals), (TILES - 1) * WORDS);
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].cycle, 1 + c->result + c->ramp_up + arrivals[i].tile * c->hop +
                                             c->ramp_down + arrivals[i].word);
  fabric_end();
}
END_TEST

// Many senders, each with its own colour, keep the root's ramp busy in every cycle (machine 7.5).
START_TEST(star_root_receives_one_wavelet_per_cycle)
{
  enum { TILES = 12, WORDS = 20, ROOT = TILES - 1 };
  fabric_setup((ArchId)_i, TILES, 1);
  for (uint32_t from = 0; from < ROOT; from++)
    for (uint32_t t = from; t < TILES; t++)
      lay_route(t, from, t == from ? R : W, t == ROOT ? R : E);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++)
    for (uint32_t from = 0; from < ROOT; from++)
      put_word(from, from, k, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), ROOT * WORDS);
  for (ptrdiff_t i = 1; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].cycle, arrivals[i - 1].cycle + 1);
  fabric_end();
}
END_TEST

// Every tile of a row sends to both neighbours. Returns the cycle of the last arrival.
static uint64_t exchange(ArchId arch, uint32_t tiles)
{
  enum { WORDS = 16 };
  fabric_setup(arch, tiles, 1);
  for (uint32_t t = 0; t + 1 < tiles; t++) { // two colours per direction, in turn
    lay_route(t, t & 1, R, E);
    lay_route(t + 1, t & 1, W, R);
    lay_route(t + 1, 2 + (t & 1), R, W);
    lay_route(t, 2 + (t & 1), E, R);
  }
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++)
    for (uint32_t t = 0; t + 1 < tiles; t++) {
      put_word(t, t & 1, k, 1);
      put_word(t + 1, 2 + (t & 1), k, 1);
    }
  fabric_run();
  uint64_t last = 0;
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    last = arrivals[i].cycle > last ? arrivals[i].cycle : last;
  ck_assert_int_eq(arrlen(arrivals), (ptrdiff_t)(2 * (tiles - 1) * WORDS));
  fabric_end();
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
  fabric_setup(ARCH_WSE3, 1, 1);
  lay_route(0, 7, R, R);
  fabric_begin();
  put_word(0, 7, 5, 4);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].cycle,
                    4 + emu.costs->result + emu.costs->ramp_up + emu.costs->ramp_down);
  ck_assert_uint_eq(emu_hops(&emu), 0);
  fabric_end();
}
END_TEST

START_TEST(two_colors_share_a_link)
{
  enum { WORDS = 40 };
  lay_row((ArchId)_i, 3, 1);
  // Colour 2 joins at the middle tile, so that both want the same link.
  lay_route(1, 2, R, E);
  lay_route(2, 2, W, R);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++) {
    put_word(0, 1, k, 10);
    put_word(1, 2, 1000 + k, 10);
  }
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 2 * WORDS);
  uint32_t next[2] = {0, 1000};
  for (ptrdiff_t i = 0; i < arrlen(arrivals); i++)
    ck_assert_uint_eq(arrivals[i].word, next[arrivals[i].color - 1]++); // order within a colour
  // One wavelet per cycle in all, from the first to the last; the colours take turns while both
  // have some.
  ck_assert_uint_eq(arrivals[2 * WORDS - 1].cycle - arrivals[0].cycle, 2 * WORDS - 1);
  for (ptrdiff_t i = 8; i < WORDS; i++)
    ck_assert_uint_ne(arrivals[i].color, arrivals[i + 1].color);
  fabric_end();
}
END_TEST

START_TEST(opposite_directions_do_not_share)
{
  enum { WORDS = 30 };
  fabric_setup(ARCH_WSE2, 2, 1);
  lay_route(0, 1, R, E);
  lay_route(1, 1, W, R);
  lay_route(1, 2, R, W);
  lay_route(0, 2, E, R);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++) {
    put_word(0, 1, k, 1);
    put_word(1, 2, k, 1);
  }
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 2 * WORDS);
  ck_assert_uint_eq(arrivals[2 * WORDS - 1].cycle - arrivals[0].cycle, WORDS - 1);
  fabric_end();
}
END_TEST

START_TEST(multicast_copies_in_the_same_cycle)
{
  // The middle of a cross sends to all four neighbours and to itself.
  fabric_setup((ArchId)_i, 3, 3);
  lay_route(4, 0, R, W | E | S | N | R);
  lay_route(3, 0, E, R);
  lay_route(5, 0, W, R);
  lay_route(7, 0, N, R);
  lay_route(1, 0, S, R);
  fabric_begin();
  put_word(4, 0, 77, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 5);
  uint32_t seen = 0;
  for (int i = 0; i < 5; i++) {
    seen |= 1u << arrivals[i].tile;
    uint64_t way = arrivals[i].tile == 4 ? 0 : emu.costs->hop;
    ck_assert_uint_eq(arrivals[i].cycle,
                      1 + emu.costs->result + emu.costs->ramp_up + way + emu.costs->ramp_down);
  }
  ck_assert_uint_eq(seen, 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 7);
  fabric_end();
}
END_TEST

// ---- back-pressure ----

START_TEST(back_pressure_stops_the_sender_and_loses_nothing)
{
  enum { WORDS = 100, FIRST = 5 };
  lay_row((ArchId)_i, 5, 3);
  fabric_begin();
  for (uint32_t k = 0; k < WORDS; k++)
    put_word(0, 3, k, 1);
  capacity = FIRST;
  fabric_run();
  // At rest: the buffers on the way are full, the rest is still in the sender's core.
  const Costs *c = emu.costs;
  uint32_t on_the_way =
      4 * c->router_buf + (c->router_buf + c->result + c->ramp_up) + (c->ramp_down + 1);
  ck_assert_int_eq(arrlen(arrivals), FIRST);
  ck_assert_int_eq(arrlen(outgoing), (int)(WORDS - FIRST - on_the_way));
  ck_assert(fab_occupied(&emu));
  capacity = WORDS;
  fab_retry(&emu, 4);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), WORDS);
  for (uint32_t k = 0; k < WORDS; k++)
    ck_assert_uint_eq(arrivals[k].word, k);
  // Once it flows again it flows at full rate.
  ck_assert_uint_eq(arrivals[WORDS - 1].cycle - arrivals[FIRST].cycle, WORDS - FIRST - 1);
  fabric_end();
}
END_TEST

START_TEST(a_blocked_color_does_not_stop_another)
{
  lay_row(ARCH_WSE3, 4, 3);
  for (uint32_t t = 0; t < 4; t++)
    *route_word(t, 4) = *route_word(t, 3);
  Route held = {.rx = {W}, .tx = {R}, .valid = {true}, .teardown = true};
  *route_word(3, 3) = route_encode(&held);
  fabric_begin();
  for (uint32_t k = 0; k < 6; k++)
    put_word(0, 3, k, 1);
  for (uint32_t k = 0; k < 10; k++)
    put_word(0, 4, k, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 10);
  for (int k = 0; k < 10; k++)
    ck_assert_uint_eq(arrivals[k].color, 4);
  fabric_end();
}
END_TEST

START_TEST(multicast_waits_for_all_its_directions)
{
  // Tile 0 sends to itself and east; tile 1 holds the colour, so nothing may go on at tile 0 once
  // the link is full.
  fabric_setup(ARCH_WSE2, 2, 1);
  lay_route(0, 0, R, R | E);
  Route held = {.rx = {W}, .tx = {R}, .valid = {true}, .teardown = true};
  *route_word(1, 0) = route_encode(&held);
  fabric_begin();
  for (uint32_t k = 0; k < 20; k++)
    put_word(0, 0, k, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), (int)emu.costs->router_buf);
  fabric_end();
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
  uint32_t tile = random_bits() % (SIDE * SIDE), to;
  uint8_t rx = R;
  *f = (Flow){.source = tile};
  for (unsigned length = 1 + random_bits() % 14; length > 0; length--) {
    used[tile] = true;
    Dir d = (Dir)(random_bits() % 4);
    for (int k = 0; k < 4 && !free_step(used, tile, d, &to); k++)
      d = (Dir)((d + 1) % 4);
    if (!free_step(used, tile, d, &to))
      break;
    bool tap = random_bits() % 3 == 0;
    lay_route(tile, color, rx, (uint8_t)(DIR_BIT(d) | (tap ? R : 0)));
    if (tap)
      f->taps[f->n_taps++] = tile;
    rx = DIR_BIT(dir_opposite(d));
    tile = to;
  }
  lay_route(tile, color, rx, R);
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
    fabric_setup((ArchId)(round & 1), SIDE, SIDE);
    for (unsigned c = 0; c < FLOWS; c++)
      lay_flow(&flows[c], c);
    fabric_begin();
    moody = round % 4 >= 2;
    for (uint32_t k = 0; k < FLOW_WORDS; k++)
      for (unsigned c = 0; c < FLOWS; c++)
        put_word(flows[c].source, c, c << 16 | k, 1 + (round % 3 ? 0 : random_bits() % 60));
    fabric_run();
    ck_assert_msg(!emu.stopped, "%s", fault_text);
    ck_assert_int_eq(arrlen(outgoing), 0);
    ck_assert(!fab_occupied(&emu));
    for (unsigned c = 0; c < FLOWS; c++) {
      check_flow(&flows[c], c);
      expected += flows[c].n_taps * FLOW_WORDS;
    }
    ck_assert_uint_eq((uint64_t)arrlen(arrivals), expected);
    fabric_end();
  }
}
END_TEST

// ---- colour swap ----

START_TEST(color_swap)
{
  // Sent on 2. Swap on both: received on 3. Swap on 3 only: received on both.
  fabric_setup(ARCH_WSE2, 2, 1);
  lay_route(0, 2, R, E);
  Route r = {.rx = {W}, .tx = {R}, .valid = {true}, .swap_x = true};
  *route_word(1, 3) = route_encode(&r);
  r.swap_x = _i;
  *route_word(1, 2) = route_encode(&r);
  fabric_begin();
  put_word(0, 2, 8, 1);
  fabric_run();
  uint32_t colors = 0;
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    colors |= 1u << arrivals[k].color;
  ck_assert_uint_eq(colors, _i ? 1u << 3 : 1u << 2 | 1u << 3);
  fabric_end();
}
END_TEST

// ---- host links ----

START_TEST(host_link_in_and_out)
{
  fabric_setup(ARCH_WSE3, 1, 1);
  lay_route(0, 1, H, R);
  lay_route(0, 2, R, H);
  fabric_begin();
  host_has = 20; // 20, 19, ...
  ck_assert(fab_inject(&emu, 0, 1));
  for (uint32_t k = 0; k < 12; k++)
    put_word(0, 2, 500 + k, 1);
  host_wants = 3;
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 23);
  host_wants = 100;
  fab_retry(&emu, 0);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 32);
  uint32_t in = 20, out = 500;
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    ck_assert_uint_eq(arrivals[k].word, arrivals[k].color == 1 ? in-- : out++);
  fabric_end();
}
END_TEST

// ---- faults ----

START_TEST(arrival_from_two_ports_in_one_cycle)
{
  fabric_setup(ARCH_WSE2, 3, 1);
  lay_route(0, 4, R, E);
  lay_route(2, 4, R, W);
  lay_route(1, 4, W | E, R);
  fabric_begin();
  put_word(0, 4, 1, 1);
  put_word(2, 4, 2, 1 + (uint64_t)_i);
  fabric_run();
  ck_assert_int_eq(emu.stopped, _i == 0);
  if (_i == 0) {
    ck_assert_uint_eq(fault_tile, 1);
    ck_assert_ptr_nonnull(strstr(fault_text, "colour 4 arrive from WEST and from EAST"));
  } else {
    ck_assert_int_eq(arrlen(arrivals), 2);
  }
  fabric_end();
}
END_TEST

START_TEST(no_route_at_the_neighbour)
{
  fabric_setup(ARCH_WSE3, 2, 1);
  lay_route(0, 4, R, E);
  fabric_begin();
  put_word(0, 4, 1, 1);
  fabric_run();
  ck_assert(emu.stopped);
  ck_assert_uint_eq(fault_tile, 0);
  ck_assert_ptr_nonnull(
      strstr(fault_text, "colour 4 is sent EAST to tile (1, 0), which has no route"));
  ck_assert_ptr_nonnull(strstr(fault_text, "rx = WEST"));
  fabric_end();
}
END_TEST

START_TEST(no_route_at_the_sender)
{
  fabric_setup(ARCH_WSE3, 1, 1);
  fabric_begin();
  put_word(0, 9, 1, 1);
  fabric_run();
  ck_assert(emu.stopped);
  ck_assert_ptr_nonnull(strstr(fault_text, "colour 9"));
  fabric_end();
}
END_TEST

START_TEST(wavelets_beyond_the_rectangle_vanish)
{
  fabric_setup(ARCH_WSE2, 2, 1);
  lay_route(0, 4, R, E);
  lay_route(1, 4, W, E | R);
  fabric_begin();
  for (uint32_t k = 0; k < 30; k++)
    put_word(0, 4, k, 1);
  fabric_run();
  ck_assert(!emu.stopped);
  ck_assert_int_eq(arrlen(arrivals), 30);
  ck_assert(!fab_occupied(&emu));
  fabric_end();
}
END_TEST

START_TEST(malformed_route_words_are_refused)
{
  fabric_setup(ARCH_WSE2, 1, 1);
  *route_word(0, 3) = 1ull << 63;
  ck_assert(!fab_new(&emu, &diags));
  ck_assert_uint_ge(diags.errors, 1);
  fabric_end();
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
