// libFuzzer target: a whole program of any bytes through sema and the passes. Lines `//--- NAME`
// divide the input into files, as in the golden tests; the first file with a layout block is the
// top-level one. What sema accepts must be sound IR. Built and run by tests/fuzz.mk.
#define _GNU_SOURCE
#include "passes/passes.h"
#include "sema/sema.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILES = 8, MAX_NAME = 40 };
static char folder[] = "/tmp/weft-fuzz-XXXXXX";
static FILE *sink;
static char paths[MAX_FILES][sizeof folder + MAX_NAME];
static int nfiles;

static void remove_files(void)
{
  while (nfiles > 0)
    unlink(paths[--nfiles]);
}

static void remove_folder(void)
{
  remove_files();
  rmdir(folder);
}

static void open_folder(void)
{
  if (sink)
    return;
  sink = fopen("/dev/null", "w");
  if (!sink || !mkdtemp(folder))
    abort();
  atexit(remove_folder);
}

// A file of the program; names that could leave the folder are not taken.
static const char *add_file(const char *name, size_t len, const char *text, size_t size)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (nfiles == MAX_FILES || len == 0 || len >= MAX_NAME || *name == '.' ||
      strspn(name, letters) < len)
    return NULL;
  char *path = paths[nfiles];
  snprintf(path, sizeof paths[0], "%s/%.*s", folder, (int)len, name);
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(text, 1, size, f) != size)
    abort();
  fclose(f);
  nfiles++;
  return path;
}

// Writes the files; returns the top-level one.
static const char *write_files(const char *text, size_t size)
{
  static const char mark[] = "//--- ";
  const char *end = text + size, *top = NULL;
  const char *name = "fuzz.csl";
  size_t len = strlen(name);
  while (text < end) {
    const char *next = memmem(text, (size_t)(end - text), mark, strlen(mark));
    const char *stop = next ? next : end;
    const char *path = add_file(name, len, text, (size_t)(stop - text));
    if (!top && path && memmem(text, (size_t)(stop - text), "layout {", 8))
      top = path;
    if (!next)
      break;
    name = next + strlen(mark);
    text = memchr(name, '\n', (size_t)(end - name));
    if (!text)
      break;
    len = (size_t)(text - name);
  }
  return top ? top : nfiles ? paths[0] : NULL;
}

// Whatever the program is, these say that Weft is wrong.
static void no_internal_error(const Diags *d)
{
  for (ptrdiff_t i = 0; i < arrlen(d->entries); i++)
    if (d->entries[i].id == D_pass_broke_ir || d->entries[i].id == D_ir_invalid) {
      diag_print(d, stderr);
      abort();
    }
}

// The length chooses architecture and release, so that one corpus serves all of them.
static SemaOptions options_for(size_t size)
{
  return (SemaOptions){
      .arch = size & 1 ? ARCH_WSE3 : ARCH_WSE2,
      .compat = (SdkCompat)(size / 2 % 3),
      .memcpy = size / 6 % 2,
      .channels = 1,
      .stdlib_dir = getenv("WEFT_FUZZ_LIBRARY"),
      .comptime_quota = 20000,
      .max_inlined_iterations = 200,
      .print = sink,
  };
}

static void compile(const SemaOptions *options, const char *path)
{
  Sources sources = {0};
  Diags diags = {.sources = &sources};
  Names *names = names_new();
  FabricModule *f = sema_compile(options, path, &sources, names, &diags);
  if (f && fir_verify(f, &diags))
    passes_run(f, &sources, &diags, NULL, sink, NULL, NULL);
  no_internal_error(&diags);
  diag_print(&diags, getenv("WEFT_FUZZ_SHOW") ? stderr : sink);
  fir_free(f);
  diag_free(&diags);
  names_free(names);
  src_free(&sources);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  open_folder();
  SemaOptions options = options_for(size);
  const char *top = write_files((const char *)data, size);
  if (top)
    compile(&options, top);
  remove_files();
  return 0;
}
