// Registers of routers: routes, switches, filters and teardown, rewritten while the program runs
// (libraries 14.1 to 14.4, machine 3.8). Layouts are in target/registers.def.
#include "emulator/router.h"
#include <stb/stb_ds.h>

enum { RAMP_MASK = (1 << DIR_COUNT) - 1 - DIR_BIT(DIR_HOST), NO_DIRECTION = 5 };

// ---- the route of one channel ----

// A colour whose route is changed gets one of its own; the others of its route set keep theirs.
static Route *own_route(Emu *e, uint32_t tile, unsigned color, Channel **out)
{
  Fabric *f = e->fabric;
  Channel *c = fab_any_channel(e, tile, color);
  *out = c;
  if (!c->own_route) {
    Route r = {.valid = {true}};
    if (c->route != NO_ROUTE)
      r = f->routes[c->route];
    c->route = (uint32_t)arrlen(f->routes);
    c->own_route = true;
    arrput(f->routes, r);
  }
  return &f->routes[c->route];
}

// The route as it is, or an empty one.
static Route present_route(Emu *e, uint32_t tile, unsigned color, const Channel **out)
{
  const Channel *c = fab_any_channel(e, tile, color);
  *out = c;
  return c->route == NO_ROUTE ? (Route){.valid = {true}} : e->fabric->routes[c->route];
}

// What waited may go on with the new route.
static void changed(Emu *e, uint32_t tile, Channel *c, Route *r)
{
  route_expand(r);
  if (!r->valid[c->position])
    c->position = 0;
  if (c->occupied)
    sched_at(e, e->now, PHASE_LINK, tile);
}

// ---- colour registers ----

static uint32_t read_color(const Route *r, const Channel *c)
{
  return FIELD_PUT(r->tx[0], color_tx) | FIELD_PUT(r->rx[0], color_rx) |
         FIELD_PUT(r->swap_y, color_swap_y) | FIELD_PUT(r->swap_x, color_swap_x) |
         FIELD_PUT(r->pop, color_pop) | FIELD_PUT(c->teardown, color_teardown);
}

// The link to the host port is not in the register: it stays as it is.
static uint8_t with_host(uint8_t old, uint32_t dirs)
{
  return (uint8_t)((old & DIR_BIT(DIR_HOST)) | dirs);
}

static void write_color(Emu *e, uint32_t tile, Route *r, Channel *c, uint32_t value)
{
  r->tx[0] = with_host(r->tx[0], FIELD_GET(value, color_tx));
  r->rx[0] = with_host(r->rx[0], FIELD_GET(value, color_rx));
  r->swap_y = FIELD_GET(value, color_swap_y);
  r->swap_x = FIELD_GET(value, color_swap_x);
  r->pop = (PopMode)FIELD_GET(value, color_pop);
  c->teardown = FIELD_GET(value, color_teardown);
  if (!r->swap_x && !r->swap_y)
    return;
  if (e->arch->color_swap)
    e->fabric->swaps = true;
  else
    emu_fault(e, tile, FAULT_UNSUPPORTED, e->place, "colour swap does not exist on %s",
              e->arch->name);
}

// ---- switch registers with all positions in one word: a direction and its side each ----

typedef struct PackedPosition { // bits of one position in the register
  uint8_t at, side_at;
} PackedPosition;
static const PackedPosition packed[4] = {{0, 0},
                                         {FIELD_switch_pos1_AT, FIELD_switch_side1_AT},
                                         {FIELD_switch_pos2_AT, FIELD_switch_side2_AT},
                                         {FIELD_switch_pos3_AT, FIELD_switch_side3_AT}};

static uint32_t packed_value(const Route *r, unsigned k)
{
  bool input = !(r->inherits_rx >> k & 1);
  uint8_t dirs = (input ? r->rx[k] : r->tx[k]) & RAMP_MASK;
  uint32_t direction = r->valid[k] && dirs ? (uint32_t)__builtin_ctz(dirs) : NO_DIRECTION;
  return direction << packed[k].at | (uint32_t)input << packed[k].side_at;
}

static void set_packed(Route *r, unsigned k, uint32_t value)
{
  uint32_t mask = 7u << packed[k].at | 1u << packed[k].side_at;
  if ((value & mask) == packed_value(r, k)) // unchanged; it may hold more than the register shows
    return;
  uint32_t direction = value >> packed[k].at & 7;
  bool input = value >> packed[k].side_at & 1;
  uint8_t bit = (uint8_t)(1u << k), dirs = (uint8_t)(1u << direction);
  r->valid[k] = direction <= DIR_RAMP;
  r->inherits_rx = (uint8_t)(input ? r->inherits_rx & ~bit : r->inherits_rx | bit);
  r->inherits_tx = (uint8_t)(input ? r->inherits_tx | bit : r->inherits_tx & ~bit);
  *(input ? &r->rx[k] : &r->tx[k]) = dirs;
}

static uint32_t read_switch(const Emu *e, const Route *r, const Channel *c)
{
  uint32_t value = FIELD_PUT(r->ring, switch_ring) | FIELD_PUT(c->position, switch_current);
  for (unsigned k = 1; k < 4 && !e->arch->switch_two_sided; k++)
    value |= packed_value(r, k);
  return value;
}

static void write_switch(const Emu *e, Route *r, Channel *c, uint32_t value)
{
  r->ring = FIELD_GET(value, switch_ring);
  c->position = FIELD_GET(value, switch_current);
  for (unsigned k = 1; k < 4 && !e->arch->switch_two_sided; k++)
    set_packed(r, k, value);
}

// ---- switch registers of one position: both sides ----

static uint32_t read_position(const Route *r, unsigned k)
{
  uint32_t rx = r->inherits_rx >> k & 1 ? 0 : r->rx[k];
  uint32_t tx = r->inherits_tx >> k & 1 ? 0 : r->tx[k];
  return r->valid[k] ? FIELD_PUT(rx, switch_pos1_rx) | FIELD_PUT(tx, switch_pos1_tx) : 0;
}

static void write_position(Route *r, unsigned k, uint32_t value)
{
  uint8_t rx = FIELD_GET(value, switch_pos1_rx), tx = FIELD_GET(value, switch_pos1_tx);
  uint8_t bit = (uint8_t)(1u << k);
  r->valid[k] = rx || tx;
  r->rx[k] = rx;
  r->tx[k] = tx;
  r->inherits_rx = (uint8_t)(rx ? r->inherits_rx & ~bit : r->inherits_rx | bit);
  r->inherits_tx = (uint8_t)(tx ? r->inherits_tx & ~bit : r->inherits_tx | bit);
}

// ---- dispatch ----

// Which position a register holds; 0 = none.
static unsigned position_of(RegisterId reg)
{
  return reg == REG_switch_pos1 ? 1 : reg == REG_switch_pos2 ? 2 : reg == REG_switch_pos3 ? 3 : 0;
}

static uint32_t take_pending(Emu *e, uint32_t tile, uint32_t index)
{
  uint32_t *pending = &router_at(e->fabric, tile)->pending_teardown;
  uint32_t value = *pending >> 16 * index & 0xffff;
  *pending &= ~(0xffffu << 16 * index);
  return value;
}

bool fab_register_read(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t *value)
{
  const Channel *c;
  if (reg == REG_teardown_pending) {
    *value = take_pending(e, tile, index);
    return true;
  }
  if (reg != REG_color && reg != REG_switch && !position_of(reg))
    return fab_filter_read(e, tile, reg, index, value);
  Route r = present_route(e, tile, index, &c);
  *value = reg == REG_color    ? read_color(&r, c)
           : reg == REG_switch ? read_switch(e, &r, c)
                               : read_position(&r, position_of(reg));
  return true;
}

static bool has_switch(Emu *e, uint32_t tile, uint32_t color)
{
  if (e->arch->switch_colors >> color & 1)
    return true;
  emu_fault(e, tile, FAULT_UNDEFINED, e->place, "colour %u has no switch on %s", color,
            e->arch->name);
  return false;
}

void fab_register_write(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t value)
{
  Channel *c;
  if (reg != REG_color && reg != REG_switch && !position_of(reg)) {
    fab_filter_write(e, tile, reg, index, value);
    return;
  }
  if (reg != REG_color && !has_switch(e, tile, index))
    return;
  Route *r = own_route(e, tile, index, &c);
  if (reg == REG_color)
    write_color(e, tile, r, c, value);
  else if (reg == REG_switch)
    write_switch(e, r, c, value);
  else
    write_position(r, position_of(reg), value);
  changed(e, tile, c, r);
}
