// `weft run`: a compiled program without a host script: launches functions in order and runs to
// rest. For programs without data from the host, for traces and for looking at hangs.
#include "driver/commands.h"
#include "host/weft.h"
#include "support/memory.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop_wanted;

static void on_signal(int number)
{
  (void)number;
  stop_wanted = 1;
}

// Unless the signal is to be ignored, as in jobs in the background.
static void on_stop(int number)
{
  if (signal(number, on_signal) == SIG_IGN)
    signal(number, SIG_IGN);
}

static int interrupted(void *arg)
{
  (void)arg;
  return stop_wanted;
}

static void progress(void *arg, uint64_t cycle, uint32_t busy_tiles, const char *hottest)
{
  (void)arg;
  fprintf(stderr, "weft: cycle %" PRIu64 ", %u busy tiles, hottest task %s\n", cycle, busy_tiles,
          hottest && *hottest ? hottest : "-");
}

// Integers that a parameter of a type takes.
static bool range_of(const char *type, long long *least, long long *most)
{
  static const struct {
    const char *type;
    long long least, most;
  } rows[] = {{"i8", INT8_MIN, INT8_MAX},
              {"u8", 0, UINT8_MAX},
              {"i16", INT16_MIN, INT16_MAX},
              {"u16", 0, UINT16_MAX},
              {"i32", INT32_MIN, INT32_MAX},
              {"u32", 0, UINT32_MAX},
              {"bool", 0, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].type, type) == 0) {
      *least = rows[i].least;
      *most = rows[i].most;
      return true;
    }
  return false;
}

static bool float_word(const char *text, uint32_t *word)
{
  char *end;
  errno = 0;
  float f = strtof(text, &end);
  bool overflows = errno == ERANGE && (f > 1 || f < -1); // the smallest ones are rounded
  memcpy(word, &f, sizeof f);
  return end != text && !*end && !overflows;
}

// One argument as the word that the function takes.
static bool argument_word(const char *text, const char *type, uint32_t *word)
{
  char *end;
  long long least, most;
  if (strcmp(type, "f32") == 0)
    return float_word(text, word);
  errno = 0;
  long long n = strtoll(text, &end, 0);
  *word = (uint32_t)n;
  return range_of(type, &least, &most) && end != text && !*end && !errno && n >= least && n <= most;
}

typedef struct Launch {
  char *name;
  char **args; // stb_ds, point into name
} Launch;

// "NAME:ARGUMENT,..."
static Launch split(const char *text)
{
  Launch l = {.name = mem_text(text)};
  char *at = strchr(l.name, ':');
  while (at) {
    *at++ = 0;
    arrput(l.args, at);
    at = strchr(at, ',');
  }
  return l;
}

static int launch(Session *s, Weft *w, const Launch *l)
{
  size_t n;
  const char *const *types = weft_param_types(w, l->name, &n);
  uint32_t words[16] = {0};
  if (types && n != arrlenu(l->args))
    return session_usage(s, "function \"%s\" takes %zu argument(s), %zu given", l->name, n,
                         arrlenu(l->args));
  for (size_t i = 0; types && i < n && i < 16; i++)
    if (strcmp(types[i], "f16") == 0 || !argument_word(l->args[i], types[i], &words[i]))
      return session_usage(s, "function \"%s\": '%s' is not an argument of type %s", l->name,
                           l->args[i], types[i]);
  return weft_launch(w, l->name, words, n, false, NULL);
}

static int run_all(Session *s, Weft *w)
{
  int status = weft_load(w) || weft_run(w) ? -1 : 0;
  for (ptrdiff_t i = 0; i < arrlen(s->opt.launch) && !status; i++) {
    Launch l = split(s->opt.launch[i]);
    status = launch(s, w, &l);
    arrfree(l.args);
    free(l.name);
  }
  if (!status)
    status = weft_stop(w);
  if (status < 0)
    fprintf(stderr, "%s: error: %s\n", s->program, weft_error(w));
  const char *left = status ? NULL : weft_leftovers(w);
  if (left)
    fprintf(stderr, "%s: warning: %s", s->program, left);
  return status < 0 ? EXIT_PROGRAM_ERROR : status;
}

int command_run(Session *s)
{
  if (arrlen(s->opt.files) != 1)
    return session_usage(s, "one image folder is needed");
  WeftOptions opt = {.max_cycles = s->opt.max_cycles.given ? s->opt.max_cycles.value : 0,
                     .sim_log = s->opt.sim_log,
                     .trace = s->opt.trace,
                     .stats = s->opt.stats,
                     .report = s->opt.report,
                     .debug = s->opt.debug,
                     .progress = progress,
                     .interrupted = interrupted};
  Weft *w = weft_open(s->opt.files[0], &opt);
  if (!w) {
    fprintf(stderr, "%s\n", weft_open_error());
    return EXIT_PROGRAM_ERROR;
  }
  on_stop(SIGINT);
  on_stop(SIGTERM);
  int exit_code = run_all(s, w);
  if (exit_code == EXIT_OK) {
    WeftStats stats;
    weft_stats(w, &stats);
    printf("%" PRIu64 " cycles, %u tiles, %" PRIu64 " instructions, %" PRIu64 " wavelet hops\n",
           stats.cycles, stats.tiles, stats.instructions, stats.wavelet_hops);
  }
  weft_close(w);
  return exit_code;
}
