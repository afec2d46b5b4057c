// A recurrent cell over a batch of sequences, forward and back, with the letters of nlpkit/cells/.
#pragma once
#include <stdint.h>

// Arrays are as Keras has them, for G gates: x [B, T, I], kernel [I, G·U], recurrent kernel
// [U, G·U], bias [biases, G·U], states [B, U], y [B, T, U], mask [B, T], dropout of h [G, B, U].
// Those that may be absent are NULL then; c is, where the cell has one state. The trace is aligned
// to 64 bytes and has `trace` floats for each of the B·T steps.
typedef struct {
  long batch, steps, features, units;
  const float *x, *kernel, *recurrent_kernel, *bias;  // bias may be absent
  const float *h0, *c0;
  const uint8_t *mask;   // may be absent
  const float *dropout;  // may be absent
  float *y, *trace;      // forward: may be absent; back: what it gave
  float *h, *c;          // forward: the last states
  // Back, the derivatives of the loss. The first may be absent; dx is aligned to 64 bytes.
  const float *dy, *dh, *dc;
  float *dx, *dkernel, *drecurrent_kernel, *dbias, *dh0, *dc0;
} Recurrence;

// A cell, compiled for one instruction set. `forward` and `back` return 0 where there is not enough
// memory.
typedef struct {
  const char *name;  // as in nlpkit.cells.CELLS
  int gates, states, biases;
  int (*forward)(const Recurrence *);
  int (*back)(const Recurrence *);
  long (*trace)(long units);
} Cell;

enum { CELLS = 3 };
typedef struct {
  const char *name;
  const Cell *cells[CELLS];
} Variant;

#define EXPORTED __attribute__((visibility("default")))
const Variant *variant(void);  // that which runs: the fastest that this processor has
EXPORTED const char *variant_name(void);
EXPORTED int use_variant(const char *name);  // has another one run, for tests; 0 where it cannot
