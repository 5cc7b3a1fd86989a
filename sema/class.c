// Classes of tiles: a tile program is analysed once for all tiles whose params lead to the same
// decisions (DESIGN 3.1).
//
// Scalar params that differ between the tiles of one file become symbols: comptime values that
// remember, next to the value of the tile being analysed, an expression over the params. Whoever
// needs the concrete value forces it, which records the expression and its outcome as a guard.
// Afterwards every other tile evaluates the guards with its own params: where all outcomes are
// equal, the program would be typed in the same way, so the tile joins the class and only its words
// of the constant block differ. The rest is analysed again with the next tile as representative.
#include "sema/private.h"
#include "support/memory.h"
#include <stdlib.h>
#include <string.h>

// ---- expressions over params ----
static uint32_t sym_new(Sema *s, SymExpr e)
{
  SemaPrivate *p = s->p;
  SymKey key;
  memset(&key, 0, sizeof key);
  key.kind_op = (uint32_t)e.kind << 8 | e.op;
  key.type = e.type;
  key.a_type = e.a.type;
  key.b_type = e.b.type;
  key.a_sym = e.a.sym;
  key.b_sym = e.b.sym;
  key.a = e.kind == SYM_LEAF ? (int64_t)e.leaf : e.a.sym ? 0 : e.a.i;
  key.b = e.b.sym ? 0 : e.b.i;
  ptrdiff_t i = hmgeti(p->sym_map, key);
  if (i >= 0)
    return p->sym_map[i].value;
  if (!arrlen(p->syms))
    arrput(p->syms, (SymExpr){0});
  arrput(p->syms, e);
  uint32_t number = (uint32_t)arrlen(p->syms) - 1;
  hmput(p->sym_map, key, number);
  return number;
}

uint32_t sym_binary(Sema *s, Operator op, Value a, Value b, Type t)
{
  return sym_new(s, (SymExpr){.kind = SYM_BINARY, .op = (uint8_t)op, .type = t, .a = a, .b = b});
}

uint32_t sym_unary(Sema *s, NodeKind kind, Value a, Type t)
{
  return sym_new(s, (SymExpr){.kind = SYM_UNARY, .op = (uint8_t)kind, .type = t, .a = a});
}

uint32_t sym_convert(Sema *s, Value a, Type t)
{
  return sym_new(s, (SymExpr){.kind = SYM_CONVERT, .type = t, .a = a});
}

void sema_force(Ctx *cx, Value *v)
{
  SemaPrivate *p = cx->s->p;
  if (!v->sym)
    return;
  if (!p->forced || v->sym >= arrlenu(p->forced))
    arrsetlen(p->forced, v->sym + 1);
  while (p->nforced < arrlenu(p->forced))
    p->forced[p->nforced++] = false;
  if (!p->forced[v->sym]) {
    p->forced[v->sym] = true;
    arrput(p->guards, *v);
  }
  v->sym = 0;
}

static void syms_clear(SemaPrivate *p)
{
  arrsetlen(p->syms, 0);
  hmfree(p->sym_map);
  arrsetlen(p->guards, 0);
  arrsetlen(p->forced, 0);
  p->nforced = 0;
}

// ---- evaluation for another tile ----
static Value operand_for(const Value *all, Value v)
{
  return v.sym ? all[v.sym] : v;
}

static Value expr_for(Sema *s, const SymExpr *e, const Value *all, const int64_t *leaves)
{
  Value out = {0}; // type T_NONE: no value on this tile; differs from every outcome
  Value a = operand_for(all, e->a), b = operand_for(all, e->b);
  if (e->kind == SYM_LEAF)
    return v_int(e->type, leaves[e->leaf]);
  if (a.type == T_NONE || (e->kind == SYM_BINARY && b.type == T_NONE))
    return out;
  switch ((SymKind)e->kind) {
  case SYM_BINARY: return arith_concrete(s, e->op, a, b, &out) ? out : (Value){0};
  case SYM_UNARY: return unary_value(s, e->op, a);
  default: return v_convert(s, a, e->type, &out) ? out : (Value){0};
  }
}

// Values of all expressions for a tile; operands come before what uses them.
static void eval_tile(Sema *s, const int64_t *leaves, Value *all)
{
  SemaPrivate *p = s->p;
  for (ptrdiff_t i = 1; i < arrlen(p->syms); i++)
    all[i] = expr_for(s, &p->syms[i], all, leaves);
}

static bool same_outcomes(const SemaPrivate *p, const Value *all)
{
  for (ptrdiff_t i = 0; i < arrlen(p->guards); i++) {
    Value want = p->guards[i], got = all[want.sym];
    if (got.type != want.type || got.i != want.i)
      return false;
  }
  return true;
}

// ---- recording tiles ----
static bool is_struct_value(const Sema *s, Value v)
{
  return type_is_struct(s, v.type);
}

static void collect_leaves(const Sema *s, Value v, int64_t **leaves, Type **types)
{
  if (is_struct_value(s, v)) {
    for (uint32_t k = 0; k < v_count(s, v); k++)
      collect_leaves(s, v_element(s, v, k), leaves, types);
  } else if (v_is_leaf(s, v.type)) {
    arrput(*leaves, v.i);
    if (types)
      arrput(*types, v.type);
  }
}

// Equal but for scalars?
static bool same_shape(const Sema *s, Value a, Value b)
{
  if (a.type != b.type)
    return false;
  if (!is_struct_value(s, a))
    return v_is_leaf(s, a.type) || v_equal(s, a, b);
  for (uint32_t k = 0; k < v_count(s, a); k++)
    if (!same_shape(s, v_element(s, a, k), v_element(s, b, k)))
      return false;
  return true;
}

static TileGroup *find_group(Sema *s, const FileInfo *file, Value bindings, uint64_t h)
{
  for (TileGroup *g = hmget(s->p->group_map, h); g; g = g->next)
    if (g->file == file && same_shape(s, g->bindings, bindings))
      return g;
  return NULL;
}

bool sema_add_tile(Ctx *cx, Node *at, uint32_t x, uint32_t y, FileInfo *file, Value bindings)
{
  Sema *s = cx->s;
  SemaPrivate *p = s->p;
  if (file->bad)
    return false;
  if (bindings.type != T_NONE &&
      (!is_struct_value(s, bindings) || type_info(s, bindings.type)->kind == TK_TUPLE)) {
    SEMA_ERROR(cx, at, not_struct_bindings, type_name(s, bindings.type));
    return false;
  }
  uint64_t h = (uint64_t)(uintptr_t)file ^ (uint64_t)bindings.type << 32;
  TileGroup *g = find_group(s, file, bindings, h);
  bool fresh = !g;
  if (fresh) {
    g = ARENA_NEW(&s->arena, TileGroup);
    *g = (TileGroup){.file = file, .bindings = bindings, .site = at, .from = cx->instance};
    v_share(s, bindings);
    g->next = hmget(p->group_map, h);
    hmput(p->group_map, h, g);
    arrput(p->groups, g);
  }
  arrput(g->tiles, y * s->fabric->width + x);
  collect_leaves(s, bindings, &g->leaves, fresh ? &g->leaf_types : NULL);
  g->nleaves = (uint32_t)arrlen(g->leaf_types);
  return true;
}

// ---- building the classes of a group ----
// The params of tile `index` of a group; NULL when none of them is a scalar.
static const int64_t *leaves_of(const TileGroup *g, uint32_t index)
{
  return g->nleaves ? g->leaves + (size_t)index * g->nleaves : NULL;
}

static bool *varying_leaves(const TileGroup *g)
{
  bool *varies = mem_zeroed(g->nleaves + 1, sizeof *varies);
  for (size_t i = 1; i < arrlenu(g->tiles); i++)
    for (uint32_t k = 0; k < g->nleaves; k++)
      varies[k] |= g->leaves[i * g->nleaves + k] != g->leaves[k];
  return varies;
}

// The params of one tile, with symbols for scalars that differ between tiles.
static Value bind_leaves(Sema *s, const TileGroup *g, Value v, const int64_t *leaves,
                         const bool *varies, uint32_t *next)
{
  if (is_struct_value(s, v)) {
    uint32_t n = v_count(s, v);
    Value *parts = ARENA_ARRAY(&s->arena, Value, n + 1);
    for (uint32_t k = 0; k < n; k++)
      parts[k] = bind_leaves(s, g, v_element(s, v, k), leaves, varies, next);
    return v_aggregate(s, v.type, parts, n);
  }
  if (!v_is_leaf(s, v.type))
    return v;
  uint32_t leaf = (*next)++;
  v.i = leaves[leaf];
  v.sym = varies[leaf] ? sym_new(s, (SymExpr){.kind = SYM_LEAF, .type = v.type, .leaf = leaf}) : 0;
  return v;
}

static void write_constants(Sema *s, FabricClass *c, const TileProgram *t, const Value *all)
{
  const ProgramPrivate *p = t->p;
  for (ptrdiff_t i = 0; i < arrlen(p->tileconsts); i++) {
    Value v = all[p->tileconsts[i].sym];
    arrput(c->const_values, (uint32_t)(v.type == T_NONE ? 0 : scalar_bits(s, v)));
  }
}

typedef struct Member {
  uint32_t tile, index; // number in the rectangle; position in the group
} Member;

static int by_tile(const void *a, const void *b)
{
  uint32_t x = ((const Member *)a)->tile, y = ((const Member *)b)->tile;
  return (x > y) - (x < y);
}

static const char *module_name(Sema *s, const FileInfo *file)
{
  const char *slash = strrchr(file->path, '/'), *base = slash ? slash + 1 : file->path;
  const char *name = base;
  for (uint32_t k = 2;; k++) {
    bool taken = false;
    for (ptrdiff_t i = 0; i < arrlen(s->fabric->classes) && !taken; i++)
      taken = !strcmp(s->fabric->classes[i].module_name, name);
    if (!taken)
      return name;
    name = arena_printf(&s->arena, "%s.%u", base, k);
  }
}

// Puts the members into the fabric module as one class.
static void add_class(Sema *s, const TileGroup *g, TileProgram *t, Member *members)
{
  FabricModule *f = s->fabric;
  FabricClass c = {.file = arena_strdup(&f->arena, g->file->path), .module = t->module};
  c.module_name = arena_strdup(&f->arena, module_name(s, g->file));
  t->module->name = arena_strdup(&t->module->arena, c.module_name);
  t->class_index = (uint32_t)arrlen(f->classes);
  size_t n = arrlenu(members);
  qsort(members, n, sizeof *members, by_tile);
  Value *all = mem_zeroed(arrlenu(s->p->syms) + 1, sizeof *all);
  uint32_t *tiles = mem_zeroed(n, sizeof *tiles);
  for (size_t i = 0; i < n; i++) {
    eval_tile(s, leaves_of(g, members[i].index), all);
    write_constants(s, &c, t, all);
    tiles[i] = members[i].tile;
    f->tile_class[tiles[i]] = t->class_index;
  }
  arrput(f->classes, c);
  program_place(s, t, tiles, (uint32_t)n);
  free(all);
  free(tiles);
}

// Splits `rest` into the tiles that share the class just analysed and the others.
static Member *take_members(Sema *s, const TileGroup *g, uint32_t **rest)
{
  Value *all = mem_zeroed(arrlenu(s->p->syms) + 1, sizeof *all);
  Member *members = NULL;
  size_t kept = 0;
  for (size_t i = 0; i < arrlenu(*rest); i++) {
    uint32_t index = (*rest)[i];
    eval_tile(s, leaves_of(g, index), all);
    if (i == 0 || same_outcomes(s->p, all)) // the representative itself, always
      arrput(members, ((Member){g->tiles[index], index}));
    else
      (*rest)[kept++] = index;
  }
  arrsetlen(*rest, kept);
  free(all);
  return members;
}

const uint32_t *sema_current_tiles(const Sema *s, size_t *n)
{
  const TileGroup *g = s->p->current_group;
  *n = g ? arrlenu(g->tiles) : 0;
  return g ? g->tiles : NULL;
}

// `again`: a group of the same file was built before.
static bool build_group(Sema *s, TileGroup *g, bool again)
{
  s->p->current_group = g;
  bool *varies = varying_leaves(g), ok = true;
  uint32_t *rest = NULL;
  for (size_t i = 0; i < arrlenu(g->tiles); i++)
    arrput(rest, (uint32_t)i);
  while (ok && arrlen(rest)) {
    syms_clear(s->p);
    s->p->example = rest[0] || again ? (int64_t)g->tiles[rest[0]] : -1;
    uint32_t next = 0;
    const int64_t *leaves = leaves_of(g, rest[0]);
    Value bindings = g->bindings;
    if (bindings.type != T_NONE)
      bindings = bind_leaves(s, g, bindings, leaves, varies, &next);
    TileProgram *t = program_analyse(s, g->file, bindings, g->site, g->from);
    ok = t != NULL; // further classes of a file in error would repeat its errors
    if (!ok)
      break;
    Member *members = take_members(s, g, &rest);
    add_class(s, g, t, members);
    arrfree(members);
    program_free(t);
  }
  arrfree(rest);
  free(varies);
  return ok;
}

bool classes_build(Sema *s)
{
  bool ok = true;
  for (ptrdiff_t i = 0; i < arrlen(s->p->groups); i++) {
    bool again = false;
    for (ptrdiff_t k = 0; k < i && !again; k++)
      again = s->p->groups[k]->file == s->p->groups[i]->file;
    if (ok || !again) // a file in error is reported once
      ok &= build_group(s, s->p->groups[i], again);
  }
  if (s->opt->verbose)
    fprintf(stderr, "tile programs: %td\n", arrlen(s->fabric->classes));
  return ok;
}

void classes_free(Sema *s)
{
  SemaPrivate *p = s->p;
  for (ptrdiff_t i = 0; i < arrlen(p->groups); i++) {
    arrfree(p->groups[i]->tiles);
    arrfree(p->groups[i]->leaves);
    arrfree(p->groups[i]->leaf_types);
  }
  arrfree(p->groups);
  hmfree(p->group_map);
  arrfree(p->syms);
  hmfree(p->sym_map);
  arrfree(p->guards);
  arrfree(p->forced);
}
