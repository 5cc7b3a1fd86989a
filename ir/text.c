// Scanner of both IR texts; see text.h.
#include "ir/text.h"
#include <ctype.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <string.h>

static bool is_word_start(int c)
{
  return isalpha(c) || c == '_';
}

static bool is_word(int c)
{
  return isalnum(c) || c == '_' || c == '.' || c == '$' || c == '-';
}

void text_fail(IrText *t)
{
  t->failed = true;
  t->tok = (TextToken){.kind = TEXT_END, .pos = t->tok.pos};
}

static void report(IrText *t, SrcPos pos, const char *fmt, va_list args)
{
  if (t->failed)
    return; // one message is enough: what follows an error is guesswork
  DIAG_AT(t->diags, ir_text, ((SrcRange){pos, pos + 1}),
          arena_vprintf(&t->diags->arena, fmt, args));
  text_fail(t);
}

void text_error(IrText *t, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  report(t, t->tok.pos, fmt, args);
  va_end(args);
}

void text_error_at(IrText *t, SrcPos pos, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  report(t, pos, fmt, args);
  va_end(args);
}

static int peek(const IrText *t, size_t ahead)
{
  size_t at = t->at + ahead;
  return at < t->file->size ? (unsigned char)t->file->text[at] : -1;
}

// True if a line end was passed.
static bool skip_blanks(IrText *t)
{
  bool line = t->at == 0;
  for (;;) {
    int c = peek(t, 0);
    if (c == '\n') {
      line = true;
      t->at++;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      t->at++;
    } else if (c == '/' && peek(t, 1) == '/') {
      while (peek(t, 0) >= 0 && peek(t, 0) != '\n')
        t->at++;
    } else {
      return line;
    }
  }
}

static void scan_word(IrText *t, TextKind kind)
{
  size_t begin = t->at;
  while (is_word(peek(t, 0)))
    t->at++;
  t->tok.kind = kind;
  t->tok.len = t->at - begin;
  t->tok.text = arena_strndup(&t->arena, t->file->text + begin, t->tok.len);
}

int text_digit(int c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : 99;
}

// Digits of a number that 64 bits do not hold: only constants have a use for them.
static void scan_long(IrText *t, size_t begin)
{
  while (text_digit(peek(t, 0)) < 16)
    t->at++;
  t->tok.is_long = true;
  t->tok.len = t->at - begin;
  t->tok.text = arena_strndup(&t->arena, t->file->text + begin, t->tok.len);
}

static void scan_number(IrText *t)
{
  t->tok.kind = TEXT_NUMBER;
  t->tok.negative = peek(t, 0) == '-';
  t->at += t->tok.negative;
  uint64_t base = 10, value = 0;
  if (peek(t, 0) == '0' && peek(t, 1) == 'x') {
    base = 16;
    t->at += 2;
  }
  size_t begin = t->at;
  for (; text_digit(peek(t, 0)) < (int)base; t->at++) {
    uint64_t d = (uint64_t)text_digit(peek(t, 0));
    if (value > (UINT64_MAX - d) / base && base == 16 && !t->tok.negative) {
      scan_long(t, begin);
      return;
    }
    if (value > (UINT64_MAX - d) / base)
      text_error(t, "this number is larger than 64 bits");
    value = value * base + d;
  }
  if (t->at == begin)
    text_error(t, "a digit was expected");
  if (t->tok.negative && value > 1ull << 63)
    text_error(t, "this number is larger than 64 bits");
  t->tok.value = t->tok.negative ? 0 - value : value;
}

// The byte that an escape stands for; the backslash has been passed.
static char scan_escape(IrText *t)
{
  int c = peek(t, 0);
  t->at++;
  if (c == 'x' && text_digit(peek(t, 0)) < 16 && text_digit(peek(t, 1)) < 16) {
    int v = text_digit(peek(t, 0)) * 16 + text_digit(peek(t, 1));
    t->at += 2;
    return (char)v;
  }
  if (c != 'n' && c != 't' && c != '"' && c != '\\')
    text_error(t, "unknown escape in a string");
  return c == 'n' ? '\n' : c == 't' ? '\t' : (char)c;
}

static void scan_string(IrText *t, TextKind kind)
{
  char *bytes = NULL;
  t->at++;
  while (peek(t, 0) >= 0 && peek(t, 0) != '"' && peek(t, 0) != '\n' && !t->failed) {
    char c = (char)peek(t, 0);
    t->at++;
    arrput(bytes, c == '\\' ? scan_escape(t) : c);
  }
  if (peek(t, 0) != '"')
    text_error(t, "this string has no end on its line");
  t->at++;
  t->tok.kind = t->failed ? TEXT_END : kind;
  t->tok.len = arrlenu(bytes);
  t->tok.text = arena_strndup(&t->arena, bytes ? bytes : "", arrlenu(bytes));
  arrfree(bytes);
}

static void scan_name(IrText *t, TextKind kind)
{
  t->at++;
  if (kind == TEXT_SYMBOL && peek(t, 0) == '"')
    scan_string(t, kind);
  else
    scan_word(t, kind);
  if (!t->failed && t->tok.len == 0)
    text_error(t, "a name was expected");
}

void text_next(IrText *t)
{
  if (t->failed)
    return;
  bool first = skip_blanks(t);
  t->tok = (TextToken){.first_on_line = first, .pos = t->file->base + (SrcPos)t->at, .text = ""};
  int c = peek(t, 0);
  if (c < 0)
    t->tok.kind = TEXT_END;
  else if (is_word_start(c))
    scan_word(t, TEXT_WORD);
  else if (isdigit(c) || (c == '-' && isdigit(peek(t, 1))))
    scan_number(t);
  else if (c == '"')
    scan_string(t, TEXT_STRING);
  else if (c == '%' || c == '@')
    scan_name(t, c == '%' ? TEXT_LOCAL : TEXT_SYMBOL);
  else if (strchr("(){}[]<>,:=!$#*+.-", c)) {
    t->tok.kind = TEXT_PUNCT;
    t->tok.punct = (char)c;
    t->at++;
  } else
    text_error(t, "character 0x%02x has no meaning here", (unsigned)c);
}

void text_start(IrText *t, const SrcFile *file, Sources *sources, Diags *diags)
{
  *t = (IrText){.file = file, .sources = sources, .diags = diags};
  text_next(t);
}

void text_end(IrText *t)
{
  arena_free(&t->arena);
  arrfree(t->files);
  arrfree(t->resolved);
  hmfree(t->places);
}

bool text_is(const IrText *t, char punct)
{
  return t->tok.kind == TEXT_PUNCT && t->tok.punct == punct;
}

bool text_is_word(const IrText *t, const char *word)
{
  return t->tok.kind == TEXT_WORD && strcmp(t->tok.text, word) == 0;
}

bool text_accept(IrText *t, char punct)
{
  bool yes = text_is(t, punct);
  if (yes)
    text_next(t);
  return yes;
}

bool text_accept_word(IrText *t, const char *word)
{
  bool yes = text_is_word(t, word);
  if (yes)
    text_next(t);
  return yes;
}

void text_expect(IrText *t, char punct)
{
  if (!text_accept(t, punct))
    text_error(t, "'%c' was expected here", punct);
}

void text_expect_word(IrText *t, const char *word)
{
  if (!text_accept_word(t, word))
    text_error(t, "'%s' was expected here", word);
}

int64_t text_number(IrText *t, int64_t lo, int64_t hi)
{
  if (t->tok.kind != TEXT_NUMBER) {
    text_error(t, "a number was expected here");
    return lo;
  }
  if (t->tok.is_long) {
    text_error(t, "this number is larger than 64 bits");
    return lo;
  }
  int64_t v = (int64_t)t->tok.value;
  if (v < lo || v > hi || (!t->tok.negative && v < 0)) {
    text_error(t, "this number must be between %lld and %lld", (long long)lo, (long long)hi);
    return lo;
  }
  text_next(t);
  return v;
}

uint32_t text_u32(IrText *t)
{
  return (uint32_t)text_number(t, 0, UINT32_MAX);
}

static const char *take_text(IrText *t, Arena *arena)
{
  if (memchr(t->tok.text, 0, t->tok.len)) {
    text_error(t, "a zero byte is not possible here");
    return "";
  }
  const char *s = arena_strndup(arena, t->tok.text, t->tok.len);
  text_next(t);
  return s;
}

const char *text_string(IrText *t, Arena *arena)
{
  if (t->tok.kind == TEXT_STRING)
    return take_text(t, arena);
  text_error(t, "a string was expected here");
  return "";
}

void text_table_number(IrText *t, uint32_t first, ptrdiff_t next, const char *what)
{
  if (text_number(t, first, UINT32_MAX) != next)
    text_error(t, "%s are numbered from %u without gaps", what, first);
}

// "a, b or c was expected here".
static void report_items(IrText *t, const char *const *words)
{
  const char *list = "";
  for (int i = 0; words[i]; i++)
    list = arena_printf(&t->diags->arena, "%s%s%s", list,
                        i == 0         ? ""
                        : words[i + 1] ? ", "
                                       : " or ",
                        words[i]);
  text_error(t, "%s was expected here", list);
}

int text_item(IrText *t, const char *const *words)
{
  if (!t->tok.first_on_line)
    text_error(t, "the end of the line was expected here");
  for (int i = 0; words[i]; i++)
    if (text_accept_word(t, words[i]))
      return i;
  report_items(t, words);
  return -1;
}

void text_skip_module(IrText *t)
{
  while (!text_is(t, '{') && t->tok.kind != TEXT_END)
    text_next(t);
  size_t depth = 0;
  do {
    if (t->tok.kind == TEXT_END) {
      text_error(t, "'}' was expected before the end of the text");
      return;
    }
    depth += text_is(t, '{');
    depth -= text_is(t, '}') && depth > 0;
    text_next(t);
  } while (depth > 0);
}

void text_print_string(FILE *out, const char *s)
{
  fputc('"', out);
  for (; *s; s++) {
    unsigned char c = (unsigned char)*s;
    if (c == '\n')
      fputs("\\n", out);
    else if (c == '\t')
      fputs("\\t", out);
    else if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < 32 || c == 127)
      fprintf(out, "\\x%02x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

void text_print_symbol(FILE *out, const char *name)
{
  bool plain = *name != 0;
  for (const char *s = name; *s && plain; s++)
    plain = is_word((unsigned char)*s);
  fputc('@', out);
  if (plain)
    fputs(name, out);
  else
    text_print_string(out, name);
}
