// Interned strings over a stb_ds hash map; see intern.h.
#include "support/intern.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Text {
  const char *s;
  size_t len;
  Name next; // of the same hash
} Text;
typedef struct Entry {
  size_t key; // hash: texts may hold NUL bytes, which string keys cannot
  Name value; // first of its texts
} Entry;
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
  arrput(n->texts, ((Text){.s = ""}));
  return n;
}

void names_free(Names *n)
{
  if (!n)
    return;
  hmfree(n->map);
  arrfree(n->texts);
  arena_free(&n->arena);
  free(n);
}

Name names_put(Names *n, const char *s, size_t len)
{
  if (len == 0)
    return 0;
  size_t hash = stbds_hash_bytes((void *)s, len, 1);
  Name first = hmget(n->map, hash);
  for (Name k = first; k; k = n->texts[k].next)
    if (n->texts[k].len == len && !memcmp(n->texts[k].s, s, len))
      return k;
  Name name = (Name)arrlenu(n->texts);
  arrput(n->texts, ((Text){arena_strndup(&n->arena, s, len), len, first}));
  hmput(n->map, hash, name);
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
