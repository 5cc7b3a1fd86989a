// What --output-json and --out-routes write beside the image.
#ifndef WEFT_DRIVER_METADATA_H
#define WEFT_DRIVER_METADATA_H
#include "driver/session.h"
#include "image/image.h"

// Writes the files that the options ask for; `dir` is the image folder. False and diagnostics on
// error.
bool metadata_write(Session *s, const Image *image, const char *dir);
#endif
