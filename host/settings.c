// libweft: options that may come from the environment instead. An option that the caller gave wins.
#include "host/internal.h"
#include "support/memory.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *chosen(const char *given, const char *variable)
{
  const char *value = given ? given : getenv(variable);
  return value && *value ? mem_text(value) : NULL;
}

void lib_settings_take(Weft *w)
{
  w->opt.trace = chosen(w->opt.trace, "WEFT_TRACE");
  w->opt.stats = chosen(w->opt.stats, "WEFT_STATS");
  w->opt.report = chosen(w->opt.report, "WEFT_REPORT");
  w->debug_loose = !w->opt.debug;
  w->opt.debug = chosen(w->opt.debug, "SIMFABRIC_DEBUG");
}

void lib_settings_free(Weft *w)
{
  free((char *)w->opt.trace);
  free((char *)w->opt.stats);
  free((char *)w->opt.report);
  free((char *)w->opt.debug);
}

static int progress_interval(Weft *w)
{
  enum { DEFAULT_SECONDS = 10 };
  const char *text = getenv("WEFT_PROGRESS");
  if (w->opt.progress_seconds > 0)
    return 0;
  w->opt.progress_seconds = DEFAULT_SECONDS;
  if (!text || !*text)
    return 0;
  char *end;
  double seconds = strtod(text, &end);
  if (*end || !(seconds > 0))
    return lib_fail(w, "WEFT_PROGRESS=%s is not a number of seconds above 0", text);
  w->opt.progress_seconds = seconds;
  return 0;
}

int lib_settings_limit(Weft *w)
{
  const char *text = getenv("WEFT_MAX_CYCLES");
  if (progress_interval(w))
    return -1;
  if (w->opt.max_cycles || !text || !*text)
    return 0;
  char *end;
  errno = 0;
  unsigned long long n = strtoull(text, &end, 10);
  if (errno || *end || text[0] == '-' || n == 0)
    return lib_fail(w, "WEFT_MAX_CYCLES=%s is not a number of cycles above 0", text);
  w->opt.max_cycles = n;
  return 0;
}
