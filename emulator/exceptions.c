// Exceptions that the program let through (<tile_config/exceptions>): the operation that raises one
// stops the tile. A tile that masks them all pays nothing: only others run the checked copy of
// their program and element by element.
#include "arith/exceptions.h"
#include "emulator/internal.h"
#include "emulator/rv32.h"
#include "support/memory.h"
#include <math.h>

typedef struct Kind { // an exception and its place in the mask
  unsigned raised;
  uint16_t masked;
  const char *name;
} Kind;
#define MASK_BIT(field) (1u << FIELD_exception_mask_##field##_AT)
static const Kind kinds[] = {{ARITH_RAISES_INVALID, MASK_BIT(invalid), "invalid operation"},
                             {ARITH_RAISES_DIV_BY_0, MASK_BIT(div_by_0), "division by zero"},
                             {ARITH_RAISES_OVERFLOW, MASK_BIT(overflow), "overflow"},
                             {ARITH_RAISES_UNDERFLOW, MASK_BIT(underflow), "underflow"},
                             {ARITH_RAISES_INEXACT, MASK_BIT(inexact), "inexact result"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

void exception_set_mask(Emu *e, uint32_t tile, uint16_t mask)
{
  uint16_t all = 0;
  for (int i = 0; i < KINDS; i++)
    all |= kinds[i].masked;
  e->cold[tile].exception_mask = mask;
  e->tiles[tile].trapping = (mask & all) != all;
}

// Stops the run if one of the raised exceptions is let through.
static bool passes(Emu *e, uint32_t tile, uint32_t pc, unsigned raised)
{
  for (int i = 0; i < KINDS; i++)
    if (raised & kinds[i].raised && !(e->cold[tile].exception_mask & kinds[i].masked)) {
      emu_fault(e, tile, FAULT_PROGRAM, pc,
                "floating-point exception: %s (let through by set_exception_mask)", kinds[i].name);
      return false;
    }
  return true;
}

// ---- scalar instructions ----

static double single(uint32_t bits)
{
  return arith_float(bits);
}

static unsigned of_single(ArithOp op, uint32_t a, uint32_t b, uint32_t c, uint32_t result)
{
  return arith_exceptions(op, single(a), single(b), single(c), single(result),
                          ARITH_F32_MIN_NORMAL);
}

static unsigned of_half(ArithHalf f, ArithOp op, uint16_t a, uint16_t b, uint16_t c,
                        uint16_t result)
{
  return arith_exceptions(op, arith_half_to_f64(f, a), arith_half_to_f64(f, b),
                          arith_half_to_f64(f, c), arith_half_to_f64(f, result),
                          arith_half_min_normal(f));
}

static unsigned fma_single(uint32_t a, uint32_t b, uint32_t c)
{
  return of_single(ARITH_FMA, a, b, c, arith_f32_fma(a, b, c));
}

static unsigned fma_half(uint16_t a, uint16_t b, uint16_t c)
{
  return of_half(ARITH_F16, ARITH_FMA, a, b, c, arith_half_fma(ARITH_F16, a, b, c));
}

// Conversion to a 32-bit integer with the rounding mode of the instruction.
static unsigned to_integer(double v, uint32_t mode, bool is_signed)
{
  double r = mode == 1   ? trunc(v)
             : mode == 2 ? floor(v)
             : mode == 3 ? ceil(v)
             : mode == 4 ? round(v)
                         : nearbyint(v);
  double held = is_signed ? (double)arith_to_signed(r, 32) : (double)arith_to_unsigned(r, 32);
  return arith_int_exceptions(v, r, held);
}

static unsigned from_integer(double v, double result, double min_normal)
{
  return arith_exceptions(ARITH_MOVE, v, 0, 0, result, min_normal);
}

static unsigned compare(double a, double b)
{
  return isnan(a) || isnan(b) ? ARITH_RAISES_INVALID : 0;
}

typedef struct InsnSources { // of an instruction
  uint32_t b1, b2, b3, x1, imm;
  uint16_t h1, h2, h3;
} InsnSources;

static unsigned raised_single(RvOp op, const InsnSources *s)
{
  const uint32_t sign = 0x80000000u;
  switch (op) {
  case RV_FADD_S: return of_single(ARITH_ADD, s->b1, s->b2, 0, arith_f32_add(s->b1, s->b2));
  case RV_FSUB_S: return of_single(ARITH_SUB, s->b1, s->b2, 0, arith_f32_sub(s->b1, s->b2));
  case RV_FMUL_S: return of_single(ARITH_MUL, s->b1, s->b2, 0, arith_f32_mul(s->b1, s->b2));
  case RV_FDIV_S: return of_single(ARITH_DIV, s->b1, s->b2, 0, arith_f32_div(s->b1, s->b2));
  case RV_FSQRT_S: return of_single(ARITH_SQRT, s->b1, 0, 0, arith_f32_sqrt(s->b1));
  case RV_FMADD_S: return fma_single(s->b1, s->b2, s->b3);
  case RV_FMSUB_S: return fma_single(s->b1, s->b2, s->b3 ^ sign);
  case RV_FNMSUB_S: return fma_single(s->b1 ^ sign, s->b2, s->b3);
  case RV_FNMADD_S: return fma_single(s->b1 ^ sign, s->b2, s->b3 ^ sign);
  case RV_FLT_S:
  case RV_FLE_S: return compare(single(s->b1), single(s->b2));
  case RV_FCVT_W_S: return to_integer(single(s->b1), s->imm, true);
  case RV_FCVT_WU_S: return to_integer(single(s->b1), s->imm, false);
  case RV_FCVT_S_W:
    return from_integer((int32_t)s->x1, (float)(int32_t)s->x1, ARITH_F32_MIN_NORMAL);
  case RV_FCVT_S_WU: return from_integer(s->x1, (float)s->x1, ARITH_F32_MIN_NORMAL);
  default: return 0;
  }
}

static unsigned raised_half(RvOp op, const InsnSources *s)
{
  const ArithHalf f = ARITH_F16;
  const uint16_t sign = 0x8000;
  uint16_t a = s->h1, b = s->h2, c = s->h3;
  switch (op) {
  case RV_FADD_H: return of_half(f, ARITH_ADD, a, b, 0, arith_half_add(f, a, b));
  case RV_FSUB_H: return of_half(f, ARITH_SUB, a, b, 0, arith_half_sub(f, a, b));
  case RV_FMUL_H: return of_half(f, ARITH_MUL, a, b, 0, arith_half_mul(f, a, b));
  case RV_FDIV_H: return of_half(f, ARITH_DIV, a, b, 0, arith_half_div(f, a, b));
  case RV_FSQRT_H: return of_half(f, ARITH_SQRT, a, 0, 0, arith_half_sqrt(f, a));
  case RV_FMADD_H: return fma_half(a, b, c);
  case RV_FMSUB_H: return fma_half(a, b, c ^ sign);
  case RV_FNMSUB_H: return fma_half(a ^ sign, b, c);
  case RV_FNMADD_H: return fma_half(a ^ sign, b, c ^ sign);
  case RV_FLT_H:
  case RV_FLE_H: return compare(arith_half_to_f64(f, a), arith_half_to_f64(f, b));
  case RV_FCVT_W_H: return to_integer(arith_half_to_f64(f, a), s->imm, true);
  case RV_FCVT_WU_H: return to_integer(arith_half_to_f64(f, a), s->imm, false);
  case RV_FCVT_H_S:
    return from_integer(single(s->b1), arith_half_to_f64(f, arith_half_from_f32(f, s->b1)),
                        arith_half_min_normal(f));
  case RV_FCVT_H_W:
    return from_integer((int32_t)s->x1,
                        arith_half_to_f64(f, arith_half_from_i64(f, (int32_t)s->x1)),
                        arith_half_min_normal(f));
  case RV_FCVT_H_WU:
    return from_integer(s->x1, arith_half_to_f64(f, arith_half_from_u64(f, s->x1)),
                        arith_half_min_normal(f));
  default: return 0;
  }
}

static uint16_t unboxed(uint32_t f)
{
  return f >= 0xffff0000u ? (uint16_t)f : 0x7e00;
}

bool exception_check(Emu *e, uint32_t tile, uint32_t pc, const Insn *d, const RegFile *r)
{
  InsnSources s = {
      r->f[d->rs1 & 31], r->f[d->rs2 & 31], r->f[d->rs3 & 31], r->x[d->rs1], d->imm, 0, 0, 0};
  s.h1 = unboxed(s.b1);
  s.h2 = unboxed(s.b2);
  s.h3 = unboxed(s.b3);
  return passes(e, tile, pc, raised_single((RvOp)d->target, &s) | raised_half((RvOp)d->target, &s));
}

// ---- the checked copy of a program ----

static bool can_raise(RvOp op)
{
  return op >= RV_FMADD_S && op < RV_DSD;
}

const Insn *exception_program(EmuClass *c)
{
  if (c->checked)
    return c->checked;
  const int32_t *handlers = core_handlers();
  c->checked = mem_resize(NULL, (c->n_insns + 1) * sizeof *c->checked);
  memcpy(c->checked, c->insns, c->n_insns * sizeof *c->checked);
  for (uint32_t i = 0; i < c->n_insns; i++)
    for (RvOp op = 0; op < RV_OPS; op++)
      if (can_raise(op) && c->insns[i].handler == handlers[op]) {
        c->checked[i].handler = handlers[RV_CHECKED];
        c->checked[i].target = op;
        break;
      }
  return c->checked;
}

// ---- DSD operations and 16-bit scalars that are not IEEE ----

static unsigned dsd_mixed(DsdOp op, ArithHalf f, uint32_t a, uint32_t b, uint32_t s, uint32_t v)
{
  double half = arith_half_to_f64(f, (uint16_t)b);
  switch (op) {
  case DSD_faddhs:
    return arith_exceptions(ARITH_ADD, single(a), half, 0, single(v), ARITH_F32_MIN_NORMAL);
  case DSD_fmachs:
    return arith_exceptions(ARITH_FMA, half, arith_half_to_f64(f, (uint16_t)s), single(a),
                            single(v), ARITH_F32_MIN_NORMAL);
  case DSD_fs2h:
    return from_integer(single(b), arith_half_to_f64(f, (uint16_t)v), arith_half_min_normal(f));
  case DSD_xp162fh:
    return from_integer((int16_t)b, arith_half_to_f64(f, (uint16_t)v), arith_half_min_normal(f));
  case DSD_fh2xp16: return arith_int_exceptions(half, nearbyint(half), (int16_t)v);
  case DSD_fs2xp16: return arith_int_exceptions(single(b), nearbyint(single(b)), (int16_t)v);
  default: return 0;
  }
}

static unsigned dsd_raised(DsdOp op, ArithHalf f, uint32_t a, uint32_t b, uint32_t s, uint32_t v)
{
  uint16_t ha = (uint16_t)a, hb = (uint16_t)b, hs = (uint16_t)s, hv = (uint16_t)v;
  switch (op) {
  case DSD_fadds: return of_single(ARITH_ADD, a, b, 0, v);
  case DSD_fsubs: return of_single(ARITH_SUB, a, b, 0, v);
  case DSD_fmuls: return of_single(ARITH_MUL, a, b, 0, v);
  case DSD_fmacs: return of_single(ARITH_FMA, b, s, a, v);
  case DSD_fscales:
    return arith_exceptions(ARITH_SCALE, single(a), (int16_t)b, 0, single(v), ARITH_F32_MIN_NORMAL);
  case DSD_faddh: return of_half(f, ARITH_ADD, ha, hb, 0, hv);
  case DSD_fsubh: return of_half(f, ARITH_SUB, ha, hb, 0, hv);
  case DSD_fmulh: return of_half(f, ARITH_MUL, ha, hb, 0, hv);
  case DSD_fmach: return of_half(f, ARITH_FMA, hb, hs, ha, hv);
  case DSD_fscaleh:
    return arith_exceptions(ARITH_SCALE, arith_half_to_f64(f, ha), (int16_t)b, 0,
                            arith_half_to_f64(f, hv), arith_half_min_normal(f));
  default: return dsd_mixed(op, f, a, b, s, v);
  }
}

bool exception_check_element(Emu *e, uint32_t tile, const Thread *th, uint32_t a, uint32_t b,
                             uint32_t result)
{
  return passes(e, tile, th->pc,
                dsd_raised((DsdOp)th->op, (ArithHalf)e->img->fp16, a, b, th->scalar, result));
}

bool exception_check_half(Emu *e, uint32_t tile, SysOp op, uint32_t a, uint32_t b, uint32_t result)
{
  ArithHalf f = (ArithHalf)e->img->fp16;
  uint16_t ha = (uint16_t)a, hb = (uint16_t)b, hr = (uint16_t)result;
  double min = arith_half_min_normal(f);
  unsigned raised = 0;
  switch (op) {
  case SYS_hadd: raised = of_half(f, ARITH_ADD, ha, hb, 0, hr); break;
  case SYS_hsub: raised = of_half(f, ARITH_SUB, ha, hb, 0, hr); break;
  case SYS_hmul: raised = of_half(f, ARITH_MUL, ha, hb, 0, hr); break;
  case SYS_hdiv: raised = of_half(f, ARITH_DIV, ha, hb, 0, hr); break;
  case SYS_hlt:
  case SYS_hle: raised = compare(arith_half_to_f64(f, ha), arith_half_to_f64(f, hb)); break;
  case SYS_s2h: raised = from_integer(single(a), arith_half_to_f64(f, hr), min); break;
  default: break;
  }
  return passes(e, tile, e->place, raised);
}
