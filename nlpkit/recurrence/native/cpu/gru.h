// The equations of nlpkit/cells/gru.py by their numbers, for a vector of units: the GRU with the
// reset gate behind the product, whose biases are in x and r.
//
//     (1) z = sigmoid(x_z + r_z)   (2) r = sigmoid(x_r + r_r)   (3) p = r_g
//     (4) g = tanh(x_g + r * p)    (5) h' = z * h + (1 - z) * g
#pragma once
#include "vectors.h"

#define NAME "gru"
enum { GATES = 3, STATES = 1, BIASES = 2, WIDE = 1 };
enum { KEPT = 4 };         // z r g p
enum { DERIVATIVES = 4 };  // da_g da_z da_r dp: dx is the first three of these, dr the last three
static const Memory MEMORY = H;
static const int INPUT_GATES[GATES] = {2, 0, 1};

INLINE vec step(const vec *x, const vec *r_, vec *h, vec *kept) {
  const vec z = sigmoid(x[0] + r_[0]), r = sigmoid(x[1] + r_[1]);  // (1), (2)
  const vec p = r_[2], g = hyperbolic_tangent(x[2] + r * p);       // (3), (4)
  kept[0] = z, kept[1] = r, kept[2] = g, kept[3] = p;
  return g + z * (*h - g);  // (5), in fewer operations
}

//     (6)  da_g = dh' * (1 - z) * (1 - g²)     (7) da_z = dh' * (h - g) * z * (1 - z)
//     (8)  da_r = da_g * p * r * (1 - r)       (9) dp = da_g * r
//     (10) dh = dh' * z, and more by way of r
INLINE void step_back(vec dh, vec *past, const vec *kept, vec h, vec, vec *da) {
  const vec z = kept[0], r = kept[1], g = kept[2], p = kept[3];
  const vec da_g = dh * (1.0f - z) * (1.0f - g * g);  // (6)
  da[0] = da_g;
  da[1] = dh * (h - g) * z * (1.0f - z);  // (7)
  da[2] = da_g * p * r * (1.0f - r);      // (8)
  da[3] = da_g * r;                       // (9)
  *past = dh * z;                         // (10)
}
