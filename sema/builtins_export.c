// Host-visible names: @export_name in the layout, @export_symbol in tile programs, look-up by id
// (language 10.2, 10.3).
#include "sema/legacy.h"
#include <stb/stb_ds.h>
#include <string.h>

// ---- @export_name ----
enum { MAX_EXPORT_PARAMS = 15 };

static bool scalar_ok(Sema *s, Type t)
{
  if (t == T_BOOL || t == T_COLOR)
    return true;
  if (type_is_float(t))
    return t == T_F32 || t == type_fp16(s);
  if (!type_is_int(s, t))
    return false;
  unsigned bits = type_bits(s, t);
  return bits == 16 || bits == 32 || (s->compat == COMPAT_1_4 && (bits == 8 || bits == 64));
}

static bool target_ok(Sema *s, Type t);

// Releases before 2.10 have no structs with a prescribed layout: those that they have will do.
static bool struct_ok(Sema *s, const TypeInfo *i)
{
  if (i->packed || i->external)
    return true;
  for (uint32_t k = 0; k < i->count; k++)
    if (!target_ok(s, i->fields[k].type))
      return false;
  return s->compat == COMPAT_1_4 && i->kind == TK_STRUCT;
}

// What a pointer that the host knows may point at: scalars, arrays of them, and structs.
static bool target_ok(Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  if (i->kind == TK_ARRAY)
    return target_ok(s, i->elem);
  if (i->kind == TK_STRUCT || i->kind == TK_UNION)
    return struct_ok(s, i);
  return scalar_ok(s, t) || type_is_pointer(s, t) || i->kind == TK_ENUM;
}

static bool function_ok(Sema *s, const TypeInfo *fn)
{
  for (uint32_t i = 0; i < fn->count; i++)
    if (!scalar_ok(s, fn->fields[i].type) && !type_is_pointer(s, fn->fields[i].type))
      return false;
  return fn->elem == T_VOID || scalar_ok(s, fn->elem) || type_is_pointer(s, fn->elem);
}

static bool exportable(Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  if (i->kind == TK_FN)
    return function_ok(s, i);
  return type_is_pointer(s, t) ? target_ok(s, i->elem) : scalar_ok(s, t);
}

static int find_export(const FabricModule *f, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(f->exports); i++)
    if (strcmp(f->exports[i].name, name) == 0)
      return (int)i;
  return -1;
}

static void add_export(Sema *s, const char *name, Type t, bool is_mutable, SrcRange where)
{
  FabricModule *f = s->fabric;
  const TypeInfo *i = type_info(s, t);
  bool fn = i->kind == TK_FN;
  FabricExport e = {.name = arena_strdup(&f->arena, name),
                    .kind = fn ? EXPORT_FUNC : EXPORT_DATA,
                    .mutable_ = is_mutable,
                    .type = arena_strdup(&f->arena, type_name(s, fn ? i->elem : t)),
                    .symbol = ""};
  for (uint32_t k = 0; fn && k < i->count; k++)
    arrput(e.param_types, arena_strdup(&f->arena, type_name(s, i->fields[k].type)));
  arrput(f->exports, e);
  arrput(s->ops->export_types, t);
  arrput(s->ops->export_where, where);
}

static void note_declared(Ctx *cx, int id)
{
  diag_note(cx->s->diags, cx->s->ops->export_where[id], "'%s' is declared here",
            cx->s->fabric->exports[id].name);
}

Operand bi_export_name(Ctx *cx, Node *call)
{
  Sema *s = cx->s;
  Name name;
  Type t;
  bool is_mutable = false;
  if (!sema_comptime_string(cx, call->list[0], &name) ||
      !sema_comptime_type(cx, call->list[1], &t) ||
      (call->count > 2 && !sema_comptime_bool(cx, call->list[2], &is_mutable)))
    return op_error();
  bool fn = type_info(s, t)->kind == TK_FN;
  if (fn && type_info(s, t)->count > MAX_EXPORT_PARAMS)
    return SEMA_ERROR(cx, call->list[1], export_params, MAX_EXPORT_PARAMS);
  if (!exportable(s, t))
    return SEMA_ERROR(cx, call->list[1], export_bad_type, type_name(s, t));
  if (!fn && call->count < 3)
    return SEMA_ERROR(cx, call, export_mutability, names_text(s->names, name));
  int twice = find_export(s->fabric, names_text(s->names, name));
  if (twice >= 0) {
    SEMA_ERROR(cx, call, export_twice, names_text(s->names, name));
    note_declared(cx, twice);
    return op_error();
  }
  add_export(s, names_text(s->names, name), t, is_mutable, node_range(call));
  return op_void();
}

// ---- @export_symbol ----
typedef struct Symbol {
  uint32_t object;
  Value fn; // type T_NONE: a variable
  Type type;
  const char *name;
  bool is_mutable;
} Symbol;

static bool read_symbol(Ctx *cx, Node *n, Symbol *out)
{
  Sema *s = cx->s;
  if (!sema_symbol(cx, n, &out->object, &out->fn))
    return false;
  if (out->fn.type != T_NONE) {
    out->type = out->fn.type;
    out->name = sema_function_name(cx, out->fn.ref);
    return true;
  }
  out->type = s->objects[out->object].type;
  out->name = sema_object_name(cx, out->object);
  out->is_mutable = !s->objects[out->object].is_const;
  return true;
}

static bool matches(Ctx *cx, Node *call, const Symbol *sym, int id)
{
  const FabricExport *e = &cx->s->fabric->exports[id];
  Type declared = cx->s->ops->export_types[id];
  if (declared != sym->type) {
    SEMA_ERROR(cx, call, type_mismatch, type_name(cx->s, declared), type_name(cx->s, sym->type));
    note_declared(cx, id);
    return false;
  }
  if (sym->fn.type == T_NONE && e->mutable_ != sym->is_mutable) {
    SEMA_ERROR(cx, call, export_mismatch);
    diag_note(cx->s->diags, node_range(call), "expected name to be %s",
              sym->is_mutable
                  ? "mutable: the symbol is 'var'; give @export_name true, or make it 'const'"
                  : "immutable: the symbol is 'const'; give @export_name false, or make "
                    "it 'var'");
    note_declared(cx, id);
    return false;
  }
  return true;
}

static bool export_id(Ctx *cx, Node *call, Name name, int *id)
{
  const char *text = names_text(cx->s->names, name);
  *id = find_export(cx->s->fabric, text);
  if (*id >= 0)
    return true;
  SEMA_ERROR(cx, call, export_undeclared, text);
  diag_note(cx->s->diags, node_range(call),
            "use @export_name to declare '%s' during layout evaluation", text);
  return false;
}

static bool note_export(Ctx *cx, Node *call, const Symbol *sym, int id)
{
  OpsTile *t = cx->tile->ops;
  for (ptrdiff_t i = 0; i < arrlen(t->exports); i++)
    if (t->exports[i].id == (uint32_t)id) {
      SEMA_ERROR(cx, call, export_twice, cx->s->fabric->exports[id].name);
      return false;
    }
  bool fn = sym->fn.type != T_NONE;
  arrput(t->exports,
         ((ExportedSymbol){(uint32_t)id, fn ? 0 : sym->object + 1, fn ? sym->fn.ref : 0}));
  FabricExport *e = &cx->s->fabric->exports[id];
  if (!*e->symbol)
    e->symbol = arena_strdup(&cx->s->fabric->arena, sym->name);
  return true;
}

// The identifier of the symbol expression: `x`, or `y` of `mod.y`.
static Name symbol_identifier(const Node *n)
{
  return n->name;
}

Operand bi_export_symbol(Ctx *cx, Node *call)
{
  Symbol sym = {0};
  int id;
  Name name = symbol_identifier(call->list[0]);
  if (!ops_tile(cx, call) || !read_symbol(cx, call->list[0], &sym) ||
      (call->count > 1 && !sema_comptime_string(cx, call->list[1], &name)) ||
      !export_id(cx, call, name, &id) || !matches(cx, call, &sym, id) ||
      !note_export(cx, call, &sym, id))
    return op_error();
  if (sym.fn.type == T_NONE) {
    IrRef global = IR_REF(REF_GLOBAL, sema_global_ir(cx, sym.object));
    ops_setup(cx, call, SETUP_EXPORT_DATA, (uint32_t)id, global, IR_NONE, IR_NONE);
    return op_void();
  }
  uint32_t fn =
      sema_function_ir(cx, call, sym.fn); // the backend makes the entry that fetches the arguments
  ops_setup(cx, call, SETUP_EXPORT_FUNC, (uint32_t)id, IR_REF(REF_FUNC, fn),
            ops_i16(cx, type_info(cx->s, sym.type)->count), IR_NONE);
  return op_void();
}

void exports_end(Ctx *cx)
{
  cx->tile->ops->complete = true;
}

void exports_check(Sema *s)
{
  for (ptrdiff_t i = 0; i < arrlen(s->fabric->exports); i++) {
    const FabricExport *e = &s->fabric->exports[i];
    if (*e->symbol)
      continue;
    DIAG_AT(s->diags, export_never, s->ops->export_where[i], e->name);
    diag_note(s->diags, (SrcRange){0, 0},
              "write @export_symbol(symbol, \"%s\"); in a comptime block of the tile program",
              e->name);
  }
}

// ---- look-up on the device ----
Operand bi_get_symbol_id(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  Symbol sym = {0};
  if (!t || !read_symbol(cx, call->list[0], &sym))
    return op_error();
  bool fn = sym.fn.type != T_NONE;
  for (ptrdiff_t i = 0; i < arrlen(t->exports); i++)
    if (fn ? !t->exports[i].object && t->exports[i].function == sym.fn.ref
           : t->exports[i].object == sym.object + 1)
      return op_value(v_int(T_U16, t->exports[i].id));
  return SEMA_ERROR(cx, call, symbol_not_exported, sym.name);
}

static bool is_tensor(Sema *s, const ExportedSymbol *e)
{
  return e->object && type_is_pointer(s, s->objects[e->object - 1].type);
}

Operand bi_has_exported_tensors(Ctx *cx, Node *call)
{
  OpsTile *t = ops_tile(cx, call);
  bool any = false;
  if (!t)
    return op_error();
  if (!t->complete)
    return SEMA_ERROR(cx, call, exports_open);
  for (ptrdiff_t i = 0; i < arrlen(t->exports); i++)
    any |= is_tensor(cx->s, &t->exports[i]);
  return op_value(v_bool(any));
}

// One case of a look-up: the value of an exported variable goes to `slot`.
static void lookup_case(Ctx *cx, const ExportedSymbol *e, IrType type, IrRef slot, uint32_t done)
{
  IrBuilder *b = &cx->b;
  IrRef global = IR_REF(REF_GLOBAL, sema_global_ir(cx, e->object - 1));
  IrRef value = tir_emit(b, IR_LOAD, type, global, IR_NONE, IR_NONE, 0);
  tir_emit(b, IR_STORE, IRT_VOID, slot, value, IR_NONE, 0);
  tir_emit(b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, done);
}

// Value of the export with a run-time id among those of type `want` (T_NONE: any pointer); others
// trap.
static Operand lookup(Ctx *cx, Node *call, Node *id_node, Type want, Type result)
{
  const OpsTile *t = cx->tile->ops;
  IrBuilder *b = &cx->b;
  IrType type = type_lower(cx, result);
  IrRef id = sema_runtime(cx, id_node, sema_expr(cx, id_node, T_U16), T_U16);
  if (id == IR_NONE)
    return op_error();
  IrRef slot = tir_slot(b, type, NULL);
  uint32_t start = b->block, done = tir_block(b), other = tir_block(b), *cases = NULL;
  arrput(cases, other);
  for (ptrdiff_t i = 0; i < arrlen(t->exports); i++) {
    const ExportedSymbol e = t->exports[i];
    if (want == T_NONE ? !is_tensor(cx->s, &e)
                       : !e.object || cx->s->objects[e.object - 1].type != want)
      continue;
    b->block = tir_block(b);
    arrput(cases, e.id); // from …
    arrput(cases, e.id); // … to
    arrput(cases, b->block);
    lookup_case(cx, &e, type, slot, done);
  }
  uint32_t found = ((uint32_t)arrlen(cases) - 1) / 3;
  b->block = other;
  tir_emit(b, IR_TRAP, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, TRAP_ASSERT);
  tir_emit(b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  b->block = start;
  tir_emit_list(b, IR_SWITCH, IRT_VOID, id, IR_NONE, IR_NONE, 0, cases, (uint32_t)arrlen(cases));
  arrfree(cases);
  b->block = done;
  if (!found && want != T_NONE)
    return SEMA_ERROR(cx, call, no_export_of_type, type_name(cx->s, want));
  return op_rvalue(result, tir_emit(b, IR_LOAD, type, slot, IR_NONE, IR_NONE, 0));
}

Operand bi_get_symbol_value(Ctx *cx, Node *call)
{
  Type t;
  if (!ops_tile(cx, call) || !sema_comptime_type(cx, call->list[0], &t))
    return op_error();
  return lookup(cx, call, call->list[1], t, t);
}

Operand bi_get_tensor_ptr(Ctx *cx, Node *call)
{
  if (!ops_tile(cx, call))
    return op_error();
  return lookup(cx, call, call->list[0], T_NONE, type_pointer(cx->s, T_U16, false, true));
}

Operand bi_rpc(Ctx *cx, Node *call)
{
  bool accepted = legacy_form(
      cx, call, "@rpc", "delete this line: <memcpy/memcpy> makes exported functions callable");
  return accepted ? op_void() : op_error();
}
