// The tile linker: takes the sections that are reached from the program's functions, gives them
// addresses, relocates them and writes the executable. Same input, same bytes.
#include "backend/linker.h"
#include "backend/names.h"
#include "image/bytes.h"
#include <elf.h>
#include <stb/stb_ds.h>
#include <string.h>

// ---- reading the object ----

static const char *symbol_name(Linker *l, const ElfSection *names, uint32_t at)
{
  if (!names->bytes || at >= names->size || !memchr(names->bytes + at, 0, names->size - at)) {
    l->why = "symbol name outside the name table";
    return "";
  }
  return (const char *)names->bytes + at;
}

static void read_symbols(Linker *l, const ElfSection *table)
{
  if (table->link >= arrlenu(l->sections)) {
    l->why = "symbol table without names";
    return;
  }
  const ElfSection *names = &l->sections[table->link].s;
  for (uint32_t at = 0; at + sizeof(Elf32_Sym) <= table->size; at += sizeof(Elf32_Sym)) {
    const uint8_t *p = table->bytes + at;
    uint32_t section = p[14] | (uint32_t)p[15] << 8;
    LinkSymbol s = {.name = symbol_name(l, names, bytes_at32(p)),
                    .value = bytes_at32(p + 4),
                    .size = bytes_at32(p + 8),
                    .section = section,
                    .type = p[12] & 15};
    if (section == SHN_ABS)
      s.section = 0, s.resolved = true;
    else if (section >= arrlenu(l->sections))
      l->why = "symbol in no section";
    else if (section && (uint64_t)s.value + s.size > l->sections[section].s.size)
      l->why = "symbol outside its section";
    if (s.section && s.type == STT_FUNC)
      shput(l->functions, (char *)s.name, (uint32_t)arrlenu(l->symbols));
    arrput(l->symbols, s);
  }
}

static void read_object(Linker *l, const Buffer *object)
{
  uint32_t type = 0;
  ElfSection *all = elf_sections(object->bytes, object->size, &type, &l->why);
  for (ptrdiff_t i = 0; i < arrlen(all); i++)
    arrput(l->sections, ((LinkSection){.s = all[i]}));
  arrfree(all);
  for (size_t i = 0; i < arrlenu(l->sections) && !l->why; i++) {
    const ElfSection *s = &l->sections[i].s;
    if (s->type == SHT_SYMTAB)
      read_symbols(l, s);
    else if (s->type == SHT_RELA && s->info >= arrlenu(l->sections))
      l->why = "relocations of no section";
  }
}

// ---- what is needed ----

static bool is_runtime(const ElfSection *s)
{
  return strncmp(s->name, NAME_RUNTIME_SECTION, strlen(NAME_RUNTIME_SECTION)) == 0;
}

static bool is_code(const ElfSection *s)
{
  return (s->flags & SHF_ALLOC) && (s->flags & SHF_EXECINSTR);
}

static void keep(Linker *l, uint32_t index, uint32_t **work)
{
  LinkSection *s = &l->sections[index];
  if (s->kept || !(s->s.flags & SHF_ALLOC))
    return;
  s->kept = true;
  arrput(*work, index);
}

static void follow(Linker *l, uint32_t from, uint32_t **work)
{
  for (size_t i = 0; i < arrlenu(l->sections); i++) {
    const ElfSection *rela = &l->sections[i].s;
    if (rela->type != SHT_RELA || rela->info != from)
      continue;
    for (uint32_t k = 0; k < link_reloc_count(rela); k++) {
      uint32_t symbol = link_reloc_at(rela, k).symbol;
      if (symbol >= arrlenu(l->symbols))
        l->why = "relocation by a symbol that does not exist";
      else if (l->symbols[symbol].section)
        keep(l, l->symbols[symbol].section, work);
    }
  }
}

// DWARF is kept too, but keeps nothing itself.
static void mark(Linker *l)
{
  uint32_t *work = NULL;
  for (uint32_t i = 0; i < arrlenu(l->sections); i++)
    if (is_code(&l->sections[i].s) && !is_runtime(&l->sections[i].s))
      keep(l, i, &work);
  while (arrlen(work) && !l->why)
    follow(l, arrpop(work), &work);
  arrfree(work);
  for (ptrdiff_t i = 0; i < arrlen(l->sections); i++)
    l->sections[i].kept |= strncmp(l->sections[i].s.name, ".debug_", 7) == 0;
}

// ---- addresses ----

static uint32_t align_up(uint32_t v, uint32_t align)
{
  return align > 1 ? (v + align - 1) / align * align : v;
}

static uint32_t place(LinkSection *s, uint32_t at, uint32_t least)
{
  s->address = align_up(at, s->s.align > least ? s->s.align : least);
  return s->address + s->s.size;
}

static uint32_t end_of_shared(const Linker *l)
{
  uint32_t end = l->shared_base;
  for (ptrdiff_t i = 0; i < arrlen(l->m->globals); i++) {
    const IrGlobal *g = &l->m->globals[i];
    uint32_t last = g->address + tir_size(l->m, g->type);
    if (g->address >= l->shared_base && g->address < DATA_LIMIT && last > end)
      end = last;
  }
  return end;
}

static bool layout(Linker *l)
{
  uint32_t code = CODE_BASE, shared = end_of_shared(l);
  for (ptrdiff_t i = 0; i < arrlen(l->sections); i++) {
    LinkSection *s = &l->sections[i];
    if (!s->kept || !(s->s.flags & SHF_ALLOC))
      continue;
    if (s->s.type == SHT_NOBITS || (s->s.align & (s->s.align - 1)))
      l->why = "a data section, which tile programs do not have";
    else if (is_code(&s->s))
      code = place(s, code, 4);
    else
      shared = place(s, shared, 1);
  }
  l->code_bytes = align_up(code - CODE_BASE, 4);
  l->shared_bytes = shared - l->shared_base;
  if (code > CODE_LIMIT)
    DIAG_AT(l->diags, backend_code_size, (SrcRange){0}, l->m->name, l->code_bytes,
            CODE_LIMIT - CODE_BASE);
  if (shared > DATA_LIMIT)
    DIAG_AT(l->diags, backend_data_size, (SrcRange){0}, l->m->name, shared - DATA_LIMIT);
  return !l->why && code <= CODE_LIMIT && shared <= DATA_LIMIT;
}

static void copy_sections(Linker *l)
{
  for (ptrdiff_t i = 0; i < arrlen(l->sections); i++) {
    LinkSection *s = &l->sections[i];
    if (!s->kept || !s->s.bytes)
      continue;
    s->bytes = arena_alloc(&l->arena, s->s.size);
    memcpy(s->bytes, s->s.bytes, s->s.size);
  }
}

// ---- symbols ----

static void index_globals(Linker *l)
{
  for (uint32_t i = 0; i < arrlenu(l->m->globals); i++)
    shput(l->globals, (char *)l->m->globals[i].name, i);
}

static bool outside_address(const Linker *l, const char *name, uint32_t *address)
{
  if (strncmp(name, NAME_GLOBAL, strlen(NAME_GLOBAL)) == 0) {
    ptrdiff_t at = shgeti(((Linker *)l)->globals, (char *)name + strlen(NAME_GLOBAL));
    if (at < 0)
      return false;
    *address = l->m->globals[l->globals[at].value].address;
    return *address < DATA_LIMIT;
  }
  unsigned number;
  if (sscanf(name, NAME_CONST "%u", &number) != 1 || number >= arrlenu(l->m->tileconsts))
    return false;
  *address = l->m->tileconsts[number].address;
  return true;
}

bool link_symbol_address(Linker *l, uint32_t symbol, uint32_t *address)
{
  if (symbol >= arrlenu(l->symbols)) {
    l->why = "relocation by a symbol that does not exist";
    return false;
  }
  LinkSymbol *s = &l->symbols[symbol];
  if (s->section) {
    const LinkSection *in = &l->sections[s->section];
    *address = in->kept ? in->address + s->value : 0; // DWARF of a dropped helper
    return true;
  }
  if (symbol == 0) {
    *address = 0;
    return true;
  }
  if (!s->resolved && !outside_address(l, s->name, &s->value)) {
    bool ours = strncmp(s->name, NAME_FUNC, strlen(NAME_FUNC)) == 0;
    DIAG_AT(l->diags, backend_undefined, (SrcRange){0}, l->m->name,
            s->name + (ours ? strlen(NAME_FUNC) : 0));
    return false;
  }
  s->resolved = true;
  *address = s->value;
  return true;
}

uint32_t link_function(const Linker *l, const char *name)
{
  ptrdiff_t at = shgeti(((Linker *)l)->functions, (char *)name);
  if (at < 0)
    return 0;
  const LinkSymbol *s = &l->symbols[l->functions[at].value];
  return l->sections[s->section].kept ? l->sections[s->section].address + s->value : 0;
}

static const IrFunc *source_function(const Linker *l, const char *name, const char *prefix)
{
  if (strncmp(name, prefix, strlen(prefix)) != 0)
    return NULL;
  for (ptrdiff_t i = 0; i < arrlen(l->m->funcs); i++)
    if (strcmp(l->m->funcs[i].name, name + strlen(prefix)) == 0)
      return &l->m->funcs[i];
  return NULL;
}

// An entry that swallowed its function is called like it.
static const IrFunc *function_shown(const Linker *l, const char *name)
{
  const IrFunc *f = source_function(l, name, NAME_FUNC);
  if (f)
    return f;
  bool launch = (f = source_function(l, name, NAME_LAUNCH)) != NULL;
  if (!f)
    f = source_function(l, name, NAME_TASK);
  Arena scratch = {0};
  bool other =
      f && (link_function(l, arena_printf(&scratch, NAME_FUNC "%s", f->name)) ||
            (!launch && link_function(l, arena_printf(&scratch, NAME_LAUNCH "%s", f->name))));
  arena_free(&scratch);
  return other ? NULL : f;
}

static void export_symbols(const Linker *l, Image *img, ImageClass *out)
{
  for (size_t i = 0; i < arrlenu(l->symbols); i++) {
    const LinkSymbol *s = &l->symbols[i];
    if (!s->section || (s->type != STT_FUNC && s->type != STT_OBJECT) ||
        !l->sections[s->section].kept)
      continue;
    const IrFunc *f = function_shown(l, s->name);
    bool exported = f && (f->exported || f->linkname);
    const char *name = f && f->linkname ? f->linkname : f ? f->name : s->name;
    arrput(out->symbols, ((ImageSymbol){arena_strdup(&img->arena, name),
                                        l->sections[s->section].address + s->value, s->size,
                                        s->type == STT_FUNC, exported}));
  }
}

// ---- the class ----

static void copy_kept(const Linker *l, bool code, uint32_t base, uint8_t *to)
{
  for (ptrdiff_t i = 0; i < arrlen(l->sections); i++) {
    const LinkSection *s = &l->sections[i];
    if (s->kept && (s->s.flags & SHF_ALLOC) && is_code(&s->s) == code && s->s.size)
      memcpy(to + (s->address - base), s->bytes, s->s.size);
  }
}

static void fill_memory(const Linker *l, Image *img, ImageClass *out)
{
  out->code_bytes = l->code_bytes;
  out->code = arena_alloc(&img->arena, out->code_bytes);
  copy_kept(l, true, CODE_BASE, out->code);
  out->shared_base = l->shared_base;
  out->shared_bytes = l->shared_bytes;
  out->shared = arena_alloc(&img->arena, out->shared_bytes);
  copy_kept(l, false, l->shared_base, out->shared);
}

// Debuggers learn the instruction set from the attributes.
static bool is_extra(const LinkSection *s, bool debug)
{
  return strcmp(s->s.name, ".riscv.attributes") == 0 ||
         (debug && strncmp(s->s.name, ".debug_", 7) == 0);
}

static uint8_t *write_elf(const Linker *l, const ImageClass *out, bool debug)
{
  ElfExtra *extra = NULL;
  for (ptrdiff_t i = 0; i < arrlen(l->sections); i++) {
    const LinkSection *s = &l->sections[i];
    if (s->s.bytes && is_extra(s, debug))
      arrput(extra,
             ((ElfExtra){s->s.name, s->s.type, s->bytes ? s->bytes : s->s.bytes, s->s.size}));
  }
  uint8_t *elf = elf_write(out, extra, arrlenu(extra));
  arrfree(extra);
  return elf;
}

static void attach_elf(const Linker *l, const CodegenOptions *opt, Image *img, ImageClass *out)
{
  uint8_t *elf = write_elf(l, out, true);
  link_lines(img, out, elf, arrlenu(elf));
  out->debug_kept = opt->debug;
  arrfree(elf);
  elf = write_elf(l, out, opt->debug);
  out->elf_size = arrlenu(elf);
  uint8_t *copy = arena_alloc(&img->arena, out->elf_size);
  memcpy(copy, elf, out->elf_size);
  out->elf_bytes = copy;
  arrfree(elf);
}

// The stack gets what the code needs; where that has no bound, what the memory-layout pass set
// aside. Shared constants stay where that pass put them.
static uint32_t size_stack(Linker *l, ImageClass *out)
{
  uint32_t need = link_stack_need(l, out);
  if (need == UINT32_MAX)
    return 0;
  out->stack_bytes = align_up(need, 16);
  out->private_bytes = align_up(out->data_bytes + out->stack_bytes, 16);
  return out->private_bytes > l->shared_base ? need : 0;
}

// *too_small: 0, or the stack that the program needs and does not have.
static bool link_all(Linker *l, const CodegenOptions *opt, Image *img, ImageClass *out,
                     uint32_t *too_small)
{
  out->data_bytes = l->m->data_bytes;
  out->stack_bytes = l->m->stack_bytes;
  out->private_bytes = align_up(out->data_bytes + out->stack_bytes, 16);
  l->shared_base = out->private_bytes;
  if (!l->why)
    mark(l);
  if (l->why || !layout(l))
    return false;
  copy_sections(l);
  if (!link_relocate(l))
    return false;
  fill_memory(l, img, out);
  export_symbols(l, img, out);
  if (!link_contents(l, img, out))
    return false;
  image_sort_symbols(out);
  *too_small = size_stack(l, out);
  if (!*too_small)
    attach_elf(l, opt, img, out);
  return true;
}

bool link_program(const TileModule *m, const Buffer *object, const CodegenOptions *opt, Image *img,
                  ImageClass *out, uint32_t *need, Diags *diags)
{
  Linker l = {.m = m, .diags = diags};
  index_globals(&l);
  read_object(&l, object);
  bool ok = link_all(&l, opt, img, out, need);
  if (l.why)
    DIAG_AT(diags, backend_object, (SrcRange){0}, m->name, l.why);
  arrfree(l.sections);
  arrfree(l.symbols);
  shfree(l.globals);
  shfree(l.functions);
  arena_free(&l.arena);
  return ok && !l.why;
}
