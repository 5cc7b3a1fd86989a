// Parts of the image room that only this room and its tests use.
#ifndef WEFT_IMAGE_INTERNAL_H
#define WEFT_IMAGE_INTERNAL_H
#include "image/bytes.h"
#include "image/image.h"

// D_image_bad without a position: `path` is not what it should be.
void image_bad(Diags *diags, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// ---- files; contents are stb_ds arrays ----
bool file_load(const char *path, size_t limit, uint8_t **out, Diags *diags);
// False: errno says why.
bool file_put(const char *path, const void *bytes, size_t size);

// ---- putting them into place ----
typedef struct ImageFile {
  const char *path; // below the folder
  uint8_t *bytes;   // stb_ds
} ImageFile;
// Makes `dir` hold these files, or leaves it as it was and reports why. `files` is an stb_ds array;
// the last one is the manifest, without which the folder does not load.
bool image_publish(const char *dir, const ImageFile *files, Diags *diags);

// ---- DIR/bin/out_X_Y.lines ----
uint8_t *lines_write(const ImageClass *c);
bool lines_read(const uint8_t *bytes, size_t size, const char *path, Arena *arena, ImageClass *out,
                Diags *diags);

// ---- DIR/tiles.bin ----
uint8_t *tiles_write(const Image *img);
bool tiles_read(const uint8_t *bytes, size_t size, const char *path, Image *img, Diags *diags);

// ---- DIR/weft.xml ----
// Checksums of the other files: [0] tiles.bin, then ELF and lines of each class.
uint8_t *manifest_write(const Image *img, const uint32_t *checksums, Diags *diags);
bool manifest_read(const uint8_t *bytes, size_t size, const char *path, Image *img,
                   uint32_t **checksums, Diags *diags);

// ---- DIR/out.json, DIR/bin/out_rpc.json: for host scripts, never read by us ----
char *json_metadata(const Image *img); // malloc'ed
char *json_exports(const Image *img);

// Every rule that a loaded image keeps, beyond its syntax. Reports the first fault of each part.
bool image_validate(const Image *img, const char *dir, Diags *diags);
#endif
