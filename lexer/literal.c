// Values of literal tokens: digits, escapes, code points (spec language 2).
#include "lexer/lexer.h"
#include <string.h>

TokenText lexer_digits(Lexer *lexer, const char *text, size_t len)
{
  char *out = arena_alloc(lexer->arena, len + 1);
  uint32_t n = 0;
  for (size_t i = 0; i < len; i++)
    if (text[i] != '_')
      out[n++] = text[i];
  return (TokenText){out, n};
}

static int hex_value(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

typedef struct Escape {
  uint32_t code;
  size_t len;    // bytes of source including the backslash
  bool is_point; // \u and \U: encode as UTF-8
  bool valid;
} Escape;

static Escape hex_escape(const char *text, size_t len, size_t digits, bool is_point)
{
  Escape e = {0, 2, is_point, true};
  for (size_t i = 0; i < digits; i++) {
    int v = e.len < len ? hex_value(text[e.len]) : -1;
    if (v < 0) {
      e.valid = false;
      return e;
    }
    e.code = e.code << 4 | (uint32_t)v;
    e.len++;
  }
  e.valid = e.code <= 0x10ffff && !(is_point && e.code >= 0xd800 && e.code <= 0xdfff);
  return e;
}

// `text` starts at the backslash.
static Escape read_escape(const char *text, size_t len)
{
  switch (len > 1 ? text[1] : 0) {
  case 'n': return (Escape){'\n', 2, false, true};
  case 'r': return (Escape){'\r', 2, false, true};
  case 't': return (Escape){'\t', 2, false, true};
  case '\\': return (Escape){'\\', 2, false, true};
  case '\'': return (Escape){'\'', 2, false, true};
  case '"': return (Escape){'"', 2, false, true};
  case 'x': return hex_escape(text, len, 2, false);
  case 'u': return hex_escape(text, len, 4, true);
  case 'U': return hex_escape(text, len, 6, true);
  default: return (Escape){0, 2, false, false};
  }
}

static uint32_t put_utf8(char *out, uint32_t code)
{
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  uint32_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (uint32_t i = n - 1; i > 0; i--, code >>= 6)
    out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)((0xf0u << (4 - n) & 0xff) | code);
  return n;
}

static void report_escape(Lexer *lexer, const char *text, size_t len, SrcPos begin)
{
  if (lexer->reports++ >= LEXER_MAX_REPORTS)
    return;
  SrcRange where = {begin, begin + (SrcPos)(len < 2 ? len : 2)};
  DIAG_AT(lexer->diags, bad_escape, where, (int)(where.end - begin), text);
}

TokenText lexer_string(Lexer *lexer, const char *text, size_t len, SrcRange range)
{
  char *out = arena_alloc(lexer->arena, len);
  uint32_t n = 0;
  for (size_t i = 1; i + 1 < len;) {
    if (text[i] != '\\') {
      out[n++] = text[i++];
      continue;
    }
    Escape e = read_escape(text + i, len - 1 - i);
    if (!e.valid)
      report_escape(lexer, text + i, len - 1 - i, range.begin + (SrcPos)i);
    else if (e.is_point)
      n += put_utf8(out + n, e.code);
    else
      out[n++] = (char)e.code;
    i += e.len;
  }
  return (TokenText){out, n};
}

// Code point at the start of `text` and its length; malformed sequences count as one byte.
static Escape read_utf8(const char *text, size_t len)
{
  unsigned char lead = (unsigned char)text[0];
  size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  Escape one = {lead, 1, false, true};
  if (n == 1 || n > len)
    return one;
  uint32_t code = lead & (0x7fu >> n);
  for (size_t i = 1; i < n; i++) {
    if (((unsigned char)text[i] & 0xc0) != 0x80)
      return one;
    code = code << 6 | ((unsigned char)text[i] & 0x3fu);
  }
  return (Escape){code, n, true, true};
}

uint64_t lexer_char(Lexer *lexer, const char *text, size_t len, SrcRange range)
{
  if (len <= 2) {
    DIAG_AT(lexer->diags, empty_char, range);
    return 0;
  }
  const char *body = text + 1;
  Escape e = body[0] == '\\' ? read_escape(body, len - 2) : read_utf8(body, len - 2);
  if (!e.valid)
    report_escape(lexer, body, len - 2, range.begin + 1);
  else if (e.len != len - 2)
    DIAG_AT(lexer->diags, long_char, range);
  return e.code;
}
