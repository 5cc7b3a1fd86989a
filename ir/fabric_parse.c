// Parser of fabric modules; grammar: docs/fabric-ir.md.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <string.h>

// A program rectangle is never larger than this in either direction; keeps small texts from asking
// for all memory.
enum { MAX_SIDE = 2048 };

typedef struct FabricParser {
  IrText *t;
  FabricModule *f;
  uint8_t *has_class, *has_routes; // stb_ds, per tile: placed already
} FabricParser;

static void parse_pair_of_numbers(FabricParser *p, uint32_t *a, uint32_t *b, uint32_t max)
{
  *a = (uint32_t)text_number(p->t, 0, max);
  text_expect(p->t, ',');
  *b = (uint32_t)text_number(p->t, 0, max);
}

static void parse_rectangle(FabricParser *p)
{
  FabricModule *f = p->f;
  uint32_t w, h;
  if (f->tile_class)
    text_error(p->t, "the rectangle is given twice");
  parse_pair_of_numbers(p, &w, &h, MAX_SIDE);
  text_expect_word(p->t, "at");
  parse_pair_of_numbers(p, &f->offset_x, &f->offset_y, UINT16_MAX);
  text_expect_word(p->t, "of");
  parse_pair_of_numbers(p, &f->fabric_width, &f->fabric_height, UINT16_MAX);
  if (p->t->failed)
    return;
  fir_set_rectangle(f, w, h);
  arrsetlen(p->has_class, (size_t)w * h + 1);
  arrsetlen(p->has_routes, (size_t)w * h + 1);
  memset(p->has_class, 0, (size_t)w * h);
  memset(p->has_routes, 0, (size_t)w * h);
}

static void parse_channels(FabricParser *p)
{
  p->f->channels = (uint32_t)text_number(p->t, 0, UINT16_MAX);
  p->f->memcpy = text_accept_word(p->t, "memcpy");
}

static void parse_source(FabricParser *p)
{
  text_source(p->t);
}

static void parse_param(FabricParser *p)
{
  typeof(*p->f->params) pair = {.name = text_string(p->t, &p->f->arena)};
  text_expect(p->t, '=');
  pair.value = text_string(p->t, &p->f->arena);
  arrput(p->f->params, pair);
}

static void parse_colorparam(FabricParser *p)
{
  typeof(*p->f->colors) pair = {.name = text_string(p->t, &p->f->arena)};
  text_expect(p->t, '=');
  pair.value = text_string(p->t, &p->f->arena);
  arrput(p->f->colors, pair);
}

static void parse_class(FabricParser *p)
{
  text_table_number(p->t, 0, arrlen(p->f->classes), "classes");
  FabricClass c = {.file = text_string(p->t, &p->f->arena)};
  text_expect_word(p->t, "module");
  c.module_name = text_string(p->t, &p->f->arena);
  arrput(p->f->classes, c);
}

// ---- route sets ----

static uint8_t parse_dirs(FabricParser *p)
{
  uint8_t dirs = 0;
  for (bool more = true; more && !p->t->failed;) {
    unsigned d = 0;
    while (d < DIR_COUNT && !text_is_word(p->t, dir_name((Dir)d)))
      d++;
    if (d == DIR_COUNT)
      return dirs; // an empty side
    dirs |= DIR_BIT(d);
    text_next(p->t);
    more = text_accept(p->t, ',');
  }
  return dirs;
}

// `same`: that side of the valid position before.
static uint8_t parse_side(FabricParser *p, const char *side, unsigned position, uint8_t *inherits)
{
  text_expect_word(p->t, side);
  if (!position || !text_accept_word(p->t, "same"))
    return parse_dirs(p);
  *inherits |= (uint8_t)(1u << position);
  return 0;
}

static ColorConfig parse_config(FabricParser *p)
{
  ColorConfig c;
  memset(&c, 0, sizeof c);
  Route *r = &c.route;
  text_expect_word(p->t, "color");
  c.color = (uint8_t)text_number(p->t, 0, MAX_COLORS - 1);
  r->valid[0] = true;
  r->rx[0] = parse_side(p, "rx", 0, &r->inherits_rx);
  r->tx[0] = parse_side(p, "tx", 0, &r->inherits_tx);
  while (text_accept_word(p->t, "pos")) {
    unsigned k = (unsigned)text_number(p->t, 1, 3);
    r->valid[k] = true;
    r->rx[k] = parse_side(p, "rx", k, &r->inherits_rx);
    r->tx[k] = parse_side(p, "tx", k, &r->inherits_tx);
  }
  route_expand(r);
  if (text_accept_word(p->t, "switch"))
    ir_attrs_parse(p->t, ir_route_attrs, r);
  if (text_accept_word(p->t, "filter"))
    ir_attrs_parse(p->t, ir_filter_attrs, &c.filter);
  if (!p->t->failed && !p->t->tok.first_on_line)
    text_error(p->t, "the end of the line was expected here");
  return c;
}

static void parse_routes(FabricParser *p)
{
  SrcPos at = p->t->tok.pos;
  ColorConfig *configs = NULL;
  text_table_number(p->t, 1, arrlen(p->f->route_sets), "route sets");
  text_expect(p->t, '{');
  text_note(p->t, at);
  while (!text_is(p->t, '}') && !p->t->failed) {
    SrcPos line = p->t->tok.pos;
    ColorConfig c = parse_config(p);
    if (arrlen(configs) && arrlast(configs).color >= c.color)
      text_error_at(p->t, line, "the colours of a route set stand in ascending order, each once");
    arrput(configs, c);
  }
  text_expect(p->t, '}');
  ptrdiff_t before = arrlen(p->f->route_sets);
  if (!p->t->failed && fir_route_set(p->f, configs, (uint32_t)arrlen(configs), at) != before)
    text_error_at(p->t, at, "an equal route set exists already");
  arrfree(configs);
}

// ---- columns ----

static void paint(FabricParser *p, uint32_t *grid, uint8_t *done, uint32_t value)
{
  IrText *t = p->t;
  SrcPos at = t->tok.pos;
  uint32_t x, y, w, h;
  text_expect_word(t, "at");
  parse_pair_of_numbers(p, &x, &y, MAX_SIDE);
  text_expect_word(t, "size");
  parse_pair_of_numbers(p, &w, &h, MAX_SIDE);
  if (!grid || x + w > p->f->width || y + h > p->f->height)
    text_error_at(t, at, "this lies outside of the program rectangle");
  for (uint32_t j = y; j < y + h && !t->failed; j++)
    for (uint32_t i = x; i < x + w && !t->failed; i++) {
      size_t tile = (size_t)j * p->f->width + i;
      if (done[tile])
        text_error_at(t, at, "tile %u,%u has been placed before", i, j);
      done[tile] = 1;
      grid[tile] = value;
    }
}

static void parse_place(FabricParser *p)
{
  bool class = text_accept_word(p->t, "class");
  if (!class)
    text_expect_word(p->t, "routes");
  size_t limit = class ? arrlenu(p->f->classes) : arrlenu(p->f->route_sets);
  if (limit == 0)
    text_error(p->t, "there is no class yet");
  uint32_t value = (uint32_t)text_number(p->t, 0, (int64_t)limit - 1);
  paint(p, class ? p->f->tile_class : p->f->tile_routes, class ? p->has_class : p->has_routes,
        value);
}

static size_t tiles_of(const FabricModule *f, uint32_t number)
{
  size_t n = 0, tiles = (size_t)f->width * f->height;
  for (size_t i = 0; i < tiles; i++)
    n += f->tile_class[i] == number;
  return n;
}

// Single values, `v*n` and `a..b`; exactly `tiles` of them.
static uint32_t *parse_column(FabricParser *p, size_t tiles)
{
  uint32_t *column = NULL;
  do {
    uint32_t v = text_u32(p->t), step = 0;
    size_t n = 1;
    if (text_accept(p->t, '*')) {
      n = text_u32(p->t);
    } else if (text_accept(p->t, '.')) {
      text_expect(p->t, '.');
      n = (size_t)text_number(p->t, v, UINT32_MAX) - v + 1;
      step = 1;
    }
    if (n > tiles - arrlenu(column))
      text_error(p->t, "the class has only %zu tiles", tiles);
    for (size_t i = 0; i < n && !p->t->failed; i++)
      arrput(column, v + (uint32_t)i * step);
  } while (text_accept(p->t, ','));
  if (arrlenu(column) != tiles)
    text_error(p->t, "%zu values for the %zu tiles of the class", arrlenu(column), tiles);
  return column;
}

// Columns come one after the other, [column][tile]; kept as [tile][column].
static void add_column(FabricClass *c, const uint32_t *column, size_t tiles)
{
  size_t old = arrlenu(c->const_values) / tiles;
  uint32_t *values = NULL;
  arrsetlen(values, tiles * (old + 1));
  for (size_t i = 0; i < tiles; i++) {
    for (size_t k = 0; k < old; k++)
      values[i * (old + 1) + k] = c->const_values[i * old + k];
    values[i * (old + 1) + old] = column[i];
  }
  arrfree(c->const_values);
  c->const_values = values;
}

static void parse_constants(FabricParser *p)
{
  text_expect_word(p->t, "class");
  uint32_t class = (uint32_t)text_number(p->t, 0, UINT32_MAX);
  if (class >= arrlenu(p->f->classes))
    text_error(p->t, "there is no class %u", class);
  text_expect(p->t, '$');
  uint32_t number = text_u32(p->t);
  size_t tiles = p->t->failed ? 0 : tiles_of(p->f, class);
  if (!p->t->failed && (tiles == 0 || number != arrlenu(p->f->classes[class].const_values) / tiles))
    text_error(p->t, "the constants of a class are numbered from 0 without gaps");
  if (p->t->failed)
    return;
  uint32_t *column = parse_column(p, tiles);
  if (!p->t->failed)
    add_column(&p->f->classes[class], column, tiles);
  arrfree(column);
}

// ---- exports and streams ----

static void parse_export(FabricParser *p)
{
  IrText *t = p->t;
  FabricExport e = {.kind = text_accept_word(t, "func")     ? EXPORT_FUNC
                            : text_accept_word(t, "stream") ? EXPORT_STREAM
                                                            : EXPORT_DATA};
  if (e.kind == EXPORT_DATA)
    text_expect_word(t, "data");
  e.name = text_string(t, &p->f->arena);
  text_expect_word(t, "type");
  e.type = text_string(t, &p->f->arena);
  if (text_accept_word(t, "params"))
    do
      arrput(e.param_types, text_string(t, &p->f->arena));
    while (text_accept(t, ','));
  if (text_accept_word(t, "symbol"))
    e.symbol = text_string(t, &p->f->arena);
  e.mutable_ = text_accept_word(t, "mutable");
  arrput(p->f->exports, e);
}

static void parse_stream(FabricParser *p)
{
  text_expect_word(p->t, "color");
  FabricStream s = {.color = (uint8_t)text_number(p->t, 0, MAX_COLORS - 1)};
  s.to_host = text_accept_word(p->t, "to-host");
  if (!s.to_host)
    text_expect_word(p->t, "from-host");
  if (p->t->tok.kind == TEXT_STRING)
    s.name = text_string(p->t, &p->f->arena);
  arrput(p->f->streams, s);
}

// ---- module ----

// Every item: the word and the function parse_WORD.
// clang-format off
#define ITEMS(X) \
  X(rectangle) X(channels) X(source) X(param) X(colorparam) X(class) X(routes) X(place) \
  X(constants) X(export) X(stream)
// clang-format on

static void parse_item(FabricParser *p)
{
#define WORD(word) #word,
#define FUNCTION(word) parse_##word,
  static const char *const words[] = {ITEMS(WORD) NULL};
  static void (*const functions[])(FabricParser *) = {ITEMS(FUNCTION)};
#undef WORD
#undef FUNCTION
  int i = text_item(p->t, words);
  if (i >= 0)
    functions[i](p);
}

static FabricModule *parse_module(IrText *t)
{
  IrHeader header = ir_header_parse(t);
  if (t->failed)
    return NULL;
  FabricModule *f = fir_new(header.arch, header.compat);
  f->fp16 = header.fp16;
  FabricParser p = {.t = t, .f = f};
  text_expect(t, '{');
  while (!text_is(t, '}') && t->tok.kind != TEXT_END)
    parse_item(&p);
  text_expect(t, '}');
  // Until here positions are those of the IR text, which is what messages of the verifier should
  // point at.
  if (!t->failed && !fir_verify(f, t->diags))
    text_fail(t);
  if (!t->failed)
    text_resolve_files(t);
  for (size_t i = 0; i < arrlenu(f->route_sets); i++)
    f->route_sets[i].pos = text_resolve(t, f->route_sets[i].pos);
  arrfree(p.has_class);
  arrfree(p.has_routes);
  return f;
}

FabricModule *fir_parse(const SrcFile *file, Sources *sources, Diags *diags)
{
  IrText t;
  FabricModule *f = NULL;
  text_start(&t, file, sources, diags);
  while (t.tok.kind != TEXT_END && !f) {
    if (text_accept_word(&t, "fabric")) {
      f = parse_module(&t);
    } else {
      text_expect_word(&t, "tile");
      text_skip_module(&t);
    }
  }
  if (!t.failed && !f)
    text_error(&t, "no fabric module in this text");
  if (t.failed) {
    fir_free(f);
    f = NULL;
  }
  text_end(&t);
  return f;
}
