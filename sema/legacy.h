// Forms of SDK 0.4 to 1.3 (sdk-2.10 7): what has an exact replacement is accepted under the rules
// of 1.4 with a warning that shows it, and is an error under those of 2.10.
#ifndef WEFT_SEMA_LEGACY_H
#define WEFT_SEMA_LEGACY_H
#include "sema/ops.h"

// Reports the old form `what` at a node, and in a note what to write `instead`. True if it is
// accepted all the same.
bool legacy_form(Ctx *cx, Node *at, const char *what, const char *instead);
// The same, but an error under all rules.
Operand legacy_gone(Ctx *cx, Node *at, const char *what, const char *instead);
// A number where a queue belongs becomes the queue; other operands stay. False after a report.
bool legacy_queue(Ctx *cx, Node *at, bool output, Operand *op);
// A colour where a local task id belongs: in a program that binds tasks by colour it becomes the id
// of the same number, elsewhere it is an error. Other operands stay. False after a report.
bool legacy_task_color(Ctx *cx, Node *at, Operand *op);
// Colour configurations of SDK 0.4, without `routes`: false after a report.
bool legacy_flat_config(const Config *c);
// A library under the name that it has today; any other name as it is.
const char *legacy_library(Sema *s, const char *name);
#endif
