// Parser of types, operands and instructions of tile text; the syntax of each operation comes from
// ir/forms.def.
#include "ir/parse.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TYPE_DEPTH = 32, MAX_LABEL = 1 << 28 };

static IrType parse_nested_type(TileParser *p, unsigned depth);

// The number after a one-letter prefix of a word, as in `b12` or `p3`; -1 if the word is not of
// that form.
static int64_t numbered(const char *word, char prefix, size_t skip)
{
  if (skip && word[0] != prefix)
    return -1;
  const char *digits = word + skip;
  if (!*digits || strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 9)
    return -1;
  return strtol(digits, NULL, 10);
}

static IrType parse_array(TileParser *p, unsigned depth)
{
  uint32_t count = text_u32(p->t);
  text_expect_word(p->t, "x");
  IrType elem = parse_nested_type(p, depth + 1);
  text_expect(p->t, ']');
  if (elem == IRT_VOID)
    text_error(p->t, "an array of void is not possible");
  return p->t->failed ? IRT_I16 : tir_array(p->m, elem, count);
}

static IrType parse_struct(TileParser *p, unsigned depth)
{
  IrType *fields = NULL;
  while (!text_is(p->t, '}') && !p->t->failed) {
    arrput(fields, parse_nested_type(p, depth + 1));
    if (arrlast(fields) == IRT_VOID)
      text_error(p->t, "a field of type void is not possible");
    if (!text_accept(p->t, ','))
      break;
  }
  text_expect(p->t, '}');
  IrType t = p->t->failed ? IRT_I16 : tir_struct(p->m, fields, (uint32_t)arrlen(fields));
  arrfree(fields);
  return t;
}

// Bits of i96, i128 …; 0: it is no such name.
static uint32_t wide_int_name(const char *word)
{
  int64_t bits = numbered(word, 'i', 1);
  bool fits = bits > 64 && bits <= IR_MAX_INT_BITS && bits % IR_WORD_BITS == 0 && word[1] != '0';
  return fits ? (uint32_t)bits : 0;
}

static IrType parse_nested_type(TileParser *p, unsigned depth)
{
  IrText *t = p->t;
  if (depth > MAX_TYPE_DEPTH)
    text_error(t, "this type is nested more than %d deep", MAX_TYPE_DEPTH);
  if (text_accept(t, '['))
    return parse_array(p, depth);
  if (text_accept(t, '{'))
    return parse_struct(p, depth);
  int type = t->tok.kind == TEXT_WORD ? ir_word(ir_scalar_names, t->tok.text) : -1;
  uint32_t bits = type < 0 && t->tok.kind == TEXT_WORD ? wide_int_name(t->tok.text) : 0;
  if (bits) {
    text_next(t);
    return tir_int(p->m, bits);
  }
  if (type < 0)
    text_error(t, "a type was expected here");
  else
    text_next(t);
  return type < 0 ? IRT_I16 : (IrType)type;
}

IrType parse_type(TileParser *p)
{
  return parse_nested_type(p, 0);
}

// ---- operands ----

static uint32_t look_up(TileParser *p, NameIndex *map, const char *what)
{
  IrText *t = p->t;
  if (t->tok.kind != TEXT_SYMBOL) {
    text_error(t, "a name such as @x was expected here");
    return 0;
  }
  ptrdiff_t i = shgeti(map, t->tok.text);
  if (i < 0)
    text_error(t, "there is no %s named @%s in this module", what, t->tok.text);
  else
    text_next(t);
  return i < 0 ? 0 : map[i].value;
}

uint32_t parse_global_name(TileParser *p)
{
  return look_up(p, p->globals, "global");
}

uint32_t parse_func_name(TileParser *p)
{
  return look_up(p, p->funcs, "function");
}

uint32_t parse_block_name(TileParser *p)
{
  IrText *t = p->t;
  int64_t n = t->tok.kind == TEXT_WORD ? numbered(t->tok.text, 'b', 1) : -1;
  if (n < 0)
    text_error(t, "a block such as b1 was expected here");
  else
    text_next(t);
  return n < 0 ? 0 : (uint32_t)n;
}

static IrRef parse_local(TileParser *p)
{
  IrText *t = p->t;
  int64_t label = numbered(t->tok.text, 'p', 0), param = numbered(t->tok.text, 'p', 1);
  IrRef ref = IR_NONE;
  if (param >= 0 && p->nblocks && param < arrlen(p->m->funcs[p->b.func].params))
    ref = IR_REF(REF_PARAM, param);
  else if (label >= 0 && label < MAX_LABEL && p->nblocks)
    ref = IR_REF(REF_INST, label);
  else
    text_error(t, "there is no value %%%s here", t->tok.text);
  text_next(t);
  return ref;
}

// The value of a wide integer: a short number, sign-extended, or the hexadecimal digits of its
// words.
static IrRef parse_wide(TileParser *p, IrType type)
{
  IrText *t = p->t;
  uint32_t words[IR_MAX_INT_WORDS], n = tir_int_bits(p->m, type) / IR_WORD_BITS;
  if (t->tok.kind != TEXT_NUMBER || (t->tok.is_long && t->tok.len > n * 8)) {
    text_error(t, "the value of an integer of %u bits was expected here", n * IR_WORD_BITS);
    return IR_NONE;
  }
  bool minus = !t->tok.is_long && t->tok.negative && t->tok.value;
  memset(words, minus ? 0xff : 0, sizeof words);
  words[0] = (uint32_t)t->tok.value;
  words[1] = (uint32_t)(t->tok.value >> 32);
  if (t->tok.is_long)
    words[0] = words[1] = 0;
  for (size_t i = 0; t->tok.is_long && i < t->tok.len; i++)
    words[i / 8] |= (uint32_t)text_digit(t->tok.text[t->tok.len - 1 - i]) << i % 8 * 4;
  text_next(t);
  return t->failed ? IR_NONE : tir_const_words(p->m, type, words);
}

static IrRef parse_const(TileParser *p)
{
  IrText *t = p->t;
  SrcPos at = t->tok.pos;
  IrType type = parse_type(p);
  if (t->failed)
    return IR_NONE;
  if (type == IRT_VOID)
    text_error_at(t, at, "a constant of type void is not possible");
  if (tir_int_bits(p->m, type) > 64)
    return parse_wide(p, type);
  if (type >= IRT_FIRST_AGGREGATE) {
    text_expect_word(t, "zero");
    return t->failed ? IR_NONE : tir_const(p->m, type, 0);
  }
  if (t->tok.kind != TEXT_NUMBER)
    text_error(t, "the value of a constant was expected here");
  if (t->tok.is_long)
    text_error(t, "this number is larger than 64 bits");
  uint64_t bits = t->tok.value;
  text_next(t);
  return t->failed ? IR_NONE : tir_const(p->m, type, bits);
}

static IrRef parse_tileconst(TileParser *p)
{
  uint32_t n = text_u32(p->t);
  if (n >= arrlenu(p->m->tileconsts))
    text_error(p->t, "there is no tile constant $%u", n);
  return IR_REF(REF_TILECONST, n);
}

IrRef parse_ref(TileParser *p)
{
  IrText *t = p->t;
  if (text_accept_word(t, "none"))
    return IR_NONE;
  if (text_accept_word(t, "true"))
    return tir_const(p->m, IRT_BOOL, 1);
  if (text_accept_word(t, "false"))
    return tir_const(p->m, IRT_BOOL, 0);
  if (text_accept_word(t, "fn"))
    return IR_REF(REF_FUNC, parse_func_name(p));
  if (t->tok.kind == TEXT_LOCAL)
    return parse_local(p);
  if (t->tok.kind == TEXT_SYMBOL)
    return IR_REF(REF_GLOBAL, parse_global_name(p));
  if (text_accept(t, '$'))
    return parse_tileconst(p);
  return parse_const(p);
}

bool parse_at_ref(const TileParser *p)
{
  const TextToken *tok = &p->t->tok;
  if (tok->first_on_line || tok->kind == TEXT_END || text_is(p->t, '!') || text_is(p->t, '}'))
    return false;
  return true;
}

// ---- directives ----

static uint32_t parse_word(TileParser *p, const char *const *words, const char *what)
{
  IrText *t = p->t;
  int i = t->tok.kind == TEXT_WORD ? ir_word(words, t->tok.text) : -1;
  if (i < 0)
    text_error(t, "%s was expected here", what);
  else
    text_next(t);
  return i < 0 ? 0 : (uint32_t)i;
}

// `dest.3` or `src0.auto`
static uint32_t parse_dsr(TileParser *p)
{
  IrText *t = p->t;
  for (uint32_t file = 0; ir_dsr_files[file] && t->tok.kind == TEXT_WORD; file++) {
    size_t n = strlen(ir_dsr_files[file]);
    if (strncmp(t->tok.text, ir_dsr_files[file], n) != 0 || t->tok.text[n] != '.')
      continue;
    const char *tail = t->tok.text + n + 1;
    int64_t number = strcmp(tail, "auto") == 0 ? DSR_AUTO : numbered(tail, 0, 0);
    if (number < 0 || !dsr_number_ok((uint32_t)number))
      break;
    text_next(t);
    return DSR_REF(file, number);
  }
  text_error(t, "a register such as dest.3 or src0.auto was expected here");
  return 0;
}

static void parse_args(TileParser *p, uint32_t **list)
{
  text_expect(p->t, '(');
  while (!text_is(p->t, ')') && !p->t->failed) {
    arrput(*list, parse_ref(p));
    if (!text_accept(p->t, ','))
      break;
  }
  text_expect(p->t, ')');
}

static void parse_switch(TileParser *p, uint32_t **list)
{
  text_expect_word(p->t, "default");
  arrput(*list, parse_block_name(p));
  while (text_accept(p->t, ',')) {
    arrput(*list, text_u32(p->t));
    text_expect(p->t, '.');
    text_expect(p->t, '.');
    arrput(*list, text_u32(p->t));
    arrput(*list, parse_block_name(p));
  }
}

static void parse_four(TileParser *p, const char *word, uint32_t **list)
{
  text_expect_word(p->t, word);
  text_expect(p->t, '(');
  for (int i = 0; i < 4; i++) {
    if (i)
      text_expect(p->t, ',');
    arrput(*list, (uint32_t)text_number(p->t, INT32_MIN, UINT32_MAX));
  }
  text_expect(p->t, ')');
}

static void parse_mem4d(TileParser *p, uint32_t **list)
{
  text_expect_word(p->t, "dims");
  arrput(*list, text_u32(p->t));
  parse_four(p, "extents", list);
  parse_four(p, "strides", list);
}

static IrRef parse_named_ref(TileParser *p, const char *name)
{
  return text_accept_word(p->t, name) ? parse_ref(p) : IR_NONE;
}

static uint32_t parse_cfg(TileParser *p)
{
  uint32_t cfg = 0;
  if (text_accept_word(p->t, "cfg"))
    ir_attrs_parse(p->t, ir_cfg_attrs, &cfg);
  return cfg;
}

static uint8_t parse_xdsr(TileParser *p)
{
  return text_accept_word(p->t, "xdsr") ? (uint8_t)(text_number(p->t, 0, 254) + 1) : 0;
}

static void parse_dsd_operand(TileParser *p, DsdOperand *o, IrRef *value)
{
  if (text_accept_word(p->t, "none"))
    return;
  if (text_accept_word(p->t, "scalar")) {
    o->kind = OPND_SCALAR;
    return;
  }
  o->kind = text_accept_word(p->t, "dsr") ? OPND_DSR : OPND_DSD;
  uint32_t dsr = parse_dsr(p);
  o->file = (uint8_t)(dsr >> 8);
  o->number = (uint8_t)dsr;
  if (o->kind == OPND_DSR)
    return;
  o->xdsr = parse_xdsr(p);
  if (text_accept_word(p->t, "pointer"))
    o->kind = OPND_POINTER;
  *value = parse_ref(p);
}

static void parse_dsd_run(TileParser *p, IrInst *in, uint32_t **list)
{
  DsdUse u = {0};
  parse_dsd_operand(p, &u.dest, &in->a);
  text_expect(p->t, ',');
  parse_dsd_operand(p, &u.src0, &in->b);
  text_expect(p->t, ',');
  parse_dsd_operand(p, &u.src1, &in->c);
  arrput(*list, parse_named_ref(p, "with"));
  u.cfg = parse_cfg(p);
  u.completion = parse_named_ref(p, "complete");
  u.on_control = parse_named_ref(p, "control");
  u.index = parse_named_ref(p, "index");
  arrput(*list, (uint32_t)arrlen(p->m->dsd_uses));
  arrput(p->m->dsd_uses, u);
}

static void parse_dsr_load(TileParser *p, uint32_t **list)
{
  uint32_t xdsr = parse_xdsr(p);
  arrput(*list, parse_cfg(p));
  arrput(*list, parse_named_ref(p, "complete"));
  arrput(*list, parse_named_ref(p, "control"));
  arrput(*list, xdsr);
}

static void parse_optional_refs(TileParser *p, IrInst *in)
{
  if (!parse_at_ref(p))
    return;
  in->a = parse_ref(p);
  if (text_accept(p->t, ','))
    in->b = parse_ref(p);
}

static uint32_t parse_dsd_op(TileParser *p)
{
  DsdOp op = p->t->tok.kind == TEXT_WORD ? isa_dsd_find(p->t->tok.text) : DSD_OPS;
  if (op == DSD_OPS)
    text_error(p->t, "the name of a DSD operation was expected here");
  text_next(p->t);
  return op == DSD_OPS ? 0 : op;
}

static uint32_t parse_sys_op(TileParser *p)
{
  for (int op = 0; op < SYS_OPS && p->t->tok.kind == TEXT_WORD; op++)
    if (text_accept_word(p->t, isa_sys((SysOp)op)->name))
      return (uint32_t)op;
  text_error(p->t, "the name of a system operation was expected here");
  return 0;
}

static uint32_t parse_fabric(TileParser *p)
{
  DsdFabric f = {.queue = 0xff};
  text_expect_word(p->t, "fabric");
  ir_attrs_parse(p->t, ir_fabric_attrs, &f);
  arrput(p->m->fabrics, f);
  return (uint32_t)arrlen(p->m->fabrics) - 1;
}

static uint32_t parse_string_number(TileParser *p)
{
  text_expect(p->t, '#');
  uint32_t n = text_u32(p->t);
  if (n >= arrlenu(p->m->strings))
    text_error(p->t, "there is no string %u", n);
  return n;
}

static void parse_slot_name(TileParser *p, IrInst *in)
{
  if (p->t->tok.kind != TEXT_STRING)
    return;
  arrput(p->m->names, text_string(p->t, &p->m->arena));
  in->list = (uint32_t)arrlen(p->m->names);
}

static void parse_fifo_length(TileParser *p, IrInst *in)
{
  static const char *const ends[] = {"read", "write", NULL};
  uint32_t number = (uint32_t)text_number(p->t, 0, 0xffff);
  in->aux = number * 2 + parse_word(p, ends, "'read' or 'write'");
}

// One directive of ir/forms.def.
static void parse_directive(TileParser *p, IrInst *in, uint32_t **list, char directive)
{
  static const char *const queues[] = {"input", "output", NULL};
  switch (directive) {
  case 'T': in->type = parse_type(p); break;
  case 'a': in->a = parse_ref(p); break;
  case 'b': in->b = parse_ref(p); break;
  case 'c': in->c = parse_ref(p); break;
  case 't': in->aux = parse_type(p); break;
  case 'u': in->aux = text_u32(p->t); break;
  case 'i': in->aux = (uint32_t)text_number(p->t, INT32_MIN, INT32_MAX); break;
  case 'k': in->aux = parse_block_name(p); break;
  case 'f': in->aux = parse_func_name(p); break;
  case 's': in->aux = parse_string_number(p); break;
  case 'r': in->aux = parse_dsr(p); break;
  case 'q':
    in->aux = parse_word(p, ir_target_names, "'task', 'input-queue', 'color' or 'ut'");
    break;
  case 'd': in->aux = parse_word(p, queues, "'input' or 'output'"); break;
  case 'l': parse_fifo_length(p, in); break;
  case 'o': in->aux = parse_dsd_op(p); break;
  case 'y': in->aux = parse_sys_op(p); break;
  case 'F': in->aux = parse_fabric(p); break;
  case 'w': in->aux = text_accept_word(p->t, "wio") ? DSD_WIO : 0; break;
  case 'R':
    if (parse_at_ref(p))
      in->a = parse_ref(p);
    break;
  case 'S': parse_optional_refs(p, in); break;
  case 'C': parse_args(p, list); break;
  case 'B':
    arrput(*list, parse_block_name(p));
    text_expect(p->t, ',');
    arrput(*list, parse_block_name(p));
    break;
  case 'K': parse_switch(p, list); break;
  case 'M': parse_mem4d(p, list); break;
  case 'U': parse_dsd_run(p, in, list); break;
  case 'L': parse_dsr_load(p, list); break;
  case 'n': parse_slot_name(p, in); break;
  default: PANIC("directive %%%c", directive);
  }
}

static void parse_syntax(TileParser *p, IrInst *in, uint32_t **list)
{
  for (const char *s = ir_form(in->op)->syntax; *s && !p->t->failed;) {
    if (*s == ' ') {
      s++;
    } else if (*s == '%') {
      parse_directive(p, in, list, s[1]);
      s += 2;
    } else if (*s >= 'a' && *s <= 'z') {
      size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
      text_expect_word(p->t, arena_strndup(&p->t->arena, s, n));
      s += n;
    } else {
      text_expect(p->t, *s++);
    }
  }
}

// `%3 =`: the label, or -1 if there is none.
static int64_t parse_label(TileParser *p)
{
  IrText *t = p->t;
  if (t->tok.kind != TEXT_LOCAL)
    return -1;
  int64_t label = numbered(t->tok.text, 0, 0);
  if (label < 0 || label >= MAX_LABEL)
    text_error(t, "a value is named by a number, as in %%3");
  else if (hmgeti(p->labels, (uint32_t)label) >= 0)
    text_error(t, "%%%lld is defined twice", (long long)label);
  text_next(t);
  text_expect(t, '=');
  return label;
}

static IrOp parse_mnemonic(TileParser *p)
{
  IrText *t = p->t;
  IrOp op = t->tok.kind == TEXT_WORD ? tir_op_find(t->tok.text, t->tok.len) : IR_OPS;
  if (op == IR_OPS)
    text_error(t, "an instruction was expected here");
  text_next(t);
  return op;
}

static void append(TileParser *p, const IrInst *in, const uint32_t *list, SrcPos at)
{
  p->b.pos = at;
  if (tir_op((IrOp)in->op)->list)
    tir_emit_list(&p->b, (IrOp)in->op, in->type, in->a, in->b, in->c, in->aux, list,
                  (uint32_t)arrlen(list));
  else
    tir_emit(&p->b, (IrOp)in->op, in->type, in->a, in->b, in->c, in->aux);
  IrFunc *f = &p->m->funcs[p->b.func];
  if (in->op == IR_SLOT)
    arrlast(f->insts).list = in->list;
}

void parse_inst(TileParser *p)
{
  IrText *t = p->t;
  SrcPos at = t->tok.pos;
  int64_t label = parse_label(p);
  IrOp op = parse_mnemonic(p);
  IrInst in = {.op = (uint8_t)op, .type = IRT_VOID};
  uint32_t *list = NULL;
  if (!t->failed)
    parse_syntax(p, &in, &list);
  text_note(t, at);
  if (!t->failed && !t->tok.first_on_line)
    text_error(t, "the end of the line was expected here");
  if (!t->failed) {
    append(p, &in, list, at);
    const IrFunc *f = &p->m->funcs[p->b.func];
    bool value = arrlast(f->insts).type != IRT_VOID;
    if (value != (label >= 0))
      text_error_at(t, at, value ? "this value needs a name" : "this instruction has no value");
    else if (value)
      hmput(p->labels, (uint32_t)label, (uint32_t)arrlen(f->insts) - 1);
  }
  arrfree(list);
}

static void fix_label(IrRef *ref, void *arg)
{
  TileParser *p = arg;
  if (IR_TAG(*ref) != REF_INST || p->t->failed)
    return;
  ptrdiff_t i = hmgeti(p->labels, IR_INDEX(*ref));
  if (i < 0)
    text_error_at(p->t, p->b.pos, "there is no value %%%u in this function", IR_INDEX(*ref));
  else
    *ref = IR_REF(REF_INST, p->labels[i].value);
}

void parse_fix_labels(TileParser *p)
{
  IrFunc *f = &p->m->funcs[p->b.func];
  for (size_t i = 0; i < arrlenu(f->insts) && !p->t->failed; i++) {
    p->b.pos = f->insts[i].pos;
    ir_each_ref(p->m, &f->insts[i], fix_label, p);
  }
  hmfree(p->labels);
}
