// The file of -o or the standard output; see output.h.
#include "driver/output.h"
#include <errno.h>
#include <string.h>

static bool failed(Session *s)
{
  DIAG_AT(&s->diags, cannot_write, (SrcRange){0}, s->opt.output, strerror(errno));
  return false;
}

bool output_open(Session *s, Output *t)
{
  *t = (Output){.out = stdout};
  if (!s->opt.output)
    return true;
  if (!out_file_open(&t->file, s->opt.output))
    return failed(s);
  t->out = t->file.out;
  return true;
}

bool output_close(Session *s, Output *t, bool keep)
{
  if (!t->file.out)
    return keep;
  bool ok = out_file_close(&t->file, keep);
  return keep && (ok || failed(s));
}
