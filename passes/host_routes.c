// Routes of the memcpy streaming colours (libraries 2.2): every tile that runs a program gets them
// between host port and ramp. Host transfers are native, so nothing else of the memcpy
// infrastructure lies on the fabric.
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

static bool has_color(const RouteSet *s, uint8_t color)
{
  for (size_t i = 0; i < arrlenu(s->configs); i++)
    if (s->configs[i].color == color)
      return true;
  return false;
}

// Colours that memcpy owns must be free of routes of the program's own (libraries 1.2).
static bool check_owned_colors(PassContext *ctx)
{
  bool ok = true;
  const FabricModule *f = ctx->fabric;
  for (size_t i = 0; i < arrlenu(f->route_sets); i++)
    for (uint8_t c = MEMCPY_FIRST_COLOR; c <= MEMCPY_LAST_COLOR; c++)
      if (has_color(&f->route_sets[i], c)) {
        DIAG_AT(ctx->diags, memcpy_color, pos_range(f->route_sets[i].pos), c);
        ok = false;
      }
  return ok;
}

static ColorConfig stream_config(const FabricStream *s)
{
  ColorConfig c;
  memset(&c, 0, sizeof c);
  c.color = s->color;
  c.route.valid[0] = true;
  c.route.rx[0] = DIR_BIT(s->to_host ? DIR_RAMP : DIR_HOST);
  c.route.tx[0] = DIR_BIT(s->to_host ? DIR_HOST : DIR_RAMP);
  return c;
}

// The route set that is `old` with the streams added.
static uint32_t with_streams(FabricModule *f, uint32_t old)
{
  ColorConfig *configs = NULL;
  const RouteSet *set = &f->route_sets[old];
  for (size_t i = 0; i < arrlenu(set->configs); i++)
    arrput(configs, set->configs[i]);
  for (size_t i = 0; i < arrlenu(f->streams); i++)
    if (!has_color(set, f->streams[i].color))
      arrput(configs, stream_config(&f->streams[i]));
  uint32_t number = fir_route_set(f, configs, (uint32_t)arrlen(configs), set->pos);
  arrfree(configs);
  return number;
}

static bool check_streams(PassContext *ctx)
{
  const FabricModule *f = ctx->fabric;
  for (size_t i = 0; i < arrlenu(f->streams); i++)
    for (size_t k = 0; k < i; k++)
      if (f->streams[k].color == f->streams[i].color) {
        DIAG_AT(ctx->diags, stream_color_twice, ((SrcRange){0}), f->streams[i].color);
        return false;
      }
  return true;
}

bool pass_host_routes(PassContext *ctx)
{
  FabricModule *f = ctx->fabric;
  if (!f->memcpy)
    return true;
  if (!check_owned_colors(ctx) || !check_streams(ctx))
    return false;
  uint32_t *changed = NULL; // new number of each old set, filled when first needed
  size_t old = arrlenu(f->route_sets), tiles = (size_t)f->width * f->height;
  arrsetlen(changed, old);
  memset(changed, 0xff, old * sizeof *changed);
  for (size_t i = 0; i < tiles && arrlen(f->streams); i++) {
    if (f->tile_class[i] == FABRIC_NO_CLASS)
      continue;
    uint32_t set = f->tile_routes[i];
    if (changed[set] == UINT32_MAX)
      changed[set] = with_streams(f, set);
    f->tile_routes[i] = changed[set];
  }
  arrfree(changed);
  return true;
}
