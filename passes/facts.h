// What a tile program may do, and what it does in any case: read off its Tile IR for the checks
// that warn about programs which compile and then hang. Everything that is decided at run time
// counts as possible, so that a check built on it stays silent when it cannot know.
#ifndef WEFT_PASSES_FACTS_H
#define WEFT_PASSES_FACTS_H
#include "ir/fabric.h"

// A task or queue that an instruction activates or unblocks, at once or when an operation
// completes.
typedef struct Trigger {
  uint8_t action; // ACTION_ACTIVATE or ACTION_UNBLOCK
  uint8_t kind;   // TARGET_*
  IrRef id;       // known only if it is a constant
} Trigger;
enum { MAX_TRIGGERS = 2, NO_FUNC = UINT32_MAX };
// Triggers of one instruction; returns how many.
unsigned facts_triggers(const TileModule *m, const IrInst *in, Trigger out[MAX_TRIGGERS]);

typedef struct TaskFact {
  uint32_t func; // NO_FUNC: nothing is bound
  SrcPos pos;    // of the binding
} TaskFact;

typedef struct Facts {
  const TileModule *m;
  TaskFact local[TASK_IDS], data[TASK_IDS], control[TASK_IDS];
  bool *may_run;      // stb_ds, per function
  bool *must_run;     // stb_ds, per function: runs with every launch, or from the start
  uint64_t activated; // task ids that some code that may run activates
  uint64_t unblocked[TARGET_UT + 1]; // per TARGET_* kind, ids that something unblocks
  bool activates_any, unblocks_any;  // an id is only known at run time
  bool knows_place;                  // reads its coordinates: what it does depends on them
  bool writes_config;                // configuration registers: routes and queues may change
} Facts;
// Caller frees with facts_free.
Facts facts_of(const TileModule *m);
void facts_free(Facts *f);
// Calls fn for every instruction of functions that may run; `sure`: it runs in any case.
void facts_each(const Facts *f,
                void (*fn)(const IrFunc *func, const IrInst *in, bool sure, void *arg), void *arg);

// ---- texts for messages ----
// "tile 2,0", "tiles 0..3,0..1" or "12 tiles from 1,0 on" that run class `c`; `buf` is returned.
enum { WHERE_SIZE = 64 };
const char *fabric_where(const FabricModule *f, uint32_t class, char buf[WHERE_SIZE]);
// Class whose program is `m`; FABRIC_NO_CLASS without a fabric.
uint32_t fabric_class_of(const FabricModule *f, const TileModule *m);
#endif
