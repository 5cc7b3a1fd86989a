// Unit tests of both IRs: every operation and construct prints, parses back and prints the same;
// what is not sound is refused.
#include "ir/form.h"
#include "ir_text.h"
#include "suite.h"
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

static void show_diags(void)
{
  if (diags.errors)
    diag_print(&diags, stderr);
}

// The module prints, parses back and prints the same text.
static void check_tile_round_trip(const TileModule *m)
{
  Sources again = {0};
  char *first = tile_text(m, &sources);
  const SrcFile *file = src_add(&again, "printed.wir", first, strlen(first));
  Diags d = {.sources = &again};
  TileModule **list = tir_parse(file, &again, &d);
  if (d.errors)
    diag_print(&d, stderr);
  ck_assert_ptr_nonnull(list);
  ck_assert_int_eq(arrlen(list), 1);
  char *second = tile_text(list[0], &again);
  ck_assert_str_eq(first, second);
  tir_free(list[0]);
  arrfree(list);
  free(first);
  free(second);
  diag_free(&d);
  src_free(&again);
}

// ---- every operation ----

typedef struct Sample { // a function with a value of every type to take operands from
  TileModule *m;
  IrBuilder b;
  uint32_t callee;
} Sample;

static Sample new_sample(SrcPos pos)
{
  Sample s = {.m = tir_new("sample.csl", ARCH_WSE3, COMPAT_2_10)};
  IrType params[] = {IRT_I16, IRT_F32};
  uint32_t data = tir_global(s.m, "data", tir_array(s.m, IRT_F32, 16), pos);
  arrput(s.m->fifos, ((IrFifo){.name = "queue",
                               .buffer = data,
                               .elem_bytes = 4,
                               .capacity = 16,
                               .dest = DSR_AUTO,
                               .src1 = 3,
                               .xdsr = 1,
                               .pos = pos}));
  arrput(s.m->strings, "value \"%d\"\n");
  arrput(s.m->tileconsts, ((TileConst){"pe_x", IRT_I16, 0}));
  s.callee = tir_func(s.m, "callee", IRT_F32, params, 2, pos);
  IrType all[IRT_FIRST_AGGREGATE - 1];
  for (IrType t = IRT_BOOL; t < IRT_FIRST_AGGREGATE; t++)
    all[t - 1] = t;
  uint32_t f = tir_func(s.m, "sample", IRT_VOID, all, IRT_FIRST_AGGREGATE - 1, pos);
  s.b = (IrBuilder){s.m, f, 0, pos};
  tir_block(&s.b);
  return s;
}

static IrRef value_of(IrType t)
{
  return IR_REF(REF_PARAM, t - 1);
}

// A type that the letter of ir/forms.def allows for operands or results.
static IrType type_for(char letter, IrType result, IrType first)
{
  switch (letter) {
  case 'T': return result;
  case 'A': return first;
  case 'P': return IRT_PTR;
  case 'B': return IRT_BOOL;
  case 'W': return IRT_I16;
  case 'I':
  case 'J':
  case 'L':
  case 'E':
  case 'V':
  case 'X': return IRT_I32;
  case 'F':
  case 'S': return IRT_F32;
  case 'D':
  case '1': return IRT_DSD;
  default: ck_abort_msg("letter %c of ir/forms.def is unknown to the tests", letter);
  }
}

// What aux and list have to be for the directives of the operation's syntax.
static void fill_numbers(Sample *s, IrOp op, uint32_t *aux, uint32_t **list)
{
  for (const char *d = strchr(ir_form(op)->syntax, '%'); d; d = strchr(d + 1, '%')) {
    switch (d[1]) {
    case 'T':
    case 'a':
    case 'b':
    case 'c':
    case 'R':
    case 'n': break;
    case 't': *aux = tir_array(s->m, IRT_I16, 3); break;
    case 'u':
    case 'i': *aux = op == IR_DSD_FIFO ? 0 : 12; break;
    case 'k': *aux = tir_block(&s->b); break;
    case 'f':
      *aux = s->callee;
      arrput(*list, value_of(IRT_I16));
      arrput(*list, value_of(IRT_F32));
      break;
    case 'C': break;
    case 's': *aux = 0; break;
    case 'r': *aux = DSR_REF(DSR_SRC1, 7); break;
    case 'q': *aux = TARGET_INPUT_QUEUE; break;
    case 'd': *aux = 1; break;
    case 'l': *aux = 1; break;
    case 'o': *aux = DSD_fmacs; break;
    case 'y': *aux = SYS_tsc_read; break;
    case 'S': break;
    case 'F':
      arrput(s->m->fabrics,
             ((DsdFabric){DSD_FABOUT, 3, SIMD_MAX, 2, true, true, true, true, true, true, true}));
      *aux = 0;
      break;
    case 'w': *aux = DSD_WIO; break;
    case 'B':
      arrput(*list, tir_block(&s->b));
      arrput(*list, tir_block(&s->b));
      break;
    case 'K':
      arrput(*list, tir_block(&s->b));
      for (uint32_t i = 0; i < 3; i++) {
        arrput(*list, 10 * i);
        arrput(*list, 10 * i + i);
        arrput(*list, tir_block(&s->b));
      }
      break;
    case 'M':
      for (uint32_t i = 0; i < 9; i++)
        arrput(*list, i ? (i < 5 ? 5 - i : (uint32_t)-(int)i) : 4);
      break;
    case 'U':
      arrput(*list, value_of(IRT_F32));
      arrput(*list, (uint32_t)arrlen(s->m->dsd_uses));
      arrput(s->m->dsd_uses, ((DsdUse){.dest = {OPND_DSD, DSR_DEST, DSR_AUTO, 3},
                                       .src0 = {OPND_DSD, DSR_SRC0, 4, 0},
                                       .src1 = {OPND_DSR, DSR_SRC1, 5, 0},
                                       .cfg = 0xffffffff,
                                       .completion = value_of(IRT_I16),
                                       .on_control = value_of(IRT_I16),
                                       .index = value_of(IRT_I16)}));
      break;
    case 'L':
      arrput(*list, CFG_ASYNC | ACTION_UNBLOCK << CFG_ACTION_SHIFT);
      arrput(*list, value_of(IRT_I16));
      arrput(*list, IR_NONE);
      arrput(*list, 4);
      break;
    default: ck_abort_msg("directive %%%c of ir/forms.def is unknown to the tests", d[1]);
    }
  }
}

static IrType result_for(IrOp op)
{
  char letter = ir_form(op)->result;
  if (op == IR_TRUNC)
    return IRT_I16;
  if (op == IR_ZEXT || op == IR_SEXT)
    return IRT_I64;
  return letter == '-'   ? IRT_VOID
         : letter == 'v' ? IRT_F32
         : letter == 'y' ? IRT_I16
                         : type_for(letter, 0, 0);
}

static void emit_sample(Sample *s, IrOp op)
{
  const char *letters = ir_form(op)->operands;
  IrRef refs[3] = {IR_NONE, IR_NONE, IR_NONE};
  IrType result = result_for(op), first = IRT_VOID;
  uint32_t aux = 0, *list = NULL;
  if (op != IR_RET && op != IR_SYS && op != IR_DSD_RUN)
    for (unsigned k = 0; letters[k]; k++) {
      char upper = letters[k] >= 'a' ? (char)(letters[k] - 'a' + 'A') : letters[k];
      IrType t = type_for(upper, result, first);
      first = k ? first : t;
      refs[k] = value_of(t);
    }
  if (op == IR_SYS)
    refs[0] = value_of(IRT_I16);
  if (op == IR_DSD_RUN) {
    refs[0] = value_of(IRT_DSD4);
    refs[1] = value_of(IRT_DSD);
  }
  fill_numbers(s, op, &aux, &list);
  if (op == IR_SLOT)
    tir_slot(&s->b, aux, "local");
  else
    tir_emit_list(&s->b, op, result, refs[0], refs[1], refs[2], aux, list, (uint32_t)arrlen(list));
  arrfree(list);
  for (s->b.block = 0; s->b.block < arrlenu(s->m->funcs[s->b.func].blocks); s->b.block++)
    if (!tir_terminated(&s->b))
      tir_emit(&s->b, IR_RET, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
}

START_TEST(every_operation_round_trips)
{
  IrOp op = (IrOp)_i;
  const SrcFile *f = src_add(&sources, "sample.csl", "line 1\nline 2\n", 14);
  ck_assert_msg(ir_form(op)->syntax, "operation '%s' has no row in ir/forms.def", tir_op(op)->text);
  Sample s = new_sample(f->base + 9);
  emit_sample(&s, op);
  bool sound = tir_verify(s.m, &diags);
  show_diags();
  ck_assert_msg(sound, "the sample of '%s' is not sound", tir_op(op)->text);
  check_tile_round_trip(s.m);
  char *text = tile_text(s.m, &sources);
  ck_assert_ptr_nonnull(strstr(text, tir_op(op)->text));
  ck_assert_ptr_nonnull(strstr(text, " !2:3\n"));
  free(text);
  tir_free(s.m);
}
END_TEST

// An operand of a type that its letter forbids is refused, for every operation that has letters.
START_TEST(every_operation_checks_its_operands)
{
  IrOp op = (IrOp)_i;
  const char *letters = ir_form(op)->operands;
  if (!letters[0] || op == IR_DSD_RUN)
    return; // DSD operations go by the kinds of their operands: dsd_operations_are_checked
  Sample s = new_sample(0);
  emit_sample(&s, op);
  IrFunc *f = &s.m->funcs[s.b.func];
  bool any = strchr("VvXx", letters[0]) != NULL;
  f->insts[0].a = any                                      ? IR_REF(REF_PARAM, 99)
                  : letters[0] == 'D' || letters[0] == 'T' ? value_of(IRT_BOOL)
                                                           : value_of(IRT_DSD4);
  ck_assert_msg(!tir_verify(s.m, &diags), "'%s' takes anything", tir_op(op)->text);
  tir_free(s.m);
}
END_TEST

START_TEST(every_setup_record_round_trips)
{
  Sample s = new_sample(0);
  for (int k = 0; k < SETUP_KINDS; k++)
    tir_setup(s.m, (SetupKind)k, (uint32_t)k, k % 2 ? IR_REF(REF_FUNC, 0) : IR_REF(REF_GLOBAL, 0),
              k % 3 ? IR_NONE : tir_const(s.m, IRT_I16, 5), IR_REF(REF_TILECONST, 0), 0);
  tir_setup(s.m, SETUP_TASK_LOCAL, 9, IR_NONE, IR_NONE, IR_NONE, 0);
  emit_sample(&s, IR_RET);
  check_tile_round_trip(s.m);
  tir_free(s.m);
}
END_TEST

START_TEST(every_constant_round_trips)
{
  Sample s = new_sample(0);
  for (IrType t = IRT_BOOL; t < IRT_FIRST_AGGREGATE; t++) {
    IrRef p = value_of(IRT_PTR);
    tir_emit(&s.b, IR_STORE, IRT_VOID, p, tir_const(s.m, t, 0), IR_NONE, 0);
    tir_emit(&s.b, IR_STORE, IRT_VOID, p, tir_const(s.m, t, 1), IR_NONE, 0);
    tir_emit(&s.b, IR_STORE, IRT_VOID, p, tir_const(s.m, t, 0x8123456789abcdefu), IR_NONE, 0);
  }
  IrType fields[] = {IRT_I16, tir_array(s.m, IRT_F32, 2), IRT_DSD};
  IrRef zero = tir_const(s.m, tir_struct(s.m, fields, 3), 0);
  tir_emit(&s.b, IR_STORE, IRT_VOID, value_of(IRT_PTR), zero, IR_NONE, 0);
  emit_sample(&s, IR_RET);
  check_tile_round_trip(s.m);
  tir_free(s.m);
}
END_TEST

START_TEST(constants_are_interned_and_masked)
{
  TileModule *m = tir_new("m", ARCH_WSE2, COMPAT_1_4);
  ck_assert_uint_eq(tir_const(m, IRT_I16, 0xffffffff), tir_const(m, IRT_I16, 0xffff));
  ck_assert_uint_ne(tir_const(m, IRT_I16, 1), tir_const(m, IRT_I32, 1));
  ck_assert_uint_eq(m->consts[IR_INDEX(tir_const(m, IRT_BOOL, 3))].bits, 1);
  tir_free(m);
}
END_TEST

START_TEST(wide_integers_are_interned)
{
  TileModule *m = tir_new("m", ARCH_WSE2, COMPAT_1_4);
  IrType empty = tir_struct(m, NULL, 0), t = tir_int(m, 96);
  ck_assert_uint_eq(tir_int(m, 96), t);
  ck_assert_uint_ne(t, empty);
  ck_assert_uint_eq(tir_struct(m, NULL, 0), empty);
  ck_assert_uint_eq(tir_int(m, 64), IRT_I64);
  ck_assert_uint_eq(tir_int_bits(m, t), 96);
  ck_assert_uint_eq(tir_int_bits(m, IRT_F32), 0);
  ck_assert_uint_eq(tir_int_bits(m, empty), 0);
  ck_assert_uint_eq(tir_size(m, t), 12);
  ck_assert_uint_eq(tir_align(m, t), 4);
  const uint32_t low[] = {5, 6, 0}, high[] = {5, 6, 7};
  ck_assert_uint_eq(tir_const(m, t, 0x600000005), tir_const_words(m, t, low));
  ck_assert_uint_ne(tir_const_words(m, t, high), tir_const_words(m, t, low));
  ck_assert_uint_eq(tir_const_words(m, t, high), tir_const_words(m, t, high));
  ck_assert_uint_ne(tir_const(m, tir_int(m, 128), 5), tir_const(m, t, 5));
  tir_free(m);
}
END_TEST

START_TEST(layouts_are_natural)
{
  TileModule *m = tir_new("m", ARCH_WSE2, COMPAT_1_4);
  IrType fields[] = {IRT_I8, IRT_I16, IRT_F32, IRT_I8};
  IrType s = tir_struct(m, fields, 4);
  const IrAggregate *a = &m->types[s - IRT_FIRST_AGGREGATE];
  ck_assert_uint_eq(a->offsets[1], 2);
  ck_assert_uint_eq(a->offsets[2], 4);
  ck_assert_uint_eq(a->offsets[3], 8);
  ck_assert_uint_eq(tir_size(m, s), 12);
  ck_assert_uint_eq(tir_align(m, s), 4);
  ck_assert_uint_eq(tir_struct(m, fields, 4), s);
  IrType array = tir_array(m, s, 10);
  ck_assert_uint_eq(tir_array(m, s, 10), array);
  ck_assert_uint_eq(tir_size(m, array), 120);
  ck_assert_uint_eq(tir_size(m, tir_array(m, array, 0xffffffff)), IR_MAX_TYPE_SIZE);
  ck_assert_uint_eq(tir_size(m, IRT_DSD4), 24);
  ck_assert_uint_eq(tir_size(m, IRT_BOOL), 2);
  tir_free(m);
}
END_TEST

static void add_global_with_everything(TileModule *m, SrcPos pos)
{
  IrGlobal *g = &m->globals[tir_global(m, "odd name\n", tir_array(m, IRT_I16, 40), pos)];
  g->linkname = "link";
  g->section = ".mine";
  g->align = 16;
  g->constant = g->exported = g->external = true;
  g->address = 0x1230;
  g->init = arena_alloc(&m->arena, 80);
  for (uint8_t i = 0; i < 13; i++)
    g->init[i + 64] = (uint8_t)(i * 19);
  arrput(g->relocs, ((IrReloc){2, IR_REF(REF_GLOBAL, 0), -4}));
  arrput(g->relocs, ((IrReloc){4, IR_REF(REF_FUNC, 0), 0}));
  arraddnptr(g->patches, 1)[0] = (typeof(*g->patches)){6, 0};
  g = &m->globals[tir_global(m, "zeros", tir_array(m, IRT_I16, 40), 0)];
  g->init = arena_alloc(&m->arena, 80);
}

START_TEST(module_with_everything_round_trips)
{
  const SrcFile *a = src_add(&sources, "no/such/file.csl", "one\ntwo\nthree\n", 14);
  const SrcFile *b = src_add(&sources, "no/such \"other\".csl", "x\n\n\ny", 5);
  Sample s = new_sample(b->base + 4);
  s.m->data_bytes = 1000;
  s.m->stack_bytes = 2000;
  s.m->fp16 = IRT_CB16;
  add_global_with_everything(s.m, a->base + 8);
  IrFunc *f = &s.m->funcs[s.callee];
  f->exported = f->inline_hint = f->noinline_hint = true;
  f->linkname = "callee_link";
  emit_sample(&s, IR_RET);
  check_tile_round_trip(s.m);
  char *text = tile_text(s.m, &sources);
  ck_assert_ptr_nonnull(strstr(text, "source 0 \"no/such \\\"other\\\".csl\""));
  ck_assert_ptr_nonnull(strstr(text, "0x0040: x00132639 x4c5f7285 x98abbed1 xe4"));
  ck_assert_ptr_nonnull(strstr(text, "!1:3:1\n"));
  free(text);
  tir_free(s.m);
}
END_TEST

START_TEST(slots_stand_at_the_head_of_the_entry_block)
{
  TileModule *m = tir_new("m", ARCH_WSE2, COMPAT_1_4);
  IrBuilder b = {m, tir_func(m, "f", IRT_VOID, NULL, 0, 0), 0, 0};
  tir_block(&b);
  IrRef one = tir_slot(&b, IRT_I16, "one");
  b.block = tir_block(&b);
  ck_assert(!tir_terminated(&b));
  tir_emit(&b, IR_STORE, IRT_VOID, one, tir_const(m, IRT_I16, 1), IR_NONE, 0);
  IrRef two = tir_slot(&b, IRT_I32, "two");
  tir_emit(&b, IR_STORE, IRT_VOID, two, tir_const(m, IRT_I32, 1), IR_NONE, 0);
  tir_emit(&b, IR_RET, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  ck_assert(tir_terminated(&b));
  b.block = 0;
  tir_emit(&b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 1);
  ck_assert(tir_verify(m, &diags));
  char *text = tile_text(m, NULL);
  ck_assert_ptr_nonnull(
      strstr(text, "b0:\n    %0 = slot i16 \"one\"\n    %1 = slot i32 \"two\"\n    br b1\n"));
  free(text);
  check_tile_round_trip(m);
  tir_free(m);
}
END_TEST

// ---- what is refused ----

static const char *parse_message(const char *text, bool fabric)
{
  const SrcFile *f = src_add(&sources, "bad.wir", text, strlen(text));
  if (fabric) {
    FabricModule *m = fir_parse(f, &sources, &diags);
    fir_free(m);
  } else {
    TileModule **list = tir_parse(f, &sources, &diags);
    for (ptrdiff_t i = 0; i < arrlen(list); i++)
      tir_free(list[i]);
    arrfree(list);
  }
  return diags.errors ? arrlast(diags.entries).text : "";
}

static const struct {
  const char *body, *message;
  uint32_t line;
} bad_tiles[] = {
    {"tile 3", "a string was expected", 1},
    {"tile \"m\" wse9", "an architecture was expected", 1},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  funk", "was expected here", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b1:", "numbered from b0", 3},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    jump b0\n  }\n}",
     "an instruction was expected", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    br b7\n  }\n}",
     "block b7 does not exist", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    store @x, i16 3\n  }\n}",
     "no global named @x", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    fill ptr 0x0, 4\n  }\n}",
     "does not end in a terminator", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    ret\n    ret\n  }\n}",
     "in the middle of a block", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    ret i16 1\n  }\n}",
     "another type than the function", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() i16 {\n  b0:\n    ret %4\n  }\n}",
     "no value %4 in this function", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() i16 {\n  b0:\n    %0 = add i16 %0, i16 1\n   "
     " ret %0\n  }\n}",
     "not certain to have been computed", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f(bool) i16 {\n  b0:\n    brif %p0, b1, b2\n  "
     "b1:\n"
     "    %0 = add i16 i16 1, i16 2\n    br b2\n  b2:\n    ret %0\n  }\n}",
     "not certain to have been computed", 9},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    %0 = fadd i16 i16 1, i16 "
     "2\n    ret\n  }\n}",
     "the result type does not fit", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    add i16 i16 1, i16 2\n    "
     "ret\n  }\n}",
     "this value needs a name", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    %1 = ret\n  }\n}",
     "has no value", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: i16\n  global @a: i16\n}", "defined twice",
     3},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: [3 x i16] {\n    init\n    0x0004: "
     "x000102\n  }\n}",
     "past the end", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: i16 {\n    patch 0x0000 $0\n  }\n}",
     "tile constant", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: i16 {\n    reloc 0x0001 @a, 0\n  }\n}",
     "out of bounds", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: [2000000000 x [2000000000 x f32]] {\n    "
     "init\n  }\n}",
     "too large", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  setup magic 3\n}", "setup record", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  setup activate 99999999999\n}", "between 0 and", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  string 1 \"x\"\n}", "without gaps", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  string 0 \"x\n}", "no end on its line", 2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  func @f() void {\n  b0:\n    ret !0:0\n  }\n}",
     "no such place", 4},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  source 0 \"a\"\n  func @f() void {\n  b0:\n    ret "
     "!9999999999:1\n  }\n}",
     "between 0", 5},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n}\ntile \"m\" wse2 sdk-1.4 fp16 f16 {\n}",
     "two modules are named", 3},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: i16 align 3\n}\nfabric wse2", "power of two",
     2},
    {"tile \"m\" wse2 sdk-1.4 fp16 f16 {", "'}' was expected", 1},
    {"", "no tile module", 1},
};

START_TEST(bad_tile_text_is_refused)
{
  const char *text = parse_message(bad_tiles[_i].body, false);
  ck_assert_msg(strstr(text, bad_tiles[_i].message), "\"%s\" instead of \"%s\"", text,
                bad_tiles[_i].message);
  SrcPlace at = src_place(&sources, arrlast(diags.entries).where.begin);
  ck_assert_uint_eq(at.line, bad_tiles[_i].line);
}
END_TEST

START_TEST(deep_types_are_refused)
{
  char *text = NULL;
  const char *head = "tile \"m\" wse2 sdk-1.4 fp16 f16 {\n  global @a: ";
  memcpy(arraddnptr(text, strlen(head)), head, strlen(head));
  for (int i = 0; i < 100000; i++)
    arrput(text, '{');
  arrput(text, 0);
  ck_assert_ptr_nonnull(strstr(parse_message(text, false), "nested more than"));
  arrfree(text);
}
END_TEST

// Cutting a printed module anywhere, or changing any byte of it, gives an error or a module, never
// a crash.
START_TEST(damaged_text_never_crashes)
{
  Sample s = new_sample(0);
  add_global_with_everything(s.m, 0);
  uint32_t aux, *list = NULL;
  fill_numbers(&s, IR_SWITCH, &aux, &list); // some more blocks
  arrfree(list);
  emit_sample(&s, IR_DSD_RUN);
  char *text = tile_text(s.m, NULL);
  size_t n = strlen(text);
  uint32_t seed = 1;
  for (size_t i = 0; i < n; i += 1 + i % 3) {
    char *copy = strdup(text);
    seed = seed * 1664525 + 1013904223;
    if (i % 2)
      copy[i] = (char)(32 + (seed >> 16) % 95);
    else
      copy[i] = 0;
    setup_all();
    parse_message(copy, false);
    teardown_all();
    free(copy);
  }
  setup_all();
  free(text);
  tir_free(s.m);
}
END_TEST

START_TEST(dsd_operations_are_checked)
{
  Sample s = new_sample(0);
  emit_sample(&s, IR_DSD_RUN);
  ck_assert(tir_verify(s.m, &diags));
  DsdUse *u = &s.m->dsd_uses[0], sound = *u;
  u->dest.kind = OPND_SCALAR;
  ck_assert(!tir_verify(s.m, &diags));
  *u = sound;
  u->src0.kind = OPND_NONE;
  ck_assert(!tir_verify(s.m, &diags));
  *u = sound;
  u->src1.number = DSR_AUTO; // a named DSR without number
  ck_assert(!tir_verify(s.m, &diags));
  *u = sound;
  u->src0.number = 16;
  ck_assert(!tir_verify(s.m, &diags));
  *u = sound;
  ck_assert(tir_verify(s.m, &diags));
  tir_free(s.m);
}
END_TEST

// ---- positions ----

START_TEST(positions_of_readable_files_come_back_exactly)
{
  char path[] = "/tmp/weft-ir-XXXXXX";
  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  FILE *out = fdopen(fd, "w");
  fputs("first\n  second line\n", out);
  fclose(out);
  const SrcFile *f = src_open(&sources, path);
  Sample s = new_sample(f->base + 8);
  emit_sample(&s, IR_RET);
  char *text = tile_text(s.m, &sources);
  Sources again = {0};
  Diags d = {.sources = &again};
  const SrcFile *printed = src_add(&again, "p.wir", text, strlen(text));
  TileModule **list = tir_parse(printed, &again, &d);
  ck_assert_ptr_nonnull(list);
  SrcPlace at = src_place(&again, list[0]->funcs[0].pos);
  ck_assert_uint_eq(at.line, 2);
  ck_assert_uint_eq(at.column, 3);
  size_t len;
  const char *line = src_line(at.file, at.line, &len);
  ck_assert_int_eq(strncmp(line, "  second line", len), 0);
  remove(path);
  free(text);
  tir_free(list[0]);
  arrfree(list);
  diag_free(&d);
  src_free(&again);
  tir_free(s.m);
}
END_TEST

// ---- fabric ----

static ColorConfig config(uint8_t color, uint8_t rx, uint8_t tx)
{
  ColorConfig c = {.color = color};
  c.route.valid[0] = true;
  c.route.rx[0] = rx;
  c.route.tx[0] = tx;
  return c;
}

static FabricModule *sample_fabric(SrcPos pos)
{
  FabricModule *f = fir_new(ARCH_WSE2, COMPAT_2_10);
  fir_set_rectangle(f, 7, 5);
  f->fabric_width = 20;
  f->fabric_height = 10;
  f->offset_x = 4;
  f->offset_y = 1;
  f->memcpy = true;
  f->channels = 2;
  ColorConfig c[] = {config(5, DIR_BIT(DIR_WEST), DIR_BIT(DIR_RAMP) | DIR_BIT(DIR_EAST)),
                     config(2, DIR_BIT(DIR_RAMP), DIR_BIT(DIR_NORTH))};
  c[1].route.valid[2] = true;
  c[1].route.rx[2] = DIR_BIT(DIR_RAMP);
  c[1].route.tx[2] = DIR_BIT(DIR_SOUTH);
  c[1].route.current = 2;
  c[1].route.ring = c[1].route.teardown = c[1].route.swap_x = c[1].route.swap_y = true;
  c[1].route.pop = POP_ON_ADVANCE_NOP;
  c[1].route.filter = 3;
  c[0].filter = (Filter){FILTER_SPARSE_COUNTER, 5, true, true, true, true, true, 1, 2, 3, 4};
  uint32_t one = fir_route_set(f, c, 2, pos), two = fir_route_set(f, c, 1, 0);
  f->params = NULL;
  arraddnptr(f->params, 1)[0] = (typeof(*f->params)){"M", "4"};
  arraddnptr(f->colors, 1)[0] = (typeof(*f->colors)){"x_color", "3"};
  arrput(f->classes, ((FabricClass){.file = "pe.csl", .module_name = "pe.csl#0"}));
  arrput(f->classes, ((FabricClass){.file = "edge.csl", .module_name = "edge.csl#0"}));
  for (uint32_t i = 0; i < 35; i++) {
    f->tile_class[i] = i % 7 == 6 ? 1 : i == 17 ? FABRIC_NO_CLASS : 0;
    f->tile_routes[i] = i / 7 % 2 ? one : i % 7 > 3 ? two : 0;
  }
  for (uint32_t i = 0; i < 29; i++) {
    arrput(f->classes[0].const_values, i);
    arrput(f->classes[0].const_values, i > 20 ? UINT32_MAX : 7);
    arrput(f->classes[0].const_values, i * i);
  }
  FabricExport e = {"compute", EXPORT_FUNC, false, "void", NULL, "compute"};
  arrput(e.param_types, "i16");
  arrput(e.param_types, "f32");
  arrput(f->exports, ((FabricExport){"A", EXPORT_DATA, true, "[*]f32", NULL, "A_ptr"}));
  arrput(f->exports, e);
  arrput(f->streams, ((FabricStream){3, true, "port"}));
  arrput(f->streams, ((FabricStream){4, false, NULL}));
  return f;
}

START_TEST(fabric_round_trips)
{
  const SrcFile *src = src_add(&sources, "layout.csl", "a\nb\n", 4);
  FabricModule *f = sample_fabric(src->base + 2);
  ck_assert(fir_verify(f, &diags));
  char *first = fabric_text(f, &sources);
  const SrcFile *file = src_add(&sources, "printed.wir", first, strlen(first));
  FabricModule *g = fir_parse(file, &sources, &diags);
  show_diags();
  ck_assert_ptr_nonnull(g);
  char *second = fabric_text(g, &sources);
  ck_assert_str_eq(first, second);
  ck_assert_int_eq(memcmp(f->tile_class, g->tile_class, 35 * 4), 0);
  ck_assert_int_eq(memcmp(f->tile_routes, g->tile_routes, 35 * 4), 0);
  ck_assert_int_eq(arrlen(g->classes[0].const_values), 87);
  ck_assert_int_eq(memcmp(f->classes[0].const_values, g->classes[0].const_values, 87 * 4), 0);
  ck_assert_ptr_nonnull(strstr(first, "place class 1 at 6,0 size 1,5\n"));
  ck_assert_ptr_nonnull(strstr(first, "constants class 0 $0 0..28\n"));
  ck_assert_ptr_nonnull(strstr(first, "constants class 0 $1 7*21, 4294967295*8\n"));
  free(first);
  free(second);
  fir_free(f);
  fir_free(g);
}
END_TEST

START_TEST(equal_route_sets_are_one)
{
  FabricModule *f = fir_new(ARCH_WSE2, COMPAT_1_4);
  ColorConfig a[] = {config(1, 1, 2), config(2, 4, 8)}, b[] = {config(2, 4, 8), config(1, 1, 2)};
  ck_assert_uint_eq(fir_route_set(f, NULL, 0, 0), 0);
  ck_assert_uint_eq(fir_route_set(f, a, 2, 0), 1);
  ck_assert_uint_eq(fir_route_set(f, b, 2, 0), 1);
  b[0].route.ring = true;
  ck_assert_uint_eq(fir_route_set(f, b, 2, 0), 2);
  fir_free(f);
}
END_TEST

// As many as a program has whose tiles all filter differently.
START_TEST(many_route_sets_are_found_again)
{
  FabricModule *f = fir_new(ARCH_WSE2, COMPAT_1_4);
  for (int round = 0; round < 2; round++)
    for (uint32_t i = 0; i < 50000; i++) {
      ColorConfig c = config(1, 1, 2);
      c.filter = (Filter){.kind = FILTER_COUNTER, .limit1 = (uint16_t)i};
      ck_assert_uint_eq(fir_route_set(f, &c, 1, 0), i + 1);
    }
  fir_free(f);
}
END_TEST

#define HEAD "fabric wse2 sdk-1.4 fp16 f16 {\n  rectangle 4,3 at 1,1 of 9,9\n"
static const struct {
  const char *body, *message;
  uint32_t line;
} bad_fabrics[] = {
    {"fabric wse2 sdk-1.4 fp16 f16 {\n  rectangle 4000,3 at 1,1 of 9,9\n}", "between 0 and", 2},
    {"fabric wse2 sdk-1.4 fp16 f16 {\n}", "no program rectangle", 0},
    {HEAD "  class 0 \"a\" module \"a\"\n  place class 0 at 2,0 size 3,1\n}",
     "outside of the program", 4},
    {HEAD "  class 0 \"a\" module \"a\"\n  place class 0 at 0,0 size 3,1\n  place class 0 at 2,0 "
          "size 1,1\n}",
     "placed before", 5},
    {HEAD "  place class 0 at 0,0 size 1,1\n}", "no class", 3},
    {HEAD "  class 0 \"a\" module \"a\"\n  place class 0 at 0,0 size 2,2\n  constants class 0 $0 "
          "1, 2\n}",
     "2 values for the 4 tiles", 6},
    {HEAD "  class 0 \"a\" module \"a\"\n  place class 0 at 0,0 size 2,2\n  constants class 0 $0 "
          "1*4000000000\n}",
     "only 4 tiles", 6},
    {HEAD "  routes 1 {\n    color 24 rx RAMP tx EAST\n  }\n}", "between 0 and 23", 4},
    {HEAD "  routes 1 {\n    color 3 rx RAMP tx EAST\n    color 3 rx RAMP tx EAST\n  }\n}",
     "ascending", 5},
    {HEAD "  routes 1 {\n    color 3 rx RAMP tx EAST switch(current=2)\n  }\n}", "malformed", 3},
    {HEAD "  routes 2 {\n  }\n}", "numbered from 1", 3},
    {HEAD "  stream color 3 sideways\n}", "from-host", 3},
};

START_TEST(bad_fabric_text_is_refused)
{
  const char *text = parse_message(bad_fabrics[_i].body, true);
  ck_assert_msg(strstr(text, bad_fabrics[_i].message), "\"%s\" instead of \"%s\"", text,
                bad_fabrics[_i].message);
  SrcPlace at = src_place(&sources, arrlast(diags.entries).where.begin);
  ck_assert_uint_eq(at.line, bad_fabrics[_i].line);
}
END_TEST

START_TEST(modules_are_attached_by_name)
{
  FabricModule *f = sample_fabric(0);
  TileModule **list = NULL;
  for (int i = 0; i < 3; i++) {
    static const char *const names[] = {"other", "edge.csl#0", "pe.csl#0"};
    arrput(list, tir_new(names[i], ARCH_WSE2, COMPAT_2_10));
  }
  for (int i = 0; i < 3; i++)
    arrput(list[2]->tileconsts, ((TileConst){"c", IRT_I16, 0}));
  ck_assert(fir_attach(f, list, &diags));
  ck_assert_ptr_eq(f->classes[0].module, list[2]);
  ck_assert_ptr_eq(f->classes[1].module, list[1]);
  (void)arrpop(list[2]->tileconsts);
  ck_assert(!fir_verify(f, &diags)); // columns no longer fit the module
  arrfree(list);
  fir_free(f);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("ir");
  TCase *c = tcase_create("all");
  tcase_set_timeout(c, 60);
  tcase_add_checked_fixture(c, setup_all, teardown_all);
  tcase_add_loop_test(c, every_operation_round_trips, 0, IR_OPS);
  tcase_add_loop_test(c, every_operation_checks_its_operands, 0, IR_OPS);
  tcase_add_test(c, every_setup_record_round_trips);
  tcase_add_test(c, every_constant_round_trips);
  tcase_add_test(c, constants_are_interned_and_masked);
  tcase_add_test(c, wide_integers_are_interned);
  tcase_add_test(c, layouts_are_natural);
  tcase_add_test(c, module_with_everything_round_trips);
  tcase_add_test(c, slots_stand_at_the_head_of_the_entry_block);
  tcase_add_loop_test(c, bad_tile_text_is_refused, 0, sizeof bad_tiles / sizeof *bad_tiles);
  tcase_add_test(c, deep_types_are_refused);
  tcase_add_test(c, damaged_text_never_crashes);
  tcase_add_test(c, dsd_operations_are_checked);
  tcase_add_test(c, positions_of_readable_files_come_back_exactly);
  tcase_add_test(c, fabric_round_trips);
  tcase_add_test(c, equal_route_sets_are_one);
  tcase_add_test(c, many_route_sets_are_found_again);
  tcase_add_loop_test(c, bad_fabric_text_is_refused, 0, sizeof bad_fabrics / sizeof *bad_fabrics);
  tcase_add_test(c, modules_are_attached_by_name);
  suite_add_tcase(s, c);
  return s;
}
