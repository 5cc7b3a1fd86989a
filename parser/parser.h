// Inside of the parser: its state, and what the grammar's actions call.
#ifndef WEFT_PARSER_PARSER_H
#define WEFT_PARSER_PARSER_H
#include "lexer/lexer.h"

enum {
  PARSER_MAX_ERRORS = 50,   // per file; then parsing stops
  PARSER_MAX_DEPTH = 1000,  // of the tree, so that recursive walkers are safe
  PARSER_MAX_EXPECTED = 160 // more than there are tokens
};

typedef struct Token {
  int kind;
  CSL_STYPE value;
  SrcRange range;
  uint32_t depth; // of braces after this token
  bool synthetic; // delivered to close what the source left open: never reported
} Token;

// An open statement block: where its `{` is and the brace depth inside.
typedef struct OpenBlock {
  uint32_t depth;
  SrcRange brace;
} OpenBlock;

struct Parser {
  Ast *ast;
  Names *names;
  Diags *diags;
  Lexer lexer;
  NodeList tops;        // top-level declarations so far
  uint32_t first_error; // diags->errors at the start
  // token stream (recover.c)
  uint32_t depth;           // of braces after the last token from the scanner
  Token last, before;       // the last two tokens delivered
  Token *unread;            // stb_ds stack of tokens to deliver again
  OpenBlock *blocks;        // stb_ds stack
  bool panic;               // skip to the next place where parsing can go on
  bool stopped;             // too many errors
  struct Feature *features; // names that decide --sdk-compat=auto, see features.c
};

// ---- token stream: the scanner for the grammar ----
int csl_lex(CSL_STYPE *value, SrcRange *range, Parser *p);
void csl_error(SrcRange *range, Parser *p, const char *message);
void parser_enter_block(Parser *p, uint32_t depth, SrcRange brace);
void parser_leave_block(Parser *p);

// ---- messages ----
// `got` and `expected` are symbol names of the grammar.
void parser_syntax_error(Parser *p, SrcRange where, const char *got, const char **expected, int n);
// What CSL writes where the program stands; NULL if nothing is known about such a slip.
const char *parser_syntax_note(const Parser *p, const char *before, const char *const *expected,
                               int n);

// ---- checks and nodes that need more than a constructor ----
Node *parser_function(Parser *p, SrcRange range, SrcRange at, Name name, NodeList params,
                      NodeList attrs, Node *type, Node *body);
Node *parser_param(Parser *p, SrcRange range, SrcRange at, Name name, Node *type);
Node *parser_payload(Parser *p, SrcRange range, Name name);
Node *parser_legacy_color(Parser *p, SrcRange range, SrcRange word_at, Name word, SrcRange at,
                          Name name);
// A binary operation; a_at and b_at are the ranges of the operands with their parentheses. Warns
// where readers trained on C would group differently (language 6.1).
Node *parser_binary(Parser *p, Operator op, SrcRange range, SrcRange at, Node *a, SrcRange a_at,
                    Node *b, SrcRange b_at);
Node *parser_tensor(Parser *p, SrcRange range, SrcRange at, NodeList ids, SrcRange bounds_begin,
                    SrcRange bounds_end, NodeList bounds, Node *access);
// The body of a loop or `if`: a statement that was left out after an error becomes an empty one.
Node *parser_body(Parser *p, Node *body, SrcRange range);

// ---- marks of SDK releases (sdk-2.10 6.1) ----
void features_open(Parser *p);
void features_see(Parser *p, const Token *token, const Token *before);
void features_close(Parser *p);
#endif
