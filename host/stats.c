// libweft: what a run leaves behind for `weft stats`: sim_stats.json, small and always there beside
// the log, with the keys of the vendor's simulator (machine 8.1) and a summary; and on demand the
// counters of every tile and link with the critical path. Schema: docs/trace.md.
#include "host/internal.h"
#include "support/c_locale.h"
#include "support/json_text.h"
#include "support/out_file.h"
#include <errno.h>
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { HOTTEST = 10, PATH_STEPS = 1000, PATH_PLACES = 20 };

typedef struct Totals {
  uint64_t busy, stalled, idle, instructions, elements, in, out;
  uint32_t tiles; // with a program
} Totals;

static bool has_program(const Weft *w, uint32_t x, uint32_t y)
{
  return w->img->tile_class[(size_t)y * w->img->width + x] != UINT32_MAX;
}

static Totals totals_of(const Weft *w)
{
  Totals t = {0};
  for (uint32_t y = 0; y < w->img->height; y++)
    for (uint32_t x = 0; x < w->img->width; x++) {
      WeftTileStats s;
      if (weft_tile_stats(w, x, y, &s))
        continue;
      EmuTileStats e = emu_tile_stats(w->emu, x, y);
      t.tiles++;
      t.busy += s.busy;
      t.stalled += s.stalled;
      t.idle += s.idle;
      t.in += s.wavelets_in;
      t.out += s.wavelets_out;
      t.instructions += e.instructions;
      t.elements += e.dsd_elements;
    }
  return t;
}

// ---- the hottest tiles and links ----

typedef struct Hot {
  uint64_t count;
  uint32_t x, y;
  Dir d;
} Hot;

static void keep_hottest(Hot hot[HOTTEST], Hot h)
{
  if (h.count == 0 || h.count <= hot[HOTTEST - 1].count)
    return;
  int at = HOTTEST - 1;
  for (; at > 0 && hot[at - 1].count < h.count; at--)
    hot[at] = hot[at - 1];
  hot[at] = h;
}

static void write_hottest(const Weft *w, FILE *out)
{
  Hot links[HOTTEST] = {{0}}, tiles[HOTTEST] = {{0}};
  for (uint32_t y = 0; y < w->img->height; y++)
    for (uint32_t x = 0; x < w->img->width; x++) {
      for (Dir d = DIR_WEST; d <= DIR_NORTH; d++)
        keep_hottest(links, (Hot){emu_link_wavelets(w->emu, x, y, d), x, y, d});
      keep_hottest(tiles, (Hot){emu_tile_stats(w->emu, x, y).busy, x, y, DIR_COUNT});
    }
  fputs(",\n \"hottest_links\":[", out);
  for (int i = 0; i < HOTTEST && links[i].count; i++)
    fprintf(out, "%s\n  {\"x\":%u,\"y\":%u,\"to\":\"%s\",\"wavelets\":%" PRIu64 "}", i ? "," : "",
            links[i].x, links[i].y, dir_name(links[i].d), links[i].count);
  fputs("],\n \"busiest_tiles\":[", out);
  for (int i = 0; i < HOTTEST && tiles[i].count; i++)
    fprintf(out, "%s\n  {\"x\":%u,\"y\":%u,\"busy\":%" PRIu64 "}", i ? "," : "", tiles[i].x,
            tiles[i].y, tiles[i].count);
  fputc(']', out);
}

// ---- every tile ----

static void write_tiles(const Weft *w, FILE *out)
{
  const char *comma = "";
  fputs(",\n \"tiles\":[", out);
  for (uint32_t y = 0; y < w->img->height; y++)
    for (uint32_t x = 0; x < w->img->width; x++) {
      if (!has_program(w, x, y))
        continue;
      WeftTileStats s;
      EmuTileStats e = emu_tile_stats(w->emu, x, y);
      weft_tile_stats(w, x, y, &s);
      fprintf(out,
              "%s\n  {\"x\":%u,\"y\":%u,\"busy\":%" PRIu64 ",\"stalled\":%" PRIu64
              ",\"idle\":%" PRIu64 ",\"instructions\":%" PRIu64 ",\"dsd_elements\":%" PRIu64
              ",\"wavelets_in\":%" PRIu64 ",\"wavelets_out\":%" PRIu64 "}",
              comma, x, y, s.busy, s.stalled, s.idle, e.instructions, e.dsd_elements, s.wavelets_in,
              s.wavelets_out);
      comma = ",";
    }
  fputs("],\n \"links\":[", out);
  comma = "";
  for (uint32_t y = 0; y < w->img->height; y++)
    for (uint32_t x = 0; x < w->img->width; x++)
      for (Dir d = 0; d < DIR_COUNT; d++) {
        uint64_t n = emu_link_wavelets(w->emu, x, y, d);
        if (n)
          fprintf(out, "%s\n  {\"x\":%u,\"y\":%u,\"to\":\"%s\",\"wavelets\":%" PRIu64 "}", comma, x,
                  y, dir_name(d), n);
        if (n)
          comma = ",";
      }
  fputc(']', out);
}

// ---- the critical path ----

typedef struct Place { // steps of one kind at one place of the program
  char *key;
  struct {
    uint64_t cycles, steps;
    EmuStep first;
  } value;
} Place;

typedef struct Path {
  EmuStep *steps; // stb_ds: the last PATH_STEPS, from the end
  uint64_t count;
  Place *places; // stb_ds string hash
} Path;

static const char *kind_name(EmuStepKind kind)
{
  static const char *const names[] = {"host", "task", "operation", "wavelet"};
  return names[kind];
}

static void collect(void *arg, const EmuStep *s)
{
  Path *p = arg;
  p->count++;
  if (s->cycles && arrlen(p->steps) < PATH_STEPS)
    arrput(p->steps, *s);
  Arena scratch = {0};
  char *key = arena_printf(&scratch, "%s %u,%u %s:%u", kind_name(s->kind), s->x, s->y,
                           s->place.file ? s->place.file : "", s->place.line);
  ptrdiff_t i = shgeti(p->places, key);
  if (i < 0) {
    Place fresh = {.key = key};
    fresh.value.first = *s;
    shputs(p->places, fresh);
    i = shgeti(p->places, key);
  }
  arena_free(&scratch);
  p->places[i].value.cycles += s->cycles;
  p->places[i].value.steps++;
}

static void write_step(FILE *out, const EmuStep *s)
{
  fprintf(out, "\"kind\":\"%s\"", kind_name(s->kind));
  if (s->kind != EMU_STEP_HOST)
    fprintf(out, ",\"x\":%u,\"y\":%u", s->x, s->y);
  if (s->kind == EMU_STEP_WAVELET)
    fprintf(out, ",\"color\":%u", s->color);
  if (s->operation)
    fprintf(out, ",\"operation\":\"%s\"", s->operation);
  if (s->function) {
    fputs(",\"function\":", out);
    json_text(out, s->function);
  }
  if (s->place.file) {
    fputs(",\"file\":", out);
    json_text(out, s->place.file);
    fprintf(out, ",\"line\":%u", s->place.line);
  }
}

static int most_cycles(const void *pa, const void *pb)
{
  const Place *a = pa, *b = pb;
  if (a->value.cycles != b->value.cycles)
    return a->value.cycles > b->value.cycles ? -1 : 1;
  return strcmp(a->key, b->key);
}

static void write_path(const Weft *w, FILE *out)
{
  Path p = {0};
  sh_new_strdup(p.places);
  bool complete = emu_critical_path(w->emu, collect, &p);
  fprintf(out,
          ",\n \"critical_path\":{\"complete\":%s,\"steps_in_all\":%" PRIu64 ",\n  \"places\":[",
          complete ? "true" : "false", p.count);
  // The keys are owned by the hash, which is not looked up any more once its entries are sorted.
  if (shlen(p.places))
    qsort(p.places, (size_t)shlen(p.places), sizeof *p.places, most_cycles);
  for (ptrdiff_t i = 0; i < shlen(p.places) && i < PATH_PLACES; i++) {
    fprintf(out, "%s\n   {\"cycles\":%" PRIu64 ",\"steps\":%" PRIu64 ",", i ? "," : "",
            p.places[i].value.cycles, p.places[i].value.steps);
    write_step(out, &p.places[i].value.first);
    fputc('}', out);
  }
  fputs("],\n  \"steps\":[", out);
  for (ptrdiff_t i = arrlen(p.steps) - 1; i >= 0; i--) {
    fprintf(out, "%s\n   {\"begin\":%" PRIu64 ",\"cycles\":%" PRIu64 ",",
            i == arrlen(p.steps) - 1 ? "" : ",", p.steps[i].begin, p.steps[i].cycles);
    write_step(out, &p.steps[i]);
    fputc('}', out);
  }
  fputs("]}", out);
  arrfree(p.steps);
  shfree(p.places);
}

// ---- the file ----

static double rate(double n, double seconds)
{
  return seconds > 0 ? n / seconds : 0;
}

// Keys of the vendor's simulator, as far as they have a meaning here. Times are the only values
// that differ between runs.
static void write_vendor_keys(const Weft *w, const Totals *t, FILE *out)
{
  const Image *img = w->img;
  uint64_t cycles = emu_cycle(w->emu), hops = emu_hops(w->emu);
  uint32_t all = img->width * img->height;
  struct rusage use = {0};
  getrusage(RUSAGE_SELF, &use);
  double c = (double)cycles, s = w->wall_seconds;
  fprintf(out,
          " \"cycle_count\":%" PRIu64 ",\"fabric_x\":%u,\"fabric_y\":%u,\"hwtile_count\":%u,"
          "\"simulated_tile_count\":%u,\"nultile_count\":%u,\"iotile_count\":0,\n"
          " \"stall_count\":%" PRIu64 ",\"stalls_per_cycle\":%g,\"spc_per_tile\":%g,"
          "\"wavelet_count\":%" PRIu64 ",\"wavelets_per_cycle\":%g,\"wpc_per_tile\":%g,"
          "\"idle_ce_cycles\":%" PRIu64 ",\"threads\":1,\"nodes\":1,\n",
          cycles, img->fabric_width, img->fabric_height, t->tiles, t->tiles, all - t->tiles,
          t->stalled, rate((double)t->stalled, c), rate((double)t->stalled, c * t->tiles), hops,
          rate((double)hops, c), rate((double)hops, c * t->tiles), t->idle);
  fprintf(out,
          " \"sim_time\":%.6f,\"real_time\":%.6f,\"user_time\":%.6f,\"sys_time\":%.6f,"
          "\"cycles_per_second\":%g,\"tile_cycles_per_second\":%g,"
          "\"active_tile_cycles_per_second\":%g",
          s, s, (double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec,
          (double)use.ru_stime.tv_sec + 1e-6 * (double)use.ru_stime.tv_usec, rate(c, s),
          rate(c * t->tiles, s), rate((double)t->busy, s));
}

static void write_stats(const Weft *w, bool all, FILE *out)
{
  Totals t = totals_of(w);
  fprintf(out, "{\"format\":\"weft-stats\",\"version\":1,\"arch\":\"%s\",\"timing\":\"%s\",\n",
          weft_arch(w), w->timing);
  write_vendor_keys(w, &t, out);
  fprintf(out,
          ",\n \"width\":%u,\"height\":%u,\"busy_cycles\":%" PRIu64 ",\"stalled_cycles\":%" PRIu64
          ",\"idle_cycles\":%" PRIu64 ",\"instructions\":%" PRIu64 ",\"dsd_elements\":%" PRIu64
          ",\"wavelets_in\":%" PRIu64 ",\"wavelets_out\":%" PRIu64,
          w->img->width, w->img->height, t.busy, t.stalled, t.idle, t.instructions, t.elements,
          t.in, t.out);
  write_hottest(w, out);
  if (all) {
    write_tiles(w, out);
    write_path(w, out);
  }
  fputs("}\n", out);
}

static int write_file(Weft *w, const char *path, bool all)
{
  OutFile f;
  bool ok = out_file_open(&f, path);
  if (ok) {
    CLocale locale = c_locale_begin();
    write_stats(w, all, f.out);
    c_locale_end(locale);
    ok = out_file_close(&f, true);
  }
  return ok ? 0 : lib_fail(w, "cannot write %s: %s", path, strerror(errno));
}

int lib_write_stats(Weft *w)
{
  if (w->opt.stats)
    return write_file(w, w->opt.stats, true);
  if (w->beside && write_file(w, w->beside, false))
    fprintf(stderr, "weft: %s\n", w->error);
  return 0;
}
