// Inside the emulator: the state shared by its parts, and who offers what to whom. Not for other
// rooms.
//
// All state is plain data in slabs, linked by index (0 = none where said so), so that a checkpoint
// is a write and any number of tiles is one allocation. What every tile has is small and in tile
// order; what only a busy tile needs (registers, running operations) comes from pools. What all
// tiles of a program share lives in EmuClass.
//
// Time (DESIGN 4.1): `now` is the cycle in work, `phase` its step. Within a phase tiles are visited
// in ascending order. A part touches its own tile only; what goes to another tile goes through the
// fabric and takes a cycle.
#ifndef WEFT_EMULATOR_INTERNAL_H
#define WEFT_EMULATOR_INTERNAL_H
#include "arith/arith.h"
#include "emulator/emulator.h"
#include "target/registers.h"
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX
#define NO_TILE UINT32_MAX
#define NO_CLASS UINT32_MAX

// ---- steps of one cycle, in order ----
typedef enum Phase {
  PHASE_LINK,   // fabric: wavelets move between routers, and from the ramp into the router
  PHASE_ARRIVE, // fabric: wavelets that reach the core now (queue_arrive)
  PHASE_THREAD, // elements of operations with fabric operands; completions, task bits
  PHASE_PICK,   // task picker
  PHASE_ISSUE,  // main thread
  PHASE_OUT,    // output queues: one wavelet to the ramp (fab_send)
  PHASES
} Phase;

// ---- program, shared by all tiles of a class ----
typedef struct Insn { // one decoded instruction; 24 bytes
  int32_t handler;    // distance of its code from the interpreter's first label
  uint8_t rd, rs1, rs2, rs3;
  uint32_t imm;
  uint32_t target;     // index of the branch target; return address of a jump; DsdOp or SysOp
  uint32_t block_cost; // cycles from here to the issue of the instruction that ends the block
  uint16_t block_insns;
  uint8_t edge_taken, edge_fall; // cost of the exit edge (block ends only)
} Insn;

typedef enum TaskKind {
  TASK_KIND_LOCAL,
  TASK_KIND_DATA,
  TASK_KIND_CONTROL,
  TASK_KIND_HOST
} TaskKind;

typedef struct FifoInfo {
  uint16_t base, capacity; // byte address, elements
  uint8_t elem_bytes, simd, priority, empty_action, full_action;
  uint8_t activate_push, activate_pop; // task id, TASK_ID_NONE = none
} FifoInfo;

// Register files in the order of a DsrRef (file << 8 | number).
typedef enum DsrFile { FILE_DEST, FILE_SRC0, FILE_SRC1, FILES } DsrFile;

// Every limit + 1-th wavelet of a data task starts another one (sdk-2.10 1.5).
enum { ROTATIONS = 2 };
typedef struct Rotation {
  uint32_t alternate; // code address, 0 = no such pair
  uint16_t limit, init;
  uint8_t id; // of the data task
} Rotation;

typedef struct EmuClass {
  const ImageClass *img;
  Insn *insns;     // decoded program; the last one is a fault
  uint32_t *entry; // [(pc - CODE_BASE) >> 1] index into insns; 0, a fault: nothing starts there
  Insn *checked; // insns with a check before each floating-point one; made for the first exception
  uint32_t *pcs; // address of each insn
  uint32_t n_insns;
  uint32_t *unblock_pcs; // stb_ds: addresses of the instructions that let the next command in
  uint32_t local_entry[TASK_IDS], data_entry[TASK_IDS],
      control_entry[TASK_IDS];          // code address, 0 = none bound
  uint64_t start_active, start_blocked; // task bits at cycle 0
  uint8_t start_ut_blocked;
  uint8_t dsr_slot[FILES][MAX_DSRS]; // place in the tile's part of the DSR slab; 255 = never used
  uint8_t xdsr_slot[MAX_QUEUES];
  uint8_t n_dsrs, n_xdsrs, n_fifos;
  uint8_t control_stride;            // slots per table of control tasks; 0: one with other tasks
  uint8_t control_table[MAX_QUEUES]; // which of them an input queue uses
  Rotation rotation[ROTATIONS];
  FifoInfo *fifos;     // [n_fifos]
  uint32_t data_first; // nothing lies below: who goes there has a pointer that was never set
} EmuClass;

// ---- a tile ----
typedef enum MainState {
  MAIN_IDLE, // no task; the picker starts the next
  MAIN_RUN,  // continues at `pc` in cycle `clock`
  MAIN_OP,   // inside a synchronous operation with fabric or FIFO operands: thread `main_op`
  MAIN_WAIT  // waits at `pc` until a queue changes (map_get, map_put)
} MainState;

typedef struct Tile {
  // Task bits by id; a blocked colour (WSE-2) or input queue (WSE-3) is its data task's bit.
  uint64_t active, blocked;
  uint64_t polled;        // had its turn since another task started
  uint64_t polling;       // task bits: activated by the task itself
  uint64_t high_priority; // task bits: picked before the others
  uint64_t clock; // cycle at which the main thread issues next; ahead of `now` only by run-ahead
  uint64_t slot_from; // issue slots in [slot_from, clock): `slot_busy` belong to the main thread,
  uint32_t slot_busy, slot_used; // `slot_used` were taken by microthreads
  uint64_t slot_taken;           // last cycle in which a thread of higher rank took the slot
  uint64_t pick_at;              // cycle of the pending pick, NEVER = none
  uint64_t dsr_ready;            // cycle from which loaded DSRs can be used
  uint32_t cls;                  // NO_CLASS: no program here
  uint32_t memory;               // private window: 16-byte units into Emu.memory
  uint32_t private_bytes;
  uint32_t pc;                 // where the main thread continues
  uint32_t regs;               // RegFile, 0 = none
  uint32_t main_op;            // Thread of the synchronous operation, 0 = none
  uint32_t uts[MAX_UTS];       // Thread of each running microthread, 0 = none
  uint32_t queues;             // TileQueues, 0 = none yet
  uint32_t dsrs, xdsrs, fifos; // first entry in their slabs
  uint8_t state;               // MainState
  uint8_t task_kind, task_id;  // the running task
  uint8_t last_channel;        // id of the channel whose wavelet started a task last
  uint8_t last_polling;        // the last task started that had activated itself
  uint8_t ut_live, ut_blocked; // bit per microthread id
  uint8_t ut_turn;             // round robin
  uint8_t main_rank;           // of the main thread, compared with Thread.rank
  bool dsd_status;             // for dsd_status
  uint8_t carry;               // left by the last add16 or addc16, taken by the next addc16
  bool trapping;               // lets a floating-point exception through
  bool host_pending;           // set by the host port: a command waits for this tile (host_take)
  uint32_t dsd_cfg, dsd_index; // set by dsd_cfg for the next operation; consumed by it
  bool cfg_valid;
} Tile;

// What is touched rarely.
enum { PRNGS = 4 };
typedef struct TileCold {
  uint64_t tsc_base, tsc_latch;    // time stamp = now - tsc_base while enabled
  uint32_t random[PRNGS];          // LFSR states
  uint8_t prng;                    // the active one
  uint32_t flush_in, flush_out;    // queues that wait for a flush
  uint8_t flushed_in, flushed_out; // queues whose flush has completed, until the program says so
  uint8_t control_mask;            // of control_transform
  uint16_t exception_mask;         // 1 = ignored
  uint16_t rotated[ROTATIONS];     // starts of the main task since its alternate ran
  uint64_t ran[TASK_KIND_HOST];    // per TaskKind: ids of tasks that have been started
  bool tsc_on;
} TileCold;

typedef struct RegFile { // of a tile that runs a task
  uint32_t x[33];        // x[32] swallows writes to x0
  uint32_t f[32];        // 16-bit floats boxed with ones above
} RegFile;

// ---- queues between core and ramp ----
#define TAG(n) ((n) & 0x3fffffu)
typedef struct QueueEntry {
  uint32_t word;
  uint8_t color;
  bool control : 1, advance : 1; // advance: the tile's own switch of the colour moves after it
  uint32_t tag : 22;             // for a trace; 0 = none
} QueueEntry;
enum { QUEUE_RING = 8, QUEUE_UNBOUND = 31 };
typedef struct Queue {
  uint8_t head, count, depth;
  uint8_t color;   // QUEUE_UNBOUND = none
  uint8_t user;    // whose live operation uses it: 1 + microthread, 1 + MAX_UTS = main; 0 = none
  bool full_waits; // input: a wavelet waits in the router; call fab_retry when there is room
} Queue;
typedef struct TileQueues {
  Queue in[MAX_QUEUES], out[MAX_QUEUES];
  QueueEntry in_ring[MAX_QUEUES][QUEUE_RING], out_ring[MAX_QUEUES][QUEUE_RING];
  uint8_t out_turn; // round robin over output queues
} TileQueues;
// Colour of what waits in an input queue; it may have been given back since.
static inline unsigned queue_holds(const TileQueues *qs, unsigned queue)
{
  return qs->in_ring[queue][qs->in[queue].head].color;
}

// ---- descriptors ----
typedef struct Dsr {
  uint32_t lo, hi; // DSD words (target/isa.h)
  uint32_t cfg;    // configuration word
  uint32_t done;   // elements already taken by map_get, map_put
} Dsr;
typedef struct Xdsr {
  uint16_t extent[4];              // 0 outermost
  int16_t stride[4];               // 0 innermost
  uint16_t wrap_base, wrap_length; // byte address, elements
} Xdsr;
typedef struct Fifo {
  uint16_t head, count; // elements
  uint16_t read_len, write_len;
  uint16_t want_data, want_room; // elements that an operation missed here; 0 = none, or they came
} Fifo;

// ---- a running DSD operation ----
#define ENDLESS UINT32_MAX // length of an operand or operation that never runs out
typedef enum OperandKind {
  OP_NONE,
  OP_SCALAR,
  OP_MEM,
  OP_MEM4,
  OP_CIRC,
  OP_FABIN,
  OP_FABOUT,
  OP_FIFO
} OperandKind;
typedef struct Operand {
  uint8_t kind;         // OperandKind
  uint8_t bytes;        // of an element in this operation
  uint8_t queue, color; // fabric; queue is the number of a FIFO too
  uint8_t file, number; // DSR it came from, for save_address
  bool control, advance, wio;
  bool place;        // one element in memory, without a length
  bool turns;        // fabric input: gives its queue back at the end
  bool transform;    // fabric: control wavelets are marked in the element (control_transform)
  bool last_value;   // scalar that takes each result: reduction into a scalar destination
  uint32_t length;   // elements, 0 = none, ENDLESS
  uint16_t address;  // memory: byte address of the next element
  int16_t stride;    // bytes
  uint16_t index[4]; // mem4d: position, outermost first
  uint8_t dims;      // mem4d
  uint32_t xdsr;     // of mem4d and circular buffers: index into Emu.xdsrs
  uint32_t scalar;   // scalar value, or the index half of fabric outputs
} Operand;
typedef enum ThreadWait {
  WAIT_NOTHING,
  WAIT_INPUT,
  WAIT_OUTPUT,
  WAIT_FIFO_DATA,
  WAIT_FIFO_ROOM,
  WAIT_BLOCKED
} ThreadWait;
typedef struct Thread {
  Operand dest, a, b;
  uint64_t ready;   // first cycle at which an element may be issued
  uint64_t started; // cycle of the dispatch
  uint32_t groups;  // issued so far
  uint32_t scalar;
  uint32_t remaining; // elements or ENDLESS
  uint32_t total;     // remaining at the start, for reports
  uint32_t cfg;       // configuration word: completion, on_control
  uint32_t pc;        // of the instruction, for reports
  uint32_t tile, next_free;
  uint8_t group;       // elements issued at once
  uint8_t interval;    // cycles between groups
  uint8_t per_wavelet; // elements in one wavelet: 1 or 2
  uint8_t op;          // DsdOp
  uint8_t ut;          // microthread id; MAX_UTS = main thread
  uint8_t rank;       // compared with other threads: twice the priority, the main thread in between
  uint8_t wait;       // ThreadWait: why it cannot go on, as of its last attempt
  uint8_t wait_queue; // queue or FIFO number waited for
  bool zero_a, zero_b;
  // For a trace: since when it waits (NEVER = it does not) and for what; whether it waited before
  // its latest group; its cause.
  uint64_t stall_since;
  uint32_t cause;
  uint8_t stall_wait, stall_last, stall_color; // at first, of late
  bool was_stalled;
} Thread;

// ---- event wheel ----
enum { WHEEL_CYCLES = 1024 };
typedef struct FarEvent {
  uint64_t cycle;
  uint32_t tile;
  uint8_t phase;
} FarEvent;
typedef struct Wheel {
  uint32_t *bucket[WHEEL_CYCLES][PHASES]; // stb_ds: tiles; put in order when their turn comes
  uint64_t filled[WHEEL_CYCLES / 64];     // bit per cycle of the window: it has entries
  uint32_t *merged;                       // stb_ds, scratch
  FarEvent *far;                          // stb_ds heap: what lies beyond the window
} Wheel;

typedef struct Fabric Fabric;     // fabric.c
typedef struct HostPort HostPort; // hostport.c
typedef struct Log Log;           // log.c
typedef struct Trace Trace;       // trace.c

struct Emu {
  const Image *img;
  const Arch *arch;
  const Costs *costs; // = &timing
  Costs timing;
  EmuOptions opt;
  uint32_t width, height, n_tiles; // tile number = y * width + x
  uint64_t now;
  Phase phase;
  uint32_t place;    // code address at work, for faults
  EmuClass *classes; // [n_classes]
  uint32_t n_classes;
  Tile *tiles;         // [n_tiles]
  TileCold *cold;      // [n_tiles]
  EmuTileStats *stats; // [n_tiles]
  uint8_t *memory;     // private windows, in tile order
  size_t memory_bytes;
  Dsr *dsrs;
  Xdsr *xdsrs;
  Fifo *fifos;
  size_t n_fifos;
  TileQueues *queues;  // pool, stb_ds; [0] unused
  RegFile *regs;       // pool, stb_ds; [0] unused
  uint32_t *free_regs; // stb_ds
  Thread *threads;     // pool, stb_ds; [0] unused
  uint32_t free_thread;
  uint32_t busy_tiles; // tiles that run a task or a microthread
  Wheel wheel;
  bool stopped; // a fault or a stop request: leave the run loop
  EmuStop stop;
  char *message; // text for emu_message (malloc'ed), NULL = none
  Fabric *fabric;
  HostPort *host;
  Log *log;
  Trace *trace; // NULL: nobody listens
};

static inline uint32_t tile_at(const Emu *e, uint32_t x, uint32_t y)
{
  return y * e->width + x;
}
static inline uint8_t *tile_memory(Emu *e, const Tile *t)
{
  return e->memory + (size_t)t->memory * 16;
}

// What a tile's program can address: its private window, the shared constants somewhere above.
typedef struct Window {
  uint8_t *own;
  const uint8_t *shared;
  uint32_t own_base, own_bytes, shared_base, shared_bytes;
} Window;
static inline Window tile_window(Emu *e, const Tile *t)
{
  const ImageClass *c = e->classes[t->cls].img;
  uint32_t first = e->classes[t->cls].data_first;
  return (Window){.own = tile_memory(e, t) + first,
                  .shared = c->shared,
                  .own_base = first,
                  .own_bytes = t->private_bytes - first,
                  .shared_base = c->shared_base,
                  .shared_bytes = c->shared_bytes};
}
// Where `n` bytes at `address` lie, NULL outside of the window.
static inline uint8_t *window_write(const Window *w, uint32_t address, uint32_t n)
{
  uint32_t at = address - w->own_base;
  return (uint64_t)at + n <= w->own_bytes ? w->own + at : NULL;
}
static inline const uint8_t *window_read(const Window *w, uint32_t address, uint32_t n)
{
  uint32_t at = address - w->own_base;
  if ((uint64_t)at + n <= w->own_bytes)
    return w->own + at;
  at = address - w->shared_base;
  return address >= w->shared_base && (uint64_t)at + n <= w->shared_bytes ? w->shared + at : NULL;
}

// ---- what the architecture leaves open (EmuOptions.shuffle) ----
// A number that depends on the seed, the cycle, the tile and `salt` alone.
static inline uint32_t shuffled(const Emu *e, uint32_t tile, uint32_t salt)
{
  uint64_t v = e->opt.seed + 0x9e3779b97f4a7c15u * (e->now + 1) + ((uint64_t)tile << 32 | salt);
  v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
  v = (v ^ v >> 27) * 0x94d049bb133111ebu;
  return (uint32_t)(v >> 32);
}

// Categories of DESIGN 4.2, less "not implemented yet": there is nothing of that kind.
typedef enum FaultKind {
  FAULT_UNDEFINED,   // undefined by the architecture
  FAULT_UNSUPPORTED, // this machine, or this emulator, does not do it
  FAULT_IMAGE,       // the image says something impossible
  FAULT_PROGRAM      // an error of the program: bad address, failed assertion
} FaultKind;

/* fault.c: what stops a run */
// Stops the run with a message that names tile, place and category. pc 0 = no code place; e->place
// is the one at work in this tile. The first fault wins.
void emu_fault(Emu *e, uint32_t tile, FaultKind kind, uint32_t pc, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

// The same for something that an operation needs and the live one `user` has: undefined by the
// architecture (language 13.5).
void emu_fault_in_use(Emu *e, uint32_t tile, uint32_t pc, uint32_t user, const char *what,
                      unsigned number);

/* setup.c: what the image sets up before the first cycle */
bool setup_class(EmuClass *c, const Arch *arch, Diags *diags); // tables that all its tiles share
void setup_memory(Emu *e);                                     // initial data of all tiles
void setup_tile(Emu *e, uint32_t tile);                        // cycle 0 of one tile

/* sched.c: event wheel */
void sched_init(Emu *e);
void sched_free(Emu *e);
// Visits `tile` in that cycle and phase. A place that has passed becomes the same phase of the next
// cycle.
void sched_at(Emu *e, uint64_t cycle, Phase phase, uint32_t tile);
// Next cycle with an event, NEVER if there is none.
uint64_t sched_next(Emu *e);
// Runs all phases of cycle e->now.
void sched_run_cycle(Emu *e);

/* decode.c: RV32IMFC + Zfh + Zba + Zbb + Zbs + target/isa.def, once per class */
void decode_class(const Costs *costs, EmuClass *c);
void decode_free(EmuClass *c);

/* interp.c: threaded interpreter */
// Runs the main thread of `tile` from its clock until it yields, ends its task or faults
// (PHASE_ISSUE).
void core_issue(Emu *e, uint32_t tile);
// Distance of the code of each RvOp (rv32.h) from the first label.
const int32_t *core_handlers(void);
// What a custom instruction did. It finds its own address in Tile.pc and its cycle in Tile.clock.
typedef enum CoreStep {
  CORE_NEXT,  // done; its cost was added to Tile.clock
  CORE_YIELD, // the main thread stops: pc, clock and state say how it goes on; it is scheduled
  CORE_FAULT
} CoreStep;

/* sys.c: the system instructions of target/isa.def */
CoreStep sys_issue(Emu *e, uint32_t tile, const Insn *d, RegFile *r);
// True if the instruction may take effect now; else it is scheduled for its own cycle (then yield).
bool core_event(Emu *e, uint32_t tile);

/* config.c: configuration registers (target/registers.def) */
// At a word address. False: fault reported.
bool config_write(Emu *e, uint32_t tile, uint32_t address, uint32_t value);
// Do registers lie at this byte address of the data space?
bool config_holds(uint32_t byte_address);
// Access by the main thread: an event, with its cost.
CoreStep config_issue(Emu *e, uint32_t tile, uint32_t address, bool write, uint32_t *value);

/* exceptions.c: floating-point exceptions that a program lets through */
void exception_set_mask(Emu *e, uint32_t tile, uint16_t mask);
const Insn *exception_program(EmuClass *c); // EmuClass.checked
// An operation about to take effect. False: it raises an exception that is let through (fault
// reported). The instruction is one of the checked program.
bool exception_check(Emu *e, uint32_t tile, uint32_t pc, const Insn *d, const RegFile *r);
bool exception_check_element(Emu *e, uint32_t tile, const Thread *th, uint32_t a, uint32_t b,
                             uint32_t result);
bool exception_check_half(Emu *e, uint32_t tile, SysOp op, uint32_t a, uint32_t b, uint32_t result);

/* task.c: task bits and picker */
void task_activate(Emu *e, uint32_t tile, uint32_t id);
void task_block(Emu *e, uint32_t tile, uint32_t id, TargetKind kind, bool block);
// Something may have become ready: schedules a pick task_pick cycles from now if the tile is idle.
void task_wake(Emu *e, uint32_t tile);
void task_pick(Emu *e, uint32_t tile); // PHASE_PICK
// Where the program continues for a control wavelet on an input queue, 0 = nowhere. *slot: its
// entry point; becomes the id of the task.
uint32_t task_of_control(const EmuClass *c, uint32_t queue, uint32_t *slot);
void task_end(Emu *e, uint32_t tile); // the entry function returned, in cycle Tile.clock

/* dsd.c: starting DSD operations */
CoreStep dsd_issue(Emu *e, uint32_t tile, const Insn *d, RegFile *r);
// NULL: not used by this program.
Dsr *dsd_register(Emu *e, uint32_t tile, DsrFile file, uint32_t number);
Xdsr *dsd_xdsr(Emu *e, uint32_t tile, uint32_t number);

/* operand.c: operands of DSD operations and access to their elements */
// The elements that the length field of a descriptor or FIFO register says. False: a length that
// the machine's field cannot hold (fault reported).
bool operand_length(Emu *e, uint32_t tile, uint32_t field, uint32_t *length);
// Fills an operand from descriptor words; `bits`: width of its elements. False: fault reported.
bool operand_init(Emu *e, uint32_t tile, Operand *o, const Dsr *d, unsigned bits, uint16_t index);
// Moves a memory operand to its element number `k`.
void operand_seek(const Emu *e, Operand *o, uint32_t k);
void operand_seek_next(const Emu *e, Operand *o); // to the next element
// Next element. The caller knows that there is one. False: outside of the window (fault reported).
bool operand_read(Emu *e, uint32_t tile, const Window *w, Operand *o, uint32_t *value);
bool operand_write(Emu *e, uint32_t tile, const Window *w, Operand *o, uint32_t value);
// Elements that one cycle can move: limit by the stride (machine 2.2); 0 = no limit.
unsigned operand_stride_limit(const Emu *e, const Operand *o);

/* dsd_kernels.c: the arithmetic of DSD operations */
// One element of `op`: a, b and s as bits.
uint32_t dsd_eval(DsdOp op, unsigned fp16, uint32_t a, uint32_t b, uint32_t s, uint8_t *carry);
// Contiguous elements; a scalar source is one element.
typedef struct DsdVector {
  void *dest;
  const void *a, *b;
  uint32_t n, s;
  bool a_scalar, b_scalar;
  uint8_t half; // the 16-bit float format
} DsdVector;
typedef void (*DsdKernel)(const DsdVector *);
void dsd_run_vector(DsdOp op, const DsdVector *k, uint8_t *carry);

/* dsd_native.c: whole operations over memory */
// Runs th->remaining elements, or as many as can be run without order between them and without a
// bad access; returns their number. The operands stand after them.
uint32_t dsd_native(Emu *e, const Window *w, Thread *th);

/* thread.c: microthreads and synchronous operations with fabric or FIFO operands */
void thread_step(Emu *e, uint32_t tile); // PHASE_THREAD
// A queue or FIFO of this tile changed: threads that wait may go on. Cheap when nobody waits.
void thread_wake(Emu *e, uint32_t tile);
uint32_t thread_new(Emu *e); // pointers into Emu.threads are good until the next call
// Executes `n` elements whose operands are all ready. False: fault.
bool thread_elements(Emu *e, uint32_t tile, Thread *th, uint32_t n);
// save_address of its operands (language 14.2).
void thread_save_addresses(Emu *e, uint32_t tile, const Thread *th);
// What the configuration word says for the end of an operation, or for a control wavelet
// (on_control).
void thread_completion(Emu *e, uint32_t tile, uint32_t cfg);
// Where the main thread stands among the priorities of microthreads: 0 between low and medium (at
// start), 1 medium, 2 between medium and high, 3 above all.
unsigned thread_main_level(const Tile *t);
void thread_set_main_level(Tile *t, unsigned level);

/* queue.c: queues at the ramp */
// A wavelet leaves the router down the ramp (PHASE_ARRIVE, called by the fabric). False: no queue
// is bound to the colour or it is full; then the wavelet stays in the router, and fab_retry is
// called when that may have changed.
// *tag: held by the caller, before and after; it changes if the wavelet had to wait.
bool queue_arrive(Emu *e, uint32_t tile, uint32_t color, uint32_t word, bool control,
                  uint32_t *tag);
// Is an input queue bound to the colour?
bool queue_bound(const Emu *e, uint32_t tile, uint32_t color);
void queue_out(Emu *e, uint32_t tile); // PHASE_OUT
TileQueues *
queue_of(Emu *e, uint32_t tile); // allocates on first use; the pointer is good until the next call
void queue_bind_input(Emu *e, uint32_t tile, uint32_t queue, uint32_t color);
void queue_bind_output(Emu *e, uint32_t tile, uint32_t queue, uint32_t color);
// From an input queue that is not empty.
QueueEntry queue_pop(Emu *e, uint32_t tile, uint32_t queue);
// Into an output queue with room.
void queue_push(Emu *e, uint32_t tile, uint32_t queue, QueueEntry entry);
// Activates the teardown task when a queue under flush is empty.
void queue_check_flush(Emu *e, uint32_t tile);

/* fabric.c: routers and links */
bool fab_new(Emu *e, Diags *diags); // fills e->fabric from the route words of the image
void fab_free(Emu *e);
// The core offers one wavelet to the ramp (PHASE_OUT; at most one accepted per cycle and tile). It
// enters the router ramp_up cycles later. False: the router has no room for this colour; then the
// fabric schedules PHASE_OUT of the tile when there is.
bool fab_send(Emu *e, uint32_t tile, QueueEntry *w); // its tag changes if it had to wait
// The core has a place again, or the host collects again: the router may deliver what waits.
void fab_retry(Emu *e, uint32_t tile);
void fab_link(Emu *e, uint32_t tile); // PHASE_LINK
// Starts to load what fab_link will need: the first stage for a tile some visits ahead, the second
// for a nearer one.
void fab_prefetch(const Emu *e, uint32_t far, uint32_t near);
void fab_arrive(Emu *e, uint32_t tile); // PHASE_ARRIVE
// Configuration registers of routes, switches, filters, teardown, called by config.c; `index` as in
// the row of target/registers.def. False, or e->stopped after a write: fault reported.
bool fab_register_read(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t *value);
void fab_register_write(Emu *e, uint32_t tile, RegisterId reg, uint32_t index, uint32_t value);
// Is the filter of a colour in force on this tile? An input queue may be bound without it.
bool fab_filter_enabled(const Emu *e, uint32_t tile, unsigned color);
void fab_filter_enable(Emu *e, uint32_t tile, unsigned color, bool on);
// True while any wavelet is in a router or on a link (for the report when nothing can move).
bool fab_occupied(const Emu *e);
// The host has wavelets of this colour for the tile's HOST port: takes as many as fit now
// (host_supply), the rest as they leave. False after a fault: no route.
bool fab_inject(Emu *e, uint32_t tile, uint32_t color);

/* hostport.c: commands, copies, streams */
bool host_new(Emu *e, Diags *diags);
void host_free(Emu *e);
// Asked by the run loop with the cycle of the next event (NEVER: at rest). True if that let held
// commands go, so that there are new events.
bool host_settle(Emu *e, uint64_t next);
typedef enum HostTake {
  HOST_NOTHING, // no command is ready: host_pending was stale
  HOST_DONE,    // one copy was done here; ask again
  HOST_LAUNCH   // *entry is the code address of the function to run; the command stream is blocked
                // until host_next
} HostTake;
// Called by the picker of an idle tile with host_pending set.
HostTake host_take(Emu *e, uint32_t tile, uint32_t *entry);
// Has the command stream reached the tile again since the program unblocked it (cost host_command)?
bool host_ready(const Emu *e, uint32_t tile);
uint32_t host_arg(Emu *e, uint32_t tile, uint32_t index); // argument word of the running launch
void host_next(Emu *e, uint32_t tile);                    // unblock_cmd_stream
// The launched function returned (end of a TASK_KIND_HOST).
void host_returned(Emu *e, uint32_t tile);
// Next wavelet of a stream into this tile; false: none is waiting. Asked by the fabric.
bool host_supply(Emu *e, uint32_t tile, uint32_t color, uint32_t *word);
// A wavelet reaches the host link. False: nobody asked for it yet; then it stays, and fab_retry is
// called later.
bool host_collect(Emu *e, uint32_t tile, uint32_t color, uint32_t word);

/* report.c: what waits for what */
// Text for emu_message after EMU_REST with work outstanding (malloc'ed).
char *report_waits(Emu *e);
// The tile with the most busy cycles; where a tile is, or between tasks the start of its latest one
// (0: none), and the function there ("": none).
uint32_t emu_latest_pc(const Emu *e, uint32_t tile);
uint32_t emu_hottest_tile(const Emu *e);
const char *emu_function_of(const Emu *e, uint32_t tile);

/* float_text.c: numbers as simprint shows them */
enum { FLOAT_TEXT = 24 };                             // bytes, with the end
void float_text(uint32_t bits, char out[FLOAT_TEXT]); // f32
void float_text_half(ArithHalf f, uint16_t bits, char out[FLOAT_TEXT]);

/* log.c: simprint and the summary */
bool log_new(Emu *e);
void log_free(Emu *e);  // before fab_free: writes the summary if nobody did
void log_flush(Emu *e); // end of every emu_run: writes the lines that no other can precede any more
void log_summary(
    Emu *e); // end of a run to rest (EMU_TO_REST): all lines and the closing summary, once
// After a checkpoint nothing more is written, unless this process runs on as well.
void log_suspend(Emu *e, bool suspended);
// A complete line of a trace.
void log_line(Emu *e, uint32_t tile, uint64_t cycle, const char *text);
void log_print(Emu *e, uint32_t tile, uint64_t cycle, const char *text, uint32_t bytes);
#endif
