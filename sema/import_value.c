// @import_comptime_value: a comptime value from a JSON file (spec language 15.1).
#include "sema/private.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct Import {
  Ctx *cx;
  Node *at;
} Import;

static bool mismatch(const Import *im, const json_t *j, Type want)
{
  static const char *const kinds[] = {"object", "array", "string", "number",
                                      "number", "bool",  "bool",   "null"};
  SEMA_ERROR(im->cx, im->at, json_mismatch, type_name(im->cx->s, want), kinds[json_typeof(j)]);
  return false;
}

static bool number(const Import *im, const json_t *j, Type want, Value *out)
{
  Sema *s = im->cx->s;
  bool is_float = want == T_COMPTIME_FLOAT || type_is_float(want);
  if (is_float && json_is_number(j)) {
    *out = v_float(want, float_round(want, json_number_value(j)));
    return true;
  }
  if (!json_is_integer(j) || is_float)
    return mismatch(im, j, want);
  int64_t i = json_integer_value(j);
  bool fits = want == T_COLOR ? i >= 0 && i < im->cx->s->arch->colors
                              : int_value_fits(s, v_int(T_I64, i), want);
  if (!fits) {
    const char *text = arena_printf(&s->arena, "%lld", (long long)i);
    SEMA_ERROR(im->cx, im->at, does_not_fit, text, type_name(s, want));
    return false;
  }
  *out = v_number(s, want, i);
  return true;
}

static bool convert(const Import *im, const json_t *j, Type want, Value *out, int depth);

enum { MAX_DEPTH = 50 };

// Elements of an array in order; inner arrays are its rows.
static bool collect(const Import *im, const json_t *j, Type elem, Value **out, int depth)
{
  if (!json_is_array(j) || depth > MAX_DEPTH) {
    Value v;
    if (!convert(im, j, elem, &v, depth))
      return false;
    arrput(*out, v);
    return true;
  }
  for (size_t k = 0; k < json_array_size(j); k++)
    if (!collect(im, json_array_get(j, k), elem, out, depth + 1))
      return false;
  return true;
}

static bool array(const Import *im, const json_t *j, Type want, Value *out, int depth)
{
  const TypeInfo *t = type_info(im->cx->s, want);
  Value *elems = NULL;
  bool ok = json_is_array(j) ? collect(im, j, t->elem, &elems, depth) : mismatch(im, j, want);
  if (ok && arrlenu(elems) != t->count) {
    SEMA_ERROR(im->cx, im->at, element_count, t->count, (unsigned)arrlenu(elems));
    ok = false;
  }
  if (ok)
    *out = v_aggregate(im->cx->s, want, elems, t->count);
  arrfree(elems);
  return ok;
}

// Type in a key "name:type": a predeclared name, or an array of one. T_NONE: not understood.
static Type key_type(const Import *im, const char *text)
{
  Sema *s = im->cx->s;
  uint32_t dims[16], rank = 0;
  if (*text == '[') {
    do {
      char *end;
      unsigned long n = strtoul(text + 1, &end, 10);
      if (end == text + 1 || n > UINT32_MAX || rank == 16)
        return T_NONE;
      dims[rank++] = (uint32_t)n;
      text = end;
    } while (*text == ',');
    if (*text++ != ']')
      return T_NONE;
  }
  ptrdiff_t i = hmgeti(s->p->predeclared, names_cstr(s->names, text));
  if (i < 0 || s->p->predeclared[i].value.type != T_TYPE)
    return T_NONE;
  Type t = s->p->predeclared[i].value.ref;
  return rank ? type_array(s, t, dims, rank) : t;
}

static bool field(const Import *im, const char *key, const json_t *j, Name *name, Value *out,
                  int depth)
{
  Sema *s = im->cx->s;
  const char *colon = strchr(key, ':');
  Type t = colon ? key_type(im, colon + 1) : T_NONE;
  if (t == T_NONE) {
    SEMA_ERROR(im->cx, im->at, json_key, key);
    return false;
  }
  *name = names_put(s->names, key, (size_t)(colon - key));
  return convert(im, j, t, out, depth);
}

static bool object(const Import *im, const json_t *j, Type want, Value *out, int depth)
{
  Sema *s = im->cx->s;
  Name *names = NULL;
  Type *types = NULL;
  Value *values = NULL;
  const char *key;
  json_t *item;
  bool ok = json_is_object(j) || mismatch(im, j, want);
  json_object_foreach((json_t *)j, key, item)
  {
    Name name = 0;
    Value v = {0};
    ok = ok && field(im, key, item, &name, &v, depth + 1);
    arrput(names, name);
    arrput(types, v.type);
    arrput(values, v);
  }
  if (ok) {
    uint32_t n = (uint32_t)arrlen(values);
    *out = v_aggregate(s, type_anon(s, names ? names : &(Name){0}, types, n), values, n);
  }
  arrfree(names);
  arrfree(types);
  arrfree(values);
  return ok;
}

static bool convert(const Import *im, const json_t *j, Type want, Value *out, int depth)
{
  Sema *s = im->cx->s;
  if (depth > MAX_DEPTH) {
    SEMA_ERROR(im->cx, im->at, nesting);
    return false;
  }
  if (want == T_BOOL && json_is_boolean(j)) {
    *out = v_bool(json_is_true(j));
    return true;
  }
  if (want == T_COMPTIME_STRING && json_is_string(j)) {
    *out = v_string(s, json_string_value(j), json_string_length(j));
    return true;
  }
  if (type_info(s, want)->kind == TK_ARRAY)
    return array(im, j, want, out, depth);
  if (want == T_COMPTIME_STRUCT)
    return object(im, j, want, out, depth);
  if (type_is_numeric(s, want) || want == T_COLOR)
    return number(im, j, want, out);
  return mismatch(im, j, want);
}

static const char *json_path(Ctx *cx, const char *name)
{
  const char *from = cx->instance->file->path, *slash = strrchr(from, '/');
  if (*name == '/' || !slash)
    return name;
  return arena_printf(&cx->s->arena, "%.*s/%s", (int)(slash - from), from, name);
}

Operand bi_import_comptime_value(Ctx *cx, Node *n)
{
  Name name;
  Value v;
  json_error_t error;
  Import im = {cx, n};
  Type t = sema_type(cx, n->list[0]);
  if (t == T_NONE || !sema_comptime_string(cx, n->list[1], &name))
    return op_error();
  const char *path = json_path(cx, names_text(cx->s->names, name));
  json_t *root = json_load_file(path, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
  if (!root)
    return SEMA_ERROR(cx, n, json_read, names_text(cx->s->names, name), error.text);
  bool ok = convert(&im, root, t, &v, 0);
  json_decref(root);
  return ok ? op_value(v) : op_error();
}
