// Images in memory: making, freeing, looking things up.
#include "image/image.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

Image *image_new(void)
{
  Image *img = calloc(1, sizeof *img);
  if (!img)
    abort();
  return img;
}

static void class_free(ImageClass *c)
{
  arrfree(c->setup);
  arrfree(c->symbols);
  arrfree(c->lines);
  arrfree(c->files);
  arrfree(c->consts);
  arrfree(c->strings);
}

void image_free(Image *img)
{
  if (!img)
    return;
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++)
    class_free(&img->classes[i]);
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
