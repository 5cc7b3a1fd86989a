// Semantic analysis: values of comptime expressions, typing of run-time code, messages, limits, and
// that tiles share programs only where they may.
#include "sema/sema.h"
#include "suite.h"
#include "support/text_out.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/weft-test-sema-XXXXXX";
static Sources sources;
static Names *names;
static Diags diags;
static SemaOptions options;
static FabricModule *fabric;
static char *printed; // what @comptime_print wrote
static size_t printed_size;

static void setup(void)
{
  strcpy(strrchr(folder, '-') + 1, "XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  sources = (Sources){0};
  diags = (Diags){.sources = &sources};
  names = names_new();
  options = (SemaOptions){0};
  fabric = NULL;
  options.print = open_memstream(&printed, &printed_size);
}

static const char *path_of(const char *name)
{
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text)
{
  FILE *f = fopen(path_of(name), "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
}

static void teardown(void)
{
  if (fabric)
    fir_free(fabric);
  fclose(options.print);
  free(printed);
  diag_free(&diags);
  names_free(names);
  src_free(&sources);
  unlink(path_of("top.csl"));
  unlink(path_of("pe.csl"));
  rmdir(folder);
}

static bool compile(const char *text)
{
  write_file("top.csl", text);
  if (fabric)
    fir_free(fabric);
  fabric = sema_compile(&options, path_of("top.csl"), &sources, names, &diags);
  fflush(options.print);
  return fabric != NULL;
}

static const char *first_message(void)
{
  return arrlen(diags.entries) ? diags.entries[0].text : "no message";
}

// Every module of the program in its text form. The caller frees it.
static char *tile_text(void)
{
  TextOut text;
  FILE *out = text_out_open(&text);
  for (ptrdiff_t i = 0; i < arrlen(fabric->classes); i++)
    tir_print(fabric->classes[i].module, &sources, out);
  return text_out_close(&text);
}

static const char layout[] = "layout { @set_rectangle(1, 1); @set_tile_code(0, 0); }\n";

// ---- values ----
static const struct {
  const char *expr, *value;
} values[] = {
    {"1 + 2 * 3 - 4 / 2", "5"},
    {"-7 / 2", "-3"},
    {"-7 % 3", "-1"},
    {"7 % -3", "1"},
    {"1 << 4 | 1", "17"},
    {"6 & 3 == 2", "true"},
    {"1 + 1 << 2", "8"},
    {"@as(i8, -128) / -1", "-128"},
    {"@as(u16, 65535) * 65535", "1"},
    {"@as(i32, 2147483647) + 1", "-2147483648"},
    {"@as(u64, 0xffffffffffffffff) >> 60", "15"},
    {"@as(i64, -9223372036854775807) - 1", "-9223372036854775808"},
    {"@as(u3, 7) + 2", "1"},
    {"@as(i5, 15) + 1", "-16"},
    {"0b1010 + 0o17 + 0xf", "40"},
    {"'a'", "97"},
    {"1e3 + 0.5", "1000.5"},
    {"@as(f32, 0.1) == 0.1", "true"},
    {"@as(f16, 65504.0) + 65504.0", "inf"},
    {"@as(f32, 1) / 3.0", "0.333333343"},
    {"@as(u16, -1.5 + 3.0)", "1"},
    {"@as(bool, @as(f32, 0.0))", "false"},
    {"if (1 < 2) \"yes\" else 3", "yes"},
    {"switch (3) { 1, 2 => \"a\", 3 => \"b\", else => \"c\" }", "b"},
    {"blk: { if (true) break :blk 4; break :blk 5; }", "4"},
    {"@strcat(\"ab\", \"\", \"c\")", "abc"},
    {"@strlen(\"a\\x00b\")", "3"},
    {"@type_of(1)", "comptime_int"},
    {"@type_of(@as(f32, 1.0) + 2.0)", "f32"},
    {"[2, 3]*const [4]f16", "[2,3]*const [4]f16"},
    {"fn(i16, [*]const f32) void", "fn(i16, [*]const f32) void"},
    {"@type_of(.{ .a = true, .b = \"x\" })", "struct {a: bool, b: comptime_string}"},
    {"@type_of(@range(u16, 3))", "range(u16)"},
    {"@has_field(.{ .a = 1 }, \"a\") and !@has_field(.{ .a = 1 }, \"b\")", "true"},
    {"@field(.{ .a = 1, .b = 2 }, \"b\")", "2"},
    {"@concat_structs(.{ .a = 1 }, .{ .b = 2 })", "{ .a = 1, .b = 2 }"},
    {"@concat_structs(.{ 1, 2 }, .{ 3 })", "{ 1, 2, 3 }"},
    {"@dimensions([2, 5]i16)[1]", "5"},
    {"@get_array(\"hi\")[1]", "105"},
    {"[3]i16{ 1, 2, 3 }[2]", "3"},
    {".{ 5, \"six\" }[1]", "six"},
    {"i16 == i16", "true"},
    {"EAST == EAST and EAST != WEST", "true"},
    {"@is_same_type(@fp16(), f16)", "true"},
    {"@as(comptime_int, @as(u8, 200)) + 100", "300"},
    {"0x1_0000_0000_0000_0000", "18446744073709551616"},
    {"0o7777777777777777777777777", "37778931862957161709567"},
    {"-1 >> 1000000000", "-1"},
    {"0 << 1000000000", "0"},
    {"@as(i0, 0)", "0"},
    {"@as(i128, -1) >> 127", "-1"},
    {"@as(f16, 1 << 100)", "inf"},
    {"@as(comptime_int, 1.0e20)", "100000000000000000000"},
    {"[1]f32{ 1 << 100 }[0]", "1.2676506e+30"},
};

START_TEST(test_value)
{
  char text[512];
  snprintf(text, sizeof text,
           "layout { @set_rectangle(1, 1); @set_tile_code(0, 0);\n@comptime_print(%s); }",
           values[_i].expr);
  ck_assert_msg(compile(text), "%s: %s", values[_i].expr, first_message());
  ck_assert_msg(!strncmp(printed, values[_i].value, strlen(values[_i].value)) &&
                    printed[strlen(values[_i].value)] == '\n',
                "%s: %s", values[_i].expr, printed);
}
END_TEST

// ---- messages ----
static const struct {
  const char *expr;
  DiagId id;
} errors[] = {
    {"1 + 1.0", D_type_mismatch},
    {"@as(i16, 1) + @as(u16, 1)", D_type_mismatch},
    {"@as(u8, 1) + 256", D_does_not_fit},
    {"1 / 0", D_divide_by_zero},
    {"1.0 / 0.0", D_divide_by_zero},
    {"1 << 16777216", D_int_overflow},
    {"[1]f32{ (1 << 100) + 1 }", D_type_mismatch},
    {"@as(u65, -1)", D_does_not_fit},
    {"@as(u65, 1.0e30)", D_float_to_int},
    {"@as(i0, 1)", D_does_not_fit},
    {"@as(i64, 99999999999999999999)", D_does_not_fit},
    {"1 << -1", D_shift_amount},
    {"@as(u16, 1) << 16", D_shift_amount},
    {"~1", D_bad_operator},
    {"-@as(u16, 1)", D_bad_operator},
    {"\"a\" + \"b\"", D_bad_operator},
    {"true < false", D_bad_operator},
    {"1 and true", D_condition_bool},
    {"if (1) 2 else 3", D_condition_bool},
    {"nowhere", D_undeclared},
    {"@nowhere()", D_unknown_builtin},
    {"@as(i16, 40000)", D_does_not_fit},
    {"@as(type, 3)", D_not_convertible},
    {"[2]i16{ 1 }", D_element_count},
    {"[2]i16{ 1, 2 }[2]", D_index_range},
    {"[2]i16{ 1, 2 }[0, 0]", D_index_count},
    {".{ 1 }[1]", D_index_range},
    {".{ .a = 1 }.b", D_not_member},
    {".{ .a = 1, .a = 2 }", D_field_twice},
    {"1.x", D_no_fields},
    {"3()", D_not_callable},
    {"switch (true) { else => 1 }", D_switch_operand},
    {"@strlen(3)", D_type_mismatch},
    {"@element_count(i16)", D_builtin_type},
    {"@is_arch(\"wse9\")", D_unknown_arch},
    {"@zeros([2]type)", D_builtin_type},
    {"[-1]i16", D_dimension},
    {"[2][2]i16", D_array_of_arrays},
    {"@concat_structs(.{ .a = 1 }, .{ .a = 2 })", D_field_twice},
    {"@random16()", D_not_in_layout},
    {"@comptime_assert(false)", D_comptime_assert},
};

START_TEST(test_error)
{
  char text[512];
  const char *expr = errors[_i].expr;
  snprintf(text, sizeof text,
           "layout { @set_rectangle(1, 1); @set_tile_code(0, 0);\nconst x = %s; }", expr);
  if (!strcmp(expr, "1.x")) // a number cannot be followed by a field
    snprintf(text, sizeof text, "layout { const n = 1; const x = n%s; }", expr + 1);
  ck_assert_msg(!compile(text), "%s is accepted", expr);
  ck_assert_msg(diags.entries[0].id == errors[_i].id, "%s: %s [%s]", expr, first_message(),
                diag_name(diags.entries[0].id));
  ck_assert_msg(diags.errors == 1, "%s: %u errors", expr, diags.errors);
}
END_TEST

// ---- limits ----
START_TEST(test_quota)
{
  options.comptime_quota = 10000;
  ck_assert(!compile("layout { while (true) {} }"));
  ck_assert_int_eq(diags.entries[0].id, D_quota);
  ck_assert_uint_eq(diags.errors, 1);
}
END_TEST

// A round on a number of 1 << 20 bits counts as thousands.
START_TEST(test_quota_of_long_numbers)
{
  options.comptime_quota = 1000000;
  ck_assert(compile("layout { @set_rectangle(1, 1); @set_tile_code(0, 0);\n"
                    "var x = 1; for (@range(u32, 900000)) |i| { x = x + 1; } }"));
  ck_assert(
      !compile("layout { var x = 1 << 1048576; for (@range(u32, 900000)) |i| { x = x + 1; } }"));
  ck_assert_int_eq(diags.entries[0].id, D_quota);
  ck_assert_uint_eq(diags.errors, 1);
}
END_TEST

START_TEST(test_endless_recursion)
{
  ck_assert(!compile("fn f(n: i32) i32 { return f(n + 1); } layout { const x = f(0); }"));
  ck_assert_int_eq(diags.entries[0].id, D_depth);
  // Without a limit the stack is one.
  diag_free(&diags);
  diags = (Diags){.sources = &sources};
  options.comptime_depth = 100000000;
  ck_assert(!compile("fn f(n: i32) i32 { return f(n + 1); } layout { const x = f(0); }"));
  ck_assert_int_eq(diags.entries[0].id, D_depth);
}
END_TEST

START_TEST(test_growing_type)
{
  ck_assert(!compile("layout { var t = i16; while (true) { t = *t; } }"));
  ck_assert_int_eq(diags.entries[0].id, D_type_depth);
}
END_TEST

START_TEST(test_growing_struct)
{
  ck_assert(!compile("layout { var s: comptime_struct = .{}; while (true) { s = .{ .s = s }; } }"));
  ck_assert_int_eq(diags.entries[0].id, D_type_depth);
}
END_TEST

START_TEST(test_many_errors)
{
  ck_assert(!compile("export fn f(i: i16) void { a(); b(); const x: u16 = i; x += c; }\n"
                     "layout { @set_rectangle(1, 1); @set_tile_code(0, 0); }"));
  // What follows from the wrong declaration of x is not repeated.
  ck_assert_uint_eq(diags.errors, 3);
}
END_TEST

START_TEST(test_missing_file)
{
  fabric = sema_compile(&options, "/nowhere/top.csl", &sources, names, &diags);
  ck_assert_ptr_null(fabric);
  ck_assert_int_eq(diags.entries[0].id, D_cannot_read);
}
END_TEST

START_TEST(test_no_layout)
{
  ck_assert(!compile("const x = 1;"));
  ck_assert_int_eq(diags.entries[0].id, D_no_layout);
}
END_TEST

// ---- tile programs ----
START_TEST(test_verified)
{
  static const char text[] =
      "const P = struct { x: i16, y: f32 };\n"
      "var a: [8]P;\n"
      "fn pick(i: i16, b: bool) P { if (b) return a[i]; return .{ .x = i, .y = 1.0 }; }\n"
      "export fn f(n: i16) f32 {\n"
      "  var s: f32 = 0.0;\n"
      "  outer: for (@range(i16, n)) |i| {\n"
      "    for (a) |p, k| { if (k == 3) continue :outer; if (p.x == i and i > 2) break :outer; s "
      "+= p.y; }\n"
      "  }\n"
      "  while (s > 1.0) : (s /= 2.0) { if (s == 4.0) break; }\n"
      "  a[n] = pick(n, s > 0.5);\n"
      "  return switch (n) { 0 => return 0.0, 1, 2 => s, else => blk: { if (s > 0.0) break :blk s "
      "* 2.0; break :blk -s; } };\n"
      "}\n";
  char program[2048];
  snprintf(program, sizeof program, "%s%s", text, layout);
  ck_assert_msg(compile(program), "%s", first_message());
  ck_assert(tir_verify(fabric->classes[0].module, &diags));
}
END_TEST

START_TEST(test_deterministic)
{
  static const char pe[] = "param x: i16; const t = @constants([9]f32, 1.5);\n"
                           "export fn f(i: i16) f32 { return t[i] + @as(f32, i + x); }\n";
  static const char top[] = "layout { @set_rectangle(3, 2);\n"
                            "for (@range(u16, 3)) |x| { for (@range(u16, 2)) |y| {\n"
                            "@set_tile_code(x, y, \"pe.csl\", .{ .x = x * 2 + y }); } } }";
  write_file("pe.csl", pe);
  ck_assert_msg(compile(top), "%s", first_message());
  char *first = tile_text();
  ck_assert(compile(top));
  char *second = tile_text();
  ck_assert_str_eq(first, second);
  ck_assert_int_eq(arrlen(fabric->classes), 1);
  ck_assert_int_eq(arrlen(fabric->classes[0].const_values), 6);
  for (uint32_t i = 0; i < 6; i++) // rows: x * 2 + y
    ck_assert_uint_eq(fabric->classes[0].const_values[i], i % 3 * 2 + i / 3);
  free(first);
  free(second);
}
END_TEST

// The data of a shared program, patched with a tile's words, must be what the tile gets alone: all
// kinds of expressions over params, and decisions that only some tiles share.
static const char data_pe[] =
    "param p: i16; param q: u16; param f: f32; param on: bool; param w: i32;\n"
    "const E = enum(i16) { a, b, c };\n"
    "const P = extern struct { x: i16, y: [2]f32 };\n"
    "fn pick(n: i16) i16 { if (n > 2) return n * 100; return -n; }\n"
    "fn count(n: u16) i32 { var s: i32 = 0; for (@range(u16, n)) |i| s += @as(i32, i) + w; return "
    "s; }\n"
    "export var a0: i16 = p * 2 - 1;\n"
    "export var a1: i32 = @as(i32, p) << 7 | 3;\n"
    "export var a2: f32 = f * 0.5 + @as(f32, p) / 3.0;\n"
    "export var a3: u16 = @as(u16, p + 100) % 7 + q / 2;\n"
    "export var a4: i16 = pick(p);\n"
    "export var a5: i32 = count(q) - w / 3;\n"
    "export var a6: i16 = if (on and p > 3) p else 7;\n"
    "export var a7: P = .{ .x = ~p, .y = [2]f32{ f, -f } };\n"
    "export var a8: [q + 1]i16 = @constants([q + 1]i16, p);\n"
    "export var a9: f16 = @as(f16, f) + 1.0;\n"
    "export var b0: i16 = switch (q) { 0 => 11, 1 => p + 1, else => @as(i16, w & 0xff) };\n"
    "export var b1: bool = p >= 4 or on;\n"
    "export var b2: u16 = @as(u16, @as(i8, p * 20));\n"
    "export var b3: i32 = @as(i32, f * 3.0);\n"
    "export var b4: E = @as(E, p % 3);\n"
    "export var b5: i16 = @as(i16, on) + @as(i16, q);\n";

static const char bindings[] = ".p = (x * 5) % 7, .q = @as(u16, x % 3), .f = @as(f32, x) * 0.75, "
                               ".on = x % 4 < 2, .w = 100000 * @as(i32, x)";

// Initial bytes of global `g` as tile number `tile` of the class finds them.
static uint32_t data_of(const FabricClass *c, uint32_t tile, const IrGlobal *g, uint8_t *bytes)
{
  const TileModule *m = c->module;
  uint32_t size = tir_size(m, g->type);
  memset(bytes, 0, size);
  if (g->init)
    memcpy(bytes, g->init, size);
  for (ptrdiff_t i = 0; i < arrlen(g->patches); i++) {
    uint32_t k = g->patches[i].tileconst;
    uint32_t word = c->const_values[tile * arrlenu(m->tileconsts) + k];
    memcpy(bytes + g->patches[i].offset, &word, tir_size(m, m->tileconsts[k].type));
  }
  return size;
}

static const IrGlobal *global_named(const TileModule *m, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++)
    if (!strcmp(m->globals[i].name, name))
      return &m->globals[i];
  ck_abort_msg("no global %s", name);
  return NULL;
}

START_TEST(test_shared_data)
{
  enum { TILES = 42 };
  char program[1024];
  write_file("pe.csl", data_pe);
  snprintf(program, sizeof program,
           "layout { @set_rectangle(%d, 1); for (@range(i16, %d)) |x|\n"
           "@set_tile_code(x, 0, \"pe.csl\", .{ %s }); }",
           TILES, TILES, bindings);
  ck_assert_msg(compile(program), "%s", first_message());
  FabricModule *all = fabric;
  fabric = NULL;
  ck_assert_int_lt(arrlen(all->classes), TILES); // something is shared
  uint32_t seen[TILES] = {0};
  for (uint32_t x = 0; x < TILES; x++) {
    const FabricClass *c = &all->classes[all->tile_class[x]];
    uint32_t tile = seen[all->tile_class[x]]++;
    snprintf(program, sizeof program,
             "layout { @set_rectangle(1, 1); const x: i16 = %u;\n"
             "@set_tile_code(0, 0, \"pe.csl\", .{ %s }); }",
             x, bindings);
    ck_assert_msg(compile(program), "%s", first_message());
    const TileModule *alone = fabric->classes[0].module;
    ck_assert_int_eq(arrlen(alone->tileconsts), 0);
    ck_assert_int_eq(arrlen(alone->globals), arrlen(c->module->globals));
    for (ptrdiff_t i = 0; i < arrlen(alone->globals); i++) {
      const IrGlobal *g = &alone->globals[i];
      uint8_t want[64], got[64];
      uint32_t n = data_of(&fabric->classes[0], 0, g, want);
      ck_assert_uint_eq(data_of(c, tile, global_named(c->module, g->name), got), n);
      ck_assert_msg(!memcmp(want, got, n), "tile %u, %s", x, g->name);
    }
  }
  fir_free(all);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("sema");
  TCase *t = tcase_create("sema");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, test_value, 0, sizeof values / sizeof values[0]);
  tcase_add_loop_test(t, test_error, 0, sizeof errors / sizeof errors[0]);
  tcase_add_test(t, test_quota);
  tcase_add_test(t, test_quota_of_long_numbers);
  tcase_add_test(t, test_endless_recursion);
  tcase_add_test(t, test_growing_type);
  tcase_add_test(t, test_growing_struct);
  tcase_add_test(t, test_many_errors);
  tcase_add_test(t, test_missing_file);
  tcase_add_test(t, test_no_layout);
  tcase_add_test(t, test_verified);
  tcase_add_test(t, test_deterministic);
  tcase_add_test(t, test_shared_data);
  suite_add_tcase(s, t);
  return s;
}
