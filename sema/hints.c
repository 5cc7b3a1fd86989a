// Notes about names that CSL does not have; the table is hints.def.
#include "sema/private.h"
#include <string.h>

static const struct {
  HintWhere where;
  const char *name, *note;
} hints[] = {
#define HINT(where, name, note) {HINT_##where, name, note},
#include "sema/hints.def"
#undef HINT
};

void hint_name(Ctx *cx, Node *at, HintWhere where, const char *name)
{
  for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
    if (hints[i].where == where && !strcmp(hints[i].name, name))
      diag_note(cx->s->diags, node_range(at), "%s", hints[i].note);
}

// `var x = 0.0;` of SDK 0.3 and other languages.
void hint_untyped(Ctx *cx, Node *decl, Type t)
{
  const char *name = names_text(cx->s->names, decl->name);
  bool number = t == T_COMPTIME_INT || t == T_COMPTIME_FLOAT;
  if (number && !decl->u.decl.type)
    diag_note(cx->s->diags, node_range(decl), "give the variable a type: var %s: %s = …", name,
              t == T_COMPTIME_INT ? "i16" : "f32");
}

// A handle where a number is expected, or the other way round.
static bool note_handle(Ctx *cx, Node *at, Type from, Type want)
{
  Sema *s = cx->s;
  bool number = from == T_COMPTIME_INT || type_is_int(s, from);
  if (type_is_handle(from) && from != T_DIRECTION && type_is_int(s, want))
    diag_note(s->diags, node_range(at), "the number of a handle: @get_int(…)");
  else if (number && type_is_handle(want) && want != T_DIRECTION)
    diag_note(s->diags, node_range(at), "from a number: @get_%s(…)", type_name(s, want));
  else
    return false;
  return true;
}

// A value where its address is expected, or the other way round.
static bool note_address(Ctx *cx, Node *at, Type from, Type want)
{
  Sema *s = cx->s;
  const TypeInfo *f = type_info(s, from), *w = type_info(s, want);
  bool array = f->kind == TK_ARRAY && w->kind == TK_MANY && f->elem == w->elem;
  if (f->kind == TK_PTR && f->elem == want)
    diag_note(s->diags, node_range(at), "what it points to: p.*");
  else if (array || (w->kind == TK_PTR && w->elem == from))
    diag_note(s->diags, node_range(at), "its address: &x");
  else
    return false;
  return true;
}

// What makes an array of something else.
static bool note_array(Ctx *cx, Node *at, Type from, Type want)
{
  Sema *s = cx->s;
  const TypeInfo *f = type_info(s, from), *w = type_info(s, want);
  if (w->kind != TK_ARRAY)
    return false;
  const char *name = type_name(s, want);
  if (f->kind == TK_TUPLE)
    diag_note(s->diags, node_range(at), "the elements of an array follow its type: %s{ … }", name);
  else if (from == T_COMPTIME_STRING)
    diag_note(s->diags, node_range(at), "the bytes of a string as an array: @get_array(…)");
  else if (type_is_numeric(s, from))
    diag_note(s->diags, node_range(at), "an array of one value: @constants(%s, …)", name);
  else
    return false;
  return true;
}

// The conversion that is probably meant where a value of the one type is used as one of the other.
void note_conversion(Ctx *cx, Node *at, Type from, Type want)
{
  Sema *s = cx->s;
  const char *to = type_name(s, want);
  bool to_float = type_is_float(want) || want == T_COMPTIME_FLOAT;
  if (note_handle(cx, at, from, want) || note_address(cx, at, from, want) ||
      note_array(cx, at, from, want))
    return;
  if (want == T_BOOL && type_is_numeric(s, from)) {
    diag_note(s->diags, node_range(at), "numbers are compared: x != 0");
    return;
  }
  if ((from != T_BOOL && !type_is_numeric(s, from)) || !type_is_numeric(s, want))
    return;
  if (from == T_COMPTIME_INT && to_float)
    diag_note(s->diags, node_range(at),
              "integers do not become floats by themselves: write 2.0 for 2, or @as(%s, …)", to);
  else if (want != T_COMPTIME_INT && want != T_COMPTIME_FLOAT)
    diag_note(s->diags, node_range(at), "conversions are explicit: @as(%s, …)", to);
}

// What a pointer leads to is reached by `how`; NULL: not.
void hint_pointer(Ctx *cx, Node *at, Type t, const char *how)
{
  if (how && type_info(cx->s, t)->kind == TK_PTR)
    diag_note(cx->s->diags, node_range(at), "through a pointer: p%s", how);
}

// `!` of numbers and `~` of bool, as in C.
void hint_unary(Ctx *cx, Node *at, Type t)
{
  if (at->kind == N_BIT_NOT && t == T_BOOL)
    diag_note(cx->s->diags, node_range(at), "the negation of a bool is !");
  else if (at->kind == N_NOT && type_is_numeric(cx->s, t))
    diag_note(cx->s->diags, node_range(at), "write x == 0; the complement of all bits is ~");
}

// A folder that the program expects somewhere else than where it is.
void hint_file(Ctx *cx, Node *at, const char *name)
{
  hint_name(cx, at, HINT_FILE, name);
  if (name[0] == '<')
    diag_note(
        cx->s->diags, node_range(at),
        "libraries are looked up in the folders of --import-path and CSL_IMPORT_PATH, then in "
        "the standard library");
  else if (strchr(name, '/') && name[0] != '/')
    diag_note(
        cx->s->diags, node_range(at),
        "it is neither beside this file or the top-level one nor in a folder of --import-path "
        "or CSL_IMPORT_PATH: "
        "give its folder with --import-path");
}
