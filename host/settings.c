// libweft: options that may come from the environment instead. An option that the caller gave wins.
#define _GNU_SOURCE
#include "host/internal.h"
#include "support/c_locale.h"
#include "support/memory.h"
#include "support/out_file.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

// A decimal number and nothing else. False: it is none, or too large.
static bool whole_number(const char *text, unsigned long long *out)
{
  errno = 0;
  *out = strtoull(text, NULL, 10);
  return *text && text[strspn(text, "0123456789")] == 0 && !errno;
}

// Seconds, with a point whatever the locale; strtod would take hexadecimal digits, too.
static double seconds_of(const char *text)
{
  char *end;
  CLocale locale = c_locale_begin();
  double seconds = strtod(text, &end);
  c_locale_end(locale);
  bool plain = *text && text[strspn(text, "0123456789.eE+-")] == 0 && !*end;
  return plain && isfinite(seconds) ? seconds : 0;
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
  double seconds = seconds_of(text);
  if (!(seconds > 0))
    return lib_fail(w, "WEFT_PROGRESS=%s is not a number of seconds above 0", text);
  w->opt.progress_seconds = seconds;
  return 0;
}

int lib_settings_limit(Weft *w)
{
  const char *text = getenv("WEFT_MAX_CYCLES");
  unsigned long long n;
  if (progress_interval(w))
    return -1;
  if (w->opt.max_cycles || !text || !*text)
    return 0;
  if (!whole_number(text, &n) || n == 0)
    return lib_fail(w, "WEFT_MAX_CYCLES=%s is not a number of cycles above 0", text);
  w->opt.max_cycles = n;
  return 0;
}

// WEFT_SHUFFLE=SEED, or tiles:SEED for the order of tiles, which must change nothing.
int lib_settings_shuffle(Weft *w, EmuOptions *opt)
{
  const char *text = getenv("WEFT_SHUFFLE");
  unsigned long long seed;
  if (opt->shuffle || !text || !*text)
    return 0;
  bool tiles = strncmp(text, "tiles:", 6) == 0;
  if (!whole_number(tiles ? text + 6 : text, &seed))
    return lib_fail(w, "WEFT_SHUFFLE=%s is no seed (a number)", text);
  opt->seed = seed;
  *(tiles ? &opt->shuffle_tiles : &opt->shuffle) = true;
  return 0;
}

// Files of the end of a run belong to the folder that is current at its begin, and it is known then
// whether they can be written.
static int place(Weft *w, const char **path)
{
  char *folder = NULL, *whole = NULL;
  if (!*path)
    return 0;
  if (!out_file_possible(*path))
    return lib_fail(w, "cannot write %s: %s", *path, strerror(errno));
  if (**path == '/' || !(folder = getcwd(NULL, 0)))
    return 0;
  if (asprintf(&whole, "%s/%s", folder, *path) >= 0) {
    free((char *)*path);
    *path = whole;
  }
  free(folder);
  return 0;
}

int lib_settings_places(Weft *w)
{
  return place(w, &w->opt.stats) || place(w, &w->opt.report) || place(w, &w->opt.trace) ? -1 : 0;
}
