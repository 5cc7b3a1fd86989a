// Numbers as in the C locale; see c_locale.h.
#define _GNU_SOURCE
#include "support/c_locale.h"

CLocale c_locale_begin(void)
{
  CLocale l = {.c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0)};
  l.before = l.c ? uselocale(l.c) : (locale_t)0;
  return l;
}

void c_locale_end(CLocale l)
{
  if (!l.c)
    return;
  uselocale(l.before);
  freelocale(l.c);
}
