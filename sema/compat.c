// Which SDK release a program was written for, decided from the tokens of all files it can reach
// (spec sdk-2.10 6.1).
#include "sema/private.h"
#include <string.h>

typedef struct Survey {
  Sema *s;
  Ctx cx;
  FileInfo *file;
  bool fabric_without_color, memcpy_from_param;
} Survey;

static bool named(const Survey *v, const Node *n, const char *name)
{
  return !strcmp(names_text(v->s->names, n->name), name);
}

static void open_named(Survey *v, const Node *n)
{
  if (!n)
    return;
  if (n->kind == N_STRING) {
    char *name = arena_strndup(&v->s->arena, n->u.string.bytes, n->u.string.len);
    const char *path = find_source(v->s, v->file->path, name);
    if (path)
      file_open(&v->cx, NULL, path);
  }
  for (uint32_t i = 0; i < n->count; i++)
    open_named(v, n->list[i]);
  open_named(v, n->a);
  open_named(v, n->b);
  open_named(v, n->c);
}

// Does some struct literal in the properties of a fabric DSD lack the colour?
static bool lacks_color(const Survey *v, const Node *n)
{
  if (!n)
    return false;
  if (n->kind == N_ANON_STRUCT) {
    for (uint32_t i = 0; i < n->count; i++)
      if (named(v, n->list[i], "fabric_color"))
        return false;
    return n->count > 0;
  }
  return (n->kind == N_IF_EXPR || n->kind == N_IF) &&
         (lacks_color(v, n->b) || lacks_color(v, n->c));
}

static bool untyped_param(const Survey *v, const Node *n)
{
  if (n->kind != N_IDENT || n->scope != SCOPE_GLOBAL)
    return false;
  const Node *decl = v->file->decls[n->slot].node;
  return decl->kind == N_PARAM && !decl->u.decl.type && !decl->a;
}

static void see_builtin(Survey *v, const Node *n)
{
  if (named(v, n, "import_module") && n->count) {
    const Node *path = n->list[0];
    bool memcpy = path->kind == N_STRING && path->u.string.len == 15 &&
                  !strncmp(path->u.string.bytes, "<memcpy/memcpy>", 15);
    open_named(v, path);
    if (memcpy && n->count > 1)
      v->memcpy_from_param |= untyped_param(v, n->list[1]);
  } else if (named(v, n, "set_tile_code") && n->count > 2) {
    open_named(v, n->list[2]);
  } else if (named(v, n, "get_dsd") && n->count == 2 && n->list[0]->kind == N_IDENT) {
    if (named(v, n->list[0], "fabin_dsd") || named(v, n->list[0], "fabout_dsd"))
      v->fabric_without_color |= lacks_color(v, n->list[1]);
  }
}

static bool has_decl_part(const Node *n)
{
  return n->kind == N_VAR || n->kind == N_CONST || n->kind == N_PARAM || n->kind == N_FN;
}

static void survey(Survey *v, const Node *n)
{
  if (!n)
    return;
  if (n->kind == N_BUILTIN)
    see_builtin(v, n);
  for (uint32_t i = 0; i < n->count; i++)
    survey(v, n->list[i]);
  survey(v, n->a);
  survey(v, n->b);
  survey(v, n->c);
  if (has_decl_part(n))
    survey(v, n->u.decl.type);
}

static bool is_library(const Sema *s, const FileInfo *f)
{
  const char *dir = s->opt->stdlib_dir;
  return dir && !strncmp(f->path, dir, strlen(dir));
}

// Parses everything that literal paths reach and settles Sema.compat. Our own libraries say nothing
// about the program.
void compat_decide(Sema *s)
{
  Survey v = {.s = s, .cx = {.s = s, .comptime = true}};
  bool legacy = false, modern = false;
  for (ptrdiff_t i = 0; i < arrlen(s->files); i++) { // grows while we look
    FileInfo *f = v.file = s->files[i];
    Survey before = v;
    survey(&v, f->ast->root);
    if (is_library(s, f)) {
      v.fabric_without_color = before.fabric_without_color;
      v.memcpy_from_param = before.memcpy_from_param;
      continue;
    }
    legacy |= f->ast->uses_legacy_structs;
    modern |= f->ast->uses_new_forms;
  }
  s->compat = s->opt->compat;
  if (s->compat != COMPAT_AUTO)
    return;
  bool recent = modern || v.fabric_without_color || (s->opt->memcpy && v.memcpy_from_param);
  s->compat = !legacy && recent ? COMPAT_2_10 : COMPAT_1_4;
  if (s->opt->verbose)
    fprintf(stderr, "sdk-compat: %s\n", s->compat == COMPAT_2_10 ? "2.10" : "1.4");
}
