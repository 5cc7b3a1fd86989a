// Files that appear whole or not at all: written beside their place, then renamed. What stood there
// before stays until the new contents are complete on disk.
#ifndef WEFT_SUPPORT_OUT_FILE_H
#define WEFT_SUPPORT_OUT_FILE_H
#include <stdbool.h>
#include <stdio.h>

typedef struct OutFile {
  FILE *out;    // to write to; belongs to this structure
  char *path;   // where the contents will be, links followed
  char *beside; // where they are written, NULL: at `path` itself (a device, a pipe)
} OutFile;

// Opens a file for writing. False: errno says why; there is nothing to close then.
bool out_file_open(OutFile *f, const char *path);
// Ends what out_file_open began. With `keep` the contents are put into place; without it, and when
// anything could not be written, they are removed. False: errno says why they are not in place.
bool out_file_close(OutFile *f, bool keep);
// Whether out_file_open(path) and out_file_close would succeed as things are now, without leaving
// anything behind: to know before a long run rather than after it. False: errno says why.
bool out_file_possible(const char *path);
// Were all writes to an open stream successful so far? Writes out what is buffered. False: errno
// says why, as far as that is known.
bool out_stream_ok(FILE *out);
#endif
