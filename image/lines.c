// The line table of a tile program: pc -> file:line. LLVM's C API has no DWARF reader, and the
// emulator needs none.
//   "WEFTLINE", format, number of files, their paths, number of lines, {pc, file, line} ascending
//   by pc; number of functions, {pc, file, line} likewise; number of inlined calls, {from, to,
//   file, line} ascending by from, outer calls first
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <string.h>

static const char magic[8] = "WEFTLINE";

static void put_places(uint8_t **b, const ImageLine *list)
{
  bytes_put32(b, (uint32_t)arrlenu(list));
  for (ptrdiff_t i = 0; i < arrlen(list); i++) {
    bytes_put32(b, list[i].pc);
    bytes_put32(b, list[i].file);
    bytes_put32(b, list[i].line);
  }
}

static void put_calls(uint8_t **b, const ImageCall *list)
{
  bytes_put32(b, (uint32_t)arrlenu(list));
  for (ptrdiff_t i = 0; i < arrlen(list); i++) {
    bytes_put32(b, list[i].from);
    bytes_put32(b, list[i].to);
    bytes_put32(b, list[i].file);
    bytes_put32(b, list[i].line);
  }
}

uint8_t *lines_write(const ImageClass *c)
{
  uint8_t *b = NULL;
  bytes_put(&b, magic, sizeof magic);
  bytes_put32(&b, WEFT_IMAGE_FORMAT);
  bytes_put32(&b, (uint32_t)arrlenu(c->files));
  for (ptrdiff_t i = 0; i < arrlen(c->files); i++)
    bytes_put_text(&b, c->files[i]);
  put_places(&b, c->lines);
  put_places(&b, c->functions);
  put_calls(&b, c->calls);
  return b;
}

static void get_places(ByteReader *in, size_t files, ImageLine **out)
{
  uint32_t last = 0;
  for (uint32_t n = bytes_get32(in); n && !in->bad; n--) {
    ImageLine l = {.pc = bytes_get32(in)};
    l.file = bytes_get32(in);
    l.line = bytes_get32(in);
    in->bad |= l.pc < last || l.file >= files;
    last = l.pc;
    if (!in->bad)
      arrput(*out, l);
  }
}

static void get_calls(ByteReader *in, size_t files, ImageCall **out)
{
  uint32_t last = 0;
  for (uint32_t n = bytes_get32(in); n && !in->bad; n--) {
    ImageCall c = {.from = bytes_get32(in)};
    c.to = bytes_get32(in);
    c.file = bytes_get32(in);
    c.line = bytes_get32(in);
    in->bad |= c.from < last || c.to < c.from || c.file >= files;
    last = c.from;
    if (!in->bad)
      arrput(*out, c);
  }
}

bool lines_read(const uint8_t *bytes, size_t size, const char *path, Arena *arena, ImageClass *out,
                Diags *diags)
{
  ByteReader in = {.p = bytes, .size = size};
  const uint8_t *m = bytes_get(&in, sizeof magic);
  if (!m || memcmp(m, magic, sizeof magic) != 0 || bytes_get32(&in) != WEFT_IMAGE_FORMAT) {
    image_bad(diags, path, "not a line table of this image format");
    return false;
  }
  for (uint32_t n = bytes_get32(&in); n && !in.bad; n--)
    arrput(out->files, bytes_get_text(&in, arena));
  get_places(&in, arrlenu(out->files), &out->lines);
  get_places(&in, arrlenu(out->files), &out->functions);
  get_calls(&in, arrlenu(out->files), &out->calls);
  if (in.bad || in.pos != in.size)
    image_bad(diags, path, "bad line table");
  return !in.bad && in.pos == in.size;
}
