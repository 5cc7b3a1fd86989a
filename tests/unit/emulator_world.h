// A small world for tests of the emulator: programs of hand-encoded words in an image made in
// memory.
#ifndef WEFT_TESTS_EMULATOR_WORLD_H
#define WEFT_TESTS_EMULATOR_WORLD_H
#include "emulator/internal.h"

// ---- registers by their usual names ----
enum { ZERO, RA, SP, T0 = 5, T1, T2, S0, S1, A0 = 10, A1, A2, A3, A4, A5 };

// ---- a program under construction ----
typedef struct Program {
  uint16_t *code;    // stb_ds
  ImageSetup *setup; // stb_ds
  uint8_t data[4096];
} Program;

uint32_t here(const Program *p); // address of the next instruction
void put16(Program *p, uint32_t halfword);
void put32(Program *p, uint32_t word);
void li(Program *p, unsigned rd, uint32_t value);
void addi(Program *p, unsigned rd, unsigned rs1, int imm);
void lw(Program *p, unsigned rd, unsigned rs1, int imm);
void sw(Program *p, unsigned rs2, unsigned rs1, int imm);
void bne(Program *p, unsigned rs1, unsigned rs2, uint32_t target);
void beq(Program *p, unsigned rs1, unsigned rs2, uint32_t target);
void ret(Program *p);
void sys(Program *p, SysOp op, unsigned rd, unsigned rs1, unsigned rs2);
void dsd(Program *p, DsdOp op, unsigned dest, unsigned src0, unsigned src1, unsigned scalar);
// Loads a DSR with constants through t0, t1.
void load_dsr(Program *p, DsrFile file, unsigned number, uint32_t lo, uint32_t hi);
// Options of the next operation through t0, t1.
void options(Program *p, uint32_t cfg, uint32_t index);
void setup(Program *p, ImageSetupKind kind, uint32_t id, uint32_t a, uint32_t b, uint32_t c);

// ---- descriptor words ----
uint32_t mem_lo(uint32_t address, uint32_t length);
uint32_t mem_hi(int stride);
uint32_t fab_lo(uint32_t color, uint32_t queue, uint32_t length);
#define SIMD_PACKED ((uint32_t)SIMD_32 << DSD_SIMD_SHIFT)

// ---- pieces of programs ----
enum { COLOR = 3, QUEUE = 2 };   // what pairs of tiles talk through
enum { LOG = 64, SOURCE = 256 }; // where the pieces below keep their data
void put_words(Program *p, uint32_t address, const uint32_t *words, uint32_t n);
// Local task 9 starts at the first instruction and is active.
void main_task(Program *p);
// Appends a number to the list at LOG whose end stands at address 0; changes a4, a5. Returns where
// the code starts.
uint32_t append(Program *p, int number);
// A local task that only appends.
void bind_append(Program *p, uint32_t id, int number);
// Sends words on COLOR from memory at SOURCE; `hi` are further flags of the destination.
void send_words(Program *p, const uint32_t *words, uint32_t n, uint32_t hi);
void clock_on(Program *p);
void clock_to(Program *p, unsigned rd); // the low 16 bits of the clock
// Stores the readings in a1 and a2 at 0 and 4 and ends the task.
void store_readings(Program *p);

// ---- the world ----
enum { PRIVATE_BYTES = 4096 };
typedef struct World {
  Image *img;
  Emu *e;
  EmuOptions opt; // may be changed before world_start
  Diags diags;
} World;

// Every tile runs program classes[tile_class[i]] (all the first one if tile_class is NULL); routes
// are empty. The programs are used up.
World world_new(ArchId arch, uint32_t width, uint32_t height, Program **programs, uint32_t n,
                const uint32_t *tile_class);
// Sets the route of a colour on one tile; before world_start.
void world_route(World *w, uint32_t x, uint32_t y, uint32_t color, Route r);
void world_start(World *w);  // makes the emulator
EmuStop world_run(World *w); // start and run to rest
void world_free(World *w);
uint32_t peek(const World *w, uint32_t x, uint32_t y, uint32_t address);
uint16_t peek16(const World *w, uint32_t x, uint32_t y, uint32_t address);
Route straight(Dir rx, Dir tx);
// One tile; the program is its main task.
World world_single(ArchId arch, Program *p);
// Two tiles with a main task each; COLOR leads from the west one to the east one.
World world_pair(ArchId arch, Program *west, Program *east);

// ---- checks ----
void assert_rest(World *w);                    // runs to rest
void assert_fault(World *w, const char *text); // runs into a fault whose message has the text
// The same of one tile, whose name it says.
void assert_program_faults(Program *p, const char *text);
void assert_log(const World *w, uint32_t x, const uint32_t *numbers, uint32_t n);
uint32_t between_readings(const World *w); // cycles from one of store_readings to the other, tile 0
#endif
