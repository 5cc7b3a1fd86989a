// Inside the fabric: the state of busy routers. Only fabric.c, router.c, switch.c and filter.c know
// it.
//
// A wavelet in the fabric sits in exactly one buffer (per copy): in an input buffer of a router, or
// in one of the two buffers towards its core and its host link. A slot of a buffer carries the
// cycle from which its wavelet may go on; once that has left, the cycle from which the sender may
// use the slot again. So links and credits in flight need no objects and no events of their own.
#ifndef WEFT_EMULATOR_ROUTER_H
#define WEFT_EMULATOR_ROUTER_H
#include "emulator/internal.h"

typedef struct Slot {
  uint64_t time;
  uint32_t word;
  bool control, advance;
} Slot;

typedef struct Buffer {
  uint32_t first; // in Fabric.slots; 0 = not used yet
  uint8_t depth, head, count;
  bool starved; // the sender was refused and waits for a slot
} Buffer;

// Buffers of a channel: one per input port (numbered by Dir), then those that leave the router
// here.
enum { TO_CORE = DIR_COUNT, TO_HOST, CHANNEL_BUFFERS };

typedef struct Channel { // one colour on one tile
  uint64_t served;       // cycle of its last move: least recently served goes first
  uint32_t route;        // in Fabric.routes
  uint8_t color, position;
  uint8_t occupied; // input ports with wavelets, DIR_BIT
  bool teardown;    // nothing of this colour moves
  Buffer buffers[CHANNEL_BUFFERS];
} Channel;

typedef struct FilterState {
  uint16_t counter, limit;
  bool reloaded, off; // sparse counters: limit2 is in use; disabled itself
} FilterState;

enum { FILTERS = 8 };
typedef struct Router {
  uint32_t channel[MAX_COLORS]; // in Fabric.channels, 0 = colour not met yet
  uint32_t busy;                // colours with wavelets in an input buffer
  uint32_t leaving;             // colours with wavelets for the core or the host
  uint32_t pending_teardown;    // colours that entered teardown by a command
  uint32_t filters;             // first of FILTERS states in Fabric.filters, 0 = none used yet
} Router;

// Objects that never move, numbered from 1.
typedef struct Pool {
  char **chunks; // stb_ds
  size_t size;
  uint32_t used;
} Pool;
enum { POOL_CHUNK = 1024 };

struct Fabric {
  Route *routes;    // stb_ds: MAX_COLORS of each route set, then what tiles changed for themselves
  bool *configured; // stb_ds, parallel: the word was not 0
  uint32_t *router_of; // [n_tiles] in routers, 0 = never busy
  Pool routers, channels, slots, filters;
  uint64_t hops, occupied;
  uint64_t dropped; // wavelets that left the program rectangle or had no way on
  uint32_t dropped_tile;
  uint8_t dropped_color,
      dropped_to; // of the first one; DIR_COUNT: the route has no transmit direction
};

static inline void *pool_at(const Pool *p, uint32_t i)
{
  return p->chunks[i / POOL_CHUNK] + p->size * (i % POOL_CHUNK);
}
static inline Router *router_at(const Fabric *f, uint32_t tile)
{
  return f->router_of[tile] ? pool_at(&f->routers, f->router_of[tile]) : NULL;
}
static inline Channel *channel_at(const Fabric *f, uint32_t i)
{
  return pool_at(&f->channels, i);
}
static inline Slot *slot_at(const Fabric *f, const Buffer *b, unsigned i)
{
  return pool_at(&f->slots, b->first + (b->head + i) % b->depth);
}
static inline const Route *channel_route(const Fabric *f, const Channel *c)
{
  return &f->routes[c->route];
}

/* fabric.c */
uint32_t fab_pool_take(Pool *p, uint32_t n); // n neighbours in one chunk, zeroed
Router *fab_router(Emu *e, uint32_t tile);   // made on first use
// The channel of a configured colour, made on first use; NULL if the tile has no route for it.
Channel *fab_channel(Emu *e, uint32_t tile, unsigned color);
uint32_t fab_neighbour(const Emu *e, uint32_t tile, Dir d); // NO_TILE beyond the rectangle

/* router.c */
// Cycle from which one more wavelet fits: <= now = at once, NEVER = when one has left.
uint64_t fab_room_at(Emu *e, const Channel *c, unsigned buffer);
void fab_push(Emu *e, uint32_t tile, Channel *c, unsigned buffer, Slot s);
// Takes the head away; the slot is free again from `free_at`. True if the sender waits for it.
bool fab_pop(Emu *e, uint32_t tile, Channel *c, unsigned buffer, uint64_t free_at);
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
#endif
