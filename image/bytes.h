// Little-endian bytes: growing output and bounds-checked input, used by every binary part of an
// image.
#ifndef WEFT_IMAGE_BYTES_H
#define WEFT_IMAGE_BYTES_H
#include "support/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- output: `out` is an stb_ds array of bytes ----
void bytes_put(uint8_t **out, const void *p, size_t n);
void bytes_put16(uint8_t **out, uint32_t v);
void bytes_put32(uint8_t **out, uint32_t v);
void bytes_put64(uint8_t **out, uint64_t v);
void bytes_put_text(uint8_t **out, const char *s); // with its NUL
void bytes_align(uint8_t **out, size_t align);     // zeros up to a multiple of align
void bytes_set32(uint8_t *at, uint32_t v);

// ---- input: a read past the end gives 0 and sets `bad`, so that callers check once ----
typedef struct ByteReader {
  const uint8_t *p;
  size_t size, pos;
  bool bad;
} ByteReader;
uint32_t bytes_get16(ByteReader *r);
uint32_t bytes_get32(ByteReader *r);
uint64_t bytes_get64(ByteReader *r);
// `n` bytes in place, or NULL and `bad`.
const uint8_t *bytes_get(ByteReader *r, size_t n);
// A NUL-terminated text, copied; "" and `bad` if no NUL follows.
const char *bytes_get_text(ByteReader *r, Arena *arena);
uint32_t bytes_at32(const uint8_t *p);

// CRC-32 (the one of zlib and PNG).
uint32_t bytes_crc(const void *p, size_t n);
#endif
