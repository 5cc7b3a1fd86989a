// The program `weft`: picks the command.
#include "driver/commands.h"
#include "driver/streams.h"
#include <string.h>

typedef struct Command {
  const char *name, *program, *usage, *what;
  uint32_t bit;
  int (*run)(Session *s);
} Command;

static const Command commands[] = {
    {"compile", "weft compile", "weft compile [options] FILE...",
     "compile CSL or IR text to an image, or print a stage of it", CMD_COMPILE, command_compile},
    {"opt", "weft opt", "weft opt [options] FILE.wir...",
     "run passes over IR text and print the result", CMD_OPT, command_opt},
    {"objdump", "weft objdump", "weft objdump PATH...",
     "print an image folder or one of its ELF files", CMD_OBJDUMP, command_objdump},
    {"syntax", "weft syntax", "weft syntax FILE...", "check the syntax of CSL files", CMD_SYNTAX,
     command_syntax},
    {"explain", "weft explain", "weft explain [ID...]",
     "say what a diagnostic means, by the name in brackets behind it", CMD_EXPLAIN,
     command_explain},
    {"run", "weft run", "weft run [options] DIR",
     "run a compiled program on the emulator: launch functions, then run to rest", CMD_RUN,
     command_run},
    {"stats", "weft stats", "weft stats [options] [FILE]",
     "print what a run left in its statistics file (default: sim_stats.json)", CMD_STATS,
     command_stats},
    {"timing", "weft timing", "weft timing [options]",
     "print the timing parameters of the emulator with their sources", CMD_TIMING, command_timing},
    {"model", "weft model", "weft model [options] [PATTERN...]",
     "print what communication patterns cost by the analytical models, in cycles", CMD_MODEL,
     command_model},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_commands(FILE *out)
{
  fputs("usage: weft COMMAND [options] FILE...\n       weft --version\n\n", out);
  for (int i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].what);
  fputs("\n'weft COMMAND --help' lists the options of a command.\n", out);
}

// docs/cli.md is this output; a test compares them.
static void print_manual(void)
{
  puts("# Command line\n\nThis page is the output of `weft --help-markdown`.");
  for (int i = 0; i < COMMANDS; i++) {
    printf("\n## %s\n\n`%s`: %s.\n\n", commands[i].program, commands[i].usage, commands[i].what);
    options_help(commands[i].bit, true, stdout);
  }
  puts(
      "\n## cslc\n\n`cslc [options] FILE.csl`: compile a program, as the vendor's command does.\n");
  options_help(CMD_CSLC, true, stdout);
  puts(
      "\nOptions are written `--name=value` or `--name value`, with one dash or two; of an option "
      "that is given twice the last\nvalue counts, unless it collects them. Exit codes: 0 success, "
      "1 errors in the program or output that could not be written,\n2 wrong usage, 3 out of "
      "memory. Environment variables: `docs/weft.1`.");
}

static int run_command(const Command *c, int argc, char **argv)
{
  Session s;
  int exit_code;
  if (session_open(&s, c->program, c->bit, c->usage, argc, argv, &exit_code))
    exit_code = c->run(&s);
  return session_close(&s, exit_code);
}

static int unknown_command(const char *name)
{
  Suggestion near = {.word = name};
  for (int i = 0; i < COMMANDS; i++)
    suggest_offer(&near, commands[i].name);
  fprintf(stderr, "weft: error: unknown command '%s'%s%s%s\n", name,
          near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
  print_commands(stderr);
  return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "--help";
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(name, commands[i].name) == 0)
      return run_command(&commands[i], argc - 2, argv + 2);
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_commands(argc > 1 ? stdout : stderr);
    return argc > 1 ? EXIT_OK : EXIT_USAGE;
  }
  if (strcmp(name, "--help-markdown") == 0) {
    print_manual();
    return EXIT_OK;
  }
  if (strcmp(name, "--version") == 0) // a session without a command does it
    return run_command(&commands[0], argc - 1, argv + 1);
  return unknown_command(name);
}

int main(int argc, char **argv)
{
  streams_open();
  return streams_close("weft", run(argc, argv));
}
