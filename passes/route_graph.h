// Paths of wavelets, re-derived from route words alone: which router inputs a colour reaches, where
// it gets lost, meets itself or runs in a circle. Plain C over a grid; knows nothing of the IR.
//
// A tile is `static` for a colour when its word has one position and nothing can change it: no
// switch positions, not in teardown, no colour swap, not marked as rewriting its routes at run
// time. Only what flows through static routers from a tile that is known to send is certain, and
// only what is certain is an error; the rest is possible.
#ifndef WEFT_PASSES_ROUTE_GRAPH_H
#define WEFT_PASSES_ROUTE_GRAPH_H
#include "target/route.h"
#include <stddef.h>

typedef enum RouteFault { FAULT_NOWHERE, FAULT_TWO_SENDERS, FAULT_MAY_MEET, FAULT_LOOP } RouteFault;
typedef struct RouteFinding {
  RouteFault fault;
  uint8_t color;
  uint32_t x, y; // tile
  // Nowhere: the side it leaves by is `from`. Senders: the two sides it arrives from.
  Dir from, other;
} RouteFinding;

typedef struct RouteGrid {
  uint32_t width, height;
  const uint64_t *words; // [set][color], `colors` per set
  uint32_t colors;
  const uint32_t *tile_set; // [height][width] route set of each tile
  const uint32_t *sends;    // [height][width] colours that the tile's program sends, as bits
  const uint8_t *rewrites;  // [height][width] 1: the tile may change its routes at run time
} RouteGrid;

// Where wavelets of a colour arrive when only tiles in `may_send` ([height][width] masks of
// colours) send: per tile the sides (DIR_BIT) where they are certain to, from `sends` through
// static routers, and where they may. The host may always send. Both arrays have width * height
// bytes. False if a word does not decode.
bool route_graph_arrivals(const RouteGrid *g, uint32_t color, const uint32_t *may_send,
                          uint8_t *certain, uint8_t *possible);
// Does nothing change this route at run time: one position, no teardown, no colour swap?
bool route_is_static(const Route *r);

// Calls `found` for the first finding of each kind and colour, with the number of further ones of
// that kind. False if a word does not decode.
bool route_graph_check(const RouteGrid *g, uint32_t color,
                       void (*found)(const RouteFinding *f, size_t more, void *arg), void *arg);
#endif
