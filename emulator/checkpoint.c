// Checkpoint and resume of a whole emulation (docs/emulator.md): all state is plain data in slabs
// and pools, so that a checkpoint is a write.
#include "emulator/checkpoint.h"
#include "emulator/trace.h"
#include <stb/stb_ds.h>

enum { VERSION = 2 };
static const char magic[8] = "WEFTCKPT";

// ---- checksum ----

// FNV-1a over 64-bit words; the end is padded with zeros, and sections carry their lengths.
static uint64_t checksum(uint64_t sum, const void *data, size_t bytes)
{
  const uint8_t *p = data;
  for (uint64_t word; bytes; p += sizeof word) {
    size_t n = bytes < sizeof word ? bytes : sizeof word;
    word = 0;
    memcpy(&word, p, n);
    sum = (sum ^ word) * 0x100000001b3ull;
    sum ^= sum >> 29;
    bytes -= n;
  }
  return sum;
}

static uint64_t hash_bytes(uint64_t sum, const void *data, size_t bytes)
{
  const uint64_t n = bytes;
  return checksum(checksum(sum, &n, sizeof n), data, bytes);
}

// Of everything in an image that a run depends on.
static uint64_t image_hash(const Image *img)
{
  size_t tiles = (size_t)img->width * img->height;
  uint32_t numbers[] = {(uint32_t)img->arch, img->fp16, img->width, img->height};
  uint64_t sum = hash_bytes(0xcbf29ce484222325ull, numbers, sizeof numbers);
  for (ptrdiff_t i = 0; i < arrlen(img->classes); i++) {
    const ImageClass *c = &img->classes[i];
    sum = hash_bytes(sum, c->code, c->code_bytes);
    sum = hash_bytes(sum, c->data, c->data_bytes);
    sum = hash_bytes(sum, c->shared, c->shared_bytes);
    sum = hash_bytes(sum, c->setup, arrlenu(c->setup) * sizeof *c->setup);
  }
  for (ptrdiff_t i = 0; i < arrlen(img->route_sets); i++)
    sum = hash_bytes(sum, img->route_sets[i].words, sizeof img->route_sets[i].words);
  sum = hash_bytes(sum, img->tile_class, tiles * sizeof *img->tile_class);
  sum = hash_bytes(sum, img->tile_routes, tiles * sizeof *img->tile_routes);
  sum = hash_bytes(sum, img->const_words, arrlenu(img->const_words) * sizeof *img->const_words);
  for (ptrdiff_t i = 0; i < arrlen(img->exports); i++)
    sum = hash_bytes(sum, img->exports[i].name, strlen(img->exports[i].name));
  return sum;
}

// ---- the frame of the file ----

typedef struct Header {
  char magic[8];
  uint32_t version, tiles;
  uint64_t image, options, layout;
} Header;

// Sizes of what is written as it lies in memory: another build may lay it out differently.
static uint64_t layout_hash(void)
{
  const uint64_t sizes[] = {sizeof(Tile),       sizeof(TileCold), sizeof(EmuTileStats),
                            sizeof(TileQueues), sizeof(Thread),   sizeof(Route),
                            sizeof(Router),     sizeof(Channel),  sizeof(FilterBank),
                            sizeof(Command),    sizeof(Stream),   sizeof(Slot)};
  return hash_bytes(0, sizes, sizeof sizes);
}

static void add_cost(void *sum, const char *name, uint32_t value, const char *source)
{
  (void)name, (void)source;
  *(uint64_t *)sum = hash_bytes(*(uint64_t *)sum, &value, sizeof value);
}

// What must be the same in the run that goes on.
static uint64_t options_hash(const Emu *e)
{
  const uint64_t numbers[] = {e->opt.shuffle, e->opt.shuffle_tiles, e->opt.seed};
  uint64_t sum = hash_bytes(0, numbers, sizeof numbers);
  costs_each(e->costs, add_cost, &sum);
  return sum;
}

static Header header_of(const Emu *e)
{
  Header h = {.version = VERSION,
              .tiles = e->n_tiles,
              .image = image_hash(e->img),
              .options = options_hash(e),
              .layout = layout_hash()};
  memcpy(h.magic, magic, sizeof magic);
  return h;
}

static void put(Saver *s, const void *data, size_t bytes)
{
  if (bytes == 0)
    return;
  fwrite(data, 1, bytes, s->out);
  s->sum = checksum(s->sum, data, bytes);
}

typedef struct SectionHead {
  uint32_t kind, size;
  uint64_t count;
} SectionHead;

void save(Saver *s, SectionKind kind, size_t size, size_t count, const void *data)
{
  SectionHead head = {kind, (uint32_t)size, count};
  put(s, &head, sizeof head);
  put(s, data, size * count);
}

bool load_fail(Loader *l, const char *why)
{
  if (!l->why)
    l->why = why;
  return false;
}

const void *load(Loader *l, SectionKind kind, size_t size, size_t *count)
{
  SectionHead head;
  *count = 0;
  if (l->why)
    return NULL;
  if (l->left < sizeof head) {
    load_fail(l, "it ends too early");
    return NULL;
  }
  memcpy(&head, l->at, sizeof head);
  l->at += sizeof head;
  l->left -= sizeof head;
  if (head.kind != kind || head.size != size) {
    load_fail(l, "its sections are not those of a checkpoint");
    return NULL;
  }
  if (head.count > l->left / size) {
    load_fail(l, "it ends too early");
    return NULL;
  }
  const void *data = l->at;
  l->at += head.count * size;
  l->left -= head.count * size;
  *count = (size_t)head.count;
  return data;
}

bool load_into(Loader *l, SectionKind kind, size_t size, size_t count, void *data)
{
  size_t n;
  const void *from = load(l, kind, size, &n);
  if (l->why)
    return false;
  if (n != count)
    return load_fail(l, "a section has another size than this program needs");
  if (n)
    memcpy(data, from, n * size);
  return true;
}

// ---- single values ----

typedef struct Core {
  uint64_t now, hops, occupied, dropped, held_until;
  uint32_t phase, place, free_thread, busy_tiles, dropped_tile, held, blocks;
  uint8_t dropped_color, dropped_to, streamed, unused;
} Core;

static void save_core(const Emu *e, Saver *s)
{
  const Fabric *f = e->fabric;
  Core c;
  memset(&c, 0, sizeof c);
  c.now = e->now, c.phase = e->phase, c.place = e->place;
  c.free_thread = e->free_thread, c.busy_tiles = e->busy_tiles;
  c.hops = f->hops, c.occupied = f->occupied, c.dropped = f->dropped;
  c.dropped_tile = f->dropped_tile, c.dropped_color = f->dropped_color;
  c.dropped_to = f->dropped_to;
  c.held = e->host->held, c.held_until = e->host->held_until, c.streamed = e->host->streamed;
  for (unsigned k = 0; k < MAX_COLORS; k++)
    for (uint32_t b = 0; b <= e->n_tiles / BLOCK; b++)
      c.blocks += f->blocks[k][b] != NULL;
  SAVE(s, SECTION_CORE, &c, 1);
}

static bool load_core(Emu *e, Loader *l, uint32_t *blocks)
{
  Fabric *f = e->fabric;
  Core c;
  if (!load_into(l, SECTION_CORE, sizeof c, 1, &c))
    return false;
  if (c.phase >= PHASES || c.now >= NEVER / 2)
    return load_fail(l, "its time is impossible");
  e->now = c.now, e->phase = (Phase)c.phase, e->place = c.place;
  e->free_thread = c.free_thread, e->busy_tiles = c.busy_tiles;
  f->hops = c.hops, f->occupied = c.occupied, f->dropped = c.dropped;
  f->dropped_tile = c.dropped_tile < e->n_tiles ? c.dropped_tile : 0;
  f->dropped_color = c.dropped_color;
  f->dropped_to = c.dropped_to <= DIR_COUNT ? c.dropped_to : DIR_COUNT;
  e->host->held = c.held, e->host->held_until = c.held_until, e->host->streamed = c.streamed != 0;
  *blocks = c.blocks;
  return true;
}

// ---- slabs and pools ----

typedef struct Counts { // of entries in slabs, over all tiles
  size_t dsrs, xdsrs, fifos;
} Counts;

static Counts counts_of(const Emu *e)
{
  Counts n = {0};
  for (uint32_t i = 0; i < e->n_tiles; i++)
    if (e->tiles[i].cls != NO_CLASS) {
      const EmuClass *c = &e->classes[e->tiles[i].cls];
      n.dsrs += c->n_dsrs;
      n.xdsrs += c->n_xdsrs;
      n.fifos += c->n_fifos;
    }
  return n;
}

static void save_slabs(const Emu *e, Saver *s)
{
  Counts n = counts_of(e);
  SAVE(s, SECTION_TILES, e->tiles, e->n_tiles);
  SAVE(s, SECTION_COLD, e->cold, e->n_tiles);
  SAVE(s, SECTION_STATS, e->stats, e->n_tiles);
  SAVE(s, SECTION_MEMORY, e->memory, e->memory_bytes);
  SAVE(s, SECTION_DSRS, e->dsrs, n.dsrs);
  SAVE(s, SECTION_XDSRS, e->xdsrs, n.xdsrs);
  SAVE(s, SECTION_FIFOS, e->fifos, n.fifos);
  SAVE(s, SECTION_QUEUES, e->queues, arrlenu(e->queues));
  SAVE(s, SECTION_REGS, e->regs, arrlenu(e->regs));
  SAVE(s, SECTION_FREE_REGS, e->free_regs, arrlenu(e->free_regs));
  SAVE(s, SECTION_THREADS, e->threads, arrlenu(e->threads));
}

// Where the parts of a tile lie follows from the image, not from the file.
static void load_tiles(Emu *e, Loader *l)
{
  size_t n;
  const uint8_t *from = load(l, SECTION_TILES, sizeof(Tile), &n);
  if (l->why || n != e->n_tiles) {
    load_fail(l, "it is of a wafer of another size");
    return;
  }
  for (uint32_t i = 0; i < e->n_tiles; i++) {
    Tile fresh = e->tiles[i], *t = &e->tiles[i];
    memcpy(t, from + i * sizeof *t, sizeof *t);
    t->cls = fresh.cls, t->memory = fresh.memory, t->private_bytes = fresh.private_bytes;
    t->dsrs = fresh.dsrs, t->xdsrs = fresh.xdsrs, t->fifos = fresh.fifos;
  }
}

static bool load_slabs(Emu *e, Loader *l)
{
  Counts n = counts_of(e);
  load_tiles(e, l);
  load_into(l, SECTION_COLD, sizeof *e->cold, e->n_tiles, e->cold);
  load_into(l, SECTION_STATS, sizeof *e->stats, e->n_tiles, e->stats);
  load_into(l, SECTION_MEMORY, 1, e->memory_bytes, e->memory);
  load_into(l, SECTION_DSRS, sizeof *e->dsrs, n.dsrs, e->dsrs);
  load_into(l, SECTION_XDSRS, sizeof *e->xdsrs, n.xdsrs, e->xdsrs);
  load_into(l, SECTION_FIFOS, sizeof *e->fifos, n.fifos, e->fifos);
  LOAD_LIST(l, SECTION_QUEUES, e->queues);
  LOAD_LIST(l, SECTION_REGS, e->regs);
  LOAD_LIST(l, SECTION_FREE_REGS, e->free_regs);
  LOAD_LIST(l, SECTION_THREADS, e->threads);
  if (l->why)
    return false;
  const char *why = check_core(e);
  return !why || load_fail(l, why);
}

// ---- event wheel ----

static void save_wheel(const Emu *e, Saver *s)
{
  FarEvent *events = NULL;
  const Wheel *w = &e->wheel;
  for (uint64_t c = e->now; c < e->now + WHEEL_CYCLES; c++)
    for (unsigned p = 0; p < PHASES; p++)
      for (ptrdiff_t i = 0; i < arrlen(w->bucket[c % WHEEL_CYCLES][p]); i++) {
        FarEvent ev;
        memset(&ev, 0, sizeof ev);
        ev.cycle = c, ev.tile = w->bucket[c % WHEEL_CYCLES][p][i], ev.phase = (uint8_t)p;
        arrput(events, ev);
      }
  SAVE(s, SECTION_WHEEL, events, arrlenu(events));
  SAVE(s, SECTION_FAR, w->far, arrlenu(w->far));
  arrfree(events);
}

// The events of the current cycle were handled before the checkpoint: nothing is put there again.
static bool load_events(Emu *e, Loader *l, SectionKind kind)
{
  FarEvent ev;
  size_t n;
  const uint8_t *from = load(l, kind, sizeof ev, &n);
  for (size_t i = 0; i < n; i++) {
    memcpy(&ev, from + i * sizeof ev, sizeof ev);
    if (ev.tile >= e->n_tiles || ev.phase >= PHASES || ev.cycle < e->now || ev.cycle >= NEVER / 2)
      return load_fail(l, "an event is impossible");
    sched_at(e, ev.cycle, (Phase)ev.phase, ev.tile);
  }
  return !l->why;
}

// ---- fabric ----

typedef struct BlockHead {
  uint32_t color, number, buffers; // bit per buffer that has slots
} BlockHead;

static size_t image_routes(const Emu *e)
{
  return arrlenu(e->img->route_sets) * MAX_COLORS;
}

static void save_block(const Emu *e, Saver *s, uint32_t color, uint32_t number)
{
  const Fabric *f = e->fabric;
  const ChannelBlock *b = f->blocks[color][number];
  BlockHead h = {color, number, 0};
  for (unsigned k = 0; k < CHANNEL_BUFFERS; k++)
    h.buffers |= (uint32_t)(b->slots[k] != NULL) << k;
  SAVE(s, SECTION_BLOCK, &h, 1);
  SAVE(s, SECTION_CHANNELS, b->channels, BLOCK);
  for (unsigned k = 0; k < CHANNEL_BUFFERS; k++)
    if (b->slots[k])
      SAVE(s, SECTION_SLOTS, b->slots[k], (size_t)BLOCK * f->depth[k]);
}

static void save_fabric(const Emu *e, Saver *s)
{
  const Fabric *f = e->fabric;
  size_t first = image_routes(e);
  SAVE(s, SECTION_ROUTES, f->routes + first, arrlenu(f->routes) - first);
  SAVE(s, SECTION_ROUTERS, f->routers, e->n_tiles);
  SAVE(s, SECTION_LINKS, f->links, f->links ? e->n_tiles : 0);
  SAVE(s, SECTION_FILTERS, f->filters, arrlenu(f->filters));
  for (uint32_t c = 0; c < MAX_COLORS; c++)
    for (uint32_t k = 0; k <= e->n_tiles / BLOCK; k++)
      if (f->blocks[c][k])
        save_block(e, s, c, k);
}

static void load_channels(Emu *e, const BlockHead *h, const Channel *from)
{
  ChannelBlock *b = e->fabric->blocks[h->color][h->number];
  for (unsigned k = 0; k < BLOCK; k++) {
    Channel *c = &b->channels[k], fresh = *c;
    memcpy(c, from + k, sizeof *c);
    c->color = fresh.color;
    c->beyond = fresh.beyond;
  }
}

static bool load_block(Emu *e, Loader *l)
{
  Fabric *f = e->fabric;
  BlockHead h;
  size_t n;
  if (!load_into(l, SECTION_BLOCK, sizeof h, 1, &h))
    return false;
  if (h.color >= MAX_COLORS || h.number >= (e->n_tiles + BLOCK - 1) / BLOCK ||
      f->blocks[h.color][h.number])
    return load_fail(l, "a part of the fabric is impossible");
  fab_any_channel(e, h.number * BLOCK, h.color); // makes the block
  const Channel *channels = load(l, SECTION_CHANNELS, sizeof(Channel), &n);
  if (l->why || n != BLOCK)
    return load_fail(l, "a part of the fabric is incomplete");
  load_channels(e, &h, channels);
  for (unsigned k = 0; k < CHANNEL_BUFFERS; k++) {
    if (!(h.buffers >> k & 1))
      continue;
    size_t slots = (size_t)BLOCK * f->depth[k];
    Slot *at = f->blocks[h.color][h.number]->slots[k] = calloc(slots, sizeof *at);
    if (!at || !load_into(l, SECTION_SLOTS, sizeof *at, slots, at))
      return load_fail(l, "out of memory");
    for (size_t i = 0; i < slots; i++)
      at[i].tag = 0; // nobody knows any more what it names
  }
  return true;
}

static bool load_fabric(Emu *e, Loader *l, uint32_t blocks)
{
  Fabric *f = e->fabric;
  size_t n;
  const uint8_t *routes = load(l, SECTION_ROUTES, sizeof(Route), &n);
  for (size_t i = 0; i < n; i++) {
    Route *r = arraddnptr(f->routes, 1);
    memcpy(r, routes + i * sizeof *r, sizeof *r);
  }
  load_into(l, SECTION_ROUTERS, sizeof *f->routers, e->n_tiles, f->routers);
  load_into(l, SECTION_LINKS, sizeof *f->links, f->links ? e->n_tiles : 0, f->links);
  LOAD_LIST(l, SECTION_FILTERS, f->filters);
  for (uint32_t i = 0; i < blocks && !l->why; i++)
    load_block(e, l);
  if (l->why)
    return false;
  const char *why = check_fabric(e);
  return !why || load_fail(l, why);
}

// ---- the whole ----

bool emu_checkpoint(Emu *e, FILE *out)
{
  if (e->stopped)
    return false;
  log_flush(e);
  Saver s = {.out = out};
  Header h = header_of(e);
  put(&s, &h, sizeof h);
  save_core(e, &s);
  save_slabs(e, &s);
  save_wheel(e, &s);
  save_fabric(e, &s);
  save_host(e, &s);
  log_save(e, &s);
  SAVE(&s, SECTION_END, magic, 0);
  uint64_t sum = s.sum;
  fwrite(&sum, sizeof sum, 1, out);
  log_suspend(e, true);
  return !ferror(out);
}

// Marks of a trace of the run before have no meaning in this one.
static void forget_trace(Emu *e)
{
  for (ptrdiff_t i = 0; i < arrlen(e->threads); i++) {
    e->threads[i].stall_since = NEVER;
    e->threads[i].cause = 0;
    e->threads[i].was_stalled = false;
  }
  for (ptrdiff_t i = 0; i < arrlen(e->queues); i++)
    for (unsigned q = 0; q < MAX_QUEUES; q++)
      for (unsigned k = 0; k < QUEUE_RING; k++)
        e->queues[i].in_ring[q][k].tag = e->queues[i].out_ring[q][k].tag = 0;
}

static const char *frame_fault(const Emu *e, const uint8_t *bytes, size_t size)
{
  Header h, wanted = header_of(e);
  uint64_t sum;
  if (size < sizeof h + sizeof sum || memcmp(bytes, magic, sizeof magic) != 0)
    return "it is not a checkpoint";
  memcpy(&h, bytes, sizeof h);
  if (h.version != VERSION)
    return "it is a checkpoint of another format version";
  if (h.image != wanted.image || h.tiles != wanted.tiles)
    return "it is a checkpoint of another program";
  if (h.layout != wanted.layout)
    return "it was written by another build of this library";
  if (h.options != wanted.options)
    return "the run had other timing parameters or another seed";
  return NULL;
}

// The checksum along the cuts of the writer: header, then head and data of each section.
static bool sum_matches(const uint8_t *bytes, size_t size)
{
  SectionHead head = {0};
  uint64_t sum = checksum(0, bytes, sizeof(Header)), wanted;
  size_t at = sizeof(Header), end = size - sizeof wanted;
  while (head.kind != SECTION_END) {
    if (end - at < sizeof head)
      return false;
    memcpy(&head, bytes + at, sizeof head);
    sum = checksum(sum, &head, sizeof head);
    at += sizeof head;
    if (head.size == 0 || head.count > (end - at) / head.size)
      return false;
    size_t n = (size_t)head.count * head.size;
    sum = checksum(sum, bytes + at, n);
    at += n;
  }
  memcpy(&wanted, bytes + end, sizeof wanted);
  return at == end && sum == wanted;
}

const char *emu_restore(Emu *e, const uint8_t *bytes, size_t size)
{
  const char *why = frame_fault(e, bytes, size);
  if (why)
    return why;
  if (!sum_matches(bytes, size))
    return "it is damaged: the checksum is wrong";
  Loader l = {.at = bytes + sizeof(Header), .left = size - sizeof(Header) - sizeof(uint64_t)};
  uint32_t blocks = 0;
  size_t n;
  // Events go through the scheduler, which puts nothing into what is over: the last phase of the
  // present cycle.
  if (load_core(e, &l, &blocks) && load_slabs(e, &l) && load_events(e, &l, SECTION_WHEEL) &&
      load_events(e, &l, SECTION_FAR) && load_fabric(e, &l, blocks) && load_host(e, &l) &&
      log_load(e, &l))
    load(&l, SECTION_END, 1, &n);
  if (!l.why)
    forget_trace(e);
  return l.why;
}
