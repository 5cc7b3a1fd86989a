// Dominators of the blocks of a function, by the iterative algorithm of Cooper, Harvey and Kennedy.
#include "ir/form.h"
#include <stb/stb_ds.h>
#include <string.h>

enum { NONE = UINT32_MAX };

uint32_t ir_successors(const TileModule *m, const IrFunc *f, uint32_t block, uint32_t *out,
                       uint32_t max)
{
  const IrInst *t = &f->insts[arrlast(f->blocks[block].insts)];
  const uint32_t *list = ir_list(m, t);
  uint32_t n = 0;
  if (t->op == IR_BR) {
    if (max)
      out[0] = t->aux;
    return 1;
  }
  if (t->op == IR_BRIF)
    for (; n < 2; n++)
      if (n < max)
        out[n] = list[n];
  if (t->op == IR_SWITCH)
    for (uint32_t i = 0; i < t->nlist; i += 3, n++)
      if (n < max)
        out[n] = list[i];
  return n;
}

typedef struct Frame {
  uint32_t block, next;
} Frame;

// Blocks in postorder (stb_ds); `index` gets each block's place in it, NONE if it is not reached.
static uint32_t *postorder(const TileModule *m, const IrFunc *f, uint32_t *index)
{
  uint32_t *order = NULL, *succ = NULL;
  Frame *stack = NULL;
  bool *seen = NULL;
  arrsetlen(seen, arrlenu(f->blocks));
  for (size_t i = 0; i < arrlenu(f->blocks); i++) {
    seen[i] = i == 0;
    index[i] = NONE;
  }
  arrput(stack, ((Frame){0, 0}));
  while (arrlen(stack)) {
    Frame *top = &arrlast(stack);
    uint32_t n = ir_successors(m, f, top->block, NULL, 0);
    arrsetlen(succ, n ? n : 1);
    ir_successors(m, f, top->block, succ, n);
    if (top->next < n) {
      uint32_t s = succ[top->next++];
      if (!seen[s]) {
        seen[s] = true;
        arrput(stack, ((Frame){s, 0}));
      }
      continue;
    }
    index[top->block] = (uint32_t)arrlen(order);
    arrput(order, top->block);
    (void)arrpop(stack);
  }
  arrfree(stack);
  arrfree(seen);
  arrfree(succ);
  return order;
}

static uint32_t intersect(const uint32_t *idom, const uint32_t *index, uint32_t a, uint32_t b)
{
  while (a != b) {
    while (index[a] < index[b])
      a = idom[a];
    while (index[b] < index[a])
      b = idom[b];
  }
  return a;
}

typedef struct Edges {    // predecessors of block b: pred[first[b] .. first[b + 1])
  uint32_t *first, *pred; // stb_ds
} Edges;

static Edges predecessors(const TileModule *m, const IrFunc *f)
{
  Edges e = {0};
  uint32_t *succ = NULL, *fill = NULL;
  size_t blocks = arrlenu(f->blocks);
  arrsetlen(e.first, blocks + 1);
  memset(e.first, 0, (blocks + 1) * sizeof *e.first);
  for (int pass = 0; pass < 2; pass++) { // count, then store
    for (uint32_t b = 0; b < blocks; b++) {
      uint32_t n = ir_successors(m, f, b, NULL, 0);
      arrsetlen(succ, n ? n : 1);
      ir_successors(m, f, b, succ, n);
      for (uint32_t k = 0; k < n; k++) {
        if (pass == 0)
          e.first[succ[k] + 1]++;
        else
          e.pred[fill[succ[k]]++] = b;
      }
    }
    for (size_t b = 0; pass == 0 && b < blocks; b++)
      e.first[b + 1] += e.first[b];
    if (pass == 0) {
      arrsetlen(e.pred, e.first[blocks] ? e.first[blocks] : 1);
      arrsetlen(fill, blocks);
      memcpy(fill, e.first, blocks * sizeof *fill);
    }
  }
  arrfree(succ);
  arrfree(fill);
  return e;
}

// One sweep in reverse postorder; true if anything changed.
static bool sweep(const Edges *e, const uint32_t *order, const uint32_t *index, uint32_t *idom)
{
  bool changed = false;
  for (size_t i = arrlenu(order); i-- > 0;) {
    uint32_t b = order[i], best = NONE;
    for (uint32_t k = e->first[b]; k < e->first[b + 1] && b != 0; k++)
      if (idom[e->pred[k]] != NONE)
        best = best == NONE ? e->pred[k] : intersect(idom, index, best, e->pred[k]);
    if (b != 0 && best != idom[b]) {
      idom[b] = best;
      changed = true;
    }
  }
  return changed;
}

uint32_t *ir_dominators(const TileModule *m, const IrFunc *f)
{
  uint32_t *idom = NULL, *index = NULL;
  arrsetlen(idom, arrlenu(f->blocks));
  arrsetlen(index, arrlenu(f->blocks));
  for (size_t i = 0; i < arrlenu(idom); i++)
    idom[i] = NONE;
  idom[0] = 0;
  uint32_t *order = postorder(m, f, index);
  Edges e = predecessors(m, f);
  while (sweep(&e, order, index, idom))
    ;
  arrfree(order);
  arrfree(index);
  arrfree(e.first);
  arrfree(e.pred);
  return idom;
}

bool ir_dominates(const uint32_t *idom, uint32_t a, uint32_t b)
{
  while (b != a && b != 0)
    b = idom[b];
  return b == a;
}
