// Modules: files, their instances, and their globals, which are evaluated when something reaches
// them (spec language 4.1, 9.1, 9.2).
#include "sema/legacy.h"
#include "sema/private.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- files ----
static bool is_file(const char *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISREG(st.st_mode);
}

static const char *beside(Sema *s, const char *from, const char *name)
{
  const char *slash = strrchr(from, '/');
  return slash ? arena_printf(&s->arena, "%.*s/%s", (int)(slash - from), from, name) : name;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
  size_t n = strlen(end);
  return len >= n && !memcmp(text + len - n, end, n);
}

// The file of this name, or of this name with the ending that it lacks; NULL if there is neither
// (host 1.3).
static const char *existing(Sema *s, const char *path)
{
  if (is_file(path))
    return path;
  path = ends_with(path, strlen(path), ".csl") ? NULL : arena_printf(&s->arena, "%s.csl", path);
  return path && is_file(path) ? path : NULL;
}

static const char *in_folders(Sema *s, const char *name)
{
  for (uint32_t i = 0; i < s->opt->nimport_paths; i++) {
    const char *path = existing(s, arena_printf(&s->arena, "%s/%s", s->opt->import_paths[i], name));
    if (path)
      return path;
  }
  return s->opt->stdlib_dir
             ? existing(s, arena_printf(&s->arena, "%s/%s", s->opt->stdlib_dir, name))
             : NULL;
}

// Path of the file that `name` means in the file `from`; NULL if there is none (language 9.1, 17
// #32). Programs with modules in folders name them as their top-level file does, too: its folder
// comes second.
const char *find_source(Sema *s, const char *from, const char *name)
{
  name = legacy_library(s, name);
  size_t len = strlen(name);
  if (len > 2 && name[0] == '<' && name[len - 1] == '>') {
    bool has_ending = ends_with(name, len - 1, ".csl");
    return in_folders(
        s, arena_printf(&s->arena, "%.*s%s", (int)len - 2, name + 1, has_ending ? "" : ".csl"));
  }
  if (name[0] == '/')
    return existing(s, name);
  const char *path = existing(s, beside(s, from, name));
  if (!path)
    path = existing(s, beside(s, arrlenu(s->files) ? s->files[0]->path : from, name));
  return path ? path : in_folders(s, name);
}

// Parses a file once. NULL after a report.
FileInfo *file_open(Ctx *cx, Node *at, const char *path)
{
  Sema *s = cx->s;
  char real[PATH_MAX];
  const char *key = realpath(path, real) ? real : path;
  FileInfo *f = shget(s->p->files_by_path, key);
  if (f)
    return f;
  SrcFile *src = src_open(s->sources, path);
  if (!src) {
    diag_report(s->diags, D_cannot_read, at ? node_range(at) : (SrcRange){0}, path,
                strerror(errno));
    return NULL;
  }
  f = ARENA_NEW(&s->arena, FileInfo);
  f->path = arena_strdup(&s->arena, path);
  uint32_t errors = s->diags->errors;
  f->ast = ast_parse(src, s->names, s->diags);
  resolve_file(s, f);
  f->bad = s->diags->errors != errors;
  shput(s->p->files_by_path, key, f);
  arrput(s->files, f);
  return f;
}

FileInfo *sema_find_file(Ctx *cx, Node *at, Name path)
{
  const char *name = names_text(cx->s->names, path), *today = legacy_library(cx->s, name);
  if (today != name && !legacy_form(cx, at, arena_printf(&cx->s->arena, "the library %s", name),
                                    arena_printf(&cx->s->arena, "import %s", today)))
    return NULL;
  const char *found = find_source(cx->s, cx->instance->file->path, name);
  if (!found) {
    SEMA_ERROR(cx, at, no_source, name);
    hint_file(cx, at, name);
    return NULL;
  }
  return file_open(cx, at, found);
}

SrcRange sema_layout_range(const Ctx *cx)
{
  const Node *layout = cx->instance->file->layout;
  return layout ? node_range(layout) : (SrcRange){0, 0};
}

FileInfo *sema_current_file(Ctx *cx)
{
  return cx->instance->file;
}

// ---- instances ----
Frame *frame_new(Sema *s, uint32_t locals)
{
  Frame *f = ARENA_NEW(&s->arena, Frame);
  f->locals = ARENA_ARRAY(&s->arena, Local, locals ? locals : 1);
  f->count = locals;
  return f;
}

Ctx instance_ctx(Sema *s, Instance *in, Zone zone)
{
  Ctx cx = {.s = s, .instance = in, .tile = in->tile, .zone = (uint8_t)zone, .comptime = true};
  if (in->tile)
    cx.b.m = in->tile->module;
  return cx;
}

Instance *instance_new(Sema *s, FileInfo *file, Instance *importer, Node *site, TileProgram *tile,
                       const char *prefix)
{
  Instance *in = ARENA_NEW(&s->arena, Instance);
  in->number = (uint32_t)arrlen(s->instances);
  in->file = file;
  in->importer = importer;
  in->site = site;
  in->tile = tile;
  in->prefix = prefix;
  in->path = file->path;
  in->globals = ARENA_ARRAY(&s->arena, Global, arrlen(file->decls) ? arrlen(file->decls) : 1);
  arrput(s->instances, in);
  return in;
}

static Global *find_param(Instance *in, Name name, uint32_t *decl)
{
  ptrdiff_t i = hmgeti(in->file->by_name, name);
  if (i < 0)
    return NULL;
  *decl = in->file->by_name[i].value;
  uint8_t kind = in->file->decls[*decl].node->kind;
  return kind == N_PARAM || kind == N_LEGACY_COLOR ? &in->globals[*decl] : NULL;
}

// Gives params their values from the fields of a struct (language 9.2).
bool instance_bind(Ctx *cx, Instance *in, Node *at, Value bindings)
{
  Sema *s = cx->s;
  if (bindings.type == T_NONE || bindings.type == T_VOID)
    return true;
  if (!type_is_struct(s, bindings.type) || type_info(s, bindings.type)->kind == TK_TUPLE) {
    SEMA_ERROR(cx, at, not_struct_bindings, type_name(s, bindings.type));
    return false;
  }
  const TypeInfo *t = type_info(s, bindings.type);
  for (uint32_t i = 0; i < t->count; i++) {
    uint32_t decl;
    Global *g = find_param(in, t->fields[i].name, &decl);
    if (!g) {
      SEMA_WARN(cx, at, unused_entry, names_text(s->names, t->fields[i].name));
      continue;
    }
    g->bound = true;
    g->option = NULL;
    g->value = v_element(s, bindings, i);
    v_share(s, g->value);
  }
  return true;
}

// A comptime_int of any size: decimal, as in CSL also after a 0, or hexadecimal after 0x. False: it
// is no integer.
static bool option_number(Sema *s, const char *text, Value *out)
{
  const char *digits = text + strspn(text, " \t\n\v\f\r");
  bool minus = *digits == '-';
  digits += minus || *digits == '+';
  int base = digits[0] == '0' && (digits[1] | 32) == 'x' ? 16 : 10;
  char *end;
  errno = 0;
  long long n = strtoll(text, &end, base);
  *out = v_number(s, T_COMPTIME_INT, errno ? 0 : n);
  if (!errno || end == text || *end)
    return end != text && !*end;
  digits += base == 16 ? 2 : 0;
  if (!big_literal(s, digits, strlen(digits), base, &out->i))
    return false;
  if (minus)
    *out = unary_value(s, N_NEG, *out);
  return true;
}

static void bind_option(Sema *s, Instance *in, const SemaParam *p, const char *option)
{
  bool is_color = !strcmp(option, "--colors");
  uint32_t decl;
  Name name = names_cstr(s->names, p->name);
  Global *g = find_param(in, name, &decl);
  if (!g) {
    if (!in->tile) // once, not again for each tile
      diag_report(s->diags, D_unknown_param, (SrcRange){0}, option, p->name, in->file->path);
    return;
  }
  Value v;
  if (!option_number(s, p->value, &v) || (is_color && big_is_pooled(v.i))) {
    const char *type = is_color ? "color" : "integer";
    diag_report(s->diags, D_param_value, (SrcRange){0}, option, p->value, type, p->name);
    return;
  }
  g->bound = true;
  g->option = option;
  g->value = v;
  g->value.type = is_color ? T_COLOR : T_COMPTIME_INT;
}

// Params of the top-level file, in the layout and where it is a tile program too: --params and
// --colors.
void instance_bind_options(Sema *s, Instance *in)
{
  for (uint32_t i = 0; i < s->opt->nparams; i++)
    bind_option(s, in, &s->opt->params[i], "--params");
  for (uint32_t i = 0; i < s->opt->ncolors; i++)
    bind_option(s, in, &s->opt->colors[i], "--colors");
}

static bool imports_itself(const Instance *in, const FileInfo *file)
{
  for (; in; in = in->importer)
    if (in->file == file)
      return true;
  return false;
}

static const char *import_prefix(Ctx *cx, const char *path)
{
  Sema *s = cx->s;
  if (s->p->name_hint)
    return arena_printf(&s->arena, "%s%s.", cx->instance->prefix,
                        names_text(s->names, s->p->name_hint));
  const char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  return arena_printf(&s->arena, "%s%.*s.", cx->instance->prefix, (int)strcspn(base, ".>"),
                      base + (*base == '<'));
}

// @import_module: every evaluation makes a new instance with its own globals.
Operand import_module(Ctx *cx, Node *at, Name path, Value bindings)
{
  Sema *s = cx->s;
  FileInfo *file = sema_find_file(cx, at, path);
  if (!file)
    return op_error();
  if (imports_itself(cx->instance, file))
    return SEMA_ERROR(cx, at, import_cycle, names_text(s->names, path));
  if (file->bad)
    return op_error();
  const char *prefix = import_prefix(cx, names_text(s->names, path));
  Instance *in = instance_new(s, file, cx->instance, at, cx->tile, prefix);
  in->path = names_text(s->names, path);
  if (!instance_bind(cx, in, at, bindings))
    return op_error();
  instance_run_imports(cx, in);
  return op_value(v_ref(T_MODULE, in->number));
}

static bool has_import(const Sema *s, const Node *n)
{
  if (!n)
    return false;
  if (n->kind == N_BUILTIN && !strcmp(names_text(s->names, n->name), "import_module"))
    return true;
  for (uint32_t i = 0; i < n->count; i++)
    if (has_import(s, n->list[i]))
      return true;
  return has_import(s, n->a) || has_import(s, n->b) || has_import(s, n->c);
}

// Imports are the one kind of global that is not lazy: comptime blocks of modules must run
// (language 4.1).
void instance_run_imports(Ctx *cx, Instance *in)
{
  for (ptrdiff_t i = 0; i < arrlen(in->file->decls); i++) {
    Node *n = in->file->decls[i].node;
    if (n->kind == N_CONST && has_import(cx->s, n->a))
      global_resolve(cx, in, (uint32_t)i, n);
  }
}

static bool run_blocks(Sema *s, Instance *in)
{
  bool ok = true;
  for (ptrdiff_t i = 0; i < arrlen(in->file->comptime_blocks); i++) {
    Node *n = in->file->comptime_blocks[i];
    Ctx cx = instance_ctx(s, in, ZONE_TOP);
    cx.frame = frame_new(s, n->scope);
    s->p->stop = false;
    ok &= sema_stmt(&cx, n->a) != FLOW_ERROR;
  }
  return ok;
}

// The comptime blocks of a file that is (part of) a tile program are about that program.
static bool runs_on_tiles(const Sema *s, const FileInfo *file)
{
  for (size_t i = 0; i < arrlenu(s->instances); i++)
    if (s->instances[i]->tile && s->instances[i]->file == file)
      return true;
  return false;
}

// Runs the top-level comptime blocks of an instance: those of what it imports first (language 17
// #40). Those of the layout file and its modules run after all tile programs, for what they check.
bool instance_run_comptime(Sema *s, Instance *in)
{
  if (in->comptime_done)
    return true;
  in->comptime_done = true;
  bool ok = true;
  for (uint32_t i = in->number + 1; i < arrlenu(s->instances); i++)
    if (s->instances[i]->importer == in && s->instances[i]->tile == in->tile)
      ok &= instance_run_comptime(s, s->instances[i]);
  return (!in->tile && runs_on_tiles(s, in->file)) || run_blocks(s, in) ? ok : false;
}

// ---- globals ----
static Node *decl_node(const Instance *in, uint32_t decl)
{
  return in->file->decls[decl].node;
}

static bool option_to_bool(Global *g, Type t)
{
  if (!g->option || t != T_BOOL || g->value.type != T_COMPTIME_INT || (uint64_t)g->value.i > 1)
    return false;
  g->value = v_bool(g->value.i);
  return true;
}

static bool resolve_param(Ctx *cx, Global *g, Node *n)
{
  Sema *s = cx->s;
  Type t = n->kind == N_LEGACY_COLOR ? T_COLOR : T_NONE;
  if (n->kind == N_PARAM && n->u.decl.type) {
    t = sema_value_type(cx, n->u.decl.type);
    if (t == T_NONE)
      return false;
  }
  if (g->bound) {
    if (t == T_NONE || option_to_bool(g, t))
      return true;
    Operand op = op_value(g->value);
    if (g->option && !sema_can_coerce(cx, &op, t)) {
      SEMA_ERROR(cx, n, param_value, g->option, v_int_text(s, g->value), type_name(s, t),
                 names_text(s->names, n->name));
      if ((g->value.type == T_COLOR) != (t == T_COLOR))
        diag_note(s->diags, node_range(n),
                  "--colors numbers the params of type 'color', --params gives the others");
      return false;
    }
    // The value comes from the importer: the message belongs there as much as here.
    if (!sema_coerce(cx, n, &op, t))
      return false;
    g->value = op.v;
    return true;
  }
  if (n->kind == N_LEGACY_COLOR || !n->a) {
    SEMA_ERROR(cx, n, uninitialized);
    diag_note(s->diags, node_range(n), "param '%s' has neither a binding nor a default",
              names_text(s->names, n->name));
    return false;
  }
  if (!sema_comptime(cx, n->a, t, &g->value))
    return false;
  return true;
}

bool check_runtime_type(Ctx *cx, Node *n, Type t)
{
  if (!type_comptime_only(cx->s, t) && t != T_VOID)
    return true;
  sema_must_be_comptime(cx, n, t);
  hint_untyped(cx, n, t);
  return false;
}

static bool resolve_variable(Ctx *cx, Global *g, Node *n)
{
  Type t = T_NONE;
  if (n->u.decl.type && !(t = sema_value_type(cx, n->u.decl.type)))
    return false;
  g->type = t;
  g->external = n->flags & NF_EXTERN;
  bool is_const = n->kind == N_CONST;
  if (n->a && g->external) {
    SEMA_ERROR(cx, n, extern_value, is_const ? "constant" : "variable", "an initializer");
    return false;
  }
  if (!n->a) {
    if (t == T_NONE || (is_const && !g->external)) {
      if (t == T_NONE && !is_const)
        SEMA_ERROR(cx, n, var_needs_type);
      else
        SEMA_ERROR(cx, n, uninitialized);
      return false;
    }
    return check_runtime_type(cx, n, t);
  }
  Value v;
  Operand op = sema_expr(cx, n->a, t);
  if (is_error(op) || (t != T_NONE && !sema_coerce(cx, n->a, &op, t)))
    return false;
  if (!sema_is_known(cx, op, &v)) {
    SEMA_ERROR(cx, n->a, not_comptime);
    return false;
  }
  v_share(cx->s, v);
  g->value = v;
  g->type = t == T_NONE || t == T_COMPTIME_STRUCT ? v.type : t;
  return is_const || check_runtime_type(cx, n, g->type);
}

static bool resolve_decl(Ctx *cx, Global *g, Node *n)
{
  switch (n->kind) {
  case N_PARAM:
  case N_LEGACY_COLOR:
    if (!resolve_param(cx, g, n))
      return false;
    g->type = g->value.type;
    return true;
  case N_CONST:
  case N_VAR: return resolve_variable(cx, g, n);
  default: return true;
  }
}

// Evaluates a global if nobody has yet. False if it is or was in error.
bool global_resolve(Ctx *cx, Instance *in, uint32_t decl, Node *at)
{
  Sema *s = cx->s;
  Global *g = &in->globals[decl];
  if (g->state == GS_DONE || g->state == GS_ERROR)
    return g->state == GS_DONE;
  Node *n = decl_node(in, decl);
  if (g->state == GS_BUSY) {
    SEMA_ERROR(cx, at, depends_on_itself, names_text(s->names, n->name));
    return false;
  }
  if (!enter_call(cx, at))
    return false;
  g->state = GS_BUSY;
  Ctx inner = instance_ctx(s, in, ZONE_GLOBAL);
  inner.depth = cx->depth + 1;
  inner.frame = frame_new(s, n->scope);
  Name hint = s->p->name_hint;
  const Node *site = s->p->name_site;
  s->p->name_hint = n->name;
  s->p->name_site = n->a;
  bool ok = resolve_decl(&inner, g, n);
  s->p->name_hint = hint;
  s->p->name_site = site;
  g->state = ok ? GS_DONE : GS_ERROR;
  return ok;
}

// The thing with an address behind a global variable, constant or param.
uint32_t global_object(Ctx *cx, Instance *in, uint32_t decl)
{
  Sema *s = cx->s;
  Global *g = &in->globals[decl];
  if (!g->object) {
    Node *n = decl_node(in, decl);
    Object o = {.instance = in, .decl = decl, .type = g->type, .is_const = n->kind != N_VAR};
    arrput(s->objects, o);
    g->object = (uint32_t)arrlen(s->objects);
  }
  return g->object - 1;
}

static Operand variable_place(Ctx *cx, Instance *in, uint32_t decl)
{
  Sema *s = cx->s;
  Global *g = &in->globals[decl];
  bool is_const = decl_node(in, decl)->kind != N_VAR;
  Value p = v_ref(type_pointer(s, g->type, is_const, false), global_object(cx, in, decl));
  return (Operand){.kind = OPK_LVALUE,
                   .is_const = is_const,
                   .ct_pointer = true,
                   .is_variable = true,
                   .type = g->type,
                   .v = p};
}

// What the name of a global means in an expression.
Operand global_operand(Ctx *cx, Instance *in, uint32_t decl, Node *at, bool as_place)
{
  Node *n = decl_node(in, decl);
  if (n->kind == N_FN)
    return function_operand(cx, in, decl, at);
  if (!global_resolve(cx, in, decl, at))
    return op_error();
  Global *g = &in->globals[decl];
  if (n->kind == N_VAR || g->external)
    return as_place ? variable_place(cx, in, decl)
                    : sema_load(cx, at, variable_place(cx, in, decl));
  bool addressable =
      as_place && in->tile && g->type != T_VOID && !type_comptime_only(cx->s, g->type);
  return addressable ? variable_place(cx, in, decl) : op_value(g->value);
}

Operand module_member(Ctx *cx, Node *n, Instance *in, Name name, bool as_place)
{
  ptrdiff_t i = hmgeti(in->file->by_name, name);
  if (i < 0) {
    SEMA_ERROR(cx, n, no_member, names_text(cx->s->names, name), "module", in->path);
    hint_name(cx, n, HINT_MEMBER, names_text(cx->s->names, name));
    return op_error();
  }
  return global_operand(cx, in, in->file->by_name[i].value, n, as_place);
}

// ---- functions as values ----
static bool is_generic(const Node *fn)
{
  for (uint32_t i = 0; i < fn->count; i++)
    if (fn->list[i]->flags & (NF_COMPTIME | NF_ANYTYPE))
      return true;
  return false;
}

static bool has_attribute(const Node *decl, NodeKind kind)
{
  const Node *attrs = decl->u.decl.attrs;
  for (uint32_t i = 0; attrs && i < attrs->count; i++)
    if (attrs->list[i]->kind == kind)
      return true;
  return false;
}

// Storage classes, bodies and `inline` exclude each other (spec language 4.3, 10.1).
static bool check_function(Ctx *cx, Node *fn)
{
  uint32_t errors = cx->s->diags->errors;
  bool external = fn->flags & NF_EXTERN, exported = fn->flags & NF_EXPORT;
  if (!fn->a && !external)
    SEMA_ERROR(cx, fn, no_body);
  if (fn->a && external)
    SEMA_ERROR(cx, fn, extern_value, "function", "a body");
  if ((fn->flags & NF_INLINE) && (external || exported))
    SEMA_ERROR(cx, fn, inline_storage, exported ? "be exported" : "be extern");
  if ((fn->flags & NF_INLINE) && has_attribute(fn, N_LINKNAME))
    SEMA_ERROR(cx, fn, inline_storage, "have a linkname");
  if (is_generic(fn) && (external || exported))
    SEMA_ERROR(cx, fn, generic_storage, exported ? "exported" : "extern");
  return cx->s->diags->errors == errors;
}

// Type of a function without generic parameters; T_NONE after a report. Later parameter types may
// look at earlier parameters (@type_of), so these are bound without a value.
static Type signature(Ctx *cx, Instance *in, Node *fn)
{
  Sema *s = cx->s;
  Ctx inner = instance_ctx(s, in, ZONE_GLOBAL);
  inner.depth = cx->depth + 1;
  inner.frame = frame_new(s, fn->scope);
  Type *types = ARENA_ARRAY(&s->arena, Type, fn->count + 1);
  for (uint32_t i = 0; i < fn->count; i++) {
    types[i] = sema_value_type(&inner, fn->list[i]->a);
    if (types[i] == T_NONE)
      return T_NONE;
    inner.frame->locals[fn->list[i]->slot] =
        (Local){.op = op_rvalue(types[i], IR_NONE), .is_const = true};
  }
  Type result = sema_value_type(&inner, fn->u.decl.type);
  if (result == T_NONE)
    return T_NONE;
  bool is_task = fn->flags & NF_TASK;
  if (is_task && result != T_VOID) {
    SEMA_ERROR(&inner, fn->u.decl.type, task_result, type_name(s, result));
    return T_NONE;
  }
  return type_function(s, types, fn->count, result, is_task);
}

Operand function_operand(Ctx *cx, Instance *in, uint32_t decl, Node *at)
{
  Sema *s = cx->s;
  Global *g = &in->globals[decl];
  if (g->state == GS_ERROR)
    return op_error();
  if (!g->function) {
    Node *fn = decl_node(in, decl);
    if (g->state == GS_BUSY)
      return SEMA_ERROR(cx, at, depends_on_itself, names_text(s->names, fn->name));
    if (!enter_call(cx, at))
      return op_error();
    g->state = GS_BUSY;
    bool generic = is_generic(fn);
    Ctx inner = instance_ctx(s, in, ZONE_GLOBAL);
    Type t = !check_function(&inner, fn) ? T_NONE
             : generic                   ? type_function(s, NULL, 0, T_NONE, false)
                                         : signature(cx, in, fn);
    g->state = t == T_NONE ? GS_ERROR : GS_DONE;
    if (t == T_NONE)
      return op_error();
    arrput(s->functions, ((Function){.instance = in, .node = fn, .type = t, .generic = generic}));
    g->function = (uint32_t)arrlen(s->functions);
  }
  return op_value(v_ref(s->functions[g->function - 1].type, g->function - 1));
}

// ---- symbols ----
// The global that a bare, possibly module-qualified name means: its instance and number.
static bool named_global(Ctx *cx, Node *n, Instance **in, uint32_t *decl)
{
  if (n->kind == N_IDENT && n->scope == SCOPE_GLOBAL) {
    *in = cx->instance;
    *decl = n->slot;
    return true;
  }
  if (n->kind != N_FIELD)
    return false;
  Operand m = sema_place(cx, n->a);
  if (m.kind != OPK_VALUE || m.type != T_MODULE)
    return false;
  *in = cx->s->instances[m.v.ref];
  ptrdiff_t i = hmgeti((*in)->file->by_name, n->name);
  *decl = i < 0 ? 0 : (*in)->file->by_name[i].value;
  return i >= 0;
}

Value sema_initial_value(const Ctx *cx, const Node *n)
{
  if (n->kind != N_IDENT || n->scope != SCOPE_GLOBAL)
    return (Value){0};
  return cx->instance->globals[n->slot].value;
}

bool sema_symbol(Ctx *cx, Node *n, uint32_t *object, Value *fn)
{
  Instance *in;
  uint32_t decl;
  *fn = (Value){0};
  *object = 0;
  if (!named_global(cx, n, &in, &decl)) {
    if (n->kind != N_IDENT || !is_error(sema_place(cx, n))) // an unknown name has its own error
      SEMA_ERROR(cx, n, expect_symbol);
    return false;
  }
  Operand op = global_operand(cx, in, decl, n, true);
  if (is_error(op))
    return false;
  const TypeInfo *t = type_info(cx->s, op.type);
  if (t->kind == TK_FN && op.kind == OPK_VALUE) {
    *fn = op.v;
    return true;
  }
  if (op.kind == OPK_LVALUE && op.ct_pointer) {
    *object = op.v.ref;
    return true;
  }
  SEMA_ERROR(cx, n, expect_symbol);
  return false;
}
