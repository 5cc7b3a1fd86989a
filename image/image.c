// Images in memory: making, freeing, looking things up.
#include "image/image.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

Image *image_new(void)
{
  Image *img = mem_zeroed(1, sizeof *img);
  return img;
}

void image_class_free(ImageClass *c)
{
  arrfree(c->setup);
  arrfree(c->symbols);
  arrfree(c->lines);
  arrfree(c->functions);
  arrfree(c->calls);
  arrfree(c->files);
  arrfree(c->consts);
  arrfree(c->strings);
}

void image_free(Image *img)
{
  if (!img)
    return;
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++)
    image_class_free(&img->classes[i]);
  for (ptrdiff_t i = 0; i < arrlen(img->exports); i++)
    arrfree(img->exports[i].param_types);
  arrfree(img->classes);
  arrfree(img->route_sets);
  arrfree(img->const_words);
  arrfree(img->exports);
  arrfree(img->streams);
  arrfree(img->params);
  arrfree(img->colors);
  arena_free(&img->arena);
  free(img);
}

ImagePlace image_line(const ImageClass *c, uint32_t pc)
{
  size_t lo = 0, hi = arrlenu(c->lines);
  while (lo < hi) { // first entry above pc
    size_t mid = lo + (hi - lo) / 2;
    if (c->lines[mid].pc <= pc)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo == 0 || pc >= CODE_BASE + c->code_bytes || c->lines[lo - 1].line == 0)
    return (ImagePlace){0};
  const ImageLine *l = &c->lines[lo - 1];
  return (ImagePlace){c->files[l->file], l->line};
}

// The built-in library lies in lib/weft/csl of an installation or a build.
bool image_of_library(const char *path)
{
  return path && strstr(path, "/weft/csl/");
}

// A place of the same function before pc that is not the library's: what is compiled into the
// caller without a call of its own has no other trace.
static ImagePlace line_before(const ImageClass *c, uint32_t pc)
{
  const ImageSymbol *s = image_symbol_at(c, pc);
  for (size_t i = arrlenu(c->lines); s && i > 0; i--) {
    const ImageLine *l = &c->lines[i - 1];
    if (l->pc > pc || l->line == 0)
      continue;
    if (l->pc < s->address)
      break;
    if (!image_of_library(c->files[l->file]))
      return (ImagePlace){c->files[l->file], l->line};
  }
  return s ? image_function_line(c, s->address) : (ImagePlace){0};
}

ImagePlace image_user_line(const ImageClass *c, uint32_t pc)
{
  ImagePlace at = image_line(c, pc);
  if (!image_of_library(at.file))
    return at;
  for (size_t i = arrlenu(c->calls); i > 0; i--) { // inner calls first
    const ImageCall *call = &c->calls[i - 1];
    if (call->from <= pc && pc < call->to && !image_of_library(c->files[call->file]))
      return (ImagePlace){c->files[call->file], call->line};
  }
  ImagePlace before = line_before(c, pc);
  return before.file && !image_of_library(before.file) ? before : at;
}

ImagePlace image_function_line(const ImageClass *c, uint32_t address)
{
  for (ptrdiff_t i = 0; i < arrlen(c->functions); i++)
    if (c->functions[i].pc == address)
      return (ImagePlace){c->files[c->functions[i].file], c->functions[i].line};
  return (ImagePlace){0};
}

const ImageSymbol *image_symbol_at(const ImageClass *c, uint32_t address)
{
  size_t lo = 0, hi = arrlenu(c->symbols);
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (c->symbols[mid].address <= address)
      lo = mid + 1;
    else
      hi = mid;
  }
  // Empty objects share their address with the next one: step back over those that do not cover it.
  while (lo > 0 && address - c->symbols[lo - 1].address >= c->symbols[lo - 1].size)
    lo--;
  return lo ? &c->symbols[lo - 1] : NULL;
}

const ImageSymbol *image_symbol_named(const ImageClass *c, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(c->symbols); i++)
    if (strcmp(c->symbols[i].name, name) == 0)
      return &c->symbols[i];
  return NULL;
}

static int by_address(const void *pa, const void *pb)
{
  const ImageSymbol *a = pa, *b = pb;
  if (a->address != b->address)
    return a->address < b->address ? -1 : 1;
  if (a->size != b->size)
    return a->size < b->size ? -1 : 1;
  int names = strcmp(a->name, b->name);
  return names ? names : a->function - b->function;
}

void image_sort_symbols(ImageClass *c)
{
  if (arrlenu(c->symbols))
    qsort(c->symbols, arrlenu(c->symbols), sizeof *c->symbols, by_address);
}
