// Where an installation keeps its files, found from the running program.
#ifndef WEFT_DRIVER_PATHS_H
#define WEFT_DRIVER_PATHS_H
#include "support/arena.h"

// <folder of the program>/../lib/weft/NAME, from /proc/self/exe; NULL if that cannot be read.
const char *paths_library(Arena *arena, const char *name);
#endif
