// The backend: small modules made with the IR builder, compiled, linked and looked at.
#include "backend/linker.h"
#include "image/elf.h"
#include "image/internal.h"
#include "suite.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static Sources sources;
static Diags diags;
static SrcPos pos; // line 2 of k.csl
static const CodegenOptions options = {.sources = &sources, .debug = true, .opt_level = 2};

static void setup(void)
{
  static const char text[] = "var a: f32;\nfn f() void {\n  a = 1.0;\n}\n";
  sources = (Sources){0};
  diags = (Diags){.sources = &sources};
  const SrcFile *file = src_add(&sources, "dir/k.csl", text, sizeof text - 1);
  pos = file->base + 12;
}

static void teardown(void)
{
  diag_free(&diags);
  src_free(&sources);
}

// ---- building ----

static TileModule *new_module(void)
{
  return tir_new("k.csl", ARCH_WSE3, COMPAT_2_10);
}

static IrBuilder begin(TileModule *m, const char *name, IrType result, const IrType *params,
                       uint32_t n)
{
  IrBuilder b = {m, tir_func(m, name, result, params, n, pos), 0, pos};
  b.block = tir_block(&b);
  return b;
}

static uint32_t place_global(TileModule *m, const char *name, IrType type, uint32_t address)
{
  uint32_t g = tir_global(m, name, type, pos);
  m->globals[g].address = address;
  uint32_t end = address + tir_size(m, type);
  if (end > m->data_bytes)
    m->data_bytes = (end + 3) & ~3u;
  return g;
}

static void export_function(IrBuilder *b)
{
  b->m->funcs[b->func].exported = true;
}

static char *emit_text(const TileModule *m, EmitKind kind)
{
  Buffer out = {0};
  bool ok = backend_codegen(m, kind, &options, &out, &diags);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  char *text = realloc(out.bytes, out.size + 1);
  text[out.size] = 0;
  return text;
}

static uint32_t missing_stack; // of the last program that was linked

static bool try_link(const TileModule *m, Image *img, ImageClass *out)
{
  Buffer object = {0};
  ck_assert(backend_codegen(m, EMIT_OBJECT, &options, &object, &diags));
  bool ok = link_program(m, &object, &options, img, out, &missing_stack, &diags);
  free(object.bytes);
  return ok;
}

// The linked class as class 0 of a new image of one tile.
static Image *link_module(TileModule *m)
{
  Image *img = image_new();
  ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
  m->stack_bytes = 64;
  bool ok = try_link(m, img, &c);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  arrput(img->classes, c);
  arrput(img->exports, ((ImageExport){.name = "f", .symbol = "f", .type = "void", .kind = 1}));
  ck_assert(image_validate(img, "memory", &diags));
  return img;
}

static uint32_t code_word(const ImageClass *c, uint32_t address)
{
  ck_assert_uint_lt(address - CODE_BASE, c->code_bytes);
  return bytes_at32(c->code + (address - CODE_BASE));
}

// Custom instructions of a function in order, one per line, as target/isa.c prints them.
static void custom_text(const ImageClass *c, const char *function, char *text, size_t size)
{
  const ImageSymbol *s = image_symbol_named(c, function);
  ck_assert_ptr_nonnull(s);
  size_t len = 0;
  text[0] = 0;
  for (uint32_t at = s->address; at < s->address + s->size;) {
    bool wide = (c->code[at - CODE_BASE] & 3) == 3;
    IsaInsn in;
    if (wide && isa_decode(code_word(c, at), &in)) {
      len += (size_t)isa_print(code_word(c, at), text + len, (unsigned)(size - len));
      len += (size_t)snprintf(text + len, size - len, "\n");
    }
    at += wide ? 4 : 2;
  }
}

// ---- a function of everything simple ----

static TileModule *sum_module(void)
{
  TileModule *m = new_module();
  uint32_t a = place_global(m, "a", IRT_F32, 4), n = place_global(m, "n", IRT_I16, 8);
  IrBuilder b = begin(m, "f", IRT_VOID, NULL, 0);
  export_function(&b);
  IrRef pa = IR_REF(REF_GLOBAL, a), pn = IR_REF(REF_GLOBAL, n);
  IrRef v = tir_emit(&b, IR_LOAD, IRT_F32, pa, 0, 0, 0);
  IrRef k = tir_emit(&b, IR_LOAD, IRT_I16, pn, 0, 0, 0);
  IrRef kf = tir_emit(&b, IR_SITOF, IRT_F32, k, 0, 0, 0);
  IrRef product = tir_emit(&b, IR_FMUL, IRT_F32, v, kf, 0, 0);
  IrRef sum = tir_emit(&b, IR_FADD, IRT_F32, product, v, 0, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, pa, sum, 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  return m;
}

START_TEST(floats_are_not_contracted)
{
  TileModule *m = sum_module();
  char *text = emit_text(m, EMIT_ASM_TEXT);
  ck_assert_ptr_nonnull(strstr(text, "fmul.s"));
  ck_assert_ptr_nonnull(strstr(text, "fadd.s"));
  ck_assert_ptr_null(strstr(text, "fmadd.s"));
  free(text);
  tir_free(m);
}
END_TEST

START_TEST(symbols_lines_and_sections)
{
  TileModule *m = sum_module();
  m->globals[0].exported = true;
  Image *img = link_module(m);
  const ImageClass *c = &img->classes[0];
  const ImageSymbol *f = image_symbol_named(c, "f"), *a = image_symbol_named(c, "a");
  ck_assert(f && f->function && f->exported && f->address == CODE_BASE && f->size > 8);
  ck_assert(a && !a->function && a->exported && a->address == 4 && a->size == 4);
  ck_assert_uint_eq(c->private_bytes, 16); // data only: no function needs a stack
  ImagePlace at = image_line(c, CODE_BASE);
  ck_assert_str_eq(at.file, "dir/k.csl");
  ck_assert_uint_eq(at.line, 2);
  uint32_t type;
  const char *why;
  ElfSection *s = elf_sections(c->elf_bytes, c->elf_size, &type, &why);
  ck_assert_ptr_nonnull(s);
  bool dwarf = false;
  for (ptrdiff_t i = 0; i < arrlen(s); i++)
    dwarf |= strcmp(s[i].name, ".debug_line") == 0 && s[i].size > 0;
  ck_assert(dwarf);
  arrfree(s);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(twice_the_same_bytes)
{
  TileModule *m = sum_module();
  Image *one = link_module(m), *two = link_module(m);
  ck_assert_uint_eq(one->classes[0].elf_size, two->classes[0].elf_size);
  ck_assert_mem_eq(one->classes[0].elf_bytes, two->classes[0].elf_bytes, one->classes[0].elf_size);
  image_free(one);
  image_free(two);
  tir_free(m);
}
END_TEST

// ---- what memory holds ----

START_TEST(pointers_are_sixteen_bits_in_memory)
{
  TileModule *m = new_module();
  uint32_t x = place_global(m, "x", IRT_I32, 0x10), p = place_global(m, "p", IRT_PTR, 0x14);
  IrBuilder b = begin(m, "f", IRT_VOID, NULL, 0);
  export_function(&b);
  IrRef loaded = tir_emit(&b, IR_LOAD, IRT_PTR, IR_REF(REF_GLOBAL, p), 0, 0, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, loaded, tir_const(m, IRT_I32, 7), 0, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, p), IR_REF(REF_GLOBAL, x), 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  char *text = emit_text(m, EMIT_ASM_TEXT);
  ck_assert_ptr_nonnull(strstr(text, "lhu"));
  ck_assert_ptr_nonnull(strstr(text, "sh"));
  free(text);
  tir_free(m);
}
END_TEST

START_TEST(initial_data_pointers_and_patches)
{
  TileModule *m = new_module();
  uint32_t p = place_global(m, "p", tir_array(m, IRT_PTR, 4), 8);
  uint32_t k = place_global(m, "k", IRT_I16, 2);
  IrGlobal *g = &m->globals[p];
  static uint8_t init[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  g->init = init;
  IrBuilder b = begin(m, "callback", IRT_VOID, NULL, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, k), tir_const(m, IRT_I16, 3), 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  arrput(m->globals[p].relocs, ((IrReloc){2, IR_REF(REF_GLOBAL, k), 4}));
  arrput(m->globals[p].relocs, ((IrReloc){4, IR_REF(REF_FUNC, b.func), 0}));
  arrput(m->tileconsts, ((TileConst){"x", IRT_I16, 4}));
  typeof(*m->globals[p].patches) patch = {6, 0};
  arrput(m->globals[p].patches, patch);
  Image *img = link_module(m);
  const ImageClass *c = &img->classes[0];
  const uint8_t *at = c->data + 8;
  ck_assert(at[0] == 1 && at[1] == 2 && at[2] == 6 && at[3] == 0);
  const ImageSymbol *f = image_symbol_named(c, "callback");
  ck_assert_ptr_nonnull(f);
  ck_assert_uint_eq(at[4] | at[5] << 8, CODE_POINTER(f->address));
  ck_assert_uint_eq(arrlenu(c->consts), 2);
  ck_assert(c->consts[0].address == 4 && c->consts[0].bytes == 2);
  ck_assert(c->consts[1].address == 14);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(code_pointers_call_what_they_name)
{
  TileModule *m = new_module();
  uint32_t p = place_global(m, "p", IRT_I16, 0);
  IrType i16 = IRT_I16;
  IrBuilder b = begin(m, "twice", IRT_I16, &i16, 1);
  m->funcs[b.func].noinline_hint = true;
  IrRef sum = tir_emit(&b, IR_ADD, IRT_I16, IR_REF(REF_PARAM, 0), IR_REF(REF_PARAM, 0), 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, sum, 0, 0, 0);
  IrRef target = IR_REF(REF_FUNC, b.func);
  b = begin(m, "f", IRT_I16, NULL, 0);
  export_function(&b);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, p), target, 0, 0);
  IrRef loaded = tir_emit(&b, IR_LOAD, IRT_I16, IR_REF(REF_GLOBAL, p), 0, 0, 0);
  uint32_t arg = tir_const(m, IRT_I16, 21);
  IrRef r = tir_emit_list(&b, IR_CALLPTR, IRT_I16, loaded, 0, 0, 0, &arg, 1);
  tir_emit(&b, IR_RET, IRT_VOID, r, 0, 0, 0);
  Image *img = link_module(m);
  ck_assert_ptr_nonnull(image_symbol_named(&img->classes[0], "twice"));
  image_free(img);
  tir_free(m);
}
END_TEST

// ---- DSD operations ----

static IrRef mem1d(IrBuilder *b, uint32_t global, uint32_t length, int stride)
{
  return tir_emit(b, IR_DSD_MEM, IRT_DSD, IR_REF(REF_GLOBAL, global),
                  tir_const(b->m, IRT_I16, length), tir_const(b->m, IRT_I16, (uint64_t)stride), 0);
}

static DsdOperand dsd_operand(DsrFile file, unsigned number)
{
  return (DsdOperand){OPND_DSD, (uint8_t)file, (uint8_t)number, 0};
}

static void run(IrBuilder *b, DsdOp op, DsdUse use, IrRef dest, IrRef a, IrRef c, IrRef scalar)
{
  uint32_t list[2] = {scalar, (uint32_t)arrlen(b->m->dsd_uses)};
  arrput(b->m->dsd_uses, use);
  tir_emit_list(b, IR_DSD_RUN, IRT_VOID, dest, a, c, op, list, 2);
}

START_TEST(dsd_operations_load_registers_and_run)
{
  TileModule *m = new_module();
  uint32_t y = place_global(m, "y", tir_array(m, IRT_F32, 8), 0),
           x = place_global(m, "x", tir_array(m, IRT_F32, 8), 32);
  IrType params[] = {IRT_F32};
  IrBuilder b = begin(m, "f", IRT_VOID, params, 1);
  export_function(&b);
  IrRef dy = mem1d(&b, y, 8, 1), dx = mem1d(&b, x, 8, -1);
  DsdUse mac = {.dest = dsd_operand(DSR_DEST, 1),
                .src0 = dsd_operand(DSR_SRC0, 2),
                .src1 = dsd_operand(DSR_SRC1, 3)};
  run(&b, DSD_fmacs, mac, dy, dy, dx, IR_REF(REF_PARAM, 0));
  DsdUse move = {.dest = dsd_operand(DSR_DEST, 4),
                 .src1 = {OPND_SCALAR, 0, 0, 0},
                 .cfg = CFG_ASYNC | ACTION_ACTIVATE << CFG_ACTION_SHIFT,
                 .completion = tir_const(m, IRT_I16, 9)};
  run(&b, DSD_fmovs, move, dy, 0, 0, tir_const(m, IRT_F32, 0x3f800000));
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  Image *img = link_module(m);
  char text[1024];
  custom_text(&img->classes[0], "f", text, sizeof text);
  ck_assert_msg(strstr(text, "dsr.ld.dest 1,") && strstr(text, "dsr.ld.src0 2,") &&
                    strstr(text, "dsr.ld.src1 3,"),
                "%s", text);
  ck_assert_msg(strstr(text, "dsd.fmacs d1, s0.2, s1.3, "), "%s", text);
  ck_assert_msg(strstr(text, "dsd.cfg "), "%s", text);
  ck_assert_msg(strstr(text, "dsd.fmovs d4, "), "%s", text);
  char *assembly = emit_text(m, EMIT_ASM_TEXT);
  ck_assert_msg(strstr(assembly, "1184") || strstr(assembly, "0x4a0") || strstr(assembly, "1185"),
                "%s", assembly);
  free(assembly);
  image_free(img);
  tir_free(m);
}
END_TEST

// What a descriptor points to is read again after the operation that wrote it.
START_TEST(memory_is_reloaded_after_an_operation)
{
  TileModule *m = new_module();
  uint32_t y = place_global(m, "y", tir_array(m, IRT_I16, 8), 0);
  IrBuilder b = begin(m, "f", IRT_I16, NULL, 0);
  export_function(&b);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, y), tir_const(m, IRT_I16, 1), 0, 0);
  DsdUse move = {.dest = dsd_operand(DSR_DEST, 0), .src1 = {OPND_SCALAR, 0, 0, 0}};
  run(&b, DSD_mov16, move, mem1d(&b, y, 8, 1), 0, 0, tir_const(m, IRT_I16, 5));
  IrRef v = tir_emit(&b, IR_LOAD, IRT_I16, IR_REF(REF_GLOBAL, y), 0, 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, v, 0, 0, 0);
  char *text = emit_text(m, EMIT_ASM_TEXT);
  const char *op = strstr(text, ".insn r4");
  ck_assert_msg(op && strstr(op, "lh"), "%s", text);
  free(text);
  tir_free(m);
}
END_TEST

// ---- entries ----

START_TEST(task_and_launch_entries)
{
  TileModule *m = new_module();
  uint32_t y = place_global(m, "y", tir_array(m, IRT_I16, 2), 0),
           pv = place_global(m, "p", IRT_PTR, 4);
  IrType halves[] = {IRT_I16, IRT_I16}, words[] = {IRT_F32, IRT_I16};
  IrBuilder b = begin(m, "recv", IRT_VOID, halves, 2);
  IrRef second = tir_emit(&b, IR_OFFSET, IRT_PTR, IR_REF(REF_GLOBAL, y), 0, 0, 2);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, y), IR_REF(REF_PARAM, 0), 0, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, second, IR_REF(REF_PARAM, 1), 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  tir_setup(m, SETUP_TASK_DATA, 5, IR_REF(REF_FUNC, b.func), 0, 0, pos);
  b = begin(m, "f", IRT_VOID, words, 2);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, y), IR_REF(REF_PARAM, 1), 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  tir_setup(m, SETUP_EXPORT_FUNC, 0, IR_REF(REF_FUNC, b.func), tir_const(m, IRT_I16, 2), 0, pos);
  tir_setup(m, SETUP_EXPORT_DATA, 0, IR_REF(REF_GLOBAL, pv), 0, 0, pos);
  Image *img = link_module(m);
  const ImageClass *c = &img->classes[0];
  const ImageSymbol *task = image_symbol_named(c, "recv"), *launch = image_symbol_named(c, "f");
  ck_assert(task && launch);
  ck_assert_uint_eq(arrlenu(c->setup), 3);
  ck_assert(c->setup[0].kind == IMAGE_SETUP_TASK_DATA && c->setup[0].id == 5 &&
            c->setup[0].a == task->address && c->setup[0].b == UINT32_MAX);
  ck_assert(c->setup[1].a == launch->address && c->setup[1].b == 2);
  ck_assert(c->setup[2].a == 4);
  char text[256];
  custom_text(c, "f", text, sizeof text);
  ck_assert_msg(strstr(text, "host.arg"), "%s", text);
  image_free(img);
  tir_free(m);
}
END_TEST

// ---- helpers and constants of LLVM's own ----

START_TEST(helpers_are_linked_where_needed)
{
  TileModule *m = new_module();
  uint32_t x = place_global(m, "x", IRT_I64, 0);
  IrBuilder b = begin(m, "f", IRT_VOID, NULL, 0);
  export_function(&b);
  IrRef v = tir_emit(&b, IR_LOAD, IRT_I64, IR_REF(REF_GLOBAL, x), 0, 0, 0);
  IrRef q = tir_emit(&b, IR_SDIV, IRT_I64, v, tir_const(m, IRT_I64, 1000), 0, 0);
  tir_emit(&b, IR_STORE, IRT_VOID, IR_REF(REF_GLOBAL, x), q, 0, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  Image *img = link_module(m);
  ck_assert_ptr_nonnull(image_symbol_named(&img->classes[0], "__divdi3"));
  ck_assert_ptr_nonnull(image_symbol_named(&img->classes[0], "udivmod64"));
  ck_assert_ptr_null(image_symbol_named(&img->classes[0], "__umoddi3"));
  ck_assert_ptr_null(image_symbol_named(&img->classes[0], "memcpy"));
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(a_function_called_memcpy_is_the_programs_own)
{
  TileModule *m = new_module();
  uint32_t x = place_global(m, "x", tir_array(m, IRT_I8, 100), 0),
           y = place_global(m, "y", tir_array(m, IRT_I8, 100), 101);
  IrBuilder b = begin(m, "memcpy", IRT_VOID, NULL, 0);
  export_function(&b);
  tir_emit(&b, IR_COPY, IRT_VOID, IR_REF(REF_GLOBAL, y), IR_REF(REF_GLOBAL, x), 0, 100);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  Image *img = link_module(m);
  const ImageSymbol *own = image_symbol_at(&img->classes[0], CODE_BASE);
  ck_assert_str_eq(own->name, "memcpy");
  ck_assert(own->exported);
  ck_assert_uint_gt(img->classes[0].code_bytes, own->size + 16); // the helper follows
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(jump_tables_become_shared_constants)
{
  TileModule *m = new_module();
  IrType i32 = IRT_I32;
  IrBuilder b = begin(m, "f", IRT_I32, &i32, 1);
  export_function(&b);
  uint32_t list[1 + 3 * 12], n = 0;
  list[n++] = 1;
  uint32_t entry = b.block;
  uint32_t fallback = tir_block(&b);
  for (uint32_t k = 0; k < 12; k++) {
    b.block = tir_block(&b);
    tir_emit(&b, IR_TRAP, IRT_VOID, 0, 0, 0, 1 + k * k); // something that no two cases share
    tir_emit(&b, IR_RET, IRT_VOID, tir_const(m, IRT_I32, k), 0, 0, 0);
    list[n++] = k;
    list[n++] = k;
    list[n++] = b.block;
  }
  b.block = fallback;
  tir_emit(&b, IR_RET, IRT_VOID, tir_const(m, IRT_I32, 0), 0, 0, 0);
  b.block = entry;
  tir_emit_list(&b, IR_SWITCH, IRT_VOID, IR_REF(REF_PARAM, 0), 0, 0, 0, list, n);
  Image *img = link_module(m);
  const ImageClass *c = &img->classes[0];
  ck_assert_uint_ge(c->shared_bytes, 8 * 4);
  uint32_t target = bytes_at32(c->shared);
  ck_assert(target >= CODE_BASE && target < CODE_BASE + c->code_bytes);
  image_free(img);
  tir_free(m);
}
END_TEST

// ---- the stack ----

// A function with an array of `bytes` on the stack that calls `callee` (or nobody) with a pointer
// to it.
static uint32_t stack_user(TileModule *m, const char *name, uint32_t bytes, uint32_t callee,
                           bool is_export)
{
  IrType pointer = IRT_PTR;
  IrBuilder b = begin(m, name, IRT_VOID, &pointer, is_export ? 0 : 1);
  m->funcs[b.func].noinline_hint = true;
  m->funcs[b.func].exported = is_export;
  IrRef slot = tir_slot(&b, tir_array(m, IRT_I8, bytes), "buffer");
  tir_emit(&b, IR_SYS, IRT_VOID, tir_emit(&b, IR_PTRTOINT, IRT_I32, slot, 0, 0, 0), 0, 0,
           SYS_rand_seed);
  uint32_t self = b.func, arg = slot;
  if (callee != UINT32_MAX)
    tir_emit_list(&b, IR_CALL, IRT_VOID, 0, 0, 0, callee, &arg, 1);
  // Used after the call, so that it is no tail call and the array stays.
  tir_emit(&b, IR_SYS, IRT_VOID, tir_emit(&b, IR_PTRTOINT, IRT_I32, slot, 0, 0, 0), 0, 0,
           SYS_rand_seed);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  return self;
}

START_TEST(stack_is_what_the_deepest_calls_need)
{
  TileModule *m = new_module();
  uint32_t leaf = stack_user(m, "leaf", 100, UINT32_MAX, false);
  uint32_t big = stack_user(m, "big", 5000, leaf, false); // too large for one addi
  stack_user(m, "f", 40, big, true);
  m->stack_bytes = 8192;
  Image *img = image_new();
  ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
  ck_assert(try_link(m, img, &c));
  ck_assert_uint_ge(c.stack_bytes, 100 + 5000 + 40);
  ck_assert_uint_le(c.stack_bytes, 100 + 5000 + 40 + 3 * 48);
  ck_assert_uint_eq(c.private_bytes, c.stack_bytes);
  ck_assert_uint_eq(c.shared_base, 8192);
  arrput(img->classes, c);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(stack_that_is_too_small_is_told)
{
  TileModule *m = new_module();
  stack_user(m, "f", 400, UINT32_MAX, true);
  m->stack_bytes = 256;
  Image *img = image_new();
  ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
  ck_assert(try_link(m, img, &c));
  ck_assert_uint_ge(missing_stack, 400);
  ck_assert_uint_le(missing_stack, 400 + 3 * 48);
  arrput(img->classes, c);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(recursion_keeps_the_stack_set_aside)
{
  TileModule *m = new_module();
  uint32_t f = stack_user(m, "f", 40, 0, true); // function 0 is itself
  ck_assert_uint_eq(f, 0);
  arrput(m->funcs[0].params, IRT_PTR);
  m->stack_bytes = 2000;
  Image *img = image_new();
  ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
  ck_assert(try_link(m, img, &c));
  ck_assert_uint_eq(c.stack_bytes, 2000);
  arrput(img->classes, c);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(stack_that_does_not_fit_is_an_error)
{
  FabricModule *f = fir_new(ARCH_WSE3, COMPAT_2_10);
  fir_set_rectangle(f, 1, 1);
  TileModule *m = new_module();
  stack_user(m, "f", DATA_LIMIT - 200, UINT32_MAX, true);
  m->data_bytes = 1000;
  m->stack_bytes = 256;
  arrput(f->classes, ((FabricClass){.file = "k.csl", .module = m, .module_name = m->name}));
  f->tile_class[0] = 0;
  ck_assert_ptr_null(backend_build(f, &options, &diags));
  ck_assert_int_eq(diags.entries[0].id, D_backend_stack);
  fir_free(f);
}
END_TEST

START_TEST(build_grows_the_stack_and_moves_constants)
{
  FabricModule *f = fir_new(ARCH_WSE3, COMPAT_2_10);
  fir_set_rectangle(f, 1, 1);
  f->fabric_width = f->fabric_height = 3;
  TileModule *m = new_module();
  uint32_t table = tir_global(m, "table", IRT_I32, pos);
  static uint8_t init[4] = {1, 2, 3, 4};
  m->globals[table].address = 64;
  m->globals[table].constant = true;
  m->globals[table].init = init;
  m->stack_bytes = 64;
  stack_user(m, "f", 400, UINT32_MAX, true);
  arrput(f->classes, ((FabricClass){.file = "k.csl", .module = m, .module_name = m->name}));
  f->tile_class[0] = 0;
  Image *img = backend_build(f, &options, &diags);
  ck_assert_ptr_nonnull(img);
  const ImageClass *c = &img->classes[0];
  ck_assert_uint_ge(c->stack_bytes, 400);
  ck_assert_uint_ge(c->shared_base, c->private_bytes);
  const ImageSymbol *s = image_symbol_named(c, "table");
  ck_assert_uint_ge(s->address, c->private_bytes);
  ck_assert_mem_eq(c->shared + (s->address - c->shared_base), init, 4);
  ck_assert(image_validate(img, "memory", &diags));
  image_free(img);
  fir_free(f);
}
END_TEST

// ---- what cannot be ----

START_TEST(undefined_function_is_an_error)
{
  TileModule *m = new_module();
  tir_func(m, "missing", IRT_VOID, NULL, 0, pos);
  IrBuilder b = begin(m, "f", IRT_VOID, NULL, 0);
  export_function(&b);
  tir_emit_list(&b, IR_CALL, IRT_VOID, 0, 0, 0, 0, NULL, 0);
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  Image *img = image_new();
  ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
  ck_assert(!try_link(m, img, &c));
  ck_assert_int_eq(diags.entries[0].id, D_backend_undefined);
  ck_assert_ptr_nonnull(strstr(diags.entries[0].text, "missing"));
  arrput(img->classes, c);
  image_free(img);
  tir_free(m);
}
END_TEST

START_TEST(unbound_operand_is_an_error)
{
  TileModule *m = new_module();
  uint32_t y = place_global(m, "y", tir_array(m, IRT_I16, 8), 0);
  IrBuilder b = begin(m, "f", IRT_VOID, NULL, 0);
  DsdUse move = {.dest = dsd_operand(DSR_DEST, DSR_AUTO), .src1 = {OPND_SCALAR, 0, 0, 0}};
  run(&b, DSD_mov16, move, mem1d(&b, y, 8, 1), 0, 0, tir_const(m, IRT_I16, 5));
  tir_emit(&b, IR_RET, IRT_VOID, 0, 0, 0, 0);
  Buffer out = {0};
  ck_assert(!backend_codegen(m, EMIT_OBJECT, &options, &out, &diags));
  ck_assert_int_eq(diags.entries[0].id, D_backend_unsupported);
  ck_assert_uint_eq(diags.entries[0].where.begin, pos);
  tir_free(m);
}
END_TEST

START_TEST(broken_objects_are_errors)
{
  TileModule *m = sum_module();
  Buffer object = {0};
  ck_assert(backend_codegen(m, EMIT_OBJECT, &options, &object, &diags));
  for (size_t n = 0; n < object.size; n += 3) {
    Image *img = image_new();
    ImageClass c = {.name = "k.csl", .elf = "bin/out_0_0.elf"};
    uint8_t old = object.bytes[n];
    object.bytes[n] ^= 0xff;
    link_program(m, &object, &options, img, &c, &missing_stack, &diags); // any answer, no crash
    object.bytes[n] = old;
    arrput(img->classes, c);
    image_free(img);
  }
  free(object.bytes);
  tir_free(m);
}
END_TEST

// ---- a whole program ----

START_TEST(build_of_two_classes)
{
  FabricModule *f = fir_new(ARCH_WSE3, COMPAT_2_10);
  fir_set_rectangle(f, 2, 1);
  f->fabric_width = 9;
  f->fabric_height = 3;
  f->fp16 = IRT_F16;
  for (uint32_t i = 0; i < 2; i++) {
    TileModule *m = sum_module();
    arrput(m->tileconsts, ((TileConst){"k", IRT_I16, 0}));
    m->stack_bytes = 32;
    FabricClass c = {.file = "k.csl", .module = m, .module_name = m->name};
    arrput(c.const_values, 40 + i);
    arrput(f->classes, c);
    f->tile_class[i] = i;
  }
  Filter filter = {.kind = FILTER_RANGE, .limit1 = 1, .limit2 = 2};
  ColorConfig config = {
      .color = 3, .route = {.rx = {16}, .tx = {2}, .valid = {true}}, .filter = filter};
  f->tile_routes[1] = fir_route_set(f, &config, 1, pos);
  Image *img = backend_build(f, &options, &diags);
  if (!img)
    diag_print(&diags, stderr);
  ck_assert_ptr_nonnull(img);
  ck_assert(image_validate(img, "memory", &diags));
  ck_assert_str_eq(img->classes[0].elf, "bin/out_0_0.elf");
  ck_assert_str_eq(img->classes[1].elf, "bin/out_1_0.elf");
  ck_assert(img->const_first[1] == 1 && img->const_words[1] == 41);
  Route r;
  ck_assert(route_decode(img->route_sets[img->tile_routes[1]].words[3], &r));
  ck_assert(r.filter == 1 && r.rx[0] == 16);
  ck_assert_uint_eq(img->route_sets[img->tile_routes[1]].filters[0].color, 3);
  image_free(img);
  fir_free(f);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("backend");
  TCase *t = tcase_create("backend");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, floats_are_not_contracted);
  tcase_add_test(t, symbols_lines_and_sections);
  tcase_add_test(t, twice_the_same_bytes);
  tcase_add_test(t, pointers_are_sixteen_bits_in_memory);
  tcase_add_test(t, initial_data_pointers_and_patches);
  tcase_add_test(t, code_pointers_call_what_they_name);
  tcase_add_test(t, dsd_operations_load_registers_and_run);
  tcase_add_test(t, memory_is_reloaded_after_an_operation);
  tcase_add_test(t, task_and_launch_entries);
  tcase_add_test(t, helpers_are_linked_where_needed);
  tcase_add_test(t, a_function_called_memcpy_is_the_programs_own);
  tcase_add_test(t, jump_tables_become_shared_constants);
  tcase_add_test(t, stack_is_what_the_deepest_calls_need);
  tcase_add_test(t, stack_that_is_too_small_is_told);
  tcase_add_test(t, stack_that_does_not_fit_is_an_error);
  tcase_add_test(t, recursion_keeps_the_stack_set_aside);
  tcase_add_test(t, build_grows_the_stack_and_moves_constants);
  tcase_add_test(t, undefined_function_is_an_error);
  tcase_add_test(t, unbound_operand_is_an_error);
  tcase_add_test(t, broken_objects_are_errors);
  tcase_add_test(t, build_of_two_classes);
  suite_add_tcase(s, t);
  return s;
}
