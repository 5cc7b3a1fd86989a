// Writing weft.xml; its schema is image/weft-image.xsd.
#include "image/internal.h"
#include "support/json_text.h"
#include <libxml/xmlwriter.h>
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Xml {
  xmlTextWriterPtr w;
  const char *bad; // a text that XML cannot hold
} Xml;

static void open_element(Xml *x, const char *name)
{
  xmlTextWriterStartElement(x->w, BAD_CAST name);
}

static void close_element(Xml *x)
{
  xmlTextWriterEndElement(x->w);
}

// XML has no place for control characters, even escaped.
static void text(Xml *x, const char *name, const char *value)
{
  bool bad = !xmlCheckUTF8(BAD_CAST value);
  for (const char *p = value; *p; p++)
    bad |= (unsigned char)*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r';
  if (bad)
    x->bad = value;
  else
    xmlTextWriterWriteAttribute(x->w, BAD_CAST name, BAD_CAST value);
}

// A path of the machine that compiled, in a folder of any name.
static void path(Xml *x, const char *name, const char *value)
{
  Arena scratch = {0};
  text(x, name, text_escaped(&scratch, value));
  arena_free(&scratch);
}

static void number(Xml *x, const char *name, uint32_t value)
{
  xmlTextWriterWriteFormatAttribute(x->w, BAD_CAST name, "%u", value);
}

static void boolean(Xml *x, const char *name, bool value)
{
  text(x, name, value ? "true" : "false");
}

static void checksum(Xml *x, const char *name, uint32_t value)
{
  xmlTextWriterWriteFormatAttribute(x->w, BAD_CAST name, "%08x", value);
}

static void machine(Xml *x, const Image *img)
{
  open_element(x, "machine");
  text(x, "arch", arch_get(img->arch)->name);
  number(x, "fabric-width", img->fabric_width);
  number(x, "fabric-height", img->fabric_height);
  close_element(x);
}

static void program(Xml *x, const Image *img)
{
  static const char *const formats[] = {"f16", "bf16", "cb16"};
  open_element(x, "program");
  number(x, "width", img->width);
  number(x, "height", img->height);
  number(x, "offset-x", img->offset_x);
  number(x, "offset-y", img->offset_y);
  boolean(x, "memcpy", img->memcpy);
  number(x, "channels", img->channels);
  text(x, "sdk-compat", img->compat == COMPAT_1_4 ? "1.4" : "2.10");
  text(x, "fp16", formats[img->fp16]);
  close_element(x);
}

static void classes(Xml *x, const Image *img, const uint32_t *sums)
{
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++) {
    open_element(x, "class");
    path(x, "name", img->classes[i].name);
    text(x, "elf", img->classes[i].elf);
    checksum(x, "elf-checksum", sums[1 + 2 * i]);
    checksum(x, "lines-checksum", sums[2 + 2 * i]);
    close_element(x);
  }
}

static void exports(Xml *x, const Image *img)
{
  static const char *const kinds[] = {"data", "function", "stream"};
  for (ptrdiff_t i = 0; i < arrlen(img->exports); i++) {
    const ImageExport *e = &img->exports[i];
    open_element(x, "export");
    text(x, "kind", kinds[e->kind]);
    text(x, "name", e->name);
    text(x, "symbol", e->symbol);
    text(x, "type", e->type);
    boolean(x, "mutable", e->mutable_);
    number(x, "color", e->color);
    for (ptrdiff_t k = 0; k < arrlen(e->param_types); k++) {
      open_element(x, "argument");
      text(x, "type", e->param_types[k]);
      close_element(x);
    }
    close_element(x);
  }
}

static void streams(Xml *x, const Image *img)
{
  for (ptrdiff_t i = 0; i < arrlen(img->streams); i++) {
    open_element(x, "stream");
    number(x, "color", img->streams[i].color);
    text(x, "direction", img->streams[i].to_host ? "to-host" : "to-device");
    if (img->streams[i].name)
      text(x, "name", img->streams[i].name);
    close_element(x);
  }
}

static void pairs(Xml *x, const char *element, const ImageParam *p)
{
  for (ptrdiff_t i = 0; i < arrlen(p); i++) {
    open_element(x, element);
    text(x, "name", p[i].name);
    text(x, "value", p[i].value);
    close_element(x);
  }
}

uint8_t *manifest_write(const Image *img, const uint32_t *checksums, Diags *diags)
{
  xmlBufferPtr buffer = xmlBufferCreate();
  Xml x = {.w = xmlNewTextWriterMemory(buffer, 0)};
  xmlTextWriterSetIndent(x.w, 1);
  xmlTextWriterSetIndentString(x.w, BAD_CAST "  ");
  xmlTextWriterStartDocument(x.w, "1.0", "UTF-8", NULL);
  open_element(&x, "weft-image");
  number(&x, "format", WEFT_IMAGE_FORMAT);
  machine(&x, img);
  program(&x, img);
  open_element(&x, "tiles");
  checksum(&x, "checksum", checksums[0]);
  close_element(&x);
  classes(&x, img, checksums);
  exports(&x, img);
  streams(&x, img);
  pairs(&x, "param", img->params);
  pairs(&x, "color", img->colors);
  xmlTextWriterEndDocument(x.w);
  xmlFreeTextWriter(x.w);
  uint8_t *out = NULL;
  if (x.bad)
    DIAG_AT(diags, image_text, (SrcRange){0}, x.bad);
  else
    bytes_put(&out, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
  xmlBufferFree(buffer);
  return out;
}
