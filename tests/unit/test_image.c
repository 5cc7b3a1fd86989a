// The image format: what is written comes back equal, and nothing malformed gets through or
// crashes.
#include "image/elf.h"
#include "image/internal.h"
#include "suite.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64]; // a fresh folder per test
static const char *path(const char *name)
{
  static char buf[4][256];
  static unsigned next;
  char *p = buf[next++ % 4];
  snprintf(p, sizeof buf[0], "%s/%s", root, name);
  return p;
}

static void setup(void)
{
  strcpy(root, "test_image.XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(root));
}

static void teardown(void)
{
  char command[160];
  snprintf(command, sizeof command, "rm -rf '%s'", root);
  ck_assert_int_eq(system(command), 0);
}

// ---- an image made by hand: 3 x 2 tiles, two programs, a hole ----
static ImageClass make_class(Arena *a, const char *name, const char *elf, uint32_t consts)
{
  ImageClass c = {.name = name, .elf = elf, .code_bytes = 64, .data_bytes = 40, .stack_bytes = 24};
  c.code = arena_alloc(a, c.code_bytes);
  c.data = arena_alloc(a, c.data_bytes);
  for (uint32_t i = 0; i < c.code_bytes; i++)
    c.code[i] = (uint8_t)(i * 7 + 1);
  for (uint32_t i = 0; i < 10; i++)
    c.data[i] = (uint8_t)(i + 1);
  c.private_bytes = 64;
  c.shared_base = 64;
  c.shared_bytes = 8;
  c.shared = arena_alloc(a, 8);
  memcpy(c.shared, "\1\2\3\4\5\6\7\10", 8);
  arrput(c.setup, ((ImageSetup){IMAGE_SETUP_TASK_LOCAL, 9, CODE_BASE, UINT32_MAX, UINT32_MAX}));
  arrput(c.setup, ((ImageSetup){IMAGE_SETUP_EXPORT_DATA, 0, 8, UINT32_MAX, UINT32_MAX}));
  if (consts)
    arrput(c.setup, ((ImageSetup){IMAGE_SETUP_CONFIG | IMAGE_SETUP_A_CONST, 0x7f00, 0, 0, 0}));
  for (uint32_t i = 0; i < consts; i++)
    arrput(c.consts, ((ImageConst){arena_printf(a, "k%u", i), 12 + 4 * i, 4}));
  arrput(c.symbols, ((ImageSymbol){"buffer", 8, 32, false, true}));
  arrput(c.symbols, ((ImageSymbol){"table", 64, 8, false, false}));
  arrput(c.symbols, ((ImageSymbol){"main", CODE_BASE, 40, true, false}));
  arrput(c.symbols, ((ImageSymbol){"compute", CODE_BASE + 40, 24, true, true}));
  arrput(c.files, name);
  arrput(c.lines, ((ImageLine){CODE_BASE, 0, 3}));
  arrput(c.lines, ((ImageLine){CODE_BASE + 20, 0, 5}));
  arrput(c.functions, ((ImageLine){CODE_BASE, 0, 2}));
  arrput(c.functions, ((ImageLine){CODE_BASE + 40, 0, 8}));
  arrput(c.calls, ((ImageCall){CODE_BASE + 4, CODE_BASE + 16, 0, 4}));
  arrput(c.strings, "hello\n");
  return c;
}

static Image *make_image(void)
{
  Image *img = image_new();
  img->arch = ARCH_WSE3;
  img->compat = COMPAT_2_10;
  img->memcpy = true;
  img->width = 3;
  img->height = 2;
  img->fabric_width = 10;
  img->fabric_height = 4;
  img->offset_x = 4;
  img->offset_y = 1;
  img->channels = 1;
  arrput(img->classes, make_class(&img->arena, "left.csl", "bin/out_0_0.elf", 2));
  arrput(img->classes, make_class(&img->arena, "right.csl", "bin/out_2_0.elf", 0));
  Route r = {.rx = {DIR_BIT(DIR_RAMP)}, .tx = {DIR_BIT(DIR_EAST)}, .valid = {true}, .filter = 1};
  ImageRouteSet none = {0}, east = {0};
  east.words[5] = route_encode(&r);
  east.filters[0] = (Filter){
      .kind = FILTER_COUNTER, .color = 5, .count_data = true, .has_limit1 = true, .limit1 = 7};
  arrput(img->route_sets, none);
  arrput(img->route_sets, east);
  static const uint32_t classes[6] = {0, 0, 1, 0, UINT32_MAX, 1}, routes[6] = {1, 1, 0, 1, 0, 0};
  static const uint32_t first[6] = {0, 2, 4, 4, 6, 6};
  img->tile_class = ARENA_ARRAY(&img->arena, uint32_t, 6);
  img->tile_routes = ARENA_ARRAY(&img->arena, uint32_t, 6);
  img->const_first = ARENA_ARRAY(&img->arena, uint32_t, 6);
  memcpy(img->tile_class, classes, sizeof classes);
  memcpy(img->tile_routes, routes, sizeof routes);
  memcpy(img->const_first, first, sizeof first);
  for (uint32_t i = 0; i < 6; i++)
    arrput(img->const_words, 0x1000 + i);
  ImageExport function = {.name = "compute", .symbol = "compute", .type = "void", .kind = 1};
  arrput(function.param_types, "i16");
  arrput(function.param_types, "f32");
  arrput(img->exports,
         ((ImageExport){.name = "y", .symbol = "y_ptr", .type = "[*]f32", .mutable_ = true}));
  arrput(img->exports, function);
  arrput(img->streams, ((ImageStream){3, true, NULL}));
  arrput(img->streams, ((ImageStream){4, false, "in <\"&>"}));
  arrput(img->params, ((ImageParam){"M", "4"}));
  arrput(img->params, ((ImageParam){"a", "2"}));
  return img;
}

// ---- comparing ----
static void same_class(const ImageClass *a, const ImageClass *b)
{
  ck_assert_str_eq(a->name, b->name);
  ck_assert_str_eq(a->elf, b->elf);
  ck_assert_uint_eq(a->code_bytes, b->code_bytes);
  ck_assert_mem_eq(a->code, b->code, a->code_bytes);
  ck_assert_uint_eq(a->data_bytes, b->data_bytes);
  ck_assert_mem_eq(a->data, b->data, a->data_bytes);
  ck_assert_uint_eq(a->stack_bytes, b->stack_bytes);
  ck_assert_uint_eq(a->private_bytes, b->private_bytes);
  ck_assert_uint_eq(a->shared_base, b->shared_base);
  ck_assert_uint_eq(a->shared_bytes, b->shared_bytes);
  ck_assert_mem_eq(a->shared, b->shared, a->shared_bytes);
  ck_assert_uint_eq(arrlenu(a->setup), arrlenu(b->setup));
  ck_assert_mem_eq(a->setup, b->setup, arrlenu(a->setup) * sizeof *a->setup);
  ck_assert_uint_eq(arrlenu(a->lines), arrlenu(b->lines));
  ck_assert_mem_eq(a->lines, b->lines, arrlenu(a->lines) * sizeof *a->lines);
  ck_assert_uint_eq(arrlenu(a->functions), arrlenu(b->functions));
  ck_assert_mem_eq(a->functions, b->functions, arrlenu(a->functions) * sizeof *a->functions);
  ck_assert_uint_eq(arrlenu(a->calls), arrlenu(b->calls));
  ck_assert_mem_eq(a->calls, b->calls, arrlenu(a->calls) * sizeof *a->calls);
  ck_assert_uint_eq(arrlenu(a->symbols), arrlenu(b->symbols));
  for (size_t i = 0; i < arrlenu(a->symbols); i++) {
    const ImageSymbol *s = &a->symbols[i], *t = &b->symbols[i];
    ck_assert_str_eq(s->name, t->name);
    ck_assert(s->address == t->address && s->size == t->size && s->function == t->function &&
              s->exported == t->exported);
  }
  ck_assert_uint_eq(arrlenu(a->consts), arrlenu(b->consts));
  for (size_t i = 0; i < arrlenu(a->consts); i++) {
    ck_assert_str_eq(a->consts[i].name, b->consts[i].name);
    ck_assert(a->consts[i].address == b->consts[i].address &&
              a->consts[i].bytes == b->consts[i].bytes);
  }
  ck_assert_uint_eq(arrlenu(a->strings), arrlenu(b->strings));
  for (size_t i = 0; i < arrlenu(a->strings); i++)
    ck_assert_str_eq(a->strings[i], b->strings[i]);
  ck_assert_uint_eq(arrlenu(a->files), arrlenu(b->files));
  for (size_t i = 0; i < arrlenu(a->files); i++)
    ck_assert_str_eq(a->files[i], b->files[i]);
}

static void same_exports(const Image *a, const Image *b)
{
  ck_assert_uint_eq(arrlenu(a->exports), arrlenu(b->exports));
  for (size_t i = 0; i < arrlenu(a->exports); i++) {
    const ImageExport *e = &a->exports[i], *f = &b->exports[i];
    ck_assert_str_eq(e->name, f->name);
    ck_assert_str_eq(e->symbol, f->symbol);
    ck_assert_str_eq(e->type, f->type);
    ck_assert(e->kind == f->kind && e->mutable_ == f->mutable_ && e->color == f->color);
    ck_assert_uint_eq(arrlenu(e->param_types), arrlenu(f->param_types));
    for (size_t k = 0; k < arrlenu(e->param_types); k++)
      ck_assert_str_eq(e->param_types[k], f->param_types[k]);
  }
}

static void same_image(const Image *a, const Image *b)
{
  ck_assert(a->arch == b->arch && a->compat == b->compat && a->fp16 == b->fp16 &&
            a->memcpy == b->memcpy);
  ck_assert(a->width == b->width && a->height == b->height && a->channels == b->channels);
  ck_assert(a->fabric_width == b->fabric_width && a->fabric_height == b->fabric_height);
  ck_assert(a->offset_x == b->offset_x && a->offset_y == b->offset_y);
  ck_assert_uint_eq(arrlenu(a->classes), arrlenu(b->classes));
  for (size_t i = 0; i < arrlenu(a->classes); i++)
    same_class(&a->classes[i], &b->classes[i]);
  ck_assert_uint_eq(arrlenu(a->route_sets), arrlenu(b->route_sets));
  ck_assert_mem_eq(a->route_sets, b->route_sets, arrlenu(a->route_sets) * sizeof *a->route_sets);
  size_t tiles = (size_t)a->width * a->height * sizeof(uint32_t);
  ck_assert_mem_eq(a->tile_class, b->tile_class, tiles);
  ck_assert_mem_eq(a->tile_routes, b->tile_routes, tiles);
  ck_assert_mem_eq(a->const_first, b->const_first, tiles);
  ck_assert_uint_eq(arrlenu(a->const_words), arrlenu(b->const_words));
  ck_assert_mem_eq(a->const_words, b->const_words, arrlenu(a->const_words) * sizeof(uint32_t));
  same_exports(a, b);
  ck_assert_uint_eq(arrlenu(a->streams), arrlenu(b->streams));
  ck_assert_str_eq(a->streams[1].name, b->streams[1].name);
  ck_assert_ptr_null(b->streams[0].name);
  ck_assert(b->streams[0].to_host && !b->streams[1].to_host && b->streams[1].color == 4);
  ck_assert_uint_eq(arrlenu(a->params), arrlenu(b->params));
  ck_assert_str_eq(a->params[1].value, b->params[1].value);
}

static void write_ok(const Image *img, const char *dir)
{
  Diags diags = {0};
  bool ok = image_write(img, dir, &diags);
  if (!ok)
    diag_print(&diags, stderr);
  ck_assert(ok);
  diag_free(&diags);
}

// Reads; with `error` set, the first message is copied there and the image freed.
static Image *read_any(const char *dir, char error[256])
{
  Diags diags = {0};
  Image *img = image_read(dir, &diags);
  ck_assert((img == NULL) == (diags.errors > 0));
  error[0] = 0;
  if (!img)
    snprintf(error, 256, "%s", diags.entries[0].text);
  diag_free(&diags);
  return img;
}

static uint8_t *slurp(const char *file)
{
  uint8_t *bytes = NULL;
  Diags diags = {0};
  ck_assert(file_load(file, 1 << 20, &bytes, &diags));
  diag_free(&diags);
  return bytes;
}

static void spill(const char *file, const uint8_t *bytes, size_t n)
{
  Diags diags = {0};
  ck_assert(file_put(file, bytes, n));
  diag_free(&diags);
}

START_TEST(round_trip)
{
  char error[256];
  Image *img = make_image();
  write_ok(img, path("out"));
  Image *back = read_any(path("out"), error);
  ck_assert_str_eq(error, "");
  same_image(img, back);
  image_free(back);
  image_free(img);
}
END_TEST

START_TEST(two_writes_are_byte_identical)
{
  Image *img = make_image();
  write_ok(img, path("a"));
  write_ok(img, path("b"));
  char command[256];
  snprintf(command, sizeof command, "diff -r '%s/a' '%s/b'", root, root);
  ck_assert_int_eq(system(command), 0);
  image_free(img);
}
END_TEST

START_TEST(rewriting_keeps_foreign_files_and_drops_old_programs)
{
  char error[256];
  Image *img = make_image();
  ck_assert_int_eq(mkdir(path("out"), 0777), 0);
  ck_assert_int_eq(mkdir(path("out/bin"), 0777), 0);
  spill(path("out/mine.txt"), (const uint8_t *)"x", 1);
  spill(path("out/bin/out_7_7.elf"), (const uint8_t *)"x", 1);
  spill(path("out/bin/out_7_x.elf"), (const uint8_t *)"x", 1);
  write_ok(img, path("out"));
  ck_assert_int_eq(access(path("out/mine.txt"), F_OK), 0);
  ck_assert_int_eq(access(path("out/bin/out_7_x.elf"), F_OK), 0);
  ck_assert_int_ne(access(path("out/bin/out_7_7.elf"), F_OK), 0);
  Image *back = read_any(path("out"), error);
  ck_assert_str_eq(error, "");
  image_free(back);
  image_free(img);
}
END_TEST

START_TEST(failed_write_leaves_nothing)
{
  Image *img = make_image();
  Diags diags = {0};
  spill(path("out"), (const uint8_t *)"x", 1); // a file is in the way
  ck_assert(!image_write(img, path("out"), &diags));
  ck_assert_uint_eq(diags.errors, 1);
  ck_assert(!image_write(img, path("no/such/out"), &diags));
  img->params[0].value = "\x01";
  ck_assert(!image_write(img, path("fresh"), &diags));
  ck_assert_int_eq(diags.entries[2].id, D_image_text);
  char command[128];
  snprintf(command, sizeof command, "test \"$(ls %s)\" = out", root);
  ck_assert_int_eq(system(command), 0);
  diag_free(&diags);
  image_free(img);
}
END_TEST

static const char *const parts[] = {"weft.xml",          "tiles.bin",       "bin/out_0_0.elf",
                                    "bin/out_0_0.lines", "bin/out_2_0.elf", "bin/out_2_0.lines"};
enum { PARTS = sizeof parts / sizeof *parts };

START_TEST(every_truncation_is_an_error)
{
  char error[256], file[128];
  Image *img = make_image();
  write_ok(img, path("out"));
  for (size_t k = 0; k < PARTS; k++) {
    snprintf(file, sizeof file, "out/%s", parts[k]);
    uint8_t *bytes = slurp(path(file));
    size_t step = arrlenu(bytes) / 40 + 1;
    for (size_t n = 0; n + 1 < arrlenu(bytes); n += step) {
      spill(path(file), bytes, n);
      Image *back = read_any(path("out"), error);
      ck_assert_msg(!back, "%s cut to %zu bytes was accepted", parts[k], n);
      ck_assert_msg(strstr(error, parts[k]), "%s is not named: %s", parts[k], error);
    }
    unlink(path(file));
    ck_assert_ptr_null(read_any(path("out"), error));
    spill(path(file), bytes, arrlenu(bytes));
    arrfree(bytes);
  }
  image_free(img);
}
END_TEST

START_TEST(every_flipped_byte_is_an_error)
{
  char error[256], file[128];
  Image *img = make_image();
  write_ok(img, path("out"));
  for (size_t k = 1; k < PARTS; k++) { // the manifest has no checksum: see broken_manifests
    snprintf(file, sizeof file, "out/%s", parts[k]);
    uint8_t *bytes = slurp(path(file));
    for (size_t n = 0; n < arrlenu(bytes); n += arrlenu(bytes) / 60 + 1) {
      bytes[n] ^= 0x41;
      spill(path(file), bytes, arrlenu(bytes));
      ck_assert_ptr_null(read_any(path("out"), error));
      bytes[n] ^= 0x41;
    }
    spill(path(file), bytes, arrlenu(bytes));
    arrfree(bytes);
  }
  image_free(img);
}
END_TEST

START_TEST(no_byte_of_the_manifest_crashes)
{
  char error[256];
  Image *img = make_image();
  write_ok(img, path("out"));
  uint8_t *bytes = slurp(path("out/weft.xml"));
  unsigned accepted = 0;
  for (size_t n = 0; n < arrlenu(bytes); n += 7) {
    uint8_t old = bytes[n];
    bytes[n] = '9';
    spill(path("out/weft.xml"), bytes, arrlenu(bytes));
    Image *back = read_any(path("out"), error);
    accepted += back != NULL;
    image_free(back);
    bytes[n] = old;
  }
  ck_assert_uint_lt(accepted, arrlenu(bytes) / 7 / 4); // names and free numbers only
  arrfree(bytes);
  image_free(img);
}
END_TEST

// Replaces `from` in the manifest; what reading says about it.
static void edit_manifest(const char *from, const char *to, char error[256])
{
  uint8_t *bytes = slurp(path("out/weft.xml")), *changed = NULL;
  arrput(bytes, 0);
  const char *text = (const char *)bytes, *at = strstr(text, from);
  ck_assert_msg(at, "%s is not in the manifest", from);
  bytes_put(&changed, text, (size_t)(at - text));
  bytes_put(&changed, to, strlen(to));
  bytes_put(&changed, at + strlen(from), strlen(at + strlen(from)));
  spill(path("out/weft.xml"), changed, arrlenu(changed));
  image_free(read_any(path("out"), error));
  spill(path("out/weft.xml"), bytes, arrlenu(bytes) - 1);
  arrfree(bytes);
  arrfree(changed);
}

START_TEST(broken_manifests)
{
  static const struct {
    const char *from, *to, *error;
  } rows[] = {
      {"format=\"3\"", "format=\"4\"", "image format 4; this program reads format 3"},
      {"arch=\"wse3\"", "arch=\"wse9\"", "unknown architecture"},
      {"bin/out_0_0.elf", "../out_0_0.elf", "pattern"},
      {"bin/out_0_0.elf", "bin/out_9_0.elf", "cannot read"},
      {"offset-x=\"4\"", "offset-x=\"8\"", "does not lie in the fabric"},
      {" width=\"3\"", " width=\"0\"", "empty or too large"},
      {" width=\"3\"", " width=\"4\"", "not that of the manifest"},
      {" width=\"3\"", " width=\"-3\"", "valid"},
      {"<tiles", "<tilts", "tilts"},
      {"channels=\"1\"", "channels=\"99\"", "99 channels"},
      {"<stream color=\"3\"", "<stream color=\"30\"", ""},
      {"</weft-image>", "", "line"},
  };
  char error[256];
  Image *img = make_image();
  write_ok(img, path("out"));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    edit_manifest(rows[i].from, rows[i].to, error);
    ck_assert_msg(error[0] && strstr(error, rows[i].error), "%s -> %s: '%s'", rows[i].from,
                  rows[i].to, error);
  }
  image_free(img);
}
END_TEST

// Faults that keep the checksums right, as an attacker or a bug of the writer would make them.
typedef void (*Spoil)(Image *);
static void spoil_class(Image *img)
{
  img->tile_class[1] = 2;
}
static void spoil_route_set(Image *img)
{
  img->tile_routes[0] = 2;
}
static void spoil_route(Image *img)
{
  img->route_sets[1].words[5] |= 1ull << 63;
}
static void spoil_filter_number(Image *img)
{
  Route r = {.rx = {1}, .tx = {2}, .valid = {true}, .filter = 7};
  img->route_sets[1].words[5] = route_encode(&r);
}
static void spoil_filter_kind(Image *img)
{
  img->route_sets[1].filters[0].kind = 9;
}
static void spoil_constants(Image *img)
{
  (void)arrpop(img->const_words);
}
static void spoil_symbol(Image *img)
{
  img->classes[0].symbols[0].size = 0xffff;
}
static void spoil_code_symbol(Image *img)
{
  img->classes[0].symbols[3].size = 0xffff;
}
static void spoil_setup_kind(Image *img)
{
  img->classes[0].setup[0].kind = 200;
}
static void spoil_setup_function(Image *img)
{
  img->classes[0].setup[0].a = CODE_BASE + 64;
}
static void spoil_setup_global(Image *img)
{
  img->classes[1].setup[1].a = 0x4000;
}
static void spoil_export(Image *img)
{
  img->classes[1].setup[1].id = 2;
}
static void spoil_setup_constant(Image *img)
{
  img->classes[0].setup[2].a = 2;
}
static void spoil_line(Image *img)
{
  img->classes[0].lines[1].pc = CODE_BASE + 400;
}
static void spoil_line_file(Image *img)
{
  img->classes[0].lines[1].file = 1;
}
static void spoil_line_order(Image *img)
{
  img->classes[0].lines[0].pc = CODE_BASE + 30;
}
static void spoil_call(Image *img)
{
  img->classes[0].calls[0].to = CODE_BASE + 400;
}
static void spoil_call_file(Image *img)
{
  img->classes[0].calls[0].file = 7;
}
static void spoil_stack(Image *img)
{
  img->classes[0].stack_bytes = 25;
}
static void spoil_window(Image *img)
{
  img->classes[0].private_bytes = DATA_LIMIT + 16;
}
static void spoil_shared(Image *img)
{
  img->classes[0].shared_base = 48;
}
static void spoil_shared_end(Image *img)
{
  img->classes[0].shared_base = DATA_LIMIT - 4;
}
static void spoil_constant_place(Image *img)
{
  img->classes[0].consts[1].address = 38;
}
static void spoil_constant_size(Image *img)
{
  img->classes[0].consts[1].bytes = 8;
}
static void spoil_export_color(Image *img)
{
  img->exports[0].color = 24;
}

START_TEST(values_out_of_range)
{
  static const struct {
    Spoil run;
    const char *error;
  } rows[] = {
      {spoil_class, "bad tile table"},
      {spoil_route_set, "bad tile table"},
      {spoil_route, "bad tile table"},
      {spoil_filter_number, "filter 7 does not exist"},
      {spoil_filter_kind, "bad tile table"},
      {spoil_constants, "bad tile table"},
      {spoil_symbol, "symbol buffer"},
      {spoil_code_symbol, "symbol compute"},
      {spoil_setup_kind, "setup record 0"},
      {spoil_setup_function, "setup record 0"},
      {spoil_setup_global, "setup record 1"},
      {spoil_export, "export 2"},
      {spoil_setup_constant, "setup record 2"},
      {spoil_line, "line entry"},
      {spoil_line_file, "bad line table"},
      {spoil_line_order, "bad line table"},
      {spoil_call, "inlined call at"},
      {spoil_call_file, "bad line table"},
      {spoil_stack, "25 bytes of stack"},
      {spoil_window, "private window"},
      {spoil_shared, "overlap"},
      {spoil_shared_end, "pass the end of memory"},
      {spoil_constant_place, "tile constant k1"},
      {spoil_constant_size, ".weft.consts"},
      {spoil_export_color, "colour 24"},
  };
  char error[256];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Image *img = make_image();
    rows[i].run(img);
    write_ok(img, path("out"));
    image_free(read_any(path("out"), error));
    ck_assert_msg(error[0] && strstr(error, rows[i].error), "row %zu (%s): '%s'", i, rows[i].error,
                  error);
    image_free(img);
  }
}
END_TEST

// The parsers themselves, without the shield of the checksums: any byte may hold anything.
static void parse_elf(const uint8_t *bytes, size_t n)
{
  Image *img = image_new();
  Diags diags = {0};
  ImageClass c = {.name = "x", .elf = "bin/out_0_0.elf"};
  bool ok = elf_read(bytes, n, "x", &img->arena, &c, &diags);
  ck_assert(ok == (diags.errors == 0));
  arrput(img->classes, c);
  if (ok)
    image_validate(img, "x", &diags);
  diag_free(&diags);
  image_free(img);
}

START_TEST(elf_parser_survives_anything)
{
  Image *img = make_image();
  uint8_t *bytes = elf_write(&img->classes[0], NULL, 0);
  static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
  for (size_t n = 0; n < arrlenu(bytes); n++)
    for (size_t v = 0; v < sizeof values; v++) {
      uint8_t old = bytes[n];
      bytes[n] = values[v];
      parse_elf(bytes, arrlenu(bytes));
      bytes[n] = old;
    }
  for (size_t n = 0; n < arrlenu(bytes); n++) {
    uint8_t *cut = malloc(n + 1); // exactly as long, so that ASan sees a read past the end
    memcpy(cut, bytes, n);
    uint8_t *exact = realloc(cut, n ? n : 1);
    parse_elf(exact, n);
    free(exact);
  }
  arrfree(bytes);
  image_free(img);
}
END_TEST

START_TEST(table_parsers_survive_anything)
{
  Image *img = make_image();
  uint8_t *tiles = tiles_write(img), *lines = lines_write(&img->classes[0]);
  for (size_t n = 0; n < arrlenu(tiles) + arrlenu(lines); n++) {
    Image *back = make_image();
    Diags diags = {0};
    bool is_lines = n >= arrlenu(tiles);
    uint8_t *bytes = is_lines ? lines : tiles, *at = bytes + (is_lines ? n - arrlenu(tiles) : n),
            old = *at;
    *at = (uint8_t)(n % 3 ? 0xff : old + 1);
    if (is_lines)
      lines_read(bytes, arrlenu(bytes), "x", &back->arena, &back->classes[0], &diags);
    else
      tiles_read(bytes, arrlenu(bytes), "x", back, &diags);
    *at = old;
    diag_free(&diags);
    image_free(back);
  }
  arrfree(tiles);
  arrfree(lines);
  image_free(img);
}
END_TEST

// Addresses 0..39 are the author's function, which calls the library at line 7 (4..19), inside of
// which the library calls itself (8..15); 40 on is the library's own function.
START_TEST(places_are_the_authors)
{
  ImageClass c = {.code_bytes = 64};
  arrput(c.files, "pe.csl");
  arrput(c.files, "/usr/lib/weft/csl/lib.csl");
  arrput(c.lines, ((ImageLine){CODE_BASE, 0, 5}));
  arrput(c.lines, ((ImageLine){CODE_BASE + 4, 1, 100}));
  arrput(c.lines, ((ImageLine){CODE_BASE + 20, 1, 200})); // inlined without a trace
  arrput(c.lines, ((ImageLine){CODE_BASE + 40, 1, 300}));
  arrput(c.functions, ((ImageLine){CODE_BASE, 0, 3}));
  arrput(c.functions, ((ImageLine){CODE_BASE + 40, 1, 299}));
  arrput(c.calls, ((ImageCall){CODE_BASE + 4, CODE_BASE + 20, 0, 7}));
  arrput(c.calls, ((ImageCall){CODE_BASE + 8, CODE_BASE + 16, 1, 101}));
  arrput(c.symbols, ((ImageSymbol){"main", CODE_BASE, 40, true, false}));
  arrput(c.symbols, ((ImageSymbol){"lib", CODE_BASE + 40, 24, true, false}));
  ck_assert_uint_eq(image_user_line(&c, CODE_BASE).line, 5);
  ck_assert_uint_eq(image_user_line(&c, CODE_BASE + 4).line, 7);
  ck_assert_uint_eq(image_user_line(&c, CODE_BASE + 12).line, 7);
  ck_assert_str_eq(image_user_line(&c, CODE_BASE + 12).file, "pe.csl");
  ck_assert_uint_eq(image_user_line(&c, CODE_BASE + 24).line, 5);
  ck_assert_uint_eq(image_user_line(&c, CODE_BASE + 44).line, 300); // nobody else is to be named
  ck_assert_uint_eq(image_function_line(&c, CODE_BASE).line, 3);
  ck_assert_ptr_null(image_function_line(&c, CODE_BASE + 4).file);
  arrfree(c.files);
  arrfree(c.lines);
  arrfree(c.functions);
  arrfree(c.calls);
  arrfree(c.symbols);
}
END_TEST

START_TEST(lookups)
{
  Image *img = make_image();
  const ImageClass *c = &img->classes[0];
  ck_assert_uint_eq(image_line(c, CODE_BASE).line, 3);
  ck_assert_uint_eq(image_line(c, CODE_BASE + 19).line, 3);
  ck_assert_uint_eq(image_line(c, CODE_BASE + 20).line, 5);
  ck_assert_str_eq(image_line(c, CODE_BASE + 20).file, "left.csl");
  ck_assert_ptr_null(image_line(c, CODE_BASE + 64).file);
  ck_assert_ptr_null(image_line(c, 8).file);
  ck_assert_str_eq(image_symbol_at(c, CODE_BASE + 39)->name, "main");
  ck_assert_str_eq(image_symbol_at(c, CODE_BASE + 40)->name, "compute");
  ck_assert_str_eq(image_symbol_at(c, 8)->name, "buffer");
  ck_assert_ptr_null(image_symbol_at(c, 7));
  ck_assert_ptr_null(image_symbol_at(c, 50));
  ck_assert_uint_eq(image_symbol_named(c, "table")->address, 64);
  ck_assert_ptr_null(image_symbol_named(c, "tabl"));
  image_free(img);
}
END_TEST

START_TEST(checksum_is_crc32)
{
  ck_assert_uint_eq(bytes_crc("123456789", 9), 0xcbf43926);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("image");
  TCase *t = tcase_create("image");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, round_trip);
  tcase_add_test(t, places_are_the_authors);
  tcase_add_test(t, two_writes_are_byte_identical);
  tcase_add_test(t, rewriting_keeps_foreign_files_and_drops_old_programs);
  tcase_add_test(t, failed_write_leaves_nothing);
  tcase_add_test(t, every_truncation_is_an_error);
  tcase_add_test(t, every_flipped_byte_is_an_error);
  tcase_add_test(t, no_byte_of_the_manifest_crashes);
  tcase_add_test(t, broken_manifests);
  tcase_add_test(t, values_out_of_range);
  tcase_add_test(t, elf_parser_survives_anything);
  tcase_add_test(t, table_parsers_survive_anything);
  tcase_add_test(t, lookups);
  tcase_add_test(t, checksum_is_crc32);
  suite_add_tcase(s, t);
  return s;
}
