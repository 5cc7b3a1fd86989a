// Integers beyond the machine's word, for the files of sema that compute with them (bigint.c).
// What the rest of sema needs stands in private.h.
#ifndef WEFT_SEMA_BIGINT_H
#define WEFT_SEMA_BIGINT_H
#include "sema/private.h"
#include <gmp.h>

// A number to be read; good as long as `view` and until the next number is made.
typedef struct BigView {
  mpz_t z;
  mp_limb_t limb;
} BigView;
mpz_srcptr big_view(const Sema *s, Value v, BigView *view);
// Value.i of a number in an integer type: fixed widths wrap. `z` is overwritten. False: a
// comptime_int of more than COMPTIME_INT_BITS bits.
bool big_put(Sema *s, Type t, mpz_t z, int64_t *out);
#endif
