// The products that need no order, block by block of time, while dz of the block is in the cache:
//
//     dx = dz · Wᵀ      dW = Σ xᵀ · dz      dR = Σ hᵀ · dz      db = Σ dz
#pragma once
#include "lstm_back.h"

// dx of a block, for some of the input features.
static void back_inputs(const Back *run, const Visits *visits, const float *dz, long from,
                        long to) {
  const long features = run->lstm->features;
  BUFFER dx[TILE_ROWS * PANEL];
  for (long q = from; q < to; q++) {
    const long column = group_begin(run->columns, q),
               vectors = group_begin(run->columns, q + 1) - column;
    const float *by = run->kernel + column * V * run->panels * PANEL;
    for (long v = 0, height; v < visits->count; v += height) {
      height = tile_height(visits->count - v);
      times_transposed(run, height, vectors, dz + v * PANEL, by, dx);
      for (long m = 0; m < height; m++)
        for (long n = 0; n < vectors; n++) {
          float *to_row = visits->dx[v + m] + (column + n) * V;
          const vec value = load(dx + (m * vectors + n) * V);
          if (features % V == 0) stream(to_row, value);
          else store_some(to_row, value, features - (column + n) * V);
        }
    }
  }
}

// Adds a block to dW, dR and db, for some of the units.
static void add_outer_products(const Back *run, Scratch *scratch, long count, const float *dz,
                               long from, long to) {
  const long x_tiles = outer_tiles(run->lstm->features), h_tiles = outer_tiles(run->lstm->units);
  const long size = TILE_ROWS * PANEL, gate = run->copies == 1 ? 0 : h_tiles * TILE_ROWS * count;
  const float *a[TILE_ROWS];
  Product product = {.a = a, .gate = gate, .pieces = 1, .length = count};
  for (long panel = from; panel < to; panel++) {
    product.b = dz + panel * BLOCK * PANEL;
    for (long tile = 0; tile < x_tiles; tile++) {
      for (int m = 0; m < TILE_ROWS; m++) a[m] = scratch->x + tile * count * TILE_ROWS + m;
      outer_product(&product, scratch->dkernel + (panel * x_tiles + tile) * size);
    }
    for (long tile = 0; tile < h_tiles; tile++) {
      for (int m = 0; m < TILE_ROWS; m++) a[m] = scratch->h + tile * count * TILE_ROWS + m;
      (gate ? gated_outer_product : outer_product)(
          &product, scratch->drecurrent + (panel * h_tiles + tile) * size);
    }
    vec sum[GATES] = {0};
    for (long v = 0; v < count; v++)
      for (int n = 0; n < GATES; n++) sum[n] += load(product.b + v * PANEL + n * V);
    float *dbias = scratch->dbias + panel * PANEL;
    for (int n = 0; n < GATES; n++) store(dbias + n * V, load(dbias + n * V) + sum[n]);
  }
}

// The rows of the outer products of a block, with h as each gate read it.
static void interleave_block(const Back *run, Scratch *scratch, const Visits *visits) {
  const long units = run->lstm->units, size = outer_tiles(units) * TILE_ROWS * visits->count;
  interleave(visits->x, NULL, visits->count, run->lstm->features, scratch->x);
  for (int copy = 0; copy < run->copies; copy++) {
    const float *const *by = run->copies == 1 ? NULL : visits->dropout[copy];
    interleave(visits->h, by, visits->count, units, scratch->h + copy * size);
  }
}

// Adds up the sums of all teams, of rows from `from` to `to`, and lays them out as Keras has them.
static void unpack(const Back *run, float *const *sums, long tiles, long from, long to,
                   float *out) {
  const long units = run->lstm->units;
  for (long k = from; k < to; k++)
    for (long panel = 0; panel < run->panels; panel++)
      for (int gate = 0; gate < GATES; gate++) {
        const long at = ((panel * tiles) * TILE_ROWS + k) * PANEL + gate * V;
        vec sum = load(sums[0] + at);
        for (int team = 1; team < run->schedule.teams; team++) sum += load(sums[team] + at);
        store_some(out + (k * GATES + gate) * units + panel * V, sum, units - panel * V);
      }
}

static void unpack_all(const Back *run, int thread, int threads) {
  const Lstm *lstm = run->lstm;
  const long features = lstm->features, units = lstm->units;
  float *dkernel[MOST_THREADS], *drecurrent[MOST_THREADS], *dbias[MOST_THREADS];
  for (int team = 0; team < run->schedule.teams; team++) {
    dkernel[team] = run->scratch[team].dkernel;
    drecurrent[team] = run->scratch[team].drecurrent;
    dbias[team] = run->scratch[team].dbias;
  }
  unpack(run, dkernel, outer_tiles(features), share_begin(features, thread, threads),
         share_begin(features, thread + 1, threads), lstm->dkernel);
  unpack(run, drecurrent, outer_tiles(units), share_begin(units, thread, threads),
         share_begin(units, thread + 1, threads), lstm->drecurrent_kernel);
  if (thread == 0 && lstm->dbias) {
    for (long panel = 0; panel < run->panels; panel++)
      for (int gate = 0; gate < GATES; gate++) {
        vec sum = splat(0);
        for (int team = 0; team < run->schedule.teams; team++)
          sum += load(dbias[team] + panel * PANEL + gate * V);
        store_some(lstm->dbias + gate * units + panel * V, sum, units - panel * V);
      }
  }
}
