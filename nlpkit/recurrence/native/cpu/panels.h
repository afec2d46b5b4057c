// How operands lie in memory while a cell runs, and how they get there.
//
// Units come in panels of WIDE vectors, the last one filled up. Beside each vector of units stand
// all its gates, so that a tile as wide as a panel ends with the gates of its units in registers.
#pragma once
#include "tile.h"

INLINE long panels_of(long units) { return (units + WIDE * V - 1) / (WIDE * V); }
INLINE long vectors_of(long width) { return (width + V - 1) / V; }

// One panel of [length, G·U] as [length][WIDE][G][V].
INLINE void pack_panel(const float *from, float *to, long length, long units, long panel) {
  for (long k = 0; k < length; k++)
    for (long first = panel * WIDE * V; first < (panel + 1) * WIDE * V; first += V)
      for (int gate = 0; gate < GATES; gate++, to += V)
        store(to, load_some(from + (k * GATES + gate) * units + first, units - first));
}

// The transposed kernel has its columns, of which there is one for each row of [length, G·U], in
// groups of up to four vectors: the columns of one tile.
INLINE long groups_of(long vectors) { return (vectors + 3) / 4; }
INLINE long group_begin(long vectors, long group) { return vectors * group / groups_of(vectors); }

// One such group as [P][WIDE][G][V][columns], the gates in a given order.
INLINE void pack_transposed(const float *from, const int *gates, float *to, long length, long units,
                            long first, long columns) {
  const long left = length - first < columns ? length - first : columns;
  const long all = panels_of(units) * WIDE * V;
  memset(to, 0, sizeof(float) * all * GATES * columns);
  for (long begin = 0; begin < all; begin += V)
    for (int gate = 0; gate < GATES; gate++, to += V * columns) {
      const long rows = units - begin < V ? units - begin : V;
      for (long column = 0; column < left; column++)
        for (long unit = 0; unit < rows; unit++)
          to[unit * columns + column] =
              from[((first + column) * GATES + gates[gate]) * units + begin + unit];
    }
}

// Columns of [count, width] by TILE_ROWS as [tiles][count][TILE_ROWS], times `by` unless it is
// NULL.
INLINE long outer_tiles(long width) { return (width + TILE_ROWS - 1) / TILE_ROWS; }
INLINE void interleave(const float *const *from, const float *const *by, long count, long width,
                       float *to) {
  for (long first = 0; first < width; first += TILE_ROWS) {
    const long left = width - first < TILE_ROWS ? width - first : TILE_ROWS;
    for (long k = 0; k < count; k++, to += TILE_ROWS)
      for (long m = 0; m < TILE_ROWS; m++)
        to[m] = m >= left ? 0 : by ? from[k][first + m] * by[k][first + m] : from[k][first + m];
  }
}

// The share of one of several threads in n things.
INLINE long share_begin(long n, long thread, long threads) { return n * thread / threads; }
