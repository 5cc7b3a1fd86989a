// libweft: copies and streaming transfers between host arrays and tiles (host 6).
#include "host/internal.h"
#include <inttypes.h>
#include <stb/stb_ds.h>

typedef struct Transfer {
  Weft *w;
  const char *what; // "memcpy_h2d" or "memcpy_d2h"
  bool to_host;
  const WeftCopy *copy;
} Transfer;

// Every how many tiles take part.
static uint32_t stride(uint32_t given)
{
  return given ? given : 1;
}

static bool strided(const WeftCopy *c)
{
  return stride(c->row_stride) != 1 || stride(c->col_stride) != 1;
}

static uint32_t columns(const WeftCopy *c)
{
  return c->width ? (c->width - 1) / stride(c->row_stride) + 1 : 0;
}

static uint32_t rows(const WeftCopy *c)
{
  return c->height ? (c->height - 1) / stride(c->col_stride) + 1 : 0;
}

static EmuRegion region_of(const WeftCopy *c)
{
  // A stride beyond the region leaves its first column or row.
  uint32_t every_x = c->row_stride < c->width ? c->row_stride : c->width;
  uint32_t every_y = c->col_stride < c->height ? c->col_stride : c->height;
  return (EmuRegion){c->x, c->y, c->width, c->height, every_x, every_y};
}

static int check_options(const Transfer *t)
{
  const WeftCopy *c = t->copy;
  if (c->type != WEFT_32BIT && c->type != WEFT_16BIT)
    return lib_fail(t->w, "%s: illegal data type option for memcpy (%d)", t->what, (int)c->type);
  if (c->order != WEFT_ROW_MAJOR && c->order != WEFT_COL_MAJOR)
    return lib_fail(t->w, "%s: illegal order option for memcpy (%d)", t->what, (int)c->order);
  if (strided(c) && (c->streaming || c->spread != WEFT_COPY))
    return lib_fail(t->w, "%s: strides need copy mode, not %s", t->what,
                    c->streaming ? "streaming" : "a broadcast");
  if (c->spread == WEFT_COPY)
    return 0;
  if (t->to_host || (c->spread != WEFT_ROW_BROADCAST && c->spread != WEFT_COL_BROADCAST))
    return lib_fail(t->w, "%s: illegal broadcast option for memcpy (%d)", t->what, (int)c->spread);
  return c->streaming ? lib_fail(t->w, "%s: a broadcast needs copy mode, not streaming", t->what)
                      : 0;
}

static int check_region(const Transfer *t)
{
  const WeftCopy *c = t->copy;
  const Image *img = t->w->img;
  if ((uint64_t)c->x + c->width <= img->width && (uint64_t)c->y + c->height <= img->height)
    return 0;
  return lib_fail(t->w,
                  "%s: %s subrectangle must be inside the core rectangle: %u x %u tiles from "
                  "(%u, %u) on are not, it has %u x %u",
                  t->what, t->to_host ? "d2h" : "h2d", c->width, c->height, c->x, c->y, img->width,
                  img->height);
}

// Tiles that have data of their own in the host array.
static uint64_t blocks(const WeftCopy *c)
{
  switch (c->spread) {
  case WEFT_ROW_BROADCAST: return c->height;
  case WEFT_COL_BROADCAST: return c->width;
  default: return (uint64_t)columns(c) * rows(c);
  }
}

static int check_size(const Transfer *t, size_t words)
{
  const WeftCopy *c = t->copy;
  uint64_t tiles = blocks(c), expected;
  if (!__builtin_mul_overflow(tiles, (uint64_t)c->count, &expected) && expected == words)
    return 0;
  return lib_fail(t->w,
                  "%s: wrong array size: the host array has %zu elements of 4 bytes, but %" PRIu64
                  " tile(s) with %u element(s) each need %" PRIu64,
                  t->what, words, tiles, c->count, tiles * c->count);
}

static int check_symbol(const Transfer *t, int symbol)
{
  const ImageExport *exports = t->w->img->exports;
  if (symbol < 0 || symbol >= arrlen(exports))
    return lib_fail(t->w, "%s: %d is not the id of an exported symbol", t->what, symbol);
  const ImageExport *e = &exports[symbol];
  if (e->kind != EXPORT_DATA)
    return lib_fail(t->w, "%s: \"%s\" is not data, it cannot be copied", t->what, e->name);
  if (e->type[0] != '*' && e->type[0] != '[')
    return lib_fail(t->w, "%s: \"%s\" is a %s, no pointer to what could be copied", t->what,
                    e->name, e->type);
  if (!t->to_host && !e->mutable_)
    return lib_fail(t->w, "%s: \"%s\" is exported as immutable, the host may not write it", t->what,
                    e->name);
  return 0;
}

// Every tile that takes part has the symbol; not all programs need to.
static int check_tiles(const Transfer *t, int symbol)
{
  const WeftCopy *c = t->copy;
  for (uint32_t row = 0; row < rows(c); row++)
    for (uint32_t column = 0; column < columns(c); column++) {
      uint32_t x = c->x + column * stride(c->row_stride), y = c->y + row * stride(c->col_stride);
      if (!emu_exports(t->w->emu, x, y, (uint32_t)symbol))
        return lib_fail(t->w, "%s: the program of tile (%u, %u) does not export \"%s\"", t->what, x,
                        y, t->w->img->exports[symbol].name);
    }
  return 0;
}

static int check_color(const Transfer *t, int color)
{
  const ImageStream *streams = t->w->img->streams;
  for (ptrdiff_t i = 0; i < arrlen(streams); i++)
    if (streams[i].color == color && streams[i].to_host == t->to_host)
      return 0;
  return lib_fail(t->w,
                  "%s: unknown color %d: no %s streaming color of this program has this number",
                  t->what, color, t->to_host ? "device-to-host" : "host-to-device");
}

static int check(const Transfer *t, int symbol, size_t words)
{
  if (lib_need_running(t->w, t->what) || check_options(t) || check_region(t) ||
      check_size(t, words))
    return -1;
  if (t->copy->streaming)
    return check_color(t, symbol);
  return check_symbol(t, symbol) || check_tiles(t, symbol) ? -1 : 0;
}

// Word of element k of tile (x, y) in the host array, as factors (host 6.3).
static EmuLayout layout_of(const WeftCopy *c)
{
  size_t w = c->spread == WEFT_ROW_BROADCAST ? 1 : columns(c);
  size_t h = c->spread == WEFT_COL_BROADCAST ? 1 : rows(c);
  EmuLayout l = c->order == WEFT_ROW_MAJOR ? (EmuLayout){c->count, w * c->count, 1}
                                           : (EmuLayout){h, 1, w * h};
  if (c->spread == WEFT_ROW_BROADCAST)
    l.per_x = 0;
  if (c->spread == WEFT_COL_BROADCAST)
    l.per_y = 0;
  return l;
}

// Enters a checked transfer that has something to do: from `src`, or to `dst` of the host.
static EmuTicket enter(const Transfer *t, uint32_t symbol, const uint32_t *src, uint32_t *dst)
{
  const WeftCopy *c = t->copy;
  Emu *e = t->w->emu;
  EmuRegion r = region_of(c);
  EmuLayout l = layout_of(c);
  bool half = c->type == WEFT_16BIT;
  if (c->streaming)
    return t->to_host ? emu_stream_out(e, symbol, r, c->count, l, dst)
                      : emu_stream_in(e, symbol, r, c->count, l, src);
  return t->to_host ? emu_copy_out(e, symbol, r, c->count, half, l, dst)
                    : emu_copy_in(e, symbol, r, c->count, half, l, src);
}

static int transfer(const Transfer *t, int symbol, const uint32_t *src, uint32_t *dst, size_t words,
                    WeftTask *task)
{
  if (check(t, symbol, words))
    return -1;
  if (words > 0)
    return lib_finish(t->w, enter(t, (uint32_t)symbol, src, dst), t->copy->nonblock, task, t->what);
  if (task)
    *task = 0;
  return 0;
}

int weft_h2d(Weft *w, int symbol, const uint32_t *data, size_t words, const WeftCopy *c,
             WeftTask *task)
{
  return transfer(&(Transfer){w, "memcpy_h2d", false, c}, symbol, data, NULL, words, task);
}

int weft_d2h(Weft *w, int symbol, uint32_t *data, size_t words, const WeftCopy *c, WeftTask *task)
{
  return transfer(&(Transfer){w, "memcpy_d2h", true, c}, symbol, NULL, data, words, task);
}

// Streams of SdkLayout programs have ports; no image that can be made today has one.
static int no_port(Weft *w, const char *what, const char *port)
{
  return lib_need_running(w, what)
             ? -1
             : lib_fail(w, "%s: this program has no port named \"%s\"", what, port);
}

int weft_send(Weft *w, const char *port, const uint32_t *data, size_t words, bool nonblock,
              WeftTask *task)
{
  (void)data, (void)words, (void)nonblock, (void)task;
  return no_port(w, "send", port);
}

int weft_receive(Weft *w, const char *port, uint32_t *data, size_t words, bool nonblock,
                 WeftTask *task)
{
  (void)data, (void)words, (void)nonblock, (void)task;
  return no_port(w, "receive", port);
}
