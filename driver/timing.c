// `weft timing` and `weft model`: the timing parameters of the emulator, and what communication
// costs by the analytical models.
#include "driver/commands.h"
#include "target/model.h"
#include <stb/stb_ds.h>

// The option table accepts known names only.
static ArchId chosen_arch(const Session *s)
{
  return arch_find(s->opt.arch ? s->opt.arch : "wse2")->id;
}

static bool choose(Session *s, Costs *k)
{
  char bad[160];
  if (costs_choose(chosen_arch(s), s->opt.timing, k, bad, sizeof bad))
    return true;
  DIAG_AT(&s->diags, emu_timing, (SrcRange){0}, bad);
  return false;
}

static void print_parameter(void *arg, const char *name, uint32_t value, const char *source)
{
  (void)arg;
  printf("%-16s %5u  %s\n", name, value, source);
}

int command_timing(Session *s)
{
  Costs k;
  if (arrlen(s->opt.files))
    return session_usage(s, "'%s': no argument is needed", s->opt.files[0]);
  if (!choose(s, &k))
    return EXIT_PROGRAM_ERROR;
  printf("preset %s%s\n", k.preset, k.changed ? ", changed" : "");
  costs_each(&k, print_parameter, NULL);
  return EXIT_OK;
}

static void print_model(const Costs *k, ModelId id, ModelSize size)
{
  printf("%-16s %10.1f  %s\n", model_name(id), model_cycles(id, k, size), model_what(id));
}

static int unknown_model(Session *s, const char *name)
{
  Suggestion near = {.word = name};
  for (int i = 0; i < MODELS; i++)
    suggest_offer(&near, model_name((ModelId)i));
  return session_usage(s, "there is no model '%s'; %s", name,
                       session_near(s, &near, "'weft model' prints all"));
}

int command_model(Session *s)
{
  Costs k;
  ModelSize size = {.tiles = s->opt.tiles.given ? s->opt.tiles.value : 2,
                    .words = s->opt.words.given ? s->opt.words.value : 1,
                    .group = s->opt.group.value,
                    .rows = s->opt.rows.given ? s->opt.rows.value : 1};
  if (!choose(s, &k))
    return EXIT_PROGRAM_ERROR;
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++) {
    ModelId id = model_named(s->opt.files[i]);
    if (id == MODELS)
      return unknown_model(s, s->opt.files[i]);
    print_model(&k, id, size);
  }
  for (int i = 0; !arrlen(s->opt.files) && i < MODELS; i++)
    print_model(&k, (ModelId)i, size);
  return EXIT_OK;
}
