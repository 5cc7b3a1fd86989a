// Notes that show the code to write when a construct belongs to the other architecture: programs
// move from WSE-2 to WSE-3 (language 18, sdk-2.10 1.4-1.6). Each attaches to the error before it.
#ifndef WEFT_SEMA_ADVICE_H
#define WEFT_SEMA_ADVICE_H
#include "sema/internal.h"

// A router takes a colour from one side only.
void advise_one_input(Ctx *cx, Node *at);
// Which colours have switches.
void advise_switch_colors(Ctx *cx, Node *at);
void advise_no_swap(Ctx *cx, Node *at);
// A data task id from a `given` operand of the wrong kind.
void advise_data_task_id(Ctx *cx, Node *at, Operand given);
// A local task id that belongs to data tasks here.
void advise_local_task_id(Ctx *cx, Node *at, int64_t id);
// A queue number that only the other architecture has.
void advise_queue_number(Ctx *cx, Node *at, bool output, int64_t number);
// @block and @unblock of something that cannot be blocked here.
void advise_block(Ctx *cx, Node *at, Type given);
// More fabric inputs than one operation may have.
void advise_fabric_inputs(Ctx *cx, Node *at);
// A field of @initialize_queue that this architecture does not know.
void advise_queue_fields(Ctx *cx, Node *at, bool output);
// A fabric DSD without the queue or colour that this architecture needs.
void advise_fabric_dsd(Ctx *cx, Node *at, bool output);
// Something that exists on the other architecture only.
void advise_guard(Ctx *cx, Node *at);
#endif
