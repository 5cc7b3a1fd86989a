// Inside of the execution of compact code: what it leaves to the walker (compact_slow.c).
#ifndef WEFT_SEMA_COMPACT_SLOW_H
#define WEFT_SEMA_COMPACT_SLOW_H
#include "sema/compact.h"

static inline Value value_of(Type t, Word w)
{
  return v_int(t, w.i);
}

static inline Word word_of(Value v)
{
  return (Word){.i = v.i};
}

// The context in which the walker sees what this code executes.
Ctx walker_ctx(Run *r);
void need_frame(Run *r);
// Operations on values of any type; false after a report.
bool slow_binary(Run *r, const CodeInfo *i, Word a, Word b, Word *out);
bool slow_convert(Run *r, const CodeInfo *i, Word a, Word *out);
bool slow_call(Run *r, const CodeCall *c, const Code *code, const Word *args, Word *out);
bool bad_index(Run *r, const CodeInfo *i, Word index, int32_t dim); // reports
Flow walk_statement(Run *r, Node *at);
// An operation that is nothing but a routine of the walker; false after a report.
bool slow_op(Run *r, const CodeOp *op);
// The statements after one in error are still evaluated, by the walker, as in any block.
void go_on_after_error(Run *r, uint32_t pc);
#endif
