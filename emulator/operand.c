// Operands of DSD operations: descriptor words to something that can be stepped, and access to
// single elements.
#include "emulator/internal.h"

// Extents of the dimensions in use multiplied; more than any operation can need is cut.
static uint32_t box_elements(const Xdsr *x, unsigned dims)
{
  uint64_t n = dims ? 1 : 0;
  for (unsigned i = 0; i < dims; i++)
    n *= x->extent[i];
  return n < ENDLESS ? (uint32_t)n : ENDLESS - 1;
}

static bool init_memory(Emu *e, uint32_t tile, Operand *o, const Dsr *d, uint16_t index)
{
  o->kind = OP_MEM;
  o->address = (uint16_t)d->lo;
  if (o->wio) // the index counts 16-bit words (language 13.4)
    o->address = (uint16_t)(o->address + 2 * index);
  o->stride = (int16_t)((int8_t)(d->hi >> DSD_STRIDE_SHIFT) * o->bytes);
  unsigned kind = d->hi & 15;
  o->place = kind == DSD_MEM1D && d->hi & DSD_SCALAR;
  if (kind == DSD_MEM1D)
    return true;
  const Xdsr *x = dsd_xdsr(e, tile, d->hi >> DSD_XDSR_SHIFT);
  if (!x) {
    emu_fault(e, tile, FAULT_IMAGE, e->place,
              "a descriptor names an extended register that was never loaded");
    return false;
  }
  o->xdsr = (uint32_t)(x - e->xdsrs);
  o->kind = kind == DSD_MEM4D ? OP_MEM4 : OP_CIRC;
  if (kind == DSD_CIRCBUF) {
    o->stride = o->stride ? o->stride : o->bytes;
    return true;
  }
  o->dims = (d->hi >> DSD_DIMS_SHIFT) & 7;
  o->dims = o->dims > 4 ? 4 : o->dims;
  if (!o->length)
    o->length = box_elements(x, o->dims);
  return true;
}

static bool init_fabric(Emu *e, uint32_t tile, Operand *o, const Dsr *d, uint16_t index)
{
  bool output = (d->hi & 15) == DSD_FABOUT;
  o->kind = output ? OP_FABOUT : OP_FABIN;
  o->queue = (d->lo >> DSD_QUEUE_SHIFT) & 7;
  o->control = d->hi & DSD_CONTROL;
  o->advance = d->hi & DSD_ADVANCE;
  o->transform = d->hi & DSD_CONTROL_TRANSFORM;
  o->turns = !output && d->hi & DSD_TURNS;
  o->scalar = o->wio ? (uint32_t)index << 16 : 0;
  uint32_t n = output ? e->arch->output_queues : e->arch->input_queues;
  if (!(d->lo & DSD_QUEUE_VALID) || o->queue >= n) {
    emu_fault(e, tile, FAULT_IMAGE, e->place, "a fabric descriptor names no %s queue",
              output ? "output" : "input");
    return false;
  }
  TileQueues *qs = queue_of(e, tile);
  const Queue *q = output ? &qs->out[o->queue] : &qs->in[o->queue];
  // Where an output queue has a colour, it decides: the program may have rebound it.
  bool by_queue = output && e->arch->oq_has_color && q->color != QUEUE_UNBOUND;
  o->color = d->lo & DSD_COLOR_VALID && !by_queue ? d->lo & DSD_COLOR_MASK : q->color;
  if (o->color == QUEUE_UNBOUND) {
    emu_fault(e, tile, FAULT_PROGRAM, e->place, "%s queue %u is bound to no colour",
              output ? "output" : "input", o->queue);
    return false;
  }
  if (o->color < e->arch->colors)
    return true;
  emu_fault(e, tile, FAULT_UNDEFINED, e->place,
            "a fabric descriptor has colour %u: there are colours 0 to %u", o->color,
            e->arch->colors - 1);
  return false;
}

static bool init_fifo(Emu *e, uint32_t tile, Operand *o, const Dsr *d)
{
  o->kind = OP_FIFO;
  uint32_t n = d->lo & 0xffff;
  const EmuClass *c = &e->classes[e->tiles[tile].cls];
  o->queue = (uint8_t)n;
  if (n >= c->n_fifos)
    emu_fault(e, tile, FAULT_PROGRAM, e->place,
              "there is no FIFO %u: the words of the operand are not those of a DSD. If it is a "
              "variable, something wrote over it",
              n);
  else if (c->fifos[n].elem_bytes < o->bytes)
    emu_fault(e, tile, FAULT_UNDEFINED, e->place,
              "an operation on elements of %u bits uses FIFO %u, whose buffer has elements of %u",
              8 * o->bytes, n, 8 * c->fifos[n].elem_bytes);
  else
    return true;
  return false;
}

bool operand_length(Emu *e, uint32_t tile, uint32_t field, uint32_t *length)
{
  *length = field == DSD_ENDLESS || field == UINT16_MAX ? ENDLESS : field;
  if (field <= DSD_ENDLESS || *length == ENDLESS)
    return true;
  emu_fault(e, tile, FAULT_UNDEFINED, e->place,
            "an operand has an extent of %u, its field has 15 bits: %u at most, or %u for endless",
            field, DSD_ENDLESS - 1, DSD_ENDLESS);
  return false;
}

bool operand_init(Emu *e, uint32_t tile, Operand *o, const Dsr *d, unsigned bits, uint16_t index)
{
  *o = (Operand){.bytes = (uint8_t)(bits / 8), .wio = d->hi & DSD_WIO};
  if (!operand_length(e, tile, d->lo >> DSD_LEN_SHIFT, &o->length))
    return false;
  switch (d->hi & 15) {
  case DSD_MEM1D:
  case DSD_MEM4D:
  case DSD_CIRCBUF: return init_memory(e, tile, o, d, index);
  case DSD_FABIN:
  case DSD_FABOUT: return init_fabric(e, tile, o, d, index);
  case DSD_FIFO: return init_fifo(e, tile, o, d);
  default:
    emu_fault(e, tile, FAULT_PROGRAM, e->place,
              "an operation uses a DSR into which nothing was loaded");
    return false;
  }
}

// ---- stepping ----

// The outermost dimension goes on past its extent, as a vector does past its length.
static void step_box(const Emu *e, Operand *o)
{
  const Xdsr *x = &e->xdsrs[o->xdsr];
  for (unsigned k = o->dims; k-- > 0;) {
    int step = x->stride[o->dims - 1 - k] * o->bytes;
    o->address = (uint16_t)(o->address + step);
    if (++o->index[k] < x->extent[k] || k == 0)
      return;
    o->address = (uint16_t)(o->address - step * x->extent[k]);
    o->index[k] = 0;
  }
}

static void step_ring(const Emu *e, Operand *o)
{
  const Xdsr *x = &e->xdsrs[o->xdsr];
  uint32_t size = (uint32_t)x->wrap_length * o->bytes, at = o->address + (uint32_t)o->stride;
  if (size && at >= x->wrap_base + size)
    at -= size;
  o->address = (uint16_t)at;
}

void operand_seek_next(const Emu *e, Operand *o)
{
  if (o->kind == OP_MEM)
    o->address = (uint16_t)(o->address + o->stride);
  else if (o->kind == OP_MEM4)
    step_box(e, o);
  else if (o->kind == OP_CIRC)
    step_ring(e, o);
}

void operand_seek(const Emu *e, Operand *o, uint32_t k)
{
  if (o->kind == OP_MEM)
    o->address = (uint16_t)(o->address + (uint32_t)o->stride * k);
  else if (o->kind == OP_MEM4 || o->kind == OP_CIRC)
    for (; k; k--)
      operand_seek_next(e, o);
}

static bool bad_access(Emu *e, uint32_t tile, const Window *w, const Operand *o, bool store,
                       bool odd)
{
  const char *where = odd ? "an odd address"
                      : o->address < w->own_base
                          ? "below the first variable: was its pointer ever set?"
                          : "outside of the tile's memory";
  emu_fault(e, tile, odd ? FAULT_UNDEFINED : FAULT_PROGRAM, e->place,
            "DSD operation %s %u bytes at 0x%x, %s", store ? "writes" : "reads", o->bytes,
            o->address, where);
  return false;
}

bool operand_read(Emu *e, uint32_t tile, const Window *w, Operand *o, uint32_t *value)
{
  const uint8_t *p = window_read(w, o->address, o->bytes);
  if (!p || o->address & 1)
    return bad_access(e, tile, w, o, false, p);
  *value = 0;
  memcpy(value, p, o->bytes);
  operand_seek_next(e, o);
  return true;
}

bool operand_write(Emu *e, uint32_t tile, const Window *w, Operand *o, uint32_t value)
{
  uint8_t *p = window_write(w, o->address, o->bytes);
  if (!p || o->address & 1)
    return bad_access(e, tile, w, o, true, p);
  memcpy(p, &value, o->bytes);
  operand_seek_next(e, o);
  return true;
}

// Stride of the accesses that follow each other, in elements: of the innermost dimension.
static int element_stride(const Emu *e, const Operand *o)
{
  switch ((OperandKind)o->kind) {
  case OP_MEM:
  case OP_CIRC: return o->stride / o->bytes;
  case OP_MEM4: return e->xdsrs[o->xdsr].stride[0];
  default: return 0;
  }
}

// By the stride in elements modulo 8 (machine 2.2); 0 and 1 run at full width. A stride of 2 or 6
// meets every other one of the 8 banks, which is the full width of WSE-2 and what was measured for
// 16-bit elements on WSE-3.
unsigned operand_stride_limit(const Emu *e, const Operand *o)
{
  int stride = element_stride(e, o);
  if (stride == 0 || stride == 1)
    return 0;
  switch ((unsigned)stride & 7) {
  case 0: return 1;
  case 1:
  case 4:
  case 7: return 2;
  case 2:
  case 6: return 8u / o->bytes;
  default: return 0;
  }
}
