// The scanner of CSL (spec language 2, sdk-2.10 1.2): bytes of one file in memory -> tokens with
// ranges. Token numbers and values are those of the grammar (parser/csl.y). What is no token of CSL
// is reported here.
#ifndef WEFT_LEXER_LEXER_H
#define WEFT_LEXER_LEXER_H
#include "parser/ast_build.h"
#include "parser/csl_parse.h"

// The scanner is fed from memory in one piece; positions inside a file stay well below 32 bits.
// After LEXER_MAX_REPORTS messages the scanner goes on in silence.
enum { LEXER_MAX_FILE_BYTES = 1 << 28, LEXER_MAX_REPORTS = 50 };

typedef struct Lexer {
  void *scanner; // flex state
  const SrcFile *file;
  Arena *arena; // owns digits and strings of tokens
  Names *names;
  Diags *diags;
  uint32_t offset;  // bytes of the file consumed so far
  uint32_t reports; // messages so far
  uint32_t bad_end; // offset after the last stray byte, so that a run of them is one message
} Lexer;

// Starts scanning `file`. False if there is no memory. lexer_close frees the scanner's state.
bool lexer_open(Lexer *lexer, const SrcFile *file, Arena *arena, Names *names, Diags *diags);
void lexer_close(Lexer *lexer);
// The next token; 0 at the end of the file; T_CSL_error after input that was reported and fits
// nowhere.
int lexer_next(Lexer *lexer, CSL_STYPE *value, SrcRange *range);

// ---- literals (lexer/literal.c) ----
// Number text without `_`.
TokenText lexer_digits(Lexer *lexer, const char *text, size_t len);
// Bytes of the string literal `text` (quotes included) after its escapes; bad escapes are reported.
TokenText lexer_string(Lexer *lexer, const char *text, size_t len, SrcRange range);
// Code point of a character literal (quotes included).
uint64_t lexer_char(Lexer *lexer, const char *text, size_t len, SrcRange range);
#endif
