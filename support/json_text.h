// JSON written as a stream, where building a tree of values would cost memory: traces, statistics,
// reports.
#ifndef WEFT_SUPPORT_JSON_TEXT_H
#define WEFT_SUPPORT_JSON_TEXT_H
#include "support/arena.h"
#include <stdio.h>

// Writes a string value with its quotes; NULL is written as null. Bytes that are not UTF-8 are
// replaced, so that the result is JSON whatever the text holds.
void json_text(FILE *out, const char *text);
// The text for places that hold UTF-8 only: control characters and bytes that are no UTF-8 are
// written as \xNN. Names of folders may hold anything.
char *text_escaped(Arena *a, const char *text);
#endif
