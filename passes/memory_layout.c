// Addresses of globals and tile constants, stack size, and the memory report (DESIGN 3.4, address
// map).
//
// The private window of a tile starts at DATA_BASE: small globals, then the large ones, each in the
// order of the source, the block of tile constants, the stack on top. LLVM never places data: it
// sees external symbols at the addresses given here.
#include "passes/pass.h"
#include <stb/stb_ds.h>
#include <string.h>

enum {
  STACK_DEFAULT = 2048,
  STACK_MIN = 256,
  STACK_ALIGN = 16,
  WINDOW_ALIGN = 16,   // of data, stack and with them of the window (image/image.h)
  FRAME_OVERHEAD = 64, // saved registers and spills of one call; estimated
  FIFO_ALIGN = 16,     // language 13.7
  SMALL = 32,          // bytes of a variable that is no array worth the name; a mem4d_dsd has 24
  LARGEST_LISTED = 5
};

static uint32_t align_up(uint32_t value, uint32_t align)
{
  return (value + align - 1) / align * align;
}

// ---- stack ----

typedef struct StackWalk {
  const TileModule *m;
  uint32_t *depth; // stb_ds, bytes below and including the function; 0 = not computed
  uint8_t *state;  // stb_ds: 1 = on the current path, 2 = done
  bool recursive;
} StackWalk;

static uint32_t frame_bytes(const TileModule *m, const IrFunc *f)
{
  uint64_t bytes = FRAME_OVERHEAD;
  for (size_t i = 0; i < arrlenu(f->insts); i++)
    if (f->insts[i].op == IR_SLOT)
      bytes += align_up(tir_size(m, f->insts[i].aux), 4);
  return bytes > IR_MAX_TYPE_SIZE ? IR_MAX_TYPE_SIZE : align_up((uint32_t)bytes, STACK_ALIGN);
}

// A function whose callees are all done gets its depth; else the first that is not done comes
// first.
static bool visit(StackWalk *w, uint32_t func, uint32_t **path)
{
  const IrFunc *f = &w->m->funcs[func];
  uint32_t deepest = 0;
  w->state[func] = 1;
  for (size_t i = 0; i < arrlenu(f->insts); i++) {
    uint32_t callee = f->insts[i].aux;
    if (f->insts[i].op != IR_CALL)
      continue;
    if (w->state[callee] == 0) {
      arrput(*path, callee);
      return false;
    }
    w->recursive |= w->state[callee] == 1;
    deepest = w->depth[callee] > deepest ? w->depth[callee] : deepest;
  }
  uint64_t sum = (uint64_t)deepest + frame_bytes(w->m, f);
  w->depth[func] = sum > IR_MAX_TYPE_SIZE ? IR_MAX_TYPE_SIZE : (uint32_t)sum;
  w->state[func] = 2;
  return true;
}

// Bytes of the deepest chain of calls, as far as they are known before code generation.
static uint32_t stack_estimate(const TileModule *m)
{
  StackWalk w = {.m = m};
  uint32_t *path = NULL, deepest = 0;
  arrsetlen(w.depth, arrlenu(m->funcs) + 1);
  arrsetlen(w.state, arrlenu(m->funcs) + 1);
  memset(w.depth, 0, arrlenu(w.depth) * sizeof *w.depth);
  memset(w.state, 0, arrlenu(w.state));
  for (uint32_t i = 0; i < arrlenu(m->funcs); i++) {
    if (w.state[i] == 0)
      arrput(path, i);
    while (arrlen(path))
      if (w.state[arrlast(path)] == 2 || visit(&w, arrlast(path), &path))
        (void)arrpop(path);
    deepest = w.depth[i] > deepest ? w.depth[i] : deepest;
  }
  arrfree(path);
  arrfree(w.depth);
  arrfree(w.state);
  return w.recursive && deepest < STACK_DEFAULT ? STACK_DEFAULT : deepest;
}

// ---- addresses ----

uint32_t global_alignment(const TileModule *m, uint32_t global)
{
  const IrGlobal *g = &m->globals[global];
  uint32_t align = tir_align(m, g->type);
  if (g->align > align)
    align = g->align;
  for (size_t i = 0; i < arrlenu(m->fifos); i++)
    if (m->fifos[i].buffer == global && align < FIFO_ALIGN)
      align = FIFO_ALIGN;
  return align;
}

// Equal on all tiles and never written: neither patched per tile nor within reach of the host.
static bool is_shared(const IrGlobal *g)
{
  return g->constant && !g->exported && !g->section_start && arrlen(g->patches) == 0;
}

static bool is_zero(const IrGlobal *g, uint32_t size)
{
  for (uint32_t i = 0; g->init && i < size; i++)
    if (g->init[i])
      return false;
  return !arrlen(g->relocs) && !arrlen(g->patches);
}

typedef enum Group { SMALL_SET, SMALL_ZERO, LARGE } Group;

static Group group_of(const IrGlobal *g, uint32_t size)
{
  return size > SMALL ? LARGE : is_zero(g, size) ? SMALL_ZERO : SMALL_SET;
}

// Places globals of a group, the private or the shared ones, from `at` on, around what lies at
// given addresses; returns where they end.
static uint64_t place_group(TileModule *m, bool shared, Group group, const FixedRange *fixed,
                            uint64_t at)
{
  for (uint32_t i = 0; i < arrlenu(m->globals); i++) {
    IrGlobal *g = &m->globals[i];
    uint32_t size = tir_size(m, g->type);
    if (g->external || g->section_start || is_shared(g) != shared || group_of(g, size) != group)
      continue;
    at = skip_fixed(fixed, at, global_alignment(m, i), size);
    g->address = at < DATA_LIMIT ? (uint32_t)at : DATA_LIMIT;
    at += size;
  }
  return at;
}

// What code names directly comes first: an instruction reaches the first 2 KiB by its offset alone.
// What has a value from the start, such as pointers and DSDs, comes before what is filled later: a
// program that fills more than there is, unnoticed where the vendor's compiler keeps the two apart,
// does not lose those.
static uint64_t place_globals(TileModule *m, bool shared, const FixedRange *fixed, uint64_t at)
{
  for (Group group = SMALL_SET; group <= LARGE; group++)
    at = place_group(m, shared, group, fixed, at);
  return at;
}

// Four-byte constants first, then the others: no padding between them.
static uint64_t place_tileconsts(TileModule *m, const FixedRange *fixed, uint64_t at)
{
  if (arrlen(m->tileconsts))
    at = (at + 3) / 4 * 4;
  for (uint32_t size = 4; size > 0; size /= 2)
    for (size_t i = 0; i < arrlenu(m->tileconsts); i++)
      if (tir_size(m, m->tileconsts[i].type) == size) {
        at = skip_fixed(fixed, at, size, size);
        m->tileconsts[i].address = at < DATA_LIMIT ? (uint32_t)at : DATA_LIMIT;
        at += size;
      }
  return at;
}

static const char *symbol_of(const IrGlobal *g)
{
  return g->linkname ? g->linkname : g->name;
}

// An `extern` variable lies where the exported variable of the same symbol lies (language 10.1).
static bool resolve_externals(PassContext *ctx)
{
  TileModule *m = ctx->tile;
  bool ok = true;
  for (size_t i = 0; i < arrlenu(m->globals); i++) {
    IrGlobal *g = &m->globals[i];
    const IrGlobal *def = NULL;
    for (size_t k = 0; k < arrlenu(m->globals) && g->external && !def; k++)
      if (!m->globals[k].external && m->globals[k].exported &&
          strcmp(symbol_of(&m->globals[k]), symbol_of(g)) == 0)
        def = &m->globals[k];
    if (def)
      g->address = def->address;
    else if (g->external) {
      DIAG_AT(ctx->diags, undefined_extern, pos_range(g->pos), "variable", symbol_of(g));
      ok = false;
    }
  }
  return ok;
}

// ---- errors and report ----

// The numbers of the largest globals, largest first; returns how many there are, at most
// LARGEST_LISTED.
static unsigned largest_globals(const TileModule *m, uint32_t list[LARGEST_LISTED])
{
  unsigned n = 0;
  for (uint32_t i = 0; i < arrlenu(m->globals); i++) {
    uint32_t size = tir_size(m, m->globals[i].type);
    unsigned at = n;
    while (at > 0 && tir_size(m, m->globals[list[at - 1]].type) < size)
      at--;
    if (m->globals[i].external || at == LARGEST_LISTED)
      continue;
    n += n < LARGEST_LISTED;
    for (unsigned k = n - 1; k > at; k--)
      list[k] = list[k - 1];
    list[at] = i;
  }
  return n;
}

static void report_overflow(PassContext *ctx, uint64_t data, uint32_t stack, uint32_t memory)
{
  const TileModule *m = ctx->tile;
  uint32_t list[LARGEST_LISTED];
  unsigned n = largest_globals(m, list);
  SrcPos pos = n ? m->globals[list[0]].pos : 0;
  DIAG_AT(ctx->diags, memory_overflow, pos_range(pos), m->name, (unsigned long long)data, stack,
          memory);
  for (unsigned i = 0; i < n; i++) {
    const IrGlobal *g = &m->globals[list[i]];
    diag_note(ctx->diags, pos_range(g->pos), "'%s' takes %u bytes", g->name, tir_size(m, g->type));
  }
}

static void report_memory(PassContext *ctx, uint32_t shared, uint32_t memory)
{
  const TileModule *m = ctx->tile;
  if (!ctx->report)
    return;
  fprintf(ctx->report,
          "memory of %s: data %u, stack %u, shared constants %u, free for code %u of %u bytes\n",
          m->name, m->data_bytes, m->stack_bytes, shared,
          memory - m->data_bytes - m->stack_bytes - shared, memory);
  uint32_t list[LARGEST_LISTED];
  unsigned n = largest_globals(m, list);
  for (unsigned i = 0; i < n; i++) {
    const IrGlobal *g = &m->globals[list[i]];
    fprintf(ctx->report, "  0x%04x %6u  %s\n", g->address, tir_size(m, g->type), g->name);
  }
}

static uint64_t place_private(TileModule *m, const FixedRange *fixed)
{
  uint64_t end = place_tileconsts(m, fixed, place_globals(m, false, fixed, DATA_FIRST));
  for (ptrdiff_t i = 0; i < arrlen(fixed); i++)
    end = fixed[i].end > end ? fixed[i].end : end;
  return (end + WINDOW_ALIGN - 1) / WINDOW_ALIGN * WINDOW_ALIGN;
}

static bool lay_out(PassContext *ctx, const FixedRange *fixed)
{
  TileModule *m = ctx->tile;
  uint32_t memory = arch_get(m->arch)->memory_bytes;
  uint32_t need = align_up(stack_estimate(m), STACK_ALIGN);
  if (need < STACK_MIN)
    need = STACK_MIN;
  uint64_t data = place_private(m, fixed);
  uint64_t shared = place_globals(m, true, NULL, 0); // how much; where is known once the stack is
  if (data + need + shared > memory) {
    report_overflow(ctx, data + shared, need, memory);
    return false;
  }
  uint32_t stack = need > STACK_DEFAULT ? need : STACK_DEFAULT;
  if (data + stack + shared > memory)
    stack = (memory - (uint32_t)(data + shared)) / WINDOW_ALIGN * WINDOW_ALIGN;
  m->data_bytes = (uint32_t)data;
  m->stack_bytes = stack;
  shared = place_globals(m, true, NULL, data + stack) - data - stack;
  if (data + stack + shared > memory) { // by the padding of large alignments
    report_overflow(ctx, data + shared, stack, memory);
    return false;
  }
  report_memory(ctx, (uint32_t)shared, memory);
  return resolve_externals(ctx);
}

bool pass_layout(PassContext *ctx)
{
  FixedRange *fixed = NULL;
  bool ok = place_fixed_sections(ctx, &fixed) && lay_out(ctx, fixed);
  arrfree(fixed);
  return ok;
}
