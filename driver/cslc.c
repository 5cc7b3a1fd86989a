// The program `cslc`: the vendor's command line (spec host 1) for one top-level file.
#include "driver/commands.h"
#include "driver/streams.h"
#include <stb/stb_ds.h>

int main(int argc, char **argv)
{
  Session s;
  int exit_code;
  streams_open();
  if (session_open(&s, "cslc", CMD_CSLC, "cslc [options] FILE.csl", argc - 1, argv + 1, &exit_code))
    exit_code = arrlen(s.opt.files) == 1
                    ? command_compile(&s)
                    : session_usage(&s, "exactly one top-level file is needed");
  return streams_close("cslc", session_close(&s, exit_code));
}
