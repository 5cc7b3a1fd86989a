// One tile program: its modules, comptime blocks, exports, and every function that can be reached
// from them.
#include "sema/private.h"
#include <string.h>

// `export` declarations exist whether or not anything uses them (spec language 10.1).
static void keep_exports(Ctx *cx, Instance *in)
{
  for (ptrdiff_t i = 0; i < arrlen(in->file->decls); i++) {
    Node *n = in->file->decls[i].node;
    if (!(n->flags & NF_EXPORT))
      continue;
    if (n->kind == N_FN) {
      Operand fn = function_operand(cx, in, (uint32_t)i, n);
      if (fn.kind == OPK_VALUE && storage_check(cx, n, fn.type))
        sema_function_ir(cx, n, fn.v);
    } else if (global_resolve(cx, in, (uint32_t)i, n)) {
      if (storage_check(cx, n, in->globals[i].type))
        sema_global_ir(cx, global_object(cx, in, (uint32_t)i));
    }
  }
}

static void all_exports(Sema *s, TileProgram *t)
{
  for (size_t i = t->root->number; i < arrlenu(s->instances); i++)
    if (s->instances[i]->tile == t) {
      Ctx cx = instance_ctx(s, s->instances[i], ZONE_GLOBAL);
      keep_exports(&cx, s->instances[i]);
    }
}

void program_free(TileProgram *t)
{
  ProgramPrivate *p = t->p;
  arrfree(p->work);
  hmfree(p->insts);
  hmfree(p->const_data);
  shfree(p->symbols);
  shfree(p->exports);
  shfree(p->owners);
  arrfree(p->tileconsts);
}

static TileProgram *program_new(Sema *s, FileInfo *file, Node *site)
{
  TileProgram *t = ARENA_NEW(&s->arena, TileProgram);
  t->s = s;
  t->file = file;
  t->p = ARENA_NEW(&s->arena, ProgramPrivate);
  sh_new_strdup(t->p->symbols);
  sh_new_strdup(t->p->exports);
  sh_new_strdup(t->p->owners);
  t->module = tir_new(file->path, s->arch->id, s->compat);
  t->module->fp16 = s->fabric->fp16;
  t->root = instance_new(s, file, NULL, site, t, "");
  return t;
}

// Analyses a tile program with the given params. NULL after reports.
TileProgram *program_analyse(Sema *s, FileInfo *file, Value bindings, Node *site, Instance *from)
{
  uint32_t errors = s->diags->errors;
  TileProgram *t = program_new(s, file, site);
  Ctx layout = instance_ctx(s, from, ZONE_LAYOUT), cx = instance_ctx(s, t->root, ZONE_TOP);
  cx.frame = frame_new(s, 1);
  program_begin(&cx);
  if (file == s->instances[0]->file)
    instance_bind_options(s, t->root);
  if (instance_bind(&layout, t->root, site, bindings)) {
    instance_run_imports(&cx, t->root);
    instance_run_comptime(s, t->root);
    exports_end(&cx);
    all_exports(s, t);
    program_work(&cx);
    if (s->diags->errors == errors) {
      program_end(&cx);
      program_work(&cx); // what the set-up rows and thunks refer to
    }
  }
  if (s->diags->errors == errors)
    return t;
  tir_free(t->module);
  t->module = NULL;
  program_free(t);
  return NULL;
}
