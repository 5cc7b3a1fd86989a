// What a tile program holds besides code: initial data with its pointers, per-tile constants, setup
// records.
#include "backend/linker.h"
#include "backend/names.h"
#include <stb/stb_ds.h>
#include <string.h>

// ---- initial data ----

// Where `size` bytes of data or shared constants at `address` are kept; NULL: outside of both.
static uint8_t *memory_at(ImageClass *out, uint32_t address, uint32_t size)
{
  if ((uint64_t)address + size <= out->data_bytes)
    return out->data + address;
  uint64_t end = (uint64_t)address + size;
  bool shared =
      address >= out->shared_base && end <= (uint64_t)out->shared_base + out->shared_bytes;
  return shared ? out->shared + (address - out->shared_base) : NULL;
}

static uint32_t function_address(Linker *l, const char *prefix, uint32_t index)
{
  const char *name = l->m->funcs[index].name;
  uint32_t address = link_function(l, arena_printf(&l->arena, "%s%s", prefix, name));
  if (!address)
    DIAG_AT(l->diags, backend_undefined, (SrcRange){0}, l->m->name, name);
  return address;
}

uint32_t link_source_function(Linker *l, uint32_t index)
{
  return link_function(l, arena_printf(&l->arena, NAME_FUNC "%s", l->m->funcs[index].name));
}

static bool put_pointer(Linker *l, const IrReloc *r, uint8_t *at)
{
  uint32_t index = IR_INDEX(r->target), value;
  if (IR_TAG(r->target) == REF_FUNC) {
    uint32_t address = function_address(l, NAME_FUNC, index);
    if (!address)
      return false;
    value = CODE_POINTER(address);
  } else
    value = l->m->globals[index].address;
  value += (uint32_t)r->addend;
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
  return true;
}

static bool put_global(Linker *l, ImageClass *out, const IrGlobal *g)
{
  uint32_t size = tir_size(l->m, g->type);
  uint8_t *at = memory_at(out, g->address, size);
  if (!at) {
    DIAG_AT(l->diags, backend_undefined, ((SrcRange){g->pos, g->pos}), l->m->name, g->name);
    return false;
  }
  if (g->init)
    memcpy(at, g->init, size);
  for (ptrdiff_t k = 0; k < arrlen(g->relocs); k++)
    if (g->relocs[k].offset + 2 > size || !put_pointer(l, &g->relocs[k], at + g->relocs[k].offset))
      return false;
  return true;
}

// A global that is only declared here belongs to nobody: its users fail when they are linked.
static bool put_globals(Linker *l, Image *img, ImageClass *out)
{
  for (ptrdiff_t i = 0; i < arrlen(l->m->globals); i++) {
    const IrGlobal *g = &l->m->globals[i];
    if (g->external && g->address >= DATA_LIMIT)
      continue;
    if (!put_global(l, out, g))
      return false;
    const char *name = g->linkname ? g->linkname : g->name;
    arrput(out->symbols,
           ((ImageSymbol){arena_strdup(&img->arena, name), g->address, tir_size(l->m, g->type),
                          false, g->exported || g->linkname}));
  }
  return true;
}

// ---- per-tile constants ----

void link_each_const(const TileModule *m,
                     void (*fn)(void *arg, uint32_t tileconst, uint32_t address), void *arg)
{
  for (uint32_t i = 0; i < arrlenu(m->tileconsts); i++)
    fn(arg, i, m->tileconsts[i].address);
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++)
    for (ptrdiff_t k = 0; k < arrlen(m->globals[i].patches); k++)
      fn(arg, m->globals[i].patches[k].tileconst,
         m->globals[i].address + m->globals[i].patches[k].offset);
}

typedef struct ConstWriter {
  const TileModule *m;
  Image *img;
  ImageClass *out;
} ConstWriter;

static void put_const(void *arg, uint32_t tileconst, uint32_t address)
{
  ConstWriter *w = arg;
  const TileConst *c = &w->m->tileconsts[tileconst];
  uint8_t bytes = tir_size(w->m, c->type) > 2 ? 4 : 2;
  arrput(w->out->consts, ((ImageConst){arena_strdup(&w->img->arena, c->name), address, bytes}));
}

// ---- setup records ----

static const uint32_t const_flags[3] = {IMAGE_SETUP_A_CONST, IMAGE_SETUP_B_CONST,
                                        IMAGE_SETUP_C_CONST};

static bool setup_value(Linker *l, const IrSetup *s, unsigned column, IrRef ref, ImageSetup *out,
                        uint32_t *value)
{
  uint32_t index = IR_INDEX(ref);
  switch (IR_TAG(ref)) {
  case REF_CONST: *value = (uint32_t)l->m->consts[index].bits; return true;
  case REF_GLOBAL: *value = l->m->globals[index].address; return true;
  case REF_FUNC:
    *value = function_address(l, s->kind == SETUP_EXPORT_FUNC ? NAME_LAUNCH : NAME_TASK, index);
    return *value != 0;
  case REF_TILECONST:
    out->kind |= const_flags[column];
    *value = index; // tile constants are the first rows of ImageClass.consts
    return true;
  default: *value = UINT32_MAX; return true;
  }
}

static bool put_setup(Linker *l, ImageClass *out)
{
  for (ptrdiff_t i = 0; i < arrlen(l->m->setup); i++) {
    const IrSetup *s = &l->m->setup[i];
    ImageSetup r = {.kind = s->kind, .id = s->id};
    if (!setup_value(l, s, 0, s->a, &r, &r.a) || !setup_value(l, s, 1, s->b, &r, &r.b) ||
        !setup_value(l, s, 2, s->c, &r, &r.c))
      return false;
    arrput(out->setup, r);
  }
  return true;
}

enum { NO_FIFO_TASK = 255 };

static uint32_t fifo_task(const TileModule *m, IrRef task)
{
  return IR_TAG(task) == REF_CONST ? (uint32_t)m->consts[IR_INDEX(task)].bits & 255 : NO_FIFO_TASK;
}

// The FIFOs of the module as setup records; the fields are packed as target/setup.def says.
static void put_fifos(const TileModule *m, ImageClass *out)
{
  for (ptrdiff_t i = 0; i < arrlen(m->fifos); i++) {
    const IrFifo *f = &m->fifos[i];
    ImageSetup r = {.kind = SETUP_FIFO, .id = (uint32_t)i, .a = m->globals[f->buffer].address};
    r.b = f->capacity | (uint32_t)f->elem_bytes << 16 | (uint32_t)f->simd << 20 |
          (uint32_t)f->priority << 22 | (uint32_t)f->empty_action << 24 |
          (uint32_t)f->full_action << 28;
    r.c = fifo_task(m, f->activate_push) | fifo_task(m, f->activate_pop) << 8 |
          (f->dest & 15u) << 16 | (f->src1 & 15u) << 20 | (uint32_t)f->xdsr << 24;
    arrput(out->setup, r);
  }
}

bool link_contents(Linker *l, Image *img, ImageClass *out)
{
  out->data = arena_alloc(&img->arena, out->data_bytes);
  if (!put_globals(l, img, out) || !put_setup(l, out))
    return false;
  put_fifos(l->m, out);
  ConstWriter w = {l->m, img, out};
  link_each_const(l->m, put_const, &w);
  for (ptrdiff_t i = 0; i < arrlen(l->m->strings); i++)
    arrput(out->strings, arena_strdup(&img->arena, l->m->strings[i]));
  return true;
}
