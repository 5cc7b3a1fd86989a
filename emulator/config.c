// Configuration registers (target/registers.def): a core reads and writes them with cfg_read and
// cfg_write, or with plain 16-bit loads and stores at twice their word address.
#include "emulator/internal.h"

// The register at a word address, its row and what to do with it.
typedef struct Access {
  Emu *e;
  uint32_t tile;
  RegisterId reg;
  uint32_t index;
} Access;

static bool find(Emu *e, uint32_t tile, uint32_t address, bool write, Access *a)
{
  *a = (Access){.e = e, .tile = tile};
  RegisterAccess access = ACCESS_NO;
  if (register_find(e->arch->id, address, &a->reg, &a->index))
    access = register_info(a->reg)->access;
  if (access == ACCESS_RW || (access == ACCESS_RO && !write))
    return true;
  emu_fault(e, tile, FAULT_PROGRAM, e->place,
            access == ACCESS_RO ? "configuration register 0x%04x can only be read"
                                : "there is no configuration register at word address 0x%04x that "
                                  "a program may use (docs/isa.md lists them)",
            address);
  return false;
}

// ---- queues ----

static Queue *bound_queue(const Access *a, bool input)
{
  TileQueues *qs = queue_of(a->e, a->tile);
  return input ? &qs->in[a->index] : &qs->out[a->index];
}

// A queue takes another colour only when nothing of the old one is in it or on its way through it
// (machine 2.5, sdk-2.10 1.5).
static bool may_rebind(const Access *a, const Queue *q, bool input, uint32_t color)
{
  const char *kind = input ? "input" : "output";
  const char *what = "";
  if (color >= a->e->arch->colors && color != QUEUE_UNBOUND) {
    emu_fault(a->e, a->tile, FAULT_PROGRAM, a->e->place,
              "%s queue %u is bound to colour %u: there are colours 0 to %u", kind, a->index, color,
              a->e->arch->colors - 1);
    return false;
  }
  if (q->count)
    what = "is not empty";
  else if (q->user)
    what = "is in use by an operation";
  else
    return true;
  emu_fault(a->e, a->tile, FAULT_PROGRAM, a->e->place,
            "%s queue %u %s (colour %u, %u wavelets) when it is bound to colour %u; %s", kind,
            a->index, what, q->color, q->count, color,
            input ? "receive what belongs to the old colour first"
                  : "wait with @queue_flush and a handler of @set_empty_queue_handler");
  return false;
}

static void rebind_input(const Access *a, uint32_t value)
{
  uint32_t color = FIELD_GET(value, input_queue_color);
  if (!may_rebind(a, bound_queue(a, true), true, color))
    return;
  if (color < MAX_COLORS)
    fab_filter_enable(a->e, a->tile, color, FIELD_GET(value, input_queue_filter));
  queue_bind_input(a->e, a->tile, a->index, color);
  task_wake(a->e, a->tile);
}

static void rebind_output(const Access *a, uint32_t value)
{
  uint32_t color = FIELD_GET(value, output_queue_color);
  if (may_rebind(a, bound_queue(a, false), false, color))
    queue_bind_output(a->e, a->tile, a->index, color);
}

static uint32_t read_input_queue(const Access *a)
{
  uint32_t color = bound_queue(a, true)->color;
  bool filter = color < MAX_COLORS && fab_filter_enabled(a->e, a->tile, color);
  return FIELD_PUT(color, input_queue_color) | FIELD_PUT(filter, input_queue_filter);
}

static uint32_t queue_status(const Access *a, bool input)
{
  const TileQueues *qs = queue_of(a->e, a->tile);
  uint32_t n = input ? a->e->arch->input_queues : a->e->arch->output_queues;
  uint32_t empty = 0, full = 0;
  for (uint32_t k = 0; k < n; k++) {
    const Queue *q = input ? &qs->in[k] : &qs->out[k];
    empty |= (uint32_t)(q->count == 0) << k;
    full |= (uint32_t)(q->count == q->depth) << k;
  }
  return FIELD_PUT(empty, input_status_empty) | FIELD_PUT(full, input_status_full);
}

// ---- words of wider values ----

static uint32_t word_of(uint64_t value, uint32_t index)
{
  return (uint32_t)(value >> 16 * index) & 0xffff;
}

static uint64_t with_word(uint64_t value, uint32_t index, uint32_t word)
{
  return (value & ~(0xffffull << 16 * index)) | (uint64_t)word << 16 * index;
}

static bool config_read(Emu *e, uint32_t tile, uint32_t address, uint32_t *value)
{
  Access a;
  if (!find(e, tile, address, false, &a))
    return false;
  const Tile *t = &e->tiles[tile];
  const TileCold *cold = &e->cold[tile];
  switch (a.reg) {
  case REG_output_queue:
    *value = FIELD_PUT(bound_queue(&a, false)->color, output_queue_color);
    break;
  case REG_input_queue: *value = read_input_queue(&a); break;
  case REG_input_status: *value = queue_status(&a, true); break;
  case REG_output_status: *value = queue_status(&a, false); break;
  case REG_input_flushed: *value = cold->flushed_in; break;
  case REG_output_flushed: *value = cold->flushed_out; break;
  case REG_task_priority: *value = word_of(t->high_priority, a.index); break;
  case REG_main_priority: *value = FIELD_PUT(thread_main_level(t), main_priority_level); break;
  case REG_exception_mask: *value = cold->exception_mask; break;
  case REG_control_mask: *value = cold->control_mask; break;
  default: return fab_register_read(e, tile, a.reg, a.index, value);
  }
  return true;
}

bool config_write(Emu *e, uint32_t tile, uint32_t address, uint32_t value)
{
  Access a;
  if (!find(e, tile, address, true, &a))
    return false;
  Tile *t = &e->tiles[tile];
  TileCold *cold = &e->cold[tile];
  value &= 0xffff;
  switch (a.reg) {
  case REG_output_queue: rebind_output(&a, value); break;
  case REG_input_queue: rebind_input(&a, value); break;
  case REG_input_flushed: cold->flushed_in &= (uint8_t)~value; break;
  case REG_output_flushed: cold->flushed_out &= (uint8_t)~value; break;
  case REG_task_priority: t->high_priority = with_word(t->high_priority, a.index, value); break;
  case REG_main_priority: thread_set_main_level(t, FIELD_GET(value, main_priority_level)); break;
  case REG_exception_mask: exception_set_mask(e, tile, (uint16_t)value); break;
  case REG_control_mask: cold->control_mask = FIELD_GET(value, control_mask_index); break;
  default: fab_register_write(e, tile, a.reg, a.index, value); break;
  }
  return !e->stopped;
}

bool config_holds(uint32_t byte_address)
{
  return byte_address >= 2u * REGISTERS_FIRST_WORD && byte_address <= 2u * REGISTERS_LAST_WORD;
}

CoreStep config_issue(Emu *e, uint32_t tile, uint32_t address, bool write, uint32_t *value)
{
  Tile *t = &e->tiles[tile];
  if (!core_event(e, tile))
    return CORE_YIELD;
  e->place = t->pc;
  if (!(write ? config_write(e, tile, address, *value) : config_read(e, tile, address, value)))
    return CORE_FAULT;
  t->clock += write ? e->costs->config_write : e->costs->scalar_issue;
  return CORE_NEXT;
}
