// Comptime values: scalars by value, aggregates in a pool with copy on write, so that structs and
// arrays behave as values.
#include "sema/private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Value v_string(Sema *s, const char *bytes, size_t len)
{
  return v_ref(T_COMPTIME_STRING, names_put(s->names, bytes, len));
}

// ---- aggregates ----
static Agg *agg_at(const Sema *s, uint32_t agg)
{
  return s->p->aggs[agg];
}

static uint32_t agg_new(Sema *s, Agg a)
{
  Agg *copy = ARENA_NEW(&s->arena, Agg);
  *copy = a;
  arrput(s->p->aggs, copy);
  return (uint32_t)arrlen(s->p->aggs) - 1;
}

// Is a value of this type one word that says everything (no reference into a pool)?
bool v_is_leaf(const Sema *s, Type t)
{
  return t == T_BOOL || t == T_COMPTIME_INT || t == T_COMPTIME_FLOAT || type_is_float(t) ||
         type_is_int(s, t) || type_is_handle(t) || type_info(s, t)->kind == TK_ENUM;
}

static bool all_plain(const Value *elems, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (elems[i].sym || elems[i].type != elems[0].type)
      return false;
  return true;
}

Value v_aggregate(Sema *s, Type t, const Value *elems, uint32_t n)
{
  Agg a = {.type = t, .count = n};
  if (type_info(s, t)->kind == TK_ARRAY && n && v_is_leaf(s, elems[0].type) &&
      all_plain(elems, n)) {
    a.kind = AGG_WORDS;
    a.elem = elems[0].type;
    a.words = ARENA_ARRAY(&s->arena, uint64_t, n);
    for (uint32_t i = 0; i < n; i++)
      a.words[i] = (uint64_t)elems[i].i;
  } else {
    a.values = ARENA_ARRAY(&s->arena, Value, n ? n : 1);
    for (uint32_t i = 0; i < n; i++) {
      a.values[i] = elems[i];
      v_share(s, elems[i]);
    }
  }
  return v_ref(t, agg_new(s, a));
}

Value v_uniform(Sema *s, Type array, Value elem)
{
  v_share(s, elem);
  Agg a = {.type = array, .kind = AGG_UNIFORM, .count = type_info(s, array)->count, .one = elem};
  return v_ref(array, agg_new(s, a));
}

Value agg_get(const Agg *a, uint32_t k)
{
  switch ((AggKind)a->kind) {
  case AGG_VALUES: return a->values[k];
  case AGG_WORDS: return v_int(a->elem, (int64_t)a->words[k]);
  case AGG_UNIFORM: break;
  }
  return a->one;
}

// Turns the aggregate into the widest form that can take any element.
static void spread_values(Sema *s, Agg *a)
{
  Value *values = ARENA_ARRAY(&s->arena, Value, a->count ? a->count : 1);
  for (uint32_t i = 0; i < a->count; i++)
    values[i] = agg_get(a, i);
  a->values = values;
  a->kind = AGG_VALUES;
}

static void spread_words(Sema *s, Agg *a)
{
  uint64_t *words = ARENA_ARRAY(&s->arena, uint64_t, a->count ? a->count : 1);
  for (uint32_t i = 0; i < a->count; i++)
    words[i] = (uint64_t)a->one.i;
  a->elem = a->one.type;
  a->words = words;
  a->kind = AGG_WORDS;
}

void agg_set(Sema *s, uint32_t agg, uint32_t k, Value v)
{
  Agg *a = agg_at(s, agg);
  bool plain = !v.sym && v_is_leaf(s, v.type);
  if (a->kind == AGG_UNIFORM && plain && !a->one.sym && a->one.type == v.type)
    spread_words(s, a);
  if (a->kind == AGG_WORDS && plain && v.type == a->elem) {
    a->words[k] = (uint64_t)v.i;
    return;
  }
  if (a->kind != AGG_VALUES)
    spread_values(s, a);
  v_share(s, v);
  a->values[k] = v;
}

void v_share(Sema *s, Value v)
{
  if (type_is_aggregate(s, v.type) && v.ref)
    agg_at(s, v.ref)->shared = true;
}

uint32_t agg_unique(Sema *s, uint32_t agg)
{
  const Agg *a = agg_at(s, agg);
  if (!a->shared)
    return agg;
  Agg copy = *a;
  copy.shared = false;
  if (a->kind == AGG_WORDS) {
    copy.words = ARENA_ARRAY(&s->arena, uint64_t, a->count ? a->count : 1);
    memcpy(copy.words, a->words, a->count * sizeof *copy.words);
  } else if (a->kind == AGG_VALUES) {
    copy.values = ARENA_ARRAY(&s->arena, Value, a->count ? a->count : 1);
    for (uint32_t i = 0; i < a->count; i++) {
      copy.values[i] = a->values[i];
      v_share(s, copy.values[i]); // both copies hold the parts from now on
    }
  }
  return agg_new(s, copy);
}

uint32_t agg_own_part(Sema *s, uint32_t agg, uint32_t k)
{
  Agg *a = agg_at(s, agg);
  uint32_t part = agg_unique(s, agg_get(a, k).ref);
  if (a->kind != AGG_VALUES) // a uniform array of arrays or structs
    agg_set(s, agg, k, agg_get(a, k));
  a->values[k].ref = part;
  return part;
}

Value v_element(const Sema *s, Value agg, uint32_t k)
{
  return agg_get(agg_at(s, agg.ref), k);
}

uint32_t v_count(const Sema *s, Value agg)
{
  return agg_at(s, agg.ref)->count;
}

bool v_field(const Sema *s, Value agg, Name name, Value *out)
{
  int k = type_is_struct(s, agg.type) ? type_field(s, agg.type, name) : -1;
  if (k < 0)
    return false;
  *out = v_element(s, agg, (uint32_t)k);
  return true;
}

// The part of type `t` that lies `offset` bytes into a value, as a comptime load through a pointer
// finds it.
bool v_at_offset(Sema *s, Value root, uint32_t offset, Type t, Value *out)
{
  for (;;) {
    if (root.type == t && !offset) {
      *out = root;
      return true;
    }
    const TypeInfo *i = type_info(s, root.type);
    uint32_t k = 0;
    if (type_is_packed(s, root.type))
      return false;
    if (i->kind == TK_ARRAY) {
      uint32_t size = type_size(s, i->elem);
      k = size ? offset / size : 0;
      if (k >= i->count)
        return false;
      offset -= k * size;
    } else if (type_is_aggregate(s, root.type) && i->kind != TK_UNION && i->count) {
      while (k + 1 < i->count && offset - i->fields[k].offset >= type_size(s, i->fields[k].type))
        k++; // fields without size, such as void ones, are skipped
      if (offset < i->fields[k].offset)
        return false;
      offset -= i->fields[k].offset;
    } else {
      return false;
    }
    root = v_element(s, root, k);
  }
}

// Zero of a type that exists at run time.
Value v_default(Sema *s, Type t)
{
  const TypeInfo *i = type_info(s, t);
  if (i->kind == TK_ARRAY)
    return v_uniform(s, t, v_default(s, i->elem));
  if (type_is_aggregate(s, t)) {
    Value *fields = ARENA_ARRAY(&s->arena, Value, i->count + 1);
    uint32_t n = i->kind == TK_UNION && i->count ? 1 : i->count; // of a union the first variant
    for (uint32_t k = 0; k < n; k++)
      fields[k] = v_default(s, i->fields[k].type);
    return v_aggregate(s, t, fields, i->count);
  }
  if (type_is_float(t))
    return v_float(t, 0);
  return v_int(t, 0);
}

// ---- equality and hashing ----
static bool equal_dsds(const Sema *s, const DsdValue *a, const DsdValue *b)
{
  return a->kind == b->kind && v_equal(s, a->base, b->base) && v_equal(s, a->length, b->length) &&
         v_equal(s, a->offset, b->offset) && !memcmp(a->stride, b->stride, sizeof a->stride) &&
         !memcmp(a->extent, b->extent, sizeof a->extent) && a->dims == b->dims &&
         v_equal(s, a->color, b->color) && v_equal(s, a->queue, b->queue) && a->simd == b->simd &&
         a->priority == b->priority && a->wio == b->wio && a->simd_given == b->simd_given &&
         a->control == b->control && a->control_transform == b->control_transform &&
         a->zero_first == b->zero_first && a->zero_second == b->zero_second &&
         a->advance_switch == b->advance_switch && a->wrap == b->wrap;
}

static bool equal_aggs(const Sema *s, const Agg *a, const Agg *b)
{
  if (a->count != b->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++)
    if (!v_equal(s, agg_get(a, i), agg_get(b, i)))
      return false;
  return true;
}

bool v_equal(const Sema *s, Value a, Value b)
{
  if (a.type != b.type)
    return false;
  if (a.type == T_NONE)
    return true;
  if (type_is_aggregate(s, a.type))
    return a.ref == b.ref || equal_aggs(s, agg_at(s, a.ref), agg_at(s, b.ref));
  if (type_is_dsd(a.type))
    return a.ref == b.ref || equal_dsds(s, &s->dsds[a.ref], &s->dsds[b.ref]);
  return a.i == b.i; // floats by their bits: what differs in sign of zero differs in code
}

uint64_t v_hash(const Sema *s, Value v)
{
  uint64_t h = v.type * 0x9e3779b97f4a7c15u;
  if (type_is_dsd(v.type))
    return h ^ s->dsds[v.ref].kind;
  if (!type_is_aggregate(s, v.type))
    return (h ^ (uint64_t)v.i) * 0xff51afd7ed558ccdu;
  const Agg *a = agg_at(s, v.ref);
  uint32_t n = a->kind == AGG_UNIFORM && a->count ? 1 : a->count;
  for (uint32_t i = 0; i < n && i < 64; i++)
    h = (h ^ v_hash(s, agg_get(a, i))) * 0xff51afd7ed558ccdu + 1;
  return h;
}

// Nine digits tell all floats of 32 bits and less apart; a comptime_float gets as many as tell it
// from its neighbours.
const char *v_float_text(Sema *s, Value v)
{
  char text[32];
  for (int digits = 9; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, v.f);
    if (v.type != T_COMPTIME_FLOAT || !(strtod(text, NULL) != v.f))
      break;
  }
  return arena_strdup(&s->arena, text);
}
