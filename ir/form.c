// The table of forms, attribute lists and walks over modules; see form.h.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <stddef.h>
#include <string.h>

static const IrForm forms[IR_OPS] = {
#define FORM(op, syntax, operands, result) [IR_##op] = {syntax, operands, result},
#include "ir/forms.def"
#undef FORM
};

const IrForm *ir_form(IrOp op)
{
  return &forms[op];
}

const char *const ir_scalar_names[] = {"void", "bool", "i8",  "i16", "i32", "i64",  "f16",
                                       "bf16", "cb16", "f32", "ptr", "dsd", "dsd4", NULL};
const char *const ir_dsr_files[] = {"dest", "src0", "src1", NULL};
const char *const ir_target_names[] = {"task", "input-queue", "color", "ut", NULL};
static const char *const compat_names[] = {"sdk-auto", "sdk-1.4", "sdk-2.10", NULL};
static const char *const actions[] = {"none", "activate", "unblock", "terminate", NULL};
static const char *const fabric_kinds[] = {"none",   "mem1d", "mem4d",   "fabin",
                                           "fabout", "fifo",  "circbuf", NULL};
static const char *const filter_kinds[] = {"none", "counter", "sparse_counter", "range", NULL};

int ir_word(const char *const *list, const char *word)
{
  for (int i = 0; list[i]; i++)
    if (strcmp(list[i], word) == 0)
      return i;
  return -1;
}

// ---- headers ----

void ir_header_print(IrHeader h, FILE *out)
{
  fprintf(out, "%s %s fp16 %s", arch_get(h.arch)->name, compat_names[h.compat],
          ir_scalar_names[h.fp16]);
}

IrHeader ir_header_parse(IrText *t)
{
  IrHeader h = {.fp16 = IRT_F16};
  const Arch *arch = t->tok.kind == TEXT_WORD ? arch_find(t->tok.text) : NULL;
  if (!arch)
    text_error(t, "an architecture was expected here");
  text_next(t);
  int compat = t->tok.kind == TEXT_WORD ? ir_word(compat_names, t->tok.text) : -1;
  if (compat < 0)
    text_error(t, "sdk-1.4 or sdk-2.10 was expected here");
  text_next(t);
  text_expect_word(t, "fp16");
  int fp16 = t->tok.kind == TEXT_WORD ? ir_word(ir_scalar_names, t->tok.text) : -1;
  if (fp16 != IRT_F16 && fp16 != IRT_BF16 && fp16 != IRT_CB16)
    text_error(t, "f16, bf16 or cb16 was expected here");
  text_next(t);
  return t->failed ? h : (IrHeader){arch->id, (SdkCompat)compat, (IrType)fp16};
}

// ---- attribute lists ----

#define BITS(name, at, bits) {name, at, bits, 0, 0, (bits) == 1, NULL}
#define WORDS(name, at, bits, words) {name, at, bits, 0, 0, false, words}
const IrAttr ir_cfg_attrs[] = {
    BITS("async", 0, 1),
    BITS("ut_given", 1, 1),
    BITS("ut", CFG_UT_SHIFT, 3),
    WORDS("action", CFG_ACTION_SHIFT, 2, actions),
    BITS("target", CFG_TARGET_SHIFT, 6),
    WORDS("kind", CFG_KIND_SHIFT, 2, ir_target_names),
    WORDS("control_action", CFG_OC_ACTION_SHIFT, 2, actions),
    BITS("control_target", CFG_OC_TARGET_SHIFT, 6),
    WORDS("control_kind", CFG_OC_KIND_SHIFT, 2, ir_target_names),
    BITS("priority", CFG_PRIO_SHIFT, 2),
    BITS("save_address", 27, 1),
    BITS("single_step", 28, 1),
    BITS("index", 29, 1),
    BITS("reserved", 30, 2),
    {0},
};

#define PART(T, name, absent, flag, words)                                                         \
  {#name, offsetof(T, name), 0, sizeof(((T *)0)->name), absent, flag, words}
const IrAttr ir_fabric_attrs[] = {
    PART(DsdFabric, kind, DSD_NONE, false, fabric_kinds),
    PART(DsdFabric, queue, 0xff, false, NULL),
    PART(DsdFabric, simd, 0, false, NULL),
    PART(DsdFabric, priority, 0, false, NULL),
    PART(DsdFabric, control, 0, true, NULL),
    PART(DsdFabric, control_transform, 0, true, NULL),
    PART(DsdFabric, zero_first, 0, true, NULL),
    PART(DsdFabric, zero_second, 0, true, NULL),
    PART(DsdFabric, advance_switch, 0, true, NULL),
    PART(DsdFabric, wio, 0, true, NULL),
    PART(DsdFabric, turns, 0, true, NULL),
    {0},
};
const IrAttr ir_filter_attrs[] = {
    PART(Filter, kind, FILTER_NONE, false, filter_kinds),
    PART(Filter, color, 0, false, NULL),
    PART(Filter, count_data, 0, true, NULL),
    PART(Filter, count_control, 0, true, NULL),
    PART(Filter, filter_control, 0, true, NULL),
    PART(Filter, has_limit1, 0, true, NULL),
    PART(Filter, has_limit2, 0, true, NULL),
    PART(Filter, init_counter, 0, false, NULL),
    PART(Filter, limit1, 0, false, NULL),
    PART(Filter, limit2, 0, false, NULL),
    PART(Filter, max_counter, 0, false, NULL),
    {0},
};

static const char *const pop_modes[] = {"none", "always", "on_advance", "on_advance_nop", NULL};
const IrAttr ir_route_attrs[] = {
    PART(Route, current, 0, false, NULL), PART(Route, ring, 0, true, NULL),
    PART(Route, teardown, 0, true, NULL), PART(Route, swap_x, 0, true, NULL),
    PART(Route, swap_y, 0, true, NULL),   PART(Route, pop, POP_NONE, false, pop_modes),
    PART(Route, filter, 0, false, NULL),  {0},
};

static uint32_t attr_get(const IrAttr *a, const void *base)
{
  if (a->bits)
    return (*(const uint32_t *)base >> a->at) & ((1u << a->bits) - 1);
  uint32_t v = 0;
  memcpy(&v, (const char *)base + a->at, a->bytes); // little-endian hosts only, as everywhere
  return v;
}

static void attr_set(const IrAttr *a, void *base, uint32_t value)
{
  if (a->bits)
    *(uint32_t *)base |= value << a->at;
  else
    memcpy((char *)base + a->at, &value, a->bytes);
}

static uint32_t attr_max(const IrAttr *a)
{
  return a->flag ? 1 : a->bits ? (1u << a->bits) - 1 : a->bytes == 1 ? 0xff : 0xffff;
}

static void print_attr(const IrAttr *a, uint32_t v, FILE *out)
{
  fputs(a->name, out);
  int known = 0;
  while (a->words && a->words[known])
    known++;
  if ((int)v < known)
    fprintf(out, "=%s", a->words[v]);
  else if (!a->flag)
    fprintf(out, "=%u", v);
}

void ir_attrs_print(const IrAttr *list, const void *base, FILE *out)
{
  bool any = false;
  for (const IrAttr *a = list; a->name; a++) {
    uint32_t v = attr_get(a, base);
    if (v == a->absent)
      continue;
    fputs(any ? ", " : "(", out);
    print_attr(a, v, out);
    any = true;
  }
  if (any)
    fputc(')', out);
}

void ir_attrs_print_after(const char *word, const IrAttr *list, const void *base, FILE *out)
{
  bool any = false;
  for (const IrAttr *a = list; a->name; a++)
    any |= attr_get(a, base) != a->absent;
  if (!any)
    return;
  fputs(word, out);
  ir_attrs_print(list, base, out);
}

static void parse_attr(IrText *t, const IrAttr *list, void *base)
{
  const IrAttr *a = list;
  while (a->name && !text_is_word(t, a->name))
    a++;
  if (!a->name)
    text_error(t, "no such attribute here");
  text_next(t);
  uint32_t v = 1;
  if (!t->failed && !a->flag) {
    text_expect(t, '=');
    int word = a->words && t->tok.kind == TEXT_WORD ? ir_word(a->words, t->tok.text) : -1;
    if (word >= 0)
      text_next(t);
    v = word >= 0 ? (uint32_t)word : (uint32_t)text_number(t, 0, attr_max(a));
  }
  if (!t->failed)
    attr_set(a, base, v);
}

void ir_attrs_parse(IrText *t, const IrAttr *list, void *base)
{
  if (!text_accept(t, '('))
    return;
  do
    parse_attr(t, list, base);
  while (text_accept(t, ','));
  text_expect(t, ')');
}

// ---- walks ----

uint32_t *ir_list(const TileModule *m, const IrInst *in)
{
  return m->extra && tir_op((IrOp)in->op)->list ? m->extra + in->list : NULL;
}

static void each_in_use(DsdUse *u, void (*fn)(IrRef *, void *), void *arg)
{
  fn(&u->completion, arg);
  fn(&u->on_control, arg);
  fn(&u->index, arg);
}

void ir_each_ref(TileModule *m, IrInst *inst, void (*fn)(IrRef *ref, void *arg), void *arg)
{
  fn(&inst->a, arg);
  fn(&inst->b, arg);
  fn(&inst->c, arg);
  uint32_t *list = ir_list(m, inst);
  if (inst->op == IR_CALL || inst->op == IR_CALLPTR)
    for (uint32_t i = 0; i < inst->nlist; i++)
      fn(&list[i], arg);
  if (inst->op == IR_DSD_RUN) {
    fn(&list[0], arg);
    each_in_use(&m->dsd_uses[list[1]], fn, arg);
  }
  if (inst->op == IR_DSR_LOAD) {
    fn(&list[1], arg);
    fn(&list[2], arg);
  }
}

void ir_each_pos(TileModule *m, void (*fn)(SrcPos *pos, void *arg), void *arg)
{
  for (ptrdiff_t i = 0; i < arrlen(m->globals); i++)
    fn(&m->globals[i].pos, arg);
  for (ptrdiff_t i = 0; i < arrlen(m->fifos); i++)
    fn(&m->fifos[i].pos, arg);
  for (ptrdiff_t i = 0; i < arrlen(m->setup); i++)
    fn(&m->setup[i].pos, arg);
  for (ptrdiff_t i = 0; i < arrlen(m->funcs); i++) {
    IrFunc *f = &m->funcs[i];
    fn(&f->pos, arg);
    for (ptrdiff_t b = 0; b < arrlen(f->blocks); b++)
      for (ptrdiff_t k = 0; k < arrlen(f->blocks[b].insts); k++)
        fn(&f->insts[f->blocks[b].insts[k]].pos, arg);
  }
}
