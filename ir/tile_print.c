// Text of a tile module; grammar: docs/tile-ir.md. What follows a mnemonic is said by ir/forms.def.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <string.h>

typedef struct Printer {
  const TileModule *m;
  FILE *out;
  TextFiles files;
  const IrFunc *func;
  uint32_t
      *number; // of each instruction of the function: values are numbered in the order of the text
} Printer;

static void print_type(const Printer *p, IrType t)
{
  if (t < IRT_FIRST_AGGREGATE) {
    fputs(ir_scalar_names[t], p->out);
    return;
  }
  const IrAggregate *a = &p->m->types[t - IRT_FIRST_AGGREGATE];
  if (a->int_bits) {
    fprintf(p->out, "i%u", a->int_bits);
    return;
  }
  if (a->elem != IRT_VOID) {
    fprintf(p->out, "[%u x ", a->count);
    print_type(p, a->elem);
    fputc(']', p->out);
    return;
  }
  fputc('{', p->out);
  for (uint32_t i = 0; i < a->count; i++) {
    fputs(i ? ", " : "", p->out);
    print_type(p, a->fields[i]);
  }
  fputc('}', p->out);
}

static int64_t sign_extended(uint64_t bits, unsigned width)
{
  return (int64_t)(bits << (64 - width)) >> (64 - width);
}

// As a number where it is a short one, else all words.
static void print_words(const Printer *p, IrConst c)
{
  uint32_t n = tir_int_bits(p->m, c.type) / IR_WORD_BITS, sign = (uint32_t)((int64_t)c.bits >> 63);
  bool is_short = true;
  for (uint32_t i = 2; i < n; i++)
    is_short &= c.words[i] == sign;
  if (is_short) {
    fprintf(p->out, " %lld", (long long)c.bits);
    return;
  }
  fputs(" 0x", p->out);
  for (uint32_t i = n; i-- > 0;)
    fprintf(p->out, "%08x", c.words[i]);
}

static void print_const(const Printer *p, IrConst c)
{
  if (c.type == IRT_BOOL) {
    fputs(c.bits ? "true" : "false", p->out);
    return;
  }
  print_type(p, c.type);
  if (c.words)
    print_words(p, c);
  else if (c.type >= IRT_FIRST_AGGREGATE)
    fputs(" zero", p->out);
  else if (c.type >= IRT_I8 && c.type <= IRT_I64)
    fprintf(p->out, " %lld", (long long)sign_extended(c.bits, 8u << (c.type - IRT_I8)));
  else
    fprintf(p->out, " 0x%0*llx", (int)(tir_size(p->m, c.type) > 8 ? 8 : tir_size(p->m, c.type)) * 2,
            (unsigned long long)c.bits);
}

static void print_ref(const Printer *p, IrRef ref)
{
  uint32_t i = IR_INDEX(ref);
  switch (IR_TAG(ref)) {
  case REF_INST: fprintf(p->out, "%%%u", p->number[i]); break;
  case REF_CONST: print_const(p, p->m->consts[i]); break;
  case REF_PARAM: fprintf(p->out, "%%p%u", i); break;
  case REF_GLOBAL: text_print_symbol(p->out, p->m->globals[i].name); break;
  case REF_FUNC:
    fputs("fn ", p->out);
    text_print_symbol(p->out, p->m->funcs[i].name);
    break;
  case REF_TILECONST: fprintf(p->out, "$%u", i); break;
  default: fputs("none", p->out);
  }
}

// ---- instructions ----

static void print_list(const Printer *p, const IrInst *in)
{
  fputc('(', p->out);
  for (uint32_t i = 0; i < in->nlist; i++) {
    fputs(i ? ", " : "", p->out);
    print_ref(p, p->m->extra[in->list + i]);
  }
  fputc(')', p->out);
}

static void print_switch(const Printer *p, const IrInst *in)
{
  const uint32_t *list = ir_list(p->m, in);
  fprintf(p->out, "default b%u", list[0]);
  for (uint32_t i = 1; i + 2 < in->nlist; i += 3)
    fprintf(p->out, ", %u..%u b%u", list[i], list[i + 1], list[i + 2]);
}

static void print_mem4d(const Printer *p, const IrInst *in)
{
  const uint32_t *l = ir_list(p->m, in);
  fprintf(p->out, "dims %u extents (%u, %u, %u, %u) strides (%d, %d, %d, %d)", l[0], l[1], l[2],
          l[3], l[4], (int)l[5], (int)l[6], (int)l[7], (int)l[8]);
}

static void print_dsr(const Printer *p, uint32_t file, uint32_t number)
{
  if (number == DSR_AUTO)
    fprintf(p->out, "%s.auto", ir_dsr_files[file]);
  else
    fprintf(p->out, "%s.%u", ir_dsr_files[file], number);
}

static void print_dsd_operand(const Printer *p, const DsdOperand *o, IrRef value)
{
  switch (o->kind) {
  case OPND_NONE: fputs("none", p->out); return;
  case OPND_SCALAR: fputs("scalar", p->out); return;
  case OPND_DSR:
    fputs("dsr ", p->out);
    print_dsr(p, o->file, o->number);
    return;
  default: break;
  }
  print_dsr(p, o->file, o->number);
  if (o->xdsr)
    fprintf(p->out, " xdsr %u", o->xdsr - 1);
  fputs(o->kind == OPND_POINTER ? " pointer " : " ", p->out);
  print_ref(p, value);
}

static void print_named_ref(const Printer *p, const char *name, IrRef ref)
{
  if (ref == IR_NONE)
    return;
  fprintf(p->out, " %s ", name);
  print_ref(p, ref);
}

static void print_cfg(const Printer *p, uint32_t cfg)
{
  if (!cfg)
    return;
  fputs(" cfg", p->out);
  ir_attrs_print(ir_cfg_attrs, &cfg, p->out);
}

static void print_dsd_run(const Printer *p, const IrInst *in)
{
  const uint32_t *list = ir_list(p->m, in);
  const DsdUse *u = &p->m->dsd_uses[list[1]];
  print_dsd_operand(p, &u->dest, in->a);
  fputs(", ", p->out);
  print_dsd_operand(p, &u->src0, in->b);
  fputs(", ", p->out);
  print_dsd_operand(p, &u->src1, in->c);
  print_named_ref(p, "with", list[0]);
  print_cfg(p, u->cfg);
  print_named_ref(p, "complete", u->completion);
  print_named_ref(p, "control", u->on_control);
  print_named_ref(p, "index", u->index);
}

static void print_dsr_load(const Printer *p, const IrInst *in)
{
  const uint32_t *list = ir_list(p->m, in);
  if (list[3])
    fprintf(p->out, " xdsr %u", list[3] - 1);
  print_cfg(p, list[0]);
  print_named_ref(p, "complete", list[1]);
  print_named_ref(p, "control", list[2]);
}

static void print_sys(const Printer *p, const IrInst *in)
{
  if (in->a == IR_NONE && in->b == IR_NONE)
    return;
  fputc(' ', p->out);
  print_ref(p, in->a);
  if (in->b == IR_NONE)
    return;
  fputs(", ", p->out);
  print_ref(p, in->b);
}

// One directive of ir/forms.def.
static void print_directive(const Printer *p, const IrInst *in, char directive)
{
  const TileModule *m = p->m;
  const uint32_t *list = ir_list(m, in);
  switch (directive) {
  case 'T': print_type(p, in->type); break;
  case 'a': print_ref(p, in->a); break;
  case 'b': print_ref(p, in->b); break;
  case 'c': print_ref(p, in->c); break;
  case 't': print_type(p, in->aux); break;
  case 'u': fprintf(p->out, "%u", in->aux); break;
  case 'i': fprintf(p->out, "%d", (int)in->aux); break;
  case 'k': fprintf(p->out, "b%u", in->aux); break;
  case 'f': text_print_symbol(p->out, m->funcs[in->aux].name); break;
  case 's': fprintf(p->out, "#%u", in->aux); break;
  case 'r': print_dsr(p, in->aux >> 8, in->aux & 0xff); break;
  case 'q': fputs(ir_target_names[in->aux], p->out); break;
  case 'd': fputs(in->aux ? "output" : "input", p->out); break;
  case 'l': fprintf(p->out, "%u %s", in->aux / 2, in->aux % 2 ? "write" : "read"); break;
  case 'o': fputs(isa_dsd((DsdOp)in->aux)->name, p->out); break;
  case 'y': fputs(isa_sys((SysOp)in->aux)->name, p->out); break;
  case 'F':
    fputs("fabric", p->out);
    ir_attrs_print(ir_fabric_attrs, &m->fabrics[in->aux], p->out);
    break;
  case 'w': fputs(in->aux ? " wio" : "", p->out); break;
  case 'R':
    if (in->a != IR_NONE)
      print_ref(p, in->a);
    break;
  case 'S': print_sys(p, in); break;
  case 'C': print_list(p, in); break;
  case 'B': fprintf(p->out, "b%u, b%u", list[0], list[1]); break;
  case 'K': print_switch(p, in); break;
  case 'M': print_mem4d(p, in); break;
  case 'U': print_dsd_run(p, in); break;
  case 'L': print_dsr_load(p, in); break;
  case 'n':
    if (in->list) {
      fputc(' ', p->out);
      text_print_string(p->out, m->names[in->list - 1]);
    }
    break;
  default: PANIC("directive %%%c", directive);
  }
}

static void print_inst(const Printer *p, uint32_t number)
{
  const IrInst *in = &p->func->insts[number];
  fputs("    ", p->out);
  if (in->type != IRT_VOID)
    fprintf(p->out, "%%%u = ", p->number[number]);
  fputs(tir_op(in->op)->text, p->out);
  const char *s = ir_form(in->op)->syntax;
  if (*s && !(in->op == IR_RET && in->a == IR_NONE))
    fputc(' ', p->out);
  for (; *s; s++) {
    if (*s == '%')
      print_directive(p, in, *++s);
    else
      fputc(*s, p->out);
  }
  text_print_note(&p->files, in->pos, p->out);
  fputc('\n', p->out);
}

static void number_values(Printer *p)
{
  uint32_t n = 0;
  arrsetlen(p->number, arrlenu(p->func->insts) + 1);
  for (size_t b = 0; b < arrlenu(p->func->blocks); b++)
    for (size_t i = 0; i < arrlenu(p->func->blocks[b].insts); i++) {
      uint32_t inst = p->func->blocks[b].insts[i];
      if (p->func->insts[inst].type != IRT_VOID)
        p->number[inst] = n++;
    }
}

static void print_linkname(const Printer *p, const char *word, const char *name)
{
  if (!name)
    return;
  fprintf(p->out, " %s ", word);
  text_print_string(p->out, name);
}

static void print_func(Printer *p, const IrFunc *f)
{
  p->func = f;
  number_values(p);
  fputs("\n  func ", p->out);
  text_print_symbol(p->out, f->name);
  fputc('(', p->out);
  for (size_t i = 0; i < arrlenu(f->params); i++) {
    fputs(i ? ", " : "", p->out);
    print_type(p, f->params[i]);
  }
  fputs(") ", p->out);
  print_type(p, f->result);
  fprintf(p->out, "%s%s%s", f->exported ? " export" : "", f->inline_hint ? " inline" : "",
          f->noinline_hint ? " noinline" : "");
  print_linkname(p, "linkname", f->linkname);
  bool body = arrlen(f->blocks) > 0;
  fputs(body ? " {" : "", p->out);
  text_print_note(&p->files, f->pos, p->out);
  fputc('\n', p->out);
  for (size_t b = 0; b < arrlenu(f->blocks); b++) {
    fprintf(p->out, "  b%zu:\n", b);
    for (size_t i = 0; i < arrlenu(f->blocks[b].insts); i++)
      print_inst(p, f->blocks[b].insts[i]);
  }
  fputs(body ? "  }\n" : "", p->out);
}

// ---- the rest of the module ----

enum { BYTES_PER_LINE = 32 };

static void print_init(const Printer *p, const IrGlobal *g)
{
  uint32_t size = tir_size(p->m, g->type);
  fputs("    init\n", p->out);
  for (uint32_t at = 0; at < size; at += BYTES_PER_LINE) {
    uint32_t n = size - at < BYTES_PER_LINE ? size - at : BYTES_PER_LINE, zeros = 0;
    while (zeros < n && g->init[at + zeros] == 0)
      zeros++;
    if (zeros == n)
      continue; // lines of zeros are left out
    fprintf(p->out, "    0x%04x:", at);
    for (uint32_t i = 0; i < n; i++)
      fprintf(p->out, "%s%02x", i % 4 ? "" : " x", g->init[at + i]);
    fputc('\n', p->out);
  }
}

static void print_global(const Printer *p, const IrGlobal *g)
{
  fputs("  global ", p->out);
  text_print_symbol(p->out, g->name);
  fputs(": ", p->out);
  print_type(p, g->type);
  fprintf(p->out, "%s%s%s", g->constant ? " const" : "", g->exported ? " export" : "",
          g->external ? " extern" : "");
  if (g->align)
    fprintf(p->out, " align %u", g->align);
  print_linkname(p, "linkname", g->linkname);
  print_linkname(p, "section", g->section);
  if (g->section_start)
    fprintf(p->out, " from %u", g->section_start);
  if (g->address < DATA_LIMIT)
    fprintf(p->out, " at 0x%04x", g->address);
  bool body = g->init || arrlen(g->relocs) || arrlen(g->patches);
  fputs(body ? " {" : "", p->out);
  text_print_note(&p->files, g->pos, p->out);
  fputc('\n', p->out);
  if (g->init)
    print_init(p, g);
  for (size_t i = 0; i < arrlenu(g->relocs); i++) {
    fprintf(p->out, "    reloc 0x%04x ", g->relocs[i].offset);
    print_ref(p, g->relocs[i].target);
    fprintf(p->out, ", %d\n", g->relocs[i].addend);
  }
  for (size_t i = 0; i < arrlenu(g->patches); i++)
    fprintf(p->out, "    patch 0x%04x $%u\n", g->patches[i].offset, g->patches[i].tileconst);
  fputs(body ? "  }\n" : "", p->out);
}

static void print_register(const Printer *p, const char *name, uint8_t number)
{
  if (number == DSR_AUTO)
    fprintf(p->out, " %s auto", name);
  else
    fprintf(p->out, " %s %u", name, number);
}

static void print_fifo(const Printer *p, const IrFifo *f, uint32_t number)
{
  fprintf(p->out, "  fifo %u ", number);
  text_print_string(p->out, f->name ? f->name : "");
  fputs(" buffer ", p->out);
  text_print_symbol(p->out, p->m->globals[f->buffer].name);
  fprintf(p->out, " bytes %u capacity %u simd %u empty %u full %u", f->elem_bytes, f->capacity,
          f->simd, f->empty_action, f->full_action);
  if (f->priority)
    fprintf(p->out, " priority %u", f->priority);
  print_named_ref(p, "push", f->activate_push);
  print_named_ref(p, "pop", f->activate_pop);
  print_register(p, "dest", f->dest);
  print_register(p, "src1", f->src1);
  print_register(p, "xdsr", f->xdsr);
  text_print_note(&p->files, f->pos, p->out);
  fputc('\n', p->out);
}

static void print_setup(const Printer *p, const IrSetup *s)
{
  fprintf(p->out, "  setup %s %u", tir_setup_info((SetupKind)s->kind)->text, s->id);
  const IrRef refs[] = {s->a, s->b, s->c};
  int n = 3;
  while (n > 0 && refs[n - 1] == IR_NONE)
    n--;
  for (int i = 0; i < n; i++) {
    fputs(i ? ", " : " ", p->out);
    print_ref(p, refs[i]);
  }
  text_print_note(&p->files, s->pos, p->out);
  fputc('\n', p->out);
}

static void print_header(const Printer *p)
{
  const TileModule *m = p->m;
  fputs("tile ", p->out);
  text_print_string(p->out, m->name);
  fputc(' ', p->out);
  ir_header_print((IrHeader){m->arch, m->compat, m->fp16}, p->out);
  if (m->data_bytes || m->stack_bytes)
    fprintf(p->out, " data %u stack %u", m->data_bytes, m->stack_bytes);
  fputs(" {\n", p->out);
  text_print_files(&p->files, p->out);
  for (size_t i = 0; i < arrlenu(m->strings); i++) {
    fprintf(p->out, "  string %zu ", i);
    text_print_string(p->out, m->strings[i]);
    fputc('\n', p->out);
  }
  for (size_t i = 0; i < arrlenu(m->tileconsts); i++) {
    const TileConst *c = &m->tileconsts[i];
    fprintf(p->out, "  tileconst %zu ", i);
    text_print_string(p->out, c->name ? c->name : "");
    fputs(": ", p->out);
    print_type(p, c->type);
    fprintf(p->out, " at 0x%04x\n", c->address);
  }
}

static void collect_file(SrcPos *pos, void *files)
{
  text_files_add(files, *pos);
}

void tir_print(const TileModule *m, const Sources *sources, FILE *out)
{
  Printer p = {.m = m, .out = out, .files = {sources, NULL}};
  ir_each_pos((TileModule *)m, collect_file, &p.files); // only looks
  print_header(&p);
  for (size_t i = 0; i < arrlenu(m->globals); i++)
    print_global(&p, &m->globals[i]);
  for (size_t i = 0; i < arrlenu(m->fifos); i++)
    print_fifo(&p, &m->fifos[i], (uint32_t)i);
  for (size_t i = 0; i < arrlenu(m->setup); i++)
    print_setup(&p, &m->setup[i]);
  for (size_t i = 0; i < arrlenu(m->funcs); i++)
    print_func(&p, &m->funcs[i]);
  fputs("}\n", out);
  arrfree(p.files.files);
  arrfree(p.number);
}
