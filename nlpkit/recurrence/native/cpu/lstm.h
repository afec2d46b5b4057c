// The equations of nlpkit/cells/lstm.py by their numbers, for a vector of units. With z = x + r:
//
//     (1) i = sigmoid(z_i)   (2) f = sigmoid(z_f)   (3) g = tanh(z_g)   (4) o = sigmoid(z_o)
//     (5) c' = f * c + i * g      (6) k = tanh(c')      (7) h' = o * k
#pragma once
#include "vectors.h"

#define NAME "lstm"
enum { GATES = 4, STATES = 2, BIASES = 1, WIDE = 1 };
enum { KEPT = 5 };         // i f g o c'
enum { DERIVATIVES = 4 };  // dz_i dz_f dz_g dz_o
static const Memory MEMORY = C;
static const int INPUT_GATES[GATES] = {0, 1, 2, 3};

INLINE vec step(const vec *x, const vec *r, vec *c, vec *kept) {
  const vec i = sigmoid(x[0] + r[0]), f = sigmoid(x[1] + r[1]);             // (1), (2)
  const vec g = hyperbolic_tangent(x[2] + r[2]), o = sigmoid(x[3] + r[3]);  // (3), (4)
  *c = f * *c + i * g;                                                      // (5)
  kept[0] = i, kept[1] = f, kept[2] = g, kept[3] = o, kept[4] = *c;
  return o * hyperbolic_tangent(*c);  // (6), (7)
}

//     (8)  dc' += dh' * o * (1 - k²)
//     (9)  dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)
//          dz_g = dc' * i * (1 - g²)        dz_o = dh' * k * o * (1 - o)
//     (10) dc = dc' * f
INLINE void step_back(vec dh, vec *dc, const vec *kept, vec c, vec, vec *dz) {
  const vec i = kept[0], f = kept[1], g = kept[2], o = kept[3];
  const vec k = hyperbolic_tangent(kept[4]);  // (6) again
  *dc += dh * o * (1.0f - k * k);             // (8)
  dz[0] = *dc * g * i * (1.0f - i);           // (9)
  dz[1] = *dc * c * f * (1.0f - f);
  dz[2] = *dc * i * (1.0f - g * g);
  dz[3] = dh * k * o * (1.0f - o);
  *dc *= f;  // (10)
}
