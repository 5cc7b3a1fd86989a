// Diagnostics: collected, sorted by nothing (order of discovery), printed as `file:line:col: error:
// text [id]` with the source line, a caret and notes. Every message is a row of support/diag.def,
// so ids are stable and listed once.
#ifndef WEFT_SUPPORT_DIAG_H
#define WEFT_SUPPORT_DIAG_H
#include "support/source.h"
#include <stdio.h>

// X(id, severity, format): the format is printf-like.
typedef enum DiagId {
#define DIAG(id, severity, text) D_##id,
#include "support/diag.def"
#undef DIAG
  DIAG_COUNT
} DiagId;
// DIAG_DEPRECATED stands in the table only: such a message is a warning of a class of its own, left
// alone by --warnings-as-errors (sdk-2.10 3); Diags.deprecated decides about it.
typedef enum DiagSeverity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR, DIAG_DEPRECATED } DiagSeverity;
typedef enum DiagDeprecated { DEPRECATED_WARN, DEPRECATED_OFF, DEPRECATED_ERROR } DiagDeprecated;

typedef struct DiagEntry {
  DiagId id;
  DiagSeverity severity;
  SrcRange where;   // begin 0: no position
  const char *text; // in the arena
} DiagEntry;

typedef struct Diags {
  Arena arena;
  const Sources *sources;
  DiagEntry *entries; // stb_ds array; a note belongs to the error or warning before it
  uint32_t errors, warnings;
  uint32_t max_errors; // further ones are counted, not kept; 0 = 50
  bool warnings_as_errors;
  struct {
    uint64_t key;
    bool value;
  } *seen;                   // stb_ds: hashes of what was reported
  uint32_t repeats;          // errors among `errors` that were reported before, word for word
  DiagDeprecated deprecated; // what becomes of DIAG_DEPRECATED messages
  uint32_t context;          // notes at the end that say how control got there
  bool muted;                // the last report was dropped: its notes go too
} Diags;

// Reports with the format of the id's row; what was reported before for the same place is counted
// and not kept: a line that is evaluated many times is wrong once. diag_note attaches to the
// message reported last.
void diag_report(Diags *d, DiagId id, SrcRange where, ...);
void diag_note(Diags *d, SrcRange where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
// A note on how control got to the message; stands behind what diag_note says about it.
void diag_context(Diags *d, SrcRange where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
// Prints all entries to `out` (colour only if `out` is a terminal) and a closing count.
void diag_print(const Diags *d, FILE *out);
// Severity in the table and stable name of an id, e.g. "syntax".
DiagSeverity diag_severity(DiagId id);
const char *diag_name(DiagId id);
// The message as the table has it, with its placeholders, and what it means (support/diag_help.def;
// NULL if the message says it all).
const char *diag_format(DiagId id);
const char *diag_help(DiagId id);
// By stable name; DIAG_COUNT if there is none.
DiagId diag_find(const char *name);
void diag_free(Diags *d);

#define DIAG_AT(d, id, range, ...) diag_report((d), D_##id, (range), ##__VA_ARGS__)
// An internal error: says so, asks for a report, aborts.
_Noreturn void weft_panic(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define PANIC(...) weft_panic(__FILE__, __LINE__, __VA_ARGS__)
#endif
