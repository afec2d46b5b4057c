// The equations of nlpkit/cells/simple_rnn.py by their numbers, for a vector of units.
//
//     (1) h' = tanh(x + r)
#pragma once
#include "vectors.h"

#define NAME "simple-rnn"
enum { GATES = 1, STATES = 1, BIASES = 1 };
enum { WIDE = V < 16 ? 4 : 2 };  // so that a tile has sums enough to be at it all the time
enum { KEPT = 0 };               // y has it all
enum { DERIVATIVES = 1 };        // dz
static const Memory MEMORY = NONE;
static const int INPUT_GATES[GATES] = {0};

INLINE vec step(const vec *x, const vec *r, vec *, vec *) {
  return hyperbolic_tangent(x[0] + r[0]);  // (1)
}

//     (2) dz = dh' * (1 - h'²)
INLINE void step_back(vec dh, vec *, const vec *, vec, vec after, vec *dz) {
  dz[0] = dh * (1.0f - after * after);  // (2)
}
