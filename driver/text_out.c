// The file of -o or the standard output; see text_out.h.
#include "driver/text_out.h"
#include <errno.h>
#include <string.h>

static bool failed(Session *s)
{
  DIAG_AT(&s->diags, cannot_write, (SrcRange){0}, s->opt.output, strerror(errno));
  return false;
}

bool text_out_open(Session *s, TextOut *t)
{
  *t = (TextOut){.out = stdout};
  if (!s->opt.output)
    return true;
  if (!out_file_open(&t->file, s->opt.output))
    return failed(s);
  t->out = t->file.out;
  return true;
}

bool text_out_close(Session *s, TextOut *t, bool keep)
{
  if (!t->file.out)
    return keep;
  bool ok = out_file_close(&t->file, keep);
  return keep && (ok || failed(s));
}
