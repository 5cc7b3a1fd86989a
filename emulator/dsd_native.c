// Whole operations over memory: operands become contiguous vectors, in place where they are,
// through a buffer where they are strided, boxes or rings; then a native loop runs over them.
#include "emulator/internal.h"

enum { CHUNK = 256 };

typedef struct Buffers { // for the operands of one chunk that are not contiguous
  uint32_t dest[CHUNK], a[CHUNK], b[CHUNK];
} Buffers;

// How many elements follow at a constant stride, the next one included; *stride in bytes.
static uint32_t run_length(const Emu *e, const Operand *o, int *stride)
{
  *stride = o->stride;
  if (o->kind == OP_MEM)
    return UINT32_MAX;
  const Xdsr *x = &e->xdsrs[o->xdsr];
  if (o->kind == OP_CIRC) {
    uint32_t end = x->wrap_base + (uint32_t)x->wrap_length * o->bytes;
    if (o->stride <= 0 || o->address >= end)
      return 1;
    return (end - o->address + (uint32_t)o->stride - 1) / (uint32_t)o->stride;
  }
  if (o->dims == 0)
    return 1;
  unsigned inner = o->dims - 1u;
  *stride = x->stride[0] * o->bytes;
  return o->index[inner] < x->extent[inner] ? (uint32_t)x->extent[inner] - o->index[inner] : 1;
}

// First byte of n elements at a constant stride, NULL if one of them is outside.
static uint8_t *range(const Window *w, const Operand *o, int stride, uint32_t n, bool write)
{
  int64_t first = o->address, last = first + (int64_t)stride * (n - 1);
  int64_t low = first < last ? first : last, high = (first < last ? last : first) + o->bytes;
  if (low < 0 || high > UINT16_MAX + 1 || o->address & 1)
    return NULL;
  uint32_t bytes = (uint32_t)(high - low);
  const uint8_t *p =
      write ? window_write(w, (uint32_t)low, bytes) : window_read(w, (uint32_t)low, bytes);
  return p ? (uint8_t *)p + (first - low) : NULL;
}

// Goes on by n elements of one run.
static void skip(const Emu *e, Operand *o, int stride, uint32_t n)
{
  if (o->kind == OP_MEM4 && o->dims) {
    o->index[o->dims - 1] = (uint16_t)(o->index[o->dims - 1] + n - 1);
    o->address = (uint16_t)(o->address + stride * (int)(n - 1));
  } else
    o->address = (uint16_t)(o->address + (uint32_t)stride * (n - 1));
  operand_seek_next(e, o);
}

static void copy_out(uint8_t *to, const uint8_t *from, int stride, uint32_t n, unsigned bytes)
{
  if (bytes == 2)
    for (uint32_t i = 0; i < n; i++)
      memcpy(to + 2 * i, from + (ptrdiff_t)stride * i, 2);
  else
    for (uint32_t i = 0; i < n; i++)
      memcpy(to + 4 * i, from + (ptrdiff_t)stride * i, 4);
}
static void copy_in(uint8_t *to, const uint8_t *from, int stride, uint32_t n, unsigned bytes)
{
  if (bytes == 2)
    for (uint32_t i = 0; i < n; i++)
      memcpy(to + (ptrdiff_t)stride * i, from + 2 * i, 2);
  else
    for (uint32_t i = 0; i < n; i++)
      memcpy(to + (ptrdiff_t)stride * i, from + 4 * i, 4);
}

// The next n elements of a source as a contiguous vector. False: an access would be outside
// (nothing is reported here).
static bool gather(const Emu *e, const Window *w, Operand *o, uint32_t n, uint32_t *buffer,
                   const void **out)
{
  uint8_t *to = (uint8_t *)buffer;
  *out = buffer;
  while (n) {
    int stride;
    uint32_t k = run_length(e, o, &stride);
    k = k < n ? k : n;
    const uint8_t *p = range(w, o, stride, k, false);
    if (!p)
      return false;
    if (k == n && stride == o->bytes && to == (uint8_t *)buffer && (uintptr_t)p % o->bytes == 0)
      *out = p;
    else
      copy_out(to, p, stride, k, o->bytes);
    skip(e, o, stride, k);
    to += (size_t)k * o->bytes;
    n -= k;
  }
  return true;
}

static bool scatter(const Emu *e, const Window *w, Operand *o, uint32_t n, const uint32_t *buffer)
{
  const uint8_t *from = (const uint8_t *)buffer;
  while (n) {
    int stride;
    uint32_t k = run_length(e, o, &stride);
    k = k < n ? k : n;
    uint8_t *p = range(w, o, stride, k, true);
    if (!p)
      return false;
    copy_in(p, from, stride, k, o->bytes);
    skip(e, o, stride, k);
    from += (size_t)k * o->bytes;
    n -= k;
  }
  return true;
}

// A destination that can be written where it is.
static void *in_place(const Window *w, const Operand *o, uint32_t n)
{
  if (o->kind != OP_MEM || o->stride != o->bytes)
    return NULL;
  uint8_t *p = range(w, o, o->stride, n, true);
  return (uintptr_t)p % o->bytes == 0 ? p : NULL;
}

// The bytes that n elements lie in; the whole memory for boxes and rings.
static void extent(const Operand *o, uint32_t n, int64_t *low, int64_t *high)
{
  int64_t last = o->address + (int64_t)o->stride * (n - 1);
  bool line = o->kind == OP_MEM;
  *low = line ? (o->stride < 0 ? last : o->address) : 0;
  *high = line ? (o->stride < 0 ? o->address : last) + o->bytes : UINT16_MAX;
}

// An element may be read after another one was written to its place: the operation has to run in
// order.
static bool ordered(const Thread *th, const Operand *src)
{
  if (src->kind <= OP_SCALAR)
    return false;
  const Operand *d = &th->dest;
  if (src->kind == OP_MEM && d->kind == OP_MEM && src->address == d->address &&
      src->stride == d->stride && src->bytes == d->bytes && d->stride)
    return false;
  int64_t low[2], high[2];
  extent(d, th->remaining, &low[0], &high[0]);
  extent(src, th->remaining, &low[1], &high[1]);
  return low[0] < high[1] && low[1] < high[0];
}

static bool source(const Emu *e, const Window *w, Operand *o, uint32_t n, uint32_t *buffer,
                   const void **p, bool *scalar)
{
  *scalar = o->kind <= OP_SCALAR;
  if (!*scalar)
    return gather(e, w, o, n, buffer, p);
  *p = &o->scalar; // an absent source reads as 0
  return true;
}

// The loops take one scalar at most.
static void repeat(DsdVector *v, uint32_t *buffer, unsigned bytes)
{
  for (uint32_t i = 0; i < v->n; i++)
    memcpy((uint8_t *)buffer + (size_t)i * bytes, v->b, bytes);
  v->b = buffer;
  v->b_scalar = false;
}

static bool run_chunk(Emu *e, uint32_t tile, const Window *w, Thread *th, uint32_t n,
                      Buffers *buffers)
{
  DsdVector v = {.n = n, .s = th->scalar, .half = e->img->fp16};
  if (!source(e, w, &th->a, n, buffers->a, &v.a, &v.a_scalar) ||
      !source(e, w, &th->b, n, buffers->b, &v.b, &v.b_scalar))
    return false;
  if (v.a_scalar && v.b_scalar)
    repeat(&v, buffers->b, th->b.bytes);
  void *direct = in_place(w, &th->dest, n);
  v.dest = direct ? direct : buffers->dest;
  dsd_run_vector((DsdOp)th->op, &v, &e->tiles[tile].carry);
  if (!direct)
    return scatter(e, w, &th->dest, n, buffers->dest);
  skip(e, &th->dest, th->dest.stride, n);
  return true;
}

// Boxes and rings that source and destination share would have to be compared element by element.
static bool suits(const Thread *th)
{
  const Operand *d = &th->dest;
  return !th->zero_a && !th->zero_b && !th->a.last_value &&
         (d->kind == OP_MEM || d->kind == OP_MEM4 || d->kind == OP_CIRC) && th->a.kind <= OP_CIRC &&
         th->b.kind <= OP_CIRC && !ordered(th, &th->a) && !ordered(th, &th->b);
}

uint32_t dsd_native(Emu *e, const Window *w, Thread *th)
{
  uint32_t done = 0;
  Buffers buffers;
  if (!suits(th))
    return 0;
  while (done < th->remaining) {
    uint32_t n = th->remaining - done < CHUNK ? th->remaining - done : CHUNK;
    const Thread before = *th;
    if (!run_chunk(e, th->tile, w, th, n, &buffers)) {
      *th = before; // the elements before the bad one, and the report, come one by one
      return done;
    }
    done += n;
  }
  return done;
}
