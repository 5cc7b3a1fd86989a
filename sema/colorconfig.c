// Colour configurations: from the struct values of the source to routes, switches and filters
// (language 11.3-11.6).
#include "sema/advice.h"
#include "sema/legacy.h"
#include "sema/ops.h"

enum { MASK_DIRS = 5, DIR_MASK = (1 << MASK_DIRS) - 1 };

// ---- directions ----
static bool add_direction(Ctx *cx, Node *at, Operand op, uint8_t *set)
{
  Value v;
  if (!sema_known(cx, at, op, T_DIRECTION, &v))
    return false;
  if (v.i < 0 || v.i > DIR_RAMP) {
    SEMA_ERROR(cx, at, int_range, "direction", v_int_text(cx->s, v), 0ll, (long long)DIR_RAMP);
    return false;
  }
  if (*set & DIR_BIT(v.i)) {
    SEMA_ERROR(cx, at, duplicate_direction, dir_name((Dir)v.i));
    return false;
  }
  *set |= DIR_BIT(v.i);
  return true;
}

// A direction, or a tuple or array of distinct ones.
static bool parse_directions(Ctx *cx, Node *at, Operand op, uint8_t *set)
{
  *set = 0;
  op = sema_load(cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (!type_is_aggregate(cx->s, op.type))
    return add_direction(cx, at, op, set);
  uint32_t n = type_info(cx->s, op.type)->count;
  for (uint32_t i = 0; i < n; i++)
    if (!add_direction(cx, at, sema_element(cx, at, &op, i), set))
      return false;
  return true;
}

static unsigned bits_in(uint8_t set)
{
  return (unsigned)__builtin_popcount(set);
}

static bool check_rx(Ctx *cx, Node *at, uint8_t rx)
{
  if (bits_in(rx) <= cx->s->arch->max_rx)
    return true;
  SEMA_ERROR(cx, at, too_many_inputs, cx->s->arch->max_rx);
  advise_one_input(cx, at);
  return false;
}

// One side of a route or switch position; *given tells whether the field is there.
static bool parse_side(const Config *c, const char *name, uint8_t *set, bool *given)
{
  Operand op;
  Node *at;
  *given = config_has(c, name, &op, &at);
  if (!*given)
    return true;
  return parse_directions(c->cx, at, op, set) && (name[0] != 'r' || check_rx(c->cx, at, *set));
}

// Is the field an integer bit mask (sdk-2.10 1.7)?
static bool is_mask(Ctx *cx, const Operand *op)
{
  return op->type == T_COMPTIME_INT || type_is_int(cx->s, op->type);
}

static bool parse_mask(Ctx *cx, Node *at, Operand op, uint8_t *rx, uint8_t *tx)
{
  Value v;
  if (!sema_known(cx, at, op, T_NONE, &v))
    return false;
  if (v.i < 0 || v.i >= 1 << 2 * MASK_DIRS) {
    SEMA_ERROR(cx, at, route_mask, v_int_text(cx->s, v));
    return false;
  }
  *tx = (uint8_t)(v.i & DIR_MASK);
  *rx = (uint8_t)(v.i >> MASK_DIRS);
  return check_rx(cx, at, *rx);
}

// ---- routes ----
static bool parse_pop_mode(const Config *c, Route *r)
{
  static const char *const modes[] = {"no_pop", "always_pop", "pop_on_advance",
                                      "pop_on_advance_nop", NULL};
  int mode = (int)r->pop;
  if (!config_choice(c, "pop_mode", modes, &mode))
    return false;
  r->pop = (PopMode)mode;
  return true;
}

static bool parse_swap(const Config *c, Route *r)
{
  if (!config_bool(c, "color_swap_x", &r->swap_x) || !config_bool(c, "color_swap_y", &r->swap_y))
    return false;
  if (!(r->swap_x || r->swap_y) || c->cx->s->arch->color_swap)
    return true;
  SEMA_ERROR(c->cx, c->at, no_color_swap, c->cx->s->arch->name);
  advise_no_swap(c->cx, c->at);
  return false;
}

static bool parse_route_struct(const Config *c, Route *r)
{
  static const char *const fields[] = {"rx",  "tx", "color_swap_x", "color_swap_y", "pop_mode",
                                       "p2p", NULL};
  Operand op;
  Node *at;
  bool given;
  if (!config_only(c, fields))
    return false;
  if (config_has(c, "pop_mode", &op, &at)) {
    SEMA_WARN(c->cx, at, pop_mode_in_routes);
    diag_note(c->cx->s->diags, node_range(at), "write .switches = .{ .pop_mode = … }");
  }
  if (config_has(c, "p2p", &op, &at)) {
    SEMA_ERROR(c->cx, at, not_supported, "routes.p2p (CE injection)");
    return false;
  }
  return parse_side(c, "rx", &r->rx[0], &given) && parse_side(c, "tx", &r->tx[0], &given) &&
         parse_swap(c, r) && parse_pop_mode(c, r);
}

static bool parse_routes(const Config *c, Route *r)
{
  Operand op;
  Node *at;
  r->valid[0] = true;
  if (!config_has(c, "routes", &op, &at)) {
    SEMA_ERROR(c->cx, c->at, routes_missing);
    return false;
  }
  if (is_mask(c->cx, &op))
    return parse_mask(c->cx, at, op, &r->rx[0], &r->tx[0]);
  Config sub;
  bool ok = true;
  return config_sub(c, "routes", &sub, &ok) && parse_route_struct(&sub, r);
}

// ---- switches ----
// A position changes one side of the valid position before it (programs that switch twice, first
// where wavelets go and then where they come from, depend on it); what it does not give stays as it
// was.
static void set_position(Route *r, unsigned k, uint8_t rx, uint8_t tx)
{
  uint8_t bit = (uint8_t)(1u << k);
  r->rx[k] = rx;
  r->tx[k] = tx;
  r->inherits_rx |= rx ? 0 : bit;
  r->inherits_tx |= tx ? 0 : bit;
}

// Wavelets come from one side in a position.
static bool check_position_rx(Ctx *cx, Node *at, uint8_t rx)
{
  if (bits_in(rx) <= 1)
    return true;
  SEMA_ERROR(cx, at, switch_rx_single);
  return false;
}

// Position 1..3 as a mask: one side, 0 = invalid.
static bool parse_position_mask(const Config *c, const char *name, Node *at, Operand op, Route *r,
                                unsigned k)
{
  uint8_t rx, tx;
  if (!parse_mask(c->cx, at, op, &rx, &tx) || !check_position_rx(c->cx, at, rx))
    return false;
  if (rx && tx && !c->cx->s->arch->switch_two_sided) {
    SEMA_ERROR(c->cx, at, switch_position,
               arena_printf(&c->cx->s->arena, "'%s' of the %s", name, c->what));
    return false;
  }
  r->valid[k] = rx || tx;
  if (r->valid[k])
    set_position(r, k, rx, tx);
  return true;
}

static bool parse_position_struct(const Config *c, Route *r, unsigned k)
{
  static const char *const fields[] = {"rx", "tx", "invalid", NULL};
  bool has_rx, has_tx, invalid = false;
  uint8_t rx = 0, tx = 0;
  Operand op;
  Node *at = c->at;
  if (!config_only(c, fields) || !parse_side(c, "rx", &rx, &has_rx) ||
      !parse_side(c, "tx", &tx, &has_tx) || !config_bool(c, "invalid", &invalid))
    return false;
  bool has_invalid = config_has(c, "invalid", &op, &at);
  bool both = has_rx && has_tx && c->cx->s->arch->switch_two_sided;
  if (has_rx + has_tx + has_invalid != 1 && !(both && !has_invalid)) {
    SEMA_ERROR(c->cx, c->at, switch_position, c->what);
    return false;
  }
  if (has_invalid && !invalid) {
    SEMA_ERROR(c->cx, at, switch_invalid_false);
    return false;
  }
  if (!check_position_rx(c->cx, c->at, rx))
    return false;
  r->valid[k] = !has_invalid;
  if (r->valid[k])
    set_position(r, k, rx, tx);
  return true;
}

static bool parse_position(const Config *c, Route *r, unsigned k)
{
  static const char *const names[] = {"", "pos1", "pos2", "pos3"};
  Operand op;
  Node *at;
  if (!config_has(c, names[k], &op, &at))
    return true;
  if (is_mask(c->cx, &op))
    return parse_position_mask(c, names[k], at, op, r, k);
  Config sub;
  bool ok = true;
  return config_sub(c, names[k], &sub, &ok) && parse_position_struct(&sub, r, k);
}

static bool check_switches(const Config *c, const Route *r, uint8_t color)
{
  bool any = r->valid[1] || r->valid[2] || r->valid[3];
  if (any && !(c->cx->s->arch->switch_colors >> color & 1)) {
    SEMA_ERROR(c->cx, c->at, no_switch_color, color, c->cx->s->arch->name);
    advise_switch_colors(c->cx, c->at);
    return false;
  }
  if (!r->valid[r->current]) {
    SEMA_ERROR(c->cx, c->at, switch_current_invalid, r->current);
    return false;
  }
  return true;
}

// The mode has two places, but one value.
static bool check_pop_once(const Config *c, const Config *switches)
{
  Operand op;
  Node *at;
  if (!config_has(c, "routes", &op, &at) || !type_is_struct(c->cx->s, op.type))
    return true;
  const Config routes = {c->cx, at, op, "routes"};
  if (!config_has(&routes, "pop_mode", &op, &at) || !config_has(switches, "pop_mode", &op, &at))
    return true;
  SEMA_ERROR(c->cx, at, pop_mode_twice);
  return false;
}

static bool parse_switches(const Config *c, uint8_t color, Route *r)
{
  static const char *const fields[] = {"pos1",      "pos2",     "pos3",      "current_switch_pos",
                                       "ring_mode", "pop_mode", "ce_inject", NULL};
  Config sub;
  bool ok = true;
  if (!config_sub(c, "switches", &sub, &ok))
    return ok;
  Operand op;
  Node *at;
  int64_t current = 0;
  if (!config_only(&sub, fields) || !check_pop_once(c, &sub))
    return false;
  if (config_has(&sub, "ce_inject", &op, &at)) {
    SEMA_ERROR(c->cx, at, not_supported, "switches.ce_inject (CE injection)");
    return false;
  }
  for (unsigned k = 1; k < 4; k++)
    if (!parse_position(&sub, r, k))
      return false;
  route_expand(r);
  if (!config_int(&sub, "current_switch_pos", 0, 3, &current) ||
      !config_bool(&sub, "ring_mode", &r->ring) || !parse_pop_mode(&sub, r))
    return false;
  r->current = (uint8_t)current;
  return check_switches(&sub, r, color);
}

// ---- filters ----
static bool filter_int(const Config *c, const char *name, uint16_t *out, bool *given)
{
  int64_t v = -1;
  if (!config_int(c, name, 0, UINT16_MAX, &v))
    return false;
  if (given)
    *given = v >= 0;
  if (v >= 0)
    *out = (uint16_t)v;
  return true;
}

static bool parse_counter(const Config *c, Filter *f)
{
  static const char *const counter[] = {"kind",           "count_data", "count_control",
                                        "init_counter",   "limit1",     "max_counter",
                                        "filter_control", "fast_mode",  NULL};
  static const char *const sparse[] = {"kind",   "count_data", "count_control", "init_counter",
                                       "limit1", "limit2",     "max_counter",   NULL};
  bool fast = false; // accepted by the machine's tools, without a documented meaning
  return config_only(c, f->kind == FILTER_COUNTER ? counter : sparse) &&
         config_bool(c, "fast_mode", &fast) && config_bool(c, "count_data", &f->count_data) &&
         config_bool(c, "count_control", &f->count_control) &&
         config_bool(c, "filter_control", &f->filter_control) &&
         filter_int(c, "init_counter", &f->init_counter, NULL) &&
         filter_int(c, "limit1", &f->limit1, &f->has_limit1) &&
         filter_int(c, "limit2", &f->limit2, &f->has_limit2) &&
         filter_int(c, "max_counter", &f->max_counter, NULL);
}

static bool parse_range(const Config *c, Filter *f)
{
  static const char *const fields[] = {"kind", "min_idx", "max_idx", NULL};
  f->limit2 = UINT16_MAX;
  return config_only(c, fields) && filter_int(c, "min_idx", &f->limit1, &f->has_limit1) &&
         filter_int(c, "max_idx", &f->limit2, &f->has_limit2);
}

static bool parse_filter(const Config *c, uint8_t color, Filter *f)
{
  static const char *const kinds[] = {"counter", "sparse_counter", "range", NULL};
  Config sub, kind;
  bool ok = true;
  if (!config_sub(c, "filter", &sub, &ok))
    return ok;
  if (!config_sub(&sub, "kind", &kind, &ok)) {
    if (ok)
      SEMA_ERROR(c->cx, sub.at, filter_kind_missing);
    return false;
  }
  int k = config_one_true(&kind, kinds);
  if (k < 0)
    return false;
  f->kind = (uint8_t)(FILTER_COUNTER + k);
  f->color = color;
  return f->kind == FILTER_RANGE ? parse_range(&sub, f) : parse_counter(&sub, f);
}

bool colorconfig_parse(Ctx *cx, Node *at, Operand op, uint8_t color, ColorConfig *out)
{
  static const char *const fields[] = {"routes", "switches", "filter", "teardown", NULL};
  Config c;
  *out = (ColorConfig){.color = color};
  return config_from(cx, at, op, "color configuration", &c) && legacy_flat_config(&c) &&
         config_only(&c, fields) && parse_routes(&c, &out->route) &&
         parse_switches(&c, color, &out->route) && parse_filter(&c, color, &out->filter) &&
         config_bool(&c, "teardown", &out->route.teardown);
}
