// State and helpers (ops.c) that the builtin groups about the machine share: builtins_layout,
// _task, _queue, _events, _export, _dsd, _dsr, _machine.
#ifndef WEFT_SEMA_OPS_H
#define WEFT_SEMA_OPS_H
#include "sema/internal.h"

// ---- configuration structs (config.c): literals and named structs alike, fields comptime-known or
// not ----
typedef struct Config {
  Ctx *cx;
  Node *at;         // the argument
  Operand op;       // its value
  const char *what; // "DSD configuration", for messages
} Config;
// Evaluates a struct argument. False after a report. `what` names it in messages.
bool config_open(Ctx *cx, Node *at, const char *what, Config *c);
// The same for an argument that was evaluated already.
bool config_from(Ctx *cx, Node *at, Operand op, const char *what, Config *c);
// The struct in field `name` of `c`; false if there is none (no report), *ok = false after a
// report.
bool config_sub(const Config *c, const char *name, Config *sub, bool *ok);
// Reports fields that are not in the NULL-terminated list.
bool config_only(const Config *c, const char *const *names);
// Field by name: false if it is not there. *at: where a message about it points.
bool config_has(const Config *c, const char *name, Operand *op, Node **at);
// Optional comptime fields: *out is left alone if the field is not there. False after a report.
bool config_bool(const Config *c, const char *name, bool *out);
bool config_int(const Config *c, const char *name, int64_t lo, int64_t hi, int64_t *out);
// Number of the one field of `c` that is true, of a NULL-terminated list: -1 after a report.
int config_one_true(const Config *c, const char *const *names);
// The same of the struct in field `name`: *which is left alone if the field is not there. False
// after a report.
bool config_choice(const Config *c, const char *name, const char *const *names, int *which);
// Field .priority: 1 low, 2 medium, 3 high; else as config_choice.
bool config_priority(const Config *c, int *level);

// ---- layout ----
// Parses the last argument of a colour configuration (language 11.3). False after a report.
bool colorconfig_parse(Ctx *cx, Node *at, Operand op, uint8_t color, ColorConfig *out);

typedef struct LayoutMember { // one colour of a set: configuration number, and where it was given
  uint32_t config;
  SrcRange where;
} LayoutMember;
typedef struct LayoutSet {
  LayoutMember *members; // stb_ds
  SrcPos pos;
} LayoutSet;
typedef struct LayoutPending { // a call that came before @set_rectangle
  Node *call;
  uint32_t x, y;
  FileInfo *file; // NULL: a colour configuration
  Value bindings;
  uint32_t config;
} LayoutPending;
typedef struct ParsedConfig { // a configuration value that was parsed before
  Value value;
  uint8_t color;
  uint32_t config;
} ParsedConfig;
typedef struct FileKey {
  const FileInfo *from;
  uint64_t path; // Name
} FileKey;
typedef struct ConfigKey {
  uint64_t route;
  Filter filter;
  uint8_t color;
} ConfigKey;
// Does the filter of a colour have one number everywhere? Decided when the layout is complete.
typedef enum FilterNumbering { FILTERS_OPEN, FILTERS_BY_COLOR, FILTERS_BY_TILE } FilterNumbering;
typedef struct OpsLayout {
  ColorConfig *configs; // stb_ds, distinct
  struct {
    ConfigKey key;
    uint32_t value;
  } *config_index; // stb_ds map
  struct {
    uint64_t key; // hash of value and colour
    ParsedConfig value;
  } *parsed; // stb_ds map
  struct {
    FileKey key;
    FileInfo *value;
  } *files;        // stb_ds map: programs by path, as @set_tile_code names them
  LayoutSet *sets; // stb_ds; 0 is the empty set
  struct {
    uint64_t key; // set << 32 | configuration
    uint32_t value;
  } *transitions;            // stb_ds map: the set with one configuration more
  uint32_t *tile_set;        // [height][width]
  SrcPos *coded;             // [height][width]: where the tile got its program; 0: it has none
  SrcRange rectangle;        // where @set_rectangle was called
  SrcRange *export_where;    // stb_ds, parallel to FabricModule.exports
  LayoutPending *pending;    // stb_ds
  Type *export_types;        // stb_ds, parallel to FabricModule.exports
  struct OpsTile **programs; // stb_ds: state of every tile program, freed with the run
  bool has_rectangle;
  FilterNumbering filter_numbering;
  uint8_t filter_number[MAX_COLORS];
} OpsLayout;

// ---- tile programs ----
typedef struct LocalConfig {
  ColorConfig config;
  SrcRange where;
} LocalConfig;
typedef struct QueueState {
  bool initialised, used; // used: by a fabric DSD
  bool by_operand;        // by one that may be an operand, not in registers alone
  bool shared;            // by DSDs of several colours: each operation binds it
  Value color; // of @initialize_queue, else of a use; T_NONE: not named. May differ per tile
  SrcRange where, use;
  uint8_t table; // of its control tasks
} QueueState;
typedef struct TaskState {
  bool bound, local; // local: started by activation alone
  uint32_t function; // index into Sema.functions
  SrcRange where;
} TaskState;
typedef struct ExportedSymbol { // what this program exports: a variable (object + 1) or a function
  uint32_t id, object, function;
} ExportedSymbol;
typedef struct ConfigWord { // a configuration register set in a comptime block
  uint32_t address, value;
} ConfigWord;
typedef struct FifoTask { // a task name in the configuration of a FIFO
  Node *at;
  Value task;
  uint32_t fifo;
  bool pop;
} FifoTask;
typedef struct LateTask { // a task name in the configuration word of a register loaded at the start
  Node *at;               // NULL: no name
  Value task;
  bool activate; // it must be bound as local task
  uint8_t shift; // where its id goes
  uint32_t row;  // of TileModule.setup
} LateTask;
typedef enum HandlerKind { HANDLES_COLOR, HANDLES_INPUT, HANDLES_OUTPUT } HandlerKind;
typedef struct Handler { // of a colour in teardown, or of an empty queue
  IrRef function;
  uint8_t id, kind; // colour or queue; HandlerKind
  SrcPos pos;
} Handler;
enum { MAX_ROTATIONS = 2 };
typedef struct RotatingPair {
  Value alternate;
  uint8_t id; // of the data task
  Node *call;
} RotatingPair;
typedef struct OpsTile {
  TaskState tasks[TASK_IDS];   // data and local ids
  TaskState control[TASK_IDS]; // control ids
  QueueState in[MAX_QUEUES], out[MAX_QUEUES];
  SrcRange teardown, control_table, flush; // begin 0: not there
  SrcRange teardown_handlers[MAX_COLORS], empty_handlers[2 * MAX_QUEUES];
  Handler *handlers; // stb_ds
  RotatingPair rotating[MAX_ROTATIONS];
  uint8_t rotations, control_stride;
  bool binds_by_color;     // @bind_task was used: colours are ids of local tasks
  LocalConfig *configs;    // stb_ds
  ExportedSymbol *exports; // stb_ds
  ConfigWord *words;       // stb_ds
  FifoTask *fifo_tasks;    // stb_ds: task names to resolve once all are bound
  LateTask *late_tasks;    // stb_ds: the same of registers
  uint8_t virtual_dsrs;    // registers of @map, numbered from DSR_VIRTUAL
  bool loading;            // the DSD that is being evaluated goes to a register
  bool complete;           // all comptime blocks have run
} OpsTile;

// The program that a comptime block belongs to; NULL after a report if the layout is evaluated.
OpsTile *ops_tile(Ctx *cx, Node *call);
// Is this part of a file of the standard library?
bool ops_in_stdlib(const Sema *s, const Node *n);
// The setup row of a call in a comptime block.
void ops_setup(Ctx *cx, Node *call, SetupKind kind, uint32_t id, IrRef a, IrRef b, IrRef c);
IrRef ops_i16(Ctx *cx, int64_t v);
IrRef ops_i32(Ctx *cx, int64_t v);
// Comptime function or task value; false after a report. `want_task`: a task, else a function.
bool ops_function(Ctx *cx, Node *n, bool want_task, Value *fn);
// Function `fn` as the handler of an event: fn() void.
bool ops_handler(Ctx *cx, Node *n, IrRef *ref);
// Fields of a call that an operation takes as completion: task name or id (language 13.4).
bool ops_local_task(Ctx *cx, Node *at, Operand op, IrRef *id);
// A colour in a configuration struct: *color keeps what differs between tiles. False after a
// report.
bool ops_color_field(const Config *c, const char *name, Value *color);
// A colour for a setup row or instruction, per tile if need be.
IrRef ops_color(Ctx *cx, Value color);
// What @block, @unblock and .unblock accept: the id at run time and its TARGET_* kind.
bool ops_target(Ctx *cx, Node *at, Operand op, IrRef *id, TargetKind *kind, int64_t *known);

// A comptime number that must be below `limit`: handles that were not made by @get_….
bool ops_number(Ctx *cx, Node *at, int64_t v, int64_t limit, const char *what);
// The queue in an argument; *output tells which kind.
bool ops_queue(Ctx *cx, Node *n, int64_t *queue, bool *output);
// Elements of a DSD; 0 if it has no length, an endless one, or one that is not known.
int64_t ops_dsd_length(Ctx *cx, Operand op);
// Type of the elements of a memory DSD that is known, or with which the variable `n` began; T_NONE:
// not known.
Type ops_dsd_elem(Ctx *cx, const Node *n, Operand op);
// Takes the place of task `id` in its table.
bool ops_reserve_task(Ctx *cx, Node *call, TaskState *slot, int64_t id, Value task, bool local);
// Has the task between `lo` and `hi` parameters, which share a wavelet?
bool ops_task_params(Ctx *cx, Node *call, Value task, uint32_t lo, uint32_t hi, const char *kind);
// What a set-up row names: the task itself. The backend makes the entry that takes the wavelet
// apart.
IrRef ops_task_entry(Ctx *cx, Node *call, Value task);
// Binds what events need: the teardown task made of handlers, alternates of rotating tasks.
void events_end(Ctx *cx);

// The end of the comptime blocks for queues: those of data tasks are there, those that operands use
// get their colour.
void queues_end(Ctx *cx);

// Ids of the tasks that FIFOs and registers loaded at the start name.
void dsrs_resolve_tasks(Ctx *cx);
// Id that a task is bound to, as a local one if it is to be activated. False after a report.
bool ops_bound_id(Ctx *cx, Node *at, Value task, bool activate, int64_t *id);

// ---- tensors and DSDs ----
// Element type that a pointer gives a DSD; T_NONE if it is no pointer.
Type ops_pointee(const Sema *s, Type pointer);
// The address that an operand gives: a pointer value, or an array variable by its name. False after
// a report.
bool ops_address(Ctx *cx, Node *at, Operand op, Operand *pointer);
uint32_t dsd_new(Sema *s, const DsdValue *d);
// Words of a comptime DSD as in target/isa.h, without its address: lo, hi, extents, steps.
void dsd_words(const DsdValue *d, uint32_t words[6]);
// What dsd.mem4d takes as its list.
void dsd_box(const DsdValue *d, uint32_t list[9]);
// Number of the constant part of a fabric DSD in the tile module.
uint32_t dsd_fabric(Ctx *cx, const DsdValue *d);
// A fabric DSD is made here: its queue is in use from now on; a contradicting colour is reported.
void dsd_note_queue(Ctx *cx, Node *at, const DsdValue *d);

// ---- options of DSD operations and registers (dsd_config.c) ----
typedef struct OpConfig {
  uint32_t cfg; // CFG_*
  IrRef completion, on_control, index;
  LateTask late_completion, late_control; // in a comptime block, where tasks may be bound later
  Node *at;
} OpConfig;
typedef enum OpConfigFor { CONFIG_OPERATION, CONFIG_DFILT, CONFIG_DSR } OpConfigFor;
bool dsd_config(Ctx *cx, Node *at, OpConfigFor use, OpConfig *out);
#endif
