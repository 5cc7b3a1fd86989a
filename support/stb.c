// The one place where stb_ds is compiled.
#include "support/memory.h"
#include <stdlib.h>
#define STBDS_REALLOC(context, p, size) mem_resize(p, size)
#define STBDS_FREE(context, p) free(p)
#include <stb/stb_ds.h>

// Its hashes shift bytes into the sign bit of an int, which every compiler does as meant but UBSan
// reports.
#define SHIFTS __attribute__((no_sanitize("undefined")))
SHIFTS static size_t stbds_siphash_bytes(void *p, size_t len, size_t seed);
SHIFTS size_t stbds_hash_bytes(void *p, size_t len, size_t seed);

#define STB_DS_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <stb/stb_ds.h>
#pragma GCC diagnostic pop
