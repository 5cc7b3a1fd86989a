// `weft objdump` of an image: machine, exports, streams, route words and what each tile runs.
#include "backend/load.h"
#include <stb/stb_ds.h>
#include <string.h>

static void print_head(const Image *img, FILE *out)
{
  static const char *const formats[] = {"f16", "bf16", "cb16"};
  fprintf(out, "image: %s, %u x %u tiles at (%u, %u) of %u x %u, SDK %s, %s",
          arch_get(img->arch)->name, img->width, img->height, img->offset_x, img->offset_y,
          img->fabric_width, img->fabric_height, img->compat == COMPAT_1_4 ? "1.4" : "2.10",
          formats[img->fp16]);
  if (img->memcpy)
    fprintf(out, ", memcpy on %u channels", img->channels);
  fputc('\n', out);
}

static void print_exports(const Image *img, FILE *out)
{
  static const char *const kinds[] = {"data", "function", "stream"};
  if (arrlen(img->exports))
    fputs("\nexports:\n", out);
  for (ptrdiff_t i = 0; i < arrlen(img->exports); i++) {
    const ImageExport *e = &img->exports[i];
    fprintf(out, "  %td %-8s %s", i, kinds[e->kind], e->name);
    if (e->kind == EXPORT_FUNC) {
      fputc('(', out);
      for (ptrdiff_t k = 0; k < arrlen(e->param_types); k++)
        fprintf(out, "%s%s", k ? ", " : "", e->param_types[k]);
      fputc(')', out);
    }
    fprintf(out, " %s%s\n", e->type, e->kind == EXPORT_DATA && !e->mutable_ ? " immutable" : "");
  }
  if (arrlen(img->streams))
    fputs("\nstreams:\n", out);
  for (ptrdiff_t i = 0; i < arrlen(img->streams); i++)
    fprintf(out, "  colour %u %s%s%s\n", img->streams[i].color,
            img->streams[i].to_host ? "to host" : "to device", img->streams[i].name ? " " : "",
            img->streams[i].name ? img->streams[i].name : "");
}

static void print_dirs(uint8_t set, FILE *out)
{
  dirs_print(set, ",", out);
  if (!set)
    fputs("nowhere", out);
}

static void print_route(uint32_t color, uint64_t word, FILE *out)
{
  static const char *const pops[] = {"", " pop always", " pop on advance",
                                     " pop on advance and nop"};
  Route r;
  fprintf(out, "  %2u %016llx ", color, (unsigned long long)word);
  if (!route_decode(word, &r)) {
    fputs("no route\n", out);
    return;
  }
  for (unsigned k = 0; k < 4; k++)
    if (r.valid[k]) {
      fprintf(out, "%s%s", k ? " | " : "", k && k == r.current ? "*" : "");
      print_dirs(r.rx[k], out);
      fputs(" -> ", out);
      print_dirs(r.tx[k], out);
    }
  fprintf(out, "%s%s%s%s%s", r.ring ? " ring" : "", pops[r.pop & 3], r.teardown ? " teardown" : "",
          r.swap_x ? " swap x" : "", r.swap_y ? " swap y" : "");
  if (r.filter)
    fprintf(out, " filter %u", r.filter - 1);
  fputc('\n', out);
}

static void print_limit(const char *name, bool given, uint16_t value, FILE *out)
{
  if (given)
    fprintf(out, " %s %u", name, value);
}

static void print_filter(unsigned number, const Filter *f, FILE *out)
{
  static const char *const kinds[] = {"none", "counter", "sparse counter", "range"};
  bool range = f->kind == FILTER_RANGE;
  if (f->kind == FILTER_NONE)
    return;
  fprintf(out, "  filter %u: colour %u %s", number, f->color, kinds[f->kind & 3]);
  print_limit("from", range, f->limit1, out);
  print_limit("to", range, f->limit2, out);
  print_limit("init", !range, f->init_counter, out);
  print_limit("max", !range, f->max_counter, out);
  print_limit("limit1", !range && f->has_limit1, f->limit1, out);
  print_limit("limit2", !range && f->has_limit2, f->limit2, out);
  fprintf(out, "%s%s%s\n", f->count_data ? " count data" : "",
          f->count_control ? " count control" : "", f->filter_control ? " filter control" : "");
}

static void print_route_sets(const Image *img, FILE *out)
{
  for (ptrdiff_t i = 0; i < arrlen(img->route_sets); i++) {
    const ImageRouteSet *s = &img->route_sets[i];
    fprintf(out, "\nroutes %td:\n", i);
    for (uint32_t c = 0; c < MAX_COLORS; c++)
      if (s->words[c])
        print_route(c, s->words[c], out);
    for (unsigned k = 0; k < sizeof s->filters / sizeof *s->filters; k++)
      print_filter(k, &s->filters[k], out);
  }
}

static bool same_tile(const Image *img, size_t a, size_t b)
{
  return img->tile_class[a] == img->tile_class[b] && img->tile_routes[a] == img->tile_routes[b];
}

// Runs of equal tiles within a row, so that a large rectangle prints small.
static void print_tiles(const Image *img, FILE *out)
{
  fputs("\ntiles:\n", out);
  for (uint32_t y = 0; y < img->height; y++)
    for (uint32_t x = 0, end; x < img->width; x = end) {
      size_t t = (size_t)y * img->width + x;
      for (end = x + 1; end < img->width && same_tile(img, t, t + end - x); end++)
        ;
      fprintf(out, "  y %u x %u..%u ", y, x, end - 1);
      if (img->tile_class[t] == UINT32_MAX)
        fputs("no program", out);
      else
        fprintf(out, "class %u", img->tile_class[t]);
      fprintf(out, " routes %u\n", img->tile_routes[t]);
    }
}

void objdump_tables(const Image *img, FILE *out)
{
  print_head(img, out);
  print_exports(img, out);
  print_tiles(img, out);
  print_route_sets(img, out);
}
