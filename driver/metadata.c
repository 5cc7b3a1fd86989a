// Compile metadata as JSON and routes as text; see metadata.h.
#include "driver/metadata.h"
#include "support/json_text.h"
#include "support/out_file.h"
#include <errno.h>
#include <jansson.h>
#include <stb/stb_ds.h>
#include <string.h>

static uint32_t tiles_of(const Image *img, uint32_t class)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < img->width * img->height; i++)
    n += img->tile_class[i] == class;
  return n;
}

static bool failed(Session *s, const char *path)
{
  DIAG_AT(&s->diags, cannot_write, (SrcRange){0}, path, strerror(errno));
  return false;
}

static json_t *class_json(Session *s, const Image *img, uint32_t number)
{
  const ImageClass *c = &img->classes[number];
  return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i}", "source",
                   text_escaped(&s->arena, c->name), "elf", c->elf, "tiles",
                   (int)tiles_of(img, number), "code_bytes", (int)c->code_bytes, "data_bytes",
                   (int)c->data_bytes, "stack_bytes", (int)c->stack_bytes, "constant_bytes",
                   (int)c->shared_bytes);
}

static bool write_json(Session *s, const Image *img, const char *path)
{
  json_t *classes = json_array();
  for (uint32_t i = 0; i < arrlenu(img->classes); i++)
    json_array_append_new(classes, class_json(s, img, i));
  json_t *root =
      json_pack("{s:s, s:s, s:[ii], s:[ii], s:[ii], s:b, s:i, s:o}", "arch",
                arch_get(img->arch)->name, "sdk_compat", img->compat == COMPAT_1_4 ? "1.4" : "2.10",
                "program", (int)img->width, (int)img->height, "fabric", (int)img->fabric_width,
                (int)img->fabric_height, "offset", (int)img->offset_x, (int)img->offset_y, "memcpy",
                img->memcpy, "channels", (int)img->channels, "programs", classes);
  OutFile file;
  bool open = out_file_open(&file, path);
  bool dumped = open && json_dumpf(root, file.out, JSON_INDENT(2)) == 0;
  json_decref(root);
  return (open && out_file_close(&file, dumped) && dumped) || failed(s, path);
}

static void print_route(uint32_t x, uint32_t y, uint32_t color, uint64_t word, FILE *out)
{
  Route r;
  if (!word || !route_decode(word, &r))
    return;
  fprintf(out, "%u %u color %u", x, y, color);
  for (int pos = 0; pos < 4; pos++) {
    if (!r.valid[pos])
      continue;
    fprintf(out, "%s ", pos == r.current ? " *" : " ");
    dirs_print(r.rx[pos], ",", out);
    fputs("->", out);
    dirs_print(r.tx[pos], ",", out);
  }
  fputc('\n', out);
}

static bool write_routes(Session *s, const Image *img, const char *path)
{
  OutFile file;
  if (!out_file_open(&file, path))
    return failed(s, path);
  fputs("# x y color: receive->send of each switch position; * is the one at start\n", file.out);
  for (uint32_t i = 0; i < img->width * img->height; i++)
    for (uint32_t color = 0; color < MAX_COLORS; color++)
      print_route(i % img->width, i / img->width, color,
                  img->route_sets[img->tile_routes[i]].words[color], file.out);
  return out_file_close(&file, true) || failed(s, path);
}

bool metadata_write(Session *s, const Image *image, const char *dir)
{
  const char *json = s->opt.output_json;
  if (json && !json[0])
    json = arena_printf(&s->arena, "%s/compile.json", dir);
  bool ok = !json || write_json(s, image, json);
  if (ok && s->opt.out_routes)
    ok = write_routes(s, image, arena_printf(&s->arena, "%s/routes.txt", dir));
  return ok;
}
