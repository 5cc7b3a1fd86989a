// The standard streams; see streams.h.
#include "driver/streams.h"
#include "driver/session.h"
#include "support/out_file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

void streams_open(void)
{
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
    if (fcntl(file, F_GETFD) < 0) // the wrong way round, so that using it fails as before
      open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  signal(SIGXFSZ, SIG_IGN);
}

static int lost; // errno of the first time that something was

void streams_flush(void)
{
  if (!out_stream_ok(stdout) && !lost)
    lost = errno;
}

int streams_close(const char *program, int exit_code)
{
  streams_flush();
  if (!lost || exit_code != EXIT_OK)
    return exit_code;
  fprintf(stderr, "%s: error: cannot write the standard output: %s\n", program, strerror(lost));
  return EXIT_PROGRAM_ERROR;
}
