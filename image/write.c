// The files of an image folder; publish.c puts them into place.
#include "image/elf.h"
#include "image/internal.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Writer {
  Arena arena;
  ImageFile
      *files; // stb_ds; the manifest is the last one: a folder without all of it does not load
  Diags *diags;
} Writer;

static uint32_t add(Writer *w, const char *path, uint8_t *bytes)
{
  arrput(w->files, ((ImageFile){path, bytes}));
  return bytes_crc(bytes, arrlenu(bytes));
}

static void add_text(Writer *w, const char *path, char *text)
{
  uint8_t *bytes = NULL;
  bytes_put(&bytes, text, strlen(text));
  arrput(bytes, '\n');
  free(text);
  add(w, path, bytes);
}

static const char *lines_path(Arena *arena, const char *elf)
{
  return arena_printf(arena, "%.*s.lines", (int)(strlen(elf) - strlen(".elf")), elf);
}

static uint8_t *elf_of(const ImageClass *c)
{
  if (!c->elf_bytes)
    return elf_write(c, NULL, 0);
  uint8_t *bytes = NULL;
  bytes_put(&bytes, c->elf_bytes, c->elf_size);
  return bytes;
}

// All contents are made before anything touches the disk.
static bool collect(Writer *w, const Image *img)
{
  uint32_t *sums = NULL;
  arrput(sums, add(w, "tiles.bin", tiles_write(img)));
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++) {
    const ImageClass *c = &img->classes[i];
    arrput(sums, add(w, c->elf, elf_of(c)));
    arrput(sums, add(w, lines_path(&w->arena, c->elf), lines_write(c)));
  }
  add_text(w, "bin/out_rpc.json", json_exports(img));
  add_text(w, "out.json", json_metadata(img));
  uint8_t *manifest = manifest_write(img, sums, w->diags);
  if (manifest)
    add(w, "weft.xml", manifest);
  arrfree(sums);
  return manifest != NULL;
}

bool image_write(const Image *img, const char *dir, Diags *diags)
{
  Writer w = {.diags = diags};
  bool ok = collect(&w, img) && image_publish(dir, w.files, diags);
  for (ptrdiff_t i = 0; i < arrlen(w.files); i++)
    arrfree(w.files[i].bytes);
  arrfree(w.files);
  arena_free(&w.arena);
  return ok;
}
