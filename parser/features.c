// Marks of SDK releases: the tokens that decide --sdk-compat=auto (sdk-2.10 6.1, rules 1 and 2).
#include "parser/parser.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef enum FeatureToken {
  FEATURE_NAME,
  FEATURE_FIELD,
  FEATURE_BUILTIN,
  FEATURE_STRING
} FeatureToken;

// MARK(kind of token, text, mark of the 1.4 release)
#define MARKS                                                                                      \
  MARK(FEATURE_NAME, "comptime_struct", true)                                                      \
  MARK(FEATURE_BUILTIN, "concat_structs", true)                                                    \
  MARK(FEATURE_NAME, "get_streaming_fabout_dsd", false)                                            \
  MARK(FEATURE_NAME, "anyopaque", false)                                                           \
  MARK(FEATURE_NAME, "circbuf_dsd", false)                                                         \
  MARK(FEATURE_NAME, "simd_off", false)                                                            \
  MARK(FEATURE_NAME, "simd_max", false)                                                            \
  MARK(FEATURE_FIELD, "full_action", false)                                                        \
  MARK(FEATURE_FIELD, "empty_action", false)                                                       \
  MARK(FEATURE_BUILTIN, "get_sr", false)                                                           \
  MARK(FEATURE_BUILTIN, "load_to_dsr_xdsr", false)                                                 \
  MARK(FEATURE_BUILTIN, "load_to_dsr_xdsr_sr", false)                                              \
  MARK(FEATURE_BUILTIN, "bind_rotating_tasks", false)                                              \
  MARK(FEATURE_STRING, "<types>", false)                                                           \
  MARK(FEATURE_STRING, "<string>", false)                                                          \
  MARK(FEATURE_STRING, "<data_utils>", false)

typedef struct Mark {
  FeatureToken token;
  const char *text;
  bool legacy;
} Mark;
static const Mark marks[] = {
#define MARK(token, text, legacy) {token, text, legacy},
    MARKS
#undef MARK
};
enum { MARK_COUNT = sizeof marks / sizeof marks[0] };

// The interned texts, in the order of `marks`.
struct Feature {
  Name name;
};

void features_open(Parser *p)
{
  for (int i = 0; i < MARK_COUNT; i++)
    arrput(p->features, ((struct Feature){names_cstr(p->names, marks[i].text)}));
}

void features_close(Parser *p)
{
  arrfree(p->features);
}

static void mark(Ast *ast, bool legacy)
{
  if (legacy)
    ast->uses_legacy_structs = true;
  else
    ast->uses_new_forms = true;
}

static void see_name(Parser *p, Name name, FeatureToken kind)
{
  for (int i = 0; i < MARK_COUNT; i++) {
    bool fits = marks[i].token == kind || (marks[i].token == FEATURE_NAME && kind == FEATURE_FIELD);
    if (fits && p->features[i].name == name)
      mark(p->ast, marks[i].legacy);
  }
}

static void see_string(Parser *p, TokenText text)
{
  for (int i = 0; i < MARK_COUNT; i++)
    if (marks[i].token == FEATURE_STRING && strlen(marks[i].text) == text.len &&
        memcmp(marks[i].text, text.bytes, text.len) == 0)
      mark(p->ast, marks[i].legacy);
}

void features_see(Parser *p, const Token *token, const Token *before)
{
  switch (token->kind) {
  case T_UNION:
  case T_PACKED: p->ast->uses_new_forms = true; break;
  case T_BUILTIN: see_name(p, token->value.name, FEATURE_BUILTIN); break;
  case T_IDENT:
    see_name(p, token->value.name, before->kind == '.' ? FEATURE_FIELD : FEATURE_NAME);
    break;
  case T_STRING: see_string(p, token->value.text); break;
  default: break;
  }
}
