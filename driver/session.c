// Start and end of a run of a driver program; see session.h.
#include "driver/session.h"
#include "config.h"
#include "driver/streams.h"
#include "image/image.h"
#include <stdarg.h>
#include <string.h>

static void print_version(void)
{
  printf("weft %s\nLLVM %s\nSDK compatibility 1.4, 2.10\nimage format %d\n", PACKAGE_VERSION,
         LLVM_VERSION_TEXT, WEFT_IMAGE_FORMAT);
}

static DiagDeprecated deprecated_of(const char *text)
{
  if (text && strcmp(text, "off") == 0)
    return DEPRECATED_OFF;
  return text && strcmp(text, "error") == 0 ? DEPRECATED_ERROR : DEPRECATED_WARN;
}

bool session_open(Session *s, const char *program, uint32_t command, const char *usage, int argc,
                  char **argv, int *exit_code)
{
  *s = (Session){.program = program, .command = command, .names = names_new()};
  s->diags.sources = &s->sources;
  if (!options_parse(&s->opt, command, program, argc, argv)) {
    *exit_code = EXIT_USAGE;
    return false;
  }
  *exit_code = EXIT_OK;
  if (s->opt.help) {
    printf("usage: %s\n\n", usage);
    options_help(command, false, stdout);
  } else if (s->opt.version) {
    print_version();
  }
  s->diags.warnings_as_errors = s->opt.warnings_as_errors;
  s->diags.deprecated = deprecated_of(s->opt.deprecations);
  return !s->opt.help && !s->opt.version;
}

int session_close(Session *s, int exit_code)
{
  streams_flush();
  diag_print(&s->diags, stderr);
  if (s->diags.errors && exit_code == EXIT_OK)
    exit_code = EXIT_PROGRAM_ERROR;
  diag_free(&s->diags);
  names_free(s->names);
  src_free(&s->sources);
  options_free(&s->opt);
  arena_free(&s->arena);
  return exit_code;
}

int session_usage(const Session *s, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fprintf(stderr, "%s: error: ", s->program);
  vfprintf(stderr, format, args);
  fprintf(stderr, "\n%s: '%s --help' lists the options\n", s->program, s->program);
  va_end(args);
  return EXIT_USAGE;
}

const char *session_near(Session *s, const Suggestion *near, const char *otherwise)
{
  return near->best ? arena_printf(&s->arena, "did you mean %s?", near->best) : otherwise;
}
