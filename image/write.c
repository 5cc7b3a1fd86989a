// Writing an image folder: everything into a temporary folder beside it first, then into place by
// renaming.
#include "image/elf.h"
#include "image/internal.h"
#include <dirent.h>
#include <errno.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct File {
  const char *path; // below the folder
  uint8_t *bytes;   // stb_ds
} File;
typedef struct Writer {
  Arena arena;
  const char *dir, *temp;
  File *files; // stb_ds; the manifest is the last one: a folder without all of it does not load
  Diags *diags;
} Writer;

static bool failed(Writer *w, const char *path)
{
  DIAG_AT(w->diags, cannot_write, (SrcRange){0}, path, strerror(errno));
  return false;
}

static uint32_t add(Writer *w, const char *path, uint8_t *bytes)
{
  arrput(w->files, ((File){path, bytes}));
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

static const char *join(Writer *w, const char *dir, const char *name)
{
  return arena_printf(&w->arena, "%s/%s", dir, name);
}

static bool make_temp(Writer *w)
{
  for (unsigned n = 0; n < 1000; n++) {
    w->temp = arena_printf(&w->arena, "%s.tmp-%ld-%u", w->dir, (long)getpid(), n);
    if (mkdir(w->temp, 0777) == 0)
      return mkdir(join(w, w->temp, "bin"), 0777) == 0 || failed(w, w->temp);
    if (errno != EEXIST)
      break;
  }
  const char *dir = w->temp;
  w->temp = NULL;
  return failed(w, dir);
}

static bool store_all(Writer *w)
{
  for (ptrdiff_t i = 0; i < arrlen(w->files); i++) {
    const File *f = &w->files[i];
    if (!file_store(join(w, w->temp, f->path), f->bytes, arrlenu(f->bytes), w->diags))
      return false;
  }
  return true;
}

static void remove_temp(Writer *w)
{
  if (!w->temp)
    return;
  for (ptrdiff_t i = 0; i < arrlen(w->files); i++)
    unlink(join(w, w->temp, w->files[i].path));
  rmdir(join(w, w->temp, "bin"));
  rmdir(w->temp);
}

static bool is_ours(const char *name)
{
  unsigned x, y;
  int end = 0;
  sscanf(name, "out_%u_%u.%n", &x, &y, &end);
  return end && (strcmp(name + end, "elf") == 0 || strcmp(name + end, "lines") == 0);
}

static bool is_new(const Writer *w, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(w->files); i++)
    if (strncmp(w->files[i].path, "bin/", 4) == 0 && strcmp(w->files[i].path + 4, name) == 0)
      return true;
  return false;
}

// Programs of an earlier build would be found by scripts that glob bin/out_*.elf.
static void remove_stale(Writer *w)
{
  const char *bin = join(w, w->dir, "bin");
  DIR *d = opendir(bin);
  for (struct dirent *e; d && (e = readdir(d));)
    if (is_ours(e->d_name) && !is_new(w, e->d_name))
      unlink(join(w, bin, e->d_name));
  if (d)
    closedir(d);
}

// Into a folder that is there already, whose other files are kept. The old manifest goes first:
// checksums in the new one, which comes last, tie all parts together.
static bool move_into(Writer *w)
{
  const char *bin = join(w, w->dir, "bin");
  if (mkdir(bin, 0777) != 0 && errno != EEXIST)
    return failed(w, bin);
  unlink(join(w, w->dir, "weft.xml"));
  remove_stale(w);
  for (ptrdiff_t i = 0; i < arrlen(w->files); i++) {
    const char *to = join(w, w->dir, w->files[i].path);
    if (rename(join(w, w->temp, w->files[i].path), to) != 0)
      return failed(w, to);
  }
  remove_temp(w);
  return true;
}

static bool put_in_place(Writer *w)
{
  struct stat st;
  if (stat(w->dir, &st) == 0) {
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode) ? move_into(w) : failed(w, w->dir);
  }
  return rename(w->temp, w->dir) == 0 || failed(w, w->dir);
}

static const char *without_slash(Arena *arena, const char *dir)
{
  size_t len = strlen(dir);
  while (len > 1 && dir[len - 1] == '/')
    len--;
  return arena_strndup(arena, dir, len);
}

bool image_write(const Image *img, const char *dir, Diags *diags)
{
  Writer w = {.diags = diags};
  w.dir = without_slash(&w.arena, dir);
  bool ok = collect(&w, img) && make_temp(&w) && store_all(&w) && put_in_place(&w);
  if (!ok)
    remove_temp(&w);
  for (ptrdiff_t i = 0; i < arrlen(w.files); i++)
    arrfree(w.files[i].bytes);
  arrfree(w.files);
  arena_free(&w.arena);
  return ok;
}
