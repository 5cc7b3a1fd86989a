// Violations that stop a run: what happened, where in the program, in which category (DESIGN 4.2).
#include "emulator/report.h"
#include "support/text_out.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *category(FaultKind kind)
{
  switch (kind) {
  case FAULT_UNDEFINED: return "undefined by the architecture";
  case FAULT_UNSUPPORTED: return "unsupported";
  case FAULT_IMAGE: return "image error";
  default: return "program error";
  }
}

// The author's line before a return address; file == NULL if that is not code with lines.
static ImagePlace call_line(const ImageClass *c, uint32_t return_address)
{
  if (return_address < CODE_BASE + 2 || return_address - CODE_BASE > c->code_bytes)
    return (ImagePlace){0};
  return image_user_line(c, return_address - 2);
}

// Helpers that generated code calls have no lines: who called them stands in the return address,
// or in the lowest one on the stack.
static ImagePlace caller_line(Emu *e, uint32_t tile)
{
  const Tile *t = &e->tiles[tile];
  const ImageClass *c = e->classes[t->cls].img;
  if (!t->regs)
    return (ImagePlace){0};
  const uint32_t *x = e->regs[t->regs].x;
  ImagePlace at = call_line(c, x[1]);
  const Window w = tile_window(e, t);
  for (uint32_t sp = x[2]; !at.file; sp += 4) {
    const uint8_t *p = window_write(&w, sp, 4);
    uint32_t word;
    if (!p)
      break;
    memcpy(&word, p, sizeof word);
    at = call_line(c, word);
  }
  return at;
}

// "file:line in function" of a code address, as far as known.
static void describe_place(Emu *e, uint32_t tile, uint32_t pc, FILE *out)
{
  if (!pc || e->tiles[tile].cls == NO_CLASS)
    return;
  const ImageClass *c = e->classes[e->tiles[tile].cls].img;
  const ImageSymbol *s = image_symbol_at(c, pc);
  ImagePlace place = image_line(c, pc);
  if (!place.file)
    place = caller_line(e, tile);
  if (place.file)
    fprintf(out, "%s:%u: ", place.file, place.line);
  if (s)
    fprintf(out, "in %s: ", s->name);
  fprintf(out, "pc 0x%x: ", pc);
}

void emu_fault(Emu *e, uint32_t tile, FaultKind kind, uint32_t pc, const char *fmt, ...)
{
  if (e->stopped)
    return;
  e->stopped = true;
  e->stop = EMU_FAULT;
  TextOut text;
  FILE *out = text_out_open(&text);
  fprintf(out, "%s: cycle %" PRIu64 ", tile (%u, %u): ", category(kind), e->now, tile % e->width,
          tile / e->width);
  describe_place(e, tile, pc, out);
  va_list ap;
  va_start(ap, fmt);
  vfprintf(out, fmt, ap);
  va_end(ap);
  free(e->message);
  e->message = text_out_close(&text);
}

void emu_fault_in_use(Emu *e, uint32_t tile, uint32_t pc, uint32_t user, const char *what,
                      unsigned number)
{
  const Thread *th = &e->threads[user];
  Arena scratch = {0};
  emu_fault(e, tile, FAULT_UNDEFINED, pc,
            "%s %u still belongs to another operation: @%s of %s. Wait for its completion, or take "
            "another %s",
            what, number, isa_dsd((DsdOp)th->op)->name, thread_name(&scratch, e, tile, th), what);
  arena_free(&scratch);
}
