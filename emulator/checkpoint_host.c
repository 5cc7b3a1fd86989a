// Checkpoint of the host port: operations that are not complete take the words of the host's arrays
// along, because these arrays belong to a process that will not exist any more.
#include "emulator/checkpoint.h"
#include "support/memory.h"
#include <stb/stb_ds.h>

// Words of the host array that an operation may touch.
static uint64_t words_of(const EmuRegion *r, const EmuLayout *l, uint32_t count)
{
  if (!r->width || !r->height || !count)
    return 0;
  return (uint64_t)((r->width - 1) / region_step(r->every_x)) * l->per_x +
         (uint64_t)((r->height - 1) / region_step(r->every_y)) * l->per_y +
         (uint64_t)(count - 1) * l->per_k + 1;
}

static void save_command(const HostPort *h, Saver *s, const Command *from)
{
  Command c = *from;
  bool open = h->left[c.ticket] != 0 && c.kind != COMMAND_LAUNCH;
  const uint32_t *data = c.kind == COMMAND_COPY_IN ? c.src : c.dst;
  c.src = NULL, c.dst = c.args = NULL;
  SAVE(s, SECTION_COMMAND, &c, 1);
  SAVE(s, SECTION_WORDS, from->args, from->nargs);
  SAVE(s, SECTION_WORDS, data, open ? words_of(&c.region, &c.layout, c.count) : 0);
}

static void save_stream(const HostPort *h, Saver *s, const Stream *from)
{
  Stream st = *from;
  bool open = h->left[st.ticket] != 0;
  const uint32_t *data = st.to_host ? st.dst : st.src;
  size_t tiles = (size_t)st.region.width * st.region.height;
  st.src = NULL, st.dst = st.moved = NULL;
  SAVE(s, SECTION_STREAM, &st, 1);
  SAVE(s, SECTION_WORDS, from->moved, open ? tiles : 0);
  SAVE(s, SECTION_WORDS, data, open ? words_of(&st.region, &st.layout, st.count) : 0);
}

void save_host(const Emu *e, Saver *s)
{
  const HostPort *h = e->host;
  uint32_t counts[2] = {(uint32_t)arrlenu(h->commands), (uint32_t)arrlenu(h->streams)};
  SAVE(s, SECTION_HOST_TILES, h->tiles, e->n_tiles);
  SAVE(s, SECTION_LEFT, h->left, arrlenu(h->left));
  SAVE(s, SECTION_LIST, counts, 2);
  for (uint32_t i = 0; i < counts[0]; i++)
    save_command(h, s, &h->commands[i]);
  for (uint32_t i = 0; i < counts[1]; i++)
    save_stream(h, s, &h->streams[i]);
  for (unsigned d = 0; d < 2; d++)
    for (unsigned c = 0; c < MAX_COLORS; c++)
      SAVE(s, SECTION_LIST, h->of_color[d][c], arrlenu(h->of_color[d][c]));
}

// ---- reading ----

static uint32_t *copy_words(const void *from, uint64_t words)
{
  uint32_t *copy = mem_resize(NULL, words ? words * sizeof *copy : 1);
  if (words)
    memcpy(copy, from, words * sizeof *copy);
  return copy;
}

// The words of an array of the host, which are kept until the host gives another one.
static bool load_array(HostPort *h, Loader *l, EmuTicket ticket, uint64_t words, uint32_t **out)
{
  size_t n;
  const void *from = load(l, SECTION_WORDS, sizeof(uint32_t), &n);
  if (l->why)
    return false;
  bool open = h->left[ticket] != 0;
  if (n != (open ? words : 0))
    return load_fail(l, "an operation of the host lacks its data");
  if (!open)
    return true;
  *out = copy_words(from, n);
  arrput(h->kept, ((KeptArray){ticket, *out, n}));
  return true;
}

static bool region_ok(const Emu *e, const EmuRegion *r)
{
  return (uint64_t)r->x + r->width <= e->width && (uint64_t)r->y + r->height <= e->height;
}

// Factors that would wrap around are no layout of an array.
static bool layout_ok(const EmuLayout *l)
{
  const size_t most = (size_t)1 << 40;
  return l->per_x < most && l->per_y < most && l->per_k < most;
}

static bool flag_ok(const bool *flag)
{
  uint8_t byte;
  memcpy(&byte, flag, 1);
  return byte <= 1;
}

static bool load_command(Emu *e, Loader *l)
{
  HostPort *h = e->host;
  Command c;
  size_t n;
  if (!load_into(l, SECTION_COMMAND, sizeof c, 1, &c))
    return false;
  c.src = NULL, c.dst = c.args = NULL;
  if ((unsigned)c.kind > COMMAND_LAUNCH || c.export_id >= h->n_exports ||
      c.ticket >= arrlenu(h->left) || !region_ok(e, &c.region) || !layout_ok(&c.layout) ||
      !flag_ok(&c.half))
    return load_fail(l, "a command of the host is impossible");
  const void *args = load(l, SECTION_WORDS, sizeof(uint32_t), &n);
  if (l->why || n != c.nargs)
    return load_fail(l, "a launch lacks its arguments");
  uint32_t *data = NULL;
  bool launch = c.kind == COMMAND_LAUNCH;
  if (launch) {
    size_t none;
    load(l, SECTION_WORDS, sizeof(uint32_t), &none);
    if (l->why || none)
      return load_fail(l, "a launch has data");
  } else if (!load_array(h, l, c.ticket, words_of(&c.region, &c.layout, c.count), &data)) {
    return false;
  }
  c.src = c.dst = data;
  c.args = n ? copy_words(args, n) : NULL;
  arrput(h->commands, c);
  return true;
}

static bool moved_ok(const Stream *s, size_t tiles)
{
  for (size_t i = 0; i < tiles; i++)
    if (s->moved[i] > s->count)
      return false;
  return true;
}

static bool load_stream(Emu *e, Loader *l)
{
  HostPort *h = e->host;
  Stream s;
  size_t n;
  if (!load_into(l, SECTION_STREAM, sizeof s, 1, &s))
    return false;
  s.src = NULL, s.dst = s.moved = NULL;
  if (!flag_ok(&s.to_host) || s.color >= MAX_COLORS || s.ticket >= arrlenu(h->left) ||
      !region_ok(e, &s.region) || s.region.every_x > 1 || s.region.every_y > 1 ||
      !layout_ok(&s.layout))
    return load_fail(l, "a stream of the host is impossible");
  size_t tiles = (size_t)s.region.width * s.region.height;
  const void *moved = load(l, SECTION_WORDS, sizeof(uint32_t), &n);
  bool open = h->left[s.ticket] != 0;
  if (l->why || n != (open ? tiles : 0))
    return load_fail(l, "a stream of the host is incomplete");
  uint32_t *data = NULL;
  if (!load_array(h, l, s.ticket, words_of(&s.region, &s.layout, s.count), &data))
    return false;
  s.moved = open ? copy_words(moved, tiles) : NULL;
  s.src = s.dst = data;
  arrput(h->streams, s);
  return !open || moved_ok(&s, tiles) || load_fail(l, "a stream of the host moved too much");
}

static bool load_lists(HostPort *h, Loader *l)
{
  for (unsigned d = 0; d < 2; d++)
    for (unsigned c = 0; c < MAX_COLORS; c++) {
      LOAD_LIST(l, SECTION_LIST, h->of_color[d][c]);
      for (ptrdiff_t i = 0; !l->why && i < arrlen(h->of_color[d][c]); i++) {
        uint32_t n = h->of_color[d][c][i];
        if (n >= arrlenu(h->streams) || h->streams[n].to_host != d || h->streams[n].color != c ||
            !h->streams[n].moved)
          return load_fail(l, "the order of streams is impossible");
      }
    }
  return !l->why;
}

static bool tiles_ok(const Emu *e)
{
  const HostPort *h = e->host;
  for (uint32_t i = 0; i < e->n_tiles; i++) {
    const HostTile *t = &h->tiles[i];
    if (t->next > arrlenu(h->commands) || t->launched > arrlenu(h->commands) ||
        !flag_ok(&t->blocked) || !flag_ok(&t->running))
      return false;
    const Command *c = t->launched ? &h->commands[t->launched - 1] : NULL;
    bool function = c && c->kind == COMMAND_LAUNCH && host_concerns(e, c, i);
    if (t->launched ? !function : t->blocked || t->running)
      return false;
  }
  return true;
}

bool load_host(Emu *e, Loader *l)
{
  HostPort *h = e->host;
  uint32_t counts[2];
  load_into(l, SECTION_HOST_TILES, sizeof *h->tiles, e->n_tiles, h->tiles);
  LOAD_LIST(l, SECTION_LEFT, h->left);
  if (!load_into(l, SECTION_LIST, sizeof *counts, 2, counts))
    return false;
  for (uint32_t i = 0; i < counts[0]; i++)
    if (!load_command(e, l))
      return false;
  for (uint32_t i = 0; i < counts[1]; i++)
    if (!load_stream(e, l))
      return false;
  return load_lists(h, l) &&
         (tiles_ok(e) || load_fail(l, "the place of a tile among the commands is impossible"));
}

bool emu_rebind(Emu *e, EmuTicket ticket, uint32_t *data, uint64_t words)
{
  HostPort *h = e->host;
  for (ptrdiff_t i = 0; i < arrlen(h->kept); i++) {
    KeptArray *k = &h->kept[i];
    if (k->ticket != ticket || k->words > words)
      continue;
    memcpy(data, k->data, k->words * sizeof *data);
    for (ptrdiff_t c = 0; c < arrlen(h->commands); c++)
      if (h->commands[c].ticket == ticket)
        h->commands[c].src = h->commands[c].dst = data;
    for (ptrdiff_t c = 0; c < arrlen(h->streams); c++)
      if (h->streams[c].ticket == ticket)
        h->streams[c].src = h->streams[c].dst = data;
    free(k->data);
    arrdel(h->kept, i);
    return true;
  }
  return false;
}
