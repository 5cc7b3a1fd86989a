// Calls: evaluated, inlined or emitted; generic functions are typed once per set of comptime
// arguments and types (spec language 4.3, 8.1, 8.5).
#include "sema/ops.h"
#include "sema/private.h"
#include "support/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Call {
  Node *at;
  const Function *fn; // copy: the table may move
  Node *decl;
  uint32_t function;
  Operand args[64];
  Type types[64]; // of the parameters
  Frame *frame;   // of the callee: parameters are bound while they are checked
  Type result;
  bool comptime; // some part of it exists at compile time only
} Call;
enum { MAX_ARGS = 64 };

// ---- checking arguments against parameters ----
Frame *frame_open(uint32_t locals)
{
  Frame *f = mem_zeroed(1, sizeof *f);
  Local *l = mem_zeroed(locals ? locals : 1, sizeof *l);
  f->locals = l;
  f->count = locals;
  return f;
}

void frame_close(Frame *f)
{
  free(f->locals);
  free(f);
}

Ctx callee_ctx(Ctx *cx, const Function *fn, Frame *frame)
{
  Ctx in = instance_ctx(cx->s, fn->instance, cx->zone);
  in.tile = cx->tile; // a function of the layout may be evaluated for a tile program
  in.depth = cx->depth + 1;
  in.frame = frame;
  if (cx->tile)
    in.b = cx->b;
  return in;
}

static void bind_param(Frame *f, Node *param, Operand op)
{
  f->locals[param->slot] = (Local){.op = op, .is_const = true};
}

static bool check_param(Ctx *cx, Ctx *in, Call *c, uint32_t k, Node *arg)
{
  Sema *s = cx->s;
  Node *param = c->decl->list[k];
  Type t = T_NONE;
  if (!(param->flags & NF_ANYTYPE)) {
    t = c->fn->generic ? sema_value_type(in, param->a) : type_info(s, c->fn->type)->fields[k].type;
    if (t == T_NONE)
      return false;
  }
  Operand *op = &c->args[k];
  if (arg) {
    bool outer = cx->comptime;
    cx->comptime |= (param->flags & NF_COMPTIME) != 0;
    *op = sema_expr(cx, arg, t);
    cx->comptime = outer;
  }
  if (op->kind == OPK_DEAD || !sema_coerce(cx, arg ? arg : c->at, op, t))
    return false;
  c->types[k] = t == T_NONE || t == T_COMPTIME_STRUCT ? op->type : t;
  Value v;
  if ((param->flags & NF_COMPTIME) && !sema_is_known(cx, *op, &v)) {
    SEMA_ERROR(cx, arg ? arg : c->at, not_comptime);
    return false;
  }
  if (!(param->flags & (NF_COMPTIME | NF_ANYTYPE)))
    c->comptime |= type_comptime_only(s, c->types[k]);
  bind_param(c->frame, param, *op);
  return true;
}

// Of the library's functions, last arguments that are comptime and of any type may be left out:
// they are `{}`.
static uint32_t fill_arguments(Ctx *cx, Call *c, uint32_t n)
{
  const uint32_t optional = NF_ANYTYPE | NF_COMPTIME;
  uint32_t count = c->decl->count;
  for (; n < count && n < MAX_ARGS && (c->decl->list[n]->flags & optional) == optional &&
         ops_in_stdlib(cx->s, c->decl);
       n++)
    c->args[n] = op_void();
  return n;
}

// Evaluates and coerces all arguments (`args` NULL: they are in c->args) and finds the result type.
static bool check_call(Ctx *cx, Call *c, Node **args, uint32_t n)
{
  Sema *s = cx->s;
  uint32_t given = n;
  n = fill_arguments(cx, c, n);
  if (n != c->decl->count || n > MAX_ARGS) {
    SEMA_ERROR(cx, c->at, call_args, c->decl->count, given);
    diag_note(s->diags, node_range(c->decl), "'%s' is declared here",
              names_text(s->names, c->decl->name));
    return false;
  }
  Ctx in = callee_ctx(cx, c->fn, c->frame);
  bool ok = true;
  for (uint32_t k = 0; k < n && (ok || !c->fn->generic); k++)
    ok &= check_param(cx, &in, c, k, args && k < given ? args[k] : NULL);
  if (!ok)
    return false;
  c->result =
      c->fn->generic ? sema_value_type(&in, c->decl->u.decl.type) : type_info(s, c->fn->type)->elem;
  if (c->result != T_NONE && type_comptime_only(s, c->result))
    c->comptime = true;
  return c->result != T_NONE;
}

// ---- evaluation ----
bool enter_call(Ctx *cx, Node *at)
{
  char here;
  if (cx->depth >= cx->s->p->comptime_depth || (uintptr_t)&here < cx->s->p->stack_end) {
    SEMA_ERROR(cx, at, depth, cx->depth);
    cx->s->p->stop = true;
    return false;
  }
  return charge(cx, at);
}

void note_call(Ctx *cx, const Node *at, const Node *fn, uint32_t errors)
{
  if (cx->s->diags->errors != errors && cx->depth < 4)
    diag_context(cx->s->diags, node_range(at), "while evaluating this call of '%s'",
                 names_text(cx->s->names, fn->name));
}

static Operand comptime_call(Ctx *cx, Call *c)
{
  Sema *s = cx->s;
  if (!c->decl->a)
    return SEMA_ERROR(cx, c->at, comptime_extern);
  if (!enter_call(cx, c->at))
    return op_error();
  for (uint32_t k = 0; k < c->decl->count; k++) {
    Value v;
    if (!sema_is_known(cx, c->args[k], &v))
      return SEMA_ERROR(cx, c->at, not_comptime);
    bind_param(c->frame, c->decl->list[k], op_value(v));
  }
  Operand result;
  if (compact_call(cx, c->at, c->function, c->frame, c->result, &result))
    return result;
  Ctx in = callee_ctx(cx, c->fn, c->frame);
  in.comptime = true;
  Target t = {.kind = JUMP_CALL, .comptime = true, .want = c->result};
  in.target = &t;
  c->frame->fn = c->decl;
  uint32_t errors = s->diags->errors;
  Flow flow = sema_stmt(&in, c->decl->a);
  if (flow == FLOW_ERROR) {
    note_call(cx, c->at, c->decl, errors);
    return op_error();
  }
  if (flow == FLOW_JUMP)
    return t.result;
  if (c->result != T_VOID)
    return SEMA_ERROR(&in, c->decl, missing_return, type_name(s, c->result));
  return op_void();
}

static Operand inline_call(Ctx *cx, Call *c)
{
  if (!enter_call(cx, c->at))
    return op_error();
  Ctx in = callee_ctx(cx, c->fn, c->frame);
  in.comptime = false;
  in.zone = cx->zone;
  in.runtime_control = cx->runtime_control;
  uint32_t errors = cx->s->diags->errors;
  Target t = {.kind = JUMP_CALL, .want = c->result};
  in.target = &t;
  c->frame->fn = c->decl;
  Flow flow = sema_stmt(&in, c->decl->a);
  Operand result;
  if (flow != FLOW_DEAD && c->result != T_VOID)
    result = SEMA_ERROR(&in, c->decl, missing_return, type_name(cx->s, c->result));
  else
    result = target_finish(&in, c->at, &t, flow != FLOW_DEAD);
  arrfree(t.exits);
  note_call(cx, c->at, c->decl, errors);
  SrcPos pos = cx->b.pos;
  cx->b = in.b;
  cx->b.pos = pos;
  return result;
}

// ---- instantiation ----
static bool is_known_param(const Sema *s, const Node *param, Type t)
{
  return (param->flags & NF_COMPTIME) || type_comptime_only(s, t) || t == T_VOID;
}

static bool same_inst(const Sema *s, const FuncInst *a, const FuncInst *b)
{
  if (a->function != b->function || a->nparams != b->nparams)
    return false;
  for (uint32_t k = 0; k < a->nparams; k++)
    if (a->types[k] != b->types[k] || !v_equal(s, a->known[k], b->known[k]))
      return false;
  return true;
}

static uint64_t hash_inst(const Sema *s, const FuncInst *f)
{
  uint64_t h = f->function * 0x9e3779b97f4a7c15u + 1;
  for (uint32_t k = 0; k < f->nparams; k++)
    h = (h ^ f->types[k] ^ v_hash(s, f->known[k])) * 0xff51afd7ed558ccdu;
  return h;
}

const char *sema_function_name(Ctx *cx, uint32_t function)
{
  const Function *f = &cx->s->functions[function];
  const char *name = names_text(cx->s->names, f->node->name);
  bool bare = f->node->flags & (NF_EXPORT | NF_EXTERN);
  return bare ? name : arena_printf(&cx->s->arena, "%s%s", f->instance->prefix, name);
}

static void function_attributes(Ctx *cx, FuncInst *f, Node *decl)
{
  Instance *in = cx->s->functions[f->function].instance;
  storage_claim(cx, in, decl);
  storage_function_section(cx, in, decl);
  cx->tile->module->funcs[f->ir].linkname = storage_linkname(cx, in, decl);
  cx->tile->module->funcs[f->ir].exported = decl->flags & NF_EXPORT;
  cx->tile->module->funcs[f->ir].noinline_hint = decl->flags & NF_NOINLINE;
}

// Makes the Tile IR function; its body is analysed later. Aggregates travel as pointers, an
// aggregate result through a pointer in front.
static void make_ir_function(Ctx *cx, FuncInst *f)
{
  Sema *s = cx->s;
  Node *decl = s->functions[f->function].node;
  IrType params[MAX_ARGS + 1];
  uint32_t n = 0;
  bool by_pointer = type_is_aggregate(s, f->result);
  if (by_pointer)
    params[n++] = IRT_PTR;
  for (uint32_t k = 0; k < f->nparams; k++)
    if (f->known[k].type == T_NONE)
      params[n++] = type_is_aggregate(s, f->types[k]) ? IRT_PTR : type_lower(cx, f->types[k]);
  const char *name = sema_unique_name(cx, sema_function_name(cx, f->function));
  IrType result = by_pointer ? IRT_VOID : type_lower(cx, f->result);
  f->ir = tir_func(cx->tile->module, name, result, params, n, decl->at);
  function_attributes(cx, f, decl);
  if (decl->a)
    arrput(cx->tile->p->work, f);
}

static FuncInst *instantiate(Ctx *cx, const FuncInst *wanted)
{
  ProgramPrivate *p = cx->tile->p;
  uint64_t h = hash_inst(cx->s, wanted);
  FuncInst *first = hmget(p->insts, h);
  for (FuncInst *f = first; f; f = f->next)
    if (same_inst(cx->s, f, wanted))
      return f;
  if (p->nbodies++ == MAX_BODIES) {
    const Function *fn = &cx->s->functions[wanted->function];
    SEMA_ERROR(cx, fn->node, too_many_bodies, (unsigned)MAX_BODIES,
               sema_function_name(cx, wanted->function));
  }
  FuncInst *f = ARENA_NEW(&cx->s->arena, FuncInst);
  *f = *wanted;
  f->caller = p->analysed;
  f->known = ARENA_ARRAY(&cx->s->arena, Value, f->nparams + 1);
  f->types = ARENA_ARRAY(&cx->s->arena, Type, f->nparams + 1);
  for (uint32_t k = 0; k < f->nparams; k++) {
    f->known[k] = wanted->known[k];
    f->types[k] = wanted->types[k];
    if (f->known[k].type != T_NONE)
      v_share(cx->s, f->known[k]);
  }
  f->next = first;
  hmput(p->insts, h, f);
  make_ir_function(cx, f);
  return f;
}

// An extern function is the exported one. False after a report, one for each declaration.
static bool extern_function(Ctx *cx, uint32_t *function)
{
  Function f = cx->s->functions[*function];
  Instance *in;
  uint32_t number;
  if (!(f.node->flags & NF_EXTERN))
    return true;
  if (!storage_resolve(cx, f.instance, f.node, f.type, &in, &number)) {
    f.instance->globals[f.node->slot].state = GS_ERROR;
    return false;
  }
  *function = function_operand(cx, in, number, f.node).v.ref;
  return true;
}

static Operand runtime_call(Ctx *cx, Call *c, uint32_t function)
{
  Sema *s = cx->s;
  Value known[MAX_ARGS];
  uint32_t list[MAX_ARGS + 1], n = 0;
  bool by_pointer = type_is_aggregate(s, c->result), ok = true;
  if (!cx->tile || !c->fn->instance->tile)
    return SEMA_ERROR(cx, c->at, module_layout_only);
  if (!extern_function(cx, &function))
    return op_error();
  cx->b.pos = c->at->at;
  if (by_pointer)
    list[n++] = tir_slot(&cx->b, type_lower(cx, c->result), NULL);
  for (uint32_t k = 0; k < c->decl->count; k++) {
    known[k] = (Value){0};
    if (is_known_param(s, c->decl->list[k], c->types[k])) {
      ok &= sema_known(cx, c->at, c->args[k], T_NONE, &known[k]);
    } else {
      list[n++] = sema_runtime(cx, c->at, c->args[k], T_NONE);
      ok &= list[n - 1] != IR_NONE;
    }
  }
  if (!ok)
    return op_error();
  FuncInst *f = instantiate(cx, &(FuncInst){.site = c->at,
                                            .function = function,
                                            .nparams = c->decl->count,
                                            .known = known,
                                            .types = c->types,
                                            .result = c->result});
  IrType t = by_pointer ? IRT_VOID : type_lower(cx, c->result);
  cx->b.pos = c->at->at;
  IrRef r = tir_emit_list(&cx->b, IR_CALL, t, IR_NONE, IR_NONE, IR_NONE, f->ir, list, n);
  if (c->result == T_VOID)
    return op_void();
  return op_rvalue(c->result, by_pointer ? list[0] : r);
}

static Operand call_function(Ctx *cx, Node *at, Value fn, Node **nodes, Operand *ops, uint32_t n)
{
  Sema *s = cx->s;
  Function copy = s->functions[fn.ref];
  Call *c = mem_resize(NULL, sizeof *c);
  *c = (Call){.at = at, .fn = &copy, .decl = copy.node, .function = fn.ref};
  c->frame = frame_open(copy.node->scope);
  if (ops && n <= MAX_ARGS)
    memcpy(c->args, ops, n * sizeof *ops);
  Operand result = op_error();
  if (check_call(cx, c, nodes, n)) {
    if (cx->comptime || c->comptime)
      result = comptime_call(cx, c);
    else if (copy.node->flags & NF_INLINE)
      result = inline_call(cx, c);
    else
      result = runtime_call(cx, c, fn.ref);
  }
  frame_close(c->frame);
  free(c);
  return result;
}

// ---- through pointers ----
static Operand pointer_call(Ctx *cx, Node *at, Operand p, Node **nodes, Operand *ops, uint32_t n)
{
  Sema *s = cx->s;
  Type fn = type_deref(s, p.type);
  const TypeInfo *t = type_info(s, fn);
  uint32_t list[MAX_ARGS + 1], k = 0;
  if (n != t->count || n > MAX_ARGS)
    return SEMA_ERROR(cx, at, call_args, t->count, n);
  if (cx->comptime)
    return SEMA_ERROR(cx, at, not_comptime);
  IrRef target = sema_runtime(cx, at, p, T_NONE);
  bool by_pointer = type_is_aggregate(s, t->elem), ok = true;
  if (by_pointer)
    list[k++] = tir_slot(&cx->b, type_lower(cx, t->elem), NULL);
  for (uint32_t i = 0; i < n; i++) {
    Operand op = nodes ? sema_expr(cx, nodes[i], t->fields[i].type) : ops[i];
    list[k] = sema_runtime(cx, nodes ? nodes[i] : at, op, t->fields[i].type);
    ok &= list[k++] != IR_NONE;
  }
  if (!ok)
    return op_error();
  cx->b.pos = at->at;
  IrType result = by_pointer ? IRT_VOID : type_lower(cx, t->elem);
  IrRef r = tir_emit_list(&cx->b, IR_CALLPTR, result, target, IR_NONE, IR_NONE, 0, list, k);
  if (t->elem == T_VOID)
    return op_void();
  return op_rvalue(t->elem, by_pointer ? list[0] : r);
}

// A function of the standard library that exists with several numbers of parameters: its twin with
// n is named NAME__n.
static Operand with_arity(Ctx *cx, Node *at, Operand callee, uint32_t n)
{
  Sema *s = cx->s;
  const Function *f = &s->functions[callee.v.ref];
  if (f->node->count == n || !ops_in_stdlib(s, f->node))
    return callee;
  const char *text = arena_printf(&s->arena, "%s__%u", names_text(s->names, f->node->name), n);
  Name twin = names_cstr(s->names, text);
  if (hmgeti(f->instance->file->by_name, twin) < 0)
    return callee;
  return module_member(cx, at, f->instance, twin, false);
}

static Operand call_operand(Ctx *cx, Node *at, Operand callee, Node **nodes, Operand *ops,
                            uint32_t n)
{
  Sema *s = cx->s;
  if (is_error(callee))
    return callee;
  const TypeInfo *t = type_info(s, callee.type);
  if (t->kind == TK_TASK)
    return SEMA_ERROR(cx, at, task_call);
  if (t->kind == TK_FN && callee.kind == OPK_VALUE) {
    callee = with_arity(cx, at, callee, n);
    return is_error(callee) ? callee : call_function(cx, at, callee.v, nodes, ops, n);
  }
  if (!type_is_fn_pointer(s, callee.type))
    return SEMA_ERROR(cx, at, not_callable, type_name(s, callee.type));
  if (callee.kind != OPK_VALUE)
    return pointer_call(cx, at, callee, nodes, ops, n);
  Value fn = callee.v;
  fn.type = type_deref(s, callee.type);
  return call_function(cx, at, fn, nodes, ops, n);
}

Operand sema_call_node(Ctx *cx, Node *n)
{
  return call_operand(cx, n, sema_expr(cx, n->a, T_NONE), n->list, NULL, n->count);
}

Operand sema_call(Ctx *cx, Node *at, Value fn, Operand *args, uint32_t n)
{
  return call_operand(cx, at, op_value(fn), NULL, args, n);
}

uint32_t sema_function_ir(Ctx *cx, Node *at, Value fn)
{
  Sema *s = cx->s;
  Function f = s->functions[fn.ref];
  if (f.generic) {
    SEMA_ERROR(cx, at, generic_value);
    return 0;
  }
  if (!f.instance->tile) {
    SEMA_ERROR(cx, at, module_layout_only);
    return 0;
  }
  if (!extern_function(cx, &fn.ref))
    return 0;
  const TypeInfo *t = type_info(s, f.type);
  Value known[MAX_ARGS] = {0};
  Type types[MAX_ARGS];
  if (t->count > MAX_ARGS) {
    SEMA_ERROR(cx, at, nesting);
    return 0;
  }
  for (uint32_t k = 0; k < t->count; k++)
    types[k] = t->fields[k].type;
  return instantiate(cx, &(FuncInst){.function = fn.ref,
                                     .nparams = t->count,
                                     .known = known,
                                     .types = types,
                                     .result = t->elem})
      ->ir;
}

// ---- bodies ----
static void bind_params(Ctx *cx, const FuncInst *f, Node *decl)
{
  Sema *s = cx->s;
  uint32_t n = 0;
  if (type_is_aggregate(s, f->result))
    cx->result_ptr = IR_REF(REF_PARAM, n++);
  for (uint32_t k = 0; k < f->nparams; k++) {
    bool known = f->known[k].type != T_NONE;
    Operand op = known ? op_value(f->known[k]) : op_rvalue(f->types[k], IR_REF(REF_PARAM, n));
    n += !known;
    bind_param(cx->frame, decl->list[k], op);
  }
}

enum { CALLS_NAMED = 4 };

// Whether a body of a generic function is right depends on the calls that made it.
static void note_instance(Sema *s, const FuncInst *f)
{
  for (unsigned k = 0; k < CALLS_NAMED && f && f->site && s->functions[f->function].generic; k++) {
    Name name = s->functions[f->function].node->name;
    diag_context(s->diags, node_range(f->site), "while compiling '%s' for this call",
                 names_text(s->names, name));
    f = f->caller;
  }
}

static void analyse_body(Ctx *outer, const FuncInst *f)
{
  Sema *s = outer->s;
  uint32_t errors = s->diags->errors;
  outer->tile->p->analysed = f;
  Function fn = s->functions[f->function];
  Ctx cx = instance_ctx(s, fn.instance, ZONE_CODE);
  cx.comptime = false;
  cx.b.func = f->ir;
  cx.b.pos = fn.node->at;
  cx.frame = frame_open(fn.node->scope);
  cx.frame->fn = fn.node;
  cx.b.block = tir_block(&cx.b);
  Target t = {.kind = JUMP_CALL, .direct_return = true, .want = f->result};
  cx.target = &t;
  bind_params(&cx, f, fn.node);
  Flow flow = sema_stmt(&cx, fn.node->a);
  if (flow != FLOW_DEAD) {
    if (f->result != T_VOID && s->diags->errors == errors)
      SEMA_ERROR(&cx, fn.node, missing_return, type_name(s, f->result));
    cx.b.pos = fn.node->a->range.end ? fn.node->a->range.end - 1 : 0;
    tir_emit(&cx.b, f->result == T_VOID ? IR_RET : IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE,
             IR_NONE, 0);
  }
  frame_close(cx.frame);
  outer->tile->p->analysed = NULL;
  if (s->diags->errors != errors)
    note_instance(s, f);
}

void program_work(Ctx *cx)
{
  ProgramPrivate *p = cx->tile->p;
  while (p->next_work < arrlenu(p->work) && p->nbodies <= MAX_BODIES)
    analyse_body(cx, p->work[p->next_work++]);
}
