// `weft explain`: what the diagnostics mean, from the two tables of support/.
#include "driver/commands.h"
#include <stb/stb_ds.h>
#include <string.h>

// A message of the table, with … for what it fills in.
static void print_format(const char *format)
{
  while (*format) {
    size_t plain = strcspn(format, "%");
    printf("%.*s", (int)plain, format);
    format += plain;
    if (!*format)
      break;
    format += strspn(format, "%.*0123456789lz") + 1; // up to the letter of the conversion
    fputs("…", stdout);
  }
}

static void explain(DiagId id)
{
  static const char *const kinds[] = {"note", "warning", "error", "warning (deprecation)"};
  printf("%s: %s: ", diag_name(id), kinds[diag_severity(id)]);
  print_format(diag_format(id));
  putchar('\n');
  if (diag_help(id))
    printf("  %s\n", diag_help(id));
}

static int unknown(Session *s, const char *name)
{
  Suggestion near = {.word = name};
  for (DiagId id = D_none + 1; id < DIAG_COUNT; id++)
    suggest_offer(&near, diag_name(id));
  return session_usage(s, "there is no diagnostic '%s'; %s", name,
                       session_near(s, &near, "'weft explain' lists them all"));
}

int command_explain(Session *s)
{
  if (!arrlen(s->opt.files))
    for (DiagId id = D_none + 1; id < DIAG_COUNT; id++)
      explain(id);
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++) {
    DiagId id = diag_find(s->opt.files[i]);
    if (id == DIAG_COUNT)
      return unknown(s, s->opt.files[i]);
    explain(id);
  }
  return EXIT_OK;
}
