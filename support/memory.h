// Memory from the heap for what no arena fits: tables that grow, and what lives as long as a caller
// says. Running out of memory ends the process with a message and exit code 3, as in arenas.
#ifndef WEFT_SUPPORT_MEMORY_H
#define WEFT_SUPPORT_MEMORY_H
#include <stddef.h>

// `count` zeroed elements of `size` bytes; free() them. Never NULL.
void *mem_zeroed(size_t count, size_t size);
// realloc that never returns NULL for a size above 0.
void *mem_resize(void *p, size_t size);
// A copy of a text, to be freed; NULL of NULL.
char *mem_text(const char *s);
// A copy of `len` bytes as a text.
char *mem_text_of(const char *s, size_t len);
// Ends the process: memory is not enough.
_Noreturn void mem_exhausted(void);
#endif
