// Unit tests of host port, streams, wait-for report and log on the whole emulator: images are made
// in memory, their programs put together word by word.
#include "emulator/internal.h"
#include "suite.h"
#include <stb/stb_ds.h>
#include <stdio.h>
#include <stdlib.h>

// ---- a small assembler ----

enum { X0 = 0, RA = 1, A0 = 10, A1 = 11, A2 = 12 };
enum { RET = 0x00008067, MAX_CODE = 256 };

static uint32_t code[MAX_CODE], n_code;

static uint32_t here(void)
{
  return CODE_BASE + 4 * n_code;
}
static void put(uint32_t word)
{
  ck_assert_uint_lt(n_code, MAX_CODE);
  code[n_code++] = word;
}
static void addi(unsigned rd, unsigned rs, int imm)
{
  put((uint32_t)imm << 20 | rs << 15 | rd << 7 | 0x13);
}
static void li(unsigned rd, uint32_t value)
{
  put(((value + 0x800) & 0xfffff000u) | rd << 7 | 0x37);
  addi(rd, rd, (int)(value << 20) >> 20);
}
static void lw(unsigned rd, unsigned rs, unsigned imm)
{
  put(imm << 20 | rs << 15 | 2 << 12 | rd << 7 | 0x03);
}
static void sw(unsigned rs2, unsigned rs1, unsigned imm)
{
  put((imm >> 5) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | (imm & 31) << 7 | 0x23);
}
static void sys(SysOp op, unsigned rd, unsigned rs1, unsigned rs2)
{
  put(isa_encode_sys(op, rd, rs1, rs2));
}

// ---- an image ----

static Image *image;
static Emu *emu;
static Diags diags;
static FILE *log_file;

// Classes with 256 bytes of data and one line of pe.csl per instruction.
static ImageClass *new_class(void)
{
  arrput(image->classes, (ImageClass){0});
  ImageClass *c = &image->classes[arrlen(image->classes) - 1];
  *c = (ImageClass){.name = "pe.csl",
                    .elf = "bin/out_0_0.elf",
                    .data_bytes = 256,
                    .stack_bytes = 64,
                    .private_bytes = 320,
                    .shared_base = 1024};
  c->data = calloc(1, c->data_bytes);
  c->code = calloc(MAX_CODE, 4);
  arrput(c->files, "pe.csl");
  n_code = 0;
  return c;
}

static void record(ImageClass *c, ImageSetupKind kind, uint32_t id, uint32_t a, uint32_t b)
{
  arrput(c->setup, ((ImageSetup){kind, id, a, b, 0}));
}

static void symbol(ImageClass *c, const char *name, uint32_t address, uint32_t size)
{
  arrput(c->symbols, ((ImageSymbol){name, address, size, address >= CODE_BASE, false}));
}

static void finish(ImageClass *c)
{
  memcpy(c->code, code, sizeof code);
  c->code_bytes = 4 * n_code;
  for (uint32_t i = 0; i < n_code; i++)
    arrput(c->lines, ((ImageLine){CODE_BASE + 4 * i, 0, 100 + i}));
}

static uint32_t add_export(const char *name, uint8_t kind)
{
  arrput(image->exports,
         ((ImageExport){.name = name, .symbol = name, .type = "", .kind = kind, .mutable_ = true}));
  return (uint32_t)arrlen(image->exports) - 1;
}

static void new_image(ArchId arch, uint32_t width, uint32_t height)
{
  image = image_new();
  image->arch = arch;
  image->width = width;
  image->height = height;
  size_t n = (size_t)width * height;
  image->tile_class = calloc(n, sizeof(uint32_t));
  image->tile_routes = calloc(n, sizeof(uint32_t));
  image->const_first = calloc(n, sizeof(uint32_t));
  arrput(image->route_sets, (ImageRouteSet){0});
}

static void start(void)
{
  log_file = tmpfile();
  EmuOptions opt = {.log = log_file};
  emu = emu_new(image, &opt, &diags);
  ck_assert_ptr_nonnull(emu);
  emu_start(emu);
}

static void stop(void)
{
  emu_free(emu);
  fclose(log_file);
  for (ptrdiff_t i = 0; i < arrlen(image->classes); i++) {
    ImageClass *c = &image->classes[i];
    free(c->data);
    free(c->code);
  }
  free(image->tile_class);
  free(image->tile_routes);
  free(image->const_first);
  image->tile_class = image->tile_routes = image->const_first = NULL;
}

enum {
  PTR = 0,
  ARRAY = 16,
  OTHER = 128
}; // addresses: the exported pointer, what it points to at first

// A class with data export 0 and function exports 1 "good" (adds 1 to the first word, unblocks) and
// 2 "bad" (never unblocks).
static ImageClass *plain_class(void)
{
  ImageClass *c = new_class();
  c->data[PTR] = ARRAY;
  record(c, IMAGE_SETUP_EXPORT_DATA, 0, PTR, 0);
  record(c, IMAGE_SETUP_EXPORT_FUNC, 1, here(), 0);
  li(A0, ARRAY);
  lw(A1, A0, 0);
  addi(A1, A1, 1);
  sw(A1, A0, 0);
  sys(SYS_host_next, 0, 0, 0);
  put(RET);
  record(c, IMAGE_SETUP_EXPORT_FUNC, 2, here(), 0);
  put(RET);
  finish(c);
  return c;
}

static void plain_image(uint32_t width, uint32_t height)
{
  new_image(ARCH_WSE3, width, height);
  add_export("x", 0);
  add_export("good", 1);
  add_export("bad", 1);
  plain_class();
}

static EmuRegion region(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
  return (EmuRegion){.x = x, .y = y, .width = w, .height = h};
}

// ---- copies ----

START_TEST(copies_in_and_out_in_both_orders)
{
  enum { W = 3, H = 2, L = 4, N = W * H * L };
  bool half = _i;
  plain_image(4, 3);
  start();
  uint32_t in[N], out[N], rows[N];
  for (uint32_t k = 0; k < N; k++)
    in[k] = 0x10001 * (k + 1);
  EmuLayout row = {L, W * L, 1}, column = {H, 1, W * H};
  EmuTicket a = emu_copy_in(emu, 0, region(1, 1, W, H), L, half, row, in);
  EmuTicket b = emu_copy_out(emu, 0, region(1, 1, W, H), L, half, column, out);
  EmuTicket c = emu_copy_out(emu, 0, region(1, 1, W, H), L, half, row, rows);
  ck_assert_int_eq(emu_run(emu, c), EMU_DONE);
  ck_assert(emu_ticket_done(emu, a) && emu_ticket_done(emu, b));
  for (uint32_t y = 0; y < H; y++)
    for (uint32_t x = 0; x < W; x++)
      for (uint32_t k = 0; k < L; k++) {
        uint32_t want = in[(y * W + x) * L + k] & (half ? 0xffff : UINT32_MAX);
        ck_assert_uint_eq(rows[(y * W + x) * L + k], want);
        ck_assert_uint_eq(out[(k * W + x) * H + y], want);
      }
  uint32_t bytes;
  ck_assert_uint_eq(emu_tile_memory(emu, 0, 0, &bytes)[ARRAY], 0); // outside of the region
  ck_assert_uint_eq(emu_tile_memory(emu, 1, 1, &bytes)[ARRAY], 1);
  ck_assert_uint_eq(emu_tile_memory(emu, 1, 1, &bytes)[ARRAY + 2], half ? 2 : 1);
  stop();
}
END_TEST

START_TEST(copies_follow_the_pointer)
{
  plain_image(1, 1);
  start();
  uint32_t bytes, word = 77, back = 0;
  EmuLayout l = {1, 1, 1};
  emu_tile_memory(emu, 0, 0, &bytes)[PTR] = OTHER;
  emu_copy_in(emu, 0, region(0, 0, 1, 1), 1, false, l, &word);
  ck_assert_int_eq(emu_run(emu, emu_copy_out(emu, 0, region(0, 0, 1, 1), 1, false, l, &back)),
                   EMU_DONE);
  ck_assert_uint_eq(back, 77);
  ck_assert_uint_eq(emu_tile_memory(emu, 0, 0, &bytes)[OTHER], 77);
  ck_assert_uint_eq(emu_tile_memory(emu, 0, 0, &bytes)[ARRAY], 0);
  stop();
}
END_TEST

START_TEST(a_copy_may_reach_the_end_of_the_data)
{
  plain_image(2, 1);
  start();
  uint32_t words[60] = {0};
  EmuTicket t = emu_copy_in(emu, 0, region(1, 0, 1, 1), 60, false, (EmuLayout){60, 1, 1}, words);
  ck_assert_int_eq(emu_run(emu, t), EMU_DONE);
  stop();
}
END_TEST

// The first count ends in the stack.
START_TEST(copies_beyond_the_data_are_faults)
{
  static const uint32_t counts[] = {61, 77, 100000000};
  plain_image(2, 1);
  start();
  uint32_t *words = calloc(77, 4);
  EmuTicket t =
      emu_copy_in(emu, 0, region(1, 0, 1, 1), counts[_i], false, (EmuLayout){77, 1, 1}, words);
  ck_assert_int_eq(emu_run(emu, t), EMU_FAULT);
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "tile (1, 0)"));
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "to \"x\", which points to address 0x0010"));
  free(words);
  stop();
}
END_TEST

START_TEST(a_copy_of_what_the_tile_does_not_export_is_a_fault)
{
  plain_image(2, 1);
  ImageClass *c = new_class();
  put(RET);
  finish(c);
  image->tile_class[1] = 1;
  start();
  uint32_t word;
  EmuTicket t = emu_copy_out(emu, 0, region(1, 0, 1, 1), 1, false, (EmuLayout){1, 1, 1}, &word);
  ck_assert_int_eq(emu_run(emu, t), EMU_FAULT);
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "tile (1, 0)"));
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "does not export"));
  stop();
}
END_TEST

START_TEST(bad_export_records_are_refused)
{
  static const struct {
    ImageSetupKind kind;
    uint32_t id, address;
  } bad[] = {{IMAGE_SETUP_EXPORT_DATA, 3, 0},
             {IMAGE_SETUP_EXPORT_DATA, 0, 319},
             {IMAGE_SETUP_EXPORT_DATA, 0, UINT32_MAX},
             {IMAGE_SETUP_EXPORT_FUNC, 1, 0},
             {IMAGE_SETUP_EXPORT_FUNC, 1, CODE_BASE + 4096}};
  plain_image(1, 1);
  record(&image->classes[0], bad[_i].kind, bad[_i].id, bad[_i].address, 0);
  EmuOptions opt = {0};
  ck_assert_ptr_null(emu_new(image, &opt, &diags));
  ck_assert_uint_eq(diags.errors, 1);
}
END_TEST

// ---- the command stream ----

START_TEST(commands_of_a_tile_are_executed_in_order)
{
  enum { TILES = 6 };
  plain_image(TILES, 1);
  start();
  uint32_t in[TILES], first[TILES], second[TILES];
  for (uint32_t k = 0; k < TILES; k++)
    in[k] = 10 * k;
  EmuLayout l = {1, 1, 1};
  emu_copy_in(emu, 0, region(0, 0, TILES, 1), 1, false, l, in);
  emu_launch(emu, 1, NULL, 0);
  emu_copy_out(emu, 0, region(0, 0, TILES, 1), 1, false, l, first);
  emu_launch(emu, 1, NULL, 0);
  EmuTicket last = emu_copy_out(emu, 0, region(0, 0, TILES, 1), 1, false, l, second);
  ck_assert_int_eq(emu_run(emu, last), EMU_DONE);
  for (uint32_t k = 0; k < TILES; k++) {
    ck_assert_uint_eq(first[k], 10 * k + 1);
    ck_assert_uint_eq(second[k], 10 * k + 2);
  }
  ck_assert_int_eq(emu_run(emu, EMU_TO_REST), EMU_REST);
  stop();
}
END_TEST

START_TEST(launch_passes_its_arguments)
{
  new_image(ARCH_WSE2, 2, 1);
  add_export("x", 0);
  add_export("f", 1);
  ImageClass *c = new_class();
  c->data[PTR] = ARRAY;
  record(c, IMAGE_SETUP_EXPORT_DATA, 0, PTR, 0);
  record(c, IMAGE_SETUP_EXPORT_FUNC, 1, here(), 2);
  li(A0, ARRAY);
  for (unsigned k = 0; k < 2; k++) {
    addi(A1, X0, (int)k);
    sys(SYS_host_arg, A2, A1, 0);
    sw(A2, A0, 4 * k);
  }
  sys(SYS_host_next, 0, 0, 0);
  put(RET);
  finish(c);
  start();
  uint32_t args[2] = {0xdeadbeef, 42}, out[4];
  emu_launch(emu, 1, args, 2);
  args[0] = args[1] = 0; // they were copied
  ck_assert_int_eq(
      emu_run(emu, emu_copy_out(emu, 0, region(0, 0, 2, 1), 2, false, (EmuLayout){2, 4, 1}, out)),
      EMU_DONE);
  for (int k = 0; k < 4; k++)
    ck_assert_uint_eq(out[k], k & 1 ? 42 : 0xdeadbeef);
  stop();
}
END_TEST

START_TEST(a_launch_runs_where_the_function_is_exported)
{
  plain_image(3, 1);
  ImageClass *c = new_class();
  put(RET);
  finish(c);
  image->tile_class[1] = 1;
  start();
  EmuTicket t = emu_launch(emu, 1, NULL, 0);
  ck_assert_int_eq(emu_run(emu, t), EMU_DONE);
  uint32_t bytes;
  ck_assert_uint_eq(emu_tile_memory(emu, 0, 0, &bytes)[ARRAY], 1);
  ck_assert_uint_eq(emu_tile_memory(emu, 1, 0, &bytes)[ARRAY], 0);
  ck_assert_uint_eq(emu_tile_memory(emu, 2, 0, &bytes)[ARRAY], 1);
  stop();
}
END_TEST

START_TEST(a_launch_that_never_unblocks_holds_the_next_command)
{
  plain_image(10, 1);
  start();
  uint32_t word[10];
  EmuTicket launch = emu_launch(emu, 2, NULL, 0);
  ck_assert_int_eq(emu_run(emu, launch), EMU_DONE); // it was called and returned
  EmuTicket out = emu_copy_out(emu, 0, region(0, 0, 10, 1), 1, false, (EmuLayout){1, 1, 1}, word);
  ck_assert_int_eq(emu_run(emu, out), EMU_REST);
  ck_assert(!emu_ticket_done(emu, out));
  const char *m = emu_message(emu);
  ck_assert_ptr_nonnull(strstr(m, "host: copy from \"x\" is not complete on 10 tiles"));
  ck_assert_ptr_nonnull(
      strstr(m, "tile (0, 0), (1, 0), (2, 0), (3, 0) and 6 more: the next host command waits"));
  ck_assert_ptr_nonnull(
      strstr(m, "most likely cause: tile (0, 0): function \"bad\" at pe.csl:107 was launched "
                "and never called unblock_cmd_stream"));
  stop();
}
END_TEST

START_TEST(unblocking_twice_lets_one_command_pass)
{
  plain_image(1, 1);
  ImageClass *c = &image->classes[0];
  n_code = c->code_bytes / 4;
  memcpy(code, c->code, c->code_bytes);
  c->setup[2].a = here(); // export 2 now unblocks twice
  sys(SYS_host_next, 0, 0, 0);
  sys(SYS_host_next, 0, 0, 0);
  put(RET);
  c->setup[1].a = here(); // export 1 does not unblock
  put(RET);
  memcpy(c->code, code, sizeof code);
  c->code_bytes = 4 * n_code;
  start();
  uint32_t word;
  emu_launch(emu, 2, NULL, 0);
  EmuTicket second = emu_launch(emu, 1, NULL, 0);
  EmuTicket out = emu_copy_out(emu, 0, region(0, 0, 1, 1), 1, false, (EmuLayout){1, 1, 1}, &word);
  ck_assert_int_eq(emu_run(emu, second), EMU_DONE);
  ck_assert_int_eq(emu_run(emu, out), EMU_REST);
  stop();
}
END_TEST

// ---- streams and waits ----

static uint64_t route_word(uint8_t rx, uint8_t tx)
{
  Route r = {.rx = {rx}, .tx = {tx}, .valid = {true}};
  return route_encode(&r);
}

enum { COLOR_IN = 5, COLOR_OUT = 6, QUEUE = 2, WORDS = 40 };

// Export 1: receives WORDS words of COLOR_IN on queue 2, adds nothing, sends them on COLOR_OUT;
// then unblocks.
static void relay_image(ArchId arch)
{
  new_image(arch, 1, 1);
  add_export("x", 0);
  add_export("relay", 1);
  image->route_sets[0].words[COLOR_IN] = route_word(DIR_BIT(DIR_HOST), DIR_BIT(DIR_RAMP));
  image->route_sets[0].words[COLOR_OUT] = route_word(DIR_BIT(DIR_RAMP), DIR_BIT(DIR_HOST));
  ImageClass *c = new_class();
  record(c, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR_IN, 0);
  record(c, IMAGE_SETUP_OUTPUT_QUEUE, QUEUE, COLOR_OUT, 0);
  record(c, IMAGE_SETUP_EXPORT_FUNC, 1, here(), 0);
  // The loader keeps descriptors of the registers that setup records or instructions name.
  uint32_t first = here();
  li(A0, WORDS << DSD_LEN_SHIFT | QUEUE << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID);
  li(A1, DSD_FABOUT);
  sys(SYS_dsr_ld_dest, 1, A0, A1);
  li(A0, WORDS << DSD_LEN_SHIFT | QUEUE << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID);
  li(A1, DSD_FABIN);
  sys(SYS_dsr_ld_src1, 1, A0, A1);
  put(isa_encode_dsd(DSD_mov32, 1, 0, 1, 0));
  sys(SYS_host_next, 0, 0, 0);
  put(RET);
  symbol(c, "relay", first, here() - first);
  finish(c);
}

START_TEST(streams_flow_through_the_core)
{
  relay_image((ArchId)_i);
  start();
  uint32_t in[WORDS], out[WORDS] = {0};
  for (uint32_t k = 0; k < WORDS; k++)
    in[k] = 1000 + k;
  EmuLayout l = {WORDS, WORDS, 1};
  EmuTicket launch = emu_launch(emu, 1, NULL, 0);
  // Two requests in each direction that do not match in size.
  EmuTicket i1 = emu_stream_in(emu, COLOR_IN, region(0, 0, 1, 1), 5, l, in);
  EmuTicket i2 = emu_stream_in(emu, COLOR_IN, region(0, 0, 1, 1), WORDS - 5, l, in + 5);
  EmuTicket o1 = emu_stream_out(emu, COLOR_OUT, region(0, 0, 1, 1), 3, l, out);
  ck_assert_int_eq(emu_run(emu, o1), EMU_DONE);
  ck_assert_uint_eq(out[3], 0);
  EmuTicket o2 = emu_stream_out(emu, COLOR_OUT, region(0, 0, 1, 1), WORDS - 3, l, out + 3);
  ck_assert_int_eq(emu_run(emu, o2), EMU_DONE);
  ck_assert_int_eq(emu_run(emu, launch), EMU_DONE);
  ck_assert(emu_ticket_done(emu, i1) && emu_ticket_done(emu, i2));
  ck_assert_mem_eq(in, out, sizeof in);
  EmuTileStats s = emu_tile_stats(emu, 0, 0);
  ck_assert_uint_eq(s.wavelets_in, WORDS);
  ck_assert_uint_eq(s.wavelets_out, WORDS);
  stop();
}
END_TEST

// Export 1: starts an asynchronous move of WORDS words of COLOR_IN to ARRAY, unblocks and returns.
static void receiver_image(void)
{
  new_image(ARCH_WSE3, 1, 1);
  add_export("x", 0);
  add_export("receive", 1);
  image->route_sets[0].words[COLOR_IN] = route_word(DIR_BIT(DIR_HOST), DIR_BIT(DIR_RAMP));
  ImageClass *c = new_class();
  c->data[PTR] = ARRAY;
  record(c, IMAGE_SETUP_EXPORT_DATA, 0, PTR, 0);
  record(c, IMAGE_SETUP_INPUT_QUEUE, QUEUE, COLOR_IN, 0);
  record(c, IMAGE_SETUP_EXPORT_FUNC, 1, here(), 0);
  li(A0, WORDS << DSD_LEN_SHIFT | ARRAY);
  li(A1, DSD_MEM1D | 1 << DSD_STRIDE_SHIFT);
  sys(SYS_dsr_ld_dest, 1, A0, A1);
  li(A0, WORDS << DSD_LEN_SHIFT | QUEUE << DSD_QUEUE_SHIFT | DSD_QUEUE_VALID);
  li(A1, DSD_FABIN);
  sys(SYS_dsr_ld_src1, 1, A0, A1);
  li(A0, CFG_ASYNC);
  sys(SYS_dsd_cfg, 0, A0, X0);
  put(isa_encode_dsd(DSD_mov32, 1, 0, 1, 0));
  sys(SYS_host_next, 0, 0, 0);
  put(RET);
  finish(c);
}

START_TEST(a_copy_after_a_stream_sees_what_was_made_of_it)
{
  receiver_image();
  start();
  uint32_t in[WORDS], out[WORDS] = {0}, before[WORDS];
  for (uint32_t k = 0; k < WORDS; k++)
    in[k] = 7 * k + 1;
  EmuLayout l = {WORDS, WORDS, 1};
  emu_launch(emu, 1, NULL, 0);
  EmuTicket first = emu_copy_out(emu, 0, region(0, 0, 1, 1), WORDS, false, l, before);
  emu_stream_in(emu, COLOR_IN, region(0, 0, 1, 1), WORDS, l, in);
  EmuTicket second = emu_copy_out(emu, 0, region(0, 0, 1, 1), WORDS, false, l, out);
  ck_assert_int_eq(emu_run(emu, second), EMU_DONE);
  ck_assert_mem_eq(in, out, sizeof in);
  ck_assert(emu_ticket_done(emu, first));
  ck_assert_uint_eq(before[WORDS - 1], 0);
  // What follows without a stream is not held back.
  uint64_t cycle = emu_cycle(emu);
  ck_assert_int_eq(emu_run(emu, emu_copy_out(emu, 0, region(0, 0, 1, 1), 1, false, l, out)),
                   EMU_DONE);
  ck_assert_uint_lt(emu_cycle(emu), cycle + 20);
  stop();
}
END_TEST

START_TEST(report_of_a_wait_for_wavelets)
{
  relay_image(ARCH_WSE3);
  start();
  ck_assert_int_eq(emu_run(emu, emu_launch(emu, 1, NULL, 0)), EMU_REST);
  const char *m = emu_message(emu);
  ck_assert_ptr_nonnull(strstr(m, "host: launch of \"relay\" is not complete on 1 tile\n"));
  ck_assert_ptr_nonnull(
      strstr(m, "tile (0, 0): launched function relay at pe.csl:110: @mov32 waits for wavelets "
                "of colour 5 on input queue 2, 40 elements left"));
  ck_assert_ptr_nonnull(
      strstr(m, "colour 5 comes from the host, which sends nothing to this tile"));
  stop();
}
END_TEST

START_TEST(report_of_a_color_that_nobody_sends)
{
  relay_image(ARCH_WSE2);
  image->route_sets[0].words[COLOR_IN] = route_word(DIR_BIT(DIR_WEST), DIR_BIT(DIR_RAMP));
  start();
  ck_assert_int_eq(emu_run(emu, emu_launch(emu, 1, NULL, 0)), EMU_REST);
  ck_assert_ptr_nonnull(
      strstr(emu_message(emu),
             "most likely cause: tile (0, 0): launched function relay at pe.csl:110 waits for "
             "wavelets of colour 5 on input queue 2, 40 elements left; nobody "
             "sends on colour 5"));
  stop();
}
END_TEST

START_TEST(report_of_an_idle_sender)
{
  // Three tiles in a row: the first should send, the second passes on, the third waits.
  relay_image(ARCH_WSE3);
  ImageClass *c = new_class();
  put(RET);
  finish(c);
  static uint32_t tile_class[3] = {1, 1, 0}, tile_routes[3] = {1, 2, 3}, const_first[3];
  free(image->tile_class), free(image->tile_routes), free(image->const_first);
  image->width = 3;
  image->tile_class = memcpy(malloc(sizeof tile_class), tile_class, sizeof tile_class);
  image->tile_routes = memcpy(malloc(sizeof tile_routes), tile_routes, sizeof tile_routes);
  image->const_first = memcpy(malloc(sizeof const_first), const_first, sizeof const_first);
  const uint8_t rx[] = {DIR_BIT(DIR_RAMP), DIR_BIT(DIR_WEST), DIR_BIT(DIR_WEST)};
  const uint8_t tx[] = {DIR_BIT(DIR_EAST), DIR_BIT(DIR_EAST), DIR_BIT(DIR_RAMP)};
  for (int k = 0; k < 3; k++) {
    arrput(image->route_sets, (ImageRouteSet){0});
    arrlast(image->route_sets).words[COLOR_IN] = route_word(rx[k], tx[k]);
    arrlast(image->route_sets).words[COLOR_OUT] = route_word(DIR_BIT(DIR_RAMP), DIR_BIT(DIR_HOST));
  }
  start();
  ck_assert_int_eq(emu_run(emu, emu_launch(emu, 1, NULL, 0)), EMU_REST);
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "colour 5 comes from tile (0, 0), which is idle"));
  stop();
}
END_TEST

START_TEST(report_of_a_held_output)
{
  relay_image(ARCH_WSE2);
  start();
  uint32_t in[WORDS] = {0};
  emu_stream_in(emu, COLOR_IN, region(0, 0, 1, 1), WORDS, (EmuLayout){WORDS, WORDS, 1}, in);
  // The host does not ask for what comes out, and with 40 words the queues overflow.
  ck_assert_int_eq(emu_run(emu, emu_launch(emu, 1, NULL, 0)), EMU_REST);
  const char *m = emu_message(emu);
  ck_assert_ptr_nonnull(strstr(m, "waits for room in output queue 2 (colour 6)"));
  ck_assert_ptr_nonnull(
      strstr(m, "colour 6 is held up at tile (0, 0): the host does not receive them"));
  stop();
}
END_TEST

START_TEST(report_of_an_unbound_queue)
{
  relay_image(ARCH_WSE3);
  image->classes[0].setup[0].a = COLOR_OUT; // the input queue listens to another colour
  start();
  uint32_t in[WORDS] = {0};
  emu_stream_in(emu, COLOR_IN, region(0, 0, 1, 1), WORDS, (EmuLayout){WORDS, WORDS, 1}, in);
  ck_assert_int_eq(emu_run(emu, emu_launch(emu, 1, NULL, 0)), EMU_REST);
  ck_assert_ptr_nonnull(strstr(
      emu_message(emu), "most likely cause: tile (0, 0): colour 5 is routed to the core, but "
                        "no input queue is bound to it"));
  stop();
}
END_TEST

START_TEST(a_stream_into_an_unrouted_color_is_a_fault)
{
  plain_image(1, 1);
  start();
  uint32_t word = 0;
  EmuTicket t = emu_stream_in(emu, 9, region(0, 0, 1, 1), 1, (EmuLayout){1, 1, 1}, &word);
  ck_assert_int_eq(emu_run(emu, t), EMU_FAULT);
  ck_assert_ptr_nonnull(strstr(emu_message(emu), "colour 9"));
  stop();
}
END_TEST

// ---- log ----

static char *log_text(void)
{
  static char text[4096];
  rewind(log_file);
  size_t n = fread(text, 1, sizeof text - 1, log_file);
  text[n] = 0;
  return text;
}

START_TEST(log_merges_lines_by_cycle_and_tile)
{
  plain_image(3, 1);
  start();
  emu->now = 50;
  log_print(emu, 2, 40, "late tile\nhalf ", 15);
  log_print(emu, 0, 60, "later\n", 6);
  log_print(emu, 1, 40, "early tile\n", 11);
  log_print(emu, 2, 45, "line\nrest", 9);
  log_flush(emu);
  ck_assert_str_eq(log_text(), "@40 early tile\n@40 late tile\n@45 half line\n");
  log_summary(emu);
  ck_assert_ptr_nonnull(
      strstr(log_text(), "@45 half line\n@45 rest\n@60 later\n@50 end of run: 50 cycles, 3 tiles"));
  stop();
}
END_TEST

START_TEST(log_summary_counts_what_was_lost)
{
  plain_image(1, 1);
  image->route_sets[0].words[1] = route_word(DIR_BIT(DIR_HOST), DIR_BIT(DIR_EAST));
  start();
  uint32_t words[3] = {1, 2, 3};
  EmuTicket t = emu_stream_in(emu, 1, region(0, 0, 1, 1), 3, (EmuLayout){3, 3, 1}, words);
  ck_assert_int_eq(emu_run(emu, t), EMU_DONE);
  ck_assert_int_eq(emu_run(emu, EMU_TO_REST), EMU_REST);
  log_summary(emu);
  ck_assert_ptr_nonnull(strstr(
      log_text(),
      "3 wavelets had no way on and vanished; the first of colour 1 at tile (0, 0) to EAST"));
  stop();
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("hostport");
  TCase *t = tcase_create("hostport");
  tcase_add_loop_test(t, copies_in_and_out_in_both_orders, 0, 2);
  tcase_add_test(t, copies_follow_the_pointer);
  tcase_add_test(t, a_copy_may_reach_the_end_of_the_data);
  tcase_add_loop_test(t, copies_beyond_the_data_are_faults, 0, 3);
  tcase_add_test(t, a_copy_of_what_the_tile_does_not_export_is_a_fault);
  tcase_add_loop_test(t, bad_export_records_are_refused, 0, 5);
  tcase_add_test(t, commands_of_a_tile_are_executed_in_order);
  tcase_add_test(t, launch_passes_its_arguments);
  tcase_add_test(t, a_launch_runs_where_the_function_is_exported);
  tcase_add_test(t, a_launch_that_never_unblocks_holds_the_next_command);
  tcase_add_test(t, unblocking_twice_lets_one_command_pass);
  tcase_add_loop_test(t, streams_flow_through_the_core, 0, ARCH_COUNT);
  tcase_add_test(t, a_copy_after_a_stream_sees_what_was_made_of_it);
  tcase_add_test(t, report_of_a_wait_for_wavelets);
  tcase_add_test(t, report_of_a_color_that_nobody_sends);
  tcase_add_test(t, report_of_an_idle_sender);
  tcase_add_test(t, report_of_a_held_output);
  tcase_add_test(t, report_of_an_unbound_queue);
  tcase_add_test(t, a_stream_into_an_unrouted_color_is_a_fault);
  tcase_add_test(t, log_merges_lines_by_cycle_and_tile);
  tcase_add_test(t, log_summary_counts_what_was_lost);
  suite_add_tcase(s, t);
  return s;
}
