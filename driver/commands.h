// The commands of `weft`, and what `cslc` shares with them. Each runs in an open session and
// returns an exit code.
#ifndef WEFT_DRIVER_COMMANDS_H
#define WEFT_DRIVER_COMMANDS_H
#include "driver/session.h"

int command_compile(Session *s); // also cslc
int command_opt(Session *s);
int command_objdump(Session *s);
int command_syntax(Session *s);
int command_explain(Session *s);
int command_run(Session *s);
int command_stats(Session *s);
int command_timing(Session *s);
int command_model(Session *s);
#endif
