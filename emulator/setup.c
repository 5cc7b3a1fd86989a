// Setup records of the image: task tables and bits of a class, registers and queues of its tiles
// (target/setup.def).
#include "emulator/internal.h"
#include <stb/stb_ds.h>

enum { NO_FIFO_TASK = 255, MAX_FIFOS = 8 };

static bool bind(uint32_t table[TASK_IDS], const ImageSetup *s)
{
  if (s->id >= TASK_IDS || s->a == UINT32_MAX)
    return false;
  table[s->id] = s->a;
  return true;
}

// Data ids that no task is bound to start blocked, so that DSD operations can have the wavelets
// (language 12.2).
static void block_unbound(EmuClass *c, const Arch *arch)
{
  uint32_t n = arch->data_task_by_queue ? arch->input_queues : arch->colors;
  for (uint32_t id = 0; id < n; id++)
    if (!c->local_entry[id] && !c->data_entry[id])
      c->start_blocked |= 1ull << id;
}

static bool set_blocked(EmuClass *c, const ImageSetup *s, bool block)
{
  if (s->id >= TASK_IDS)
    return false;
  if (s->a == TARGET_UT) {
    uint8_t bit = (uint8_t)(1u << (s->id & 7));
    c->start_ut_blocked = block ? c->start_ut_blocked | bit : c->start_ut_blocked & (uint8_t)~bit;
    return true;
  }
  uint64_t bit = 1ull << s->id;
  c->start_blocked = block ? c->start_blocked | bit : c->start_blocked & ~bit;
  return true;
}

static uint8_t fifo_task(uint32_t id)
{
  return (uint8_t)(id == NO_FIFO_TASK ? TASK_ID_NONE : id & (TASK_IDS - 1));
}

static bool add_fifo(EmuClass *c, const ImageSetup *s)
{
  FifoInfo f = {.base = (uint16_t)s->a,
                .capacity = (uint16_t)s->b,
                .elem_bytes = s->b >> 16 & 15,
                .simd = s->b >> 20 & 3,
                .priority = s->b >> 22 & 3,
                .empty_action = s->b >> 24 & 15,
                .full_action = (uint8_t)(s->b >> 28),
                .activate_push = fifo_task(s->c & 255),
                .activate_pop = fifo_task(s->c >> 8 & 255)};
  if (s->id >= MAX_FIFOS || !f.capacity || (f.elem_bytes != 2 && f.elem_bytes != 4))
    return false;
  while (c->n_fifos <= s->id) {
    arrput(c->fifos, (FifoInfo){0});
    c->n_fifos++;
  }
  c->fifos[s->id] = f;
  return true;
}

static bool rotate(EmuClass *c, const ImageSetup *s)
{
  for (int i = 0; i < ROTATIONS; i++) {
    if (c->rotation[i].alternate)
      continue;
    if (s->b == UINT32_MAX)
      return false;
    c->rotation[i] =
        (Rotation){s->b, (uint16_t)s->c, (uint16_t)(s->c >> 16), (uint8_t)(s->id & (TASK_IDS - 1))};
    return bind(c->data_entry, s);
  }
  return false;
}

static bool set_bit(uint64_t *bits, uint32_t id)
{
  if (id >= TASK_IDS)
    return false;
  *bits |= 1ull << id;
  return true;
}

// Why a record cannot be taken, NULL if it can. Bits come in a second pass, when all tasks are
// bound.
static const char *bind_record(EmuClass *c, const Arch *arch, const ImageSetup *s)
{
  const char *bad = "no such id";
  switch (IMAGE_SETUP_KIND(s->kind)) {
  case IMAGE_SETUP_TASK_LOCAL: return bind(c->local_entry, s) ? NULL : bad;
  case IMAGE_SETUP_TASK_DATA: return bind(c->data_entry, s) ? NULL : bad;
  case IMAGE_SETUP_TASK_CONTROL: return bind(c->control_entry, s) ? NULL : bad;
  case IMAGE_SETUP_INPUT_QUEUE:
    if (s->id >= arch->input_queues)
      return "no such input queue";
    c->control_table[s->id] = (uint8_t)(s->c & (MAX_QUEUES - 1));
    return NULL;
  case IMAGE_SETUP_CONTROL_TABLE:
    c->control_stride = (uint8_t)(s->b & (MAX_QUEUES - 1));
    return c->control_stride ? NULL : "a control task table without slots";
  case IMAGE_SETUP_OUTPUT_QUEUE: return s->id < arch->output_queues ? NULL : "no such output queue";
  case IMAGE_SETUP_DSR:
  case IMAGE_SETUP_DSR_BASE:
    return s->id >> 8 < FILES && (s->id & 255) < arch->dsrs ? NULL : "no such DSR";
  case IMAGE_SETUP_XDSR_EXTENT:
  case IMAGE_SETUP_XDSR_STRIDE:
  case IMAGE_SETUP_XDSR_WRAP: return s->id < arch->xdsrs ? NULL : "no such XDSR";
  case IMAGE_SETUP_FIFO: return add_fifo(c, s) ? NULL : "no such FIFO";
  case IMAGE_SETUP_ROTATE: return rotate(c, s) ? NULL : "more rotating tasks than there can be";
  default: return NULL;
  }
}

static bool bit_record(EmuClass *c, const ImageSetup *s)
{
  switch (IMAGE_SETUP_KIND(s->kind)) {
  case IMAGE_SETUP_ACTIVATE: return set_bit(&c->start_active, s->id);
  case IMAGE_SETUP_BLOCK: return set_blocked(c, s, true);
  case IMAGE_SETUP_UNBLOCK: return set_blocked(c, s, false);
  default: return true;
  }
}

// Compiled programs have no variable below DATA_FIRST; an image without symbols does not tell.
static uint32_t first_variable(const ImageClass *img)
{
  uint32_t first = 0;
  if (arrlen(img->symbols) && !img->symbols[0].function)
    first = img->symbols[0].address < DATA_FIRST ? img->symbols[0].address : DATA_FIRST;
  return first < img->private_bytes ? first : 0;
}

bool setup_class(EmuClass *c, const Arch *arch, Diags *diags)
{
  const ImageSetup *records = c->img->setup;
  c->data_first = first_variable(c->img);
  for (ptrdiff_t i = 0; i < arrlen(records); i++) {
    const char *why = bind_record(c, arch, &records[i]);
    if (!why)
      continue;
    DIAG_AT(diags, emu_setup, (SrcRange){0}, c->img->name, (unsigned)i, why);
    return false;
  }
  block_unbound(c, arch);
  for (ptrdiff_t i = 0; i < arrlen(records); i++)
    if (!bit_record(c, &records[i])) {
      DIAG_AT(diags, emu_setup, (SrcRange){0}, c->img->name, (unsigned)i, "no such task id");
      return false;
    }
  return true;
}

// ---- a tile ----

// A field of a record: its value, or this tile's value of a constant.
static uint32_t field(const Emu *e, uint32_t tile, uint32_t value, bool from_tile)
{
  return from_tile ? e->img->const_words[e->img->const_first[tile] + value] : value;
}

static void set_box(Xdsr *x, bool extents, uint32_t a, uint32_t b)
{
  const uint16_t v[4] = {(uint16_t)a, (uint16_t)(a >> 16), (uint16_t)b, (uint16_t)(b >> 16)};
  if (extents)
    memcpy(x->extent, v, sizeof v);
  else
    memcpy(x->stride, v, sizeof v);
}

static void set_ring(Xdsr *x, uint32_t base, uint32_t length)
{
  x->wrap_base = (uint16_t)base;
  x->wrap_length = (uint16_t)length;
}

static void tile_record(Emu *e, uint32_t tile, const ImageSetup *s)
{
  uint32_t a = field(e, tile, s->a, s->kind & IMAGE_SETUP_A_CONST);
  uint32_t b = field(e, tile, s->b, s->kind & IMAGE_SETUP_B_CONST);
  uint32_t c = field(e, tile, s->c, s->kind & IMAGE_SETUP_C_CONST);
  Dsr *d;
  switch (IMAGE_SETUP_KIND(s->kind)) {
  case IMAGE_SETUP_INPUT_QUEUE:
    if (a < e->arch->colors)
      queue_bind_input(e, tile, s->id, a);
    break;
  case IMAGE_SETUP_OUTPUT_QUEUE:
    if (a < e->arch->colors)
      queue_bind_output(e, tile, s->id, a);
    break;
  case IMAGE_SETUP_DSR:
    *dsd_register(e, tile, (DsrFile)(s->id >> 8), s->id) = (Dsr){.lo = a, .hi = b, .cfg = c};
    break;
  case IMAGE_SETUP_DSR_BASE:
    d = dsd_register(e, tile, (DsrFile)(s->id >> 8), s->id);
    d->lo = (d->lo & 0xffff0000u) | ((a + b) & 0xffff);
    break;
  case IMAGE_SETUP_XDSR_EXTENT: set_box(dsd_xdsr(e, tile, s->id), true, a, b); break;
  case IMAGE_SETUP_XDSR_STRIDE: set_box(dsd_xdsr(e, tile, s->id), false, a, b); break;
  case IMAGE_SETUP_XDSR_WRAP: set_ring(dsd_xdsr(e, tile, s->id), a + b, c); break;
  case IMAGE_SETUP_CONFIG: config_write(e, tile, s->id, a); break;
  default: break;
  }
}

static void fill_memory(Emu *e, uint32_t tile, const ImageClass *c)
{
  uint8_t *m = tile_memory(e, &e->tiles[tile]);
  if (c->data_bytes)
    memcpy(m, c->data, c->data_bytes);
  size_t first = e->img->const_first[tile];
  for (size_t i = 0; i < arrlenu(c->consts); i++)
    memcpy(m + c->consts[i].address, &e->img->const_words[first + i], c->consts[i].bytes);
}

void setup_memory(Emu *e)
{
  for (uint32_t i = 0; i < e->n_tiles; i++)
    if (e->tiles[i].cls != NO_CLASS)
      fill_memory(e, i, e->classes[e->tiles[i].cls].img);
}

void setup_tile(Emu *e, uint32_t tile)
{
  Tile *t = &e->tiles[tile];
  const EmuClass *c = &e->classes[t->cls];
  t->active = c->start_active;
  t->blocked = c->start_blocked;
  t->ut_blocked = c->start_ut_blocked;
  thread_set_main_level(t, 0);
  exception_set_mask(e, tile, register_info(REG_exception_mask)->reset);
  for (int i = 0; i < ROTATIONS; i++)
    e->cold[tile].rotated[i] = c->rotation[i].init;
  for (int i = 0; i < PRNGS; i++)
    e->cold[tile].random[i] = 0xdeadbeefu & 0x7fffff;
  for (ptrdiff_t i = 0; i < arrlen(c->img->setup); i++)
    tile_record(e, tile, &c->img->setup[i]);
  task_wake(e, tile);
}
