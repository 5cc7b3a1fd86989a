// Interned strings over a stb_ds hash map; see intern.h.
#include "support/intern.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Entry {
  char *key;
  Name value;
} Entry;
typedef struct Text {
  const char *s;
  size_t len;
} Text;
struct Names {
  Arena arena;
  Entry *map;
  Text *texts;
};

Names *names_new(void)
{
  Names *n = calloc(1, sizeof *n);
  if (!n)
    exit(3);
  arrput(n->texts, ((Text){"", 0}));
  return n;
}

void names_free(Names *n)
{
  if (!n)
    return;
  shfree(n->map);
  arrfree(n->texts);
  arena_free(&n->arena);
  free(n);
}

Name names_put(Names *n, const char *s, size_t len)
{
  if (len == 0)
    return 0;
  char local[128];
  char *key = len < sizeof local ? local : arena_alloc(&n->arena, len + 1);
  memcpy(key, s, len);
  key[len] = 0;
  Entry *found = shgetp_null(n->map, key);
  if (found)
    return found->value;
  Name name = (Name)arrlenu(n->texts);
  char *kept = arena_strndup(&n->arena, s, len);
  arrput(n->texts, ((Text){kept, len}));
  shput(n->map, kept, name);
  return name;
}

Name names_cstr(Names *n, const char *s)
{
  return names_put(n, s, strlen(s));
}

const char *names_text(const Names *n, Name name)
{
  return n->texts[name].s;
}

size_t names_len(const Names *n, Name name)
{
  return n->texts[name].len;
}
