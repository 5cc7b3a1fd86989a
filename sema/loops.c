// Loops: executed at compile time, basic blocks at run time, copies when inlined (spec language 7).
#include "sema/private.h"

// ---- while ----
typedef enum Round { ROUND_GO_ON, ROUND_LEAVE, ROUND_OUT, ROUND_ERROR } Round;

// One execution of a loop body at compile time.
static Round run_body(Ctx *cx, Node *body, Target *t)
{
  Flow flow = charge(cx, body) ? sema_stmt(cx, body) : FLOW_ERROR;
  if (flow == FLOW_NEXT)
    return ROUND_GO_ON;
  if (flow == FLOW_ERROR)
    return ROUND_ERROR;
  bool again = cx->frame->jump_continue;
  if (!target_jumped(cx, t))
    return ROUND_OUT;
  return again ? ROUND_GO_ON : ROUND_LEAVE;
}

static Flow round_flow(Round r)
{
  return r == ROUND_ERROR ? FLOW_ERROR : r == ROUND_OUT ? FLOW_JUMP : FLOW_NEXT;
}

// What became of a loop whose remaining rounds ran in compact form.
static Round rest_of_rounds(Flow flow)
{
  return flow == FLOW_ERROR ? ROUND_ERROR : flow == FLOW_JUMP ? ROUND_OUT : ROUND_LEAVE;
}

static Flow comptime_while(Ctx *cx, Node *n)
{
  Target t = {.label = n->name, .kind = JUMP_LOOP};
  target_open(cx, &t);
  Round r = ROUND_GO_ON;
  Operand c;
  Flow flow;
  for (uint64_t i = 0; r == ROUND_GO_ON; i++) {
    if (compact_loop(cx, n, i, &flow)) {
      r = rest_of_rounds(flow);
      break;
    }
    if (!sema_condition(cx, n->a, &c)) {
      r = ROUND_ERROR;
      break;
    }
    if (!c.v.i)
      break;
    r = run_body(cx, n->b, &t);
    if (r == ROUND_GO_ON && n->c && sema_stmt(cx, n->c) == FLOW_ERROR)
      r = ROUND_ERROR;
  }
  target_close(cx, &t);
  return round_flow(r);
}

// Run time: ends every path that left the loop and goes on in block `end`.
static Flow close_loop(Ctx *cx, Target *t, uint32_t end, bool end_used)
{
  for (ptrdiff_t i = 0; i < arrlen(t->exits); i++) {
    cx->b.block = t->exits[i].block;
    emit_branch(cx, end);
  }
  Flow flow = end_used || arrlen(t->exits) ? FLOW_NEXT : FLOW_DEAD;
  cx->b.block = end;
  if (flow == FLOW_DEAD)
    tir_emit(&cx->b, IR_UNREACHABLE, IRT_VOID, IR_NONE, IR_NONE, IR_NONE, 0);
  target_close(cx, t);
  return flow;
}

static Flow runtime_while(Ctx *cx, Node *n)
{
  Target t = {.label = n->name, .kind = JUMP_LOOP};
  uint32_t head = tir_block(&cx->b), body = tir_block(&cx->b), end = tir_block(&cx->b);
  t.next = n->c ? tir_block(&cx->b) : head;
  cx->b.pos = n->at;
  emit_branch(cx, head);
  target_open(cx, &t);
  cx->runtime_control++;
  cx->b.block = head;
  Operand c;
  bool ok = sema_condition(cx, n->a, &c), end_used = true;
  if (!ok)
    emit_branch(cx, end);
  else if (c.kind == OPK_VALUE)
    emit_branch(cx, c.v.i ? body : end);
  else
    emit_branch_if(cx, sema_runtime(cx, n->a, c, T_NONE), body, end);
  if (ok && c.kind == OPK_VALUE)
    end_used = !c.v.i;
  cx->b.block = body;
  Flow flow = sema_stmt(cx, n->b);
  if (flow != FLOW_DEAD)
    emit_branch(cx, t.next);
  if (n->c) {
    cx->b.block = t.next;
    sema_stmt(cx, n->c);
    emit_branch(cx, head);
  }
  cx->runtime_control--;
  return close_loop(cx, &t, end, end_used);
}

static bool check_inlined(Ctx *cx, Node *n, uint64_t count)
{
  if (count <= cx->s->p->max_inlined)
    return true;
  SEMA_ERROR(cx, n, inlined_iterations, cx->s->p->max_inlined);
  return false;
}

// One copy of the body of an inlined run-time loop. False: nothing after it can run.
static bool inlined_round(Ctx *cx, Node *body, Target *t)
{
  t->continued = false;
  Flow flow = sema_stmt(cx, body);
  if (!t->continued)
    return flow != FLOW_DEAD;
  if (flow != FLOW_DEAD)
    emit_branch(cx, t->next);
  cx->b.block = t->next;
  return true;
}

static Flow finish_inlined(Ctx *cx, Target *t, bool end_used)
{
  if (!arrlen(t->exits)) {
    target_close(cx, t);
    return end_used ? FLOW_NEXT : FLOW_DEAD;
  }
  uint32_t end = tir_block(&cx->b);
  if (end_used)
    emit_branch(cx, end);
  return close_loop(cx, t, end, end_used);
}

static Flow inline_while(Ctx *cx, Node *n)
{
  Target t = {.label = n->name, .kind = JUMP_LOOP, .inlined = true};
  target_open(cx, &t);
  bool goes_on = true;
  Operand c;
  for (uint64_t count = 0; goes_on; count++) {
    if (!sema_condition(cx, n->a, &c) || !check_inlined(cx, n, count))
      break;
    if (c.kind != OPK_VALUE) {
      SEMA_ERROR(cx, n->a, not_comptime);
      break;
    }
    if (!c.v.i)
      break;
    goes_on = inlined_round(cx, n->b, &t);
    if (goes_on && n->c)
      sema_stmt(cx, n->c);
  }
  return finish_inlined(cx, &t, goes_on);
}

Flow sema_while(Ctx *cx, Node *n)
{
  if (cx->comptime)
    return comptime_while(cx, n);
  return n->flags & NF_INLINE ? inline_while(cx, n) : runtime_while(cx, n);
}

// ---- for ----
static void bind_payload(Ctx *cx, Node *payload, Operand op)
{
  if (payload)
    cx->frame->locals[payload->slot] = (Local){.op = op, .is_const = true};
}

static Node *payload(Node *n, uint32_t k)
{
  return k < n->count && n->list[k]->name ? n->list[k] : NULL;
}

// What a comptime loop goes over: the elements of a range, an array or a tuple.
typedef struct Sequence {
  Value v;
  bool range;
  int64_t at, stop, step;
  uint64_t count, done;
} Sequence;

static bool is_before(Sema *s, Value a, Value b)
{
  Value less;
  return arith_concrete(s, OP_LT, a, b, &less) && less.i;
}

// In comptime_int, so that no step can leave the type: one that passes the end ends the range.
bool range_next(Sema *s, Range *r, Value *out)
{
  bool up = !type_is_signed(s, r->at.type) || r->step.i > 0;
  if (!is_before(s, up ? r->at : r->stop, up ? r->stop : r->at))
    return false;
  *out = r->at;
  Value at = r->at, stop = r->stop, step = r->step, next;
  at.type = stop.type = step.type = T_COMPTIME_INT;
  bool inside = arith_concrete(s, OP_ADD, at, step, &next) &&
                (up ? is_before(s, next, stop) : is_before(s, stop, next));
  r->at.i = inside ? next.i : r->stop.i;
  return true;
}

static bool less(const Sema *s, Type t, int64_t a, int64_t b)
{
  bool wide = type_bits(s, t) == 64 && !type_is_signed(s, t);
  return wide ? (uint64_t)a < (uint64_t)b : a < b;
}

static void report_not_iterable(Ctx *cx, Node *over, Type t)
{
  Sema *s = cx->s;
  SEMA_ERROR(cx, over, not_iterable, type_name(s, t));
  if (type_is_int(s, t))
    diag_note(s->diags, node_range(over), "to count from 0, write @range(%s, …)", type_name(s, t));
  hint_pointer(cx, over, t, type_info(s, type_info(s, t)->elem)->kind == TK_ARRAY ? ".*" : NULL);
}

static bool sequence_open(Ctx *cx, Node *n, Value v, Sequence *q)
{
  Sema *s = cx->s;
  const TypeInfo *t = type_info(s, v.type);
  *q = (Sequence){.v = v, .range = t->kind == TK_RANGE};
  if (q->range) {
    Value part[3];
    for (uint32_t k = 0; k < 3; k++) {
      part[k] = v_element(s, v, k);
      sema_force(cx, &part[k]);
    }
    q->at = part[0].i;
    q->stop = part[1].i;
    q->step = part[2].i;
    return true;
  }
  q->count = v_count(s, v);
  if (t->kind == TK_ARRAY || t->kind == TK_TUPLE || (t->kind == TK_ANON && !t->count))
    return true;
  report_not_iterable(cx, n, v.type);
  return false;
}

static bool next_big(Sema *s, Sequence *q, Type t, Value *out)
{
  Range r = {v_int(t, q->at), v_int(t, q->stop), v_int(t, q->step)};
  bool more = range_next(s, &r, out);
  q->at = r.at.i;
  return more;
}

static bool sequence_next(Sema *s, Sequence *q, Value *out)
{
  if (!q->range) {
    if (q->done >= q->count)
      return false;
    *out = v_element(s, q->v, (uint32_t)q->done++);
    return true;
  }
  Type t = type_info(s, q->v.type)->elem;
  if (type_is_big(s, t) &&
      (big_is_pooled(q->at) || big_is_pooled(q->stop) || big_is_pooled(q->step)))
    return next_big(s, q, t, out);
  bool up = !type_is_signed(s, t) || q->step > 0;
  if (q->done && q->at == q->stop)
    return false;
  if (up ? !less(s, t, q->at, q->stop) : !less(s, t, q->stop, q->at))
    return false;
  *out = v_int(t, q->at);
  q->done++;
  // A step that would leave the type ends the loop: it passes every stop.
  uint64_t left = up ? (uint64_t)q->stop - (uint64_t)q->at : (uint64_t)q->at - (uint64_t)q->stop;
  uint64_t by = up ? (uint64_t)q->step : 0 - (uint64_t)q->step;
  q->at = left <= by ? q->stop : (int64_t)((uint64_t)q->at + (uint64_t)q->step);
  return true;
}

const Node *loop_variable(const Node *over)
{
  while (over->kind == N_FIELD)
    over = over->a;
  return over->kind == N_IDENT && over->scope == SCOPE_LOCAL ? over : NULL;
}

// The elements of a variable are those that it has now, as at run time.
static void look_at_variable(Ctx *cx, Node *over, Sequence *q)
{
  Value scratch;
  Operand place = sema_place(cx, over);
  if (place.kind == OPK_PLACE && place.type == q->v.type)
    q->v = *place_value(cx, place.place, &scratch);
}

static Flow comptime_for(Ctx *cx, Node *n, Value v)
{
  Sequence q;
  if (!sequence_open(cx, n->a, v, &q))
    return FLOW_ERROR;
  Target t = {.label = n->name, .kind = JUMP_LOOP};
  target_open(cx, &t);
  Round r = ROUND_GO_ON;
  Node *elem = payload(n, 0), *index = payload(n, 1);
  bool variable = !q.range && loop_variable(n->a);
  Value x;
  Flow flow;
  for (int64_t i = 0; r == ROUND_GO_ON; i++) {
    int64_t state[] = {q.range ? q.at : q.v.i, q.stop, q.step, i - 1};
    if (compact_for(cx, n, q.v, state, (uint64_t)i, &flow)) {
      r = rest_of_rounds(flow);
      break;
    }
    if (variable)
      look_at_variable(cx, n->a, &q);
    if (!sequence_next(cx->s, &q, &x))
      break;
    v_share(cx->s, x);
    bind_payload(cx, elem, op_value(x));
    bind_payload(cx, index, op_value(v_int(T_COMPTIME_INT, i)));
    r = run_body(cx, n->b, &t);
  }
  target_close(cx, &t);
  return round_flow(r);
}

static Flow inline_for(Ctx *cx, Node *n, Value v)
{
  Sequence q;
  if (!sequence_open(cx, n->a, v, &q))
    return FLOW_ERROR;
  Target t = {.label = n->name, .kind = JUMP_LOOP, .inlined = true};
  target_open(cx, &t);
  bool goes_on = true;
  Value x;
  for (uint64_t i = 0; goes_on && sequence_next(cx->s, &q, &x); i++) {
    if (!check_inlined(cx, n, i + 1))
      break;
    bind_payload(cx, payload(n, 0), op_value(x));
    bind_payload(cx, payload(n, 1), op_value(v_int(T_COMPTIME_INT, (int64_t)i)));
    goes_on = inlined_round(cx, n->b, &t);
  }
  return finish_inlined(cx, &t, goes_on);
}

typedef struct Counter { // a run-time induction variable
  IrType type;
  IrRef slot, stop, step;
  bool is_signed;
  int64_t known_step; // 0: not known
} Counter;

static IrRef emit2(Ctx *cx, IrOp op, IrType t, IrRef a, IrRef b)
{
  return tir_emit(&cx->b, op, t, a, b, IR_NONE, 0);
}

static IrRef before_stop(Ctx *cx, const Counter *k, IrRef i)
{
  IrOp lt = k->is_signed ? IR_SLT : IR_ULT;
  if (k->known_step > 0 || !k->is_signed)
    return emit2(cx, lt, IRT_BOOL, i, k->stop);
  if (k->known_step < 0)
    return emit2(cx, lt, IRT_BOOL, k->stop, i);
  IrRef up = emit2(cx, IR_SLT, IRT_BOOL, sema_const(cx, k->type, 0), k->step);
  IrRef below = emit2(cx, lt, IRT_BOOL, i, k->stop), above = emit2(cx, lt, IRT_BOOL, k->stop, i);
  return tir_emit(&cx->b, IR_SELECT, IRT_BOOL, up, below, above, 0);
}

// Steps the counter and branches to `body` unless that passes the stop; written so that it cannot
// wrap around.
static void advance(Ctx *cx, const Counter *k, uint32_t body, uint32_t end)
{
  IrRef i = tir_emit(&cx->b, IR_LOAD, k->type, k->slot, IR_NONE, IR_NONE, 0);
  IrRef next = emit2(cx, IR_ADD, k->type, i, k->step), more;
  emit2(cx, IR_STORE, IRT_VOID, k->slot, next);
  if (k->known_step == 1 || k->known_step == -1) {
    more = before_stop(cx, k, next);
  } else {
    IrRef up_left = emit2(cx, IR_SUB, k->type, k->stop, i);
    IrRef up = emit2(cx, IR_ULT, IRT_BOOL, k->step, up_left);
    if (k->known_step > 0 || !k->is_signed) {
      more = up;
    } else {
      IrRef zero = sema_const(cx, k->type, 0);
      IrRef down_left = emit2(cx, IR_SUB, k->type, i, k->stop);
      IrRef down =
          emit2(cx, IR_ULT, IRT_BOOL, emit2(cx, IR_SUB, k->type, zero, k->step), down_left);
      IrRef positive = emit2(cx, IR_SLT, IRT_BOOL, zero, k->step);
      more = k->known_step ? down : tir_emit(&cx->b, IR_SELECT, IRT_BOOL, positive, up, down, 0);
    }
  }
  emit_branch_if(cx, more, body, end);
}

static void count_index(Ctx *cx, IrRef slot)
{
  if (slot == IR_NONE)
    return;
  IrRef i = tir_emit(&cx->b, IR_LOAD, IRT_I16, slot, IR_NONE, IR_NONE, 0);
  emit2(cx, IR_STORE, IRT_VOID, slot, emit2(cx, IR_ADD, IRT_I16, i, sema_const(cx, IRT_I16, 1)));
}

static IrRef index_slot(Ctx *cx, Node *n)
{
  if (!payload(n, 1))
    return IR_NONE;
  IrRef slot = tir_slot(&cx->b, IRT_I16, names_text(cx->s->names, n->list[1]->name));
  emit2(cx, IR_STORE, IRT_VOID, slot, sema_const(cx, IRT_I16, 0));
  return slot;
}

// The loop proper: `bind` makes the element out of the counter at the start of the body.
static Flow counted_loop(Ctx *cx, Node *n, Counter *k, IrRef index, const Operand *array, Type elem)
{
  Target t = {.label = n->name, .kind = JUMP_LOOP};
  uint32_t body = tir_block(&cx->b), end = tir_block(&cx->b);
  t.next = tir_block(&cx->b);
  IrRef i = tir_emit(&cx->b, IR_LOAD, k->type, k->slot, IR_NONE, IR_NONE, 0);
  emit_branch_if(cx, before_stop(cx, k, i), body, end);
  target_open(cx, &t);
  cx->runtime_control++;
  cx->b.block = body;
  i = tir_emit(&cx->b, IR_LOAD, k->type, k->slot, IR_NONE, IR_NONE, 0);
  Operand x = op_rvalue(elem, i);
  if (array) {
    IrRef base = sema_pointer(cx, n->a, *array);
    IrRef p = tir_emit(&cx->b, IR_ELEM, IRT_PTR, base, i, IR_NONE, type_size(cx->s, elem));
    x = sema_load(cx, n->a, (Operand){.kind = OPK_LVALUE, .type = elem, .ref = p});
  }
  bind_payload(cx, payload(n, 0), x);
  if (index != IR_NONE) {
    IrRef at = tir_emit(&cx->b, IR_LOAD, IRT_I16, index, IR_NONE, IR_NONE, 0);
    bind_payload(cx, payload(n, 1), op_rvalue(T_U16, at));
  }
  if (sema_stmt(cx, n->b) != FLOW_DEAD)
    emit_branch(cx, t.next);
  cx->b.block = t.next;
  count_index(cx, index);
  advance(cx, k, body, end);
  cx->runtime_control--;
  return close_loop(cx, &t, end, true);
}

static Flow range_loop(Ctx *cx, Node *n, Operand range)
{
  Sema *s = cx->s;
  Type elem = type_info(s, range.type)->elem;
  Operand part[3];
  IrRef ref[3];
  if (type_comptime_only(s, elem)) {
    sema_must_be_comptime(cx, n->a, elem);
    return FLOW_ERROR;
  }
  for (uint32_t k = 0; k < 3; k++) {
    part[k] = sema_element(cx, n->a, &range, k);
    ref[k] = sema_runtime(cx, n->a, part[k], T_NONE);
    if (ref[k] == IR_NONE)
      return FLOW_ERROR;
  }
  const char *name = payload(n, 0) ? names_text(s->names, n->list[0]->name) : NULL;
  Counter k = {.type = type_lower(cx, elem),
               .stop = ref[1],
               .step = ref[2],
               .is_signed = type_is_signed(s, elem)};
  if (part[2].kind == OPK_VALUE && !part[2].v.sym)
    k.known_step = part[2].v.i;
  cx->b.pos = n->at;
  k.slot = tir_slot(&cx->b, k.type, name);
  emit2(cx, IR_STORE, IRT_VOID, k.slot, ref[0]);
  IrRef index = index_slot(cx, n);
  return counted_loop(cx, n, &k, index, NULL, elem);
}

static Flow array_loop(Ctx *cx, Node *n, Operand array)
{
  const TypeInfo *t = type_info(cx->s, array.type);
  if (!t->count)
    return FLOW_NEXT;
  if (array.kind != OPK_LVALUE) {
    IrRef address = sema_runtime(cx, n->a, array, T_NONE);
    if (address == IR_NONE)
      return FLOW_ERROR;
    array = (Operand){.kind = OPK_LVALUE, .type = array.type, .ref = address};
  }
  cx->b.pos = n->at;
  Counter k = {.type = IRT_I32,
               .slot = tir_slot(&cx->b, IRT_I32, NULL),
               .stop = sema_const(cx, IRT_I32, t->count),
               .step = sema_const(cx, IRT_I32, 1),
               .known_step = 1};
  emit2(cx, IR_STORE, IRT_VOID, k.slot, sema_const(cx, IRT_I32, 0));
  IrRef index = index_slot(cx, n);
  return counted_loop(cx, n, &k, index, &array, t->elem);
}

Flow sema_for(Ctx *cx, Node *n)
{
  Operand over = sema_place(cx, n->a);
  Value v;
  if (is_error(over))
    return FLOW_ERROR;
  bool inlined = n->flags & NF_INLINE;
  if (cx->comptime || inlined) {
    over = sema_load(cx, n->a, over);
    if (is_error(over))
      return FLOW_ERROR;
    if (!type_is_aggregate(cx->s, over.type)) {
      report_not_iterable(cx, n->a, over.type);
      return FLOW_ERROR;
    }
    if (!sema_is_known(cx, over, &v)) {
      SEMA_ERROR(cx, n->a, not_comptime);
      return FLOW_ERROR;
    }
    return cx->comptime ? comptime_for(cx, n, v) : inline_for(cx, n, v);
  }
  switch (type_info(cx->s, over.type)->kind) {
  case TK_RANGE: return range_loop(cx, n, over);
  case TK_ARRAY: return array_loop(cx, n, over);
  default: report_not_iterable(cx, n->a, over.type); return FLOW_ERROR;
  }
}
