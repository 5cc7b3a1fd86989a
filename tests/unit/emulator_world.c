// Programs and images for tests of the emulator.
#include "emulator_world.h"
#include <check.h>
#include <stb/stb_ds.h>

uint32_t here(const Program *p)
{
  return CODE_BASE + 2 * (uint32_t)arrlen(p->code);
}
void put16(Program *p, uint32_t halfword)
{
  arrput(p->code, (uint16_t)halfword);
}
void put32(Program *p, uint32_t word)
{
  put16(p, word & 0xffff);
  put16(p, word >> 16);
}
void addi(Program *p, unsigned rd, unsigned rs1, int imm)
{
  put32(p, (uint32_t)imm << 20 | rs1 << 15 | rd << 7 | 0x13);
}
void li(Program *p, unsigned rd, uint32_t value)
{
  put32(p, ((value + 0x800) & 0xfffff000) | rd << 7 | 0x37);
  addi(p, rd, rd, (int)(value << 20) >> 20);
}
void lw(Program *p, unsigned rd, unsigned rs1, int imm)
{
  put32(p, (uint32_t)imm << 20 | rs1 << 15 | 2u << 12 | rd << 7 | 0x03);
}
void sw(Program *p, unsigned rs2, unsigned rs1, int imm)
{
  uint32_t i = (uint32_t)imm & 0xfff;
  put32(p, i >> 5 << 25 | rs2 << 20 | rs1 << 15 | 2u << 12 | (i & 31) << 7 | 0x23);
}
static void branch(Program *p, unsigned f3, unsigned rs1, unsigned rs2, uint32_t target)
{
  uint32_t o = target - here(p);
  put32(p, (o >> 12 & 1) << 31 | (o >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 |
               (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7 | 0x63);
}
void bne(Program *p, unsigned rs1, unsigned rs2, uint32_t target)
{
  branch(p, 1, rs1, rs2, target);
}
void beq(Program *p, unsigned rs1, unsigned rs2, uint32_t target)
{
  branch(p, 0, rs1, rs2, target);
}
void ret(Program *p)
{
  put32(p, (uint32_t)RA << 15 | 0x67);
}
void sys(Program *p, SysOp op, unsigned rd, unsigned rs1, unsigned rs2)
{
  put32(p, isa_encode_sys(op, rd, rs1, rs2));
}
void dsd(Program *p, DsdOp op, unsigned dest, unsigned src0, unsigned src1, unsigned scalar)
{
  put32(p, isa_encode_dsd(op, dest, src0, src1, scalar));
}
void load_dsr(Program *p, DsrFile file, unsigned number, uint32_t lo, uint32_t hi)
{
  static const SysOp op[FILES] = {SYS_dsr_ld_dest, SYS_dsr_ld_src0, SYS_dsr_ld_src1};
  li(p, T0, lo);
  li(p, T1, hi);
  sys(p, op[file], number, T0, T1);
}
void options(Program *p, uint32_t cfg, uint32_t index)
{
  li(p, T0, cfg);
  li(p, T1, index);
  sys(p, SYS_dsd_cfg, 0, T0, T1);
}
void setup(Program *p, ImageSetupKind kind, uint32_t id, uint32_t a, uint32_t b, uint32_t c)
{
  arrput(p->setup, ((ImageSetup){kind, id, a, b, c}));
}

uint32_t mem_lo(uint32_t address, uint32_t length)
{
  return address | length << DSD_LEN_SHIFT;
}
uint32_t mem_hi(int stride)
{
  return DSD_MEM1D | ((uint32_t)stride & 255) << DSD_STRIDE_SHIFT;
}
uint32_t fab_lo(uint32_t color, uint32_t queue, uint32_t length)
{
  return color | queue << DSD_QUEUE_SHIFT | DSD_COLOR_VALID | DSD_QUEUE_VALID |
         length << DSD_LEN_SHIFT;
}

void put_words(Program *p, uint32_t address, const uint32_t *words, uint32_t n)
{
  memcpy(p->data + address, words, n * sizeof *words);
}
void main_task(Program *p)
{
  setup(p, IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, 0, 0);
  setup(p, IMAGE_SETUP_ACTIVATE, 9, 0, 0, 0);
}
uint32_t append(Program *p, int number)
{
  uint32_t at = here(p);
  p->data[0] = LOG;
  lw(p, A4, ZERO, 0);
  addi(p, A5, ZERO, number);
  sw(p, A5, A4, 0);
  addi(p, A4, A4, 4);
  sw(p, A4, ZERO, 0);
  return at;
}
void bind_append(Program *p, uint32_t id, int number)
{
  uint32_t at = append(p, number);
  ret(p);
  setup(p, IMAGE_SETUP_TASK_LOCAL, id, at, 0, 0);
}
void send_words(Program *p, const uint32_t *words, uint32_t n, uint32_t hi)
{
  put_words(p, SOURCE, words, n);
  load_dsr(p, FILE_DEST, 1, fab_lo(COLOR, QUEUE, n), DSD_FABOUT | hi);
  load_dsr(p, FILE_SRC1, 1, mem_lo(SOURCE, n), mem_hi(1));
  dsd(p, DSD_mov32, 1, 0, 1, 0);
}
void clock_on(Program *p)
{
  li(p, T2, 1);
  sys(p, SYS_tsc_ctl, 0, T2, 0);
}
void clock_to(Program *p, unsigned rd)
{
  sys(p, SYS_tsc_read, rd, ZERO, 0);
}
void store_readings(Program *p)
{
  sw(p, A1, ZERO, 0);
  sw(p, A2, ZERO, 4);
  ret(p);
}

static void make_class(Image *img, Program *p)
{
  ImageClass c = {.name = "test.csl", .elf = "bin/out.elf"};
  c.code_bytes = 2 * (uint32_t)arrlen(p->code);
  c.code = arena_alloc(&img->arena, c.code_bytes);
  memcpy(c.code, p->code, c.code_bytes);
  c.data = arena_alloc(&img->arena, sizeof p->data);
  memcpy(c.data, p->data, sizeof p->data);
  c.data_bytes = 3072;
  c.stack_bytes = 1024;
  c.private_bytes = PRIVATE_BYTES;
  c.shared_base = PRIVATE_BYTES;
  c.setup = p->setup;
  arrput(img->classes, c);
  arrfree(p->code);
}

World world_new(ArchId arch, uint32_t width, uint32_t height, Program **programs, uint32_t n,
                const uint32_t *tile_class)
{
  World w = {.img = image_new(), .opt = {.max_cycles = 1000000}};
  w.img->arch = arch;
  w.img->width = width;
  w.img->height = height;
  uint32_t tiles = width * height;
  for (uint32_t i = 0; i < n; i++)
    make_class(w.img, programs[i]);
  w.img->tile_class = ARENA_ARRAY(&w.img->arena, uint32_t, tiles);
  w.img->tile_routes = ARENA_ARRAY(&w.img->arena, uint32_t, tiles);
  w.img->const_first = ARENA_ARRAY(&w.img->arena, uint32_t, tiles);
  for (uint32_t i = 0; i < tiles; i++) {
    w.img->tile_class[i] = tile_class ? tile_class[i] : 0;
    w.img->tile_routes[i] = i;
    arrput(w.img->route_sets, (ImageRouteSet){0});
  }
  return w;
}

void world_route(World *w, uint32_t x, uint32_t y, uint32_t color, Route r)
{
  r.valid[0] = true;
  w->img->route_sets[y * w->img->width + x].words[color] = route_encode(&r);
}

void world_start(World *w)
{
  w->e = emu_new(w->img, &w->opt, &w->diags);
  if (w->e)
    emu_start(w->e);
}

EmuStop world_run(World *w)
{
  world_start(w);
  return emu_run(w->e, EMU_TO_REST);
}

void world_free(World *w)
{
  emu_free(w->e);
  image_free(w->img);
  diag_free(&w->diags);
}

uint32_t peek(const World *w, uint32_t x, uint32_t y, uint32_t address)
{
  uint32_t v, bytes;
  memcpy(&v, emu_tile_memory(w->e, x, y, &bytes) + address, sizeof v);
  return v;
}
uint16_t peek16(const World *w, uint32_t x, uint32_t y, uint32_t address)
{
  uint16_t v;
  uint32_t bytes;
  memcpy(&v, emu_tile_memory(w->e, x, y, &bytes) + address, sizeof v);
  return v;
}

Route straight(Dir rx, Dir tx)
{
  return (Route){.rx = {DIR_BIT(rx)}, .tx = {DIR_BIT(tx)}};
}
World world_single(ArchId arch, Program *p)
{
  Program *list[1] = {p};
  main_task(p);
  return world_new(arch, 1, 1, list, 1, NULL);
}
World world_pair(ArchId arch, Program *west, Program *east)
{
  static const uint32_t classes[2] = {0, 1};
  Program *list[2] = {west, east};
  main_task(west);
  main_task(east);
  World w = world_new(arch, 2, 1, list, 2, classes);
  world_route(&w, 0, 0, COLOR, straight(DIR_RAMP, DIR_EAST));
  world_route(&w, 1, 0, COLOR, straight(DIR_WEST, DIR_RAMP));
  return w;
}

void assert_rest(World *w)
{
  EmuStop why = world_run(w);
  ck_assert_msg(why == EMU_REST, "stopped (%d): %s", why,
                why == EMU_FAULT ? emu_message(w->e) : "");
}
void assert_fault(World *w, const char *text)
{
  ck_assert_int_eq(world_run(w), EMU_FAULT);
  ck_assert_msg(strstr(emu_message(w->e), text) != NULL, "'%s' does not say '%s'",
                emu_message(w->e), text);
}
void assert_program_faults(Program *p, const char *text)
{
  World w = world_single(ARCH_WSE3, p);
  assert_fault(&w, text);
  ck_assert(strstr(emu_message(w.e), "tile (0, 0)"));
  world_free(&w);
}
void assert_log(const World *w, uint32_t x, const uint32_t *numbers, uint32_t n)
{
  ck_assert_uint_eq(peek(w, x, 0, 0), LOG + 4 * n);
  for (uint32_t i = 0; i < n; i++)
    ck_assert_uint_eq(peek(w, x, 0, LOG + 4 * i), numbers[i]);
}
uint32_t between_readings(const World *w)
{
  return peek(w, 0, 0, 4) - peek(w, 0, 0, 0);
}
