// Writing the results of a compilation; see emit.h.
#include "driver/emit.h"
#include "backend/backend.h"
#include "driver/metadata.h"
#include "driver/output.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static CodegenOptions codegen_options(const Session *s)
{
  return (CodegenOptions){.sources = &s->sources,
                          .debug = !s->opt.no_debug,
                          .opt_level = s->opt.opt_level.given ? (int)s->opt.opt_level.value : 2};
}

typedef struct CodeText {
  Session *s;
  EmitKind kind;
  FILE *out;
} CodeText;

static bool print_code(TileModule *m, void *arg)
{
  CodeText *c = arg;
  CodegenOptions options = codegen_options(c->s);
  Buffer text = {0};
  if (!backend_codegen(m, c->kind, &options, &text, &c->s->diags))
    return false;
  fwrite(text.bytes, 1, text.size, c->out);
  free(text.bytes);
  return true;
}

static bool emit_code(Session *s, const Program *p, EmitKind kind, FILE *out)
{
  return driver_each_tile(p, print_code, &(CodeText){s, kind, out});
}

static bool emit_image(Session *s, const Program *p)
{
  if (!p->fabric) {
    DIAG_AT(&s->diags, needs_fabric, (SrcRange){0}, "an image");
    return false;
  }
  CodegenOptions options = codegen_options(s);
  Image *image = backend_build(p->fabric, &options, &s->diags);
  if (!image)
    return false;
  const char *dir = s->opt.output ? s->opt.output : "out";
  bool done =
      !s->diags.errors &&
      (s->opt.quiet || (image_write(image, dir, &s->diags) && metadata_write(s, image, dir)));
  image_free(image);
  return done;
}

static bool print_text(Session *s, const Program *p, const char *kind, FILE *out)
{
  if (strcmp(kind, "llvm") == 0)
    return emit_code(s, p, EMIT_LLVM_TEXT, out);
  if (strcmp(kind, "asm") == 0)
    return emit_code(s, p, EMIT_ASM_TEXT, out);
  driver_print_program(p, &s->sources, strcmp(kind, "tile") != 0, strcmp(kind, "fabric") != 0, out);
  return true;
}

bool emit_program(Session *s, const Program *p)
{
  const char *kind = s->opt.emit ? s->opt.emit : s->opt.stop_after ? "ir" : "image";
  if (strcmp(kind, "image") == 0)
    return emit_image(s, p);
  if (s->opt.quiet)
    return true;
  Output text;
  if (!output_open(s, &text))
    return false;
  bool done = print_text(s, p, kind, text.out);
  return output_close(s, &text, done);
}
