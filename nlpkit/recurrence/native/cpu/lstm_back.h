// What the LSTM works with back through time.
#pragma once
#include "schedule.h"

typedef struct {
  float *dz[2];  // of a block and of the one after it, in turns: [P][BLOCK][4][V]
  float *dc;     // [rows][P · V]
  float *x, *h;  // inputs of a block, and h before each step or its copies, for the outer products
  float *dkernel, *drecurrent, *dbias;  // sums in panels
  Barrier barrier;
} Scratch;

typedef struct {
  const Lstm *lstm;
  Rows rows;
  Schedule schedule;
  long panels, columns;       // vectors of units, and of input features
  int copies;                 // of h, one for each gate where h has dropout
  float *kernel, *recurrent;  // transposed
  Scratch *scratch;           // of each team
  Barrier packed, summed;
} Back;

typedef struct {
  const float *x[BLOCK], *h[BLOCK];  // h before the step
  const float *dropout[GATES][BLOCK];
  float *dx[BLOCK];
  long begin[BLOCK + 1];  // the first visit of each step
  long count;
} Visits;  // of rows, step by step

// Where dz of a step is, [P][BLOCK][4][V] from its first row on, and how many rows take it.
typedef struct {
  float *dz;
  int rows;
} Step;

// A tile of dz · Rᵀ or dz · Wᵀ: rows of dz times up to four vectors of columns.
INLINE void times_transposed(const Back *run, int rows, int vectors, const float *dz,
                             const float *by, float *out) {
  const float *a[TILE_ROWS];
  for (int m = 0; m < rows; m++) a[m] = dz + m * PANEL;
  const Product product = {
      .a = a, .piece = BLOCK * PANEL, .b = by, .pieces = run->panels, .length = PANEL};
  TILES[rows][vectors](&product, out);
}
