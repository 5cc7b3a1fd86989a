// Names that are near to a word; see suggest.h.
#include "support/suggest.h"
#include <ctype.h>
#include <string.h>

enum { LONGEST = 48 };

static unsigned least(unsigned a, unsigned b)
{
  return a < b ? a : b;
}

static int lower(char c)
{
  return tolower((unsigned char)c);
}

// Slips between two words, both shorter than LONGEST (optimal string alignment).
static unsigned slips(const char *a, size_t n, const char *b, size_t m)
{
  unsigned row[3][LONGEST + 1];
  for (size_t j = 0; j <= m; j++)
    row[0][j] = (unsigned)j;
  for (size_t i = 1; i <= n; i++) {
    unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = (unsigned)i;
    for (size_t j = 1; j <= m; j++) {
      unsigned wrong = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      now[j] = least(wrong, 1 + least(last[j], now[j - 1]));
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        now[j] = least(now[j], before[j - 2] + 1);
    }
  }
  return row[n % 3][m];
}

void suggest_offer(Suggestion *s, const char *name)
{
  size_t n = s->len ? s->len : strlen(s->word), m = strlen(name);
  if (n == 0 || n > LONGEST || m > LONGEST)
    return;
  unsigned distance = slips(s->word, n, name, m), most = n < 2 ? 0 : n < 4 ? 1 : n < 8 ? 2 : 3;
  if (n > 1 && n < m && strncmp(s->word, name, n) == 0)
    distance = 1;
  if (distance > most || (s->best && distance >= s->distance))
    return;
  s->best = name;
  s->distance = distance;
}
