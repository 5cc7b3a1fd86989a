// Unit tests of wavelet filters.
#include "fabric_world.h"
#include "suite.h"
#include <stb/stb_ds.h>

static void filtered(Filter f)
{
  lay_row(ARCH_WSE2, 2, 5);
  Route r = {.rx = {W}, .tx = {R}, .valid = {true}, .filter = 3};
  *route_word(1, 5) = route_encode(&r);
  f.color = 5;
  image.route_sets[1].filters[2] = f;
  fabric_begin();
}

START_TEST(range_filter)
{
  filtered((Filter){.kind = FILTER_RANGE, .limit1 = 2, .limit2 = 4});
  for (uint32_t k = 0; k < 8; k++)
    put_word(0, 5, k << 16 | k, 1);
  put_control(0, 5, 63u << 16, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 4);
  for (int k = 0; k < 3; k++)
    ck_assert_uint_eq(arrivals[k].word & 0xffff, k + 2);
  ck_assert(arrivals[3].control);
  fabric_end();
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
    put_word(0, 5, k, 1);
  fabric_run();
  static const uint32_t kept[] = {2, 3, 7, 8, 12, 13}; // counters 3 4 | 0 1 2 3 4 | 0 1 ...
  ck_assert_int_eq(arrlen(arrivals), 6);
  for (int k = 0; k < 6; k++)
    ck_assert_uint_eq(arrivals[k].word, kept[k]);
  fabric_end();
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
    put_word(0, 5, k, 1);
  fabric_run();
  static const uint32_t once[] = {0, 3, 4, 5, 6, 7}, twice[] = {0, 3, 5, 6, 7};
  ck_assert_int_eq(arrlen(arrivals), second ? 5 : 6);
  for (ptrdiff_t k = 0; k < arrlen(arrivals); k++)
    ck_assert_uint_eq(arrivals[k].word, (second ? twice : once)[k]);
  fabric_end();
}
END_TEST

START_TEST(filters_do_not_touch_what_passes_by)
{
  lay_row(ARCH_WSE2, 3, 5);
  Route r = {.rx = {W}, .tx = {R | E}, .valid = {true}, .filter = 1};
  *route_word(1, 5) = route_encode(&r);
  image.route_sets[1].filters[0] = (Filter){.kind = FILTER_RANGE, .limit1 = 9, .limit2 = 9};
  fabric_begin();
  put_word(0, 5, 1, 1);
  fabric_run();
  ck_assert_int_eq(arrlen(arrivals), 1);
  ck_assert_uint_eq(arrivals[0].tile, 2);
  fabric_end();
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("filter");
  TCase *t = tcase_create("filter");
  tcase_add_test(t, range_filter);
  tcase_add_test(t, counter_filter_keeps_the_first_of_each_period);
  tcase_add_loop_test(t, sparse_counter_ends, 0, 2);
  tcase_add_test(t, filters_do_not_touch_what_passes_by);
  suite_add_tcase(s, t);
  return s;
}
