// Arenas: memory that is freed all at once. One arena per lifetime (run, program, function,
// scratch). With WEFT_ARENA_MALLOC defined every object is malloc'ed on its own, so that ASan sees
// overruns (DESIGN 6.4).
#ifndef WEFT_SUPPORT_ARENA_H
#define WEFT_SUPPORT_ARENA_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
  ArenaBlock *head; // newest block first
  size_t used;      // bytes handed out so far, for statistics
} Arena;

// Returns `size` zeroed bytes aligned to 16. Never returns NULL: running out of memory ends the
// process.
void *arena_alloc(Arena *a, size_t size);
// Copies `len` bytes and adds a NUL.
char *arena_strndup(Arena *a, const char *s, size_t len);
char *arena_strdup(Arena *a, const char *s);
// printf into the arena.
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *a, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
// Frees everything; the arena can be used again.
void arena_free(Arena *a);

#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (size_t)(n)))
#endif
