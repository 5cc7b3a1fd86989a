// `weft objdump`: what a tile program or an image consists of, as text. Stable: golden tests read
// it.
#include "backend/load.h"
#include "image/elf.h"
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Dump {
  FILE *out;
  const LlvmEntry *llvm;
  void *disasm;
} Dump;

// ---- sections and symbols ----

static void print_sections(const Dump *d, const ElfSection *s)
{
  fputs("\nsections:\n", d->out);
  for (ptrdiff_t i = 1; i < arrlen(s); i++)
    fprintf(d->out, "  %-18s 0x%05x %7u\n", s[i].name, s[i].address, s[i].size);
}

static void print_memory(const Dump *d, const ImageClass *c)
{
  fprintf(d->out, "\nmemory: %u data, %u stack, %u own of each tile, %u shared at 0x%x, %u code\n",
          c->data_bytes, c->stack_bytes, c->private_bytes, c->shared_bytes, c->shared_base,
          c->code_bytes);
}

static void print_symbols(const Dump *d, const ImageClass *c)
{
  fputs("\nsymbols:\n", d->out);
  for (ptrdiff_t i = 0; i < arrlen(c->symbols); i++) {
    const ImageSymbol *s = &c->symbols[i];
    fprintf(d->out, "  0x%05x %6u  %-4s %-6s  %s\n", s->address, s->size,
            s->function ? "code" : "data", s->exported ? "export" : "", s->name);
  }
}

// ---- code ----

static uint32_t sign_extend(uint32_t v, unsigned bits)
{
  uint32_t sign = 1u << (bits - 1);
  return ((v & ((1u << bits) - 1)) ^ sign) - sign;
}

static uint32_t jal_offset(uint32_t w)
{
  uint32_t v =
      (w >> 31 & 1) << 20 | (w >> 12 & 255) << 12 | (w >> 20 & 1) << 11 | (w >> 21 & 1023) << 1;
  return sign_extend(v, 21);
}

static uint32_t compressed_jump_offset(uint32_t w)
{
  uint32_t v = (w >> 12 & 1) << 11 | (w >> 11 & 1) << 4 | (w >> 9 & 3) << 8 | (w >> 8 & 1) << 10 |
               (w >> 7 & 1) << 6 | (w >> 6 & 1) << 7 | (w >> 3 & 7) << 1 | (w >> 2 & 1) << 5;
  return sign_extend(v, 12);
}

static uint32_t branch_offset(uint32_t w)
{
  uint32_t v = (w >> 31 & 1) << 12 | (w >> 7 & 1) << 11 | (w >> 25 & 63) << 5 | (w >> 8 & 15) << 1;
  return sign_extend(v, 13);
}

static uint32_t compressed_branch_offset(uint32_t w)
{
  uint32_t v = (w >> 12 & 1) << 8 | (w >> 10 & 3) << 3 | (w >> 5 & 3) << 6 | (w >> 3 & 3) << 1 |
               (w >> 2 & 1) << 5;
  return sign_extend(v, 9);
}

static uint32_t compressed_target(uint32_t pc, uint32_t w)
{
  enum { C_JAL = 1, C_J = 5, C_BEQZ = 6, C_BNEZ = 7 };
  if ((w & 3) != 1)
    return 0;
  switch (w >> 13 & 7) {
  case C_JAL:
  case C_J: return pc + compressed_jump_offset(w);
  case C_BEQZ:
  case C_BNEZ: return pc + compressed_branch_offset(w);
  default: return 0;
  }
}

// Where the jump or branch at `pc` leads; `before` is the word in front of it, for calls by auipc
// and jalr. 0 = it is none, or its target is not known.
static uint32_t jump_target(uint32_t pc, uint32_t w, uint32_t before)
{
  enum { JAL = 0x6f, JALR = 0x67, AUIPC = 0x17, BRANCH = 0x63 };
  if ((w & 3) != 3)
    return compressed_target(pc, w);
  switch (w & 0x7f) {
  case JAL: return pc + jal_offset(w);
  case BRANCH: return pc + branch_offset(w);
  case JALR: {
    bool pair = (before & 0x7f) == AUIPC && (w >> 15 & 31) == (before >> 7 & 31);
    return pair ? pc - 4 + (before & 0xfffff000) + sign_extend(w >> 20, 12) : 0;
  }
  default: return 0;
  }
}

static void print_target(const Dump *d, const ImageClass *c, uint32_t target)
{
  const ImageSymbol *s = target ? image_symbol_at(c, target) : NULL;
  if (s && s->function && s->address == target)
    fprintf(d->out, "  <%s>", s->name);
  else if (s && s->function)
    fprintf(d->out, "  <%s+%u>", s->name, target - s->address);
}

// One instruction; returns its length.
static uint32_t print_instruction(const Dump *d, const ImageClass *c, uint32_t at, uint32_t before)
{
  const uint8_t *p = c->code + at;
  uint32_t pc = CODE_BASE + at, left = c->code_bytes - at;
  bool wide = (p[0] & 3) == 3 && left >= 4;
  uint32_t w = wide ? bytes_at32(p) : p[0] | (left > 1 ? (uint32_t)p[1] << 8 : 0);
  char text[128] = "";
  IsaInsn in;
  if (wide && isa_decode(w, &in))
    isa_print(w, text, sizeof text);
  else if (!d->llvm->disasm(d->disasm, p, left, pc, text, sizeof text))
    snprintf(text, sizeof text, "unknown");
  for (char *s = text; *s; s++)
    if (*s == '\t')
      *s = ' ';
  fprintf(d->out, "  %5x: %0*x%*s  %s", pc, wide ? 8 : 4, w, wide ? 0 : 4, "",
          text + strspn(text, " "));
  print_target(d, c, jump_target(pc, w, before));
  fputc('\n', d->out);
  return wide ? 4 : left < 2 ? left : 2;
}

static void print_labels(const Dump *d, const ImageClass *c, uint32_t pc)
{
  for (ptrdiff_t i = 0; i < arrlen(c->symbols); i++)
    if (c->symbols[i].function && c->symbols[i].address == pc)
      fprintf(d->out, "%s:\n", c->symbols[i].name);
}

static void print_code(const Dump *d, const ImageClass *c)
{
  fputs("\ncode:\n", d->out);
  ImagePlace last = {0};
  for (uint32_t at = 0, before = 0, n; at < c->code_bytes; at += n) {
    uint32_t pc = CODE_BASE + at;
    print_labels(d, c, pc);
    ImagePlace here = image_line(c, pc);
    if (here.file && (here.file != last.file || here.line != last.line))
      fprintf(d->out, "  ; %s:%u\n", here.file, here.line);
    last = here;
    n = print_instruction(d, c, at, before);
    before = n == 4 ? bytes_at32(c->code + at) : 0;
  }
}

// ---- setup records, constants, strings ----

typedef struct SetupRow {
  const char *text, *id, *columns[3];
} SetupRow;
static const SetupRow rows[] = {
#define SETUP(name, text, id, a, b, c) {text, id, {a, b, c}},
#include "target/setup.def"
#undef SETUP
};

static void print_setup_value(const Dump *d, const ImageClass *c, const char *column,
                              bool from_tile, uint32_t v)
{
  if (strcmp(column, "-") == 0 || v == UINT32_MAX)
    return;
  fprintf(d->out, "  %s ", column);
  const ImageSymbol *s =
      strstr(column, "function") || strstr(column, "global") ? image_symbol_at(c, v) : NULL;
  if (from_tile && v < arrlenu(c->consts))
    fprintf(d->out, "<%s>", c->consts[v].name);
  else if (s && s->address == v)
    fputs(s->name, d->out);
  else
    fprintf(d->out, "0x%x", v);
}

static void print_setup(const Dump *d, const ImageClass *c)
{
  fputs("\nsetup:\n", d->out);
  for (ptrdiff_t i = 0; i < arrlen(c->setup); i++) {
    const ImageSetup *s = &c->setup[i];
    uint32_t kind = IMAGE_SETUP_KIND(s->kind);
    if (kind >= sizeof rows / sizeof *rows) {
      fprintf(d->out, "  kind %u does not exist\n", kind);
      continue;
    }
    const SetupRow *r = &rows[kind];
    fprintf(d->out, "  %-14s", r->text);
    if (strcmp(r->id, "-") != 0)
      fprintf(d->out, "  %s %u", r->id, s->id);
    print_setup_value(d, c, r->columns[0], s->kind & IMAGE_SETUP_A_CONST, s->a);
    print_setup_value(d, c, r->columns[1], s->kind & IMAGE_SETUP_B_CONST, s->b);
    print_setup_value(d, c, r->columns[2], s->kind & IMAGE_SETUP_C_CONST, s->c);
    fputc('\n', d->out);
  }
}

static void print_text(FILE *out, const char *s)
{
  fputc('"', out);
  for (; *s; s++)
    if (*s == '\n')
      fputs("\\n", out);
    else if (*s == '"' || *s == '\\')
      fprintf(out, "\\%c", *s);
    else if ((unsigned char)*s < ' ')
      fprintf(out, "\\x%02x", (unsigned char)*s);
    else
      fputc(*s, out);
  fputs("\"\n", out);
}

static void print_tables(const Dump *d, const ImageClass *c)
{
  if (arrlen(c->consts))
    fputs("\nconstants per tile:\n", d->out);
  for (ptrdiff_t i = 0; i < arrlen(c->consts); i++)
    fprintf(d->out, "  0x%05x %u bytes  %s\n", c->consts[i].address, c->consts[i].bytes,
            c->consts[i].name);
  if (arrlen(c->strings))
    fputs("\nstrings:\n", d->out);
  for (ptrdiff_t i = 0; i < arrlen(c->strings); i++) {
    fprintf(d->out, "  %td ", i);
    print_text(d->out, c->strings[i]);
  }
}

static void print_class(const Dump *d, const ImageClass *c)
{
  print_memory(d, c);
  print_symbols(d, c);
  print_setup(d, c);
  print_tables(d, c);
  print_code(d, c);
}

// ---- entries ----

static bool begin(Dump *d, FILE *out, Diags *diags)
{
  d->out = out;
  d->llvm = llvm_load(diags);
  d->disasm = d->llvm ? d->llvm->disasm_new() : NULL;
  return d->disasm != NULL;
}

static void end(Dump *d)
{
  d->llvm->disasm_free(d->disasm);
}

enum { FILE_LIMIT = 64 << 20 };

// The line table stands beside the program; without it there are no lines.
static void load_lines(const char *path, Image *img, ImageClass *c)
{
  size_t len = strlen(path);
  if (len < 4 || strcmp(path + len - 4, ".elf") != 0)
    return;
  uint8_t *bytes = NULL;
  Diags ignored = {0};
  const char *lines = arena_printf(&img->arena, "%.*s.lines", (int)(len - 4), path);
  if (file_load(lines, FILE_LIMIT, &bytes, &ignored) &&
      !lines_read(bytes, arrlenu(bytes), lines, &img->arena, c, &ignored))
    arrsetlen(c->lines, 0);
  arrfree(bytes);
  diag_free(&ignored);
}

static bool dump_program(Dump *d, const char *path, const uint8_t *bytes, size_t size, Diags *diags)
{
  Image *img = image_new();
  ImageClass c = {.name = path, .elf = path};
  bool ok = elf_read(bytes, size, path, &img->arena, &c, diags);
  if (ok) {
    uint32_t type;
    const char *why;
    load_lines(path, img, &c);
    ElfSection *sections = elf_sections(bytes, size, &type, &why);
    fprintf(d->out, "%s: tile program\n", path);
    print_sections(d, sections);
    arrfree(sections);
    print_class(d, &c);
  }
  arrput(img->classes, c);
  image_free(img);
  return ok;
}

bool objdump_elf(const char *path, FILE *out, Diags *diags)
{
  Dump d;
  uint8_t *bytes = NULL;
  if (!file_load(path, FILE_LIMIT, &bytes, diags))
    return false;
  bool ok = begin(&d, out, diags);
  if (ok) {
    ok = dump_program(&d, path, bytes, arrlenu(bytes), diags);
    end(&d);
  }
  arrfree(bytes);
  return ok;
}

bool objdump_image(const char *dir, FILE *out, Diags *diags)
{
  Image *img = image_read(dir, diags);
  Dump d;
  bool ok = img && begin(&d, out, diags);
  if (ok) {
    objdump_tables(img, out);
    for (ptrdiff_t i = 0; i < arrlen(img->classes); i++) {
      fprintf(out, "\nclass %td: %s (%s)\n", i, img->classes[i].name, img->classes[i].elf);
      print_class(&d, &img->classes[i]);
    }
    end(&d);
  }
  image_free(img);
  return ok;
}
