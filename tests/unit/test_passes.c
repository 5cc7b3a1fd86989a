// Unit tests of the passes, on IR text: what each pass binds, and what it refuses.
#include "ir_text.h"
#include "passes/passes.h"
#include "suite.h"
#include "support/text_out.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static Sources sources;
static Diags diags;

static void setup_all(void)
{
  sources = (Sources){0};
  diags = (Diags){.sources = &sources};
}

static void teardown_all(void)
{
  diag_free(&diags);
  src_free(&sources);
}

static TileModule *parse_tile(const char *text)
{
  const SrcFile *f = src_add(&sources, "t.wir", text, strlen(text));
  TileModule **list = tir_parse(f, &sources, &diags);
  if (!list)
    diag_print(&diags, stderr);
  ck_assert_ptr_nonnull(list);
  TileModule *m = list[0];
  arrfree(list);
  return m;
}

static bool run_tile(const char *pass, TileModule *m)
{
  PassContext ctx = {.tile = m, .sources = &sources, .diags = &diags};
  return pass_find(pass)->run(&ctx);
}

// Runs a pass over a module given as text; the result holds every line of `wanted` (a
// NULL-terminated list).
static void expect(const char *pass, const char *text, const char *const *wanted)
{
  TileModule *m = parse_tile(text);
  bool ok = run_tile(pass, m);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  ck_assert(tir_verify(m, &diags));
  char *out = tile_text(m, NULL);
  for (int i = 0; wanted[i]; i++)
    ck_assert_msg(strstr(out, wanted[i]), "\"%s\" is not in\n%s", wanted[i], out);
  free(out);
  tir_free(m);
}

static bool was_said(const char *message)
{
  for (ptrdiff_t i = 0; i < arrlen(diags.entries); i++)
    if (strstr(diags.entries[i].text, message))
      return true;
  return false;
}

static void expect_error(const char *pass, const char *text, const char *message)
{
  TileModule *m = parse_tile(text);
  ck_assert(!run_tile(pass, m));
  if (!was_said(message))
    diag_print(&diags, stderr);
  ck_assert_msg(was_said(message), "\"%s\" was not said", message);
  tir_free(m);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

// ---- bind-queues ----

#define WSE2 "tile \"m\" wse2 sdk-1.4 fp16 f16 {\n"
#define WSE3 "tile \"m\" wse3 sdk-2.10 fp16 f16 {\n"
#define FABIN(color, attrs)                                                                        \
  "    %0 = dsd.fabric dsd i16 8, " color ", fabric(kind=fabin" attrs ")\n    ret\n  }\n}\n"
#define FABOUT(color, attrs)                                                                       \
  "    %0 = dsd.fabric dsd i16 8, " color ", fabric(kind=fabout" attrs ")\n    ret\n  }\n}\n"

START_TEST(a_named_queue_is_bound_to_its_colour)
{
  expect("bind-queues", WSE2 "  func @f() void {\n  b0:\n" FABIN("i16 5", ", queue=3"),
         LINES("setup input-queue 3 i16 5\n"));
}
END_TEST

START_TEST(a_fabric_dsd_gets_a_free_queue)
{
  expect("bind-queues",
         WSE2 "  setup input-queue 1 i16 7\n  func @f() void {\n  b0:\n" FABIN("i16 5", ""),
         LINES("setup input-queue 2 i16 5\n", "fabric(kind=fabin, queue=2)"));
}
END_TEST

START_TEST(a_fabric_dsd_takes_the_queue_of_its_colour)
{
  expect("bind-queues",
         WSE2 "  setup input-queue 6 i16 5\n  func @f() void {\n  b0:\n" FABIN("i16 5", ""),
         LINES("fabric(kind=fabin, queue=6)"));
}
END_TEST

START_TEST(output_queues_need_no_setup)
{
  TileModule *m = parse_tile(WSE2 "  func @f() void {\n  b0:\n" FABOUT("i16 5", ""));
  ck_assert(run_tile("bind-queues", m));
  ck_assert_int_eq(arrlen(m->setup), 0);
  ck_assert_int_eq(m->fabrics[m->funcs[0].insts[0].aux].queue, 1);
  tir_free(m);
}
END_TEST

START_TEST(data_tasks_get_a_queue)
{
  expect("bind-queues",
         WSE2 "  setup task.data 9 fn @t\n  func @t(f32) void {\n  b0:\n    ret\n  }\n}\n",
         LINES("setup input-queue 1 i16 9\n"));
}
END_TEST

START_TEST(a_data_task_shares_the_queue_of_its_colour)
{
  TileModule *m =
      parse_tile(WSE2 "  setup task.data 5 fn @t\n  func @t(f32) void {\n  b0:\n"
                      "    ret\n  }\n  func @f() void {\n  b0:\n" FABIN("i16 5", ", queue=4"));
  ck_assert(run_tile("bind-queues", m));
  ck_assert_int_eq(arrlen(m->setup), 2);
  ck_assert_uint_eq(m->setup[1].id, 4);
  tir_free(m);
}
END_TEST

START_TEST(colours_from_tile_constants_are_bound)
{
  expect("bind-queues",
         WSE2
         "  tileconst 0 \"c\": i16 at 0x0000\n  func @f() void {\n  b0:\n" FABIN("$0", ", queue=3"),
         LINES("setup input-queue 3 $0\n"));
}
END_TEST

START_TEST(a_queue_has_one_colour)
{
  expect_error("bind-queues", WSE2 "  setup input-queue 3 i16 5\n  setup input-queue 3 i16 6\n}\n",
               "input queue 3 is bound to colour 5 and to colour 6");
}
END_TEST

START_TEST(a_dsd_agrees_with_its_queue)
{
  expect_error(
      "bind-queues",
      WSE3 "  setup output-queue 3 i16 5\n  func @f() void {\n  b0:\n" FABOUT("i16 6", ", queue=3"),
      "names colour 6, but output queue 3 is bound to colour 5");
}
END_TEST

START_TEST(queues_run_out)
{
  expect_error("bind-queues",
               WSE2 "  setup input-queue 0 i16 10\n  setup input-queue 1 i16 11\n"
                    "  setup input-queue 2 i16 12\n  setup input-queue 3 i16 13\n"
                    "  setup input-queue 4 i16 14\n  setup input-queue 5 i16 15\n"
                    "  setup input-queue 6 i16 16\n  setup input-queue 7 i16 17\n"
                    "  func @f() void {\n  b0:\n" FABIN("i16 5", ""),
               "no input queue is left for colour 5: all 8 are in use");
  ck_assert(was_said("input queue 7 is used here first"));
}
END_TEST

START_TEST(wse3_names_its_queues)
{
  expect_error("bind-queues", WSE3 "  func @f() void {\n  b0:\n" FABIN("i16 5", ""),
               "must name its input queue");
}
END_TEST

// ---- bind-dsrs ----

#define MEM(n) "    %" #n " = dsd.mem1d dsd @x, i16 4, i16 1\n"
#define DSR_HEAD WSE2 "  global @x: [4 x f32]\n  func @f() void {\n  b0:\n"

START_TEST(synchronous_operations_share_registers)
{
  expect("bind-dsrs",
         DSR_HEAD MEM(0) "    dsd fadds dest.auto %0, src0.auto %0, src1.auto %0\n"
                         "    dsd fmovs dest.auto %0, none, src1.auto %0\n    ret\n  }\n}\n",
         LINES("dsd fadds dest.0 %0, src0.0 %0, src1.0 %0\n",
               "dsd fmovs dest.0 %0, none, src1.0 %0\n"));
}
END_TEST

#define OUT "    %1 = dsd.fabric dsd i16 4, i16 2, fabric(kind=fabout, queue=2)\n"
#define SEND "    dsd fmovs dest.auto %1, none, src1.auto %0 cfg(async)\n"

START_TEST(asynchronous_operations_own_their_registers)
{
  expect("bind-dsrs",
         DSR_HEAD MEM(0) OUT SEND SEND
         "    dsd fmovs dest.auto %0, none, src1.auto %0\n    ret\n  }\n}\n",
         LINES("dsd fmovs dest.1 %1, none, src1.1 %0 cfg(async)\n",
               "dsd fmovs dest.2 %1, none, src1.2 %0 cfg(async)\n",
               "dsd fmovs dest.0 %0, none, src1.0 %0\n"));
}
END_TEST

START_TEST(named_registers_are_left_alone)
{
  expect("bind-dsrs",
         DSR_HEAD MEM(0) OUT "    dsr.load dest.0, %0\n    dsr.load dest.1, %0\n"
                             "    dsr.load src1.2, %0\n" SEND
                             "    dsd fmovs dsr dest.1, none, src1.auto %0\n"
                             "    dsd fmovs dest.auto %0, none, dsr src1.2\n    ret\n  }\n}\n",
         LINES("dsd fmovs dest.3 %1, none, src1.1 %0 cfg(async)\n",
               "dsd fmovs dsr dest.1, none, src1.0 %0\n",
               "dsd fmovs dest.2 %0, none, dsr src1.2\n"));
}
END_TEST

// An operation on a register that was loaded asynchronously is asynchronous too.
START_TEST(asynchronous_loads_make_asynchronous_operations)
{
  expect(
      "bind-dsrs",
      DSR_HEAD MEM(0) OUT "    dsr.load dest.4, %1 cfg(async)\n"
                          "    dsd fmovs dsr dest.4, none, src1.auto %0\n"
                          "    dsd fmovs dest.auto %0, none, src1.auto %0\n    ret\n  }\n}\n",
      LINES("dsd fmovs dsr dest.4, none, src1.1 %0\n", "dsd fmovs dest.0 %0, none, src1.0 %0\n"));
}
END_TEST

// One register per shape; without a shape one per operation or register; synchronous operations
// reload two of their own.
START_TEST(mem4d_operands_get_extended_registers)
{
  expect("bind-dsrs",
         DSR_HEAD "    %0 = dsd.mem4d dsd4 @x, dims 2 extents (2, 2, 1, 1) strides (1, 2, 0, 0)\n"
                  "    %1 = dsd.fabric dsd i16 4, i16 2, fabric(kind=fabout, queue=2)\n"
                  "    dsd fmovs dest.auto %1, none, src1.auto %0 cfg(async)\n"
                  "    %2 = dsd.mem4d dsd4 @x, dims 2 extents (1, 2, 1, 1) strides (1, 2, 0, 0)\n"
                  "    %3 = dsd.mem4d dsd4 @x, dims 2 extents (3, 2, 1, 1) strides (1, 2, 0, 0)\n"
                  "    %4 = slot dsd4\n    %5 = load dsd4 %4\n"
                  "    dsd fadds dest.auto %0, src0.auto %5, src1.auto %0\n"
                  "    dsd fadds dest.auto %3, src0.auto %5, src1.auto %3\n"
                  "    dsr.load src1.7, %0\n    dsr.load src1.7, %2\n    dsr.load src1.7, %5\n"
                  "    dsr.load src1.6, %5\n    ret\n  }\n}\n",
         LINES("dsd fmovs dest.1 %1, none, src1.1 xdsr 0 %0 cfg(async)\n",
               "dsd fadds dest.0 xdsr 0 %0, src0.0 xdsr 4 %5, src1.0 xdsr 0 %0\n",
               "dsd fadds dest.0 xdsr 4 %3, src0.0 xdsr 5 %5, src1.0 xdsr 4 %3\n",
               "dsr.load src1.7, %0 xdsr 0\n    dsr.load src1.7, %2 xdsr 1\n"
               "    dsr.load src1.7, %5 xdsr 2\n    dsr.load src1.6, %5 xdsr 3\n"));
}
END_TEST

START_TEST(fifos_keep_their_registers)
{
  expect("bind-dsrs",
         WSE2 "  global @x: [4 x f32]\n"
              "  fifo 0 \"q\" buffer @x bytes 4 capacity 4 simd 0 empty 0 full 0 dest auto src1 "
              "auto xdsr auto\n"
              "  func @f() void {\n  b0:\n" MEM(
                  0) "    %1 = dsd.fifo dsd fifo 0\n"
                     "    dsd fmovs dest.auto %1, none, src1.auto %0\n"
                     "    dsd fmovs dest.auto %0, none, src1.auto %1\n    ret\n  }\n}\n",
         LINES("dest 15 src1 15 xdsr 0\n", "dsd fmovs dest.15 %1, none, src1.0 %0\n",
               "dsd fmovs dest.0 %0, none, src1.15 %1\n"));
}
END_TEST

// Maps of functions that cannot call one another share; a map whose function maps again does not.
START_TEST(maps_hold_their_registers)
{
  expect("bind-dsrs",
         WSE2 "  global @x: [4 x f32]\n  func @f() void {\n  b0:\n" MEM(
             0) "    dsr.load src1.128, %0\n    dsr.load src1.129, %0\n    dsr.load dest.130, %0\n"
                "    %1 = map.more src1.128\n    %2 = map.get f32 128\n    %3 = map.get f32 129\n"
                "    call void @g()\n    map.put 130, %2\n    ret\n  }\n"
                "  func @g() void {\n  b0:\n" MEM(
                    0) "    dsr.load src1.131, %0\n"
                       "    dsd fmovs dest.auto %0, none, src1.auto %0\n    ret\n  }\n"
                       "  func @h() void {\n  b0:\n" MEM(
                           0) "    dsr.load src1.132, %0\n    ret\n  }\n}\n",
         LINES("dsr.load src1.15, %0\n    dsr.load src1.14, %0\n    dsr.load dest.15, %0\n",
               "map.more src1.15\n", "map.get f32 15\n", "map.get f32 14\n", "map.put 15, %2\n",
               "dsr.load src1.13, %0\n    dsd fmovs dest.0 %0, none, src1.0 %0\n",
               "b0:\n    %0 = dsd.mem1d dsd @x, i16 4, i16 1\n    dsr.load src1.15, %0\n    ret"));
}
END_TEST

// A function with `n` asynchronous sends; on one queue, or on queues 0..5 in turn when `spread`.
static char *many_sends(int n, bool known)
{
  TextOut text;
  FILE *out = text_out_open(&text);
  fprintf(out, "%s%s%s", DSR_HEAD, MEM(0), OUT);
  fputs("    %2 = slot dsd\n    %3 = load dsd %2\n", out);
  for (int i = 0; i < n; i++)
    fprintf(out, "    dsd fmovs dest.auto %%%d, none, src1.auto %%0 cfg(async)\n", known ? 1 : 3);
  fputs("    ret\n  }\n}\n", out);
  return text_out_close(&text);
}

START_TEST(operations_of_one_microthread_share_when_registers_run_out)
{
  char *text = many_sends(40, true);
  expect("bind-dsrs", text, LINES("dsd fmovs dest.1 %1, none, src1.1 %0 cfg(async)\n"));
  free(text);
}
END_TEST

START_TEST(registers_run_out)
{
  char *text = many_sends(17, false);
  expect_error("bind-dsrs", text, "no dest register is left for the asynchronous operations");
  ck_assert(was_said("keeps one until it completes"));
  free(text);
}
END_TEST

START_TEST(sixteen_operations_fit)
{
  char *text = many_sends(16, false);
  expect("bind-dsrs", text, LINES("dest.15 %3, none, src1.15", "dest.0 %3, none, src1.0"));
  free(text);
}
END_TEST

// ---- memory-layout ----

START_TEST(globals_get_addresses)
{
  expect("memory-layout",
         WSE2 "  tileconst 0 \"x\": i16 at 0x0000\n  tileconst 1 \"s\": f32 at 0x0000\n"
              "  global @a: i16\n  global @b: f32\n  global @c: [3 x i8]\n"
              "  global @d: i16 align 16\n}\n",
         LINES("data 32 stack 2048", "@a: i16 at 0x0004", "@b: f32 at 0x0008",
               "@c: [3 x i8] at 0x000c", "@d: i16 align 16 at 0x0010",
               "tileconst 0 \"x\": i16 at 0x0018", "tileconst 1 \"s\": f32 at 0x0014"));
}
END_TEST

START_TEST(constants_follow_the_private_window)
{
  expect("memory-layout",
         WSE2 "  global @a: i16 const\n  global @b: f32\n  global @c: [3 x i8] const align 16\n"
              "  global @d: f32 const\n  global @e: f32 const export\n}\n",
         LINES("data 16 stack 2048", "@a: i16 const at 0x0810", "@b: f32 at 0x0004",
               "@c: [3 x i8] const align 16 at 0x0820", "@d: f32 const at 0x0824",
               "@e: f32 const export at 0x0008"));
}
END_TEST

START_TEST(externals_lie_where_they_are_exported)
{
  expect("memory-layout",
         WSE2 "  global @one.v: f32 extern linkname \"v\"\n  global @pad: i16\n"
              "  global @v: f32 export\n}\n",
         LINES("@one.v: f32 extern linkname \"v\" at 0x0008", "@v: f32 export at 0x0008"));
}
END_TEST

START_TEST(externals_without_definition_are_refused)
{
  expect_error("memory-layout", WSE2 "  global @v: f32 extern\n}\n",
               "extern variable 'v' is not exported");
}
END_TEST

START_TEST(the_stack_gives_way_to_data)
{
  expect("memory-layout", WSE2 "  global @a: [48000 x i8]\n}\n", LINES("data 48016 stack 1136"));
}
END_TEST

START_TEST(data_over_the_memory_is_refused)
{
  expect_error("memory-layout", WSE2 "  global @small: f32\n  global @large: [12250 x f32]\n}\n",
               "data needs 49008 bytes and the stack 256 of the 49152 bytes available");
  ck_assert(was_said("'large' takes 49000 bytes"));
}
END_TEST

START_TEST(huge_data_is_refused)
{
  expect_error("memory-layout",
               WSE2 "  global @a: [4000000000 x f32]\n  global @b: [4000000000 x f32]\n"
                    "  global @c: [4000000000 x f32]\n  global @d: [4000000000 x f32]\n}\n",
               "tile memory overflow");
}
END_TEST

START_TEST(deep_calls_get_a_larger_stack)
{
  expect("memory-layout",
         WSE2 "  func @f() void {\n  b0:\n    %0 = slot [3000 x i8] \"buffer\"\n    call void "
              "@g()\n    ret\n  }\n"
              "  func @g() void {\n  b0:\n    %0 = slot [2000 x i8] \"buffer\"\n    ret\n  }\n}\n",
         LINES("stack 5136"));
}
END_TEST

// ---- programs: host-routes, check-routes ----

static FabricModule *parse_program(const char *text)
{
  const SrcFile *f = src_add(&sources, "p.wir", text, strlen(text));
  FabricModule *fabric = fir_parse(f, &sources, &diags);
  TileModule **list = fabric ? tir_parse(f, &sources, &diags) : NULL;
  bool ok = list && fir_attach(fabric, list, &diags);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  arrfree(list);
  return fabric;
}

static void expect_program(const char *text, const char *const *wanted)
{
  FabricModule *f = parse_program(text);
  bool ok = passes_run(f, &sources, &diags, NULL, NULL, NULL, NULL);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  char *out = fabric_text(f, NULL);
  for (int i = 0; wanted[i]; i++)
    ck_assert_msg(strstr(out, wanted[i]), "\"%s\" is not in\n%s", wanted[i], out);
  free(out);
  fir_free(f);
}

static void expect_program_error(const char *text, const char *message)
{
  FabricModule *f = parse_program(text);
  ck_assert(!passes_run(f, &sources, &diags, NULL, NULL, NULL, NULL));
  if (!was_said(message))
    diag_print(&diags, stderr);
  ck_assert_msg(was_said(message), "\"%s\" was not said", message);
  fir_free(f);
}

#define FABRIC(w, h, more)                                                                         \
  "fabric wse2 sdk-1.4 fp16 f16 {\n  rectangle " #w "," #h " at 4,1 of 20,20\n"                    \
  "  channels 1 memcpy\n  class 0 \"a\" module \"m\"\n  class 1 \"b\" module \"n\"\n" more "}\n"
// Module m sends on colour 2, module n does not.
#define TILES                                                                                      \
  "tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n"                                \
  "    %0 = dsd.fabric dsd i16 8, i16 2, fabric(kind=fabout, queue=2)\n    ret\n  }\n}\n"          \
  "tile \"n\" wse2 sdk-1.4 fp16 f16 {\n}\n"

START_TEST(streams_get_routes)
{
  expect_program(FABRIC(2, 1,
                        "  routes 1 {\n    color 2 rx RAMP tx EAST\n  }\n"
                        "  place class 1 at 0,0 size 2,1\n  place routes 1 at 0,0 size 1,1\n"
                        "  stream color 4 from-host\n  stream color 5 to-host\n") TILES,
                 LINES("    color 2 rx RAMP tx EAST\n    color 4 rx HOST tx RAMP\n"
                       "    color 5 rx RAMP tx HOST\n",
                       "place routes 2 at 0,0 size 1,1", "place routes 3 at 1,0 size 1,1"));
}
END_TEST

START_TEST(memcpy_colours_are_reserved)
{
  expect_program_error(FABRIC(1, 1,
                              "  routes 1 {\n    color 22 rx RAMP tx EAST\n  }\n"
                              "  place class 1 at 0,0 size 1,1\n") TILES,
                       "colour 22 is reserved by memcpy");
}
END_TEST

START_TEST(a_stream_colour_is_used_once)
{
  expect_program_error(FABRIC(1, 1,
                              "  place class 1 at 0,0 size 1,1\n"
                              "  stream color 4 from-host\n  stream color 4 to-host\n") TILES,
                       "colour 4 is used by two host streams");
}
END_TEST

#define ROW(first, second, third)                                                                  \
  FABRIC(3, 1,                                                                                     \
         "  routes 1 {\n    color 2 " first "\n  }\n  routes 2 {\n    color 2 " second             \
         "\n  }\n  routes 3 {\n    color 2 " third "\n  }\n"                                       \
         "  place class 0 at 0,0 size 3,1\n  place routes 1 at 0,0 size 1,1\n"                     \
         "  place routes 2 at 1,0 size 1,1\n  place routes 3 at 2,0 size 1,1\n")                   \
  TILES

static const struct {
  const char *text, *message; // NULL: accepted without a word
  bool warning;               // accepted, with the message
} rows[] = {
    {ROW("rx RAMP tx EAST", "rx WEST tx RAMP, EAST", "rx WEST tx RAMP"), NULL, false},
    {ROW("rx RAMP tx EAST", "rx WEST tx EAST", "rx RAMP tx RAMP"),
     "route into nowhere: colour 2 leaves tile 1,0 to the EAST, but tile 2,0 does not receive it "
     "from the WEST",
     false},
    {ROW("rx RAMP tx EAST", "rx WEST tx EAST", "rx WEST tx RAMP, EAST"), NULL,
     false}, // past the edge
    {ROW("rx RAMP tx EAST", "rx WEST, RAMP tx EAST", "rx WEST tx RAMP"),
     "two senders on one colour: at tile 1,0 colour 2 arrives from WEST and from RAMP", true},
    {ROW("rx RAMP tx EAST", "rx WEST, EAST tx RAMP", "rx RAMP tx WEST"),
     "two senders on one colour: at tile 1,0 colour 2 arrives from WEST and from EAST", true},
    {ROW("rx RAMP tx EAST", "rx WEST tx RAMP pos 1 rx EAST tx RAMP", "rx RAMP tx WEST"), NULL,
     false},
    {ROW("rx RAMP, EAST tx EAST", "rx WEST tx WEST", "rx WEST tx RAMP"),
     "the route of colour 2 runs in a circle", false}, // and feeds its own sender
    {ROW("rx RAMP tx EAST", "rx WEST tx EAST", "rx RAMP tx EAST switch(teardown)"), NULL, false},
};

START_TEST(routes_are_checked)
{
  if (!rows[_i].message || rows[_i].warning) {
    expect_program(rows[_i].text, LINES("fabric"));
    ck_assert_int_eq((int)diags.warnings, rows[_i].warning);
    ck_assert(!rows[_i].warning || was_said(rows[_i].message));
  } else {
    expect_program_error(rows[_i].text, rows[_i].message);
  }
}
END_TEST

START_TEST(switches_may_meet)
{
  FabricModule *f = parse_program(
      ROW("rx RAMP tx EAST", "rx WEST, RAMP tx EAST pos 1 rx WEST tx RAMP", "rx WEST tx RAMP"));
  ck_assert(passes_run(f, &sources, &diags, NULL, NULL, NULL, NULL));
  ck_assert_uint_eq(diags.warnings, 1);
  ck_assert(was_said("colour 2 may arrive at tile 1,0 from WEST and from RAMP"));
  fir_free(f);
}
END_TEST

// A tile that sends to one which has no route, but writes a register.
#define REWRITES(address)                                                                          \
  FABRIC(2, 1,                                                                                     \
         "  routes 1 {\n    color 2 rx RAMP tx EAST\n  }\n"                                        \
         "  place class 0 at 0,0 size 1,1\n  place class 1 at 1,0 size 1,1\n"                      \
         "  place routes 1 at 0,0 size 1,1\n")                                                     \
  "tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n"                                \
  "    %0 = dsd.fabric dsd i16 8, i16 2, fabric(kind=fabout, queue=2)\n    ret\n  }\n}\n"          \
  "tile \"n\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n"                                \
  "    sys void cfg_write i16 " address ", i16 4\n    ret\n  }\n}\n"

// Routes of colours that nobody sends on, and of tiles that rewrite their routes, are not judged.
START_TEST(only_what_is_sent_is_judged)
{
  const char *quiet =
      FABRIC(2, 1,
             "  routes 1 {\n    color 3 rx RAMP tx EAST\n  }\n"
             "  place class 0 at 0,0 size 2,1\n  place routes 1 at 0,0 size 1,1\n") TILES;
  expect_program(quiet, LINES("fabric"));
  expect_program(REWRITES("32545"), LINES("fabric")); // its colour register
  ck_assert_int_eq(arrlen(diags.entries), 0);
  expect_program_error(REWRITES("32522"), "route into nowhere: colour 2"); // its exception mask
}
END_TEST

START_TEST(circles_are_found)
{
  expect_program_error(FABRIC(2, 2,
                              "  routes 1 {\n    color 2 rx RAMP, SOUTH tx EAST\n  }\n"
                              "  routes 2 {\n    color 2 rx WEST tx SOUTH\n  }\n"
                              "  routes 3 {\n    color 2 rx NORTH tx WEST\n  }\n"
                              "  routes 4 {\n    color 2 rx EAST tx NORTH\n  }\n"
                              "  place class 0 at 0,0 size 2,2\n  place routes 1 at 0,0 size 1,1\n"
                              "  place routes 2 at 1,0 size 1,1\n  place routes 3 at 1,1 size 1,1\n"
                              "  place routes 4 at 0,1 size 1,1\n") TILES,
                       "the route of colour 2 runs in a circle through tile 0,0");
}
END_TEST

// Colours given by tile constants are known per tile.
START_TEST(senders_with_colours_from_tile_constants)
{
  const char *text =
      FABRIC(2, 1,
             "  routes 1 {\n    color 2 rx RAMP tx EAST\n  }\n"
             "  place class 0 at 0,0 size 2,1\n  place routes 1 at 0,0 size 1,1\n"
             "  constants class 0 $0 2, 3\n") "tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  tileconst 0 "
                                              "\"c\": i16 at 0x0000\n  func @f() void {\n  b0:\n"
                                              "    %0 = dsd.fabric dsd i16 8, $0, "
                                              "fabric(kind=fabout, queue=2)\n    ret\n  }\n}\n"
                                              "tile \"n\" wse2 sdk-1.4 fp16 f16 {\n}\n";
  expect_program_error(text, "route into nowhere");
}
END_TEST

START_TEST(the_table_is_sound)
{
  for (const Pass *p = pass_table; p->name; p++)
    ck_assert_ptr_eq(pass_find(p->name), p);
  ck_assert_ptr_null(pass_find("no-such-pass"));
}
END_TEST

static int passes_seen;

static void count_pass(const Pass *pass, FabricModule *f, void *arg)
{
  ck_assert_ptr_nonnull(pass);
  ck_assert_ptr_nonnull(f);
  ck_assert_ptr_eq(arg, &passes_seen);
  passes_seen++;
}

START_TEST(the_driver_stops_where_it_is_told)
{
  FabricModule *f = parse_program(FABRIC(1, 1, "  place class 1 at 0,0 size 1,1\n") TILES);
  passes_seen = 0;
  ck_assert(passes_run(f, &sources, &diags, "bind-dsrs", NULL, count_pass, &passes_seen));
  ck_assert_int_eq(passes_seen, 2);
  ck_assert_uint_eq(f->classes[0].module->stack_bytes, 0);
  fir_free(f);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("passes");
  TCase *c = tcase_create("all");
  tcase_add_checked_fixture(c, setup_all, teardown_all);
  tcase_add_test(c, a_named_queue_is_bound_to_its_colour);
  tcase_add_test(c, a_fabric_dsd_gets_a_free_queue);
  tcase_add_test(c, a_fabric_dsd_takes_the_queue_of_its_colour);
  tcase_add_test(c, output_queues_need_no_setup);
  tcase_add_test(c, data_tasks_get_a_queue);
  tcase_add_test(c, a_data_task_shares_the_queue_of_its_colour);
  tcase_add_test(c, colours_from_tile_constants_are_bound);
  tcase_add_test(c, a_queue_has_one_colour);
  tcase_add_test(c, a_dsd_agrees_with_its_queue);
  tcase_add_test(c, queues_run_out);
  tcase_add_test(c, wse3_names_its_queues);
  tcase_add_test(c, synchronous_operations_share_registers);
  tcase_add_test(c, asynchronous_operations_own_their_registers);
  tcase_add_test(c, named_registers_are_left_alone);
  tcase_add_test(c, asynchronous_loads_make_asynchronous_operations);
  tcase_add_test(c, mem4d_operands_get_extended_registers);
  tcase_add_test(c, fifos_keep_their_registers);
  tcase_add_test(c, maps_hold_their_registers);
  tcase_add_test(c, operations_of_one_microthread_share_when_registers_run_out);
  tcase_add_test(c, registers_run_out);
  tcase_add_test(c, sixteen_operations_fit);
  tcase_add_test(c, globals_get_addresses);
  tcase_add_test(c, constants_follow_the_private_window);
  tcase_add_test(c, externals_lie_where_they_are_exported);
  tcase_add_test(c, externals_without_definition_are_refused);
  tcase_add_test(c, the_stack_gives_way_to_data);
  tcase_add_test(c, data_over_the_memory_is_refused);
  tcase_add_test(c, huge_data_is_refused);
  tcase_add_test(c, deep_calls_get_a_larger_stack);
  tcase_add_test(c, streams_get_routes);
  tcase_add_test(c, memcpy_colours_are_reserved);
  tcase_add_test(c, a_stream_colour_is_used_once);
  tcase_add_loop_test(c, routes_are_checked, 0, sizeof rows / sizeof *rows);
  tcase_add_test(c, switches_may_meet);
  tcase_add_test(c, only_what_is_sent_is_judged);
  tcase_add_test(c, circles_are_found);
  tcase_add_test(c, senders_with_colours_from_tile_constants);
  tcase_add_test(c, the_table_is_sound);
  tcase_add_test(c, the_driver_stops_where_it_is_told);
  suite_add_tcase(s, c);
  return s;
}
