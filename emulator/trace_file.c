// The trace file: JSON in the event format that Perfetto and chrome://tracing read. Schema:
// docs/trace.md. One event a line, written as it happens; nothing is kept.
#include "emulator/trace.h"
#include "support/json_text.h"
#include <inttypes.h>

enum { VERSION = 1, TID_MAIN = 0, TID_LINKS = 16 };

static void begin(Emu *e, uint32_t tile, const char *phase, unsigned tid, uint64_t ts)
{
  fprintf(e->trace->out, "%s\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u,\"ts\":%" PRIu64,
          e->trace->wrote ? "," : "", phase, tile + 1, tid, ts);
  e->trace->wrote = true;
}

static void name(Emu *e, const char *text, const char *category)
{
  fputs(",\"name\":", e->trace->out);
  json_text(e->trace->out, text);
  fprintf(e->trace->out, ",\"cat\":\"%s\"", category);
}

static void place(Emu *e, uint32_t tile, uint32_t pc)
{
  ImagePlace at = image_user_line(e->classes[e->tiles[tile].cls].img, pc);
  fprintf(e->trace->out, "\"pc\":%u", pc);
  if (!at.file)
    return;
  fputs(",\"file\":", e->trace->out);
  json_text(e->trace->out, at.file);
  fprintf(e->trace->out, ",\"line\":%u", at.line);
}

// ---- names of tiles and their rows ----

static void introduce_row(Emu *e, uint32_t tile, unsigned tid, const char *text)
{
  begin(e, tile, "M", tid, 0);
  fprintf(e->trace->out, ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}", text);
}

static void introduce(Emu *e, uint32_t tile)
{
  uint64_t *word = &e->trace->named[tile / 64], bit = 1ull << tile % 64;
  if (*word & bit)
    return;
  *word |= bit;
  char text[80];
  snprintf(text, sizeof text, "tile (%u, %u)", tile % e->width, tile / e->width);
  begin(e, tile, "M", TID_MAIN, 0);
  fprintf(e->trace->out, ",\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}", text);
  begin(e, tile, "M", TID_MAIN, 0);
  fprintf(e->trace->out, ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%u}}", tile);
  introduce_row(e, tile, TID_MAIN, "main thread");
  for (unsigned u = 0; u < MAX_UTS; u++) {
    snprintf(text, sizeof text, "microthread %u", u);
    introduce_row(e, tile, 1 + u, text);
  }
  for (Dir d = 0; d < DIR_COUNT; d++) {
    snprintf(text, sizeof text, "to %s", dir_name(d));
    introduce_row(e, tile, TID_LINKS + d, text);
  }
}

// ---- events ----

static unsigned row(const TraceEvent *v)
{
  return v->x < MAX_UTS ? 1u + v->x : TID_MAIN;
}

static void task(Emu *e, const TraceEvent *v)
{
  static const char *const kinds[] = {"local", "data", "control", "host"};
  const ImageSymbol *s = image_symbol_at(e->classes[e->tiles[v->tile].cls].img, v->a);
  begin(e, v->tile, "B", TID_MAIN, v->cycle);
  name(e, s ? s->name : "task", "task");
  fprintf(e->trace->out, ",\"args\":{\"kind\":\"%s\",\"id\":%u,", kinds[v->x], v->y);
  place(e, v->tile, v->a);
  fputs("}}", e->trace->out);
}

static void operation(Emu *e, const TraceEvent *v, bool whole)
{
  begin(e, v->tile, whole ? "X" : "B", whole ? TID_MAIN : row(v), v->cycle);
  if (whole)
    fprintf(e->trace->out, ",\"dur\":%u", v->b);
  char text[40];
  snprintf(text, sizeof text, "@%s", isa_dsd((DsdOp)v->y)->name);
  name(e, text, "dsd");
  fputs(",\"args\":{", e->trace->out);
  if (v->c != UINT32_MAX)
    fprintf(e->trace->out, "\"elements\":%u,", v->c);
  place(e, v->tile, v->a);
  fputs("}}", e->trace->out);
}

static void stall(Emu *e, const TraceEvent *v)
{
  static const char *const waits[] = {"slot",      "input",     "output",
                                      "FIFO data", "FIFO room", "unblock"};
  char text[40];
  snprintf(text, sizeof text, "waits for %s", waits[v->y]);
  begin(e, v->tile, "X", row(v), v->cycle - v->b);
  fprintf(e->trace->out, ",\"dur\":%u", v->b);
  name(e, text, "stall");
  fprintf(e->trace->out, ",\"args\":{\"queue\":%u", v->c);
  if (v->d != QUEUE_UNBOUND)
    fprintf(e->trace->out, ",\"color\":%u", v->d);
  fputs("}}", e->trace->out);
}

// One event for each way that a wavelet leaves a router.
static void route(Emu *e, const TraceEvent *v)
{
  char text[16];
  snprintf(text, sizeof text, "C%u", v->y);
  for (Dir d = 0; d < DIR_COUNT; d++) {
    if (!(v->d & DIR_BIT(d)))
      continue;
    begin(e, v->tile, "X", TID_LINKS + d, v->cycle);
    fputs(",\"dur\":1", e->trace->out);
    name(e, text, "wavelet");
    fprintf(e->trace->out,
            ",\"args\":{\"color\":%u,\"data\":%u,\"control\":%s,\"from\":\"%s\",\"ident\":%u}}",
            v->y, v->a, v->x ? "true" : "false", dir_name((Dir)v->c), v->b);
  }
}

static void switched(Emu *e, const TraceEvent *v)
{
  begin(e, v->tile, "i", TID_LINKS + DIR_RAMP, v->cycle);
  name(e, "switch", "switch");
  fprintf(e->trace->out, ",\"s\":\"t\",\"args\":{\"color\":%u,\"position\":%u}}", v->y, v->c);
}

static void end(Emu *e, const TraceEvent *v, unsigned tid)
{
  begin(e, v->tile, "E", tid, v->cycle);
  fputc('}', e->trace->out);
}

void trace_file(Emu *e, const TraceEvent *v)
{
  if (v->kind == TRACE_INSN || v->kind == TRACE_LAND || v->kind == TRACE_WAIT ||
      v->kind == TRACE_WRITE || v->kind == TRACE_SEND)
    return; // the rest says it all
  introduce(e, v->tile);
  switch ((TraceKind)v->kind) {
  case TRACE_TASK: task(e, v); break;
  case TRACE_TASK_END: end(e, v, TID_MAIN); break;
  case TRACE_OP: operation(e, v, true); break;
  case TRACE_THREAD: operation(e, v, false); break;
  case TRACE_THREAD_END: end(e, v, row(v)); break;
  case TRACE_STALL: stall(e, v); break;
  case TRACE_ROUTE: route(e, v); break;
  case TRACE_SWITCH: switched(e, v); break;
  default: break;
  }
}

void trace_file_begin(Emu *e)
{
  fprintf(e->trace->out,
          "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"format\":\"weft-trace\",\"version\":%d,"
          "\"arch\":\"%s\",\"width\":%u,\"height\":%u},\n\"traceEvents\":[",
          VERSION, e->arch->name, e->width, e->height);
}

void trace_file_end(Emu *e)
{
  fputs("\n]}\n", e->trace->out);
}
