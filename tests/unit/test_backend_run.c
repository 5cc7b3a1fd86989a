// Compiled code computes what arith/ and C say: every scalar operation on awkward values, run on
// the emulator.
#include "arith/arith.h"
#include "backend/backend.h"
#include "emulator/emulator.h"
#include "suite.h"
#include <math.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

// ---- cases: one operation on constants that LLVM does not see, since they lie in memory ----

typedef struct Case {
  IrOp op;
  IrType type, from; // of the result and of the operands
  uint64_t a, b, c, want;
} Case;

static Case *cases; // stb_ds
static Diags diags;
static uint32_t aux; // of the operations added next

static void add(IrOp op, IrType type, IrType from, uint64_t a, uint64_t b, uint64_t want)
{
  arrput(cases, ((Case){op, type, from, a, b, 0, want}));
}

static unsigned operands(IrOp op)
{
  return op == IR_SELECT || op == IR_FMA                     ? 3
         : op >= IR_TRUNC || op == IR_FNEG || op == IR_FSQRT ? 1
                                                             : 2;
}

enum { SLOT = 8, LIMIT = 80 }; // bytes per value; cases per program

static IrRef place(uint32_t g, uint32_t index, IrBuilder *b)
{
  return tir_emit(b, IR_OFFSET, IRT_PTR, IR_REF(REF_GLOBAL, g), 0, 0, SLOT * index);
}

static uint32_t make_global(TileModule *m, const char *name, uint32_t values, uint32_t *at)
{
  uint32_t g = tir_global(m, name, tir_array(m, IRT_I64, values), 0);
  m->globals[g].address = *at;
  m->globals[g].init = arena_alloc(&m->arena, SLOT * values);
  *at += SLOT * values;
  return g;
}

static TileModule *make_module(const Case *list, uint32_t n, IrType fp16)
{
  TileModule *m = tir_new("cases.csl", ARCH_WSE3, COMPAT_2_10);
  uint32_t at = 0, result = make_global(m, "result", n, &at),
           input = make_global(m, "input", 3 * n, &at);
  m->fp16 = fp16;
  m->data_bytes = at;
  m->stack_bytes = DATA_LIMIT - 1024 - at; // without optimisation every value gets a place
  IrBuilder b = {.m = m, .func = tir_func(m, "f", IRT_VOID, NULL, 0, 0)};
  b.block = tir_block(&b);
  for (uint32_t i = 0; i < n; i++) {
    const Case *c = &list[i];
    memcpy(m->globals[input].init + SLOT * (3 * i), &c->a, 8);
    memcpy(m->globals[input].init + SLOT * (3 * i + 1), &c->b, 8);
    memcpy(m->globals[input].init + SLOT * (3 * i + 2), &c->c, 8);
    IrRef v[3] = {0};
    for (unsigned k = 0; k < operands(c->op); k++) {
      IrType t = c->op == IR_SELECT && k == 0 ? IRT_BOOL : c->from;
      v[k] = tir_emit(&b, IR_LOAD, t, place(input, 3 * i + k, &b), 0, 0, 0);
    }
    IrRef r = tir_emit(&b, c->op, c->type, v[0], v[1], v[2], aux);
    tir_emit(&b, IR_STORE, IRT_VOID, place(result, i, &b), r, 0, 0);
  }
  tir_emit(&b, IR_SYS, IRT_VOID, 0, 0, 0, SYS_host_next);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  tir_setup(m, SETUP_EXPORT_FUNC, 0, IR_REF(REF_FUNC, b.func), tir_const(m, IRT_I16, 0), 0, 0);
  return m;
}

static Image *make_image(TileModule *m, int opt_level)
{
  FabricModule *f = fir_new(ARCH_WSE3, COMPAT_2_10);
  fir_set_rectangle(f, 1, 1);
  f->fabric_width = f->fabric_height = 1;
  f->memcpy = true;
  f->fp16 = m->fp16;
  arrput(f->classes, ((FabricClass){.file = "cases.csl", .module = m, .module_name = m->name}));
  f->tile_class[0] = 0;
  arrput(f->exports,
         ((FabricExport){.name = "f", .kind = EXPORT_FUNC, .type = "void", .symbol = "f"}));
  CodegenOptions options = {.opt_level = opt_level};
  Image *img = backend_build(f, &options, &diags);
  if (!img)
    diag_print(&diags, stderr);
  ck_assert_ptr_nonnull(img);
  fir_free(f); // and the module
  return img;
}

// Runs the launch and returns the private window, copied.
static uint8_t *run_image(const Image *img)
{
  EmuOptions options = {0};
  Emu *e = emu_new(img, &options, &diags);
  ck_assert_ptr_nonnull(e);
  emu_start(e);
  EmuTicket t = emu_launch(e, 0, NULL, 0);
  EmuStop stop = emu_run(e, t);
  ck_assert_msg(stop == EMU_DONE, "%s", emu_message(e));
  stop = emu_run(e, EMU_TO_REST);
  ck_assert_msg(stop == EMU_DONE || stop == EMU_REST, "%s", emu_message(e));
  uint32_t bytes;
  const uint8_t *memory = emu_tile_memory(e, 0, 0, &bytes);
  uint8_t *copy = malloc(bytes);
  memcpy(copy, memory, bytes);
  emu_free(e);
  return copy;
}

static void check_some(const Case *list, uint32_t n, IrType fp16, int opt_level)
{
  TileModule *m = make_module(list, n, fp16);
  uint32_t *sizes = malloc(n * sizeof *sizes);
  for (uint32_t i = 0; i < n; i++) {
    bool compare = list[i].op >= IR_EQ && list[i].op <= IR_FLE;
    sizes[i] = tir_size(m, compare ? IRT_BOOL : list[i].type);
  }
  Image *img = make_image(m, opt_level);
  uint8_t *memory = run_image(img);
  for (uint32_t i = 0; i < n; i++) {
    uint64_t got = 0;
    const Case *c = &list[i];
    memcpy(&got, memory + SLOT * i, sizes[i]);
    ck_assert_msg(got == c->want,
                  "%s to type %u of type %u: a %llx b %llx c %llx: got %llx, want %llx (-O%d)",
                  tir_op(c->op)->text, c->type, c->from, (unsigned long long)c->a,
                  (unsigned long long)c->b, (unsigned long long)c->c, (unsigned long long)got,
                  (unsigned long long)c->want, opt_level);
  }
  free(sizes);
  free(memory);
  image_free(img);
}

// All cases as they are compiled by default, and some without optimisation and for size.
static void check_all(IrType fp16)
{
  static const struct {
    int level;
    size_t step;
  } runs[] = {{2, 1}, {0, 11}, {-1, 13}};
  for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
    Case *some = NULL;
    for (size_t i = 0; i < arrlenu(cases); i += runs[k].step)
      arrput(some, cases[i]);
    for (uint32_t i = 0; i < arrlenu(some); i += LIMIT) {
      uint32_t left = (uint32_t)arrlenu(some) - i;
      check_some(some + i, left < LIMIT ? left : LIMIT, fp16, runs[k].level);
    }
    arrfree(some);
  }
  arrfree(cases);
  diag_free(&diags);
  diags = (Diags){0};
}

// ---- integers ----

static const uint64_t integers[] = {
    0,         1,          2,          7,          0x80,       0xff,       0x7fff,
    0x8000,    0xffff,     0x12345678, 0x7fffffff, 0x80000000, 0xffffffff, 0x123456789abcdef0ull,
    INT64_MAX, 1ull << 63, UINT64_MAX};
enum { INTEGERS = sizeof integers / sizeof *integers };
static const struct {
  IrType type;
  unsigned bits;
} widths[] = {{IRT_I8, 8}, {IRT_I16, 16}, {IRT_I32, 32}, {IRT_I64, 64}};

static uint64_t mask(uint64_t v, unsigned bits)
{
  return bits == 64 ? v : v & ((1ull << bits) - 1);
}
static int64_t extend(uint64_t v, unsigned bits)
{
  return (int64_t)(v << (64 - bits)) >> (64 - bits);
}

static void add_integer_pair(IrType t, unsigned n, uint64_t a, uint64_t b)
{
  int64_t sa = extend(a, n), sb = extend(b, n);
  add(IR_ADD, t, t, a, b, mask(a + b, n));
  add(IR_SUB, t, t, a, b, mask(a - b, n));
  add(IR_MUL, t, t, a, b, mask(a * b, n));
  add(IR_XOR, t, t, a, b, a ^ b);
  add(IR_AND, t, t, a, b, a & b);
  add(IR_OR, t, t, a, b, a | b);
  if (b) {
    add(IR_UDIV, t, t, a, b, a / b);
    add(IR_UREM, t, t, a, b, a % b);
  }
  if (b && sb != -1) { // the least value by -1 is undefined
    add(IR_SDIV, t, t, a, b, mask((uint64_t)(sa / sb), n));
    add(IR_SREM, t, t, a, b, mask((uint64_t)(sa % sb), n));
  }
  add(IR_EQ, IRT_BOOL, t, a, b, a == b);
  add(IR_NE, IRT_BOOL, t, a, b, a != b);
  add(IR_SLT, IRT_BOOL, t, a, b, sa < sb);
  add(IR_SLE, IRT_BOOL, t, a, b, sa <= sb);
  add(IR_ULT, IRT_BOOL, t, a, b, a < b);
  add(IR_ULE, IRT_BOOL, t, a, b, a <= b);
}

START_TEST(integer_arithmetic)
{
  for (size_t w = 0; w < 4; w++)
    for (size_t i = 0; i < INTEGERS; i++)
      for (size_t k = i % 4; k < INTEGERS; k += 4) {
        unsigned n = widths[w].bits;
        if (integers[i] == mask(integers[i], n) && integers[k] == mask(integers[k], n))
          add_integer_pair(widths[w].type, n, integers[i], integers[k]);
      }
  check_all(IRT_F16);
}
END_TEST

START_TEST(shifts_of_any_amount)
{
  for (size_t w = 0; w < 4; w++)
    for (uint64_t by = 0; by < 70; by += by < 34 ? 1 : 5) {
      unsigned n = widths[w].bits;
      uint64_t a = mask(0x9b3c5d7e8f102a4cull | 1ull << (n - 1), n);
      bool over = by >= n;
      add(IR_SHL, widths[w].type, widths[w].type, a, by, over ? 0 : mask(a << by, n));
      add(IR_LSHR, widths[w].type, widths[w].type, a, by, over ? 0 : a >> by);
      add(IR_ASHR, widths[w].type, widths[w].type, a, by,
          mask((uint64_t)(extend(a, n) >> (over ? n - 1 : by)), n));
    }
  check_all(IRT_F16);
}
END_TEST

START_TEST(integer_conversions)
{
  for (size_t from = 0; from < 4; from++)
    for (size_t to = 0; to < 4; to++)
      for (size_t i = 0; i < INTEGERS; i++) {
        unsigned n = widths[from].bits, k = widths[to].bits;
        uint64_t a = mask(integers[i], n);
        if (k < n)
          add(IR_TRUNC, widths[to].type, widths[from].type, a, 0, mask(a, k));
        if (k > n) {
          add(IR_ZEXT, widths[to].type, widths[from].type, a, 0, a);
          add(IR_SEXT, widths[to].type, widths[from].type, a, 0, mask((uint64_t)extend(a, n), k));
        }
      }
  add(IR_ZEXT, IRT_I32, IRT_BOOL, 1, 0, 1);
  add(IR_SEXT, IRT_I32, IRT_BOOL, 1, 0, UINT32_MAX);
  add(IR_TRUNC, IRT_BOOL, IRT_I16, 3, 0, 1);
  check_all(IRT_F16);
}
END_TEST

// ---- floats ----

static const uint32_t singles[] = {
    0,          0x80000000, 0x3f800000, 0xbf800000, 0x40490fdb, 0x7f7fffff, 0x00000001,
    0x00800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00001, 0xffc00001, 0x4f000000,
    0xcf000001, 0x47ffe000, 0x477ff000, 0x4b7fffff, 0x33800001, 0xbf7fffff, 0x5f000000};
enum { SINGLES = sizeof singles / sizeof *singles };

START_TEST(f32_arithmetic)
{
  for (size_t i = 0; i < SINGLES; i++) {
    uint32_t a = singles[i];
    add(IR_FNEG, IRT_F32, IRT_F32, a, 0, a ^ 0x80000000);
    add(IR_FSQRT, IRT_F32, IRT_F32, a, 0, arith_f32_sqrt(a));
    for (size_t k = i % 3; k < SINGLES; k += 3) {
      uint32_t b = singles[k];
      add(IR_FADD, IRT_F32, IRT_F32, a, b, arith_f32_add(a, b));
      add(IR_FSUB, IRT_F32, IRT_F32, a, b, arith_f32_sub(a, b));
      add(IR_FMUL, IRT_F32, IRT_F32, a, b, arith_f32_mul(a, b));
      add(IR_FDIV, IRT_F32, IRT_F32, a, b, arith_f32_div(a, b));
      add(IR_FEQ, IRT_BOOL, IRT_F32, a, b, arith_f32_eq(a, b));
      add(IR_FNE, IRT_BOOL, IRT_F32, a, b, !arith_f32_eq(a, b));
      add(IR_FLT, IRT_BOOL, IRT_F32, a, b, arith_f32_lt(a, b));
      add(IR_FLE, IRT_BOOL, IRT_F32, a, b, arith_f32_le(a, b));
      arrput(cases, ((Case){IR_FMA, IRT_F32, IRT_F32, a, b, singles[(i + k) % SINGLES],
                            arith_f32_fma(a, b, singles[(i + k) % SINGLES])}));
    }
  }
  check_all(IRT_F16);
}
END_TEST

static void add_half_pair(ArithHalf h, IrType t, uint16_t a, uint16_t b)
{
  add(IR_FADD, t, t, a, b, arith_half_add(h, a, b));
  add(IR_FSUB, t, t, a, b, arith_half_sub(h, a, b));
  add(IR_FMUL, t, t, a, b, arith_half_mul(h, a, b));
  add(IR_FDIV, t, t, a, b, arith_half_div(h, a, b));
  add(IR_FEQ, IRT_BOOL, t, a, b, arith_half_eq(h, a, b));
  add(IR_FNE, IRT_BOOL, t, a, b, !arith_half_eq(h, a, b));
  add(IR_FLT, IRT_BOOL, t, a, b, arith_half_lt(h, a, b));
  add(IR_FLE, IRT_BOOL, t, a, b, arith_half_le(h, a, b));
}

static const IrType half_types[] = {IRT_F16, IRT_BF16, IRT_CB16};

START_TEST(half_arithmetic)
{
  static const uint16_t halves[] = {0,      0x8000, 0x3c00, 0xbc00, 0x3f80, 0x0001,
                                    0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00,
                                    0x7f80, 0x7fc0, 0x4248, 0x6abc, 0x1234, 0xc3d2};
  enum { HALVES = sizeof halves / sizeof *halves };
  ArithHalf h = (ArithHalf)_i;
  for (size_t i = 0; i < HALVES; i++) {
    add(IR_FNEG, half_types[_i], half_types[_i], halves[i], 0, halves[i] ^ 0x8000);
    add(IR_FTOF, IRT_F32, half_types[_i], halves[i], 0, arith_half_to_f32(h, halves[i]));
    for (size_t k = i % 3; k < HALVES; k += 3)
      add_half_pair(h, half_types[_i], halves[i], halves[k]);
  }
  check_all(half_types[_i]);
}
END_TEST

static double value_of(IrType t, uint32_t bits)
{
  return t == IRT_F32 ? (double)arith_float(bits)
                      : arith_half_to_f64((ArithHalf)(t - IRT_F16), (uint16_t)bits);
}

START_TEST(float_to_integer)
{
  IrType from = _i < 3 ? half_types[_i] : IRT_F32;
  for (size_t i = 0; i < SINGLES; i++) {
    uint32_t a = _i < 3 ? arith_half_from_f32((ArithHalf)_i, singles[i]) : singles[i];
    for (size_t w = 1; w < 4; w++) {
      unsigned n = widths[w].bits;
      double v = value_of(from, a);
      add(IR_FTOSI, widths[w].type, from, a, 0, mask((uint64_t)arith_to_signed(v, n), n));
      add(IR_FTOUI, widths[w].type, from, a, 0, mask(arith_to_unsigned(v, n), n));
    }
    if (_i < 3)
      add(IR_FTOF, from, IRT_F32, singles[i], 0, a);
  }
  check_all(_i < 3 ? half_types[_i] : IRT_F16);
}
END_TEST

static void add_from_integer(IrType to, size_t w, uint64_t raw)
{
  unsigned n = widths[w].bits;
  uint64_t a = mask(raw, n);
  ArithHalf h = (ArithHalf)(to - IRT_F16);
  bool single = to == IRT_F32;
  add(IR_SITOF, to, widths[w].type, a, 0,
      single ? arith_f32_from_i64(extend(a, n)) : arith_half_from_i64(h, extend(a, n)));
  add(IR_UITOF, to, widths[w].type, a, 0,
      single ? arith_f32_from_u64(a) : arith_half_from_u64(h, a));
}

START_TEST(integer_to_float)
{
  static const uint64_t awkward[] = {2047,
                                     2049,
                                     2051,
                                     65519,
                                     65520,
                                     0x1000001,
                                     0x1010000,
                                     0x1018001,
                                     0x80800001,
                                     0x1ffffff,
                                     0x7f7fffff,
                                     0xff7fffff,
                                     0xff800001,
                                     0x100000080ull,
                                     0x1000001ffffffffull,
                                     0x8080000000000000ull,
                                     0x8080000000000001ull,
                                     0x8180000000000000ull,
                                     0x7f7fffffffffffffull,
                                     0x7f80000000000001ull,
                                     0xfffffffffffffc00ull,
                                     0xff7fffffffffffffull,
                                     0x4040000000000000ull};
  IrType to = _i < 3 ? half_types[_i] : IRT_F32;
  for (size_t w = 1; w < 4; w++) {
    for (size_t i = 0; i < INTEGERS; i++)
      add_from_integer(to, w, integers[i]);
    for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++)
      add_from_integer(to, w, awkward[i]);
  }
  check_all(_i < 3 ? half_types[_i] : IRT_F16);
}
END_TEST

// ---- helpers of memory: every alignment, lengths around what is unrolled ----

START_TEST(copies_and_fills)
{
  TileModule *m = tir_new("copy.csl", ARCH_WSE3, COMPAT_2_10);
  uint32_t at = 0, to = make_global(m, "to", 512, &at), from = make_global(m, "from", 64, &at);
  for (uint32_t i = 0; i < 512; i++)
    m->globals[from].init[i] = (uint8_t)(i * 7 + 3);
  for (uint32_t i = 0; i < 4096; i++)
    m->globals[to].init[i] = 0xee;
  m->data_bytes = at;
  m->stack_bytes = 256;
  IrBuilder b = {.m = m, .func = tir_func(m, "f", IRT_VOID, NULL, 0, 0)};
  b.block = tir_block(&b);
  uint8_t want[4096];
  memset(want, 0xee, sizeof want);
  uint32_t put = 0;
  for (uint32_t n = 1; n < 80; n += 3) {
    uint32_t skew = n % 5;
    IrRef target = tir_emit(&b, IR_OFFSET, IRT_PTR, IR_REF(REF_GLOBAL, to), 0, 0, put);
    IrRef source = tir_emit(&b, IR_OFFSET, IRT_PTR, IR_REF(REF_GLOBAL, from), 0, 0, skew);
    if (n % 4 == 1) {
      tir_emit(&b, IR_FILL, IRT_VOID, target, 0, 0, n);
      memset(want + put, 0, n);
    } else {
      tir_emit(&b, IR_COPY, IRT_VOID, target, source, 0, n);
      memcpy(want + put, m->globals[from].init + skew, n);
    }
    put += n + n % 3;
  }
  tir_emit(&b, IR_SYS, IRT_VOID, 0, 0, 0, SYS_host_next);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  tir_setup(m, SETUP_EXPORT_FUNC, 0, IR_REF(REF_FUNC, b.func), tir_const(m, IRT_I16, 0), 0, 0);
  Image *img = make_image(m, 2);
  uint8_t *memory = run_image(img);
  ck_assert_mem_eq(memory, want, sizeof want);
  free(memory);
  image_free(img);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("backend run");
  TCase *t = tcase_create("backend run");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, integer_arithmetic);
  tcase_add_test(t, shifts_of_any_amount);
  tcase_add_test(t, integer_conversions);
  tcase_add_test(t, f32_arithmetic);
  tcase_add_loop_test(t, half_arithmetic, 0, 3);
  tcase_add_loop_test(t, float_to_integer, 0, 4);
  tcase_add_loop_test(t, integer_to_float, 0, 4);
  tcase_add_test(t, copies_and_fills);
  suite_add_tcase(s, t);
  return s;
}
