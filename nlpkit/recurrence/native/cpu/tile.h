// The register tile that all products are made of: up to TILE_ROWS rows times up to four vectors.
//
// It sums from zero and adds at the end, so that a long sum is made of shorter ones, and rounds
// less.
#pragma once
#include "cell.h"

// out[m][n] = Σ_k a[m][k] · b[k][n], k in pieces of equal length
typedef struct {
  const float *const *a;  // the rows of the left factor
  long gate;              // floats from what one vector's column multiplies to that of the next
  long piece;             // floats from one piece of a row to the next
  const float *b;         // the right factor, [pieces][length][width]
  long skip;              // floats between the pieces of b
  long pieces, length;
} Product;

#define PRAGMA(text) _Pragma(#text)
#define UNROLL(n) PRAGMA(GCC unroll n)

INLINE void tile(const int rows, const int vectors, const int width, const int between,
                 const int gated, const int add, const Product *product, float *out) {
  vec sum[6][4];
  const float *a[6], *b = product->b;
  UNROLL(6) for (int m = 0; m < rows; m++) {
    a[m] = product->a[m];
    UNROLL(4) for (int n = 0; n < vectors; n++) sum[m][n] = splat(0);
  }
  const long gate = product->gate, length = product->length;
  for (long piece = 0; piece < product->pieces; piece++) {
    UNROLL(1) for (long k = 0; k < length; k++, b += width) {
      vec factor[6];
      if (!gated) {
        UNROLL(6) for (int m = 0; m < rows; m++) factor[m] = splat(a[m][k * between]);
      }
      UNROLL(4) for (int n = 0; n < vectors; n++) {
        const vec column = load(b + n * V);
        UNROLL(6) for (int m = 0; m < rows; m++) {
          if (gated) factor[m] = splat(a[m][k * between + n * gate]);
          sum[m][n] += factor[m] * column;
        }
      }
    }
    UNROLL(6) for (int m = 0; m < rows; m++) a[m] += product->piece;
    b += product->skip;
  }
  UNROLL(6) for (int m = 0; m < rows; m++) {
    UNROLL(4) for (int n = 0; n < vectors; n++) {
      float *to = out + (m * vectors + n) * V;
      if (add) sum[m][n] += load(to);
      store(to, sum[m][n]);
    }
  }
}

typedef void (*Tile)(const Product *product, float *out);
#define TILE(name, ...)                                                              \
  static __attribute__((noinline, unused)) void name(const Product *p, float *out) { \
    tile(__VA_ARGS__, p, out);                                                       \
  }
#define TILES_OF(rows)                           \
  TILE(tile_##rows##_1, rows, 1, V, 1, 0, 0)     \
  TILE(tile_##rows##_2, rows, 2, 2 * V, 1, 0, 0) \
  TILE(tile_##rows##_3, rows, 3, 3 * V, 1, 0, 0) \
  TILE(tile_##rows##_4, rows, 4, 4 * V, 1, 0, 0) \
  TILE(gated_##rows, rows, GATES, GATES *V, 1, 1, 0)
#define NAMES_OF(rows) \
  {0, tile_##rows##_1, tile_##rows##_2, tile_##rows##_3, tile_##rows##_4, gated_##rows}

TILES_OF(1)
TILES_OF(2)
TILES_OF(3)
#if defined(__AVX512F__) || defined(__aarch64__)
TILES_OF(4)
TILES_OF(5)
TILES_OF(6)
#endif
// Each by its rows and vectors; after these the one whose vectors, a gate each, have rows of their
// own.
enum { GATED = 5 };
static const Tile TILES[TILE_ROWS + 1][6] = {
    {0},         NAMES_OF(1), NAMES_OF(2), NAMES_OF(3),
#if defined(__AVX512F__) || defined(__aarch64__)
    NAMES_OF(4), NAMES_OF(5), NAMES_OF(6),
#endif
};
// Σ over rows of what stands TILE_ROWS side by side, for the gradients of weights; adds to `out`.
TILE(outer_product, TILE_ROWS, VECTORS, ROW, TILE_ROWS, 0, 1)
TILE(gated_outer_product, TILE_ROWS, VECTORS, ROW, TILE_ROWS, 1, 1)

#define BUFFER float __attribute__((aligned(64)))

// The height of the next tile, where so many rows are left: as even as can be.
INLINE int tile_height(long left) {
  const long tiles = (left + TILE_ROWS - 1) / TILE_ROWS;
  return (int)((left + tiles - 1) / tiles);
}
