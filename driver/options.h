// Command line options of all programs, from the one table driver/options.def.
#ifndef WEFT_DRIVER_OPTIONS_H
#define WEFT_DRIVER_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// Commands that an option belongs to.
enum {
  CMD_CSLC = 1 << 0,
  CMD_COMPILE = 1 << 1,
  CMD_OPT = 1 << 2,
  CMD_OBJDUMP = 1 << 3,
  CMD_SYNTAX = 1 << 4,
  CMD_EXPLAIN = 1 << 7,
  CMD_RUN = 1 << 5,
  CMD_STATS = 1 << 6,
  CMD_BUILD = CMD_CSLC | CMD_COMPILE,
  CMD_TIMING = 1 << 8,
  CMD_MODEL = 1 << 9,
  CMD_ALL = 0xffff
};

typedef struct OptNumber {
  bool given;
  uint32_t value;
} OptNumber;
typedef struct OptPair {
  bool given;
  uint32_t x, y;
} OptPair;
typedef struct OptValue {
  const char *name, *value;
} OptValue;

#define OPTION_FLAG(field) bool field;
#define OPTION_TEXT(field) const char *field;
#define OPTION_OPTIONAL(field) const char *field; /* "" when given without a value */
#define OPTION_NUMBER(field) OptNumber field;
#define OPTION_PAIR(field) OptPair field;
#define OPTION_CHOICE(field) const char *field;
#define OPTION_LIST(field) const char **field; /* stb_ds */
#define OPTION_VALUES(field) OptValue *field;  /* stb_ds */
#define OPTION_IGNORED(field)
#define OPTION_IGNORED_VALUE(field)
typedef struct Options {
#define OPTION(commands, kind, field, name, value, limits, help) OPTION_##kind(field)
#include "driver/options.def"
#undef OPTION
  const char **files; // stb_ds: arguments that are no options
  char **owned;       // stb_ds: text that the options point into
} Options;

// Reads the arguments after the command. `program` stands before error messages, which go to
// stderr. False: wrong usage.
bool options_parse(Options *o, uint32_t command, const char *program, int argc, char **argv);
void options_free(Options *o);
// The option list of a command, for --help or as a Markdown table.
void options_help(uint32_t command, bool markdown, FILE *out);
#endif
