// Reading the command line by the option table; see options.h.
#define _GNU_SOURCE
#include "driver/options.h"
#include "support/memory.h"
#include "support/suggest.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum OptionKind {
  FLAG,
  TEXT,
  OPTIONAL,
  NUMBER,
  PAIR,
  CHOICE,
  LIST,
  VALUES,
  IGNORED,
  IGNORED_VALUE
} OptionKind;

typedef struct OptionRow {
  uint32_t commands;
  OptionKind kind;
  size_t offset;
  const char *name, *value, *limits, *help;
} OptionRow;

#define OFFSET_FLAG(field) offsetof(Options, field)
#define OFFSET_TEXT OFFSET_FLAG
#define OFFSET_OPTIONAL OFFSET_FLAG
#define OFFSET_NUMBER OFFSET_FLAG
#define OFFSET_PAIR OFFSET_FLAG
#define OFFSET_CHOICE OFFSET_FLAG
#define OFFSET_LIST OFFSET_FLAG
#define OFFSET_VALUES OFFSET_FLAG
#define OFFSET_IGNORED(field) 0
#define OFFSET_IGNORED_VALUE(field) 0
static const OptionRow table[] = {
#define OPTION(commands, kind, field, name, value, limits, help)                                   \
  {commands, kind, OFFSET_##kind(field), name, value, limits, help},
#include "driver/options.def"
#undef OPTION
};
enum { TABLE_ROWS = sizeof table / sizeof table[0] };

typedef struct Reader {
  Options *o;
  uint32_t command;
  const char *program;
  const OptionRow *row;
  const char *variable; // the environment variable that is being read, or NULL
} Reader;

// As it is written: one dash before a single letter.
static const char *dashes(const OptionRow *row)
{
  return strlen(row->name) == 1 || strcmp(row->name, "g0") == 0 ? "-" : "--";
}

static bool complain(const Reader *r, const char *format, const char *a, const char *b)
{
  fprintf(stderr, "%s: error: ", r->program);
  fprintf(stderr, format, a, b);
  fprintf(stderr, "\n%s: '%s --help' lists the options\n", r->program, r->program);
  return false;
}

static bool bad_value(const Reader *r, const char *text, const char *wanted)
{
  const char *what = r->variable ? "" : "option ", *name = r->variable;
  fprintf(stderr, "%s: error: %s%s%s: '%s' is not %s\n", r->program, what,
          name ? "" : dashes(r->row), name ? name : r->row->name, text, wanted);
  return false;
}

static char *own(Options *o, const char *text, size_t len)
{
  char *copy = mem_text_of(text, len);
  arrput(o->owned, copy);
  return copy;
}

static bool read_number(const char *text, const char **end, uint32_t *out)
{
  char *stop;
  errno = 0;
  unsigned long v = strtoul(text, &stop, 10);
  if (stop == text || text[0] < '0' || text[0] > '9' || errno || v > UINT32_MAX)
    return false;
  *end = stop;
  *out = (uint32_t)v;
  return true;
}

static bool set_number(const Reader *r, OptNumber *field, const char *text)
{
  uint32_t v, low, high;
  const char *end;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "a number in %s", r->row->limits);
  if (sscanf(r->row->limits, "%u..%u", &low, &high) != 2)
    abort();
  if (!read_number(text, &end, &v) || *end || v < low || v > high)
    return bad_value(r, text, wanted);
  *field = (OptNumber){true, v};
  return true;
}

static bool set_pair(const Reader *r, OptPair *field, const char *text)
{
  uint32_t x, y, low, high;
  const char *end;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "two numbers 'X,Y' in %s", r->row->limits);
  if (sscanf(r->row->limits, "%u..%u", &low, &high) != 2)
    abort();
  if (!read_number(text, &end, &x) || *end != ',' || !read_number(end + 1, &end, &y) || *end ||
      x < low || y < low || x > high || y > high)
    return bad_value(r, text, wanted);
  *field = (OptPair){true, x, y};
  return true;
}

static bool set_choice(const Reader *r, const char **field, const char *text)
{
  size_t len = strlen(text);
  const char *word = r->row->limits;
  while (*word) {
    size_t n = strcspn(word, ",");
    if (n == len && strncmp(word, text, n) == 0) {
      *field = text;
      return true;
    }
    word += n + (word[n] == ',');
  }
  char wanted[128];
  snprintf(wanted, sizeof wanted, "one of %s", r->row->limits);
  return bad_value(r, text, wanted);
}

// An integer of --params and --colors, decimal or 0x, with a sign: as host scripts read it in
// out.json, where 010 is ten and hexadecimal is no number. Hexadecimal stays if it has more than 64
// bits. NULL: it is none.
static const char *plain_integer(Options *o, const char *text)
{
  bool minus = *text == '-';
  text += minus || *text == '+';
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char *set = hex ? "0123456789abcdefABCDEF" : "0123456789";
  text += hex ? 2 : 0;
  if (!*text || text[strspn(text, set)])
    return NULL;
  text += strspn(text, "0");
  char number[24];
  if (hex && strlen(text) <= 16) {
    snprintf(number, sizeof number, "%llu", strtoull(text, NULL, 16));
    text = number;
    hex = false;
  }
  text = *text ? text : "0";
  char *plain;
  if (asprintf(&plain, "%s%s%s", minus && *text != '0' ? "-" : "", hex ? "0x" : "", text) < 0)
    abort();
  arrput(o->owned, plain);
  return plain;
}

static bool add_values(const Reader *r, OptValue **field, const char *text)
{
  while (*(text += strspn(text, " "))) {
    size_t len = strcspn(text, ",");
    char *pair = own(r->o, text, len), *colon = strchr(pair, ':');
    const char *value = colon && colon != pair ? plain_integer(r->o, colon + 1) : NULL;
    if (!value)
      return bad_value(r, pair, "of the form 'name:integer'");
    *colon = 0;
    arrput(*field, ((OptValue){pair, value}));
    text += len + (text[len] == ',');
  }
  return true;
}

static bool takes_value(OptionKind kind)
{
  return kind != FLAG && kind != IGNORED && kind != OPTIONAL;
}

static bool set_option(const Reader *r, const char *text)
{
  void *field = (char *)r->o + r->row->offset;
  switch (r->row->kind) {
  case FLAG: *(bool *)field = true; return true;
  case TEXT: *(const char **)field = text; return true;
  case OPTIONAL: *(const char **)field = text ? text : ""; return true;
  case NUMBER: return set_number(r, field, text);
  case PAIR: return set_pair(r, field, text);
  case CHOICE: return set_choice(r, field, text);
  case LIST: arrput(*(const char ***)field, text); return true;
  case VALUES: return add_values(r, field, text);
  case IGNORED:
  case IGNORED_VALUE: return true;
  }
  return false;
}

static const OptionRow *find_option(uint32_t command, const char *name, size_t len)
{
  if (len == 1 && name[0] == 'h')
    return find_option(command, "help", 4);
  for (int i = 0; i < TABLE_ROWS; i++)
    if ((table[i].commands & command) && strlen(table[i].name) == len &&
        strncmp(table[i].name, name, len) == 0)
      return &table[i];
  return NULL;
}

// The row that an argument names, NULL if it is no option of the command. *value: what follows '='.
static const OptionRow *row_of(const Reader *r, const char *arg, const char **value)
{
  const char *name = arg + (arg[0] == '-') + (arg[0] == '-' && arg[1] == '-');
  const char *equals = strchr(name, '=');
  *value = equals ? equals + 1 : NULL;
  return find_option(r->command, name, equals ? (size_t)(equals - name) : strlen(name));
}

static bool unknown_option(const Reader *r, const char *arg)
{
  const char *name = arg + strspn(arg, "-");
  Suggestion near = {.word = name, .len = strcspn(name, "=")};
  for (int i = 0; i < TABLE_ROWS; i++)
    if ((table[i].commands & r->command) && strlen(table[i].name) > 2)
      suggest_offer(&near, table[i].name);
  if (near.best)
    return complain(r, "unknown option '%s'; did you mean --%s?", arg, near.best);
  return complain(r, "unknown option '%s'%s", arg, "");
}

// Forgotten values: the next argument is an option itself, which would be lost.
static bool value_missing(const Reader *r, const char *next)
{
  const char *unused;
  if (next && (next[0] != '-' || !row_of(r, next, &unused)))
    return false;
  fprintf(stderr, "%s: error: option %s%s needs a value: %s\n", r->program, dashes(r->row),
          r->row->name, r->row->value);
  if (next)
    fprintf(stderr, "%s: '%s' is an option; %s%s=%s takes it as the value\n", r->program, next,
            dashes(r->row), r->row->name, next);
  else
    fprintf(stderr, "%s: '%s --help' lists the options\n", r->program, r->program);
  return true;
}

// One option; `next` is the following argument or NULL. Adds to *used when that was its value.
static bool read_option(Reader *r, const char *arg, const char *next, int *used)
{
  const char *value;
  r->row = row_of(r, arg, &value);
  if (!r->row)
    return unknown_option(r, arg);
  if (value && (r->row->kind == FLAG || r->row->kind == IGNORED))
    return complain(r, "option %s%s takes no value", dashes(r->row), r->row->name);
  if (!value && takes_value(r->row->kind)) {
    if (value_missing(r, next))
      return false;
    value = next;
    ++*used;
  }
  return set_option(r, value);
}

// WEFT_SDK_COMPAT stands for --sdk-compat where a build script cannot be changed (sdk-2.10 6.1).
static bool read_environment(Reader *r)
{
  const char *text = getenv("WEFT_SDK_COMPAT");
  r->row = find_option(r->command, "sdk-compat", strlen("sdk-compat"));
  if (!r->row || !text || !*text || r->o->sdk_compat)
    return true;
  r->variable = "WEFT_SDK_COMPAT";
  return set_option(r, text);
}

bool options_parse(Options *o, uint32_t command, const char *program, int argc, char **argv)
{
  Reader r = {.o = o, .command = command, .program = program};
  bool only_files = false;
  for (int i = 0; i < argc; i++) {
    const char *arg = argv[i];
    if (only_files || arg[0] != '-' || !arg[1])
      arrput(o->files, arg);
    else if (strcmp(arg, "--") == 0)
      only_files = true;
    else if (!read_option(&r, arg, i + 1 < argc ? argv[i + 1] : NULL, &i))
      return false;
  }
  return read_environment(&r);
}

void options_free(Options *o)
{
  for (int i = 0; i < TABLE_ROWS; i++) {
    void *field = (char *)o + table[i].offset;
    if (table[i].kind == LIST)
      arrfree(*(const char ***)field);
    else if (table[i].kind == VALUES)
      arrfree(*(OptValue **)field);
  }
  for (ptrdiff_t i = 0; i < arrlen(o->owned); i++)
    free(o->owned[i]);
  arrfree(o->owned);
  arrfree(o->files);
}

static void help_row(const OptionRow *row, bool markdown, FILE *out)
{
  char left[96];
  bool optional = row->kind == OPTIONAL;
  const char *dash = dashes(row);
  const char *equals = dash[1] ? "=" : " ";
  snprintf(left, sizeof left, "%s%s%s%s%s%s", dash, row->name, optional ? "[" : "",
           row->value[0] ? equals : "", row->value, optional ? "]" : "");
  const char *sep = row->limits[0] ? ": " : "";
  if (markdown)
    fprintf(out, "| `%s` | %s%s%s |\n", left, row->help, sep, row->limits);
  else
    fprintf(out, "  %-34s %s%s%s\n", left, row->help, sep, row->limits);
}

void options_help(uint32_t command, bool markdown, FILE *out)
{
  if (markdown)
    fputs("| option | meaning |\n|---|---|\n", out);
  for (int i = 0; i < TABLE_ROWS; i++)
    if (table[i].commands & command)
      help_row(&table[i], markdown, out);
}
