// tiles.bin: what each tile of the rectangle runs, its route words and its constants. Little-endian
// words:
//   "WEFTTILE", format, width, height, number of route sets, number of runs, number of constants
//   route set:  24 route words (64 bits), 8 filters (16 bytes each)
//   run:        length, class, route set      tiles in row-major order
//   constants:  one word each, tile by tile; how many a tile has is what its class says
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <string.h>

static const char magic[8] = "WEFTTILE";
enum { FILTERS = 8, MAX_TILES = 1 << 22 };

static void put_filter(uint8_t **b, const Filter *f)
{
  arrput(*b, f->kind);
  arrput(*b, f->color);
  arrput(*b, (uint8_t)(f->count_data | f->count_control << 1 | f->filter_control << 2 |
                       f->has_limit1 << 3 | f->has_limit2 << 4));
  arrput(*b, 0);
  bytes_put16(b, f->init_counter);
  bytes_put16(b, f->limit1);
  bytes_put16(b, f->limit2);
  bytes_put16(b, f->max_counter);
  bytes_put32(b, 0);
}

static Filter get_filter(ByteReader *in)
{
  Filter f = {0};
  const uint8_t *p = bytes_get(in, 4);
  if (!p)
    return f;
  f.kind = p[0];
  f.color = p[1];
  f.count_data = p[2] & 1;
  f.count_control = p[2] >> 1 & 1;
  f.filter_control = p[2] >> 2 & 1;
  f.has_limit1 = p[2] >> 3 & 1;
  f.has_limit2 = p[2] >> 4 & 1;
  f.init_counter = (uint16_t)bytes_get16(in);
  f.limit1 = (uint16_t)bytes_get16(in);
  f.limit2 = (uint16_t)bytes_get16(in);
  f.max_counter = (uint16_t)bytes_get16(in);
  bool spare = bytes_get32(in) != 0 || p[3] || p[2] >> 5;
  in->bad |= spare || f.kind > FILTER_RANGE || f.color >= MAX_COLORS;
  return f;
}

static void put_route_sets(uint8_t **b, const Image *img)
{
  for (ptrdiff_t i = 0; i < arrlen(img->route_sets); i++) {
    for (unsigned c = 0; c < MAX_COLORS; c++)
      bytes_put64(b, img->route_sets[i].words[c]);
    for (unsigned k = 0; k < FILTERS; k++)
      put_filter(b, &img->route_sets[i].filters[k]);
  }
}

static uint32_t put_runs(uint8_t **b, const Image *img)
{
  uint32_t runs = 0;
  size_t tiles = (size_t)img->width * img->height;
  for (size_t at = 0, next; at < tiles; at = next) {
    for (next = at + 1; next < tiles; next++)
      if (img->tile_class[next] != img->tile_class[at] ||
          img->tile_routes[next] != img->tile_routes[at])
        break;
    bytes_put32(b, (uint32_t)(next - at));
    bytes_put32(b, img->tile_class[at]);
    bytes_put32(b, img->tile_routes[at]);
    runs++;
  }
  return runs;
}

uint8_t *tiles_write(const Image *img)
{
  uint8_t *b = NULL;
  bytes_put(&b, magic, sizeof magic);
  bytes_put32(&b, WEFT_IMAGE_FORMAT);
  bytes_put32(&b, img->width);
  bytes_put32(&b, img->height);
  bytes_put32(&b, (uint32_t)arrlenu(img->route_sets));
  size_t runs_at = arrlenu(b);
  bytes_put32(&b, 0);
  bytes_put32(&b, (uint32_t)arrlenu(img->const_words));
  put_route_sets(&b, img);
  uint32_t runs = put_runs(&b, img);
  bytes_set32(b + runs_at, runs);
  for (size_t i = 0; i < arrlenu(img->const_words); i++)
    bytes_put32(&b, img->const_words[i]);
  return b;
}

static void get_route_sets(ByteReader *in, Image *img, uint32_t n)
{
  for (; n && !in->bad; n--) {
    ImageRouteSet set = {0};
    for (unsigned c = 0; c < MAX_COLORS; c++) {
      Route r;
      set.words[c] = bytes_get64(in);
      in->bad |= !route_decode(set.words[c], &r) || r.filter > FILTERS;
    }
    for (unsigned k = 0; k < FILTERS; k++)
      set.filters[k] = get_filter(in);
    if (!in->bad)
      arrput(img->route_sets, set);
  }
}

static void get_runs(ByteReader *in, Image *img, uint32_t n)
{
  size_t tiles = (size_t)img->width * img->height, at = 0;
  for (; n && !in->bad; n--) {
    uint32_t length = bytes_get32(in), cls = bytes_get32(in), routes = bytes_get32(in);
    if (in->bad || length > tiles - at || routes >= arrlenu(img->route_sets) ||
        (cls != UINT32_MAX && cls >= arrlenu(img->classes))) {
      in->bad = true;
      return;
    }
    for (; length; length--, at++) {
      img->tile_class[at] = cls;
      img->tile_routes[at] = routes;
    }
  }
  in->bad |= at != tiles;
}

// Tiles take their constants in row-major order.
static void get_constants(ByteReader *in, Image *img, uint32_t n)
{
  size_t tiles = (size_t)img->width * img->height, next = 0;
  for (size_t t = 0; t < tiles && !in->bad; t++) {
    img->const_first[t] = (uint32_t)next;
    if (img->tile_class[t] != UINT32_MAX)
      next += arrlenu(img->classes[img->tile_class[t]].consts);
  }
  in->bad |= next != n || n > (in->size - in->pos) / 4;
  if (in->bad)
    return;
  arrsetlen(img->const_words, n);
  for (uint32_t i = 0; i < n; i++)
    img->const_words[i] = bytes_get32(in);
}

bool tiles_read(const uint8_t *bytes, size_t size, const char *path, Image *img, Diags *diags)
{
  ByteReader in = {.p = bytes, .size = size};
  const uint8_t *m = bytes_get(&in, sizeof magic);
  if (!m || memcmp(m, magic, sizeof magic) != 0 || bytes_get32(&in) != WEFT_IMAGE_FORMAT) {
    image_bad(diags, path, "not a tile table of this image format");
    return false;
  }
  uint32_t width = bytes_get32(&in), height = bytes_get32(&in), sets = bytes_get32(&in);
  uint32_t runs = bytes_get32(&in), constants = bytes_get32(&in);
  size_t tiles = (size_t)width * height;
  if (in.bad || width != img->width || height != img->height || tiles > MAX_TILES) {
    image_bad(diags, path, "its rectangle is not that of the manifest");
    return false;
  }
  img->tile_class = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  img->tile_routes = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  img->const_first = ARENA_ARRAY(&img->arena, uint32_t, tiles);
  get_route_sets(&in, img, sets);
  get_runs(&in, img, runs);
  get_constants(&in, img, constants);
  if (in.bad || in.pos != in.size)
    image_bad(diags, path, "bad tile table");
  return !in.bad && in.pos == in.size;
}
