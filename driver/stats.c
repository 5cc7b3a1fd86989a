// `weft stats`: what a run left in sim_stats.json or a statistics file, for people or as JSON.
#include "driver/commands.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stb/stb_ds.h>
#include <string.h>

static double number(const json_t *o, const char *key)
{
  return json_number_value(json_object_get(o, key));
}

static json_int_t integer(const json_t *o, const char *key)
{
  return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "?";
}

static double percent(double part, double whole)
{
  return whole > 0 ? 100 * part / whole : 0;
}

static void print_totals(const json_t *o)
{
  double cycles = number(o, "cycle_count");
  double all = number(o, "busy_cycles") + number(o, "stalled_cycles") + number(o, "idle_cycles");
  printf("%.0f cycles on %" JSON_INTEGER_FORMAT " tiles (%s, timing %s)\n", cycles,
         integer(o, "simulated_tile_count"), text(o, "arch"), text(o, "timing"));
  printf("busy %.1f %%, stalled %.1f %%, idle %.1f %%\n", percent(number(o, "busy_cycles"), all),
         percent(number(o, "stalled_cycles"), all), percent(number(o, "idle_cycles"), all));
  printf("%" JSON_INTEGER_FORMAT " instructions, %" JSON_INTEGER_FORMAT " DSD elements, "
         "%" JSON_INTEGER_FORMAT " wavelet hops, %.3g tile-cycles/s\n",
         integer(o, "instructions"), integer(o, "dsd_elements"), integer(o, "wavelet_count"),
         number(o, "tile_cycles_per_second"));
}

static void print_hottest(const json_t *o)
{
  double cycles = number(o, "cycle_count");
  size_t i;
  json_t *v;
  const json_t *links = json_object_get(o, "hottest_links"),
               *tiles = json_object_get(o, "busiest_tiles");
  if (json_array_size(links))
    puts("\nhottest links:");
  json_array_foreach(links, i, v)
      printf("  (%" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT ") to %-5s  %" JSON_INTEGER_FORMAT
             " wavelets, %.1f %% of the cycles\n",
             integer(v, "x"), integer(v, "y"), text(v, "to"), integer(v, "wavelets"),
             percent(number(v, "wavelets"), cycles));
  if (json_array_size(tiles))
    puts("\nbusiest tiles:");
  json_array_foreach(tiles, i, v) printf("  (%" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
                                         ")  busy in %" JSON_INTEGER_FORMAT " cycles, %.1f %%\n",
                                         integer(v, "x"), integer(v, "y"), integer(v, "busy"),
                                         percent(number(v, "busy"), cycles));
}

// "tile (1, 0): @fmacs in main at pe.csl:12"
static void print_step(const json_t *v)
{
  const char *kind = text(v, "kind");
  if (strcmp(kind, "host") == 0) {
    puts("the host");
    return;
  }
  printf("tile (%" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT "): ", integer(v, "x"),
         integer(v, "y"));
  if (strcmp(kind, "wavelet") == 0)
    printf("wavelet of colour %" JSON_INTEGER_FORMAT " under way, sent", integer(v, "color"));
  else if (strcmp(kind, "operation") == 0)
    printf("@%s", text(v, "operation"));
  else
    printf("task");
  if (json_object_get(v, "function"))
    printf(" %s%s", strcmp(kind, "task") == 0 ? "" : "in ", text(v, "function"));
  if (json_object_get(v, "file"))
    printf(" at %s:%" JSON_INTEGER_FORMAT, text(v, "file"), integer(v, "line"));
  putchar('\n');
}

static void print_path(const json_t *o)
{
  const json_t *path = json_object_get(o, "critical_path"), *v;
  double cycles = number(o, "cycle_count");
  size_t i;
  if (!path) {
    puts("\nno critical path: it is kept when a run is asked for a statistics file "
         "(WEFT_STATS=FILE, or "
         "'weft run --stats=FILE')");
    return;
  }
  printf("\ncritical path (%" JSON_INTEGER_FORMAT " steps%s), by place:\n",
         integer(path, "steps_in_all"),
         json_is_true(json_object_get(path, "complete")) ? "" : ", incomplete: too many at a time");
  json_array_foreach(json_object_get(path, "places"), i, v)
  {
    printf("  %9" JSON_INTEGER_FORMAT "  %5.1f %%  ", integer(v, "cycles"),
           percent(number(v, "cycles"), cycles));
    print_step(v);
  }
  puts("\nstep by step, from cycle on:");
  json_array_foreach(json_object_get(path, "steps"), i, v)
  {
    printf("  %9" JSON_INTEGER_FORMAT "  %7" JSON_INTEGER_FORMAT " cycles  ", integer(v, "begin"),
           integer(v, "cycles"));
    print_step(v);
  }
}

// NULL after a message.
static json_t *load_stats(Session *s, const char *path)
{
  const SrcFile *file = src_open(&s->sources, path);
  json_error_t error;
  if (!file) {
    DIAG_AT(&s->diags, cannot_read, (SrcRange){0}, path, strerror(errno));
    diag_note(&s->diags, (SrcRange){0}, "a run leaves sim_stats.json beside sim.log when it stops");
    return NULL;
  }
  json_t *o = json_loadb(file->text, file->size, JSON_REJECT_DUPLICATES, &error);
  if (o && strcmp(text(o, "format"), "weft-stats") == 0 && integer(o, "version") == 1)
    return o;
  DIAG_AT(&s->diags, stats_bad, (SrcRange){0}, path,
          o ? "not a statistics file of this version" : error.text);
  json_decref(o);
  return NULL;
}

int command_stats(Session *s)
{
  const char *path = arrlen(s->opt.files) ? s->opt.files[0] : "sim_stats.json";
  if (arrlen(s->opt.files) > 1)
    return session_usage(s, "one statistics file at a time");
  json_t *o = load_stats(s, path);
  if (!o)
    return EXIT_PROGRAM_ERROR;
  if (s->opt.json) {
    json_dumpf(o, stdout, JSON_INDENT(2));
    putchar('\n');
  } else {
    print_totals(o);
    print_hottest(o);
    print_path(o);
  }
  json_decref(o);
  return EXIT_OK;
}
