// The life of a program, from its files to its image: parse and sema, or IR text -> passes -> what
// --emit asks for.
#include "driver/commands.h"
#include "driver/emit.h"
#include "driver/frontend.h"
#include "driver/passes.h"
#include <stb/stb_ds.h>
#include <string.h>

// A program is compiled on with all its tile modules.
static bool read_text(Session *s, Program *p)
{
  if (!driver_read_text(s, p))
    return false;
  for (ptrdiff_t i = 0; p->fabric && i < arrlen(p->fabric->classes); i++)
    if (!p->fabric->classes[i].module) {
      DIAG_AT(&s->diags, no_tile_modules, (SrcRange){0});
      return false;
    }
  return true;
}

static bool read_program(Session *s, Program *p)
{
  if (is_ir_text(s->opt.files[0]))
    return read_text(s, p);
  return frontend_compile(s, s->opt.files[0], p);
}

// Options that would do nothing beside the others.
static int check_combination(const Session *s)
{
  const Options *o = &s->opt;
  bool ast = o->emit && strcmp(o->emit, "ast") == 0;
  bool text = o->stop_after || (o->emit && strcmp(o->emit, "image") != 0);
  if (o->output && !o->output[0])
    return session_usage(s, "option -o: the name is empty");
  if (ast && (o->stop_after || arrlen(o->print_after)))
    return session_usage(s, "--emit=ast comes before every pass: --stop-after and --print-after "
                            "do not go with it");
  if (o->positions && !ast)
    return session_usage(s, "--positions goes with --emit=ast");
  if (text && (o->output_json || o->out_routes))
    return session_usage(s, "%s goes with an image, not with text",
                         o->output_json ? "--output-json" : "--out-routes");
  return EXIT_OK;
}

// One top-level CSL file, or any number of IR texts. 0 if the arguments are in order.
static int check_arguments(Session *s)
{
  ptrdiff_t n = arrlen(s->opt.files), texts = 0;
  for (ptrdiff_t i = 0; i < n; i++)
    texts += is_ir_text(s->opt.files[i]);
  if (n == 0)
    return session_usage(s, "no input file");
  if (texts != n && n > 1)
    return session_usage(s, "one top-level file is compiled at a time; imports find the others");
  return driver_check_pass_options(s);
}

int command_compile(Session *s)
{
  int usage = check_combination(s);
  if (!usage && s->opt.emit && strcmp(s->opt.emit, "ast") == 0)
    return command_syntax(s);
  if (!usage)
    usage = check_arguments(s);
  if (usage)
    return usage;
  Program p = {0};
  bool done = read_program(s, &p) && driver_run_passes(s, &p) && emit_program(s, &p);
  driver_free_program(&p);
  return done ? EXIT_OK : EXIT_PROGRAM_ERROR;
}
