// The life of a program, from its files to its image.
#include "driver/commands.h"
#include <string.h>

int command_compile(Session *s)
{
  const char *emit = s->opt.emit ? s->opt.emit : "image";
  if (strcmp(emit, "ast") == 0)
    return command_syntax(s);
  return session_usage(s, "--emit=%s is not built yet", emit);
}
