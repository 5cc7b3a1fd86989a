// Storage classes: what `export` and `extern` may be said of, which symbol a declaration stands
// for, and the exported declaration that an extern one means (spec language 10.1, sdk-2.10 1.3).
#include "sema/private.h"
#include "target/isa.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

// ---- types that other code can name ----
static bool number_compatible(const Sema *s, Type t)
{
  unsigned bits = type_bits(s, t);
  return bits == 16 || bits == 32 || (s->compat != COMPAT_2_10 && (bits == 8 || bits == 64));
}

// May other code name things of this type?
static bool storage_type(const Sema *s, Type t);

static bool fields_compatible(const Sema *s, const TypeInfo *t)
{
  bool ok = true;
  for (uint32_t i = 0; i < t->count; i++)
    ok &= storage_type(s, t->fields[i].type);
  return ok;
}

static bool function_compatible(const Sema *s, const TypeInfo *fn)
{
  return fields_compatible(s, fn) && (fn->elem == T_VOID || storage_type(s, fn->elem));
}

static bool storage_type(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  switch ((TypeKind)i->kind) {
  case TK_SIMPLE:
    if (type_is_float(t))
      return t == T_F32 || t == type_fp16(s);
    return t == T_BOOL || (type_is_handle(t) && t != T_DIRECTION) ||
           (type_is_int(s, t) && number_compatible(s, t));
  case TK_ENUM: return number_compatible(s, t);
  case TK_ARRAY:
  case TK_MANY: return storage_type(s, i->elem);
  case TK_PTR:
    if (type_is_fn_pointer(s, t))
      return function_compatible(s, type_info(s, i->elem));
    return i->elem == T_ANYOPAQUE || storage_type(s, i->elem);
  case TK_STRUCT:
  case TK_UNION:
    return i->packed ? i->size * 8 == i->bits && number_compatible(s, t)
                     : i->external && fields_compatible(s, i);
  default: return false;
  }
}

// A packed union has no width of its own: that of its fields counts.
static Type variable_type(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return i->kind == TK_UNION && i->packed && i->count ? i->fields[0].type : t;
}

static const char *word(const Node *n)
{
  return n->flags & NF_EXTERN ? "extern" : "export";
}

// Is this declaration one that may be exported or extern? False after a report.
bool storage_check(Ctx *cx, Node *n, Type t)
{
  Sema *s = cx->s;
  const TypeInfo *i = type_info(s, t);
  if (n->kind != N_FN) {
    if (storage_type(s, variable_type(s, t)))
      return true;
    SEMA_ERROR(cx, n, export_type, type_name(s, t));
    return false;
  }
  Type bad = i->elem == T_VOID || storage_type(s, i->elem) ? T_NONE : i->elem;
  for (uint32_t k = 0; k < i->count && bad == T_NONE; k++)
    if (!storage_type(s, i->fields[k].type))
      bad = i->fields[k].type;
  if (bad == T_NONE)
    return true;
  SEMA_ERROR(cx, n, export_fn_type, word(n), type_name(s, bad));
  return false;
}

bool sema_is_unaligned_extern(const Sema *s, uint32_t object)
{
  const Object *o = &s->objects[object];
  const Node *n = o->instance ? o->instance->file->decls[o->decl].node : NULL;
  if (!n || !(n->flags & NF_EXTERN))
    return false;
  const Node *attrs = n->u.decl.attrs;
  for (uint32_t i = 0; attrs && i < attrs->count; i++)
    if (attrs->list[i]->kind == N_ALIGN)
      return false;
  return true;
}

// ---- symbols ----
const char *storage_linkname(Ctx *cx, Instance *in, Node *decl)
{
  Node *attrs = decl->u.decl.attrs;
  Ctx inner = instance_ctx(cx->s, in, ZONE_GLOBAL);
  inner.frame = frame_new(cx->s, decl->scope);
  Name text;
  for (uint32_t i = 0; attrs && i < attrs->count; i++)
    if (attrs->list[i]->kind == N_LINKNAME)
      return sema_comptime_string(&inner, attrs->list[i]->a, &text) ? names_text(cx->s->names, text)
                                                                    : NULL;
  return NULL;
}

// ---- sections ----

static bool read_address(const Sema *s, const char *text, uint32_t *address)
{
  char *end;
  errno = 0;
  long long n = strtoll(text, &end, 0);
  *address = (uint32_t)n;
  return !errno && end != text && !*end && n >= DATA_FIRST && n < s->arch->memory_bytes;
}

bool storage_section_start(const Sema *s, const char *section, uint32_t *address)
{
  for (uint32_t i = 0; i < s->opt->nsections; i++)
    if (!strcmp(s->opt->sections[i].name, section))
      return read_address(s, s->opt->sections[i].value, address);
  return false;
}

// Are the addresses of --link-section-start-address-bytes addresses of tile memory?
bool storage_check_options(Sema *s)
{
  bool ok = true;
  for (uint32_t i = 0; i < s->opt->nsections; i++) {
    uint32_t address;
    const SemaParam *p = &s->opt->sections[i];
    if (read_address(s, p->value, &address))
      continue;
    diag_report(s->diags, D_section_start, (SrcRange){0}, p->value, p->name, DATA_FIRST,
                s->arch->memory_bytes - 1);
    ok = false;
  }
  return ok;
}

// Functions have a section too (sdk-2.10 1.8), but no place in the memory that addresses mean.
void storage_function_section(Ctx *cx, Instance *in, Node *decl)
{
  Node *attrs = decl->u.decl.attrs;
  Ctx inner = instance_ctx(cx->s, in, ZONE_GLOBAL);
  inner.frame = frame_new(cx->s, decl->scope);
  for (uint32_t i = 0; attrs && i < attrs->count; i++) {
    Name text;
    uint32_t address;
    Node *n = attrs->list[i]->a;
    if (attrs->list[i]->kind == N_ALIGN)
      SEMA_ERROR(&inner, attrs->list[i], function_align);
    if (attrs->list[i]->kind != N_LINKSECTION || !sema_comptime_string(&inner, n, &text))
      continue;
    if (storage_section_start(cx->s, names_text(cx->s->names, text), &address))
      SEMA_ERROR(&inner, n, section_code, names_text(cx->s->names, text));
  }
}

static const char *symbol_of(Ctx *cx, Instance *in, Node *decl)
{
  const char *link = storage_linkname(cx, in, decl);
  const char *name = names_text(cx->s->names, decl->name);
  bool bare = decl->flags & (NF_EXPORT | NF_EXTERN);
  return link ? link : bare ? name : arena_printf(&cx->s->arena, "%s%s", in->prefix, name);
}

// One symbol, one declaration: reports another one.
void storage_claim(Ctx *cx, Instance *in, Node *decl)
{
  ProgramPrivate *p = cx->tile->p;
  const char *symbol = symbol_of(cx, in, decl);
  const SymbolOwner *other = shgetp_null(p->owners, symbol);
  if (!other) {
    shputs(p->owners, ((SymbolOwner){(char *)symbol, in, decl}));
  } else if (other->decl != decl || other->instance != in) {
    Ctx inner = instance_ctx(cx->s, in, ZONE_GLOBAL);
    const Node *first = other->decl;
    SEMA_ERROR(&inner, decl, symbol_twice, symbol);
    diag_note(cx->s->diags, node_range(first), "the other one is here");
  }
}

// Notes the exports of the modules that were imported since the last look.
static void note_exports(Ctx *cx)
{
  Sema *s = cx->s;
  ProgramPrivate *p = cx->tile->p;
  for (; p->exports_seen < arrlenu(s->instances); p->exports_seen++) {
    Instance *in = s->instances[p->exports_seen];
    for (ptrdiff_t i = 0; in->tile == cx->tile && i < arrlen(in->file->decls); i++) {
      Node *n = in->file->decls[i].node;
      if (!(n->flags & NF_EXPORT))
        continue;
      const char *symbol = symbol_of(cx, in, n);
      if (shgeti(p->exports, symbol) < 0)
        shputs(p->exports, ((ExportedDecl){(char *)symbol, in, (uint32_t)i}));
    }
  }
}

static bool is_function(const Node *n)
{
  return n->kind == N_FN;
}

// The declaration that an extern one means; false after a report.
bool storage_resolve(Ctx *cx, Instance *in, Node *decl, Type t, Instance **where, uint32_t *number)
{
  Sema *s = cx->s;
  Ctx inner = instance_ctx(s, in, ZONE_GLOBAL);
  if (!storage_check(&inner, decl, t))
    return false;
  note_exports(cx);
  const char *symbol = symbol_of(cx, in, decl);
  const char *what = is_function(decl) ? "function" : "variable";
  const ExportedDecl *e = shgetp_null(cx->tile->p->exports, symbol);
  if (!e) {
    SEMA_ERROR(&inner, decl, undefined_extern, what, symbol);
    diag_note(s->diags, node_range(decl), "declare it 'export' in one of the modules");
    return false;
  }
  *where = e->instance;
  *number = e->decl;
  Node *def = e->instance->file->decls[e->decl].node;
  Type have = T_NONE;
  if (is_function(def)) {
    Operand fn = function_operand(cx, *where, *number, decl);
    have = fn.type;
  } else if (global_resolve(cx, *where, *number, decl)) {
    have = (*where)->globals[*number].type;
  }
  if (have == T_NONE)
    return false;
  if (def->kind == decl->kind && have == t)
    return true;
  SEMA_ERROR(
      &inner, decl, extern_differs, symbol,
      arena_printf(&s->arena, "%s%s", decl->kind == N_CONST ? "const " : "", type_name(s, t)),
      arena_printf(&s->arena, "%s%s", def->kind == N_CONST ? "const " : "", type_name(s, have)));
  diag_note(s->diags, node_range(def), "it is exported here");
  return false;
}
