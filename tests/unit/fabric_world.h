// A small world around the fabric alone: routes are written tile by tile, cores send what a test
// puts down for them, and what arrives is recorded. Events are a plain list in place of the wheel.
#ifndef WEFT_TESTS_FABRIC_WORLD_H
#define WEFT_TESTS_FABRIC_WORLD_H
#include "emulator/internal.h"

typedef struct Arrival {
  uint64_t cycle;
  uint32_t tile, color, word;
  bool control;
} Arrival;
typedef struct Outgoing {
  uint64_t from; // cycle before which it is not sent
  uint32_t tile, color, word;
  bool control, advance;
} Outgoing;

extern Emu emu;
extern Image image;
extern Diags diags;
extern Arrival *arrivals;             // stb_ds, at cores and host links in order of time
extern Outgoing *outgoing;            // stb_ds, what cores have not sent yet, per tile in order
extern uint32_t capacity;             // words that the cores still take
extern uint32_t host_wants, host_has; // words that the host links still take and give
extern uint32_t activated;            // tasks that the fabric activated, as bits
extern bool moody;                    // cores refuse now and then
extern char fault_text[512];
extern uint32_t fault_tile;

#define W DIR_BIT(DIR_WEST)
#define E DIR_BIT(DIR_EAST)
#define S DIR_BIT(DIR_SOUTH)
#define N DIR_BIT(DIR_NORTH)
#define R DIR_BIT(DIR_RAMP)
#define H DIR_BIT(DIR_HOST)

// Tiles without routes, each with a set of its own; routes are written before fabric_begin.
void fabric_setup(ArchId arch, uint32_t width, uint32_t height);
void fabric_begin(void);
void fabric_run(void); // until nothing moves, or to a fault
void fabric_end(void);

uint64_t *route_word(uint32_t tile, unsigned color);
void lay_route(uint32_t tile, unsigned color, uint8_t rx, uint8_t tx);
// A row of tiles: the first sends east, the last delivers.
void lay_row(ArchId arch, uint32_t width, unsigned color);
void put_word(uint32_t tile, unsigned color, uint32_t word, uint64_t from);
void put_control(uint32_t tile, unsigned color, uint32_t word, uint64_t from);

uint32_t tile_beside(uint32_t tile, Dir d); // NO_TILE beyond the edge
uint32_t random_bits(void);                 // the same sequence in every run
#endif
