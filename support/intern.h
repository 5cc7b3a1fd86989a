// Interned strings: equal text, equal number. Used for names everywhere from the scanner to the IR
// builder.
#ifndef WEFT_SUPPORT_INTERN_H
#define WEFT_SUPPORT_INTERN_H
#include "support/arena.h"

typedef uint32_t Name; // 0 = the empty name
typedef struct Names Names;

Names *names_new(void);
void names_free(Names *n);
Name names_put(Names *n, const char *s, size_t len);
Name names_cstr(Names *n, const char *s);
// The text, NUL-terminated; lives as long as the table.
const char *names_text(const Names *n, Name name);
size_t names_len(const Names *n, Name name);
#endif
