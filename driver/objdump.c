// `weft objdump`: what an image folder or one of its ELF files holds.
#include "backend/backend.h"
#include "driver/commands.h"
#include <errno.h>
#include <stb/stb_ds.h>
#include <string.h>
#include <sys/stat.h>

int command_objdump(Session *s)
{
  if (!arrlen(s->opt.files))
    return session_usage(s, "no ELF file or image folder");
  for (ptrdiff_t i = 0; i < arrlen(s->opt.files); i++) {
    const char *path = s->opt.files[i];
    struct stat st;
    if (stat(path, &st) != 0)
      DIAG_AT(&s->diags, cannot_read, (SrcRange){0}, path, strerror(errno));
    else if (S_ISDIR(st.st_mode))
      objdump_image(path, stdout, &s->diags);
    else
      objdump_elf(path, stdout, &s->diags);
  }
  return EXIT_OK;
}
