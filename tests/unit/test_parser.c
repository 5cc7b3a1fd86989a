// Scanner and parser: values of literals, shapes of trees, exact ranges, recovery, bounds, marks of
// SDK releases.
#include "parser/ast_build.h"
#include "suite.h"
#include "support/text_out.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static Sources sources;
static Names *names;
static Diags diags;
static Ast *ast;

static void setup(void)
{
  sources = (Sources){0};
  diags = (Diags){.sources = &sources};
  names = names_new();
  ast = NULL;
}

static void teardown(void)
{
  ast_free(ast);
  diag_free(&diags);
  names_free(names);
  src_free(&sources);
}

static const Node *parse_bytes(const char *text, size_t size)
{
  ast_free(ast);
  ast = ast_parse(src_add(&sources, "t.csl", text, size), names, &diags);
  ck_assert_ptr_nonnull(ast->root);
  return ast->root;
}

static const Node *parse(const char *text)
{
  return parse_bytes(text, strlen(text));
}

// The initializer of `const x = TEXT;`, which must be free of errors.
static const Node *parse_expr(const char *text)
{
  char line[256];
  snprintf(line, sizeof line, "const x = %s;", text);
  const Node *root = parse(line);
  ck_assert_msg(diags.errors == 0, "%s: %s", text, diags.errors ? diags.entries[0].text : "");
  ck_assert_uint_eq(root->count, 1);
  return root->list[0]->a;
}

static const char *text_of(const Node *n)
{
  static char buf[256];
  const SrcFile *f = ast->file;
  snprintf(buf, sizeof buf, "%.*s", (int)(n->range.end - n->range.begin),
           f->text + (n->range.begin - f->base));
  return buf;
}

START_TEST(literals)
{
  const Node *n = parse_expr("0x1_F");
  ck_assert_int_eq(n->kind, N_INT);
  ck_assert_str_eq(n->u.number.digits, "0x1F");
  n = parse_expr("1_000.2_5e-3");
  ck_assert_int_eq(n->kind, N_FLOAT);
  ck_assert_str_eq(n->u.number.digits, "1000.25e-3");
  ck_assert_int_eq(parse_expr("0x1.8p3")->kind, N_FLOAT);
  n = parse_expr("\"a\\n\\x00\\u00e9\\\\\"");
  ck_assert_uint_eq(n->u.string.len, 6);
  ck_assert_mem_eq(n->u.string.bytes, "a\n\0\xc3\xa9\\", 6);
  ck_assert_uint_eq(parse_expr("'\\''")->u.ch, '\'');
  ck_assert_uint_eq(parse_expr("'\xc3\xa9'")->u.ch, 0xe9);
  ck_assert_uint_eq(parse_expr("'\\U01F600'")->u.ch, 0x1f600);
  ck_assert_uint_eq(parse_expr("true")->op, 1);
}
END_TEST

// Each level binds tighter than the one before it (language 6.1).
START_TEST(precedence)
{
  static const Operator order[] = {OP_LOR, OP_LAND, OP_EQ, OP_AND, OP_SHL, OP_ADD, OP_MUL};
  const Node *n = parse_expr("a or b and c == d & e << f + g * h");
  for (int i = 0; i < 7; i++) {
    ck_assert_int_eq(n->kind, N_BINARY);
    ck_assert_int_eq(n->op, order[i]);
    ck_assert_int_eq(n->a->kind, N_IDENT);
    n = n->b;
  }
  n = parse_expr("a | b & c ^ d"); // one level, to the left
  ck_assert_int_eq(n->op, OP_XOR);
  ck_assert_int_eq(n->a->op, OP_AND);
  n = parse_expr("if (a) b else c + 1");
  ck_assert_int_eq(n->kind, N_IF_EXPR);
  ck_assert_int_eq(n->c->kind, N_BINARY);
  ck_assert_int_eq(parse_expr("-a.b")->kind, N_NEG);
  ck_assert_int_eq(parse_expr("comptime a + b")->kind, N_COMPTIME);
}
END_TEST

START_TEST(ranges)
{
  const Node *n = parse_expr("(a + b).c[ i , j ].* * f( x )");
  ck_assert_str_eq(text_of(n), "(a + b).c[ i , j ].* * f( x )");
  ck_assert_str_eq(text_of(n->a), "(a + b).c[ i , j ].*");
  ck_assert_str_eq(text_of(n->a->a), "(a + b).c[ i , j ]");
  ck_assert_str_eq(text_of(n->a->a->a->a), "a + b");
  ck_assert_str_eq(text_of(n->b), "f( x )");
  const Node *root = parse("\n export inline fn f ( a : i16 ) void { } // end\n");
  ck_assert_str_eq(text_of(root->list[0]), "export inline fn f ( a : i16 ) void { }");
  ck_assert_str_eq(text_of(root->list[0]->list[0]), "a : i16");
  ck_assert_uint_eq(src_place(&sources, root->list[0]->at).column, 19);
}
END_TEST

// Forms that the notes for an LALR parser single out (language 3, 3.1).
START_TEST(forms)
{
  static const char *const good[] = {
      "fn f() my.T(2) { }",
      "fn f() [2]u16 { const a = [2]u16{1, 2,}; }",
      "fn f() void { if (c) x = y; else { } }",
      "fn f() void { if (c) @block(q) else @block(col); }",
      "fn f() void { if (c) {} else return; for (a) |_, i| a[i] = 0; }",
      "fn f() void { l: while (a) : (i += 1) { continue :l; } f(0) == 0; p.*=3; }",
      "fn f() void { switch (a) { 1, 2 => b = 3, else => return, } }",
      "const t = if (a) x else if (b) y;",
      "const t = T{ .a = 1, .b = .{}, } ;",
      "const t = b: { break :b 3; };",
      "const t = if (a).{.x = 1}else.{.y = 2};",
      "const t = |i, j|{2, 3} -> m.a[i + j, 2 * i];",
      "const t = *i16 == *const u16;",
      "const t = @f(*const [3]i16, fn(n: i32) void, task(u16,) void);",
      "var union: i16 = 0; var packed: i16 = 1; const u = union + packed;",
      "const t = packed struct { a: i16, }; const v = extern union { b: u16 };",
      "const t = enum(u16) { A = 3, B, };",
      "param p; param q: if (a) i16 else u16 = 3; param r = {};",
      "color red; ; layout { } comptime { };",
      "extern fn f(i16, comptime T: type, x: anytype) linkname(\"g\") void;",
      "export var a: [2]i16 align(32) = undefined;",
      "fn f() void { asm volatile (\"nop\" : [r] \"=r\" (x) : : \"memory\"); }",
      "task t() void { comptime f(x); comptime { a = 1; } inline while (b) c(); }",
  };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    parse(good[i]);
    ck_assert_msg(diags.errors == 0, "%s: %s", good[i], diags.errors ? diags.entries[0].text : "");
  }
}
END_TEST

START_TEST(recovery)
{
  const Node *root = parse("const a = ;\n"
                           "fn f() void {\n"
                           "  if (x y) { a(); b(); }\n"
                           "  g(.{ .a = }, 3);\n"
                           "  ok();\n"
                           "  const q = 1\n"
                           "  const r = 2;\n"
                           "}\n"
                           "fn g() void { if (a) {\n"
                           "task t() void {}\n"
                           "const z = 1;\n");
  ck_assert_uint_eq(diags.errors, 5);
  static const uint32_t lines[] = {1, 3, 4, 6, 10};
  for (uint32_t i = 0, e = 0; i < arrlenu(diags.entries); i++)
    if (diags.entries[i].severity == DIAG_ERROR)
      ck_assert_uint_eq(src_place(&sources, diags.entries[i].where.begin).line, lines[e++]);
  ck_assert_uint_eq(root->count, 4);             // f, g, t, z
  ck_assert_uint_eq(root->list[0]->a->count, 2); // ok() and r
}
END_TEST

START_TEST(nul_and_stray_bytes)
{
  static const char text[] = "const a\0\0 = \xff\xfe 1; // \0";
  parse_bytes(text, sizeof text - 1);
  ck_assert_uint_eq(diags.errors, 3);
  ck_assert_str_eq(diag_name(diags.entries[0].id), "nul_byte");
  ck_assert_str_eq(diag_name(diags.entries[1].id), "bad_byte");
  ck_assert_uint_eq(ast->root->count, 1);
}
END_TEST

static void expect_too_deep(const char *head, const char *unit, size_t n, const char *tail)
{
  size_t len = strlen(unit), at = strlen(head);
  char *text = malloc(at + n * len + strlen(tail) + 1);
  strcpy(text, head);
  for (size_t i = 0; i < n; i++, at += len)
    memcpy(text + at, unit, len + 1);
  strcpy(text + at, tail);
  uint32_t before = diags.errors;
  parse(text);
  free(text);
  ck_assert_uint_eq(diags.errors, before + 1);
  ck_assert_str_eq(diag_name(arrlast(diags.entries).id), "nested_too_deeply");
}

START_TEST(depth_is_bounded)
{
  expect_too_deep("const a = ", "(", 100000, "");
  expect_too_deep("const a = ", ".{", 100000, "");
  expect_too_deep("fn f() void ", "{", 100000, "");
  expect_too_deep("const b = 1; const a = 1", "+1", 100000, ";");
  ck_assert_uint_eq(ast->root->count, 1); // the good declaration stays
}
END_TEST

START_TEST(errors_are_bounded)
{
  char *text = NULL;
  for (int i = 0; i < 1000; i++)
    memcpy(arraddnptr(text, 12), "const a = ;\n", 12);
  parse_bytes(text, arrlenu(text));
  arrfree(text);
  ck_assert_uint_eq(diags.errors, 50);
}
END_TEST

static void expect_marks(const char *text, bool legacy, bool modern)
{
  parse(text);
  ck_assert_msg(ast->uses_legacy_structs == legacy && ast->uses_new_forms == modern, "%s", text);
}

START_TEST(release_marks)
{
  expect_marks("param p: comptime_struct;", true, false);
  expect_marks("const a = @concat_structs(b, c);", true, false);
  expect_marks("const a = \"comptime_struct\"; // comptime_struct", false, false);
  expect_marks("const t = packed struct { a: i16 };", false, true);
  expect_marks("var packed: i16 = 0;", false, false);
  expect_marks("const a = .{ .full_action = 3 };", false, true);
  expect_marks("const full_action = 3;", false, false);
  expect_marks("const a = .{ .simd_mode = .{ .simd_max = true } };", false, true);
  expect_marks("const a = @import_module(\"<types>\");", false, true);
  expect_marks("const a = m.get_streaming_fabout_dsd(c, n, q);", false, true);
}
END_TEST

static char *printed(bool positions)
{
  TextOut text;
  ast_print(ast, names, &sources, positions, text_out_open(&text));
  return text_out_close(&text);
}

START_TEST(printing)
{
  parse("export var a: [4]i16 align(32);\nfn f(x: u16) void { a[x] += \"\\\"\"; }\n");
  char *text = printed(true);
  ck_assert_str_eq(text, "file <1:1-3:1>\n"
                         "  var a export <1:1-1:32>\n"
                         "    type: array-type <1:15-1:21>\n"
                         "      int 4 <1:16-1:17>\n"
                         "      ident i16 <1:18-1:21>\n"
                         "    attrs <1:22-1:31>\n"
                         "      align <1:22-1:31>\n"
                         "        int 32 <1:28-1:30>\n"
                         "  fn f <2:1-2:36>\n"
                         "    fn-param x <2:6-2:12>\n"
                         "      ident u16 <2:9-2:12>\n"
                         "    type: ident void <2:14-2:18>\n"
                         "    block <2:19-2:36>\n"
                         "      assign += <2:21-2:33>\n"
                         "        index <2:21-2:25>\n"
                         "          ident a <2:21-2:22>\n"
                         "          ident x <2:23-2:24>\n"
                         "        string \"\\\"\" <2:29-2:33>\n");
  free(text);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("parser");
  TCase *c = tcase_create("parser");
  tcase_add_checked_fixture(c, setup, teardown);
  tcase_add_test(c, literals);
  tcase_add_test(c, precedence);
  tcase_add_test(c, ranges);
  tcase_add_test(c, forms);
  tcase_add_test(c, recovery);
  tcase_add_test(c, nul_and_stray_bytes);
  tcase_add_test(c, depth_is_bounded);
  tcase_add_test(c, errors_are_bounded);
  tcase_add_test(c, release_marks);
  tcase_add_test(c, printing);
  suite_add_tcase(s, c);
  return s;
}
