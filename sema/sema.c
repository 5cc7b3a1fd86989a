// The way through semantic analysis: parse what is reachable, evaluate the layout, analyse the tile
// programs.
#include "sema/private.h"
#include <pthread.h>
#include <string.h>

// ---- messages ----
SrcRange node_range(const Node *n)
{
  if (!n)
    return (SrcRange){0};
  SrcPos begin = n->at >= n->range.begin && n->at < n->range.end ? n->at : n->range.begin;
  return (SrcRange){begin, n->range.end};
}

// Says through which imports the module in error came into the program: once for every instance.
void sema_import_notes(Ctx *cx)
{
  Instance *in = cx->instance;
  if (!in || in->noted)
    return;
  in->noted = true;
  for (int depth = 0; in && in->site && depth < 8; in = in->importer, depth++)
    diag_context(cx->s->diags, node_range(in->site), "semantic error in module imported here");
  if (cx->tile && cx->s->p->example >= 0)
    diag_context(cx->s->diags, (SrcRange){0, 0}, "with the params of tile (%u, %u)",
                 (unsigned)(cx->s->p->example % cx->s->fabric->width),
                 (unsigned)(cx->s->p->example / cx->s->fabric->width));
}

// ---- set-up ----
static const struct {
  const char *name;
  Type type;
} predeclared_types[] = {
    {"void", T_VOID},
    {"bool", T_BOOL},
    {"type", T_TYPE},
    {"i8", T_I8},
    {"i16", T_I16},
    {"i32", T_I32},
    {"i64", T_I64},
    {"u8", T_U8},
    {"u16", T_U16},
    {"u32", T_U32},
    {"u64", T_U64},
    {"f16", T_F16},
    {"bf16", T_BF16},
    {"cb16", T_CB16},
    {"f32", T_F32},
    {"comptime_int", T_COMPTIME_INT},
    {"comptime_float", T_COMPTIME_FLOAT},
    {"comptime_string", T_COMPTIME_STRING},
    {"comptime_struct", T_COMPTIME_STRUCT},
    {"imported_module", T_MODULE},
    {"color", T_COLOR},
    {"direction", T_DIRECTION},
    {"input_queue", T_INPUT_QUEUE},
    {"output_queue", T_OUTPUT_QUEUE},
    {"ut_id", T_UT_ID},
    {"data_task_id", T_DATA_TASK_ID},
    {"local_task_id", T_LOCAL_TASK_ID},
    {"control_task_id", T_CONTROL_TASK_ID},
    {"mem1d_dsd", T_MEM1D},
    {"mem4d_dsd", T_MEM4D},
    {"fabin_dsd", T_FABIN},
    {"fabout_dsd", T_FABOUT},
    {"circbuf_dsd", T_CIRCBUF},
    {"dsr_dest", T_DSR_DEST},
    {"dsr_src0", T_DSR_SRC0},
    {"dsr_src1", T_DSR_SRC1},
    {"dsr_fifo_dest", T_DSR_FIFO_DEST},
    {"dsr_fifo_src1", T_DSR_FIFO_SRC1},
    {"xdsr", T_XDSR},
    {"sr", T_SR},
    {"anyopaque", T_ANYOPAQUE},
};

static void declare_names(Sema *s)
{
  SemaPrivate *p = s->p;
  for (size_t i = 0; i < sizeof predeclared_types / sizeof predeclared_types[0]; i++)
    hmput(p->predeclared, names_cstr(s->names, predeclared_types[i].name),
          v_type(predeclared_types[i].type));
  for (Dir d = DIR_WEST; d <= DIR_RAMP; d++)
    hmput(p->predeclared, names_cstr(s->names, dir_name(d)), v_int(T_DIRECTION, d));
}

static void sema_open(Sema *s, const SemaOptions *opt, Sources *sources, Names *names, Diags *diags)
{
  SemaPrivate *p = s->p;
  s->opt = opt;
  s->arch = arch_get(opt->arch);
  s->sources = sources;
  s->names = names;
  s->diags = diags;
  p->comptime_depth = opt->comptime_depth ? opt->comptime_depth : 1000;
  p->max_inlined = opt->max_inlined_iterations ? opt->max_inlined_iterations : 100000;
  p->quota = opt->comptime_quota ? opt->comptime_quota : 1000000000u;
  p->print = opt->print ? opt->print : stdout;
  sh_new_strdup(p->files_by_path);
  types_init(s);
  compact_init(s);
  declare_names(s);
  // Number 0 of every pool means "none".
  arrput(p->aggs, ARENA_NEW(&s->arena, Agg));
  arrput(s->objects, (Object){0});
  arrput(s->functions, (Function){0});
  arrput(s->dsds, (DsdValue){0});
}

static void sema_close(Sema *s)
{
  SemaPrivate *p = s->p;
  ops_free(s);
  classes_free(s);
  big_free(s);
  compact_free(s);
  for (ptrdiff_t i = 0; i < arrlen(s->files); i++) {
    FileInfo *f = s->files[i];
    ast_free(f->ast);
    arrfree(f->decls);
    hmfree(f->by_name);
    arrfree(f->comptime_blocks);
  }
  arrfree(s->files);
  arrfree(s->instances);
  arrfree(s->functions);
  arrfree(s->objects);
  arrfree(s->dsds);
  arrfree(p->types);
  arrfree(p->type_next);
  hmfree(p->type_map);
  arrfree(p->aggs);
  hmfree(p->builtins);
  hmfree(p->predeclared);
  shfree(p->files_by_path);
  arena_free(&s->arena);
}

// ---- the program ----
static IrType fp16_format(const Sema *s)
{
  Type t = type_fp16(s);
  return t == T_F16 ? IRT_F16 : t == T_BF16 ? IRT_BF16 : IRT_CB16;
}

static FabricModule *fabric_new(const Sema *s)
{
  const SemaOptions *o = s->opt;
  FabricModule *f = fir_new(o->arch, s->compat);
  f->memcpy = o->memcpy;
  f->channels = o->channels;
  f->fp16 = fp16_format(s);
  for (uint32_t i = 0; i < o->nparams; i++) {
    arrsetlen(f->params, arrlenu(f->params) + 1);
    arrlast(f->params).name = arena_strdup(&f->arena, o->params[i].name);
    arrlast(f->params).value = arena_strdup(&f->arena, o->params[i].value);
  }
  for (uint32_t i = 0; i < o->ncolors; i++) {
    arrsetlen(f->colors, arrlenu(f->colors) + 1);
    arrlast(f->colors).name = arena_strdup(&f->arena, o->colors[i].name);
    arrlast(f->colors).value = arena_strdup(&f->arena, o->colors[i].value);
  }
  return f;
}

static bool run_layout(Sema *s, FileInfo *top)
{
  Instance *root = instance_new(s, top, NULL, NULL, NULL, "");
  instance_bind_options(s, root);
  Ctx cx = instance_ctx(s, root, ZONE_LAYOUT);
  cx.frame = frame_new(s, top->layout->scope);
  layout_begin(&cx);
  instance_run_imports(&cx, root);
  if (s->diags->errors)
    return false;
  return sema_stmt(&cx, top->layout->a) != FLOW_ERROR && layout_end(&cx) && !s->diags->errors;
}

static bool compile(Sema *s, const char *path)
{
  Ctx cx = {.s = s, .comptime = true};
  FileInfo *top = file_open(&cx, NULL, path);
  if (!top)
    return false;
  compat_decide(s);
  s->fabric = fabric_new(s);
  storage_check_options(s);
  if (s->diags->errors)
    return false; // of syntax: what follows would only repeat them
  if (!top->layout) {
    diag_report(s->diags, D_no_layout, (SrcRange){0}, path);
    return false;
  }
  if (!run_layout(s, top) || !classes_build(s) || !instance_run_comptime(s, s->instances[0]))
    return false;
  exports_check(s);
  return !s->diags->errors;
}

// The walker recurses with the program it evaluates, so it gets a stack of its own, whose end it
// knows. Where address space is short (ulimit -v) a smaller one does for most programs.
enum { STACK_BYTES = 512 << 20, LEAST_STACK = 32 << 20, STACK_MARGIN = 16 << 20 };

typedef struct Job {
  Sema *s;
  const char *path;
  size_t stack;
  bool ok;
} Job;

static void *run(void *arg)
{
  Job *j = arg;
  char here;
  j->s->p->stack_end = (uintptr_t)&here - (j->stack - STACK_MARGIN);
  j->ok = compile(j->s, j->path);
  return NULL;
}

static bool start(Job *job, pthread_t *thread)
{
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  bool started =
      !pthread_attr_setstacksize(&attr, job->stack) && !pthread_create(thread, &attr, run, job);
  pthread_attr_destroy(&attr);
  return started;
}

static bool compile_on_own_stack(Sema *s, const char *path)
{
  Job job = {s, path, STACK_BYTES, false};
  pthread_t thread;
  bool started = start(&job, &thread);
  while (!started && job.stack > LEAST_STACK) {
    job.stack /= 2;
    started = start(&job, &thread);
  }
  if (started)
    pthread_join(thread, NULL);
  else
    diag_report(s->diags, D_no_stack, (SrcRange){0});
  return job.ok;
}

FabricModule *sema_compile(const SemaOptions *opt, const char *path, Sources *sources, Names *names,
                           Diags *diags)
{
  SemaPrivate p = {.example = -1};
  Sema s = {.p = &p};
  sema_open(&s, opt, sources, names, diags);
  bool ok = compile_on_own_stack(&s, path);
  FabricModule *f = s.fabric;
  sema_close(&s);
  if (!ok && f)
    fir_free(f);
  return ok ? f : NULL;
}
