// The token stream between scanner and grammar, and what happens after a syntax error.
//
// After an error the grammar returns to the innermost open statement list (or the top level) and
// waits for the token SYNC. The stream skips up to the end of the broken statement (a `;`, the end
// of a `{...}` group, the `}` of the enclosing block, or a line that starts with a declaration),
// counting braces, and then delivers SYNC.
#include "parser/parser.h"
#include <stb/stb_ds.h>

static const SrcFile *file_of(const Parser *p)
{
  return p->ast->file;
}

static Token read_token(Parser *p)
{
  if (arrlen(p->unread))
    return arrpop(p->unread);
  Token t = {0};
  t.kind = lexer_next(&p->lexer, &t.value, &t.range);
  if (t.kind == '{' || t.kind == T_DOTBRACE)
    t.value.depth = ++p->depth;
  else if (t.kind == '}' && p->depth > 0)
    p->depth--;
  t.depth = p->depth;
  return t;
}

static void unread_token(Parser *p, Token t)
{
  arrput(p->unread, t);
}

static bool first_on_line(const Parser *p, const Token *t)
{
  const SrcFile *f = file_of(p);
  uint32_t at = t->range.begin - f->base;
  while (at > 0 && (f->text[at - 1] == ' ' || f->text[at - 1] == '\t'))
    at--;
  return at == 0 || f->text[at - 1] == '\n';
}

static bool in_first_column(const Parser *p, const Token *t)
{
  uint32_t at = t->range.begin - file_of(p)->base;
  return at == 0 || file_of(p)->text[at - 1] == '\n';
}

// `fn name` and `task name`, not the types `fn(...)`, `task(...)`.
static bool name_follows(const Parser *p, const Token *t)
{
  const SrcFile *f = file_of(p);
  uint32_t at = t->range.end - f->base;
  while (f->text[at] == ' ' || f->text[at] == '\t')
    at++;
  return at < f->size && f->text[at] != '(' && f->text[at] != '/';
}

// A declaration that can only stand at top level, at the very start of a line.
static bool starts_top_only(const Parser *p, const Token *t)
{
  switch (t->kind) {
  case T_PARAM:
  case T_LAYOUT:
  case T_EXPORT:
  case T_NOINLINE: return in_first_column(p, t);
  case T_FN:
  case T_TASK: return in_first_column(p, t) && name_follows(p, t);
  default: return false;
  }
}

static bool starts_after_error(const Parser *p, const Token *t, bool top_level)
{
  switch (t->kind) {
  case T_CONST:
  case T_VAR: return first_on_line(p, t);
  case T_FOR:
  case T_WHILE:
  case T_RETURN: return !top_level && first_on_line(p, t);
  case T_COMPTIME:
  case T_EXTERN:
  case T_INLINE: return top_level && in_first_column(p, t);
  default: return top_level && starts_top_only(p, t);
  }
}

// Can `t` continue a statement whose last token was a `}`?
static bool continues_statement(const Token *t)
{
  switch (t->kind) {
  case ';':
  case ',':
  case ')':
  case ']':
  case '.':
  case '(':
  case '[':
  case '{':
  case '=':
  case '|':
  case T_DEREF:
  case T_ARROW:
  case T_ELSE: return true;
  default: return false;
  }
}

// Puts the tokens back that close every open block and the statement around them, then `t`.
static void close_blocks(Parser *p, Token t)
{
  p->depth = t.depth = 0;
  SrcRange here = {t.range.begin, t.range.begin};
  unread_token(p, t);
  unread_token(p, (Token){.kind = ';', .range = here, .synthetic = true});
  for (ptrdiff_t i = 0; i < arrlen(p->blocks); i++)
    unread_token(
        p, (Token){.kind = '}', .range = here, .depth = p->blocks[i].depth - 1, .synthetic = true});
}

static bool ends_skipping(Parser *p, Token t, uint32_t target)
{
  if (t.kind == 0 || (t.kind == '}' && t.depth < target)) {
    unread_token(p, t);
    return true;
  }
  if (t.synthetic && t.kind == ';')
    return true;
  if ((t.kind == ';' && t.depth <= target) || (t.kind == '}' && t.depth == target)) {
    Token next = read_token(p);
    bool more = t.kind == ';' ? next.kind == T_ELSE : continues_statement(&next);
    unread_token(p, next);
    return !more;
  }
  if (target > 0 && starts_top_only(p, &t)) {
    close_blocks(p, t);
    return true;
  }
  bool top_level = target == 0;
  if (top_level && starts_top_only(p, &t))
    p->depth = t.depth = 0; // whatever braces are open, they belong to the broken declaration
  if (t.depth == target && starts_after_error(p, &t, top_level)) {
    unread_token(p, t);
    return true;
  }
  return false;
}

static Token skip_to_sync(Parser *p)
{
  uint32_t target = arrlen(p->blocks) ? arrlast(p->blocks).depth : 0;
  Token t = p->last;
  while (!ends_skipping(p, t, target))
    t = read_token(p);
  p->panic = false;
  return (Token){.kind = T_SYNC, .range = {t.range.begin, t.range.begin}, .depth = t.depth};
}

// A top-level declaration inside a block: a `}` is missing above it.
static Token report_missing_brace(Parser *p, Token t)
{
  DIAG_AT(p->diags, missing_brace, t.range);
  diag_note(p->diags, arrlast(p->blocks).brace, "this '{' is not closed");
  close_blocks(p, t);
  unread_token(p, (Token){.kind = T_SYNC, .range = t.range, .synthetic = true});
  return (Token){.kind = T_CSL_error, .range = t.range, .synthetic = true};
}

static Token next_token(Parser *p)
{
  if (p->panic)
    return skip_to_sync(p);
  Token t = read_token(p);
  if (arrlen(p->blocks) && !t.synthetic && starts_top_only(p, &t))
    return report_missing_brace(p, t);
  p->panic = t.kind == T_CSL_error;
  return t;
}

int csl_lex(CSL_STYPE *value, SrcRange *range, Parser *p)
{
  p->before = p->last;
  Token t = next_token(p);
  if (p->diags->errors - p->first_error >= PARSER_MAX_ERRORS) {
    p->stopped = true;
    t.kind = 0;
  }
  features_see(p, &t, &p->before);
  p->last = t;
  *value = t.value;
  *range = t.range;
  return t.kind;
}

void csl_error(SrcRange *range, Parser *p, const char *message)
{
  (void)message; // the only one left to bison is exhausted memory: its stack is bounded
  DIAG_AT(p->diags, nested_too_deeply, *range, PARSER_MAX_DEPTH);
}

void parser_enter_block(Parser *p, uint32_t depth, SrcRange brace)
{
  arrput(p->blocks, ((OpenBlock){depth, brace}));
}

void parser_leave_block(Parser *p)
{
  (void)arrpop(p->blocks);
}
