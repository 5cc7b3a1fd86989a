// Notes about names that CSL does not have; the table is hints.def.
#include "sema/private.h"
#include <string.h>

static const struct {
  HintWhere where;
  const char *name, *note;
} hints[] = {
#define HINT(where, name, note) {HINT_##where, name, note},
#include "sema/hints.def"
#undef HINT
};

void hint_name(Ctx *cx, Node *at, HintWhere where, const char *name)
{
  for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
    if (hints[i].where == where && !strcmp(hints[i].name, name))
      diag_note(cx->s->diags, node_range(at), "%s", hints[i].note);
}

// A folder that the program expects somewhere else than where it is.
void hint_file(Ctx *cx, Node *at, const char *name)
{
  hint_name(cx, at, HINT_FILE, name);
  if (name[0] == '<')
    diag_note(
        cx->s->diags, node_range(at),
        "libraries are looked up in the folders of --import-path and CSL_IMPORT_PATH, then in "
        "the standard library");
  else if (strchr(name, '/') && name[0] != '/')
    diag_note(cx->s->diags, node_range(at),
              "it is neither beside this file nor in a folder of --import-path or CSL_IMPORT_PATH: "
              "give its folder with --import-path");
}
