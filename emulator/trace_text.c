// Per-cycle lines of sim.log in the form that viewers of the vendor's simulator read (machine 8.2).
// They are asked for by kind (SIMFABRIC_DEBUG) and merged with what the program prints.
#include "arith/arith.h"
#include "emulator/rv32.h"
#include "emulator/trace.h"
#include <inttypes.h>
#include <stdarg.h>

static char link_letter(uint32_t port)
{
  static const char letters[DIR_COUNT] = {[DIR_WEST] = 'W',  [DIR_EAST] = 'E', [DIR_SOUTH] = 'S',
                                          [DIR_NORTH] = 'N', [DIR_RAMP] = 'R', [DIR_HOST] = 'D'};
  return port < DIR_COUNT ? letters[port] : '-';
}

__attribute__((format(printf, 3, 4))) static void line(Emu *e, const TraceEvent *v, const char *fmt,
                                                       ...)
{
  char text[320];
  va_list ap;
  int n = snprintf(text, sizeof text, "P%u.%u", v->tile % e->width + e->img->offset_x,
                   v->tile / e->width + e->img->offset_y);
  va_start(ap, fmt);
  vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
  va_end(ap);
  log_line(e, v->tile, v->cycle, text);
}

// "T12" or "T12.u3": task, and microthread if it is one.
static void thread_text(uint32_t task, uint8_t ut, char *out, size_t size)
{
  if (ut < MAX_UTS)
    snprintf(out, size, "T%u.u%u", task, ut);
  else
    snprintf(out, size, "T%u", task);
}

static const char *name_of_handler(int32_t handler)
{
  static const char *const names[] = {
#define RV(name, match, mask, format, regs, latency, meaning) [RV_##name] = #name,
#include "emulator/rv32.def"
#undef RV
  };
  const int32_t *handlers = core_handlers();
  for (unsigned k = 0; k < sizeof names / sizeof *names; k++)
    if (names[k] && handlers[k] == handler)
      return names[k];
  return "?";
}

static void instruction(Emu *e, const TraceEvent *v)
{
  const EmuClass *c = &e->classes[e->tiles[v->tile].cls];
  const Insn *d = &c->insns[c->entry[(v->a - CODE_BASE) / 2]];
  const int32_t *handlers = core_handlers();
  if (d->handler == handlers[RV_DSD])
    line(e, v, ": [IS OP] 0x%x: T%u %s Dest:DS%u Src0:DS%u Src1:DS%u", v->a, v->y,
         isa_dsd((DsdOp)d->target)->name, d->rd & 15u, d->rs1 & 15u, d->rs2 & 15u);
  else if (d->handler == handlers[RV_SYS])
    line(e, v, ": [IS OP] 0x%x: T%u %s Dest:R%u Src0:R%u Src1:R%u", v->a, v->y,
         isa_sys((SysOp)d->target)->name, d->rd, d->rs1, d->rs2);
  else
    line(e, v, ": [IS OP] 0x%x: T%u %s Dest:R%u Src0:R%u Src1:R%u Imm:0x%x", v->a, v->y,
         name_of_handler(d->handler), d->rd, d->rs1, d->rs2, d->imm);
}

static void operation(Emu *e, const TraceEvent *v)
{
  char thread[24];
  thread_text(v->d, v->kind == TRACE_OP ? MAX_UTS : v->x, thread, sizeof thread);
  line(e, v, ": [EX OP] 0x%x: %s %s num_data:%u", v->a, thread, isa_dsd((DsdOp)v->y)->name, v->c);
}

static void route(Emu *e, const TraceEvent *v)
{
  static const Dir order[] = {DIR_EAST, DIR_NORTH, DIR_WEST, DIR_SOUTH, DIR_RAMP};
  char departing[6] = "     ";
  for (unsigned k = 0; k < 5; k++)
    if (v->d & DIR_BIT(order[k]))
      departing[k] = link_letter(order[k]);
  double value = (double)arith_float(v->a);
  line(e, v,
       " (hwtile) wavelet C%u ctrl=%u, idx=%x, data=%x (%g(%d)), half=0, ident=%016x landing=%c "
       "departing=/%s/%s",
       v->y, v->x, v->a >> 16, v->a & 0xffff, value, (int)(v->a >> 23 & 0xff) - 127, v->b,
       link_letter(v->c), departing, v->d & DIR_BIT(DIR_RAMP) ? ", to_ce_from_router" : "");
}

static void waits(Emu *e, const TraceEvent *v)
{
  if (v->y == WAIT_INPUT)
    line(e, v, ": Not enough wavelets (0/1) for SRC1 with C%u, IN_Q[%u], SIMD-32", v->d, v->c);
  else if (v->y == WAIT_OUTPUT)
    line(e, v, ": Backpressure on C%u for OUT_Q[%u]", v->d, v->c);
}

static void stalled(Emu *e, const TraceEvent *v)
{
  static const char *const why[] = {"slot",      "input",     "output",
                                    "FIFO data", "FIFO room", "blocked microthread"};
  char thread[24] = "main thread";
  if (v->x < MAX_UTS)
    snprintf(thread, sizeof thread, "microthread %u", v->x);
  line(e, v, ": Pipe: 2, Msg: stall: %s of %s for %u cycles", why[v->y], thread, v->b);
}

static void landing(Emu *e, const TraceEvent *v)
{
  line(e, v, " (hwtile) landing C%u from link %c,", v->y, link_letter(v->c));
}

static void queue_line(Emu *e, const TraceEvent *v, const char *what)
{
  line(e, v, ": %s wavelet C%u ctrl=%u, data=%x ident:%016x %s OUT_Q[%u]", what, v->y, v->d, v->a,
       v->b, v->kind == TRACE_WRITE ? "to" : "on", v->c);
}

void trace_text(Emu *e, const TraceEvent *v)
{
  unsigned debug = e->trace->debug;
  bool inst = debug & DEBUG_INST;
  switch ((TraceKind)v->kind) {
  case TRACE_INSN:
    if (inst)
      instruction(e, v);
    break;
  case TRACE_OP:
  case TRACE_THREAD:
    if (inst)
      operation(e, v);
    break;
  case TRACE_WRITE:
    if (inst)
      queue_line(e, v, "Writing");
    break;
  case TRACE_SEND:
    if (inst)
      queue_line(e, v, "Sending");
    break;
  case TRACE_WAIT:
    if (debug & DEBUG_STALLS)
      waits(e, v);
    break;
  case TRACE_STALL:
    if (debug & DEBUG_STALLS)
      stalled(e, v);
    break;
  case TRACE_LAND:
    if (debug & DEBUG_LANDING)
      landing(e, v);
    break;
  case TRACE_ROUTE:
    if (debug & DEBUG_ROUTER)
      route(e, v);
    break;
  case TRACE_SWITCH:
    if (debug & DEBUG_ROUTER)
      line(e, v, " (hwtile) switch C%u pos=%u", v->y, v->c);
    break;
  default: break;
  }
}

void trace_text_header(Emu *e)
{
  uint32_t programs = 0;
  for (uint32_t t = 0; t < e->n_tiles; t++)
    programs += e->tiles[t].cls != NO_CLASS;
  fprintf(e->opt.log,
          "@0 dimX=%u, dimY=%u\n@0 Architecture is: %s\n@0 Simtile is: hwtile\n"
          "@0 Sim stats: tiles=%u, simulated_tiles=%u, hwtile=%u, iotile=0, nultile=%u\n",
          e->img->fabric_width, e->img->fabric_height, e->arch->name, e->n_tiles, programs,
          programs, e->n_tiles - programs);
}
