// Little-endian bytes; see bytes.h.
#include "image/bytes.h"
#include <stb/stb_ds.h>
#include <string.h>

void bytes_put(uint8_t **out, const void *p, size_t n)
{
  if (n)
    memcpy(arraddnptr(*out, n), p, n);
}

void bytes_put16(uint8_t **out, uint32_t v)
{
  arrput(*out, (uint8_t)v);
  arrput(*out, (uint8_t)(v >> 8));
}

void bytes_put32(uint8_t **out, uint32_t v)
{
  bytes_put16(out, v);
  bytes_put16(out, v >> 16);
}

void bytes_put64(uint8_t **out, uint64_t v)
{
  bytes_put32(out, (uint32_t)v);
  bytes_put32(out, (uint32_t)(v >> 32));
}

void bytes_put_text(uint8_t **out, const char *s)
{
  bytes_put(out, s, strlen(s) + 1);
}

void bytes_align(uint8_t **out, size_t align)
{
  while (arrlenu(*out) % align)
    arrput(*out, 0);
}

void bytes_set32(uint8_t *at, uint32_t v)
{
  for (unsigned i = 0; i < 4; i++)
    at[i] = (uint8_t)(v >> 8 * i);
}

uint32_t bytes_at32(const uint8_t *p)
{
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

const uint8_t *bytes_get(ByteReader *r, size_t n)
{
  if (r->bad || n > r->size - r->pos) {
    r->bad = true;
    return NULL;
  }
  const uint8_t *at = r->p + r->pos;
  r->pos += n;
  return at;
}

uint32_t bytes_get16(ByteReader *r)
{
  const uint8_t *p = bytes_get(r, 2);
  return p ? p[0] | (uint32_t)p[1] << 8 : 0;
}

uint32_t bytes_get32(ByteReader *r)
{
  const uint8_t *p = bytes_get(r, 4);
  return p ? bytes_at32(p) : 0;
}

uint64_t bytes_get64(ByteReader *r)
{
  uint64_t lo = bytes_get32(r);
  return lo | (uint64_t)bytes_get32(r) << 32;
}

const char *bytes_get_text(ByteReader *r, Arena *arena)
{
  const uint8_t *end = r->bad ? NULL : memchr(r->p + r->pos, 0, r->size - r->pos);
  if (!end) {
    r->bad = true;
    return "";
  }
  const char *text = (const char *)r->p + r->pos;
  size_t len = (size_t)(end - r->p) - r->pos;
  r->pos += len + 1;
  return arena_strndup(arena, text, len);
}

uint32_t bytes_crc(const void *p, size_t n)
{
  const uint8_t *b = p;
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < n; i++) {
    crc ^= b[i];
    for (unsigned k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}
