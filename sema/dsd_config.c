// The last argument of DSD operations and of @load_to_dsr: how they run and what happens at their
// end (language 13.4).
#include "sema/advice.h"
#include "sema/ops.h"

static bool setting(const Config *c, const char *name, bool *out)
{
  Operand op;
  Node *at;
  Value v;
  if (!config_has(c, name, &op, &at))
    return true;
  op = sema_load(c->cx, at, op);
  if (op.kind == OPK_ERROR)
    return false;
  if (!sema_is_known(c->cx, op, &v)) {
    SEMA_ERROR(c->cx, at, dsd_setting);
    return false;
  }
  return config_bool(c, name, out);
}

static bool cfg_flag(const Config *c, const char *name, uint32_t bit, uint32_t *cfg)
{
  bool yes = false;
  if (!setting(c, name, &yes))
    return false;
  *cfg |= yes ? bit : 0;
  return true;
}

// The name of a task in a comptime block, which may bind it further down.
static bool named_later(Ctx *cx, Node *at, Operand op, bool activate, LateTask *late, IrRef *target)
{
  if (!cx->comptime || type_info(cx->s, op.type)->kind != TK_TASK ||
      !sema_known(cx, at, op, T_NONE, &late->task))
    return false;
  late->at = at;
  late->activate = activate;
  *target = ops_i16(cx, 0);
  return true;
}

// `activate` or `unblock` in `c`: their action and target kind go to the given places of the word.
static bool completion(const Config *c, unsigned action_shift, unsigned kind_shift, uint32_t *cfg,
                       IrRef *target, LateTask *late)
{
  Operand op;
  Node *at;
  TargetKind kind = TARGET_TASK;
  int64_t known;
  bool activate = config_has(c, "activate", &op, &at);
  if (activate && !named_later(c->cx, at, op, true, late, target) &&
      !ops_local_task(c->cx, at, op, target))
    return false;
  bool unblock = config_has(c, "unblock", &op, &at);
  if (activate && unblock) {
    SEMA_ERROR(c->cx, at, activate_and_unblock);
    return false;
  }
  if (unblock && !named_later(c->cx, at, op, false, late, target) &&
      !ops_target(c->cx, at, op, target, &kind, &known))
    return false;
  uint32_t action = activate ? ACTION_ACTIVATE : unblock ? ACTION_UNBLOCK : ACTION_NONE;
  *cfg |= action << action_shift | (uint32_t)kind << kind_shift;
  return true;
}

static bool on_control(const Config *c, OpConfig *out)
{
  static const char *const fields[] = {"terminate", "activate", "unblock", NULL};
  Config sub;
  bool ok = true, terminate = false;
  if (!config_sub(c, "on_control", &sub, &ok))
    return ok;
  if (!config_only(&sub, fields) || !setting(&sub, "terminate", &terminate) ||
      !completion(&sub, CFG_OC_ACTION_SHIFT, CFG_OC_KIND_SHIFT, &out->cfg, &out->on_control,
                  &out->late_control))
    return false;
  if (terminate == (out->on_control != IR_NONE)) {
    SEMA_ERROR(c->cx, sub.at, config_one_true, sub.what, "terminate, activate, unblock");
    return false;
  }
  if (terminate)
    out->cfg |= (uint32_t)ACTION_TERMINATE << CFG_OC_ACTION_SHIFT;
  return true;
}

static bool priority(const Config *c, uint32_t *cfg)
{
  int level = 0;
  if (!config_priority(c, &level))
    return false;
  *cfg |= (uint32_t)level << CFG_PRIO_SHIFT;
  return true;
}

static bool ut_id(const Config *c, uint32_t *cfg)
{
  Operand op;
  Node *at;
  Value v;
  if (!config_has(c, "ut_id", &op, &at))
    return true;
  if (!c->cx->s->arch->explicit_ut) {
    SEMA_ERROR(c->cx, at, field_not_on_arch, "ut_id", c->cx->s->arch->name);
    advise_guard(c->cx, at);
    return false;
  }
  if (!sema_is_known(c->cx, op, &v)) {
    SEMA_ERROR(c->cx, at, dsd_setting);
    return false;
  }
  if (!sema_known(c->cx, at, op, T_UT_ID, &v))
    return false;
  *cfg |= CFG_UT_GIVEN | ((uint32_t)v.i & 7) << CFG_UT_SHIFT;
  return true;
}

static bool index_value(const Config *c, OpConfig *out)
{
  Operand op;
  Node *at;
  if (!config_has(c, "index", &op, &at))
    return true;
  out->cfg |= CFG_INDEX;
  out->index = sema_runtime(c->cx, at, op, T_U16);
  return out->index != IR_NONE;
}

static const char *const *fields_of(OpConfigFor use)
{
  static const char *const operation[] = {"async",    "activate", "unblock", "on_control",
                                          "priority", "index",    "ut_id",   NULL};
  static const char *const dfilt[] = {"async", "activate", "unblock", "priority", "ut_id", NULL};
  static const char *const dsr[] = {"async", "activate",     "unblock",     "on_control",
                                    "ut_id", "save_address", "single_step", NULL};
  return use == CONFIG_OPERATION ? operation : use == CONFIG_DFILT ? dfilt : dsr;
}

bool dsd_config(Ctx *cx, Node *at, OpConfigFor use, OpConfig *out)
{
  Config c;
  *out = (OpConfig){.at = at};
  return config_open(cx, at, use == CONFIG_DSR ? "DSR configuration" : "operation configuration",
                     &c) &&
         config_only(&c, fields_of(use)) && cfg_flag(&c, "async", CFG_ASYNC, &out->cfg) &&
         cfg_flag(&c, "save_address", CFG_SAVE_ADDRESS, &out->cfg) &&
         cfg_flag(&c, "single_step", CFG_SINGLE_STEP, &out->cfg) &&
         completion(&c, CFG_ACTION_SHIFT, CFG_KIND_SHIFT, &out->cfg, &out->completion,
                    &out->late_completion) &&
         on_control(&c, out) && priority(&c, &out->cfg) && ut_id(&c, &out->cfg) &&
         index_value(&c, out);
}
