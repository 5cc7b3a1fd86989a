#define _GNU_SOURCE
#include "support/json_text.h"
#include <stdint.h>
#include <string.h>

// Bytes of the UTF-8 sequence at s, 0 if it is none. Overlong forms and surrogates are none.
static int sequence(const uint8_t *s)
{
  int n = s[0] < 0x80   ? 1
          : s[0] < 0xc2 ? 0
          : s[0] < 0xe0 ? 2
          : s[0] < 0xf0 ? 3
          : s[0] < 0xf5 ? 4
                        : 0;
  for (int i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
      (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
    return 0;
  return n;
}

void json_text(FILE *out, const char *text)
{
  if (!text) {
    fputs("null", out);
    return;
  }
  fputc('"', out);
  for (const uint8_t *s = (const uint8_t *)text; *s;) {
    int n = sequence(s);
    if (n == 0) {
      fputs("\\ufffd", out);
      n = 1;
    } else if (*s == '"' || *s == '\\') {
      fprintf(out, "\\%c", *s);
    } else if (*s < 0x20) {
      fprintf(out, "\\u%04x", *s);
    } else {
      fwrite(s, 1, (size_t)n, out);
    }
    s += n;
  }
  fputc('"', out);
}

char *text_escaped(Arena *a, const char *text)
{
  char *escaped = arena_alloc(a, 4 * strlen(text) + 1), *to = escaped;
  for (const uint8_t *s = (const uint8_t *)text; *s;) {
    int n = *s < 0x20 || *s == 0x7f ? 0 : sequence(s);
    if (n == 0)
      to += sprintf(to, "\\x%02x", *s);
    else
      to = mempcpy(to, s, (size_t)n);
    s += n ? n : 1;
  }
  return escaped;
}
