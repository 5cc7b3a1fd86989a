// libweft: a run that is written to a file and goes on in another process.
#define _GNU_SOURCE
#include "host/internal.h"
#include "support/out_file.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// In front of what the emulator writes.
enum { VERSION = 1, MOST_PENDING = 1 << 24 };
typedef struct Front {
  char magic[8];
  uint32_t version, pending;
  uint64_t operations, rest_at;
} Front;
static const char magic[8] = "WEFTRUN\n";

int weft_advance(Weft *w, uint64_t cycles, bool *rest)
{
  if (lib_need_running(w, "advance"))
    return -1;
  uint64_t now = emu_cycle(w->emu),
           end = cycles < UINT64_MAX / 2 - now ? now + cycles : UINT64_MAX / 2;
  int status = lib_advance_before(w, end);
  *rest = status == 1;
  return status < 0 ? -1 : 0;
}

static bool write_all(Weft *w, FILE *out)
{
  Front f = {.version = VERSION,
             .pending = (uint32_t)arrlenu(w->pending),
             .operations = w->operations,
             .rest_at = w->rest_at};
  memcpy(f.magic, magic, sizeof magic);
  fwrite(&f, sizeof f, 1, out);
  if (f.pending)
    fwrite(w->pending, sizeof *w->pending, f.pending, out);
  return emu_checkpoint(w->emu, out);
}

// An old checkpoint is not lost when the new one cannot be written.
int weft_checkpoint(Weft *w, const char *path)
{
  OutFile f;
  if (lib_need_running(w, "checkpoint"))
    return -1;
  bool ok = out_file_open(&f, path);
  if (ok) {
    bool written = write_all(w, f.out);
    int error = errno;
    ok = out_file_close(&f, written) && written;
    errno = written ? errno : error;
  }
  return ok ? 0 : lib_fail(w, "checkpoint: cannot write %s: %s", path, strerror(errno));
}

// ---- resume ----

static const char *read_front(Weft *w, const uint8_t **bytes, size_t *size)
{
  Front f;
  if (*size < sizeof f || memcmp(*bytes, magic, sizeof magic) != 0)
    return "it is not a checkpoint";
  memcpy(&f, *bytes, sizeof f);
  if (f.version != VERSION)
    return "it is a checkpoint of another format version";
  size_t list = (size_t)f.pending * sizeof *w->pending;
  if (f.pending > MOST_PENDING || *size - sizeof f < list)
    return "it ends too early";
  arrsetlen(w->pending, f.pending);
  if (list)
    memcpy(w->pending, *bytes + sizeof f, list);
  w->operations = f.operations;
  w->rest_at = f.rest_at;
  *bytes += sizeof f + list;
  *size -= sizeof f + list;
  return NULL;
}

static int restore(Weft *w, const char *path, const uint8_t *bytes, size_t size)
{
  const char *why = read_front(w, &bytes, &size);
  if (!why)
    why = emu_restore(w->emu, bytes, size);
  if (why) {
    w->state = LIB_BROKEN;
    return lib_fail(w, "resume: cannot use %s: %s", path, why);
  }
  w->state = LIB_RUNNING;
  return 0;
}

int weft_resume(Weft *w, const char *path)
{
  struct stat st;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &st) || !S_ISREG(st.st_mode)) {
    int error = file < 0 ? errno : EINVAL;
    if (file >= 0)
      close(file);
    return lib_fail(w, "resume: cannot read %s: %s", path, strerror(error));
  }
  size_t size = (size_t)st.st_size;
  void *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  close(file);
  if (bytes == MAP_FAILED)
    return lib_fail(w, "resume: cannot use %s: %s", path, size ? strerror(errno) : "it is empty");
  w->append_log = true;
  int status = weft_load(w);
  if (!status)
    status = restore(w, path, bytes, size);
  munmap(bytes, size);
  return status;
}

int weft_rebind(Weft *w, WeftTask task, uint32_t *data, size_t words)
{
  if (!w->emu || task == 0 || task > EMU_TO_REST)
    return lib_fail(w, "rebind: %" PRIu64 " is not a task of this run", task);
  if (!emu_rebind(w->emu, (EmuTicket)(task - 1), data, words))
    return lib_fail(
        w, "rebind: task %" PRIu64 " was complete at the checkpoint, or has more than %zu words",
        task, words);
  return 0;
}
