// libweft: looking inside: symbols, snapshot, geometry, statistics (host 11).
#include "host/internal.h"
#include "support/out_file.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static const ImageClass *class_at(const Weft *w, uint32_t x, uint32_t y)
{
  const Image *img = w->img;
  if (x >= img->width || y >= img->height)
    return NULL;
  uint32_t n = img->tile_class[(size_t)y * img->width + x];
  return n == UINT32_MAX ? NULL : &img->classes[n];
}

// Bytes of [address, address + size) as tile (x, y) sees them, or NULL if no memory is there.
static const uint8_t *bytes_at(const Weft *w, const ImageClass *c, uint32_t x, uint32_t y,
                               const ImageSymbol *s)
{
  uint64_t end = (uint64_t)s->address + s->size;
  if (c->shared_bytes && s->address >= c->shared_base)
    return end <= (uint64_t)c->shared_base + c->shared_bytes
               ? c->shared + (s->address - c->shared_base)
               : NULL;
  uint32_t bytes = 0;
  const uint8_t *memory = emu_tile_memory(w->emu, x, y, &bytes);
  return memory && end <= bytes ? memory + s->address : NULL;
}

const uint8_t *weft_read_symbol(Weft *w, uint32_t x, uint32_t y, const char *name, size_t *size)
{
  *size = 0;
  if (!w->emu) {
    lib_fail(w, "read_symbol: load() has not been called");
    return NULL;
  }
  const ImageClass *c = class_at(w, x, y);
  if (!c) {
    lib_fail(w, "read_symbol: tile (%u, %u) has no program", x, y);
    return NULL;
  }
  const ImageSymbol *s = image_symbol_named(c, name);
  if (!s || s->function) {
    lib_fail(w,
             "read_symbol: tile (%u, %u) has no variable named \"%s\"; one that the program never "
             "uses is there only if it is exported",
             x, y, name);
    return NULL;
  }
  const uint8_t *bytes = bytes_at(w, c, x, y, s);
  if (!bytes)
    lib_fail(w, "read_symbol: \"%s\" of tile (%u, %u) lies outside its memory", name, x, y);
  else
    *size = s->size;
  return bytes;
}

const char *weft_text(Weft *w, uint32_t x, uint32_t y, uint32_t number)
{
  const ImageClass *c = class_at(w, x, y);
  if (!c || number >= arrlenu(c->strings)) {
    lib_fail(w, "tile (%u, %u) has no text %u", x, y, number);
    return NULL;
  }
  return c->strings[number];
}

static void put_word(FILE *out, uint32_t v)
{
  const uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
  fwrite(b, 1, sizeof b, out);
}

// "WEFTSNAP", format 1, width, height, then row by row for each tile: byte count (0 = no program)
// and the bytes.
static void write_tiles(const Weft *w, FILE *out)
{
  const Image *img = w->img;
  fwrite("WEFTSNAP", 1, 8, out);
  put_word(out, 1);
  put_word(out, img->width);
  put_word(out, img->height);
  for (uint32_t y = 0; y < img->height; y++)
    for (uint32_t x = 0; x < img->width; x++) {
      uint32_t bytes = 0;
      const uint8_t *memory = emu_tile_memory(w->emu, x, y, &bytes);
      put_word(out, memory ? bytes : 0);
      if (memory)
        fwrite(memory, 1, bytes, out);
    }
}

int weft_write_snapshot(Weft *w, const char *path)
{
  if (!w->emu)
    return lib_fail(w, "cannot dump core before load()");
  OutFile f;
  bool ok = out_file_open(&f, path);
  if (ok) {
    write_tiles(w, f.out);
    ok = out_file_close(&f, true);
  }
  return ok ? 0 : lib_fail(w, "cannot dump core: %s: %s", path, strerror(errno));
}

void weft_geometry(const Weft *w, uint32_t *width, uint32_t *height, uint32_t *offset_x,
                   uint32_t *offset_y)
{
  *width = w->img->width;
  *height = w->img->height;
  *offset_x = w->img->offset_x;
  *offset_y = w->img->offset_y;
}

const char *weft_arch(const Weft *w)
{
  return arch_get(w->img->arch)->name;
}

bool weft_has_memcpy(const Weft *w)
{
  return w->img->memcpy;
}

const char *weft_waits(Weft *w)
{
  free(w->waits);
  w->waits = w->emu ? emu_waits_json(w->emu) : NULL;
  return w->waits;
}

const char *weft_leftovers(Weft *w)
{
  free(w->leftovers);
  w->leftovers = w->state == LIB_STOPPED ? emu_leftovers(w->emu) : NULL;
  return w->leftovers;
}

const char *weft_timing(const Weft *w)
{
  return w->emu ? w->timing : NULL;
}

typedef struct Wanted {
  const char *name;
  int value;
} Wanted;

static void compare(void *arg, const char *name, uint32_t value, const char *source)
{
  Wanted *want = arg;
  (void)source;
  if (strcmp(name, want->name) == 0)
    want->value = (int)value;
}

int weft_timing_value(const Weft *w, const char *name)
{
  Wanted want = {name, -1};
  if (w->emu)
    costs_each(emu_costs(w->emu), compare, &want);
  return want.value;
}

uint64_t weft_cycle(const Weft *w)
{
  return w->emu ? emu_cycle(w->emu) : 0;
}

void weft_stats(const Weft *w, WeftStats *out)
{
  const Image *img = w->img;
  *out = (WeftStats){.wall_seconds = w->wall_seconds};
  if (!w->emu)
    return;
  out->cycles = emu_cycle(w->emu);
  out->wavelet_hops = emu_hops(w->emu);
  for (uint32_t y = 0; y < img->height; y++)
    for (uint32_t x = 0; x < img->width; x++) {
      if (!class_at(w, x, y))
        continue;
      EmuTileStats s = emu_tile_stats(w->emu, x, y);
      out->tiles++;
      out->instructions += s.instructions;
      out->dsd_elements += s.dsd_elements;
      out->busy_tile_cycles += s.busy;
    }
}

int weft_tile_stats(const Weft *w, uint32_t x, uint32_t y, WeftTileStats *out)
{
  *out = (WeftTileStats){0};
  if (!w->emu || !class_at(w, x, y))
    return -1;
  EmuTileStats s = emu_tile_stats(w->emu, x, y);
  uint64_t cycles = emu_cycle(w->emu), used = s.busy + s.stalled;
  *out = (WeftTileStats){.busy = s.busy,
                         .stalled = s.stalled,
                         .idle = cycles > used ? cycles - used : 0,
                         .wavelets_in = s.wavelets_in,
                         .wavelets_out = s.wavelets_out};
  return 0;
}
