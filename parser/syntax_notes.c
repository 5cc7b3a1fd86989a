// Notes under syntax errors: what the program probably means (syntax_notes.def).
#include "parser/parser.h"
#include <string.h>

enum { ANY = -1 };

static const struct Slip {
  int before, found;
  const char *expected, *also, *unexpected, *note;
} slips[] = {
#define SLIP(before, found, expected, also, unexpected, note)                                      \
  {before, found, expected, also, unexpected, note},
#define WORD(word, note)
#include "parser/syntax_notes.def"
#undef SLIP
#undef WORD
};

static bool has(const char *const *names, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0)
      return true;
  return false;
}

static const struct Word {
  const char *word, *note;
} words[] = {
#define SLIP(before, found, expected, also, unexpected, note)
#define WORD(word, note) {word, note},
#include "parser/syntax_notes.def"
#undef SLIP
#undef WORD
};

// `before`: the text of the token before the one in error.
const char *parser_syntax_note(const Parser *p, const char *before, const char *const *expected,
                               int n)
{
  for (size_t i = 0; p->before.kind == T_IDENT && i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i].word, before) == 0)
      return words[i].note;
  for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
    const struct Slip *s = &slips[i];
    bool place = (s->before == ANY || s->before == p->before.kind) &&
                 (s->found == ANY || s->found == p->last.kind);
    if (place && has(expected, n, s->expected) && (!*s->also || has(expected, n, s->also)) &&
        !has(expected, n, s->unexpected))
      return s->note;
  }
  return NULL;
}
