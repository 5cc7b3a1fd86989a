// Streams between host and fabric: wavelets that enter and leave through the HOST ports of tiles
// (host 6.5, 8, 9). Requests of one colour and direction are served in order; each tile goes at its
// own pace.
#include "emulator/hostport.h"
#include "emulator/trace.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

static uint32_t *moved_at(const Emu *e, const Stream *s, uint32_t tile)
{
  uint32_t x = tile % e->width - s->region.x, y = tile / e->width - s->region.y;
  return &s->moved[(size_t)y * s->region.width + x];
}

// The incomplete stream that the tile takes part in next; NULL = none.
static Stream *stream_at(const Emu *e, bool to_host, uint32_t color, uint32_t tile)
{
  uint32_t *list = e->host->of_color[to_host][color];
  for (ptrdiff_t i = 0; i < arrlen(list); i++) {
    Stream *s = &e->host->streams[list[i]];
    if (region_has(&s->region, tile % e->width, tile / e->width) &&
        *moved_at(e, s, tile) < s->count)
      return s;
  }
  return NULL;
}

static void complete(HostPort *h, Stream *s)
{
  uint32_t *list = h->of_color[s->to_host][s->color];
  for (ptrdiff_t i = 0; i < arrlen(list); i++) {
    if (&h->streams[list[i]] == s) {
      arrdel(h->of_color[s->to_host][s->color], i);
      break;
    }
  }
  free(s->moved);
  s->moved = NULL;
}

// Index in the host array of the tile's next word, which is then counted as moved.
static size_t next_index(Emu *e, Stream *s, uint32_t tile)
{
  uint32_t k = (*moved_at(e, s, tile))++;
  size_t x = tile % e->width - s->region.x, y = tile / e->width - s->region.y;
  return x * s->layout.per_x + y * s->layout.per_y + k * s->layout.per_k;
}

static void one_moved(Emu *e, Stream *s)
{
  if (--e->host->left[s->ticket] == 0)
    complete(e->host, s);
}

bool host_supply(Emu *e, uint32_t tile, uint32_t color, uint32_t *word)
{
  Stream *s = stream_at(e, false, color, tile);
  if (!s)
    return false;
  *word = s->src[next_index(e, s, tile)];
  one_moved(e, s);
  return true;
}

bool host_collect(Emu *e, uint32_t tile, uint32_t color, uint32_t word)
{
  Stream *s = stream_at(e, true, color, tile);
  if (!s)
    return false;
  s->dst[next_index(e, s, tile)] = word;
  one_moved(e, s);
  return true;
}

static EmuTicket add(Emu *e, Stream s)
{
  HostPort *h = e->host;
  host_check_region(e, &s.region);
  if (s.color >= MAX_COLORS)
    PANIC("colour %u", s.color);
  uint64_t tiles = (uint64_t)s.region.width * s.region.height;
  s.ticket = host_ticket(h, tiles * s.count);
  if (e->trace)
    trace_host(e);
  if (tiles * s.count == 0)
    return s.ticket;
  s.moved = mem_zeroed(tiles, sizeof *s.moved);
  if (!s.to_host) {
    h->streamed = true;
    host_before_stream(e);
  }
  arrput(h->of_color[s.to_host][s.color], (uint32_t)arrlen(h->streams));
  arrput(h->streams, s);
  for (uint32_t y = s.region.y; y < s.region.y + s.region.height; y++) {
    for (uint32_t x = s.region.x; x < s.region.x + s.region.width; x++) {
      if (s.to_host)
        fab_retry(e, tile_at(e, x, y));
      else if (!fab_inject(e, tile_at(e, x, y), s.color))
        return s.ticket;
    }
  }
  return s.ticket;
}

EmuTicket emu_stream_in(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                        const uint32_t *src)
{
  return add(e, (Stream){.color = color, .count = count, .region = r, .layout = l, .src = src});
}

EmuTicket emu_stream_out(Emu *e, uint32_t color, EmuRegion r, uint32_t count, EmuLayout l,
                         uint32_t *dst)
{
  return add(
      e,
      (Stream){
          .to_host = true, .color = color, .count = count, .region = r, .layout = l, .dst = dst});
}

void host_free_streams(HostPort *h)
{
  for (ptrdiff_t i = 0; i < arrlen(h->streams); i++)
    free(h->streams[i].moved);
  arrfree(h->streams);
  for (unsigned out = 0; out < 2; out++)
    for (unsigned c = 0; c < MAX_COLORS; c++)
      arrfree(h->of_color[out][c]);
}
