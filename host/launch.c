// libweft: exported names and launches of exported functions (host 7).
#include "host/internal.h"
#include <stb/stb_ds.h>
#include <string.h>

enum { MAX_ARGUMENTS = 15 };

int weft_symbol_id(const Weft *w, const char *name)
{
  const ImageExport *exports = w->img->exports;
  for (ptrdiff_t i = 0; i < arrlen(exports); i++)
    if (strcmp(exports[i].name, name) == 0)
      return (int)i;
  return -1;
}

static const ImageExport *find_function(const Weft *w, const char *name, int *id)
{
  *id = weft_symbol_id(w, name);
  if (*id < 0 || w->img->exports[*id].kind != EXPORT_FUNC)
    return NULL;
  return &w->img->exports[*id];
}

const char *const *weft_param_types(const Weft *w, const char *function, size_t *n)
{
  static const char *const none[1];
  int id;
  const ImageExport *f = find_function(w, function, &id);
  *n = f ? (size_t)arrlen(f->param_types) : 0;
  if (!f)
    return NULL;
  return *n ? f->param_types : none;
}

int weft_launch(Weft *w, const char *function, const uint32_t *args, size_t nargs, bool nonblock,
                WeftTask *task)
{
  int id;
  if (lib_need_running(w, "launch"))
    return -1;
  const ImageExport *f = find_function(w, function, &id);
  if (!f)
    return lib_fail(w, "launch: cannot find exported function with name \"%s\"", function);
  size_t expected = (size_t)arrlen(f->param_types);
  if (nargs != expected)
    return lib_fail(w, "launch: function \"%s\" takes %zu argument(s), %zu given", function,
                    expected, nargs);
  if (nargs > MAX_ARGUMENTS)
    return lib_fail(w, "launch: function \"%s\": at most %d arguments can be passed", function,
                    MAX_ARGUMENTS);
  EmuTicket ticket = emu_launch(w->emu, (uint32_t)id, args, (uint32_t)nargs);
  Arena scratch = {0};
  const char *what = arena_printf(&scratch, "launch of \"%s\"", function);
  int result = lib_finish(w, ticket, nonblock, task, what);
  arena_free(&scratch);
  return result;
}
