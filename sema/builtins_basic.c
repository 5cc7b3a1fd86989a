// Builtins for types, values and introspection (spec language 15.1).
#include "sema/ops.h"
#include "sema/private.h"
#include <math.h>
#include <string.h>

// ---- conversions ----
Operand bi_as(Ctx *cx, Node *n)
{
  Type t = sema_type(cx, n->list[0]);
  if (t == T_NONE)
    return op_error();
  return convert_as(cx, n, sema_expr(cx, n->list[1], t), t);
}

static bool bitcast_type(const Sema *s, Type t)
{
  return t == T_BOOL || type_is_handle(t) || type_is_float(t) || type_is_int(s, t) ||
         type_is_pointer(s, t);
}

static unsigned storage_bits(const Sema *s, Type t)
{
  return t == T_BOOL ? 16 : type_bits(s, t);
}

static Operand bitcast_value(Ctx *cx, Node *n, Value v, Type t)
{
  Sema *s = cx->s;
  if (type_is_pointer(s, t) || type_is_pointer(s, v.type))
    return SEMA_ERROR(cx, n, not_comptime);
  sema_force(cx, &v);
  if (type_is_big(s, t))
    return op_value(v_int(t, int_convert(s, v, t)));
  uint64_t bits = scalar_bits(s, v);
  if (type_is_float(t))
    return op_value(v_float(t, float_from_bits(t, bits)));
  return op_value(v_int(t, t == T_BOOL ? bits != 0 : int_wrap(s, t, (int64_t)bits)));
}

static Operand bitcast_runtime(Ctx *cx, Node *n, Operand op, Type t)
{
  IrRef r = sema_runtime(cx, n, op, T_NONE);
  if (r == IR_NONE)
    return op_error();
  IrType from = type_lower(cx, op.type), to = type_lower(cx, t);
  cx->b.pos = n->at;
  if (from == to)
    return op_rvalue(t, r);
  if (t == T_BOOL || op.type == T_BOOL)
    return convert_as(cx, n, op_rvalue(op.type, r), t);
  if (from == IRT_PTR)
    r = tir_emit(&cx->b, IR_PTRTOINT, to, r, IR_NONE, IR_NONE, 0);
  else if (to == IRT_PTR)
    r = tir_emit(&cx->b, IR_INTTOPTR, IRT_PTR, r, IR_NONE, IR_NONE, 0);
  else
    r = tir_emit(&cx->b, IR_BITCAST, to, r, IR_NONE, IR_NONE, 0);
  return op_rvalue(t, r);
}

// The type and the value of a cast; `hint`: the type tells what the value is wanted for.
static bool cast_arguments(Ctx *cx, Node *n, bool hint, Type *t, Operand *op)
{
  *t = sema_type(cx, n->list[0]);
  *op = sema_expr(cx, n->list[1], hint ? *t : T_NONE);
  return *t != T_NONE && !is_error(*op);
}

Operand bi_bitcast(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t;
  Operand op;
  if (!cast_arguments(cx, n, true, &t, &op))
    return op_error();
  if (op.type == T_COMPTIME_INT && type_is_int(s, t) && !sema_coerce(cx, n, &op, t))
    return op_error();
  if (!bitcast_type(s, t) || !bitcast_type(s, op.type) ||
      storage_bits(s, t) != storage_bits(s, op.type) ||
      (type_is_pointer(s, t) && !type_is_int(s, op.type) && !type_is_pointer(s, op.type)))
    return not_convertible(cx, n, op.type, t);
  if (op.type == t)
    return op;
  if (op.kind == OPK_VALUE &&
      (cx->comptime || !(type_is_pointer(s, t) || type_is_pointer(s, op.type))))
    return bitcast_value(cx, n, op.v, t);
  if (type_comptime_only(s, t))
    return sema_must_be_comptime(cx, n, t);
  return bitcast_runtime(cx, n, op, t);
}

Operand bi_ptrcast(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t;
  Operand op;
  if (!cast_arguments(cx, n, false, &t, &op))
    return op_error();
  bool pointers = type_is_pointer(s, t) && type_is_pointer(s, op.type);
  if (!pointers || type_is_fn_pointer(s, t) || type_is_fn_pointer(s, op.type) ||
      type_comptime_only(s, t))
    return not_convertible(cx, n, op.type, t);
  op.type = t;
  if (op.kind == OPK_VALUE)
    op.v.type = t;
  return op;
}

// ---- types ----
Operand bi_type_of(Ctx *cx, Node *n)
{
  Type t = sema_type_of(cx, n->list[0]);
  return t == T_NONE ? op_error() : op_value(v_type(t));
}

Operand bi_is_same_type(Ctx *cx, Node *n)
{
  Type a = sema_type(cx, n->list[0]), b = sema_type(cx, n->list[1]);
  if (cx->s->compat == COMPAT_2_10 && !ops_in_stdlib(cx->s, n))
    SEMA_WARN(cx, n, is_same_type);
  return a == T_NONE || b == T_NONE ? op_error() : op_value(v_bool(a == b));
}

Operand bi_is_arch(Ctx *cx, Node *n)
{
  Name name;
  if (!sema_comptime_string(cx, n->list[0], &name))
    return op_error();
  const char *text = names_text(cx->s->names, name);
  const Arch *a = arch_find(text);
  if (!a && strcmp(text, "wse1") == 0 && cx->s->compat != COMPAT_2_10)
    return op_value(v_bool(false)); // releases before 1.4 had it: no program is for it any more
  if (!a)
    return SEMA_ERROR(cx, n->list[0], unknown_arch, text);
  return op_value(v_bool(a == cx->s->arch));
}

Operand bi_is_comptime(Ctx *cx, Node *n)
{
  (void)n;
  return op_value(v_bool(cx->comptime));
}

Operand bi_fp16(Ctx *cx, Node *n)
{
  (void)n;
  return op_value(v_type(type_fp16(cx->s)));
}

Operand bi_get_int(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Operand op = sema_expr(cx, n->list[0], T_NONE);
  if (is_error(op))
    return op;
  const TypeInfo *i = type_info(s, op.type);
  bool handle = (type_is_handle(op.type) && op.type != T_DIRECTION) ||
                (op.type >= T_DSR_DEST && op.type <= T_SR);
  if (op.type == T_COMPTIME_INT || type_is_int(s, op.type))
    return op;
  if (!handle && i->kind != TK_ENUM)
    return SEMA_ERROR(cx, n, builtin_type, "get_int", type_name(s, op.type));
  Type t = handle ? T_U16 : i->elem;
  if (op.kind == OPK_VALUE) {
    Value v = op.v;
    v.type = t;
    v.sym = v.sym ? sym_convert(s, op.v, t) : 0;
    return op_value(v);
  }
  return op_rvalue(t, sema_runtime(cx, n, op, T_NONE));
}

// ---- fields ----
Operand bi_field(Ctx *cx, Node *n)
{
  return sema_load(cx, n, sema_place(cx, n));
}

Operand bi_has_field(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Name name;
  Type t = sema_type_of(cx, n->list[0]);
  if (t == T_NONE || !sema_comptime_string(cx, n->list[1], &name))
    return op_error();
  Value v;
  if (t == T_TYPE && sema_comptime(cx, n->list[0], T_TYPE, &v))
    t = v.ref;
  else if (t == T_COMPTIME_STRUCT && sema_comptime(cx, n->list[0], T_NONE, &v))
    t = v.type; // a variable that may hold any struct: its value decides
  if (t == T_MODULE && sema_comptime(cx, n->list[0], T_MODULE, &v))
    return op_value(v_bool(hmgeti(s->instances[v.ref]->file->by_name, name) >= 0));
  bool record = type_is_struct(s, t) || type_info(s, t)->kind == TK_UNION;
  return op_value(v_bool(record && type_field(s, t, name) >= 0));
}

static bool concat_check(Ctx *cx, Node *n, Type a, Type b)
{
  Sema *s = cx->s;
  const TypeInfo *x = type_info(s, a), *y = type_info(s, b);
  Type bad = !type_is_struct(s, a) || x->kind == TK_STRUCT ? a : b;
  bool anon =
      type_is_struct(s, a) && type_is_struct(s, b) && x->kind != TK_STRUCT && y->kind != TK_STRUCT;
  if (!anon || (x->count && y->count && x->kind != y->kind)) {
    SEMA_ERROR(cx, n, builtin_type, "concat_structs", type_name(s, bad));
    return false;
  }
  for (uint32_t i = 0; i < x->count && x->kind == TK_ANON; i++)
    if (type_field(s, b, x->fields[i].name) >= 0) {
      SEMA_ERROR(cx, n, field_twice, names_text(s->names, x->fields[i].name));
      return false;
    }
  return true;
}

Operand bi_concat_structs(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  if (s->compat == COMPAT_2_10 && s->opt->allow_legacy_structs)
    SEMA_WARN(cx, n, legacy_kept, "@concat_structs");
  else if (s->compat == COMPAT_2_10)
    return SEMA_ERROR(cx, n, legacy_structs, "@concat_structs",
                      "give the fields in one literal or nest structs");
  Operand part[2] = {sema_expr(cx, n->list[0], T_NONE), sema_expr(cx, n->list[1], T_NONE)};
  if (is_error(part[0]) || is_error(part[1]) || !concat_check(cx, n, part[0].type, part[1].type))
    return op_error();
  uint32_t first = type_info(s, part[0].type)->count, second = type_info(s, part[1].type)->count;
  Name *names = ARENA_ARRAY(&s->arena, Name, first + second + 1);
  Type *types = ARENA_ARRAY(&s->arena, Type, first + second + 1);
  Operand *ops = ARENA_ARRAY(&s->arena, Operand, first + second + 1);
  bool tuple = false;
  for (uint32_t i = 0; i < first + second; i++) {
    const Operand *from = &part[i >= first];
    const TypeInfo *t = type_info(s, from->type);
    uint32_t k = i < first ? i : i - first;
    tuple |= t->kind == TK_TUPLE;
    names[i] = t->fields[k].name;
    ops[i] = sema_element(cx, n, from, k);
    types[i] = ops[i].type;
  }
  return sema_fields(cx, type_anon(s, tuple ? NULL : names, types, first + second), ops,
                     first + second);
}

// ---- arrays ----
static const TypeInfo *array_argument(Ctx *cx, Node *n, Type *out)
{
  Type t = sema_type(cx, n->list[0]);
  if (t == T_NONE)
    return NULL;
  const TypeInfo *i = type_info(cx->s, t);
  *out = t;
  if (i->kind == TK_ARRAY)
    return i;
  SEMA_ERROR(cx, n, builtin_type, names_text(cx->s->names, n->name), type_name(cx->s, t));
  return NULL;
}

Operand bi_dimensions(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  if (!i)
    return op_error();
  Value dims[16];
  uint32_t rank = i->rank;
  for (uint32_t d = 0; d < rank; d++)
    dims[d] = v_int(T_U32, i->dims[d]);
  return op_value(v_aggregate(s, type_array(s, T_U32, &rank, 1), dims, rank));
}

Operand bi_rank(Ctx *cx, Node *n)
{
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  return i ? op_value(v_int(T_U16, i->rank)) : op_error();
}

Operand bi_element_count(Ctx *cx, Node *n)
{
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  return i ? op_value(v_int(T_U32, i->count)) : op_error();
}

Operand bi_element_type(Ctx *cx, Node *n)
{
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  return i ? op_value(v_type(i->elem)) : op_error();
}

Operand bi_zeros(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  if (!i)
    return op_error();
  if (!type_is_numeric(s, i->elem)) {
    SEMA_ERROR(cx, n, builtin_type, "zeros", type_name(s, t));
    diag_note(s->diags, node_range(n), "only numbers have zeros: use @constants(%s, value)",
              type_name(s, t));
    return op_error();
  }
  return op_value(v_default(s, t));
}

Operand bi_constants(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Type t;
  const TypeInfo *i = array_argument(cx, n, &t);
  if (!i)
    return op_error();
  Operand op = sema_expr(cx, n->list[1], i->elem);
  if (!sema_coerce(cx, n->list[1], &op, i->elem))
    return op_error();
  if (op.kind == OPK_VALUE)
    return op_value(v_uniform(s, t, op.v));
  if (cx->comptime)
    return SEMA_ERROR(cx, n->list[1], not_comptime);
  IrRef elem = sema_runtime(cx, n, op, T_NONE);
  return elem == IR_NONE ? op_error() : fill_array(cx, n, t, elem);
}

// ---- ranges ----
Operand bi_range(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  if (n->count == 3)
    return SEMA_ERROR(cx, n, range_args);
  Type t = sema_type(cx, n->list[0]);
  if (t == T_NONE)
    return op_error();
  if (t != T_COMPTIME_INT && !type_is_int(s, t))
    return SEMA_ERROR(cx, n->list[0], builtin_type, "range", type_name(s, t));
  Operand part[3] = {op_value(v_int(t, 0)), op_error(), op_value(v_int(t, 1))};
  for (uint32_t k = 1; k < n->count; k++) {
    Operand *op = n->count == 2 ? &part[1] : &part[k - 1];
    *op = sema_expr(cx, n->list[k], t);
    if (!sema_coerce(cx, n->list[k], op, t)) {
      if (k == 3 && !type_is_signed(s, t) && op->kind == OPK_VALUE)
        diag_note(s->diags, node_range(n->list[k]),
                  "counting down needs a signed type: @range(i16, …)");
      return op_error();
    }
  }
  if (part[2].kind == OPK_VALUE && !part[2].v.i)
    return SEMA_ERROR(cx, n->list[3], range_step);
  return sema_fields(cx, type_range(s, t), part, 3);
}

static Operand range_part(Ctx *cx, Node *n, uint32_t k)
{
  Operand op = sema_expr(cx, n->list[0], T_NONE);
  if (is_error(op))
    return op;
  if (type_info(cx->s, op.type)->kind != TK_RANGE)
    return SEMA_ERROR(cx, n, builtin_type, names_text(cx->s->names, n->name),
                      type_name(cx->s, op.type));
  return sema_element(cx, n, &op, k);
}

Operand bi_range_start(Ctx *cx, Node *n)
{
  return range_part(cx, n, 0);
}

Operand bi_range_stop(Ctx *cx, Node *n)
{
  return range_part(cx, n, 1);
}

Operand bi_range_step(Ctx *cx, Node *n)
{
  return range_part(cx, n, 2);
}

// ---- strings ----
Operand bi_strlen(Ctx *cx, Node *n)
{
  Name text;
  if (!sema_comptime_string(cx, n->list[0], &text))
    return op_error();
  return op_value(v_int(T_COMPTIME_INT, (int64_t)names_len(cx->s->names, text)));
}

Operand bi_strcat(Ctx *cx, Node *n)
{
  char *bytes = NULL; // stb_ds
  Operand result = op_error();
  bool ok = true;
  for (uint32_t i = 0; i < n->count && ok; i++) {
    Name text;
    ok = sema_comptime_string(cx, n->list[i], &text);
    size_t len = ok ? names_len(cx->s->names, text) : 0;
    if (len)
      memcpy(arraddnptr(bytes, len), names_text(cx->s->names, text), len);
  }
  if (arrlenu(bytes) > MAX_STRING_BYTES)
    SEMA_ERROR(cx, n, string_too_long, arrlenu(bytes), (unsigned)MAX_STRING_BYTES);
  else if (ok)
    result = op_value(v_string(cx->s, bytes ? bytes : "", arrlenu(bytes)));
  arrfree(bytes);
  return result;
}

Operand bi_get_array(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Name text;
  if (!sema_comptime_string(cx, n->list[0], &text))
    return op_error();
  uint32_t len = (uint32_t)names_len(s->names, text);
  Value *elems = ARENA_ARRAY(&s->arena, Value, len + 1);
  for (uint32_t i = 0; i < len; i++)
    elems[i] = v_int(T_U8, (uint8_t)names_text(s->names, text)[i]);
  return op_value(v_aggregate(s, type_array(s, T_U8, &len, 1), elems, len));
}

Operand bi_get_string_from_byte(Ctx *cx, Node *n)
{
  int64_t byte;
  if (!sema_comptime_int(cx, n->list[0], 0, 255, "byte", &byte))
    return op_error();
  char c = (char)byte;
  return op_value(v_string(cx->s, &c, 1));
}

// ---- assertions and printing while compiling ----
static Operand assert_failed(Ctx *cx, Node *n, Node *message)
{
  Name text = 0;
  if (message && !sema_comptime_string(cx, message, &text))
    return op_error();
  SEMA_ERROR(cx, n, comptime_assert, text ? ": " : "", names_text(cx->s->names, text));
  // What follows was written for the case that the assertion holds.
  cx->s->p->stop |= cx->comptime;
  return cx->comptime ? op_error() : (Operand){.kind = OPK_DEAD, .type = T_VOID};
}

Operand bi_comptime_assert(Ctx *cx, Node *n)
{
  bool holds;
  if (!sema_comptime_bool(cx, n->list[0], &holds))
    return op_error();
  return holds ? op_void() : assert_failed(cx, n, n->count > 1 ? n->list[1] : NULL);
}

static void print_value(Sema *s, Value v, FILE *out)
{
  const TypeInfo *t = type_info(s, v.type);
  if (v.type == T_COMPTIME_STRING) {
    fwrite(names_text(s->names, v.ref), 1, names_len(s->names, v.ref), out);
  } else if (v.type == T_COMPTIME_FLOAT || type_is_float(v.type)) {
    fputs(v_float_text(s, v), out);
  } else if (v.type == T_BOOL) {
    fputs(v.i ? "true" : "false", out);
  } else if (v.type == T_TYPE) {
    fputs(type_name(s, v.ref), out);
  } else if (v.type == T_DIRECTION) {
    fputs(dir_name((Dir)v.i), out);
  } else if (t->kind == TK_ENUM) {
    for (uint32_t k = 0; k < t->count; k++)
      if (t->fields[k].value == v.i)
        fputs(names_text(s->names, t->fields[k].name), out);
  } else if (type_is_aggregate(s, v.type)) {
    bool named = t->kind == TK_ANON || t->kind == TK_STRUCT || t->kind == TK_UNION;
    const char *before = " ";
    fputc('{', out);
    for (uint32_t k = 0; k < v_count(s, v); k++) {
      const char *name = named ? names_text(s->names, t->fields[k].name) : "";
      if (v_element(s, v, k).type == T_NONE)
        continue; // an inactive variant
      fprintf(out, "%s%s%s%s", before, *name ? "." : "", name, *name ? " = " : "");
      print_value(s, v_element(s, v, k), out);
      before = ", ";
    }
    fputs(" }", out);
  } else if (v_is_leaf(s, v.type)) {
    fputs(v_int_digits(s, v), out);
  } else {
    fprintf(out, "<%s>", type_name(s, v.type));
  }
}

Operand bi_comptime_print(Ctx *cx, Node *n)
{
  Sema *s = cx->s;
  Value *values = ARENA_ARRAY(&s->arena, Value, n->count + 1u);
  bool ok = true; // a line is printed whole or not at all
  for (uint32_t i = 0; i < n->count; i++)
    ok &= sema_comptime(cx, n->list[i], T_NONE, &values[i]);
  for (uint32_t i = 0; i < n->count && ok; i++) {
    fputs(i ? ", " : "", s->p->print);
    print_value(s, values[i], s->p->print);
  }
  if (ok)
    fputc('\n', s->p->print);
  return ok ? op_void() : op_error();
}

// ---- modules ----
Operand bi_import_module(Ctx *cx, Node *n)
{
  Name path;
  Value bindings = {0};
  if (!sema_comptime_string(cx, n->list[0], &path))
    return op_error();
  if (n->count > 1) {
    Operand op = sema_expr(cx, n->list[1], T_NONE);
    if (is_error(op))
      return op;
    if (!sema_is_known(cx, op, &bindings))
      return SEMA_ERROR(cx, n->list[1], not_comptime);
  }
  return import_module(cx, n, path, bindings);
}
