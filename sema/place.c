// Places: what can be loaded from, stored to and pointed at, at compile time and at run time.
#include "sema/private.h"
#include <string.h>

bool is_error(Operand op)
{
  return op.kind == OPK_ERROR;
}

static Operand lvalue(Type t, IrRef address, bool is_const)
{
  return (Operand){.kind = OPK_LVALUE, .is_const = is_const, .type = t, .ref = address};
}

// ---- loading ----
// Contents of a constant object, if they are known. False for variables.
static bool object_value(Ctx *cx, uint32_t object, Value *out)
{
  const Object *o = &cx->s->objects[object];
  if (!o->instance) {
    *out = o->init;
    return true;
  }
  const Global *g = &o->instance->globals[o->decl];
  if (o->instance->file->decls[o->decl].node->kind == N_VAR || g->external)
    return false;
  *out = g->value;
  return true;
}

static bool load_constant(Ctx *cx, Operand op, Value *out)
{
  Value root;
  if (!op.ct_pointer || !op.v.ref || op.v.off < 0 || !object_value(cx, op.v.ref, &root))
    return false;
  return v_at_offset(cx->s, root, (uint32_t)op.v.off, op.type, out);
}

static Operand not_readable(Ctx *cx, Node *at, Operand op)
{
  const Object *o = &cx->s->objects[op.ct_pointer ? op.v.ref : 0];
  if (op.ct_pointer && o->instance)
    return SEMA_ERROR(cx, at, comptime_reads_var,
                      names_text(cx->s->names, o->instance->file->decls[o->decl].name));
  return SEMA_ERROR(cx, at, not_comptime);
}

static Operand load_lvalue(Ctx *cx, Node *at, Operand op)
{
  Value v;
  if (!op.bit_width && load_constant(cx, op, &v))
    return op_value(v);
  if (cx->comptime)
    return not_readable(cx, at, op);
  if (op.bit_width)
    return packed_load(cx, at, op);
  IrRef address = sema_pointer(cx, at, op);
  if (address == IR_NONE)
    return op_error();
  IrType t = type_lower(cx, op.type);
  cx->b.pos = at->at;
  if (!type_is_aggregate(cx->s, op.type))
    return op_rvalue(op.type, tir_emit(&cx->b, IR_LOAD, t, address, IR_NONE, IR_NONE, 0));
  if (op.is_temporary)
    return op_rvalue(op.type, address);
  IrRef slot = tir_slot(&cx->b, t, NULL);
  tir_emit(&cx->b, IR_COPY, IRT_VOID, slot, address, IR_NONE, type_size(cx->s, op.type));
  return op_rvalue(op.type, slot);
}

Value *place_value(Ctx *cx, Place p, Value *scratch)
{
  if (p.value)
    return p.value;
  *scratch = agg_get(cx->s->p->aggs[p.agg], p.index);
  return scratch;
}

Operand sema_load(Ctx *cx, Node *at, Operand op)
{
  Value scratch;
  switch (op.kind) {
  case OPK_PLACE:
    scratch = *place_value(cx, op.place, &scratch);
    v_share(cx->s, scratch);
    return op_value(scratch);
  case OPK_LVALUE: return load_lvalue(cx, at, op);
  default: return op;
  }
}

bool sema_is_known(Ctx *cx, Operand op, Value *out)
{
  if (op.kind == OPK_VALUE) {
    *out = op.v;
    return true;
  }
  if (op.kind == OPK_PLACE) {
    *out = sema_load(cx, NULL, op).v;
    return true;
  }
  return op.kind == OPK_LVALUE && !op.bit_width && load_constant(cx, op, out);
}

// ---- addresses ----
// Address of a run-time place in a register.
IrRef sema_pointer(Ctx *cx, Node *at, Operand op)
{
  if (!op.ct_pointer)
    return op.ref;
  Value p = op.v;
  p.type = type_pointer(cx->s, op.type, op.is_const, false);
  return sema_materialise(cx, at, p);
}

static Operand address_of_value(Ctx *cx, Node *at, Operand op)
{
  Sema *s = cx->s;
  const TypeInfo *t = type_info(s, op.type);
  if (t->kind == TK_FN) {
    const Function *f = &s->functions[op.v.ref];
    if (f->node->flags & NF_INLINE)
      return SEMA_ERROR(cx, at, address_inline);
    if (f->generic)
      return SEMA_ERROR(cx, at, generic_value);
    Value p = op.v;
    p.type = type_pointer(s, op.type, true, false);
    return op_value(p);
  }
  if (at->kind != N_IDENT && at->kind != N_FIELD && at->kind != N_INDEX)
    return SEMA_ERROR(cx, at, address_temporary);
  if (t->comptime_only)
    return SEMA_ERROR(cx, at, address_comptime_only, type_name(s, op.type));
  if (!cx->tile)
    return SEMA_ERROR(cx, at, address_comptime);
  Value p = v_ref(type_pointer(s, op.type, true, false), const_object(cx, op.v));
  return op_value(p);
}

Operand sema_address(Ctx *cx, Node *at, Operand op)
{
  Sema *s = cx->s;
  switch (op.kind) {
  case OPK_VALUE: return address_of_value(cx, at, op);
  case OPK_PLACE: return SEMA_ERROR(cx, at, address_comptime);
  case OPK_LVALUE:
    if (op.is_temporary)
      return SEMA_ERROR(cx, at, address_temporary);
    if (op.bit_width)
      return SEMA_ERROR(cx, at, address_packed);
    if (op.ct_pointer) {
      op.v.type = type_pointer(s, op.type, op.is_const, false);
      return op_value(op.v);
    }
    return op_rvalue(type_pointer(s, op.type, op.is_const, false), op.ref);
  case OPK_RVALUE:
  case OPK_FIELDS: {
    if (at->kind != N_IDENT)
      return SEMA_ERROR(cx, at, address_temporary);
    if (cx->comptime)
      return SEMA_ERROR(cx, at, not_comptime);
    // A run-time constant or parameter has no storage of its own until somebody points at it.
    IrRef slot = tir_slot(&cx->b, type_lower(cx, op.type), NULL);
    store_to(cx, at, slot, op, op.type);
    return op_rvalue(type_pointer(s, op.type, true, false), slot);
  }
  default: return op;
  }
}

// ---- storing ----
// A conditional jump on the way counts too: behind it, control comes only sometimes.
bool decided_at_run_time(const Ctx *cx, const Local *l)
{
  if (cx->runtime_control > l->runtime_control)
    return true;
  for (const Target *t = cx->target; t && t != l->target && t->kind != JUMP_CALL; t = t->up)
    if (!t->comptime && (t->continued || arrlen(t->exits)))
      return true;
  return false;
}

static Operand store_comptime(Ctx *cx, Node *at, Operand place, Operand value)
{
  Sema *s = cx->s;
  Value v;
  if (!sema_is_known(cx, value, &v))
    return SEMA_ERROR(cx, at, not_comptime);
  if (decided_at_run_time(cx, &cx->frame->locals[place.ref]))
    return SEMA_ERROR(cx, at, comptime_only_store);
  v_share(s, v);
  if (place.place.value)
    *place.place.value = v;
  else
    agg_set(s, place.place.agg, place.place.index, v);
  return op_void();
}

// place = value, with the coercion of an assignment.
Operand sema_store(Ctx *cx, Node *at, Operand place, Operand value)
{
  if (is_error(place) || is_error(value))
    return op_error();
  if (place.kind != OPK_PLACE && place.kind != OPK_LVALUE)
    return SEMA_ERROR(cx, at, assign_value);
  if (place.is_const || place.is_temporary)
    return report_constant(cx, at);
  if (!sema_coerce(cx, at, &value, place.type))
    return op_error();
  if (place.kind == OPK_PLACE)
    return store_comptime(cx, at, place, value);
  if (cx->comptime)
    return SEMA_ERROR(cx, at, comptime_writes_var);
  IrRef address = sema_pointer(cx, at, place);
  if (address == IR_NONE)
    return op_error();
  cx->b.pos = at->at;
  if (place.bit_width)
    packed_store(cx, at, place, value);
  else
    store_to(cx, at, address, value, place.type);
  return op_void();
}

// ---- parts of places ----
// A comptime variable whose parts will be written is made the only holder of its aggregate.
static uint32_t own_aggregate(Ctx *cx, Place p)
{
  Sema *s = cx->s;
  if (p.value)
    return p.value->ref = agg_unique(s, p.value->ref);
  return agg_own_part(s, p.agg, p.index);
}

static Operand part_of_place(Ctx *cx, Operand base, uint32_t k, Type t)
{
  Value scratch;
  Place p = {.index = k};
  p.agg = cx->writing ? own_aggregate(cx, base.place) : place_value(cx, base.place, &scratch)->ref;
  return (Operand){
      .kind = OPK_PLACE, .is_const = base.is_const, .type = t, .place = p, .ref = base.ref};
}

// The storage of an aggregate rvalue as a place that can be read.
static Operand memory_of(Operand base)
{
  if (base.kind == OPK_RVALUE) {
    base.kind = OPK_LVALUE;
    base.is_const = base.is_temporary = true;
  }
  return base;
}

static Operand part_at(Ctx *cx, Operand base, uint32_t offset, Type t)
{
  Operand r = memory_of(base);
  r.type = t;
  r.is_variable = false;
  if (r.ct_pointer)
    r.v.off += (int32_t)offset;
  else if (offset)
    r.ref = tir_emit(&cx->b, IR_OFFSET, IRT_PTR, base.ref, IR_NONE, IR_NONE, offset);
  return r;
}

// Part number k of an aggregate whose index is known.
static Operand known_part(Ctx *cx, Operand base, uint32_t k, Type t, uint32_t offset)
{
  switch (base.kind) {
  case OPK_VALUE: return op_value(v_element(cx->s, base.v, k));
  case OPK_PLACE: return part_of_place(cx, base, k, t);
  case OPK_FIELDS: return base.fields[k];
  default: {
    Value whole;
    bool packed = type_is_packed(cx->s, base.type);
    bool hidden = packed || !type_size(cx->s, t); // nothing that an address could find
    if (hidden && !base.bit_width && load_constant(cx, base, &whole))
      return op_value(v_element(cx->s, whole, k));
    if (packed)
      return packed_field(cx->s, memory_of(base), &type_info(cx->s, base.type)->fields[k]);
    return part_at(cx, base, offset, t);
  }
  }
}

// The type of what a place holds; a variable of type comptime_struct holds values of any struct
// type.
static Type contents_type(Ctx *cx, Operand base)
{
  Value scratch;
  if (base.kind == OPK_PLACE && base.type == T_COMPTIME_STRUCT)
    return place_value(cx, base.place, &scratch)->type;
  return base.type;
}

// Another variant of a packed union is the same bits.
static bool reinterpret(Ctx *cx, Operand base, const TypeInfo *i, Type want, Operand *out)
{
  Value whole, v, bits;
  if (!i->packed || cx->writing || !sema_is_known(cx, base, &whole))
    return false;
  for (uint32_t k = 0; k < i->count; k++) {
    Value part = v_element(cx->s, whole, k);
    if (part.type == T_NONE || !packed_bits(cx->s, part, &bits) ||
        !packed_value(cx->s, want, bits, &v))
      continue;
    *out = op_value(v);
    return true;
  }
  return false;
}

// A variant of a union: at compile time only the active one can be read, and assigning the whole
// union makes another one active.
static Operand union_part(Ctx *cx, Node *n, Operand base, uint32_t k, const TypeInfo *i)
{
  Value whole;
  Operand part = known_part(cx, base, k, i->fields[k].type, 0);
  bool known = base.kind == OPK_VALUE || base.kind == OPK_PLACE || base.kind == OPK_FIELDS;
  if (base.kind == OPK_FIELDS)
    whole.type = base.fields[k].type;
  else if (base.kind == OPK_LVALUE && load_constant(cx, base, &whole))
    part = op_value(whole = v_element(cx->s, whole, k)), known = true;
  else if (known)
    whole = sema_load(cx, n, part).v;
  if (known && whole.type == T_NONE && reinterpret(cx, base, i, i->fields[k].type, &part))
    return part;
  if (known && whole.type == T_NONE)
    return SEMA_ERROR(cx, n, union_inactive, names_text(cx->s->names, i->fields[k].name));
  return part;
}

static Operand type_member(Ctx *cx, Node *n, Type t, Name name)
{
  Sema *s = cx->s;
  int k = type_info(s, t)->kind == TK_ENUM ? type_field(s, t, name) : -1;
  if (k < 0)
    return SEMA_ERROR(cx, n, no_member, names_text(s->names, name), "type", type_name(s, t));
  return op_value(v_int(t, type_info(s, t)->fields[k].value));
}

static Operand field_place(Ctx *cx, Node *n, Operand base, Name name)
{
  Sema *s = cx->s;
  if (base.kind == OPK_ERROR || base.kind == OPK_DEAD)
    return base;
  Type t = contents_type(cx, base);
  if (t == T_MODULE || t == T_TYPE) {
    Operand v = sema_load(cx, n, base);
    if (is_error(v) || v.kind != OPK_VALUE)
      return is_error(v) ? v : SEMA_ERROR(cx, n, not_comptime);
    return t == T_TYPE ? type_member(cx, n, v.v.ref, name)
                       : module_member(cx, n, s->instances[v.v.ref], name, true);
  }
  const TypeInfo *i = type_info(s, t);
  bool record = type_is_struct(s, t) || i->kind == TK_UNION;
  int k = record ? type_field(s, t, name) : -1;
  if (k < 0) {
    if (record)
      SEMA_ERROR(cx, n, not_member, names_text(s->names, name), type_name(s, t));
    else
      SEMA_ERROR(cx, n, no_fields, type_name(s, t));
    hint_pointer(cx, n, t, type_is_struct(s, type_info(s, t)->elem) ? ".*.field" : NULL);
    hint_name(cx, n, HINT_MEMBER, names_text(s->names, name));
    return op_error();
  }
  if (i->kind == TK_UNION)
    return union_part(cx, n, base, (uint32_t)k, i);
  return known_part(cx, base, (uint32_t)k, i->fields[k].type, i->fields[k].offset);
}

// ---- elements ----
typedef struct Index {
  Operand op;
  bool known;
  int64_t i;
} Index;

// Does a known index lie inside? Reports if not.
bool sema_index_range(Ctx *cx, Node *at, Value i, Type array, uint32_t dim)
{
  if (i.i >= 0 && i.i < dim)
    return true;
  SEMA_ERROR(cx, at, index_range, v_int_text(cx->s, i), type_name(cx->s, array), dim);
  return false;
}

static bool check_bounds(Ctx *cx, Node *at, Index *x, Type array, uint32_t dim)
{
  x->known = x->op.kind == OPK_VALUE;
  if (!x->known)
    return true;
  Value *v = &x->op.v;
  if (v->sym && !cx->comptime && type_is_int(cx->s, v->type)) {
    // Differs between tiles: stays a run-time index, all tiles of the class being inside or outside
    // alike.
    Value inside;
    arith_binary(cx, at, OP_GE, *v, v_int(v->type, 0), &inside);
    sema_force(cx, &inside);
    arith_binary(cx, at, OP_LT, *v, v_int(v->type, dim), &inside);
    sema_force(cx, &inside);
    x->known = !inside.i;
  } else {
    sema_force(cx, v);
  }
  x->i = v->i;
  return sema_index_range(cx, at, *v, array, dim);
}

static bool eval_index(Ctx *cx, Node *n, Index *x)
{
  bool writing = cx->writing;
  cx->writing = false;
  *x = (Index){.op = sema_expr(cx, n, T_NONE)};
  cx->writing = writing;
  if (is_error(x->op))
    return false;
  if (x->op.type == T_COMPTIME_INT || type_is_int(cx->s, x->op.type))
    return true;
  SEMA_ERROR(cx, n, index_type, type_name(cx->s, x->op.type));
  return false;
}

// An index as signed 32-bit number.
static IrRef index32(Ctx *cx, Node *at, Index *x)
{
  if (x->known)
    return sema_const(cx, IRT_I32, (uint64_t)x->i);
  Operand wide = convert_as(cx, at, x->op, type_is_signed(cx->s, x->op.type) ? T_I32 : T_U32);
  return sema_runtime(cx, at, wide, T_NONE);
}

static IrRef flatten(Ctx *cx, Node **at, Index *x, const uint32_t *dims, uint32_t n)
{
  IrRef r = index32(cx, at[0], &x[0]);
  for (uint32_t d = 1; d < n; d++) {
    IrRef next = index32(cx, at[d], &x[d]);
    r = tir_emit(&cx->b, IR_MUL, IRT_I32, r, sema_const(cx, IRT_I32, dims[d]), IR_NONE, 0);
    r = tir_emit(&cx->b, IR_ADD, IRT_I32, r, next, IR_NONE, 0);
  }
  return r;
}

// An aggregate as a run-time place, so that it can be indexed with a run-time index.
static Operand in_memory(Ctx *cx, Node *at, Operand base)
{
  if (base.kind == OPK_LVALUE)
    return base;
  Operand loaded = sema_load(cx, at, base);
  Operand place = lvalue(loaded.type, sema_runtime(cx, at, loaded, T_NONE), true);
  place.is_temporary = true;
  return place;
}

static Operand runtime_element(Ctx *cx, Node **at, Operand base, Index *x, const uint32_t *dims,
                               uint32_t n, Type elem)
{
  if (cx->comptime)
    return SEMA_ERROR(cx, at[0], not_comptime);
  if (type_comptime_only(cx->s, elem))
    return sema_must_be_comptime(cx, at[0], elem);
  Operand place = in_memory(cx, at[0], base);
  IrRef address = sema_pointer(cx, at[0], place);
  IrRef index = flatten(cx, at, x, dims, n);
  if (address == IR_NONE || index == IR_NONE)
    return op_error();
  cx->b.pos = at[0]->at;
  place.ref = tir_emit(&cx->b, IR_ELEM, IRT_PTR, address, index, IR_NONE, type_size(cx->s, elem));
  place.ct_pointer = place.is_variable = false;
  place.type = elem;
  return place;
}

static Operand array_element(Ctx *cx, Node *n, Operand base, Type t)
{
  const TypeInfo *a = type_info(cx->s, t);
  if (n->count != a->rank)
    return SEMA_ERROR(cx, n, index_count, type_name(cx->s, t), a->rank, n->count);
  Index x[16];
  bool known = true, ok = true;
  uint64_t flat = 0;
  if (a->rank > 16)
    return SEMA_ERROR(cx, n, nesting);
  for (uint32_t d = 0; d < a->rank; d++) {
    ok &= eval_index(cx, n->list[d], &x[d]) && check_bounds(cx, n->list[d], &x[d], t, a->dims[d]);
    known &= ok && x[d].known;
    flat = flat * a->dims[d] + (ok ? (uint64_t)x[d].i : 0);
  }
  if (!ok)
    return op_error();
  if (known)
    return known_part(cx, base, (uint32_t)flat, a->elem,
                      (uint32_t)flat * type_size(cx->s, a->elem));
  return runtime_element(cx, n->list, base, x, a->dims, a->rank, a->elem);
}

static Operand many_element(Ctx *cx, Node *n, Operand base)
{
  Sema *s = cx->s;
  Operand p = sema_load(cx, n, base);
  Index x;
  if (is_error(p) || !eval_index(cx, n->list[0], &x))
    return op_error();
  if (n->count != 1)
    return SEMA_ERROR(cx, n, index_count, type_name(s, p.type), 1u, n->count);
  const TypeInfo *t = type_info(s, p.type);
  Operand place = lvalue(t->elem, IR_NONE, t->is_const);
  x.known = x.op.kind == OPK_VALUE && !x.op.v.sym;
  x.i = x.known ? x.op.v.i : 0;
  if (p.kind == OPK_VALUE) {
    place.ct_pointer = true;
    place.v = p.v;
  } else {
    place.ref = p.ref;
  }
  if (x.known && x.i >= -INT16_MAX && x.i <= UINT16_MAX)
    return part_at(cx, place, (uint32_t)(x.i * type_size(s, t->elem)), t->elem);
  uint32_t dim = 1;
  return runtime_element(cx, n->list, place, &x, &dim, 1, t->elem);
}

static Operand tuple_element(Ctx *cx, Node *n, Operand base, Type t)
{
  Sema *s = cx->s;
  const TypeInfo *i = type_info(s, t);
  Index x;
  if (n->count != 1)
    return SEMA_ERROR(cx, n, index_count, type_name(s, t), 1u, n->count);
  if (!eval_index(cx, n->list[0], &x))
    return op_error();
  if (x.op.kind != OPK_VALUE)
    return SEMA_ERROR(cx, n->list[0], tuple_index);
  sema_force(cx, &x.op.v);
  if (!check_bounds(cx, n->list[0], &x, t, i->count))
    return op_error();
  return known_part(cx, base, (uint32_t)x.i, i->fields[x.i].type, i->fields[x.i].offset);
}

// base[indices] of an N_INDEX.
static Operand index_place(Ctx *cx, Node *n, Operand base)
{
  Sema *s = cx->s;
  if (base.kind == OPK_ERROR || base.kind == OPK_DEAD)
    return base;
  Type t = contents_type(cx, base);
  switch (type_info(s, t)->kind) {
  case TK_ARRAY: return array_element(cx, n, base, t);
  case TK_MANY: return many_element(cx, n, base);
  case TK_TUPLE: return tuple_element(cx, n, base, t);
  default:
    SEMA_ERROR(cx, n, not_indexable, type_name(s, t));
    if (t == T_TYPE)
      diag_note(s->diags, node_range(n), "the dimensions of an array type come first: [3]i16");
    hint_pointer(cx, n, t, type_info(s, type_info(s, t)->elem)->kind == TK_ARRAY ? ".*[i]" : NULL);
    return op_error();
  }
}

static Operand deref_place(Ctx *cx, Node *n, Operand p)
{
  Sema *s = cx->s;
  if (p.kind == OPK_ERROR || p.kind == OPK_DEAD)
    return p;
  const TypeInfo *t = type_info(s, p.type);
  if (t->kind == TK_MANY)
    return SEMA_ERROR(cx, n, deref_many, type_name(s, p.type));
  if (t->kind != TK_PTR || t->elem == T_ANYOPAQUE || type_is_fn_pointer(s, p.type))
    return SEMA_ERROR(cx, n, not_pointer, type_name(s, p.type));
  Operand place = lvalue(t->elem, p.ref, t->is_const);
  if (p.kind == OPK_VALUE) {
    sema_force(cx, &p.v);
    place.ct_pointer = true;
    place.v = p.v;
    place.is_variable = !p.v.off;
  }
  return place;
}

static Operand ident_place(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  unsigned bits;
  switch (n->scope) {
  case SCOPE_LOCAL: {
    Local *l = &cx->frame->locals[n->slot];
    if (l->op.kind == OPK_VALUE && !l->is_const)
      return (Operand){
          .kind = OPK_PLACE, .type = l->op.type, .place = {.value = &l->op.v}, .ref = n->slot};
    if (cx->comptime && l->op.kind != OPK_VALUE && l->op.kind != OPK_LVALUE &&
        l->op.kind != OPK_ERROR)
      return SEMA_ERROR(cx, n, not_comptime);
    return l->op;
  }
  case SCOPE_GLOBAL: return global_operand(cx, cx->instance, n->slot, n, true);
  case SCOPE_PREDECLARED: return op_value(s->p->predeclared[n->slot].value);
  default:
    if (integer_name(names_text(s->names, n->name), &bits))
      return SEMA_ERROR(cx, n, int_width, names_text(s->names, n->name), MAX_INT_BITS);
    SEMA_ERROR(cx, n, undeclared, names_text(s->names, n->name));
    hint_name(cx, n, HINT_NAME, names_text(s->names, n->name));
    return op_error();
  }
}

static bool is_place_node(const Node *n)
{
  return n->kind == N_IDENT || n->kind == N_FIELD || n->kind == N_INDEX || n->kind == N_DEREF;
}

static bool is_field_builtin(Ctx *cx, const Node *n)
{
  return n->kind == N_BUILTIN && n->count == 2 &&
         !strcmp(names_text(cx->s->names, n->name), "field");
}

static Operand field_builtin(Ctx *cx, Node *n)
{
  Name name;
  Operand base = sema_place(cx, n->list[0]);
  if (is_error(base) || !sema_comptime_string(cx, n->list[1], &name))
    return op_error();
  return field_place(cx, n, base, name);
}

Operand sema_place(Ctx *cx, Node *n)
{
  if (is_field_builtin(cx, n))
    return field_builtin(cx, n);
  if (!is_place_node(n))
    return sema_expr(cx, n, T_NONE);
  switch (n->kind) {
  case N_IDENT: return ident_place(cx, n);
  case N_FIELD: return field_place(cx, n, sema_place(cx, n->a), n->name);
  case N_INDEX: return index_place(cx, n, sema_place(cx, n->a));
  default: {
    bool writing = cx->writing; // what the pointer points at is written, not the pointer
    cx->writing = false;
    Operand p = sema_expr(cx, n->a, T_NONE);
    cx->writing = writing;
    return deref_place(cx, n, p);
  }
  }
}

// ---- parts of operands, for coercions and config structs ----
Operand sema_element(Ctx *cx, Node *at, const Operand *base, uint32_t k)
{
  Sema *s = cx->s;
  Type t = contents_type(cx, *base);
  const TypeInfo *i = type_info(s, t);
  bool array = i->kind == TK_ARRAY;
  uint32_t offset = array ? k * type_size(s, i->elem) : i->fields[k].offset;
  return sema_load(cx, at, known_part(cx, *base, k, array ? i->elem : i->fields[k].type, offset));
}

Operand sema_field(Ctx *cx, Node *at, const Operand *base, Name name)
{
  if (base->kind == OPK_ERROR)
    return op_error();
  Type t = contents_type(cx, *base);
  int k = type_is_struct(cx->s, t) ? type_field(cx->s, t, name) : -1;
  return k < 0 ? op_error() : sema_element(cx, at, base, (uint32_t)k);
}

Operand sema_field_cstr(Ctx *cx, Node *at, const Operand *base, const char *name)
{
  return sema_field(cx, at, base, names_cstr(cx->s->names, name));
}
