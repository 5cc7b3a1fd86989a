// Reading an image folder. What is in it is not trusted: every file is checked against its
// checksum, its own format and then, all together, by image_validate.
#include "image/elf.h"
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <string.h>
#include <unistd.h>

enum { MANIFEST_LIMIT = 16 << 20, PROGRAM_LIMIT = 64 << 20, TILES_LIMIT = 1 << 30 };

typedef struct Reader {
  Image *img;
  const char *dir;
  Diags *diags;
} Reader;

static const char *join(Reader *r, const char *name)
{
  return arena_printf(&r->img->arena, "%s/%s", r->dir, name);
}

static bool load(Reader *r, const char *path, size_t limit, uint32_t checksum, uint8_t **out)
{
  if (!file_load(path, limit, out, r->diags))
    return false;
  if (bytes_crc(*out, arrlenu(*out)) == checksum)
    return true;
  image_bad(r->diags, path, "it is not the file that the manifest describes (checksum)");
  arrfree(*out);
  return false;
}

static bool read_class(Reader *r, ImageClass *c, const uint32_t *sums)
{
  uint8_t *bytes = NULL;
  Arena *arena = &r->img->arena;
  const char *path = join(r, c->elf);
  bool ok = load(r, path, PROGRAM_LIMIT, sums[0], &bytes) &&
            elf_read(bytes, arrlenu(bytes), path, arena, c, r->diags);
  arrfree(bytes);
  if (!ok)
    return false;
  path = arena_printf(arena, "%.*s.lines", (int)(strlen(path) - strlen(".elf")), path);
  ok = load(r, path, PROGRAM_LIMIT, sums[1], &bytes) &&
       lines_read(bytes, arrlenu(bytes), path, arena, c, r->diags);
  arrfree(bytes);
  return ok;
}

static bool read_manifest(Reader *r, uint32_t **sums)
{
  uint8_t *bytes = NULL;
  const char *path = join(r, "weft.xml");
  bool ok = file_load(path, MANIFEST_LIMIT, &bytes, r->diags) &&
            manifest_read(bytes, arrlenu(bytes), path, r->img, sums, r->diags);
  arrfree(bytes);
  return ok;
}

static bool read_tiles(Reader *r, uint32_t checksum)
{
  uint8_t *bytes = NULL;
  const char *path = join(r, "tiles.bin");
  bool ok = load(r, path, TILES_LIMIT, checksum, &bytes) &&
            tiles_read(bytes, arrlenu(bytes), path, r->img, r->diags);
  arrfree(bytes);
  return ok;
}

static bool read_all(Reader *r, uint32_t **sums)
{
  if (!read_manifest(r, sums))
    return false;
  for (ptrdiff_t i = 0; i < arrlen(r->img->classes); i++)
    if (!read_class(r, &r->img->classes[i], *sums + 1 + 2 * i))
      return false;
  return read_tiles(r, (*sums)[0]) && image_validate(r->img, r->dir, r->diags);
}

// There is no image at all, or its parts do not belong together.
static void say_what_to_do(Reader *r)
{
  if (access(join(r, "weft.xml"), F_OK) != 0)
    diag_note(r->diags, (SrcRange){0},
              "a compiled program is a folder, the one that was given to 'cslc -o'");
  else
    diag_note(r->diags, (SrcRange){0},
              "compile the program again: the files in %s must be those of one compilation",
              r->dir);
}

Image *image_read(const char *dir, Diags *diags)
{
  Reader r = {.img = image_new(), .dir = dir, .diags = diags};
  uint32_t *sums = NULL;
  bool ok = read_all(&r, &sums);
  arrfree(sums);
  if (ok)
    return r.img;
  say_what_to_do(&r);
  image_free(r.img);
  return NULL;
}
