// Name resolution: what every identifier of a file means, found once. Locals get slot numbers
// within their function, block or initializer; the walker then never searches a name (spec
// language 4.4).
#include "sema/private.h"
#include <string.h>

typedef struct Visible {
  Name name;
  uint32_t slot;
  const Node *where;
} Visible;

typedef struct Resolver {
  Sema *s;
  FileInfo *file;
  Visible *visible;    // stb_ds: innermost last
  const Node **labels; // stb_ds: labelled loops and blocks around the current node
  uint32_t slots;      // handed out in the current root
  bool local;          // inside a function or block: declarations are locals
  bool warn_hidden;    // about a name that hides one of an enclosing scope
  bool body;           // the block to be walked belongs to the scope around it
  ptrdiff_t scope;     // where the names of the innermost scope begin in `visible`
} Resolver;

static void walk(Resolver *r, Node *n);

static void walk_list(Resolver *r, Node *n)
{
  for (uint32_t i = 0; i < n->count; i++)
    walk(r, n->list[i]);
}

static const Visible *lookup(const Resolver *r, Name name)
{
  for (ptrdiff_t i = arrlen(r->visible) - 1; i >= 0; i--)
    if (r->visible[i].name == name)
      return &r->visible[i];
  return NULL;
}

static void declare(Resolver *r, Node *n)
{
  n->scope = SCOPE_LOCAL;
  n->slot = r->slots++;
  if (!n->name)
    return;
  const Visible *other = lookup(r, n->name);
  if (other && other - r->visible >= r->scope) {
    DIAG_AT(r->s->diags, redeclared, node_range(n), names_text(r->s->names, n->name));
    diag_note(r->s->diags, node_range(other->where), "the first one is here");
  } else if (other && r->warn_hidden) {
    const char *name = names_text(r->s->names, n->name);
    DIAG_AT(r->s->diags, hides_local, node_range(n), name, name);
    diag_note(r->s->diags, node_range(other->where), "that one is declared here");
  }
  arrput(r->visible, ((Visible){n->name, n->slot, n}));
}

bool integer_name(const char *text, unsigned *bits)
{
  if ((text[0] != 'i' && text[0] != 'u') || !text[1] || strlen(text) > 9)
    return false;
  *bits = 0;
  for (const char *c = text + 1; *c; c++) {
    if (*c < '0' || *c > '9')
      return false;
    *bits = *bits * 10 + (unsigned)(*c - '0');
  }
  return text[1] != '0' || !text[2];
}

// iN and uN with other widths than the common ones (sdk-2.10 1.3).
static bool odd_integer(Resolver *r, Name name)
{
  const char *text = names_text(r->s->names, name);
  unsigned bits;
  if (!integer_name(text, &bits) || bits > MAX_INT_BITS)
    return false;
  hmput(r->s->p->predeclared, name, v_type(type_int(r->s, bits, text[0] == 'i')));
  return true;
}

static void resolve_ident(Resolver *r, Node *n)
{
  const Visible *v = lookup(r, n->name);
  ptrdiff_t i;
  if (v) {
    n->scope = SCOPE_LOCAL;
    n->slot = v->slot;
  } else if ((i = hmgeti(r->file->by_name, n->name)) >= 0) {
    n->scope = SCOPE_GLOBAL;
    n->slot = r->file->by_name[i].value;
  } else if (hmgeti(r->s->p->predeclared, n->name) >= 0 || odd_integer(r, n->name)) {
    n->scope = SCOPE_PREDECLARED;
    n->slot = (uint32_t)hmgeti(r->s->p->predeclared, n->name);
  } else {
    n->scope = SCOPE_UNKNOWN; // an error only where it is reached: pruned branches are not checked
  }
}

static const char *attribute_name(const Node *n)
{
  return n->kind == N_ALIGN ? "align" : n->kind == N_LINKNAME ? "linkname" : "linksection";
}

static void walk_attributes(Resolver *r, Node *attrs)
{
  walk(r, attrs);
  for (uint32_t i = 0; attrs && i < attrs->count; i++)
    for (uint32_t k = 0; k < i; k++)
      if (attrs->list[k]->kind == attrs->list[i]->kind) {
        DIAG_AT(r->s->diags, attribute_twice, node_range(attrs->list[i]),
                attribute_name(attrs->list[i]));
        diag_note(r->s->diags, node_range(attrs->list[k]), "the first one is here");
        break;
      }
}

static void walk_decl(Resolver *r, Node *n)
{
  walk(r, n->u.decl.type);
  walk_attributes(r, n->u.decl.attrs);
  walk(r, n->a);
  if (r->local)
    declare(r, n);
}

// A body that is a block is one scope with the parameters or the payload before it.
static void walk_body(Resolver *r, Node *body)
{
  r->body = body && body->kind == N_BLOCK;
  walk(r, body);
  r->body = false;
}

static void walk_function(Resolver *r, Node *n)
{
  size_t mark = arrlenu(r->visible);
  r->scope = (ptrdiff_t)mark;
  for (uint32_t i = 0; i < n->count; i++) {
    walk(r, n->list[i]->a);
    declare(r, n->list[i]);
    if (!n->list[i]->name && !(n->flags & NF_EXTERN))
      DIAG_AT(r->s->diags, nameless_param, node_range(n->list[i]));
  }
  walk_attributes(r, n->u.decl.attrs);
  walk(r, n->u.decl.type);
  walk_body(r, n->a);
  arrsetlen(r->visible, mark);
}

// Constructs that open a scope.
static void walk_scope(Resolver *r, Node *n)
{
  size_t mark = arrlenu(r->visible);
  ptrdiff_t outer = r->scope;
  bool body = r->body;
  r->body = false;
  if (n->kind != N_BLOCK)
    walk(r, n->a);
  if (!body)
    r->scope = (ptrdiff_t)mark;
  r->warn_hidden = n->kind != N_TENSOR; // induction variables live in one expression
  for (uint32_t i = 0; n->kind != N_BLOCK && i < n->count; i++)
    declare(r, n->list[i]);
  r->warn_hidden = true;
  if (n->kind == N_BLOCK)
    walk_list(r, n);
  else
    walk_body(r, n->b);
  arrsetlen(r->visible, mark);
  r->scope = outer;
}

static SrcRange label_range(const Resolver *r, const Node *n)
{
  SrcPos begin = n->range.begin;
  return (SrcRange){begin, begin + (SrcPos)names_len(r->s->names, n->name)};
}

// Labels are names of their own: unique among those of the enclosing loops and blocks.
static void enter_label(Resolver *r, const Node *n)
{
  for (ptrdiff_t i = 0; i < arrlen(r->labels); i++)
    if (r->labels[i]->name == n->name) {
      DIAG_AT(r->s->diags, label_redefined, label_range(r, n), names_text(r->s->names, n->name));
      diag_note(r->s->diags, label_range(r, r->labels[i]), "the label of this one encloses it");
    }
  arrput(r->labels, n);
}

static void check_prongs(Resolver *r, const Node *n)
{
  const Node *other = NULL;
  for (uint32_t i = 0; i < n->count; i++) {
    if (n->list[i]->count)
      continue;
    if (other) {
      DIAG_AT(r->s->diags, else_twice, node_range(n->list[i]));
      diag_note(r->s->diags, node_range(other), "the first one is here");
    } else {
      other = n->list[i];
    }
  }
}

// Only blocks have values.
static void check_break(Resolver *r, const Node *n)
{
  for (ptrdiff_t i = 0; n->a && i < arrlen(r->labels); i++)
    if (r->labels[i]->name == n->name && r->labels[i]->kind != N_BLOCK) {
      DIAG_AT(r->s->diags, loop_value, node_range(n->a), names_text(r->s->names, n->name));
      diag_note(r->s->diags, label_range(r, r->labels[i]),
                "a labelled block around the loop can be left with a value");
    }
}

static bool is_labelled(const Node *n)
{
  return n->name && (n->kind == N_BLOCK || n->kind == N_FOR || n->kind == N_WHILE);
}

static void walk_parts(Resolver *r, Node *n)
{
  switch ((NodeKind)n->kind) {
  case N_IDENT: resolve_ident(r, n); return;
  case N_CONST:
  case N_VAR:
  case N_PARAM: walk_decl(r, n); return;
  case N_FN: walk_function(r, n); return;
  case N_BLOCK:
  case N_FOR:
  case N_TENSOR: walk_scope(r, n); return;
  case N_SWITCH: check_prongs(r, n); break;
  case N_BREAK: check_break(r, n); break;
  case N_FN_TYPE:
    for (uint32_t i = 0; i < n->count; i++)
      walk(r, n->list[i]->a);
    walk(r, n->a);
    return;
  default: break;
  }
  walk(r, n->a);
  walk_list(r, n);
  walk(r, n->b);
  walk(r, n->c);
}

static void walk(Resolver *r, Node *n)
{
  if (!n)
    return;
  bool label = is_labelled(n);
  if (label)
    enter_label(r, n);
  walk_parts(r, n);
  if (label)
    (void)arrpop(r->labels);
}

// Names that every release knows. The others, and integers of any width, were ordinary names before
// 2.10: a program's own declaration goes first.
static bool is_reserved(const Sema *s, Name name)
{
  static const char *const newer[] = {"anyopaque", "circbuf_dsd", "sr"};
  const char *text = names_text(s->names, name);
  for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
    if (!strcmp(text, newer[i]))
      return false;
  unsigned bits;
  if (integer_name(text, &bits) && bits != 8 && bits != 16 && bits != 32 && bits != 64)
    return false;
  return hmgeti(s->p->predeclared, name) >= 0;
}

static void add_decl(Sema *s, FileInfo *f, Node *n)
{
  uint32_t number = (uint32_t)arrlen(f->decls);
  n->slot = number;
  ptrdiff_t i = hmgeti(f->by_name, n->name);
  if (i >= 0) {
    DIAG_AT(s->diags, redeclared, node_range(n), names_text(s->names, n->name));
    diag_note(s->diags, node_range(f->decls[f->by_name[i].value].node), "the first one is here");
  } else {
    hmput(f->by_name, n->name, number);
  }
  if (is_reserved(s, n->name))
    DIAG_AT(s->diags, predeclared, node_range(n), names_text(s->names, n->name));
  arrput(f->decls, ((Decl){n->name, n}));
}

static void collect(Sema *s, FileInfo *f, Node *n)
{
  if (n->kind == N_VAR && (n->flags & NF_COMPTIME)) {
    DIAG_AT(s->diags, comptime_global, node_range(n), names_text(s->names, n->name));
    diag_note(s->diags, node_range(n),
              "comptime variables belong to functions and comptime blocks: make it 'const'");
  }
  switch (n->kind) {
  case N_CONST:
  case N_VAR:
  case N_PARAM:
  case N_FN:
  case N_LEGACY_COLOR: add_decl(s, f, n); break;
  case N_COMPTIME_BLOCK: arrput(f->comptime_blocks, n); break;
  case N_LAYOUT:
    if (f->layout) {
      DIAG_AT(s->diags, layout_twice, node_range(n));
      diag_note(s->diags, node_range(f->layout), "the first one is here");
    }
    f->layout = n;
    break;
  default: break;
  }
}

void resolve_file(Sema *s, FileInfo *f)
{
  Node *root = f->ast->root;
  for (uint32_t i = 0; i < root->count; i++)
    collect(s, f, root->list[i]);
  Resolver r = {.s = s, .file = f, .warn_hidden = true};
  for (uint32_t i = 0; i < root->count; i++) {
    Node *n = root->list[i];
    r.slots = 0;
    r.local = n->kind == N_FN || n->kind == N_COMPTIME_BLOCK || n->kind == N_LAYOUT;
    // A block inside a global initializer declares locals too.
    if (!r.local) {
      walk(&r, n->u.decl.type);
      walk_attributes(&r, n->u.decl.attrs);
      r.local = true;
      walk(&r, n->a);
    } else {
      walk(&r, n);
    }
    n->scope = r.slots;
  }
  arrfree(r.visible);
  arrfree(r.labels);
}
