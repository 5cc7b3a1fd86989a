// Reading tile programs back, from untrusted files; see elf.h.
#include "image/elf.h"
#include "image/internal.h"
#include <elf.h>
#include <stb/stb_ds.h>
#include <string.h>

static ElfSection section_at(const uint8_t *bytes, uint32_t table, uint32_t index)
{
  const uint8_t *p = bytes + table + (size_t)index * sizeof(Elf32_Shdr);
  return (ElfSection){.type = bytes_at32(p + 4),
                      .flags = bytes_at32(p + 8),
                      .address = bytes_at32(p + 12),
                      .bytes = bytes + bytes_at32(p + 16),
                      .size = bytes_at32(p + 20),
                      .link = bytes_at32(p + 24),
                      .info = bytes_at32(p + 28),
                      .align = bytes_at32(p + 32)};
}

static const char *check_header(const uint8_t *b, size_t size)
{
  if (size < sizeof(Elf32_Ehdr) || memcmp(b, ELFMAG, SELFMAG) != 0)
    return "not an ELF file";
  if (b[EI_CLASS] != ELFCLASS32 || b[EI_DATA] != ELFDATA2LSB || b[18] != EM_RISCV || b[19] != 0)
    return "not a little-endian 32-bit RISC-V file";
  if (b[46] != sizeof(Elf32_Shdr) || b[47] != 0)
    return "odd section header size";
  return NULL;
}

static const char *read_sections(const uint8_t *b, size_t size, ElfSection **out)
{
  const char *why = check_header(b, size);
  if (why)
    return why;
  uint32_t table = bytes_at32(b + 32), n = b[48] | (uint32_t)b[49] << 8,
           names = b[50] | (uint32_t)b[51] << 8;
  if (table > size || n > (size - table) / sizeof(Elf32_Shdr) || names >= n)
    return "section table outside the file";
  const ElfSection text = section_at(b, table, names);
  for (uint32_t i = 0; i < n; i++) {
    ElfSection s = section_at(b, table, i);
    size_t offset = (size_t)(s.bytes - b);
    if (s.type == SHT_NULL || s.type == SHT_NOBITS)
      s.bytes = NULL;
    else if (offset > size || s.size > size - offset)
      return "section outside the file";
    arrput(*out, s);
  }
  if (!(*out)[names].bytes)
    return "no section names";
  for (uint32_t i = 0; i < n; i++) {
    uint32_t name = bytes_at32(b + table + (size_t)i * sizeof(Elf32_Shdr));
    if (name >= text.size || !memchr(text.bytes + name, 0, text.size - name))
      return "section name outside the name table";
    (*out)[i].name = (const char *)text.bytes + name;
  }
  return NULL;
}

ElfSection *elf_sections(const uint8_t *bytes, size_t size, uint32_t *e_type, const char **why)
{
  ElfSection *out = NULL;
  *why = read_sections(bytes, size, &out);
  if (*why) {
    arrfree(out);
    return NULL;
  }
  *e_type = bytes[16] | (uint32_t)bytes[17] << 8;
  return out;
}

typedef struct Reader {
  ElfSection *sections;
  const char *why; // first fault
  Arena *arena;
  ImageClass *out;
} Reader;

static ElfSection find(Reader *r, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(r->sections); i++)
    if (strcmp(r->sections[i].name, name) == 0)
      return r->sections[i];
  if (!r->why)
    r->why = arena_printf(r->arena, "section %s is missing", name);
  return (ElfSection){0};
}

static void fault(Reader *r, bool bad, const char *why)
{
  if (bad && !r->why)
    r->why = why;
}

static uint8_t *copy(Arena *arena, const uint8_t *bytes, uint32_t used, uint32_t size)
{
  uint8_t *p = arena_alloc(arena, size);
  if (used && bytes)
    memcpy(p, bytes, used);
  return p;
}

static ByteReader contents(Reader *r, const char *name)
{
  ElfSection s = find(r, name);
  fault(r, !s.bytes, "a .weft section without contents");
  return (ByteReader){.p = s.bytes, .size = s.bytes ? s.size : 0, .bad = !s.bytes};
}

static void read_info(Reader *r)
{
  ByteReader in = contents(r, ".weft.info");
  ImageClass *c = r->out;
  uint32_t format = bytes_get32(&in);
  c->data_bytes = bytes_get32(&in);
  c->stack_bytes = bytes_get32(&in);
  c->private_bytes = bytes_get32(&in);
  c->shared_base = bytes_get32(&in);
  uint32_t debug = bytes_get32(&in);
  c->debug_kept = debug == 1;
  fault(r, in.bad || in.pos != in.size || debug > 1, "bad .weft.info section");
  fault(r, format != WEFT_IMAGE_FORMAT, "another image format");
}

static void read_memory(Reader *r)
{
  ElfSection text = find(r, ".text"), data = find(r, ".data"), bss = find(r, ".bss"),
             rodata = find(r, ".rodata");
  ImageClass *c = r->out;
  fault(r, !text.bytes || !data.bytes || bss.bytes || !rodata.bytes, "sections of the wrong kind");
  fault(r, text.address != CODE_BASE || text.size > CODE_LIMIT - CODE_BASE,
        "code outside the code space");
  fault(r,
        data.address != DATA_BASE || data.size > DATA_LIMIT || bss.size > DATA_LIMIT ||
            bss.address != data.size || data.size + bss.size != c->data_bytes,
        "data outside the data space");
  fault(r, rodata.size > DATA_LIMIT || rodata.address != c->shared_base,
        "constants outside the data space");
  if (r->why)
    return;
  c->code_bytes = text.size;
  c->code = copy(r->arena, text.bytes, text.size, text.size);
  c->data = copy(r->arena, data.bytes, data.size, c->data_bytes);
  c->shared_bytes = rodata.size;
  c->shared = copy(r->arena, rodata.bytes, rodata.size, rodata.size);
}

static void read_setup(Reader *r)
{
  ByteReader in = contents(r, ".weft.setup");
  while (!in.bad && in.pos < in.size) {
    ImageSetup s = {0};
    s.kind = bytes_get32(&in);
    s.id = bytes_get32(&in);
    s.a = bytes_get32(&in);
    s.b = bytes_get32(&in);
    s.c = bytes_get32(&in);
    if (!in.bad)
      arrput(r->out->setup, s);
  }
  fault(r, in.bad, "bad .weft.setup section");
}

static void read_consts(Reader *r)
{
  ByteReader in = contents(r, ".weft.consts");
  for (uint32_t n = bytes_get32(&in); n && !in.bad; n--) {
    ImageConst c = {.address = bytes_get32(&in)};
    uint32_t bytes = bytes_get32(&in);
    c.bytes = (uint8_t)bytes;
    c.name = bytes_get_text(&in, r->arena);
    in.bad |= bytes != 2 && bytes != 4;
    if (!in.bad)
      arrput(r->out->consts, c);
  }
  fault(r, in.bad || in.pos != in.size, "bad .weft.consts section");
}

static void read_strings(Reader *r)
{
  ByteReader in = contents(r, ".weft.strings");
  for (uint32_t n = bytes_get32(&in); n && !in.bad; n--) {
    const char *s = bytes_get_text(&in, r->arena);
    if (!in.bad)
      arrput(r->out->strings, s);
  }
  fault(r, in.bad || in.pos != in.size, "bad .weft.strings section");
}

static void read_symbols(Reader *r)
{
  ElfSection table = find(r, ".symtab"), names = find(r, ".strtab");
  if (!table.bytes || !names.bytes || table.size % sizeof(Elf32_Sym)) {
    fault(r, true, "bad symbol table");
    return;
  }
  for (uint32_t at = 0; at < table.size; at += sizeof(Elf32_Sym)) {
    const uint8_t *p = table.bytes + at;
    unsigned type = p[12] & 15, bind = p[12] >> 4;
    if (type != STT_FUNC && type != STT_OBJECT)
      continue;
    ByteReader text = {.p = names.bytes, .size = names.size, .pos = bytes_at32(p)};
    text.bad = text.pos > text.size;
    ImageSymbol s = {.address = bytes_at32(p + 4),
                     .size = bytes_at32(p + 8),
                     .function = type == STT_FUNC,
                     .exported = bind == STB_GLOBAL,
                     .name = bytes_get_text(&text, r->arena)};
    fault(r, text.bad, "bad symbol name");
    arrput(r->out->symbols, s);
  }
  image_sort_symbols(r->out);
}

bool elf_read(const uint8_t *bytes, size_t size, const char *path, Arena *arena, ImageClass *out,
              Diags *diags)
{
  uint32_t type = 0;
  Reader r = {.arena = arena, .out = out};
  r.sections = elf_sections(bytes, size, &type, &r.why);
  if (r.sections) {
    fault(&r, type != ET_EXEC, "not an executable");
    read_info(&r);
    read_memory(&r);
    read_setup(&r);
    read_consts(&r);
    read_strings(&r);
    read_symbols(&r);
  }
  arrfree(r.sections);
  if (r.why)
    image_bad(diags, path, "%s", r.why);
  return !r.why;
}
