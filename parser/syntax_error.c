// Wording of syntax errors: what was expected, in terms of the language, and what stood there.
#include "parser/parser.h"
#include <stb/stb_ds.h>
#include <string.h>

// What a token can begin or continue. A whole class in the expected set is named by one word.
enum {
  CLASS_NONE,
  CLASS_EXPR,   // begins an expression but no type
  CLASS_TYPE,   // begins a type and therefore also an expression
  CLASS_STMT,   // begins a statement only
  CLASS_DECL,   // begins a declaration only
  CLASS_SUFFIX, // continues an operand: operators, call, index, field
  CLASS_HIDDEN  // never worth a word
};
static const struct TokenClass {
  const char *name;
  int class;
} token_classes[] = {
    {"integer", CLASS_EXPR},
    {"float", CLASS_EXPR},
    {"string", CLASS_EXPR},
    {"character", CLASS_EXPR},
    {"true", CLASS_EXPR},
    {"false", CLASS_EXPR},
    {".{", CLASS_EXPR},
    {"if", CLASS_EXPR},
    {"switch", CLASS_EXPR},
    {"asm", CLASS_EXPR},
    {"!", CLASS_EXPR},
    {"~", CLASS_EXPR},
    {"comptime", CLASS_EXPR},
    {"name", CLASS_TYPE},
    {"builtin", CLASS_TYPE},
    {"fn", CLASS_TYPE},
    {"task", CLASS_TYPE},
    {"struct", CLASS_TYPE},
    {"union", CLASS_TYPE},
    {"packed", CLASS_TYPE},
    {"extern", CLASS_TYPE},
    {"enum", CLASS_TYPE},
    {"return", CLASS_STMT},
    {"break", CLASS_STMT},
    {"continue", CLASS_STMT},
    {"while", CLASS_STMT},
    {"for", CLASS_STMT},
    {"layout", CLASS_DECL},
    {"param", CLASS_DECL},
    {"export", CLASS_DECL},
    {"noinline", CLASS_DECL},
    {"const", CLASS_NONE},
    {"var", CLASS_NONE},
    {"or", CLASS_SUFFIX},
    {"and", CLASS_SUFFIX},
    {"==", CLASS_SUFFIX},
    {"!=", CLASS_SUFFIX},
    {"<", CLASS_SUFFIX},
    {">", CLASS_SUFFIX},
    {"<=", CLASS_SUFFIX},
    {">=", CLASS_SUFFIX},
    {"^", CLASS_SUFFIX},
    {"<<", CLASS_SUFFIX},
    {">>", CLASS_SUFFIX},
    {"+", CLASS_SUFFIX},
    {"/", CLASS_SUFFIX},
    {"%", CLASS_SUFFIX},
    {".", CLASS_SUFFIX},
    {".*", CLASS_SUFFIX},
    {"op=", CLASS_HIDDEN},
    {"end of skipped input", CLASS_HIDDEN},
    {"linkname", CLASS_HIDDEN},
    {"linksection", CLASS_HIDDEN},
    {"align", CLASS_HIDDEN},
};

// Bison quotes single-character tokens.
static const char *bare(const char *name, char one[2])
{
  if (name[0] != '\'' || strlen(name) != 3)
    return name;
  one[0] = name[1];
  one[1] = 0;
  return one;
}

typedef struct Expected {
  Arena scratch;
  const char *names[PARSER_MAX_EXPECTED];
  int n;
} Expected;

static bool expects(const Expected *e, const char *name)
{
  for (int i = 0; i < e->n; i++)
    if (strcmp(e->names[i], name) == 0)
      return true;
  return false;
}

static int class_of(const char *name)
{
  for (size_t i = 0; i < sizeof token_classes / sizeof token_classes[0]; i++)
    if (strcmp(token_classes[i].name, name) == 0)
      return token_classes[i].class;
  return CLASS_NONE;
}

// The word for the class of things that may begin here, or NULL if only single tokens fit.
static const char *expected_class(const Expected *e)
{
  if (expects(e, "layout"))
    return "a declaration";
  if (expects(e, "while"))
    return "a statement";
  if (expects(e, "integer"))
    return "an expression";
  if (expects(e, "struct") && expects(e, "name"))
    return "a type";
  return NULL;
}

// Tokens that the word stands for, or that would only add noise.
static bool covered(const Expected *e, const char *name, const char *class)
{
  int c = class_of(name);
  if (c == CLASS_HIDDEN || (c == CLASS_SUFFIX && expects(e, ".*"))) // `.` may begin a field
    return true;
  if (!class && expects(e, "+")) // after an operand
    return strchr("&|-*([{:=", name[0]) && !name[1];
  if (!class)
    return expects(e, ".*") && strchr("([{:", name[0]) && !name[1];
  if (c != CLASS_NONE)
    return true;
  return strchr("-&|*([{;", name[0]) != NULL || strcmp(name, "const") == 0 ||
         strcmp(name, "var") == 0 || strcmp(name, "inline") == 0;
}

static const char *describe_token(Expected *e, const char *name)
{
  if (strcmp(name, "name") == 0)
    return "a name";
  if (strcmp(name, "string") == 0)
    return "a string";
  if (strcmp(name, "end of file") == 0)
    return name;
  if (strcmp(name, "=") == 0 && expects(e, "op="))
    return "an assignment operator";
  return arena_printf(&e->scratch, "'%s'", name);
}

static const char *describe_expected(Expected *e)
{
  const char *parts[PARSER_MAX_EXPECTED + 1];
  int n = 0;
  const char *class = expected_class(e);
  if (class)
    parts[n++] = class;
  for (int i = 0; i < e->n; i++)
    if (!covered(e, e->names[i], class) && !(class && strcmp(e->names[i], "end of file") == 0))
      parts[n++] = describe_token(e, e->names[i]);
  if (n == 0)
    return "an operator";
  if (n > 6)
    return NULL;
  const char *text = parts[0];
  for (int i = 1; i < n; i++)
    text = arena_printf(&e->scratch, "%s%s%s", text, i + 1 == n ? " or " : ", ", parts[i]);
  return text;
}

static const char *source_text(Parser *p, Arena *scratch, SrcRange r)
{
  uint32_t len = r.end - r.begin;
  const char *text = p->ast->file->text + (r.begin - p->ast->file->base);
  return len <= 40 ? arena_strndup(scratch, text, len) : arena_printf(scratch, "%.40s...", text);
}

static const char *describe_got(Parser *p, Arena *scratch, const char *got)
{
  if (p->last.kind == 0)
    return "end of file";
  const char *text = source_text(p, scratch, p->last.range);
  if (strcmp(got, "name") == 0)
    return arena_printf(scratch, "name '%s'", text);
  if (strcmp(got, "string") == 0)
    return arena_printf(scratch, "string %s", text);
  return arena_printf(scratch, "'%s'", p->last.kind == T_DOTBRACE ? ".{" : text);
}

static bool is_comparison(int kind)
{
  return kind == T_EQ || kind == T_NE || kind == '<' || kind == '>' || kind == T_LE || kind == T_GE;
}

static bool is_keyword(int kind)
{
  return kind >= T_ALIGN && kind <= T_WHILE;
}

static bool starts_statement(int kind)
{
  return kind == T_IF || kind == T_FOR || kind == T_WHILE || kind == T_RETURN || kind == T_SWITCH ||
         kind == T_BUILTIN;
}

static bool is_top_only(int kind)
{
  return kind == T_PARAM || kind == T_LAYOUT || kind == T_EXPORT || kind == T_FN || kind == T_TASK;
}

static bool continues_name(int kind)
{
  return kind == '=' || kind == T_ASSIGN || kind == '(' || kind == '.' || kind == '[' ||
         kind == T_DEREF;
}

static bool on_new_line(const Parser *p)
{
  const SrcFile *f = p->ast->file;
  if (!p->before.range.end)
    return false;
  uint32_t from = p->before.range.end - f->base, to = p->last.range.begin - f->base;
  return from < to && memchr(f->text + from, '\n', to - from) != NULL;
}

// Mistakes that have a message of their own. D_none: the general wording.
static DiagId special_case(const Parser *p, const Expected *e)
{
  int got = p->last.kind, before = p->before.kind;
  bool after_operand = expects(e, "+"), declaration = expects(e, "layout");
  if (is_comparison(got) && after_operand)
    return D_chained_comparison;
  if (got == '=' && after_operand)
    return D_assignment_expression;
  if (declaration && starts_statement(got))
    return D_top_level_statement;
  if (before == T_IDENT && e->n == 1 && expects(e, "name")) // a name was read as `color name;`
    return continues_name(got) ? D_top_level_statement : D_not_a_declaration;
  if (is_keyword(got) && !declaration && expects(e, "name") && !expects(e, "builtin"))
    return D_keyword_as_name;
  if (got == '{' && before == ')' && expects(e, "struct") && !expects(e, "integer"))
    return D_missing_result_type;
  if (expects(e, "while") && is_top_only(got))
    return D_local_declaration;
  return D_none;
}

static bool misses_semicolon(const Parser *p, const Expected *e)
{
  bool list = expects(e, "layout") || expects(e, "while"); // where `;` is an empty item
  return expects(e, ";") && !list && (on_new_line(p) || p->last.kind == '}');
}

static void report_general(Parser *p, SrcRange where, const char *got, Expected *e)
{
  const char *expected = describe_expected(e), *what = describe_got(p, &e->scratch, got);
  if (misses_semicolon(p, e)) {
    SrcRange gap = {p->before.range.end, p->before.range.end};
    DIAG_AT(p->diags, missing_semicolon, gap, source_text(p, &e->scratch, p->before.range));
  } else if (expected) {
    DIAG_AT(p->diags, expected_token, where, expected, what);
  } else {
    DIAG_AT(p->diags, unexpected_token, where, what);
  }
}

static void report(Parser *p, SrcRange where, const char *got, Expected *e)
{
  DiagId special = special_case(p, e);
  if (special == D_none)
    report_general(p, where, got, e);
  else if (special == D_not_a_declaration)
    diag_report(p->diags, special, p->before.range, source_text(p, &e->scratch, p->before.range));
  else // the rows that take a text take this one
    diag_report(p->diags, special, where, source_text(p, &e->scratch, p->last.range));
}

void parser_syntax_error(Parser *p, SrcRange where, const char *got, const char **expected, int n)
{
  bool silent = p->stopped || p->last.synthetic;
  p->panic = true;
  if (silent)
    return;
  Expected e = {.n = n};
  char one[PARSER_MAX_EXPECTED][2];
  for (int i = 0; i < n; i++)
    e.names[i] = bare(expected[i], one[i]);
  report(p, where, got, &e);
  const char *note = parser_syntax_note(p, source_text(p, &e.scratch, p->before.range), e.names, n);
  if (note)
    diag_note(p->diags, where, "%s", note);
  if (p->last.kind == 0 && arrlen(p->blocks))
    diag_note(p->diags, arrlast(p->blocks).brace, "this '{' is not closed");
  arena_free(&e.scratch);
}
