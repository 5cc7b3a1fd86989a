// Where an installation keeps its files; see paths.h.
#include "driver/paths.h"
#include <limits.h>
#include <string.h>
#include <unistd.h>

const char *paths_library(Arena *arena, const char *name)
{
  char exe[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  if (n <= 0)
    return NULL;
  exe[n] = 0;
  for (int up = 0; up < 2; up++) { // program, then bin
    char *slash = strrchr(exe, '/');
    if (!slash)
      return NULL;
    *slash = 0;
  }
  return arena_printf(arena, "%s/lib/weft/%s", exe, name);
}
