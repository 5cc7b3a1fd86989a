// What happens on the wafer, told to whoever wants to know: per-cycle lines in the log, a trace
// file (docs/trace.md), and what determined the last cycle. Nothing here changes a result or a
// cycle; without a listener Emu.trace is NULL and every call site costs one test.
//
// Parts report at once, but a core runs ahead of global time: events are kept until none can come
// before them, and handed out in order of cycle, tile and sequence.
#ifndef WEFT_EMULATOR_TRACE_H
#define WEFT_EMULATOR_TRACE_H
#include "emulator/internal.h"

// kind, meaning of a, b, c, d and x, y
typedef enum TraceKind {
  TRACE_TASK,     // a task starts: a entry address; x TaskKind, y id
  TRACE_TASK_END, // it returns
  TRACE_OP,       // an operation over memory: a pc, b cycles, c elements, d task id; y DsdOp
  TRACE_THREAD,   // one with fabric or FIFO operands starts: likewise, b unused; x thread, y DsdOp
  TRACE_THREAD_END,
  TRACE_STALL, // it waited until now: b cycles, c queue, d colour; x thread, y ThreadWait
  TRACE_WAIT,  // it begins to wait: c queue, d colour; x thread, y ThreadWait
  TRACE_WRITE, // into an output queue: a word, b ident, c queue, d control; x thread, y colour
  TRACE_SEND,  // from an output queue to the router: likewise
  TRACE_ROUTE, // through a router: a, b likewise; c landing, d departing ports; x control, y colour
  TRACE_LAND,  // at a router: c port; y colour
  TRACE_SWITCH, // a switch moved: c position; y colour
  TRACE_INSN    // issued: a pc; x TaskKind, y id of the running task
} TraceKind;

typedef struct TraceEvent {
  uint64_t cycle;
  uint32_t tile, sequence;
  uint32_t a, b, c, d;
  uint8_t kind, x, y;
} TraceEvent;

// Kinds of lines in the log, by their names in SIMFABRIC_DEBUG.
enum { DEBUG_INST = 1, DEBUG_LANDING = 2, DEBUG_ROUTER = 4, DEBUG_STALLS = 8 };

typedef struct Causes Causes; // causes.c
struct Trace {
  FILE *out;          // trace file, NULL = none
  unsigned debug;     // DEBUG_*
  Causes *causes;     // NULL: not wanted
  TraceEvent *events; // stb_ds
  size_t limit;       // events that are kept before the next attempt to hand some out
  uint32_t sequence;
  uint32_t serial; // of the last wavelet
  uint64_t *named; // bit per tile that the trace file has introduced
  bool wrote;      // an event is in the trace file
  struct Issued {
    uint64_t cycle;
    uint32_t pc;
  } *issued; // [n_tiles] latest instruction, with DEBUG_INST
};

/* trace.c */
bool trace_new(Emu *e, Diags *diags); // from e->opt; false: unknown word in the debug list
void trace_end(Emu *e);               // completes the trace file: nothing runs any more
void trace_free(Emu *e);
// Hands out the events of cycles before `end`.
void trace_flush(Emu *e, uint64_t end);

// ---- what the parts report; only called with a trace ----
void trace_task(Emu *e, uint32_t tile);
void trace_task_end(Emu *e, uint32_t tile);
void trace_activate(Emu *e, uint32_t tile, uint32_t id);
void trace_memory(Emu *e, uint32_t tile, const Thread *th, uint64_t start, uint32_t elements);
void trace_thread(Emu *e, uint32_t tile, Thread *th);
void trace_thread_end(Emu *e, uint32_t tile, const Thread *th, bool resumes);
void trace_waits(Emu *e, uint32_t tile, Thread *th);  // it cannot go on now
void trace_issues(Emu *e, uint32_t tile, Thread *th); // it goes on
void trace_block(Emu *e, uint32_t tile, const EmuClass *c, const Insn *d, uint64_t clock);
// Into an output queue; returns the tag of the wavelet.
uint32_t trace_write(Emu *e, uint32_t tile, uint32_t queue, const QueueEntry *entry);
void trace_take(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag); // out of an input queue
void trace_send(Emu *e, uint32_t tile, uint32_t queue, const QueueEntry *entry);
void trace_land(Emu *e, uint32_t tile, uint32_t color, uint32_t port, uint64_t cycle);
void trace_route(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control, uint32_t tag,
                 uint32_t port, uint32_t departing);
void trace_switch(Emu *e, uint32_t tile, uint32_t color, uint32_t position);
void trace_host(Emu *e);                            // the host issues an operation
uint32_t trace_host_wavelet(Emu *e, uint32_t tile); // a wavelet of the host; returns its tag
// Who keeps a tag holds it.
void trace_hold(Emu *e, uint32_t tag);
void trace_release(Emu *e, uint32_t tag);

// ---- waiting for room: what left a place is the cause of what comes there because of it. A tag
// goes in and comes out held by the caller ----
// A wavelet that was ready in cycle `ready` goes on to a place that is free since `free_at`, when
// the wavelet `by` left it.
uint32_t trace_room(Emu *e, uint32_t tag, uint64_t ready, uint64_t free_at, uint32_t by);
uint64_t trace_written(const Emu *e, uint32_t tag); // cycle in which a wavelet came to its queue
uint64_t trace_host_began(const Emu *e);            // that of the host's latest operation
// Something was taken out of a full input queue for which wavelets wait; the next one enters.
void trace_makes_room(Emu *e, uint32_t tile, uint32_t queue);
uint32_t trace_enters(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag);
void trace_left(Emu *e, uint32_t tile, uint32_t queue, uint32_t tag); // a full output queue
void trace_main_waits(Emu *e, uint32_t tile);               // the main thread, for a queue in @map
void trace_main_put(Emu *e, uint32_t tile, uint32_t queue); // its element goes out
// The operation at work put an element into a FIFO, or took one out.
void trace_fifo_put(Emu *e, uint32_t fifo);
void trace_fifo_took(Emu *e, uint32_t fifo);
// The host takes a wavelet that was ready in cycle `ready`.
uint32_t trace_host_takes(Emu *e, uint32_t tag, uint64_t ready);

/* trace_text.c, trace_file.c: what listeners make of an event */
void trace_text(Emu *e, const TraceEvent *v);
void trace_text_header(Emu *e);
void trace_file(Emu *e, const TraceEvent *v);
void trace_file_begin(Emu *e);
void trace_file_end(Emu *e);

/* causes.c: what determined when something happened */
typedef enum CauseKind { CAUSE_HOST, CAUSE_TASK, CAUSE_OPERATION, CAUSE_WAVELET } CauseKind;
typedef struct Cause {
  uint64_t begin, end;
  uint32_t before; // what had to happen first; 0 = nothing. Doubles as link of free ones
  uint32_t refs, tile, pc, serial;
  uint8_t kind, x, y; // task: TaskKind, id; operation: thread, DsdOp; wavelet: queue, colour
} Cause;
typedef struct TileCause {
  uint32_t now, last, trigger; // running task, the one before, what starts the next
  uint64_t idle_since;
  bool main_waited; // in @map, for a queue
} TileCause;
enum { CAUSES_MAX = 1 << 22 }; // what a tag can name
struct Causes {
  Cause *all;                // stb_ds; [0] unused
  uint32_t free, host, last; // last: what ended last of all
  bool lost;                 // there were too many at a time
  TileCause *tiles;          // [n_tiles]
  uint32_t *activated;       // [n_tiles][TASK_IDS]: who activated a task
  uint32_t acting;           // operation at work in PHASE_THREAD
  // [n_tiles][MAX_QUEUES]: who made the latest room in a full queue
  uint32_t *room_in, *room_out;
  uint32_t *fifo_data, *fifo_room; // by Emu.fifos: who put in, or took out, the latest element
};
void causes_new(Emu *e);
void causes_free(Emu *e);
// A new cause, held once. 0 if there are too many.
uint32_t cause_new(Emu *e, Cause c);
void cause_hold(Emu *e, uint32_t n);
void cause_release(Emu *e, uint32_t n);
void cause_set(Emu *e, uint32_t *where, uint32_t n); // holds the new one, releases the old one
uint32_t cause_context(const Emu *e, uint32_t tile); // what is at work on the tile
void cause_ended(Emu *e, uint32_t n, uint64_t cycle);
// The same thing once more, going on now because of `before`; held once. 0 if there are too many.
// What is known of it so far stays as it is, so that no chain leads back to its beginning.
uint32_t cause_again(Emu *e, uint32_t n, uint32_t before);
#endif
