// The name that a misspelt word most probably means.
#ifndef WEFT_SUPPORT_SUGGEST_H
#define WEFT_SUPPORT_SUGGEST_H
#include <stddef.h>

// Start with {.word = …}, offer every name, then look at `best`: NULL if none is near.
typedef struct Suggestion {
  const char *word; // `len` characters of it count, all if that is 0
  size_t len;
  const char *best;
  unsigned distance;
} Suggestion;

// Remembers the name if it is nearer than those before: fewer letters wrong, missing, too many or
// exchanged with their neighbour; the beginning of a name counts as one such slip.
void suggest_offer(Suggestion *s, const char *name);
#endif
