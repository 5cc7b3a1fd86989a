// The pass table and the driver loop; see passes.h.
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

const Pass pass_table[] = {
#define PASS(function, name, per_tile, what) {name, per_tile, function, what},
#include "passes/passes.def"
#undef PASS
    {NULL, false, NULL, NULL}};

const Pass *pass_find(const char *name)
{
  for (const Pass *p = pass_table; p->name; p++)
    if (strcmp(p->name, name) == 0)
      return p;
  return NULL;
}

bool ref_value(const TileModule *m, IrRef ref, uint32_t *value)
{
  if (IR_TAG(ref) != REF_CONST)
    return false;
  *value = (uint32_t)m->consts[IR_INDEX(ref)].bits;
  return true;
}

SrcRange pos_range(SrcPos pos)
{
  return (SrcRange){pos, pos ? pos + 1 : 0};
}

// Every module is processed even after an error in another, so that one run reports them all.
static bool run_on_tiles(const Pass *pass, PassContext *ctx)
{
  bool ok = true;
  for (size_t i = 0; i < arrlenu(ctx->fabric->classes); i++) {
    ctx->tile = ctx->fabric->classes[i].module;
    if (!ctx->tile)
      PANIC("class %zu has no tile module", i);
    ok &= pass->run(ctx);
  }
  ctx->tile = NULL;
  return ok;
}

static bool verify_all(const FabricModule *f, Diags *diags)
{
  bool ok = fir_verify(f, diags);
  for (size_t i = 0; i < arrlenu(f->classes); i++)
    ok &= tir_verify(f->classes[i].module, diags);
  return ok;
}

bool passes_run(FabricModule *f, const Sources *sources, Diags *diags, const char *stop_after,
                FILE *report, void (*after)(const Pass *pass, FabricModule *f, void *arg),
                void *arg)
{
  if (!verify_all(f, diags))
    return false;
  for (const Pass *p = pass_table; p->name; p++) {
    PassContext ctx = {.fabric = f, .sources = sources, .diags = diags, .report = report};
    if (!(p->per_tile ? run_on_tiles(p, &ctx) : p->run(&ctx)))
      return false;
    if (!verify_all(f, diags)) {
      DIAG_AT(diags, pass_broke_ir, ((SrcRange){0}), p->name);
      return false;
    }
    if (after)
      after(p, f, arg);
    if (stop_after && strcmp(stop_after, p->name) == 0)
      break;
  }
  return true;
}
