// The tokens of both IR texts, and source places in them. Parsing IR text is a trust boundary:
// whatever comes in, the parser reports `file:line:col: error` and stops at the first error.
#ifndef WEFT_IR_TEXT_H
#define WEFT_IR_TEXT_H
#include "support/diag.h"
#include <stdio.h>

typedef enum TextKind {
  TEXT_END,
  TEXT_WORD,   // letters, digits, `_`, and `.` `-` inside
  TEXT_NUMBER, // decimal or 0x…, with an optional minus
  TEXT_STRING, // "…" with \n \t \" \\ \xHH
  TEXT_LOCAL,  // %word
  TEXT_SYMBOL, // @word or @"…"
  TEXT_PUNCT   // one character
} TextKind;

typedef struct TextToken {
  TextKind kind;
  bool first_on_line;
  SrcPos pos;
  const char *text; // word, string or name, NUL-terminated
  size_t len;
  uint64_t value; // numbers: two's complement; of long ones the low bits
  bool is_long;   // 0x… of more than 64 bits: the digits are in `text`
  bool negative;
  char punct;
} TextToken;

typedef struct TextPlace {
  uint32_t file, line, column;
} TextPlace;

typedef struct IrText {
  const SrcFile *file;
  Sources *sources;
  Diags *diags;
  Arena arena; // token text
  TextToken tok;
  size_t at;
  bool failed;
  // Source places: what the notes say, by the text position of the thing that carries the note.
  const char **files; // stb_ds
  struct {
    SrcPos key;
    TextPlace value;
  } *places;          // stb_ds map
  SrcFile **resolved; // stb_ds: the files in Sources, once resolved
} IrText;

// Starts at the beginning of `file` with its first token read.
void text_start(IrText *t, const SrcFile *file, Sources *sources, Diags *diags);
void text_end(IrText *t);
void text_next(IrText *t);
// Ends the parse: from now on every token is TEXT_END.
void text_fail(IrText *t);
// Reports at the current token (or `pos`) and ends the parse.
void text_error(IrText *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_error_at(IrText *t, SrcPos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool text_is(const IrText *t, char punct);
bool text_is_word(const IrText *t, const char *word);
bool text_accept(IrText *t, char punct);
bool text_accept_word(IrText *t, const char *word);
void text_expect(IrText *t, char punct);
void text_expect_word(IrText *t, const char *word);
// A number in lo..hi; reports and returns lo otherwise.
int64_t text_number(IrText *t, int64_t lo, int64_t hi);
uint32_t text_u32(IrText *t);
// A string, copied into `arena`; reports and returns "" otherwise.
const char *text_string(IrText *t, Arena *arena);
// The number of an entry of a table, which must be `next`; `what` names the entries, the first of
// which has the number `first`.
void text_table_number(IrText *t, uint32_t first, ptrdiff_t next, const char *what);
// Which of `words` (NULL at the end) begins the item on a new line; reads it. -1 after a report.
int text_item(IrText *t, const char *const *words);
// Value of a digit to base 16 or less; more than 15 if it is none.
int text_digit(int c);

// `source N "path"`: appends to the file table; the word `source` has been read.
void text_source(IrText *t);
// An optional note `!line:col` or `!file:line:col`, which is remembered for the thing at `owner`.
void text_note(IrText *t, SrcPos owner);
// Registers the files of the table in Sources and makes positions of notes possible: the file
// itself where it can be read and holds every place, else blank lines of the same shape, so that
// file, line and column stay what they were.
void text_resolve_files(IrText *t);
// The position of the thing at `owner`, or 0.
SrcPos text_resolve(const IrText *t, SrcPos owner);
// Skips what stands before the next `{`, and the balanced `{…}` that starts there.
void text_skip_module(IrText *t);

// ---- the printing side ----
void text_print_string(FILE *out, const char *s);
void text_print_symbol(FILE *out, const char *name); // @name or @"na me"
typedef struct TextFiles {
  const Sources *sources;
  const SrcFile **files;
} TextFiles; // files: stb_ds, by first use
void text_files_add(TextFiles *f, SrcPos pos);
void text_print_files(const TextFiles *f, FILE *out);
void text_print_note(const TextFiles *f, SrcPos pos, FILE *out);
#endif
