// From comptime values to the tile: constants in registers, data in memory, stores of aggregates.
#include "sema/private.h"
#include <string.h>

IrRef sema_const(Ctx *cx, IrType t, uint64_t bits)
{
  return tir_const(cx->tile->module, t, bits);
}

IrType sema_int_type(Ctx *cx, uint32_t bytes)
{
  return tir_int(cx->tile->module, bytes * 8);
}

IrRef sema_int_const(Ctx *cx, IrType t, Value v)
{
  uint32_t words[IR_MAX_INT_WORDS], n = tir_int_bits(cx->tile->module, t) / IR_WORD_BITS;
  if (n <= 2 && !type_is_big(cx->s, v.type))
    return sema_const(cx, t, (uint64_t)v.i);
  big_words(cx->s, v, words, n < 2 ? 2 : n);
  return n > 2 ? tir_const_words(cx->tile->module, t, words)
               : sema_const(cx, t, (uint64_t)words[1] << 32 | words[0]);
}

// ---- objects: what pointers point at ----
// An anonymous constant with the contents of `v`; one for every aggregate value.
uint32_t const_object(Ctx *cx, Value v)
{
  Sema *s = cx->s;
  ProgramPrivate *p = cx->tile->p;
  bool aggregate = type_is_aggregate(s, v.type);
  ptrdiff_t i = aggregate ? hmgeti(p->const_data, v.ref) : -1;
  if (i >= 0 && s->objects[p->const_data[i].value].type == v.type)
    return p->const_data[i].value;
  v_share(s, v);
  arrput(s->objects, ((Object){.type = v.type, .init = v, .is_const = true}));
  uint32_t object = (uint32_t)arrlen(s->objects) - 1;
  if (aggregate)
    hmput(p->const_data, v.ref, object);
  return object;
}

// A name that no other symbol of the tile program has.
static const char *unique_name(Ctx *cx, const char *name)
{
  ProgramPrivate *p = cx->tile->p;
  const char *text = name;
  while (shgeti(p->symbols, text) >= 0) {
    uint32_t k = shget(p->symbols, name) + 1; // where the search for this name got to
    shput(p->symbols, name, k);
    text = arena_printf(&cx->s->arena, "%s.%u", name, k);
  }
  shput(p->symbols, text, 1);
  return text;
}

const char *sema_unique_name(Ctx *cx, const char *name)
{
  return unique_name(cx, name);
}

const char *sema_object_name(Ctx *cx, uint32_t object)
{
  const Object *o = &cx->s->objects[object];
  if (!o->instance)
    return ".const";
  const Node *n = o->instance->file->decls[o->decl].node;
  const char *name = names_text(cx->s->names, n->name);
  bool bare =
      n->flags & (NF_EXPORT | NF_EXTERN); // global symbols are not module-qualified (language 10.1)
  return bare ? name : arena_printf(&cx->s->arena, "%s%s", o->instance->prefix, name);
}

bool check_alignment(Ctx *cx, Node *n, uint32_t *out)
{
  int64_t align;
  if (!sema_comptime_int(cx, n, 1, 1 << 15, "alignment", &align))
    return false;
  *out = (uint32_t)align;
  if (!(align & (align - 1)))
    return true;
  SEMA_ERROR(cx, n, alignment);
  return false;
}

static void apply_attribute(Ctx *cx, IrGlobal *g, Node *n)
{
  Name text;
  uint32_t align;
  switch (n->kind) {
  case N_ALIGN:
    if (check_alignment(cx, n->a, &align) && align > type_align(cx->s, T_U8))
      g->align = align;
    return;
  case N_LINKNAME: return; // storage_linkname
  default:
    if (!sema_comptime_string(cx, n->a, &text))
      return;
    g->section = names_text(cx->s->names, text);
    storage_section_start(cx->s, g->section, &g->section_start);
  }
}

static void apply_attributes(Ctx *cx, uint32_t global, Instance *in, Node *decl)
{
  Node *attrs = decl->u.decl.attrs;
  Ctx inner = instance_ctx(cx->s, in, ZONE_GLOBAL);
  inner.frame = frame_new(cx->s, decl->scope);
  IrGlobal g = cx->tile->module->globals[global];
  for (uint32_t i = 0; attrs && i < attrs->count; i++)
    apply_attribute(&inner, &g, attrs->list[i]);
  g.exported = decl->flags & NF_EXPORT;
  g.linkname = storage_linkname(cx, in, decl);
  cx->tile->module->globals[global] = g;
}

static Value object_init(const Object *o)
{
  return o->instance ? o->instance->globals[o->decl].value : o->init;
}

// An extern variable is the exported one.
static bool extern_global(Ctx *cx, const Object *o, Node *decl, uint32_t *ir)
{
  Instance *in;
  uint32_t number;
  if (!storage_resolve(cx, o->instance, decl, o->type, &in, &number))
    return false;
  *ir = sema_global_ir(cx, global_object(cx, in, number));
  return true;
}

uint32_t sema_global_ir(Ctx *cx, uint32_t object)
{
  Sema *s = cx->s;
  TileModule *m = cx->tile->module;
  if (s->objects[object].ir)
    return s->objects[object].ir - 1;
  Object o = s->objects[object];
  Node *decl = o.instance ? o.instance->file->decls[o.decl].node : NULL;
  uint32_t definition;
  if (decl && (decl->flags & NF_EXTERN) && extern_global(cx, &o, decl, &definition)) {
    s->objects[object].ir = definition + 1;
    return definition;
  }
  if (decl && !(decl->flags & NF_EXTERN))
    storage_claim(cx, o.instance, decl);
  const char *name = unique_name(cx, sema_object_name(cx, object));
  uint32_t g = tir_global(m, name, type_lower(cx, o.type), decl ? decl->at : 0);
  s->objects[object].ir = g + 1; // before the initial value, which may point back
  m->globals[g].constant = o.is_const;
  if (decl)
    apply_attributes(cx, g, o.instance, decl);
  Value v = object_init(&o);
  if (v.type != T_NONE)
    sema_serialise(cx, g, 0, v, decl);
  return g;
}

// ---- initial data ----
static uint8_t *init_bytes(Ctx *cx, uint32_t global)
{
  TileModule *m = cx->tile->module;
  IrGlobal *g = &m->globals[global];
  if (!g->init)
    g->init = arena_alloc(&m->arena, tir_size(m, g->type));
  return g->init;
}

static void write_word(Ctx *cx, uint32_t global, uint32_t offset, uint64_t bits, uint32_t size)
{
  if (!bits && !cx->tile->module->globals[global].init)
    return; // zero anyway
  uint8_t *p = init_bytes(cx, global) + offset;
  for (uint32_t i = 0; i < size; i++)
    p[i] = (uint8_t)(bits >> (8 * i));
}

// The low bytes of an integer of any size.
static void write_integer(Ctx *cx, uint32_t global, uint32_t offset, Value v, uint32_t size)
{
  uint32_t words[IR_MAX_INT_WORDS], n = (size + 3) / 4;
  big_words(cx->s, v, words, n);
  for (uint32_t i = 0; i < n; i++)
    write_word(cx, global, offset + i * 4, words[i], size < 4 ? size : 4);
}

static void write_reloc(Ctx *cx, uint32_t global, uint32_t offset, IrRef target, int32_t addend)
{
  init_bytes(cx, global);
  IrReloc r = {.offset = offset, .target = target, .addend = addend};
  arrput(cx->tile->module->globals[global].relocs, r);
}

static void write_pointer(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at)
{
  if (type_is_fn_pointer(cx->s, v.type)) {
    Value fn = v;
    fn.type = type_deref(cx->s, v.type);
    write_reloc(cx, global, offset, IR_REF(REF_FUNC, sema_function_ir(cx, at, fn)), 0);
  } else if (v.ref) {
    write_reloc(cx, global, offset, IR_REF(REF_GLOBAL, sema_global_ir(cx, v.ref)), v.off);
  }
}

// Bits of packed structs are not patched per tile: all tiles of a class agree on them.
static void force_parts(Ctx *cx, Value v)
{
  for (uint32_t k = 0; k < v_count(cx->s, v); k++) {
    Value part = v_element(cx->s, v, k);
    if (type_is_aggregate(cx->s, part.type))
      force_parts(cx, part);
    else
      sema_force(cx, &part);
  }
}

static void write_aggregate(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at)
{
  Sema *s = cx->s;
  const TypeInfo *t = type_info(s, v.type);
  const Agg *a = s->p->aggs[v.ref];
  if (a->kind == AGG_UNIFORM && v_equal(s, a->one, v_default(s, a->one.type)) && !a->one.sym)
    return; // all zero
  if (type_is_packed(s, v.type)) {
    Value bits;
    force_parts(cx, v);
    if (!packed_bits(s, v, &bits))
      SEMA_ERROR(cx, at, packed_pointer);
    else
      write_integer(cx, global, offset, bits, type_size(s, v.type));
    return;
  }
  for (uint32_t k = 0; k < a->count; k++) {
    uint32_t at_byte = t->kind == TK_ARRAY ? k * type_size(s, t->elem) : t->fields[k].offset;
    Value part = agg_get(a, k);
    if (part.type != T_NONE) // inactive variants of unions
      sema_serialise(cx, global, offset + at_byte, part, at);
  }
}

uint64_t scalar_bits(const Sema *s, Value v)
{
  if (type_is_float(v.type))
    return float_bits(v.type, v.f);
  return (uint64_t)int_wrap(s, v.type, v.i);
}

// The loader writes 16 or 32 bits per tile; values of other widths are decided per class.
static bool is_patchable(const Sema *s, Value v)
{
  uint32_t size = type_size(s, v.type);
  return v.sym && (size == 2 || size == 4);
}

void sema_serialise(Ctx *cx, uint32_t global, uint32_t offset, Value v, Node *at)
{
  Sema *s = cx->s;
  if (type_is_aggregate(s, v.type)) {
    write_aggregate(cx, global, offset, v, at);
  } else if (type_is_dsd(v.type)) {
    dsd_serialise(cx, global, offset, v, at);
  } else if (type_is_pointer(s, v.type)) {
    write_pointer(cx, global, offset, v, at);
  } else if (type_size(s, v.type) > 8) {
    sema_force(cx, &v);
    write_integer(cx, global, offset, v, type_size(s, v.type));
  } else {
    bool patched = is_patchable(s, v);
    if (!patched)
      sema_force(cx, &v);
    write_word(cx, global, offset, scalar_bits(s, v), type_size(s, v.type));
    if (patched) {
      IrRef ref = sema_tileconst(cx, v);
      IrGlobal *g = &cx->tile->module->globals[global];
      init_bytes(cx, global);
      arrsetlen(g->patches, arrlenu(g->patches) + 1);
      arrlast(g->patches).offset = offset;
      arrlast(g->patches).tileconst = IR_INDEX(ref);
    }
  }
}

// The integer that makes a type one of compile time, if it is the width that does.
static Type too_wide(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  if (type_is_int(s, t))
    return i->bits > IR_MAX_INT_BITS ? t : T_NONE;
  if (i->kind == TK_ARRAY || i->kind == TK_ENUM || i->kind == TK_RANGE)
    return too_wide(s, i->elem);
  Type found = T_NONE;
  for (uint32_t k = 0; type_is_aggregate(s, t) && k < i->count && found == T_NONE; k++)
    found = i->fields[k].type == T_NONE ? T_NONE : too_wide(s, i->fields[k].type);
  return found;
}

Operand sema_must_be_comptime(Ctx *cx, Node *at, Type t)
{
  SEMA_ERROR(cx, at, must_be_comptime, type_name(cx->s, t));
  Type wide = too_wide(cx->s, t);
  if (wide != T_NONE)
    diag_note(cx->s->diags, node_range(at),
              "on a tile integers have at most %d bits, not those of '%s'", IR_MAX_INT_BITS,
              type_name(cx->s, wide));
  return op_error();
}

// ---- values in registers ----
// Entry of the per-tile constant block; one for every expression.
IrRef sema_tileconst(Ctx *cx, Value v)
{
  TileModule *m = cx->tile->module;
  ProgramPrivate *p = cx->tile->p;
  for (ptrdiff_t i = 0; i < arrlen(p->tileconsts); i++)
    if (p->tileconsts[i].type == v.type && p->tileconsts[i].sym == v.sym)
      return IR_REF(REF_TILECONST, i);
  uint32_t number = (uint32_t)arrlen(p->tileconsts);
  arrput(p->tileconsts, v);
  const char *name = arena_printf(&m->arena, "tile.%u", number);
  arrput(m->tileconsts, ((TileConst){.name = name, .type = type_lower(cx, v.type)}));
  return IR_REF(REF_TILECONST, number);
}

static IrRef materialise_pointer(Ctx *cx, Node *at, Value v)
{
  if (type_is_fn_pointer(cx->s, v.type)) {
    v.type = type_deref(cx->s, v.type);
    return IR_REF(REF_FUNC, sema_function_ir(cx, at, v));
  }
  if (!v.ref)
    return sema_const(cx, IRT_PTR, 0);
  IrRef base = IR_REF(REF_GLOBAL, sema_global_ir(cx, v.ref));
  return v.off ? tir_emit(&cx->b, IR_OFFSET, IRT_PTR, base, IR_NONE, IR_NONE, (uint32_t)v.off)
               : base;
}

// Aggregates become addresses.
IrRef sema_materialise(Ctx *cx, Node *at, Value v)
{
  Sema *s = cx->s;
  if (type_comptime_only(s, v.type)) {
    sema_must_be_comptime(cx, at, v.type);
    return IR_NONE;
  }
  if (type_is_dsd(v.type))
    return dsd_materialise(cx, at, v);
  if (type_is_aggregate(s, v.type))
    return IR_REF(REF_GLOBAL, sema_global_ir(cx, const_object(cx, v)));
  if (type_is_pointer(s, v.type))
    return materialise_pointer(cx, at, v);
  if (is_patchable(s, v) && v.type != T_BOOL)
    return sema_tileconst(cx, v);
  sema_force(cx, &v);
  IrType t = type_lower(cx, v.type);
  if (tir_int_bits(cx->tile->module, t) > 64)
    return sema_int_const(cx, t, v);
  return sema_const(cx, t, scalar_bits(s, v));
}

IrRef sema_runtime(Ctx *cx, Node *at, Operand op, Type want)
{
  if (cx->comptime && op.kind != OPK_ERROR) {
    SEMA_ERROR(cx, at, not_comptime);
    return IR_NONE;
  }
  if (want != T_NONE && !sema_coerce(cx, at, &op, want))
    return IR_NONE;
  op = sema_load(cx, at, op);
  switch (op.kind) {
  case OPK_VALUE: return sema_materialise(cx, at, op.v);
  case OPK_RVALUE: return op.ref;
  case OPK_FIELDS: {
    if (type_comptime_only(cx->s, op.type)) {
      sema_must_be_comptime(cx, at, op.type);
      return IR_NONE;
    }
    IrRef slot = tir_slot(&cx->b, type_lower(cx, op.type), NULL);
    store_to(cx, at, slot, op, op.type);
    return slot;
  }
  default: return IR_NONE;
  }
}

// ---- stores of whole values ----
static IrRef address_of_part(Ctx *cx, IrRef base, uint32_t offset)
{
  return offset ? tir_emit(&cx->b, IR_OFFSET, IRT_PTR, base, IR_NONE, IR_NONE, offset) : base;
}

static uint32_t part_offset(const Sema *s, Type t, uint32_t k)
{
  const TypeInfo *i = type_info(s, t);
  return i->kind == TK_ARRAY ? k * type_size(s, i->elem) : i->fields[k].offset;
}

// for (i = 0; i < count; i++) address[i] = elem
static void fill_loop(Ctx *cx, Node *at, IrRef address, Operand elem, uint32_t count)
{
  Type t = elem.type;
  IrRef slot = tir_slot(&cx->b, IRT_I32, NULL);
  tir_emit(&cx->b, IR_STORE, IRT_VOID, slot, sema_const(cx, IRT_I32, 0), IR_NONE, 0);
  uint32_t body = tir_block(&cx->b), end = tir_block(&cx->b);
  tir_emit(&cx->b, IR_BR, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, body);
  cx->b.block = body;
  IrRef i = tir_emit(&cx->b, IR_LOAD, IRT_I32, slot, IR_NONE, IR_NONE, 0);
  IrRef p = tir_emit(&cx->b, IR_ELEM, IRT_PTR, address, i, IR_NONE, type_size(cx->s, t));
  store_to(cx, at, p, elem, t);
  IrRef next = tir_emit(&cx->b, IR_ADD, IRT_I32, i, sema_const(cx, IRT_I32, 1), IR_NONE, 0);
  tir_emit(&cx->b, IR_STORE, IRT_VOID, slot, next, IR_NONE, 0);
  IrRef more = tir_emit(&cx->b, IR_ULT, IRT_BOOL, next, sema_const(cx, IRT_I32, count), IR_NONE, 0);
  uint32_t list[2] = {body, end};
  tir_emit_list(&cx->b, IR_BRIF, IRT_VOID, more, IR_NONE, IR_NONE, 0, list, 2);
  cx->b.block = end;
}

enum { STORES_INLINE = 8 }; // more parts than this are copied from constant data

static bool store_uniform(Ctx *cx, Node *at, IrRef address, const Agg *a)
{
  Sema *s = cx->s;
  if (a->kind != AGG_UNIFORM || type_is_aggregate(s, a->one.type))
    return false;
  bool zero =
      !a->one.sym && !type_is_dsd(a->one.type) && v_equal(s, a->one, v_default(s, a->one.type));
  if (zero)
    tir_emit(&cx->b, IR_FILL, IRT_VOID, address, IR_NONE, IR_NONE, type_size(s, a->type));
  else if (a->count > STORES_INLINE)
    fill_loop(cx, at, address, op_rvalue(a->one.type, sema_materialise(cx, at, a->one)), a->count);
  return zero || a->count > STORES_INLINE;
}

static void store_aggregate_value(Ctx *cx, Node *at, IrRef address, Value v)
{
  Sema *s = cx->s;
  const Agg *a = s->p->aggs[v.ref];
  if (store_uniform(cx, at, address, a))
    return;
  if (a->count > STORES_INLINE) {
    tir_emit(&cx->b, IR_COPY, IRT_VOID, address, sema_materialise(cx, at, v), IR_NONE,
             type_size(s, v.type));
    return;
  }
  if (type_is_packed(s, v.type)) {
    Operand *fields = ARENA_ARRAY(&s->arena, Operand, a->count + 1);
    for (uint32_t k = 0; k < a->count; k++)
      fields[k] = op_value(agg_get(a, k));
    packed_store_fields(cx, at, address,
                        (Operand){.kind = OPK_FIELDS, .type = v.type, .fields = fields});
    return;
  }
  for (uint32_t k = 0; k < a->count; k++) {
    Value part = agg_get(a, k);
    if (part.type != T_NONE)
      store_to(cx, at, address_of_part(cx, address, part_offset(s, v.type, k)), op_value(part),
               part.type);
  }
}

// A run-time array with `elem` in every element.
Operand fill_array(Ctx *cx, Node *at, Type t, IrRef elem)
{
  const TypeInfo *i = type_info(cx->s, t);
  IrRef slot = tir_slot(&cx->b, type_lower(cx, t), NULL);
  if (i->count)
    fill_loop(cx, at, slot, op_rvalue(i->elem, elem), i->count);
  return op_rvalue(t, slot);
}

// Stores a value of type `t`, already coerced, at an address.
void store_to(Ctx *cx, Node *at, IrRef address, Operand value, Type t)
{
  Sema *s = cx->s;
  uint32_t size = type_size(s, t);
  if (!size || address == IR_NONE)
    return;
  if (type_is_aggregate(s, t)) {
    if (value.kind == OPK_VALUE) {
      store_aggregate_value(cx, at, address, value.v);
    } else if (value.kind == OPK_FIELDS && type_is_packed(s, t)) {
      packed_store_fields(cx, at, address, value);
    } else if (value.kind == OPK_FIELDS) {
      const TypeInfo *i = type_info(s, t);
      for (uint32_t k = 0; k < i->count; k++)
        if (value.fields[k].type != T_NONE)
          store_to(cx, at, address_of_part(cx, address, part_offset(s, t, k)), value.fields[k],
                   i->kind == TK_ARRAY ? i->elem : i->fields[k].type);
    } else if (value.kind == OPK_RVALUE) {
      tir_emit(&cx->b, IR_COPY, IRT_VOID, address, value.ref, IR_NONE, size);
    }
    return;
  }
  IrRef r = sema_runtime(cx, at, value, T_NONE);
  if (r != IR_NONE)
    tir_emit(&cx->b, IR_STORE, IRT_VOID, address, r, IR_NONE, 0);
}
