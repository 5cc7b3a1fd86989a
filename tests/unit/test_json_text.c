// Unit tests of streamed JSON text: what is written is JSON whatever the text holds.
#include "suite.h"
#include "support/json_text.h"
#include "support/text_out.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// The text as a JSON reader sees it; the caller frees it.
static char *back(const char *text)
{
  TextOut out;
  json_text(text_out_open(&out), text);
  char *written = text_out_close(&out);
  json_t *value = json_loads(written, JSON_DECODE_ANY, NULL);
  ck_assert_msg(json_is_string(value), "not JSON: %s", written);
  char *copy = strdup(json_string_value(value));
  json_decref(value);
  free(written);
  return copy;
}

START_TEST(text_comes_back)
{
  static const char *const texts[] = {"", "plain", "a \"quote\" and a \\", "\t\n\x01\x1f",
                                      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa7\xb5"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *got = back(texts[i]);
    ck_assert_str_eq(got, texts[i]);
    free(got);
  }
}
END_TEST

START_TEST(bytes_that_are_no_text_are_replaced)
{
  static const char *const texts[][2] = {
      {"a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b"},
      {"\xc3", "\xef\xbf\xbd"},
      {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *got = back(texts[i][0]);
    ck_assert_str_eq(got, texts[i][1]);
    free(got);
  }
}
END_TEST

START_TEST(no_text_is_null)
{
  TextOut out;
  json_text(text_out_open(&out), NULL);
  char *written = text_out_close(&out);
  ck_assert_str_eq(written, "null");
  free(written);
}
END_TEST

START_TEST(escaped_text_is_text)
{
  static const char *const texts[][2] = {
      {"", ""},
      {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac"},
      {"lat\xe4in/a.csl", "lat\\xe4in/a.csl"},
      {"new\nline\x7f", "new\\x0aline\\x7f"},
      {"cut \xe2\x82", "cut \\xe2\\x82"},
  };
  Arena a = {0};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    ck_assert_str_eq(text_escaped(&a, texts[i][0]), texts[i][1]);
  arena_free(&a);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("json_text");
  TCase *t = tcase_create("text");
  tcase_add_test(t, text_comes_back);
  tcase_add_test(t, bytes_that_are_no_text_are_replaced);
  tcase_add_test(t, no_text_is_null);
  tcase_add_test(t, escaped_text_is_text);
  suite_add_tcase(s, t);
  return s;
}
