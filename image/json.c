// out.json and out_rpc.json: what host scripts of the SDK read (host 2.1, 2.3). The emulator reads
// neither.
#include "config.h"
#include "image/internal.h"
#include <jansson.h>
#include <stb/stb_ds.h>

enum {
  JSON_STYLE = JSON_INDENT(2)
}; // keys keep the order in which they were set: two builds give the same bytes

// Values are always strings: scripts wrap them in int(...) where they want numbers.
static json_t *pairs(const ImageParam *p)
{
  json_t *o = json_object();
  for (ptrdiff_t i = 0; i < arrlen(p); i++)
    json_object_set_new(o, p[i].name, json_string(p[i].value));
  return o;
}

char *json_metadata(const Image *img)
{
  json_t *root = json_object(), *weft = json_object();
  json_object_set_new(root, "params", pairs(img->params));
  json_object_set_new(root, "colors", pairs(img->colors));
  json_object_set_new(weft, "format", json_integer(WEFT_IMAGE_FORMAT));
  json_object_set_new(weft, "version", json_string(PACKAGE_VERSION));
  json_object_set_new(weft, "sdk_compat", json_string(img->compat == COMPAT_1_4 ? "1.4" : "2.10"));
  json_object_set_new(weft, "arch", json_string(arch_get(img->arch)->name));
  json_object_set_new(root, "weft", weft);
  char *text = json_dumps(root, JSON_STYLE);
  json_decref(root);
  return text;
}

static json_t *inputs(const ImageExport *e)
{
  json_t *list = json_array();
  for (ptrdiff_t i = 0; i < arrlen(e->param_types); i++) {
    char name[24];
    snprintf(name, sizeof name, "arg%td", i);
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "type", e->param_types[i]));
  }
  return list;
}

static json_t *entry(const ImageExport *e, size_t id)
{
  static const char *const kinds[] = {"Var", "Func", "Stream"};
  json_t *o = json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "name", e->name, "sym_name",
                        e->symbol, "kind", kinds[e->kind]);
  if (e->kind == EXPORT_STREAM) {
    json_object_set_new(o, "color", json_integer(e->color));
    return o;
  }
  json_object_set_new(o, "type", json_string(e->type));
  if (e->kind == EXPORT_DATA)
    json_object_set_new(o, "immutable", json_integer(e->mutable_ ? 0 : 1));
  else if (arrlen(e->param_types))
    json_object_set_new(o, "inputs", inputs(e));
  return o;
}

char *json_exports(const Image *img)
{
  json_t *list = json_array();
  for (size_t i = 0; i < arrlenu(img->exports); i++)
    json_array_append_new(list, entry(&img->exports[i], i));
  json_t *root = json_pack("{s:o}", "rpc_symbols", list);
  char *text = json_dumps(root, JSON_STYLE);
  json_decref(root);
  return text;
}
