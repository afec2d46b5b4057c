// The products that need no order, block by block of time, while a block's derivatives are in the
// cache:
//
//     dinputs = dx · Wᵀ      dW = Σ inputsᵀ · dx      dR = Σ hᵀ · dr      db = Σ dx, Σ dr
//
// with dx and dr for the derivatives by x and r of all gates.
#pragma once
#include "back.h"

// The derivatives by the inputs of a block, for some of the features.
static void back_inputs(const Run *run, const Visits *visits, const float *derivatives, long from,
                        long to) {
  const long features = run->call->features;
  BUFFER dinputs[TILE_ROWS * 4 * V];
  for (long q = from; q < to; q++) {
    const long column = group_begin(run->columns, q),
               vectors = group_begin(run->columns, q + 1) - column;
    const float *by = run->kernel + column * V * run->panels * PANEL;
    for (long v = 0, height; v < visits->count; v += height) {
      height = tile_height(visits->count - v);
      times_transposed(run, height, vectors, derivatives + v * ROW + BY_X, by, dinputs);
      for (long m = 0; m < height; m++)
        for (long n = 0; n < vectors; n++) {
          float *to_row = visits->dx[v + m] + (column + n) * V;
          const vec value = load(dinputs + (m * vectors + n) * V);
          if (features % V == 0) stream(to_row, value);
          else store_some(to_row, value, features - (column + n) * V);
        }
    }
  }
}

// Adds to the sums of a panel, [tiles][TILE_ROWS][PANEL], the outer products of `rows`,
// [tiles][count][TILE_ROWS], with derivatives [count][ROW].
static void add_outer_products(const float *rows, long tiles, long count, int gated,
                               const float *derivatives, float *sums) {
  const float *a[TILE_ROWS];
  const Product product = {
      .a = a, .gate = tiles * TILE_ROWS * count, .b = derivatives, .pieces = 1, .length = count};
  for (long tile = 0; tile < tiles; tile++, sums += TILE_ROWS * PANEL) {
    for (int m = 0; m < TILE_ROWS; m++) a[m] = rows + tile * count * TILE_ROWS + m;
    (gated ? gated_outer_product : outer_product)(&product, sums);
  }
}

// Adds a block to dW, dR and db, for some of the units.
static void add_block(const Run *run, Scratch *scratch, long count, const float *derivatives,
                      long from, long to) {
  const long x_tiles = outer_tiles(run->call->features), h_tiles = outer_tiles(run->call->units);
  for (long panel = from; panel < to; panel++) {
    const float *rows = derivatives + panel * BLOCK * ROW;
    add_outer_products(scratch->x, x_tiles, count, 0, rows + BY_X,
                       scratch->dkernel + panel * x_tiles * TILE_ROWS * PANEL);
    add_outer_products(scratch->h, h_tiles, count, run->copies > 1, rows + BY_R,
                       scratch->drecurrent + panel * h_tiles * TILE_ROWS * PANEL);
    vec sum[ROW / V] = {0};
    for (long v = 0; v < count; v++)
      for (int n = 0; n < ROW / V; n++) sum[n] += load(rows + v * ROW + n * V);
    float *dbias = scratch->dbias + panel * ROW;
    for (int n = 0; n < ROW / V; n++) store(dbias + n * V, load(dbias + n * V) + sum[n]);
  }
}

// The rows of the outer products of a block, with h as each gate read it.
static void interleave_block(const Run *run, Scratch *scratch, const Visits *visits) {
  const long units = run->call->units, size = outer_tiles(units) * TILE_ROWS * visits->count;
  interleave(visits->x, NULL, visits->count, run->call->features, scratch->x);
  for (int copy = 0; copy < run->copies; copy++) {
    const float *const *by = run->call->dropout ? visits->dropout[copy] : NULL;
    interleave(visits->h, by, visits->count, units, scratch->h + copy * size);
  }
}

// Adds up the sums of all teams, of rows from `from` to `to` of a kernel's gradient, and lays them
// out as Keras has them.
static void unpack(const Run *run, float *const *sums, const int *gates, long tiles, long from,
                   long to, float *out) {
  const long units = run->call->units;
  for (long k = from; k < to; k++)
    for (long n = 0; n < run->panels * VECTORS; n++) {
      const long panel = n / VECTORS, gate = gates[n % GATES], unit = n / GATES * V;
      const long at = (panel * tiles * TILE_ROWS + k) * PANEL + n % VECTORS * V;
      vec sum = load(sums[0] + at);
      for (int team = 1; team < run->schedule.teams; team++) sum += load(sums[team] + at);
      store_some(out + (k * GATES + gate) * units + unit, sum, units - unit);
    }
}

// The same for the bias: first the derivatives by x, then, for a second one, those by r.
static void unpack_bias(const Run *run) {
  const long units = run->call->units;
  for (int bias = 0; bias < BIASES; bias++)
    for (long n = 0; n < run->panels * VECTORS; n++) {
      const long gate = bias ? RECURRENT_GATES[n % GATES] : INPUT_GATES[n % GATES];
      const long vector = n / GATES, unit = vector * V;
      const long at = vector * DERIVATIVES * V + (bias ? BY_R : BY_X) + n % GATES * V;
      vec sum = splat(0);
      for (int team = 0; team < run->schedule.teams; team++)
        sum += load(run->scratch[team].dbias + at);
      store_some(run->call->dbias + (bias * GATES + gate) * units + unit, sum, units - unit);
    }
}

static void unpack_all(const Run *run, int thread, int threads) {
  const Recurrence *call = run->call;
  const long features = call->features, units = call->units;
  float *dkernel[MOST_THREADS], *drecurrent[MOST_THREADS];
  for (int team = 0; team < run->schedule.teams; team++) {
    dkernel[team] = run->scratch[team].dkernel;
    drecurrent[team] = run->scratch[team].drecurrent;
  }
  unpack(run, dkernel, INPUT_GATES, outer_tiles(features), share_begin(features, thread, threads),
         share_begin(features, thread + 1, threads), call->dkernel);
  unpack(run, drecurrent, RECURRENT_GATES, outer_tiles(units), share_begin(units, thread, threads),
         share_begin(units, thread + 1, threads), call->drecurrent_kernel);
  if (thread == 0 && call->dbias) unpack_bias(run);
}
