// What a cell works with back through time.
#pragma once
#include "schedule.h"

// Derivatives are those by x and r of each gate, in the order of the cell's file; `vector` counts
// vectors of units.
struct Scratch {
  float *derivatives[2];  // of a block and of the one after it, in turns: [P][BLOCK][ROW]
  float *memory;          // the derivative by the memory, [rows][units in panels]
  float *x, *h;  // inputs of a block, and h before each step or its copies, for the outer products
  float *dkernel, *drecurrent, *dbias;  // sums in panels
  Barrier barrier;
};

typedef struct {
  const float *x[BLOCK], *h[BLOCK];  // h before the step
  const float *dropout[GATES][BLOCK];
  float *dx[BLOCK];
  long begin[BLOCK + 1];  // the first visit of each step
  long count;
} Visits;  // of rows, step by step

// Where a step's derivatives are, [P][BLOCK][ROW] from its first row on, and how many rows take it.
typedef struct {
  float *derivatives;
  int rows;
} Step;

// A row's vector of units at one of its steps; before the first step, -1, it has h0.
typedef struct {
  long row, step, unit, left;  // units from it on
} Place;

INLINE long at_time(const Run *run, const Place *place, long step) {
  return place->row * run->call->steps + time_of(&run->rows, place->row, step);
}

// A tile of derivatives times a transposed kernel: rows times up to four vectors of columns.
INLINE void times_transposed(const Run *run, int rows, int vectors, const float *derivatives,
                             const float *by, float *out) {
  const float *a[TILE_ROWS];
  for (int m = 0; m < rows; m++) a[m] = derivatives + m * ROW;
  const Product product = {
      .a = a, .piece = BLOCK * ROW, .b = by, .pieces = run->panels, .length = PANEL};
  TILES[rows][vectors](&product, out);
}
