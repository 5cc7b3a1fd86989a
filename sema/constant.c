// What is said about an assignment to something that never changes: which declaration makes it
// constant, and what to do.
#include "sema/private.h"

static bool declares(const Node *n)
{
  return n->kind == N_CONST || n->kind == N_VAR || n->kind == N_FN_PARAM || n->kind == N_PAYLOAD;
}

// The declaration of a local that `use` names: of those of its slot, the last one before it.
static const Node *local_declaration(const Node *n, const Node *use)
{
  if (!n || n->range.begin > use->range.begin)
    return NULL;
  const Node *found = NULL, *parts[] = {n->a, n->b, n->c};
  if (declares(n) && n->scope == SCOPE_LOCAL && n->name == use->name && n->slot == use->slot)
    found = n;
  for (uint32_t i = 0; i < n->count + 3; i++) {
    const Node *inner = local_declaration(i < n->count ? n->list[i] : parts[i - n->count], use);
    if (inner && (!found || inner->range.begin > found->range.begin))
      found = inner;
  }
  return found;
}

// The module that a name or member stands for; NULL: it is none.
static const Instance *module_named(const Ctx *cx, const Node *n)
{
  const Instance *in = cx->instance;
  uint32_t decl = n->slot;
  if (n->kind == N_FIELD) {
    in = module_named(cx, n->a);
    ptrdiff_t i = in ? hmgeti(in->file->by_name, n->name) : -1;
    if (i < 0)
      return NULL;
    decl = in->file->by_name[i].value;
  } else if (n->kind != N_IDENT || n->scope != SCOPE_GLOBAL) {
    return NULL;
  }
  const Global *g = &in->globals[decl];
  return g->state == GS_DONE && g->value.type == T_MODULE ? cx->s->instances[g->value.ref] : NULL;
}

// What declares the variable, constant or param that a place is a part of; NULL: not found.
static const Node *declaration(const Ctx *cx, const Node *place)
{
  while (place->kind == N_INDEX || place->kind == N_FIELD || place->kind == N_DEREF) {
    const Instance *in = place->kind == N_FIELD ? module_named(cx, place->a) : NULL;
    ptrdiff_t i = in ? hmgeti(in->file->by_name, place->name) : -1;
    if (i >= 0)
      return in->file->decls[in->file->by_name[i].value].node;
    place = place->a;
  }
  if (place->kind != N_IDENT)
    return NULL;
  if (place->scope == SCOPE_GLOBAL)
    return cx->instance->file->decls[place->slot].node;
  return place->scope == SCOPE_LOCAL ? local_declaration(cx->instance->file->ast->root, place)
                                     : NULL;
}

static const char *reason(const Node *decl)
{
  switch (decl->kind) {
  case N_FN_PARAM: return "is a parameter: to change it, copy it into a 'var'";
  case N_PAYLOAD: return "is a constant of each round: copy it into a 'var', or index the array";
  case N_VAR: return "leads to constants";
  default: return "is declared here";
  }
}

Operand report_constant(Ctx *cx, Node *at)
{
  Sema *s = cx->s;
  const Node *decl = declaration(cx, at->kind == N_ASSIGN ? at->a : at);
  if (decl && decl->kind == N_VAR && (decl->flags & NF_COMPTIME)) {
    SEMA_ERROR(cx, at, not_comptime);
    diag_note(s->diags, node_range(decl),
              "'%s' exists while compiling only: its elements are stored by known indices",
              names_text(s->names, decl->name));
    return op_error();
  }
  SEMA_ERROR(cx, at, assign_const);
  if (!decl || !decl->name)
    return op_error();
  diag_note(s->diags, node_range(decl), "'%s' %s", names_text(s->names, decl->name), reason(decl));
  return op_error();
}
