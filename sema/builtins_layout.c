// Builtins of the layout: rectangle, tile programs, colour configurations (language 11, 15.2).
//
// Tiles are never records. A tile's colours are the number of a set; adding a colour is one look-up
// of the transition (set, configuration) -> set, and one store into a column.
#include "sema/ops.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static void *column(size_t tiles, size_t size)
{
  void *p = mem_zeroed(tiles ? tiles : 1, size);
  return p;
}

void layout_begin(Ctx *cx)
{
  OpsLayout *l = ARENA_NEW(&cx->s->arena, OpsLayout);
  arrput(l->sets, ((LayoutSet){0}));
  cx->s->ops = l;
}

// ---- sets of colour configurations ----
static uint32_t config_number(OpsLayout *l, const ColorConfig *c)
{
  ConfigKey key;
  memset(&key, 0, sizeof key); // padding takes part in the comparison
  key.route = route_encode(&c->route);
  key.color = c->color;
  key.filter.kind = c->filter.kind;
  key.filter.color = c->filter.color;
  key.filter.count_data = c->filter.count_data;
  key.filter.count_control = c->filter.count_control;
  key.filter.filter_control = c->filter.filter_control;
  key.filter.has_limit1 = c->filter.has_limit1;
  key.filter.has_limit2 = c->filter.has_limit2;
  key.filter.init_counter = c->filter.init_counter;
  key.filter.limit1 = c->filter.limit1;
  key.filter.limit2 = c->filter.limit2;
  key.filter.max_counter = c->filter.max_counter;
  ptrdiff_t at = hmgeti(l->config_index, key);
  if (at >= 0)
    return l->config_index[at].value;
  uint32_t number = (uint32_t)arrlen(l->configs);
  arrput(l->configs, *c);
  hmput(l->config_index, key, number);
  return number;
}

static const LayoutMember *find_color(const OpsLayout *l, uint32_t set, uint8_t color)
{
  const LayoutMember *m = l->sets[set].members;
  for (ptrdiff_t i = 0; i < arrlen(m); i++)
    if (l->configs[m[i].config].color == color)
      return &m[i];
  return NULL;
}

static uint32_t extend_set(OpsLayout *l, uint32_t set, uint32_t config, SrcRange where)
{
  LayoutSet next = {.pos = where.begin};
  const LayoutMember *old = l->sets[set].members;
  for (ptrdiff_t i = 0; i < arrlen(old); i++)
    arrput(next.members, old[i]);
  arrput(next.members, ((LayoutMember){config, where}));
  arrput(l->sets, next);
  return (uint32_t)arrlen(l->sets) - 1;
}

static void add_config(Ctx *cx, Node *call, uint32_t x, uint32_t y, uint32_t config)
{
  OpsLayout *l = cx->s->ops;
  uint32_t *set = &l->tile_set[(size_t)y * cx->s->fabric->width + x];
  uint64_t key = (uint64_t)*set << 32 | config;
  ptrdiff_t at = hmgeti(l->transitions, key);
  if (at >= 0) {
    *set = l->transitions[at].value;
    return;
  }
  uint8_t color = l->configs[config].color;
  const LayoutMember *twice = find_color(l, *set, color);
  if (twice) {
    SEMA_ERROR(cx, call, color_twice, color, x, y);
    diag_note(cx->s->diags, twice->where, "it was configured here");
    return;
  }
  uint32_t next = extend_set(l, *set, config, node_range(call));
  hmput(l->transitions, key, next);
  *set = next;
}

// ---- tiles ----
static bool in_rectangle(Ctx *cx, Node *call, uint32_t x, uint32_t y)
{
  const FabricModule *f = cx->s->fabric;
  if (x < f->width && y < f->height)
    return true;
  SEMA_ERROR(cx, call, tile_outside, x, y, f->width, f->height);
  diag_note(cx->s->diags, cx->s->ops->rectangle, "the rectangle is set here");
  return false;
}

static void add_code(Ctx *cx, Node *call, const LayoutPending *p)
{
  OpsLayout *l = cx->s->ops;
  SrcPos *coded = &l->coded[(size_t)p->y * cx->s->fabric->width + p->x];
  if (*coded) {
    SEMA_ERROR(cx, call, tile_code_twice, p->x, p->y);
    diag_note(cx->s->diags, (SrcRange){*coded, *coded + 1}, "it was given one here");
    return;
  }
  *coded = node_range(call).begin;
  sema_add_tile(cx, call, p->x, p->y, p->file, p->bindings);
}

static void apply(Ctx *cx, const LayoutPending *p)
{
  if (!in_rectangle(cx, p->call, p->x, p->y))
    return;
  if (p->file)
    add_code(cx, p->call, p);
  else
    add_config(cx, p->call, p->x, p->y, p->config);
}

static void apply_or_wait(Ctx *cx, const LayoutPending *p)
{
  if (cx->s->ops->has_rectangle)
    apply(cx, p);
  else
    arrput(cx->s->ops->pending, *p);
}

static bool tile_arguments(Ctx *cx, Node *call, LayoutPending *p)
{
  int64_t x, y;
  if (!sema_comptime_int(cx, call->list[0], 0, UINT16_MAX, "tile column", &x) ||
      !sema_comptime_int(cx, call->list[1], 0, UINT16_MAX, "tile row", &y))
    return false;
  *p = (LayoutPending){.call = call, .x = (uint32_t)x, .y = (uint32_t)y};
  return true;
}

Operand bi_set_rectangle(Ctx *cx, Node *call)
{
  OpsLayout *l = cx->s->ops;
  int64_t w, h;
  if (!sema_comptime_int(cx, call->list[0], 1, UINT16_MAX, "width of the rectangle", &w) ||
      !sema_comptime_int(cx, call->list[1], 1, UINT16_MAX, "height of the rectangle", &h))
    return op_error();
  if (l->has_rectangle) {
    SEMA_ERROR(cx, call, rectangle_twice);
    diag_note(cx->s->diags, l->rectangle, "the first call is here");
    return op_error();
  }
  if (w * h > UINT32_MAX / 64)
    return SEMA_ERROR(cx, call, rectangle_too_large, (uint32_t)w, (uint32_t)h,
                      cx->s->arch->fabric_width, cx->s->arch->fabric_height);
  fir_set_rectangle(cx->s->fabric, (uint32_t)w, (uint32_t)h);
  size_t tiles = (size_t)w * (size_t)h;
  l->tile_set = column(tiles, sizeof *l->tile_set);
  l->coded = column(tiles, sizeof *l->coded);
  l->rectangle = node_range(call);
  l->has_rectangle = true;
  for (ptrdiff_t i = 0; i < arrlen(l->pending); i++)
    apply(cx, &l->pending[i]);
  arrfree(l->pending);
  return op_void();
}

// File of a tile program; looked for once per name and place.
static FileInfo *tile_file(Ctx *cx, Node *n, Name path)
{
  OpsLayout *l = cx->s->ops;
  FileKey key;
  memset(&key, 0, sizeof key);
  key.from = sema_current_file(cx);
  key.path = path;
  ptrdiff_t at = hmgeti(l->files, key);
  if (at >= 0)
    return l->files[at].value;
  FileInfo *f = sema_find_file(cx, n, path);
  if (f)
    hmput(l->files, key, f);
  return f;
}

Operand bi_set_tile_code(Ctx *cx, Node *call)
{
  LayoutPending p;
  Name path;
  if (!tile_arguments(cx, call, &p))
    return op_error();
  p.file = sema_current_file(cx);
  if (call->count > 2) {
    if (!sema_comptime_string(cx, call->list[2], &path))
      return op_error();
    p.file = tile_file(cx, call->list[2], path);
  }
  if (!p.file || (call->count > 3 && !sema_comptime(cx, call->list[3], T_NONE, &p.bindings)))
    return op_error();
  if (call->count > 3 && !type_is_struct(cx->s, p.bindings.type))
    return SEMA_ERROR(cx, call->list[3], config_not_struct, "tile parameters",
                      type_name(cx->s, p.bindings.type));
  apply_or_wait(cx, &p);
  return op_void();
}

// ---- colour configurations ----
// A routable colour number; false after a report.
static bool color_argument(Ctx *cx, Node *n, uint8_t *color)
{
  Value v;
  if (!sema_comptime(cx, n, T_COLOR, &v))
    return false;
  if (v.i < 0 || v.i >= cx->s->arch->colors) {
    SEMA_ERROR(cx, n, color_not_routable, (long long)v.i, cx->s->arch->colors - 1);
    return false;
  }
  if (cx->s->fabric->memcpy && v.i >= MEMCPY_FIRST_COLOR && v.i <= MEMCPY_LAST_COLOR) {
    SEMA_ERROR(cx, n, color_of_memcpy, (long long)v.i);
    return false;
  }
  *color = (uint8_t)v.i;
  return true;
}

// The same few values come again for every tile: each is parsed once.
static bool parse_once(Ctx *cx, Node *n, uint8_t color, uint32_t *number)
{
  OpsLayout *l = cx->s->ops;
  Operand op = sema_load(cx, n, sema_expr(cx, n, T_NONE));
  ColorConfig config;
  Value v;
  if (op.kind == OPK_ERROR)
    return false;
  bool known = sema_is_known(cx, op, &v);
  uint64_t hash = known ? v_hash(cx->s, v) * 31 + color : 0;
  ptrdiff_t at = known ? hmgeti(l->parsed, hash) : -1;
  if (at >= 0 && l->parsed[at].value.color == color &&
      v_equal(cx->s, l->parsed[at].value.value, v)) {
    *number = l->parsed[at].value.config;
    return true;
  }
  if (!colorconfig_parse(cx, n, op, color, &config))
    return false;
  *number = config_number(l, &config);
  if (known)
    hmput(l->parsed, hash, ((ParsedConfig){v, color, *number}));
  return true;
}

Operand bi_set_color_config(Ctx *cx, Node *call)
{
  LayoutPending p;
  uint8_t color;
  if (!tile_arguments(cx, call, &p) || !color_argument(cx, call->list[2], &color) ||
      !parse_once(cx, call->list[3], color, &p.config))
    return op_error();
  apply_or_wait(cx, &p);
  return op_void();
}

Operand bi_set_local_color_config(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  LocalConfig local = {.where = node_range(call)};
  uint8_t color;
  if (!t || !color_argument(cx, call->list[0], &color) ||
      !colorconfig_parse(cx, call->list[1], sema_expr(cx, call->list[1], T_NONE), color,
                         &local.config))
    return op_error();
  for (ptrdiff_t i = 0; i < arrlen(t->configs); i++) {
    if (t->configs[i].config.color != color)
      continue;
    SEMA_ERROR(cx, call, color_twice_local, color);
    diag_note(cx->s->diags, t->configs[i].where, "it was configured here");
    return op_error();
  }
  arrput(t->configs, local);
  return op_void();
}

static bool has_filter(const OpsLayout *l, uint32_t set, uint8_t color)
{
  const LayoutMember *m = find_color(l, set, color);
  return m && l->configs[m->config].filter.kind != FILTER_NONE;
}

// Colours with filters on tiles where `color` has one too, a bit each.
static uint32_t filter_neighbours(const OpsLayout *l, uint8_t color)
{
  uint32_t all = 0;
  for (uint32_t set = 1; set < arrlenu(l->sets); set++)
    for (uint8_t c = 0; c < MAX_COLORS && has_filter(l, set, color); c++)
      all |= (uint32_t)(c != color && has_filter(l, set, c)) << c;
  return all;
}

// One number per colour for the whole layout, so that programs can name filters whatever tile they
// run on: the lowest that no colour of a common tile has. False: there are too many for that.
static bool number_colors(const Arch *arch, OpsLayout *l)
{
  for (uint8_t color = 0; color < MAX_COLORS; color++) {
    uint32_t taken = 0, near = filter_neighbours(l, color);
    for (uint8_t c = 0; c < color; c++)
      taken |= near >> c & 1 ? 1u << l->filter_number[c] : 0;
    l->filter_number[color] = (uint8_t)__builtin_ctz(~taken);
    if (l->filter_number[color] >= arch->filters)
      return false;
  }
  return true;
}

// The layout is complete when the first program asks.
static bool filters_by_color(Sema *s)
{
  OpsLayout *l = s->ops;
  if (l->filter_numbering == FILTERS_OPEN)
    l->filter_numbering = number_colors(s->arch, l) ? FILTERS_BY_COLOR : FILTERS_BY_TILE;
  return l->filter_numbering == FILTERS_BY_COLOR;
}

// Number of the filter of `color` in a set; where colours have none of their own, filters are
// counted in the order of colours. -1: none.
static int filter_in_set(Sema *s, uint32_t set, uint8_t color)
{
  const OpsLayout *l = s->ops;
  if (!has_filter(l, set, color))
    return -1;
  if (filters_by_color(s))
    return l->filter_number[color];
  int number = 0;
  for (uint8_t c = 0; c < color; c++)
    number += has_filter(l, set, c);
  return number;
}

// Filters that a program gives itself are counted from the last one down, so that their numbers do
// not depend on what the layout does. -1: none.
static int local_filter(Ctx *cx, const OpsTile *t, uint8_t color)
{
  int number = (int)cx->s->arch->filters;
  for (ptrdiff_t i = 0; i < arrlen(t->configs); i++) {
    if (t->configs[i].config.filter.kind == FILTER_NONE)
      continue;
    number--;
    if (t->configs[i].config.color == color)
      return number;
  }
  return -1;
}

Operand bi_get_filter_id(Ctx *cx, Node *call)
{
  Value color;
  OpsTile *t = ops_tile(cx, call);
  if (!t || !sema_comptime(cx, call->list[0], T_COLOR, &color))
    return op_error();
  const OpsLayout *l = cx->s->ops;
  int found = local_filter(cx, t, (uint8_t)color.i);
  size_t n;
  const uint32_t *tiles = sema_current_tiles(cx->s, &n);
  for (size_t i = 0; i < n; i++) {
    uint32_t set = l->tile_set[tiles[i]];
    if (i && set == l->tile_set[tiles[i - 1]])
      continue;
    int number = filter_in_set(cx->s, set, (uint8_t)color.i);
    if (number >= 0 && found >= 0 && number != found)
      return SEMA_ERROR(cx, call, filter_not_unique, (long long)color.i);
    if (number >= 0)
      found = number;
  }
  if (found < 0)
    return SEMA_ERROR(cx, call, no_filter, (long long)color.i);
  return op_value(v_int(T_U16, found));
}

// ---- what the program learns ----
static Value size_struct(Sema *s, uint32_t width, uint32_t height)
{
  Name names[2] = {names_cstr(s->names, "width"), names_cstr(s->names, "height")};
  Type types[2] = {T_U16, T_U16};
  Value v[2] = {v_int(T_U16, width), v_int(T_U16, height)};
  return v_aggregate(s, type_anon(s, names, types, 2), v, 2);
}

Operand bi_get_rectangle(Ctx *cx, Node *call)
{
  Sema *s = cx->s;
  if (!s->ops->has_rectangle)
    return SEMA_ERROR(cx, call, rectangle_not_set);
  fir_place(s->fabric, &s->opt->place);
  const FabricModule *f = s->fabric;
  Value program = size_struct(s, f->width, f->height);
  Value v[4] = {v_element(s, program, 0), v_element(s, program, 1),
                size_struct(s, f->fabric_width, f->fabric_height),
                size_struct(s, f->offset_x, f->offset_y)};
  Name names[4] = {names_cstr(s->names, "width"), names_cstr(s->names, "height"),
                   names_cstr(s->names, "fabric"), names_cstr(s->names, "offsets")};
  Type types[4] = {T_U16, T_U16, v[2].type, v[3].type};
  return op_value(v_aggregate(s, type_anon(s, names, types, 4), v, 4));
}

// ---- the end of the layout ----
static bool check_coded(Ctx *cx)
{
  const FabricModule *f = cx->s->fabric;
  const OpsLayout *l = cx->s->ops;
  uint32_t missing = 0;
  size_t first = 0, tiles = (size_t)f->width * f->height;
  for (size_t i = tiles; i-- > 0;) {
    if (l->coded[i])
      continue;
    first = i;
    missing++;
  }
  if (!missing)
    return true;
  uint32_t x = (uint32_t)(first % f->width), y = (uint32_t)(first / f->width);
  DIAG_AT(cx->s->diags, tile_without_code, sema_layout_range(cx), x, y, missing, (uint32_t)tiles);
  diag_note(cx->s->diags, l->rectangle,
            "every tile of this rectangle needs one call, such as "
            "@set_tile_code(%u, %u, \"pe.csl\");",
            x, y);
  return false;
}

static bool check_fit(Ctx *cx)
{
  const FabricModule *f = cx->s->fabric;
  SrcRange at = cx->s->ops->rectangle;
  if (f->fabric_width > cx->s->arch->fabric_width || f->fabric_height > cx->s->arch->fabric_height)
    DIAG_AT(cx->s->diags, fabric_too_large, at, f->fabric_width, f->fabric_height,
            cx->s->arch->name, cx->s->arch->fabric_width, cx->s->arch->fabric_height);
  if (f->offset_x + f->width <= f->fabric_width && f->offset_y + f->height <= f->fabric_height)
    return true;
  DIAG_AT(cx->s->diags, rectangle_does_not_fit, at, f->width, f->height, f->offset_x, f->offset_y,
          f->fabric_width, f->fabric_height);
  return false;
}

// Streaming colours are routed by the toolchain alone.
static bool check_streams(Ctx *cx)
{
  const OpsLayout *l = cx->s->ops;
  bool ok = true;
  for (ptrdiff_t i = 0; i < arrlen(cx->s->fabric->streams); i++) {
    uint8_t color = cx->s->fabric->streams[i].color;
    for (uint32_t set = 1; set < arrlenu(l->sets); set++) {
      const LayoutMember *m = find_color(l, set, color);
      if (!m)
        continue;
      DIAG_AT(cx->s->diags, color_of_stream, m->where, color);
      ok = false;
      break;
    }
  }
  return ok;
}

bool layout_end(Ctx *cx)
{
  if (!cx->s->ops->has_rectangle) {
    DIAG_AT(cx->s->diags, no_rectangle, sema_layout_range(cx));
    diag_note(cx->s->diags, (SrcRange){0, 0}, "write @set_rectangle(width, height); in it");
    return false;
  }
  fir_place(cx->s->fabric, &cx->s->opt->place);
  bool ok = check_coded(cx);
  ok &= check_fit(cx);
  return check_streams(cx) && ok;
}

// ---- tiles whose program is known ----
static int by_color(const void *a, const void *b)
{
  return (int)((const ColorConfig *)a)->color - (int)((const ColorConfig *)b)->color;
}

// Filter numbers: the layout's from 0 up, the program's own from the last one down. *taken: those
// of the layout, a bit each.
static bool number_filters(Sema *s, ColorConfig *configs, uint32_t n, uint32_t *taken,
                           SrcRange where)
{
  uint32_t count = 0;
  qsort(configs, n, sizeof *configs, by_color);
  for (uint32_t i = 0; i < n; i++) {
    if (configs[i].filter.kind == FILTER_NONE)
      continue;
    uint32_t number = filters_by_color(s) ? s->ops->filter_number[configs[i].color] : count;
    configs[i].route.filter = (uint8_t)(number + 1);
    *taken |= 1u << number;
    count++;
  }
  if (count <= s->arch->filters)
    return true;
  DIAG_AT(s->diags, too_many_filters, where, count, s->arch->filters);
  return false;
}

static bool number_local_filters(Sema *s, ColorConfig *configs, uint32_t n, uint32_t taken,
                                 SrcRange where)
{
  uint32_t number = s->arch->filters;
  for (uint32_t i = 0; i < n; i++)
    if (configs[i].filter.kind != FILTER_NONE) {
      if (number == 0 || taken >> (number - 1) & 1) {
        DIAG_AT(s->diags, too_many_filters, where, s->arch->filters + 1, s->arch->filters);
        return false;
      }
      configs[i].route.filter = (uint8_t)number--;
    }
  return true;
}

static bool check_local(Sema *s, const OpsLayout *l, uint32_t set, const LocalConfig *local,
                        uint32_t x, uint32_t y)
{
  const LayoutMember *twice = find_color(l, set, local->config.color);
  for (ptrdiff_t i = 0; i < arrlen(s->fabric->streams); i++)
    if (s->fabric->streams[i].color == local->config.color) {
      DIAG_AT(s->diags, color_of_stream, local->where, local->config.color);
      return false;
    }
  if (!twice)
    return true;
  DIAG_AT(s->diags, color_twice, local->where, local->config.color, x, y);
  diag_note(s->diags, twice->where, "it was configured here");
  return false;
}

// The route set of a tile with layout set `set` that runs program `t`.
static uint32_t finish_set(Sema *s, const OpsTile *t, uint32_t set, uint32_t x, uint32_t y)
{
  const OpsLayout *l = s->ops;
  ColorConfig *all = NULL;
  uint32_t number = 0, from_layout, taken = 0;
  SrcRange where = {0, 0};
  bool ok = true;
  for (ptrdiff_t i = 0; i < arrlen(l->sets[set].members); i++) {
    arrput(all, l->configs[l->sets[set].members[i].config]);
    where = l->sets[set].members[i].where;
    arrlast(all).pos = where.begin;
  }
  from_layout = (uint32_t)arrlen(all);
  if (from_layout)
    ok = number_filters(s, all, from_layout, &taken, where);
  for (ptrdiff_t i = 0; i < arrlen(t->configs); i++) {
    ok &= check_local(s, l, set, &t->configs[i], x, y);
    arrput(all, t->configs[i].config);
    where = t->configs[i].where;
    arrlast(all).pos = where.begin;
  }
  uint32_t own = (uint32_t)arrlen(all) - from_layout;
  if (own)
    ok &= number_local_filters(s, all + from_layout, own, taken, where);
  if (ok)
    number = fir_route_set(s->fabric, all, (uint32_t)arrlen(all), where.begin);
  arrfree(all);
  return number;
}

void program_place(Sema *s, TileProgram *t, const uint32_t *tiles, uint32_t n)
{
  struct {
    uint32_t key, value;
  } *done = NULL;
  const FabricModule *f = s->fabric;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t set = s->ops->tile_set[tiles[i]];
    ptrdiff_t at = hmgeti(done, set);
    uint32_t number = at >= 0
                          ? done[at].value
                          : finish_set(s, t->ops, set, tiles[i] % f->width, tiles[i] / f->width);
    if (at < 0)
      hmput(done, set, number);
    f->tile_routes[tiles[i]] = number;
  }
  hmfree(done);
}

void ops_free(Sema *s)
{
  OpsLayout *l = s->ops;
  if (!l)
    return;
  for (ptrdiff_t i = 0; i < arrlen(l->sets); i++)
    arrfree(l->sets[i].members);
  arrfree(l->sets);
  arrfree(l->configs);
  hmfree(l->config_index);
  hmfree(l->parsed);
  hmfree(l->files);
  hmfree(l->transitions);
  arrfree(l->pending);
  arrfree(l->export_types);
  arrfree(l->export_where);
  for (ptrdiff_t i = 0; i < arrlen(l->programs); i++) {
    arrfree(l->programs[i]->configs);
    arrfree(l->programs[i]->exports);
    arrfree(l->programs[i]->words);
    arrfree(l->programs[i]->handlers);
    arrfree(l->programs[i]->fifo_tasks);
    arrfree(l->programs[i]->late_tasks);
  }
  arrfree(l->programs);
  free(l->tile_set);
  free(l->coded);
  s->ops = NULL;
}
