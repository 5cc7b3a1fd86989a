// Files that appear whole or not at all; see out_file.h.
#define _GNU_SOURCE
#include "support/out_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Folder of a path with its slash, "" without one.
static int folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (int)(slash - path) + 1 : 0;
}

// A new file in the folder of `path`, with a short name of its own so that a long one still fits.
static int create_beside(OutFile *f)
{
  static unsigned count;
  for (unsigned tries = 0; tries < 1000; tries++) {
    free(f->beside);
    if (asprintf(&f->beside, "%.*s.weft-%ld-%u", folder_length(f->path), f->path, (long)getpid(),
                 __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED)) < 0) {
      f->beside = NULL;
      errno = ENOMEM;
      return -1;
    }
    int file = open(f->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST)
      return file;
  }
  return -1;
}

// Nothing can be created in the folder, but the file itself may be written: as good as it gets.
static bool only_file_is_writable(int error)
{
  return error == EACCES || error == EPERM || error == EROFS;
}

static int open_at_place(OutFile *f)
{
  free(f->beside);
  f->beside = NULL;
  return open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

// What must be written to where it is: a device, a pipe, a link to what does not exist yet.
static bool is_special(const char *path, bool *exists)
{
  struct stat st;
  bool any = lstat(path, &st) == 0;
  *exists = any && S_ISREG(st.st_mode);
  return any && !*exists;
}

static int open_new(OutFile *f)
{
  bool exists;
  if (is_special(f->path, &exists))
    return open_at_place(f);
  if (exists && access(f->path, W_OK) != 0)
    return -1;
  int file = create_beside(f);
  if (file < 0 && exists && only_file_is_writable(errno))
    return open_at_place(f);
  struct stat st;
  if (file >= 0 && exists && stat(f->path, &st) == 0 && fchmod(file, st.st_mode & 07777) != 0)
    errno = 0; // a file system without rights
  return file;
}

// A link is followed, so that it stays what it is.
static char *real_place(const char *path)
{
  char *real = realpath(path, NULL);
  return real ? real : strdup(path);
}

static void forget(OutFile *f)
{
  int error = errno;
  free(f->path);
  free(f->beside);
  *f = (OutFile){0};
  errno = error;
}

bool out_file_open(OutFile *f, const char *path)
{
  *f = (OutFile){.path = real_place(path)};
  int file = -1;
  if (f->path)
    file = open_new(f);
  else
    errno = ENOMEM;
  if (file >= 0)
    f->out = fdopen(file, "wb");
  if (f->out)
    return true;
  if (file >= 0) {
    close(file);
    if (f->beside)
      unlink(f->beside);
  }
  forget(f);
  return false;
}

bool out_stream_ok(FILE *out)
{
  bool bad = ferror(out) != 0;
  errno = 0;
  if (fflush(out) == 0 && !bad)
    return true;
  if (errno == 0)
    errno = EIO; // of an earlier write, whose reason is gone
  return false;
}

bool out_file_close(OutFile *f, bool keep)
{
  bool ok = out_stream_ok(f->out);
  int error = errno;
  if (fclose(f->out) != 0 && ok) {
    ok = false;
    error = errno;
  }
  if (ok && keep && f->beside && rename(f->beside, f->path) != 0) {
    ok = false;
    error = errno;
  }
  if (f->beside && !(ok && keep))
    unlink(f->beside);
  errno = error;
  forget(f);
  return ok;
}

bool out_file_possible(const char *path)
{
  struct stat st;
  if (stat(path, &st) == 0) {
    errno = EISDIR;
    return !S_ISDIR(st.st_mode) && access(path, W_OK) == 0;
  }
  OutFile f;
  return out_file_open(&f, path) && out_file_close(&f, false);
}
