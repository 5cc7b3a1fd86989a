// Inside the fabric: the state of busy routers. Only fabric.c, fabric_config.c, router.c, switch.c
// and filter.c know it.
//
// A wavelet in the fabric sits in exactly one buffer (per copy): in an input buffer of a router, or
// in one of the two buffers towards its core and its host link. A slot of a buffer carries the
// cycle from which its wavelet may go on; once that has left, the cycle from which the sender may
// use the slot again. So links and credits in flight need no objects and no events of their own.
#ifndef WEFT_EMULATOR_ROUTER_H
#define WEFT_EMULATOR_ROUTER_H
#include "emulator/internal.h"

typedef struct Slot { // what left it last stays in it until something else comes
  uint64_t time;
  uint32_t word;
  bool control : 1, advance : 1;
  bool undecided : 1; // towards the core: the filter has not seen it, as no queue was bound yet
  uint32_t tag : 22;  // for a trace; 0 = none
} Slot;

typedef struct Buffer {
  uint8_t head, count;
  bool starved; // the sender was refused and waits for a slot
} Buffer;

// Buffers of a channel: one per input port (numbered by Dir), then those that leave the router
// here.
enum { TO_CORE = DIR_COUNT, TO_HOST, CHANNEL_BUFFERS };

typedef struct Channel { // one colour on one tile
  uint64_t served;       // cycle of its last move: least recently served goes first
  uint32_t route;        // in Fabric.routes; NO_ROUTE: the colour is not configured here
  uint8_t color, position;
  uint8_t occupied;  // input ports with wavelets, DIR_BIT
  uint8_t beyond;    // links that leave the program rectangle, DIR_BIT
  bool teardown;     // nothing of this colour moves
  uint8_t undecided; // wavelets towards the core that the filter has not seen
  bool own_route;    // its route was rewritten: no other channel shares it
  Buffer buffers[CHANNEL_BUFFERS];
} Channel;
#define NO_ROUTE UINT32_MAX

// State comes in blocks of neighbours in tile order, so that a row of routers is a row in memory.
enum { BLOCK = 64 };
typedef struct ChannelBlock {
  Slot *slots[CHANNEL_BUFFERS]; // [BLOCK][depth], NULL until the first wavelet
  Channel channels[BLOCK];
} ChannelBlock;

typedef struct FilterState { // passes while counter < pass; after limit comes 0
  uint32_t counter, limit, pass;
  uint32_t wide;      // a two-word register under way
  bool reloaded, off; // sparse counters: limit2 is in use; disabled itself
} FilterState;

enum { FILTERS = 8 };
typedef struct Router {
  uint32_t busy;             // colours with wavelets in an input buffer
  uint32_t leaving;          // colours with wavelets for the core or the host
  uint32_t pending_teardown; // colours that entered teardown by a command
  uint32_t filters;          // in Fabric.filters, 0 = none used yet
  uint32_t filters_off;      // colours whose input queue was bound without their filter
  uint64_t sent[DIR_COUNT];  // wavelets that left in each direction
} Router;
typedef struct FilterBank {
  FilterState f[FILTERS];
} FilterBank;

// When the links out of a router are free again, in eighths of a cycle.
enum { EIGHTHS = 8 };
typedef struct Links {
  uint64_t free_at[DIR_RAMP];
} Links;

struct Fabric {
  Route *routes;    // stb_ds: MAX_COLORS of each route set, then what tiles changed for themselves
  bool *configured; // stb_ds, parallel: the word was not 0
  Router *routers;  // [n_tiles]
  Links *links;     // [n_tiles]; NULL while every link takes one wavelet per cycle
  ChannelBlock **blocks[MAX_COLORS]; // [tile / BLOCK], NULL until the colour is met there
  FilterBank *filters;               // stb_ds; [0] unused
  uint8_t depth[CHANNEL_BUFFERS];
  bool swaps;             // some route has colour swap
  int32_t step[DIR_RAMP]; // from a tile to its neighbours
  uint64_t hops, occupied;
  uint64_t dropped;                  // wavelets that left the program rectangle or had no way on
  uint32_t dropped_tile;             // of the first one
  uint8_t dropped_color, dropped_to; // DIR_COUNT: the route has no transmit direction
};

static inline Router *router_at(const Fabric *f, uint32_t tile)
{
  return &f->routers[tile];
}
// The channel of a colour that has been met on this tile and is configured, else NULL.
static inline Channel *channel_at(const Fabric *f, uint32_t tile, unsigned color)
{
  ChannelBlock *b = f->blocks[color][tile / BLOCK];
  return b && b->channels[tile % BLOCK].route != NO_ROUTE ? &b->channels[tile % BLOCK] : NULL;
}
// Slot i of a buffer, counted from its head; i <= depth. The buffer has been used.
static inline Slot *slot_at(const Fabric *f, uint32_t tile, const Channel *c, unsigned buffer,
                            unsigned i)
{
  unsigned depth = f->depth[buffer], at = c->buffers[buffer].head + i;
  Slot *first = f->blocks[c->color][tile / BLOCK]->slots[buffer] + tile % BLOCK * depth;
  return first + (at < depth ? at : at - depth);
}
static inline const Route *channel_route(const Fabric *f, const Channel *c)
{
  return &f->routes[c->route];
}

/* fabric.c */
// The channel of a configured colour, made on first use; NULL if the tile has no route for it.
Channel *fab_channel(Emu *e, uint32_t tile, unsigned color);
// The channel of any colour, configured or not.
Channel *fab_any_channel(Emu *e, uint32_t tile, unsigned color);
uint32_t fab_neighbour(const Emu *e, uint32_t tile, Dir d); // NO_TILE beyond the rectangle

/* router.c */
// With a trace: the tag of a wavelet that goes on into that buffer and was ready in cycle `ready`
// (held by the caller, before and after).
uint32_t fab_room_cause(Emu *e, uint32_t tile, const Channel *c, unsigned buffer, uint64_t ready,
                        uint32_t tag);
// Cycle from which one more wavelet fits: <= now = at once, NEVER = when one has left.
uint64_t fab_room_at(Emu *e, uint32_t tile, const Channel *c, unsigned buffer);
void fab_push(Emu *e, uint32_t tile, Channel *c, unsigned buffer, Slot s);
// Colours as which a wavelet that arrives on `port` is received (colour swap, language 11.6): 0..2
// of them.
unsigned fab_received_as(Emu *e, uint32_t tile, unsigned color, Dir port, uint8_t as[2]);

/* switch.c */
bool fab_switch_advance(const Fabric *f, Channel *c); // true if the position changed
// Executes the first command of a control wavelet that passes; returns the payload that goes on.
uint32_t fab_switch_command(Emu *e, uint32_t tile, Channel *c, uint32_t payload);

/* filter.c */
bool fab_filter_passes(Emu *e, uint32_t tile, const Channel *c, uint32_t word, bool control);
void fab_filter_count(Emu *e, uint32_t tile, const Channel *c, bool control);
// Registers of filters; index as in their rows. False: fault reported.
bool fab_filter_read(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t *value);
void fab_filter_write(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t value);
#endif
