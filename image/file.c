// Whole files, and the room's one way to say that a file is malformed.
#include "image/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void image_bad(Diags *diags, const char *path, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  const char *why = arena_vprintf(&diags->arena, fmt, args);
  va_end(args);
  DIAG_AT(diags, image_bad, (SrcRange){0}, path, why);
}

static bool read_all(int in, size_t limit, uint8_t **out)
{
  enum { CHUNK = 1 << 16 };
  ssize_t n;
  do {
    uint8_t *to = arraddnptr(*out, CHUNK);
    n = read(in, to, CHUNK);
    arrsetlen(*out, arrlenu(*out) - CHUNK + (size_t)(n > 0 ? n : 0));
  } while (n > 0 && arrlenu(*out) <= limit);
  return n >= 0;
}

// A pipe would have the reader wait for ever, a device might never end.
static bool is_part(int in, const char *path, Diags *diags)
{
  struct stat st;
  if (fstat(in, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
    return true;
  image_bad(diags, path, "not a regular file");
  return false;
}

bool file_load(const char *path, size_t limit, uint8_t **out, Diags *diags)
{
  int in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  bool part = in < 0 || is_part(in, path, diags);
  bool ok = in >= 0 && part && read_all(in, limit, out);
  if (!ok && part)
    DIAG_AT(diags, cannot_read, (SrcRange){0}, path, strerror(errno));
  else if (ok && arrlenu(*out) > limit)
    image_bad(diags, path, "larger than any such file can be");
  if (in >= 0)
    close(in);
  if (ok && arrlenu(*out) <= limit)
    return true;
  arrfree(*out);
  return false;
}

bool file_put(const char *path, const void *bytes, size_t size)
{
  FILE *out = fopen(path, "wb");
  bool ok = out && (size == 0 || fwrite(bytes, 1, size, out) == size);
  int error = errno;
  if (out && fclose(out) != 0 && ok) {
    ok = false;
    error = errno;
  }
  errno = error;
  return ok;
}
