// libweft: open, load, run, stop, close.
#define _GNU_SOURCE
#include "config.h"
#include "host/internal.h"
#include "support/memory.h"
#include "support/out_file.h"
#include "support/text_out.h"
#include <errno.h>
#include <fcntl.h>
#include <stb/stb_ds.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Thread_local char *open_error;

const char *weft_version(void)
{
  return PACKAGE_VERSION;
}

const char *weft_open_error(void)
{
  return open_error ? open_error : "";
}

const char *weft_error(const Weft *w)
{
  return w->error ? w->error : "";
}

int lib_fail(Weft *w, const char *fmt, ...)
{
  char *text = NULL;
  va_list ap;
  va_start(ap, fmt);
  if (vasprintf(&text, fmt, ap) < 0)
    text = NULL;
  va_end(ap);
  free(w->error);
  w->error = text;
  return -1;
}

// All diagnostics as one text without the final newline; the caller frees it.
static char *diags_text(const Diags *diags)
{
  TextOut out;
  diag_print(diags, text_out_open(&out));
  char *text = text_out_close(&out);
  for (size_t end = out.size; end > 0 && text[end - 1] == '\n'; end--)
    text[end - 1] = 0;
  return text;
}

Weft *lib_new(Image *img, const WeftOptions *options)
{
  Weft *w = mem_zeroed(1, sizeof *w);
  w->img = img;
  w->rest_at = UINT64_MAX;
  if (options)
    w->opt = *options;
  w->opt.sim_log = mem_text(w->opt.sim_log);
  lib_settings_take(w);
  w->opt.timing = mem_text(w->opt.timing);
  return w;
}

Weft *weft_open(const char *dir, const WeftOptions *options)
{
  free(open_error);
  open_error = NULL;
  Sources sources = {0};
  Diags diags = {.sources = &sources};
  Weft *w = NULL;
  Image *img = image_read(dir, &diags);
  if (img)
    w = lib_new(img, options);
  else
    open_error = diags_text(&diags);
  diag_free(&diags);
  src_free(&sources);
  return w;
}

void weft_close(Weft *w)
{
  if (!w)
    return;
  if (w->emu)
    emu_free(w->emu);
  if (w->log)
    fclose(w->log);
  if (w->trace)
    fclose(w->trace);
  image_free(w->img);
  arrfree(w->pending);
  free((char *)w->opt.sim_log);
  lib_settings_free(w);
  free(w->waits);
  free(w->leftovers);
  free(w->beside);
  free((char *)w->opt.timing);
  free(w->error);
  free(w);
}

// The log belongs to the folder that is current now (host 15), not to the one of weft_open.
static int open_log(Weft *w)
{
  const char *path = w->opt.sim_log ? w->opt.sim_log : "sim.log";
  if (!*path)
    return 0;
  // Each line at the end of the file: several programs of a process may share one log.
  int keep = w->append_log ? 0 : O_TRUNC;
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | keep, 0666);
  w->log = fd >= 0 ? fdopen(fd, "w") : NULL;
  if (!w->log && w->opt.sim_log)
    return lib_fail(w, "cannot write %s: %s", path, strerror(errno));
  if (!w->log)
    fprintf(stderr, "weft: cannot write %s (%s), running without a log\n", path, strerror(errno));
  char *folder = w->log && !w->opt.sim_log ? getcwd(NULL, 0) : NULL;
  if (folder && asprintf(&w->beside, "%s/sim_stats.json", folder) < 0)
    w->beside = NULL;
  free(folder);
  return 0;
}

static int open_trace(Weft *w)
{
  if (!w->opt.trace)
    return 0;
  w->trace = fopen(w->opt.trace, "w");
  return w->trace ? 0 : lib_fail(w, "cannot write %s: %s", w->opt.trace, strerror(errno));
}

int weft_load(Weft *w)
{
  if (w->state != LIB_OPENED)
    return lib_fail(w, "cannot call load() multiple times");
  if (lib_settings_limit(w) || lib_settings_places(w) || open_log(w) || open_trace(w))
    return -1;
  EmuOptions opt = {.max_cycles = w->opt.max_cycles,
                    .shuffle = w->opt.shuffle,
                    .seed = w->opt.seed,
                    .log = w->log,
                    .trace = w->trace,
                    .debug = w->opt.debug,
                    .debug_loose = w->debug_loose,
                    .causes = w->opt.stats != NULL,
                    .progress = w->opt.progress,
                    .progress_seconds = w->opt.progress_seconds,
                    .interrupted = w->opt.interrupted,
                    .arg = w->opt.arg,
                    .timing = w->opt.timing ? w->opt.timing : getenv("WEFT_TIMING")};
  if (lib_settings_shuffle(w, &opt))
    return -1;
  Sources sources = {0};
  Diags diags = {.sources = &sources};
  w->emu = emu_new(w->img, &opt, &diags);
  if (!w->emu) {
    char *text = diags_text(&diags);
    lib_fail(w, "load() failed: %s", text);
    free(text);
  } else {
    diag_print(&diags, stderr); // warnings
  }
  diag_free(&diags);
  src_free(&sources);
  if (!w->emu)
    return -1;
  const Costs *costs = emu_costs(w->emu);
  snprintf(w->timing, sizeof w->timing, "%s%s", costs->preset, costs->changed ? "+" : "");
  w->state = LIB_LOADED;
  return 0;
}

int weft_run(Weft *w)
{
  if (w->state == LIB_OPENED)
    return lib_fail(w, "cannot call run(): load() has not been called");
  if (w->state != LIB_LOADED)
    return lib_fail(w, "cannot call run() multiple times");
  emu_start(w->emu);
  w->state = LIB_RUNNING;
  return 0;
}

// A log that nobody asked for is no reason to fail, here as in open_log.
static int lost_lines(Weft *w)
{
  if (w->trace && !out_stream_ok(w->trace))
    return lib_fail(w, "cannot write %s: %s", w->opt.trace, strerror(errno));
  if (!w->log || out_stream_ok(w->log))
    return 0;
  if (w->opt.sim_log)
    return lib_fail(w, "cannot write %s: %s", w->opt.sim_log, strerror(errno));
  fprintf(stderr, "weft: cannot write sim.log (%s), lines are missing\n", strerror(errno));
  return 0;
}

int weft_stop(Weft *w)
{
  if (w->state == LIB_STOPPED)
    return lib_fail(w, "cannot call stop() multiple times");
  if (w->state == LIB_BROKEN)
    return lib_fail(w, "cannot call stop(): the run has already ended with an error");
  if (w->state != LIB_RUNNING)
    return lib_fail(w, "cannot call stop(): run() has not been called");
  if (lib_advance(w, EMU_TO_REST, "stop()") < 0)
    return -1;
  for (ptrdiff_t i = 0; i < arrlen(w->pending); i++)
    if (!emu_ticket_done(w->emu, w->pending[i])) {
      lib_broken(w, true);
      return lib_fail(
          w, "stop(): a nonblocking operation cannot complete, could be a kernel stall\n%s",
          emu_message(w->emu));
    }
  emu_end(w->emu);
  w->state = LIB_STOPPED;
  return lib_write_stats(w) || lost_lines(w) ? -1 : 0;
}
