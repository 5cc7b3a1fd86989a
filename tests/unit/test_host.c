// Unit tests of libweft against an emulator that only records.
#include "host/internal.h"
#include "suite.h"
#include "tests/unit/fake_emulator.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

// A 4 x 3 program: data A (mutable), y (immutable), function f(i16, f32), function g(), colours 8
// in and 9 out.
static Weft *program(void)
{
  static const char *const f_params[] = {"i16", "f32"};
  Image *img = image_new();
  img->width = 4;
  img->height = 3;
  img->offset_x = 4;
  img->offset_y = 1;
  img->memcpy = true;
  ImageExport f = {.name = "f", .symbol = "f", .type = "void", .kind = 1};
  arrput(f.param_types, f_params[0]);
  arrput(f.param_types, f_params[1]);
  arrput(img->exports,
         ((ImageExport){.name = "A", .symbol = "A", .type = "[*]f32", .mutable_ = true}));
  arrput(img->exports, ((ImageExport){.name = "y", .symbol = "y", .type = "[*]f32"}));
  arrput(img->exports, f);
  arrput(img->exports, ((ImageExport){.name = "g", .symbol = "g", .type = "void", .kind = 1}));
  arrput(img->exports,
         ((ImageExport){.name = "k", .symbol = "k", .type = "u32", .mutable_ = true}));
  arrput(img->streams, ((ImageStream){.color = 8, .to_host = false}));
  arrput(img->streams, ((ImageStream){.color = 9, .to_host = true}));
  ImageClass c = {.name = "pe.csl", .data_bytes = 64, .private_bytes = 64};
  arrput(c.symbols, ((ImageSymbol){.name = "A", .address = 16, .size = 8}));
  arrput(c.symbols, ((ImageSymbol){.name = "far", .address = 60, .size = 8}));
  arrput(img->classes, c);
  img->tile_class = ARENA_ARRAY(&img->arena, uint32_t, 12);
  img->tile_class[11] = UINT32_MAX;
  return lib_new(img, &(WeftOptions){.sim_log = ""});
}

static Weft *running(void)
{
  memset(&fake, 0, sizeof fake);
  Weft *w = program();
  ck_assert_int_eq(weft_load(w), 0);
  ck_assert_int_eq(weft_run(w), 0);
  return w;
}

static void expect_error(Weft *w, int status, const char *words)
{
  ck_assert_int_eq(status, -1);
  ck_assert_msg(strstr(weft_error(w), words) != NULL, "\"%s\" lacks \"%s\"", weft_error(w), words);
}

START_TEST(order_of_life)
{
  memset(&fake, 0, sizeof fake);
  Weft *w = program();
  uint32_t word = 0;
  const WeftCopy one = {.width = 1, .height = 1, .count = 1};
  expect_error(w, weft_run(w), "load() has not been called");
  expect_error(w, weft_stop(w), "run() has not been called");
  ck_assert_int_eq(weft_load(w), 0);
  expect_error(w, weft_load(w), "cannot call load() multiple times");
  expect_error(w, weft_h2d(w, 0, &word, 1, &one, NULL),
               "must be running to accept memcpy commands");
  expect_error(w, weft_launch(w, "g", NULL, 0, false, NULL), "must be running");
  ck_assert(!fake.started);
  ck_assert_int_eq(weft_run(w), 0);
  ck_assert(fake.started);
  expect_error(w, weft_run(w), "cannot call run() multiple times");
  ck_assert(!fake.ended);
  ck_assert_int_eq(weft_stop(w), 0);
  ck_assert(fake.ended);
  expect_error(w, weft_stop(w), "cannot call stop()");
  expect_error(w, weft_h2d(w, 0, &word, 1, &one, NULL),
               "must be running to accept memcpy commands");
  weft_close(w);
}
END_TEST

START_TEST(transfer_arguments)
{
  Weft *w = running();
  uint32_t words[64] = {0};
  WeftCopy c = {.x = 1, .y = 1, .width = 3, .height = 2, .count = 2};
  ck_assert_int_eq(weft_h2d(w, 0, words, 12, &c, NULL), 0);
  expect_error(w, weft_h2d(w, 0, words, 11, &c, NULL), "wrong array size");
  expect_error(w, weft_h2d(w, 1, words, 12, &c, NULL), "\"y\" is exported as immutable");
  ck_assert_int_eq(weft_d2h(w, 1, words, 12, &c, NULL), 0);
  expect_error(w, weft_d2h(w, 2, words, 12, &c, NULL), "\"f\" is not data");
  expect_error(w, weft_d2h(w, 5, words, 12, &c, NULL), "5 is not the id of an exported symbol");
  expect_error(w, weft_h2d(w, 4, words, 12, &c, NULL), "\"k\" is a u32, no pointer");
  expect_error(w, weft_d2h(w, -1, words, 12, &c, NULL), "-1 is not the id");
  fake.one_without = true;
  expect_error(w, weft_h2d(w, 0, words, 12, &c, NULL),
               "the program of tile (2, 1) does not export \"A\"");
  c.row_stride = 2;
  ck_assert_int_eq(weft_h2d(w, 0, words, 8, &c, NULL), 0);
  c.row_stride = 0;
  fake.one_without = false;
  c.width = 4;
  expect_error(w, weft_h2d(w, 0, words, 16, &c, NULL),
               "h2d subrectangle must be inside the core rectangle");
  expect_error(w, weft_d2h(w, 0, words, 16, &c, NULL),
               "d2h subrectangle must be inside the core rectangle");
  c.x = UINT32_MAX;
  expect_error(w, weft_h2d(w, 0, words, 16, &c, NULL), "must be inside the core rectangle");
  c = (WeftCopy){.width = 1, .height = 1, .count = 1, .type = (WeftDataType)7};
  expect_error(w, weft_h2d(w, 0, words, 1, &c, NULL), "illegal data type option");
  c = (WeftCopy){.width = 1, .height = 1, .count = 1, .order = (WeftOrder)2};
  expect_error(w, weft_h2d(w, 0, words, 1, &c, NULL), "illegal order option");
  c = (WeftCopy){.width = 4, .height = 3, .count = UINT32_MAX};
  expect_error(w, weft_h2d(w, 0, words, 12, &c, NULL), "wrong array size");
  ck_assert_uint_eq(fake.ncalls, 3);
  weft_close(w);
}
END_TEST

START_TEST(streaming_arguments)
{
  Weft *w = running();
  uint32_t words[4] = {0};
  WeftCopy c = {.width = 4, .height = 1, .count = 1, .streaming = true};
  ck_assert_int_eq(weft_h2d(w, 8, words, 4, &c, NULL), 0);
  ck_assert_str_eq(fake.calls[0].what, "stream_in");
  ck_assert_uint_eq(fake.calls[0].id, 8);
  ck_assert_int_eq(weft_d2h(w, 9, words, 4, &c, NULL), 0);
  ck_assert_str_eq(fake.calls[1].what, "stream_out");
  expect_error(w, weft_h2d(w, 9, words, 4, &c, NULL), "unknown color 9");
  expect_error(w, weft_d2h(w, 8, words, 4, &c, NULL), "unknown color 8");
  c.spread = WEFT_ROW_BROADCAST;
  expect_error(w, weft_h2d(w, 8, words, 1, &c, NULL), "a broadcast needs copy mode");
  weft_close(w);
}
END_TEST

// Index of element k of tile (x, y) of a 3 x 2 region with 5 elements each, by the formulas of
// host 6.3.
START_TEST(element_order)
{
  enum { W = 3, H = 2, L = 5 };
  static const struct {
    WeftOrder order;
    WeftSpread spread;
    size_t words;
    size_t x, y, k; // factors
  } rows[] = {{WEFT_ROW_MAJOR, WEFT_COPY, W * H * L, L, W * L, 1},
              {WEFT_COL_MAJOR, WEFT_COPY, W * H * L, H, 1, W * H},
              {WEFT_ROW_MAJOR, WEFT_ROW_BROADCAST, H * L, 0, L, 1},
              {WEFT_COL_MAJOR, WEFT_ROW_BROADCAST, H * L, 0, 1, H},
              {WEFT_ROW_MAJOR, WEFT_COL_BROADCAST, W * L, L, 0, 1},
              {WEFT_COL_MAJOR, WEFT_COL_BROADCAST, W * L, 1, 0, W}};
  uint32_t words[W * H * L] = {0};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Weft *w = running();
    const WeftCopy c = {.x = 1,
                        .width = W,
                        .height = H,
                        .count = L,
                        .order = rows[i].order,
                        .spread = rows[i].spread};
    ck_assert_int_eq(weft_h2d(w, 0, words, rows[i].words, &c, NULL), 0);
    ck_assert_uint_eq(fake.calls[0].region.x, 1);
    ck_assert_uint_eq(fake.calls[0].region.width, W);
    ck_assert_uint_eq(fake.calls[0].count, L);
    ck_assert_uint_eq(fake.calls[0].layout.per_x, rows[i].x);
    ck_assert_uint_eq(fake.calls[0].layout.per_y, rows[i].y);
    ck_assert_uint_eq(fake.calls[0].layout.per_k, rows[i].k);
    weft_close(w);
  }
}
END_TEST

START_TEST(widths)
{
  Weft *w = running();
  uint32_t word = 0;
  WeftCopy c = {.width = 1, .height = 1, .count = 1, .type = WEFT_16BIT};
  ck_assert_int_eq(weft_h2d(w, 0, &word, 1, &c, NULL), 0);
  ck_assert(fake.calls[0].half);
  c.type = WEFT_32BIT;
  ck_assert_int_eq(weft_d2h(w, 0, &word, 1, &c, NULL), 0);
  ck_assert(!fake.calls[1].half);
  c.count = 0;
  WeftTask task = 77;
  ck_assert_int_eq(weft_h2d(w, 0, NULL, 0, &c, &task), 0);
  ck_assert_uint_eq(task, 0);
  ck_assert_uint_eq(fake.ncalls, 2);
  weft_close(w);
}
END_TEST

START_TEST(launches)
{
  Weft *w = running();
  const uint32_t args[] = {7, 0x3f800000, 9};
  expect_error(w, weft_launch(w, "nobody", NULL, 0, false, NULL),
               "cannot find exported function with name \"nobody\"");
  expect_error(w, weft_launch(w, "A", NULL, 0, false, NULL),
               "cannot find exported function with name \"A\"");
  expect_error(w, weft_launch(w, "f", args, 3, false, NULL), "\"f\" takes 2 argument(s), 3 given");
  expect_error(w, weft_launch(w, "g", args, 1, false, NULL), "\"g\" takes 0 argument(s), 1 given");
  ck_assert_int_eq(weft_launch(w, "f", args, 2, false, NULL), 0);
  ck_assert_uint_eq(fake.ncalls, 1);
  ck_assert_uint_eq(fake.calls[0].id, 2);
  ck_assert_uint_eq(fake.calls[0].args[1], 0x3f800000);
  size_t n;
  const char *const *types = weft_param_types(w, "f", &n);
  ck_assert_uint_eq(n, 2);
  ck_assert_str_eq(types[1], "f32");
  ck_assert_ptr_nonnull(weft_param_types(w, "g", &n));
  ck_assert_uint_eq(n, 0);
  ck_assert_ptr_null(weft_param_types(w, "A", &n));
  weft_close(w);
}
END_TEST

START_TEST(tasks)
{
  Weft *w = running();
  WeftTask first, second;
  bool done;
  ck_assert_int_eq(weft_launch(w, "g", NULL, 0, true, &first), 0);
  ck_assert_int_eq(weft_launch(w, "g", NULL, 0, true, &second), 0);
  ck_assert_uint_eq(fake.runs, 0);
  ck_assert(!weft_task_complete(w, first));
  ck_assert_int_eq(weft_task_wait(w, first), 0);
  ck_assert(weft_task_complete(w, first));
  ck_assert(!weft_task_complete(w, second));
  ck_assert_int_eq(weft_task_done(w, second, &done), 0);
  ck_assert(done);
  ck_assert_uint_eq(fake.runs, 2);
  expect_error(w, weft_task_wait(w, (WeftTask)1 << 40), "is not a task");
  weft_close(w);
}
END_TEST

// A poll that comes to rest says "not yet"; the next one, with nothing issued since, is an error.
START_TEST(polling_ends)
{
  Weft *w = running();
  WeftTask task;
  bool done;
  ck_assert_int_eq(weft_launch(w, "g", NULL, 0, true, &task), 0);
  fake.next = EMU_REST;
  ck_assert_int_eq(weft_task_done(w, task, &done), 0);
  ck_assert(!done);
  expect_error(w, weft_task_done(w, task, &done), "could be a kernel stall");
  weft_close(w);
}
END_TEST

START_TEST(hang_is_an_error)
{
  Weft *w = running();
  uint32_t word;
  const WeftCopy c = {.width = 1, .height = 1, .count = 1};
  fake.next = EMU_REST;
  expect_error(w, weft_d2h(w, 0, &word, 1, &c, NULL), "could be a kernel stall");
  ck_assert_ptr_nonnull(strstr(weft_error(w), "report of the emulator"));
  fake.next = EMU_DONE;
  expect_error(w, weft_d2h(w, 0, &word, 1, &c, NULL), "already ended with an error");
  ck_assert_uint_eq(fake.runs, 1);
  weft_close(w);
}
END_TEST

START_TEST(stop_reports_unfinished)
{
  Weft *w = running();
  ck_assert_int_eq(weft_launch(w, "g", NULL, 0, true, NULL), 0);
  fake.next = EMU_REST;
  expect_error(w, weft_stop(w), "nonblocking operation cannot complete");
  expect_error(w, weft_stop(w), "cannot call stop()");
  weft_close(w);
}
END_TEST

START_TEST(faults)
{
  static const struct {
    EmuStop stop;
    const char *words;
  } rows[] = {{EMU_FAULT, "report of the emulator"},
              {EMU_CYCLE_LIMIT, "stopped at cycle 100"},
              {EMU_INTERRUPTED, "interrupted at cycle 100"}};
  for (size_t i = 0; i < 3; i++) {
    Weft *w = running();
    fake.next = rows[i].stop;
    expect_error(w, weft_launch(w, "g", NULL, 0, false, NULL), rows[i].words);
    expect_error(w, weft_launch(w, "g", NULL, 0, false, NULL), "already ended with an error");
    weft_close(w);
  }
}
END_TEST

START_TEST(symbols)
{
  Weft *w = running();
  size_t size;
  fake.memory[16] = 42;
  const uint8_t *bytes = weft_read_symbol(w, 0, 0, "A", &size);
  ck_assert_ptr_nonnull(bytes);
  ck_assert_uint_eq(size, 8);
  ck_assert_uint_eq(bytes[0], 42);
  ck_assert_ptr_null(weft_read_symbol(w, 0, 0, "B", &size));
  ck_assert_ptr_nonnull(strstr(weft_error(w), "no variable named \"B\""));
  ck_assert_ptr_null(weft_read_symbol(w, 0, 0, "far", &size));
  ck_assert_ptr_null(weft_read_symbol(w, 3, 2, "A", &size));
  ck_assert_ptr_nonnull(strstr(weft_error(w), "tile (3, 2) has no program"));
  ck_assert_ptr_null(weft_read_symbol(w, 4, 0, "A", &size));
  ck_assert_int_eq(weft_symbol_id(w, "y"), 1);
  ck_assert_int_eq(weft_symbol_id(w, "z"), -1);
  weft_close(w);
}
END_TEST

START_TEST(statistics)
{
  Weft *w = running();
  WeftStats all;
  WeftTileStats one;
  weft_stats(w, &all);
  ck_assert_uint_eq(all.tiles, 11);
  ck_assert_uint_eq(all.cycles, 100);
  ck_assert_uint_eq(all.instructions, 77);
  ck_assert_uint_eq(all.busy_tile_cycles, 330);
  ck_assert_uint_eq(all.wavelet_hops, 11);
  ck_assert_int_eq(weft_tile_stats(w, 1, 1, &one), 0);
  ck_assert_uint_eq(one.idle, 50);
  ck_assert_int_eq(weft_tile_stats(w, 3, 2, &one), -1);
  weft_close(w);
}
END_TEST

START_TEST(unreadable_folder)
{
  ck_assert_ptr_null(weft_open("no/such/folder", NULL));
  ck_assert_ptr_nonnull(strstr(weft_open_error(), "no/such/folder"));
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("host");
  TCase *tests = tcase_create("libweft");
  tcase_add_test(tests, order_of_life);
  tcase_add_test(tests, transfer_arguments);
  tcase_add_test(tests, streaming_arguments);
  tcase_add_test(tests, element_order);
  tcase_add_test(tests, widths);
  tcase_add_test(tests, launches);
  tcase_add_test(tests, tasks);
  tcase_add_test(tests, polling_ends);
  tcase_add_test(tests, hang_is_an_error);
  tcase_add_test(tests, stop_reports_unfinished);
  tcase_add_test(tests, faults);
  tcase_add_test(tests, symbols);
  tcase_add_test(tests, statistics);
  tcase_add_test(tests, unreadable_folder);
  suite_add_tcase(s, tests);
  return s;
}
