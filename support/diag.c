// Collecting and printing diagnostics; see diag.h.
#include "support/diag.h"
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Row {
  const char *name;
  DiagSeverity severity;
  const char *format;
} Row;

static const Row rows[DIAG_COUNT] = {
#define DIAG(id, severity, text) {#id, severity, text},
#include "support/diag.def"
#undef DIAG
};

enum { DEFAULT_MAX_ERRORS = 50 };

DiagSeverity diag_severity(DiagId id)
{
  return rows[id].severity;
}

const char *diag_name(DiagId id)
{
  return rows[id].name;
}

static const char *const helps[DIAG_COUNT] = {
#define HELP(id, text) [D_##id] = text,
#include "support/diag_help.def"
#undef HELP
};

const char *diag_format(DiagId id)
{
  return rows[id].format;
}

const char *diag_help(DiagId id)
{
  return helps[id];
}

DiagId diag_find(const char *name)
{
  DiagId id = 0;
  while (id < DIAG_COUNT && strcmp(rows[id].name, name) != 0)
    id++;
  return id;
}

// Was this very message reported already?
static bool is_repetition(Diags *d, const DiagEntry *e)
{
  if (!e->where.begin)
    return false;
  uint64_t key = stbds_hash_string((char *)e->text, 1) ^ (uint64_t)e->id << 32 ^ e->where.begin;
  bool seen = hmgeti(d->seen, key) >= 0;
  hmput(d->seen, key, true);
  return seen;
}

// DIAG_NOTE: not to be reported at all.
static DiagSeverity severity_here(const Diags *d, DiagId id)
{
  static const DiagSeverity deprecated[] = {DIAG_WARNING, DIAG_NOTE, DIAG_ERROR};
  DiagSeverity severity = rows[id].severity;
  if (severity == DIAG_DEPRECATED)
    return deprecated[d->deprecated];
  return severity == DIAG_WARNING && d->warnings_as_errors ? DIAG_ERROR : severity;
}

void diag_report(Diags *d, DiagId id, SrcRange where, ...)
{
  DiagSeverity severity = severity_here(d, id);
  d->muted = severity == DIAG_NOTE;
  if (d->muted)
    return;
  if (severity == DIAG_ERROR)
    d->errors++;
  else if (severity == DIAG_WARNING)
    d->warnings++;
  va_list args;
  va_start(args, where);
  const char *text = arena_vprintf(&d->arena, rows[id].format, args);
  va_end(args);
  DiagEntry e = {id, severity, where, text};
  d->muted = is_repetition(d, &e);
  d->context = 0;
  if (!d->muted)
    arrput(d->entries, e);
  else if (severity == DIAG_ERROR)
    d->repeats++;
}

static void put_note(Diags *d, SrcRange where, size_t at, const char *fmt, va_list args)
{
  DiagEntry e = {D_none, DIAG_NOTE, where, arena_vprintf(&d->arena, fmt, args)};
  arrins(d->entries, at, e);
}

void diag_note(Diags *d, SrcRange where, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  if (!d->muted)
    put_note(d, where, arrlenu(d->entries) - d->context, fmt, args);
  va_end(args);
}

void diag_context(Diags *d, SrcRange where, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  if (!d->muted) {
    put_note(d, where, arrlenu(d->entries), fmt, args);
    d->context++;
  }
  va_end(args);
}

// The part of a long line that is shown, and what stands under it.
enum { SHOWN_COLUMNS = 160, SHOWN_BEFORE = 100, LONGEST_CHARACTER = 4 };

// Not the first byte of a character in UTF-8.
static bool continues(const char *line, size_t len, size_t at)
{
  return at < len && ((unsigned char)line[at] & 0xc0) == 0x80;
}

// A source may hold what would command the terminal.
static void print_line(const char *line, size_t first, size_t last, FILE *out)
{
  fputs("  ", out);
  for (size_t i = first; i < last; i++) {
    unsigned char c = (unsigned char)line[i];
    fputc((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c, out);
  }
  fputc('\n', out);
}

static void print_caret(const Sources *sources, SrcPlace at, SrcRange where, FILE *out)
{
  size_t len;
  const char *line = src_line(at.file, at.line, &len);
  size_t column = at.column > len + 1 ? len + 1 : at.column; // behind the end: a carriage return
  size_t first = column > SHOWN_COLUMNS ? column - SHOWN_BEFORE : 0;
  size_t last = len - first > SHOWN_COLUMNS ? first + SHOWN_COLUMNS : len;
  while (continues(line, len, first) && first + 1 < column)
    first++;
  while (continues(line, len, last))
    last++;
  SrcPlace end = src_place(sources, where.end);
  size_t stop = end.file == at.file && end.line == at.line ? end.column - 1 : column;
  char under[SHOWN_COLUMNS + LONGEST_CHARACTER + 2];
  size_t n = 0;
  for (size_t i = first; i + 1 < column; i++)
    if (!continues(line, len, i))
      under[n++] = i < len && line[i] == '\t' ? '\t' : ' ';
  under[n++] = '^';
  for (size_t i = column; i < stop && i < last && n < sizeof under; i++)
    if (!continues(line, len, i))
      under[n++] = '~';
  print_line(line, first, last, out);
  fprintf(out, "  %.*s\n", (int)n, under);
}

static void print_entry(const Diags *d, const DiagEntry *e, bool color, FILE *out)
{
  static const char *const word[] = {"note", "warning", "error"};
  static const char *const tint[] = {"\033[1;36m", "\033[1;35m", "\033[1;31m"};
  SrcPlace at = src_place(d->sources, e->where.begin);
  if (at.file)
    fprintf(out, "%s:%u:%u: ", at.file->path, at.line, at.column);
  fprintf(out, "%s%s:%s %s", color ? tint[e->severity] : "", word[e->severity],
          color ? "\033[0m" : "", e->text);
  if (e->severity != DIAG_NOTE && e->id != D_none)
    fprintf(out, " [%s]", rows[e->id].name);
  fputc('\n', out);
  if (at.file)
    print_caret(d->sources, at, e->where, out);
}

// To a terminal that has them, unless the user says no (https://no-color.org).
static bool wants_colors(FILE *out)
{
  const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
  return !(no && *no) && terminal && strcmp(terminal, "dumb") != 0 && isatty(fileno(out));
}

void diag_print(const Diags *d, FILE *out)
{
  bool color = wants_colors(out);
  uint32_t errors = d->errors - d->repeats;
  uint32_t limit = d->max_errors ? d->max_errors : DEFAULT_MAX_ERRORS, shown = 0;
  for (ptrdiff_t i = 0; i < arrlen(d->entries); i++) {
    const DiagEntry *e = &d->entries[i];
    if (e->severity == DIAG_ERROR && shown++ >= limit) {
      fprintf(out, "too many errors; %u more are not shown\n", errors - limit);
      break;
    }
    print_entry(d, e, color, out);
  }
  if (errors)
    fprintf(out, "%u error%s\n", errors, errors == 1 ? "" : "s");
}

void diag_free(Diags *d)
{
  arrfree(d->entries);
  hmfree(d->seen);
  arena_free(&d->arena);
}

void weft_panic(const char *file, int line, const char *fmt, ...)
{
  va_list args;
  fprintf(stderr, "weft: internal error at %s:%d: ", file, line);
  va_start(args, fmt);
  vfprintf(stderr, fmt, args);
  va_end(args);
  fputs("\nThis is a bug in Weft. Please report it together with the input.\n", stderr);
  abort();
}
