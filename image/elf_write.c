// Writing a tile program as an ELF32 RISC-V executable; see elf.h and docs/image.md.
#include "image/bytes.h"
#include "image/elf.h"
#include <elf.h>
#include <stb/stb_ds.h>
#include <string.h>

enum { ELF_FLAGS = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_SINGLE };

typedef struct Section {
  const char *name;
  Elf32_Shdr h;
} Section;
typedef struct Writer {
  uint8_t *out;
  Section *sections; // stb_ds; [0] is the empty one
} Writer;

static uint32_t add(Writer *w, const char *name, uint32_t type, uint32_t flags, uint32_t address,
                    const void *bytes, size_t size)
{
  bytes_align(&w->out, 4);
  Section s = {name,
               {.sh_type = type,
                .sh_flags = flags,
                .sh_addr = address,
                .sh_size = (uint32_t)size,
                .sh_addralign = flags & SHF_ALLOC ? 4 : 1,
                .sh_offset = (uint32_t)arrlenu(w->out)}};
  if (type != SHT_NOBITS)
    bytes_put(&w->out, bytes, size);
  arrput(w->sections, s);
  return (uint32_t)arrlenu(w->sections) - 1;
}

static uint32_t add_buffer(Writer *w, const char *name, uint8_t *buffer)
{
  uint32_t index = add(w, name, SHT_PROGBITS, 0, 0, buffer, arrlenu(buffer));
  arrfree(buffer);
  return index;
}

// Sizes that section headers cannot tell: what is data and what is stack.
static uint8_t *info_section(const ImageClass *c)
{
  uint8_t *b = NULL;
  bytes_put32(&b, WEFT_IMAGE_FORMAT);
  bytes_put32(&b, c->data_bytes);
  bytes_put32(&b, c->stack_bytes);
  bytes_put32(&b, c->private_bytes);
  bytes_put32(&b, c->shared_base);
  bytes_put32(&b, c->debug_kept);
  return b;
}

static uint8_t *setup_section(const ImageClass *c)
{
  uint8_t *b = NULL;
  for (ptrdiff_t i = 0; i < arrlen(c->setup); i++) {
    const ImageSetup *s = &c->setup[i];
    bytes_put32(&b, s->kind);
    bytes_put32(&b, s->id);
    bytes_put32(&b, s->a);
    bytes_put32(&b, s->b);
    bytes_put32(&b, s->c);
  }
  return b;
}

static uint8_t *consts_section(const ImageClass *c)
{
  uint8_t *b = NULL;
  bytes_put32(&b, (uint32_t)arrlenu(c->consts));
  for (ptrdiff_t i = 0; i < arrlen(c->consts); i++) {
    bytes_put32(&b, c->consts[i].address);
    bytes_put32(&b, c->consts[i].bytes);
    bytes_put_text(&b, c->consts[i].name);
  }
  return b;
}

static uint8_t *strings_section(const ImageClass *c)
{
  uint8_t *b = NULL;
  bytes_put32(&b, (uint32_t)arrlenu(c->strings));
  for (ptrdiff_t i = 0; i < arrlen(c->strings); i++)
    bytes_put_text(&b, c->strings[i]);
  return b;
}

static uint32_t section_of(const Writer *w, const ImageSymbol *s)
{
  for (size_t i = 1; i < arrlenu(w->sections); i++) {
    const Elf32_Shdr *h = &w->sections[i].h;
    bool code = h->sh_flags & SHF_EXECINSTR;
    if ((h->sh_flags & SHF_ALLOC) && code == s->function && s->address >= h->sh_addr &&
        s->address - h->sh_addr <= h->sh_size &&
        (s->size == 0 || s->address - h->sh_addr < h->sh_size))
      return (uint32_t)i;
  }
  return SHN_ABS;
}

static void put_symbol(uint8_t **table, uint32_t name, const ImageSymbol *s, uint32_t section)
{
  bytes_put32(table, name);
  bytes_put32(table, s->address);
  bytes_put32(table, s->size);
  arrput(*table, (uint8_t)ELF32_ST_INFO(s->exported ? STB_GLOBAL : STB_LOCAL,
                                        s->function ? STT_FUNC : STT_OBJECT));
  arrput(*table, 0);
  bytes_put16(table, section);
}

// ELF wants the local symbols first.
static void add_symbols(Writer *w, const ImageClass *c)
{
  uint8_t *table = NULL, *names = NULL;
  memset(arraddnptr(table, sizeof(Elf32_Sym)), 0, sizeof(Elf32_Sym));
  arrput(names, 0);
  uint32_t locals = 1;
  for (int exported = 0; exported < 2; exported++)
    for (ptrdiff_t i = 0; i < arrlen(c->symbols); i++) {
      const ImageSymbol *s = &c->symbols[i];
      if (s->exported != (exported == 1))
        continue;
      put_symbol(&table, (uint32_t)arrlenu(names), s, section_of(w, s));
      bytes_put_text(&names, s->name);
      locals += !exported;
    }
  uint32_t symtab = add(w, ".symtab", SHT_SYMTAB, 0, 0, table, arrlenu(table));
  uint32_t strtab = add(w, ".strtab", SHT_STRTAB, 0, 0, names, arrlenu(names));
  Elf32_Shdr *h = &w->sections[symtab].h;
  h->sh_link = strtab;
  h->sh_info = locals;
  h->sh_entsize = sizeof(Elf32_Sym);
  h->sh_addralign = 4;
  arrfree(table);
  arrfree(names);
}

static void add_section_names(Writer *w)
{
  uint32_t index = add(w, ".shstrtab", SHT_STRTAB, 0, 0, NULL, 0);
  uint8_t *names = NULL;
  for (size_t i = 0; i < arrlenu(w->sections); i++) {
    w->sections[i].h.sh_name = (uint32_t)arrlenu(names);
    bytes_put_text(&names, w->sections[i].name);
  }
  w->sections[index].h.sh_size = (uint32_t)arrlenu(names);
  bytes_put(&w->out, names, arrlenu(names));
  arrfree(names);
}

static void put_section_headers(Writer *w)
{
  for (size_t i = 0; i < arrlenu(w->sections); i++) {
    const Elf32_Shdr *h = &w->sections[i].h;
    const uint32_t words[] = {h->sh_name, h->sh_type, h->sh_flags, h->sh_addr,      h->sh_offset,
                              h->sh_size, h->sh_link, h->sh_info,  h->sh_addralign, h->sh_entsize};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
      bytes_put32(&w->out, words[k]);
  }
}

enum { LOADED = 3 }; // .text, .data with .bss, .rodata

static void put_program_header(uint8_t **out, const Elf32_Shdr *h, uint32_t memory, uint32_t flags)
{
  const uint32_t words[] = {PT_LOAD,    h->sh_offset, h->sh_addr, h->sh_addr,
                            h->sh_size, memory,       flags,      4};
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    bytes_put32(out, words[k]);
}

static uint8_t *headers(const Writer *w, uint32_t section_table)
{
  uint8_t *b = NULL;
  static const uint8_t ident[EI_NIDENT] = {ELFMAG0,    ELFMAG1,     ELFMAG2,   ELFMAG3,
                                           ELFCLASS32, ELFDATA2LSB, EV_CURRENT};
  bytes_put(&b, ident, sizeof ident);
  bytes_put16(&b, ET_EXEC);
  bytes_put16(&b, EM_RISCV);
  bytes_put32(&b, EV_CURRENT);
  bytes_put32(&b, CODE_BASE);
  bytes_put32(&b, sizeof(Elf32_Ehdr));
  bytes_put32(&b, section_table);
  bytes_put32(&b, ELF_FLAGS);
  bytes_put16(&b, sizeof(Elf32_Ehdr));
  bytes_put16(&b, sizeof(Elf32_Phdr));
  bytes_put16(&b, LOADED);
  bytes_put16(&b, sizeof(Elf32_Shdr));
  bytes_put16(&b, (uint32_t)arrlenu(w->sections));
  bytes_put16(&b, (uint32_t)arrlenu(w->sections) - 1);
  const Section *s = w->sections;
  put_program_header(&b, &s[1].h, s[1].h.sh_size, PF_R | PF_X);
  put_program_header(&b, &s[2].h, s[2].h.sh_size + s[3].h.sh_size, PF_R | PF_W);
  put_program_header(&b, &s[4].h, s[4].h.sh_size, PF_R);
  return b;
}

// Zeros at the end of the data go into .bss.
static uint32_t initialised(const ImageClass *c)
{
  uint32_t n = c->data_bytes;
  while (n && !c->data[n - 1])
    n--;
  n = (n + 3) & ~3u;
  return n < c->data_bytes ? n : c->data_bytes;
}

uint8_t *elf_write(const ImageClass *c, const ElfExtra *extra, size_t n_extra)
{
  Writer w = {0};
  size_t header_bytes = sizeof(Elf32_Ehdr) + LOADED * sizeof(Elf32_Phdr);
  memset(arraddnptr(w.out, header_bytes), 0, header_bytes);
  arrput(w.sections, ((Section){"", {0}}));
  uint32_t data = initialised(c);
  add(&w, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, CODE_BASE, c->code, c->code_bytes);
  add(&w, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, DATA_BASE, c->data, data);
  add(&w, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, DATA_BASE + data, NULL, c->data_bytes - data);
  add(&w, ".rodata", SHT_PROGBITS, SHF_ALLOC, c->shared_base, c->shared, c->shared_bytes);
  add_buffer(&w, ".weft.info", info_section(c));
  add_buffer(&w, ".weft.setup", setup_section(c));
  add_buffer(&w, ".weft.consts", consts_section(c));
  add_buffer(&w, ".weft.strings", strings_section(c));
  for (size_t i = 0; i < n_extra; i++)
    add(&w, extra[i].name, extra[i].type, 0, 0, extra[i].bytes, extra[i].size);
  add_symbols(&w, c);
  add_section_names(&w);
  bytes_align(&w.out, 4);
  uint8_t *h = headers(&w, (uint32_t)arrlenu(w.out));
  memcpy(w.out, h, arrlenu(h));
  arrfree(h);
  put_section_headers(&w);
  arrfree(w.sections);
  return w.out;
}
