// Types: interned, so that equality is equality of numbers; their layout in tile memory; how they
// print.
#include "sema/private.h"
#include <string.h>

static const struct {
  const char *name;
  uint8_t size, align;
  uint16_t bits;
  bool comptime_only;
} simple[T_FIRST_COMPOSED] = {
    [T_NONE] = {"?", 0, 1, 0, true},
    [T_VOID] = {"void", 0, 1, 0, false},
    [T_BOOL] = {"bool", 2, 2, 1, false},
    [T_I8] = {"i8", 1, 1, 8, false},
    [T_I16] = {"i16", 2, 2, 16, false},
    [T_I32] = {"i32", 4, 4, 32, false},
    [T_I64] = {"i64", 8, 4, 64, false},
    [T_U8] = {"u8", 1, 1, 8, false},
    [T_U16] = {"u16", 2, 2, 16, false},
    [T_U32] = {"u32", 4, 4, 32, false},
    [T_U64] = {"u64", 8, 4, 64, false},
    [T_F16] = {"f16", 2, 2, 16, false},
    [T_BF16] = {"bf16", 2, 2, 16, false},
    [T_CB16] = {"cb16", 2, 2, 16, false},
    [T_F32] = {"f32", 4, 4, 32, false},
    [T_COMPTIME_INT] = {"comptime_int", 0, 1, 0, true},
    [T_COMPTIME_FLOAT] = {"comptime_float", 0, 1, 0, true},
    [T_COMPTIME_STRING] = {"comptime_string", 0, 1, 0, true},
    [T_COMPTIME_STRUCT] = {"comptime_struct", 0, 1, 0, true},
    [T_TYPE] = {"type", 0, 1, 0, true},
    [T_MODULE] = {"imported_module", 0, 1, 0, true},
    [T_COLOR] = {"color", 2, 2, 16, false},
    [T_DIRECTION] = {"direction", 2, 2, 16, false},
    [T_INPUT_QUEUE] = {"input_queue", 2, 2, 16, false},
    [T_OUTPUT_QUEUE] = {"output_queue", 2, 2, 16, false},
    [T_DATA_TASK_ID] = {"data_task_id", 2, 2, 16, false},
    [T_LOCAL_TASK_ID] = {"local_task_id", 2, 2, 16, false},
    [T_CONTROL_TASK_ID] = {"control_task_id", 2, 2, 16, false},
    [T_UT_ID] = {"ut_id", 2, 2, 16, false},
    [T_MEM1D] = {"mem1d_dsd", 8, 4, 0, false},
    [T_MEM4D] = {"mem4d_dsd", 24, 4, 0, false},
    [T_FABIN] = {"fabin_dsd", 8, 4, 0, false},
    [T_FABOUT] = {"fabout_dsd", 8, 4, 0, false},
    [T_CIRCBUF] = {"circbuf_dsd", 8, 4, 0, false},
    [T_FIFO] = {"fifo_handle", 0, 1, 0, true},
    [T_DSR_DEST] = {"dsr_dest", 0, 1, 0, true},
    [T_DSR_SRC0] = {"dsr_src0", 0, 1, 0, true},
    [T_DSR_SRC1] = {"dsr_src1", 0, 1, 0, true},
    [T_DSR_FIFO_DEST] = {"dsr_fifo_dest", 0, 1, 0, true},
    [T_DSR_FIFO_SRC1] = {"dsr_fifo_src1", 0, 1, 0, true},
    [T_XDSR] = {"xdsr", 0, 1, 0, true},
    [T_SR] = {"sr", 0, 1, 0, true},
    [T_ANYOPAQUE] = {"anyopaque", 0, 1, 0, false},
};

// ---- the table ----
static uint64_t mix(uint64_t h, uint64_t x)
{
  h = (h ^ x) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

static uint64_t hash_type(const TypeInfo *t)
{
  uint64_t h = mix(t->kind, (uint64_t)t->elem << 32 | t->count);
  h = mix(h, (uint64_t)t->bits << 8 | (uint64_t)t->is_const << 1 | t->is_signed);
  h = mix(h, (uint64_t)(uintptr_t)t->site);
  for (uint32_t i = 0; i < t->rank; i++)
    h = mix(h, t->dims[i]);
  for (uint32_t i = 0; t->fields && i < t->count; i++)
    h = mix(mix(h, (uint64_t)t->fields[i].name << 32 | t->fields[i].type),
            (uint64_t)t->fields[i].value);
  return h;
}

static bool same_type(const TypeInfo *a, const TypeInfo *b)
{
  if (a->kind != b->kind || a->elem != b->elem || a->count != b->count || a->bits != b->bits ||
      a->is_const != b->is_const || a->is_signed != b->is_signed || a->site != b->site ||
      a->rank != b->rank || a->packed != b->packed || a->external != b->external ||
      !a->fields != !b->fields)
    return false;
  for (uint32_t i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i])
      return false;
  for (uint32_t i = 0; a->fields && i < a->count; i++)
    if (a->fields[i].name != b->fields[i].name || a->fields[i].type != b->fields[i].type ||
        a->fields[i].value != b->fields[i].value)
      return false;
  return true;
}

static uint16_t nesting(const Sema *s, const TypeInfo *t)
{
  uint16_t depth = t->elem ? type_info(s, t->elem)->depth : 0;
  for (uint32_t i = 0; t->fields && i < t->count; i++)
    if (t->fields[i].type && type_info(s, t->fields[i].type)->depth > depth)
      depth = type_info(s, t->fields[i].type)->depth;
  return depth < UINT16_MAX ? depth + 1 : depth;
}

// Scalars that a value holds, whatever they lie in.
static uint32_t scalars(const Sema *s, const TypeInfo *t)
{
  uint64_t parts = 1;
  if (t->kind == TK_ARRAY) {
    parts = type_info(s, t->elem)->parts;
    for (uint32_t d = 0; d < t->rank && parts <= UINT32_MAX; d++)
      parts *= t->dims[d];
  } else if (t->kind != TK_ENUM && t->kind != TK_FN && t->kind != TK_TASK) {
    for (uint32_t i = 0; t->fields && i < t->count; i++)
      parts += t->fields[i].type ? type_info(s, t->fields[i].type)->parts : 0;
  }
  return parts < UINT32_MAX ? (uint32_t)parts : UINT32_MAX;
}

// Adds a composed type; `t` points at temporary dims and fields, which are copied if the type is
// new.
static Type intern(Sema *s, TypeInfo *t)
{
  SemaPrivate *p = s->p;
  uint64_t h = hash_type(t);
  uint32_t first = hmget(p->type_map, h);
  for (uint32_t k = first; k; k = p->type_next[k])
    if (same_type(p->types[k], t))
      return k;
  if (t->rank) {
    uint32_t *dims = ARENA_ARRAY(&s->arena, uint32_t, t->rank);
    memcpy(dims, t->dims, t->rank * sizeof *dims);
    t->dims = dims;
  }
  if (t->fields) {
    TypeField *fields = ARENA_ARRAY(&s->arena, TypeField, t->count ? t->count : 1);
    memcpy(fields, t->fields, t->count * sizeof *fields);
    t->fields = fields;
  }
  TypeInfo *info = ARENA_NEW(&s->arena, TypeInfo);
  *info = *t;
  info->depth = nesting(s, t);
  info->parts = scalars(s, t);
  arrput(p->types, info);
  arrput(p->type_next, first);
  Type number = (Type)arrlen(p->types) - 1;
  hmput(p->type_map, h, number);
  return number;
}

void types_init(Sema *s)
{
  SemaPrivate *p = s->p;
  for (Type t = 0; t < T_FIRST_COMPOSED; t++) {
    TypeInfo *info = ARENA_NEW(&s->arena, TypeInfo);
    *info = (TypeInfo){.kind = TK_SIMPLE,
                       .parts = 1,
                       .size = simple[t].size,
                       .align = simple[t].align,
                       .bits = simple[t].bits,
                       .is_signed = t >= T_I8 && t <= T_I64,
                       .comptime_only = simple[t].comptime_only};
    if (type_is_float(t) && t != T_F32)
      info->comptime_only = t != type_fp16(s);
    arrput(p->types, info);
    arrput(p->type_next, 0);
  }
}

const TypeInfo *type_info(const Sema *s, Type t)
{
  return s->p->types[t];
}

// ---- making types ----
// Bytes of an integer: those of the next machine word, or whole 32-bit words.
static uint32_t int_size(uint32_t bits)
{
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : (bits + 31) / 32 * 4;
}

Type type_int(Sema *s, unsigned bits, bool is_signed)
{
  switch (bits) {
  case 8: return is_signed ? T_I8 : T_U8;
  case 16: return is_signed ? T_I16 : T_U16;
  case 32: return is_signed ? T_I32 : T_U32;
  case 64: return is_signed ? T_I64 : T_U64;
  }
  uint32_t size = int_size(bits);
  TypeInfo t = {.kind = TK_INT,
                .bits = bits,
                .is_signed = is_signed,
                .size = bits > IR_MAX_INT_BITS ? 0 : size,
                .align = size > 4 ? 4 : size,
                .comptime_only = bits > IR_MAX_INT_BITS};
  return intern(s, &t);
}

Type type_pointer(Sema *s, Type pointee, bool is_const, bool many)
{
  const TypeInfo *e = type_info(s, pointee);
  bool function = e->kind == TK_FN;
  TypeInfo t = {.kind = many ? TK_MANY : TK_PTR,
                .elem = pointee,
                .is_const = is_const,
                .bits = 16,
                .size = 2,
                .align = 2,
                .comptime_only = !function && e->comptime_only};
  return intern(s, &t);
}

Type type_array(Sema *s, Type elem, const uint32_t *dims, uint32_t rank)
{
  const TypeInfo *e = type_info(s, elem);
  uint64_t count = 1;
  for (uint32_t i = 0; i < rank; i++) {
    count *= dims[i];
    if (count > UINT32_MAX)
      count = UINT32_MAX; // larger than any memory; reported where it is placed
  }
  uint64_t size = count * e->size;
  TypeInfo t = {.kind = TK_ARRAY,
                .elem = elem,
                .rank = (uint16_t)rank,
                .dims = dims,
                .count = (uint32_t)count,
                .size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
                .align = e->align,
                .comptime_only = e->comptime_only};
  return intern(s, &t);
}

Type type_function(Sema *s, const Type *params, uint32_t n, Type result, bool is_task)
{
  TypeField *fields = ARENA_ARRAY(&s->arena, TypeField, n + 1);
  for (uint32_t i = 0; i < n; i++)
    fields[i].type = params[i];
  TypeInfo t = {.kind = is_task ? TK_TASK : TK_FN,
                .elem = result,
                .count = n,
                .fields = fields,
                .align = 1,
                .comptime_only = true};
  return intern(s, &t);
}

static uint32_t round_up(uint32_t n, uint32_t align)
{
  return (n + align - 1) / align * align;
}

// Gives fields their offsets and the aggregate its size: natural C layout (language 5.1).
static void lay_out_packed(const Sema *s, TypeInfo *t, TypeField *fields)
{
  uint32_t bits = 0;
  for (uint32_t i = 0; i < t->count; i++) {
    fields[i].offset = bits;
    bits += packed_width(s, fields[i].type);
  }
  t->bits = bits; // more than IR_MAX_INT_BITS are an error of the caller
  t->size = int_size(bits);
  t->align = t->size > 4 ? 4 : t->size;
}

static void lay_out(const Sema *s, TypeInfo *t, TypeField *fields)
{
  uint32_t at = 0, size = 0;
  t->align = 1;
  for (uint32_t i = 0; i < t->count; i++) {
    const TypeInfo *f = type_info(s, fields[i].type);
    uint32_t align = f->align ? f->align : 1;
    at = t->kind == TK_UNION ? 0 : round_up(at, align);
    fields[i].offset = at;
    at += f->size;
    if (at > size)
      size = at;
    if (align > t->align)
      t->align = align;
    t->comptime_only |= f->comptime_only;
  }
  t->size = t->comptime_only ? 0 : round_up(size, t->align);
}

Type type_range(Sema *s, Type elem)
{
  TypeField fields[3] = {{.name = names_cstr(s->names, "start"), .type = elem},
                         {.name = names_cstr(s->names, "stop"), .type = elem},
                         {.name = names_cstr(s->names, "step"), .type = elem}};
  TypeInfo t = {.kind = TK_RANGE, .elem = elem, .count = 3, .fields = fields};
  lay_out(s, &t, fields);
  return intern(s, &t);
}

Type type_anon(Sema *s, const Name *names, const Type *types, uint32_t n)
{
  TypeField few[16];
  TypeField *fields = n <= 16 ? few : ARENA_ARRAY(&s->arena, TypeField, n);
  for (uint32_t i = 0; i < n; i++)
    fields[i] = (TypeField){.name = names ? names[i] : 0, .type = types[i]};
  TypeInfo t = {.kind = names || !n ? TK_ANON : TK_TUPLE, .count = n, .fields = fields};
  lay_out(s, &t, fields);
  return intern(s, &t);
}

// Named structs, unions and enums: equal only if they come from one place of the source with equal
// contents.
Type type_nominal(Sema *s, TypeKind kind, const Node *site, const TypeField *fields, uint32_t n,
                  Type base, bool packed, bool external, Name name)
{
  TypeField *copy = ARENA_ARRAY(&s->arena, TypeField, n + 1);
  memcpy(copy, fields, n * sizeof *copy);
  TypeInfo t = {.kind = (uint8_t)kind,
                .site = site,
                .count = n,
                .fields = copy,
                .elem = base,
                .packed = packed,
                .external = external,
                .name = name};
  if (kind == TK_ENUM) {
    const TypeInfo *b = type_info(s, base);
    t.size = b->size;
    t.align = b->align;
    t.bits = b->bits;
  } else if (packed && kind == TK_STRUCT) {
    lay_out_packed(s, &t, copy);
  } else {
    lay_out(s, &t, copy);
  }
  return intern(s, &t);
}

// ---- asking ----
bool type_is_int(const Sema *s, Type t)
{
  return (t >= T_I8 && t <= T_U64) || type_info(s, t)->kind == TK_INT;
}

bool type_is_signed(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return t == T_COMPTIME_INT || i->is_signed || (i->kind == TK_ENUM && type_is_signed(s, i->elem));
}

unsigned type_bits(const Sema *s, Type t)
{
  return type_info(s, t)->bits;
}

bool type_is_float(Type t)
{
  return t >= T_F16 && t <= T_F32;
}

bool type_is_numeric(const Sema *s, Type t)
{
  return t == T_COMPTIME_INT || t == T_COMPTIME_FLOAT || type_is_float(t) || type_is_int(s, t);
}

bool type_is_handle(Type t)
{
  return t >= T_COLOR && t <= T_UT_ID;
}

bool type_is_dsd(Type t)
{
  return t >= T_MEM1D && t <= T_CIRCBUF;
}

bool type_is_pointer(const Sema *s, Type t)
{
  uint8_t k = type_info(s, t)->kind;
  return k == TK_PTR || k == TK_MANY;
}

bool type_is_fn_pointer(const Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  return i->kind == TK_PTR && type_info(s, i->elem)->kind == TK_FN;
}

bool type_is_aggregate(const Sema *s, Type t)
{
  uint8_t k = type_info(s, t)->kind;
  return k == TK_ARRAY || k == TK_RANGE || k == TK_ANON || k == TK_TUPLE || k == TK_STRUCT ||
         k == TK_UNION;
}

bool type_is_struct(const Sema *s, Type t)
{
  uint8_t k = type_info(s, t)->kind;
  return k == TK_ANON || k == TK_TUPLE || k == TK_STRUCT;
}

bool type_comptime_only(const Sema *s, Type t)
{
  return type_info(s, t)->comptime_only;
}

uint32_t type_size(const Sema *s, Type t)
{
  return type_info(s, t)->size;
}

uint32_t type_align(const Sema *s, Type t)
{
  return type_info(s, t)->align;
}

Type type_fp16(const Sema *s)
{
  const char *f = s->opt->fp16;
  return !f || !strcmp(f, "f16") ? T_F16 : !strcmp(f, "bf16") ? T_BF16 : T_CB16;
}

int type_field(const Sema *s, Type t, Name name)
{
  const TypeInfo *i = type_info(s, t);
  if (!i->fields || i->kind == TK_FN || i->kind == TK_TASK || i->kind == TK_TUPLE ||
      i->kind == TK_RANGE)
    return -1;
  for (uint32_t k = 0; k < i->count; k++)
    if (i->fields[k].name == name)
      return (int)k;
  return -1;
}

// ---- lowering ----
static IrType lower_fields(Ctx *cx, const TypeInfo *i)
{
  IrType *fields = NULL;
  for (uint32_t k = 0; k < i->count; k++)
    if (type_size(cx->s, i->fields[k].type))
      arrput(fields, type_lower(cx, i->fields[k].type));
  IrType t = tir_struct(cx->tile->module, fields, (uint32_t)arrlen(fields));
  arrfree(fields);
  return t;
}

// Unions are bytes: elements as wide as their alignment, so that the alignment is kept.
static IrType lower_bytes(Ctx *cx, const TypeInfo *i)
{
  IrType unit = i->align >= 4 ? IRT_I32 : i->align == 2 ? IRT_I16 : IRT_I8;
  uint32_t size = i->align >= 4 ? 4 : i->align;
  return tir_array(cx->tile->module, unit, i->size / size);
}

IrType type_lower(Ctx *cx, Type t)
{
  const TypeInfo *i = type_info(cx->s, t);
  switch (i->kind) {
  case TK_SIMPLE: break;
  case TK_INT: return i->size ? sema_int_type(cx, i->size) : IRT_VOID;
  case TK_PTR: return type_is_fn_pointer(cx->s, t) ? IRT_I16 : IRT_PTR;
  case TK_MANY: return IRT_PTR;
  case TK_ARRAY: return tir_array(cx->tile->module, type_lower(cx, i->elem), i->count);
  case TK_ENUM: return type_lower(cx, i->elem);
  case TK_UNION: return lower_bytes(cx, i);
  case TK_RANGE:
  case TK_ANON:
  case TK_TUPLE:
  case TK_STRUCT: return i->packed ? sema_int_type(cx, i->size) : lower_fields(cx, i);
  default: return IRT_VOID;
  }
  if (t == T_BOOL)
    return IRT_BOOL;
  if (type_is_int(cx->s, t))
    return sema_int_type(cx, i->size);
  if (type_is_handle(t))
    return IRT_I16;
  switch (t) {
  case T_F16: return IRT_F16;
  case T_BF16: return IRT_BF16;
  case T_CB16: return IRT_CB16;
  case T_F32: return IRT_F32;
  case T_MEM4D: return IRT_DSD4;
  case T_MEM1D:
  case T_FABIN:
  case T_FABOUT:
  case T_CIRCBUF: return IRT_DSD;
  }
  return IRT_VOID;
}

// ---- printing ----
static char *join(Sema *s, const char *a, const char *b)
{
  return arena_printf(&s->arena, "%s%s", a, b);
}

static const char *fields_text(Sema *s, const TypeInfo *i, const char *open, const char *close)
{
  char *text = join(s, open, "");
  for (uint32_t k = 0; k < i->count; k++) {
    const char *name = names_text(s->names, i->fields[k].name);
    text = arena_printf(&s->arena, "%s%s%s%s%s", text, k ? ", " : "", name, *name ? ": " : "",
                        type_name(s, i->fields[k].type));
  }
  return join(s, text, close);
}

static const char *array_text(Sema *s, const TypeInfo *i)
{
  char *text = join(s, "[", "");
  for (uint32_t k = 0; k < i->rank; k++)
    text = arena_printf(&s->arena, "%s%s%u", text, k ? "," : "", i->dims[k]);
  return arena_printf(&s->arena, "%s]%s", text, type_name(s, i->elem));
}

static const char *nominal_text(Sema *s, const TypeInfo *i)
{
  if (i->name)
    return names_text(s->names, i->name);
  if (i->kind == TK_ENUM)
    return arena_printf(&s->arena, "enum(%s)", type_name(s, i->elem));
  return fields_text(s, i, i->kind == TK_UNION ? "union {" : "struct {", "}");
}

const char *type_name(Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  switch ((TypeKind)i->kind) {
  case TK_SIMPLE: return simple[t].name;
  case TK_INT: return arena_printf(&s->arena, "%c%u", i->is_signed ? 'i' : 'u', i->bits);
  case TK_PTR: return join(s, i->is_const ? "*const " : "*", type_name(s, i->elem));
  case TK_MANY: return join(s, i->is_const ? "[*]const " : "[*]", type_name(s, i->elem));
  case TK_ARRAY: return array_text(s, i);
  case TK_FN:
  case TK_TASK: {
    if (i->elem == T_NONE)
      return "generic fn";
    const char *head = fields_text(s, i, i->kind == TK_FN ? "fn(" : "task(", ") ");
    return join(s, head, type_name(s, i->elem));
  }
  case TK_RANGE: return arena_printf(&s->arena, "range(%s)", type_name(s, i->elem));
  case TK_ANON:
  case TK_TUPLE: return fields_text(s, i, "struct {", "}");
  case TK_STRUCT:
  case TK_UNION:
  case TK_ENUM: return nominal_text(s, i);
  }
  return "?";
}

Type type_deref(const Sema *s, Type pointer)
{
  return type_info(s, pointer)->elem;
}
