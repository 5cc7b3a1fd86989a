// Which colours a tile's program sends and takes, per tile: colours may differ between the tiles of
// a class.
#ifndef WEFT_PASSES_TRAFFIC_H
#define WEFT_PASSES_TRAFFIC_H
#include "passes/facts.h"

// A set of colours: those of all tiles of the class, and those that stand in the constant block.
typedef struct ColorSet {
  uint32_t fixed;     // mask
  uint32_t *per_tile; // stb_ds: numbers of tile constants
  bool any;           // a colour is only known at run time
} ColorSet;

typedef struct ClassTraffic {
  ColorSet sends;     // in any case
  ColorSet may_send;  // sends, or what depends on run time
  ColorSet takes;     // something may receive it
  ColorSet task_feed; // data tasks wait for it
  bool rewrites;      // may change routes and queues at run time
  SrcPos send_pos[MAX_COLORS],
      first_send; // where a colour known for all tiles is sent, or anything
} ClassTraffic;

ClassTraffic traffic_of(const Facts *f);
void traffic_free(ClassTraffic *t);
// The set of the nth tile of class `c`, as a mask; all colours if `any`.
uint32_t traffic_mask(const FabricClass *c, const ColorSet *set, size_t nth);
// The data task that waits for colour `color` on the nth tile of the class; NULL if there is none.
const TaskFact *traffic_task(const FabricClass *c, const Facts *f, uint32_t color, size_t nth);
#endif
