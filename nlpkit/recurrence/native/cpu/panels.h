// How operands lie in memory while the LSTM runs, and how they get there.
//
// Units come in panels of V, the last one filled up. In a panel the four gates i f g o stand side
// by side, so that a tile of four vectors ends with all gates of its units in registers.
#pragma once
#include "tile.h"

enum { GATES = 4, PANEL = GATES * V };

INLINE long panels_of(long units) { return (units + V - 1) / V; }

// One panel of [length, 4U] as [length][4][V].
INLINE void pack_panel(const float *from, float *to, long length, long units, long panel) {
  const long left = units - panel * V;
  for (long k = 0; k < length; k++)
    for (int gate = 0; gate < GATES; gate++)
      store(to + (k * GATES + gate) * V,
            load_some(from + (k * GATES + gate) * units + panel * V, left));
}

// The transposed kernel has its columns, of which there is one for each row of [length, 4U], in
// groups of up to four vectors: the columns of one tile.
INLINE long groups_of(long panels) { return (panels + 3) / 4; }
INLINE long group_begin(long panels, long group) { return panels * group / groups_of(panels); }

// One such group as [P][4][V][columns].
INLINE void pack_transposed(const float *from, float *to, long length, long units, long first,
                            long columns) {
  const long left = length - first < columns ? length - first : columns;
  memset(to, 0, sizeof(float) * panels_of(units) * PANEL * columns);
  for (long panel = 0; panel < panels_of(units); panel++)
    for (int gate = 0; gate < GATES; gate++, to += V * columns) {
      const long at = gate * units + panel * V,
                 rows = units - panel * V < V ? units - panel * V : V;
      for (long column = 0; column < left; column++)
        for (long unit = 0; unit < rows; unit++)
          to[unit * columns + column] = from[(first + column) * GATES * units + at + unit];
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
