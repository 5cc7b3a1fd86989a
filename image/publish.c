// Putting the files of an image into place: everything into a temporary folder first, then by
// renaming. Whatever goes wrong, also a signal in the middle, leaves either what was there or what
// is new.
#include "image/internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stb/stb_ds.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// Temporary folders of processes that were killed are removed by later ones, unless they are so new
// that their process may be alive in another container or on another machine.
enum { ABANDONED_SECONDS = 3600, LOCK_TRIES = 1000 };

typedef struct Publisher {
  Arena arena;
  const char *dir, *temp; // temp: inside `dir` if that is there already, else beside it
  const ImageFile *files; // stb_ds
  Diags *diags;
  sigset_t stop; // signals that are held back
  bool failed;   // reported
} Publisher;

static bool failed(Publisher *p, const char *path)
{
  if (!p->failed)
    DIAG_AT(p->diags, cannot_write, (SrcRange){0}, path, strerror(errno));
  p->failed = true;
  return false;
}

static const char *join(Publisher *p, const char *dir, const char *name)
{
  size_t len = strlen(dir);
  return arena_printf(&p->arena, "%s%s%s", dir, len && dir[len - 1] == '/' ? "" : "/", name);
}

static const char *parent(Publisher *p)
{
  const char *slash = strrchr(p->dir, '/');
  return slash ? arena_strndup(&p->arena, p->dir, (size_t)(slash - p->dir) + 1) : ".";
}

// ---- signals ----

// Signals that end the process, as it is set up.
static sigset_t stop_signals(void)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    struct sigaction action;
    if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&set, signals[i]);
  }
  return set;
}

// Is the process to stop? The signal is held back until nothing half-written is left.
static bool stop_wanted(const Publisher *p)
{
  sigset_t pending;
  sigpending(&pending);
  for (int number = 1; number < NSIG; number++)
    if (sigismember(&p->stop, number) == 1 && sigismember(&pending, number) == 1)
      return true;
  return false;
}

// ---- the temporary folder ----

static void remove_files(Publisher *p, const char *folder)
{
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));)
    unlink(join(p, folder, e->d_name));
  if (d)
    closedir(d);
}

static void remove_temp(Publisher *p, const char *temp)
{
  remove_files(p, join(p, temp, "bin"));
  rmdir(join(p, temp, "bin"));
  remove_files(p, temp);
  rmdir(temp);
}

static bool is_abandoned(Publisher *p, const char *folder, const char *name)
{
  long pid;
  unsigned number;
  int end = 0;
  struct stat st;
  if (sscanf(name, ".weft-image-%ld-%u%n", &pid, &number, &end) != 2 || name[end])
    return false;
  if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
    return false;
  return lstat(join(p, folder, name), &st) == 0 && S_ISDIR(st.st_mode) &&
         time(NULL) - st.st_mtime > ABANDONED_SECONDS;
}

static void remove_abandoned(Publisher *p, const char *folder)
{
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));)
    if (is_abandoned(p, folder, e->d_name))
      remove_temp(p, join(p, folder, e->d_name));
  if (d)
    closedir(d);
}

static bool make_temp(Publisher *p, const char *folder)
{
  for (unsigned n = 0; n < 1000; n++) {
    const char *temp =
        join(p, folder, arena_printf(&p->arena, ".weft-image-%ld-%u", (long)getpid(), n));
    if (mkdir(temp, 0777) == 0) {
      p->temp = temp;
      return mkdir(join(p, temp, "bin"), 0777) == 0 || failed(p, p->dir);
    }
    if (errno != EEXIST)
      break;
  }
  return failed(p, p->dir);
}

static bool store_all(Publisher *p)
{
  for (ptrdiff_t i = 0; i < arrlen(p->files) && !stop_wanted(p); i++) {
    const ImageFile *f = &p->files[i];
    if (!file_put(join(p, p->temp, f->path), f->bytes, arrlenu(f->bytes)))
      return failed(p, join(p, p->dir, f->path));
  }
  return !stop_wanted(p);
}

// ---- into a folder that is there already ----

static bool is_ours(const char *name)
{
  unsigned x, y;
  int end = 0;
  sscanf(name, "out_%u_%u.%n", &x, &y, &end);
  return end && (strcmp(name + end, "elf") == 0 || strcmp(name + end, "lines") == 0);
}

static bool is_new(const Publisher *p, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(p->files); i++)
    if (strncmp(p->files[i].path, "bin/", 4) == 0 && strcmp(p->files[i].path + 4, name) == 0)
      return true;
  return false;
}

// Programs of an earlier build would be found by scripts that glob bin/out_*.elf.
static void remove_stale(Publisher *p, const char *bin)
{
  DIR *d = opendir(bin);
  for (struct dirent *e; d && (e = readdir(d));)
    if (is_ours(e->d_name) && !is_new(p, e->d_name))
      unlink(join(p, bin, e->d_name));
  if (d)
    closedir(d);
}

// What would stop the renaming halfway is found before anything is touched.
static bool can_replace(Publisher *p, const char *bin)
{
  struct stat st;
  if (access(p->dir, W_OK | X_OK) != 0)
    return failed(p, p->dir);
  if (stat(bin, &st) == 0) {
    errno = ENOTDIR;
    if (!S_ISDIR(st.st_mode) || access(bin, W_OK | X_OK) != 0)
      return failed(p, bin);
  }
  for (ptrdiff_t i = 0; i < arrlen(p->files); i++) {
    const char *to = join(p, p->dir, p->files[i].path);
    errno = EISDIR;
    if (lstat(to, &st) == 0 && S_ISDIR(st.st_mode))
      return failed(p, to);
  }
  return true;
}

// The other files of the folder are kept. The old manifest goes first: checksums in the new one,
// which comes last, tie all parts together.
static bool replace(Publisher *p)
{
  const char *bin = join(p, p->dir, "bin");
  if (!can_replace(p, bin))
    return false;
  if (mkdir(bin, 0777) != 0 && errno != EEXIST)
    return failed(p, bin);
  unlink(join(p, p->dir, "weft.xml"));
  remove_stale(p, bin);
  for (ptrdiff_t i = 0; i < arrlen(p->files); i++) {
    const char *to = join(p, p->dir, p->files[i].path);
    if (rename(join(p, p->temp, p->files[i].path), to) != 0)
      return failed(p, to);
  }
  return true;
}

// One writer at a time, so that the folder holds the parts of one image. -1: no lock is to be had
// here; then there is none.
static int lock(Publisher *p)
{
  int folder = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (unsigned n = 0; folder >= 0 && n < LOCK_TRIES && !stop_wanted(p); n++) {
    if (flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return folder;
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  return folder;
}

static bool move_into(Publisher *p)
{
  int held = lock(p);
  bool ok = !stop_wanted(p) && replace(p);
  if (held >= 0)
    close(held);
  if (ok)
    remove_temp(p, p->temp);
  return ok;
}

// ---- the whole ----

static bool is_folder(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// A new folder appears complete. Another compilation may have made it in the meantime.
static bool make_folder(Publisher *p)
{
  if (rename(p->temp, p->dir) == 0)
    return true;
  bool there = errno == EEXIST || errno == ENOTEMPTY;
  return there ? move_into(p) : failed(p, p->dir);
}

static bool publish(Publisher *p)
{
  bool there = is_folder(p->dir);
  const char *folder = there ? p->dir : parent(p);
  struct stat st;
  if (!there && stat(p->dir, &st) == 0) {
    errno = ENOTDIR;
    return failed(p, p->dir);
  }
  remove_abandoned(p, folder);
  return make_temp(p, folder) && store_all(p) && (there ? move_into(p) : make_folder(p));
}

static const char *without_slash(Arena *arena, const char *dir)
{
  size_t len = strlen(dir);
  while (len > 1 && dir[len - 1] == '/')
    len--;
  return arena_strndup(arena, dir, len);
}

bool image_publish(const char *dir, const ImageFile *files, Diags *diags)
{
  Publisher p = {.files = files, .diags = diags, .stop = stop_signals()};
  sigset_t before;
  p.dir = without_slash(&p.arena, dir);
  pthread_sigmask(SIG_BLOCK, &p.stop, &before);
  bool ok = publish(&p);
  if (!ok && !p.failed) {
    errno = EINTR;
    failed(&p, p.dir);
  }
  if (!ok && p.temp)
    remove_temp(&p, p.temp);
  arena_free(&p.arena);
  pthread_sigmask(SIG_SETMASK, &before, NULL); // a signal that came meanwhile ends the process now
  return ok;
}
