// Options of the command line -> options of sema; see frontend.h.
#include "driver/frontend.h"
#include "driver/paths.h"
#include "sema/sema.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

// --import-path in order, then CSL_IMPORT_PATH (host 1.3).
static const char **import_paths(Session *s)
{
  const char **paths = NULL;
  for (ptrdiff_t i = 0; i < arrlen(s->opt.import_path); i++)
    arrput(paths, s->opt.import_path[i]);
  const char *text = getenv("CSL_IMPORT_PATH");
  while (text && *text) {
    size_t len = strcspn(text, ":");
    if (len)
      arrput(paths, arena_strndup(&s->arena, text, len));
    text += len + (text[len] == ':');
  }
  return paths;
}

static const SemaParam *sema_params(Session *s, const OptValue *values, uint32_t n)
{
  SemaParam *out = ARENA_ARRAY(&s->arena, SemaParam, n + 1);
  for (uint32_t i = 0; i < n; i++)
    out[i] = (SemaParam){values[i].name, values[i].value};
  return out;
}

static SdkCompat compat_of(const char *text)
{
  if (text && strcmp(text, "1.4") == 0)
    return COMPAT_1_4;
  return text && strcmp(text, "2.10") == 0 ? COMPAT_2_10 : COMPAT_AUTO;
}

static SemaOptions sema_options(Session *s)
{
  const Options *o = &s->opt;
  SemaOptions so = {
      .arch = arch_find(o->arch ? o->arch : "wse2")->id,
      .compat = compat_of(o->sdk_compat),
      .allow_legacy_structs = o->allow_legacy_structs,
      .nparams = (uint32_t)arrlen(o->params),
      .ncolors = (uint32_t)arrlen(o->colors),
      .nsections = (uint32_t)arrlen(o->section_starts),
      .memcpy = o->memcpy,
      .channels = o->channels.given ? o->channels.value : 1,
      .place = {.size_given = o->fabric_dims.given,
                .width = o->fabric_dims.x,
                .height = o->fabric_dims.y,
                .offset_given = o->fabric_offsets.given,
                .offset_x = o->fabric_offsets.x,
                .offset_y = o->fabric_offsets.y,
                .west_buffer = o->width_west_buf.value,
                .east_buffer = o->width_east_buf.value},
      .stdlib_dir = paths_library(&s->arena, "csl"),
      .fp16 = o->fp16_format,
      .max_inlined_iterations = o->max_inlined_iterations.value,
      .comptime_depth = o->comptime_func_depth_limit.value,
      .verbose = o->verbose,
  };
  so.params = sema_params(s, o->params, so.nparams);
  so.colors = sema_params(s, o->colors, so.ncolors);
  so.sections = sema_params(s, o->section_starts, so.nsections);
  return so;
}

// Is there room for memcpy around the program?
static bool has_margins(Session *s, const FabricModule *f, const FabricWish *wish)
{
  FabricMargins m = fir_margins(f, wish);
  uint32_t width = f->offset_x + f->width + m.east, height = f->offset_y + f->height + m.south;
  if (f->offset_x < m.west || f->offset_y < m.north) {
    DIAG_AT(&s->diags, fabric_offset_small, (SrcRange){0}, f->offset_x, f->offset_y, m.west,
            m.north);
    return false;
  }
  if (f->fabric_width < width || f->fabric_height < height) {
    DIAG_AT(&s->diags, fabric_too_small, (SrcRange){0}, f->fabric_width, f->fabric_height, width,
            height);
    return false;
  }
  return true;
}

bool frontend_compile(Session *s, const char *path, Program *p)
{
  SemaOptions options = sema_options(s);
  const char **paths = import_paths(s);
  options.import_paths = paths;
  options.nimport_paths = (uint32_t)arrlen(paths);
  p->fabric = sema_compile(&options, path, &s->sources, s->names, &s->diags);
  arrfree(paths);
  return p->fabric && has_margins(s, p->fabric, &options.place);
}
