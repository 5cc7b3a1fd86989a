// The independent route checker's pass: encodes every route set as the image does, finds out which
// tiles send what, and lets passes/route_graph.c follow every colour.
#include "passes/pass.h"
#include "passes/route_graph.h"
#include "support/memory.h"
#include "target/registers.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

typedef struct Checker {
  PassContext *ctx;
  const FabricModule *f;
  uint64_t *words;   // stb_ds: [set][color]
  uint32_t used;     // colours with a route anywhere
  uint32_t *sends;   // per tile
  uint8_t *rewrites; // per tile
  bool ok;
} Checker;

// ---- what the programs do ----

typedef struct ClassFacts { // of one tile class
  uint32_t sends;           // colours known for all tiles
  uint32_t *per_tile;       // stb_ds: tile constants that hold a colour sent
  bool rewrites;
} ClassFacts;

static void note_color(const TileModule *m, IrRef color, ClassFacts *facts)
{
  uint32_t c;
  if (ref_value(m, color, &c) && c < MAX_COLORS)
    facts->sends |= 1u << c;
  else if (IR_TAG(color) == REF_TILECONST)
    arrput(facts->per_tile, IR_INDEX(color));
}

// Does a write to this register change where wavelets go?
static bool is_routing(ArchId arch, uint32_t address)
{
  RegisterId reg;
  uint32_t index;
  return register_find(arch, address, &reg, &index) && (reg == REG_color || reg >= REG_switch);
}

static void note_inst(const TileModule *m, const IrInst *in, ClassFacts *facts)
{
  if (in->op == IR_DSD_FAB && m->fabrics[in->aux].kind == DSD_FABOUT)
    note_color(m, in->b, facts);
  uint32_t address;
  if (in->op == IR_SYS && in->aux == SYS_cfg_write)
    facts->rewrites |= !ref_value(m, in->a, &address) || is_routing(m->arch, address);
}

static ClassFacts read_class(const TileModule *m)
{
  ClassFacts facts = {0};
  for (size_t i = 0; i < arrlenu(m->setup); i++) {
    if (m->setup[i].kind == SETUP_OUTPUT_QUEUE)
      note_color(m, m->setup[i].a, &facts);
    facts.rewrites |= m->setup[i].kind == SETUP_CONFIG && is_routing(m->arch, m->setup[i].id);
  }
  for (size_t i = 0; i < arrlenu(m->funcs); i++)
    for (size_t k = 0; k < arrlenu(m->funcs[i].blocks); k++)
      for (size_t n = 0; n < arrlenu(m->funcs[i].blocks[k].insts); n++)
        note_inst(m, &m->funcs[i].insts[m->funcs[i].blocks[k].insts[n]], &facts);
  return facts;
}

static uint32_t sent_by_tile(const FabricClass *c, const ClassFacts *facts, size_t nth)
{
  uint32_t sends = facts->sends;
  size_t columns = arrlenu(c->module->tileconsts);
  for (size_t i = 0; i < arrlenu(facts->per_tile); i++) {
    uint32_t color = c->const_values[nth * columns + facts->per_tile[i]];
    sends |= color < MAX_COLORS ? 1u << color : 0;
  }
  return sends;
}

static void read_programs(Checker *k)
{
  const FabricModule *f = k->f;
  size_t tiles = (size_t)f->width * f->height;
  ClassFacts *facts = NULL;
  size_t *nth = NULL; // tiles of each class seen so far
  for (size_t i = 0; i < arrlenu(f->classes); i++) {
    arrput(facts, read_class(f->classes[i].module));
    arrput(nth, 0);
  }
  for (size_t i = 0; i < tiles; i++) {
    uint32_t class = f->tile_class[i];
    k->sends[i] = class == FABRIC_NO_CLASS
                      ? 0
                      : sent_by_tile(&f->classes[class], &facts[class], nth[class]++);
    k->rewrites[i] = class != FABRIC_NO_CLASS && facts[class].rewrites;
  }
  for (size_t i = 0; i < arrlenu(facts); i++)
    arrfree(facts[i].per_tile);
  arrfree(facts);
  arrfree(nth);
}

// ---- reports ----

static SrcRange place_of(const Checker *k, uint32_t x, uint32_t y, uint32_t color)
{
  return pos_range(fir_route_pos(k->f, (size_t)y * k->f->width + x, color));
}

static bool is_configured(const Checker *k, uint32_t x, uint32_t y, uint32_t color)
{
  uint32_t set = k->f->tile_routes[(size_t)y * k->f->width + x];
  return k->words[(size_t)set * MAX_COLORS + color] != 0;
}

static void report_nowhere(Checker *k, const RouteFinding *f)
{
  uint32_t nx = f->x + (uint32_t)dir_dx(f->from), ny = f->y + (uint32_t)dir_dy(f->from);
  DIAG_AT(k->ctx->diags, route_nowhere, place_of(k, f->x, f->y, f->color), f->color, f->x, f->y,
          dir_name(f->from), nx, ny, dir_name(dir_opposite(f->from)));
  if (is_configured(k, nx, ny, f->color))
    diag_note(k->ctx->diags, place_of(k, nx, ny, f->color),
              "the route of the colour on tile %u,%u is set here", nx, ny);
}

static void report(const RouteFinding *f, size_t more, void *arg)
{
  Checker *k = arg;
  Diags *d = k->ctx->diags;
  SrcRange at = place_of(k, f->x, f->y, f->color);
  switch (f->fault) {
  case FAULT_NOWHERE: report_nowhere(k, f); break;
  case FAULT_TWO_SENDERS:
    DIAG_AT(d, route_two_senders, at, f->x, f->y, f->color, dir_name(f->from), dir_name(f->other));
    diag_note(d, (SrcRange){0},
              "a router does not merge: unless they never come together, give one of them "
              "another colour, or a switch position of its own");
    break;
  case FAULT_MAY_MEET:
    DIAG_AT(d, route_may_meet, at, f->color, f->x, f->y, dir_name(f->from), dir_name(f->other));
    break;
  case FAULT_LOOP: DIAG_AT(d, route_loop, at, f->color, f->x, f->y); break;
  }
  if (more)
    diag_note(d, (SrcRange){0}, "the same at %zu more tiles", more);
  k->ok &= f->fault == FAULT_MAY_MEET || f->fault == FAULT_TWO_SENDERS;
}

bool pass_check_routes(PassContext *ctx)
{
  const FabricModule *f = ctx->fabric;
  size_t tiles = (size_t)f->width * f->height;
  Checker k = {.ctx = ctx, .f = f, .ok = true};
  k.sends = mem_zeroed(tiles + 1, sizeof *k.sends);
  k.rewrites = mem_zeroed(tiles + 1, 1);
  k.words = fir_route_words(k.f, &k.used);
  read_programs(&k);
  RouteGrid grid = {f->width, f->height, k.words, MAX_COLORS, f->tile_routes, k.sends, k.rewrites};
  for (uint32_t c = 0; c < MAX_COLORS; c++)
    if (k.used >> c & 1 && !route_graph_check(&grid, c, report, &k))
      PANIC("a route word of colour %u does not decode", c); // fir_verify has seen to it
  free(k.sends);
  free(k.rewrites);
  arrfree(k.words);
  return k.ok;
}
