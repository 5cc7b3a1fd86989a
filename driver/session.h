// One run of a driver program: options, sources, names and diagnostics, from start to exit code.
#ifndef WEFT_DRIVER_SESSION_H
#define WEFT_DRIVER_SESSION_H
#include "driver/options.h"
#include "support/diag.h"
#include "support/intern.h"
#include "support/suggest.h"

enum { EXIT_OK = 0, EXIT_PROGRAM_ERROR = 1, EXIT_USAGE = 2 };

typedef struct Session {
  const char *program; // as it names itself in messages
  uint32_t command;
  Options opt;
  Arena arena;
  Sources sources;
  Names *names;
  Diags diags;
} Session;

// Reads the command line. False: the run is over and *exit_code is set (wrong usage, --help,
// --version). `usage` is the line that --help starts with. session_close must follow in any case.
bool session_open(Session *s, const char *program, uint32_t command, const char *usage, int argc,
                  char **argv, int *exit_code);
// Prints the diagnostics to stderr, frees everything and returns the exit code.
int session_close(Session *s, int exit_code);
// Reports wrong usage on stderr; returns EXIT_USAGE.
int session_usage(const Session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The end of a message about an unknown name: "did you mean NAME?" or, if none is near,
// `otherwise`.
const char *session_near(Session *s, const Suggestion *near, const char *otherwise);
#endif
