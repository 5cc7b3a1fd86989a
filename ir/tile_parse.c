// Parser of tile modules: everything around the instructions. Grammar: docs/tile-ir.md.
#include "ir/parse.h"
#include <stb/stb_ds.h>
#include <string.h>

// Initial data of one global and types of one module are bounded, so that a small text cannot ask
// for all memory.
enum { MAX_INIT = 1 << 24, MAX_BLOCKS = 1 << 24 };

static const char *optional_string(TileParser *p, const char *word)
{
  return text_accept_word(p->t, word) ? text_string(p->t, &p->m->arena) : NULL;
}

// ---- globals ----

static void parse_init_line(TileParser *p, IrGlobal *g, uint32_t size)
{
  IrText *t = p->t;
  uint32_t at = text_u32(t);
  text_expect(t, ':');
  while (t->tok.kind == TEXT_WORD && !t->tok.first_on_line && t->tok.text[0] == 'x') {
    const char *hex = t->tok.text + 1;
    size_t n = strlen(hex);
    if (n % 2 || strspn(hex, "0123456789abcdef") != n)
      text_error(t, "bytes are written as pairs of hexadecimal digits, as in x0a1b");
    if (n / 2 > size || at > size - n / 2)
      text_error(t, "this is past the end of the global's %u bytes", size);
    for (size_t i = 0; i + 1 < n && !t->failed; i += 2) {
      g->init[at++] = (uint8_t)(text_digit(hex[i]) << 4 | text_digit(hex[i + 1]));
    }
    text_next(t);
  }
}

static void parse_init(TileParser *p, IrGlobal *g)
{
  uint32_t size = tir_size(p->m, g->type);
  if (size > MAX_INIT || g->init) {
    text_error(p->t,
               g->init ? "a global has one 'init'" : "this global is too large for initial data");
    return;
  }
  g->init = arena_alloc(&p->m->arena, size ? size : 1);
  while (p->t->tok.kind == TEXT_NUMBER)
    parse_init_line(p, g, size);
}

static void parse_reloc(TileParser *p, IrGlobal *g)
{
  IrReloc r = {.offset = text_u32(p->t)};
  r.target = parse_ref(p);
  text_expect(p->t, ',');
  r.addend = (int32_t)text_number(p->t, INT32_MIN, INT32_MAX);
  arrput(g->relocs, r);
}

static void parse_patch(TileParser *p, IrGlobal *g)
{
  typeof(*g->patches) patch = {.offset = text_u32(p->t)};
  text_expect(p->t, '$');
  patch.tileconst = text_u32(p->t);
  arrput(g->patches, patch);
}

static void parse_global_body(TileParser *p, IrGlobal *g)
{
  while (!text_is(p->t, '}') && !p->t->failed) {
    if (text_accept_word(p->t, "init"))
      parse_init(p, g);
    else if (text_accept_word(p->t, "reloc"))
      parse_reloc(p, g);
    else if (text_accept_word(p->t, "patch"))
      parse_patch(p, g);
    else
      text_error(p->t, "'init', 'reloc' or 'patch' was expected here");
  }
  text_next(p->t);
}

static void parse_global(TileParser *p)
{
  IrText *t = p->t;
  SrcPos at = t->tok.pos;
  uint32_t number = parse_global_name(p);
  text_expect(t, ':');
  IrType type = parse_type(p);
  if (t->failed)
    return;
  IrGlobal *g = &p->m->globals[number];
  g->type = type;
  g->pos = at;
  g->constant = text_accept_word(t, "const");
  g->exported = text_accept_word(t, "export");
  g->external = text_accept_word(t, "extern");
  if (text_accept_word(t, "align"))
    g->align = (uint32_t)text_number(t, 1, DATA_LIMIT);
  g->linkname = optional_string(p, "linkname");
  g->section = optional_string(p, "section");
  if (g->section && text_accept_word(t, "from"))
    g->section_start = (uint32_t)text_number(t, 1, DATA_LIMIT - 1);
  if (text_accept_word(t, "at"))
    g->address = (uint32_t)text_number(t, 0, DATA_LIMIT - 1);
  bool body = text_accept(t, '{');
  text_note(t, at);
  if (body)
    parse_global_body(p, g);
}

// ---- tables ----

static void parse_string(TileParser *p)
{
  text_table_number(p->t, 0, arrlen(p->m->strings), "strings");
  arrput(p->m->strings, text_string(p->t, &p->m->arena));
}

static void parse_tileconst(TileParser *p)
{
  text_table_number(p->t, 0, arrlen(p->m->tileconsts), "tile constants");
  TileConst c = {.name = text_string(p->t, &p->m->arena)};
  text_expect(p->t, ':');
  c.type = parse_type(p);
  if (c.type == IRT_VOID || c.type >= IRT_FIRST_AGGREGATE || tir_size(p->m, c.type) > 4)
    text_error(p->t, "a tile constant is a scalar of at most four bytes");
  text_expect_word(p->t, "at");
  c.address = (uint32_t)text_number(p->t, 0, DATA_LIMIT);
  arrput(p->m->tileconsts, c);
}

static uint8_t parse_small(TileParser *p, const char *word)
{
  text_expect_word(p->t, word);
  return (uint8_t)text_number(p->t, 0, 255);
}

static uint8_t parse_register(TileParser *p, const char *word)
{
  text_expect_word(p->t, word);
  return text_accept_word(p->t, "auto") ? DSR_AUTO : (uint8_t)text_number(p->t, 0, MAX_DSRS - 1);
}

static void parse_fifo(TileParser *p)
{
  IrFifo f = {.pos = p->t->tok.pos};
  text_table_number(p->t, 0, arrlen(p->m->fifos), "FIFOs");
  f.name = text_string(p->t, &p->m->arena);
  text_expect_word(p->t, "buffer");
  f.buffer = parse_global_name(p);
  f.elem_bytes = parse_small(p, "bytes");
  text_expect_word(p->t, "capacity");
  f.capacity = (uint16_t)text_number(p->t, 0, 0xffff);
  f.simd = parse_small(p, "simd");
  f.empty_action = parse_small(p, "empty");
  f.full_action = parse_small(p, "full");
  if (text_accept_word(p->t, "priority"))
    f.priority = (uint8_t)text_number(p->t, 1, 3);
  if (text_accept_word(p->t, "push"))
    f.activate_push = parse_ref(p);
  if (text_accept_word(p->t, "pop"))
    f.activate_pop = parse_ref(p);
  f.dest = parse_register(p, "dest");
  f.src1 = parse_register(p, "src1");
  f.xdsr = parse_register(p, "xdsr");
  text_note(p->t, f.pos);
  arrput(p->m->fifos, f);
}

static void parse_setup(TileParser *p)
{
  IrText *t = p->t;
  IrSetup s = {.pos = t->tok.pos};
  int kind = 0;
  while (kind < SETUP_KINDS && !text_is_word(t, tir_setup_info((SetupKind)kind)->text))
    kind++;
  if (kind == SETUP_KINDS)
    text_error(t, "the name of a setup record was expected here");
  text_next(t);
  s.kind = (uint8_t)kind;
  s.id = text_u32(t);
  IrRef *refs[] = {&s.a, &s.b, &s.c};
  for (int i = 0; i < 3 && (i == 0 ? parse_at_ref(p) : text_accept(t, ',')); i++)
    *refs[i] = parse_ref(p);
  text_note(t, s.pos);
  if (!t->failed)
    arrput(p->m->setup, s);
}

// ---- functions ----

static void parse_params(TileParser *p, IrFunc *f)
{
  text_expect(p->t, '(');
  while (!text_is(p->t, ')') && !p->t->failed) {
    IrType type = parse_type(p);
    if (type == IRT_VOID)
      text_error(p->t, "a parameter of type void is not possible");
    arrput(f->params, type);
    if (!text_accept(p->t, ','))
      break;
  }
  text_expect(p->t, ')');
}

static void parse_body(TileParser *p)
{
  IrText *t = p->t;
  while (!text_is(t, '}') && !t->failed) {
    if (t->tok.kind == TEXT_WORD && t->tok.first_on_line && t->tok.text[0] == 'b' &&
        tir_op_find(t->tok.text, t->tok.len) == IR_OPS) {
      if (parse_block_name(p) != p->nblocks || p->nblocks == MAX_BLOCKS)
        text_error(t, "blocks are numbered from b0 without gaps");
      text_expect(t, ':');
      p->b.block = tir_block(&p->b);
      p->nblocks++;
    } else if (p->nblocks == 0) {
      text_error(t, "a function body starts with block b0");
    } else {
      parse_inst(p);
    }
  }
  text_expect(t, '}');
}

static void parse_func(TileParser *p)
{
  IrText *t = p->t;
  SrcPos at = t->tok.pos;
  p->b.func = parse_func_name(p);
  p->nblocks = 0;
  if (t->failed)
    return;
  IrFunc *f = &p->m->funcs[p->b.func];
  f->pos = at;
  parse_params(p, f);
  f->result = parse_type(p);
  f->exported = text_accept_word(t, "export");
  f->inline_hint = text_accept_word(t, "inline");
  f->noinline_hint = text_accept_word(t, "noinline");
  f->linkname = optional_string(p, "linkname");
  bool body = text_accept(t, '{');
  text_note(t, at);
  if (body)
    parse_body(p);
  if (!t->failed)
    parse_fix_labels(p);
  hmfree(p->labels);
  p->nblocks = 0;
}

// ---- module ----

static void declare(TileParser *p, NameIndex **map, bool func)
{
  IrText *t = p->t;
  if (t->tok.kind != TEXT_SYMBOL)
    return; // the main pass reports it
  const char *name = t->tok.text;
  if (shgeti(*map, name) >= 0)
    text_error(t, "@%s is defined twice", name);
  uint32_t number =
      func ? tir_func(p->m, name, IRT_VOID, NULL, 0, 0) : tir_global(p->m, name, IRT_I16, 0);
  shput(*map, name, number);
}

// Names may be used before they are defined: a first walk over the tokens collects them.
static void declare_names(TileParser *p)
{
  IrText *t = p->t;
  TextToken tok = t->tok;
  size_t at = t->at, depth = 1;
  while (depth > 0 && t->tok.kind != TEXT_END) {
    depth += text_is(t, '{');
    depth -= text_is(t, '}');
    bool top = depth == 1 && t->tok.first_on_line;
    bool global = top && text_is_word(t, "global"), func = top && text_is_word(t, "func");
    text_next(t);
    if (global)
      declare(p, &p->globals, false);
    else if (func)
      declare(p, &p->funcs, true);
  }
  t->at = at;
  t->tok = t->failed ? t->tok : tok;
}

static void parse_source(TileParser *p)
{
  text_source(p->t);
}

// Every item: the word and the function parse_WORD.
#define ITEMS(X) X(source) X(string) X(tileconst) X(global) X(fifo) X(setup) X(func)

static void parse_item(TileParser *p)
{
#define WORD(word) #word,
#define FUNCTION(word) parse_##word,
  static const char *const words[] = {ITEMS(WORD) NULL};
  static void (*const functions[])(TileParser *) = {ITEMS(FUNCTION)};
#undef WORD
#undef FUNCTION
  int i = text_item(p->t, words);
  if (i >= 0)
    functions[i](p);
}

static TileModule *parse_header(IrText *t)
{
  Arena scratch = {0};
  const char *name = text_string(t, &scratch);
  IrHeader header = ir_header_parse(t);
  TileModule *m = tir_new(name, header.arch, header.compat);
  m->fp16 = header.fp16;
  arena_free(&scratch);
  return m;
}

static void resolve(SrcPos *pos, void *t)
{
  *pos = text_resolve(t, *pos);
}

// `tile "name" …  { … }`; the word `tile` has been read. Checked, positions resolved.
static TileModule *parse_module(IrText *t)
{
  TileModule *m = parse_header(t);
  TileParser p = {.t = t, .m = m, .b = {.m = m}};
  sh_new_arena(p.globals);
  sh_new_arena(p.funcs);
  if (text_accept_word(t, "data")) {
    m->data_bytes = text_u32(t);
    text_expect_word(t, "stack");
    m->stack_bytes = text_u32(t);
  }
  text_expect(t, '{');
  arrfree(t->files);
  arrfree(t->resolved);
  hmfree(t->places);
  if (!t->failed)
    declare_names(&p);
  while (!text_is(t, '}') && t->tok.kind != TEXT_END)
    parse_item(&p);
  text_expect(t, '}');
  shfree(p.globals);
  shfree(p.funcs);
  // Until here positions are those of the IR text, which is what messages of the verifier should
  // point at.
  if (!t->failed && !tir_verify(m, t->diags))
    text_fail(t);
  if (!t->failed)
    text_resolve_files(t);
  ir_each_pos(m, resolve, t);
  return m;
}

static bool another_with_name(TileModule **list, const char *name)
{
  for (ptrdiff_t i = 0; i < arrlen(list); i++)
    if (strcmp(list[i]->name, name) == 0)
      return true;
  return false;
}

TileModule **tir_parse(const SrcFile *file, Sources *sources, Diags *diags)
{
  IrText t;
  TileModule **list = NULL;
  text_start(&t, file, sources, diags);
  while (t.tok.kind != TEXT_END) {
    SrcPos at = t.tok.pos;
    if (text_accept_word(&t, "fabric")) {
      text_skip_module(&t);
      continue;
    }
    text_expect_word(&t, "tile");
    if (t.failed)
      break;
    TileModule *m = parse_module(&t);
    if (!t.failed && another_with_name(list, m->name))
      text_error_at(&t, at, "two modules are named \"%s\"", m->name);
    arrput(list, m);
  }
  if (!t.failed && !list)
    text_error(&t, "no tile module in this text");
  if (t.failed) {
    for (ptrdiff_t i = 0; i < arrlen(list); i++)
      tir_free(list[i]);
    arrfree(list);
  }
  text_end(&t);
  return t.failed ? NULL : list;
}
