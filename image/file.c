// Whole files, and the room's one way to say that a file is malformed.
#include "image/internal.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void image_bad(Diags *diags, const char *path, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  const char *why = arena_vprintf(&diags->arena, fmt, args);
  va_end(args);
  DIAG_AT(diags, image_bad, (SrcRange){0}, path, why);
}

static bool read_all(FILE *in, size_t limit, uint8_t **out)
{
  uint8_t chunk[65536];
  size_t n;
  while ((n = fread(chunk, 1, sizeof chunk, in)) > 0 && arrlenu(*out) <= limit)
    bytes_put(out, chunk, n);
  return !ferror(in);
}

bool file_load(const char *path, size_t limit, uint8_t **out, Diags *diags)
{
  FILE *in = fopen(path, "rb");
  bool ok = in && read_all(in, limit, out);
  if (!ok)
    DIAG_AT(diags, cannot_read, (SrcRange){0}, path, strerror(errno));
  else if (arrlenu(*out) > limit)
    image_bad(diags, path, "larger than any such file can be");
  if (in)
    fclose(in);
  if (ok && arrlenu(*out) <= limit)
    return true;
  arrfree(*out);
  return false;
}

bool file_store(const char *path, const void *bytes, size_t size, Diags *diags)
{
  FILE *out = fopen(path, "wb");
  bool ok = out && fwrite(bytes, 1, size, out) == size;
  if (out && fclose(out) != 0)
    ok = false;
  if (!ok)
    DIAG_AT(diags, cannot_write, (SrcRange){0}, path, strerror(errno));
  return ok;
}
