// Text of a fabric module; grammar: docs/fabric-ir.md. Columns over the tiles are printed as
// rectangles and runs.
#include "ir/form.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Printer {
  const FabricModule *f;
  FILE *out;
  TextFiles files;
} Printer;

static void print_side(FILE *out, const char *side, uint8_t dirs, bool inherited)
{
  fprintf(out, " %s%s", side, inherited ? " same" : dirs ? " " : "");
  if (!inherited)
    dirs_print(dirs, ", ", out);
}

static void print_config(const Printer *p, const ColorConfig *c)
{
  const Route *r = &c->route;
  fprintf(p->out, "    color %u", c->color);
  print_side(p->out, "rx", r->rx[0], false);
  print_side(p->out, "tx", r->tx[0], false);
  for (unsigned k = 1; k < 4; k++)
    if (r->valid[k]) {
      fprintf(p->out, " pos %u", k);
      print_side(p->out, "rx", r->rx[k], r->inherits_rx >> k & 1);
      print_side(p->out, "tx", r->tx[k], r->inherits_tx >> k & 1);
    }
  ir_attrs_print_after(" switch", ir_route_attrs, r, p->out);
  ir_attrs_print_after(" filter", ir_filter_attrs, &c->filter, p->out);
  fputc('\n', p->out);
}

static void print_route_set(const Printer *p, size_t number)
{
  const RouteSet *s = &p->f->route_sets[number];
  fprintf(p->out, "  routes %zu {", number);
  text_print_note(&p->files, s->pos, p->out);
  fputc('\n', p->out);
  for (size_t i = 0; i < arrlenu(s->configs); i++)
    print_config(p, &s->configs[i]);
  fputs("  }\n", p->out);
}

// The largest rectangle of one value that starts at (x, y), first as wide and then as high as it
// gets.
static void grow(const uint32_t *grid, const uint8_t *done, uint32_t width, uint32_t height,
                 uint32_t x, uint32_t y, uint32_t *w, uint32_t *h)
{
  const size_t at = (size_t)y * width + x;
  *w = 1;
  *h = 1;
  while (x + *w < width && grid[at + *w] == grid[at] && !done[at + *w])
    ++*w;
  for (; y + *h < height; ++*h) {
    const size_t row = at + (size_t)*h * width;
    for (uint32_t i = 0; i < *w; i++)
      if (grid[row + i] != grid[at] || done[row + i])
        return;
  }
}

// Prints a column over the tiles as rectangles, in row-major order of their first tiles; `skip` is
// not printed.
static void print_places(const Printer *p, const char *what, const uint32_t *grid, uint32_t skip)
{
  const uint32_t width = p->f->width, height = p->f->height;
  uint8_t *done = mem_zeroed((size_t)width * height + 1, 1);
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++) {
      const size_t at = (size_t)y * width + x;
      if (done[at] || grid[at] == skip)
        continue;
      uint32_t w, h;
      grow(grid, done, width, height, x, y, &w, &h);
      for (uint32_t i = 0; i < h; i++)
        memset(done + at + (size_t)i * width, 1, w);
      fprintf(p->out, "  place %s %u at %u,%u size %u,%u\n", what, grid[at], x, y, w, h);
    }
  free(done);
}

// One tile constant of a class over its tiles: single values, `v*n` repeats and `a..b` ascending
// runs.
static void print_column(const Printer *p, const uint32_t *values, size_t step, size_t n)
{
  for (size_t i = 0; i < n;) {
    size_t same = 1, up = 1;
    while (i + same < n && values[(i + same) * step] == values[i * step])
      same++;
    while (i + up < n && values[(i + up) * step] == values[i * step] + up)
      up++;
    fputs(i ? ", " : " ", p->out);
    if (same > 1)
      fprintf(p->out, "%u*%zu", values[i * step], same);
    else if (up > 2 && values[i * step] <= UINT32_MAX - up)
      fprintf(p->out, "%u..%u", values[i * step], (uint32_t)(values[i * step] + up - 1));
    else
      fprintf(p->out, "%u", values[i * step]), up = 1;
    i += same > 1 ? same : up;
  }
}

static size_t tiles_of(const FabricModule *f, uint32_t number)
{
  size_t n = 0, tiles = (size_t)f->width * f->height;
  for (size_t i = 0; i < tiles; i++)
    n += f->tile_class[i] == number;
  return n;
}

static void print_class(const Printer *p, uint32_t number)
{
  const FabricClass *c = &p->f->classes[number];
  const char *module = c->module ? c->module->name : c->module_name;
  fprintf(p->out, "  class %u ", number);
  text_print_string(p->out, c->file ? c->file : "");
  fputs(" module ", p->out);
  text_print_string(p->out, module ? module : "");
  fputc('\n', p->out);
}

static void print_constants(const Printer *p, uint32_t number)
{
  const FabricClass *c = &p->f->classes[number];
  size_t tiles = tiles_of(p->f, number), words = arrlenu(c->const_values);
  size_t columns = tiles ? words / tiles : 0;
  for (size_t k = 0; k < columns; k++) {
    fprintf(p->out, "  constants class %u $%zu", number, k);
    print_column(p, c->const_values + k, columns, tiles);
    fputc('\n', p->out);
  }
}

static const char *const export_kinds[] = {"data", "func", "stream"};

static void print_export(const Printer *p, const FabricExport *e)
{
  fprintf(p->out, "  export %s ", export_kinds[e->kind]);
  text_print_string(p->out, e->name);
  fputs(" type ", p->out);
  text_print_string(p->out, e->type ? e->type : "");
  for (size_t i = 0; i < arrlenu(e->param_types); i++) {
    fputs(i ? ", " : " params ", p->out);
    text_print_string(p->out, e->param_types[i]);
  }
  if (e->symbol) {
    fputs(" symbol ", p->out);
    text_print_string(p->out, e->symbol);
  }
  fputs(e->mutable_ ? " mutable\n" : "\n", p->out);
}

static void print_stream(const Printer *p, const FabricStream *s)
{
  fprintf(p->out, "  stream color %u %s", s->color, s->to_host ? "to-host" : "from-host");
  if (s->name) {
    fputc(' ', p->out);
    text_print_string(p->out, s->name);
  }
  fputc('\n', p->out);
}

static void print_pair(const Printer *p, const char *what, const char *name, const char *value)
{
  fprintf(p->out, "  %s ", what);
  text_print_string(p->out, name);
  fputs(" = ", p->out);
  text_print_string(p->out, value);
  fputc('\n', p->out);
}

static void print_header(const Printer *p)
{
  const FabricModule *f = p->f;
  fputs("fabric ", p->out);
  ir_header_print((IrHeader){f->arch, f->compat, f->fp16}, p->out);
  fputs(" {\n", p->out);
  fprintf(p->out, "  rectangle %u,%u at %u,%u of %u,%u\n", f->width, f->height, f->offset_x,
          f->offset_y, f->fabric_width, f->fabric_height);
  fprintf(p->out, "  channels %u%s\n", f->channels, f->memcpy ? " memcpy" : "");
  text_print_files(&p->files, p->out);
  for (size_t i = 0; i < arrlenu(f->params); i++)
    print_pair(p, "param", f->params[i].name, f->params[i].value);
  for (size_t i = 0; i < arrlenu(f->colors); i++)
    print_pair(p, "colorparam", f->colors[i].name, f->colors[i].value);
}

void fir_print(const FabricModule *f, const Sources *sources, FILE *out)
{
  Printer p = {f, out, {sources, NULL}};
  for (size_t i = 0; i < arrlenu(f->route_sets); i++)
    text_files_add(&p.files, f->route_sets[i].pos);
  print_header(&p);
  for (uint32_t i = 0; i < arrlenu(f->classes); i++)
    print_class(&p, i);
  for (size_t i = 1; i < arrlenu(f->route_sets); i++) // set 0 is the empty one
    print_route_set(&p, i);
  if (f->tile_class) {
    print_places(&p, "class", f->tile_class, FABRIC_NO_CLASS);
    print_places(&p, "routes", f->tile_routes, 0);
    for (uint32_t i = 0; i < arrlenu(f->classes); i++)
      print_constants(&p, i);
  }
  for (size_t i = 0; i < arrlenu(f->exports); i++)
    print_export(&p, &f->exports[i]);
  for (size_t i = 0; i < arrlenu(f->streams); i++)
    print_stream(&p, &f->streams[i]);
  fputs("}\n", out);
  arrfree(p.files.files);
}
