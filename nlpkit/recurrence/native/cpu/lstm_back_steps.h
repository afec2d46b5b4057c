// dz of one step after another, the part of the LSTM back through time that has an order:
//
//     (8)  dc' += dh' * o * (1 - k²)
//     (9)  dz_i = dc' * g * i * (1 - i)     dz_f = dc' * c * f * (1 - f)
//          dz_g = dc' * i * (1 - g²)        dz_o = dh' * k * o * (1 - o)
//     (10) dc = dc' * f
//          dh = dz · Rᵀ
#pragma once
#include "lstm_back.h"

// The derivative by h after a step, from all outputs that show it: its own and the masked ones
// behind it. Before the first step, -1, it is h0.
INLINE vec shown(const Back *run, long row, long step, long panel) {
  const Lstm *lstm = run->lstm;
  if (!lstm->dy) return splat(0);
  const long left = lstm->units - panel * V;
  const float *dy = lstm->dy + row * lstm->steps * lstm->units + panel * V;
  const long from = step < 0 ? 0 : time_of(&run->rows, row, step);
  const long to =
      step + 1 < length_of(&run->rows, row) ? time_of(&run->rows, row, step + 1) : lstm->steps;
  vec sum = splat(0);
  for (long t = from; t < to; t++) sum += load_some(dy + t * lstm->units, left);
  return sum;
}

INLINE const float *trace_of(const Back *run, long row, long step, long panel) {
  const long at = row * run->lstm->steps + time_of(&run->rows, row, step);
  return run->lstm->trace + (at * run->panels + panel) * TRACE;
}

// One row's panel of a step back, from dh' by way of the step after it.
INLINE void back_gates(const Back *run, vec dh, float *dc, long row, long step, long panel,
                       float *dz) {
  const Lstm *lstm = run->lstm;
  const float *kept = trace_of(run, row, step, panel);
  vec before;  // c
  if (step) {
    const float *next = trace_of(run, row, step - 1, panel);
    before = load(next + 4 * V);
    for (int n = 0; n < GATES; n++) __builtin_prefetch(next + n * V, 0, 2);
    if (step > 1) __builtin_prefetch(trace_of(run, row, step - 2, panel) + 4 * V, 0, 2);
    if (lstm->dy)
      __builtin_prefetch(
          lstm->dy + (row * lstm->steps + time_of(&run->rows, row, step - 1)) * lstm->units +
              panel * V,
          0, 2);
  } else {
    before = load_some(lstm->c0 + row * lstm->units + panel * V, lstm->units - panel * V);
  }
  const vec i = load(kept), f = load(kept + V), g = load(kept + 2 * V), o = load(kept + 3 * V);
  const vec k = hyperbolic_tangent(load(kept + 4 * V));  // (6) again
  dh += shown(run, row, step, panel);
  const vec memory = load(dc) + dh * o * (1.0f - k * k);  // (8)
  store(dz, memory * g * i * (1.0f - i));                 // (9)
  store(dz + V, memory * before * f * (1.0f - f));
  store(dz + 2 * V, memory * i * (1.0f - g * g));
  store(dz + 3 * V, dh * k * o * (1.0f - o));
  store(dc, memory * f);  // (10)
}

// The same for dh with dropout, Σ over gates of (dz · Rᵀ) * dropout.
static void times_transposed_gated(const Back *run, int rows, int vectors, const float *dz,
                                   const float *by, const int *row, long panel, float *out) {
  const Lstm *lstm = run->lstm;
  BUFFER part[TILE_ROWS * PANEL];
  memset(out, 0, sizeof part);
  for (int gate = 0; gate < GATES; gate++) {
    const float *a[TILE_ROWS];
    for (int m = 0; m < rows; m++) a[m] = dz + m * PANEL + gate * V;
    const long size = V * vectors * V;  // of one gate in `by`
    const Product product = {.a = a,
                             .piece = BLOCK * PANEL,
                             .b = by + gate * size,
                             .skip = (GATES - 1) * size,
                             .pieces = run->panels,
                             .length = V};
    TILES[rows][vectors](&product, part);
    for (int m = 0; m < rows; m++)
      for (int n = 0; n < vectors; n++) {
        const float *kept =
            lstm->dropout + (gate * lstm->batch + row[m]) * lstm->units + (panel + n) * V;
        float *to = out + (m * vectors + n) * V;
        store(to,
              load(to) + load(part + (to - out)) * load_some(kept, lstm->units - (panel + n) * V));
      }
  }
}

// What dh' of a row becomes: dz of the step, or before the first step the derivative by h0.
INLINE void arrive(const Back *run, Scratch *scratch, const Group *group, vec dh, long r, long step,
                   long panel, float *dz) {
  const long row = group->row[r], units = run->lstm->units, at = row * units + panel * V;
  if (r >= group->running[step + 1]) dh += load_some(run->lstm->dh + at, units - panel * V);
  if (step < 0)
    store_some(run->lstm->dh0 + at, dh + shown(run, row, step, panel), units - panel * V);
  else
    back_gates(run, dh, scratch->dc + (r * run->panels + panel) * V, row, step, panel,
               dz + panel * BLOCK * PANEL + r * PANEL);
}

// A step back for some of the units, from dz of the step after it.
static void back_step(const Back *run, Scratch *scratch, const Group *group, Step after, Step here,
                      long step, long from, long to) {
  BUFFER dh[TILE_ROWS * PANEL];
  for (long q = from; q < to; q++) {
    const long panel = group_begin(run->panels, q),
               vectors = group_begin(run->panels, q + 1) - panel;
    const float *by = run->recurrent + panel * V * run->panels * PANEL;
    for (long r = 0, height; r < after.rows; r += height) {
      height = tile_height(after.rows - r);
      const float *dz = after.dz + r * PANEL;
      if (run->copies == 1) times_transposed(run, height, vectors, dz, by, dh);
      else times_transposed_gated(run, height, vectors, dz, by, group->row + r, panel, dh);
      for (long m = 0; m < height; m++)
        for (long n = 0; n < vectors; n++)
          arrive(run, scratch, group, load(dh + (m * vectors + n) * V), r + m, step, panel + n,
                 here.dz);
    }
    for (long r = after.rows; r < here.rows; r++)
      for (long n = 0; n < vectors; n++)
        arrive(run, scratch, group, splat(0), r, step, panel + n, here.dz);
  }
}
