// libweft: running the emulator until an operation is complete; tasks of nonblocking operations.
#define _GNU_SOURCE
#include "host/internal.h"
#include "support/out_file.h"
#include <errno.h>
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int lib_need_running(Weft *w, const char *what)
{
  if (w->state == LIB_RUNNING)
    return 0;
  if (w->state == LIB_BROKEN)
    return lib_fail(w, "%s: the run has already ended with an error", what);
  return lib_fail(
      w, "%s: the runtime must be running to accept memcpy commands (between run() and stop())",
      what);
}

// Completed operations leave the list, so that a long run of nonblocking operations does not grow
// it.
static void forget_done(Weft *w)
{
  ptrdiff_t kept = 0;
  for (ptrdiff_t i = 0; i < arrlen(w->pending); i++)
    if (!emu_ticket_done(w->emu, w->pending[i]))
      w->pending[kept++] = w->pending[i];
  if (w->pending)
    arrsetlen(w->pending, (size_t)kept);
}

static bool write_report(const char *path, const char *text)
{
  OutFile f;
  if (!out_file_open(&f, path))
    return false;
  fputs(text, f.out);
  return out_file_close(&f, true);
}

void lib_broken(Weft *w, bool waits)
{
  w->state = LIB_BROKEN;
  if (w->log)
    fflush(w->log);
  if (!waits || !w->opt.report)
    return;
  char *text = emu_waits_json(w->emu);
  if (!write_report(w->opt.report, text))
    fprintf(stderr, "weft: cannot write the report to %s: %s\n", w->opt.report, strerror(errno));
  free(text);
}

// What follows from the end of a run. 0 done, 1 at rest, -1 error.
static int outcome(Weft *w, EmuStop why, const char *what)
{
  if (why == EMU_DONE || why == EMU_REST) {
    forget_done(w);
    return why == EMU_REST;
  }
  lib_broken(w, why != EMU_FAULT);
  uint64_t cycle = emu_cycle(w->emu);
  if (why == EMU_CYCLE_LIMIT)
    return lib_fail(w, "%s: stopped at cycle %" PRIu64 ", max_cycles is %" PRIu64 "\n%s", what,
                    cycle, w->opt.max_cycles, emu_message(w->emu));
  if (why == EMU_INTERRUPTED)
    return lib_fail(w, "%s: interrupted at cycle %" PRIu64 "\n%s", what, cycle,
                    emu_message(w->emu));
  return lib_fail(w, "%s: %s", what, emu_message(w->emu));
}

int lib_advance(Weft *w, EmuTicket ticket, const char *what)
{
  double begin = now();
  EmuStop why = emu_run(w->emu, ticket);
  w->wall_seconds += now() - begin;
  int status = outcome(w, why, what);
  return status == 1 && ticket == EMU_TO_REST ? 0 : status;
}

int lib_advance_before(Weft *w, uint64_t end)
{
  double begin = now();
  EmuStop why = emu_run_before(w->emu, end);
  w->wall_seconds += now() - begin;
  return outcome(w, why, "advance");
}

// Runs until the operation is complete; coming to rest before that is a hang.
static int wait_for(Weft *w, EmuTicket ticket, const char *what)
{
  if (emu_ticket_done(w->emu, ticket))
    return 0;
  int status = lib_advance(w, ticket, what);
  if (status <= 0)
    return status;
  lib_broken(w, true);
  return lib_fail(w, "%s cannot complete, could be a kernel stall\n%s", what, emu_message(w->emu));
}

int lib_finish(Weft *w, EmuTicket ticket, bool nonblock, WeftTask *task, const char *what)
{
  arrput(w->pending, ticket);
  w->operations++;
  if (task)
    *task = (WeftTask)ticket + 1;
  return nonblock ? 0 : wait_for(w, ticket, what);
}

// Task 0 is an operation that had nothing to do. Tasks of a stopped run are complete.
static int task_ticket(Weft *w, WeftTask task, EmuTicket *ticket)
{
  if (task > EMU_TO_REST)
    return lib_fail(w, "%" PRIu64 " is not a task of this runtime", task);
  *ticket = (EmuTicket)(task - 1);
  return 0;
}

int weft_task_done(Weft *w, WeftTask task, bool *done)
{
  EmuTicket ticket = 0;
  *done = task == 0 || w->state == LIB_STOPPED;
  if (*done)
    return 0;
  if (task_ticket(w, task, &ticket) || lib_need_running(w, "is_task_done"))
    return -1;
  *done = emu_ticket_done(w->emu, ticket);
  if (*done)
    return 0;
  // Nothing was issued since the last poll came to rest, so nothing will ever change: a polling
  // loop must end.
  if (w->rest_at == w->operations)
    return wait_for(w, ticket, "is_task_done: the operation");
  int status = lib_advance(w, ticket, "is_task_done");
  if (status < 0)
    return -1;
  *done = status == 0;
  if (!*done)
    w->rest_at = w->operations;
  return 0;
}

bool weft_task_complete(const Weft *w, WeftTask task)
{
  if (task == 0 || task > EMU_TO_REST || w->state != LIB_RUNNING)
    return true;
  return emu_ticket_done(w->emu, (EmuTicket)(task - 1));
}

int weft_task_wait(Weft *w, WeftTask task)
{
  EmuTicket ticket = 0;
  if (task == 0 || w->state == LIB_STOPPED)
    return 0;
  if (task_ticket(w, task, &ticket) || lib_need_running(w, "task_wait"))
    return -1;
  return wait_for(w, ticket, "task_wait: the operation");
}
