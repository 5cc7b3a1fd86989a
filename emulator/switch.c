// Switches: positions of a colour's route on one tile, moved by control wavelets (machine 3.5, 3.6;
// language 11.5).
#include "emulator/router.h"

bool fab_switch_advance(const Fabric *f, Channel *c)
{
  const Route *r = channel_route(f, c);
  uint8_t next = c->position;
  for (uint8_t k = c->position + 1u; k < 4 && next == c->position; k++)
    if (r->valid[k])
      next = k;
  if (next == c->position && r->ring)
    next = 0;
  bool changed = next != c->position;
  c->position = next;
  return changed;
}

static bool pops(PopMode mode, bool changed, unsigned opcode)
{
  switch (mode) {
  case POP_NONE: return false;
  case POP_ALWAYS: return true;
  case POP_ON_ADVANCE: return changed;
  case POP_ON_ADVANCE_NOP: return changed || opcode == CTRL_NOP;
  }
  return false;
}

static void enter_teardown(Emu *e, uint32_t tile, Channel *c)
{
  uint32_t cls = e->tiles[tile].cls;
  c->teardown = true;
  router_at(e->fabric, tile)->pending_teardown |= 1u << c->color;
  // A program without a handler leaves the colour held; the wait-for report says so when that
  // matters.
  if (cls != NO_CLASS && e->classes[cls].local_entry[TASK_ID_TEARDOWN])
    task_activate(e, tile, TASK_ID_TEARDOWN);
}

uint32_t fab_switch_command(Emu *e, uint32_t tile, Channel *c, uint32_t payload)
{
  unsigned opcode = ctrl_opcode(payload, 0);
  bool changed = false;
  if (opcode == CTRL_SWITCH_ADV)
    changed = fab_switch_advance(e->fabric, c);
  else if (opcode == CTRL_SWITCH_RST) {
    changed = c->position != 0;
    c->position = 0;
  } else if (opcode == CTRL_TEARDOWN)
    enter_teardown(e, tile, c);
  PopMode mode = channel_route(e->fabric, c)->pop;
  return pops(mode, changed, opcode) ? ctrl_pop(payload) : payload;
}
