// Sections whose start address the command line gives: their globals lie there in the order of the
// source, and nothing else does (spec language 4.2).
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

static uint64_t end_of(const TileModule *m, const IrGlobal *g)
{
  return (uint64_t)g->address + tir_size(m, g->type);
}

// Places the globals of one section; false after a report.
static bool place_section(PassContext *ctx, uint32_t first, FixedRange *range)
{
  TileModule *m = ctx->tile;
  const IrGlobal *head = &m->globals[first];
  uint32_t limit = arch_get(m->arch)->memory_bytes;
  uint64_t at = head->section_start;
  range->begin = head->section_start;
  range->name = head->section;
  for (uint32_t i = first; i < arrlenu(m->globals); i++) {
    IrGlobal *g = &m->globals[i];
    if (g->external || !g->section || strcmp(g->section, range->name) != 0)
      continue;
    uint32_t align = global_alignment(m, i);
    at = (at + align - 1) / align * align;
    if (at < DATA_FIRST || at + tir_size(m, g->type) > limit) {
      DIAG_AT(ctx->diags, section_outside, pos_range(g->pos), g->name, range->name,
              (unsigned long long)at, DATA_FIRST, limit);
      return false;
    }
    g->address = (uint32_t)at;
    at = end_of(m, g);
  }
  range->end = (uint32_t)at;
  return true;
}

static bool is_first_of_section(const TileModule *m, uint32_t global)
{
  const IrGlobal *g = &m->globals[global];
  if (!g->section_start || g->external)
    return false;
  for (uint32_t i = 0; i < global; i++)
    if (m->globals[i].section && !m->globals[i].external &&
        strcmp(m->globals[i].section, g->section) == 0)
      return false;
  return true;
}

static bool overlaps_another(PassContext *ctx, const FixedRange *ranges, const FixedRange *r,
                             SrcPos pos)
{
  for (ptrdiff_t i = 0; i < arrlen(ranges); i++)
    if (r->begin < ranges[i].end && ranges[i].begin < r->end) {
      DIAG_AT(ctx->diags, sections_overlap, pos_range(pos), r->name, r->begin, r->end,
              ranges[i].name, ranges[i].begin, ranges[i].end);
      return true;
    }
  return false;
}

bool place_fixed_sections(PassContext *ctx, FixedRange **ranges)
{
  TileModule *m = ctx->tile;
  bool ok = true;
  for (uint32_t i = 0; i < arrlenu(m->globals); i++) {
    FixedRange r;
    if (!is_first_of_section(m, i))
      continue;
    if (!place_section(ctx, i, &r) || overlaps_another(ctx, *ranges, &r, m->globals[i].pos))
      ok = false;
    else
      arrput(*ranges, r);
  }
  return ok;
}

uint64_t skip_fixed(const FixedRange *ranges, uint64_t at, uint32_t align, uint64_t size)
{
  at = (at + align - 1) / align * align;
  for (ptrdiff_t i = 0; i < arrlen(ranges); i++)
    if (at < ranges[i].end && ranges[i].begin < at + size) {
      at = ((uint64_t)ranges[i].end + align - 1) / align * align;
      i = -1; // the new place may lie in a range that was looked at before
    }
  return at;
}
