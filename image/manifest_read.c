// Reading weft.xml: the schema (image/weft-image.xsd, embedded at build time) checks the shape,
// this file takes the values.
#include "image/internal.h"
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static const char schema_text[] =
#include "image/weft-image-xsd.h"
    ;
enum { MAX_SIDE = 1 << 14 };

typedef struct Reader {
  Image *img;
  const char *path;
  Diags *diags;
  const char *why;
  uint32_t **sums;
} Reader;

static void note_error(void *arg, const xmlError *e)
{
  Reader *r = arg;
  if (!r->why && e && e->message) {
    size_t len = strcspn(e->message, "\n");
    r->why = arena_printf(&r->img->arena, "line %d: %.*s", e->line, (int)len, e->message);
  }
}

#if LIBXML_VERSION >= 21200
typedef const xmlError *SchemaError;
#else
typedef xmlError *SchemaError;
#endif
static void note_schema_error(void *arg, SchemaError e)
{
  note_error(arg, e);
}

static bool valid(Reader *r, xmlDocPtr doc)
{
  xmlSchemaParserCtxtPtr parser =
      xmlSchemaNewMemParserCtxt(schema_text, (int)sizeof schema_text - 1);
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  if (!schema)
    PANIC("the schema of weft.xml does not parse");
  xmlSchemaValidCtxtPtr check = xmlSchemaNewValidCtxt(schema);
  xmlSchemaSetValidStructuredErrors(check, note_schema_error, r);
  bool ok = xmlSchemaValidateDoc(check, doc) == 0;
  xmlSchemaFreeValidCtxt(check);
  xmlSchemaFree(schema);
  if (!ok && !r->why)
    r->why = "does not follow the schema";
  return ok;
}

static const char *text(Reader *r, xmlNodePtr node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
  const char *copy = value ? arena_strdup(&r->img->arena, (const char *)value) : "";
  xmlFree(value);
  return copy;
}

static uint32_t number(Reader *r, xmlNodePtr node, const char *name)
{
  return (uint32_t)strtoul(text(r, node, name), NULL, 10);
}

static bool boolean(Reader *r, xmlNodePtr node, const char *name)
{
  const char *s = text(r, node, name);
  return strcmp(s, "true") == 0 || strcmp(s, "1") == 0;
}

static void checksum(Reader *r, xmlNodePtr node, const char *name)
{
  arrput(*r->sums, (uint32_t)strtoul(text(r, node, name), NULL, 16));
}

static void on_machine(Reader *r, xmlNodePtr n)
{
  const Arch *arch = arch_find(text(r, n, "arch"));
  if (!arch)
    r->why = "unknown architecture";
  else
    r->img->arch = arch->id;
  r->img->fabric_width = number(r, n, "fabric-width");
  r->img->fabric_height = number(r, n, "fabric-height");
}

static void on_program(Reader *r, xmlNodePtr n)
{
  Image *img = r->img;
  const char *fp16 = text(r, n, "fp16");
  img->width = number(r, n, "width");
  img->height = number(r, n, "height");
  img->offset_x = number(r, n, "offset-x");
  img->offset_y = number(r, n, "offset-y");
  img->memcpy = boolean(r, n, "memcpy");
  img->channels = number(r, n, "channels");
  img->compat = strcmp(text(r, n, "sdk-compat"), "1.4") == 0 ? COMPAT_1_4 : COMPAT_2_10;
  img->fp16 = fp16[0] == 'f' ? 0 : fp16[0] == 'b' ? 1 : 2;
}

static void on_tiles(Reader *r, xmlNodePtr n)
{
  checksum(r, n, "checksum");
}

static void on_class(Reader *r, xmlNodePtr n)
{
  arrput(r->img->classes, ((ImageClass){.name = text(r, n, "name"), .elf = text(r, n, "elf")}));
  checksum(r, n, "elf-checksum");
  checksum(r, n, "lines-checksum");
}

static void on_export(Reader *r, xmlNodePtr n)
{
  const char *kind = text(r, n, "kind");
  ImageExport e = {.name = text(r, n, "name"),
                   .symbol = text(r, n, "symbol"),
                   .type = text(r, n, "type"),
                   .mutable_ = boolean(r, n, "mutable"),
                   .color = number(r, n, "color"),
                   .kind = kind[0] == 'd'   ? EXPORT_DATA
                           : kind[0] == 'f' ? EXPORT_FUNC
                                            : EXPORT_STREAM};
  for (xmlNodePtr a = n->children; a; a = a->next)
    if (a->type == XML_ELEMENT_NODE)
      arrput(e.param_types, text(r, a, "type"));
  arrput(r->img->exports, e);
}

static void on_stream(Reader *r, xmlNodePtr n)
{
  uint32_t color = number(r, n, "color");
  bool named = xmlHasProp(n, BAD_CAST "name") != NULL;
  if (color >= MAX_COLORS)
    r->why = "stream colour out of range";
  arrput(r->img->streams,
         ((ImageStream){.color = (uint8_t)color,
                        .name = named ? text(r, n, "name") : NULL,
                        .to_host = strcmp(text(r, n, "direction"), "to-host") == 0}));
}

static void on_param(Reader *r, xmlNodePtr n)
{
  arrput(r->img->params, ((ImageParam){text(r, n, "name"), text(r, n, "value")}));
}

static void on_color(Reader *r, xmlNodePtr n)
{
  arrput(r->img->colors, ((ImageParam){text(r, n, "name"), text(r, n, "value")}));
}

static void take(Reader *r, xmlNodePtr root)
{
  static const struct {
    const char *name;
    void (*run)(Reader *, xmlNodePtr);
  } handlers[] = {{"machine", on_machine}, {"program", on_program}, {"tiles", on_tiles},
                  {"class", on_class},     {"export", on_export},   {"stream", on_stream},
                  {"param", on_param},     {"color", on_color}};
  for (xmlNodePtr n = root->children; n; n = n->next)
    for (size_t i = 0; n->type == XML_ELEMENT_NODE && i < sizeof handlers / sizeof *handlers; i++)
      if (strcmp((const char *)n->name, handlers[i].name) == 0)
        handlers[i].run(r, n);
}

static bool check_values(Reader *r)
{
  const Image *img = r->img;
  uint64_t right = (uint64_t)img->offset_x + img->width,
           bottom = (uint64_t)img->offset_y + img->height;
  if (!r->why && (!img->width || !img->height || img->width > MAX_SIDE || img->height > MAX_SIDE))
    r->why = "the rectangle is empty or too large";
  if (!r->why && (right > img->fabric_width || bottom > img->fabric_height))
    r->why = "the rectangle does not lie in the fabric";
  return !r->why;
}

// The version is told before anything else is judged: a newer format has another schema.
static bool check_version(Reader *r, xmlNodePtr root)
{
  if (!root || strcmp((const char *)root->name, "weft-image") != 0) {
    r->why = "not the manifest of an image";
    return false;
  }
  uint32_t format = number(r, root, "format");
  if (format == WEFT_IMAGE_FORMAT)
    return true;
  r->why = arena_printf(&r->img->arena, "image format %u; this program reads format %d", format,
                        WEFT_IMAGE_FORMAT);
  return false;
}

bool manifest_read(const uint8_t *bytes, size_t size, const char *path, Image *img,
                   uint32_t **checksums, Diags *diags)
{
  Reader r = {.img = img, .path = path, .diags = diags, .sums = checksums};
  xmlParserCtxtPtr parser = xmlNewParserCtxt();
  xmlDocPtr doc = xmlCtxtReadMemory(parser, (const char *)bytes, (int)size, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  bool ok = false;
  if (doc)
    ok = check_version(&r, xmlDocGetRootElement(doc)) && valid(&r, doc);
  else
    note_error(&r, xmlCtxtGetLastError(parser));
  if (ok) {
    take(&r, xmlDocGetRootElement(doc));
    ok = check_values(&r);
  }
  xmlFreeDoc(doc);
  xmlFreeParserCtxt(parser);
  if (!ok)
    image_bad(diags, path, "%s", r.why ? r.why : "not well-formed XML");
  return ok;
}
