// Loading weft-llvm.so on first use, and the backend's entries that go through it.
#include "backend/load.h"
#include "backend/llvm/entry.h"
#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "weft-llvm.so"

static void *open_below(const char *dir, const char *below)
{
  char path[PATH_MAX];
  int n = snprintf(path, sizeof path, "%s/%s/" LIBRARY, dir, below);
  return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0
             ? dlopen(path, RTLD_NOW | RTLD_LOCAL)
             : NULL;
}

// bin/weft -> lib/weft; tests/unit/test_x of the build folder -> lib/weft.
static void *open_beside_program(void)
{
  char dir[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
  if (n <= 0)
    return NULL;
  dir[n] = 0;
  for (int up = 0; up < 3; up++) {
    char *slash = strrchr(dir, '/');
    if (!slash)
      return NULL;
    *slash = 0;
    void *library = open_below(dir, "lib/weft");
    if (library)
      return library;
  }
  return NULL;
}

const LlvmEntry *llvm_load(Diags *diags)
{
  void *library = open_beside_program();
  // dlopen keeps count: asking again gives the same library, so nothing has to be remembered here.
  const LlvmEntry *entry = library ? dlsym(library, LLVM_ENTRY_SYMBOL) : NULL;
  if (entry && entry->interface == LLVM_ENTRY_INTERFACE)
    return entry;
  const char *why = dlerror();
  DIAG_AT(diags, backend_load, (SrcRange){0},
          entry ? "it belongs to another build"
          : why ? why
                : "it is not beside this program");
  return NULL;
}

bool backend_codegen(const TileModule *m, EmitKind kind, const CodegenOptions *opt, Buffer *out,
                     Diags *diags)
{
  const LlvmEntry *entry = llvm_load(diags);
  return entry && entry->codegen(m, kind, opt, out, diags);
}
