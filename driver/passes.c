// Running passes; see driver/passes.h. Also `weft opt`.
#include "driver/passes.h"
#include "driver/commands.h"
#include "driver/output.h"
#include "passes/passes.h"
#include <stb/stb_ds.h>
#include <string.h>

// The state before the first pass, where --stop-after and --print-after are concerned.
static const char before_passes[] = "sema";

static int check_name(Session *s, const char *name, bool may_be_sema)
{
  if (pass_find(name) || (may_be_sema && strcmp(name, before_passes) == 0))
    return EXIT_OK;
  Suggestion near = {.word = name};
  for (const Pass *pass = pass_table; pass->name; pass++)
    suggest_offer(&near, pass->name);
  return session_usage(s, "there is no pass '%s'; %s", name,
                       session_near(s, &near, "'weft opt --list-passes' lists them"));
}

static int check_names(Session *s, const char **names, bool may_be_sema)
{
  int code = EXIT_OK;
  for (ptrdiff_t i = 0; i < arrlen(names) && !code; i++)
    code = check_name(s, names[i], may_be_sema);
  return code;
}

// Code is made of a program that every pass has seen.
static int check_stop(Session *s)
{
  const char *stop = s->opt.stop_after, *emit = s->opt.emit;
  int code = stop ? check_name(s, stop, true) : EXIT_OK;
  if (code || !stop || !emit)
    return code;
  const Pass *pass = pass_find(stop);
  bool all = pass && !pass[1].name;
  bool text = !strcmp(emit, "fabric") || !strcmp(emit, "tile") || !strcmp(emit, "ir");
  if (all || text)
    return EXIT_OK;
  return session_usage(s,
                       "--emit=%s needs the passes after '%s', too; --stop-after goes with "
                       "--emit=fabric, tile or ir",
                       emit, stop);
}

int driver_check_pass_options(Session *s)
{
  int code = check_stop(s);
  return code ? code : check_names(s, s->opt.print_after, true);
}

typedef struct Run {
  Session *s;
  const Program *p;
} Run;

static void print_after(const Run *r, const char *pass)
{
  for (ptrdiff_t i = 0; i < arrlen(r->s->opt.print_after); i++)
    if (strcmp(r->s->opt.print_after[i], pass) == 0) {
      printf("// after %s\n", pass);
      driver_print_program(r->p, &r->s->sources, true, true, stdout);
    }
}

static void after_pass(const Pass *pass, FabricModule *f, void *arg)
{
  (void)f;
  print_after(arg, pass->name);
}

typedef struct TileRun {
  const Pass *pass;
  PassContext context;
} TileRun;

static bool run_on_tile(TileModule *m, void *arg)
{
  TileRun *run = arg;
  run->context.tile = m;
  return run->pass->run(&run->context) && tir_verify(m, run->context.diags);
}

// One pass over a whole program, verified afterwards.
static bool run_pass(Session *s, const Program *p, const Pass *pass, FILE *report)
{
  TileRun run = {pass, {p->fabric, NULL, &s->sources, &s->diags, report}};
  if (pass->per_tile)
    return driver_each_tile(p, run_on_tile, &run);
  if (!p->fabric) {
    DIAG_AT(&s->diags, needs_fabric, (SrcRange){0}, arena_printf(&s->arena, "pass %s", pass->name));
    return false;
  }
  return pass->run(&run.context) && fir_verify(p->fabric, &s->diags);
}

// Tile modules without a fabric: the passes that look at one module at a time.
static bool run_tile_passes(Run *r, FILE *report)
{
  const char *stop = r->s->opt.stop_after;
  for (const Pass *pass = pass_table; pass->name; pass++) {
    if (pass->per_tile && !run_pass(r->s, r->p, pass, report))
      return false;
    print_after(r, pass->name);
    if (stop && strcmp(stop, pass->name) == 0)
      break;
  }
  return true;
}

bool driver_run_passes(Session *s, const Program *p)
{
  Run run = {s, p};
  FILE *report = s->opt.verbose ? stderr : NULL;
  print_after(&run, before_passes);
  if (s->opt.stop_after && strcmp(s->opt.stop_after, before_passes) == 0)
    return true;
  if (!p->fabric)
    return run_tile_passes(&run, report);
  return passes_run(p->fabric, &s->sources, &s->diags, s->opt.stop_after, report, after_pass,
                    &run) &&
         !s->diags.errors; // of warnings that count as errors
}

static void list_passes(void)
{
  for (const Pass *pass = pass_table; pass->name; pass++)
    printf("%-14s %s: %s\n", pass->name, pass->per_tile ? "tile" : "fabric", pass->what);
}

static bool write_result(Session *s, const Program *p)
{
  Output text;
  if (!output_open(s, &text))
    return false;
  driver_print_program(p, &s->sources, true, true, text.out);
  return output_close(s, &text, true);
}

int command_opt(Session *s)
{
  if (s->opt.list_passes) {
    list_passes();
    return EXIT_OK;
  }
  if (!arrlen(s->opt.files))
    return session_usage(s, "no input file");
  int code = check_names(s, s->opt.passes, false);
  if (code)
    return code;
  Program p = {0};
  bool ok = driver_read_text(s, &p);
  for (ptrdiff_t i = 0; ok && i < arrlen(s->opt.passes); i++)
    ok = run_pass(s, &p, pass_find(s->opt.passes[i]), stderr);
  code = ok && write_result(s, &p) ? EXIT_OK : EXIT_PROGRAM_ERROR;
  driver_free_program(&p);
  return code;
}
