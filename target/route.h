// Route words: what one router does with one colour, in 64 bits, as stored in the image's tile
// table.
//
//   bit  0      12      25      38      51     53     54     56       57     58     59     62
//       +-------+-------+-------+-------+------+------+------+--------+------+------+------+----+
//       | pos 0 | pos 1 | pos 2 | pos 3 | cur  | ring | pop  |teardown|swap x|swap y|filter|set |
//       +-------+-------+-------+-------+------+------+------+--------+------+------+------+----+
//        rx6 tx6 v rx6 tx6 (13 each)      2      1      2      1        1      1      3     1
//
// rx and tx are direction sets (DIR_* bits). pos 1..3 have a valid bit v in front; a side of 0 is
// that of the valid position before (language 11.3), also after the program has changed that one.
// filter: 0 = none, else filter number + 1. A word of 0 means: this colour is not configured on
// this tile.
#ifndef WEFT_TARGET_ROUTE_H
#define WEFT_TARGET_ROUTE_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// Directions. HOST is the link to the host port that memcpy streaming colours and SdkLayout streams
// end on.
typedef enum Dir { DIR_WEST, DIR_EAST, DIR_SOUTH, DIR_NORTH, DIR_RAMP, DIR_HOST, DIR_COUNT } Dir;
#define DIR_BIT(d) ((uint8_t)(1u << (d)))

typedef enum PopMode { POP_NONE, POP_ALWAYS, POP_ON_ADVANCE, POP_ON_ADVANCE_NOP } PopMode;

typedef struct Route {
  uint8_t rx[4], tx[4];             // direction sets per switch position, inherited ones filled in
  uint8_t inherits_rx, inherits_tx; // bit per position: that side is the valid position's before
  bool valid[4];                    // valid[0] is always true for a configured colour
  uint8_t current;                  // switch position at start
  bool ring, teardown, swap_x, swap_y;
  PopMode pop;
  uint8_t filter; // 0 = none, else filter number + 1
} Route;

uint64_t route_encode(const Route *r);
// False if the word holds something that no route can mean (untrusted input).
bool route_decode(uint64_t word, Route *out);
// Fills in the inherited sides anew, after a position was changed.
void route_expand(Route *r);
// The opposite side of a link; RAMP and HOST map to themselves. dx, dy: where a step leads (y grows
// south).
Dir dir_opposite(Dir d);
int dir_dx(Dir d);
int dir_dy(Dir d);
const char *dir_name(Dir d); // "WEST", …
// The names of a direction set, in the order of Dir: "EAST,RAMP".
void dirs_print(uint8_t set, const char *between, FILE *out);

// Wavelet filters on the way to the core (language 11.4).
typedef enum FilterKind {
  FILTER_NONE,
  FILTER_COUNTER,
  FILTER_SPARSE_COUNTER,
  FILTER_RANGE
} FilterKind;
typedef struct Filter {
  uint8_t kind; // FilterKind
  uint8_t color;
  bool count_data, count_control, filter_control, has_limit1, has_limit2;
  uint16_t init_counter, limit1, limit2, max_counter; // range: limit1 = min_idx, limit2 = max_idx
} Filter;

// Control wavelets (language 12.6).
enum { CTRL_NOP, CTRL_SWITCH_ADV, CTRL_SWITCH_RST, CTRL_TEARDOWN };
#define CTRL_COMMANDS 8
unsigned ctrl_opcode(uint32_t payload, unsigned k); // command k, 0..7
bool ctrl_ce_ignore(uint32_t payload, unsigned k);
unsigned ctrl_entry(uint32_t payload); // control task id
uint32_t
ctrl_pop(uint32_t payload); // first command removed, last slot NOP with ce_ignore 1 (libraries 4.1)
#endif
