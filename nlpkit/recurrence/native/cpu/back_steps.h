// One step after another, the part of the way back that has an order: the equations in the cell's
// file, and behind them dh = dr · Rᵀ.
#pragma once
#include "back.h"

// The derivative by h after a step, from all outputs that show it: its own and the masked ones
// behind it.
INLINE vec shown(const Run *run, const Place *place) {
  const Recurrence *call = run->call;
  if (!call->dy) return splat(0);
  const float *dy = call->dy + place->row * call->steps * call->units + place->unit;
  const long next = place->step + 1;
  const long from = place->step < 0 ? 0 : time_of(&run->rows, place->row, place->step);
  const long to = next < length_of(&run->rows, place->row) ? time_of(&run->rows, place->row, next)
                                                           : call->steps;
  vec sum = splat(0);
  for (long t = from; t < to; t++) sum += load_some(dy + t * call->units, place->left);
  return sum;
}

INLINE const float *trace_at(const Run *run, const Place *place, long step) {
  const long units = run->panels * WIDE * V;
  return run->call->trace + (at_time(run, place, step) * units + place->unit) * KEPT;
}

INLINE vec output_at(const Run *run, const Place *place, long step) {
  return load_some(run->call->y + at_time(run, place, step) * run->call->units + place->unit,
                   place->left);
}

// The memory before a step: what the step before it kept last, or its output.
INLINE vec memory_before(const Run *run, const Place *place) {
  const Recurrence *call = run->call;
  if (MEMORY == NONE) return splat(0);
  if (place->step && MEMORY == C)
    return load(trace_at(run, place, place->step - 1) + (KEPT - 1) * V);
  if (place->step) return output_at(run, place, place->step - 1);
  const float *first = MEMORY == C ? call->c0 : call->h0;
  return load_some(first + place->row * call->units + place->unit, place->left);
}

// Has what the step before reads be on its way.
INLINE void prefetch(const Run *run, const Place *place) {
  const Recurrence *call = run->call;
  if (!place->step) return;
  const float *kept = trace_at(run, place, place->step - 1);
  for (int n = 0; n < KEPT - (MEMORY == C); n++) __builtin_prefetch(kept + n * V, 0, 2);
  if (place->step > 1 && MEMORY == C)
    __builtin_prefetch(trace_at(run, place, place->step - 2) + (KEPT - 1) * V, 0, 2);
  const long output = at_time(run, place, place->step - 1) * call->units + place->unit;
  if (MEMORY == NONE) __builtin_prefetch(call->y + output, 0, 2);
  if (call->dy) __builtin_prefetch(call->dy + output, 0, 2);
}

// The same for dh with dropout, Σ over gates of (dr · Rᵀ) * dropout.
static void times_transposed_gated(const Run *run, int rows, int vectors, const float *derivatives,
                                   const float *by, const int *row, long unit, float *out) {
  const Recurrence *call = run->call;
  BUFFER part[TILE_ROWS * 4 * V];
  memset(out, 0, sizeof part);
  for (int gate = 0; gate < GATES; gate++) {
    const float *a[TILE_ROWS];
    for (int m = 0; m < rows; m++) a[m] = derivatives + m * ROW + gate * V;
    const long size = WIDE * V * vectors * V;  // of one gate in `by`
    const Product product = {.a = a,
                             .piece = BLOCK * ROW,
                             .b = by + gate * size,
                             .skip = (GATES - 1) * size,
                             .pieces = run->panels,
                             .length = WIDE * V};
    TILES[rows][vectors](&product, part);
    for (int m = 0; m < rows; m++)
      for (int n = 0; n < vectors; n++) {
        const long first = unit + n * V, at = (m * vectors + n) * V;
        const float *kept = call->dropout + (gate * call->batch + row[m]) * call->units + first;
        store(out + at, load(out + at) + load(part + at) * load_some(kept, call->units - first));
      }
  }
}

// What dh' of a row becomes: the derivatives of the step, or before the first one that by h0.
INLINE void arrive(const Run *run, Scratch *scratch, const Group *group, vec dh, long r, long step,
                   long vector, float *derivatives) {
  const Recurrence *call = run->call;
  const long unit = vector * V, at = group->row[r] * call->units + unit;
  const Place place = {group->row[r], step, unit, call->units - unit};
  float *memory = scratch->memory + r * run->panels * WIDE * V + unit;
  if (r >= group->running[step + 1]) dh += load_some(call->dh + at, place.left);
  if (MEMORY == H) dh += load(memory);
  dh += shown(run, &place);
  if (step < 0) {
    store_some(call->dh0 + at, dh, place.left);
    return;
  }
  vec kept[KEPT + 1], dmemory = MEMORY == NONE ? splat(0) : load(memory), found[DERIVATIVES];
  for (int n = 0; n < KEPT; n++) kept[n] = load(trace_at(run, &place, step) + n * V);
  const vec before = memory_before(run, &place);
  prefetch(run, &place);
  step_back(dh, &dmemory, kept, before, MEMORY == NONE ? output_at(run, &place, step) : splat(0),
            found);
  derivatives += (vector / WIDE * BLOCK + r) * ROW + vector % WIDE * DERIVATIVES * V;
  // Beyond the last unit an infinite input has made NaN, and Rᵀ and Wᵀ have zeros: 0 · NaN is NaN.
  for (int n = 0; n < DERIVATIVES; n++) store(derivatives + n * V, first_of(found[n], place.left));
  if (MEMORY != NONE) store(memory, dmemory);
}

// A step back for some of the units, from the derivatives of the step after it.
static void back_step(const Run *run, Scratch *scratch, const Group *group, Step after, Step here,
                      long step, long from, long to) {
  const long all = run->panels * WIDE;
  BUFFER dh[TILE_ROWS * 4 * V];
  for (long q = from; q < to; q++) {
    const long vector = group_begin(all, q), vectors = group_begin(all, q + 1) - vector;
    const float *by = run->recurrent + vector * V * run->panels * PANEL;
    for (long r = 0, height; r < after.rows; r += height) {
      height = tile_height(after.rows - r);
      const float *dr = after.derivatives + r * ROW + BY_R;
      if (run->call->dropout)
        times_transposed_gated(run, height, vectors, dr, by, group->row + r, vector * V, dh);
      else times_transposed(run, height, vectors, dr, by, dh);
      for (long m = 0; m < height; m++)
        for (long n = 0; n < vectors; n++)
          arrive(run, scratch, group, load(dh + (m * vectors + n) * V), r + m, step, vector + n,
                 here.derivatives);
    }
    for (long r = after.rows; r < here.rows; r++)
      for (long n = 0; n < vectors; n++)
        arrive(run, scratch, group, splat(0), r, step, vector + n, here.derivatives);
  }
}
