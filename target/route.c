// Route words and control payloads; formats in route.h.
#include "target/route.h"

enum {
  POS_BITS = 13,
  CURRENT = 51,
  RING = 53,
  POP = 54,
  TEARDOWN = 56,
  SWAP_X = 57,
  SWAP_Y = 58,
  FILTER = 59,
  SET = 62
};
#define FIELD(word, at, bits) ((uint32_t)((word) >> (at)) & ((1u << (bits)) - 1))

// Position 0 has no valid bit: it starts at bit 0 with rx 6, tx 6; the others follow at 12, 25, 38
// with v rx tx.
static unsigned position(unsigned k)
{
  return 12 + (k - 1) * POS_BITS;
}

static uint64_t own_side(uint8_t dirs, uint8_t inherits, unsigned k)
{
  return inherits >> k & 1 ? 0 : dirs & 63;
}

uint64_t route_encode(const Route *r)
{
  uint64_t w = (uint64_t)(r->rx[0] & 63) | (uint64_t)(r->tx[0] & 63) << 6;
  for (unsigned k = 1; k < 4; k++)
    if (r->valid[k])
      w |= (1ull | own_side(r->rx[k], r->inherits_rx, k) << 1 |
            own_side(r->tx[k], r->inherits_tx, k) << 7)
           << position(k);
  return w | (uint64_t)(r->current & 3) << CURRENT | (uint64_t)r->ring << RING |
         (uint64_t)r->pop << POP | (uint64_t)r->teardown << TEARDOWN |
         (uint64_t)r->swap_x << SWAP_X | (uint64_t)r->swap_y << SWAP_Y |
         (uint64_t)(r->filter & 7) << FILTER | 1ull << SET;
}

void route_expand(Route *r)
{
  unsigned before = 0;
  for (unsigned k = 1; k < 4; k++) {
    if (!r->valid[k])
      continue;
    if (r->inherits_rx >> k & 1)
      r->rx[k] = r->rx[before];
    if (r->inherits_tx >> k & 1)
      r->tx[k] = r->tx[before];
    before = k;
  }
}

bool route_decode(uint64_t w, Route *out)
{
  *out = (Route){0};
  if (w == 0)
    return true;
  out->rx[0] = (uint8_t)FIELD(w, 0, 6);
  out->tx[0] = (uint8_t)FIELD(w, 6, 6);
  out->valid[0] = true;
  for (unsigned k = 1; k < 4; k++) {
    unsigned at = position(k);
    out->valid[k] = FIELD(w, at, 1);
    out->rx[k] = (uint8_t)FIELD(w, at + 1, 6);
    out->tx[k] = (uint8_t)FIELD(w, at + 7, 6);
    if (!out->valid[k] && (out->rx[k] || out->tx[k]))
      return false;
    out->inherits_rx |= (uint8_t)((out->valid[k] && !out->rx[k]) << k);
    out->inherits_tx |= (uint8_t)((out->valid[k] && !out->tx[k]) << k);
  }
  route_expand(out);
  out->current = (uint8_t)FIELD(w, CURRENT, 2);
  out->ring = FIELD(w, RING, 1);
  out->pop = (PopMode)FIELD(w, POP, 2);
  out->teardown = FIELD(w, TEARDOWN, 1);
  out->swap_x = FIELD(w, SWAP_X, 1);
  out->swap_y = FIELD(w, SWAP_Y, 1);
  out->filter = (uint8_t)FIELD(w, FILTER, 3);
  return (w >> SET) == 1 && out->valid[out->current];
}

Dir dir_opposite(Dir d)
{
  static const Dir other[DIR_COUNT] = {DIR_EAST,  DIR_WEST, DIR_NORTH,
                                       DIR_SOUTH, DIR_RAMP, DIR_HOST};
  return other[d];
}

int dir_dx(Dir d)
{
  return d == DIR_EAST ? 1 : d == DIR_WEST ? -1 : 0;
}

int dir_dy(Dir d)
{
  return d == DIR_SOUTH ? 1 : d == DIR_NORTH ? -1 : 0;
}

const char *dir_name(Dir d)
{
  static const char *const names[DIR_COUNT] = {"WEST", "EAST", "SOUTH", "NORTH", "RAMP", "HOST"};
  return names[d];
}

void dirs_print(uint8_t set, const char *between, FILE *out)
{
  bool first = true;
  for (Dir d = 0; d < DIR_COUNT; d++)
    if (set & DIR_BIT(d)) {
      fprintf(out, "%s%s", first ? "" : between, dir_name(d));
      first = false;
    }
}

// Where the opcode and the ce_ignore bit of each command lie (language 12.6).
static const uint8_t opcode_bit[CTRL_COMMANDS] = {22, 25, 28, 1, 4, 7, 10, 13};
static const uint8_t ignore_bit[CTRL_COMMANDS] = {24, 27, 0, 3, 6, 9, 12, 15};

unsigned ctrl_opcode(uint32_t payload, unsigned k)
{
  return (payload >> opcode_bit[k]) & 3;
}

bool ctrl_ce_ignore(uint32_t payload, unsigned k)
{
  return (payload >> ignore_bit[k]) & 1;
}

unsigned ctrl_entry(uint32_t payload)
{
  return (payload >> 16) & 63;
}

uint32_t ctrl_pop(uint32_t payload)
{
  uint32_t out = payload & 0xc03f0000u; // entry point and the two bits that are no commands
  for (unsigned k = 0; k + 1 < CTRL_COMMANDS; k++) {
    out |= ctrl_opcode(payload, k + 1) << opcode_bit[k];
    out |= (uint32_t)ctrl_ce_ignore(payload, k + 1) << ignore_bit[k];
  }
  return out | 1u << ignore_bit[CTRL_COMMANDS - 1];
}
