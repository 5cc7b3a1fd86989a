// Unit tests of suggestions: which of the known names a misspelt one means.
#include "suite.h"
#include "support/suggest.h"
#include <string.h>

static const char *const names[] = {"o",      "arch",     "fabric-dims", "fabric-offsets",
                                    "memcpy", "channels", "params"};

static const char *nearest(const char *word, size_t len)
{
  Suggestion s = {.word = word, .len = len};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    suggest_offer(&s, names[i]);
  return s.best;
}

START_TEST(slips)
{
  static const char *const pairs[][2] = {
      {"memcopy", "memcpy"},          // a letter too many
      {"mmcpy", "memcpy"},            // one is missing
      {"nemcpy", "memcpy"},           // a wrong one
      {"mecmpy", "memcpy"},           // two are exchanged
      {"MEMCPY", "memcpy"},           // case does not count
      {"fabric-dim", "fabric-dims"},  // nearer than fabric-offsets
      {"fabric-o", "fabric-offsets"}, // a beginning
      {"fabric_ofsets", "fabric-offsets"},
      {"chanel", "channels"},
      {"arhc", "arch"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    ck_assert_str_eq(nearest(pairs[i][0], 0), pairs[i][1]);
}
END_TEST

START_TEST(nothing_is_near)
{
  static const char *const words[] = {"", "x", "march13", "paraffin", "frobnicate", "device"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    ck_assert_msg(!nearest(words[i], 0), "%s means %s?", words[i], nearest(words[i], 0));
  char longest[200] = {0};
  memset(longest, 'a', sizeof longest - 1);
  ck_assert_ptr_null(nearest(longest, 0));
}
END_TEST

START_TEST(part_of_a_word)
{
  ck_assert_str_eq(nearest("memcopy=1", 7), "memcpy");
  ck_assert_ptr_null(nearest("memcopy=12345678", 0));
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("suggest");
  TCase *t = tcase_create("suggest");
  tcase_add_test(t, slips);
  tcase_add_test(t, nothing_is_near);
  tcase_add_test(t, part_of_a_word);
  suite_add_tcase(s, t);
  return s;
}
